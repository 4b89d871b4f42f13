"""The one way in: every door (IMAP, LMTP, HTTP, import) hands its bytes to `receive` and acknowledges after it returns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock, faults
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import ForgottenMail, RawMail, forgotten_mark
from checkout_desk.queue import later
from checkout_desk.storage import Blobs


class TooLarge(Exception):
    """The mail is larger than DESK_MAX_MAIL: refused where the sender can be told, quarantined where not."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the bytes: the raw mail's id and whether they were 'stored' now or are a 'duplicate' of it."""

    raw_id: int
    outcome: str


def blobs() -> Blobs:
    """The app's blob store."""
    found: Blobs = current_app.extensions["desk_blobs"]
    return found


def receive(
    data: bytes,
    *,
    door: str,
    mailbox_id: int | None = None,
    envelope_from: str | None = None,
    envelope_to: str | None = None,
    alongside: Callable[[Receipt], None] | None = None,
    wake: bool = True,
) -> Receipt:
    """Keep one mail for good and commit; only after this returns may the door acknowledge it or move its cursor.

    `door` is imap, lmtp, http or import. `alongside` runs in the same transaction (an IMAP cursor moves there). `wake`
    False leaves understanding to the caller. The same bytes are known by their SHA-256 and stored once.
    Raises NoSpace when the disk cannot take it, TooLarge above DESK_MAX_MAIL, and database errors as they are: in each
    case nothing was acknowledged and the sender's retry is welcome.
    """
    if len(data) > current_app.config["DESK_MAX_MAIL"]:
        raise TooLarge(f"{len(data)} bytes")
    store = blobs()
    digest = hashlib.sha256(data).hexdigest()
    same = {"sha256": digest, "mark": forgotten_mark(digest)}
    known = db.session.connection().scalar(_KNOWN, same)
    db.session.rollback()  # ends the read, so that the write below starts a transaction of its own
    if known is None:
        store.check_space(len(data))
        faults.fault("receive.before_blob")
        store.put(data)
        faults.fault("receive.after_blob")
    begin_write()
    row = {
        "sha256": digest,
        "size": len(data),
        "door": door,
        "mailbox_id": mailbox_id,
        "received_at": clock.now(),
        "envelope_from": envelope_from and envelope_from[:320],
        "envelope_to": envelope_to and envelope_to[:320],
        "state": "received",
        "attempts": 0,
    }
    connection = db.session.connection()
    raw_id = None if known else connection.scalar(_INSERTS[connection.dialect.name], row)
    if raw_id is None:
        receipt = Receipt(known or connection.scalars(_KNOWN, same).one(), "duplicate")
    else:
        receipt = Receipt(raw_id, "stored")
        if wake:
            later("take_in", raw_id)
    if alongside:
        alongside(receipt)
    faults.fault("receive.before_commit")
    db.session.commit()
    faults.fault("receive.after_commit")
    return receipt


_RAW: Any = RawMail.__table__
_KNOWN = union_all(
    select(_RAW.c.id).where(_RAW.c.sha256 == bindparam("sha256")),
    select(ForgottenMail.raw_id).where(ForgottenMail.mark == bindparam("mark")),
)
"""the mail that these bytes are, be it kept or erased: what was forgotten does not come back with the next look into a mailbox"""
_INSERTS: dict[str, Any] = {
    "sqlite": sqlite.insert(_RAW).on_conflict_do_nothing().returning(_RAW.c.id),
    "postgresql": postgresql.insert(_RAW).on_conflict_do_nothing().returning(_RAW.c.id),
}
