"""The mail inside an opaque S/MIME signature (smime.p7m, RFC 8551 section 3.5.2), so that it can be read.

The signature itself is not checked here: a From stays a claim. Encrypted mail has no readable content and stays an
attachment. Only the few BER structures on the way to the content are read (RFC 5652 section 5.2).
"""

from __future__ import annotations

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _SET, _INTEGER, _OID, _OCTETS, _CONTEXT_0 = 0x30, 0x31, 0x02, 0x06, 0x04, 0xA0
_MAX_CHUNKS = 200_000


def signed_content(data: bytes) -> bytes | None:
    """The MIME entity that a CMS SignedData carries, or None when there is none to be had. Never raises."""
    try:
        return _content(data)
    except (IndexError, ValueError):
        return None


def _content(data: bytes) -> bytes | None:
    position = _enter(data, 0, _SEQUENCE)
    kind, position = _value(data, position, _OID)
    if kind != _SIGNED_DATA:
        return None
    position = _enter(data, position, _CONTEXT_0)
    position = _enter(data, position, _SEQUENCE)
    _, position = _value(data, position, _INTEGER)
    _, position = _value(data, position, _SET)
    position = _enter(data, position, _SEQUENCE)
    _, position = _value(data, position, _OID)
    position = _enter(data, position, _CONTEXT_0)
    if data[position] == _OCTETS:
        return _value(data, position, _OCTETS)[0]
    position = _enter(
        data, position, _OCTETS | 0x20
    )  # constructed: the content in chunks, as streaming senders do
    chunks: list[bytes] = []
    while position < len(data) and data[position] == _OCTETS and len(chunks) < _MAX_CHUNKS:
        chunk, position = _value(data, position, _OCTETS)
        chunks.append(chunk)
    return b"".join(chunks)


def _header(data: bytes, position: int, tag: int) -> tuple[int, int | None]:
    """Offset and length of the value at `position`; the length is None for the indefinite form."""
    if data[position] != tag:
        raise ValueError("another structure")
    first = data[position + 1]
    if first < 0x80:
        return position + 2, first
    if first == 0x80:
        return position + 2, None
    size = first & 0x7F
    if size > 4:
        raise ValueError("length too large")
    start = position + 2 + size
    return start, int.from_bytes(data[position + 2 : start], "big")


def _enter(data: bytes, position: int, tag: int) -> int:
    return _header(data, position, tag)[0]


def _value(data: bytes, position: int, tag: int) -> tuple[bytes, int]:
    start, length = _header(data, position, tag)
    if length is None or start + length > len(data):
        raise ValueError("cut or indefinite")
    return data[start : start + length], start + length
