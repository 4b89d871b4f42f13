"""A road with parcels on it, and ways past the triggers of the record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from checkout_desk.extensions import begin_write, db
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.shipping.road import Road


@pytest.fixture
def road(shop: Shop) -> Road:
    """A store whose parcels are on their way."""
    return Road(Stage(shop))


@pytest.fixture
def tamper(shop: Shop) -> Callable[[str], None]:
    """Whoever can write to the database: says SQL to it with the triggers off."""

    def do(*statements: str) -> None:
        with shop.reading():
            begin_write()
            sqlite = db.engine.dialect.name == "sqlite"
            off = (
                ("DROP TRIGGER IF EXISTS event_no_update", "DROP TRIGGER IF EXISTS event_no_delete")
                if sqlite
                else ("SET LOCAL session_replication_role = replica",)
            )
            for statement in (*off, *statements):
                db.session.execute(text(statement.replace(":", "\\:")))
            db.session.commit()

    return do
