"""Work that stands still: rows that some sweep should have brought on long ago. Each walk is bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from checkout_desk.extensions import db
from checkout_desk.incidents import causes
from checkout_desk.incidents.filing import Wrong
from checkout_desk.mail import outbox
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.mail.outcomes import in_flight
from checkout_desk.payments.models import ProviderEvent, Statement
from checkout_desk.shipping.models import CarrierEvent, Label, NumberList, Shipment

LATE = timedelta(minutes=20)
"""longer than the lease of a mail inside DATA"""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: its words, its table, since when a row is stuck and which are."""

    words: str
    model: Any
    since: Any
    stuck: Any
    """callable(moment): SQL of the rows that have stood still since before it"""


def _mail(before: datetime) -> ColumnElement[bool]:
    waits = and_(OutboundMail.state == "queued", ~outbox.blocked())
    held = and_(OutboundMail.state == "sending", OutboundMail.claimed_until < before)
    return and_(in_flight(), OutboundMail.due_at < before, or_(waits, held))


def _raw(before: datetime) -> ColumnElement[bool]:
    free = or_(RawMail.claimed_until.is_(None), RawMail.claimed_until < before)
    return and_(RawMail.state == "received", RawMail.received_at < before, free)


WORK: dict[str, Work] = {
    "outbox": Work("Mails wait that should have left", OutboundMail, OutboundMail.due_at, _mail),
    "raw_mail": Work("Mails came in and were not read", RawMail, RawMail.received_at, _raw),
    "provider_event": Work(
        "What a payment provider told was not worked on", ProviderEvent, ProviderEvent.received_at,
        lambda before: and_(ProviderEvent.understood_at.is_(None), ProviderEvent.received_at < before),
    ),
    "carrier_event": Work(
        "What a carrier told was not worked on", CarrierEvent, CarrierEvent.received_at,
        lambda before: and_(CarrierEvent.understood_at.is_(None), CarrierEvent.received_at < before),
    ),
    "statement": Work(
        "The import of a bank statement stands still", Statement, Statement.at,
        lambda before: and_(Statement.taken < Statement.rows, Statement.at < before),
    ),
    "number_list": Work(
        "A list of tracking numbers stands still", NumberList, NumberList.at,
        lambda before: and_(NumberList.done < NumberList.total, NumberList.at < before),
    ),
    "label": Work(
        "A label is being bought and does not come", Label, Label.made_at,
        lambda before: and_(Label.state == "buying", Label.made_at < before),
    ),
}  # fmt: skip


def found(now: datetime) -> Iterator[Wrong]:
    """Everything that stands still now, at most AT_ONCE of a kind. A query for each kind."""
    for key, work in WORK.items():
        model = work.model
        query = select(model.id, work.since.label("since")).where(work.stuck(now - LATE))
        for row in db.session.execute(query.order_by(model.id).limit(AT_ONCE)).all():
            yield Wrong(
                causes.stuck(key, work.words), f"{key}:{row.id}", row.since, about=f"{key}:{row.id}",
                outbound_id=row.id if key == "outbox" else None,
            )  # fmt: skip


def still(key: str, ids: Collection[int], now: datetime) -> set[int]:
    """Which of these rows stand still."""
    work = WORK[key]
    return set(
        db.session.scalars(select(work.model.id).where(work.model.id.in_(ids), work.stuck(now - LATE)))
    )


def label_orders(ids: Collection[int]) -> dict[int, int]:
    """Label -> order."""
    rows = db.session.execute(
        select(Label.id, Shipment.order_id)
        .join(Shipment, Shipment.id == Label.shipment_id)
        .where(Label.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}
