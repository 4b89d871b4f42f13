"""Bank statements into payments: a plan that says what a file would bring, and taking it in, which may be repeated.

A row is known by its fingerprint, which is the `source_ref` of its payment: the same file again, an overlapping one, or
an import that was killed half-way and is begun anew add nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.payments import settling, taking
from checkout_desk.payments.models import ColumnMap, Payment, Statement
from checkout_desk.payments.statements import columns as maps
from checkout_desk.payments.statements import csv_file, reading
from checkout_desk.payments.statements.columns import Columns
from checkout_desk.payments.statements.rows import Parsed, Row, Unusable
from checkout_desk.queue import later
from checkout_desk.settings.models import PaymentMethod, store

CHUNK = 100
"""rows that are committed together"""

__all__ = ["Plan", "Unusable", "begin", "carry_on", "fitting", "plan", "save_map", "take_in"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would bring. `new`, `known` and `outgoing` are its rows; only `new` become payments."""

    filename: str
    data: bytes
    digest: str
    parsed: Parsed
    columns: Columns | None
    """the map that a CSV was read with"""
    new: tuple[Row, ...]
    known: tuple[Row, ...]
    outgoing: tuple[Row, ...]
    statement_id: int | None
    """the earlier import of this very file"""
    notes: tuple[str, ...] = ()
    """what a person should know before they go on, as sentences"""

    @property
    def new_minor(self) -> int:
        """What the new rows come to."""
        return sum(row.amount_minor for row in self.new)


def plan(data: bytes, filename: str, *, columns: Columns | None = None) -> Plan:
    """Read a file and compare it with what is here. Writes nothing.

    A CSV is read by `columns`, else by the saved map that fits its header line, else by the words of its headers. Raises
    Unusable, with a sentence, for a file that cannot be read, is not whole, or does not come to the bank's own totals.
    """
    used = columns
    if reading.form(data[:4000]) == "csv" and len(data) <= reading.LARGEST:
        found = csv_file.table(data)
        used = columns or _saved(found.key) or maps.guess(found.headers)
    parsed = reading.read(data, columns=used, currency=store().currency)
    incoming = [row for row in parsed.rows if row.incoming]
    here = _known(incoming)
    digest = hashlib.sha256(data).hexdigest()
    return Plan(
        filename[:200],
        data,
        digest,
        parsed,
        used,
        tuple(row for row in incoming if row.fingerprint not in here),
        tuple(row for row in incoming if row.fingerprint in here),
        tuple(row for row in parsed.rows if not row.incoming),
        db.session.scalar(select(Statement.id).where(Statement.file_sha256 == digest)),
        _notes(parsed),
    )


def begin(planned: Plan, *, by: Person) -> Statement:
    """Keep the file and its row; the worker takes the payments in (`carry_on`). The same file again is the same row.

    Writing transaction; the caller commits. Raises Refused for a plan with faults: a line that nobody could read may be
    a payment that nobody would find.
    """
    if planned.parsed.faults:
        first = planned.parsed.faults[0]
        raise Refused(f"Line {first.line} of the file cannot be read: {first.why} Nothing was imported.")
    if blobs().put(planned.data) != planned.digest:
        raise ValueError("the plan's digest is of other bytes")
    parsed = planned.parsed
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Statement)
    made = db.session.scalar(
        insert.values(
            file_sha256=planned.digest,
            filename=planned.filename,
            form=parsed.form,
            account=parsed.account,
            currency=parsed.currency,
            begins_on=parsed.begins_on,
            ends_on=parsed.ends_on,
            rows=len(parsed.rows),
            known=len(planned.known),
            sum_minor=parsed.sum_minor,
            columns=planned.columns.stored() if planned.columns else {},
            taken=0,
            at=clock.now(),
            by_id=by.id,
        )
        .on_conflict_do_nothing(index_elements=["file_sha256"])
        .returning(Statement.id)
    )
    statement: Statement = db.session.scalars(
        select(Statement).where(Statement.file_sha256 == planned.digest)
    ).one()
    if made is not None:
        record(
            "statement.imported",
            about=statement,
            after={"rows": len(parsed.rows), "new": len(planned.new), "form": parsed.form},
            actor=f"person:{by.id}",
        )
    if statement.taken < statement.rows:
        later("take_in_statement", statement.id)
    return statement


def take_in(planned: Plan, *, by: Person, told: Callable[[int, int], None] | None = None) -> Statement:
    """`begin` and `carry_on` at once, with commits of their own. `told` hears (rows done, rows in all)."""
    db.session.rollback()  # ends the reading of the plan, so that a writing transaction can begin
    begin_write()
    statement = begin(planned, by=by)
    db.session.commit()
    _go_on(statement.id, planned.parsed, told)
    return db.session.get_one(Statement, statement.id, populate_existing=True)


def carry_on(statement_id: int) -> None:
    """The job `take_in_statement`: take in what is left of a statement. Commits in chunks; may run twice or late."""
    statement = db.session.get(Statement, statement_id)
    if statement is None or statement.taken >= statement.rows:
        db.session.rollback()
        return
    used = maps.from_stored(statement.columns) if statement.columns else None
    digest, currency = statement.file_sha256, statement.currency
    db.session.rollback()
    with acting_as("desk", "take_in_statement"):
        _go_on(statement_id, reading.read(blobs().get(digest), columns=used, currency=currency), None)


def _go_on(statement_id: int, parsed: Parsed, told: Callable[[int, int], None] | None) -> None:
    begun = db.session.get_one(Statement, statement_id).taken
    db.session.rollback()
    for start in range(begun, len(parsed.rows), CHUNK):
        part = parsed.rows[start : start + CHUNK]
        fresh = _take_chunk(statement_id, part, done=start + len(part))
        _settle(fresh)
        if told:
            told(start + len(part), len(parsed.rows))


def _take_chunk(statement_id: int, part: Sequence[Row], *, done: int) -> list[int]:
    """One chunk's payments and how far the statement is, committed together. Returns the ids of new payments."""
    begin_write()
    fresh: list[int] = []
    # In the order of their keys, so that two imports of overlapping statements wait for each other in one direction.
    for row in sorted(part, key=lambda row: row.fingerprint):
        if not row.incoming:
            continue
        payment, new = taking.take(
            "bank",
            row.fingerprint,
            amount_minor=row.amount_minor,
            currency=row.currency,
            received_at=_received(row),
            payer_name=row.name,
            payer_account=row.account,
            text=row.text,
            note=f"Booking {row.bank_ref}" if row.bank_ref else "",
            origin=taking.Origin(statement_id=statement_id),
        )
        if new:
            fresh.append(payment.id)
    statement = db.session.get_one(Statement, statement_id)
    statement.taken = max(statement.taken, done)
    db.session.commit()
    return fresh


def _settle(ids: Sequence[int]) -> None:
    """Match each new payment in a transaction of its own; what dies here is settled by the clock."""
    for payment_id in ids:
        begin_write()
        settling.settle(db.session.get_one(Payment, payment_id))
        db.session.commit()


def _received(row: Row) -> datetime:
    """Noon of the booking day, but never later than now: banks tell no time."""
    return min(datetime.combine(row.booked_on, time(12), tzinfo=UTC), clock.now())


def _known(rows: Sequence[Row]) -> set[str]:
    """The fingerprints that are payments already."""
    found: set[str] = set()
    for start in range(0, len(rows), 500):
        refs = [row.fingerprint for row in rows[start : start + 500]]
        found.update(
            db.session.scalars(
                select(Payment.source_ref).where(Payment.source == "bank", Payment.source_ref.in_(refs))
            )
        )
    return found


def _notes(parsed: Parsed) -> tuple[str, ...]:
    notes = []
    if not parsed.checked:
        notes.append("The file has no balances to hold its rows against; compare the total with your bank's.")
    own = [
        method.settings.get("iban", "").replace(" ", "")
        for method in db.session.scalars(select(PaymentMethod).where(PaymentMethod.kind == "bank"))
    ]
    ibans = [iban for iban in own if iban]
    if ibans and parsed.account[:2].isalpha() and parsed.account and parsed.account not in ibans:
        notes.append(f"The statement is of account {parsed.account}, which is none of the store's own.")
    if parsed.left_out:
        notes.append(
            f"{parsed.left_out} not booked yet {'is' if parsed.left_out == 1 else 'are'} left out for now."
        )
    return tuple(notes)


def fitting(data: bytes) -> list[ColumnMap]:
    """The saved column maps that fit a CSV's header line. Raises Unusable for what is no CSV."""
    return list(
        db.session.scalars(
            select(ColumnMap)
            .where(ColumnMap.header_key == csv_file.table(data).key)
            .order_by(ColumnMap.id.desc())
        )
    )


def save_map(name: str, data: bytes, columns: Columns) -> ColumnMap:
    """Keep a map for CSVs with the header line of `data`, in place of the one of that name. Raises Refused."""
    fault = maps.lacks(columns)
    if fault or not name.strip():
        raise Refused(fault or "Give the map a name, such as the bank's.")
    found = db.session.scalars(select(ColumnMap).where(ColumnMap.name == name.strip()[:80])).one_or_none()
    if found is None:
        found = ColumnMap(name=name.strip()[:80])
        db.session.add(found)
    found.header_key, found.columns = csv_file.table(data).key, columns.stored()
    db.session.flush()
    record("column_map.saved", about=found, after={"name": found.name})
    return found


def _saved(header_key: str) -> Columns | None:
    found = db.session.scalars(
        select(ColumnMap).where(ColumnMap.header_key == header_key).order_by(ColumnMap.id.desc()).limit(1)
    ).one_or_none()
    return maps.from_stored(found.columns) if found else None


def sweep() -> int:
    """Ring for statements that nobody finished. Returns how many; commits."""
    ids = list(db.session.scalars(select(Statement.id).where(Statement.taken < Statement.rows).limit(20)))
    for statement_id in ids:
        later("take_in_statement", statement_id)
    db.session.commit()
    return len(ids)
