"""Secrets that are kept (passwords of mailboxes, keys of payment providers), encrypted with the desk's rotatable keys (newest first)."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app


class LostKey(Exception):
    """A stored secret was encrypted with a key that this desk no longer has."""


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_app.config["CRYPT_KEYS"]])


def encrypt(secret: str) -> str:
    """The form in which `secret` is stored; '' stays ''."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def decrypt(stored: str) -> str:
    """The secret again. Raises LostKey when no present key fits."""
    if not stored:
        return ""
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise LostKey("a stored secret cannot be read with the present keys") from None
