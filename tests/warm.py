"""What each new desk of a test process would make again, and what would come out the same: made once, and kept.

Nearly every test opens a desk of its own. Most of its time went into compiling: templates anew for each desk, the rules of
each map of addresses, and the statements of each new engine. They depend on nothing but their source, so a process
keeps them; what a test sees is unchanged.
"""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from types import CodeType
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import URL, Dialect, Engine, Pool, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

LITTLE = 2 * 2**30
"""Memory that has to be free for the tests' folders to lie in it, in bytes."""


def keep_what_is_compiled() -> None:
    """For this process, before its first desk is made."""
    Flask.jinja_options["bytecode_cache"] = _Templates()
    _keep_rules()
    _keep_statements()


def folders_in_memory(memory: Path = Path("/dev/shm")) -> None:
    """Let pytest make its folders in `memory` where there is one with room.

    A desk waits for the disk at each commit and each new key, and the tests of SQLite did little else. What is killed
    there finds the same files again; a loss of power is no part of this suite on a disk either.
    """
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > LITTLE:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def look_for_garbage_rarely() -> None:
    """After the collection: what was imported and collected stays to the end, so it is not searched for garbage.

    A desk is ten thousand objects that all live on; with Python's own thresholds half of the time in which one is
    made goes into looking whether some of them, or of the million of the suite, can be thrown away.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)


class _Templates(BytecodeCache):
    """Compiled templates under name and source, so that a template that a test changes is another one."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def _keep_rules() -> None:
    compile_anew = Rule.compile
    changed: Any = Rule
    kept: dict[tuple[object, ...], dict[str, Any]] = {}

    def compile_once(rule: Any) -> None:
        if rule.defaults or rule.host or rule.subdomain:  # none of ours
            compile_anew(rule)
            return
        key = (rule.rule, rule.merge_slashes, frozenset(rule.map.converters.items()))
        if key not in kept:
            compile_anew(rule)
            kept[key] = {
                "_parts": tuple(rule._parts),
                "_trace": tuple(rule._trace),
                "_converters": rule._converters,
                "arguments": frozenset(rule.arguments),
                "_build": rule._build.__func__,
                "_build_unknown": rule._build_unknown.__func__,
            }
            return
        made = kept[key]
        rule._parts, rule._trace = list(made["_parts"]), list(made["_trace"])
        rule._converters, rule.arguments = dict(made["_converters"]), set(made["arguments"])
        rule._build = made["_build"].__get__(rule, None)
        rule._build_unknown = made["_build_unknown"].__get__(rule, None)

    changed.compile = compile_once


class Connections:
    """Connections to a PostgreSQL server that the desk of one test leaves to the next one.

    A new backend has to read the catalogue of the database before its first answer, which takes longer than the
    statements of most tests.
    """

    def __init__(self) -> None:
        self.backends: set[int] = set()
        """process ids of the server's side of all that were ever made"""
        self._left: dict[URL, Pool] = {}

    def use(self, engine: Engine) -> None:
        """Let `engine`, which is new, go on with the connections that were left at its address."""
        pool = self._left.pop(engine.url, None)
        if pool is not None:
            engine.pool = pool
        else:
            event.listen(engine, "connect", self._note)

    def _note(self, connection: Any, record: Any) -> None:
        self.backends.add(connection.info.backend_pid)

    def leave(self, engine: Engine) -> None:
        """The end of a desk: its connections are kept, if they are to a server and none is in use any more."""
        pool: Any = engine.pool
        if engine.dialect.name == "postgresql" and not pool.checkedout():
            self._left[engine.url] = pool
        else:
            engine.dispose()


CONNECTIONS = Connections()


def _keep_statements() -> None:
    """Let engines that are made alike share one dialect, and so the statements that were compiled for it.

    A dialect learns from its first connection what its server can do, so that one is kept which has been connected.
    """
    make_anew = SQLAlchemy._make_engine
    changed: Any = SQLAlchemy
    kept: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}

    def make(self: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine: Engine = make_anew(self, bind_key, options, app)
        dialect = engine.dialect
        statements: LRUCache[Any, Any] = LRUCache(5000)
        if dialect.name in kept:
            dialect, statements = kept[dialect.name]
        else:
            event.listen(
                engine,
                "engine_connect",
                lambda connection: kept.setdefault(dialect.name, (dialect, statements)),
                once=True,
            )
        engine.dialect, engine._compiled_cache = dialect, statements
        if dialect.name == "postgresql":
            CONNECTIONS.use(engine)
        return engine

    changed._make_engine = make
