"""Keyset cursors: a page starts after a row, not after a number of rows, so that page 500 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = struct.Struct(">qq")


def encode(at: datetime, row_id: int) -> str:
    """The cursor of the row with the key (`at`, `row_id`): opaque, safe in an address."""
    packed = _FORM.pack((at - _EPOCH) // timedelta(microseconds=1), row_id)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(cursor: str | None) -> tuple[datetime, int] | None:
    """The key in `cursor`; None, which means the first page, for a missing cursor and for one that we did not make."""
    if not cursor or len(cursor) != 22:
        return None
    try:
        microseconds, row_id = _FORM.unpack(base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
        return _EPOCH + timedelta(microseconds=microseconds), row_id
    except (binascii.Error, ValueError, struct.error, OverflowError):
        return None
