"""A shop in which things go wrong as they do in life, and the list of what has to be found: no more and no less."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, func, select

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.incidents import causes, noticing
from checkout_desk.incidents.models import Incident, IncidentCase
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import health
from checkout_desk.mail.models import Mailbox, OutboundMail, RawMail
from checkout_desk.mail.outcomes import settle
from checkout_desk.mail.results import Refused, Result, Sent, Unknown
from checkout_desk.orders import milestones, quoting
from checkout_desk.orders.models import MilestoneMail, Order
from tests.builders import Shop, bounce, mail
from tests.orders.quoted import Till
from tests.orders.stage import Stage, product

Found = set[tuple[str, str, str]]
"""(kind, words, source)"""


class Plants:
    """What is planted; `expected` grows with it."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.rng = shop, random.Random(seed)
        self.till = Till(Stage(shop))
        self.expected: Found = set()
        self.n = 0
        self.silenced = False

    def go(self, times: int, *, sweeps: bool = True) -> None:
        """Plant `times` things at random, between them a sweep now and then."""
        kinds: list[Callable[[], None]] = [
            self.well, self.refused, self.refused, self.doubtful, self.arrived_after_all, self.bounced, self.unreadable,
            self.silent, self.forged, self.confirmed, self.forgotten, self.told_too_early, self.doubled, self.held_back,
            self.hole, self.stuck,
        ]  # fmt: skip
        self.rng.shuffle(kinds)
        for plant in [*kinds, *self.rng.choices(kinds, k=times)]:
            plant()
            if sweeps and self.rng.random() < 0.3:
                self.sweep()

    def sweep(self) -> None:
        with self.shop.reading():
            noticing.sweep()

    def found(self) -> Found:
        """The open cases."""
        with self.shop.reading():
            rows = db.session.execute(
                select(Incident.kind, Incident.words, IncidentCase.source)
                .join(Incident, Incident.id == IncidentCase.incident_id)
                .where(IncidentCase.settled_at.is_(None))
            )
            return {(row[0], row[1], row[2]) for row in rows}

    def _answer(self) -> Message:
        self.n += 1
        taken = self.shop.take(text="Is the garden open?", sender=f"Ann <ann{self.n}@customer.example>")
        return self.shop.reply(taken.conversation)

    def outcome(self, message: Message, *results: Result) -> None:
        """A server says this of the mail, one attempt after the other."""
        for result in results:
            with self.shop.writing():
                row = db.session.get_one(OutboundMail, message.outbound_id, with_for_update=True)
                row.state, row.attempts, row.claim = "sending", row.attempts + 1, "x"
                db.session.flush()
                settle(row, result)

    # What follows is right, and must not be found.

    def well(self) -> None:
        self.shop.answered(self._answer().conversation_id)

    def arrived_after_all(self) -> None:
        message = self._answer()
        self.outcome(message, Unknown("The connection broke after DATA."))
        if self.rng.random() < 0.5:
            self.sweep()
        self.outcome(message, Sent("250 ok"))

    def confirmed(self) -> None:
        self._paid()

    # What follows is wrong.

    def refused(self) -> None:
        message = self._answer()
        code, words, cause = self.rng.choice(
            [
                (550, f"5.1.1 <ann{self.n}@customer.example> unknown", "550 5.1.1 … unknown"),
                (554, f"5.7.1 blocked, see https://bl.example/{self.n}", "554 5.7.1 blocked, see …"),
                (552, "5.2.2 mailbox full", "552 5.2.2 mailbox full"),
            ]
        )
        self.outcome(message, Refused(True, code, words, {}))
        self.expected.add(("failed", cause, f"message:{message.id}"))

    def doubtful(self) -> None:
        message = self._answer()
        words = "The connection broke after DATA."
        self.outcome(message, Unknown(words), Unknown(words))
        self.expected.add(("unknown", "The connection broke after DATA", f"message:{message.id}"))

    def bounced(self) -> None:
        message = self.shop.answered(self._answer().conversation_id)
        status = self.rng.choice(["5.1.1", "5.2.2"])
        self.shop.take(
            bounce(message.mail_id or "", status=status, recipient=f"ann{self.n}@customer.example")
        )
        words = {"5.1.1": "The mailbox does not exist", "5.2.2": "The mailbox is full"}[status]
        self.expected.add(("bounced", f"{status} {words}", f"message:{message.id}"))

    def unreadable(self) -> None:
        raw = self.shop.receive(mail(text=f"Hello {self.n}"))
        self.n += 1
        with self.shop.writing():
            db.session.get_one(RawMail, raw).attempts = 3
        with self.shop.reading():
            take_in(raw)
        message = self.shop.all(Message, Message.raw_id == raw)[0]
        assert message.kind == "unreadable"
        self.expected.add(
            ("unreadable", "reading it stopped the worker three times", f"message:{message.id}")
        )

    def silent(self) -> None:
        """Its server is not reached any more; back and silent again, the older case is over."""
        with self.shop.writing():
            box = db.session.get_one(Mailbox, self.shop.mailbox)
            box.imap_host, box.last_contact_at = "imap.example", clock.now()
        with self.shop.reading():
            health.check_mailboxes()
        with self.shop.writing():
            db.session.get_one(Mailbox, self.shop.mailbox).last_contact_at = clock.now() - timedelta(hours=1)
        with self.shop.reading():
            health.check_mailboxes()
            number = db.session.scalar(select(func.max(Event.id)).where(Event.kind == "mailbox.silent"))
        self.expected = {one for one in self.expected if one[0] != "silent"}
        source = f"mailbox:{self.shop.mailbox}:{number}"
        self.expected.add(("silent", "No contact with its server", source))

    def forged(self) -> None:
        """Somebody calls the doors without knowing the secrets."""
        client = self.shop.app.test_client()
        door = self.rng.choice([f"/hooks/mail/{self.shop.mailbox}", "/hooks/payments/stripe"])
        before = self._newest()
        assert client.post(door, data=b"x", headers={"X-Desk-Signature": "t=1,v1=00"}).status_code >= 400
        for event in self.shop.all(Event, Event.id > before, Event.kind.in_(noticing.HOOKS)):
            why = (event.after or {})["why"]
            self.expected.add(("webhook", causes.plain(why), f"event:{event.id}"))

    def _newest(self) -> int:
        with self.shop.reading():
            return db.session.scalar(select(func.max(Event.id))) or 0

    def _paid(self) -> Order:
        self.n += 1
        with self.shop.writing():
            stock.receive(product("MUG-BLU").id, 5, occasion=f"more:{self.n}")
        number, quote = self.till.quoted(when=clock.now(), sender=f"Bo <bo{self.n}@customer.example>")
        self.till.do(quote, quoting.paid, clock.now(), at=clock.now())
        return self.till.stage.seen(number)

    def forgotten(self) -> None:
        """The state moved and the mail did not come with it."""
        order = self._paid()
        with self.shop.writing():
            db.session.execute(
                delete(MilestoneMail).where(
                    MilestoneMail.order_id == order.id, MilestoneMail.milestone == "confirmed"
                )
            )
        words = causes.milestone("missing", "confirmed").words
        self.expected.add(("milestone", words, f"order:{order.id}:confirmed"))

    def told_too_early(self) -> None:
        self.n += 1
        number = self.till.stage.order(sender=f"Bo <bo{self.n}@customer.example>")
        with self.till.stage.on(number) as (order, _, _by):
            milestones.told(order, "confirmed", message_id=None)
            order_id = order.id
        words = causes.milestone("early", "confirmed").words
        self.expected.add(("milestone", words, f"order:{order_id}:confirmed"))

    def doubled(self) -> None:
        order = self._paid()
        with self.till.stage.on(order.number) as (found, _, _by):
            milestones.told(found, "confirmed", about="payment:9", message_id=None)
        words = causes.milestone("doubled", "confirmed").words
        self.expected.add(("milestone", words, f"order:{order.id}:confirmed"))

    def held_back(self) -> None:
        """The circuit breaker stops a milestone."""
        self.n += 1
        number = self.till.stage.order(sender=f"Bo <bo{self.n}@customer.example>")
        self.shop.set_store(automatic_per_address=0)
        with self.till.stage.on(number) as (order, _, _by):
            milestones.post(order, "received")
            order_id = order.id
        self.shop.set_store(automatic_per_address=5)
        words = "… has had … automatic mails within … hours, so no more are sent for now"
        self.expected.add(("stopped", words, f"order:{order_id}:received"))

    def hole(self) -> None:
        """A template names what is not known here."""
        self.n += 1
        number = self.till.stage.order(sender=f"Bo <bo{self.n}@customer.example>")
        with self.till.stage.on(number) as (order, _, _by):
            milestones.post(order, "shipped", caused_by_payment=True)
            order_id = order.id
        (event,) = self.shop.all(Event, Event.kind == "mail.automatic_stopped", Event.id > self._newest() - 3)
        found = causes.stopped((event.after or {})["why"], "shipped")
        assert found.kind == "placeholder"
        self.expected.add(("placeholder", found.words, f"order:{order_id}:shipped"))

    def stuck(self) -> None:
        """Mail came in and no worker took it; another one has only just come."""
        self.n += 1
        raw, _young = (self.shop.receive(mail(text=f"Hello {self.n} {i}")) for i in range(2))
        with self.shop.writing():
            db.session.get_one(RawMail, raw).received_at = clock.now() - timedelta(hours=1)
        self.expected.add(("stuck", "Mails came in and were not read", f"raw_mail:{raw}"))
