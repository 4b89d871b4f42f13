"""The worker process: it finishes what it began, and outlives its Valkey."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from checkout_desk import queue
from checkout_desk.app import create_app
from tests.parts.valkey import ValkeyServer

PATIENCE = 60.0  # seconds; a bound for hanging, not a measurement
SCRIPT = """
import sys
from checkout_desk import cli, queue
queue.JOBS["wait"] = ("in", "tests.test_worker:wait")
sys.exit(cli.run(["worker"]))
"""


def wait(number: int) -> None:
    """The job of these tests: says that it began, waits to be let go, says that it is done (through named pipes)."""
    folder = Path(os.environ["TEST_FOLDER"])
    (folder / f"began.{number}").write_text("")
    (folder / f"gate.{number}").read_text()
    (folder / f"done.{number}").write_text("yes")


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture
def desk(server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(queue.JOBS, "wait", ("in", f"{__name__}:wait"))
    for number in (1, 2):
        for name in ("began", "gate"):
            os.mkfifo(tmp_path / f"{name}.{number}")
    return create_app(environment={"DESK_HOME": str(tmp_path / "h"), "REDIS_URL": server.url})


@pytest.fixture
def worker(desk: Flask, server: ValkeyServer, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "DESK_HOME": str(tmp_path / "h"),
        "REDIS_URL": server.url,
        "TEST_FOLDER": str(tmp_path),
    }
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment)
    yield process
    process.kill()
    process.wait()


def ring(desk: Flask, number: int) -> None:
    with desk.app_context():
        assert queue.ring("wait", number)


def test_sigterm_lets_the_job_at_hand_finish(
    desk: Flask, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    ring(desk, 1)
    (tmp_path / "began.1").read_text()  # a named pipe: returns when the job has begun
    worker.send_signal(signal.SIGTERM)
    (tmp_path / "gate.1").write_text("")
    assert worker.wait(PATIENCE) == 0
    assert (tmp_path / "done.1").read_text() == "yes"


def test_a_worker_without_a_job_ends_at_once(
    desk: Flask, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    ring(desk, 1)
    (tmp_path / "began.1").read_text()
    (tmp_path / "gate.1").write_text("")
    ring(desk, 2)
    (tmp_path / "began.2").read_text()
    (tmp_path / "gate.2").write_text("")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0


def test_a_worker_hears_again_when_valkey_returns(
    desk: Flask, worker: subprocess.Popen[bytes], server: ValkeyServer, tmp_path: Path
) -> None:
    ring(desk, 1)
    (tmp_path / "began.1").read_text()
    server.kill()
    (tmp_path / "gate.1").write_text("")
    server.start()
    ring(desk, 2)
    (tmp_path / "began.2").read_text()
    assert worker.poll() is None


def test_a_worker_that_finds_no_valkey_waits_for_it(
    desk: Flask, server: ValkeyServer, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    server.kill()
    server.start()
    ring(desk, 1)
    (tmp_path / "began.1").read_text()
    worker.send_signal(signal.SIGTERM)
    (tmp_path / "gate.1").write_text("")
    assert worker.wait(PATIENCE) == 0
