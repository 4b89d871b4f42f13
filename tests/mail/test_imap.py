"""The mailbox reader against a real Dovecot: nothing lost, nothing twice, nothing touched."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from checkout_desk.extensions import db
from checkout_desk.mail import imap, imap_client, leasing, mailboxes, receiving
from checkout_desk.mail.health import balance
from checkout_desk.mail.hosts import HostRefused
from checkout_desk.mail.imap import Stumbles
from checkout_desk.mail.imap_client import Account, Client, connect
from checkout_desk.mail.leasing import LostLease
from checkout_desk.mail.models import Mailbox, MailboxDelivery, RawMail
from checkout_desk.mail.reader import fault_words
from checkout_desk.storage import NoSpace
from tests.mail.boxes import Box

Letter = Callable[..., bytes]


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


def test_a_mail_is_in_the_row_of_its_mailbox(box: Box, letter: Letter) -> None:
    box.deliver(letter(1))
    box.read()
    with box.desk.app_context():
        raw = db.session.scalars(select(RawMail)).one()
        assert (raw.door, raw.mailbox_id, raw.state) == ("imap", box.id, "received")


def test_another_account_is_read_from_its_beginning_though_its_numbers_are_the_same(
    box: Box, letter: Letter, imap_values: Callable[[str], dict[str, Any]]
) -> None:
    """A shop moves to another provider, whose server deals the same UIDVALIDITY and the same UIDs to other mails."""
    box.deliver(letter(1))
    twin = box.dovecot.twin(box.user)
    box.deliver(letter(2), letter(3))
    for number in (4, 5):
        box.dovecot.deliver(twin, letter(number))
    assert box.read() == imap.Tally(stored=3)
    with box.signed_in() as before:
        mailbox = db.session.get_one(Mailbox, box.id)
        former = mailbox.imap_account
        mailboxes.change_mailbox(mailbox, imap_values(twin))
        db.session.commit()
        assert box.cursors() == [(3, False)]
        assert balance(box.id) == []
        db.session.rollback()
        # The connection that was open meanwhile reads nothing more in the name of the new account.
        with pytest.raises(imap.OtherAccount):
            imap.read_folder(before, box.id, "INBOX", lease=box.lease, account=former)
    assert box.read(audit=True) == imap.Tally(stored=2, duplicate=1)
    assert box.cursors() == [(3, False), (3, True)]
    with box.desk.app_context():
        mailboxes.change_mailbox(db.session.get_one(Mailbox, box.id), imap_values(box.user))
        db.session.commit()
    box.deliver(letter(6))
    assert box.read() == imap.Tally(stored=1)  # and back: where it was left
    assert box.cursors() == [(4, True), (3, False)]
