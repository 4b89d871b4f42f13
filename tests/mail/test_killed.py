"""The mailbox process is killed at each step of the way in. Afterwards every mail is here exactly once."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import update

from checkout_desk.extensions import db
from checkout_desk.mail import leasing
from checkout_desk.mail.lmtp import MailListener
from checkout_desk.mail.models import Mailbox
from tests.mail import dying_desk
from tests.mail.boxes import Box
from tests.mail.dying_desk import STEPS
from tests.once import Step
from tests.parts.process import free_port

Letter = Callable[..., bytes]
pytestmark = pytest.mark.faults


@contextmanager
def dying(desk: Flask, step: str, word: str, *, listen: int = 0) -> Iterator[Step]:
    settings = {
        "DESK_HOME": str(desk.config["DESK_HOME"]),
        "DATABASE_URL": desk.config["DATABASE_URL"],
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
        "DESK_LMTP_LISTEN": f"127.0.0.1:{listen}" if listen else "",
    }
    process = Step(dying_desk.main, step, word, environment={**os.environ, **settings})
    try:
        yield process
        assert process.wait() == -signal.SIGKILL
    finally:
        process.end()


@pytest.mark.parametrize("step", STEPS)
def test_a_reader_killed_at_any_step_loses_and_doubles_nothing(
    box: Box, letter: Letter, kept: Callable[[], list[bytes]], step: str
) -> None:
    box.deliver(*[letter(number) for number in range(5)])
    with box.desk.app_context():
        leasing.release(box.id, box.lease)
    with dying(box.desk, step, "Order 2"):
        pass
    here = 3 if step == "committed" else 2
    assert len(kept()) == here
    assert box.cursors() == [(here, True)]

    with box.desk.app_context():  # a minute later: the dead reader's lease has ended
        assert leasing.take(box.id, box.holder) is None
        db.session.execute(update(Mailbox).values(lease_until=None))
        db.session.commit()
        lease = leasing.take(box.id, box.holder)
    assert lease
    box.lease = lease
    assert box.read().stored == 5 - here
    assert kept() == [letter(number) for number in range(5)]
    assert box.account() == (5, 5, 0, 0)


def _hand_over(port: int, mail: bytes) -> bytes:
    """Send a mail by SMTP as it comes; returns all that was answered until the other side ended or said goodbye."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        words = (
            b"EHLO relay.example\r\nMAIL FROM:<>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\n"
            + mail
            + b".\r\nQUIT\r\n"
        )
        answer = b""
        connection.sendall(words)
        while chunk := _next(connection):
            answer += chunk
        return answer


def _next(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("step", STEPS)
def test_a_listener_killed_at_any_step_said_nothing_and_takes_the_repeat_once(
    desk: Flask, open_mailbox: Callable[..., int], letter: Letter, kept: Callable[[], list[bytes]], step: str
) -> None:
    open_mailbox("orders@shop.example")
    port = free_port()
    with dying(desk, step, "Order 2", listen=port) as process:
        process.stderr.readline()  # the log line that says: listening
        assert b"250 2.0.0 Stored" in _hand_over(port, letter(1))
        answer = _hand_over(port, letter(2))
    assert b"354" in answer
    assert b"Stored" not in answer
    assert len(kept()) == (2 if step == "committed" else 1)

    again = MailListener(desk, "127.0.0.1", 0)
    again.start()
    try:
        assert b"250 2.0.0 Stored" in _hand_over(again.port, letter(2))
    finally:
        again.stop()
    assert kept() == [letter(1), letter(2)]
