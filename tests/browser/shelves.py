"""Paid orders on a live desk, made without its screens: what the pack station finds in the morning."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import entries, products, stock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.receiving import receive
from checkout_desk.orders import acting, drafting, lines, loading, quoting
from checkout_desk.orders.models import Order
from checkout_desk.shipping import batches
from tests.builders import mail
from tests.orders.stage import TEXT, line, quay, reading


def number(serial: int) -> str:
    """A Royal Mail number whose check digit is right (UPU S10)."""
    digits = f"{serial:08d}"
    rest = 11 - sum(int(d) * (8, 6, 4, 2, 3, 5, 9, 7)[i] for i, d in enumerate(digits)) % 11
    return f"AB{digits}{ {10: 0, 11: 5}.get(rest, rest) }GB"


def stocked(app: Flask, sku: str, name: str, *, shelf: str, barcode: str = "", fragile: bool = False) -> str:
    """A product with a thousand pieces that nobody else in the tests buys; returns its SKU."""
    with app.app_context():
        begin_write()
        made = products.create(
            sku=sku, name=name, price_minor=1200, currency="GBP", weight_grams=300, shelf=shelf, barcode=barcode or None
        )  # fmt: skip
        made.fragile = fragile
        stock.receive(made.id, 1000, about="test")
        db.session.commit()
    return sku


def paid(app: Flask, who: str, *wanted: tuple[str, int], hours: float = 1, **address: str) -> int:
    """The number of an order of these (SKU, pieces) that was paid so many hours ago."""
    email = f"{who.lower().replace(' ', '.')}@shelf.example"
    with app.app_context():
        box = db.session.scalars(select(Mailbox.id).order_by(Mailbox.id)).first()
        raw = receive(
            mail(TEXT, sender=f"{who} <{email}>", subject=f"For {who}"),
            door="import",
            mailbox_id=box,
            wake=False,
        )
        _, conversation_id = take_in(raw.raw_id)
        db.session.rollback()
        begin_write()
        person = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert person is not None
        at = clock.now() - timedelta(hours=hours)
        with acting_as(f"person:{person.id}", "test"), clock.pretending(at):
            c = db.session.get_one(Conversation, conversation_id)
            what = reading(
                *(line(sku, n, f"{n} x {sku}") for sku, n in wanted),
                ship_to=quay(**{"name": who, **address}), phone="+441912345678",
            )  # fmt: skip
            assert c.last_inbound_id is not None
            order = drafting.from_reading(c, c.last_inbound_id, what, entries.index(), at=at)
            lines.accept_all(order, by=person)
            acting.verify(order, by=person)
            quote = quoting.draft(order, by=person)
            quoting.send(order, quote, by=person)
            quoting.paid(quote, at=at)
            found = order.number
        db.session.commit()
    return found


def batch(app: Flask, email: str, *numbers: int) -> int:
    """The id of a batch of these orders, held by the person with that address."""
    with app.app_context():
        begin_write()
        by = db.session.scalars(select(Person).where(Person.email == email)).one()
        ids = [loading_id(n) for n in numbers]
        made = batches.make(ids, by=by).id
        db.session.commit()
    return made


def loading_id(order_number: int) -> int:
    """The id of an order, in the current transaction."""
    found = loading.load(order_number)
    assert found is not None
    return found.id


def states(app: Flask, *numbers: int) -> list[str]:
    """The states of orders as they are now."""
    with app.app_context():
        rows = {o.number: o.state for o in db.session.scalars(select(Order).where(Order.number.in_(numbers)))}
        db.session.rollback()
        return [rows[n] for n in numbers]


def on_hand(app: Flask, sku: str) -> int:
    """How many pieces the store has."""
    with app.app_context():
        found = db.session.scalars(select(Product.on_hand).where(Product.sku == sku)).one()
        db.session.rollback()
        return found
