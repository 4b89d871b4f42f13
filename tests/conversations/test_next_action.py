"""Exactly one next step, from four facts; the columns and counts follow whoever changes one of them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.conversations import (
    acting,
    counting,
    drafting,
    next_action,
    purposes,
    relocating,
    sending,
)
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import STATES, Act, Conversation, Draft, Message
from checkout_desk.extensions import db
from tests.builders import EVE, Shop


@pytest.mark.parametrize(
    ("owed", "asks", "order_step", "expected"),
    [
        (True, True, None, "answer"),
        (True, True, "check_order", "answer"),
        (True, False, "check_order", "check_order"),
        (True, False, None, "answer"),
        (False, True, "ask_details", "ask_details"),
        (False, False, "send_quote", "send_quote"),
        (False, True, None, "close"),
        (False, False, None, "close"),
    ],
)
def test_questions_go_first_then_orders_then_answers(
    owed: bool, asks: bool, order_step: str | None, expected: str
) -> None:
    assert next_action.of("open", owed=owed, asks=asks, order_step=order_step) == expected


def test_only_what_is_open_has_a_next_step_and_then_exactly_one() -> None:
    for state, owed, asks, step in product(STATES, (True, False), (True, False), (None, "check_answer")):
        found = next_action.of(state, owed=owed, asks=asks, order_step=step)
        assert bool(found) == (state == "open")
        assert bool(next_action.view_of(found)) == (state == "open")


def _step(shop: Shop, conversation_id: int, **facts: object) -> Conversation:
    with shop.writing():
        c = db.session.get_one(Conversation, conversation_id)
        with counted(c):
            for name, value in facts.items():
                setattr(c, name, value)
    shop.sound()
    return shop.seen(conversation_id)


def test_the_step_of_an_order_moves_the_conversation_to_its_view(shop: Shop) -> None:
    taken = shop.take()
    assert shop.seen(taken.conversation).queue_view == "answer"
    assert (
        _step(shop, taken.conversation, order_step="check_order").queue_view == "answer"
    )  # it asks something
    assert _step(shop, taken.conversation, asks=False).queue_view == "new-orders"
    for step, view in (("ask_details", "details"), ("check_answer", "details"), ("send_quote", "quote")):
        assert _step(shop, taken.conversation, order_step=step).queue_view == view
    with shop.reading():
        found = counting.counts(shop.person("support"))
    assert {view: n for view, n in found.items() if n} == {"quote": 1, "open": 1, "unassigned": 1}


def test_an_answer_leaves_the_order_to_be_done(shop: Shop) -> None:
    taken = shop.take()
    _step(shop, taken.conversation, order_step="check_order")
    ours = shop.reply(taken.conversation)
    assert shop.seen(taken.conversation).next_action == "answer"  # until it has really left
    shop.deliver(ours)
    c = shop.seen(taken.conversation)
    assert (c.state, c.next_action, c.queue_view) == ("open", "check_order", "new-orders")
    shop.sound()


class _Asking:
    """A purpose as the packages above register it: its mail is what the order wanted, so nothing is left to do."""

    keeps = ""

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> purposes.Letter:
        return purposes.Letter(text + quoted, f"<p>{text}</p>", text)

    def sent(
        self, c: Conversation, draft: Draft, letter: purposes.Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        with counted(c):
            c.order_step = None
        return {}

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None: ...


def test_a_mail_that_is_the_orders_own_step_waits_for_the_customer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(purposes._KNOWN, "test", _Asking())
    taken, person_id = shop.take(), shop.person("support")
    _step(shop, taken.conversation, order_step="ask_details", asks=False)
    with shop.writing():
        c = db.session.get_one(Conversation, taken.conversation)
        written = drafting.Written(to="jane@customer.example", text="Where do you live?")
        draft = drafting.save(c, person_id=person_id, kind="reply", written=written, based_on_id=None)
        draft.purpose = "test"
        sending.send(c, draft, by=db.session.get_one(Person, person_id), after="wait", confirmed=True)
    assert shop.seen(taken.conversation).state == "waiting"
    shop.sound()


def test_closing_and_reopening_find_the_step_again(shop: Shop) -> None:
    taken = shop.take()
    _step(shop, taken.conversation, order_step="send_quote", asks=False)
    act = shop.act(lambda cs, by: acting.close(cs, by=by), taken.conversation)
    assert (shop.seen(taken.conversation).next_action, shop.seen(taken.conversation).queue_view) == ("", "")
    with shop.writing():
        kept = db.session.get_one(Act, act)
        acting.restore(kept.before["conversations"][0])
    assert shop.seen(taken.conversation).next_action == "send_quote"
    shop.sound()


def test_what_owes_nobody_anything_is_still_seen(shop: Shop) -> None:
    taken = shop.take()
    shop.answered(taken.conversation, after="stay")
    c = shop.seen(taken.conversation)
    assert (c.state, c.next_action, c.queue_view) == ("open", "close", "answer")
    shop.sound()


def test_a_machines_mail_opens_a_conversation_that_owes_nothing(shop: Shop) -> None:
    taken = shop.take(headers={"Auto-Submitted": "auto-replied"})
    assert shop.seen(taken.conversation).next_action == "close"
    shop.sound()


def test_blocks_that_nest_count_once(shop: Shop) -> None:
    taken = shop.take()
    with shop.writing():
        c = db.session.get_one(Conversation, taken.conversation)
        with counted(c):
            c.order_step = "check_order"
            with counted(c):
                c.asks = False
    shop.sound()
    assert shop.seen(taken.conversation).queue_view == "new-orders"


def test_whether_it_asks_goes_along_with_the_message_and_back(shop: Shop) -> None:
    asking, quiet = shop.take(sender=EVE).conversation, shop.take().conversation
    _step(shop, quiet, asks=False)
    act = shop.act(lambda cs, by: relocating.merge(cs[0], into=cs[1], by=by), quiet, asking)
    assert not shop.seen(asking).asks  # the newest mail is the one that asks nothing
    with shop.writing():
        relocating.undo(db.session.get_one(Act, act))
    assert (shop.seen(quiet).asks, shop.seen(asking).asks) == (False, True)
    shop.sound()


def test_the_part_that_was_split_off_owes_what_its_message_owes(shop: Shop) -> None:
    taken = shop.take()
    shop.take(to=shop.reply_address(taken.conversation))
    last = shop.messages(taken.conversation)[-1].id
    shop.act(lambda cs, by: relocating.split([db.session.get_one(Message, last)], by=by)[0])
    both = shop.all(Conversation)
    assert [(c.state, c.next_action) for c in both] == [("open", "answer"), ("open", "answer")]
    shop.sound()


def test_the_check_sees_a_step_that_is_not_the_right_one(shop: Shop) -> None:
    taken = shop.take()
    with shop.writing():
        db.session.get_one(Conversation, taken.conversation).next_action = "close"
    with shop.reading():
        assert counting.check() == [
            f"conversation {taken.conversation} shows the next step 'close', it is 'answer'"
        ]
