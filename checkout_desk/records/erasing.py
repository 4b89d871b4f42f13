"""Forgetting a customer: looked at first, then done by a worker in small transactions that any death may end.

Who they are goes first, so that mail that comes meanwhile makes a new customer; then what they wrote, their files, the
words of the record; at the end the index and the database's own files are cleared of what deleting leaves in them. Every
step may be repeated, and the row of the erasure says which is next.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update

from checkout_desk import clock
from checkout_desk.customers.models import Customer
from checkout_desk.events import forgetting
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orphans import naming_columns
from checkout_desk.queue import later
from checkout_desk.records import belongings, holding, scrubbing, sweeping_up, traces
from checkout_desk.records.belongings import Belongings, table
from checkout_desk.records.models import Erasure
from checkout_desk.records.scrubbing import Alias

log = structlog.get_logger(__name__)

CHUNK = 100
LEASE = timedelta(minutes=5)
OPEN_ORDERS = ("draft", "clarifying", "verified", "quoted", "paid", "packing", "shipped")

Rows = Callable[[Sequence[int], Alias], None]


def _empty(name: str, *redacted: str, **values: Any) -> Rows:
    return lambda ids, alias: scrubbing.empty(name, ids, alias, redacted=redacted, **values)


def _drop(name: str) -> Rows:
    return lambda ids, alias: scrubbing.drop(name, ids)


ROWS: tuple[tuple[str, Rows], ...] = (
    ("customer", scrubbing.customers),
    ("customer_address", scrubbing.addresses),
    ("customer_merge", scrubbing.merges),
    ("attachment", partial(scrubbing.files_of, "attachment", "sha256")),
    ("draft", _drop("draft")),
    ("message", scrubbing.letters),
    ("raw_mail", scrubbing.originals),
    ("outbound_mail", scrubbing.sent_mails),
    ("possible_match", _empty("possible_match", why="")),
    ("promise_pause", _empty("promise_pause", "reason")),
    ("conversation", scrubbing.conversations),
    ("order", scrubbing.orders),
    ("order_line", scrubbing.lines),
    ("order_change", scrubbing.changes),
    ("quote", scrubbing.quotes),
    ("customer_link", lambda ids, alias: scrubbing.empty("customer_link", ids, alias, email=alias.email, revoked_at=clock.now(), wanted=None)),
    ("feedback", _empty("feedback", comment="")),
    ("return_photo", partial(scrubbing.files_of, "return_photo", "sha256")),
    ("return", _empty("return", "overruled", "verdict", words="")),
    ("return_line", _empty("return_line", "found")),
    ("shipment", _empty("shipment", tracking_number="", tracking_key=None)),
    ("label", scrubbing.labels),
    ("tracking_event", _empty("tracking_event", words="", place="")),
    ("delivery_alarm", _empty("delivery_alarm", "settled_how")),
    ("payment", scrubbing.payments),
    ("refund", _empty("refund", "reason", "fault")),
    ("payment_link", _empty("payment_link", url=None, fault=None)),
    ("provider_event", partial(scrubbing.told, "provider_event", "raw_sha256")),
    ("statement", partial(scrubbing.told, "statement", "file_sha256")),
    ("legal_hold", _empty("legal_hold", "reason", "lifted_why")),
    ("person_export", partial(scrubbing.files_of, "person_export", "file_sha256")),
)  # fmt: skip
"""every table that has rows of a person, in the order in which they are gone through, and what erasing does to them"""


def blocked(found: Belongings) -> list[str]:
    """Why these rows must not be erased now, as sentences; empty when nothing speaks against it."""
    why = [hold.sentence for hold in holding.over(found.customer_ids, found.of("order"))]
    order, back, mail = table("order").c, table("return").c, table("outbound_mail").c
    talk, refund = table("conversation").c, table("refund").c
    for some in belongings.chunks(found.of("order")):
        rows = select(order.number, order.state).where(order.id.in_(some), order.state.in_(OPEN_ORDERS))
        why += [
            f"Order {r.number} is {r.state}; finish or cancel it first." for r in db.session.execute(rows)
        ]
        rows = (
            select(order.number, back.number.label("n"))
            .select_from(table("return").join(table("order"), order.id == back.order_id))
            .where(order.id.in_(some), back.state.not_in(("refused", "settled", "closed")))
        )
        why += [f"Return {r.number}-R{r.n} is open; settle it first." for r in db.session.execute(rows)]
        asked = refund.state.in_(("requested", "sent", "to_be_checked"))
        n = db.session.scalar(select(func.count()).where(refund.order_id.in_(some), asked))
        why += (
            [f"{n} refund{'' if n == 1 else 's'} still under way; wait for the money to arrive."] if n else []
        )
    for some in belongings.chunks(found.of("outbound_mail")):
        if db.session.scalar(
            select(func.count()).where(mail.id.in_(some), mail.state.in_(("queued", "sending")))
        ):
            why.append("A mail to them is about to leave; wait until it has, or take it back.")
    for some in belongings.chunks(found.of("conversation")):
        is_open = or_(talk.state.in_(("open", "waiting", "snoozed")))
        rows = select(talk.subject).where(talk.id.in_(some), is_open, talk.merged_into_id.is_(None))
        why += [
            f"The conversation “{subject[:60]}” is not closed; close it first."
            for subject in db.session.scalars(rows)
        ]
    return why


def begin(customer_id: int, *, by_id: int) -> Erasure:
    """Have a customer forgotten by a worker. Call inside a writing transaction; the caller commits. Raises Refused."""
    db.session.execute(select(Customer.id).where(Customer.id == customer_id).with_for_update())
    customer = db.session.get(Customer, customer_id)
    if customer is None or customer.merged_into_id is not None:
        raise Refused("There is no such customer any more.")
    if db.session.scalar(select(Erasure.id).where(Erasure.customer_id == customer_id)):
        raise Refused("This customer is being erased, or was.")
    found = belongings.of(customer_id)
    if why := blocked(found):
        raise Refused(" ".join(why[:3]))
    erasure = Erasure(
        customer_id=customer_id, mark=secrets.token_hex(4), asked_at=clock.now(), by_id=by_id, found=kept(found),
        counts=found.counts(), files=[],
    )  # fmt: skip
    db.session.add(erasure)
    db.session.flush()
    record("person.erasing", about=("customer", customer_id), after={"erasure": erasure.id, **found.counts()})
    later("erase", erasure.id)
    return erasure


def kept(found: Belongings) -> dict[str, Any]:
    """What an erasure keeps of its findings until it is done."""
    return {
        "ids": found.ids, "customers": found.customer_ids, "emails": found.emails, "names": found.names,
        "phones": found.phones, "needles": traces.needles(found),
    }  # fmt: skip


def _found(erasure: Erasure) -> Belongings:
    was = erasure.found
    return Belongings(was["customers"], was["emails"], was["names"], was["phones"], was["ids"])


def carry_on(erasure_id: int) -> None:
    """Do an erasure to its end, or as far as another process has not claimed it. A job: may run twice or late."""
    claim = secrets.token_hex(8)
    with acting_as("desk", "erase"):
        while _step(erasure_id, claim):
            pass


def sweep() -> None:
    """Go on with what a dead worker left, for the clock."""
    free = or_(Erasure.claimed_until.is_(None), Erasure.claimed_until < clock.now())
    ids = list(db.session.scalars(select(Erasure.id).where(Erasure.state == "running", free).limit(5)))
    db.session.rollback()
    for erasure_id in ids:
        carry_on(erasure_id)


def _step(erasure_id: int, claim: str) -> bool:
    """One chunk in one transaction. False when it is done, or somebody else's."""
    begin_write()
    free = or_(Erasure.claim == claim, Erasure.claimed_until.is_(None), Erasure.claimed_until < clock.now())
    taken = db.session.execute(
        update(Erasure)
        .where(Erasure.id == erasure_id, Erasure.state == "running", free)
        .values(claim=claim, claimed_until=clock.now() + LEASE)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return False
    erasure = db.session.get_one(Erasure, erasure_id, populate_existing=True)
    if erasure.step < len(ROWS):
        _rows(erasure)
    else:
        LAST[erasure.step - len(ROWS)](erasure)
    go_on = erasure.state == "running"
    db.session.commit()
    return go_on


def _rows(erasure: Erasure) -> None:
    """The next rows of the table that it is at."""
    found = _found(erasure)
    name, scrub = ROWS[erasure.step]
    ids = [one for one in found.of(name) if one > erasure.at][:CHUNK]
    if not ids:
        erasure.step, erasure.at = erasure.step + 1, 0
        return
    alias = Alias(erasure.mark, scrubbing.known_by(found))
    if name == "message":
        sweeping_up.unindex(ids)
    scrub(ids, alias)
    erasure.at, erasure.files = ids[-1], sorted({*erasure.files, *alias.files})


def _elsewhere(erasure: Erasure) -> None:
    """Rows of others that name them: their part in other conversations, undo's memory, lists, what carriers told."""
    found = _found(erasure)
    part = table("participant")
    db.session.execute(delete(part).where(part.c.email.in_(found.emails)))
    traces.acts(found)
    alias = Alias(erasure.mark, scrubbing.known_by(found))
    traces.number_lists(found)
    traces.resolutions(found, alias)
    traces.told_files(erasure.found["needles"], alias)
    erasure.files = sorted({*erasure.files, *alias.files})
    erasure.step += 1


def _words(erasure: Erasure) -> None:
    """The words of the record."""
    for name, ids in erasure.found["ids"].items():
        for some in belongings.chunks(ids):
            forgetting.forget(name, some)
    erasure.step += 1


def _once_more(erasure: Erasure) -> None:
    """What came to them while they were being erased is gone through like the rest."""
    now, before = belongings.of(erasure.customer_id), _found(erasure)
    fresh = {name: sorted(set(ids) - set(before.of(name))) for name, ids in now.ids.items()}
    if any(fresh.values()):
        ids = {name: sorted({*before.of(name), *fresh.get(name, [])}) for name in {*before.ids, *fresh}}
        erasure.found, erasure.step, erasure.at = {**erasure.found, "ids": ids}, 0, 0
    else:
        erasure.step += 1


def _files(erasure: Erasure) -> None:
    """Blobs that no row names any more. One that another customer's mail holds too stays: it is theirs."""
    for digest in erasure.files:
        if not any(db.session.scalar(select(c).where(c == digest).limit(1)) for c in naming_columns()):
            blobs().delete(digest)
    erasure.files, erasure.found, erasure.step = [], {}, erasure.step + 1


def _finish(erasure: Erasure) -> None:
    """Clear what deleting leaves in the index and in the database's files, then say that it is done."""
    erasure_id = erasure.id
    db.session.commit()
    sweeping_up.tidy()
    begin_write()
    erasure = db.session.get_one(Erasure, erasure_id, populate_existing=True)
    erasure.state, erasure.done_at, erasure.claim, erasure.claimed_until = "done", clock.now(), None, None
    record(
        "person.erased",
        about=("customer", erasure.customer_id),
        after={"erasure": erasure.id, **erasure.counts},
    )
    log.info("person.erased", erasure=erasure.id)


LAST: tuple[Callable[[Erasure], None], ...] = (_elsewhere, _words, _once_more, _files, _finish)
