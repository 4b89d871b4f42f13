"""The doorbell: it rings after the commit, and the worker opens to nobody but the job table."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text

from checkout_desk import queue
from checkout_desk.app import create_app
from checkout_desk.extensions import db
from tests.parts.valkey import ValkeyServer

CALLS: list[tuple[int, ...]] = []


def note(*ids: int) -> None:
    """The job that these tests put in the table."""
    CALLS.append(ids)


def shout(*arguments: Any) -> None:
    """What nobody may make the worker call."""
    CALLS.append((-1,))


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture
def desk(server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    server.flush()
    CALLS.clear()
    monkeypatch.setitem(queue.JOBS, "note", ("in", f"{__name__}:note"))
    made = create_app(environment={"DESK_HOME": str(tmp_path), "REDIS_URL": server.url})
    with made.app_context():
        yield made


def waiting() -> int:
    return len(Queue("in", connection=queue.connection(), serializer=JSONSerializer))


def push(
    function: str, *arguments: Any, raw: bytes | None = None, fields: dict[str, str] | None = None
) -> None:
    """What an intruder with the socket writes: a job hash and its id on the queue."""
    link = queue.connection()
    data = raw if raw is not None else json.dumps([function, None, list(arguments), {}]).encode()
    written: dict[Any, Any] = {
        "data": zlib.compress(data),
        "origin": "in",
        "status": "queued",
        "timeout": "60",
        "created_at": "2026-11-01T00:00:00.000000Z",
        **(fields or {}),
    }
    link.hset("rq:job:evil", mapping=written)
    link.sadd("rq:queues", "rq:queue:in")
    link.rpush("rq:queue:in", "evil")


def work() -> None:
    queue.worker().work(burst=True, logging_level="ERROR")


def test_rings_after_the_commit_and_not_before(desk: Flask) -> None:
    db.session.execute(text("SELECT 1"))
    queue.later("note", 7)
    assert waiting() == 0
    db.session.commit()
    assert waiting() == 1
    work()
    assert CALLS == [(7,)]


def test_a_roll_back_forgets(desk: Flask) -> None:
    db.session.execute(text("SELECT 1"))
    queue.later("note", 7)
    db.session.rollback()
    db.session.execute(text("SELECT 1"))
    db.session.commit()
    assert waiting() == 0


def test_a_name_outside_the_table_is_a_mistake_at_once(desk: Flask) -> None:
    with pytest.raises(KeyError):
        queue.later("no_such_job", 1)


def test_a_silent_valkey_never_fails_the_commit(tmp_path: Path) -> None:
    desk = create_app(environment={"DESK_HOME": str(tmp_path), "REDIS_URL": f"unix://{tmp_path}/nobody.sock"})
    with desk.app_context():
        db.session.execute(text("SELECT 1"))
        queue.later("take_in", 1)
        db.session.commit()
        assert queue.ring("take_in", 1) is False


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("os.system", ["touch {mark}"]),
        ("checkout_desk.queue.run", ["os.system", 1]),
        ("checkout_desk.queue.run", ["note", "1"]),
        ("checkout_desk.queue.run", ["note", True]),
        ("checkout_desk.queue.run", [["note"]]),
        ("checkout_desk.queue.run", []),
        ("tests.test_queue.shout", [1]),
    ],
)
def test_a_pushed_job_is_refused_and_the_worker_goes_on(
    desk: Flask, tmp_path: Path, function: str, arguments: list[Any]
) -> None:
    mark = tmp_path / "mark"
    push(function, *(value.format(mark=mark) if isinstance(value, str) else value for value in arguments))
    queue.ring("note", 5)
    work()
    assert not mark.exists()
    assert CALLS == [(5,)]
    assert not queue.connection().exists("rq:job:evil")


@pytest.mark.parametrize("raw", [b"not json", b"\x80\x04cos\nsystem\n(S'true'\ntR.", b"[1]", b'{"a": 1}'])
def test_unreadable_job_data_is_refused(desk: Flask, raw: bytes) -> None:
    push("", raw=raw)
    queue.ring("note", 5)
    work()
    assert CALLS == [(5,)]


@pytest.mark.parametrize("kind", ["success_callback_name", "failure_callback_name", "stopped_callback_name"])
def test_a_job_of_the_table_with_a_callback_is_refused(desk: Flask, kind: str) -> None:
    push("checkout_desk.queue.run", "note", 1, fields={kind: "tests.test_queue.shout"})
    queue.ring("note", 5)
    work()
    assert CALLS == [(5,)]


def test_the_clean_up_of_abandoned_jobs_calls_no_callback(desk: Flask) -> None:
    """RQ runs the failure callback of a job that it finds abandoned, without ever having dequeued it."""
    link = queue.connection()
    push(
        "checkout_desk.queue.run",
        "note",
        1,
        fields={"failure_callback_name": "tests.test_queue.shout", "status": "started"},
    )
    link.lrem("rq:queue:in", 0, "evil")
    link.zadd("rq:wip:in", {"evil:1": 1})
    queue.worker().run_maintenance_tasks()
    queue.ring("note", 5)
    work()
    assert CALLS == [(5,)]
