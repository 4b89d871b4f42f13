"""A quote as a PDF. The words go in as data, never as markup, and nothing in it depends on when it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from checkout_desk import typesetting
from checkout_desk.orders import quote_content, quote_words

SOURCE = rb"""
#let q = json(bytes(sys.inputs.data))
#set document(title: q.title, author: q.shop, date: none)
#set page(paper: q.paper, margin: (x: 2cm, y: 2.2cm), footer: align(center, text(8pt, q.footer)))
#set text(font: q.fonts, size: 10pt, lang: q.language)
#grid(columns: (1fr, auto), text(16pt, weight: "bold", q.shop), align(right)[#text(16pt, q.title) \ #q.issued])
#v(8mm)
#for row in q.address { [#row #linebreak()] }
#v(8mm)
#table(columns: (1fr, auto), stroke: (x, y) => (bottom: 0.4pt + luma(200)), inset: (x: 0pt, y: 6pt), align: (left, right),
  ..q.rows.map(row => row.map(cell => [#cell])).flatten())
#v(6mm)
#for row in q.notes { [#row #linebreak()] }
"""
_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE"})
"""countries that print on letter paper"""


def make(content: Mapping[str, Any]) -> bytes:
    """The PDF of a version: the same bytes for the same content, whenever it is asked for."""
    issued = datetime.fromisoformat(content["issued_on"] or "2026-01-01").replace(tzinfo=UTC)
    return typesetting.pdf(SOURCE, facts(content), at=issued)


def made(content: Mapping[str, Any]) -> bytes:
    """As `make`, which is slow; what was made lately in this process is kept. So whoever is about to send makes it before
    the write lock is taken, and again under it: that is nothing to do unless the content has changed."""
    return _made(quote_content.canonical(content))


@lru_cache(maxsize=8)
def _made(canonical: str) -> bytes:
    return make(json.loads(canonical))


def dated(content: Mapping[str, Any], *, at: datetime, ends_at: datetime) -> dict[str, Any]:
    """The content with its times, as it will be kept when it is sent at `at`."""
    day = at.astimezone(ZoneInfo(content["store"]["time_zone"])).date()
    return {**content, "issued_on": day.isoformat(), "expires_at": ends_at.isoformat()}


def facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the page holds, as data."""
    address, language = content["address"], content["language"]
    town = f"{address['ship_postcode'] or ''} {address['ship_city'] or ''}".strip()
    parts = [
        address["ship_name"],
        address["ship_line1"],
        address["ship_line2"],
        town,
        address["ship_region"],
        address["ship_country"],
    ]
    notes = [*quote_words.payment_instructions(content).split("\n")]
    if content["expires_at"]:
        notes.append(quote_words.ends(content, datetime.fromisoformat(content["expires_at"])))
    store = content["store"]
    return {
        "title": str(content["quote"]),
        "shop": store["name"],
        "language": language,
        "fonts": typesetting.families(
            " ".join(part or "" for part in parts), language=language, country=address["ship_country"] or ""
        ),
        "issued": content["issued_on"] or "",
        "paper": "us-letter" if address["ship_country"] in _LETTER else "a4",
        "address": [part for part in parts if part],
        "rows": [list(row) for row in quote_words.rows(content)],
        "notes": notes,
        "footer": " · ".join(part for part in (store["name"], store["contact"], store["vat_id"]) if part),
    }
