"""Address and date headers, read by mail-parser, with what it leaves empty filled in from the raw header.

Only the headers asked for go to the library, as a small message of their own: it would otherwise decode every
attachment once more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message as HeaderCarrier
from email.utils import parsedate_to_datetime

import mailparser
from mailparser.dates import parse_mail_date

from checkout_desk.mail.charsets import decode_words, one_line
from checkout_desk.mail.letter import Address

_ATOM = r"[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_PLAIN = re.compile(rf'(?:"([^"\\=@]{{0,200}})"|([A-Za-z0-9][A-Za-z0-9 _-]{{0,200}}))?\s*<({_ATOM})>\s*\Z')
_BARE = re.compile(rf"{_ATOM}\Z")
_WORDS = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=(?:\s*=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)*")
_MARK = re.compile(r"zzword(\d{1,5})zz")
_TOKENS = re.compile(r"[\s<>\"',;()\[\]]+")
_SCHEME = re.compile(r"<?(?:mailto|smtp):\Z", re.I)
_ANGLE = re.compile(r"<([^<>]*)>")
MAX_ADDRESSES = 500


def read_addresses(headers: Mapping[str, str]) -> dict[str, tuple[Address, ...]]:
    """Addresses by header name, for `from`, `reply-to`, `to`, `cc` and the like; () where none can be read."""
    found: dict[str, tuple[Address, ...]] = {}
    hard: dict[str, str] = {}
    for name, value in headers.items():
        if not value:
            found[name] = ()
        elif _BARE.match(value):
            found[name] = (_address(value, ""),)
        elif plain := _PLAIN.match(value):
            found[name] = (_address(plain[3], (plain[1] or plain[2] or "").strip()),)
        else:
            hard[name] = value
    if hard:
        found |= _by_library(hard)
    return found


def _by_library(headers: Mapping[str, str]) -> dict[str, tuple[Address, ...]]:
    """Let mail-parser take the headers apart.

    Encoded words are swapped for marks first and decoded afterwards: a word may hold a comma or an address, and
    neither may take part in the grammar (RFC 2047 section 5).
    """
    carrier = HeaderCarrier()
    words: list[str] = []

    def mark(match: re.Match[str]) -> str:
        words.append(match[0])
        return f"zzword{len(words) - 1}zz"

    def unmark(text: str) -> str:
        return decode_words(_MARK.sub(lambda m: words[int(m[1])] if int(m[1]) < len(words) else m[0], text))

    # mail-parser knows address syntax by header name; any other header borrows one of the names it knows.
    borrowed = dict(zip(headers, ("from", "to", "cc", "reply-to", "bcc", "delivered-to"), strict=False))
    for name, loan in borrowed.items():
        carrier[loan] = _WORDS.sub(mark, headers[name])
    parser = mailparser.MailParser(carrier)
    found: dict[str, tuple[Address, ...]] = {}
    for name, loan in borrowed.items():
        pairs = getattr(parser, loan.replace("-", "_") if loan != "from" else "from_")
        addresses = [_address(unmark(email), unmark(display)) for display, email in pairs[:MAX_ADDRESSES]]
        found[name] = tuple(item for item in addresses if "@" in item.email) or _from_raw(headers[name])
    return found


def _from_raw(value: str) -> tuple[Address, ...]:
    """Whatever looks like an address in a header that no grammar accepts: in angles first, else any word with an @."""
    angled = [
        match[1].split()[-1] for match in _ANGLE.finditer(value) if "@" in match[1] and match[1].strip()
    ]
    tokens = angled[-1:] or [token for token in _TOKENS.split(value) if token.count("@") == 1]
    cleaned = [
        re.sub(r"\A(?:mailto|smtp):", "", token, flags=re.I).strip(".:") for token in tokens[:MAX_ADDRESSES]
    ]
    cleaned = [token for token in cleaned if "@" in token.strip("@")]
    name = ""
    if len(cleaned) == 1:
        name = decode_words(_SCHEME.sub("", value.split(cleaned[0], 1)[0])).strip(" <>\"'(,:;")
        if "@" in name:
            name = ""
    return tuple(_address(token, name) for token in cleaned)


def _address(email: str, name: str) -> Address:
    local, at, domain = one_line(email).strip(" <>").rpartition("@")
    name = one_line(name).strip().strip('"').strip()
    return Address(f"{local}{at}{domain.lower().rstrip('.')}", name[:500])


def read_date(value: str) -> datetime | None:
    """The instant of a Date header in UTC, None when it is missing, unreadable or outside 1970 to 9998.

    mail-parser reads RFC 5322 with its obsolete forms; other shapes go to the standard library and to ISO 8601.
    A date without a zone counts as UTC.
    """
    if not value:
        return None
    result = parse_mail_date(value)
    moment = result.value
    if moment is None and not {"invalid-calendar-date", "date-out-of-range"} & set(result.reasons):
        moment = _loose_date(value)
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if 1970 <= moment.year <= 9998 else None


def _loose_date(value: str) -> datetime | None:
    text = value[:200]
    for reader in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return reader(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
    return None
