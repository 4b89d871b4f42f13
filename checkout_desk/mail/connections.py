"""Open SMTP connections kept for a few idle seconds, so that many mails of one mailbox share one sign-in."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from checkout_desk.mail.smtp import Account, VerifiedBackend

IDLE_SECONDS = 5.0


class Connections:
    """Idle connections by account (so a changed password or host never meets an old connection). Thread-safe."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self.idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: dict[Account, list[tuple[VerifiedBackend, threading.Timer]]] = {}

    @contextmanager
    def lend(self, account: Account) -> Iterator[VerifiedBackend]:
        """A backend for this thread alone, connected or not; after the block its connection waits for the next mail."""
        backend = self._take(account) or VerifiedBackend(account)
        try:
            yield backend
        finally:
            if backend.connection is not None:
                self._give(account, backend)

    def close_all(self) -> None:
        """Say goodbye on every idle connection."""
        with self._lock:
            waiting = [pair for pairs in self._idle.values() for pair in pairs]
            self._idle.clear()
        for backend, timer in waiting:
            timer.cancel()
            backend.close()

    def _take(self, account: Account) -> VerifiedBackend | None:
        with self._lock:
            waiting = self._idle.get(account)
            if not waiting:
                return None
            backend, timer = waiting.pop()
        timer.cancel()
        return backend

    def _give(self, account: Account, backend: VerifiedBackend) -> None:
        timer = threading.Timer(self.idle_seconds, self._expire, (account, backend))
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # the process is ending, or has no threads left; the outcome must not suffer
            backend.close()
            return
        with self._lock:
            self._idle.setdefault(account, []).append((backend, timer))

    def _expire(self, account: Account, backend: VerifiedBackend) -> None:
        with self._lock:
            waiting = self._idle.get(account, [])
            kept = [pair for pair in waiting if pair[0] is not backend]
            if len(kept) == len(waiting):
                return  # taken just before
            if kept:
                self._idle[account] = kept
            else:
                del self._idle[account]
        backend.close()


connections = Connections()
"""This process's connections."""

atexit.register(connections.close_all)
