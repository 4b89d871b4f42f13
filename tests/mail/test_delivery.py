"""Mail leaving through a real SMTP server: what arrives, who refuses, whom we trust."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from checkout_desk import clock
from checkout_desk.mail import delivery, smtp
from checkout_desk.mail.connections import connections
from checkout_desk.mail.lanes import wait_for_lanes
from tests.mail.outgoing import change, kinds, make_due, queue_one, seen, shop_mailbox, stored
from tests.parts.smtp import SmtpSink
from tests.parts.tls import LittleAuthority


@pytest.fixture(autouse=True)
def lanes_end() -> Iterator[None]:
    yield
    assert wait_for_lanes(30)
    connections.close_all()


@pytest.fixture
def mailbox(desk: Flask, smtp_sink: SmtpSink) -> int:
    return shop_mailbox(desk, smtp_sink)


def deliver(desk: Flask, outbound_id: int) -> None:
    with desk.app_context():
        delivery.deliver(outbound_id)


def test_the_server_gets_the_stored_bytes_and_the_row_says_so(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    mail = queue_one(desk, mailbox, to=["ann@buyer.test", "bob@buyer.test"])
    deliver(desk, mail)
    (kept,) = smtp_sink.accepted
    assert kept.content == stored(desk, mail)
    assert (kept.sender, kept.recipients) == ("orders@shop.test", ["ann@buyer.test", "bob@buyer.test"])
    row = seen(desk, mail)
    assert (row.state, row.recipients, row.attempts, row.refused) == ("sent", [], 1, None)
    assert row.sent_at is not None
    assert row.response
    assert kinds(desk, mail) == ["mail.sent"]
    deliver(desk, mail)
    assert len(smtp_sink.accepted) == 1


def test_nothing_leaves_before_it_is_due_or_after_it_was_cancelled(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    mail = queue_one(desk, mailbox, delay_seconds=600)
    deliver(desk, mail)
    assert seen(desk, mail).state == "queued"
    change(desk, mail, state="cancelled")
    make_due(desk, mail)
    deliver(desk, mail)
    assert smtp_sink.connections == 0


def test_many_mails_share_one_connection(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    for number in range(5):
        deliver(desk, queue_one(desk, mailbox, text=f"Mail {number}"))
    assert len(smtp_sink.accepted) == 5
    assert smtp_sink.connections == 1


def test_a_kept_connection_that_died_is_replaced(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    deliver(desk, queue_one(desk, mailbox))
    smtp_sink.stop()
    smtp_sink.start()
    second = queue_one(desk, mailbox)
    deliver(desk, second)
    assert seen(desk, second).state == "sent"


@pytest.mark.parametrize("point", ["mail", "rcpt", "data", "dot"])
def test_a_temporary_refusal_waits_and_then_sends_the_same_bytes(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, point: Any
) -> None:
    smtp_sink.refuse(point, 451, "later please")
    mail = queue_one(desk, mailbox)
    before = seen(desk, mail)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.attempts, row.data_started_at, row.recipients) == (
        "queued",
        1,
        None,
        ["ann@buyer.test"],
    )
    assert timedelta(seconds=20) < row.due_at - clock.now() <= timedelta(seconds=30)
    assert "later please" in (row.response or "")
    deliver(desk, mail)  # a job that comes too early
    assert seen(desk, mail).attempts == 1
    make_due(desk, mail)
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"
    assert [kept.content for kept in smtp_sink.accepted] == [stored(desk, mail)]
    assert seen(desk, mail).sha256 == before.sha256
    assert kinds(desk, mail) == ["mail.sent"]


@pytest.mark.parametrize("point", ["mail", "rcpt", "data", "dot"])
def test_a_permanent_refusal_fails_at_once_with_the_servers_words(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, point: Any
) -> None:
    smtp_sink.refuse(point, 550, "no such person")
    mail = queue_one(desk, mailbox)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.recipients) == ("failed", [])
    assert row.refused is not None
    assert row.refused["ann@buyer.test"][0] == 550
    assert "no such person" in row.refused["ann@buyer.test"][1]
    assert kinds(desk, mail) == ["mail.failed"]
    second = queue_one(desk, mailbox)  # on the same connection
    deliver(desk, second)
    assert seen(desk, second).state == "sent"


def test_the_tries_are_counted_and_given_up(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    smtp_sink.refuse("mail", 451, "still busy", times=None)
    mail = queue_one(desk, mailbox)
    deliver(desk, mail)
    make_due(desk, mail)
    deliver(desk, mail)
    assert timedelta(seconds=100) < seen(desk, mail).due_at - clock.now() <= timedelta(seconds=120)
    change(desk, mail, attempts=100)
    make_due(desk, mail)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert row.state == "failed"
    assert "48 hours" in (row.response or "")
    assert "still busy" in (row.response or "")


def test_a_server_that_is_not_there_is_a_reason_to_wait(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    smtp_sink.stop()
    mail = queue_one(desk, mailbox)
    deliver(desk, mail)
    assert seen(desk, mail).state == "queued"
    smtp_sink.start()
    make_due(desk, mail)
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"


def test_each_recipient_gets_what_the_server_said_of_him(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    smtp_sink.refuse("rcpt", 451, "grey", recipient="grey@buyer.test", times=1)
    smtp_sink.refuse("rcpt", 550, "gone", recipient="gone@buyer.test")
    mail = queue_one(desk, mailbox, to=["ann@buyer.test", "grey@buyer.test", "gone@buyer.test"])
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.recipients) == ("queued", ["grey@buyer.test"])
    assert row.response == "gone@buyer.test: 550 gone; grey@buyer.test: 451 grey"
    assert list(row.refused or {}) == ["gone@buyer.test"]
    assert kinds(desk, mail) == ["mail.failed"]
    make_due(desk, mail)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.recipients, list(row.refused or {})) == ("failed", [], ["gone@buyer.test"])
    assert row.sent_at is not None
    assert row.response == "gone@buyer.test: 550 gone"
    first, second = smtp_sink.accepted
    assert (first.recipients, second.recipients) == (["ann@buyer.test"], ["grey@buyer.test"])
    assert first.content == second.content == stored(desk, mail)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_verified_tls_signs_in_and_sends(desk: Flask, authority: LittleAuthority, tls: Any) -> None:
    with SmtpSink(tls=tls, authority=authority, users={"shop": "marker-secret"}) as sink:
        box = shop_mailbox(desk, sink, smtp_user="shop", smtp_password="marker-secret")
        mail = queue_one(desk, box)
        deliver(desk, mail)
        assert seen(desk, mail).state == "sent"
        (kept,) = sink.accepted
        assert (kept.login, kept.encrypted, kept.content) == ("shop", True, stored(desk, mail))


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_a_bad_certificate_gets_no_credential_and_no_mail(
    desk: Flask, authority: LittleAuthority, tls: Any, wrong: str
) -> None:
    hosts = ("other.test",) if wrong == "name" else ("localhost",)
    with SmtpSink(tls=tls, authority=authority, hosts=hosts, users={"shop": "marker-secret"}) as sink:
        trust = {} if wrong == "name" else {"smtp_ca_file": ""}
        mail = queue_one(
            desk, shop_mailbox(desk, sink, smtp_user="shop", smtp_password="marker-secret", **trust)
        )
        deliver(desk, mail)
        row = seen(desk, mail)
        assert (row.state, sink.begun, sink.accepted) == ("failed", 0, [])
        assert "certificate of localhost cannot be trusted" in (row.response or "")
        assert "marker-secret" not in str(row.refused)


def test_a_server_that_hides_starttls_gets_nothing(desk: Flask, smtp_sink: SmtpSink) -> None:
    mail = queue_one(
        desk, shop_mailbox(desk, smtp_sink, smtp_tls="starttls", smtp_user="shop", smtp_password="x")
    )
    deliver(desk, mail)
    assert (seen(desk, mail).state, smtp_sink.begun) == ("failed", 0)
    assert "offers no encryption" in (seen(desk, mail).response or "")


def test_a_wrong_password_fails_with_the_servers_words(desk: Flask, authority: LittleAuthority) -> None:
    with SmtpSink(tls="smtps", authority=authority, users={"shop": "right"}) as sink:
        mail = queue_one(desk, shop_mailbox(desk, sink, smtp_user="shop", smtp_password="wrong"))
        deliver(desk, mail)
        row = seen(desk, mail)
        assert (row.state, sink.begun) == ("failed", 0)
        assert (row.response or "").startswith("535")


def test_a_secret_outside_ascii_is_refused_and_stays_secret(
    desk: Flask, authority: LittleAuthority, capfd: pytest.CaptureFixture[str]
) -> None:
    with SmtpSink(tls="smtps", authority=authority, users={"shop": "right"}) as sink:
        mail = queue_one(desk, shop_mailbox(desk, sink, smtp_user="shop", smtp_password="märker-secret"))
        deliver(desk, mail)
        row = seen(desk, mail)
        assert (row.state, sink.begun) == ("failed", 0)
        assert "only ASCII" in (row.response or "")
    assert "secret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("host", [".", "x" * 70 + ".test", "mx..test"])
def test_a_host_name_that_is_none_is_said_so(desk: Flask, host: str) -> None:
    mail = queue_one(desk, shop_mailbox(desk, smtp_host=host))
    deliver(desk, mail)
    assert seen(desk, mail).state in ("failed", "queued")
    assert host in (seen(desk, mail).response or "")


def test_unencrypted_mail_stays_on_this_machine() -> None:
    away, here = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("127.0.0.1")
    plain = smtp.Account(host="mx.test", port=25, tls="none")
    smtp._check_peer(plain, here)
    smtp._check_peer(smtp.Account(host="mx.test", port=25, tls="none", plain_allowed=True), away)
    with pytest.raises(smtp.Unusable, match="unencrypted"):
        smtp._check_peer(plain, away)
    with pytest.raises(smtp.Unusable, match="private network"):
        smtp._check_peer(smtp.Account(host="mx.test", port=465, private_allowed=False), here)


def test_a_mailbox_without_a_server_fails_with_a_sentence(desk: Flask) -> None:
    mail = queue_one(desk, shop_mailbox(desk))
    deliver(desk, mail)
    assert seen(desk, mail).state == "failed"
    assert "no SMTP server" in (seen(desk, mail).response or "")


def test_the_sandbox_keeps_the_mail_in_a_folder(desk: Flask) -> None:
    desk.config["DESK_SANDBOX"] = True
    mail = queue_one(desk, shop_mailbox(desk))
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.response) == ("sent", "kept in the sandbox")
    (kept,) = (desk.config["DESK_HOME"] / "sent").iterdir()
    assert (kept.name, kept.read_bytes()) == (f"{mail:08d}.eml", stored(desk, mail))


def test_flask_mailmans_own_door_sends_stored_bytes_too(desk: Flask, smtp_sink: SmtpSink) -> None:
    data = b"Subject: x\r\n\r\n.dot\r\n..two\r\nend\r\n"
    with desk.app_context():
        backend = smtp.VerifiedBackend(smtp.Account(host=smtp_sink.host, port=smtp_sink.port, tls="none"))
        message = smtp.StoredMessage(data, sender="orders@shop.test", recipients=["ann@buyer.test"])
        assert backend.send_messages([message]) == 1
        smtp_sink.refuse("rcpt", 550, "no", recipient="ann@buyer.test")
        with pytest.raises(smtp.NotSent, match="550"):
            backend.send_messages([message])
        backend.close()
    assert [kept.content for kept in smtp_sink.accepted] == [data]
