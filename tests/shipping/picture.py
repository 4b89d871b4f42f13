"""The grey picture in a PNG, dot by dot, as a printer would put it on paper."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import zxingcpp


@dataclass(frozen=True)
class Picture:
    """Rows of dots: 0 is black, 255 white."""

    rows: list[bytes]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return len(self.rows[0]), len(self.rows)

    def part(self, left: int, top: int, right: int, bottom: int) -> Picture:
        """What stands between four edges."""
        return Picture([row[left:right] for row in self.rows[top:bottom]])

    def turned(self) -> Picture:
        """Turned by 90° against the clock."""
        return Picture([bytes(column) for column in reversed(list(zip(*self.rows, strict=True)))])

    def white(self) -> bool:
        """Whether nothing is printed here."""
        return all(set(row) == {255} for row in self.rows)

    def other_rows(self, other: Picture) -> list[int]:
        """The rows that differ."""
        return [n for n, pair in enumerate(zip(self.rows, other.rows, strict=True)) if pair[0] != pair[1]]

    def codes(self) -> list[tuple[str, str]]:
        """(kind, text) of every barcode that is found."""
        width, height = self.size
        view = memoryview(b"".join(self.rows)).cast("B", shape=[height, width])
        return sorted((str(code.format), code.text) for code in zxingcpp.read_barcodes(view))


def decoded(png: bytes) -> Picture:
    """The red channel of an 8-bit RGBA picture (RFC 2083); what is printed here is black and white."""
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height = struct.unpack_from(">II", png, 16)
    assert png[24:26] == b"\x08\x06", "8 bits, RGBA"
    raw, above, rows = zlib.decompress(packed), bytes(width), []
    for y in range(height):
        start = y * (1 + 4 * width)
        above = _row(raw[start], raw[start + 1 : start + 1 + 4 * width : 4], above)
        rows.append(above)
    return Picture(rows)


def _row(kind: int, row: bytes, above: bytes) -> bytes:
    if kind == 0:
        return row
    if kind == 1:
        total = 0
        return bytes(total := (total + value) & 255 for value in row)
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(row, above, strict=True)) if any(row) else above
    made = bytearray()
    left = corner = 0
    for value, up in zip(row, above, strict=True):
        left = (value + ((left + up) >> 1 if kind == 3 else _paeth(left, up, corner))) & 255
        corner = up
        made.append(left)
    return bytes(made)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    near = (abs(guess - left), abs(guess - up), abs(guess - corner))
    return left if near[0] <= near[1] and near[0] <= near[2] else up if near[1] <= near[2] else corner
