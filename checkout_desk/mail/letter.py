"""What one mail says, as plain frozen data: the only form in which the rest of the desk sees a parsed mail.

`parsing.parse` makes a Letter and never raises; screening, threading and intake read it.
Every string here is safe for a database: no NUL, no lone surrogates, no CR, headers on one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header. `email` is stripped, domain in lower case, possibly empty if unreadable."""

    email: str
    name: str = ""

    @property
    def key(self) -> str:
        """The form in which addresses are compared: whole address casefolded."""
        return self.email.casefold()

    def __str__(self) -> str:
        """As it is typed into a To field, and read from there as this one address, whatever the name holds."""
        if not self.name:
            return self.email
        quoted = re.search(r"[^\w\s'&.–-]", self.name) is not None
        name = '"' + re.sub(r'(["\\])', r"\\\1", self.name) + '"' if quoted else self.name
        return f"{name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class Part:
    """One attachment: a named, unnamed, inline or attached part that is not the body.

    `data` are the decoded bytes. `filename` is cleaned for display (no path, control or direction characters, at
    most 120 characters, unique within the letter) and stable: unnamed parts are named by their content hash.
    `content_id` is without angle brackets. `inline` is true for parts that the HTML shows by cid.
    `source` is 'mail', or 'tnef' when it came out of a winmail.dat.
    """

    filename: str
    content_type: str
    data: bytes
    content_id: str = ""
    inline: bool = False
    source: str = "mail"

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Letter:
    """One parsed mail.

    `text` is the plain-text body as sent (format=flowed joined, charset decoded, LF line ends), '' when there is none.
    `html` is the raw, unsanitised HTML body or ''. Both may be present.
    `date` is the sender's claim as an aware UTC instant, or None when missing or unreadable.
    `message_id`, `in_reply_to`, `references` hold ids without angle brackets; references oldest first, at most 50 (the last ones).
    `headers` has lower-cased names and a tuple of unfolded raw values for the headers that screening reads
    (auto-submitted, precedence, list-*, x-auto*, x-failed-recipients, return-path, authentication-results, received, …).
    `report` is the parsed machine part of a multipart/report, if any.
    `embedded` are the headers of an attached or returned original message (a bounce's third part), lower-cased name -> value.
    `defects` are plain words for what was wrong with the MIME. `readable` is False when only raw text could be shown.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: Address = Address("")
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    parts: tuple[Part, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    report: Report | None = None
    embedded: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/plain"
    defects: tuple[str, ...] = ()
    readable: bool = True

    def header(self, name: str) -> str:
        """The first value of a header, or ''."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""


@dataclass(frozen=True, slots=True)
class Report:
    """The machine-readable part of a multipart/report (RFC 3464 delivery-status, RFC 8098 disposition, RFC 5965 feedback)."""

    kind: str  # 'delivery-status' | 'disposition-notification' | 'feedback-report' | other report-type
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """One per-recipient group of a delivery status: the address and what became of it."""

    email: str
    action: str = ""  # failed | delayed | delivered | relayed | expanded
    status: str = ""  # 5.1.1
    diagnostic: str = ""
