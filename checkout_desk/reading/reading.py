"""Reads one mail: `read(letter, catalogue, …) -> Reading`. Pure; the same mail gives the same reading.

The order of work: canonical text, zones, address and phone, what is no quantity, tables, sentences, later ones win, gaps.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from checkout_desk.reading import answers, covering, cues, kinds, people, questions, wishes
from checkout_desk.reading.canonical import Canon, fold
from checkout_desk.reading.catalogue import Catalogue
from checkout_desk.reading.covering import overlaid, points_below
from checkout_desk.reading.forwards import other_texts
from checkout_desk.reading.gaps import find_gaps
from checkout_desk.reading.languages import language_of
from checkout_desk.reading.masking import without
from checkout_desk.reading.merging import Found
from checkout_desk.reading.model import (
    Customer,
    KnownThread,
    Reading,
    ReadingInput,
    Role,
    ShipTo,
    Span,
    Value,
)
from checkout_desk.reading.phones import find_phone
from checkout_desk.reading.texts import Text, default_language, look_around, order_of
from checkout_desk.reading.wrapping import rewrapped

_BARE_NUMBER = re.compile(r"\W{0,3}\d{1,4}\b\W*(?:please|bitte|svp|por favor|per favore|graag)?\W*")
_COSTS = re.compile(
    r"\b(?:costs?|kost(?:et|en)?|cout(?:e|ent)|cuestan?|custam?|costan?o?|is priced|(?:have|haben wir|hebben we|avons|tenemos|temos|abbiamo) [^.!?\n]{0,12}(?:in|en|em))\b"
)
_QUOTE_LINE = re.compile(r"^[ ]?>[^\n]*", re.MULTILINE)


def read(
    letter: ReadingInput,
    catalogue: Catalogue,
    *,
    store_addresses: Collection[str] = (),
    country: str = "",
    known_thread: KnownThread | None = None,
    ask_phone: bool = True,
) -> Reading:
    """Read what one mail orders.

    `store_addresses` are our own addresses: mail from them is a relay's or a colleague's. `country` is where the store is
    (ISO 3166), for phone numbers and addresses that name none. `known_thread` is what the conversation knew before; with
    it, or where the quoted text shows an order, the mail is an update. Never raises for any text.
    """
    store = frozenset(address.casefold() for address in store_addresses)
    settled = kinds.headers_kind(letter)
    own_text, forwarded_text = _zones(letter)
    whole = own_text
    typed = known_thread is None or not known_thread.asked
    asked = questions.asked_in(letter.below, catalogue) if letter.is_reply and typed else ()
    if letter.is_reply:
        whole = _QUOTE_LINE.sub(lambda match: " " * len(match[0]), own_text)
        own_text = without(own_text, _bare_answers(letter, known_thread))
        own_text = _QUOTE_LINE.sub(lambda match: " " * len(match[0]), own_text)
    own_text = rewrapped(own_text)
    body = Text(Canon(own_text), "body", language_of(Canon(own_text).low, default=default_language(country)))
    if settled:
        name, email = people.sender(letter, body.canon, store=store, address_name=None)
        return Reading(settled, customer=Customer(name, email))
    known = known_thread or _thread_of(letter, catalogue)
    role: Role = "update" if known is not None or _is_change(letter, body.canon.low) else "new"
    look_around(body, country)
    answered = _answered(letter, body, known, catalogue, country) if known and known.asked else None
    if asked and answered is None:
        given = replace(known or KnownThread(has_address=True, has_phone=True), asked=asked)
        if answered := _answered_below(
            letter, Text(Canon(whole), "body", body.language), given, catalogue, country
        ):
            known, role = given, "update"
    if answered:
        phone = body.phone
        body = Text(Canon(without(own_text, answered.spans)), "body", body.language)
        look_around(body, country)
        body.phone = body.phone or phone
    found = (
        Found()
        if letter.screened == "list"
        else order_of(
            body, catalogue, role=role, known=known, names=(letter.from_name,), subject=letter.subject
        )
    )
    if known and known.lines and role == "update":
        found = covering.without_all(found, body.canon, known.lines, letter.subject)
    writer: tuple[str, str] | None = None
    if not found and role == "new" and letter.screened != "list":
        for other, sender in other_texts(letter, forwarded_text, country, store):
            look_around(other, country)
            more = order_of(other, catalogue, role=role, known=None, names=(sender[0],))
            if more or (other.address and not body.address):
                if more.lines and changes_something(body.canon.low):
                    more = _changed(body, more, catalogue)
                found, writer = more, sender
                body = _joined(other, body)
                break
    elif found and role == "new" and forwarded_text.strip() and points_below(body.canon.low):
        for other, _ in other_texts(letter, forwarded_text, country, store)[:1]:
            look_around(other, country)
            listed = order_of(other, catalogue, role=role, known=None)
            if listed.lines:
                found, body.phone = _changed(body, listed, catalogue), body.phone or other.phone
    if not found and role == "new" and not letter.is_reply and letter.screened != "list":
        found = _subject_order(letter, catalogue, body, found.loose)
    reading = _conclude(
        letter, body, found, writer, store=store, country=country, role=role, known=known, ask_phone=ask_phone
    )
    if reading.kind == "order" or known is not None:
        wish = wishes.find(body.canon, language=body.language, source=body.source, places=body.places)
        reading = replace(reading, wish=wish)
    return _with_answers(reading, answered) if answered else reading


def _changed(body: Text, listed: Found, catalogue: Catalogue) -> Found:
    """A forwarded list with what the words above it change: 'skip the kite'."""
    lines = {line.sku: line.quantity for line in listed.lines}
    return overlaid(
        listed, order_of(body, catalogue, role="update", known=KnownThread(lines, has_address=True))
    )


def _answered(
    letter: ReadingInput, body: Text, known: KnownThread, catalogue: Catalogue, country: str
) -> answers.Answers | None:
    """The bare answers of a mail; a phone number and a whole address are read as such wherever they stand."""
    if body.phone is None and known.country:
        body.phone = find_phone(body.canon, source="body", country=known.country)
    whole = body.address is not None and None not in (body.address.line1, body.address.city)
    phone = [body.phone.span] if body.phone and body.phone.span and body.canon.in_place else []
    return answers.read(
        body.canon, known, catalogue, language=body.language, country=country, below=letter.below,
        names=(letter.from_name,), busy=[*(body.places if whole else ()), *phone], addressed=body.address is not None,
    )  # fmt: skip


def _answered_below(
    letter: ReadingInput, body: Text, given: KnownThread, catalogue: Catalogue, country: str
) -> answers.Answers | None:
    """What stands below questions that a person of the shop typed; `body` still has its bare numbers."""
    look_around(body, country)
    return questions.doubted(_answered(letter, body, given, catalogue, country))


def _with_answers(reading: Reading, answered: answers.Answers) -> Reading:
    """A reading with the bare answers in it. What else the mail says of the same product goes first."""
    if reading.kind not in ("order", "inquiry", "other"):
        return reading
    named = {line.sku for line in reading.lines}
    ship = reading.ship_to or (ShipTo() if answered.parts else None)
    if ship is not None:
        missing = {part: value for part, value in answered.parts.items() if getattr(ship, part) is None}
        said = {
            part for part, value in answered.parts.items() if (was := getattr(ship, part)) and was.inferred
        }
        ship = replace(ship, **missing, **{part: answered.parts[part] for part in said})
    return replace(
        reading,
        kind="order",
        role="update",
        lines=(*reading.lines, *(line for line in answered.lines if line.sku not in named)),
        ambiguous=(*reading.ambiguous, *answered.ambiguous),
        unmatched=(*reading.unmatched, *answered.unmatched),
        ship_to=ship,
        gaps=tuple(dict.fromkeys((*reading.gaps, *answered.left)))
        if reading.kind == "order"
        else answered.left,
    )


def _bare_answers(letter: ReadingInput, known: KnownThread | None) -> list[Span]:
    """Bare numbers right below a question that we asked: they count nothing by themselves, and `answers` reads its own."""
    if known is not None and known.asked:
        return []
    below = [(start, end) for start, end, quoted in letter.below if "?" in quoted]
    return [span for span in below if _BARE_NUMBER.fullmatch(letter.body[slice(*span)].strip())]


def _zones(letter: ReadingInput) -> tuple[str, str]:
    """The body with what others wrote blanked out, and the reverse: both as long as the body, so that spans hold."""
    if not letter.forwarded:
        return letter.body, ""
    own = without(letter.body, list(letter.forwarded))
    gaps, at = [], 0
    for start, end in letter.forwarded:
        gaps.append((at, start))
        at = end
    return own, without(letter.body, [*gaps, (at, len(letter.body))])


def _thread_of(letter: ReadingInput, catalogue: Catalogue) -> KnownThread | None:
    """What a quoted order shows: only beside words of change, since newsletters are quoted as well."""
    low = Canon(letter.body).low
    if not letter.is_reply or not letter.quoted or not changes_something(low):
        return None
    canon = Canon(letter.quoted.replace("\n>", "\n ").removeprefix(">"))
    text = Text(canon, "quoted", language_of(canon.low))
    look_around(text, "")
    found = order_of(text, catalogue, role="new", known=None)
    if _COSTS.search(canon.low) and not cues.ORDER_SAID.search(canon.low):
        return (
            None  # "the rug comes in 125 cm (79), the bucket costs 11": told what there is, nothing ordered
        )
    return (
        KnownThread({line.sku: line.quantity for line in found.lines}, has_address=True, has_phone=True)
        if found
        else None
    )


def changes_something(low: str) -> bool:
    """Whether a folded text has words by which people change an order that they gave before."""
    return (
        cues.CORRECTION.search(low) is not None
        or cues.WITHOUT.search(low) is not None
        or cues.ADDITION.search(low) is not None
    )


def _is_change(letter: ReadingInput, low: str) -> bool:
    """A reply about an order that has a number, with words of change, or answers below what was asked about one."""
    if letter.is_reply and any(
        "?" in quoted and cues.ORDER_SAID.search(fold(quoted)) for *_, quoted in letter.below
    ):
        return True
    return (
        letter.is_reply
        and changes_something(low)
        and any(c.isdigit() for c in letter.subject)
        and cues.ORDER.search(letter.subject.casefold()) is not None
    )


def _joined(other: Text, body: Text) -> Text:
    """The text that orders, with the address and phone of the covering words where it has none."""
    if other.address is None:
        other.address = body.address
    other.phone = other.phone or body.phone
    return other


def _subject_order(letter: ReadingInput, catalogue: Catalogue, body: Text, loose: list[int | None]) -> Found:
    """An order that stands in the subject alone; only with a number, and only where the text does not ask.

    The number may stand in the text, as in "I'll take one", and none is needed where the text points to the subject.
    """
    pointed = cues.AS_SUBJECT.search(body.canon.low) is not None
    if not letter.subject or (
        not pointed
        and (
            cues.ASK_STRICT.search(body.canon.low)
            or cues.PAST.search(body.canon.low)
            or cues.RETURN.search(body.canon.low)
        )
    ):
        return Found()
    text = Text(Canon(letter.subject[:300]), "subject", body.language)
    found = order_of(text, catalogue, role="new", known=None)
    if pointed:
        return found
    if len(loose) == 1 and len(found.lines) == 1 and found.lines[0].quantity is None:
        line = replace(found.lines[0], quantity=loose[0], rule="said-in-the-text")
        return Found([replace(line, confidence=min(line.confidence, 0.85))])
    return Found(
        [line for line in found.lines if line.quantity is not None and line.rule.startswith("quantity")],
    )


def _conclude(
    letter: ReadingInput, body: Text, found: Found, writer: tuple[str, str] | None, *, store: frozenset[str], country: str,
    role: Role, known: KnownThread | None, ask_phone: bool,
) -> Reading:  # fmt: skip
    canon = body.canon
    clear = any(line.rule.startswith(("table", "taken")) or line.confidence >= 0.75 for line in found.lines)
    clear = clear or bool(found.ambiguous or found.unmatched)
    words = without(canon.low, sorted(body.places))  # Aled Price of Wonder Street asks nothing
    asks = cues.ASK.search(words) is not None or cues.DOCUMENT.search(words) is not None
    change = role == "update"
    if not change and cues.RETURN.search(canon.low) and not (found.ambiguous or found.unmatched):
        clear = clear and any(line.quantity for line in found.lines)
        if not any(line.quantity for line in found.lines):
            found = Found()  # what comes back is named, not ordered
    kind = kinds.words_kind(letter, canon.low, ordered=bool(found), clear=clear, asks=asks, update=change)
    if kind == "other" and known is not None and (body.address or body.phone):
        kind = "order"  # an answer to what was asked: the details of an order that the thread has
    name, email = people.sender(letter, canon, store=store, address_name=body.name)
    if writer and (writer[1] or writer[0]):
        name = Value(writer[0], "forwarded-from", 0.9, "header") if writer[0] else name
        email = Value(writer[1], "forwarded-from", 0.9, "header") if writer[1] else email
    phone = body.phone
    address = body.address
    if letter.signature and (phone is None or address is None):
        phone, address = _from_signature(letter, body, phone, address, country)
    customer = Customer(name, email, phone)
    if address and address.name is None and name is not None:
        address = replace(address, name=replace(name, rule="customer-name", inferred=True))
    if kind != "order":
        return Reading(kind, "new", customer=customer, ship_to=None if kind in ("spam", "other") else address)
    gaps = find_gaps(found, customer, address, role=role, known=known, phone=ask_phone)
    return Reading(
        kind,
        role,
        tuple(found.lines),
        tuple(found.ambiguous),
        tuple(found.unmatched),
        customer,
        address,
        gaps,
    )


def _from_signature(
    letter: ReadingInput, body: Text, phone: Value | None, address: ShipTo | None, country: str
) -> tuple[Value | None, ShipTo | None]:
    """A phone number or an address from below the signature line, where the text itself gives none."""
    text = Text(Canon(letter.signature), "signature", body.language)
    look_around(text, country)
    if address is None and text.address and text.address.line1 and text.address.postcode:
        address = text.address
    return phone or text.phone, address
