"""What a page asks of the database: how many statements, and by which plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from checkout_desk.extensions import db

SMALL = {"person", "person_role", "desk_session", "mailbox", "store", "conversation_count", "presence", "event_head",
         "desk_version", "draft", "product"}  # fmt: skip
"""tables that do not grow with the store; a scan of them is right"""
PARTIAL = {
    "ix_outbound_mail_due",
    "ix_message_trouble",
    "ix_legal_hold_open",
    "ix_conversation_exceptions",
    "ix_conversation_unassigned",
}
"""indexes of what is in trouble, leaving or without a person: they hold nothing else, and are walked in their order"""
BOUNDED = ("ORDER BY draft.updated_at DESC",)
"""sorts of a handful: one person's drafts in one conversation"""
_SCAN = re.compile(r"^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


@dataclass
class Asked:
    """The statements of one request, with their values."""

    statements: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def watched() -> Iterator[Asked]:
    """Note every statement that is sent meanwhile."""
    asked = Asked()

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def statements_of(app: Flask, path: str, cookie: str) -> list[tuple[str, Any]]:
    """What one GET asks; the first call of a process, which fills caches, does not count."""
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        with watched() as asked:
            answer = client.get(path, headers={"Cookie": cookie}, base_url=app.config["DESK_URL"])
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    return [s for s in asked.statements if not s[0].startswith(("BEGIN", "UPDATE desk_session"))]


def faults(app: Flask, statements: list[tuple[str, Any]]) -> list[str]:
    """Plans that grow with the store: scans of large tables, and sorts in a temporary tree. SQLite's own words."""
    found = []
    with app.app_context(), db.engine.connect() as connection:
        for statement, parameters in statements:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
            details = [row[3] for row in plan]
            tables = set(re.findall(r"(?:FROM|JOIN) (\w+)", statement))
            for detail in details:
                scan = _SCAN.match(detail)
                if scan and not _harmless(scan[1], scan[2], statement):
                    found.append(f"{detail}  in  {' '.join(statement.split())[:160]}")
                bounded = any(words in " ".join(statement.split()) for words in BOUNDED)
                if "TEMP B-TREE" in detail and not tables <= SMALL and not bounded:
                    found.append(f"{detail}  in  {' '.join(statement.split())[:160]}")
    return found


def _harmless(name: str, index: str | None, statement: str) -> bool:
    if (
        name in SMALL
        or index in PARTIAL
        or name in ("CONSTANT", "message_fts")
        or name.startswith(("anon_", "subquery"))
        or f"WITH RECURSIVE {name} " in statement  # its own few rows
    ):
        return True
    aliased = re.search(rf"(\w+) AS {re.escape(name)}\b", statement)
    return (aliased[1] if aliased else name) in SMALL


def postgres_faults(app: Flask, statements: list[tuple[str, Any]], *, few_rows: bool = False) -> list[str]:
    """The same on PostgreSQL: sequential scans of large tables. With `few_rows` only those that no index could spare."""
    found = []
    with app.app_context(), db.engine.connect() as connection:
        if few_rows:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        grown = {
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 1000"
            )
        }
        for statement, parameters in statements:
            plan = "\n".join(row[0] for row in connection.exec_driver_sql("EXPLAIN " + statement, parameters))
            for table in re.findall(r"Seq Scan on (\w+)", plan):
                if table not in SMALL and (few_rows or table in grown):  # an empty table is best read whole
                    found.append(f"Seq Scan on {table}  in  {' '.join(statement.split())[:160]}")
    return found
