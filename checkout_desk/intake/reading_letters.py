"""From a parsed mail to what `reading` takes: fresh text, forwarded ranges, attached messages. No database.

`reading` and `mail` do not know each other; this is where they meet.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from checkout_desk.intake.texts import Fresh, best_text, fresh
from checkout_desk.mail import quotewords
from checkout_desk.mail.cards import mask_cards
from checkout_desk.mail.letter import Letter, Part
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.screening import Kind, screen
from checkout_desk.mail.zones import Zone, zones
from checkout_desk.reading.canonical import MAX_TEXT
from checkout_desk.reading.model import Attached, Reading, ReadingInput, ShipTo, Value

_MOST_ATTACHED = 5
_FORWARDS = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|vs|vb|pd|fs|転送)\s*[:：]", re.IGNORECASE)
_TEXT_TYPES = ("text/plain", "text/csv", "text/html")


def letter_input(letter: Letter, *, store_addresses: Collection[str] = ()) -> tuple[ReadingInput, Fresh]:
    """What `reading.read` takes of one letter, and the way from its spans back into the letter's text."""
    store = frozenset(address.casefold() for address in store_addresses)
    verdict = screen(letter, own_addresses=frozenset(), trusted_relays=store | _form_relays(letter))
    text = mask_cards(best_text(letter)[:MAX_TEXT])
    return text_input(letter, text, zones(text), screened=verdict.kind)


def reading_input(letter: Letter, *, store_addresses: Collection[str] = ()) -> ReadingInput:
    """`letter_input` for a caller that needs no way back."""
    return letter_input(letter, store_addresses=store_addresses)[0]


def text_input(
    letter: Letter, text: str, found: Iterable[Zone], *, screened: Kind, attached: bool = True
) -> tuple[ReadingInput, Fresh]:
    """`letter_input` where the text of the letter (without card numbers) and its zones are known already.

    `attached`: read attached messages and files as well, which have to be parsed for that.
    """
    files = letter.parts[:20] if attached else ()
    parts = [Zone(z.kind, z.start, min(z.end, MAX_TEXT)) for z in found if z.start < MAX_TEXT]
    if _FORWARDS.match(letter.subject):
        parts = [_as_forwarded(zone, text) for zone in parts]
    words = fresh(text, parts)
    given = ReadingInput(
        body=words.text,
        subject=mask_cards(letter.subject),
        from_name=letter.sender.name,
        from_email=letter.sender.email,
        reply_to=tuple((address.name, address.email) for address in letter.reply_to),
        forwarded=words.forwarded,
        signature="\n".join(text[z.start : z.end] for z in parts if z.kind == "signature"),
        quoted="\n".join(text[z.start : z.end] for z in parts if z.kind == "quoted"),
        attached=tuple(a for part in files if (a := _attached(part)))[:_MOST_ATTACHED],
        is_reply=bool(letter.in_reply_to or letter.references),
        screened=screened,
        below=words.below,
    )
    return given, words


def _as_forwarded(zone: Zone, text: str) -> Zone:
    """A quoted mail with its headers above it is a forwarded one where the subject says that this is a forward."""
    head = text[zone.start : zone.end].lstrip("\n >_-")
    line, _, below = head.partition("\n")
    if quotewords.ORIGINAL.search(line[:200]):
        head = below.lstrip("\n >_-")
    if zone.kind == "quoted" and (found := quotewords.LABEL.match(head)) and found.lastgroup == "from":
        return Zone("forwarded", zone.start, zone.end)
    return zone


def _form_relays(letter: Letter) -> frozenset[str]:
    """A contact form writes for the person in its Reply-To: its mark 'automatic' says nothing about the order."""
    if letter.report or not letter.reply_to or letter.reply_to[0].key == letter.sender.key:
        return frozenset()
    return frozenset({letter.sender.key})


def _attached(part: Part) -> Attached | None:
    if part.content_type == "message/rfc822":
        inner = parse(part.data)
        text = mask_cards(best_text(inner)[:MAX_TEXT])
        if screen(inner).kind != "letter":
            return None
        words = fresh(text, zones(text)).text
        subject, name = mask_cards(inner.subject), mask_cards(inner.sender.name)
        sent_to = tuple(one.email.casefold() for one in (*inner.to, *inner.cc))
        return Attached(part.filename, words, name, inner.sender.email, sent_to=sent_to, subject=subject)
    if part.content_type in _TEXT_TYPES and not part.inline and part.size < 500_000:
        kind = b"text/html" if part.content_type == "text/html" else b"text/plain"
        inner = parse(b"Content-Type: " + kind + b"\n\n" + part.data)
        return Attached(part.filename, mask_cards(best_text(inner)[:MAX_TEXT]), is_message=False)
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
