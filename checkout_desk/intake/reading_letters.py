"""From a parsed mail to what `reading` takes: fresh text, forwarded ranges, attached messages. No database.

`reading` and `mail` do not know each other; this is where they meet.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from checkout_desk.mail.htmltext import text_of
from checkout_desk.mail.letter import Letter, Part
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.screening import screen
from checkout_desk.mail.zones import Zone, zones
from checkout_desk.reading.canonical import MAX_TEXT
from checkout_desk.reading.model import Attached, Reading, ReadingInput, ShipTo, Span, Value

_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"^(?:[ \t]?>[ \t]?)+", re.MULTILINE)
_MOST_ATTACHED = 5
_TEXT_TYPES = ("text/plain", "text/csv", "text/html")


def best_text(letter: Letter) -> str:
    """The text to read: the plain part, unless the HTML says more (full text, a table, something struck out)."""
    if not letter.html:
        return letter.text
    html = text_of(letter.html)
    if not letter.text.strip():
        return html
    plain_words, html_words = len(_WORD.findall(letter.text)), len(_WORD.findall(html))
    if html_words > 4 and plain_words * 3 < html_words * 2:
        return html
    if html_words * 2 < plain_words:
        return letter.text
    return html if "~~" in html or " | " in html else letter.text


def _fresh(text: str, found: list[Zone]) -> tuple[str, tuple[Span, ...]]:
    """The own and forwarded words, one below the other, and where the forwarded ones stand."""
    pieces: list[str] = []
    forwarded: list[Span] = []
    at = 0
    for zone in found:
        if zone.kind not in ("own", "forwarded"):
            continue
        piece = text[zone.start : zone.end]
        if zone.kind == "forwarded":
            piece = _MARKS.sub("", piece)
        piece = piece.strip("\n").rstrip()
        if not piece.strip():
            continue
        if zone.kind == "forwarded":
            forwarded.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece) + 1
    return "\n".join(pieces), tuple(forwarded)


def reading_input(letter: Letter, *, store_addresses: Collection[str] = ()) -> ReadingInput:
    """What `reading.read` takes of one letter."""
    store = frozenset(address.casefold() for address in store_addresses)
    verdict = screen(letter, own_addresses=frozenset(), trusted_relays=store | _form_relays(letter))
    text = best_text(letter)[:MAX_TEXT]
    found = zones(text)
    body, forwarded = _fresh(text, found)
    quoted = "\n".join(text[z.start : z.end] for z in found if z.kind == "quoted")
    signature = "\n".join(text[z.start : z.end] for z in found if z.kind == "signature")
    return ReadingInput(
        body=body,
        subject=letter.subject,
        from_name=letter.sender.name,
        from_email=letter.sender.email,
        reply_to=tuple((address.name, address.email) for address in letter.reply_to),
        forwarded=forwarded,
        signature=signature,
        quoted=quoted,
        attached=tuple(a for part in letter.parts[:20] if (a := _attached(part)))[:_MOST_ATTACHED],
        is_reply=bool(letter.in_reply_to or letter.references),
        screened=verdict.kind,
    )


def _form_relays(letter: Letter) -> frozenset[str]:
    """A contact form writes for the person in its Reply-To: its mark 'automatic' says nothing about the order."""
    if letter.report or not letter.reply_to or letter.reply_to[0].key == letter.sender.key:
        return frozenset()
    return frozenset({letter.sender.key})


def _attached(part: Part) -> Attached | None:
    if part.content_type == "message/rfc822":
        inner = parse(part.data)
        text = best_text(inner)[:MAX_TEXT]
        body, _ = _fresh(text, zones(text))
        if screen(inner).kind != "letter":
            return None
        return Attached(part.filename, body, inner.sender.name, inner.sender.email, subject=inner.subject)
    if part.content_type in _TEXT_TYPES and not part.inline and part.size < 500_000:
        kind = b"text/html" if part.content_type == "text/html" else b"text/plain"
        inner = parse(b"Content-Type: " + kind + b"\n\n" + part.data)
        return Attached(part.filename, best_text(inner)[:MAX_TEXT], is_message=False)
    return None


def as_json(
    file: str, letter: Letter, given: ReadingInput, reading: Reading, milliseconds: float
) -> dict[str, Any]:
    """The object that `checkout-desk read --json` prints (SPEC section 10)."""
    return {
        "file": file,
        "kind": reading.kind,
        "role": reading.role,
        "message": {
            "message_id": letter.message_id,
            "from": {"name": letter.sender.name, "email": letter.sender.email},
            "subject": letter.subject,
            "date": letter.date.isoformat() if letter.date else None,
            "fresh_text": given.body,
            "attachments": [
                {"filename": p.filename, "content_type": p.content_type, "size": p.size} for p in letter.parts
            ],
        },
        "lines": [
            {
                "sku": line.sku, "quantity": line.quantity, "text": line.text, "span": list(line.span), "source": line.source,
                "confidence": line.confidence, "needs_review": line.needs_review, "rule": line.rule,
            }
            for line in reading.lines
        ],
        "ambiguous": [
            {"text": a.text, "quantity": a.quantity, "candidates": list(a.candidates), "span": list(a.span), "source": a.source}
            for a in reading.ambiguous
        ],
        "unmatched": [
            {"text": u.text, "quantity": u.quantity, "span": list(u.span), "source": u.source} for u in reading.unmatched
        ],
        "customer": {
            "name": _text(reading.customer.name),
            "email": _text(reading.customer.email),
            "phone": _text(reading.customer.phone),
        },
        "ship_to": _ship_to(reading.ship_to),
        "gaps": list(reading.gaps),
        "milliseconds": round(milliseconds, 1),
    }  # fmt: skip


def _text(value: Value | None) -> str | None:
    return value.text if value else None


def _ship_to(address: ShipTo | None) -> dict[str, Any] | None:
    if address is None:
        return None
    fields = ("name", "line1", "line2", "city", "region", "postcode", "country")
    shown: dict[str, Any] = {name: _text(getattr(address, name)) for name in fields}
    shown["country_inferred"] = bool(address.country and address.country.inferred)
    return shown
