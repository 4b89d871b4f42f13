"""What a customer reads of their money once their order is cancelled: what went back, what is on its way, what is owed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.doorstep.words import Words
from checkout_desk.extensions import db
from checkout_desk.orders.questioning import Open
from checkout_desk.payments import owing
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.settings.models import store

_WAYS = ("stripe", "paypal", "bank")
"""what money came with that has words of its own; all else goes back the way it came"""


def sentences(o: Open, words: Words) -> list[str]:
    """One for each refund and each amount that is still here, refunds first. A refund that failed is owed again. Four
    queries at most."""
    zone, told = ZoneInfo(store().time_zone), []
    made = db.session.execute(
        select(Refund, Payment.source, Payment.currency)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == o.order.id, Refund.state != "failed")
        .order_by(Refund.id)
    )
    for refund, source, currency in made:
        amount = money.show(refund.amount_minor, currency, locale=o.locale)
        at = refund.done_at if refund.state == "done" else None
        day = format_date(at.astimezone(zone).date(), "long", locale=o.locale) if at else ""
        told.append(words("m_done" if at else "m_going", amount=amount, way=_way(source, words), day=day))
    owed = owing.owed(order_id=o.order.id)
    ids = [one.payment_id for one in owed]
    came = (
        dict(db.session.execute(select(Payment.id, Payment.source).where(Payment.id.in_(ids))).all())
        if ids
        else {}
    )
    return told + [
        words(
            "m_owed",
            amount=money.show(one.minor, one.currency, locale=o.locale),
            way=_way(came[one.payment_id], words),
        )
        for one in owed
    ]


def _way(source: str, words: Words) -> str:
    return words(f"m_{source}" if source in _WAYS else "m_hand")
