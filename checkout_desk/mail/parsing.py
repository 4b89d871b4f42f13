"""Raw mail to `Letter`. `parse` never raises: the worst mail is a letter with its raw text, marked as not readable."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checkout_desk.mail.addresses import read_addresses, read_date
from checkout_desk.mail.bodies import gather
from checkout_desk.mail.canonical import canonical_key
from checkout_desk.mail.charsets import decode_text, decode_words
from checkout_desk.mail.letter import Address, Letter
from checkout_desk.mail.mime import clean_front, read_tree
from checkout_desk.mail.reports import read_embedded, read_report

__all__ = ["canonical_key", "parse"]

MAX_REFERENCES = 50
_MAX_RAW_TEXT = 1024 * 1024
_ID = re.compile(r"<([^<>]{1,2000})>")
_UNADDRESSED = Address("")


def parse(raw: bytes) -> Letter:
    """Read one mail as it came from the server.

    Returns a `Letter` for any bytes. `readable` is False when there were no headers or no part could be read; `text`
    then holds the raw mail, decoded leniently and cut at 1 MiB. The raw bytes themselves are never changed.
    """
    try:
        return _letter(raw)
    except (
        Exception
    ):  # SPEC section 5: nothing raises out of the parser; a bug here must not lose a customer's mail
        return _unreadable(raw, ("the mail could not be parsed",))


def _letter(raw: bytes) -> Letter:
    defects: list[str] = []
    source, start = clean_front(raw)
    root = read_tree(source, start, defects)
    if not root.headers.fields:
        return _unreadable(raw, ("no headers",))
    bodies = gather(root)
    headers = root.headers.grouped()
    # A nesting bomb: nothing could be reached, so a person gets the raw text.
    lost = not bodies.segments and any(node.unread for node in root.walk())
    addresses = read_addresses(
        {name: ", ".join(headers.get(name, ())) for name in ("from", "reply-to", "to", "cc")}
    )
    return Letter(
        message_id=_message_id(root.headers.get("message-id")),
        in_reply_to=_ids(root.headers.get("in-reply-to"))[:10],
        references=_ids(" ".join(headers.get("references", ())))[-MAX_REFERENCES:],
        sender=_sender(addresses["from"], headers),
        reply_to=addresses["reply-to"],
        to=addresses["to"],
        cc=addresses["cc"],
        subject=decode_words(root.headers.get("subject")),
        date=read_date(root.headers.get("date")),
        text=_raw_text(raw) if lost else bodies.text,
        html=bodies.html,
        parts=bodies.parts(),
        headers=headers,
        report=read_report(root),
        embedded=read_embedded(root),
        content_type=root.type,
        defects=tuple(dict.fromkeys([*defects, *bodies.defects])),
        readable=not lost,
    )


def _unreadable(raw: bytes, defects: tuple[str, ...]) -> Letter:
    return Letter(text=_raw_text(raw), defects=defects, readable=False)


def _raw_text(raw: bytes) -> str:
    """A mail that cannot be taken apart, as text for a person."""
    return decode_text(bytes(raw[:_MAX_RAW_TEXT]))[0]


def _sender(found: tuple[Address, ...], headers: Mapping[str, tuple[str, ...]]) -> Address:
    """The author: From, else Sender, else Return-Path; a From with a name but no address keeps its name."""
    if found:
        return found[0]
    for name in ("sender", "return-path"):
        value = headers.get(name, ("",))[0]
        if "@" in value and (fallback := read_addresses({name: value})[name]):
            return fallback[0]
    shown = decode_words(headers.get("from", ("",))[0]).strip(' <>"')
    return Address("", shown[:500]) if shown else _UNADDRESSED


def _message_id(value: str) -> str:
    ids = _ids(value)
    if ids:
        return ids[0]
    words = value.strip(" <>").split()
    return words[0][:990] if words else ""


def _ids(value: str) -> tuple[str, ...]:
    """The ids in angle brackets, oldest first, without brackets and without blanks that a fold left inside."""
    return tuple(cleaned for match in _ID.finditer(value) if (cleaned := "".join(match[1].split())[:990]))
