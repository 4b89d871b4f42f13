"""What lies between two mail servers: mail that one accepts arrives in a mailbox of the other."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink


class Relay:
    """Carries each mail to `address` from the SMTP server into `folder` of `user`, once."""

    def __init__(
        self, sink: SmtpSink, dovecot: Dovecot, user: str, address: str, folder: str = "INBOX"
    ) -> None:
        self._sink, self._dovecot, self._user = sink, dovecot, user
        self._address, self._folder = address, folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def _carry(self) -> None:
        done = len(self._sink.accepted)
        while not self._stop.wait(0.05):
            found = self._sink.accepted
            for mail in found[done:]:
                if self._address in mail.recipients:
                    self._dovecot.deliver(self._user, mail.content, self._folder)
            done = len(found)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
