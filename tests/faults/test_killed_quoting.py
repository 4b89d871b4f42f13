"""kill -9 at each step of a quote: nothing has moved, and the same step again moves everything once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.orders import lines, loading
from tests.builders import Shop
from tests.faults import quote_once
from tests.faults.steps import QUOTING
from tests.once import exit_code
from tests.orders.quoted import Till
from tests.orders.stage import Stage


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(Stage(shop))


def run(till: Till, faults: Path, word: str, number: int) -> int:
    """One step in a process of its own; its exit code."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR")}
    config = till.shop.app.config
    told = {
        "DESK_HOME": str(config["DESK_HOME"]),
        "DATABASE_URL": config["DATABASE_URL"],
        "REDIS_URL": "unix:///nonexistent",
        "DESK_SANDBOX": "yes",
        "DESK_FAULTS": str(faults),
    }
    return exit_code(quote_once.main, word, str(number), environment={**kept, **told})


@pytest.mark.parametrize("step", QUOTING)
def test_a_killed_step_has_moved_nothing_and_is_done_again(till: Till, tmp_path: Path, step: str) -> None:
    word = "pay" if step == "quoting.committed" else "send"
    now = clock.now()
    number, first = till.quoted(when=now)
    if word == "send":
        with till.at(number, now) as (order, by):
            row = next(row for row in loading.lines(order) if row.removed_at is None)
            lines.set_quantity(row, 3, by=by)
        till.verify(number)
    with till.shop.app.app_context():
        db.session.remove()
    (tmp_path / step).write_text("kill")
    assert run(till, tmp_path, word, number) == -signal.SIGKILL
    assert (tmp_path / f"{step}.reached").exists()
    assert (till.quote(first).state, till.stock()) == ("sent", (10, 2, 0))
    assert till.mails(number) == [("quote", False)]
    till.sound()
    assert run(till, tmp_path, word, number) == 0
    if word == "send":
        assert (till.quote(first).state, till.stock()) == ("superseded", (10, 3, 0))
        assert till.mails(number) == [("quote", False)] * 2
    else:
        assert (till.quote(first).state, till.stock()) == ("paid", (10, 0, 2))
        assert till.mails(number) == [("quote", False), ("confirmed", True)]
    till.sound()
