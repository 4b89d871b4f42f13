"""Whatever is done to conversations and their orders in whatever order, counts, next steps and record stay right."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_desk.catalogue import entries
from checkout_desk.conversations import relocating
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, drafting, lifecycle, lines, loading
from checkout_desk.orders.models import Order
from tests.builders import Shop
from tests.conversations.test_counting import STEPS, Series
from tests.orders.stage import COMPLETE, TEXT, Stage, choice, product, reading
from tests.thorough import examples

ORDERS = ("read", "make", "accept", "add", "verify", "ask", "cancel", "says enough", "asks again")
step = st.tuples(st.sampled_from((*ORDERS, *ORDERS, *STEPS)), st.integers(0, 7), st.integers(0, 7))


class OrderSeries(Series):
    """Steps on orders among those on conversations."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.stage = Stage(shop)

    def go(self, name: str, n: int, m: int) -> None:
        c = self.pick(n)
        if name not in ORDERS or c is None:
            super().go(name if name in STEPS else "letter", n, m)
            return
        with contextlib.suppress(Refused):
            getattr(self, "_" + name.replace(" ", "_"))(c, m)

    def _number(self, m: int) -> int | None:
        numbers = [order.number for order in self.shop.all(Order)]
        return numbers[m % len(numbers)] if numbers else None

    def _on(self, m: int, do: Callable[..., object]) -> None:
        number = self._number(m)
        if number is not None:
            with self.stage.on(number) as (order, found, by):
                do(order, found, by)

    def _read(self, c: int, m: int) -> None:
        what = (COMPLETE, reading(choice("a teapot", 1, "POT-06", "POT-12")))[m % 2]
        newest = self.shop.seen(c).last_inbound_id
        if newest is None:
            return
        with self.shop.writing():
            conversation = db.session.get_one(Conversation, c)
            drafting.from_reading(
                conversation, newest, what, entries.index(), at=conversation.last_message_at
            )

    def _make(self, c: int, m: int) -> None:
        self.shop.act(lambda cs, by: drafting.by_hand(cs[0], by=by), c)

    def _accept(self, c: int, m: int) -> None:
        self._on(m, lambda order, found, by: lines.accept_all(order, by=by))

    def _add(self, c: int, m: int) -> None:
        self._on(m, lambda order, found, by: lines.add(order, product("MUG-RED"), m + 1, by=by))

    def _verify(self, c: int, m: int) -> None:
        self._on(m, lambda order, found, by: lifecycle.ORDER.fire(order, "verify", by=by))

    def _ask(self, c: int, m: int) -> None:
        self._on(m, lambda order, found, by: lifecycle.ORDER.fire(order, "ask", by=by, gaps=["phone"]))

    def _cancel(self, c: int, m: int) -> None:
        self._on(m, lambda order, found, by: lifecycle.ORDER.fire(order, "cancel", by=by, reason="twice"))

    def _says_enough(self, c: int, m: int) -> None:
        self._asks(c, False)

    def _asks_again(self, c: int, m: int) -> None:
        self._asks(c, True)

    def _asks(self, c: int, asks: bool) -> None:
        with self.shop.writing():
            conversation = db.session.get_one(Conversation, c)
            with counted(conversation):
                conversation.asks = asks

    def sound(self) -> None:
        """Each conversation says of its orders what they are."""
        self.shop.sound()
        with self.shop.reading():
            begin_write()
            for order in db.session.query(Order):
                home = db.session.get_one(Conversation, order.conversation_id)
                assert home.merged_into_id is None, f"order {order.number} stayed in an empty conversation"
                assert order.gap_count == len(
                    completeness.gaps(order, loading.lines(order), ask_phone=True)
                ), f"order {order.number} has other gaps"
            for c in db.session.query(Conversation):
                kept = _shown(c)
                completeness.show(c)
                assert _shown(c) == kept, f"conversation {c.id} shows its order as it was"
            db.session.rollback()


def _shown(c: Conversation) -> tuple[object, ...]:
    return (
        c.order_step, c.order_id, c.order_number, c.order_state, c.order_total_minor, c.order_gaps, c.next_action,
    )  # fmt: skip


@settings(
    max_examples=examples(4),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=12, max_size=24))
def test_any_series_of_acts_on_orders_keeps_counts_and_next_steps(
    desk: Flask, afresh: Callable[[], None], steps: list[tuple[str, int, int]]
) -> None:
    afresh()
    series = OrderSeries(Shop(desk))
    for name, n, m in steps:
        series.go(name, n, m)
        series.sound()


def test_orders_go_along_with_a_merge_and_come_back(stage: Stage) -> None:
    shop, number = stage.shop, stage.order()
    home, other = stage.row(number).id, shop.take(sender="eve@elsewhere.example", text=TEXT).conversation
    shop.act(lambda cs, by: drafting.by_hand(cs[0], by=by), home)
    act = shop.act(lambda cs, by: relocating.merge(cs[0], into=cs[1], by=by), home, other)
    assert {order.conversation_id for order in shop.all(Order)} == {other}
    assert shop.seen(other).order_number is not None and shop.seen(home).order_number is None
    shop.sound()
    with shop.writing():
        relocating.undo(db.session.get_one(Act, act))
    assert {order.conversation_id for order in shop.all(Order)} == {home}
    assert shop.seen(other).order_number is None and shop.seen(home).order_number is not None
    shop.sound()


def test_an_order_goes_with_the_mail_that_it_was_made_of(stage: Stage) -> None:
    shop, number = stage.shop, stage.order()
    order = stage.seen(number)
    assert order.conversation_id is not None
    shop.take(to=shop.reply_address(order.conversation_id))
    shop.act(
        lambda cs, by: relocating.split([db.session.get_one(Message, order.born_of_id)], by=by)[0],
    )
    assert stage.seen(number).conversation_id != order.conversation_id
    assert stage.row(number).order_number == number
    assert shop.seen(order.conversation_id).order_number is None
    shop.sound()
