"""How the record keeps its most frequent words: a mark in the database, the word everywhere else.

Kinds, sorts of things and the keys of what changed are written with every event, and a few dozen of them make nearly the
whole record. The hash chain, exports and every page see the words. A word without a mark stands as it is, so a list here
is never complete and need not be. Marks that were given stay: entries are added at the end, never moved or removed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, Text, or_, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

COMMON = (
    "message.received", "message.queued", "mail.sent", "message.read", "conversation.answer", "conversation.receive",
    "conversation.close",
)  # fmt: skip
"""kinds of which every mail makes one; their marks are single digits, and the index of kinds leaves them out"""
FREQUENT = (
    "order.drafted", "order.lines_accepted", "order.verified", "order.quoted", "order.paid", "order.packed", "order.shipped",
    "order.delivered", "order.mailed", "order.asked", "order.cancelled", "order.completed", "quote.drafted", "quote.sent",
    "quote.paid", "payment.received", "payment.allocation", "payment.allocated", "conversation.quote_sent",
    "conversation.payment_used", "conversation.assigned", "conversation.reopen", "stock.receive", "stock.hold", "stock.release",
    "stock.commit", "stock.ship", "parcel.packed", "parcel.tracked", "parcel.labelled", "customer.learned",
    "customer_link.issued", "customer_link.opened", "message.trouble", "mail.failed", "product.created", "product.changed",
)  # fmt: skip
"""further kinds, marked A, B, …, AA, AB, …"""
THINGS = (
    "conversation", "message", "order", "customer", "product", "outbound_mail", "quote", "payment", "shipment", "customer_link",
    "person",
)  # fmt: skip
"""what events are about, marked 0, 1, …, A, …"""
PHRASES = (
    '"conversation":', '"message":', '"order":', '"quote":', '"outbound":', '"raw":', '"kind":"letter"', '"reason":"First message"',
    '"reason":"', '"then":"wait"', '"then":"', '"state":"open"', '"state":"waiting"', '"state":"closed"', '"state":"', '"number":',
    '"version":', '"count":', '"minor":', '"currency":"', '"fields":[', '"message_id":"', '"response":"', '"attempts":', '"seconds":',
    '"lines":', '"addresses":', '"gaps":', '"milliseconds":', '"purpose":"', '"milestone":"',
)  # fmt: skip
"""pieces of the JSON of what changed, in the order in which they are looked for; marked by the 31 control characters, none
of which JSON holds as it is"""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _letters(number: int) -> str:
    high, low = divmod(number, len(_LETTERS))
    return (_LETTERS[high - 1] if high else "") + _LETTERS[low]


class _Shorthand(TypeDecorator[str]):
    """A word that the database keeps as its mark, if it has one."""

    impl: Any = String
    cache_ok = True
    marks: dict[str, str]
    words: dict[str, str]

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.marks.get(value, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words.get(value, value)


def _digits(words: Sequence[str]) -> dict[str, str]:
    return {word: str(n) if n < 10 else _letters(n - 10) for n, word in enumerate(words)}


class Kind(_Shorthand):
    """The kind of an event: 'message.received'."""

    impl = String(60)
    cache_ok = True
    marks = _digits(COMMON) | {word: _letters(n) for n, word in enumerate(FREQUENT)}
    words = {mark: word for word, mark in marks.items()}


class SubjectType(_Shorthand):
    """What an event is about: 'order'."""

    impl = String(40)
    cache_ok = True
    marks = _digits(THINGS)
    words = {mark: word for word, mark in marks.items()}


class Actor(TypeDecorator[str]):
    """Who did it: the desk is '-', and of 'person:3' the number stands."""

    impl = String(120)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else actor_mark(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return "desk" if value == DESK else PERSON + value if value.isdecimal() else value


DESK, PERSON = "-", "person:"


def actor_mark(actor: str) -> str:
    """An actor as the database keeps it."""
    number = actor.removeprefix(PERSON)
    return DESK if actor == "desk" else number if number.isdecimal() else actor


_MARKED = [(phrase, chr(n)) for n, phrase in enumerate(PHRASES, 1)]


class Told(TypeDecorator[dict[str, Any]]):
    """What was before and after an event, as JSON with marks; nothing for None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else marked(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """Raises ValueError where somebody put there by hand what is no JSON."""
        if value is None:
            return None
        for phrase, mark in _MARKED:
            if mark in value:
                value = value.replace(mark, phrase)
        found: dict[str, Any] = json.loads(value)
        return found


def marked(text: str) -> str:
    """A JSON text with its phrases as marks."""
    for phrase, mark in _MARKED:
        if phrase in text:
            text = text.replace(phrase, mark)
    return text


def kind_holds(kind: Any, word: str) -> ColumnElement[bool]:
    """Whether a column of kinds holds a word, in whatever case: those that have marks are looked through here."""
    named = [mark for known, mark in Kind.marks.items() if word.casefold() in known]
    raw = type_coerce(kind, Text)
    return or_(raw.in_(named), raw.not_in(list(Kind.words)) & raw.icontains(word, autoescape=True))


def actor_holds(actor: Any, word: str) -> ColumnElement[bool]:
    """Whether a column of actors holds a word, in whatever case."""
    raw, word = type_coerce(actor, Text), word.casefold()
    found: list[ColumnElement[bool]] = [(raw != DESK) & raw.icontains(word, autoescape=True)]
    if word in "desk":
        found.append(raw == DESK)
    if word in PERSON:
        found.append((raw >= "0") & (raw < "a"))
    begins, colon, number = word.partition(":")
    if colon and PERSON.endswith(begins + colon) and number:
        found.append(raw.startswith(number, autoescape=True))
    return or_(*found)


def told_holds(told: Any, word: str) -> ColumnElement[bool]:
    """Whether what was told holds a word: as it stands, or within a phrase that has a mark."""
    raw = type_coerce(told, Text)
    named = [mark for phrase, mark in _MARKED if word.casefold() in phrase.casefold()]
    return or_(raw.icontains(word, autoescape=True), *(raw.contains(mark) for mark in named))
