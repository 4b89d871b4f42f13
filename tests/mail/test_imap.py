"""The mailbox reader against a real Dovecot: nothing lost, nothing twice, nothing touched."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from flask import Flask
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from checkout_desk.extensions import db
from checkout_desk.mail import imap, imap_client, leasing, receiving
from checkout_desk.mail.health import balance
from checkout_desk.mail.hosts import HostRefused
from checkout_desk.mail.imap import Stumbles, read_folder
from checkout_desk.mail.imap_client import Account, Client, connect
from checkout_desk.mail.leasing import LostLease
from checkout_desk.mail.mailboxes import change_mailbox
from checkout_desk.mail.models import FolderCursor, Mailbox, MailboxDelivery, RawMail
from checkout_desk.mail.reader import MailboxReader, fault_words, run_readers, wait_for_mail
from checkout_desk.storage import NoSpace
from tests.parts.dovecot import Dovecot

Letter = Callable[..., bytes]


class Box:
    """A user of Dovecot, the desk's mailbox that reads it, and a lease to do so."""

    def __init__(self, desk: Flask, dovecot: Dovecot, user: str, mailbox_id: int) -> None:
        self.desk = desk
        self.dovecot = dovecot
        self.user = user
        self.id = mailbox_id
        self.holder = "test"
        with desk.app_context():
            lease = leasing.take(mailbox_id, self.holder)
        assert lease
        self.lease = lease

    @contextmanager
    def signed_in(self) -> Iterator[Client]:
        with self.desk.app_context():
            account = Account.of(db.session.get_one(Mailbox, self.id))
            db.session.rollback()
            client = connect(account)
            try:
                yield client
            finally:
                client.shutdown()

    def read(self, folder: str = "INBOX", **more: Any) -> imap.Tally:
        with self.signed_in() as client:
            return read_folder(client, self.id, folder, lease=self.lease, **more)

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> list[int]:
        return [self.dovecot.deliver(self.user, mail, folder) for mail in mails]

    def cursors(self) -> list[tuple[int, bool]]:
        with self.desk.app_context():
            rows = db.session.execute(
                select(FolderCursor.last_uid, FolderCursor.current).order_by(FolderCursor.id)
            )
            return [(row.last_uid, row.current) for row in rows]

    def account(self) -> tuple[int, int, int, int]:
        """(server, stored, duplicate, quarantined), and all of it balanced."""
        with self.desk.app_context():
            (folder,) = balance(self.id)
            assert folder.balanced
            return folder.server, folder.stored, folder.duplicate, folder.quarantined

    def reader(self, stop: threading.Event) -> MailboxReader:
        with self.desk.app_context():
            leasing.release(self.id, self.lease)
        return MailboxReader(self.desk, self.id, holder="reader", stop=stop, poll_seconds=300)


@pytest.fixture
def box(
    desk: Flask,
    dovecot: Dovecot,
    open_mailbox: Callable[..., int],
    imap_values: Callable[[str], dict[str, Any]],
) -> Box:
    user = dovecot.new_user()
    return Box(desk, dovecot, user, open_mailbox(**imap_values(user)))


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


def test_mails_are_stored_as_they_are_and_the_server_is_left_alone(
    box: Box, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    mails = [letter(1), letter(2, body="größe\r\n.\r\n..\r\nFrom here", extra="X-Odd: \t\r\n"), letter(3)]
    box.deliver(*mails)

    tally = box.read()

    assert (tally.stored, tally.duplicate, tally.quarantined) == (3, 0, 0)
    assert kept() == mails
    assert box.dovecot.flags(box.user) == {1: set(), 2: set(), 3: set()}
    assert box.account() == (3, 3, 0, 0)


def test_a_second_look_fetches_only_what_is_new(box: Box, letter: Letter) -> None:
    box.deliver(letter(1), letter(2))
    box.read()
    assert box.read() == imap.Tally()  # "n:*" names the last mail though n is past it
    box.deliver(letter(3))
    assert box.read() == imap.Tally(stored=1)
    assert box.cursors() == [(3, True)]


def test_the_same_mail_in_two_folders_is_stored_once(box: Box, letter: Letter) -> None:
    box.deliver(letter(1))
    box.deliver(letter(1), letter(2), folder="Bestellungen/Größe")
    box.read()
    assert box.read("Bestellungen/Größe") == imap.Tally(stored=1, duplicate=1)
    with box.desk.app_context():
        assert [(f.folder, f.stored, f.duplicate, f.balanced) for f in balance(box.id)] == [
            ("Bestellungen/Größe", 1, 1, True),
            ("INBOX", 1, 0, True),
        ]


def test_new_numbers_on_the_server_bring_no_new_row(
    box: Box, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    box.deliver(letter(1), letter(2))
    box.read()
    box.dovecot.reset_uid_validity(box.user)
    box.deliver(letter(3))

    assert box.read() == imap.Tally(stored=1, duplicate=2)

    assert len(kept()) == 3
    assert [current for _, current in box.cursors()] == [False, True]
    assert box.account() == (3, 1, 2, 0)


def test_a_mail_above_the_limit_becomes_a_note_with_its_header(
    box: Box, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    huge = letter("huge", body="x" * (2 * 2**20), extra="Content-Type: text/html;\r\n charset=utf-8\r\n")
    box.deliver(letter(1), huge, letter(3))

    assert box.read() == imap.Tally(stored=2, quarantined=1)

    note = kept()[1].decode()
    assert "X-Checkout-Desk-Quarantined: too large (2.0 MB)\r\n" in note
    assert "Message-ID: <huge@customer.example>\r\n" in note
    assert "text/html" not in note
    assert "still lies in the mailbox, folder 'INBOX'." in note
    assert box.account() == (3, 2, 0, 1)
    assert box.read() == imap.Tally()


class Fussy(Client):
    """A client whose server behaves badly about one mail."""

    poison = 2
    fault: Exception = IMAPClientError("NO [SERVERBUG]")
    bodies: ClassVar[list[list[int]]] = []

    def fetch(self, messages: Any, data: Any, modifiers: Any = None) -> Any:
        if any(item.startswith("BODY") for item in data):
            type(self).bodies.append(list(messages))
            if self.poison in messages:
                raise self.fault
        return super().fetch(messages, data, modifiers)


@pytest.fixture
def fussy(monkeypatch: pytest.MonkeyPatch) -> type[Fussy]:
    monkeypatch.setattr(imap_client, "Client", Fussy)
    monkeypatch.setattr(Fussy, "bodies", [])
    return Fussy


def test_a_mail_that_the_server_will_not_give_is_set_aside_and_the_rest_is_read(
    box: Box, letter: Letter, fussy: type[Fussy]
) -> None:
    box.deliver(letter(1), letter(2), letter(3))
    assert box.read() == imap.Tally(stored=2, quarantined=1)
    fussy.bodies.clear()
    assert box.read(audit=True) == imap.Tally()
    assert fussy.bodies == []
    assert box.account() == (3, 2, 0, 1)


def test_a_mail_that_breaks_every_connection_is_set_aside_in_the_end(
    box: Box, letter: Letter, fussy: type[Fussy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fussy, "fault", IMAPClientAbortError("EOF"))
    box.deliver(letter(1), letter(2), letter(3))
    stumbles = Stumbles()
    broken = 0
    while True:
        try:
            box.read(stumbles=stumbles)
        except IMAPClientAbortError:
            broken += 1
            assert broken <= imap.STUMBLES + 1
        else:
            break
    assert box.account() == (3, 2, 0, 1)
    assert box.cursors() == [(3, True)]


def test_a_mail_that_cannot_be_stored_is_fetched_once(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    box.deliver(letter(1), letter("poison"), letter(3))
    real = imap.receive

    def choking(data: bytes, **named: Any) -> receiving.Receipt:
        if data == letter("poison"):
            raise ZeroDivisionError("what nobody thought of")
        return real(data, **named)

    monkeypatch.setattr(imap, "receive", choking)
    assert box.read() == imap.Tally(stored=2, quarantined=1)
    assert b"X-Checkout-Desk-Quarantined: not readable\r\n" in kept()[1]
    monkeypatch.setattr(imap, "receive", real)
    assert box.read(audit=True) == imap.Tally()


def test_what_was_passed_over_is_found_by_the_audit(box: Box, letter: Letter) -> None:
    box.deliver(letter(1), letter(2), letter(3))
    box.read()
    with box.desk.app_context():
        db.session.query(MailboxDelivery).filter_by(uid=2).delete()
        db.session.commit()
        assert not balance(box.id)[0].balanced
    assert box.read() == imap.Tally()
    assert box.read(audit=True) == imap.Tally(duplicate=1)
    assert box.account() == (3, 2, 1, 0)


def test_mails_removed_on_the_server_leave_the_account_balanced(box: Box, letter: Letter) -> None:
    box.deliver(letter(1), letter(2))
    box.read()
    box.dovecot.empty(box.user)
    box.deliver(letter(3))
    assert box.read() == imap.Tally(stored=1)
    assert box.account() == (1, 3, 0, 0)


def test_a_full_disk_moves_nothing(box: Box, letter: Letter, kept: Callable[[], list[bytes]]) -> None:
    box.deliver(letter(1), letter(2))
    store = box.desk.extensions["desk_blobs"]
    store.reserve = 2**60
    with pytest.raises(NoSpace):
        box.read()
    assert box.cursors() == [(0, True)]
    assert kept() == []
    store.reserve = 0
    assert box.read() == imap.Tally(stored=2)


def test_a_database_that_fails_between_two_mails_leaves_the_cursor_at_the_last_commit(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    box.deliver(letter(1), letter(2), letter(3))
    real = imap._advance

    def failing(cursor_id: int, uid: int) -> None:
        if uid == 2:
            raise OperationalError("UPDATE", {}, Exception("disk I/O error"))
        real(cursor_id, uid)

    monkeypatch.setattr(imap, "_advance", failing)
    with pytest.raises(OperationalError):
        box.read()
    assert box.cursors() == [(1, True)]
    assert kept() == [letter(1)]
    monkeypatch.setattr(imap, "_advance", real)
    assert box.read() == imap.Tally(stored=2)
    assert kept() == [letter(1), letter(2), letter(3)]


def test_a_reader_whose_lease_was_taken_moves_nothing(
    box: Box, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    box.deliver(letter(1), letter(2))
    real = imap.receive
    taken: list[int] = []

    def meanwhile(data: bytes, **named: Any) -> receiving.Receipt:
        if (
            data == letter(2) and not taken
        ):  # the reader was paused after it fetched; another took the mailbox
            with box.desk.app_context():
                db.session.execute(update(Mailbox).values(lease_until=None))
                db.session.commit()
                other = leasing.take(box.id, "other")
                assert other
                taken.append(other.number)
        return real(data, **named)

    monkeypatch.setattr(imap, "receive", meanwhile)
    with pytest.raises(LostLease):
        box.read()
    assert box.cursors() == [(1, True)]
    assert kept() == [letter(1)]

    box.lease = leasing.Lease("other", taken[0])
    assert box.read() == imap.Tally(stored=1)


def test_only_one_of_two_readers_gets_the_mailbox(box: Box) -> None:
    with box.desk.app_context():
        assert leasing.take(box.id, "second") is None
        leasing.release(box.id, box.lease)
        second = leasing.take(box.id, "second")
        assert second and second.number == box.lease.number + 1
        assert not leasing.renew(box.id, box.lease)
        assert leasing.renew(box.id, second)


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


@pytest.mark.parametrize(("tls", "port"), [("starttls", "imap_port"), ("tls", "imaps_port")])
def test_certificates_are_verified(
    box: Box,
    open_mailbox: Callable[..., int],
    imap_values: Callable[[str], dict[str, Any]],
    tls: str,
    port: str,
) -> None:
    values = {**imap_values(box.user), "imap_tls": tls, "imap_port": getattr(box.dovecot, port)}
    good = open_mailbox("good@shop.example", **values)
    bad = open_mailbox("bad@shop.example", **{**values, "imap_ca_file": ""})
    with box.desk.app_context():
        connect(Account.of(db.session.get_one(Mailbox, good))).logout()
        with pytest.raises(ssl.SSLError) as caught:
            connect(Account.of(db.session.get_one(Mailbox, bad)))
    assert fault_words(caught.value) == "The server's certificate is not trusted, or is for another name."


def test_no_password_travels_without_tls_to_another_machine(box: Box) -> None:
    with box.desk.app_context(), pytest.raises(HostRefused):
        connect(Account(1, "192.0.2.1", 143, "none", "user", "", ("INBOX",), ""))


def test_a_private_host_is_refused_where_the_settings_say_so(box: Box) -> None:
    box.desk.config["DESK_PRIVATE_MAIL_HOSTS"] = False
    with pytest.raises(HostRefused), box.signed_in():
        pass


def test_the_words_of_a_fault_hold_no_secret() -> None:
    for fault in (
        LoginError("LOGIN user hunter2"),
        OSError("hunter2"),
        ValueError("hunter2"),
        NoSpace("hunter2"),
    ):
        assert "hunter2" not in fault_words(fault)


def test_a_mail_is_in_the_row_of_its_mailbox(box: Box, letter: Letter) -> None:
    box.deliver(letter(1))
    box.read()
    with box.desk.app_context():
        raw = db.session.scalars(select(RawMail)).one()
        assert (raw.door, raw.mailbox_id, raw.state) == ("imap", box.id, "received")
