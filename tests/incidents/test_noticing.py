"""Planted errors of every kind are found exactly: none missed, none invented; late, twice, on two machines the same rows."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import event, update

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.incidents import noticing
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentCursor
from tests.builders import Shop
from tests.incidents.planting import Plants
from tests.page import Browser


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_planted_is_found_and_nothing_else(shop: Shop, seed: int) -> None:
    plants = Plants(shop, seed)
    plants.go(12)
    plants.sweep()
    assert plants.found() == plants.expected
    before = _rows(shop)
    plants.sweep()
    assert _rows(shop) == before
    with shop.writing():  # a cursor that was lost: everything is read once more
        db.session.execute(update(IncidentCursor).values(at=0))
    plants.sweep()
    assert plants.found() == plants.expected
    assert [row[:4] for row in _rows(shop)] == [row[:4] for row in before]
    shop.sound()


def _rows(shop: Shop) -> list[tuple[object, ...]]:
    causes = {one.id: one for one in shop.all(Incident)}
    for one in causes.values():
        mine = shop.all(IncidentCase, IncidentCase.incident_id == one.id)
        assert one.cases == len(mine) and one.unsettled == sum(case.settled_at is None for case in mine)
        assert one.state == ("open" if one.unsettled else "settled")
    return [
        (causes[case.incident_id].kind, causes[case.incident_id].cause, case.source, case.at, case.settled_at)
        for case in shop.all(IncidentCase)
    ]


def test_two_machines_at_once_leave_the_same_rows(shop: Shop) -> None:
    plants = Plants(shop, 7)
    plants.go(0, sweeps=False)
    gate = Barrier(3)

    def machine() -> None:
        gate.wait()
        for _ in range(3):
            with shop.app.app_context():
                noticing.sweep()

    threads = [Thread(target=machine) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    plants.sweep()
    assert plants.found() == plants.expected
    _rows(shop)
    shop.sound()


def test_trouble_of_which_no_event_tells_is_found_all_the_same(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    message = shop.answered(taken.conversation)
    with shop.writing():
        trouble = "Not delivered to jane@customer.example (5.1.1): no such user"
        db.session.get_one(Message, message.id).trouble = trouble
    assert "Just now" in agent.open("/errors")
    for _ in range(2):
        with shop.reading():
            noticing.sweep()
    (found,) = shop.all(Incident)
    assert (found.kind, found.cause, found.cases, found.state) == ("bounced", "5.1.1", 1, "open")
    assert "Just now" not in agent.open("/errors")


def test_a_sweep_with_nothing_to_do_writes_nothing(shop: Shop) -> None:
    shop.answered(shop.take().conversation)
    with shop.reading():
        noticing.sweep()
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        noticing.sweep()
    assert not [one for one in asked if not one.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(asked) < 20, asked
