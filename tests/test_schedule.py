"""The clock: what its table names exists, a fault stops nothing, and one clock works at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app

from checkout_desk import demo, schedule
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from checkout_desk.schedule import TABLE, Periodic
from tests.parts.valkey import ValkeyServer

PATIENCE = 30.0  # seconds; a bound for hanging, not a measurement


@pytest.fixture
def desk(tmp_path: Path, valkey: ValkeyServer) -> Flask:
    return create_app(environment={"DESK_HOME": str(tmp_path), "REDIS_URL": valkey.url})


class Bell:
    """Counts its strikes and can be waited for."""

    def __init__(self) -> None:
        self.strikes = 0
        self._changed = threading.Condition()

    def strike(self) -> None:
        assert current_app.name == "checkout_desk"
        with self._changed:
            self.strikes += 1
            self._changed.notify_all()

    def wait_for(self, strikes: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.strikes >= strikes, PATIENCE)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> dict[str, Bell]:
    """Bells by the function that an entry names; "broken" raises."""
    made = {"one": Bell(), "two": Bell()}

    def resolve(entry: Periodic) -> Callable[[], object]:
        return made[entry.function].strike  # KeyError for the broken one

    monkeypatch.setattr(schedule, "resolve", resolve)
    return made


@pytest.fixture
def clock() -> Iterator[Callable[..., threading.Event]]:
    """Starts clocks in threads, and stops them all in the end."""
    running: list[tuple[threading.Thread, threading.Event]] = []

    def start(app: Flask, *entries: Periodic) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=schedule.run, args=(app, stop), kwargs={"table": entries})
        thread.start()
        running.append((thread, stop))
        return stop

    yield start
    for _, stop in running:
        stop.set()
    for thread, _ in running:
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_every_entry_of_the_table_exists(entry: Periodic) -> None:
    assert callable(schedule.resolve(entry))


def test_an_entry_runs_again_and_again(
    desk: Flask, bells: dict[str, Bell], clock: Callable[..., threading.Event]
) -> None:
    clock(desk, Periodic("one", 0.01, "one"))
    bells["one"].wait_for(3)


def test_a_fault_stops_neither_its_entry_nor_another(
    desk: Flask, bells: dict[str, Bell], clock: Callable[..., threading.Event]
) -> None:
    clock(desk, Periodic("broken", 0.01, "broken"), Periodic("one", 0.01, "one"))
    bells["one"].wait_for(3)
    assert schedule.once(desk, Periodic("broken", 1, "broken")) is False


def test_a_second_clock_waits_until_the_first_is_gone(
    desk: Flask,
    tmp_path: Path,
    valkey: ValkeyServer,
    bells: dict[str, Bell],
    clock: Callable[..., threading.Event],
) -> None:
    first = clock(desk, Periodic("one", 0.01, "one"))
    bells["one"].wait_for(1)
    other = create_app(environment={"DESK_HOME": str(tmp_path / "other"), "REDIS_URL": valkey.url})
    clock(other, Periodic("two", 0.01, "two"))
    bells["one"].wait_for(bells["one"].strikes + 5)
    assert bells["two"].strikes == 0
    first.set()
    bells["two"].wait_for(1)


def test_without_valkey_the_clock_works_on(
    tmp_path: Path, bells: dict[str, Bell], clock: Callable[..., threading.Event]
) -> None:
    desk = create_app(environment={"DESK_HOME": str(tmp_path), "REDIS_URL": f"unix://{tmp_path}/nobody.sock"})
    clock(desk, Periodic("one", 0.01, "one"))
    bells["one"].wait_for(2)


def test_what_is_for_the_sandbox_stays_there(
    desk: Flask, bells: dict[str, Bell], clock: Callable[..., threading.Event]
) -> None:
    clock(desk, Periodic("one", 0.01, "one", sandbox_only=True), Periodic("two", 0.01, "two"))
    bells["two"].wait_for(3)
    assert bells["one"].strikes == 0


def test_the_table_names_each_work_once() -> None:
    assert len({entry.function for entry in TABLE}) == len(TABLE)
    assert len({entry.name for entry in TABLE}) == len(TABLE)


def test_of_two_clocks_that_see_a_mail_one_answers_it(tmp_path: Path) -> None:
    mark, together, first = tmp_path / "one.eml", threading.Barrier(8), []

    def look() -> None:
        together.wait(PATIENCE)
        first.append(demo._marked(mark))

    clocks = [threading.Thread(target=look) for _ in range(8)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join(PATIENCE)
    assert sorted(first) == [False] * 7 + [True]


def test_every_work_runs_on_a_desk_that_nobody_has_set_up(desk: Flask) -> None:
    """Between its start and its first person a desk has no store, and its clock runs all the same."""
    with desk.app_context():
        db.create_all()
    assert [entry.name for entry in TABLE if not schedule.once(desk, entry)] == []
