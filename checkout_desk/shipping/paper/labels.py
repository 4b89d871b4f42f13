"""Our own labels: 4×6 in, A6, and two or four on a sheet of A4.

Everything stands on whole dots of 203 an inch, the coarsest printer of labels: at a fraction of a dot bars blur and
scanners fail. The same facts give the same bytes, so a reprint is the label that was printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout_desk import typesetting
from checkout_desk.shipping.paper import codes, postal

DPI = 203
SOURCE = (Path(__file__).parent / "labels.typ").read_bytes()
MARGIN = 32
"""4 mm, which office printers cannot print on"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Labels on a page, in dots. `places` are their corners; `turned`: they lie on their side."""

    name: str
    page: tuple[int, int]
    size: tuple[int, int]
    places: tuple[tuple[int, int], ...] = ((0, 0),)
    turned: bool = False


_A4 = (1678, 2374)
LAYOUTS = {
    "4x6": Layout("4 × 6 in", (812, 1218), (812, 1218)),
    "a6": Layout("A6", (839, 1183), (839, 1183)),
    "a4-2": Layout("A4, two on a sheet", _A4, (1187, 1678), ((0, 0), (0, 1187)), turned=True),
    "a4-4": Layout("A4, four on a sheet", _A4, (839, 1187), ((0, 0), (839, 0), (0, 1187), (839, 1187))),
}


def pdf(labels: Sequence[Mapping[str, Any]], *, layout: str = "4x6", start: int = 1) -> bytes:
    """Labels as one PDF. Each is a `Label.address`; on a sheet that lacks some already they begin at place `start`.

    Raises KeyError for a layout that there is not and ValueError for a place that it does not have.
    """
    return typesetting.pdf(SOURCE, page(labels, layout=layout, start=start), read=False)


def test_print(layout: str, *, name: str) -> bytes:
    """A label to nobody with its edges and a ruler, that shows whether a printer scales or shifts."""
    return typesetting.pdf(SOURCE, page([_nobody(name)], layout=layout, test=True), read=False)


def page(
    labels: Sequence[Mapping[str, Any]], *, layout: str, start: int = 1, test: bool = False
) -> dict[str, Any]:
    """What the source needs to set `labels`."""
    form = LAYOUTS[layout]
    if not 1 <= start <= len(form.places):
        raise ValueError(f"{form.name} has places 1 to {len(form.places)}, not {start}.")
    sheets: list[list[dict[str, Any]]] = []
    for number, one in enumerate(labels, start - 1):
        sheet, place = divmod(number, len(form.places))
        if sheet == len(sheets):
            sheets.append([])
        sheets[-1].append({**_drawn(one, form), "place": form.places[place]})
    return {
        "page": form.page, "size": form.size, "turned": form.turned, "sheets": sheets, "test": test,
        "fonts": typesetting.families(), "title": ", ".join(one["parcel"]["name"] for one in labels[:3]),
    }  # fmt: skip


def blocks(facts: Mapping[str, Any]) -> tuple[postal.Block, postal.Block]:
    """Sender and recipient of a label, line by line."""
    sender, recipient = facts["sender"], facts["recipient"]
    abroad = bool(recipient["country"]) and recipient["country"] != sender["country"]
    return (
        postal.sender(
            sender["name"],
            sender["lines"],
            country=sender["country"],
            abroad=abroad,
            language=sender["language"],
        ),
        postal.recipient(recipient, home=sender["country"], language=sender["language"]),
    )


def _drawn(facts: Mapping[str, Any], form: Layout) -> dict[str, Any]:
    sender, recipient = blocks(facts)
    parcel = facts["parcel"]
    wide, bars = codes.code128(parcel["name"])
    side, cells = codes.qr(parcel["name"])
    cell = 9 * form.size[0] // 812
    room = form.size[0] - 2 * MARGIN - (side + 6) * cell
    return {
        "sender": sender.data(), "recipient": recipient.data(), "service": _service(parcel).data(),
        "facts": [f"Order {parcel['order']}", f"Parcel {parcel['number']} of {parcel['of']}", _weight(parcel["grams"])],
        "note": _note(str(parcel.get("wish") or "")), "name": parcel["name"], "fonts": typesetting.families(), "margin": MARGIN, "foot": form.size[1] * 22 // 100,
        "wide": wide, "bars": codes.svg([(0, *run) for run in bars], wide, 1), "bar": max(2, min(6, room // (wide + 20))),
        "side": side, "cells": codes.svg(cells, side, side), "cell": cell,
    }  # fmt: skip


def _service(parcel: Mapping[str, Any]) -> postal.Block:
    rows = [postal.line(typesetting.clean(str(parcel["service"])), bold=True)] if parcel["service"] else []
    if parcel["carrier"] and parcel["carrier"] not in parcel["service"]:
        rows.append(postal.line(typesetting.clean(str(parcel["carrier"]))))
    words = " ".join(row.text for row in rows)
    return postal.Block(rows, True, typesetting.families(words), "en")


def _note(wish: str) -> dict[str, Any] | None:
    """What the driver should know, below the address; labels from before have none."""
    if not wish:
        return None
    row = postal.line(typesetting.clean(wish), bold=True)
    return postal.Block([row], row.rtl, typesetting.families(row.text), "en").data()


def _weight(grams: int | None) -> str:
    if grams is None:
        return ""
    return f"{grams} g" if grams < 1000 else f"{grams / 1000:.2f} kg"


def _nobody(name: str) -> dict[str, Any]:
    place = {"name": "Test print", "line1": "This label goes nowhere", "line2": "", "city": "Nowhere", "region": "",
             "postcode": "00000", "country": ""}  # fmt: skip
    return {
        "sender": {"name": name, "lines": ["Print at 100 %, without fitting to the page"], "country": "", "language": "en"},
        "recipient": place,
        "parcel": {"name": "TEST-P1", "order": "TEST", "number": 1, "of": 1, "service": "Test", "carrier": "", "grams": None},
    }  # fmt: skip
