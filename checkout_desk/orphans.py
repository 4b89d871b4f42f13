"""Removing blobs that no row names: a process was killed between storing the bytes and committing the row."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Column, select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.storage import Blobs

MINIMUM_AGE = 24 * 3600
"""seconds that a blob is left alone: its row may be on its way"""
AT_ONCE = 500


def sweep() -> int:
    """Delete the orphans that are older than a day. Returns how many."""
    blobs: Blobs = current_app.extensions["desk_blobs"]
    before = clock.now().timestamp() - MINIMUM_AGE
    removed, batch = 0, []
    for digest in blobs.names():
        batch.append(digest)
        if len(batch) == AT_ONCE:
            removed += _sweep(blobs, batch, before)
            batch = []
    return removed + _sweep(blobs, batch, before)


def naming_columns() -> list[Column[str]]:
    """The columns that name blobs: by agreement every column called `sha256` or ending in `_sha256`, in any table."""
    return [
        column
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name == "sha256" or column.name.endswith("_sha256")
    ]


def _sweep(blobs: Blobs, digests: list[str], before: float) -> int:
    old = {digest for digest in digests if blobs.last_put(digest) < before}
    for column in naming_columns():
        if not old:
            break
        old -= set(db.session.scalars(select(column).where(column.in_(old))))
    db.session.rollback()
    return sum(blobs.discard(digest, before=before) for digest in old)
