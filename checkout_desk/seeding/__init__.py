"""`checkout-desk seed`: a large, deterministic store for measuring.

Rows are written as they would stand after the mails had come in, been answered and closed one by one: counters,
deadlines, the search index and the chain of events all fit. The blobs of the originals alone are left out (a synced file
each would take longer than everything else) except for the first few; a page never reads them, and `Original` of the
others is answered as missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update

from checkout_desk import clock
from checkout_desk.accounts import passwords, people
from checkout_desk.accounts.models import Person, PersonRole, SignInRule
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import searching
from checkout_desk.conversations.counting import moved, views_of
from checkout_desk.conversations.models import Conversation, DeskVersion, Message, Participant, Promise
from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.events.models import GENESIS, Event, EventHead, digest
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox, OutboundMail, RawMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import FIRST_NUMBER, OrderNumber
from checkout_desk.seeding import corpus, goods, ordering
from checkout_desk.seeding.weaving import Batch, Places, Weaver
from checkout_desk.settings.models import Store

AT_ONCE = 2000
"""conversations of one transaction"""
ORIGINALS = 200
NAMES = ("Ines Weber", "Tom Adler", "Priya Nair", "Jun Mori")
TABLES = (
    *goods.TABLES, Customer, CustomerAddress, Conversation, RawMail, OutboundMail, Message, Participant, Promise,
    *ordering.TABLES,
)  # fmt: skip
"""in the order in which rows may name each other"""
_NUMBERED = [model for model in TABLES if hasattr(model, "id")]


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What was made. `sign_in` is the e-mail and the password of the admin made for a desk that had nobody."""

    conversations: int
    messages: int
    customers: int
    events: int
    sign_in: tuple[str, str] | None


def seed(
    conversations: int,
    *,
    random_seed: int = 1,
    progress: Callable[[int], None] | None = None,
    anchor: datetime | None = None,
    originals: int = ORIGINALS,
    longest: int = 0,
) -> SeedReport:
    """Add `conversations` conversations to the desk of the present app, in transactions of AT_ONCE.

    The same `random_seed`, number and `anchor` (the present of the data set; default: now) give the same rows in an
    empty desk; a further call adds further ones. `progress` is told how many conversations each transaction brought.
    `originals` mails keep their bytes as blobs. `longest` makes the first conversation that long (messages).
    What an interrupted call committed stays, whole and counted.
    """
    at = anchor or clock.now()
    sign_in = _ground(at)
    places = _places()
    was = dict(places.free)
    weaver = Weaver(
        places, total=conversations, random_seed=random_seed, anchor=at, originals=originals, longest=longest
    )
    events = 0
    for start in range(0, conversations, AT_ONCE):
        stop = min(start + AT_ONCE, conversations)
        for index in range(start, stop):
            weaver.weave(index)
        begin_write()
        _write(weaver.take())
        db.session.execute(update(OrderNumber).values(next=places.free["order_number"]))
        # Later conversations begin after this moment, so what happened until then can be told in order.
        events += _tell(weaver, until=weaver.begins_at(stop) if stop < conversations else None)
        _move_sequences()
        db.session.commit()
        if progress:
            progress(stop - start)
    _tidy()
    made = {table: places.free[table] - was[table] for table in ("message", "customer")}
    return SeedReport(conversations, made["message"], made["customer"], events, sign_in)


def _ground(at: datetime) -> tuple[str, str] | None:
    """Store, mailbox and people, where they are missing. Returns the sign-in that was made, if any."""
    begin_write()
    if db.session.get(Store, 1) is None:
        db.session.add(Store(id=1, name=corpus.SHOP[1], undo_seconds=0))
    if db.session.get(DeskVersion, 1) is None:
        db.session.add(DeskVersion(id=1, n=0))
    if db.session.scalar(select(Mailbox.id).limit(1)) is None:
        db.session.add(Mailbox(address=corpus.SHOP[0], display_name=corpus.SHOP[1], created_at=at))
    sign_in = None
    if not people.anybody():
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        for position, name in enumerate(NAMES):
            email = f"{name.split()[0].lower()}@fern-and-kiln.example"
            roles = ("admin", "support") if position == 0 else ("support",)
            stored = passwords.hash_password(password) if position == 0 else "!"
            # Not by people.create: its event would be of today, and the record's time never goes back.
            staff = [PersonRole(role=role) for role in roles]
            db.session.add(
                Person(name=name, email=email, password_hash=stored, created_at=at, role_rows=staff)
            )
        db.session.merge(SignInRule(id=1, without_reason="A data set for measuring.", changed_at=at))
        sign_in = (f"{NAMES[0].split()[0].lower()}@fern-and-kiln.example", password)
    db.session.commit()
    return sign_in


def _places() -> Places:
    box = db.session.execute(select(Mailbox.id, Mailbox.address).order_by(Mailbox.id).limit(1)).one()
    staff = db.session.execute(
        select(Person.id, Person.name).where(Person.disabled_at.is_(None)).order_by(Person.id).limit(6)
    ).all()
    settings = db.session.execute(select(Store.promise_hours, Store.currency, Store.ask_phone)).one()
    sold = select(Product.id, Product.sku, Product.name, Product.price_minor).where(
        Product.active, Product.currency == settings.currency
    )
    there = [goods.Good(*row) for row in db.session.execute(sold.order_by(Product.id))]
    free = {
        model.__tablename__: (db.session.scalar(select(func.max(model.id))) or 0) + 1 for model in _NUMBERED
    }
    free["order_number"] = db.session.scalar(select(OrderNumber.next)) or FIRST_NUMBER
    db.session.rollback()
    return Places(
        box.id, box.address, [(row.id, row.name) for row in staff], settings.promise_hours, settings.currency,
        settings.ask_phone, there, free,
    )  # fmt: skip


def _write(batch: Batch) -> None:
    for data in batch.originals:
        blobs().put(data)
    for model in TABLES:
        rows = batch.rows[model.__tablename__]
        if rows:
            db.session.execute(insert(model.__table__), _level(rows))  # type: ignore[arg-type]
    searching.index_many(batch.words)
    for state, assignee_id, exception, view in batch.placed:
        moved(frozenset(), views_of(state, assignee_id, exception, queue_view=view))


def _level(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One statement for all of them: each row names the same columns."""
    names = {name for row in rows for name in row}
    if all(len(row) == len(names) for row in rows):
        return rows
    return [{name: row.get(name) for name in names} for row in rows]


def _tell(weaver: Weaver, *, until: datetime | None) -> int:
    """Extend the chain of events by what happened before `until`. Returns by how many."""
    weaver.events.sort(key=lambda event: event[0])
    due = [event for event in weaver.events if until is None or event[0] <= until]
    if not due:
        return 0
    del weaver.events[: len(due)]
    head = db.session.execute(
        select(EventHead.seq, EventHead.hash, EventHead.at).with_for_update()
    ).one_or_none()
    if head is None:
        db.session.execute(insert(EventHead).values(id=1, seq=0, hash=GENESIS, at=due[0][0]))
    seq, chain, latest = (head.seq, head.hash, head.at) if head else (0, GENESIS, due[0][0])
    rows = []
    for at, actor, origin, kind, (subject_type, subject_id), before, after in due:
        seq, latest = seq + 1, max(at, latest)
        row = {
            "id": seq, "at": latest, "actor": actor, "origin": origin, "kind": kind, "subject_type": subject_type,
            "subject_id": subject_id, "before": before, "after": after,
        }  # fmt: skip
        chain = row["hash"] = digest(chain, row)
        rows.append(row)
    db.session.execute(insert(Event.__table__), rows)  # type: ignore[arg-type]
    db.session.execute(update(EventHead).where(EventHead.id == 1).values(seq=seq, hash=chain, at=latest))
    return len(rows)


def _move_sequences() -> None:
    """PostgreSQL's sequences do not see numbers that were given; SQLite's do."""
    if db.engine.dialect.name != "postgresql":
        return
    for model in _NUMBERED:
        name = f'"{model.__tablename__}"'
        db.session.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")  # noqa: S608
        )


def _tidy() -> None:
    """Let the planner know what there is now."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))
            return
        connection.exec_driver_sql("ANALYZE")
