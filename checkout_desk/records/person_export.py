"""Everything that is held about one customer as a ZIP: rows as JSON, their mails and files as they came."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.receiving import blobs
from checkout_desk.queue import later
from checkout_desk.records import belongings, scrubbing
from checkout_desk.records.belongings import Belongings, chunks, table
from checkout_desk.records.models import PersonExport

KEPT = timedelta(days=7)
"""how long a ZIP can be fetched"""
STUCK = timedelta(minutes=5)
IN_MEMORY = 16 * 2**20
NOT_THEIRS = {"token_hash", "reply_token", "token", "claim", "idempotency_key", "salts"}
"""columns that open something or only serve the desk"""
READ_ME = """What {store} holds about one customer, as of {at:%d %B %Y %H:%M} UTC.

data/*.json    every row, a file for each table; times are UTC, amounts are integer minor units of their currency
events.json    what the record says happened to these rows
mails/*.eml    mails as they came (in-) and as they left (out-): open them with any mail program
files/         attachments, pictures, labels, under the number of their row
"""


def ask(customer_id: int, *, by_id: int) -> PersonExport:
    """Have an export made by a worker. Call inside a writing transaction; the caller commits."""
    export = PersonExport(customer_id=customer_id, by_id=by_id, asked_at=clock.now(), fault="")
    db.session.add(export)
    db.session.flush()
    record("person.export_asked", about=("customer", customer_id), after={"export": export.id})
    later("export_person", export.id)
    return export


def make(export_id: int) -> None:
    """Write the ZIP and keep it. A job: may run twice or late."""
    export = db.session.get(PersonExport, export_id)
    if export is None or export.file_sha256 is not None:
        db.session.rollback()
        return
    found = belongings.of(export.customer_id)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        rows = write_zip(found, file)
        file.seek(0)
        data = file.read()
    db.session.rollback()
    digest = blobs().put(data)
    blobs().seal(digest)  # everything about a person in one file: kept encrypted
    with acting_as("desk", "export_person"):
        begin_write()
        export = db.session.get(PersonExport, export_id, with_for_update=True, populate_existing=True)
        if export is not None and export.file_sha256 is None:
            export.file_sha256, export.size, export.ready_at = digest, len(data), clock.now()
            record(
                "person.exported",
                about=("customer", export.customer_id),
                after={"export": export.id, "rows": rows},
            )
        db.session.commit()


def sweep() -> None:
    """Make what a dead worker left, and remove ZIPs that were there long enough. For the clock."""
    waiting = select(PersonExport.id).where(
        PersonExport.file_sha256.is_(None), PersonExport.asked_at < clock.now() - STUCK
    )
    stuck = list(db.session.scalars(waiting.limit(5)))
    db.session.rollback()
    for export_id in stuck:
        make(export_id)
    begin_write()
    old = select(PersonExport).where(PersonExport.ready_at < clock.now() - KEPT).limit(50)
    gone = [(one, one.file_sha256) for one in db.session.scalars(old)]
    for one, _ in gone:
        record("person.export_removed", about=("customer", one.customer_id), after={"export": one.id})
        db.session.delete(one)
    db.session.commit()
    for _, digest in gone:
        if digest:
            blobs().delete(digest)


def write_zip(found: Belongings, file: IO[bytes]) -> int:
    """Write everything of `found` into `file`; returns how many rows that were. Reads only."""
    name = db.session.scalar(select(table("store").c.name)) or "this store"
    n = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", READ_ME.format(store=name, at=clock.now()))
        for one, ids in sorted(found.ids.items()):
            rows = [row for some in chunks(ids) for row in scrubbing.rows_of(one, some)]
            if rows:
                pack.writestr(f"data/{one}.json", _json([_plain(row) for row in rows]))
                n += len(rows)
        readings = table("message_reading")
        read = [
            _plain(row)
            for some in chunks(found.of("message"))
            for row in db.session.execute(select(readings).where(readings.c.message_id.in_(some))).mappings()
        ]
        pack.writestr("data/message_reading.json", _json(read))
        pack.writestr("events.json", _json([_plain(row) for row in _events(found)]))
        for path, digest in _files(found):
            try:
                pack.writestr(path, blobs().get(digest))
            except FileNotFoundError:
                pack.writestr(
                    f"{path}.missing.txt", "This file is named by the desk but is not there any more.\n"
                )
    return n


def _plain(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in NOT_THEIRS}


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())


def _events(found: Belongings) -> Iterator[Any]:
    e = table("event")
    for name, ids in found.ids.items():
        for some in chunks(ids):
            about = select(e).where(e.c.subject_type == name, e.c.subject_id.in_(some)).order_by(e.c.id)
            yield from db.session.execute(about).mappings()


def _files(found: Belongings) -> Iterator[tuple[str, str]]:
    """(path in the ZIP, digest) of every file of theirs."""
    places = {
        "raw_mail": ("sha256", "mails/in-{id}.eml"),
        "outbound_mail": ("sha256", "mails/out-{id}.eml"),
        "attachment": ("sha256", "files/attachment-{id}"),
        "return_photo": ("sha256", "files/return-photo-{id}"),
        "label": ("pdf_sha256", "files/label-{id}.pdf"),
        "provider_event": ("raw_sha256", "files/payment-provider-{id}"),
    }
    for name, (column, path) in places.items():
        for some in chunks(found.of(name)):
            for row in scrubbing.rows_of(name, some):
                if row[column]:
                    yield path.format(id=row["id"]), row[column]
