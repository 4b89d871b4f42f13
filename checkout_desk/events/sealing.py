"""Words in the record that may be erased later without breaking its chain.

An event about a customer's things may carry words: a reason, a server's answer, where a customer came from. The chain
does not cover such words themselves but a salted digest of each (its seal). The words stand in the event, the salt in
`Event.salts`. Erasing puts the seal in the place of the words and throws the salt away: the row still makes the same
hash, and without 128 random bits nobody can find out by trying what was sealed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

PLAIN = frozenset(
    {
        "by", "code", "currency", "due", "expires_at", "fields", "form", "kind", "language", "message_id", "milestone",
        "on", "outcome", "parcel", "provider", "purpose", "quote", "reference", "role", "sha256", "sku", "source",
        "state", "step", "template", "then", "until", "verdict", "wanted",
    }
)  # fmt: skip
"""keys whose values are words of the desk's own or numbers of the books: they stay when a person is erased. Everything
else that is text is sealed, so a new kind of event forgets by itself."""
ABOUT_PEOPLE = frozenset(
    {
        "attachment", "conversation", "customer", "customer_link", "delivery_alarm", "draft", "erasure", "feedback", "incident",
        "label", "legal_hold", "message", "order", "order_change", "order_line", "outbound_mail", "payment", "payment_link",
        "possible_match", "promise", "provider_event", "quote", "raw_mail", "refund", "return", "shipment", "shipping",
    }
)  # fmt: skip
"""what an event is about when it may tell of a customer; people of ours and settings are no customers"""
STRANGERS = ("customer", "visitor")
"""actors whose origin is an address of the network from which a customer came"""


def salts(row: Mapping[str, Any]) -> dict[str, str] | None:
    """A salt for each text of an event that must be erasable, by its path ('after/reason'); None where there is none."""
    found: dict[str, str] = {}
    if row["actor"] in STRANGERS:
        found["origin"] = secrets.token_hex(16)
    if row["subject_type"] in ABOUT_PEOPLE:
        for side in ("before", "after"):
            for path in _words(row[side], side):
                found[path] = secrets.token_hex(16)
    return found or None


def _words(value: Any, path: str) -> Iterator[str]:
    """The paths of the texts in `value` that are neither empty nor plain."""
    if isinstance(value, str):
        if value:
            yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in PLAIN:
                yield from _words(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _words(inner, f"{path}/{place}")


def sealed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The event with the seal in the place of each text that has a salt: what the chain covers, and what erasing leaves."""
    kept: Mapping[str, str] = row.get("salts") or {}
    sides = {side: row[side] for side in ("before", "after", "origin")}
    return {**row, **{side: _seal(value, side, kept) for side, value in sides.items()}} if kept else dict(row)


def _seal(value: Any, path: str, kept: Mapping[str, str]) -> Any:
    if path in kept and isinstance(value, str):
        return f"[erased {hashlib.sha256((kept[path] + value).encode('utf-8', 'surrogatepass')).hexdigest()}]"
    if isinstance(value, dict):
        return {key: _seal(inner, f"{path}/{key}", kept) for key, inner in value.items()}
    if isinstance(value, list):
        return [_seal(inner, f"{path}/{place}", kept) for place, inner in enumerate(value)]
    return value
