"""What stops a mail before it leaves (SPEC section 6), each as a sentence beside the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import bindparam, select

from checkout_desk.conversations.models import Conversation, Draft, Message, Participant
from checkout_desk.extensions import db
from checkout_desk.mail.letter import Address

MAX_RECIPIENTS = 50
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\]|\[(?:NAME|TOTAL|CUSTOMER|ORDER)\]")
_EMPTY = re.compile(r",(?:\s*,)+")
NOTE_LINE = 30
"""a line of a note at least this long that stands in a mail word for word was not meant to leave"""


def recipients(typed: str) -> tuple[list[Address], str | None]:
    """The addresses of a To or Cc field as typed, and the sentence for the first that cannot be used."""
    found: list[Address] = []
    tidy = _EMPTY.sub(",", typed.replace(";", ",").replace("\n", ",")).strip(", \t\r")
    for name, email in getaddresses([tidy]) if tidy else []:
        if (
            not email
        ):  # the parser gave up on a piece; dropping it would send the mail to fewer people, silently
            return (
                found,
                f"“{tidy[:80]}” holds something that is no e-mail address; expected something like ann@example.com.",
            )
        try:
            checked = validate_email(
                email, check_deliverability=False, allow_smtputf8=False, test_environment=True
            ).normalized
        except EmailNotValidError:
            return found, f"“{email}” is not an e-mail address; expected something like ann@example.com."
        if checked.casefold() not in {a.key for a in found}:
            found.append(Address(checked, name))
    if len(found) > MAX_RECIPIENTS:
        return found, f"{len(found)} recipients are too many for one mail; at most {MAX_RECIPIENTS}."
    return found, None


def newer_messages(c: Conversation, draft: Draft) -> list[Message]:
    """What the customer wrote since the draft was opened, oldest first."""
    if c.last_inbound_id is None or c.last_inbound_id == draft.based_on_id:
        return []
    return list(
        db.session.scalars(
            select(Message)
            .where(
                Message.conversation_id == c.id,
                Message.direction == "in",
                Message.kind.in_(("letter", "page", "unreadable")),
                Message.id > (draft.based_on_id or 0),
            )
            .order_by(Message.id)
            .limit(10)
        )
    )


_INSIDE = select(Participant.email).where(
    Participant.conversation_id == bindparam("conversation"),
    Participant.email.in_(bindparam("emails", expanding=True)),
)
_NOTES = select(Message.text).where(
    Message.conversation_id == bindparam("conversation"), Message.direction == "note"
)


def outsiders(c: Conversation, addresses: list[Address]) -> list[Address]:
    """The recipients who take no part in the conversation yet."""
    keys = [a.key for a in addresses]
    inside = set(db.session.scalars(_INSIDE, {"conversation": c.id, "emails": keys}))
    return [a for a in addresses if a.key not in inside]


Check = Callable[[Conversation, str, str | None], str | None]
_MORE: list[Check] = []


def also(check: Check) -> None:
    """Let `check(conversation, text, purpose of the draft)` stop mails too: it returns the sentence, or None."""
    if check not in _MORE:
        _MORE.append(check)


def unfilled(text: str) -> str:
    """The first placeholder that stands open in `text`, without its brackets; '' where there is none."""
    found = _PLACEHOLDER.search(text)
    return found[0][1:-1] if found else ""


def text_faults(c: Conversation, text: str, *, purpose: str | None = None) -> str | None:
    """Why this text must not leave: nothing in it, an open placeholder, the words of an internal note, or what the
    packages above know (`also`)."""
    if not text.strip():
        return "The mail is empty; write something or discard the draft."
    name = unfilled(text)
    if name:
        return f"[{name}] has not been filled in; replace it or take it out."
    for note in db.session.scalars(_NOTES, {"conversation": c.id}):
        for line in note.splitlines():
            if len(line.strip()) >= NOTE_LINE and line.strip() in text:
                return f"“{line.strip()[:60]}…” stands in an internal note; the customer must not see it."
    return next((found for check in _MORE if (found := check(c, text, purpose))), None)
