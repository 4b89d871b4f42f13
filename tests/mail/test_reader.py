"""The process that reads the mailboxes: it wakes, connects again, shares, and says what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientAbortError, LoginError

from checkout_desk.extensions import db
from checkout_desk.mail import imap, leasing, receiving
from checkout_desk.mail.mailboxes import change_mailbox
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.reader import MailboxReader, fault_words, run_readers, told_aside, wait_for_mail
from checkout_desk.storage import NoSpace
from tests.mail.boxes import Box

Letter = Callable[..., bytes]


@contextmanager
def running(reader: MailboxReader, stop: threading.Event) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=reader.run)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


class Arrivals:
    """Lets a test wait for the n-th mail that the desk has committed, without polling or sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._count = threading.Semaphore(0)
        real = imap.receive

        def watched(*arguments: Any, **named: Any) -> receiving.Receipt:
            receipt = real(*arguments, **named)
            self._count.release()
            return receipt

        monkeypatch.setattr(imap, "receive", watched)

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self._count.acquire(timeout=60), "no mail came"


def test_two_processes_of_readers_store_each_mail_once(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    arrivals = Arrivals(monkeypatch)
    box.deliver(*[letter(number) for number in range(20)])
    with box.desk.app_context():
        leasing.release(box.id, box.lease)
    stop = threading.Event()
    processes = [threading.Thread(target=run_readers, args=(box.desk, stop)) for _ in range(2)]
    for process in processes:
        process.start()
    arrivals.wait(20)
    stop.set()
    for process in processes:
        process.join(timeout=30)
        assert not process.is_alive()
    assert sorted(kept()) == sorted(letter(number) for number in range(20))
    assert box.account() == (20, 20, 0, 0)


def test_a_mail_wakes_the_sleeping_reader(box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = Arrivals(monkeypatch)
    stop = threading.Event()
    box.deliver(letter(1))
    with running(box.reader(stop), stop):
        arrivals.wait()
        box.deliver(letter(2))  # the next poll is minutes away: this is IDLE
        arrivals.wait()
        assert not stop.is_set()
    with box.desk.app_context():
        mailbox = db.session.get_one(Mailbox, box.id)
        assert mailbox.last_contact_at and mailbox.last_mail_at and mailbox.last_fault == ""
        assert mailbox.lease_until is None  # let go at the end


def test_a_mail_that_is_told_of_before_the_reader_sleeps_keeps_it_awake(box: Box, letter: Letter) -> None:
    with box.signed_in() as client:
        client.select_folder("INBOX", readonly=True)
        told_aside(client)
        assert not told_aside(client)
        box.deliver(letter())
        client.search()  # the answer to this tells of the mail, and IDLE will not
        glances: list[float] = []

        def glance(timeout: float) -> list[Any]:
            glances.append(timeout)
            return []

        client.idle_check = glance
        assert wait_for_mail(client, threading.Event(), 300)
        assert glances == []


def test_a_server_that_is_killed_and_started_again_loses_and_doubles_nothing(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    arrivals = Arrivals(monkeypatch)
    real = imap._Reading._keep
    stop = threading.Event()
    box.deliver(*[letter(number) for number in range(60)])  # more than one batch
    killed: list[int] = []

    def kill_in_the_middle(self: Any, uid: int, data: bytes, at: Any) -> None:
        if uid == 10 and not killed:
            killed.append(uid)
            box.dovecot.kill()
            box.dovecot.start()
        real(self, uid, data, at)

    monkeypatch.setattr(imap._Reading, "_keep", kill_in_the_middle)
    with running(box.reader(stop), stop):
        arrivals.wait(60)
        box.dovecot.kill()  # now while it sleeps in IDLE, or is about to
        box.dovecot.start()
        box.deliver(letter(60))
        arrivals.wait()
    assert kept() == [letter(number) for number in range(61)]
    assert box.cursors() == [(61, True)]


def test_a_closed_connection_ends_the_wait_instead_of_spinning(box: Box) -> None:
    with box.signed_in() as client:
        client.select_folder("INBOX", readonly=True)
        told_aside(client)
        glances: list[list[Any]] = []
        real = client.idle_check

        def counted(timeout: float | None = None) -> list[Any]:
            if not glances:
                box.dovecot.kill()
            glances.append(real(timeout))
            return glances[-1]

        client.idle_check = counted
        try:
            with pytest.raises((IMAPClientAbortError, OSError)):
                wait_for_mail(client, threading.Event(), 300)
        finally:
            box.dovecot.start()
        assert len(glances) <= 5


def test_a_changed_password_is_said_in_plain_words_and_a_right_one_heals(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(letter(1))
    stop = threading.Event()
    reader = box.reader(stop)
    monkeypatch.setattr(reader, "_pause", lambda **_: stop.set())
    with box.desk.app_context():
        change_mailbox(db.session.get_one(Mailbox, box.id), {"imap_password": "not the one"})
        db.session.commit()
    reader.run()
    with box.desk.app_context():
        mailbox = db.session.get_one(Mailbox, box.id)
        assert mailbox.last_fault == "The server refused the user name or the password."
        assert mailbox.last_fault_at and mailbox.last_contact_at is None


def test_the_words_of_a_fault_hold_no_secret() -> None:
    for fault in (
        LoginError("LOGIN user hunter2"),
        OSError("hunter2"),
        ValueError("hunter2"),
        NoSpace("hunter2"),
    ):
        assert "hunter2" not in fault_words(fault)
