"""Instants as numbers in SQLite, hashes as bytes, frequent words of the record as marks, and what is the same kept once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from checkout_desk.events.shorthand import PHRASES, Kind, SubjectType, actor_mark, marked
from checkout_desk.deflating import pack

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DIGESTS = {"raw_mail": "sha256", "outbound_mail": "sha256", "message": "canonical_key"}
WORDS = {"kind": (60, Kind.marks), "subject_type": (40, SubjectType.marks)}
TOLD = ("before", "after", "salts")
PACKED = {"order": ("id", "sources"), "message_reading": ("message_id", "reading")}
ONCE = ("raw_id", "outbound_id", "canonical_key")
EPOCH = datetime.fromtimestamp(0, UTC)
AT_ONCE = 2000


def upgrade() -> None:
    for name in ("ix_event_actor", "ix_event_kind"):
        op.drop_index(name, table_name="event")
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()
    op.create_index("ix_event_actor", "event", ["actor", "id"], **_only("actor <> '-'"))
    op.create_index("ix_event_kind", "event", ["kind", "id"], **_only("kind > '9'"))
    for column in ONCE:
        op.create_index(
            f"ix_message_{column}", "message", [column], unique=True, **_only(f"{column} IS NOT NULL")
        )


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _postgresql() -> None:
    """Each ALTER TABLE writes its table anew in one go, packed, and no trigger sees it."""
    for column in ONCE:
        op.drop_constraint(f"uq_message_{column}", "message", type_="unique")
    op.drop_constraint("uq_outbound_mail_message_id", "outbound_mail", type_="unique")
    for table, column in DIGESTS.items():
        op.execute(
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bytea USING CASE WHEN {column} ~ '^([0-9a-fA-F]{{2}})+$' "
            f"THEN decode({column}, 'hex') ELSE convert_to({column}, 'UTF8') END"
        )
    words = [
        f"ALTER COLUMN {column} TYPE varchar({most}) USING CASE {column} "
        + " ".join(f"WHEN '{word}' THEN '{mark}'" for word, mark in marks.items())
        + f" ELSE {column} END"
        for column, (most, marks) in WORDS.items()
    ]
    actor = (
        "ALTER COLUMN actor TYPE varchar(120) USING CASE WHEN actor = 'desk' THEN '-' "
        "WHEN actor ~ '^person:[0-9]+$' THEN substr(actor, 8) ELSE actor END"
    )
    told = [f"ALTER COLUMN {column} TYPE text USING {_marked(column)}" for column in TOLD]
    op.get_bind().exec_driver_sql("ALTER TABLE event " + ", ".join([*words, actor, *told]))
    for table, (key, column) in PACKED.items():
        _packed(table, key, column)
    op.drop_index("ix_message_mail_id", table_name="message")
    op.create_index(
        "ix_message_mail_id", "message", ["mail_id"], postgresql_using="hash", **_only("mail_id IS NOT NULL")
    )
    for table in ("event", *DIGESTS, *PACKED):  # what the planner knew of a column goes with its old form
        op.execute(f'ANALYZE "{table}"')


def _marked(column: str) -> str:
    """`shorthand.marked` in SQL. JSONB puts a blank behind each colon and comma; nothing else differs."""
    made = f"nullif({column}, 'null'::jsonb)::text"
    for number, phrase in enumerate(PHRASES, 1):
        made = f"replace({made}, '{phrase.replace(':', ': ', 1)}', chr({number}))"
    return made


def _packed(table: str, key: str, column: str) -> None:
    """What is packed by Python is looked up by the ALTER TABLE, so that the table is written once."""
    connection = op.get_bind()
    run = connection.exec_driver_sql
    run("CREATE TEMPORARY TABLE packed (id bigint PRIMARY KEY, data bytea) ON COMMIT DROP")
    held = sa.text(
        f'SELECT {key} AS id, {column}::text AS held FROM "{table}" WHERE {key} > :after ORDER BY 1 LIMIT {AT_ONCE}'  # noqa: S608
    )
    after = 0
    while rows := connection.execute(held, {"after": after}).all():
        connection.execute(
            sa.text("INSERT INTO packed (id, data) VALUES (:id, :data)"),
            [{"id": row.id, "data": as_packed(row.held)} for row in rows],
        )
        after = rows[-1].id
    run(
        "CREATE FUNCTION pg_temp.packed_of(bigint) RETURNS bytea STABLE LANGUAGE sql AS "
        "'SELECT data FROM pg_temp.packed WHERE id = $1'"
    )
    run(f'ALTER TABLE "{table}" ALTER COLUMN {column} TYPE bytea USING pg_temp.packed_of({key})')
    run("DROP FUNCTION pg_temp.packed_of(bigint)")
    run("DROP TABLE pg_temp.packed")


def _sqlite() -> None:
    """Every table with instants is copied into one of its own words, which takes its triggers away until the end.

    All of it is one transaction: a kill leaves the store as it was, and the next start begins anew.
    """
    connection = op.get_bind()
    driver: Any = connection.connection.driver_connection
    for name, function in FUNCTIONS.items():
        driver.create_function(name, 1, function, deterministic=True)
    kept = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
    triggers = connection.scalars(kept).all()
    numbered = connection.execute(sa.text("SELECT name, seq FROM sqlite_sequence")).all()
    measured = connection.scalar(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"))
    for name, words in connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    ).all():
        if "DATETIME" in words or name == "participant":
            _copied(connection, name, words)
    connection.execute(sa.text("DELETE FROM sqlite_sequence"))
    for name, seq in numbered:  # numbers that were given stay given, also those of rows that are gone
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
            {"name": name, "seq": seq},
        )
    for trigger in triggers:
        connection.exec_driver_sql(trigger)
    broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"rows without what they refer to: {broken[:5]}")
    if measured:  # what the planner knows of a table goes with the table
        connection.exec_driver_sql("ANALYZE")


def _typed(column: str, old: str, new: str) -> tuple[str, str]:
    return rf'(\b{column}"?) {old}', rf"\1 {new}"


def _no_longer_unique(table: str, column: str) -> tuple[str, str]:
    return rf"CONSTRAINT uq_{table}_{column} UNIQUE \({column}\)", ""


_DIGEST = (r"VARCHAR\(64\)", "BLOB")
CHANGES = {
    "raw_mail": [_typed("sha256", *_DIGEST)],
    "outbound_mail": [_typed("sha256", *_DIGEST), _no_longer_unique("outbound_mail", "message_id")],
    "message": [
        _typed("canonical_key", *_DIGEST),
        *(_no_longer_unique("message", column) for column in ONCE),
    ],
    "event": [_typed(column, "JSON", "TEXT") for column in TOLD],
    "order": [_typed("sources", "JSON", "BLOB")],
    "message_reading": [_typed("reading", "JSON", "BLOB")],
}
"""what differs in the words of a table"""


def _rewritten(table: str, words: str) -> str:
    for old, new in CHANGES.get(table, []):
        words, found = re.subn(old, new, words)
        if found != 1:
            raise RuntimeError(f"{table} is not the table that it should be: {old}")
    words = re.sub(r",(\s*,)+", ",", words)
    words = re.sub(r",\s*\)\s*$", "\n)", words)
    if table == "participant":
        words += " WITHOUT ROWID"
    return re.sub(rf'^CREATE TABLE "?{table}"?', f'CREATE TABLE "fresh_{table}"', words)


def _copied(connection: sa.Connection, table: str, words: str) -> None:
    """The table anew, with its values as this version keeps them, and then its indexes."""
    run = connection.exec_driver_sql
    indexes = connection.scalars(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :t AND sql IS NOT NULL ORDER BY rowid"
        ),
        {"t": table},
    ).all()
    columns = connection.execute(sa.text(f'PRAGMA table_info("{table}")')).all()
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(table, column.name, column.type) for column in columns)
    run(_rewritten(table, words))
    run(f'INSERT INTO "fresh_{table}" ({names}) SELECT {values} FROM "{table}" ORDER BY rowid')  # noqa: S608
    run(f'DROP TABLE "{table}"')
    run(f'ALTER TABLE "fresh_{table}" RENAME TO "{table}"')
    for index in indexes:
        run(index)


def _value(table: str, column: str, kind: str) -> str:
    function = "as_number" if kind == "DATETIME" else OF_COLUMN.get((table, column))
    return f'{function}("{column}")' if function else f'"{column}"'


def as_number(text: Any) -> Any:
    """Microseconds since 1970. What is no time was put there by hand, and stays: the check of the record has to find it."""
    try:
        return (datetime.fromisoformat(text + "+00:00") - EPOCH) // timedelta(microseconds=1)
    except (TypeError, ValueError):
        return text


def as_digest(text: Any) -> Any:
    """The bytes of a hexadecimal hash."""
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        return text


def as_packed(text: str) -> bytes:
    """A JSON text, packed."""
    return pack(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))


def as_told(text: Any) -> Any:
    """What an event tells, with marks and without blanks; nothing instead of JSON's null."""
    if text is None or text == "null":
        return None
    try:
        return marked(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))
    except ValueError:  # put there by hand
        return text


FUNCTIONS = {
    "as_number": as_number, "as_digest": as_digest, "as_packed": as_packed, "as_told": as_told, "as_actor": actor_mark,
    "as_kind": lambda word: Kind.marks.get(word, word), "as_thing": lambda word: SubjectType.marks.get(word, word),
}  # fmt: skip
OF_COLUMN = {
    **dict.fromkeys(DIGESTS.items(), "as_digest"),
    **{(table, column): "as_packed" for table, (_, column) in PACKED.items()},
    **{("event", column): "as_told" for column in TOLD},
    ("event", "actor"): "as_actor", ("event", "kind"): "as_kind", ("event", "subject_type"): "as_thing",
}  # fmt: skip


def downgrade() -> None:
    """Versions only go forward: restore the backup instead."""
    raise NotImplementedError
