"""Valkey is emptied or away, the SMTP server drops or stalls, the database is away: the desk goes on afterwards."""

from __future__ import annotations

import signal

import pytest

from tests.faults.doors import letter
from tests.faults.running import RunningDesk
from tests.faults.steps import engines
from tests.parts.postgres import PostgresServer


@engines("sqlite", "postgres")
def test_valkey_is_emptied_while_a_pile_waits(running: RunningDesk) -> None:
    conversation_id = running.conversation()
    running.signal("worker", signal.SIGSTOP)
    mails = [letter() for _ in range(5)]
    assert {running.by_lmtp(mail).code for mail in mails} == {250}
    word = running.new_word()
    assert running.reply(conversation_id, f"Your order is packed. {word}").code == 303
    with running.valkey.client() as client:
        assert client.llen("rq:queue:in") >= len(mails) - 1  # the stopped worker may have one in its hands
    running.valkey.flush()
    running.signal("worker", signal.SIGCONT)
    running.settled()
    assert running.copies(word) == 1


@pytest.mark.parametrize("how", ["kill", "stop"])
@engines("sqlite", "postgres")
def test_valkey_is_away_for_a_while(running: RunningDesk, how: str) -> None:
    conversation_id = running.conversation()
    getattr(running.valkey, how)()
    try:
        assert running.by_lmtp(letter()).code == 250
        assert running.by_http(letter()).code == 201
        running.by_imap(letter())
        word = running.new_word()
        assert running.reply(conversation_id, f"Your order is packed. {word}").code == 303
        running.until(running.all_read, "mail is not read without Valkey")
    finally:
        running.valkey.start()
    running.settled()
    assert running.copies(word) == 1


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
@engines("sqlite", "postgres")
def test_the_smtp_server_dies_after_data(running: RunningDesk, keep: bool) -> None:
    running.sink.drop("dot", keep=keep)
    conversation_id, word = running.answered()
    running.settled()
    row = running.outbound(conversation_id)
    assert (row.state, row.unknown_count) == ("sent", 1)
    assert running.copies(word) == (2 if keep else 1)


@engines("sqlite", "postgres")
def test_the_smtp_server_stalls_and_another_mail_passes(running: RunningDesk) -> None:
    stalled = running.sink.stall(point="dot")
    first, _ = running.answered()
    stalled.wait_reached()
    second, word = running.answered()
    running.until(lambda: running.outbound(second).state == "sent", "the other mail did not pass")
    assert running.copies(word) == 1
    assert running.outbound(first).state != "sent"
    stalled.release()
    running.settled()


@engines("postgres")
def test_the_database_is_away_for_a_while(running: RunningDesk, postgres_server: PostgresServer) -> None:
    if postgres_server.foreign:
        pytest.skip("the PostgreSQL server of TEST_DATABASE_URL is not ours to stop")
    mails = {"lmtp": letter(), "http": letter()}
    postgres_server.stop()
    try:
        assert running.by_door("lmtp", mails["lmtp"]).code == 451
        answer = running.by_door("http", mails["http"])
        assert answer.code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert running.by_import(letter()).code == 75
        running.by_imap(letter())
    finally:
        postgres_server.start()
    for door, mail in mails.items():
        running.until(lambda: running.by_door(door, mail).code in (201, 250), "not taken afterwards")  # noqa: B023
    running.settled()
