"""The SMTP sink refuses, stalls and drops as told, and knows what it has kept."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Iterator

import pytest

from tests.parts.smtp import SmtpSink, Tls
from tests.parts.tls import LittleAuthority

MAIL = b"From: desk@shop.example\r\nSubject: hello\r\n\r\n.dot first\r\ncaf\xe9\r\n..\r\n"
FROM, ANN, BOB = "desk@shop.example", "ann@example.com", "bob@example.com"


def client(sink: SmtpSink, *, timeout: float = 30) -> smtplib.SMTP:
    """A client that has said EHLO."""
    connection = smtplib.SMTP(sink.host, sink.port, timeout=timeout)
    connection.ehlo()
    return connection


def send(sink: SmtpSink, *recipients: str, timeout: float = 30) -> dict[str, tuple[int, bytes]]:
    """Send MAIL; return the refused recipients."""
    with client(sink, timeout=timeout) as connection:
        return connection.sendmail(FROM, list(recipients or [ANN]), MAIL)


def test_the_bytes_are_kept_in_order(smtp_sink: SmtpSink) -> None:
    send(smtp_sink, ANN, BOB)
    send(smtp_sink, BOB)
    first, second = smtp_sink.wait_for(2)
    assert (first.number, first.sender, first.recipients) == (1, FROM, [ANN, BOB])
    assert first.content == second.content == MAIL
    assert first.answered and not first.encrypted and first.login is None
    assert first.at <= second.at
    assert (smtp_sink.connections, smtp_sink.begun, smtp_sink.contents_begun) == (2, 2, 2)
    smtp_sink.forget()
    assert smtp_sink.accepted == []
    assert smtp_sink.connections == 0


def test_waiting_ends_when_the_mail_comes_or_the_time_is_over(smtp_sink: SmtpSink) -> None:
    sender = threading.Thread(target=send, args=(smtp_sink,))
    sender.start()
    assert len(smtp_sink.wait_for(1)) == 1
    sender.join()
    with pytest.raises(TimeoutError, match="1 of 2 mails"):
        smtp_sink.wait_for(2, timeout=0.01)


@pytest.mark.parametrize("code", [451, 550])
def test_refused_at_mail(smtp_sink: SmtpSink, code: int) -> None:
    smtp_sink.refuse("mail", code, "not today")
    with pytest.raises(smtplib.SMTPSenderRefused, match="not today") as refused:
        send(smtp_sink)
    assert refused.value.smtp_code == code
    send(smtp_sink)  # the next one only
    assert [mail.number for mail in smtp_sink.accepted] == [1]


def test_refused_for_one_recipient_for_ever(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse("rcpt", 550, "5.1.1 nobody here", recipient=BOB)
    for _ in range(2):
        assert send(smtp_sink, ANN, BOB) == {BOB: (550, b"5.1.1 nobody here")}
    assert [mail.recipients for mail in smtp_sink.accepted] == [[ANN], [ANN]]


def test_a_plan_for_a_recipient_leaves_other_mail_alone(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse("dot", 452, recipient=BOB, times=1)
    send(smtp_sink, ANN)
    with pytest.raises(smtplib.SMTPDataError):
        send(smtp_sink, ANN, BOB)
    send(smtp_sink, BOB)
    assert [mail.recipients for mail in smtp_sink.accepted] == [[ANN], [BOB]]


@pytest.mark.parametrize("point", ["data", "dot"])
def test_refused_at_data_and_at_the_final_dot(smtp_sink: SmtpSink, point: str) -> None:
    smtp_sink.refuse(point, 554, times=2)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(smtp_sink)
        assert refused.value.smtp_code == 554
    assert smtp_sink.accepted == []
    assert smtp_sink.contents_begun == (2 if point == "dot" else 0)
    send(smtp_sink)


def test_refused_at_the_greeting(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse("connect", 421)
    with pytest.raises(smtplib.SMTPConnectError):
        send(smtp_sink)
    send(smtp_sink)


def test_a_stalled_mail_is_kept_before_its_answer(smtp_sink: SmtpSink) -> None:
    stalled = smtp_sink.stall()
    sender = threading.Thread(target=send, args=(smtp_sink,))
    sender.start()
    stalled.wait_reached()
    (mail,) = smtp_sink.accepted
    assert not mail.answered
    send(smtp_sink, BOB)  # other mail passes meanwhile
    stalled.release()
    sender.join(timeout=30)
    assert not sender.is_alive()
    assert [(one.recipients, one.answered) for one in smtp_sink.accepted] == [([ANN], True), ([BOB], True)]


@pytest.mark.parametrize("keep", [True, False])
def test_a_client_that_gives_up_on_a_stalled_answer(keep: bool) -> None:
    with SmtpSink() as sink:  # one of its own: in the shared one a lane of another test may still be waiting
        stalled = sink.stall(keep=keep)
        connection = client(sink, timeout=0.2)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            connection.sendmail(FROM, [ANN], MAIL)
        sink.wait_closed()
        stalled.release()
        send(sink, BOB)
        expected = [[ANN], [BOB]] if keep else [[BOB]]
        assert [mail.recipients for mail in sink.accepted] == expected
        assert sink.accepted[0].answered is not keep


def test_a_slow_answer_comes(smtp_sink: SmtpSink) -> None:
    slow = smtp_sink.stall(0.05, point="rcpt")
    send(smtp_sink)
    slow.wait_reached(timeout=0)
    assert len(smtp_sink.accepted) == 1


@pytest.mark.parametrize("keep", [True, False])
def test_dropped_right_after_the_final_dot(smtp_sink: SmtpSink, keep: bool) -> None:
    smtp_sink.drop(keep=keep)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp_sink)
    assert [mail.answered for mail in smtp_sink.accepted] == ([False] if keep else [])
    send(smtp_sink)
    assert smtp_sink.accepted[-1].answered


@pytest.mark.parametrize("point", ["connect", "mail", "rcpt", "data"])
def test_dropped_before_the_content(smtp_sink: SmtpSink, point: str) -> None:
    smtp_sink.drop(point)  # type: ignore[arg-type]
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp_sink)
    assert smtp_sink.accepted == []
    assert smtp_sink.contents_begun == 0
    send(smtp_sink)


def test_a_server_that_dies_and_comes_back(smtp_sink: SmtpSink) -> None:
    connection = client(smtp_sink)
    smtp_sink.kill()
    assert not smtp_sink.running
    with pytest.raises((smtplib.SMTPException, ConnectionError)):
        connection.sendmail(FROM, [ANN], MAIL)
    with pytest.raises(ConnectionRefusedError):
        send(smtp_sink)
    smtp_sink.start()
    send(smtp_sink)
    assert len(smtp_sink.accepted) == 1


@pytest.fixture(scope="module", params=["starttls", "smtps"])
def secure(request: pytest.FixtureRequest, authority: LittleAuthority) -> Iterator[SmtpSink]:
    """A sink that wants TLS and a password."""
    mode: Tls = request.param
    with SmtpSink(tls=mode, authority=authority, users={"desk": "secret"}) as sink:
        yield sink


def encrypted(sink: SmtpSink, context: ssl.SSLContext) -> smtplib.SMTP:
    """A client that speaks TLS but has not signed in."""
    if sink.tls == "smtps":
        return smtplib.SMTP_SSL(sink.host, sink.port, timeout=30, context=context)
    connection = smtplib.SMTP(sink.host, sink.port, timeout=30)
    connection.starttls(context=context)
    return connection


def test_secure_mail_with_a_login(secure: SmtpSink, authority: LittleAuthority) -> None:
    secure.forget()
    with encrypted(secure, authority.client_context()) as connection:
        connection.login("desk", "secret")
        connection.sendmail(FROM, [ANN], MAIL)
    (mail,) = secure.accepted
    assert (mail.login, mail.encrypted, mail.content) == ("desk", True, MAIL)
    assert secure.ca_file == authority.ca_file


def test_a_dropped_secure_connection_is_seen(secure: SmtpSink, authority: LittleAuthority) -> None:
    secure.forget()
    secure.drop()
    connection = encrypted(secure, authority.client_context())
    connection.login("desk", "secret")
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        connection.sendmail(FROM, [ANN], MAIL)
    connection.close()
    assert [mail.answered for mail in secure.accepted] == [False]


def test_a_wrong_password_and_a_missing_one(secure: SmtpSink, authority: LittleAuthority) -> None:
    secure.forget()
    with encrypted(secure, authority.client_context()) as connection:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            connection.login("desk", "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            connection.sendmail(FROM, [ANN], MAIL)
    assert refused.value.smtp_code == 530
    assert secure.accepted == []


def test_nothing_is_taken_before_starttls(authority: LittleAuthority) -> None:
    with (
        SmtpSink(tls="starttls", authority=authority) as sink,
        client(sink) as connection,
        pytest.raises(smtplib.SMTPSenderRefused) as refused,
    ):
        connection.sendmail(FROM, [ANN], MAIL)
    assert refused.value.smtp_code == 530
    assert sink.accepted == []


@pytest.mark.parametrize("mode", ["starttls", "smtps"])
def test_an_unknown_authority_and_a_wrong_name_are_refused(authority: LittleAuthority, mode: Tls) -> None:
    with SmtpSink(tls=mode, authority=authority, hosts=("elsewhere.example",)) as sink:
        for context in (ssl.create_default_context(), authority.client_context()):
            with pytest.raises(ssl.SSLCertVerificationError):
                encrypted(sink, context)
    assert sink.accepted == []
