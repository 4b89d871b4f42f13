"""How a shop came to where a test begins: told once for a process and engine, then given back as it was.

Most tests begin with the same long story: a store, a catalogue, a mail, an order, its quote, its money, its parcel. The
builders' steps are marked `remembered`. A step that follows the same steps with the same words, from an empty desk on, leads to the
same state: at its third time the rows, the files and what the step returned are given back and nothing is done anew.

A story breaks where anything else has written, so a test never gets back what it has not come to by these very steps. It is
not told from memory either while something could make the step another one: a changed configuration, replaced functions, a
time that is pretended by other means, other threads, an open transaction, or a test that counts statements.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar, cast

import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import Engine

from checkout_desk import clock
from checkout_desk.extensions import db

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 150
"""How many states a process keeps; one on SQLite is a megabyte and a half."""


class Database(Protocol):
    """What a story needs of a database."""

    def mark(self) -> object:
        """Something that is another after each transaction that wrote."""

    def keep(self) -> Any:
        """All that is in it."""

    def restore(self, kept: Any) -> None:
        """Put into it what was kept, and nothing else."""

    def leave(self) -> None:
        """The desk is at its end."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a story had come to."""

    rows: Any
    files: dict[Path, bytes]
    at: datetime
    answer: Any


_told: OrderedDict[object, State] = OrderedDict()
_heard: dict[object, int] = {}


class _Clock:
    """What `checkout_desk.clock` looks at. For a test no time has passed since the state that it has got back."""

    behind = timedelta(0)

    def now(self, tz: tzinfo | None = None) -> datetime:
        seen = datetime.now(tz)
        return seen if time_machine.escape_hatch.is_travelling() else seen - self.behind


_clock = _Clock()
cast("Any", clock).datetime = _clock


class _Keys:
    """The keys of all desks of this process: what was told of one can be read by another."""

    def __init__(self) -> None:
        self._made = {name: Fernet.generate_key() for name in ("crypt", "secret")}

    def lay(self, home: Path) -> None:
        """Put them where a new desk in `home` finds them."""
        folder = home / "keys"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        for name, key in self._made.items():
            (folder / name).write_bytes(key)
            (folder / name).chmod(0o600)


KEYS = _Keys()


class Story:
    """The story of one desk, from its empty database on."""

    told_now: ClassVar[Story | None] = None

    def __init__(self, app: Flask, database: Database, patches: pytest.MonkeyPatch | None = None) -> None:
        self._app = app
        self._database = database
        self._patches = patches
        self._home: Path = app.config["DESK_HOME"]
        self._config = dict(app.config)
        # The empty desk stands there already.
        self._pending: State | None = State(None, {}, clock.now(), None)
        self._key: object = app.config["DATABASE_URL"].partition(":")[0]
        self._mark: object = None
        self._one = threading.Lock()
        self._threads = threading.active_count()
        app.extensions["story"] = self
        Story.told_now = self
        with app.app_context():
            self._engine = db.engine

    def end(self) -> None:
        """The desk is at its end: what is pending is not wanted any more."""
        if self._app.extensions.pop("story", None) is self:
            self._pending = None
            Story.told_now = None
            self._database.leave()
            _clock.behind = timedelta(0)

    def settle(self) -> None:
        """Write what was given back into the database, if nothing has asked for it yet."""
        with self._one:
            if (state := self._pending) is not None:
                if state.rows is not None:
                    self._database.restore(state.rows)
                self._mark = self._database.mark()
                self._pending = None

    def tell(self, words: object, step: Callable[[], T]) -> T:
        """Do the step of these words, or give back what it has led to before."""
        key = self._key_of(words)
        if key is None:
            self._key = None
            return step()
        if (state := _told.get(key)) is not None:
            _told.move_to_end(key)
            self._give_back(state)
            self._key = key
            return cast("T", state.answer)
        self.settle()
        answer = step()
        self._key = key
        if self._pending is None:
            self._mark = self._database.mark()
        self._hear(key, answer)
        return answer

    def _hear(self, key: object, answer: Any) -> None:
        """Keep the state the second time that it is reached: what is reached once in a process is not worth it."""
        _heard[key] = _heard.get(key, 0) + 1
        if _heard[key] < 2 or self._busy():
            return
        self.settle()
        files = {path: path.read_bytes() for path in self._files()}
        _told[key] = State(
            self._database.keep(),
            {path.relative_to(self._home): data for path, data in files.items()},
            _clock.now(UTC),
            answer,
        )
        if len(_told) > KEPT:
            _told.popitem(last=False)

    def _files(self) -> list[Path]:
        found = [path for path in self._home.rglob("*") if path.is_file()]
        return [p for p in found if not p.name.startswith("desk.db") and p.parent.name != "keys"]

    def _give_back(self, state: State) -> None:
        for path, data in state.files.items():
            file = self._home / path
            if not file.exists():
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                file.write_bytes(data)
        _clock.behind = datetime.now(UTC) - state.at
        self._pending = state

    def _key_of(self, words: object) -> object:
        """What the story is called after these words; None where it cannot be told from memory."""
        if self._key is None or words is None or self._busy():
            return None
        if self._pending is None and self._mark != self._database.mark():
            return None
        config = self._app.config
        changed = {name: value for name, value in config.items() if self._config.get(name) != value}
        told = spelled(changed)
        pretended = clock._pretended.get()
        return None if told is None else hash((self._key, words, told, pretended))

    def _busy(self) -> bool:
        patches = cast("Any", self._patches)
        return (
            threading.active_count() > self._threads
            or time_machine.escape_hatch.is_travelling()
            or (patches is not None and bool(patches._setattr or patches._setitem))
            or bool(cast("Any", self._engine.pool).checkedout())
        )


def _before_connecting() -> None:
    """Let any desk of this process that connects find what was given back: a test may open a second one over the rows."""
    connect = Engine.raw_connection

    def raw_connection(engine: Engine) -> Any:
        if Story.told_now is not None:
            Story.told_now.settle()
        return connect(engine)

    cast("Any", Engine).raw_connection = raw_connection


_before_connecting()


def spelled(thing: Any) -> str | None:
    """What a thing looks like in words that say all of it; None where they would not."""
    if isinstance(thing, (list, tuple)):
        parts = [spelled(one) for one in thing]
        return None if None in parts else f"({','.join(cast('list[str]', parts))})"
    if isinstance(thing, dict):
        return spelled(list(thing.items()))
    if callable(thing):
        name = getattr(thing, "__qualname__", "<")
        return None if "<" in name else f"{thing.__module__}.{name}"
    text = repr(thing)
    return None if " at 0x" in text else text


def remembered(step: Callable[P, T]) -> Callable[P, T]:
    """Mark a step of a builder: a function of an application, or a method of what has one (`app`, or a `shop` with one).

    What the step returns must be all that it leaves behind beside the database and the files: it is a plain value.
    """

    @functools.wraps(step)
    def tell(*args: P.args, **facts: P.kwargs) -> T:
        first: Any = args[0]
        shop = getattr(first, "shop", first)
        app: Flask = getattr(shop, "app", shop)
        story: Story | None = app.extensions.get("story")
        if story is None:
            return step(*args, **facts)
        said = spelled((step, args[1:], facts))
        return story.tell(said, lambda: step(*args, **facts))

    return tell
