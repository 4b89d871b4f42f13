"""Mail leaving while workers die, race and wait: never lost, never twice but in doubt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from checkout_desk import clock
from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import delivery, outbox, smtp
from checkout_desk.mail.connections import connections
from checkout_desk.mail.lanes import wait_for_lanes
from checkout_desk.queue import QUEUES, DeskJob, DeskWorker, connection
from tests.mail import deliver_once
from tests.mail.outgoing import end_lease, kinds, make_due, queue_one, seen, shop_mailbox, stored
from tests.once import Step
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer


class Killed(BaseException):
    """Stands for kill -9: nothing in the product catches it."""


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


def sweep(desk: Flask) -> outbox.Swept:
    with desk.app_context():
        return outbox.sweep()


@pytest.fixture
def die_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Kill the worker at the commit that would record this kind of event; the next one lives."""
    armed: list[str] = []
    commit = db.session.commit

    def commit_or_die() -> None:
        if armed and any(note[0] == armed[0] for note in db.session().info.get("events", ())):
            armed.clear()
            raise Killed
        commit()

    monkeypatch.setattr(db.session, "commit", commit_or_die)
    return armed.append


@pytest.mark.parametrize("point", ["connect", "mail", "rcpt", "data"])
def test_a_connection_lost_before_the_dot_is_no_doubt(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, point: Any
) -> None:
    smtp_sink.drop(point)
    mail = queue_one(desk, mailbox)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.unknown_count, row.data_started_at) == ("queued", 0, None)
    make_due(desk, mail)
    deliver(desk, mail)
    assert len(smtp_sink.accepted) == 1


def test_a_connection_lost_after_the_dot_is_unknown_and_repeated_once(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    smtp_sink.drop("dot", keep=True, times=2)
    mail = queue_one(desk, mailbox)
    deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.unknown_count) == ("queued", 1)
    assert row.due_at > clock.now()
    assert kinds(desk, mail) == ["mail.unknown"]
    make_due(desk, mail)
    deliver(desk, mail)
    assert (seen(desk, mail).state, seen(desk, mail).unknown_count) == ("unknown", 2)
    make_due(desk, mail)
    deliver(desk, mail)  # not by itself any more
    sweep(desk)
    assert [kept.content for kept in smtp_sink.accepted] == [stored(desk, mail)] * 2
    with desk.app_context():
        begin_write()
        assert outbox.retry(mail)
        db.session.commit()
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"
    assert [kept.content for kept in smtp_sink.accepted] == [stored(desk, mail)] * 3


def test_killed_between_claim_and_data_it_is_sent_once_later(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(errand: delivery.Errand) -> None:
        raise Killed

    mail = queue_one(desk, mailbox)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_start_data", kill)
        with pytest.raises(Killed):
            deliver(desk, mail)
    row = seen(desk, mail)
    assert (row.state, row.data_started_at) == ("sending", None)
    deliver(desk, mail)  # still leased
    assert smtp_sink.contents_begun == 0
    end_lease(desk, mail)
    assert sweep(desk).returned == 1
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"
    assert len(smtp_sink.accepted) == 1


def test_killed_between_the_250_and_the_commit_it_is_unknown_and_sent_once_more(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, die_at: Callable[[str], None]
) -> None:
    mail = queue_one(desk, mailbox)
    die_at("mail.sent")
    with pytest.raises(Killed):
        deliver(desk, mail)
    row = seen(desk, mail)
    assert row.state == "sending"
    assert row.data_started_at is not None
    assert row.claimed_until is not None
    assert row.claimed_until > clock.now() + timedelta(seconds=smtp.BODY_SECONDS + smtp.DOT_SECONDS)
    end_lease(desk, mail)
    assert sweep(desk).unknown == 1
    assert seen(desk, mail).unknown_count == 1
    make_due(desk, mail)
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"
    assert [kept.content for kept in smtp_sink.accepted] == [stored(desk, mail)] * 2
    assert kinds(desk, mail) == ["mail.unknown", "mail.sent"]


def test_a_claim_that_cannot_be_committed_sends_nothing(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = queue_one(desk, mailbox)

    def refuse(session: Session) -> None:
        raise OSError("disk full")

    event.listen(Session, "before_commit", refuse)
    try:
        with pytest.raises(OSError, match="disk full"):
            deliver(desk, mail)
    finally:
        event.remove(Session, "before_commit", refuse)
    assert (seen(desk, mail).state, smtp_sink.connections) == ("queued", 0)
    deliver(desk, mail)
    assert len(smtp_sink.accepted) == 1


@pytest.mark.parametrize("taken_back", [True, False])
def test_a_zombie_past_its_lease_does_not_start_data(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, taken_back: bool
) -> None:
    stalled = smtp_sink.stall(point="rcpt")
    mail = queue_one(desk, mailbox)
    worker = threading.Thread(target=deliver, args=(desk, mail))
    worker.start()
    stalled.wait_reached()
    end_lease(desk, mail)
    if taken_back:
        assert sweep(desk).returned == 1
    stalled.release()
    worker.join()
    assert smtp_sink.contents_begun == 0
    if not taken_back:
        assert sweep(desk).returned == 1
    deliver(desk, mail)
    assert seen(desk, mail).state == "sent"
    assert len(smtp_sink.accepted) == 1


def test_an_answer_that_comes_after_the_lease_ended_clears_the_doubt(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int
) -> None:
    stalled = smtp_sink.stall(point="dot")
    mail = queue_one(desk, mailbox)
    worker = threading.Thread(target=deliver, args=(desk, mail))
    worker.start()
    stalled.wait_reached()
    end_lease(desk, mail)
    assert sweep(desk).unknown == 1
    stalled.release()
    worker.join()
    assert (seen(desk, mail).state, seen(desk, mail).unknown_count) == ("sent", 1)
    make_due(desk, mail)
    deliver(desk, mail)
    assert len(smtp_sink.accepted) == 1


def test_two_workers_send_one_mail(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    for number in range(5):
        mail = queue_one(desk, mailbox, text=f"Mail {number}")
        start = threading.Barrier(2)

        def work(mail: int = mail, start: threading.Barrier = start) -> None:
            start.wait()
            deliver(desk, mail)

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert (seen(desk, mail).state, seen(desk, mail).attempts) == ("sent", 1)
    assert len(smtp_sink.accepted) == 5


def test_undo_and_delivery_never_both_win(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    for number in range(8):
        mail = queue_one(desk, mailbox, delay_seconds=0.03, text=f"Mail {number}")
        undone: list[bool] = []
        start = threading.Barrier(8)

        def take_back(
            mail: int = mail, start: threading.Barrier = start, undone: list[bool] = undone
        ) -> None:
            start.wait()
            with desk.app_context():
                begin_write()
                undone.append(outbox.undo(mail))
                db.session.commit()

        def send(mail: int = mail, start: threading.Barrier = start) -> None:
            start.wait()
            while seen(desk, mail).state == "queued":
                deliver(desk, mail)

        racers = [threading.Thread(target=race) for race in [take_back, send] * 4]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert wait_for_lanes(30)
        assert (seen(desk, mail).state, sum(undone)) in (("sent", 0), ("cancelled", 1))
    states = [seen(desk, mail).state for mail in range(1, 9)]
    assert len(smtp_sink.accepted) == states.count("sent")


def test_a_slow_answer_to_the_dot_holds_up_no_other_mail(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE", 0.2)
    stalled = smtp_sink.stall(point="dot")
    slow = queue_one(desk, mailbox)
    deliver(desk, slow)
    stalled.wait_reached()
    quick = queue_one(desk, mailbox)
    monkeypatch.setattr(delivery, "PATIENCE", 10.0)
    deliver(desk, quick)
    assert (seen(desk, slow).state, seen(desk, quick).state) == ("sending", "sent")
    assert sweep(desk) == outbox.Swept()
    stalled.release()
    assert wait_for_lanes(30)
    assert seen(desk, slow).state == "sent"
    assert len(smtp_sink.accepted) == 2


def test_one_silent_server_cannot_take_every_lane(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE", 0.05)
    stalled = smtp_sink.stall(point="dot", times=None)
    slow = [queue_one(desk, mailbox, text=f"Mail {number}") for number in range(5)]
    for mail in slow:
        deliver(desk, mail)
    assert [seen(desk, mail).state for mail in slow] == ["sending"] * 4 + ["queued"]
    with SmtpSink() as other:
        monkeypatch.setattr(delivery, "PATIENCE", 10.0)
        quick = queue_one(desk, shop_mailbox(desk, other, address="returns@shop.test"))
        deliver(desk, quick)
        assert seen(desk, quick).state == "sent"
    stalled.release()
    assert wait_for_lanes(30)
    deliver(desk, slow[4])
    assert all(seen(desk, mail).state == "sent" for mail in slow)


def test_mails_of_one_thread_keep_their_order(desk: Flask, smtp_sink: SmtpSink, mailbox: int) -> None:
    smtp_sink.refuse("mail", 451, "later")
    first = queue_one(desk, mailbox, thread="conversation:1", text="First")
    second = queue_one(desk, mailbox, thread="conversation:1", text="Second")
    other = queue_one(desk, mailbox, thread="conversation:2", text="Other")
    for mail in (first, second, other):
        deliver(desk, mail)
    assert [seen(desk, mail).state for mail in (first, second, other)] == ["queued", "queued", "sent"]
    make_due(desk, first)
    deliver(desk, second)
    assert seen(desk, second).state == "queued"
    deliver(desk, first)
    deliver(desk, second)
    assert [kept.content for kept in smtp_sink.accepted] == [
        stored(desk, mail) for mail in (other, first, second)
    ]


@pytest.mark.faults
@pytest.mark.parametrize("point", ["connect", "mail", "rcpt", "data", "dot"])
def test_a_worker_killed_at_each_step_loses_nothing_and_repeats_only_doubt(
    desk: Flask, smtp_sink: SmtpSink, mailbox: int, point: Any
) -> None:
    stalled = smtp_sink.stall(point=point)
    mail = queue_one(desk, mailbox)
    environment = {
        **os.environ,
        "DESK_HOME": str(desk.config["DESK_HOME"]),
        "DATABASE_URL": desk.config["DATABASE_URL"],
        "REDIS_URL": "unix:///nonexistent",
    }
    worker = Step(deliver_once.main, str(mail), environment=environment)
    try:
        stalled.wait_reached()
    finally:
        worker.end()
    stalled.release()
    assert seen(desk, mail).state == "sending"
    end_lease(desk, mail)
    doubtful = point in ("data", "dot")
    assert sweep(desk) == (outbox.Swept(unknown=1) if doubtful else outbox.Swept(rung=1, returned=1))
    make_due(desk, mail)
    deliver(desk, mail)
    assert (seen(desk, mail).state, seen(desk, mail).unknown_count) == ("sent", int(doubtful))
    assert [kept.content for kept in smtp_sink.accepted] == [stored(desk, mail)] * (
        2 if point == "dot" else 1
    )


def test_the_bell_of_a_committed_mail_makes_a_worker_deliver_it(
    tmp_path: Path, smtp_sink: SmtpSink, valkey: ValkeyServer
) -> None:
    app = create_app(
        environment={"DESK_HOME": str(tmp_path / "home"), "REDIS_URL": valkey.url, "DESK_DISK_RESERVE": "0"}
    )
    with app.app_context():
        db.create_all()
    mail = queue_one(app, shop_mailbox(app, smtp_sink))
    with app.app_context():
        worker = DeskWorker(
            [Queue(name, connection=connection(), serializer=JSONSerializer) for name in QUEUES],
            connection=connection(),
            serializer=JSONSerializer,
            job_class=DeskJob,
        )
        worker.work(burst=True)
        assert seen(app, mail).state == "sent"
        valkey.flush()
        lost = queue_one(app, shop_mailbox(app, smtp_sink, address="b@shop.test"), delay_seconds=600)
        make_due(app, lost)
        assert sweep(app).rung == 1
        worker.work(burst=True)
        assert seen(app, lost).state == "sent"
        db.engine.dispose()
    assert len(smtp_sink.accepted) == 2
