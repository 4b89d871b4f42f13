"""Erasing words from the record: each is replaced by its seal and its salt is thrown away; every hash stays true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, select, text, update

from checkout_desk.events.models import Event, EventHead
from checkout_desk.events.sealing import sealed
from checkout_desk.extensions import db

_E: Any = Event.__table__


def forget(subject_type: str, ids: Sequence[int]) -> int:
    """Erase the words of all events about these rows. Returns how many events had any. The caller commits.

    Call inside a writing transaction. The head is locked first, as every writer of the record does, so that two of them
    never wait for each other crosswise.
    """
    about = select(_E).where(_E.c.subject_type == subject_type, _E.c.subject_id.in_(ids))
    rows = [dict(row) for row in db.session.execute(about).mappings() if row["salts"]]
    if not rows:
        return 0
    db.session.execute(select(EventHead.seq).where(EventHead.id == 1).with_for_update())
    change = (
        update(_E)
        .where(_E.c.id == bindparam("row"))
        .values(
            before=bindparam("was"),
            after=bindparam("now"),
            origin=bindparam("place"),
            salts=bindparam("none"),
        )
    )
    with lifted("event"):
        for row in rows:
            left = sealed(row)
            values = {
                "row": row["id"],
                "was": left["before"],
                "now": left["after"],
                "place": left["origin"],
                "none": None,
            }
            db.session.connection().execute(change, values)
    return len(rows)


@contextmanager
def lifted(table: str) -> Iterator[None]:
    """Within the block, and this transaction, the triggers of `table` do not refuse. Needs the owner of the table."""
    run = db.session.connection().exec_driver_sql
    if db.engine.dialect.name == "sqlite":
        found = db.session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
        ).all()
        for row in found:
            run(f'DROP TRIGGER "{row.name}"')
        yield
        for row in found:
            run(row.sql)
    else:
        run(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        run(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
