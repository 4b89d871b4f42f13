"""Mails that do more than answer: what sending one does to an order, plugged in by the packages above.

A draft names its purpose; whoever registered for it makes the final words, moves what the mail moves in the same
transaction, and takes all of it back when the mail is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.mail.letter import Part
from checkout_desk.mail.plain_html import html_from_text


@dataclass(frozen=True, slots=True)
class Letter:
    """The final words of a mail."""

    text: str
    """as it leaves, with what it answers below"""
    html: str
    kept: str
    """as the thread and the search keep it: without what is for the customer's eyes alone"""
    reason: str = ""
    """a word under the message, such as the template that it was made from"""
    facts: dict[str, Any] | None = None
    """what `sent` has to know of it"""
    parts: tuple[Part, ...] = ()
    """files that the purpose itself adds; `sent` lets the thread know of them"""
    pictures: Sequence[Part] = ()
    """inline parts that the HTML shows, such as the store's logo"""


class Purpose(Protocol):
    """What one purpose does. All methods run inside the transaction that sends or takes back."""

    keeps: str
    """the placeholder that may stand in the text until the mail is made"""

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
        """The final words; `text` is the draft with the signature. Raises Refused when the mail has lost its sense."""

    def sent(
        self, c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        """The mail is queued: move what it moves. Returns what `taken_back` needs, as JSON."""

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None:
        """The mail did not leave: put back what it moved. Raises Refused when that cannot be."""


_KNOWN: dict[str, Purpose] = {}


def register(key: str, purpose: Purpose) -> None:
    """Let `purpose` decide about drafts whose purpose is `key`."""
    _KNOWN[key] = purpose


def of(key: str | None) -> Purpose | None:
    """Whoever registered for `key`. Raises KeyError for a purpose that nobody serves."""
    return _KNOWN[key] if key else None


def kept_in(draft: Draft) -> str:
    """The draft's text without the placeholder that its purpose fills at the last moment."""
    purpose = of(draft.purpose)
    return draft.text.replace(purpose.keeps, "") if purpose else draft.text


def letter(c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
    """The final words of any draft."""
    purpose = of(draft.purpose)
    if purpose:
        return purpose.letter(c, draft, text=text, quoted=quoted, to=to)
    return Letter(text + quoted, html_from_text(text + quoted), text)


def sent(
    c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
) -> dict[str, Any] | None:
    """Tell the purpose, if there is one. Returns what undo must keep."""
    purpose = of(draft.purpose)
    if purpose is None:
        return None
    return {"key": draft.purpose, "facts": purpose.sent(c, draft, letter, message, by_id=by_id)}


def taken_back(kept: dict[str, Any] | None, *, by_id: int) -> None:
    """Undo what `sent` did."""
    purpose = of(kept["key"]) if kept else None
    if purpose and kept:
        purpose.taken_back(kept["facts"], by_id=by_id)
