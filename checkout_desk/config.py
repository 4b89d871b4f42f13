"""Settings from the environment: one table, read once, each wrong value refused with one clear line.

`SETTINGS` is also what `checkout-desk doctor`, `--help` and docs/operations.md print, so a setting that is not in
the table does not exist.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SOCKET_PATH_LIMIT = 100
"""Unix socket paths are limited to 104 (macOS) or 108 (Linux) bytes; the file name and a margin are taken off."""


class ConfigError(Exception):
    """A setting is wrong. The message is one line that names the setting, the value and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, what it means, its default as shown to people, and how it is read."""

    name: str
    meaning: str
    default: str
    read: Callable[[str], Any]


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _size(value: str) -> int:
    match = re.fullmatch(r"(\d{1,12})\s*(|k|m|g)i?b?", value.strip(), re.IGNORECASE)
    if not match:
        raise ValueError("a size such as 50M or 1G")
    return int(match[1]) * {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}[match[2].lower()]


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value.strip()):
        raise ValueError("a whole number")
    return int(value)


def _switch(value: str) -> bool:
    try:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }[value.strip().lower()]
    except KeyError:
        raise ValueError("yes or no") from None


def _database(value: str) -> str:
    scheme = value.partition("://")[0]
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return "postgresql+psycopg://" + value.partition("://")[2]
    if scheme == "sqlite":
        return value
    raise ValueError("sqlite:///path or postgresql://user:password@host/name")


def _redis(value: str) -> str:
    if urlsplit(value).scheme in ("redis", "rediss", "unix"):
        return value
    raise ValueError("redis://host:6379/0, rediss://… or unix:///path/to/socket")


def _web(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query:
        return f"{parts.scheme}://{parts.netloc}"
    raise ValueError("an address such as https://desk.example.com, without a path")


def _listen(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if host and re.fullmatch(r"[0-9]{1,5}", port) and int(port) < 65536:
        return host.strip("[]"), int(port)
    raise ValueError("host:port, such as 127.0.0.1:8000")


def _key(value: str) -> str:
    if len(value) < 32:
        raise ValueError("at least 32 characters")
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DESK_HOME", "folder of the embedded default: database, Valkey, blobs, keys", "instance/", _folder
    ),
    Setting("DATABASE_URL", "where the truth lives", "sqlite in DESK_HOME", _database),
    Setting("REDIS_URL", "Valkey or Redis that wakes the workers", "embedded Valkey in DESK_HOME", _redis),
    Setting(
        "BLOB_URL", "folder or s3://bucket/prefix for raw mails and attachments", "blobs/ in DESK_HOME", _text
    ),
    Setting("DESK_URL", "public address of the desk, as people type it", "http:// and DESK_LISTEN", _web),
    Setting("DESK_LISTEN", "address and port of the web process", "127.0.0.1:8000", _listen),
    Setting("DESK_LMTP_LISTEN", "address and port of the LMTP/SMTP listener, empty for none", "", _text),
    Setting(
        "DESK_SECRET_KEY", "signs cookies and links; kept in DESK_HOME/keys unless set", "generated", _key
    ),
    Setting(
        "DESK_OLD_SECRET_KEYS", "signed before DESK_SECRET_KEY and still verify, comma between", "", _text
    ),
    Setting("DESK_CRYPT_KEYS", "encrypt stored secrets, newest first, comma between", "generated", _text),
    Setting("DESK_PROXIES", "how many reverse proxies stand in front", "0", _count),
    Setting("DESK_WORKERS", "worker processes that `up` starts", "1", _count),
    Setting("DESK_WEB_PROCESSES", "web processes that `up` starts", "one per core, at most 4", _count),
    Setting("DESK_MAX_MAIL", "largest mail taken in", "50M", _size),
    Setting("DESK_MAX_UPLOAD", "largest upload of a signed-in person", "30M", _size),
    Setting("DESK_DISK_RESERVE", "free space below which mail is refused, not half stored", "200M", _size),
    Setting("DESK_PRIVATE_MAIL_HOSTS", "allow mailbox hosts in private networks", "yes", _switch),
    Setting("DESK_SANDBOX", "the demo store: shows its sign-ins, talks to nobody outside", "no", _switch),
    Setting("DESK_BACKUP_FOLDER", "folder for a backup a day, empty for none", "", _text),
    Setting("DESK_BACKUP_KEEP", "how many daily backups are kept", "7", _count),
    Setting("DESK_BACKUP_PASSPHRASE", "seals backups; keep it elsewhere too, empty for none", "", _text),
    Setting(
        "DESK_METRICS_TOKEN", "bearer token for /metrics; without one only this machine may ask", "", _text
    ),
    Setting("DESK_LOG", "log level: debug, info, warning or error", "info", _text),
)

DEFAULTS: dict[str, str] = {
    "DESK_HOME": "instance",
    "DESK_LISTEN": "127.0.0.1:8000",
    "DESK_LMTP_LISTEN": "",
    "DESK_OLD_SECRET_KEYS": "",
    "DESK_PROXIES": "0",
    "DESK_WORKERS": "1",
    "DESK_MAX_MAIL": "50M",
    "DESK_MAX_UPLOAD": "30M",
    "DESK_DISK_RESERVE": "200M",
    "DESK_PRIVATE_MAIL_HOSTS": "yes",
    "DESK_SANDBOX": "no",
    "DESK_BACKUP_FOLDER": "",
    "DESK_BACKUP_KEEP": "7",
    "DESK_BACKUP_PASSPHRASE": "",
    "DESK_METRICS_TOKEN": "",
    "DESK_LOG": "info",
}


def read(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All settings as values, from `environment` (the process's own unless given).

    Raises ConfigError with one line for the first setting that cannot be used.
    """
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = source.get(setting.name) or DEFAULTS.get(setting.name)
        if raw is None or (raw == "" and setting.read is not _text):
            values[setting.name] = None
            continue
        try:
            values[setting.name] = setting.read(raw)
        except ValueError as reason:
            shown = (
                "the value given"
                if "KEY" in setting.name or ("URL" in setting.name and "@" in raw)
                else repr(raw)
            )
            raise ConfigError(f"{setting.name}: {shown} cannot be used; expected {reason}.") from None
    home: Path = values["DESK_HOME"]
    if values["DESK_URL"] is None:
        host, port = values["DESK_LISTEN"]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where this machine reaches itself
        values["DESK_URL"] = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if values["DATABASE_URL"] is None:
        values["DATABASE_URL"] = f"sqlite:///{home / 'desk.db'}"
    if values["REDIS_URL"] is None:
        values["REDIS_URL"] = f"unix://{home / 'valkey.sock'}"
        if len(str(home / "valkey.sock").encode()) > SOCKET_PATH_LIMIT:
            raise ConfigError(
                f"DESK_HOME: {str(home)!r} is too long for a socket inside it; "
                f"expected at most {SOCKET_PATH_LIMIT - 12} bytes."
            )
    blobs = values["BLOB_URL"]
    if blobs is None:
        values["BLOB_URL"] = home / "blobs"
    elif blobs.startswith("s3://"):
        values["BLOB_URL"] = _bucket(blobs)
    elif "://" in blobs and not blobs.startswith("file://"):
        raise ConfigError(
            f"BLOB_URL: {blobs!r} cannot be used; expected a folder, file:///folder or s3://bucket/prefix."
        )
    else:
        values["BLOB_URL"] = _folder(blobs.removeprefix("file://"))
    if values["DESK_LMTP_LISTEN"]:
        try:
            values["DESK_LMTP_LISTEN"] = _listen(values["DESK_LMTP_LISTEN"])
        except ValueError as reason:
            raise ConfigError(
                f"DESK_LMTP_LISTEN: {values['DESK_LMTP_LISTEN']!r} cannot be used; expected {reason}."
            ) from None
    if values["DESK_WEB_PROCESSES"] is None:
        values["DESK_WEB_PROCESSES"] = min(os.cpu_count() or 1, 4)
    if values["DESK_LOG"] not in ("debug", "info", "warning", "error"):
        raise ConfigError(
            f"DESK_LOG: {values['DESK_LOG']!r} cannot be used; expected debug, info, warning or error."
        )
    return values


def _bucket(value: str) -> str:
    """An address of a bucket. Credentials do not belong in it: they stand in the environment, as every S3 client reads them."""
    parts = urlsplit(value)
    words = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    if "@" in value or not parts.netloc or not words.keys() <= {"endpoint", "region"}:
        shown = "the value given" if "@" in value else repr(value)
        raise ConfigError(
            f"BLOB_URL: {shown} cannot be used; expected s3://bucket/prefix?endpoint=https://host&region=name, with "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment."
        )
    return value


def ensure_home(home: Path) -> None:
    """Make DESK_HOME with mode 0700 (SECURITY A56). Raises ConfigError when it cannot be made or written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigError(f"DESK_HOME: {str(home)!r} cannot be made ({fault.strerror}).") from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise ConfigError(f"DESK_HOME: {str(home)!r} cannot be written by this user.")


def key_file(home: Path, name: str, make: Callable[[], str]) -> str:
    """The key kept in DESK_HOME/keys/`name`, made by `make` (0600) the first time. Two processes agree on one."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first: then its key counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
