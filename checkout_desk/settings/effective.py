"""From which day a rule holds. A rule that has begun is never changed: another one takes over from a later day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store, store


class Dated(Protocol):
    """Something that holds from a day on."""

    @property
    def valid_from(self) -> date: ...


Row = TypeVar("Row", bound=Dated)


def today() -> date:
    """The day that it is now where the store is."""
    return clock.now().astimezone(ZoneInfo(store().time_zone)).date()


def newest(rows: Iterable[Row], *, on: date) -> list[Row]:
    """Those of `rows` that hold on a day: all that begin on the newest day that is not after it."""
    begun = [row for row in rows if row.valid_from <= on]
    latest = max((row.valid_from for row in begun), default=None)
    return [row for row in begun if row.valid_from == latest]


def long_day(day: date) -> str:
    """A day as sentences say it: 1 January 2027."""
    return f"{day.day} {day:%B %Y}"


def one_at_a_time() -> None:
    """Let nobody else change a money rule until the end of this transaction: two would overlap unseen."""
    db.session.execute(select(Store.id).where(Store.id == 1).with_for_update())
