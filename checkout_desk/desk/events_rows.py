"""Rows of the record as the page and its CSV show them: in words, with links to what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.records import telling
from checkout_desk.records.plain import instant, quiet
from checkout_desk.web import spreadsheets

_PAGES: dict[str, tuple[str, str]] = {
    "conversation": ("workspace.show", "conversation_id"),
    "message": ("messages.show", "message_id"),
    "customer": ("customers.show", "customer_id"),
    "product": ("catalogue.show", "product_id"),
    "person": ("people.person", "person_id"),
    "mailbox": ("mailbox_setup.show", "mailbox_id"),
    "shipment": ("parcel.show", "parcel_id"),
    "return": ("return_page.show", "return_id"),
    "payment": ("payments.find", "payment_id"),
    "batch": ("pack_list.batch", "batch_id"),
    "manifest": ("manifests.manifest", "manifest_id"),
    "statement": ("payment_import.statement", "statement_id"),
    "saved_reply": ("replies.show", "reply_id"),
}
"""what an event is about -> the page that shows it"""
HEAD = (
    "event", "at", "who", "actor", "from", "kind", "about", "about id", "words", "before", "after", "hash",
)  # fmt: skip


def rows(found: Sequence[Any], numbers: Mapping[int, int], around: Frame) -> list[dict[str, Any]]:
    """A page of events for the template."""
    people = {number: person.name for number, person in around.people.items()}
    shown = []
    for event in found:
        name, url = thing(event.subject_type, event.subject_id, numbers, people)
        shown.append(
            {
                "id": event.id,
                "iso": event.at.isoformat(),
                "when": around.face.short(event.at),
                "full": around.face.full(event.at),
                "who": telling.who(event.actor, people),
                "actor": event.actor,
                "origin": quiet(event.origin),
                "words": telling.words(event),
                "kind": event.kind,
                "thing": name,
                "url": url,
                "about": f"{event.subject_type}:{event.subject_id}" if event.subject_id else "",
                "changes": telling.changes(event),
                "hash": event.hash,
            }
        )
    return shown


def thing(
    kind: str, number: int | None, numbers: Mapping[int, int], people: Mapping[int, str]
) -> tuple[str, str]:
    """What an event is about, in words, and the page that shows it ('' where none does)."""
    words = kind.replace("_", " ")
    if number is None:
        return words, ""
    if kind == "order" and number in numbers:
        return f"order {numbers[number]}", path("ordering.show", number=numbers[number])
    page = _PAGES.get(kind)
    name = people.get(number, "") if kind == "person" else ""
    return name or f"{words} {number}", path(page[0], **{page[1]: number}) if page and number else ""


def csv_lines(found: Iterable[Any], people: Mapping[int, str]) -> Iterator[str]:
    """The rows as CSV (RFC 4180), times in UTC. No cell is one that a spreadsheet runs."""
    return spreadsheets.lines((HEAD, *(_cells(event, people) for event in found)))


def _cells(event: Any, people: Mapping[int, str]) -> tuple[str, ...]:
    return (
        str(event.id), instant(event.at) or "", telling.who(event.actor, people), event.actor, quiet(event.origin), event.kind,
        event.subject_type, str(event.subject_id or ""), telling.words(event), _json(event.before), _json(event.after), event.hash,
    )  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(quiet(value), ensure_ascii=False, sort_keys=True) if value else ""
