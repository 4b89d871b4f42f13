"""Named points at which the fault tests kill a process, fill the disk or hold a process up (SECURITY section 4).

A point is a line `fault("package.step")` between two steps whose order matters. It does nothing unless DESK_FAULTS
names a folder, which only a sandbox store accepts. There a file named like the point is an order, carried out once by
whichever process comes to the point first; the file then ends in `.reached`:

    kill      SIGKILL to this process: no handler runs, nothing is flushed
    enospc    OSError, as from a disk that is full
    pause     wait until a file named like the point and ending in `.released` is there

A number behind the word (`kill 3`) lets it happen that often. Every point in the code is named by a test, and every
point that a test names is in the code; `tests/faults/test_points.py` compares them.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from checkout_desk.config import ConfigError

SETTING = "DESK_FAULTS"
LOOK_AGAIN = 0.01
"""seconds between two looks of a paused process"""

_folder: Path | None = None


def allow(environment: Mapping[str, str], *, sandbox: bool) -> None:
    """Let faults happen in this process when the environment asks for it. Raises ConfigError outside a sandbox store."""
    global _folder  # noqa: PLW0603  # a process has one, and the points must cost nothing
    told = environment.get(SETTING)
    if not told:
        return
    if not sandbox:
        raise ConfigError(
            f"{SETTING}: faults on purpose are for tests; expected none, or DESK_SANDBOX=yes with it."
        )
    _folder = Path(told)


def fault(name: str) -> None:
    """The point `name`: nothing happens here but what a test ordered. Raises OSError when that is a full disk."""
    if _folder is not None:
        _obey(_folder, name)


def _obey(folder: Path, name: str) -> None:
    order, reached = folder / name, folder / f"{name}.reached"
    try:
        os.rename(order, reached)  # of several processes at the same point one succeeds
    except FileNotFoundError:
        return
    word, _, times = reached.read_text().partition(" ")
    if times and int(times) > 1:
        draft = folder / f"{name}.draft"
        draft.write_text(f"{word} {int(times) - 1}")
        os.rename(draft, order)
    if word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif word == "pause":
        while not (folder / f"{name}.released").exists():
            threading.Event().wait(LOOK_AGAIN)
    else:
        raise ValueError(word)
