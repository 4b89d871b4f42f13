"""The copy of an invoice: the version of the quote that was paid, as the same PDF each time."""

from __future__ import annotations

from sqlalchemy import or_, select

from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.letter import Part
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import name

INVOICE = "send_invoice"
"""purpose of the draft that sends it"""
STATES = ("delivered", "shipped", "packing", "paid", "closed")
"""states of an order that has one, those that are meant first"""


def paid(order: Order) -> Quote:
    """The version that was paid, or placed on account. Raises Refused where there is none. One query."""
    found: Quote | None = db.session.scalars(
        select(Quote)
        .where(Quote.order_id == order.id, or_(Quote.state == "paid", Quote.placed_at.is_not(None)))
        .order_by((Quote.state == "paid").desc(), Quote.number.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise Refused(f"Nothing of order {order.number} was paid, so it has no invoice to copy.")
    return found


def file_name(quote: Quote) -> str:
    """What the file is called."""
    return f"{name(quote)}.pdf"


def part(quote: Quote) -> Part:
    """The file for a mail. Slow the first time; make it before the write lock (see `quote_pdf.made`)."""
    from checkout_desk.orders import quote_pdf  # the typesetter is loaded by those who print

    return Part(file_name(quote), "application/pdf", quote_pdf.made(quote.content))
