"""Whatever happens to orders, quotes, time and money in whatever order, with repeats, delays and crashes: what is paid was
paid for, no sum is exceeded, and stock and mails follow the money once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders.models import MilestoneMail, Quote
from checkout_desk.payments import refunding, refunding_job, settling, sweeping, taking
from checkout_desk.payments.answers import Answer, Declined, Done, Doubtful, Pending
from checkout_desk.payments.models import Payment, Refund
from tests.builders import Shop
from tests.orders.quoted import MONDAY
from tests.orders.stage import Stage
from tests.orders.test_quoting_series import Crash, Series
from tests.payments.counter import Counter
from tests.thorough import examples

ORDERS = (
    "new",
    "edit",
    "send",
    "send",
    "send",
    "unsend",
    "withdraw",
    "accept",
    "extend",
    "cancel",
    "place",
    "discount",
    "wait",
    "tick",
    "undo",
)
MONEY = ("come", "come", "come", "repeat", "settle", "confirm", "confirm", "allocate", "unallocate", "revive", "refund",
         "refund", "claim", "tell", "tell", "sweep")  # fmt: skip
ANSWERS: tuple[Callable[[int], Answer], ...] = (
    lambda n: Done(f"re_{n}"),
    lambda n: Pending(f"re_{n}"),
    lambda n: Declined("The account was closed.", f"re_{n}"),
    lambda n: Doubtful("No answer in time."),
)
step = st.tuples(
    st.sampled_from((*ORDERS, *MONEY, *MONEY)), st.integers(0, 7), st.integers(1, 7), st.booleans()
)


class MoneySeries(Series):
    """Steps of orders and steps of money. What a step meets that cannot be is refused, and nothing has moved."""

    def __init__(self, shop: Shop) -> None:
        self.till = self.counter = Counter(Stage(shop))
        self.shop = shop
        shop.set_store(automatic_per_address=10_000, automatic_per_conversation=10_000)
        self.now = MONDAY
        self.sent = {}
        self.facts = []
        self.by = shop.person("manager")
        self.trusting()

    def go(self, name: str, n: int, m: int, crashes: bool) -> None:
        if name not in MONEY:
            super().go(name, n, m, crashes)
            return
        with contextlib.suppress(Refused, Crash), clock.pretending(self.now), self.shop.app.app_context():
            if name == "sweep":
                sweeping.sweep()
                refunding_job.sweep()
                return
            begin_write()
            with acting_as("desk", "test"):
                getattr(self, "_" + name)(n, m)
            db.session.flush()
            if crashes:
                raise Crash
            db.session.commit()

    def _person(self) -> Person:
        return db.session.get_one(Person, self.by)

    def _one(self, model: Any, n: int) -> Any:
        """One of the newest rows. Raises Refused where there is none."""
        found = db.session.query(model).order_by(model.id.desc()).limit(4).all()
        if not found:
            raise Refused("There is nothing yet.")
        return found[n % len(found)]

    def _come(self, n: int, m: int) -> None:
        quote: Quote = self._one(Quote, n // 4)
        count = db.session.query(Payment).count()
        minor = (quote.total_minor, quote.total_minor, quote.total_minor - 100 * m, 1600 * m)[n % 4]
        text = (quote.reference, quote.content["quote"], str(quote.content["order"]), "", quote.reference)[
            m % 5
        ]
        if minor > 0:
            self._take(f"money-{count}", minor, text, ("bank", "stripe")[m % 2], settle=m != 7)

    def _take(self, ref: str, minor: int, text: str, source: str, *, settle: bool) -> None:
        payment, _ = taking.take(
            source,
            ref,
            amount_minor=minor,
            currency="GBP",
            received_at=self.now,
            payer_name="J Fox",
            text=text,
        )
        if settle:
            settling.settle(payment)

    def _repeat(self, n: int, m: int) -> None:
        """The provider tells the same once more."""
        known: Payment = self._one(Payment, n)
        self._take(known.source_ref, known.amount_minor, known.text, known.source, settle=True)

    def _settle(self, n: int, m: int) -> None:
        settling.settle(self._one(Payment, n))

    def _confirm(self, n: int, m: int) -> None:
        settling.confirm(self._one(Payment, n), by=self._person())

    def _allocate(self, n: int, m: int) -> None:
        payment: Payment = self._one(Payment, n)
        minor = (
            min(800 * m, payment.amount_minor) if m < 6 else payment.amount_minor - payment.allocated_minor
        )
        reason = "Close enough" if n % 3 == 0 else ""
        settling.allocate(payment, self._one(Quote, m), minor, by=self._person(), reason=reason)

    def _unallocate(self, n: int, m: int) -> None:
        settling.unallocate(self._one(Payment, n), self._one(Quote, m), by=self._person(), reason="Mistaken")

    def _revive(self, n: int, m: int) -> None:
        settling.revive(
            self._one(Payment, n), self._one(Quote, m), by=self._person(), reason="" if n % 2 else "Kind"
        )

    def _refund(self, n: int, m: int) -> None:
        quote = self._one(Quote, m) if n % 2 else None
        payment: Payment = self._one(Payment, n)
        minor = payment.amount_minor if m > 5 else 500 * m
        refunding.request(payment, minor, reason="Broken", by=self._person(), quote=quote)

    def _claim(self, n: int, m: int) -> None:
        """A worker takes a refund, and dies with it."""
        refund_id = self._one(Refund, n).id
        db.session.rollback()
        refunding_job._claim(refund_id)
        begin_write()

    def _tell(self, n: int, m: int) -> None:
        """The provider tells of a refund of ours, or of one that nobody here asked for; or a person does."""
        payment: Payment = self._one(Payment, n)
        ours = db.session.query(Refund).filter_by(payment_id=payment.id).order_by(Refund.id).all()
        refund: Refund | None = ours[m % len(ours)] if ours else None
        if payment.source == "bank":
            if refund is not None:
                refunding.mark_done(refund, by=self._person())
            return
        key = refund.idempotency_key if refund else ""
        answer = ANSWERS[m % 4](refund.id if refund else 0)
        refunding.told(
            payment.source,
            payment_ref=payment.source_ref,
            refund_ref=f"re_{refund.id if refund else 0}",
            key=key,
            minor=refund.amount_minor if refund else 300,
            answer=answer,
        )

    def sound(self) -> None:
        super().sound()
        self.counter.sound()
        rows = self.shop.all(MilestoneMail)
        assert len({(row.order_id, row.milestone, row.about) for row in rows}) == len(rows)
        done = {f"refund:{one.id}" for one in self.shop.all(Refund) if one.done_at is not None}
        assert done <= {row.about for row in rows if row.milestone == "refunded"} | {
            f"refund:{one.id}" for one in self.shop.all(Refund) if one.order_id is None
        }


@settings(
    max_examples=examples(4),
    deadline=None,
    derandomize=True,
    phases=[
        Phase.generate
    ],  # each step is a transaction of a real database: shrinking takes longer than reading
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(steps=st.lists(step, min_size=30, max_size=60))
def test_any_series_of_quotes_and_money_is_sound(
    desk: Flask, afresh: Callable[[], None], steps: list[tuple[str, int, int, bool]]
) -> None:
    afresh()
    series = MoneySeries(Shop(desk))
    for name, n, m, crashes in (("new", 0, 2, False), ("send", 0, 1, False), *steps):
        series.go(name, n, m, crashes and m > 4)
        series.sound()
