"""The ten steps of the fault matrix, each as one turn that may be cut anywhere: what is done, again, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.backup import making, restoring
from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import delivery
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.payments import importing, refunding, refunding_job
from checkout_desk.payments.models import Payment, Refund, Statement
from checkout_desk.shipping import buying, handing_over, hearing
from checkout_desk.shipping.adapters import Rate
from checkout_desk.shipping.models import CarrierEvent, Label
from tests.builders import mail
from tests.faults.yard import Yard

RATE = Rate("USPS", "GroundAdvantage", 512, "USD", 3)


class Later(Exception):
    """A door said: not now. Whoever knocked keeps what they have and knocks again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One step on rows of its own. `do` may raise anything; `again` is what the other side does then, None when that is
    nothing: it goes on by itself. `came` is what came of it, at rest."""

    do: Callable[[], None]
    again: Callable[[], None] | None
    came: Callable[[], Any]
    door: Callable[[], None] | None = None
    """the part of it that somebody waits for; the rest is a job, which is rung for"""


def accept(yard: Yard) -> Turn:
    """A mail comes to a door; a sender without an answer sends it again."""
    data = mail("Is the glaze safe for food?", sender=yard.somebody())
    digest = hashlib.sha256(data).hexdigest()

    def do() -> None:
        yard.shop.receive(data)
        yard.acknowledged.append(data)

    return Turn(do, do, lambda: [row.state for row in yard.shop.all(RawMail, RawMail.sha256 == digest)], do)


def understand(yard: Yard) -> Turn:
    """A worker understands a mail that orders."""
    raw = yard.shop.receive(mail("Two blue mugs, please.", sender=yard.somebody()))

    def do() -> None:
        with yard.app.app_context():
            take_in(raw)

    def came() -> Any:
        messages = [message.id for message in yard.shop.all(Message, Message.raw_id == raw)]
        orders = yard.shop.all(Order, Order.born_of_id.in_(messages))
        return yard.shop.all(RawMail, RawMail.id == raw)[0].state, len(messages), len(orders)

    return Turn(do, None, came)


def send(yard: Yard) -> Turn:
    """A worker hands a reply to the SMTP server."""
    taken = yard.shop.take(mail("Is the glaze safe?", sender=yard.somebody()))
    message = yard.shop.reply(taken.conversation)
    assert message.outbound_id is not None
    outbound_id = message.outbound_id
    with yard.shop.writing():
        db.session.get_one(OutboundMail, outbound_id).due_at = clock.now() - timedelta(seconds=1)

    def do() -> None:
        with yard.app.app_context():
            delivery.deliver(outbound_id)

    return Turn(do, None, lambda: yard.shop.outbound(outbound_id).state)


def quote(yard: Yard) -> Turn:
    """Somebody presses Send below a quote, and again when a page of errors came."""
    number = yard.verified(sender=yard.somebody())
    page = yard.agent.open(f"/conversations/{yard.stage.row(number).id}/compose/reply?quote={number}")
    order = yard.stage.seen(number).id

    def do() -> None:
        if (status := page.press("Send", "/send").status) >= 500:
            raise Later(status)

    def came() -> Any:
        quotes = yard.shop.all(Quote, Quote.order_id == order)
        mails = yard.shop.all(MilestoneMail, MilestoneMail.order_id == order)
        left = yard.shop.all(Message, Message.id.in_([row.message_id for row in mails]))
        states = [yard.shop.outbound(message.outbound_id).state for message in left]
        return yard.stage.seen(number).state, [found.state for found in quotes], states

    return Turn(do, do, came, do)


def webhook(yard: Yard) -> Turn:
    """Stripe tells of a payment, and again until it hears 200."""
    number, quote_id = yard.quoted_now()
    yard.stripe.pay(yard.page(quote_id, yard.card).url)
    body, headers = yard.told_by_stripe()

    def door() -> None:
        if (status := yard.post("/hooks/stripe", body, headers)) != 200:
            raise Later(status)

    def do() -> None:
        door()
        yard.understand_all()

    def came() -> Any:
        payments = yard.shop.all(Payment, Payment.quote_id == quote_id)
        confirmed = [name for name, _ in yard.mails(number)].count("confirmed")
        return yard.quote(quote_id).state, [found.state for found in payments], confirmed

    return Turn(do, do, came, door)


def bank_file(quote: Quote) -> bytes:
    """A statement with what pays a quote and one other row, of today."""
    day, total = clock.now().date(), f"{quote.total_minor / 100:.2f}"
    return (
        "Date,Amount,Description,Name,Currency\n"
        f"{day},{total},{quote.reference},Jane Fox,GBP\n{day},1.23,For {quote.reference[::-1]},Eve,GBP\n"
    ).encode()


def statement(yard: Yard) -> Turn:
    """A person takes a bank statement in, and uploads it again when that broke off."""
    _, quote_id = yard.quoted_now()
    file = bank_file(yard.quote(quote_id))
    digest = hashlib.sha256(file).hexdigest()
    person = yard.shop.person("manager")

    def door() -> None:
        with yard.shop.writing():
            importing.begin(importing.plan(file, "bank.csv"), by=db.session.get_one(Person, person))

    def do() -> None:
        with yard.app.app_context():
            by = db.session.get_one(Person, person)
            importing.take_in(importing.plan(file, "bank.csv"), by=by)

    def came() -> Any:
        [found] = yard.shop.all(Statement, Statement.file_sha256 == digest)
        payments = yard.shop.all(Payment, Payment.statement_id == found.id)
        return found.taken, len(payments), yard.quote(quote_id).state

    return Turn(do, do, came, door)


def refund(yard: Yard) -> Turn:
    """A person gives money back through Stripe; the same form again where no page came."""
    number = yard.paid_now()
    order = yard.stage.seen(number).id
    [quote] = yard.shop.all(Quote, Quote.order_id == order)
    [payment] = yard.shop.all(Payment, Payment.quote_id == quote.id)
    facts: dict[str, Any] = {"reason": "broken", "quote_id": quote.id, "key": f"form-{number}"}

    def ours() -> list[Refund]:
        return yard.shop.all(Refund, Refund.payment_id == payment.id)

    def door() -> None:
        yard.act(refunding.request, payment.id, 500, when=clock.now(), role="admin", **facts)

    def do() -> None:
        door()
        with yard.app.app_context():
            refunding_job.send(ours()[0].id)

    def came() -> Any:
        back = yard.stripe.refunds(payment.source_ref)
        return [found.state for found in ours()], [found["amount"] for found in back]

    return Turn(do, do, came, door)


def label(yard: Yard) -> Turn:
    """A person buys a label, and presses again where no page came."""
    _, parcel_id = yard.packed_now()

    def do() -> None:
        label_id = yard.step(
            parcel_id, lambda parcel, by: buying.begin(parcel, RATE, by=by)[0].id, clock.now()
        )
        with yard.app.app_context():
            buying.carry_out(label_id)

    def came() -> Any:
        labels = yard.shop.all(Label, Label.shipment_id == parcel_id)
        sold = [
            ref
            for ref in yard.carrier.charged
            if f"-{parcel_id}-" in yard.carrier.shipments[ref]["reference"]
        ]
        return [found.state for found in labels], len(sold)

    return Turn(do, do, came)


def tracking(yard: Yard) -> Turn:
    """The carrier tells that a parcel was delivered, and again until it hears 200."""
    number, parcel_id = yard.packed_now()
    code = yard.numbered(parcel_id)
    yard.step(parcel_id, handing_over.hand_over, clock.now(), at=clock.now())
    scanned = (clock.now() + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    told = {
        "datetime": scanned,
        "status": "delivered",
        "message": "Porch",
        "tracking_location": {"city": "Leeds"},
    }
    body = yard.carrier.scanned(code, told)

    def door() -> None:
        if (
            status := yard.post(f"/hooks/carriers/{yard.carrier_id}", body, yard.carrier.signed(body))
        ) != 200:
            raise Later(status)

    def do() -> None:
        door()
        for event in yard.shop.all(CarrierEvent, CarrierEvent.understood_at.is_(None)):
            with yard.app.app_context():
                hearing.understand(event.id)

    def came() -> Any:
        delivered = [name for name, _ in yard.mails(number)].count("delivered")
        return yard.parcel(parcel_id).state, len(yard.events(parcel_id)), delivered

    return Turn(do, do, came, door)


def backup(yard: Yard) -> Turn:
    """A backup into a file of its own, made again where there is none."""
    folder = Path(yard.app.config["DESK_HOME"]).parent / "backups"
    folder.mkdir(exist_ok=True)
    file = folder / f"{len(list(folder.iterdir()))}.backup"
    environment = {
        "DESK_HOME": str(yard.app.config["DESK_HOME"]),
        "DATABASE_URL": yard.app.config["DATABASE_URL"],
    }

    def do() -> None:
        if not file.exists():
            making.make(yard.app, file)

    def came() -> Any:
        left = [path.name for path in folder.iterdir() if not path.name.endswith(".backup")]
        return restoring.verify(file, environment=environment).faults, left

    return Turn(do, do, came)


TEN: dict[str, Callable[[Yard], Turn]] = {
    step.__name__: step
    for step in (accept, understand, send, quote, webhook, statement, refund, label, tracking, backup)
}

WHOLE: dict[str, Any] = {
    "accept": ["taken_in"],
    "understand": ("taken_in", 1, 1),
    "send": "sent",
    "quote": ("quoted", ["sent"], ["sent"]),
    "webhook": ("paid", ["allocated"], 1),
    "statement": (2, 2, "paid"),
    "refund": (["done"], [500]),
    "label": (["made"], 1),
    "tracking": ("delivered", 1, 1),
    "backup": ([], []),
}
"""what comes of each step without a fault, and after every fault that leaves no doubt"""
DOUBT: dict[str, tuple[Any, ...]] = {
    "refund": ((["to_be_checked"], []), (["failed"], [])),
    "label": ((["unknown"], 0), (["void", "made"], 1)),
}
"""what else may come of a step that was cut where somebody outside is asked: it surely failed, or a person decides"""
