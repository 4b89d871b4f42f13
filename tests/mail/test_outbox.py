"""The outbox without a server: queueing, undo, retry by a person, order, the circuit breaker and the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from checkout_desk import clock
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import delivery, outbox
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.mail.outcomes import GIVE_UP_AFTER, next_pause
from checkout_desk.mail.results import Refusal, Refused
from tests.mail.outgoing import change, end_lease, kinds, make_due, queue_one, seen, shop_mailbox


@pytest.fixture
def mailbox(desk: Flask) -> int:
    return shop_mailbox(desk)


@pytest.fixture
def told() -> Iterator[list[tuple[int, str]]]:
    """What a listener heard."""
    heard: list[tuple[int, str]] = []

    def listener(row: OutboundMail, outcome: str) -> None:
        heard.append((row.id, outcome))

    outbox.listeners.append(listener)
    yield heard
    outbox.listeners.remove(listener)


def acted(desk: Flask, act: Any, outbound_id: int) -> bool:
    with desk.app_context():
        begin_write()
        done: bool = act(outbound_id)
        db.session.commit()
        return done


def swept(desk: Flask) -> outbox.Swept:
    with desk.app_context():
        return outbox.sweep()


def test_an_occasion_makes_one_mail_for_ever(desk: Flask, mailbox: int) -> None:
    first = queue_one(desk, mailbox, occasion="reply:d1")
    again = queue_one(desk, mailbox, occasion="reply:d1", text="Something else")
    assert again == first
    assert queue_one(desk, mailbox, occasion="reply:d2") != first
    with desk.app_context():
        assert db.session.query(OutboundMail).count() == 2


def test_nothing_is_queued_without_the_callers_commit(desk: Flask, mailbox: int) -> None:
    with desk.app_context():
        begin_write()
        box = db.session.get_one(Mailbox, mailbox)
        outbox.queue_mail(
            occasion="reply:d1",
            thread="conversation:1",
            mailbox=box,
            message_bytes=b"a: b\r\n\r\nx\r\n",
            message_id="m@shop.test",
            recipients=["ann@buyer.test"],
        )
        db.session.rollback()
        assert db.session.query(OutboundMail).count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message_bytes": b"a: b\n\nx\n"}, "line end"),
        ({"recipients": []}, "no recipient"),
        ({"recipients": ["ann@buyer.test\r\nRCPT TO:<x@evil.test>"]}, "not an e-mail address"),
        ({"recipients": ["ünï@buyer.test"]}, "letters before"),
    ],
)
def test_what_cannot_be_sent_is_refused_when_queueing(
    desk: Flask, mailbox: int, changes: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {
        "occasion": "reply:d1",
        "thread": "conversation:1",
        "message_bytes": b"a: b\r\n\r\nx\r\n",
        "message_id": "m@shop.test",
        "recipients": ["ann@buyer.test"],
    }
    with desk.app_context():
        begin_write()
        box = db.session.get_one(Mailbox, mailbox)
        with pytest.raises(ValueError, match=words):
            outbox.queue_mail(mailbox=box, **{**given, **changes})


def test_undo_works_only_inside_its_window(desk: Flask, mailbox: int) -> None:
    early = queue_one(desk, mailbox, delay_seconds=600)
    assert acted(desk, outbox.undo, early)
    assert (seen(desk, early).state, kinds(desk, early)) == ("cancelled", ["mail.cancelled"])
    assert not acted(desk, outbox.undo, early)
    late = queue_one(desk, mailbox, delay_seconds=600)
    make_due(desk, late)
    assert not acted(desk, outbox.undo, late)
    assert seen(desk, late).state == "queued"


def test_a_mail_that_was_tried_cannot_be_undone_while_it_waits(desk: Flask, mailbox: int) -> None:
    mail = queue_one(desk, mailbox, delay_seconds=600)
    change(desk, mail, attempts=1)
    assert not acted(desk, outbox.undo, mail)


def test_send_now_ends_the_window(desk: Flask, mailbox: int) -> None:
    mail = queue_one(desk, mailbox, delay_seconds=600)
    assert acted(desk, outbox.send_now, mail)
    assert seen(desk, mail).due_at <= clock.now()
    assert not acted(desk, outbox.undo, mail)
    change(desk, mail, state="sent")
    assert not acted(desk, outbox.send_now, mail)


def test_retry_takes_failed_and_unknown_mails_only_and_all_who_were_not_reached(
    desk: Flask, mailbox: int
) -> None:
    mail = queue_one(desk, mailbox, to=["ann@buyer.test", "bob@buyer.test"])
    before = seen(desk, mail)
    assert not acted(desk, outbox.retry, mail)
    change(desk, mail, state="failed", recipients=[], refused={"bob@buyer.test": [550, "no"]}, attempts=9)
    assert acted(desk, outbox.retry, mail)
    after = seen(desk, mail)
    assert (after.state, after.recipients, after.refused, after.attempts) == (
        "queued",
        ["bob@buyer.test"],
        None,
        0,
    )
    assert (after.sha256, after.message_id) == (before.sha256, before.message_id)
    for state in ("sent", "cancelled", "sending"):
        change(desk, mail, state=state)
        assert not acted(desk, outbox.retry, mail)


def test_the_sweep_rings_each_due_mail_once_in_thirty_seconds(desk: Flask, mailbox: int) -> None:
    waiting = queue_one(desk, mailbox, delay_seconds=600)
    assert swept(desk).rung == 0
    make_due(desk, waiting)
    assert swept(desk).rung == 1
    assert swept(desk).rung == 0
    change(desk, waiting, rung_at=clock.now() - timedelta(seconds=31))
    assert swept(desk).rung == 1


def test_the_sweep_leaves_a_later_mail_of_a_thread_behind_the_earlier_one(desk: Flask, mailbox: int) -> None:
    first = queue_one(desk, mailbox, thread="conversation:1", delay_seconds=600)
    second = queue_one(desk, mailbox, thread="conversation:1", delay_seconds=600)
    make_due(desk, second)
    assert swept(desk).rung == 0
    assert acted(desk, outbox.undo, first)
    assert seen(desk, second).rung_at is not None  # by the undo
    change(desk, second, rung_at=None)
    assert swept(desk).rung == 1


def test_a_lease_that_ended_before_data_is_a_plain_retry(
    desk: Flask, mailbox: int, told: list[tuple[int, str]]
) -> None:
    mail = queue_one(desk, mailbox)
    change(
        desk, mail, state="sending", claim="x", claimed_until=clock.now() + timedelta(seconds=60), attempts=1
    )
    assert swept(desk) == outbox.Swept()
    end_lease(desk, mail)
    assert swept(desk) == outbox.Swept(rung=1, returned=1)
    row = seen(desk, mail)
    assert (row.state, row.unknown_count) == ("queued", 0)
    assert row.due_at <= clock.now()
    assert told == []


def test_a_mail_that_keeps_killing_workers_waits_longer_and_is_given_up(desk: Flask, mailbox: int) -> None:
    mail = queue_one(desk, mailbox)
    change(desk, mail, state="sending", claim="x", attempts=3)
    end_lease(desk, mail)
    swept(desk)
    assert seen(desk, mail).due_at > clock.now() + timedelta(minutes=9)
    change(desk, mail, state="sending", claim="x", attempts=200)
    end_lease(desk, mail)
    swept(desk)
    assert (seen(desk, mail).state, kinds(desk, mail)) == ("failed", ["mail.failed"])


def test_a_lease_that_ended_inside_data_is_unknown_and_tried_once_more(
    desk: Flask, mailbox: int, told: list[tuple[int, str]]
) -> None:
    mail = queue_one(desk, mailbox)
    for round_, state in ((1, "queued"), (2, "unknown")):
        change(desk, mail, state="sending", claim="x", data_started_at=clock.now())
        end_lease(desk, mail)
        assert swept(desk) == outbox.Swept(unknown=1)
        row = seen(desk, mail)
        assert (row.state, row.unknown_count, row.data_started_at) == (state, round_, None)
    assert swept(desk) == outbox.Swept()
    assert told == [(mail, "unknown"), (mail, "unknown")]
    assert kinds(desk, mail) == ["mail.unknown", "mail.unknown"]


def test_back_off_grows_and_ends_after_two_days() -> None:
    pauses: list[float] = []
    while (pause := next_pause(len(pauses) + 1)) is not None:
        pauses.append(pause.total_seconds())
    assert pauses[:6] == [30, 120, 600, 1800, 7200, 7200]
    assert GIVE_UP_AFTER - timedelta(hours=2) < timedelta(seconds=sum(pauses)) <= GIVE_UP_AFTER


def test_a_listener_that_breaks_does_not_lose_the_outcome(desk: Flask, mailbox: int) -> None:
    from checkout_desk.mail.outcomes import commit_outcome, settle

    def broken(row: OutboundMail, outcome: str) -> None:
        raise LookupError("a bug of an upper layer")

    mail = queue_one(desk, mailbox)
    outbox.listeners.append(broken)
    try:
        with desk.app_context():

            def apply(loud: bool) -> None:
                begin_write()
                row = db.session.get_one(OutboundMail, mail)
                settle(row, Refused(True, 550, "no", {"ann@buyer.test": Refusal(True, 550, "no")}), loud=loud)

            commit_outcome(mail, apply)
    finally:
        outbox.listeners.remove(broken)
    assert (seen(desk, mail).state, kinds(desk, mail)) == ("failed", ["mail.failed"])


def test_the_circuit_breaker_counts_by_address_and_by_thread(desk: Flask, mailbox: int) -> None:
    def verdict(address: str, thread: str) -> str | None:
        with desk.app_context():
            return outbox.may_send_automatically(
                address, thread, per_address=2, per_thread=3, now=clock.now()
            )

    queue_one(desk, mailbox, to=["ann@buyer.test"], thread="conversation:1", automatic=True)
    queue_one(desk, mailbox, to=["ann@buyer.test"], thread="conversation:1")  # written by a person
    assert verdict("ann@buyer.test", "conversation:1") is None
    mail = queue_one(desk, mailbox, to=["Ann@Buyer.test"], thread="conversation:1", automatic=True)
    assert "2 automatic mails" in (verdict("ANN@buyer.test", "conversation:9") or "")
    assert verdict("bob@buyer.test", "conversation:1") is None
    assert "letters before" in (verdict("ünï@buyer.test", "conversation:9") or "")
    for number in range(2):
        queue_one(
            desk, mailbox, to=["ann@münchen.test"], thread=f"conversation:{number + 20}", automatic=True
        )
    assert "2 automatic mails" in (verdict("Ann@München.test", "conversation:9") or "")
    queue_one(desk, mailbox, to=["bob@buyer.test"], thread="conversation:1", automatic=True)
    assert "This conversation" in (verdict("carl@buyer.test", "conversation:1") or "")
    change(desk, mail, queued_at=clock.now() - timedelta(hours=25))
    assert verdict("ann@buyer.test", "conversation:9") is None
    assert verdict("carl@buyer.test", "conversation:1") is None


def test_no_query_walks_the_whole_outbox(desk: Flask, mailbox: int) -> None:
    ran: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        ran.append((statement, parameters))

    mail = queue_one(desk, mailbox, thread="conversation:1")
    with desk.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL chooses its plans by the size of the table")
        event.listen(db.engine, "before_cursor_execute", note)
        delivery.deliver(mail)
        outbox.sweep()
        outbox.undo(mail)
        outbox.send_now(mail)
        outbox.retry(mail)
        outbox.may_send_automatically(
            "ann@buyer.test", "conversation:1", per_address=1, per_thread=1, now=clock.now()
        )
        event.remove(db.engine, "before_cursor_execute", note)
        db.session.rollback()
        for statement, parameters in ran:
            if "outbound_mail" in statement and not statement.startswith("INSERT"):
                plan = db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
                steps = [row.detail for row in plan]
                # mail_hold has one row at most
                assert not [
                    step
                    for step in steps
                    if "SCAN" in step and "INDEX" not in step and step != "SCAN mail_hold"
                ], (
                    statement,
                    steps,
                )
                assert not [step for step in steps if "PRIMARY KEY (rowid<" in step], (statement, steps)
