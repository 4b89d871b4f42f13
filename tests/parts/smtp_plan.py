"""What the SMTP sink has been told to do to coming mail, and what it has kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

# Where in a delivery something happens: the greeting; the answer to MAIL, to RCPT, to the command DATA; and
# the answer to the final dot, which alone says whose the mail is now (RFC 5321 section 6.1).
Point = Literal["connect", "mail", "rcpt", "data", "dot"]


@dataclass
class Accepted:
    """One mail that the sink has kept."""

    number: int  # from 1, in the order in which the final dots came in
    sender: str
    recipients: list[str]
    content: bytes  # exactly as sent, dots taken off again
    at: dt.datetime
    login: str | None  # who signed in, if anybody
    encrypted: bool
    answered: bool = False  # whether the 250 went out; without it the client cannot know


@dataclass(eq=False)  # two equal ones are still two
class Misbehaviour:
    """One thing that the sink does to a mail. Made by the methods of `SmtpSink`, not by tests.

    `times` is the number of mails (for "connect": connections) that it still happens to; None means all.
    """

    point: Point
    reply: str | None = None  # refuse with this; None means to go on as usual
    drop: bool = False  # close the connection without an answer
    keep: bool = True  # whether a mail whose final dot came in is kept, when the answer is late or missing
    wait: float | None = None  # answer only after so many seconds
    until_released: bool = False
    recipient: str | None = None
    times: int | None = 1
    _reached: threading.Event = field(default_factory=threading.Event)
    _released: Future[None] = field(default_factory=Future)

    def wait_reached(self, timeout: float = 30.0) -> None:
        """Return when a mail has come to this point; raise TimeoutError after `timeout` seconds."""
        if not self._reached.wait(timeout):
            raise TimeoutError(f"no mail came to {self.point!r} within {timeout} s")

    def release(self) -> None:
        """Let the stalled answer (and every later one of this plan) go out."""
        if not self._released.done():
            self._released.set_result(None)

    async def happen(self) -> None:
        """Inside the server: say that we are here, and wait as told."""
        self._reached.set()
        if self.until_released:
            await asyncio.shield(asyncio.wrap_future(self._released))
        elif self.wait is not None:
            await asyncio.sleep(self.wait)


class Plan:
    """The misbehaviours still to come; used by test thread and server thread at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Misbehaviour] = []
        self._taken: list[Misbehaviour] = []

    def add(self, misbehaviour: Misbehaviour) -> Misbehaviour:
        """Put one at the end."""
        with self._lock:
            self._coming.append(misbehaviour)
        return misbehaviour

    def clear(self) -> None:
        """Forget all, and release whoever is stalled."""
        with self._lock:
            every = self._coming + self._taken
            self._coming, self._taken = [], []
        for misbehaviour in every:
            misbehaviour.release()

    def for_connection(self) -> Misbehaviour | None:
        """What happens to a connection that just came in."""
        return self._take(lambda one: one.point == "connect")

    def for_mail(self) -> Misbehaviour | None:
        """What happens to a mail that just began, whoever it is for."""
        return self._take(lambda one: one.point != "connect" and one.recipient is None)

    def for_recipient(self, address: str) -> Misbehaviour | None:
        """What happens to a mail that is for `address`."""
        return self._take(lambda one: one.recipient is not None and one.recipient.lower() == address.lower())

    def _take(self, fits: Callable[[Misbehaviour], bool]) -> Misbehaviour | None:
        with self._lock:
            found = next((one for one in self._coming if fits(one)), None)
            if found is None:
                return None
            if found not in self._taken:
                self._taken.append(found)
            if found.times is not None:
                found.times -= 1
                if found.times == 0:
                    self._coming.remove(found)
            return found
