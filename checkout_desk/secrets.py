"""The desk's keys, and secrets that are kept under them (passwords of mailboxes, keys of providers, seeds of second factors).

Two files in DESK_HOME/keys, newest key first: `crypt` encrypts what is stored, `secret` signs cookies, forms, links and reply
addresses. Older ones still read and verify. The files are looked at before each request and each use, so that a key that
`checkout-desk keys rotate` puts before them counts in every process at once, without a restart.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from flask.sessions import SecureCookieSessionInterface

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILES = {"crypt": "DESK_CRYPT_KEYS", "secret": "DESK_SECRET_KEY"}
"""file of DESK_HOME/keys -> the setting that takes its place"""


class LostKey(Exception):
    """A stored secret was encrypted with a key that this desk no longer has."""


def init_app(app: Flask) -> None:
    """Look at the key files before each request opens its session."""
    app.session_interface = _Sessions()
    app.extensions["desk_keys_seen"] = {}
    if app.config["DESK_SECRET_KEY"]:
        _sign_with(app, [app.config["SECRET_KEY"], *_lines(app.config["DESK_OLD_SECRET_KEYS"])])
    refresh(app)


class _Sessions(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> Any:
        refresh(app)
        return super().get_signing_serializer(app)


def refresh(app: Flask) -> None:
    """Take up keys that another process put into the files since this one looked last. Two stats where nothing changed."""
    seen: dict[str, tuple[int, int]] = app.extensions["desk_keys_seen"]
    for name, setting in FILES.items():
        if app.config[setting]:
            continue
        path = app.config["DESK_HOME"] / "keys" / name
        try:
            state = os.stat(path)
        except FileNotFoundError:
            continue
        mark = (state.st_ino, state.st_mtime_ns)
        if seen.get(name) == mark:
            continue
        keys = _lines(path.read_text())
        if name == "crypt":
            app.config["CRYPT_KEYS"][:] = keys
        else:
            _sign_with(app, keys)
        seen[name] = mark


def _sign_with(app: Flask, keys: list[str]) -> None:
    app.config.update(
        SECRET_KEY=keys[0], SECRET_KEY_FALLBACKS=keys[1:], WTF_CSRF_SECRET_KEY=keys[::-1]
    )  # itsdangerous signs with the last


def _lines(text: str) -> list[str]:
    return [key.strip() for key in text.replace("\n", ",").split(",") if key.strip()]


def signing_keys() -> list[str]:
    """What signatures are checked with, as itsdangerous takes them: the oldest first, the last one signs."""
    config = current_app.config
    return [*reversed(config.get("SECRET_KEY_FALLBACKS") or ()), config["SECRET_KEY"]]


def key_id(key: str) -> str:
    """By what a key is called on screens and in the record; says nothing about the key."""
    return hashlib.sha256(b"key id:" + key.encode()).hexdigest()[:8]


def write_keys(path: Path, keys: list[str]) -> None:
    """Put `keys` (newest first) durably in the place of the file at `path`, for its owner alone."""
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def new_key() -> str:
    """A fresh key for either file."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()  # what Fernet takes


def _box() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # 8 MB that a process without secrets does not need

    refresh(current_app._get_current_object())  # type: ignore[attr-defined]
    return MultiFernet([Fernet(key) for key in current_app.config["CRYPT_KEYS"]])


def encrypt(secret: str) -> str:
    """The form in which `secret` is stored; '' stays ''."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def decrypt(stored: str) -> str:
    """The secret again. Raises LostKey when no present key fits."""
    if not stored:
        return ""
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise LostKey("a stored secret cannot be read with the present keys") from None


def sealed_by_newest(stored: str) -> bool:
    """Whether `stored` was encrypted with the newest key."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        Fernet(current_app.config["CRYPT_KEYS"][0]).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True
