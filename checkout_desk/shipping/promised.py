"""The day on which a parcel should arrive: its service's days, and the days on which both ends rest."""

from __future__ import annotations

from datetime import date

from checkout_desk import worktime
from checkout_desk.orders import leaving
from checkout_desk.shipping.models import Carrier


def arrives(
    left: date, *, days_min: int, days_max: int, home: str, country: str, carrier: Carrier | None = None
) -> tuple[date, date]:
    """The earliest and the latest day for a parcel that was handed over on `left`.

    `home` and `country` (ISO 3166) are where it leaves and where it goes. A parcel that is handed over on a day of rest
    leaves on the next working day; a day on the way counts when neither end rests; the day of arrival is a working day
    of the destination.
    """
    home_rests, there_rests = leaving.rest_of(home), leaving.rest_of(country)
    own = frozenset(carrier.holidays) if carrier else frozenset()

    def collected(day: date) -> bool:
        return home_rests(day) or day.isoformat() in own

    def moving(day: date) -> bool:
        return collected(day) or there_rests(day)

    start = worktime.open_day(left, collected)
    first, last = (worktime.open_days_later(start, days, moving) for days in (days_min, days_max))
    return worktime.open_day(first, there_rests), worktime.open_day(last, there_rests)
