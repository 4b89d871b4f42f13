"""Making the Reading of an understood mail: without the write lock, against the order that its conversation has."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, bindparam, select

from checkout_desk import clock, money
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.threading import place
from checkout_desk.correspondence import questions
from checkout_desk.extensions import db
from checkout_desk.intake.reading_letters import text_input
from checkout_desk.intake.rules import Rules
from checkout_desk.intake.texts import placed
from checkout_desk.intake.understanding import Understood
from checkout_desk.mail.zones import Zone
from checkout_desk.orders import questioning
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.next_action import OPEN
from checkout_desk.reading import cues, ending, kinds
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.languages import language_of
from checkout_desk.reading.model import (
    Ambiguous,
    Asked,
    KnownThread,
    Line,
    Reading,
    ReadingInput,
    Unmatched,
    Value,
)
from checkout_desk.reading.reading import changes_something, read


@dataclass(frozen=True, slots=True)
class Thread:
    """The order that a conversation is about, as far as reading the next mail depends on it."""

    order_id: int
    open: bool
    """it is still being put together, so that what comes belongs to it"""
    known: KnownThread


@dataclass(frozen=True, slots=True)
class Made:
    """One Reading with what filing needs of it. Its spans of source 'body' count in the message's text."""

    reading: Reading
    language: str = ""
    """'' where nothing tells"""
    milliseconds: float = 0.0
    asks: bool = True
    """there is more in it than an order or an answer: it wants words"""
    thread: Thread | None = None
    """the order that it was read for"""
    cancels: tuple[int, ...] | None = None
    """what may be order numbers in a mail that asks to cancel an order; None where it does not"""


_C: Any = Conversation.__table__
_O: Any = Order.__table__
_L: Any = OrderLine.__table__
_THREAD = (
    select(
        _O.c.id,
        _O.c.state,
        _O.c.phone,
        _O.c.ship_line1,
        _O.c.ship_city,
        _O.c.ship_postcode,
        _O.c.ship_country,
        _O.c.asked,
        Product.sku,
        _L.c.quantity,
    )
    .select_from(_C)
    .join(_O, _O.c.id == _C.c.order_id)
    .outerjoin(_L, and_(_L.c.order_id == _O.c.id, _L.c.removed_at.is_(None)))
    .outerjoin(Product, Product.id == _L.c.product_id)
    .where(_C.c.id == bindparam("conversation"))
    .order_by(_L.c.position, _L.c.id)
)


def thread_of(conversation_id: int) -> Thread | None:
    """The order that the conversation's row shows, or None. One query, and five more where an answer is awaited."""
    rows = db.session.connection().execute(_THREAD, {"conversation": conversation_id}).all()
    if not rows:
        return None
    first = rows[0]
    known = KnownThread(
        {row.sku: row.quantity for row in rows if row.sku},
        has_address=bool(first.ship_line1 or first.ship_city or first.ship_postcode),
        has_phone=bool(first.phone),
        asked=_asked(first.id) if first.asked and first.state in OPEN else (),
        country=first.ship_country,
        city=first.ship_city,
    )
    return Thread(first.id, first.state in OPEN, known)


def _asked(order_id: int) -> tuple[Asked, ...]:
    """What we asked the customer of an order and do not know yet, as our question put it."""
    order = db.session.get_one(Order, order_id, populate_existing=True)
    o = questioning.opened(order)
    asked = [(entry["gap"], entry.get("line")) for entry in order.asked]
    last = order.asked[-1]["at"]
    together = [(e["gap"], e.get("line")) for e in order.asked if e["at"] == last]
    found = []
    for gap, question in zip(o.gaps, questioning.asked(o), strict=True):
        place = (gap.name, gap.line_id)
        if place not in asked:
            continue
        line = o.line(gap.line_id)
        product = o.products.get(line.product_id) if line and line.product_id else None
        fitting = [o.products[n] for n in line.candidates if n in o.products] if line else []
        fitting = [each for each in fitting if each.active and product is None]
        found.append(
            Asked(
                gap.name,
                questions.sentence(question, o.language).partition("\n")[0],
                number=together.index(place) + 1 if place in together and len(together) > 1 else 0,
                line=gap.line_id or 0,
                words=line.text if line else "",
                sku=product.sku if product else "",
                candidates=tuple(each.sku for each in fitting),
                prices=tuple(money.plain(each.price_minor, each.currency) for each in fitting),
            )
        )
    return tuple(found)


def make(u: Understood, *, envelope_to: str | None, rule: Rules) -> Made | None:
    """The Reading of a mail, or None for what a machine sent. Ends the read transaction that it opens.

    Where the mail seems to belong is looked up first; whoever files it compares (`again`).
    """
    if not readable(u):
        return None
    if rule.prepared is None:
        return read_for(u, None, rule=rule)
    spot = place(u.letter, envelope_to=envelope_to, customer_id=None, received_at=clock.now())
    thread = thread_of(spot.conversation_id) if spot.conversation_id else None
    db.session.rollback()
    return read_for(u, thread, rule=rule)


def again(made: Made | None, u: Understood, conversation_id: int | None, *, rule: Rules) -> Made | None:
    """The same Reading, or a new one where the conversation that the mail goes to is about something else by now."""
    if made is None or rule.prepared is None:
        return made
    thread = thread_of(conversation_id) if conversation_id else None
    return made if thread == made.thread else read_for(u, thread, rule=rule)


def readable(u: Understood) -> bool:
    """Whether a person wrote it, as far as screening can tell."""
    return u.letter.readable and u.verdict.kind == "letter"


def read_for(u: Understood, thread: Thread | None, *, rule: Rules) -> Made:
    """Read one mail against the order of its conversation. No database; a store without products gets the kind alone."""
    began = time.perf_counter()
    zones = [Zone(*zone) for zone in u.zones] if u.zones else [Zone("own", 0, len(u.text))]  # type: ignore[arg-type]
    given, words = text_input(u.letter, u.text, zones, screened="letter", attached=rule.prepared is not None)
    own = Canon(given.body)
    language = language_of(own.low, default="")
    if rule.prepared is None:
        return Made(Reading(kinds.kind_alone(given, own)), language)
    reading = _for_form(u, _read(given, own, thread, rule))
    taken = 1000 * (time.perf_counter() - began)
    gone = ending.numbers(given.body, given.subject) if ending.cancels(given.body, given.subject) else None
    return Made(
        placed(reading, words), language, taken, asks_more(given, reading), thread,
        None if gone is None else tuple(gone),
    )  # fmt: skip


def _read(given: ReadingInput, own: Canon, thread: Thread | None, rule: Rules) -> Reading:
    """In a conversation whose order is settled, a mail that orders without words of change orders once more."""
    prepared = rule.prepared
    assert prepared is not None

    def for_(known: KnownThread | None) -> Reading:
        return read(
            given,
            prepared.catalogue,
            store_addresses=rule.own_addresses,
            country=rule.country,
            known_thread=known,
            ask_phone=rule.ask_phone,
        )

    if thread is None:
        return for_(None)
    if not thread.open and not changes_something(own.low):
        alone = for_(None)
        if (
            alone.kind == "order"
            and alone.role == "new"
            and (alone.lines or alone.ambiguous or alone.unmatched)
        ):
            return alone
    return for_(thread.known)


def _for_form(u: Understood, reading: Reading) -> Reading:
    """The person behind a contact form is the customer, whatever the form's own address looks like."""
    person, said = u.form_for, reading.customer.email
    if person is None or (said is not None and said.text.casefold() == person.key):
        return reading
    name = reading.customer.name
    if person.name and (name is None or name.rule == "from-header"):
        name = Value(person.name, "reply-to", 0.9, "header")
    elif name is not None and name.rule == "from-header":
        name = None
    email = Value(person.email, "reply-to", 0.95, "header")
    return replace(reading, customer=replace(reading.customer, name=name, email=email))


_SENTENCE = re.compile(r"[^.!?？。\n]{1,400}[?？]")
_SEEN = re.compile(r"\b(?:confirm|bestatig|confirme|confirma|bevestig)\w*")


def asks_more(given: ReadingInput, reading: Reading) -> bool:
    """Whether a mail wants words besides what is done with its order: any kind but an order, or a question in one.

    A question that holds what is ordered ("could you send me two mugs?") is an order; one that wants it confirmed is
    answered by the order's own mails.
    """
    if reading.kind != "order":
        return True
    items: tuple[Line | Ambiguous | Unmatched, ...]
    items = (*reading.lines, *reading.ambiguous, *reading.unmatched)
    ordered = [item.span for item in items if item.source == "body"]
    canon = Canon(given.body)
    for found in _SENTENCE.finditer(canon.low):
        start, end = canon.span(*found.span())
        if any(a < end and start < b for a, b in (*ordered, *given.forwarded)):
            continue
        if cues.POLITE.search(found[0]) and not cues.ASK.search(found[0]):
            continue
        if not _SEEN.search(found[0]):
            return True
    return False
