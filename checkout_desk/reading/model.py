"""What goes into a reading and what comes out of it, as plain frozen data (SPEC section 10).

Spans are `(start, end)` in the text of their `source`: `body` is the fresh text, any other source is the name of an
attached message or file, or `subject`. A value without a span comes from a header or was inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "order", "inquiry", "payment_notice", "return_request", "bounce", "auto_reply", "spam", "other"
]
Role = Literal["new", "update"]
Span = tuple[int, int]

BAR = 0.8
"""the confidence below which a line waits for a person"""


@dataclass(frozen=True, slots=True)
class Attached:
    """An attached message or text file: its name, its text, who wrote it and to whom, as far as that is known."""

    source: str
    text: str
    sender_name: str = ""
    sender_email: str = ""
    is_message: bool = True
    sent_to: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ReadingInput:
    """One mail as plain data.

    `body` is the fresh text: own words and forwarded mail, no quotes, no signature. `forwarded` are the ranges of it
    that somebody else wrote. `signature` and `quoted` are what was cut off: they never add a line, but a phone number,
    an address, or what was ordered before may stand there. `screened` is what the headers alone say of the mail.
    """

    body: str
    subject: str = ""
    from_name: str = ""
    from_email: str = ""
    reply_to: tuple[tuple[str, str], ...] = ()
    forwarded: tuple[Span, ...] = ()
    signature: str = ""
    quoted: str = ""
    attached: tuple[Attached, ...] = ()
    is_reply: bool = False
    screened: Literal["letter", "bounce", "auto_reply", "list", "own"] = "letter"
    below: tuple[tuple[int, int, str], ...] = ()
    """(start, end, quoted): what of `body` stands right below quoted words, such as an answer below its question"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One detail that we asked the customer for and that is open still. `gap` is a word of SPEC section 10.

    `question` is the sentence that asked, `number` its number among several (0: none). A gap of a line names that line
    by `line`; `words` are the customer's for it, `sku` its product, `candidates` the products that it may mean in the
    order in which they were shown, `prices` theirs ("42.00").
    """

    gap: str
    question: str = ""
    number: int = 0
    line: int = 0
    words: str = ""
    sku: str = ""
    candidates: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownThread:
    """What the conversation knew before this mail: quantities by SKU, and which details are there already.

    `asked` is what we asked for and still lack; `country` and `city` are where the parcel goes as far as that is known.
    """

    lines: Mapping[str, int | None] = field(default_factory=dict)
    has_address: bool = False
    has_phone: bool = False
    asked: tuple[Asked, ...] = ()
    country: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One detail: what it says, where it stands, by which rule it was found, how certain that is."""

    text: str
    rule: str
    confidence: float
    source: str = "body"
    span: Span | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One product that is ordered. `quantity` None: not said, or said in a way that cannot be counted."""

    sku: str
    quantity: int | None
    text: str
    span: Span
    source: str
    confidence: float
    rule: str

    @property
    def needs_review(self) -> bool:
        return self.confidence < BAR


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Words that fit several products."""

    text: str
    quantity: int | None
    candidates: tuple[str, ...]
    span: Span
    source: str
    rule: str = "several-products"
    confidence: float = 0.9


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Words that order something which the catalogue does not have."""

    text: str
    quantity: int | None
    span: Span
    source: str
    rule: str = "unknown-product"
    confidence: float = 0.7


@dataclass(frozen=True, slots=True)
class Customer:
    """Who orders."""

    name: Value | None = None
    email: Value | None = None
    phone: Value | None = None


@dataclass(frozen=True, slots=True)
class ShipTo:
    """Where the parcel goes. `country` is an ISO 3166 code and may be inferred."""

    name: Value | None = None
    line1: Value | None = None
    line2: Value | None = None
    city: Value | None = None
    region: Value | None = None
    postcode: Value | None = None
    country: Value | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of one mail."""

    kind: Kind
    role: Role = "new"
    lines: tuple[Line, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    customer: Customer = Customer()
    ship_to: ShipTo | None = None
    gaps: tuple[str, ...] = ()
    wish: Value | None = None
    """for the delivery: 'leave it with the neighbour'"""
