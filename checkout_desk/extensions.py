"""The Flask extensions and the database's ground rules. Created here unbound; `app.create_app` binds them.

Three rules hold for every table: times are aware UTC, constraints have predictable names (Alembic batch mode needs
them), and on SQLite a writer takes the write lock with its first statement (`begin_write`), because a read that
turns into a write fails at once under load whatever the busy timeout.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from sqlite3 import SQLITE_BUSY, OperationalError
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from flask_login import LoginManager
from flask_mailman import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import JSON, BigInteger, DateTime, Engine, Integer, LargeBinary, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python (always UTC), with zone in PostgreSQL, microseconds since 1970 in SQLite.

    As a number it is a third of the text that SQLite would keep, in every table and index, and sorts alike.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _aware(value).astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """On SQLite past DateTime, which would write text."""
        return to_number if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On SQLite straight from the number that it keeps: a page of the queue reads two hundred instants."""
        return _from_number if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("naive datetime where an instant is meant")
    return value


def to_number(value: datetime | None) -> int | None:
    """An instant as SQLite keeps it: microseconds since 1970."""
    return None if value is None else (_aware(value) - EPOCH) // MICROSECOND


def _from_number(value: int | None) -> datetime | None:
    try:
        return None if value is None else EPOCH + timedelta(microseconds=value)
    except OverflowError as fault:  # put there by hand
        raise ValueError(f"{value} is no instant") from fault


class _BareInstant(DATETIME):
    """An instant in a statement that no column gives its type (`literal(now)`): as a column of SQLite's keeps it, too."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return to_number

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _from_number


def compare_as_kept(engine: Engine) -> None:
    """Let `engine` write every instant as its columns keep it. SQLite would compare a text with a number and say nothing."""
    if engine.dialect.name == "sqlite":
        engine.dialect.colspecs = {**engine.dialect.colspecs, DateTime: _BareInstant}


class Digest(TypeDecorator[str]):
    """A SHA-256: hexadecimal in Python and in all that is exported, 32 bytes in the database."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """What somebody put there by hand may be text, which is no digest then but has to be shown."""
        return value.hex() if isinstance(value, bytes) else value


Key = BigInteger().with_variant(Integer(), "sqlite")
"""Primary and foreign keys: 64 bits on both engines (SQLite's INTEGER PRIMARY KEY is the row id)."""

Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """What every table shares: names of constraints, instants in UTC, JSON that PostgreSQL can index."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UTCDateTime(), dict[str, Any]: Json, list[Any]: Json},
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
"""what tables inherit from: made at run time, which a type checker cannot follow"""
login = LoginManager()
csrf = CSRFProtect()
mail = Mail()


LOCK_SECONDS = 10.0
"""how long a writer waits for another one"""
ASK_AGAIN = 0.0005


@event.listens_for(Engine, "connect")
def _sqlite_connect(connection: Any, record: Any) -> None:
    if connection.__class__.__module__.startswith("sqlite3"):
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            f"busy_timeout={LOCK_SECONDS * 1000:.0f}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-2000",  # each thread has its own; the system keeps the file in memory besides
            "temp_store=MEMORY",
            "journal_size_limit=67108864",
        ):
            connection.execute("PRAGMA " + pragma)


@event.listens_for(Engine, "begin")
def _sqlite_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Past SQLAlchemy's own layers: every page says it.
        driver: Any = connection.connection.dbapi_connection
        if connection.get_execution_options().get("sqlite_begin") != "IMMEDIATE":
            driver.execute("BEGIN")
        elif not _took_write_lock(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # through the layers, so that its fault is theirs


def _took_write_lock(driver: Any) -> bool:
    """BEGIN IMMEDIATE, asking again every half millisecond while another process writes; whether it was to be had.

    SQLite's own waiting sleeps 1, 2, 5, 10, 15, 20, 25 ms and more, where a transaction of ours takes two: two writers
    together would be slower than one.
    """
    until = monotonic() + LOCK_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return True
            except OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF != SQLITE_BUSY or monotonic() > until:
                    return False
            sleep(ASK_AGAIN)
    finally:
        driver.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000:.0f}")


def begin_write() -> None:
    """Take SQLite's write lock now; a no-op on PostgreSQL. Must be the first statement of a writing transaction."""
    if db.engine.dialect.name == "sqlite":
        db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
