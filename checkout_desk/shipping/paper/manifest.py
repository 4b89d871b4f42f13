"""The list that a driver signs: one line a parcel, counted and weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checkout_desk import typesetting

SOURCE = (Path(__file__).parent / "manifest.typ").read_bytes()


@dataclass(frozen=True, slots=True)
class Line:
    """One parcel as it stands on the list."""

    parcel: str
    recipient: str
    place: str
    service: str
    number: str
    grams: int | None


def pdf(
    lines: Sequence[Line],
    *,
    shop: str,
    sender: str,
    carrier: str,
    day: str,
    title: str,
    pickup: str,
    at: datetime,
) -> bytes:
    """The list as A4 pages. `day` and `pickup` are in words; `at` is the time that the file bears."""
    words = " ".join(f"{one.recipient} {one.place}" for one in lines)
    grams = [one.grams for one in lines if one.grams is not None]
    total = f"{sum(grams) / 1000:.2f} kg" if grams else ""
    unknown = len(lines) - len(grams)
    data = {
        "shop": typesetting.clean(shop), "sender": typesetting.clean(sender).splitlines(), "carrier": typesetting.clean(carrier),
        "day": day, "title": title, "pickup": typesetting.clean(pickup), "fonts": typesetting.families(words),
        "rows": [
            {
                "n": str(n), "parcel": one.parcel, "name": _said(one.recipient), "place": _said(one.place),
                "service": typesetting.clean(one.service), "number": _shown(one.number),
                "weight": f"{one.grams / 1000:.2f} kg" if one.grams is not None else "–",
            }
            for n, one in enumerate(lines, 1)
        ],
        "count": f"{len(lines)} {'parcel' if len(lines) == 1 else 'parcels'}",
        "total": f"{total}{f', {unknown} not weighed' if unknown and grams else ''}",
    }  # fmt: skip
    return typesetting.pdf(SOURCE, data, at=at)


def _said(text: str) -> dict[str, object]:
    words = typesetting.clean(" ".join(text.split()))
    return {"text": words, "rtl": typesetting.right_to_left(words)}


def _shown(number: str) -> str:
    """A long number in groups of four, so that two people can compare it."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
