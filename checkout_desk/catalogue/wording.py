"""How the pages of the catalogue say things."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from checkout_desk import clock, money
from checkout_desk.catalogue import values
from checkout_desk.catalogue.models import Product, ProductAlias, StockMovement

KINDS = {
    "receive": "Received",
    "count": "Counted",
    "hold": "Held",
    "release": "Released",
    "commit": "Sold",
    "ship": "Shipped",
    "return": "Came back",
    "scrap": "Scrapped",
}
_HOW = {"typed": "typed here", "import": "from a file"}


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def moment(at: datetime, zone: str) -> str:
    """`3 Nov 2026, 11:20` in the store's zone."""
    there = at.astimezone(_zone(zone))
    return f"{there.day} {there:%b %Y, %H:%M}"


def day(on: date) -> str:
    """`3 Dec`, with the year when it is another one."""
    return f"{on.day} {on:%b}" if on.year == clock.now().year else f"{on.day} {on:%b %Y}"


def restock(product: Product) -> str:
    """`12 on 3 Dec`, or as much of it as is known."""
    if product.restock_on is None:
        return f"{product.restock_quantity} some day" if product.restock_quantity else ""
    return f"{product.restock_quantity or 'some'} on {day(product.restock_on)}"


def listed(product: Product) -> dict[str, Any]:
    """A row of the list."""
    available = product.available
    low = product.low_at is not None and available <= product.low_at
    overdue = product.restock_on is not None and product.restock_on < clock.now().date()
    return {
        "id": product.id,
        "name": product.name,
        "sku": product.sku,
        "shelf": product.shelf,
        "url": url_for("catalogue.show", product_id=product.id),
        "picture": picture_url(product),
        "on_hand": product.on_hand,
        "held": product.held + product.committed,
        "held_why": f"{product.held} held for quotes, {product.committed} sold and not shipped",
        "available": available,
        "tone": "bad" if available <= 0 else "soon" if low else "",
        "price": money.show(product.price_minor, product.currency),
        "restock": restock(product),
        "restock_late": overdue,
        "active": product.active,
        "attributes": ", ".join(map(str, product.attributes.values())),
    }


def picture_url(product: Product) -> str:
    """Where the picture is, '' without one. Another picture has another address."""
    if product.picture_sha256 is None:
        return ""
    return url_for("catalogue.picture", product_id=product.id, v=product.picture_sha256[:12])


def moved(row: StockMovement, names: dict[str, str], zone: str) -> dict[str, Any]:
    """A row of the ledger."""
    changes = (("on hand", row.on_hand), ("held", row.held), ("sold", row.committed))
    return {
        "kind": KINDS[row.kind],
        "changes": [f"{name} {value:+d}".replace("-", "\N{MINUS SIGN}") for name, value in changes if value]
        or ["as expected"],
        "why": row.reason,
        "about": (row.about or "").replace(":", " "),
        "who": names.get(row.actor, row.actor),
        "when": moment(row.at, zone),
        "iso": row.at.isoformat(),
    }


def taught(alias: ProductAlias, names: dict[str, str], zone: str) -> dict[str, Any]:
    """An alias with where it comes from."""
    who = names.get(f"person:{alias.taught_by_id}", "") if alias.taught_by_id else ""
    parts = (
        _HOW.get(alias.taught_how, alias.taught_how),
        f"by {who}" if who else "",
        moment(alias.taught_at, zone),
    )
    return {
        "id": alias.id,
        "text": alias.text,
        "language": values.LANGUAGES.get(alias.language or "", (alias.language or "").upper()),
        "code": alias.language or "",
        "how": ", ".join(filter(None, parts)),
    }


def difference(expected: int, counted: int) -> str:
    """`2 fewer than expected`."""
    by = counted - expected
    if not by:
        return "as expected"
    return f"{abs(by)} {'more' if by > 0 else 'fewer'} than expected"


def language_choices(extra: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Options of the language of an alias."""
    more = [(code, code.upper()) for code in sorted(set(extra) - values.LANGUAGES.keys()) if code]
    return [("", "Any language"), *values.LANGUAGES.items(), *more]
