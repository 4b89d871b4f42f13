"""A step of the desk in a process of its own that a test may kill.

The process is forked from one that has imported the desk already and has no threads: it takes milliseconds where a new
interpreter takes seconds of nothing but importing. What is killed is a real process, with its own id, memory,
descriptors and connections.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import BinaryIO

_forking = get_context("forkserver")
_forking.set_forkserver_preload(["pytest", "checkout_desk.cli", "tests.ready"])
PATIENCE = 120.0

Main = Callable[[], int | None]


class Step:
    """`main`, a function of a module, as the program of a process: with `words` as arguments and `told` on stdin.

    `environment` is all that it has. `stderr` is what it says there, from its first line on.
    """

    def __init__(self, main: Main, *words: str, environment: Mapping[str, str], told: str = "") -> None:
        ours, its = _forking.Pipe(duplex=False)
        self.process = _forking.Process(target=_run, args=(main, words, dict(environment), told, its))
        self.process.start()
        its.close()
        self.stderr: BinaryIO = os.fdopen(os.dup(ours.fileno()), "rb")
        ours.close()

    def wait(self) -> int:
        """Its exit code, once it has ended: minus the signal's number if it was killed."""
        self.process.join(PATIENCE)
        code = self.process.exitcode
        assert code is not None, "the step does not end"
        return code

    def end(self) -> None:
        """Kill it, if it still runs, and let go of it."""
        self.process.kill()
        self.process.join()
        self.stderr.close()


def exit_code(main: Main, *words: str, environment: Mapping[str, str], told: str = "") -> int:
    """Do the step in a process of its own; its exit code. What it said on stderr is said again here."""
    step = Step(main, *words, environment=environment, told=told)
    try:
        sys.stderr.write(step.stderr.read().decode(errors="replace"))
        return step.wait()
    finally:
        step.end()


def _run(
    main: Main, words: tuple[str, ...], environment: dict[str, str], told: str, error: Connection
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(error.fileno(), 2)
    error.close()
    sys.argv = [main.__module__, *words]
    sys.stdin = io.StringIO(told)
    sys.exit(main())
