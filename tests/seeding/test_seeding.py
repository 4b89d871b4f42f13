"""The seeded store is one that could have come about: every kept number is the true one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import counting, searching
from checkout_desk.conversations.models import Conversation, Message, Promise
from checkout_desk.conversations.promises import queue_time
from checkout_desk.events import verifying
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import RawMail
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import completeness, drafting, loading, readings
from checkout_desk.orders.models import Order
from checkout_desk.seeding import corpus, seed
from checkout_desk.settings.models import store
from tests.parts.postgres import PostgresServer
from tests.signing import open_desk

ANCHOR = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An empty desk on either engine."""
    if request.param == "sqlite":
        return open_desk(tmp_path / "home")
    server: PostgresServer = request.getfixturevalue("postgres")
    return open_desk(tmp_path / "home", DATABASE_URL=server.url_for())


def test_every_kept_number_is_the_true_one(desk: Flask) -> None:
    with desk.app_context():
        report = seed(300, anchor=ANCHOR)
        assert counting.check() == []
        chain = verifying.verify()
        assert chain.first_wrong is None
        assert chain.events == report.events > 300
        assert db.session.scalar(select(func.count()).select_from(Message)) == report.messages
        for c in db.session.scalars(select(Conversation)):
            owed = db.session.scalar(
                select(func.min(Promise.due_at)).where(
                    Promise.conversation_id == c.id, Promise.closed_at.is_(None)
                )
            )
            messages = list(
                db.session.scalars(
                    select(Message).where(Message.conversation_id == c.id).order_by(Message.at, Message.id)
                )
            )
            assert c.promise_due_at == owed
            assert (owed is not None) == (c.state == "open")
            assert c.queue_at == queue_time(c)
            assert c.last_message_at == messages[-1].at
            assert c.last_inbound_id == [m.id for m in messages if m.direction == "in"][-1]


def test_the_record_tells_things_in_the_order_of_time(desk: Flask) -> None:
    with desk.app_context():
        seed(300, anchor=ANCHOR)
        times = list(db.session.scalars(select(Event.at).order_by(Event.id)))
        assert times == sorted(times)
        assert times[0] < times[-1] <= ANCHOR


def test_states_languages_and_length_are_those_of_a_shop(desk: Flask) -> None:
    with desk.app_context():
        report = seed(1000, anchor=ANCHOR)
        states = {
            row.state: row.n
            for row in db.session.execute(
                select(Conversation.state, func.count().label("n")).group_by(Conversation.state)
            )
        }
        length = db.session.scalar(select(func.avg(func.length(Message.text)))) or 0
    assert set(states) == {"open", "waiting", "snoozed", "closed", "spam"}
    assert states["closed"] > 600 and states["open"] >= 50
    assert 2.7 < report.messages / 1000 < 3.3
    assert 430 < length < 610


def test_the_common_and_the_rare_words_stand_where_they_are_said_to(desk: Flask) -> None:
    with desk.app_context():
        report = seed(200, anchor=ANCHOR)
        common = len(_found(corpus.COMMON))
        first, third = _found(corpus.RARE_FIRST), _found(corpus.RARE_THIRD)
        conversations = [
            {db.session.get_one(Message, i).conversation_id for i in ids} for ids in (first, third)
        ]
    assert len(first) == len(third) == corpus.RARE
    assert conversations[0] == conversations[1] and len(conversations[0]) == corpus.RARE
    assert 0.16 < common / report.messages < 0.28


def _found(word: str) -> list[int]:
    wanted = searching.term(word)
    assert wanted
    return searching.find([wanted], limit=10_000)


def test_one_seed_is_one_store_and_another_is_another(tmp_path: Path) -> None:
    stores = []
    for name, random_seed in (("a", 7), ("b", 7), ("c", 8)):
        app = open_desk(tmp_path / name)
        with app.app_context():
            seed(40, random_seed=random_seed, anchor=ANCHOR)
            rows = [
                list(db.session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")))
                for table in ("conversation", "message", "raw_mail", "event", "promise", "customer_address")
            ]
        stores.append(rows)
    assert stores[0] == stores[1]
    assert stores[0] != stores[2]


def test_seeding_again_adds_to_what_is_there(desk: Flask) -> None:
    heard: list[int] = []
    with desk.app_context():
        first, second = seed(30, anchor=ANCHOR), seed(20, anchor=ANCHOR, progress=heard.append)
        assert db.session.scalar(select(func.count()).select_from(Conversation)) == 50
        assert counting.check() == []
        assert verifying.verify().first_wrong is None
    assert first.sign_in is not None and second.sign_in is None
    assert heard == [20]


def test_mail_that_comes_after_finds_free_numbers(desk: Flask) -> None:
    with desk.app_context():
        seed(10, anchor=ANCHOR)
        highest = db.session.scalar(select(func.max(RawMail.id))) or 0
        row = RawMail(sha256="0" * 64, size=1, door="import", received_at=ANCHOR)
        db.session.add(row)
        db.session.commit()
        assert row.id == highest + 1


def test_the_first_originals_are_kept_and_say_what_the_messages_say(desk: Flask) -> None:
    with desk.app_context():
        seed(10, anchor=ANCHOR, originals=4)
        names = list(blobs().names())
        assert len(names) == 4
        for name in names:
            letter = parse(blobs().get(name))
            message = db.session.scalars(select(Message).where(Message.mail_id == letter.message_id)).one()
            assert message.text.strip() == letter.text.strip().replace("\r\n", "\n")
            assert message.subject == letter.subject


def test_a_long_thread_can_be_asked_for(desk: Flask) -> None:
    with desk.app_context():
        seed(5, anchor=ANCHOR, longest=120)
        lengths = db.session.scalars(
            select(func.count()).select_from(Message).group_by(Message.conversation_id)
        )
        assert max(lengths) == 120


def test_every_order_is_what_its_lines_and_details_make_it(desk: Flask) -> None:
    with desk.app_context():
        seed(300, anchor=ANCHOR)
        ask_phone = store().ask_phone
        orders = list(db.session.scalars(select(Order)))
        assert 60 < len(orders) < 140
        assert {order.state for order in orders} == {"draft", "clarifying", "verified", "cancelled"}
        for order in orders:
            lines = loading.lines(order)
            missing = completeness.gaps(order, lines, ask_phone=ask_phone)
            assert (order.gap_count, order.total_minor) == (len(missing), completeness.total(lines))
            born_of = order.born_of_id or 0
            text = db.session.get_one(Message, born_of).text
            assert all(text[line.span_start : line.span_end] == line.text for line in lines)
            assert readings.of([born_of])[born_of]["kind"] == "order"
        kept = {c.id: _shown(c) for c in db.session.scalars(select(Conversation))}
        for c in db.session.scalars(select(Conversation)):
            completeness.show(c)
            assert _shown(c) == kept[c.id]
        assert {c.next_action for c in db.session.scalars(select(Conversation))} >= {
            "answer", "check_order", "ask_details", "check_answer", "send_quote",
        }  # fmt: skip
        db.session.rollback()
        assert drafting.next_number() == max(order.number for order in orders) + 1
        assert stock.check() == []
        assert db.session.scalar(select(func.count()).select_from(Product)) == 216


def _shown(c: Conversation) -> tuple[object, ...]:
    return (
        c.order_step, c.order_id, c.order_number, c.order_state, c.order_total_minor, c.order_currency, c.order_gaps,
        c.next_action, c.queue_view,
    )  # fmt: skip


def test_a_catalogue_that_is_there_is_used(desk: Flask) -> None:
    with desk.app_context():
        seed(1, anchor=ANCHOR)
        seed(60, anchor=ANCHOR)
        assert db.session.scalar(select(func.count()).select_from(Product)) == 216
        assert (db.session.scalar(select(func.count()).select_from(Order)) or 0) > 5
