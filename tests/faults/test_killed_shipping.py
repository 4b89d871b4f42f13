"""kill -9 while a parcel leaves: nothing has moved, and the same step again moves everything once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import update

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.shipping.models import Shipment
from tests.builders import Shop
from tests.faults import ship_once
from tests.faults.steps import LEAVING
from tests.once import exit_code
from tests.orders.stage import Stage
from tests.shipping.dock import NUMBER, Dock
from tests.shipping.test_combining import joined


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


@pytest.mark.parametrize("step", LEAVING)
def test_a_box_of_two_orders_leaves_whole_or_not_at_all(dock: Dock, tmp_path: Path, step: str) -> None:
    numbers = dock.paid(when=clock.now()), dock.paid(when=clock.now())
    lead, rider = joined(dock, *numbers)
    with dock.shop.writing():
        db.session.execute(
            update(Shipment).where(Shipment.id == lead).values(tracking_number=NUMBER, tracking_key=NUMBER)
        )
    with dock.shop.app.app_context():
        db.session.remove()
    (tmp_path / step).write_text("kill")
    assert run(dock, tmp_path, lead) == -signal.SIGKILL
    assert [dock.parcel(one).state for one in (lead, rider)] == ["packing", "packing"]
    assert dock.stock() == (10, 0, 4)
    assert run(dock, tmp_path, lead) == 0
    assert [dock.parcel(one).state for one in (lead, rider)] == ["handed_over", "handed_over"]
    assert dock.stock() == (6, 0, 0)
    for number in numbers:
        assert dock.stage.seen(number).state == "shipped"
        assert [name for name, _ in dock.mails(number)].count("shipped") == 1
    dock.sound()
