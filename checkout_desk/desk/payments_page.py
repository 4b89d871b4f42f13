"""What the Payments screen shows: money that came in, what it may pay and why, and the quotes that wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, or_, select

from checkout_desk import money
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import refunding
from checkout_desk.payments.finding import allocated
from checkout_desk.payments.lifecycle import free
from checkout_desk.payments.limits import beyond_refund
from checkout_desk.payments.matching import LIVE
from checkout_desk.payments.models import Allocation, Payment, Refund, Statement
from checkout_desk.payments.owing import Owed
from checkout_desk.settings import tolerances

PAGE = 12
QUOTES = 8
OWED = 12
WHY = {
    "cancelled": "the order was cancelled",
    "over": "more came than was wanted",
    "duplicate": "it was paid twice",
}
"""why money has to go back, in words"""
OPEN = ("received", "matched", "needs_review")
KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("confirm", "To confirm", ("exact", "split", "combined")),
    ("under", "Under", ("under",)),
    ("over", "Over", ("over",)),
    ("duplicate", "Duplicate", ("duplicate",)),
    ("late", "Late", ("late",)),
    ("unknown", "Unknown", ("unknown", "wrong_currency", "")),
    ("back", "To send back", ()),
    ("done", "Done", ()),
)
TITLES = {
    "exact": ("Exact", "good", "check", "equal"),
    "split": ("Split", "theirs", "split", "equal-approximately"),
    "combined": ("Combined", "theirs", "split", "equal"),
    "under": ("Under", "soon", "triangle-alert", "equal-not"),
    "over": ("Over", "soon", "triangle-alert", "equal-not"),
    "duplicate": ("Duplicate", "soon", "copy", "equal"),
    "late": ("Late", "soon", "clock", "equal"),
    "wrong_currency": ("Other currency", "bad", "circle-alert", "equal-not"),
    "unknown": ("Unknown", "", "circle-help", "equal-not"),
}
SOURCES = {"stripe": "Card, Stripe", "paypal": "PayPal", "bank": "Bank", "hand": "By hand"}


def condition(kind: str) -> ColumnElement[bool]:
    """Which payments stand under a tab."""
    outcomes = next((o for key, _, o in KINDS if key == kind), ())
    if kind == "done":
        return Payment.state.in_(("allocated", "refunded"))
    if kind == "back":
        return Payment.id.in_(refunding.waiting())
    return and_(Payment.state.in_(OPEN), Payment.outcome.in_(outcomes))


def counts() -> dict[str, int]:
    """How many payments stand under each tab; two queries."""
    rows = db.session.execute(
        select(Payment.state, Payment.outcome, func.count()).group_by(Payment.state, Payment.outcome)
    )
    found = dict.fromkeys((key for key, _, _ in KINDS), 0)
    for state, outcome, n in rows:
        kind = next((key for key, _, o in KINDS if outcome in o), "unknown") if state in OPEN else "done"
        found[kind] += n
    found["back"] = db.session.scalar(select(func.count()).select_from(refunding.waiting().subquery())) or 0
    return found


def page(kind: str, *, before: int | None) -> tuple[list[Payment], int | None]:
    """Payments of one tab, newest first, and where the next page begins."""
    rows = select(Payment).where(condition(kind))
    if before:
        rows = rows.where(Payment.id < before)
    found = list(db.session.scalars(rows.order_by(Payment.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def cards(payments: Sequence[Payment], around: Frame) -> list[dict[str, Any]]:
    """One card a payment; three queries, however many there are."""
    wanted = {share["quote"] for p in payments for share in p.proposal}
    given: dict[int, list[Allocation]] = {}
    ids = [p.id for p in payments]
    for a in db.session.scalars(
        select(Allocation).where(Allocation.payment_id.in_(ids)).order_by(Allocation.id)
    ):
        given.setdefault(a.payment_id, []).append(a)
        wanted.add(a.quote_id)
    quotes = {
        q.id: (q, o)
        for q, o in db.session.execute(
            select(Quote, Order).join(Order, Order.id == Quote.order_id).where(Quote.id.in_(wanted))
        )
    }
    refunds: dict[int, list[Refund]] = {}
    for r in db.session.scalars(select(Refund).where(Refund.payment_id.in_(ids)).order_by(Refund.id)):
        refunds.setdefault(r.payment_id, []).append(r)
    return [_card(p, given.get(p.id, []), quotes, refunds.get(p.id, []), around) for p in payments]


def _card(
    p: Payment, given: Sequence[Allocation], quotes: dict[int, Any], refunds: Sequence[Refund], around: Frame
) -> dict[str, Any]:
    label, tone, icon, sign = TITLES.get(p.outcome, TITLES["unknown"])
    shares = [_share(share["quote"], share["minor"], quotes, p.currency, around) for share in p.proposal]
    shares = [share for share in shares if share]
    first = shares[0] if shares else None
    left = free(p)
    return {
        "id": p.id, "label": label, "tone": tone, "icon": icon, "sign": sign if shares else "", "open": p.state in OPEN,
        "title": _title(p, first, left, gone=all(r.state in ("done", "failed") for r in refunds)), "amount": money.show(p.amount_minor, p.currency),
        "left": money.show(left, p.currency) if 0 < left < p.amount_minor else "", "has_left": left > 0,
        "payer": p.payer_name or p.payer_account or "Nobody named", "when": around.face.short(p.received_at),
        "iso": p.received_at.isoformat(), "text": p.text, "note": p.note, "source": SOURCES.get(p.source, p.source),
        "sub": ", ".join(part for part in (SOURCES.get(p.source, p.source), f"“{p.text}”" if p.text else "no reference") if part),
        "shares": shares, "evidence": [_evidence(e) for e in p.evidence],
        "given": [s for a in given if (s := _share(a.quote_id, a.amount_minor, quotes, p.currency, around))],
        "refunds": [_refund(r, p, around) for r in refunds], "outcome": p.outcome,
    }  # fmt: skip


def _evidence(e: dict[str, Any]) -> dict[str, str]:
    good = e.get("good")
    icon, tone = (
        ("check", "good")
        if good
        else ("equal-approximately", "theirs")
        if good is None
        else ("triangle-alert", "soon")
    )
    return {"what": str(e["what"]).capitalize(), "says": e["says"], "icon": icon, "tone": tone}


def _share(
    quote_id: int, minor: int, quotes: dict[int, Any], currency: str, around: Frame
) -> dict[str, Any] | None:
    if quote_id not in quotes:
        return None
    q, o = quotes[quote_id]
    return {
        "quote_id": q.id, "name": f"{o.number}-Q{q.number}", "state": q.state, "who": o.ship_name or o.email or "No name",
        "due": money.show(q.total_minor, q.currency), "gets": money.show(minor, currency), "total_minor": q.total_minor,
        "minor": minor, "url": url_for("workspace.show", conversation_id=o.conversation_id, order=o.number) if o.conversation_id else "",
        "ends": around.face.short(q.expires_at) if q.expires_at else "On account" if q.placed_at else "", "live": q.state in LIVE, "expired": q.state == "expired",
        "conversation": o.conversation_id,
    }  # fmt: skip


def _refund(r: Refund, p: Payment, around: Frame) -> dict[str, Any]:
    words = {
        "requested": "asked for",
        "sent": "on its way",
        "done": "gone back",
        "failed": "failed",
        "to_be_checked": "to be checked",
    }
    return {
        "id": r.id, "amount": money.show(r.amount_minor, p.currency), "state": words[r.state], "reason": r.reason,
        "when": around.face.short(r.at), "fault": r.fault or "", "tone": {"done": "good", "failed": "bad"}.get(r.state, "soon"),
        "by_hand": p.source in ("bank", "hand") and r.state == "requested", "doubt": r.state == "to_be_checked",
    }  # fmt: skip


def _title(p: Payment, first: dict[str, Any] | None, left: int, *, gone: bool) -> str:
    if p.state not in OPEN:
        return "Used" if p.state == "allocated" else "Went back" if gone else "Goes back"
    if first is None and p.allocated_minor:
        return f"{money.show(left, p.currency)} is left over"
    if first is None:
        return {"wrong_currency": "In another currency than the quote", "duplicate": "Paid already"}.get(
            p.outcome, "No quote found for it"
        )
    short = first["total_minor"] - first["minor"]
    words = {
        "under": f"Short by {money.show(max(short, 0), p.currency)}",
        "over": f"{money.show(max(left - first['minor'], 0), p.currency)} more than it wants",
        "split": "A part of what the quote wants",
        "combined": "One payment, several orders",
        "duplicate": "The order is paid already",
        "late": "Came after the quote had ended",
        "wrong_currency": "In another currency than the quote",
    }
    doubts = [e["what"] for e in p.evidence if e.get("good") is not True]
    return words.get(p.outcome) or (f"Exact, but look at the {doubts[0]}" if doubts else "Exact")


def open_quotes(around: Frame) -> dict[str, Any]:
    """Quotes that wait for money, those on account and the next to end first, and how many there are."""
    live = Quote.state.in_(LIVE)
    rows = db.session.execute(
        select(Quote, Order)
        .join(Order, Order.id == Quote.order_id)
        .where(live)
        .order_by(Quote.expires_at.nulls_first(), Quote.id)
        .limit(QUOTES)
    ).all()
    given = allocated(q.id for q, _ in rows)
    found = []
    for q, o in rows:
        left = q.total_minor - given.get(q.id, 0)
        share = _share(q.id, left, {q.id: (q, o)}, q.currency, around)
        if share:
            found.append(share | {"left": money.show(left, q.currency), "part": left < q.total_minor})
    total = db.session.scalar(select(func.count()).where(live)) or 0
    return {"rows": found, "n": total, "more": total - len(found)}


def owed_rows(found: Sequence[Owed], around: Frame) -> dict[str, Any]:
    """What the store owes to customers, each with the way to the form that sends it back, or why this person may not."""
    roles, may = around.person.roles, around.person.may("payments.refund")
    limited = may and tolerances.UNLIMITED.isdisjoint(roles)
    limits = {
        currency: tolerances.of(roles, currency).refund_minor
        for currency in ({one.currency for one in found} if limited else ())
    }
    rows = [
        {
            "name": f"Order {one.order_number}" if one.order_number else "No order named",
            "amount": money.show(one.minor, one.currency),
            "why": WHY[one.why],
            "withheld": no,
            "url": ""
            if no
            else path("payments.refund_form", payment_id=one.payment_id)
            + (f"?quote={one.quote_id}" if one.quote_id else ""),
        }
        for one in found[:OWED]
        for no in [
            beyond_refund(
                roles,
                one.before + one.minor,
                one.currency,
                before=one.before,
                limit=limits.get(one.currency, 0),
            )
            if may
            else f"{ROLES['processing']} does this."
        ]
    ]
    return {"rows": rows, "more": len(found) > OWED}


def last_statement(around: Frame) -> str:
    """What the last bank statement brought, as a sentence; '' before the first."""
    s = db.session.scalars(select(Statement).order_by(Statement.id.desc()).limit(1)).one_or_none()
    if s is None:
        return ""
    day = around.face.date(s.at)
    done = (
        f"{s.taken} of {s.rows} rows taken in so far"
        if s.taken < s.rows
        else f"{s.rows} rows, {s.known} known before"
    )
    return f"Bank statement {s.filename}, imported {day}: {done}."


def find_quotes(query: str, *, limit: int = 12) -> list[tuple[Quote, Order]]:
    """Quotes by number ('1042', '1042-Q2'), reference, name or e-mail; live ones first."""
    words = " ".join(query.split())
    number = words.partition("-")[0].strip("#").strip()
    ways: list[ColumnElement[bool]] = [
        Quote.reference == words.replace(" ", "").upper(),
        Order.ship_name.icontains(words, autoescape=True),
        Order.email == words.casefold(),
    ]
    if number.isascii() and number.isdigit() and len(number) < 10:
        ways.append(Order.number == int(number))
    rows = db.session.execute(
        select(Quote, Order)
        .join(Order, Order.id == Quote.order_id)
        .where(Quote.state != "draft", or_(*ways))
        .order_by(Quote.state.in_(LIVE).desc(), Quote.id.desc())
        .limit(limit)
    )
    return [(q, o) for q, o in rows]
