"""Outlook's winmail.dat (TNEF, MS-OXTNEF) unpacked, within bounds.

tnefparse copies the rest of the stream for each attribute and trusts counts that the sender wrote. A linear scan
therefore comes first: it checks sizes, and hands on only the attributes that hold files, bodies and the code page.
"""

from __future__ import annotations

import logging
import mimetypes
import struct
from dataclasses import dataclass
from typing import Any

from checkout_desk.mail.charsets import clean_text, decode_text

TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-tnef"})
MAX_ATTRIBUTES = 2_000
MAX_FILES = 200
MAX_BYTES = 50 * 1024 * 1024
MAX_WORK = 2 * 1024**3  # attributes times bytes: what the copying of tnefparse may cost in total

_SIGNATURE = 0x223E9F78
_BODY, _CODEPAGE, _MAPI_PROPERTIES = 0x800C, 0x9007, 0x9003
_TITLE, _DATA, _RENDERING, _ATTACHMENT = 0x8010, 0x800F, 0x9002, 0x9005
_WANTED = frozenset({_BODY, _CODEPAGE, _MAPI_PROPERTIES, _TITLE, _DATA, _RENDERING, _ATTACHMENT})
_PROPERTY_LISTS = frozenset({_MAPI_PROPERTIES, _ATTACHMENT})
_MESSAGE_OBJECT = bytes.fromhex("0703020000000000c000000000000046")
MAX_PROPERTIES = 5_000
_FIXED = {0x02: 2, 0x0B: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x00, 0x0D, 0x1E, 0x1F, 0x102})
_MAPI_LONG_NAME, _MAPI_MIME_TAG, _MAPI_CONTENT_ID = 0x3707, 0x370E, 0x3712

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it logs each broken property of a stranger's file


@dataclass(frozen=True, slots=True)
class File:
    """One file out of a winmail.dat."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a winmail.dat held. A body that exists only as compressed RTF is not among it."""

    files: tuple[File, ...]
    text: str = ""
    html: str = ""


def unpack(data: bytes) -> Content | None:
    """Unpack a winmail.dat; None when it is broken, too large, or no TNEF at all. Never raises."""
    reduced = _reduce(data)
    if reduced is None:
        return None
    try:
        from tnefparse import TNEF

        parsed = TNEF(reduced, do_checksum=False)
        files = tuple(_file(attachment, parsed.codepage) for attachment in parsed.attachments[:MAX_FILES])
        return Content(
            files=tuple(file for file in files if file.data),
            text=_body(parsed.body, parsed.codepage),
            html=_body(parsed.htmlbody, parsed.codepage),
        )
    except (
        Exception
    ):  # the library lets struct, codec and attribute errors through; any of them means "broken"
        return None


def _reduce(data: bytes) -> bytes | None:
    """The stream with only the wanted attributes, or None when its structure is wrong or beyond the bounds."""
    if len(data) < 6 or len(data) > MAX_BYTES or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    pieces = [data[:6]]
    position = 6
    files = 0
    while position + 11 <= len(data):
        level, name, _, length = struct.unpack_from("<BHHI", data, position)
        end = position + 9 + length + 2
        if level not in (1, 2) or end > len(data):
            return None
        if name in _WANTED:
            files += name == _RENDERING
            if level == 2 and not files:
                return None
            if name in _PROPERTY_LISTS and not _sound_properties(data, position + 9, end - 2):
                return None
            piece = data[position:end]
            if name == _ATTACHMENT:
                # Marked as a message, an object would be opened by the library at once, and unchecked.
                piece = piece.replace(_MESSAGE_OBJECT, bytes(16))
            pieces.append(piece)
            if len(pieces) > MAX_ATTRIBUTES or len(pieces) * len(data) > MAX_WORK:
                return None
        position = end
    return b"".join(pieces)


def _sound_properties(data: bytes, position: int, end: int) -> bool:
    """Whether a MAPI property list (MS-OXTNEF 2.1.3.4) holds as much as its counts say.

    tnefparse loops as often as a count tells it to, also past the end of the data: four bytes could cost hours.
    """
    try:
        (left,) = struct.unpack_from("<I", data, position)
        position += 4
        total = 0
        while left:
            left -= 1
            kind, name = struct.unpack_from("<HH", data, position)
            position = _past_name(data, position + 4, name)
            values = 1
            base = kind & ~0x1000
            if kind & 0x1000 or base in _VARIABLE:
                (values,) = struct.unpack_from("<I", data, position)
                position += 4
            total += values + 1
            if total > MAX_PROPERTIES or position > end:
                return False
            position = _past_values(data, position, base, values)
        return position <= end
    except (struct.error, KeyError):
        return False


def _past_name(data: bytes, position: int, name: int) -> int:
    """Skip the GUID and the number or text that a named property carries."""
    if name < 0x8000:
        return position
    kind, length = struct.unpack_from("<II", data, position + 16)
    position += 24
    return position if kind == 0 else position + length + -length % 4


def _past_values(data: bytes, position: int, kind: int, values: int) -> int:
    if kind in _FIXED:
        size = _FIXED[kind] * values
        return position + size + -size % 4
    for _ in range(values):
        (length,) = struct.unpack_from("<I", data, position)
        position += 4 + length + -length % 4
    return position


def _file(attachment: Any, codepage: str | None) -> File:
    properties = {attribute.name: attribute for attribute in attachment.mapi_attrs}
    name = _property(properties.get(_MAPI_LONG_NAME))
    if not name:
        # Its `name` property reads UTF-8 only and raises on every umlaut of a Western code page.
        short = attachment._name
        name = decode_text(short, codepage or "")[0] if isinstance(short, bytes) else str(short)
        name = name.strip("\x00")
    declared = _property(properties.get(_MAPI_MIME_TAG))
    guessed = mimetypes.guess_type(name)[0]
    content_type = (declared if "/" in declared else "") or guessed or "application/octet-stream"
    content_id = _property(properties.get(_MAPI_CONTENT_ID)).strip("<> ")
    content = bytes(attachment.data)
    if content[:20] == bytes(16) + struct.pack(
        "<I", _SIGNATURE
    ):  # an attached message: kept as it is, one level only
        content, content_type = content[16:], "application/ms-tnef"
    return File(clean_text(name).strip(), content_type.lower(), content, content_id)


def _property(attribute: Any) -> str:
    value = attribute.data if attribute is not None else ""
    if isinstance(value, bytes):
        value = decode_text(value)[0]
    return clean_text(value).strip() if isinstance(value, str) else ""


def _body(value: Any, codepage: str | None) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = decode_text(value.rstrip(b"\x00"), codepage or "")[0]
    return clean_text(value).strip("\n") if isinstance(value, str) else ""
