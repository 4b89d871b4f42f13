"""Runs the Procfile on one machine: embedded Valkey first, then web, worker, clock and mailbox; restarts what died.

On Linux the supervisor imports the desk once and forks its processes, so that five of them start in the time of one
and share their memory; elsewhere, and for Procfile lines that are not ours, it executes the command. A child is
watched by its exit alone: waiting for the end of its pipe would hang on any grandchild that kept it open.

Nothing survives the supervisor: on Linux the kernel kills each child with it (PR_SET_PDEATHSIG), elsewhere the next
start finds the lock free and shuts an orphaned Valkey down.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import gc
import os
import shlex
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from checkout_desk.serving import LISTEN_FD

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 0.2, 5.0, 10.0
"""seconds: back-off before a restart, its cap, and the run after which a process counts as healthy again"""

GRACE = {"web": 12.0, "worker": 25.0, "clock": 10.0, "mailbox": 10.0, "valkey": 10.0}
"""seconds between SIGTERM and SIGKILL; also the order in which kinds are stopped"""

FORKS = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class AlreadyRunning(Exception):
    """Another supervisor runs on the same DESK_HOME."""


class Trouble(Exception):
    """The desk cannot start; the message is one line for a person."""


@dataclass
class Process:
    """One line of the Procfile, once. `pid` is 0 while it does not run."""

    name: str
    kind: str
    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[int, ...] = ()
    """open files that it inherits"""
    plain: bool = False
    """whether its lines are shown without its name"""
    pid: int = 0
    started: float = 0.0
    pause: float = FIRST_PAUSE
    ended: asyncio.Future[int] | None = None
    pipe: int = -1
    rest: bytes = b""

    @property
    def label(self) -> bytes:
        """What stands before each of its lines."""
        return b"" if self.plain else self.name.ljust(9).encode() + b"| "


def read_procfile(path: Path, counts: Mapping[str, int]) -> list[Process]:
    """The processes of a Procfile ("kind: command" a line), each kind as often as `counts` says (once unless named)."""
    found = []
    for line in path.read_text().splitlines():
        kind, colon, command = line.partition(":")
        if not colon or line.lstrip().startswith("#"):
            continue
        kind, words = kind.strip(), shlex.split(command)
        many = counts.get(kind, 1)
        found += [Process(f"{kind}.{n}" if many > 1 else kind, kind, words) for n in range(1, many + 1)]
    return found


def lock_home(home: Path) -> int:
    """Take the one supervisor's lock of this DESK_HOME, for as long as the returned file stays open.

    Raises AlreadyRunning.
    """
    descriptor = os.open(home / "up.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise AlreadyRunning(f"The desk in {home} runs already (process {holder}).") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


class Supervisor:
    """Starts processes, prefixes their lines, restarts them, and stops them in order."""

    def __init__(self, command: Callable[[list[str]], int], *, out: int = 1) -> None:
        """`command` runs `checkout-desk` with the given arguments in this process and returns its exit code."""
        self._command = command
        self._out = out
        self._processes: list[Process] = []
        self._restarts: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._libc = ctypes.CDLL(None) if FORKS else None
        self._home_pid = os.getpid()

    @property
    def stopping(self) -> bool:
        """Whether the desk was asked to stop."""
        return self._stopping.is_set()

    def listen_for_signals(self) -> None:
        """Stop on SIGTERM, SIGINT and SIGHUP (a second one does not wait for anybody); notice children that ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means what it says
                loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def _asked_to_stop(self) -> None:
        (self._hurry if self.stopping else self._stopping).set()

    def say(self, text: str) -> None:
        """One line of the supervisor's own."""
        self._write(text.encode() + b"\n")

    def start(self, process: Process, *, watched: bool = True) -> None:
        """Start a process; a `watched` one is restarted when it ends."""
        reading, writing = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        process.started = time.monotonic()
        try:
            process.pid = os.fork()
        except OSError:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(reading)
            os.close(writing)
            raise
        if process.pid == 0:
            self._become(process, writing)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(writing)
        os.set_blocking(reading, False)
        loop = asyncio.get_running_loop()
        process.pipe, process.rest, process.ended = reading, b"", loop.create_future()
        loop.add_reader(reading, self._pass_on, process)
        if process not in self._processes:
            self._processes.append(process)
        if watched:
            self._watch(process, process.ended)

    def _watch(self, process: Process, ended: asyncio.Future[int]) -> None:
        task = asyncio.get_running_loop().create_task(self._restart_after_end(process, ended))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    def _become(self, process: Process, writing: int) -> NoReturn:
        """In the child: leave the supervisor's files, signals and group behind, then be the process. Never returns."""
        code = 70
        try:
            os.setsid()
            if self._libc:
                self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != self._home_pid:
                    os._exit(70)
                self._libc.prctl(PR_SET_NAME, f"desk {process.name}".encode()[:15])
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            low = 3
            for kept in sorted(process.keep):
                os.set_inheritable(kept, True)
                os.closerange(low, kept)
                low = kept + 1
            os.closerange(low, os.sysconf("SC_OPEN_MAX") if not FORKS else 65536)
            os.environ.update(process.environment)
            code = self._be(process)
        except BaseException as fault:  # nothing may return into the supervisor's loop
            os.write(2, f"{process.name} could not start: {fault!r}\n".encode())
        finally:
            os._exit(code)

    def _be(self, process: Process) -> int:
        words = list(process.words)
        if words[0] == "checkout-desk":
            if FORKS:
                for stream in (sys.stdout, sys.stderr):
                    stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
                code = self._command(words[1:])
                sys.stdout.flush()
                return code
            words[:1] = [sys.executable, "-m", "checkout_desk.cli"]
        os.execvp(words[0], words)  # noqa: S606  # the words of our own Procfile
        raise AssertionError("exec does not return")

    def _pass_on(self, process: Process) -> None:
        """Write the process's lines to our own output, each with its name."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(process.pipe, 65536):
                *lines, process.rest = (process.rest + data).split(b"\n")
                self._write(b"".join(process.label + line + b"\n" for line in lines))
                if len(process.rest) > 65536:
                    process.rest = b""
            asyncio.get_running_loop().remove_reader(process.pipe)

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # nobody reads us any more: the desk goes on
            while data:
                data = data[os.write(self._out, data) :]

    def _reap(self) -> None:
        for process in self._processes:
            if not process.pid:
                continue
            try:
                pid, status = os.waitpid(process.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = process.pid, 0
            if pid:
                self._closed(process, os.waitstatus_to_exitcode(status))

    def _closed(self, process: Process, code: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind in its group
        process.pid = 0
        self._pass_on(process)
        loop = asyncio.get_running_loop()
        loop.remove_reader(process.pipe)
        os.close(process.pipe)
        if process.rest:
            self._write(process.label + process.rest + b"\n")
        if process.ended and not process.ended.done():
            process.ended.set_result(code)

    async def _restart_after_end(self, process: Process, ended: asyncio.Future[int]) -> None:
        code = await asyncio.shield(ended)
        if self.stopping:
            return
        if time.monotonic() - process.started > HEALTHY_AFTER:
            process.pause = FIRST_PAUSE
        self.say(f"{process.name} ended ({_how(code)}); starting it again in {process.pause:.1f} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), process.pause)
        process.pause = min(process.pause * 2, LONGEST_PAUSE)
        if self.stopping:
            return
        try:
            self.start(process)
        except OSError as fault:  # no memory or no process number left at the moment
            self.say(f"{process.name} could not be started ({fault.strerror}); trying again")
            again = asyncio.get_running_loop().create_future()
            again.set_result(1)
            process.started = time.monotonic()
            self._watch(process, again)

    async def _ended_or(self, process: Process, asked: asyncio.Event, *, within: float | None = None) -> bool:
        """Wait for the end of a process or the event, whichever is first. Returns whether the process ended."""
        assert process.ended is not None
        waiting = asyncio.get_running_loop().create_task(asked.wait())
        both: list[asyncio.Future[Any]] = [process.ended, waiting]
        await asyncio.wait(both, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return process.ended.done()

    async def run_once(self, process: Process) -> int:
        """Start a process that is meant to end, and return its exit code; it is stopped when the desk is."""
        self.start(process, watched=False)
        if not await self._ended_or(process, self._stopping):
            await self._end(process)
        assert process.ended is not None
        return process.ended.result()

    async def wait_for(self, ready: Callable[[], Awaitable[bool]], *, within: float, what: str) -> None:
        """Return when the coroutine function `ready` gives true or the desk is asked to stop. Raises Trouble when late."""
        deadline = time.monotonic() + within
        while not self.stopping:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                if await ready():
                    return
            if time.monotonic() > deadline:
                raise Trouble(f"{what} did not answer within {within:.0f} s.")
            await asyncio.sleep(0.02)

    async def until_stopped(self) -> None:
        """Return when the desk is asked to stop."""
        await self._stopping.wait()

    async def stop(self) -> None:
        """End everything, kind after kind in the order of GRACE: what makes work first, the queue last."""
        self._stopping.set()
        for kind in [*GRACE, None]:
            some = [p for p in self._processes if p.pid and (p.kind == kind or kind is None)]
            await asyncio.gather(*(self._end(process) for process in some))

    async def _end(self, process: Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        if not await self._ended_or(process, self._hurry, within=GRACE.get(process.kind, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            assert process.ended is not None
            await process.ended


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def share_memory() -> None:
    """Leave what is imported so far out of the garbage collector, so that forked processes go on sharing its pages."""
    gc.collect()
    gc.freeze()


def with_socket(processes: Sequence[Process], descriptor: int) -> None:
    """Let the web processes of the list inherit the listening socket."""
    for process in processes:
        if process.kind == "web":
            process.keep = (descriptor,)
            process.environment = {LISTEN_FD: str(descriptor)}
