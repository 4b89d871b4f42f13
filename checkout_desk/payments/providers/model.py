"""What providers are asked and what they say, in words that are the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from checkout_desk.payments.answers import Answer
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod


class ProviderFault(Exception):
    """The provider did not do what was asked; the message is a sentence for a person, without secrets."""


class Unreachable(ProviderFault):
    """No answer. `asked` is False where the request surely never left."""

    def __init__(self, words: str, *, asked: bool) -> None:
        super().__init__(words)
        self.asked = asked


class Forged(Exception):
    """A web hook's signature is missing, wrong or old."""


class Untimely(Forged):
    """A web hook's signature is right, and its time is too far from ours: it is old, or a clock is wrong."""


class Foreign(Exception):
    """A web hook is signed rightly, but speaks of another account or mode."""


@dataclass(frozen=True, slots=True)
class Access:
    """A payment method with its keys in clear, readable without the database. Never for a page, an event or a log."""

    method_id: int
    kind: str
    live: bool
    base: str
    """where its API is, without a slash at the end"""
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


def access(method: PaymentMethod) -> Access:
    """How to reach the provider of a method. Raises ProviderFault where keys are missing or cannot be read."""
    mode = "live" if method.settings.get("mode") == "live" else "sandbox"
    missing = methods.lacks(method)
    if missing:
        raise ProviderFault(missing)
    base = method.settings.get("api_base") or methods.API[method.kind, mode]
    return Access(
        method.id,
        method.kind,
        mode == "live",
        str(base).rstrip("/"),
        dict(method.settings),
        methods.secrets(method),
    )


@dataclass(frozen=True, slots=True)
class LinkErrand:
    """A page on which exactly this amount can be paid for one version of a quote."""

    link_id: int
    quote_id: int
    name: str
    """1042-Q2"""
    reference: str
    """what a bank transfer would name; the payment carries it too"""
    amount_minor: int
    currency: str
    title: str
    """what the customer reads above the amount"""
    email: str
    language: str
    back: str
    """where the customer goes afterwards"""
    expires_at: datetime
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The page that the provider made."""

    ref: str
    url: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """Money came in: `ref` is the same however and in whatever order the provider tells of it."""

    ref: str
    amount_minor: int
    currency: str
    received_at: datetime
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""
    link_id: int | None = None
    link_ref: str = ""


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A refund, and how far it is."""

    payment_ref: str
    refund_ref: str
    amount_minor: int
    answer: Answer
    key: str = ""
    """our own idempotency key, where the refund is ours"""


@dataclass(frozen=True, slots=True)
class RefundsOf:
    """Something went back from this payment; the provider has to be asked for the list."""

    payment_ref: str


@dataclass(frozen=True, slots=True)
class Approved:
    """The customer agreed, and the provider waits for us to capture the money (PayPal)."""

    link_ref: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing can be paid on this page any more."""

    link_ref: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """The payer takes the money back through their bank; a person has to look."""

    payment_ref: str
    amount_minor: int
    state: str
    why: str


Said = Money | MoneyBack | RefundsOf | Approved | Closed | Disputed


@dataclass(frozen=True, slots=True)
class Told:
    """A verified web hook."""

    event_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the provider's own list."""

    told: Told
    body: bytes
    """as JSON, for `Provider.understand`"""


class Provider(Protocol):
    """What `providers/<kind>.py` has as functions, besides those of `answers.RefundProvider`."""

    def check(self, access: Access, headers: Mapping[str, str], body: bytes) -> Told:
        """Verify a web hook by its raw bytes. Raises Forged, Foreign, or Unreachable where that cannot be told now."""

    def understand(self, payload: Mapping[str, Any]) -> Sequence[Said]:
        """What an event means for us; nothing for events that do not concern money of ours."""

    def happened(self, access: Access, since: datetime, until: datetime) -> Iterator[Happened]:
        """Every event of this method in the provider's list between two times. Raises ProviderFault."""

    def open_link(self, access: Access, errand: LinkErrand) -> Opened:
        """Make the page. Raises ProviderFault. The same errand again gives the same page."""

    def lasts(self, made_at: datetime, ends_at: datetime) -> datetime:
        """Until when a page may last that is made for a quote that ends then."""

    def look(self, access: Access, ref: str) -> Sequence[Said]:
        """What became of a page: the web hook may have been lost. Raises ProviderFault."""

    def close(self, access: Access, ref: str) -> Sequence[Said]:
        """Let nothing be paid on a page any more; what was paid meanwhile is returned. Raises ProviderFault."""

    def capture(self, access: Access, ref: str) -> Sequence[Said]:
        """Take the money that a customer agreed to. May be repeated. Raises ProviderFault."""

    def refunds_of(self, access: Access, payment_ref: str) -> Sequence[Said]:
        """Every refund of a payment. Raises ProviderFault."""
