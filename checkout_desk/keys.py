"""Rotating the desk's keys while it runs, and what to do when a key is known to somebody else.

New keys are put before the old ones, every process takes them up at its next request or use (`secrets.py`), and a worker
encrypts anew what is stored: secrets in rows, and sealed mails. Nothing has to stop and nobody is signed out.
"""

from __future__ import annotations

import fcntl
import secrets as random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import structlog
from cryptography.fernet import Fernet
from flask import Flask, current_app
from sqlalchemy import CursorResult, select, update

from checkout_desk import clock, queue
from checkout_desk.accounts.models import DeskSession, SecondFactor
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox
from checkout_desk.secrets import (
    FILES,
    LostKey,
    decrypt,
    encrypt,
    key_id,
    refresh,
    sealed_by_newest,
    write_keys,
)
from checkout_desk.settings.models import BankChange, PaymentMethod
from checkout_desk.shipping.models import Carrier
from checkout_desk.storage import Blobs

log = structlog.get_logger(__name__)

SEALED: tuple[tuple[Any, str], ...] = (
    (Mailbox, "imap_secret"), (Mailbox, "smtp_secret"), (Mailbox, "hook_secret"), (PaymentMethod, "secret"),
    (BankChange, "secret"), (Carrier, "secret"), (SecondFactor, "secret"),
)  # fmt: skip
"""every column that holds what `secrets.encrypt` made; a test compares it with what the code seals"""
MAKE: dict[str, Callable[[], str]] = {
    "crypt": lambda: Fernet.generate_key().decode(),
    "secret": lambda: random.token_urlsafe(48),
}


class Refused(Exception):
    """The keys cannot be changed here. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was encrypted anew, and what could not be read with any key."""

    rows: int = 0
    blobs: int = 0
    lost: int = 0


def rotate(app: Flask) -> list[tuple[str, str]]:
    """Put a new key before each of the two files; old ones still read and verify. Returns (file, id of the new key).

    Raises Refused where the keys come from the environment, which the desk cannot write.
    """
    with _alone(app) as folder:
        made = [(name, _new(folder / name, name)) for name in FILES]
    refresh(app)
    begin_write()
    record("keys.rotated", about=("store", 1), after=dict(made))
    db.session.commit()
    queue.ring("reseal", 0)
    return made


def compromised(app: Flask) -> tuple[Resealed, int, int]:
    """A key is known to somebody else: nothing that it signed counts any more, and nothing stays encrypted with it.

    Ends every session and every customer's link. Returns what was encrypted anew, and how many sessions and links ended.
    """
    with _alone(app) as folder:
        _new(folder / "crypt", "crypt")
        write_keys(folder / "secret", [MAKE["secret"]()])
        refresh(app)
        done = reseal()
        done = Resealed(done.rows, done.blobs, reseal().lost)  # what was being written meanwhile
        if not done.lost:
            write_keys(folder / "crypt", app.config["CRYPT_KEYS"][:1])
    refresh(app)
    now = clock.now()
    begin_write()
    sessions = _count(update(DeskSession).where(DeskSession.ended_at.is_(None)).values(ended_at=now))
    links = _count(update(CustomerLink).where(CustomerLink.revoked_at.is_(None)).values(revoked_at=now))
    record(
        "keys.compromised",
        about=("store", 1),
        after={"sessions": sessions, "links": links, "lost": done.lost},
    )
    db.session.commit()
    return done, sessions, links


def reseal(_: int = 0) -> Resealed:
    """Encrypt with the newest key what an older one holds. The worker's job; repeating it is harmless."""
    refresh(current_app._get_current_object())  # type: ignore[attr-defined]
    rows = lost = 0
    for model, column in SEALED:
        for number in _ids(model, column):
            begin_write()
            found = db.session.get(model, number, with_for_update=True, populate_existing=True)
            stored = getattr(found, column) if found else None
            try:
                if stored and not sealed_by_newest(stored):
                    setattr(found, column, encrypt(decrypt(stored)))
                    rows += 1
            except LostKey:
                lost += 1
            db.session.commit()
    blobs: Blobs = current_app.extensions["desk_blobs"]
    again = sum(blobs.reseal(digest) for digest in list(blobs.names()))
    log.info("keys.resealed", rows=rows, blobs=again, lost=lost)
    return Resealed(rows, again, lost)


def known(app: Flask) -> list[tuple[str, str, str]]:
    """(file, id, what it is for) of every key, the newest first."""
    refresh(app)
    signing = [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    held = {"crypt": app.config["CRYPT_KEYS"], "secret": signing}
    does = {"crypt": ("encrypts", "still decrypts"), "secret": ("signs", "still verifies")}
    return [
        (name, key_id(key), does[name][0 if position == 0 else 1])
        for name, keys in held.items()
        for position, key in enumerate(keys)
    ]


def _ids(model: Any, column: str) -> list[int]:
    key = next(iter(model.__table__.primary_key.columns))
    asked = select(key).where(getattr(model, column).is_not(None), getattr(model, column) != "").order_by(key)
    found = list(db.session.scalars(asked))
    db.session.rollback()
    return found


def _new(path: Path, name: str) -> str:
    old = [line for line in path.read_text().replace(",", "\n").splitlines() if line.strip()]
    key = MAKE[name]()
    write_keys(path, [key, *old])
    return key_id(key)


@contextmanager
def _alone(app: Flask) -> Iterator[Path]:
    """The folder of the keys, while no other process changes them."""
    told = [setting for setting in FILES.values() if app.config[setting]]
    if told:
        raise Refused(
            f"{' and '.join(told)} {'stand' if len(told) > 1 else 'stands'} in the environment, where the desk cannot write. Put a new "
            "key first in DESK_CRYPT_KEYS, move the old DESK_SECRET_KEY to DESK_OLD_SECRET_KEYS and set a new one, on "
            "every machine; start the processes anew and run `checkout-desk keys reseal`."
        )
    folder: Path = app.config["DESK_HOME"] / "keys"
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _count(statement: Any) -> int:
    return cast("CursorResult[object]", db.session.execute(statement)).rowcount
