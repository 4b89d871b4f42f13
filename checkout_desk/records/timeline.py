"""The life of an order for people: one page of HTML without script, and the same as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app

from checkout_desk import money, typesetting
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.zones import fresh
from checkout_desk.records import telling
from checkout_desk.records.gathering import Gathered
from checkout_desk.records.order_json import Files
from checkout_desk.settings.models import store

SOURCE = (Path(__file__).parent / "timeline.typ").read_bytes()
LONGEST = 3000
"""letters of one mail; the rest stands in its file"""
_ELSEWHERE = frozenset({"message.received", "message.queued", "note.written"})
"""events that the messages tell themselves"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` is 'in', 'out', 'note', 'event' or 'parcel'; `file` is its file in the ZIP."""

    at: str
    kind: str
    who: str
    what: str
    text: str = ""
    file: str = ""


def entries(found: Gathered, files: Files) -> list[Entry]:
    """Mails, what carriers said and events, oldest first."""
    rows: list[tuple[datetime, int, Entry]] = []
    for m in found.messages:
        rows.append((m.at, 0, _message(m, found, files)))
    numbers = {one.id: f"{found.order.number}-P{one.number}" for one in found.shipments}
    for scan in found.tracking:
        what = f"Parcel {numbers[scan.shipment_id]}: {scan.status.replace('_', ' ')}"
        said = ", ".join(mask_cards(part) for part in (scan.words, scan.place) if part)
        rows.append((scan.at, 1, Entry(_time(scan.at), "parcel", "The carrier", what, said)))
    for event in found.events:
        if event.kind not in _ELSEWHERE:
            who = telling.who(event.actor, found.people)
            rows.append((event.at, 2, Entry(_time(event.at), "event", who, telling.words(event))))
    return [entry for *_, entry in sorted(rows, key=lambda row: row[:2])]


def _message(m: Any, found: Gathered, files: Files) -> Entry:
    sender = m.from_name or m.from_email
    if m.direction != "in":
        sender = found.people.get(m.author_id or 0) or "The desk"
    text = mask_cards(fresh(m.text) if m.direction == "in" else m.text).strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rstrip() + " …"
    what = {"in": "wrote", "out": "answered", "note": "noted"}[m.direction]
    subject = f": {mask_cards(m.subject)}" if m.subject and m.direction != "note" else ""
    file = files.get(("message", m.id)) or files.get(("rendered", m.id)) or ""
    return Entry(_time(m.at), m.direction, sender, what + subject, text, file)


def facts(found: Gathered, files: Files) -> dict[str, Any]:
    """What stands above the entries: the order at a glance, and its papers."""
    order = found.order
    place = (order.ship_name, order.ship_line1, order.ship_line2, f"{order.ship_postcode} {order.ship_city}".strip(),
             order.ship_region, order.ship_country)  # fmt: skip
    paid = [
        f"{money.show(one.amount_minor, one.currency)} ({one.source}, {one.state})" for one in found.payments
    ]
    rows = [
        ("Store", store().name),
        (
            "Customer",
            ", ".join(
                part for part in ((found.customer.name if found.customer else ""), order.email) if part
            ),
        ),
        ("Goes to", ", ".join(part for part in place if part)),
        ("State", order.state),
        ("Quotes", ", ".join(_quote(order.number, one) for one in found.quotes)),
        ("Payments", ", ".join(paid)),
        ("Parcels", ", ".join(_parcel(order.number, one, found) for one in found.shipments)),
        ("Returns", ", ".join(f"{order.number}-R{one.number} ({one.state})" for one in found.returns)),
    ]
    if found.feedback and found.feedback.score:
        rows.append(("Feedback", f"{found.feedback.score} of 5"))
    papers = sorted(name for name in files.values() if not name.startswith("mails/"))
    return {
        "number": order.number,
        "rows": [(what, mask_cards(said)) for what, said in rows if said],
        "papers": papers,
    }


def _quote(number: int, one: Any) -> str:
    return f"{number}-Q{one.number} {money.show(one.total_minor, one.currency)} ({one.state})"


def _parcel(number: int, one: Any, found: Gathered) -> str:
    carrier = " ".join(
        part for part in (found.carriers.get(one.carrier_id or 0), one.tracking_number) if part
    )
    return f"{number}-P{one.number} {carrier} ({one.state.replace('_', ' ')})".replace("  ", " ")


def html(shown: dict[str, Any], told: Sequence[Entry]) -> bytes:
    """The page: its own style inside, nothing fetched, nothing run."""
    template = current_app.jinja_env.get_template(
        "records/timeline.html"
    )  # of no request, and told nothing of one
    return template.render(**shown, entries=told).encode("utf-8", "replace")


def pdf(shown: dict[str, Any], told: Sequence[Entry], *, at: datetime) -> bytes:
    """The same as a PDF that bears the time `at`."""
    words = " ".join([*(row[1] for row in shown["rows"]), *(f"{one.who} {one.text}" for one in told[:200])])
    data = {
        **shown,
        "rows": [[what, typesetting.clean(said)] for what, said in shown["rows"]],
        "entries": [{name: typesetting.clean(value) for name, value in asdict(one).items()} for one in told],
        "fonts": typesetting.families(words),
    }
    return typesetting.pdf(SOURCE, data, at=at)


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
