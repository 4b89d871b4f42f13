"""Starting, watching and ending the servers that the parts are made of."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

LONGEST_SOCKET_PATH = 100  # the kernel allows 108 bytes on Linux and 104 on macOS, with the closing zero
DEAD_WITHIN = 10.0
READY_WITHIN = 60.0  # seconds; generous, because a loaded machine is not a broken server


class PartMissing(RuntimeError):
    """A part cannot run here because a program is not installed; the text says which and how to get it."""


class PartFailed(RuntimeError):
    """A part's program is there but did not start; the text ends with its last log lines."""


def short_folder(prefix: str, *, owner: pwd.struct_passwd | None = None) -> Path:
    """Make a private (0700) temporary folder whose path leaves room for a Unix socket.

    `owner` is the account that the folder is given to; without one it stays ours.
    """
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > 40:
        base = "/tmp"
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=base))
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def check_socket_path(path: Path) -> Path:
    """Return `path`, or raise ValueError if the kernel could not bind a Unix socket there."""
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise ValueError(f"{path} is longer than the {LONGEST_SOCKET_PATH} bytes that a socket path may have")
    return path


def unprivileged(*names: str) -> pwd.struct_passwd | None:
    """The first account of `names` that exists, when we are root; None when we are a plain user already.

    PostgreSQL refuses to run as root, and nothing under test should have more rights than it needs.
    """
    if os.geteuid() != 0:
        return None
    for name in names:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PartMissing(f"running as root, and there is no account named {' or '.join(names)} to run as")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ended_with_us(command: Sequence[str | Path]) -> list[str]:
    """`command`, so started that the kernel kills it when the test process dies: no server is left behind.

    Done by setpriv before exec, because code of ours between fork and exec is unsafe beside threads.
    Where there is no setpriv (macOS), an aborted test run can leave a server in a temporary folder.
    """
    words = [os.fspath(word) for word in command]
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *words] if setpriv else words


def _alive(group: int) -> bool:
    """Whether a process of the group still runs; where there is no /proc, one that is only waited for counts as well."""
    if not Path("/proc/self/stat").exists():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, 0)
            return True
        return False
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, _, its = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its) == group and state not in "ZX":
                return True
    return False


class Server:
    """One server program with its log file, in a process group of its own."""

    def __init__(self, name: str, *, log: Path, user: pwd.struct_passwd | None = None) -> None:
        self.name = name
        self.log = log
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the program was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def account(self) -> dict[str, object]:
        """The keyword arguments that make `subprocess` run a program as `user`."""
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def spawn(
        self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Start the program; output goes to the log file."""
        if self.running:
            raise RuntimeError(f"{self.name} is already running")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                _ended_with_us(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=dict(env) if env is not None else None,
                start_new_session=True,
                **self.account(),
            )

    def wait_ready(self, ready: Callable[[], bool]) -> None:
        """Return when `ready()` is true; raise PartFailed when the program ends first or takes too long."""
        assert self.process is not None
        deadline = time.monotonic() + READY_WITHIN
        while not ready():
            # Waiting for the end of the program is the pause between two looks: a crash is seen at once.
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self.process.wait(timeout=0.02)
                raise PartFailed(f"{self.name} ended with {code} while starting.\n{self.last_lines()}")
            if time.monotonic() > deadline:
                self.kill()
                raise PartFailed(
                    f"{self.name} was not ready after {READY_WITHIN:.0f} s.\n{self.last_lines()}"
                )

    def last_lines(self, count: int = 20) -> str:
        """The end of the log, for error messages."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def signal(self, number: Signals) -> None:
        """Send a signal to the program alone (not to its children)."""
        if self.running:
            assert self.process is not None
            self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL the program and its whole group: what a power cut does to it."""
        if self.process is None:
            return
        group = self.process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, SIGKILL)
        self.process.wait()
        self.process = None
        # Its children take a moment longer on a busy machine, and hold its sockets until then.
        deadline = time.monotonic() + DEAD_WITHIN
        while _alive(group) and time.monotonic() < deadline:
            threading.Event().wait(0.01)

    def end(self, number: Signals = SIGTERM, *, within: float = 20.0) -> None:
        """Ask the program to end with signal `number`, and kill what is left of its group afterwards."""
        if self.process is None:
            return
        self.signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=within)
        self.kill()
