"""The mail listener, spoken to on a raw socket: what is answered is true, and nothing is answered too early."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from checkout_desk.extensions import db
from checkout_desk.mail import lmtp
from checkout_desk.mail.lmtp import MailListener
from checkout_desk.mail.models import Mailbox, RawMail

Letter = Callable[..., bytes]


class Talk:
    """One connection. `say` sends a line and returns the whole reply; `expect` reads one more reply."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rb")
        self.greeting = self.expect()

    def expect(self) -> str:
        lines = []
        while True:
            line = self.file.readline().decode()
            lines.append(line)
            if line[3:4] != "-":
                return "".join(lines).rstrip()

    def say(self, line: str) -> str:
        self.socket.sendall(line.encode() + b"\r\n")
        return self.expect()

    def begin(self, *recipients: str, hello: str = "EHLO") -> None:
        assert self.say(f"{hello} relay.example").startswith("250")
        assert self.say("MAIL FROM:<jane@customer.example>").startswith("250")
        for recipient in recipients or ("orders@shop.example",):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250")

    def data(self, mail: bytes) -> str:
        assert self.say("DATA").startswith("354")
        self.socket.sendall(mail + b".\r\n")
        return self.expect()


@pytest.fixture
def listener(desk: Flask, open_mailbox: Callable[..., int]) -> Iterator[MailListener]:
    open_mailbox("orders@shop.example", aliases=["help@shop.example"])
    open_mailbox("returns@shop.example", plus_addressing=False)
    found = MailListener(desk, "127.0.0.1", 0)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def talk(listener: MailListener) -> Iterator[Talk]:
    found = Talk(listener.port)
    yield found
    found.socket.close()


def test_a_mail_is_committed_when_250_is_said(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    talk.begin()
    assert talk.data(letter(1)).startswith("250")
    assert kept() == [letter(1)]


def test_the_row_tells_door_mailbox_and_envelope(desk: Flask, talk: Talk, letter: Letter) -> None:
    talk.begin("returns@shop.example", "Orders+c12.token@Shop.example")
    talk.data(letter(1))
    with desk.app_context():
        raw = db.session.scalars(select(RawMail)).one()
        box = db.session.get_one(Mailbox, raw.mailbox_id)
        assert (raw.door, raw.envelope_from) == ("lmtp", "jane@customer.example")
        assert raw.envelope_to == "Orders+c12.token@Shop.example"
        assert box.address == "orders@shop.example"
        assert box.last_mail_at


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("orders@shop.example", "250"),
        ("HELP@shop.example", "250"),
        ("orders+a.b@shop.example", "250"),
        ("returns@shop.example", "250"),
        ("returns+x@shop.example", "550"),
        ("nobody@shop.example", "550"),
        ("orders@elsewhere.example", "550"),
    ],
)
def test_only_our_own_addresses_are_recipients(talk: Talk, recipient: str, code: str) -> None:
    talk.begin()
    assert talk.say(f"RCPT TO:<{recipient}>").startswith(code)


def test_lmtp_answers_once_for_each_recipient(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    talk.begin("orders@shop.example", "help@shop.example", "returns@shop.example", hello="LHLO")
    replies = [talk.data(letter(1)), talk.expect(), talk.expect()]
    assert all(reply.startswith("250") for reply in replies)
    assert talk.say("NOOP").startswith("250")
    assert talk.say("QUIT").startswith("221")
    assert kept() == [letter(1)]


def test_lmtp_refuses_once_for_each_recipient(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    talk.begin("orders@shop.example", "help@shop.example", hello="LHLO")
    replies = [talk.data(letter(1, body="x" * 900 + "\r\n" + "\r\n".join(["y" * 900] * 1500))), talk.expect()]
    assert all(reply.startswith("552") for reply in replies)
    assert talk.say("RSET").startswith("250")
    assert kept() == []


def test_bounces_come_in_with_an_empty_sender(desk: Flask, talk: Talk, letter: Letter) -> None:
    talk.say("EHLO relay.example")
    assert talk.say("MAIL FROM:<>").startswith("250")
    assert talk.say("RCPT TO:<orders@shop.example>").startswith("250")
    assert talk.data(letter(1)).startswith("250")
    with desk.app_context():
        assert db.session.scalars(select(RawMail.envelope_from)).one() == ""


@pytest.mark.parametrize("trick", [b"\n.\r\n", b"\r.\r\n", b"\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n.\n"])
def test_a_second_mail_cannot_be_smuggled(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]], trick: bytes
) -> None:
    talk.begin()
    second = b"MAIL FROM:<admin@shop.example>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n"
    assert talk.data(letter(1, body="first").removesuffix(b"\r\n") + trick + second).startswith("250")
    assert talk.say("NOOP").startswith("250")  # no reply to any further command is waiting
    (mail,) = kept()
    assert b"forged" in mail
    assert b"\n" not in mail.replace(b"\r\n", b"") and b"\r" not in mail.replace(b"\r\n", b"")


def test_dots_long_lines_and_eight_bits_arrive_whole(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    mail = letter(1, body=".\r\n..two\r\n" + "größe " * 10000)
    talk.begin()
    assert talk.data(mail.replace(b"\r\n.", b"\r\n..")).startswith("250")
    assert kept() == [mail]


def test_a_size_that_is_told_and_too_large_is_refused_before_the_data(talk: Talk) -> None:
    talk.say("EHLO relay.example")
    assert talk.say("MAIL FROM:<jane@customer.example> SIZE=2000000").startswith("552")


def test_a_full_disk_is_said_before_the_data_is_read(desk: Flask, talk: Talk) -> None:
    talk.begin()
    desk.extensions["desk_blobs"].reserve = 2**60
    assert talk.say("RCPT TO:<help@shop.example>").startswith("452")
    assert talk.say("RSET").startswith("250")
    assert talk.say("MAIL FROM:<jane@customer.example>").startswith("452")


def test_a_disk_that_fills_meanwhile_stores_nothing(
    desk: Flask, talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    talk.begin()
    desk.extensions["desk_blobs"].reserve = 2**60
    assert talk.data(letter(1)).startswith("452")
    assert kept() == []
    desk.extensions["desk_blobs"].reserve = 0
    talk.begin()
    assert talk.data(letter(1)).startswith("250")
    assert kept() == [letter(1)]


def test_a_database_that_is_gone_means_try_again(desk: Flask, talk: Talk, letter: Letter) -> None:
    talk.begin()
    with desk.app_context():
        db.session.execute(text("ALTER TABLE raw_mail RENAME TO away"))
        db.session.commit()
    assert talk.data(letter(1)).startswith("451")
    with desk.app_context():
        db.session.execute(text("ALTER TABLE away RENAME TO raw_mail"))
        db.session.execute(text("ALTER TABLE mailbox RENAME TO gone"))
        db.session.commit()
    assert talk.say("MAIL FROM:<jane@customer.example>").startswith("250")
    assert talk.say("RCPT TO:<orders@shop.example>").startswith("451")


def test_a_fault_that_nobody_thought_of_means_try_again(
    talk: Talk, letter: Letter, monkeypatch: pytest.MonkeyPatch, kept: Callable[[], list[bytes]]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lmtp, "receive", broken)
    talk.begin()
    assert talk.data(letter(1)).startswith("451")
    monkeypatch.undo()
    talk.begin()
    assert talk.data(letter(1)).startswith("250")


def test_the_same_mail_again_is_acknowledged_and_kept_once(
    talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    for _ in range(2):
        talk.begin()
        assert talk.data(letter(1)).startswith("250")
    assert kept() == [letter(1)]


def test_a_sender_that_hangs_up_before_the_end_leaves_nothing(
    listener: MailListener, talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    talk.begin()
    talk.say("DATA")
    talk.socket.sendall(letter(1))
    talk.socket.shutdown(socket.SHUT_RDWR)
    other = Talk(listener.port)
    other.begin()
    assert other.data(letter(2)).startswith("250")
    assert kept() == [letter(2)]


def test_commands_may_be_sent_in_one_go(talk: Talk, letter: Letter, kept: Callable[[], list[bytes]]) -> None:
    assert "PIPELINING" in talk.say("LHLO relay.example")
    talk.socket.sendall(
        b"MAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@x.example>\r\nRCPT TO:<orders@shop.example>\r\nDATA\r\n"
    )
    assert [talk.expect()[:3] for _ in range(4)] == ["250", "550", "250", "354"]
    talk.socket.sendall(letter(1) + b".\r\nQUIT\r\n")
    assert [talk.expect()[:3] for _ in range(2)] == ["250", "221"]
    assert kept() == [letter(1)]


def test_too_many_connections_are_told_to_come_back(
    listener: MailListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lmtp, "CONNECTIONS", 2)
    first, second = Talk(listener.port), Talk(listener.port)
    assert Talk(listener.port).greeting.startswith("421")
    assert first.say("QUIT").startswith("221")
    assert first.file.read() == b""
    assert Talk(listener.port).greeting.startswith("220")
    assert second.say("NOOP").startswith("250")
