"""Pictures that customers send with a request: known by their own bytes, kept as blobs, shown to people of the store alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.mail.receiving import blobs
from checkout_desk.returns.models import Return, ReturnPhoto

MOST = 4
"""pictures of one request"""
LARGEST = 8 * 2**20
"""bytes of one picture"""
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
"""brands of HEIF (ISO/IEC 23008-12) that phones write"""


def kind(data: bytes) -> str | None:
    """The media type of a JPEG, PNG, WebP or HEIC by its first bytes; None for anything else, whatever its name says."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/heic" if data[4:8] == b"ftyp" and data[8:12] in _HEIC else None


def put(pictures: Sequence[bytes]) -> list[tuple[str, str]]:
    """Keep the bytes of pictures that `kind` knows: (SHA-256, media type) each, one picture once. Before the write lock.

    A blob that no row names in the end is swept away.
    """
    return list(dict.fromkeys((blobs().put(data), str(kind(data))) for data in pictures))


def attach(back: Return, kept: Sequence[tuple[str, str]]) -> None:
    """Let a return have the pictures that `put` kept. The caller commits."""
    db.session.add_all(
        ReturnPhoto(return_id=back.id, sha256=digest, content_type=content_type, at=clock.now())
        for digest, content_type in kept
    )
    db.session.flush()


def of(return_id: int) -> list[ReturnPhoto]:
    """The pictures of a return, in the order in which they came."""
    return list(
        db.session.scalars(
            select(ReturnPhoto).where(ReturnPhoto.return_id == return_id).order_by(ReturnPhoto.id)
        )
    )
