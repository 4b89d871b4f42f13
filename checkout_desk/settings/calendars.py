"""Calendars of the store as hours in which promises and reports count."""

from __future__ import annotations

from datetime import date

from checkout_desk import openhours, publicdays
from checkout_desk.extensions import db
from checkout_desk.openhours import Hours
from checkout_desk.settings.models import Calendar, Store


def hours_of(calendar: Calendar) -> Hours:
    """The open hours of a calendar, without its closures and the public holidays of its country."""
    closures = frozenset(calendar.closures)
    country = calendar.country

    def closed(day: date) -> bool:
        return day.isoformat() in closures or day in publicdays.public_holidays(country, day.year)

    week = [
        [(openhours.minutes(low), openhours.minutes(high)) for low, high in day] for day in calendar.hours
    ]
    return Hours(calendar.time_zone, week, closed)


def of_store(store: Store) -> Hours | None:
    """The hours in which the store's promises run; None for wall time."""
    calendar = db.session.get(Calendar, store.calendar_id) if store.calendar_id else None
    return hours_of(calendar) if calendar else None
