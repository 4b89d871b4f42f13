"""Whether the database of a backup is what its manifest says, and true in itself: `restore --verify`."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography.fernet import InvalidToken
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy import table as sql_table

from checkout_desk import orphans
from checkout_desk.backup.container import Reader
from checkout_desk.backup.cutting import known_tables
from checkout_desk.catalogue import stock
from checkout_desk.conversations import counting
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import db
from checkout_desk.payments.models import Allocation, Payment, Refund
from checkout_desk.storage import SEALED, Blobs


def look_at_file(file: Path) -> Iterator[str]:
    """A SQLite file that somebody may have written: read-only, and nothing in its schema is trusted."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        for (words,) in connection.execute("PRAGMA integrity_check(3)").fetchall():
            if words != "ok":
                yield f"the database file is damaged: {words}"
        for row in connection.execute("PRAGMA foreign_key_check").fetchmany(3):
            yield f"table {row[0]} names a row of {row[2]} that is not there"
        odd = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        yield from (f"the database holds the view {name!r}, which is not the desk's" for (name,) in odd)


def check(app: Flask, reader: Reader) -> list[str]:
    """Sentences for whatever is wrong; `app` is a desk on the backup's database. An empty list when all is well."""
    with app.app_context():
        try:
            looks = (_counts(reader), _record(), _stock(), payments(), _counters(), _blobs(reader))
            return [sentence for look in looks for sentence in look]
        finally:
            db.session.remove()


def _counts(reader: Reader) -> Iterator[str]:
    connection, told = db.session.connection(), reader.about["counts"]
    for table in sorted({*told} | {*known_tables(connection)}):
        if table not in told or not (table in db.metadata.tables or table == "message_search"):
            yield f"table {table} is not in both the backup and this desk"
            continue
        found = connection.scalar(select(func.count()).select_from(sql_table(table)))
        if found != told[table]:
            yield f"table {table} has {found} rows, the manifest says {told[table]}"


def _record() -> Iterator[str]:
    report = verify()
    if report.first_wrong is not None:
        yield f"the record is broken at event {report.first_wrong}: {report.why}"


def _stock() -> Iterator[str]:
    yield from stock.check()


def _counters() -> Iterator[str]:
    yield from counting.check()


def payments() -> Iterator[str]:
    """Sentences for each payment whose sums are not what was given to quotes and paid back."""
    given = (
        select(Allocation.payment_id, func.sum(Allocation.amount_minor).label("minor"))
        .group_by(Allocation.payment_id)
        .subquery()
    )
    back = (
        select(Refund.payment_id, func.sum(Refund.amount_minor).label("minor"))
        .where(Refund.state != "failed")
        .group_by(Refund.payment_id)
        .subquery()
    )
    p = Payment
    rows = db.session.execute(
        select(
            p.id, p.amount_minor, p.allocated_minor, func.coalesce(given.c.minor, 0),
            p.refunded_minor, func.coalesce(back.c.minor, 0),
        ).outerjoin(given, given.c.payment_id == p.id).outerjoin(back, back.c.payment_id == p.id).order_by(p.id)
    )  # fmt: skip
    for payment, amount, shown_given, true_given, shown_back, true_back in rows:
        if (shown_given, shown_back) != (true_given, true_back) or true_given + true_back > amount:
            yield (
                f"payment {payment} of {amount} shows {shown_given} given and {shown_back} paid back, "
                f"its rows say {int(true_given)} and {int(true_back)}"
            )


def _blobs(reader: Reader) -> Iterator[str]:
    """Every blob that the database names is there under its true name, and no other is."""
    named = {
        digest
        for column in orphans.naming_columns()
        for digest in db.session.scalars(select(column).where(column != "").distinct())
    }
    here: Blobs = current_app.extensions["desk_blobs"]
    for member in reader.named("blobs"):
        digest, data = member.removeprefix("blobs/").removesuffix(SEALED), reader.data(member)
        try:
            whole = here.unsealed(data) if member.endswith(SEALED) else data
        except InvalidToken:
            yield f"the blob {digest} is sealed with a key that is not in the backup"
            named.discard(digest)
            continue
        if hashlib.sha256(whole).hexdigest() != digest:
            yield f"the blob {digest} does not hold what its name says"
        elif digest not in named:
            yield f"the blob {digest} is named by no row"
        named.discard(digest)
    yield from (f"the blob {digest} is named by the database and missing" for digest in sorted(named))
