"""What is missing is asked once, reminded of once after business days, and then the order is parked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.conversations import acting as conversation_acts
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, asking, completeness, filling, loading
from checkout_desk.orders.models import Order
from tests.orders.stage import Stage, line, quay, reading

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
INCOMPLETE = reading(line("MUG-BLU", 2), ship_to=quay(postcode=None))


def ask(stage: Stage, number: int, at: datetime = MONDAY) -> dict[str, Any]:
    """The question is queued; from then on the conversation waits for the customer."""
    if stage.row(number).state == "open":
        stage.shop.act(conversation_acts.wait, stage.row(number).id)
    with stage.on(number) as (order, rows, by), clock.pretending(at):
        gaps = completeness.gaps(order, rows, ask_phone=True)
        return asking.asked(order, gaps, message_id=order.born_of_id, by=by)


def due(stage: Stage, at: datetime) -> tuple[list[int], list[int]]:
    with stage.shop.reading():
        return [o.number for o in asking.remind_due(at)], [o.number for o in asking.park_due(at)]


def pretend(stage: Stage, number: int, do: Any, at: datetime) -> None:
    with stage.on(number) as (order, _, _by), clock.pretending(at):
        do(order)


def test_asking_notes_what_when_and_where(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    order = stage.seen(number)
    assert order.state == "clarifying"
    assert [(one["gap"], one["line"], one["message"]) for one in order.asked] == [
        ("ship_to.postcode", None, order.born_of_id),
        ("phone", None, order.born_of_id),
    ]
    assert order.remind_at == datetime(2026, 11, 5, 9, 0, tzinfo=UTC), "three business days later"
    with stage.on(number) as (order, rows, _by):
        assert {gap.asked_at for gap in completeness.gaps(order, rows, ask_phone=True)} == {MONDAY}
    assert (stage.row(number).order_state, stage.row(number).order_step) == ("clarifying", "check_order")
    stage.shop.sound()


def test_nothing_is_asked_of_a_complete_order(stage: Stage) -> None:
    number = stage.order()
    with pytest.raises(Refused, match="nothing to ask"):
        ask(stage, number)
    assert stage.seen(number).state == "draft"


def test_a_price_is_never_asked_of_the_customer(stage: Stage) -> None:
    number = stage.order(reading(line("BOWL", 1), ship_to=quay(), phone="+441912345678"))
    with pytest.raises(Refused, match="nothing to ask"):
        ask(stage, number)


def test_a_question_that_did_not_leave_is_taken_back(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    before = ask(stage, number)
    with stage.on(number) as (order, _, by):
        asking.unasked(order, before, by=by)
    order = stage.seen(number)
    assert (order.state, order.asked, order.remind_at) == ("draft", [], None)
    assert stage.told(number) == ["drafted", "asked", "undone"]
    stage.shop.sound()


def test_taking_the_second_question_back_leaves_the_first(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    first = stage.seen(number).asked
    before = ask(stage, number, MONDAY + timedelta(days=1))
    assert stage.seen(number).asked != first
    with stage.on(number) as (order, _, by):
        asking.unasked(order, before, by=by)
    order = stage.seen(number)
    assert (order.state, order.asked) == ("clarifying", first)
    assert order.remind_at == datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


def test_one_reminder_and_then_it_is_parked_with_a_note(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    thursday = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
    assert due(stage, thursday - timedelta(seconds=1)) == ([], [])
    assert due(stage, thursday) == ([number], [])
    pretend(stage, number, asking.reminded, thursday)
    with pytest.raises(Refused, match="reminded already"):
        pretend(stage, number, asking.reminded, thursday)
    assert due(stage, thursday) == ([], [])
    tuesday = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    assert due(stage, tuesday - timedelta(seconds=1)) == ([], [])
    assert due(stage, tuesday) == ([], [number])
    for _ in range(2):
        pretend(stage, number, asking.park, tuesday)
    order = stage.seen(number)
    assert (order.parked_at, order.remind_at, order.state) == (tuesday, None, "clarifying")
    assert due(stage, tuesday + timedelta(days=90)) == ([], [])
    notes = [m for m in stage.shop.messages(stage.row(number).id) if m.direction == "note"]
    assert [(note.author_id, note.from_name) for note in notes] == [(None, "The desk")]
    assert f"Order {number} is parked" in notes[0].text
    assert stage.told(number) == ["drafted", "asked", "reminded", "parked"]
    stage.shop.sound()


def test_an_answer_stops_the_reminder_and_takes_a_parked_order_up(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    with stage.shop.writing():
        order = db.session.query(Order).filter_by(number=number).one()
        filling.fill_form(order, {"ship_postcode": "NE30 1AA"}, at=clock.now())
    assert due(stage, MONDAY + timedelta(days=90)) == ([], [])
    order = stage.seen(number)
    assert (order.state, order.gap_count, order.remind_at) == ("clarifying", 1, None)
    with pytest.raises(Refused, match="waits for no answer"):
        pretend(stage, number, asking.reminded, MONDAY)
    ask(stage, number)
    thursday = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
    assert due(stage, thursday) == ([number], []), "a new question may be reminded of again"
    pretend(stage, number, asking.reminded, thursday)
    pretend(stage, number, asking.park, thursday + timedelta(days=9))
    pretend(stage, number, asking.answered, thursday + timedelta(days=10))
    assert stage.seen(number).parked_at is None


def test_the_reminder_goes_by_the_stores_days_and_clock(stage: Stage) -> None:
    stage.shop.set_store(time_zone="Europe/Berlin", remind_days=1)
    number = stage.order(INCOMPLETE)
    ask(stage, number, datetime(2026, 10, 23, 9, 0, tzinfo=UTC))  # Friday before the clocks go back
    assert stage.seen(number).remind_at == datetime(2026, 10, 26, 10, 0, tzinfo=UTC)


def test_a_verified_or_cancelled_order_is_never_reminded_of(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    with stage.on(number) as (order, _, by):
        acting.cancel(order, reason="Ordered twice", by=by)
    assert due(stage, MONDAY + timedelta(days=90)) == ([], [])
    with stage.shop.reading():
        assert loading.load(number) is not None


def test_nobody_is_reminded_while_the_store_owes_an_answer(stage: Stage) -> None:
    number = stage.order(INCOMPLETE)
    ask(stage, number)
    stage.shop.act(conversation_acts.reopen, stage.row(number).id)
    assert due(stage, MONDAY + timedelta(days=90)) == ([], [])
    stage.shop.act(conversation_acts.wait, stage.row(number).id)
    assert due(stage, MONDAY + timedelta(days=90)) == ([number], [])
