"""From raw bytes to what the desk will keep of a mail: no database, no app, may be repeated.

Card numbers are masked here, before anything is stored in clear (SPEC section 5); `has_card` tells that the raw blob must
be sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from checkout_desk.intake.forms import form_person
from checkout_desk.intake.texts import best_of
from checkout_desk.mail.canonical import canonical_key
from checkout_desk.mail.cards import has_card, mask_cards
from checkout_desk.mail.html import sanitise, text_of
from checkout_desk.mail.letter import Address, Letter, Part
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.screening import Verdict, screen
from checkout_desk.mail.zones import Zone, preview, zones

MAX_TEXT = 1_000_000
"""characters of one body that are kept readable; the original has the rest"""

ZONED = 250_000
"""characters in which quotes and signatures are told apart"""


@dataclass(frozen=True, slots=True)
class Understood:
    """One mail, ready to be filed. `text` is what people read and search; `zones` is None when all of it is fresh."""

    letter: Letter
    verdict: Verdict
    canonical_key: str | None
    subject: str
    text: str
    zones: list[tuple[str, int, int]] | None
    preview: str
    html: str | None
    blocked_images: int
    has_card: bool
    card_parts: frozenset[int]
    """positions of attachments that hold a card number"""
    form_for: Address | None = None
    """the person for whom a contact form sent this mail"""

    @property
    def writer(self) -> Address:
        """Who wrote it: the person behind a contact form, else the sender."""
        return self.form_for or self.letter.sender


def understand(
    raw: bytes,
    *,
    own_addresses: frozenset[str],
    trusted_authserv: frozenset[str],
    own_message_ids: Callable[[Collection[str]], bool] | None = None,
    own_mark: Callable[[str, str], bool] | None = None,
) -> Understood:
    """Parse, screen, fold, clean and mask one mail. Never raises for any bytes (mail.parsing never does)."""
    letter = parse(raw)
    person = form_person(letter, own_addresses=own_addresses)
    verdict = screen(
        letter,
        own_addresses=own_addresses,
        trusted_authserv=trusted_authserv,
        trusted_relays=frozenset((letter.sender.key,)) if person else frozenset(),
        own_message_ids=own_message_ids,
        own_mark=own_mark,
    )
    understood = _prepare(letter, verdict)
    if person is None or verdict.kind != "letter":
        return understood
    person = replace(person, name=mask_cards(person.name), email=person.email[:254])
    return replace(understood, form_for=person)


def unreadable(raw: bytes, *, why: str) -> Understood:
    """The last resort for a mail that killed its reader: its beginning as raw text, nothing parsed."""
    text = raw[:20_000].decode("utf-8", "replace").replace("\0", "").replace("\r", "")
    letter = Letter(text=text, readable=False, defects=(why,), subject="A mail that could not be read")
    return _prepare(letter, screen(letter))


def _prepare(letter: Letter, verdict: Verdict) -> Understood:
    letter, named = _names_masked(letter)
    html, blocked, from_html = None, 0, ""
    text = letter.text
    if letter.html:
        from_html = text_of(letter.html)
        text = best_of(text, from_html)
        safe = sanitise(letter.html, cid_urls=own_pictures(letter))
        html, blocked = (None if safe.text_only else safe.html), safe.blocked_images
    text = text[:MAX_TEXT]
    card = named or has_card(text) or has_card(letter.subject) or has_card(from_html)
    cards = frozenset(i for i, part in enumerate(letter.parts) if _part_has_card(part))
    subject = letter.subject
    if card:
        text, subject = mask_cards(text), mask_cards(subject)
        html = mask_cards(html) if html else html
        if html and has_card(text_of(html)):  # its digits stand in several elements: the text alone is shown
            html = None
    if cards:
        letter = replace(
            letter, parts=tuple(replace(p, filename=mask_cards(p.filename)) for p in letter.parts)
        )
    found = zones(text[:ZONED])
    if len(text) > ZONED:  # the rest of a giant mail is its writer's; marking zones must stay quick
        found = [*found, Zone("own", ZONED, len(text))]
    return Understood(
        letter=letter,
        verdict=verdict,
        canonical_key=canonical_key(letter) if letter.readable else None,
        subject=subject[:500],
        text=text,
        zones=None
        if len(found) <= 1 and all(z.kind == "own" for z in found)
        else [(z.kind, z.start, z.end) for z in found],
        preview=preview(text, parts=found)[:200],
        html=html,
        blocked_images=blocked,
        has_card=card or bool(cards),
        card_parts=cards,
    )


def _names_masked(letter: Letter) -> tuple[Letter, bool]:
    """The letter without card numbers in the names of its writer and readers, and whether there were any."""
    people = (letter.sender, *letter.to, *letter.cc, *letter.reply_to)
    if not any(has_card(address.name) for address in people):
        return letter, False

    def masked(addresses: Sequence[Address]) -> tuple[Address, ...]:
        return tuple(replace(address, name=mask_cards(address.name)) for address in addresses)

    (sender,) = masked([letter.sender])
    to, cc, reply_to = masked(letter.to), masked(letter.cc), masked(letter.reply_to)
    return replace(letter, sender=sender, to=to, cc=cc, reply_to=reply_to), True


def own_pictures(letter: Letter) -> dict[str, str]:
    """The pictures that a mail brings along stay named by their Content-ID; the frame resolves them when it is shown."""
    return {part.content_id: f"cid:{part.content_id}" for part in letter.parts if part.content_id}


def _part_has_card(part: Part) -> bool:
    if has_card(part.filename):
        return True
    if part.content_type.startswith("text/") or part.content_type in ("application/json", "application/xml"):
        return has_card(part.data[:200_000].decode("utf-8", "replace"))
    return False
