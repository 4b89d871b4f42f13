"""Blobs that no row names are removed; those that a row names, or might soon, are not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from checkout_desk import migrating, orphans
from checkout_desk.app import create_app
from checkout_desk.mail.receiving import receive
from checkout_desk.storage import Blobs

OLD = time.time() - 3 * 86400


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(
        environment={
            "DESK_HOME": str(tmp_path),
            "REDIS_URL": f"unix://{tmp_path}/none",
            "DESK_DISK_RESERVE": "1M",
        }
    )
    migrating.upgrade(app)
    with app.app_context():
        yield app


def blobs(desk: Flask) -> Blobs:
    found: Blobs = desk.extensions["desk_blobs"]
    return found


def age(store: Blobs, digest: str) -> None:
    for path in store.path(digest).parent.glob(f"{digest}*"):
        os.utime(path, (OLD, OLD))


def test_only_old_blobs_without_a_row_go(desk: Flask) -> None:
    store = blobs(desk)
    receive(b"Subject: kept\r\n\r\n", door="import", wake=False)
    (kept,) = store.names()
    orphan, fresh, sealed = store.put(b"orphan"), store.put(b"fresh"), store.put(b"sealed")
    store.seal(sealed)
    for digest in (kept, orphan, sealed):
        age(store, digest)
    assert orphans.sweep() == 2
    assert set(store.names()) == {kept, fresh}


def test_a_blob_that_is_put_again_while_it_is_swept_stays(desk: Flask) -> None:
    store = blobs(desk)
    digest = store.put(b"twice")
    age(store, digest)
    before = time.time() - 86400
    assert store.last_put(digest) < before
    store.put(b"twice")
    assert store.discard(digest, before=before) is False
    assert store.get(digest) == b"twice"
    assert list(store.path(digest).parent.iterdir()) == [store.path(digest)]


def test_every_column_that_names_a_blob_is_known(desk: Flask) -> None:
    found = {f"{column.table.name}.{column.name}" for column in orphans.naming_columns()}
    assert {"raw_mail.sha256", "outbound_mail.sha256", "attachment.sha256"} <= found
