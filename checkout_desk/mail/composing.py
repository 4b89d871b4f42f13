"""The final bytes of a mail that leaves: built once, stored, sent unchanged however often it is tried.

The body is made by the standard library's EmailMessage (7-bit, so that no server has to offer 8BITMIME).
The top headers are folded here, because its folding turns long message ids into encoded words and can lose
the quotes of a display name. Whatever could break out of a header is refused with a sentence for a person.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from checkout_desk.mail.letter import Address, Part
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.plain_html import html_from_text

__all__ = ["check_line_ends", "checked_address", "compose", "html_from_text", "new_message_id"]

POLICY = SMTP.clone(cte_type="7bit")
MOST_REFERENCES = 30
"""ids kept in References: the first, which names the thread, and the last ones"""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_TEXT_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_ID = re.compile(r"[!-;=?-~]{1,900}")
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def new_message_id(domain: str) -> str:
    """A Message-ID without angle brackets that nobody can guess: 160 random bits at `domain`."""
    return f"{secrets.token_hex(20)}@{_domain(domain)}"


def compose(
    *,
    mailbox: Mailbox,
    to: Sequence[Address],
    cc: Sequence[Address] = (),
    subject: str,
    text: str,
    html: str = "",
    in_reply_to: str = "",
    references: Sequence[str] = (),
    attachments: Iterable[Part] = (),
    reply_to: str = "",
    automatic: bool = False,
    message_id: str,
    loop_mark: str = "",
    date: datetime,
) -> bytes:
    """The mail from `mailbox` as the bytes that will be stored and sent.

    Ids come without angle brackets; foreign ones that cannot stand in a header are left out. `reply_to` is a
    bare address. `html` '' sends plain text alone; inline parts with a content_id are
    pictures of it. `automatic` marks the mail for other machines (RFC 3834), `loop_mark` (loops.loop_mark) for ourselves.
    Raises ValueError with a sentence for a person when an address, the subject, a name or a file name cannot
    be sent.
    """
    if not to:
        raise ValueError("The mail has no recipient.")
    if not _ID.fullmatch(message_id):
        raise ValueError("The Message-ID contains characters that no header can carry.")
    headers = [
        _address_header("From", [Address(mailbox.address, mailbox.display_name)]),
        _address_header("To", to),
        _address_header("Cc", cc) if cc else "",
        _address_header("Reply-To", [Address(reply_to)]) if reply_to else "",
        _text_header("Subject", _one_line(subject, "subject")),
        f"Date: {format_datetime(date)}",
        _id_header("Message-ID", [message_id]),
        *_thread_headers(in_reply_to, references),
        f"X-Checkout-Desk-Loop: {loop_mark}" if loop_mark else "",
    ]
    if automatic:
        headers += [
            f"Auto-Submitted: {'auto-replied' if in_reply_to else 'auto-generated'}",
            "X-Auto-Response-Suppress: All",
        ]
    body = _body(text, html, attachments).as_bytes(policy=POLICY)
    data = "".join(header + "\r\n" for header in headers if header).encode("ascii") + body
    check_line_ends(data)
    return data


def check_line_ends(data: bytes) -> None:
    """Raise ValueError when a CR or LF stands alone: servers differ on what that is (SECURITY F9, A34)."""
    if _BARE.search(data):
        raise ValueError("The mail contains a line end that is not CR LF.")


def checked_address(email: str) -> str:
    """`email` as it can stand in an envelope: ASCII, a foreign domain in its xn-- form.

    Raises ValueError with a sentence when it cannot be sent to: two parts are needed, and letters outside
    ASCII before the @ need SMTPUTF8, which many servers refuse.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or not local:
        raise ValueError(f"“{_shown(email)}” is not an e-mail address.")
    if not local.isascii():
        raise ValueError(f"“{_shown(email)}” has letters before the @ that mail servers do not accept.")
    if not _LOCAL.fullmatch(local):
        raise ValueError(f"“{_shown(email)}” is not an e-mail address.")
    try:
        return f"{local}@{_domain(domain)}"
    except ValueError:
        raise ValueError(f"“{_shown(email)}” is not an e-mail address.") from None


def _domain(domain: str) -> str:
    plain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    if not _DOMAIN.fullmatch(plain):
        raise ValueError(f"“{_shown(domain)}” is not a mail domain.")
    return plain


def _shown(value: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)[:80]


def _one_line(value: str, what: str) -> str:
    if _CONTROL.search(value):
        raise ValueError(f"The {what} contains a line break or a control character.")
    return value.strip()


def _text_header(name: str, value: str) -> str:
    """One unstructured header, folded; encoded (RFC 2047) when it must be or would be taken for encoded."""
    plain = value.isascii() and "=?" not in value and all(len(word) < 60 for word in value.split(" "))
    header = Header(value, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name=name)
    return f"{name}: " + header.encode(linesep="\r\n")


def _address_header(name: str, addresses: Sequence[Address]) -> str:
    """One address a line, so that no address is ever folded in the middle."""
    return f"{name}: " + ",\r\n ".join(_mailbox(address) for address in addresses)


def _mailbox(address: Address) -> str:
    email = checked_address(address.email)
    name = _one_line(address.name, f"name of {email}")
    if not name:
        return email
    if name.isascii() and "=?" not in name and len(name) < 200:
        quoted = name if _PLAIN_NAME.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        return f"{quoted}\r\n <{email}>" if len(quoted) + len(email) > 65 else f"{quoted} <{email}>"
    encoded = Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    return f"{encoded}\r\n <{email}>"


def _thread_headers(in_reply_to: str, references: Sequence[str]) -> list[str]:
    """In-Reply-To and References (RFC 5322 3.6.4): the thread so far, oldest first, and what is answered."""
    ids = [found for found in dict.fromkeys(references) if _ID.fullmatch(found) and found != in_reply_to]
    answers = bool(_ID.fullmatch(in_reply_to))
    if answers:
        ids.append(in_reply_to)
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[1 - MOST_REFERENCES :]]
    return [
        _id_header("In-Reply-To", [in_reply_to]) if answers else "",
        _id_header("References", ids) if ids else "",
    ]


def _id_header(name: str, ids: Sequence[str]) -> str:
    return f"{name}: " + "\r\n ".join(f"<{found}>" for found in ids)


def _body(text: str, html: str, attachments: Iterable[Part]) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message.set_content(_clean(text), charset="utf-8")
    if html:
        message.add_alternative(_clean(html), subtype="html", charset="utf-8")
    parts = list(attachments)
    shown = [part for part in parts if part.inline and part.content_id and html]
    for part in shown:  # pictures of the HTML itself, beside it in multipart/related (RFC 2387)
        main, _, sub = part.content_type.lower().partition("/")
        twin = message.get_body(("html",))
        if isinstance(twin, EmailMessage):
            twin.add_related(
                part.data, main, sub, disposition="inline", cid=f"<{part.content_id}>", filename=part.filename
            )
    for part in parts:
        if part in shown:
            continue
        name = _one_line(part.filename, "file name") or "attachment"
        kind = part.content_type if _TYPE.fullmatch(part.content_type) else "application/octet-stream"
        if kind.lower().startswith(("message/", "multipart/")):  # these may not be base64 (RFC 2046 5.2.1)
            kind = "application/octet-stream"
        main, _, sub = kind.lower().partition("/")
        message.add_attachment(part.data, maintype=main, subtype=sub, cte="base64", filename=name)
    return message


def _clean(text: str) -> str:
    """Text with LF line ends, without control characters, ending with one line end."""
    return _TEXT_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n") + "\n"
