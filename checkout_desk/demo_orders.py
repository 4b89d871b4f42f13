"""The demo store's orders that are further on: quoted, paid, on their way, cancelled, and money that fits nothing.

Everything is done by the verbs that the desk itself uses, at the time at which it is said to have happened: mails are read
by the intake, quotes leave by the composer's draft, the bank's money comes in a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from checkout_desk import clock, demo_parcels
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting as conversing
from checkout_desk.conversations import drafting, sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import delivery
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import acting, lines, loading, quote_letter, quote_preview, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import importing, refunding, settling, taking
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.returns import deciding, requesting
from checkout_desk.settings.models import store

Step = tuple[float, str, str]
"""hours before now, what is done, and who does it or by which way it is paid"""


PART = 2000
"""pence of her quote that one of them has paid already"""


@dataclass(frozen=True)
class Sale:
    """One mail that orders, and what became of it. `money` comes by bank: how much more or less than the total, in pence."""

    hours: float
    name: str
    email: str
    subject: str
    text: str
    then: tuple[Step, ...]
    money: int | None = None
    why: str = ""
    """the reason of a cancelled order"""


SALES: tuple[Sale, ...] = (
    Sale(
        77, "Élodie Marchand", "elodie.marchand@courrier.example", "Commande : quatre bols à soupe",
        "Bonjour,\n\nje voudrais commander 4 x bol à soupe et 1 x pot à lait.\n\nÉlodie Marchand\n18 rue des Lilas\n"
        "69003 Lyon\nFrance\n+33 4 72 00 45 12\n\nMerci d’avance,\nÉlodie",
        ((76.2, "quote", "Priya"),), 0,
    ),
    Sale(
        74, "Tobias Brandt", "tobias.brandt@post.example", "Bestellung: Essteller",
        "Guten Tag,\n\nbitte senden Sie mir 6 x Essteller und 1 x Teesieb.\n\nTobias Brandt\nLindenallee 22\n"
        "20259 Hamburg\nDeutschland\n+49 40 5550 1422\n\nViele Grüße\nTobias Brandt",
        ((73.1, "quote", "Mia"),), 0,
    ),
    Sale(
        71, "Noah Fischer", "noah.fischer@post.example", "Zwei kleine Tassen",
        "Hallo,\n\nich hätte gern 2 x kleine Tasse.\n\nNoah Fischer\nKantstraße 8\n10623 Berlin\nDeutschland\n"
        "+49 30 5550 8811\n\nGruß\nNoah",
        ((70.2, "quote", "Mia"), (30.2, "cancel", "Ines"), (30, "refund", "Ines"), (27.5, "sent_back", "Ines"),
         (27.4, "close", "Ines")), 0,
        "He found the same cups at his sister’s",
    ),
    Sale(
        68, "Oliver Hughes", "oliver.hughes@inbox.example", "An order: side plates",
        "Hello,\n\nplease send me 4 x Side plate, white and 2 x espresso cup.\n\nOliver Hughes\n3 Castle Street\n"
        "Cardiff CF10 1BS\nUnited Kingdom\n+44 29 2018 0171\n\nThanks,\nOliver",
        ((67.4, "quote", "Priya"),), -500,
    ),
    Sale(
        55, "Harriet Cole", "harriet.cole@inbox.example", "The tenmoku vase, for a wedding",
        "Hello,\n\nplease send me 1 x Vase, tenmoku and 1 x Gift wrap. It is for a wedding and goes by train afterwards, "
        "so please pack it very well.\n\nHarriet Cole\n41 Royal Terrace\nEdinburgh EH7 5AH\nUnited Kingdom\n"
        "+44 131 496 0555\n\nThank you,\nHarriet",
        ((54.3, "quote", "Mia"), (53.6, "card", "Harriet Cole")),
    ),
    Sale(
        49, "田中 健司", "kenji.tanaka@yubin.example", "白いマグカップと玄米茶",
        "こんにちは。\n\n白いマグカップを2つと、玄米茶を1つお願いします。\n\n〒150-0001\n東京都渋谷区神宮前1-5-8\n田中 健司\n"
        "+81 3-5550-0142\n\nよろしくお願いいたします。",
        ((48.2, "quote", "Priya"), (40.5, "card", "KENJI TANAKA")),
    ),
    Sale(
        45, "Grace Whitfield", "grace.whitfield@inbox.example", "Two white mugs and some Earl Grey",
        "Hi,\n\nplease send me 2 x Mug, white and 1 x Earl Grey, 100 g.\n\nGrace Whitfield\n7 Pulteney Gardens\n"
        "Bath BA2 4HG\nUnited Kingdom\n+44 1225 496 033\n\nThanks!\nGrace",
        ((44.1, "quote", "Mia"), (43.4, "card", "Grace Whitfield")),
    ),
    Sale(
        25.5, "Grace Whitfield", "grace.whitfield@inbox.example", "One more thing: the milk jug",
        "Hi again,\n\nplease send me 1 x Milk jug, white, 0.3 l as well, to the same address.\n\nGrace Whitfield\n"
        "7 Pulteney Gardens\nBath BA2 4HG\nUnited Kingdom\n+44 1225 496 033\n\nGrace",
        ((24.8, "quote", "Mia"), (24.2, "paypal", "Grace Whitfield")),
    ),
    Sale(
        20, "Marta Ruiz", "marta.ruiz@correo.example", "Pedido: cuatro tazas blancas",
        "Hola:\n\nquisiera pedir 4 x taza blanca.\n\nMarta Ruiz\nCalle de Atocha 41\n28012 Madrid\nEspaña\n"
        "+34 915 550 142\n\nGracias,\nMarta",
        ((19.6, "quote", "Mia"), (18.8, "cancel", "Mia"), (18.7, "close", "Mia")), why="She asked us to, by telephone",
    ),
    Sale(
        3.4, "Ingrid Solberg", "ingrid.solberg@epost.example", "Order: small celadon bowls",
        "Hello,\n\nplease send me 2 x small celadon bowl.\n\nIngrid Solberg\nKarl Johans gate 14\n0154 Oslo\nNorway\n"
        "+47 22 55 01 42\n\nBest regards,\nIngrid",
        ((2.6, "quote", "Mia"), (2.1, "accept", ""), (1.8, "credit", "Mia")),
    ),
    Sale(
        300, "Sofia Lindqvist", "sofia.lindqvist@epost.example", "Two cobalt mugs for the office",
        "Hello,\n\nplease send me 2 x Mug, cobalt blue.\n\nSofia Lindqvist\n4 Silver Street\nDurham DH1 3RB\n"
        "United Kingdom\n+44 191 496 0142\n\nThanks,\nSofia",
        ((299, "quote", "Mia"), (298, "card", "Sofia Lindqvist"), (296, "ship", "AB123456785GB"),
         (280, "scan", "in_transit"), (250, "scan", "delivered"), (130, "ask", ""),
         (120, "say", "5|Quick, and packed with care. The blue is lovely.|"), (119, "close", "Mia"),
         (53, "return", "changed_mind|We are one fewer in the office now, so one mug can go to somebody else.|1"),
         (52.4, "allow", "Mia")),
    ),
    Sale(
        290, "Daniel Osei", "daniel.osei@inbox.example", "Order: two dinner plates",
        "Hello,\n\nplease send me 2 x Dinner plate, white.\n\nDaniel Osei\n12 Park Row\nLeeds LS1 5HD\n"
        "United Kingdom\n+44 113 496 0231\n\nRegards,\nDaniel",
        ((289, "quote", "Priya"), (288, "card", "Daniel Osei"), (286, "ship", "CD123456785GB"),
         (270, "scan", "in_transit"), (240, "scan", "delivered"), (118, "ask", ""),
         (20, "say", "2|One plate had a chip at its rim.|A10"),
         (19.8, "return", "damaged|One plate has a chip at its rim. I would rather have my money back.|1")),
    ),
    Sale(
        100, "Aoife Byrne", "aoife.byrne@inbox.example", "A teapot for my mother",
        "Hello,\n\nplease send me 1 x Milk jug, white, 0.3 l and 1 x Gift wrap.\n\nAoife Byrne\n8 Quay Street\n"
        "Belfast BT1 3LG\nUnited Kingdom\n+44 28 9018 0142\n\nThanks,\nAoife",
        ((99, "quote", "Mia"), (98, "card", "Aoife Byrne"), (95, "ship", "EF123456785GB"),
         (90, "scan", "info_received"), (28, "scan", "in_transit"), (4, "scan", "out_for_delivery")),
    ),
    Sale(
        240, "Luc Perrin", "luc.perrin@courrier.example", "Commande : deux tasses blanches",
        "Bonjour,\n\nje voudrais commander 2 x tasse blanche.\n\nLuc Perrin\n5 place Bellecour\n69002 Lyon\nFrance\n"
        "+33 4 72 00 11 42\n\nMerci,\nLuc",
        ((239, "quote", "Priya"), (238, "card", "Luc Perrin"), (235, "ship", "00340434161094022115"),
         (200, "scan", "in_transit"), (26, "scan", "failed_attempt")),
    ),
)  # fmt: skip
ENDING = Sale(
    0, "Callum Reid", "callum.reid@inbox.example", "Plates for the new flat",
    "Hello,\n\nplease send me 2 x Dinner plate, white and 2 x Soup bowl, white.\n\nCallum Reid\n9 Byres Road\n"
    "Glasgow G11 5RG\nUnited Kingdom\n+44 141 496 0777\n\nCheers,\nCallum",
    ((-0.6, "quote", "Priya"),), 200,
)  # fmt: skip
"""its mail comes when a quote of that day is about to end now"""
PARCELS: dict[str, Callable[[Order, str], None]] = {
    "scan": demo_parcels.scan,
    "ask": lambda order, _: demo_parcels.ask(order),
    "say": demo_parcels.say,
    "return": demo_parcels.send_back,
}
"""what carriers, the clock and customers do once a parcel has left"""
ALONE = ("card", "paypal", "accept", *PARCELS)
"""what nobody of the desk does"""
STATEMENT = 33.0
"""hours before now: Ines takes in the bank's file of the last days"""
STRANGE = (("J SMITH", "pottery thank you", "34.00"), ("M OKONKWO", "INV 88-213", "61.50"))
"""money of which nobody can say for what it is"""
OUTGOING = (
    ("Avon Kiln Gas Ltd", "DD 4411 KILN GAS", "-212.40"),
    ("Potter's Row Estates", "RENT NOVEMBER", "-650.00"),
)


class Orders:
    """What was made so far: the order of each sale."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def timeline(self, arrive: Callable[[Sale, float], int]) -> Iterator[tuple[float, Callable[[], None]]]:
        """(hours before now, what happens then), in any order; `arrive` lets a mail come and returns its conversation."""
        ending = quote_that_ends_soon()
        for sale, begins in [*((sale, 0.0) for sale in SALES), (ENDING, ending + 0.6)]:
            yield sale.hours + begins, partial(self._arrives, sale, sale.hours + begins, arrive)
            for hours, verb, words in sale.then:
                yield hours + begins, partial(self._do, sale, hours + begins, verb, words)
        yield STATEMENT, self._statement

    def _arrives(self, sale: Sale, hours: float, arrive: Callable[[Sale, float], int]) -> None:
        conversation = arrive(sale, hours)
        found = db.session.scalars(select(Order.id).where(Order.conversation_id == conversation)).one()
        db.session.rollback()
        self._of[sale.subject] = found

    def _do(self, sale: Sale, hours: float, verb: str, words: str) -> None:
        with clock.pretending(clock.now() - timedelta(hours=hours)):
            begin_write()
            order = db.session.get_one(Order, self._of[sale.subject])
            loading.lock(order)
            by = _person("Tom" if verb == "ship" else words) if verb not in ALONE else None
            with acting_as(f"person:{by.id}" if by else "customer", "demo"):
                if verb in PARCELS:
                    PARCELS[verb](order, words)
                elif by is None:
                    _of_the_customer(order, verb, words)
                elif verb == "ship":
                    demo_parcels.ship(order, by, words)
                else:
                    _of_a_person(order, verb, by, sale.why)
                db.session.commit()
            _deliver()

    def _statement(self) -> None:
        """The bank's file, a row for each transfer, as Ines downloads it."""
        with clock.pretending(clock.now() - timedelta(hours=STATEMENT)):
            day = clock.now() - timedelta(hours=6)
            rows = ["Date,Description,Name,Amount,Currency"]
            for sale in (*SALES, ENDING):
                quote = quoting.live(self._of[sale.subject]) if sale.subject in self._of else None
                if sale.money is not None and quote is not None:
                    paid = (quote.total_minor + sale.money) / 100
                    rows.append(f"{day:%d/%m/%Y},{quote.reference},{sale.name},{paid:.2f},GBP")
            rows += [
                f"{day:%d/%m/%Y},{text},{name},{amount},GBP" for name, text, amount in STRANGE + OUTGOING
            ]
            ines = _person("Ines")
            planned = importing.plan(("\r\n".join(rows) + "\r\n").encode(), f"statement-{day:%Y-%m-%d}.csv")
            with acting_as(f"person:{ines.id}", "demo"):
                importing.take_in(planned, by=ines)
            _deliver()


def quote_that_ends_soon() -> float:
    """How many hours ago a quote was sent that ends next, but not within the next two hours."""
    now, hours = clock.now(), 240.0
    while quoting.end_of(now - timedelta(hours=hours)) < now + timedelta(hours=2):
        hours -= 3
    return hours


def _of_the_customer(order: Order, way: str, name: str) -> None:
    quote = _live(order)
    if way == "accept":
        quoting.accept(quote, at=clock.now())
        return
    payment, _ = taking.take(
        "stripe" if way == "card" else way,
        f"demo_{quote.reference}",
        amount_minor=quote.total_minor,
        currency=quote.currency,
        received_at=clock.now(),
        payer_name=name,
        payer_account=order.email,
        text=quoting.name(quote),
        origin=taking.Origin(quote_id=quote.id),
    )
    settling.settle(payment)


def _of_a_person(order: Order, verb: str, by: Person, why: str) -> None:
    c = db.session.get_one(Conversation, order.conversation_id)
    if verb == "quote":
        conversing.assign([c], to=by, by=by)
        lines.accept_all(order, by=by)
        acting.verify(order, by=by)
        _send_quote(order, c, by)
    elif verb == "credit":
        quote = _live(order)
        payment, _ = taking.take(
            "hand",
            f"demo_{quote.reference}",
            amount_minor=PART,
            currency=quote.currency,
            received_at=clock.now(),
            payer_name=order.ship_name or "",
            text=quoting.name(quote),
            note="Her credit for the bowl that broke on its way in September",
            origin=taking.Origin(entered_by=by),
        )
        settling.settle(payment)
        settling.allocate(payment, quote, PART, by=by)
    elif verb == "close":
        conversing.close([c], by=by)
    elif verb == "allow":
        (back,) = requesting.of(order.id)
        deciding.approve(back, by=by)
    elif verb == "cancel":
        acting.cancel(order, reason=why, by=by)
    elif verb == "refund":
        quote = db.session.scalars(
            select(Quote).where(Quote.order_id == order.id, Quote.state == "paid")
        ).one()
        paid = select(Payment).join(Allocation, Allocation.payment_id == Payment.id)
        payment = db.session.scalars(paid.where(Allocation.quote_id == quote.id)).one()
        refunding.request(payment, quote.total_minor, reason=f"Cancelled: {why}", by=by, quote=quote)
    else:
        refunding.mark_done(
            db.session.scalars(select(Refund).where(Refund.order_id == order.id)).one(), by=by
        )


def _send_quote(order: Order, c: Conversation, by: Person) -> None:
    """As the composer sends it: the template's words, drawn up, checked, held and queued in one transaction."""
    preview = quote_preview.preview(order)
    template, mail = quote_letter.rendered(order, preview.content, preview.ends_at, contact=store().contact)
    written = drafting.Written(to=order.email, subject=mail.subject, text=mail.text.rstrip())
    draft = drafting.save(c, person_id=by.id, kind="reply", written=written, based_on_id=c.last_inbound_id)
    draft.order_id, draft.purpose, draft.template = order.id, "quote", template.reference
    quoting.draft(order, by=by)
    sending.send(c, draft, by=by, after="wait", confirmed=True)


def _live(order: Order) -> Quote:
    found = quoting.live(order.id)
    if found is None:
        raise LookupError(f"order {order.number} has no quote that can be paid")
    return found


def _person(name: str) -> Person:
    found: Person = db.session.scalars(select(Person).where(Person.name.startswith(name))).one()
    return found


def _deliver() -> None:
    """What was queued leaves half a minute later."""
    waiting = db.session.scalars(select(OutboundMail.id).where(OutboundMail.state == "queued")).all()
    db.session.rollback()
    with clock.pretending(clock.now() + timedelta(seconds=30)):
        for outbound_id in waiting:
            delivery.deliver(outbound_id)
