"""kill -9 while a label is bought or a list of numbers is given: each label is paid once, each parcel leaves once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import buying, carriers, number_importing, number_lists
from checkout_desk.shipping.adapters import Rate
from checkout_desk.shipping.models import Carrier, Label, NumberList
from tests.builders import Shop
from tests.faults import buy_once
from tests.faults.steps import LABEL, NUMBERS
from tests.once import exit_code
from tests.orders.stage import Stage
from tests.parts.easypost import KEY, EasyPost
from tests.shipping.dock import Dock
from tests.shipping.test_number_importing import s10


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def server() -> Iterator[EasyPost]:
    with EasyPost() as found:
        yield found


def run(dock: Dock, faults: Path, *words: str) -> int:
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
    with dock.shop.app.app_context():
        db.session.remove()
    return exit_code(buy_once.main, *words, environment={**kept, **told})


@pytest.mark.parametrize("step", LABEL)
def test_a_label_is_paid_once_or_a_person_decides(
    dock: Dock, server: EasyPost, tmp_path: Path, step: str
) -> None:
    dock.shop.app.config["DESK_PRIVATE_MAIL_HOSTS"] = True
    settings = {"mode": "sandbox", "from_street": "14 Row", "from_city": "Bristol", "from_zip": "BS1"}
    with dock.shop.writing():
        row = db.session.query(Carrier).one()
        carriers.save(
            row, {"name": row.name, "adapter": "easypost"}, settings=settings, secrets_typed={"api_key": KEY}
        )
        row.settings = {**row.settings, "api_base": f"{server.url}/v2"}
    now = clock.now()
    parcel_id = dock.packed(dock.paid(when=now), when=now)
    rate = Rate("USPS", "GroundAdvantage", 512, "USD", 3)
    label_id = dock.step(parcel_id, lambda parcel, by: buying.begin(parcel, rate, by=by)[0].id, when=now)
    (tmp_path / step).write_text("kill")
    assert run(dock, tmp_path, "label", str(label_id)) == -signal.SIGKILL
    assert (tmp_path / f"{step}.reached").exists()
    sold = step == "buying.after_call"
    assert len(server.charged) == int(sold)
    assert run(dock, tmp_path, "label", str(label_id)) == 0, "who comes again asks nobody"
    assert len(server.charged) == int(sold)
    for minutes in (3, 12):
        with dock.shop.app.app_context(), clock.pretending(now + timedelta(minutes=minutes)):
            buying.sweep()
            db.session.remove()
    label = dock.shop.all(Label)[0]
    assert (label.state, bool(label.ref)) == (("made", True) if sold else ("unknown", False))
    assert len(server.charged) == int(sold)
    dock.sound()


@pytest.mark.parametrize("step", NUMBERS)
def test_each_parcel_of_a_list_leaves_once(dock: Dock, tmp_path: Path, step: str) -> None:
    now = clock.now()
    numbers = [dock.paid(when=now) for _ in range(2)]
    for number in numbers:
        dock.packed(number, when=now)
    by_id = dock.shop.person("logistics")
    with dock.shop.writing():
        rows = number_importing.plan(
            number_lists.read("\n".join(f"{n} {s10(i)}" for i, n in enumerate(numbers)))
        )
        by = db.session.get_one(Person, by_id)
        list_id = number_importing.begin(rows, confirmed=(), likely=(), filename="", by=by).id
    (tmp_path / step).write_text("kill")
    assert run(dock, tmp_path, "numbers", str(list_id)) == -signal.SIGKILL
    assert [dock.stage.seen(n).state for n in numbers] == ["shipped", "packing"]
    with dock.shop.writing():
        db.session.get_one(NumberList, list_id).claimed_until = None
    assert run(dock, tmp_path, "numbers", str(list_id)) == 0
    assert [row["kind"] for row in dock.shop.all(NumberList)[0].rows] == ["same", "given"]
    assert [dock.stage.seen(n).state for n in numbers] == ["shipped", "shipped"]
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 2
    dock.sound()
