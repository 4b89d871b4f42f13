"""kill -9 while a parcel leaves: nothing has moved, and the same step again moves everything once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from checkout_desk import clock
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.faults import ship_once
from tests.faults.steps import LEAVING
from tests.once import exit_code
from tests.orders.stage import Stage
from tests.shipping.dock import NUMBER, Dock


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


def run(dock: Dock, faults: Path, parcel_id: int) -> int:
    """The step in a process of its own; its exit code."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR")}
    config = dock.shop.app.config
    told = {
        "DESK_HOME": str(config["DESK_HOME"]),
        "DATABASE_URL": config["DATABASE_URL"],
        "REDIS_URL": "unix:///nonexistent",
        "DESK_SANDBOX": "yes",
        "DESK_FAULTS": str(faults),
    }
    return exit_code(ship_once.main, str(parcel_id), environment={**kept, **told})


@pytest.mark.parametrize("step", LEAVING)
def test_a_parcel_leaves_once_or_not_at_all(dock: Dock, tmp_path: Path, step: str) -> None:
    number = dock.paid(when=clock.now())
    parcel_id = dock.packed(number, when=clock.now(), tracking=NUMBER)
    with dock.shop.app.app_context():
        db.session.remove()
    (tmp_path / step).write_text("kill")
    assert run(dock, tmp_path, parcel_id) == -signal.SIGKILL
    assert (tmp_path / f"{step}.reached").exists()
    assert (dock.parcel(parcel_id).state, dock.stock()) == ("packing", (10, 0, 2))
    assert dock.stage.seen(number).state == "packing"
    assert "shipped" not in [name for name, _ in dock.mails(number)]
    dock.sound()
    assert run(dock, tmp_path, parcel_id) == 0
    assert (dock.parcel(parcel_id).state, dock.stock()) == ("handed_over", (8, 0, 0))
    assert dock.stage.seen(number).state == "shipped"
    assert [name for name, _ in dock.mails(number)].count("shipped") == 1
    dock.sound()
    assert run(dock, tmp_path, parcel_id) == 1, "it has left already"
    assert dock.stock() == (8, 0, 0)
