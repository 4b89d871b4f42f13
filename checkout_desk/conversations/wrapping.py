"""What stands around the words of a mail: the writer's signature, and what is answered or forwarded."""

from __future__ import annotations

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Message
from checkout_desk.mail.zones import fresh

QUOTED_LINES = 200


def with_signature(text: str, by: Person) -> str:
    """The text as it leaves, the signature of `by` below it."""
    text = text.replace("\r\n", "\n").strip()
    return f"{text}\n\n-- \n{by.signature.strip()}" if by.signature.strip() else text


def quoted(last: Message | None, *, forward: bool) -> str:
    """The customer's own words below the answer, so that their mail program shows what is answered."""
    if last is None or not last.text.strip():
        return ""
    lines = (last.text if forward else fresh(last.text)).strip().splitlines()[:QUOTED_LINES]
    when = (last.sent_at or last.at).strftime("%d %b %Y, %H:%M")
    who = last.from_name or last.from_email
    if forward:
        head = f"---------- Forwarded message ----------\nFrom: {who} <{last.from_email}>\nDate: {when}\nSubject: {last.subject}\n\n"
        return "\n\n" + head + "\n".join(lines)
    return f"\n\nOn {when} UTC, {who} wrote:\n" + "\n".join(f"> {line}" for line in lines)
