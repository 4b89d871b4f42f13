"""Orders that go all the way through real transitions, each with what was planted in it.

Every moment is pretended, and the walks of all orders are interleaved by their times: the record's time never goes back.
`plant` names what goes wrong on a walk, and PLANTS says what the report has to find then: no more and no less.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import entries, stock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import drafting, sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers import knowledge
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders import (
    acting,
    completeness,
    happenings,
    placing,
    promising,
    quote_letter,
    quote_preview,
    quoting,
    readings,
)
from checkout_desk.orders import drafting as order_drafting
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import settling, taking
from checkout_desk.payments.models import Payment
from checkout_desk.settings.models import PaymentMethod
from tests.orders.stage import COMPLETE, TEXT, Stage
from tests.reports.plants import FIRST, GAPPY
from tests.reports.walked_off import SendingOff, Steps, numbers
from tests.shipping.dock import Dock


class Walks(Dock):
    """A shop in which orders go from the mail to the feedback."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        for role in ("processing", "support", "logistics", "manager"):  # not within another transaction
            self.shop.person(role)
        with self.shop.writing(), clock.pretending(FIRST - timedelta(days=5)):
            for found in db.session.scalars(select(Product).where(Product.on_hand > 0)):
                stock.receive(found.id, 5000, occasion=f"more:{found.sku}")
            db.session.add(
                PaymentMethod(kind="account", name="On account", active=True, position=2, settings={})
            )

    def go(
        self,
        plants: Iterable[tuple[str, datetime]],
        between: Callable[[datetime, datetime], None] | None = None,
    ) -> dict[int, str]:
        """Walk orders with these plants from these times on; returns number -> plant. `between` gets the times of each two steps."""
        walks = [Walk(self, plant, begin) for plant, begin in plants]
        running = [(next(steps), n, steps) for n, steps in enumerate(walk.steps() for walk in walks)]
        heapq.heapify(running)
        while running:
            at, n, steps = heapq.heappop(running)
            with clock.pretending(at):
                after = next(steps, None)
            if after is not None:
                heapq.heappush(running, (after, n, steps))
            if between is not None and running:
                between(at, running[0][0])
        return {walk.number: walk.plant for walk in walks}


@contextmanager
def broken(step: str) -> Iterator[None]:
    """Within the block the desk has a fault that no person can make: this step of the stock moves nothing."""
    works = getattr(promising, step) if step else None
    if works is not None:
        setattr(promising, step, lambda quote, **_: None)
    try:
        yield
    finally:
        if works is not None:
            setattr(promising, step, works)


class Walk(SendingOff):
    """One order. Its steps yield the moment at which they go on."""

    def __init__(self, walks: Walks, plant: str, begin: datetime) -> None:
        super().__init__(walks.shop, walks.stage, plant, begin)
        self.walks = walks

    def steps(self) -> Steps:
        """The whole way; a plant changes a step or ends it."""
        plant = self.plant
        yield self.at(0)
        if plant == "not_on_record":
            return self._unrecorded()
        yield from self._ordered()
        if plant == "never_asked":
            return
        if "ask" in plant:
            yield from self._asked()
        yield from self._verified()
        if plant in ("never_quoted", "cancelled"):
            return
        yield from self._quoted()
        if plant in ("expired", "waits_for_money"):
            return
        yield from (self._let_go() if plant in ("let_go_unpaid", "on_account") else self._paid())
        if plant in ("never_packed", "cancelled_after_payment", "nothing_held", "not_in_the_ledger"):
            return
        yield from self._packed()
        if plant == "never_handed_over":
            return
        yield from self._left()
        if plant != "lost":
            yield from self._arrived()

    def _unrecorded(self) -> None:
        with self.shop.writing():
            now = clock.now()
            order = Order(
                number=order_drafting.next_number(), state="draft", currency="GBP", sources={}, asked=[],
                created_at=now, updated_at=now, created_by_id=self.shop.person("processing"),
            )  # fmt: skip
            db.session.add(order)
            db.session.flush()
            self.number = order.number

    def _ordered(self) -> Steps:
        what = GAPPY if "ask" in self.plant else COMPLETE
        sender = f"Jane Fox <jane{next(numbers)}@customer.example>"
        taken = self.shop.take(text=TEXT, sender=sender)
        self.conversation = taken.conversation
        late = {"read_late": 3, "noted_late": 30}.get(self.plant, 0)
        if late:
            yield self.at(1)
            self.shop.answered(taken.conversation)
            yield self.at(late)
            self.offset = 48 if late > 24 else 0
        with self.shop.writing():
            c = db.session.get_one(Conversation, taken.conversation)
            if self.plant == "noted_late":
                by = db.session.get_one(Person, self.shop.person("processing"))
                readings.keep(taken.message, what, at=clock.now(), language="en")
                order = order_drafting.by_hand(c, by=by, message_id=taken.message)
            else:
                order = order_drafting.from_reading(c, taken.message, what, entries.index(), at=clock.now())
            self.number = order.number
            if self.plant == "ordered_again":
                happenings.note(order, "repeated", message=taken.message)
        if not late:
            yield self.at(1)
            self.shop.answered(taken.conversation)

    def _asked(self) -> Steps:
        text = "Which postcode is it? [CUSTOMER_PAGE]"
        for n in range(2 if "twice" in self.plant else 1):
            yield self.at((30 if "late" in self.plant else 2) + n)
            self._letter("ask_details", "missing_details:en:1", text)
            if self.plant == "asked_and_taken_back":
                self.stage.undo()
            yield from self._leaves()
        self.offset = 48 if "late" in self.plant else 0
        yield self.at(3.9)
        with self.stage.on(self.number) as (order, _, _by):
            order.ship_postcode = "NE30 1AA"
            completeness.reckon(order)

    def _letter(self, purpose: str, template: str, text: str = "") -> None:
        with self.stage.on(self.number) as (order, _, by):
            c = db.session.get_one(Conversation, order.conversation_id)
            if purpose == "quote":
                seen = quote_preview.preview(order)
                text = quote_letter.rendered(order, seen.content, seen.ends_at, contact="Fern and Kiln")[
                    1
                ].text
                quoting.draft(order, by=by)
            written = drafting.Written(to=order.email, subject="Your order", text=text)
            draft = drafting.save(
                c, person_id=by.id, kind="reply", written=written, based_on_id=c.last_inbound_id
            )
            draft.order_id, draft.purpose, draft.template = order.id, purpose, template
            sending.send(c, draft, by=by, after="wait", confirmed=True)

    def _verified(self) -> Steps:
        yield self.at(4)
        self.walks.verify(self.number)
        if self.plant == "verified_undone":
            self.stage.undo()
            self.walks.verify(self.number)
        if self.plant == "cancelled":
            self._cancel()
            yield from self._leaves()

    def _cancel(self) -> None:
        with self.stage.on(self.number) as (order, _, by):
            acting.cancel(order, reason="Not wanted", by=by)

    def _quoted(self) -> Steps:
        self.offset += 48 if self.plant == "quoted_late" else 0
        if self.plant == "on_account":
            with self.stage.on(self.number) as (order, _, _by):
                knowledge.trust(db.session.get_one(Customer, order.customer_id), True)
        for n in range(2 if self.plant == "quoted_twice" else 1):
            yield self.at(4.5 + n / 5)
            if n:
                with self.stage.on(self.number) as (order, _, by):
                    ORDER.fire(order, "amend", by=by)
                    acting.verify(order, by=by)
            template = "" if self.plant == "quoted_in_own_words" else "order_quote:en:1"
            with broken("hold" if self.plant == "nothing_held" else ""):
                self._letter("quote", template)
            yield from self._leaves()
        if self.plant == "expired":
            ends_at = self._quote().expires_at
            assert ends_at is not None
            yield ends_at
            self.walks.do(self._quote().id, quoting.expire, when=ends_at, at=ends_at)
            yield from self._leaves()
        if self.plant in ("answered_late", "never_answered"):
            yield from self._question()

    def _question(self) -> Steps:
        address = self.shop.reply_address(self.conversation)
        with self.shop.reading():
            email = db.session.get_one(Conversation, self.conversation).who
        assert email
        sender = f"Jane Fox <{self.stage.seen(self.number).email}>"
        taken = self.shop.take(text="Is it dishwasher safe?", sender=sender, envelope_to=address)
        assert taken.conversation == self.conversation
        if self.plant == "answered_late":
            yield self.at(30)
            self.shop.answered(self.conversation)
            self.offset = 48

    def _quote(self) -> Quote:
        """The newest quote of the order, detached."""
        found: Quote = self.shop.all(Quote, Quote.order_id == self.stage.seen(self.number).id)[-1]
        return found

    def _let_go(self) -> Steps:
        yield self.at(5)
        quote_id = self._quote().id
        with self.stage.on(self.number, "manager") as (_, _, by):
            quote = db.session.get_one(Quote, quote_id)
            if self.plant == "on_account":
                placing.on_account(quote, by=by)
            else:
                placing.before_payment(quote, by=by, reason="A friend of the house")
        yield from self._leaves()

    def _paid(self) -> Steps:
        quote = self._quote()
        parts = [quote.total_minor // 2] if self.plant == "paid_in_parts" else []
        parts.append(quote.total_minor - sum(parts))
        yield self.at(5)
        payments = [self._money(n, minor, quote.reference) for n, minor in enumerate(parts)]
        self.offset += 48 if self.plant == "matched_late" else 0
        yield self.at(5.1)
        for payment_id, minor in zip(payments, parts, strict=True):
            broke = broken("commit" if self.plant == "not_in_the_ledger" else "")
            with broke, self.stage.on(self.number, "manager") as (_, _, by):
                payment = db.session.get_one(Payment, payment_id)
                settling.allocate(payment, db.session.get_one(Quote, quote.id), minor, by=by)
        yield from self._mailed("confirmed", "confirmed_late", "confirmation_refused", "confirmed_twice")
        if self.plant == "cancelled_after_payment":
            yield self.at(5.4)
            self._cancel()
            yield from self._leaves()

    def _money(self, n: int, minor: int, reference: str) -> int:
        with self.shop.writing():
            payment, _ = taking.take(
                "bank", f"bank:{self.number}:{n}", amount_minor=minor, currency="GBP", received_at=clock.now(),
                text=reference,
            )  # fmt: skip
            return payment.id
