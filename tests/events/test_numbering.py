"""The first event of a moment is found by its number."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import bindparam, select, text

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.events.numbering import first_since
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from tests.builders import Shop


def by_looking(shop: Shop, moment: datetime) -> int:
    return next((e.id for e in shop.all(Event) if e.at >= moment), len(shop.all(Event)) + 1)


@pytest.mark.parametrize("how_many", [0, 1, 2, 7, 20])
def test_the_first_event_of_a_moment(shop: Shop, how_many: int) -> None:
    for n in range(how_many):
        with clock.pretending(clock.now() + timedelta(hours=n // 3)), shop.writing():
            record("test.done", about=("order", n))
    times = [event.at for event in shop.all(Event)] or [clock.now()]
    near = [at + timedelta(microseconds=by) for at in times for by in (-1, 0, 1)]
    question = select(first_since(bindparam("moment")))
    with shop.reading():
        for moment in (times[0] - timedelta(days=1), *near, times[-1] + timedelta(days=1)):
            assert db.session.scalar(question, {"moment": moment}) == by_looking(shop, moment)


def test_both_ends_of_a_time_may_be_asked_for_in_one_question(shop: Shop) -> None:
    shop.take()
    at = clock.now()
    with shop.reading():
        every = select(Event.id).where(
            Event.id >= first_since(at - timedelta(days=1)), Event.id < first_since(at + timedelta(days=1))
        )
        assert db.session.scalars(every).all() == [event.id for event in shop.all(Event)]


def test_a_hash_is_kept_in_its_bytes(shop: Shop) -> None:
    shop.take()
    with shop.reading():
        assert set(db.session.scalars(text("SELECT length(hash) FROM event"))) == {32}
    assert {len(event.hash) for event in shop.all(Event)} == {64}
    shop.sound()
