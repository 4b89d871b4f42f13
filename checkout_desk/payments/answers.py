"""What the desk asks a payment provider about money that goes back, and what may come of it. No database, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RefundErrand:
    """One refund with all that a provider has to be told, readable without the database."""

    refund_id: int
    source: str
    payment_ref: str
    """the provider's own id of the charge or capture: `Payment.source_ref`"""
    amount_minor: int
    currency: str
    idempotency_key: str
    """committed before the provider is asked; also to be given as metadata, so that events name our refund"""


@dataclass(frozen=True, slots=True)
class Done:
    """The provider says that the money went back."""

    provider_ref: str


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider took the refund and will tell later by an event."""

    provider_ref: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider refused for good; no money moved."""

    words: str
    provider_ref: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Nobody knows: a time-out, a cut connection, an answer that makes no sense. Money may have moved."""

    words: str


Answer = Done | Pending | Declined | Doubtful


class RefundProvider(Protocol):
    """What `payments/providers/<source>.py` has as functions of its module. They commit nothing."""

    def refund(self, errand: RefundErrand) -> Answer:
        """Ask for the refund under the errand's idempotency key. Never raises for what a network may do."""

    def find_refund(self, errand: RefundErrand) -> Answer | None:
        """What became of an earlier ask, by our key; None when the provider surely never heard of it."""
