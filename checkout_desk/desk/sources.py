"""The bytes of a mail for the eye: as it came, or as it left."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.mail.receiving import blobs

SHOWN = 200_000


def digest(m: Message) -> str | None:
    """The blob that holds the mail; None for what never was one, such as a note."""
    if m.raw_id:
        return db.session.scalar(select(RawMail.sha256).where(RawMail.id == m.raw_id))
    return (
        db.session.scalar(select(OutboundMail.sha256).where(OutboundMail.id == m.outbound_id))
        if m.outbound_id
        else None
    )


def source(m: Message) -> str:
    """The beginning of the mail's bytes as text. A sealed one (card number) is not shown, but can be downloaded."""
    found = digest(m)
    if found is None:
        return "Nothing was kept of this message."
    if blobs().sealed(found):
        return "This mail holds a card number. Its source is kept encrypted; downloading it is recorded."
    return blobs().get(found)[:SHOWN].decode("utf-8", "replace").replace("\r\n", "\n")
