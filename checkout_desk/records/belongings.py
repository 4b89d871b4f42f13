"""What belongs to one customer: the ids of every row, table by table, found the same way for counting, export and erasure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from checkout_desk.extensions import db

AT_ONCE = 400
"""ids that one statement names"""


@dataclass
class Belongings:
    """A customer with everything that was merged into them."""

    customer_ids: list[int]
    emails: list[str]
    """casefolded"""
    names: list[str]
    phones: list[str]
    ids: dict[str, list[int]] = field(default_factory=dict)
    """table -> ids of rows"""

    def of(self, table: str) -> list[int]:
        """The ids of their rows in `table`."""
        return self.ids.get(table, [])

    def counts(self) -> dict[str, int]:
        """Table -> number of rows, without the empty ones."""
        return {name: len(ids) for name, ids in self.ids.items() if ids}


def table(name: str) -> Table:
    """A table of the desk by its name; the models of other packages need not be imported for that."""
    return db.metadata.tables[name]


def chunks(ids: Sequence[Any], size: int = AT_ONCE) -> Iterator[Sequence[Any]]:
    """`ids` in pieces that one statement can name."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def people(customer_id: int) -> list[int]:
    """The customer and everybody who was merged into them, however long ago."""
    c = table("customer").c
    found = [customer_id]
    while more := [
        row
        for row in db.session.scalars(select(c.id).where(c.merged_into_id.in_(found)).order_by(c.id))
        if row not in found
    ]:
        found += more
    return found


def of(customer_id: int) -> Belongings:
    """Everything that belongs to a customer. Reads only."""
    ids = people(customer_id)
    address, customer = table("customer_address").c, table("customer").c
    emails = list(db.session.scalars(select(address.email).where(address.customer_id.in_(ids))))
    rows = db.session.execute(select(customer.name, customer.phone).where(customer.id.in_(ids))).all()
    found = Belongings(
        ids, sorted(emails), _texts(row.name for row in rows), _texts(row.phone for row in rows)
    )
    found.ids["customer"] = ids
    found.ids["customer_address"] = _ids("customer_address", customer_id=ids)
    found.ids["customer_merge"] = _ids("customer_merge", kept_id=ids, gone_id=ids)
    _letters(found)
    _orders(found)
    _money(found)
    found.ids["legal_hold"] = _ids("legal_hold", customer_id=ids, order_id=found.of("order"))
    found.ids["person_export"] = _ids("person_export", customer_id=ids)
    _named(found)
    return found


def _texts(values: Iterable[str | None]) -> list[str]:
    return sorted({value.strip() for value in values if value and value.strip()})


def _ids(name: str, **columns: Sequence[Any]) -> list[int]:
    """Ids of the rows of which one of `columns` holds one of its values, in order."""
    c, found = table(name).c, set()
    for column, values in columns.items():
        for some in chunks(values):
            found |= set(db.session.scalars(select(c.id).where(c[column].in_(some))))
    return sorted(found)


def _letters(found: Belongings) -> None:
    """Conversations, what was written in them, and what they wrote in (or was mailed to them from) another's."""
    found.ids["conversation"] = _ids("conversation", customer_id=found.customer_ids)
    message = table("message").c
    to_them = _ids("outbound_mail", to_address=found.emails)
    letters = set(_ids("message", conversation_id=found.of("conversation"), outbound_id=to_them))
    if found.emails:
        wrote = func.lower(message.from_email).in_(found.emails)
        letters |= set(db.session.scalars(select(message.id).where(message.direction == "in", wrote)))
    found.ids["message"] = sorted(letters)
    kept: dict[str, set[int]] = {"raw_id": set(), "outbound_id": set()}
    for some in chunks(found.of("message")):
        for row in db.session.execute(
            select(message.raw_id, message.outbound_id).where(message.id.in_(some))
        ):
            kept["raw_id"].add(row.raw_id)
            kept["outbound_id"].add(row.outbound_id)
    threads = [f"conversation:{one}" for one in found.of("conversation")]
    found.ids["outbound_mail"] = sorted(
        (kept["outbound_id"] | set(_ids("outbound_mail", thread=threads)) | set(to_them)) - {None}
    )
    raws = sorted(kept["raw_id"] - {None})
    envelope = select(table("raw_mail").c.id).where(_envelope(found.emails))
    found.ids["raw_mail"] = sorted(
        {
            *raws,
            *_ids("raw_mail", duplicate_of_id=raws),
            *(db.session.scalars(envelope) if found.emails else ()),
        }
    )
    found.ids["draft"] = _ids("draft", conversation_id=found.of("conversation"))
    found.ids["attachment"] = _ids("attachment", message_id=found.of("message"), draft_id=found.of("draft"))
    found.ids["promise"] = _ids("promise", conversation_id=found.of("conversation"))
    found.ids["promise_pause"] = _ids("promise_pause", promise_id=found.of("promise"))
    found.ids["possible_match"] = _ids(
        "possible_match", conversation_id=found.of("conversation"), message_id=found.of("message")
    )


def _envelope(emails: Sequence[str]) -> ColumnElement[bool]:
    raw = table("raw_mail").c
    return func.lower(raw.envelope_from).in_(emails)


def _orders(found: Belongings) -> None:
    order = table("order").c
    ids = set(_ids("order", customer_id=found.customer_ids))
    for some in chunks(found.of("conversation")):
        nobody = select(order.id).where(order.conversation_id.in_(some), order.customer_id.is_(None))
        ids |= set(db.session.scalars(nobody))
    found.ids["order"] = orders = sorted(ids)
    for name in (
        "order_line", "order_change", "quote", "customer_link", "feedback", "shipment", "return", "milestone_mail",
    ):  # fmt: skip
        found.ids[name] = _ids(name, order_id=orders)
    for name in ("label", "tracking_event", "delivery_alarm", "shipment_item"):
        found.ids[name] = _ids(name, shipment_id=found.of("shipment"))
    for name in ("return_line", "return_photo"):
        found.ids[name] = _ids(name, return_id=found.of("return"))


def _money(found: Belongings) -> None:
    payment, quotes = table("payment").c, found.of("quote")
    allocation = table("allocation").c
    paid = {
        row
        for some in chunks(quotes)
        for row in db.session.scalars(select(allocation.payment_id).where(allocation.quote_id.in_(some)))
    }
    by_account = select(payment.id).where(func.lower(payment.payer_account).in_(found.emails))
    found.ids["payment"] = sorted(
        paid
        | set(_ids("payment", quote_id=quotes))
        | (set(db.session.scalars(by_account)) if found.emails else set())
    )
    found.ids["refund"] = _ids("refund", order_id=found.of("order"), payment_id=found.of("payment"))
    found.ids["payment_link"] = _ids("payment_link", quote_id=quotes)
    for name, column in (("provider_event", payment.event_id), ("statement", payment.statement_id)):
        told: set[int | None] = set()
        for some in chunks(found.of("payment")):
            told |= set(db.session.scalars(select(column).where(payment.id.in_(some))))
        found.ids[name] = sorted(one for one in told if one is not None)


def _named(found: Belongings) -> None:
    """The names and numbers that they used anywhere: by these files are searched, and words of ours are gone through."""
    order, message, payment = table("order").c, table("message").c, table("payment").c
    names, phones = set(found.names), set(found.phones)
    for some in chunks(found.of("order")):
        for row in db.session.execute(select(order.ship_name, order.phone).where(order.id.in_(some))):
            names.add(row.ship_name)
            phones.add(row.phone)
    for some in chunks(found.of("message")):
        wrote = (message.direction == "in", func.lower(message.from_email).in_(found.emails))
        names |= set(db.session.scalars(select(message.from_name).where(message.id.in_(some), *wrote)))
    for some in chunks(found.of("payment")):
        names |= set(db.session.scalars(select(payment.payer_name).where(payment.id.in_(some))))
    found.names, found.phones = _texts(names), _texts(phones)
