"""Planted errors of every kind are found exactly: none missed, none invented; late, twice, on two machines the same rows."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from checkout_desk.extensions import db
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentCursor
from tests.builders import Shop
from tests.incidents.planting import Plants


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
