"""Small winmail.dat files, built from the attribute layout of MS-OXTNEF (level, id, type, length, data, checksum)."""

from __future__ import annotations

import struct


def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    """One TNEF attribute with its checksum."""
    head = struct.pack("<BHHI", level, name, kind, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)


def winmail(*attributes: bytes) -> bytes:
    """A TNEF stream of the given attributes, with version and code page in front."""
    start = struct.pack("<IH", 0x223E9F78, 1)
    version = attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    codepage = attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    return start + version + codepage + b"".join(attributes)


def file(name: bytes, data: bytes) -> bytes:
    """The attributes of one attached file."""
    return (
        attribute(2, 0x9002, 6, struct.pack("<HIIHH", 1, 0, 0xFFFFFFFF, 0, 0))
        + attribute(2, 0x8010, 1, name + b"\x00")
        + attribute(2, 0x800F, 6, data)
    )
