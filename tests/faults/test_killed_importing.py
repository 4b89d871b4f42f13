"""kill -9 at each commit of a statement's import and of a carrier's news: done again, everything is there once."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from checkout_desk.extensions import db
from checkout_desk.orders.models import Quote
from checkout_desk.payments.models import Payment
from checkout_desk.shipping.models import CarrierEvent
from tests.faults import import_once, ten
from tests.faults.yard import Yard
from tests.once import exit_code

MOST = 20
"""commits of one step; more is a step that never ends"""


def run(yard: Yard, word: str, **told: Any) -> int:
    """The step in a process of its own; its exit code."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR")}
    config = yard.app.config
    environment = {
        "DESK_HOME": str(config["DESK_HOME"]), "DATABASE_URL": config["DATABASE_URL"], "DESK_SANDBOX": "yes",
        "REDIS_URL": "unix:///nonexistent", "DESK_DISK_RESERVE": "0",
    }  # fmt: skip
    with yard.app.app_context():
        db.session.remove()
    return exit_code(import_once.main, word, environment={**kept, **environment}, told=json.dumps(told))


def killed_until_done(yard: Yard, word: str, *, after: bool, **told: Any) -> int:
    """Die at the first commit, then at the second, until the step ends alive. Returns how often it died."""
    for cut in range(1, MOST):
        code = run(yard, word, cut=cut, after=after, **told)
        if code == 0:
            return cut - 1
        assert code == -signal.SIGKILL
        assert yard.broken(at_rest=False) == []
    raise AssertionError("it never ends")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_killed_import_of_a_statement_is_uploaded_again(yard: Yard, after: bool) -> None:
    turn = ten.statement(yard)
    file = ten.bank_file(yard.shop.all(Quote)[-1]).decode()
    assert killed_until_done(yard, "statement", after=after, by=yard.shop.person("manager"), file=file) >= 1
    yard.by_itself()
    assert turn.came() == ten.WHOLE["statement"]
    assert len(yard.shop.all(Payment)) == 2
    assert (yard.waits(), yard.broken()) == ([], [])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_killed_reading_of_a_carriers_news_is_done_again(yard: Yard, after: bool) -> None:
    turn = ten.tracking(yard)
    assert turn.door is not None
    turn.door()
    [event] = yard.shop.all(CarrierEvent)
    assert killed_until_done(yard, "tracking", after=after, event=event.id) >= 1
    yard.by_itself()
    assert turn.came() == ten.WHOLE["tracking"]
    assert (yard.waits(), yard.broken()) == ([], [])
