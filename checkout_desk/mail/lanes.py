"""Lanes: the few threads of a worker in which SMTP conversations run, so that one slow server holds up nobody else.

A worker waits a moment for its mail and then goes on; the lane stays with the slow server for up to ten minutes and
records the outcome itself.
"""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context

import structlog

log = structlog.get_logger(__name__)

MOST = 8
MOST_PER_MAILBOX = 4
"""so that one dead server cannot take every lane"""

_lock = threading.Lock()
_taken: Counter[int] = Counter()
_running: set[Future[None]] = set()


def enter(mailbox_id: int) -> bool:
    """Take a lane for this mailbox. Returns False when all are busy: leave the mail for the next sweep."""
    with _lock:
        if _taken.total() >= MOST or _taken[mailbox_id] >= MOST_PER_MAILBOX:
            return False
        _taken[mailbox_id] += 1
        return True


def leave(mailbox_id: int) -> None:
    """Give a lane back that was taken and not used."""
    with _lock:
        _taken[mailbox_id] -= 1


def run(mailbox_id: int, work: Callable[[], None]) -> Future[None]:
    """Run `work` in the lane taken by `enter`, which is given back at its end."""
    future: Future[None] = Future()

    def body() -> None:
        try:
            work()
        except BaseException as fault:  # also what a test throws to stand for a killed process
            log.error("mail.lane_failed", mailbox=mailbox_id, fault=type(fault).__name__)
            _finish()
            future.set_exception(fault)
        else:
            _finish()
            future.set_result(None)

    def _finish() -> None:
        leave(mailbox_id)
        with _lock:
            _running.discard(future)

    with _lock:
        _running.add(future)
    # A daemon: at the end of the process `wait_for_lanes` decides how long it may still take.
    # It sees the caller's context (who acts, what time it is said to be), as if the caller itself went on.
    context = copy_context()
    thread = threading.Thread(target=context.run, args=(body,), name=f"mail-lane-{mailbox_id}", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system gives us no more threads
        _finish()
        raise
    return future


def wait_for_lanes(timeout: float) -> bool:
    """Wait until every lane is empty. Returns False when some were not after `timeout` seconds.

    What is cut off after that is found by its lease: not sent, or unknown.
    """
    with _lock:
        running = set(_running)
    return not wait(running, timeout).not_done


atexit.register(wait_for_lanes, 20)
