"""Whatever happens to orders, quotes, money and time in whatever order, with repeats and crashes: nothing is promised
twice, the ledger is the balances, no sent quote changes, and each milestone is one mail."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.customers.models import Customer
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import (
    acting,
    discounting,
    lines,
    loading,
    milestones,
    placing,
    promising,
    quote_clock,
    quote_content,
    quoting,
)
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.orders.quote_content import Rebate
from checkout_desk.orders.quote_lifecycle import LIVE
from checkout_desk.settings.models import PaymentMethod, Tolerance
from tests.builders import Shop
from tests.orders.quoted import MONDAY, Till
from tests.orders.stage import Stage, line, quay, reading
from tests.thorough import examples

STEPS = ("new", "edit", "verify", "send", "again", "unsend", "withdraw", "accept", "pay", "late", "tick", "wait",
         "extend", "keep", "cancel", "undo", "redraft", "mail", "place", "discount")  # fmt: skip
LIKELY = ("new", "edit", "verify", "send", "send", "pay", "accept", "tick", "wait", "place", "discount")
step = st.tuples(st.sampled_from((*STEPS, *LIKELY)), st.integers(0, 5), st.integers(1, 7), st.booleans())


class Crash(Exception):
    """The process ends before the commit."""


class Series:
    """Steps on a few orders for the same scarce products."""

    def __init__(self, shop: Shop) -> None:
        self.till = Till(Stage(shop))
        self.shop = shop
        shop.set_store(automatic_per_address=10_000, automatic_per_conversation=10_000)
        self.now: datetime = MONDAY
        self.sent: dict[int, str] = {}
        self.facts: list[tuple[int, dict[str, object]]] = []
        self.by = shop.person("processing")
        self.trusting()

    def trusting(self) -> None:
        """Everybody may order on account, and people may take off what they like."""
        with self.shop.writing():
            db.session.add(
                PaymentMethod(kind="account", name="On account", active=True, position=1, settings={})
            )
            db.session.add(Tolerance(role="processing", currency="GBP", discount_minor=10**6))

    def go(self, name: str, n: int, m: int, crashes: bool) -> None:
        if name in ("new", "tick", "wait", "undo") or not self.shop.all(Order):
            (self._new if name not in ("tick", "wait", "undo") else getattr(self, "_" + name))(m)
            return
        orders = self.shop.all(Order)
        number = orders[n % len(orders)].number
        with contextlib.suppress(Refused, Crash), clock.pretending(self.now), self.shop.app.app_context():
            begin_write()
            with acting_as(f"person:{self.by}", "test"):
                order = loading.load(number)
                assert order is not None
                loading.lock(order)
                getattr(self, "_" + name)(order, db.session.get_one(Person, self.by), m)
            db.session.flush()
            if crashes:
                raise Crash
            db.session.commit()

    def _new(self, m: int) -> None:
        with clock.pretending(self.now):
            self.till.stage.order(
                reading(line(("MUG-BLU", "POT-06")[m % 2], m), ship_to=quay(), phone="+441912345678")
            )
        with self.shop.writing():
            db.session.query(Customer).update({Customer.trusted: True})

    def _wait(self, m: int) -> None:
        self.now += timedelta(days=m, hours=m)

    def _tick(self, m: int) -> None:
        with clock.pretending(self.now), self.shop.reading():
            quote_clock.tick()

    def _undo(self, m: int) -> None:
        with contextlib.suppress(Refused, AssertionError):
            self.till.stage.undo()

    def _edit(self, order: Order, by: Person, m: int) -> None:
        live = [row for row in loading.lines(order) if row.removed_at is None]
        lines.set_quantity(live[0], m, by=by)

    def _verify(self, order: Order, by: Person, m: int) -> None:
        lines.accept_all(order, by=by)
        acting.verify(order, by=by)

    def _redraft(self, order: Order, by: Person, m: int) -> None:
        quoting.draft(order, by=by)

    def _send(self, order: Order, by: Person, m: int) -> None:
        if order.state != "verified":
            self._verify(order, by, m)
        was = quoting.send(order, quoting.draft(order, by=by), by=by)
        self.facts.append((order.id, was))

    def _again(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.send(order, quote, by=by))

    def _unsend(self, order: Order, by: Person, m: int) -> None:
        for order_id, was in reversed(self.facts):
            if order_id == order.id and db.session.get(Quote, was["quote"]) is not None:
                quoting.unsend(was, by=by)
                return

    def _some(self, order: Order, m: int, do: Callable[[Quote], object]) -> None:
        found = quoting.of(order.id)
        if found:
            do(found[-1 if m > 2 else m % len(found)])

    def _withdraw(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.withdraw(quote, by=by, reason="wrong"))

    def _accept(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.accept(quote, at=self.now))

    def _place(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: placing.on_account(quote, by=by))

    def _discount(self, order: Order, by: Person, m: int) -> None:
        """Something off, or everything: then the customer's yes pays it."""
        if order.state != "verified":
            self._verify(order, by, m)
        line_id = loading.lines(order)[0].id if m % 2 else None
        rebate = Rebate(minor=100 * m) if m < 4 else Rebate(ppm=1_000_000 if m > 5 else 125_000)
        discounting.give(order, rebate, line_id=line_id, by=by, reason="An old friend")

    def _pay(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.paid(quote, at=self.now))

    def _late(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.paid(quote, at=self.now + timedelta(days=30)))

    def _extend(self, order: Order, by: Person, m: int) -> None:
        self._some(order, m, lambda quote: quoting.extend(quote, by=by))

    def _keep(self, order: Order, by: Person, m: int) -> None:
        quoting.keep(order, by=by)

    def _cancel(self, order: Order, by: Person, m: int) -> None:
        acting.cancel(order, reason="not wanted", by=by)

    def _mail(self, order: Order, by: Person, m: int) -> None:
        milestones.post(order, "payment_received", about=f"payment:{m % 2}", values={"AMOUNT": "£1.00"})

    # -- what must hold ---------------------------------------------------------------------------------------

    def sound(self) -> None:
        self.shop.sound()
        with self.shop.reading():
            assert stock.check() == []
            orders = {order.id: order for order in db.session.query(Order)}
            quotes = db.session.query(Quote).order_by(Quote.id).all()
            self._stock(orders, quotes)
            self._quotes(orders, quotes)
            self._mails(orders)

    def _stock(self, orders: dict[int, Order], quotes: list[Quote]) -> None:
        held: Counter[int] = Counter()
        sold: Counter[int] = Counter()
        for quote in quotes:
            if quote.state in LIVE and quote.placed_at is not None:
                sold.update(promising.wanted(quote))
                assert promising.committed(quote) == promising.wanted(quote)
            elif quote.state in LIVE:
                held.update(promising.wanted(quote))
                assert promising.held(quote) == promising.wanted(quote)
            elif quote.state == "paid" and orders[quote.order_id].state != "cancelled":
                sold.update(promising.wanted(quote))
        for product in db.session.query(Product):
            assert product.available >= 0, f"{product.sku}: more is promised than there is"
            assert (product.held, product.committed) == (held[product.id], sold[product.id]), product.sku

    def _quotes(self, orders: dict[int, Order], quotes: list[Quote]) -> None:
        live = {quote.order_id: quote for quote in quotes if quote.state in LIVE}
        paid = {quote.order_id for quote in quotes if quote.state == "paid"}
        placed = {quote.order_id for quote in quotes if quote.state in LIVE and quote.placed_at is not None}
        assert len(live) == sum(quote.state in LIVE for quote in quotes), "two live versions of one order"
        for order in orders.values():
            found = live.get(order.id)
            assert order.live_quote == (found.number if found else None)
            assert order.state != "quoted" or found is not None
            assert (order.state == "paid") <= (order.id in paid | placed)
            assert (order.id in placed) <= (order.state == "paid")
            assert (order.id in paid) <= (order.state in ("paid", "cancelled"))
        for quote in quotes:
            if quote.sent_at is not None:
                said = quote_content.canonical(quote.content)
                assert self.sent.setdefault(quote.id, said) == said, "a sent quote has changed"
                assert quote_content.digest(quote.content) == quote.content_hash
            whole = quote.content["goods"] - sum(off["amount"] for off in quote.content["discounts"])
            assert quote.total_minor == whole == sum(row["total"] for row in quote.content["lines"])

    def _mails(self, orders: dict[int, Order]) -> None:
        rows = db.session.query(MilestoneMail).all()
        automatic = db.session.query(OutboundMail).filter(OutboundMail.automatic).count()
        assert automatic == sum(row.message_id is not None for row in rows)
        confirmed = Counter(row.order_id for row in rows if row.milestone == "confirmed")
        sure = or_(Quote.state == "paid", Quote.placed_at.is_not(None))
        orders_sure = {quote.order_id for quote in db.session.query(Quote).filter(sure)}
        assert confirmed == Counter(orders_sure), "confirmed once, and only when it is paid or on account"


PAID, LATER, EDITED = ("send", 0, 3, False), ("wait", 0, 7, False), ("edit", 0, 4, False)
AGAIN = [("tick", 0, 1, False), ("extend", 0, 3, False), ("pay", 0, 3, False), ("pay", 0, 3, False)]


@example(
    steps=[("new", 0, 3, False), PAID, ("pay", 0, 3, False), ("cancel", 0, 1, False), ("undo", 0, 1, False)]
)
@example(steps=[("new", 0, 3, False), PAID, LATER, ("tick", 0, 1, False), *AGAIN])
@example(
    steps=[
        ("new", 0, 3, False),
        PAID,
        EDITED,
        PAID,
        ("unsend", 0, 1, False),
        ("keep", 0, 1, False),
        PAID,
        *AGAIN,
    ]
)
@example(
    steps=[
        ("new", 0, 3, False),
        PAID,
        EDITED,
        ("undo", 0, 1, False),
        ("accept", 0, 3, False),
        ("pay", 0, 3, True),
        ("pay", 0, 3, False),
    ]
)
@example(
    steps=[
        ("new", 0, 3, False),
        PAID,
        ("withdraw", 0, 3, False),
        PAID,
        EDITED,
        LATER,
        ("tick", 0, 1, False),
        PAID,
        ("pay", 0, 3, False),
    ]
)
@example(
    steps=[
        ("new", 0, 2, False),
        ("discount", 0, 7, False),
        PAID,
        ("accept", 0, 3, False),
        ("cancel", 0, 1, False),
    ]
)
@example(
    steps=[
        ("new", 0, 2, False), ("discount", 0, 2, False), PAID, ("place", 0, 3, False), LATER, ("tick", 0, 1, False),
        ("withdraw", 0, 3, False), ("pay", 0, 3, False), ("pay", 0, 3, False), ("cancel", 0, 1, False),
    ]
)  # fmt: skip
@example(
    steps=[("new", 0, 2, False), PAID, ("place", 0, 3, True), ("place", 0, 3, False), ("cancel", 0, 1, False)]
)
@settings(
    max_examples=examples(4),
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(steps=st.lists(step, min_size=15, max_size=40))
def test_any_series_of_quotes_payments_and_ends_is_sound(
    desk: Flask, afresh: Callable[[], None], steps: list[tuple[str, int, int, bool]]
) -> None:
    afresh()
    series = Series(Shop(desk))
    for name, n, m, crashes in steps:
        series.go(name, n, m, crashes and m > 4)
        series.sound()
