"""Clearing what deleting leaves behind: words in the search index, old pages in the database's files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from time import sleep
from typing import Any

from sqlalchemy import text

from checkout_desk.extensions import db

COLUMNS = ("subject", "body", "addresses", "files")
PAGES = 500
TRIES = 20


def unindex(ids: Sequence[int]) -> None:
    """Take messages out of the search index. The caller commits.

    SQLite's index keeps no text of its own and must be told exactly what it holds; so it is asked first, word by word.
    """
    session = db.session
    if db.engine.dialect.name != "sqlite":
        session.execute(text("DELETE FROM message_search WHERE message_id = ANY(:ids)"), {"ids": list(ids)})
        return
    session.execute(text("CREATE TEMP TABLE IF NOT EXISTS unwanted (id INTEGER PRIMARY KEY)"))
    session.execute(text("DELETE FROM temp.unwanted"))
    session.execute(text("INSERT INTO temp.unwanted VALUES (:id)"), [{"id": one} for one in ids])
    session.execute(
        text(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_words USING fts5vocab(main, message_fts, instance)"
        )
    )
    held: dict[int, dict[str, list[tuple[int, str]]]] = {}
    words = text(
        "SELECT doc, col, offset, term FROM temp.message_words WHERE doc IN (SELECT id FROM temp.unwanted)"
    )
    for doc, column, offset, term in session.execute(words):
        held.setdefault(doc, {}).setdefault(column, []).append((offset, term))
    drop = text(
        "INSERT INTO message_fts(message_fts, rowid, subject, body, addresses, files) "
        "VALUES ('delete', :id, :subject, :body, :addresses, :files)"
    )
    for doc, columns in held.items():
        said = {name: " ".join(term for _, term in sorted(columns.get(name, []))) for name in COLUMNS}
        session.execute(drop, {"id": doc, **said})
    session.execute(text("DELETE FROM temp.unwanted"))


def tidy() -> None:
    """Rewrite what still holds deleted words. Outside any transaction; others go on working, on SQLite they wait a moment."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        _sqlite()
    else:
        _postgres()


def _sqlite() -> None:
    """Merge the index until nothing deleted is left in it, write the file anew without free pages, and empty its log."""
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA secure_delete=ON")
        driver.execute("INSERT INTO message_fts(message_fts, rank) VALUES ('merge', ?)", (-PAGES,))
        while True:
            before = driver.total_changes
            driver.execute("INSERT INTO message_fts(message_fts, rank) VALUES ('merge', ?)", (PAGES,))
            if driver.total_changes - before < 2:
                break
        driver.execute(
            "PRAGMA temp_store=FILE"
        )  # what is live, a second time: too much for memory in a large store
        try:
            if any(_written_anew(driver, number) for number in range(TRIES)):
                return
        finally:
            driver.execute("PRAGMA temp_store=MEMORY")
    raise RuntimeError("the database is too busy to be rewritten; this is tried again")


def _written_anew(driver: Any, number: int) -> bool:
    """Whether it could be done at this try, the `number`-th; the next one waits a little longer."""
    try:
        driver.execute("VACUUM")
        busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:  # somebody reads or writes this moment
        busy = 1
    if busy:
        sleep(0.1 * number)
    return not busy


TOUCHED = (
    "act", "attachment", "conversation", "customer", "customer_address", "customer_link", "customer_merge", "draft",
    "erasure", "event", "feedback", "label", "message", "message_reading", "message_search", "order", "order_change",
    "order_line", "outbound_mail", "participant", "payment", "quote", "raw_mail", "refund", "return", "return_line",
    "return_photo", "shipment", "tracking_event",
)  # fmt: skip


def _postgres() -> None:
    """Free the dead rows at once. What backups and the write-ahead log still hold is said in docs/personal-data.md."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in TOUCHED:
            connection.exec_driver_sql(f'VACUUM "{name}"')
