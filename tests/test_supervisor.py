"""`checkout-desk up` with real processes: what dies comes back, what ends leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from checkout_desk.supervisor import AlreadyRunning, lock_home, read_procfile
from tests.parts.process import free_port, short_folder

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="watches processes through Linux's /proc"),
]
PATIENCE = 60.0  # seconds; a bound for hanging, not a measurement


class Desk:
    """A running `checkout-desk up` on a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.lines: list[str] = []
        self._rest = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "checkout_desk.cli", "up"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=self.environment(),
        )

    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        address = f"127.0.0.1:{self.port}"
        return {
            **kept,
            "DESK_HOME": str(self.home),
            "DESK_LISTEN": address,
            "DESK_URL": f"http://{address}",
            "DESK_WEB_PROCESSES": "2",
            "DESK_DISK_RESERVE": "1M",
        }

    def wait_for_line(self, pattern: str) -> str:
        """Read output until a line matches."""
        assert self.process.stdout is not None
        descriptor, deadline = self.process.stdout.fileno(), time.monotonic() + PATIENCE
        while True:
            for line in self.lines:
                if re.search(pattern, line):
                    return line
            ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
            data = os.read(descriptor, 65536) if ready else b""
            if not data:
                raise AssertionError(f"no line like {pattern!r} in:\n" + "\n".join(self.lines))
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.lines += [line.decode(errors="replace") for line in lines]

    def children(self) -> dict[str, int]:
        """Name -> process id of what the supervisor runs now."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                stat = (folder / "stat").read_text()
                name, rest = (
                    stat[stat.index("(") + 1 : stat.rindex(")")],
                    stat[stat.rindex(")") + 2 :].split(),
                )
                if int(rest[1]) == self.process.pid and rest[0] != "Z":
                    found[name.removeprefix("desk ")] = int(folder.name)
        return found

    def replaced(self, name: str, old: int) -> bool:
        """Whether the part runs as another process than `old`."""
        return self.children().get(name, old) != old

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{what}; running: {self.children()}"
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.02)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10).status == 200)
        return False

    def remove(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)


EVERYBODY = {"valkey-server", "web.1", "web.2", "worker", "clock", "mailbox"}


@pytest.fixture
def desk() -> Iterator[Desk]:
    running = Desk(short_folder("up"))
    try:
        running.wait_for_line("The desk is ready at")
        yield running
    finally:
        running.remove()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with contextlib.suppress(OSError):
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    return True


def test_everything_runs_and_each_part_that_is_killed_comes_back(desk: Desk) -> None:
    desk.wait_until(lambda: set(desk.children()) == EVERYBODY, "not everything started")
    for name in sorted(EVERYBODY):
        before = desk.children()
        os.kill(before[name], signal.SIGKILL)
        desk.wait_for_line(rf"^{name.removesuffix('-server')} ended \(signal SIGKILL\)")
        desk.wait_until(partial(desk.replaced, name, before[name]), f"{name} did not return")
        assert {k: v for k, v in desk.children().items() if k != name} == {
            k: v for k, v in before.items() if k != name
        }, "only what was killed is started again"
        assert desk.answers()


def test_sigterm_ends_everything_in_order(desk: Desk) -> None:
    pids = desk.children()
    desk.process.send_signal(signal.SIGTERM)
    assert desk.process.wait(timeout=PATIENCE) == 0
    assert all(gone(pid) for pid in pids.values())
    assert not (desk.home / "valkey.sock").exists(), "Valkey was not shut down in order"


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_starts(desk: Desk) -> None:
    pids = desk.children()
    desk.process.kill()
    desk.process.wait()
    desk.wait_until(lambda: all(gone(pid) for pid in pids.values()), f"something of {pids} is left")
    following = Desk(desk.home)
    try:
        following.wait_for_line("The desk is ready at")
        assert following.answers()
    finally:
        following.remove()


def test_a_second_instance_is_refused_in_one_line(desk: Desk) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "checkout_desk.cli", "up"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**desk.environment(), "DESK_LISTEN": f"127.0.0.1:{free_port()}"},
    )
    assert second.returncode == 1
    assert second.stderr.splitlines() == [
        f"checkout-desk: The desk in {desk.home} runs already (process {desk.process.pid})."
    ]
    assert desk.answers()


def test_files_are_for_this_user_alone(desk: Desk) -> None:
    wide = [
        path
        for path in [desk.home, *desk.home.rglob("*")]
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert wide == []


def test_an_address_that_is_taken_is_one_clear_line(desk: Desk) -> None:
    home = short_folder("up")
    try:
        second = subprocess.run(
            [sys.executable, "-m", "checkout_desk.cli", "up"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**desk.environment(), "DESK_HOME": str(home)},
        )
    finally:
        shutil.rmtree(home)
    assert second.returncode == 2
    assert second.stderr.startswith(
        f"checkout-desk: DESK_LISTEN: 127.0.0.1:{desk.port} cannot be used (Address"
    )
    assert len(second.stderr.splitlines()) == 1


def test_the_lock_of_a_home_is_taken_once(tmp_path: Path) -> None:
    held = lock_home(tmp_path)
    with pytest.raises(AlreadyRunning):
        lock_home(tmp_path)
    os.close(held)
    os.close(lock_home(tmp_path))


def test_a_procfile_is_read_with_counts(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text("# what runs\nweb: checkout-desk web\nother: sh -c 'echo a b'\n\n")
    found = read_procfile(path, {"web": 2})
    assert [(p.name, p.kind, p.words) for p in found] == [
        ("web.1", "web", ["checkout-desk", "web"]),
        ("web.2", "web", ["checkout-desk", "web"]),
        ("other", "other", ["sh", "-c", "echo a b"]),
    ]
