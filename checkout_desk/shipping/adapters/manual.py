"""The carrier that no machine speaks for: own labels, numbers that people enter, and nobody to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from checkout_desk.shipping.adapters import Access, Bought, Declined, Errand, Forged, News, Rate
from checkout_desk.shipping.converging import Told

buys = False
_NOBODY = (
    "This carrier sells no labels here; print your own, or enter the number of one that you bought elsewhere."
)


def rates(access: Access, errand: Errand) -> list[Rate]:
    """None: prices stand with the shipping services."""
    return []


def buy(access: Access, errand: Errand, rate: Rate) -> Bought:
    """Raises Declined."""
    raise Declined(_NOBODY)


def find(access: Access, reference: str) -> Bought | None:
    """Nothing was sold."""
    return None


def void(access: Access, ref: str) -> str:
    """Raises Declined."""
    raise Declined(_NOBODY)


def claim(access: Access, ref: str) -> str:
    """Raises Declined."""
    raise Declined(_NOBODY)


def label(access: Access, ref: str) -> bytes | None:
    """Ours are set from their facts, see shipping.paper.labels."""
    return None


def track(access: Access, number: str, carrier: str) -> list[Told]:
    """Nobody tells; people enter what they see."""
    return []


def pickup(
    access: Access, refs: Sequence[str], *, on: date, begins: str, ends: str, note: str, zone: str
) -> str:
    """Noted on the list alone; somebody rings the carrier up."""
    return ""


def manifest(access: Access, refs: Sequence[str]) -> tuple[str, bytes | None]:
    """Our own paper is all there is."""
    return "", None


def news(access: Access, raw: bytes, headers: Mapping[str, str]) -> News:
    """Raises Forged: nobody writes to this carrier's hook."""
    raise Forged


def read(raw: bytes) -> News:
    """Raises ValueError: nothing of it can have been kept."""
    raise ValueError("no carrier that nobody speaks for has written")
