"""A mailbox process that kills itself at a step of the way in: `dying_desk STEP WORD`.

The settings come from the environment. At the first mail that holds WORD and reaches STEP the process gets SIGKILL: no
handler runs, nothing is flushed, as with a power cut to the process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from checkout_desk.app import create_app
from checkout_desk.mail import imap, lmtp, receiving
from checkout_desk.mail.reader import run_readers
from checkout_desk.storage import Blobs

STEPS = ("fetched", "blob kept", "row written", "committed")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str, word: bytes) -> None:
    """Lay the mine."""
    receive, put, store_later = receiving.receive, Blobs.put, receiving.later

    def armed_receive(data: bytes, **named: Any) -> receiving.Receipt:
        if step == "fetched" and word in data:
            die()
        armed_later.data = data  # type: ignore[attr-defined]
        receipt = receive(data, **named)
        if step == "committed" and word in data:
            die()
        return receipt

    def armed_put(self: Blobs, data: bytes) -> str:
        digest = put(self, data)
        if step == "blob kept" and word in data:
            die()
        return digest

    def armed_later(name: str, *ids: int) -> None:
        store_later(name, *ids)
        if step == "row written" and word in armed_later.data:  # type: ignore[attr-defined]
            die()

    imap.receive = lmtp.receive = armed_receive
    Blobs.put = armed_put  # type: ignore[method-assign]
    receiving.later = armed_later


def main() -> None:
    """Read the mailboxes and listen until the mine goes off."""
    arm(sys.argv[1], sys.argv[2].encode())
    run_readers(create_app(), threading.Event(), poll_seconds=1.0)
