"""The hashes of the record as bytes, and no index over its times: an event is found by its number."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
        return
    op.drop_index("ix_event_closed", table_name="event")
    op.drop_index("ix_event_at", table_name="event")
    # What is no hash was put there by hand, and stays what it is: the check of the record has to find it.
    op.execute(
        "ALTER TABLE event ALTER COLUMN hash TYPE bytea USING CASE WHEN hash ~ '^([0-9a-fA-F]{2})+$' "
        "THEN decode(hash, 'hex') ELSE convert_to(hash, 'UTF8') END"
    )


def _sqlite() -> None:
    """The table is rebuilt, which takes its triggers away; they come back when every hash is bytes."""
    with op.batch_alter_table("event", schema=None, recreate="always") as batch_op:
        batch_op.drop_index("ix_event_closed")
        batch_op.drop_index("ix_event_at")
        batch_op.alter_column(
            "hash",
            existing_type=sa.String(length=64),
            type_=sa.LargeBinary(length=32),
            existing_nullable=False,
        )
    connection = op.get_bind()
    connection.connection.driver_connection.create_function("as_digest", 1, _as_digest, deterministic=True)  # type: ignore[union-attr]
    op.execute("UPDATE event SET hash = as_digest(hash)")
    op.execute(
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
        "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END"
    )
    broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"rows without what they refer to: {broken[:5]}")


def _as_digest(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode())
    except ValueError:  # put there by hand; the check of the record has to find it
        return text


def downgrade() -> None:
    """Versions only go forward: restore the backup instead."""
    raise NotImplementedError
