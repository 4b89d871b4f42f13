"""Instants in statements mean the same on both engines, whether a column gives them their type or nothing does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, literal, select, tuple_

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from tests.builders import Shop


def test_an_instant_without_a_column_is_compared_as_an_instant(shop: Shop) -> None:
    shop.person("support")
    with shop.app.app_context():
        first = db.session.scalars(select(func.min(Person.created_at))).one()
        early, late = literal(first - timedelta(seconds=1)), literal(first + timedelta(days=1))
        assert (
            db.session.scalar(select(func.count()).select_from(Person).where(late < Person.created_at)) == 0
        )
        both = db.session.scalar(select(func.count()).select_from(Person).where(early < Person.created_at))
        assert both == db.session.scalar(select(func.count()).select_from(Person))
        behind = tuple_(Person.created_at, Person.id) > tuple_(literal(first), literal(0))
        assert db.session.scalar(select(func.count()).select_from(Person).where(behind)) == both
        now = clock.now()
        assert db.session.scalar(select(literal(now))) == now
        db.session.rollback()
