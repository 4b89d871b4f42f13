"""Taking a mail in: claim it, understand it, and file all of it in one transaction. Twice is once; half is nothing.

The claim is a committed lease, so that a worker that dies leaves the mail to the next; the third death makes it a
conversation that says *could not be read*. A zombie past its lease changes nothing: its claim no longer matches.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, literal, or_, select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from checkout_desk import clock, faults
from checkout_desk.conversations.models import Message
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake import filing, making_readings, refiling
from checkout_desk.intake.making_readings import Made
from checkout_desk.intake.rules import Rules, rules
from checkout_desk.intake.understanding import Understood, understand, unreadable
from checkout_desk.mail.loops import is_our_mark
from checkout_desk.mail.models import RawMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.storage import NoSpace

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=110)
MAX_ATTEMPTS = 3
WHY_GIVEN_UP = "filing it failed three times"
WHY_LOST = "its stored bytes could not be read"
AT_ONCE = "import"
"""the claim of a mail that is claimed and filed in one transaction: no other worker ever sees it"""

_RAW: Any = RawMail.__table__
_CLAIM = (
    update(_RAW)
    .where(
        _RAW.c.id == bindparam("raw_id"),
        _RAW.c.state == "received",
        or_(_RAW.c.claimed_until.is_(None), _RAW.c.claimed_until < bindparam("now_at")),
    )
    .values(claim=bindparam("new_claim"), claimed_until=bindparam("until"), attempts=_RAW.c.attempts + 1)
    .returning(
        _RAW.c.sha256,
        _RAW.c.attempts,
        _RAW.c.received_at,
        _RAW.c.envelope_to,
        _RAW.c.mailbox_id,
        _RAW.c.door,
        _RAW.c.taken_in_at,
    )
)
_DONE = (
    update(_RAW)
    .where(
        _RAW.c.id == bindparam("raw_id"),
        _RAW.c.claim == bindparam("our_claim"),
        _RAW.c.state.in_(("received", "taken_in")),  # taken_in: by _TAKE, in this very transaction
    )
    .values(
        state=bindparam("new_state"),
        taken_in_at=bindparam("now_at"),
        duplicate_of_id=bindparam("of_id"),
        claimed_until=None,
        fault=bindparam("why"),
    )
)
_TAKE = (
    update(_RAW)
    .where(
        _RAW.c.id == bindparam("raw_id"),
        _RAW.c.state == "received",
        _RAW.c.claimed_until.is_(None),
        _RAW.c.taken_in_at.is_(None),
    )
    .values(state="taken_in", claim=AT_ONCE, taken_in_at=bindparam("now_at"), attempts=_RAW.c.attempts + 1)
    .returning(
        _RAW.c.sha256,
        _RAW.c.attempts,
        _RAW.c.received_at,
        _RAW.c.envelope_to,
        _RAW.c.mailbox_id,
        _RAW.c.door,
        literal(None).label("taken_in_at"),
    )
)
"""claims a mail and says that it is taken in, both true only with the commit of what was filed"""
_OUTCOME = (
    select(RawMail.state, Message.conversation_id)
    .outerjoin(Message, Message.raw_id == RawMail.id)
    .where(RawMail.id == bindparam("raw_id"))
)
_MESSAGE: Any = Message.__table__
_SAME = select(_MESSAGE.c.raw_id, _MESSAGE.c.conversation_id).where(
    _MESSAGE.c.canonical_key == bindparam("key")
)
_OURS = select(_MESSAGE.c.id).where(
    _MESSAGE.c.direction == "out", _MESSAGE.c.mail_id.in_(bindparam("ids", expanding=True))
)


class LostClaim(Exception):
    """The lease ended and another worker has the mail: whatever was done here is rolled back."""


def take_in(raw_id: int) -> tuple[str, int | None]:
    """Understand and file one raw mail; repeating it is harmless.

    Returns the outcome ('stored', 'duplicate', 'quarantined', or 'busy' while another worker has it) and the
    conversation's id. Database errors pass; the mail stays *received* and the sweep brings it back.
    """
    claim = secrets.token_hex(16)
    faults.fault("take_in.before_claim")
    begin_write()
    now = clock.now()
    raw = db.session.execute(
        _CLAIM, {"raw_id": raw_id, "now_at": now, "until": now + LEASE, "new_claim": claim}
    ).one_or_none()
    db.session.commit()
    if raw is None:
        return outcome_of(raw_id)
    faults.fault("take_in.after_claim")
    data = b""
    with acting_as("desk", f"{raw.door} mail {raw_id}"):
        try:
            data = blobs().get(raw.sha256)
            rule = rules()
            understood = _understand(data, raw.attempts, rule)
            made = _read(understood, raw, rule)
            faults.fault("take_in.after_parse")
            return _file(raw_id, raw, claim, understood, made, rule)
        except LostClaim:
            db.session.rollback()
            return "busy", None
        except NoSpace:
            db.session.rollback()
            log.warning("intake.no_space", raw_id=raw_id)
            _uncount(raw_id, claim)
            return "busy", None
        except (OperationalError, InterfaceError, StaleDataError):
            # The database's trouble is not the mail's: it does not count as one of its three tries.
            db.session.rollback()
            log.warning("intake.database", raw_id=raw_id, exc_info=True)
            _uncount(raw_id, claim, release=True)
            return "busy", None
        except Exception:
            db.session.rollback()
            log.exception("intake.failed", raw_id=raw_id, attempt=raw.attempts)
            if raw.attempts < MAX_ATTEMPTS:
                _release(raw_id, claim)
                raise
            lost = unreadable(data, why=WHY_GIVEN_UP if data else WHY_LOST)
            return _file(raw_id, raw, claim, lost, None, rules())


def outcome_of(raw_id: int) -> tuple[str, int | None]:
    """What became of a raw mail so far, as `take_in` returns it."""
    row = db.session.execute(_OUTCOME, {"raw_id": raw_id}).one_or_none()
    db.session.rollback()
    if row is None or row.state == "received":
        return "busy", None
    return {"taken_in": "stored", "duplicate": "duplicate", "unreadable": "quarantined"}[
        row.state
    ], row.conversation_id


def take_in_at_once(raw_id: int, data: bytes, rule: Rules) -> tuple[str, int | None]:
    """`take_in` for an import, which has the bytes at hand: claimed and filed in one transaction, one commit a mail.

    A mail that cannot be filed this way goes the ordinary way, with its three tries.
    """
    try:
        understood = understand(
            data,
            own_addresses=rule.own_addresses,
            trusted_authserv=rule.trusted_authserv,
            own_message_ids=_sent_by_us,
            own_mark=is_our_mark,
        )
        made = making_readings.make(understood, envelope_to=None, rule=rule)
        stored_parts = filing.store_parts(understood)
        begin_write()
        now = clock.now()
        raw = db.session.connection().execute(_TAKE, {"raw_id": raw_id, "now_at": now}).one_or_none()
        if raw is None:  # somebody has it, or it was read before: the ordinary way knows what to do
            db.session.rollback()
            return take_in(raw_id)
        return _file_once(raw_id, raw, AT_ONCE, understood, stored_parts, made, rule)
    except (NoSpace, OperationalError, InterfaceError):
        db.session.rollback()
        raise
    except Exception:
        db.session.rollback()
        log.warning("intake.at_once_failed", raw_id=raw_id, exc_info=True)
        return take_in(raw_id)


def _understand(data: bytes, attempts: int, rule: Rules) -> Understood:
    if attempts > MAX_ATTEMPTS:
        return unreadable(data, why="reading it stopped the worker three times")
    return understand(
        data,
        own_addresses=rule.own_addresses,
        trusted_authserv=rule.trusted_authserv,
        own_message_ids=_sent_by_us,
        own_mark=is_our_mark,
    )


def _read(understood: Understood, raw: Any, rule: Rules) -> Made | None:
    """The reading, before the write lock is taken. A mail that orders cannot be worth losing to a fault in reading it:
    the last try goes without."""
    if raw.attempts >= MAX_ATTEMPTS:
        return None
    return making_readings.make(understood, envelope_to=raw.envelope_to, rule=rule)


def _sent_by_us(ids: Collection[str]) -> bool:
    found = db.session.connection().execute(_OURS, {"ids": list(ids)[:60]}).first() is not None
    db.session.rollback()
    return found


def _file(
    raw_id: int, raw: Any, claim: str, understood: Understood, made: Made | None, rule: Rules
) -> tuple[str, int | None]:
    for retry in (True, False):
        stored_parts = filing.store_parts(understood)
        begin_write()
        try:
            return _file_once(raw_id, raw, claim, understood, stored_parts, made, rule)
        except IntegrityError:
            # Somebody filed the same letter, or met the same stranger, between our look and our insert.
            db.session.rollback()
            if not retry:
                raise
    raise AssertionError


def _file_once(
    raw_id: int, raw: Any, claim: str, u: Understood, parts: list[str], made: Made | None, rule: Rules
) -> tuple[str, int | None]:
    now = clock.now()
    done = {"raw_id": raw_id, "our_claim": claim, "now_at": now, "of_id": None, "why": None}
    run = db.session.connection().execute
    same = run(_SAME, {"key": u.canonical_key}).first() if u.canonical_key else None
    if same:
        _finish({**done, "new_state": "duplicate", "of_id": same.raw_id}, u, raw)
        db.session.commit()
        return "duplicate", same.conversation_id
    if raw.taken_in_at is None:
        conversation_id = filing.file(raw_id, raw, u, parts, made, now=now, rule=rule)
    else:
        conversation_id = refiling.file_again(raw_id, u, parts, made, now=now, rule=rule)
    faults.fault("take_in.before_commit")
    state = "taken_in" if u.letter.readable else "unreadable"
    _finish({**done, "new_state": state, "why": "; ".join(u.letter.defects)[:300] or None}, u, raw)
    db.session.commit()
    faults.fault("take_in.after_commit")
    return ("stored" if state == "taken_in" else "quarantined"), conversation_id


def _finish(values: dict[str, object], u: Understood, raw: Any) -> None:
    taken = values["our_claim"] == AT_ONCE and values["new_state"] == "taken_in" and not values["why"]
    if not taken and db.session.connection().execute(_DONE, values).rowcount != 1:
        raise LostClaim
    if u.has_card:
        blobs().seal(raw.sha256)


def _release(raw_id: int, claim: str) -> None:
    begin_write()
    db.session.execute(
        update(RawMail).where(RawMail.id == raw_id, RawMail.claim == claim).values(claimed_until=None)
    )
    db.session.commit()


def _uncount(raw_id: int, claim: str, *, release: bool = False) -> None:
    """Trouble of disk or database is not the mail's fault: this try does not count.

    The claim runs on, as a pause before the next try, unless `release`.
    """
    begin_write()
    freed = {"claimed_until": None} if release else {}
    db.session.execute(
        update(RawMail)
        .where(RawMail.id == raw_id, RawMail.claim == claim)
        .values(attempts=RawMail.attempts - 1, **freed)
    )
    db.session.commit()
