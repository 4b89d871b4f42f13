"""Two who do something at the same moment, really: in threads, with transactions of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from checkout_desk.extensions import begin_write, db

PATIENCE = 30.0  # seconds; a bound for hanging, not a measurement
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class _Doing(threading.Thread):
    """A piece of work in a context of its own; `outcome` is what it returned or raised."""

    def __init__(self, app: Flask, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.app, self.work = app, work
        self.outcome: Any = None

    def run(self) -> None:
        try:
            with self.app.app_context():
                self.outcome = self.work()
        except BaseException as fault:
            self.outcome = fault

    def done(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive(), "one waits for the other for ever"
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def _engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


def _until(engine: Engine, enough: Callable[[], bool]) -> None:
    """Return when `enough`, or when somebody waits for a lock. SQLite, which lets one write at a time, cannot say so."""
    if engine.dialect.name == "sqlite":
        return
    deadline = time.monotonic() + PATIENCE
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
        while not enough() and not watching.scalar(_WAITING):
            assert time.monotonic() < deadline, "nobody waits and nobody goes on"


def during(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do `first` in a transaction that is open while `second` begins, and is committed once `second` waits for it.

    Returns what `second` returned; what it raised is raised here.
    """
    engine = _engine(app)
    other = _Doing(app, second)
    with app.app_context():
        begin_write()
        first()
        db.session.flush()
        other.start()
        _until(engine, lambda: not other.is_alive())
        db.session.commit()
    return other.done()


def at_once(app: Flask, *works: Callable[[], Any], after: str) -> list[Any]:
    """Do all `works`, each pausing behind its first statement that begins with `after` until all others are there, have
    ended, or wait. Returns what they returned; what one raised is raised here."""
    engine = _engine(app)
    doing = [_Doing(app, work) for work in works]
    there: set[int] = set()

    def pause(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        me = threading.get_ident()
        if not statement.startswith(after) or me in there or me not in {one.ident for one in doing}:
            return
        there.add(me)
        _until(engine, lambda: all(one.ident in there or not one.is_alive() for one in doing))

    event.listen(engine, "after_cursor_execute", pause)
    try:
        for one in doing:
            one.start()
        return [one.done() for one in doing]
    finally:
        event.remove(engine, "after_cursor_execute", pause)
