"""Counts stay exact and the record unbroken, whatever is done in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, counting, relocating, undoing, waking
from checkout_desk.conversations.models import Act, Conversation, ConversationCount, Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from tests.builders import EVE, JANE, Shop, bounce
from tests.page import Browser
from tests.thorough import examples

STEPS = (
    "letter", "answer by mail", "reply", "reply and close", "bounce", "take back", "assign", "close", "spam", "reopen",
    "wait", "snooze", "escalate", "settle", "tag", "merge", "split", "undo", "wake", "away",
)  # fmt: skip
step = st.tuples(st.sampled_from(STEPS), st.integers(0, 7), st.integers(0, 7))


class Series:
    """Carries out random steps on one shop; what is refused is refused."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.later = timedelta(0)

    def pick(self, n: int) -> int | None:
        live = [c.id for c in self.shop.all(Conversation, Conversation.merged_into_id.is_(None))]
        live = [i for i in live if self.shop.messages(i)]
        return live[n % len(live)] if live else None

    def go(self, name: str, n: int, m: int) -> None:
        shop, c = self.shop, self.pick(n)
        if name == "letter" or c is None:
            shop.take(sender=(JANE, EVE)[m % 2])
            return
        do = {
            "assign": lambda cs, by: acting.assign(cs, to=by if m % 2 else None, by=by),
            "close": lambda cs, by: acting.close(cs, by=by),
            "spam": lambda cs, by: acting.spam(cs, by=by),
            "reopen": lambda cs, by: acting.reopen(cs, by=by),
            "wait": lambda cs, by: acting.wait(cs, by=by),
            "snooze": lambda cs, by: acting.snooze(
                cs, until=clock.now() + timedelta(hours=m) if m else None, by=by
            ),
            "escalate": lambda cs, by: acting.escalate(cs, reason="x", role="manager", by=by),
            "settle": lambda cs, by: acting.settle(cs, by=by),
            "tag": lambda cs, by: acting.tag(cs, add=[f"t{m}"], remove=[f"t{m - 1}"], by=by),
        }.get(name)
        try:
            if do is not None:
                shop.act(do, c)
            else:
                getattr(self, "_" + name.replace(" ", "_"))(c, m)
        except Refused:
            pass

    def _answer_by_mail(self, c: int, m: int) -> None:
        self.shop.take(to=self.shop.reply_address(c), sender=(JANE, EVE)[m % 2])

    def _away(self, c: int, m: int) -> None:
        self.shop.take(to=self.shop.reply_address(c), headers={"Auto-Submitted": "auto-replied"})

    def _reply(self, c: int, m: int) -> None:
        self._send(c, m, "wait")

    def _reply_and_close(self, c: int, m: int) -> None:
        self._send(c, m, "close")

    def _send(self, c: int, m: int, after: str) -> None:
        if self.shop.seen(c).state in ("closed", "spam") and after == "close":
            return
        ours = self.shop.reply(c, f"Answer {m}", after=after, to="jane@customer.example")
        if m % 3:
            self.shop.deliver(ours)

    def _bounce(self, c: int, m: int) -> None:
        ours = [one for one in self.shop.messages(c) if one.direction == "out" and one.kind == "letter"]
        if ours:
            self.shop.take(bounce(ours[m % len(ours)].mail_id or ""))

    def _take_back(self, c: int, m: int) -> None:
        self._undo(c, m)

    def _merge(self, c: int, m: int) -> None:
        other = self.pick(m)
        if other not in (None, c):
            self.shop.act(lambda cs, by: relocating.merge(cs[0], into=cs[1], by=by), c, other)

    def _split(self, c: int, m: int) -> None:
        ids = [one.id for one in self.shop.messages(c)]

        def do(cs: list[Conversation], by: Person) -> Act:
            return relocating.split([db.session.get_one(Message, ids[m % len(ids)])], by=by)[0]

        self.shop.act(do)

    def _undo(self, c: int, m: int) -> None:
        me = self.shop.person("support")
        with self.shop.reading():
            begin_write()
            person = db.session.get_one(Person, me)
            act = undoing.last(person)
            if act is not None:
                undoing.undo(act, by=person)
            db.session.commit()

    def _wake(self, c: int, m: int) -> None:
        with self.shop.reading(), clock.pretending(clock.now() + timedelta(hours=m)):
            waking.wake()


@settings(
    max_examples=examples(4),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=10, max_size=25))
def test_any_series_of_acts_keeps_counts_deadlines_and_record(
    desk: Flask, afresh: Callable[[], None], steps: list[tuple[str, int, int]]
) -> None:
    afresh()
    shop = Shop(desk)
    series = Series(shop)
    for name, n, m in steps:
        series.go(name, n, m)
        shop.sound()


def test_the_check_sees_a_wrong_count(shop: Shop) -> None:
    shop.take()
    with shop.writing():
        db.session.get_one(ConversationCount, "answer").n = 7
    with shop.reading():
        assert counting.check() == ["view answer shows 7 conversations, there are 1"]


def test_a_roll_back_counts_nothing(shop: Shop) -> None:
    taken, me = shop.take(), shop.person("support")
    with shop.reading():
        begin_write()
        person = db.session.get_one(Person, me)
        acting.close([db.session.get_one(Conversation, taken.conversation)], by=person)
        db.session.rollback()
        begin_write()
        person.name = "Somebody"
        db.session.commit()
    shop.sound()


def test_the_rail_shows_the_exact_numbers(shop: Shop, agent: Browser) -> None:
    ids = [shop.take().conversation for _ in range(5)]
    shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), *ids[:2])
    shop.act(lambda cs, by: acting.close(cs, by=by), ids[4])
    shop.act(lambda cs, by: acting.escalate(cs, reason="x", role="manager", by=by), ids[3])
    counts = agent.open("/").counts()
    assert (counts["answer"], counts["mine"], counts["unassigned"]) == (4, 2, 2)
    assert (counts["exceptions"], counts["closed"], counts["spam"]) == (1, 1, 0)


@pytest.mark.parametrize("module", ["conversations", "intake", "desk"])
def test_views_are_counted_in_one_place(module: str) -> None:
    """No module but counting writes the counters."""
    for path in (Path(counting.__file__).parents[1] / module).glob("*.py"):
        if path.name not in ("counting.py", "models.py"):
            assert "insert(ConversationCount" not in path.read_text()
