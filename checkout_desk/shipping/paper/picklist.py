"""The pick list of a batch on paper: along the shelves, with a box to tick for each product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checkout_desk.shipping.paper import sheets
from checkout_desk.shipping.paper.sheets import TICK, Sheet, Table


@dataclass(frozen=True, slots=True)
class Line:
    """One product to fetch; `orders` are (number, pieces)."""

    shelf: str
    pieces: int
    name: str
    sku: str
    orders: Sequence[tuple[int, int]]
    fragile: bool = False


def pdf(lines: Sequence[Line], *, title: str, under: str, shop: str, home: str) -> bytes:
    """The list in the order of `lines`."""
    rows = [
        [TICK, line.shelf or "–", str(line.pieces), f"{line.name}{' (fragile)' if line.fragile else ''}", line.sku, _orders(line.orders)]
        for line in lines
    ]  # fmt: skip
    table = Table(
        ["", "Shelf", "Pieces", "Product", "SKU", "Orders"], rows,
        ["auto", "auto", "auto", "2fr", "auto", "1fr"], ["center", "left", "right", "left", "left", "left"],
    )  # fmt: skip
    pieces = sum(line.pieces for line in lines)
    totals = f"{len(lines)} {'product' if len(lines) == 1 else 'products'}, {pieces} {'piece' if pieces == 1 else 'pieces'}"
    return sheets.pdf(
        [
            Sheet(
                title=title,
                under=[under],
                tables=[table],
                notes=[totals],
                foot=shop,
                paper=sheets.paper(home),
            )
        ]
    )


def _orders(orders: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"{number} × {n}" if n > 1 else str(number) for number, n in orders)
