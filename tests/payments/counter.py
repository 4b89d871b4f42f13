"""Money for tests: it comes in, is settled, and goes back; each step is a transaction of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.orders.models import Quote
from checkout_desk.payments import settling, taking
from checkout_desk.payments.matching import Match
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.settings.models import Tolerance
from tests.orders.quoted import MONDAY, Till
from tests.stories import remembered

TUESDAY = MONDAY + timedelta(days=1)
_numbers = itertools.count(1)


class Counter(Till):
    """A till at which money arrives. Two blue mugs cost 3200."""

    @remembered
    def came(
        self,
        minor: int,
        text: str = "",
        *,
        when: datetime = TUESDAY,
        source: str = "bank",
        currency: str = "GBP",
        ref: str = "",
        **more: Any,
    ) -> int:
        """Money comes in and nothing is done with it yet; returns the payment's id."""
        with self.shop.writing(), clock.pretending(when):
            payment, _ = taking.take(
                source,
                ref or f"{source}-{next(_numbers)}",
                amount_minor=minor,
                currency=currency,
                received_at=when,
                text=text,
                **more,
            )
            return payment.id

    def settled(self, payment_id: int, when: datetime = TUESDAY) -> Match:
        """The matcher looks at a payment."""
        with self.shop.writing(), clock.pretending(when), acting_as("desk", "test"):
            return settling.settle(db.session.get_one(Payment, payment_id))

    @remembered
    def pay(self, minor: int, text: str = "", *, when: datetime = TUESDAY, **more: Any) -> int:
        """Money comes in and is settled."""
        payment_id = self.came(minor, text, when=when, **more)
        self.settled(payment_id, when)
        return payment_id

    def act(
        self,
        step: Callable[..., Any],
        payment_id: int,
        *rest: Any,
        role: str = "manager",
        when: datetime = TUESDAY,
        **facts: Any,
    ) -> Any:
        """A person does a step of settling or refunding; quotes are given by id as `quote_id`. Returns an id if any."""
        person_id = self.shop.person(role)
        quote_id = facts.pop("quote_id", None)
        with self.shop.writing(), clock.pretending(when), acting_as(f"person:{person_id}", "test"):
            by = db.session.get_one(Person, person_id)
            payment = db.session.get_one(Payment, payment_id)
            if quote_id is not None:
                quote = db.session.get_one(Quote, quote_id)
                if step.__module__.endswith("refunding"):
                    facts["quote"] = quote
                else:
                    rest = (quote, *rest)
            return getattr(step(payment, *rest, by=by, **facts), "id", None)

    def payment(self, payment_id: int) -> Payment:
        """The payment as it is now, detached."""
        found: Payment = self.shop.all(Payment, Payment.id == payment_id)[0]
        return found

    def refund(self, refund_id: int) -> Refund:
        """The refund as it is now, detached."""
        found: Refund = self.shop.all(Refund, Refund.id == refund_id)[0]
        return found

    def sums(self, payment_id: int) -> tuple[str, int, int]:
        """(state, allocated, refunded) of a payment."""
        found = self.payment(payment_id)
        return found.state, found.allocated_minor, found.refunded_minor

    def given(self, quote_id: int) -> int:
        """What payments have paid of a quote."""
        return sum(one.amount_minor for one in self.shop.all(Allocation, Allocation.quote_id == quote_id))

    @remembered
    def tolerate(self, role: str, under: int = 0, over: int = 0, refund: int = 0) -> None:
        """Let a role decide about so much."""
        with self.shop.writing():
            db.session.add(
                Tolerance(role=role, currency="GBP", under_minor=under, over_minor=over, refund_minor=refund)
            )

    def heard(self, subject: str, subject_id: int) -> list[str]:
        """The kinds of the events about a payment, a refund or a quote, oldest first."""
        found = self.shop.all(Event, Event.subject_type == subject, Event.subject_id == subject_id)
        return [event.kind.partition(".")[2] for event in found]

    def sound(self) -> None:
        """What holds at every moment, of the money too: sums are their rows, and only what was given is paid."""
        super().sound()
        allocations = self.shop.all(Allocation)
        refunds = self.shop.all(Refund)
        for payment in self.shop.all(Payment):
            given = sum(one.amount_minor for one in allocations if one.payment_id == payment.id)
            back = sum(
                one.amount_minor for one in refunds if one.payment_id == payment.id and one.state != "failed"
            )
            assert (payment.allocated_minor, payment.refunded_minor) == (given, back)
            assert given + back <= payment.amount_minor
            if payment.state in ("allocated", "refunded"):
                assert given + back == payment.amount_minor
        accepted = {
            event.subject_id: event.after["minor"]
            for event in self.shop.all(Event, Event.kind == "quote.shortage_accepted")
        }
        for quote in self.shop.all(Quote, Quote.state == "paid"):
            given = sum(one.amount_minor for one in allocations if one.quote_id == quote.id)
            back = sum(
                one.unallocated_minor for one in refunds if one.quote_id == quote.id and one.state != "failed"
            )
            assert given + back + accepted.get(quote.id, 0) >= quote.total_minor
