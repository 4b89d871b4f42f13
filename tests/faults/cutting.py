"""Ways to cut a step in this process: its n-th commit, fsync or call of a provider fails, or is the last thing that happens."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from checkout_desk.mail import hosts
from tests.faults.ten import Turn


class Killed(BaseException):
    """Stands for kill -9: nothing in the desk catches it."""


class Count:
    """Which of the calls it is."""

    def __init__(self, n: int) -> None:
        self.n, self.met = n, False

    def comes(self) -> bool:
        """Whether this call is the n-th."""
        self.n -= 1
        self.met = self.met or self.n == 0
        return self.n == 0


def _commit(count: Count, fault: Callable[[], BaseException], *, after: bool = False) -> Any:
    commit = Session.commit

    def instead(session: Session) -> None:
        comes = count.comes()
        if comes and not after:
            raise fault()
        commit(session)
        if comes:
            raise fault()

    return Session, "commit", instead


def _fsync(count: Count) -> Any:
    sync = os.fsync

    def instead(descriptor: Any) -> None:
        if count.comes():
            raise OSError(28, "No space left on device")
        sync(descriptor)

    return os, "fsync", instead


def _dial(count: Count) -> Any:
    dial = hosts.dial

    def instead(*words: Any, **more: Any) -> Any:
        if count.comes():
            raise ConnectionRefusedError(111, "Connection refused")
        return dial(*words, **more)

    return hosts, "dial", instead


def _answer(count: Count) -> Any:
    read = http.client.HTTPConnection.getresponse

    def instead(link: http.client.HTTPConnection) -> Any:
        answer = read(link)
        if count.comes():
            raise ConnectionResetError(104, "Connection reset by peer")
        return answer

    return http.client.HTTPConnection, "getresponse", instead


FAULTS: dict[str, Callable[[Count], Any]] = {
    "refused": lambda count: _commit(count, lambda: OperationalError("COMMIT", {}, Exception("disk full"))),
    "killed before": lambda count: _commit(count, Killed),
    "killed after": lambda count: _commit(count, Killed, after=True),
    "fsync": _fsync,
    "not reached": _dial,
    "answer lost": _answer,
}


def cut(turn: Turn, fault: Callable[[Count], Any], n: int) -> bool:
    """Do the step with its n-th fault; whether there was one."""
    count = Count(n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*fault(count))
        try:
            turn.do()
        except (Exception, Killed):
            if not count.met:
                raise
    return count.met
