"""The pages that the rail leads to beside the queue's views: what each is called, and who may open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for


@dataclass(frozen=True, slots=True)
class Place:
    """One page of the rail. `counts` names the number that it shows, '' for none; `bad` prints that one red."""

    endpoint: str
    title: str
    icon: str
    permission: str
    section: str
    counts: str = ""
    bad: bool = False


PLACES = (
    Place("orders_list.show", "Orders", "ticket", "orders.read", "Shop"),
    Place("payments.show", "Payments", "banknote", "payments.read", "Shop", "payments"),
    Place("pack_list.show", "Pack", "package", "shipping.read", "Shop", "pack"),
    Place("tracking_board.show", "Track", "truck", "shipping.read", "Shop"),
    Place("returns_list.show", "Returns", "rotate-ccw", "returns.read", "Shop"),
    Place("customers.everybody", "Customers", "user", "customers.read", "Shop"),
    Place("catalogue.everything", "Catalogue", "warehouse", "catalogue.read", "Shop"),
    Place("studio.everything", "Templates", "file-text", "templates.read", "Shop"),
    Place("playbook.everything", "Playbook", "book-open", "playbook.read", "Shop", "to_read"),
    Place("reports.show", "Reports", "chart-column", "reports.read", "Shop"),
    Place("errors.show", "Errors", "mail-warning", "errors.read", "Desk", "failed", bad=True),
    Place("mailboxes.show", "Mailboxes", "mailbox", "mailboxes.read", "Desk"),
    Place("events_page.show", "Records", "history", "events.read", "Desk"),
    Place("people.everybody", "People", "users", "people.read", "Desk"),
    Place("settings.show", "Settings", "settings", "settings.write", "Desk"),
)


def shown(may: Callable[[str], bool], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The places that somebody who `may` do things can open, as desk/_rail.html takes them."""
    # A parcel's page belongs to the board, though its address is its own.
    here = f"{request.script_root}{request.path}/".replace("/shipping/parcels/", "/shipping/board/", 1)
    urls = {place: url_for(place.endpoint) for place in PLACES if may(place.permission)}
    # The pack list's address begins that of the board: the longest one is where we are.
    current = max((url for url in urls.values() if here.startswith(f"{url}/")), key=len, default=None)
    return [
        {
            "title": place.title,
            "icon": place.icon,
            "url": url,
            "section": place.section,
            "count": counts.get(place.counts, 0),
            "bad": place.bad,
            "current": url == current,
        }
        for place, url in urls.items()
    ]
