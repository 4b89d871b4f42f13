"""What the desk asks of a carrier's machine, and who answers: one interface for by hand and for bought labels.

Everything here talks over the network or could, so nothing of it is called inside a transaction; errands hold all that
a call needs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, cast

from checkout_desk.shipping import carriers
from checkout_desk.shipping.converging import Told
from checkout_desk.shipping.models import Carrier

ADAPTERS = {
    "manual": "checkout_desk.shipping.adapters.manual",
    "easypost": "checkout_desk.shipping.adapters.easypost",
}


class Unreachable(Exception):
    """The carrier's machine gave no answer that tells what happened. `asked`: it may have heard the question."""

    def __init__(self, sentence: str, *, asked: bool) -> None:
        super().__init__(sentence)
        self.asked = asked


class Declined(Exception):
    """The carrier's machine heard the question and says no. The sentence is for a person; nothing was sold."""


class RateGone(Declined):
    """The price that was chosen is not to be had any more; `rates` are what there is now."""

    def __init__(self, sentence: str, rates: Sequence[Rate]) -> None:
        super().__init__(sentence)
        self.rates = tuple(rates)


class Forged(Exception):
    """What came to the web hook was not signed with our secret."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a carrier's machine: from the settings, read before the call."""

    adapter: str
    keys: Mapping[str, str] = field(repr=False, default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Errand:
    """A parcel as a carrier's machine is told of it. `customs`: (description, quantity, minor units, grams, HS code, origin)."""

    reference: str
    sender: Mapping[str, str]
    recipient: Mapping[str, str]
    grams: int
    size_mm: tuple[int, int, int] | None = None
    currency: str = ""
    customs: tuple[tuple[str, int, int, int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """One way to send the parcel, at a price that does not hold for ever."""

    carrier: str
    service: str
    price_minor: int
    currency: str
    days: int | None = None

    @property
    def key(self) -> str:
        """What a person chose, price included."""
        return f"{self.carrier}|{self.service}|{self.price_minor}|{self.currency}"


@dataclass(frozen=True, slots=True)
class Bought:
    """A label that was sold. `pdf` is None where it could not be fetched yet; `void_until` ends the right to give it back."""

    ref: str
    number: str
    carrier: str
    price_minor: int
    currency: str
    void_until: datetime | None
    pdf: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class News:
    """What a web hook told: about parcels by their number, or about the refund of a label (`ref`, state)."""

    event_id: str
    number: str = ""
    told: tuple[Told, ...] = ()
    refund: tuple[str, str] | None = None


class Adapter(Protocol):
    """A carrier's machine. Every method may raise Unreachable or Declined."""

    buys: bool
    """whether it sells labels"""

    def rates(self, access: Access, errand: Errand) -> list[Rate]:
        """What the parcel may cost, the cheapest first."""

    def buy(self, access: Access, errand: Errand, rate: Rate) -> Bought:
        """Buy a label under errand.reference. Called once for a reference; raises RateGone for another price."""

    def find(self, access: Access, reference: str) -> Bought | None:
        """What was sold under a reference, or None. Buys nothing."""

    def void(self, access: Access, ref: str) -> str:
        """Give a label back. Returns the state of the claim: 'refund_asked', 'refunded' or 'refund_refused'."""

    def claim(self, access: Access, ref: str) -> str:
        """How the claim of a label that was given back stands; as `void`."""

    def label(self, access: Access, ref: str) -> bytes | None:
        """The label as a PDF, or None where there is none."""

    def track(self, access: Access, number: str, carrier: str) -> list[Told]:
        """Everything that is known of a parcel's way."""

    def pickup(
        self, access: Access, refs: Sequence[str], *, on: date, begins: str, ends: str, note: str, zone: str
    ) -> str:
        """Ask for a driver; returns the confirmation, '' where there is nobody to ask."""

    def manifest(self, access: Access, refs: Sequence[str]) -> tuple[str, bytes | None]:
        """Tell which labels leave together; returns the id of the form and its PDF, '' where none is needed."""

    def news(self, access: Access, raw: bytes, headers: Mapping[str, str]) -> News:
        """What a web hook says. Raises Forged when it is not signed by us both, ValueError when it cannot be read."""

    def read(self, raw: bytes) -> News:
        """What an event says that `news` took and the desk kept. Raises ValueError when it cannot be read."""


def of(adapter: str) -> Adapter:
    """Who answers for a kind of carrier. The module is loaded when it is first asked."""
    return cast("Adapter", importlib.import_module(ADAPTERS[adapter]))


def access(carrier: Carrier) -> Access:
    """How to reach the carrier. Raises checkout_desk.secrets.LostKey; never for a page or a log."""
    return Access(carrier.adapter, carriers.secrets(carrier), dict(carrier.settings))
