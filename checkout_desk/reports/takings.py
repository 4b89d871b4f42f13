"""Money over days: what came in, what paid a quote, what went back, and the tax in it by country and rate.

Counted for the store's day of each fact: when the money was received, when the quote was paid, when the refund was done. What a
quote says never changes (a trigger sees to it), so the taxes are those that customers were told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.reports.dayrows import DayRow, Sheet
from checkout_desk.reports.period import Period

IN, PAID, BACK, TAX = "in", "paid", "back", "tax"


@dataclass(frozen=True, slots=True)
class Fact:
    """One sum: a payment that arrived, a quote that was paid, or a refund that was done."""

    kind: str
    id: int
    at: datetime
    currency: str
    minor: int
    source: str = ""
    """of a payment: stripe, paypal, bank, hand"""
    order_number: int | None = None
    content: Any = None
    """of a quote"""


def facts_in(period: Period) -> list[Fact]:
    """Every sum of the period. Three queries."""
    found = [*_payments(period), *_quotes(period), *_refunds(period)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def _within(column: Any, period: Period) -> tuple[Any, Any]:
    return column >= period.start, column < period.end


def _payments(period: Period) -> list[Fact]:
    p = Payment
    rows = db.session.execute(
        select(p.id, p.received_at, p.currency, p.amount_minor, p.source).where(
            *_within(p.received_at, period)
        )
    )
    return [Fact(IN, row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _quotes(period: Period) -> list[Fact]:
    q = Quote
    rows = db.session.execute(
        select(q.id, q.paid_at, q.currency, q.total_minor, Order.number, q.content)
        .join(Order, Order.id == q.order_id)
        .where(*_within(q.paid_at, period))
    )
    return [Fact(PAID, row[0], row[1], row[2], row[3], "", row[4], row[5]) for row in rows if row[1]]


def _refunds(period: Period) -> list[Fact]:
    r = Refund
    rows = db.session.execute(
        select(r.id, r.done_at, Payment.currency, r.amount_minor, Order.number)
        .join(Payment, Payment.id == r.payment_id)
        .outerjoin(Order, Order.id == r.order_id)
        .where(r.state == "done", *_within(r.done_at, period))
    )
    return [Fact(BACK, row[0], row[1], row[2], row[3], "", row[4]) for row in rows if row[1]]


def rows(period: Period) -> list[DayRow]:
    """Parts 'in|source|currency', 'paid|currency', 'back|currency' with n and minor, and 'tax|currency|country|millionths|
    treatment' with n, net and tax. Three queries."""
    sheet = Sheet()
    for one in facts_in(period):
        day = period.day_of(one.at)
        words = (one.kind, one.source, one.currency) if one.kind == IN else (one.kind, one.currency)
        sheet.add(day, "|".join(words), n=1, minor=one.minor)
        for part, net, tax in taxes(one):
            sheet.add(day, part, n=1, net=net, tax=tax)
    return sheet.rows()


def taxes(one: Fact) -> list[tuple[str, int, int]]:
    """(part, net, tax) of a paid quote by rate; what bears no tax is a rate of nothing, so that the parts are the whole."""
    if one.content is None:
        return []
    country = one.content.get("address", {}).get("ship_country", "")
    told = [(row["rate"], row["net"], row["tax"]) for row in one.content["taxes"]]
    left = one.content["net"] - sum(net for _, net, _ in told)
    if left:
        told.append((0, left, 0))
    found: dict[str, tuple[int, int]] = {}
    for rate, net, tax in told:
        part = f"{TAX}|{one.currency}|{country}|{rate}|{one.content['treatment']}"
        was = found.get(part, (0, 0))
        found[part] = was[0] + net, was[1] + tax
    return [(part, net, tax) for part, (net, tax) in found.items()]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open at this moment, in minor units of one currency."""

    live: tuple[int, int]
    """(quotes, sum) that customers may pay now"""
    on_account: tuple[int, int]
    """(quotes, sum) that are sold and not paid"""
    free: tuple[int, int]
    """(payments, sum) of money that pays for nothing yet"""
    going_back: tuple[int, int]
    """(refunds, sum) asked for and not done"""


def standing() -> dict[str, Standing]:
    """Currency → what is open now. Three queries."""
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    q, p, r = Quote, Payment, Refund
    account = q.placed_at.is_not(None)
    free = p.amount_minor - p.allocated_minor - p.refunded_minor - p.credited_minor
    asked: dict[str, Any] = {
        "quote": select(q.currency, account, func.count(), func.sum(q.total_minor))
        .where(q.state.in_(("sent", "accepted")))
        .group_by(q.currency, account),
        "free": select(p.currency, func.count(), func.sum(free)).where(free > 0).group_by(p.currency),
        "going_back": select(p.currency, func.count(), func.sum(r.amount_minor))
        .join(p, p.id == r.payment_id)
        .where(r.state.in_(("requested", "sent", "to_be_checked")))
        .group_by(p.currency),
    }
    for name, statement in asked.items():
        for row in db.session.execute(statement):
            key = ("on_account" if row[1] else "live") if name == "quote" else name
            sums.setdefault(row[0], {})[key] = (row[-2], int(row[-1]))
    none = (0, 0)
    return {
        currency: Standing(*(found.get(name, none) for name in Standing.__dataclass_fields__))
        for currency, found in sorted(sums.items())
    }
