"""The numbers of each day kept ready: made from the record as it grows, and anew on demand.

Every change of what is counted writes an event, so the events since the last look say which conversations, orders, products,
payments and quotes have changed, and these say which days must be counted again. A day is counted anew as a whole from the
rows themselves; nothing is added to what was kept, so a correction of last month (a merge, an undo, an erasure) is as good as
a new mail, and doing it twice harms nothing.

Who reads gets the kept days and counts those anew that events have touched since: the figures are those of this moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.catalogue.models import StockMovement
from checkout_desk.conversations.models import Promise
from checkout_desk.events.models import EventHead
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders.models import Order
from checkout_desk.payments.models import Payment
from checkout_desk.reports import accuracy, goods, mailings, procedure_days, remembered, takings, waits
from checkout_desk.reports.changed import Changed, changed_since
from checkout_desk.reports.dayrows import EPOCH, UNTIL, DayRow, micro
from checkout_desk.reports.models import ReportDay, ReportRoll
from checkout_desk.reports.period import Period
from checkout_desk.reports.remembered import Days, spans
from checkout_desk.settings.models import Store

FORM = 2
BACKLOG = 50_000
"""events since the last look beyond which all is counted anew"""
AT_ONCE = 2
"""days of one transaction of a rebuild"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is counted by day: how, and on which days the things stand that have changed."""

    count: Callable[[Period], list[DayRow]]
    days: Callable[[Changed, ZoneInfo], set[date]]


MEASURES: Mapping[str, Measure] = {
    "waits": Measure(waits.rows, lambda changed, zone: changed.days_of_promises(zone)),
    "closings": Measure(waits.closings, lambda changed, zone: changed.days_of_closings(zone)),
    "reading": Measure(accuracy.rows, lambda changed, zone: changed.days_of_orders(zone)),
    "money": Measure(takings.rows, lambda changed, zone: changed.days_of_money(zone)),
    "sold": Measure(goods.rows, lambda changed, zone: changed.days_of_stock(zone)),
    "mails": Measure(mailings.rows, lambda changed, zone: changed.days_of_mails(zone)),
    "procedure": Measure(procedure_days.rows, lambda changed, zone: changed.days_of_procedure(zone)),
}

_ROLL = select(ReportRoll.seq, ReportRoll.zone, ReportRoll.form)


def read(measure: str, period: Period) -> list[DayRow]:
    """The rows of a measure over a period: kept ones, and those of the days that changed since, counted now.

    One query where nothing changed and this process has read them before. Where the days are not kept (yet), all of it is counted.
    """
    return look((measure, period))[0].rows


def look(*wanted: tuple[str, Period]) -> list[Days]:
    """As `read`, of several at once, as days that have a stamp: all of the periods in one time zone."""
    found = remembered.memory().look(list(wanted), MEASURES, form=FORM)
    if found is not None:
        return found
    return [remembered.counted(name, period, MEASURES[name].count(period)) for name, period in wanted]


def sweep() -> int:
    """Count anew the days that changed since the last look (work of the clock). Returns how many. Commits itself.

    Counted before the lock is taken: what changes meanwhile is in a later event, and counted by the next look.
    """
    zone = db.session.scalar(select(Store.time_zone).where(Store.id == 1))
    roll = db.session.execute(_ROLL).first()
    if zone is None:
        return 0
    changed = (
        changed_since(roll.seq, most=BACKLOG) if roll and (roll.zone, roll.form) == (zone, FORM) else None
    )
    if roll is None or changed is None:
        db.session.rollback()
        return rebuild()
    past = _past()
    if changed.seq == roll.seq and not past:
        return 0
    made = []
    for name, measure in MEASURES.items():
        days = spans(measure.days(changed, ZoneInfo(zone)) | past.get(name, set()), ZoneInfo(zone))
        made += [(name, span, measure.count(span)) for span in days]
    db.session.rollback()
    _lock()
    done = 0
    now = db.session.execute(_ROLL).first()
    if now is not None and now.seq == roll.seq:  # no other clock was faster
        for name, span, rows in made:
            _keep(name, span, rows)
            done += len(span.days)
        _note(changed.seq, zone)
    db.session.commit()
    return done


def _past() -> dict[str, set[date]]:
    """Measure → the kept days whose time is over though nothing happened."""
    found: dict[str, set[date]] = {}
    now = micro(clock.now() - EPOCH)
    kept = select(ReportDay.measure, ReportDay.day, ReportDay.data).where(ReportDay.part == UNTIL)
    for row in db.session.execute(kept):
        if row.data["at"] < now:
            found.setdefault(row.measure, set()).add(row.day)
    return found


def rebuild(progress: Callable[[int], None] | None = None) -> int:
    """Count every day anew, some in a transaction, so that nobody waits long. Returns the days. Commits itself.

    Until it is done nothing counts as kept. What changes meanwhile stands in events after the one from which this began, so
    the next sweep counts those days again.
    """
    _lock()
    seq = db.session.scalar(select(EventHead.seq)) or 0
    zone = ZoneInfo(db.session.get_one(Store, 1).time_zone)
    db.session.execute(delete(ReportRoll))
    db.session.execute(delete(ReportDay))
    first, last = _whole(zone)
    db.session.commit()
    at = first
    while at <= last:
        span = Period(at, min(at + timedelta(days=AT_ONCE - 1), last), zone)
        _lock()
        for name, measure in MEASURES.items():
            _keep(name, span, measure.count(span))
        db.session.commit()
        if progress is not None:
            progress(len(span.days))
        at = span.last + timedelta(days=1)
    _lock()
    _note(seq, str(zone))
    db.session.commit()
    return (last - first).days + 1


def _lock() -> None:
    """Begin a transaction in which nobody else keeps days."""
    begin_write()
    db.session.execute(select(Store.id).where(Store.id == 1).with_for_update())


_OLDEST = (Promise.opened_at, Order.created_at, Payment.received_at, StockMovement.at)


def _whole(zone: ZoneInfo) -> tuple[date, date]:
    """The days from the oldest thing that is counted until today; the others cannot be older."""
    oldest = [
        found for column in _OLDEST if (found := db.session.scalar(select(func.min(column)))) is not None
    ]
    today = clock.now().astimezone(zone).date()
    begin = min((at.astimezone(zone).date() for at in oldest), default=today)
    return min(begin, today), today


def _note(seq: int, zone: str) -> None:
    values = {"seq": seq, "zone": zone, "form": FORM, "built_at": clock.now()}
    put = _INSERT[db.engine.dialect.name](ReportRoll)
    db.session.execute(put.values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values))


_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _keep(name: str, span: Period, rows: Sequence[DayRow]) -> None:
    """Put these rows in the place of what was kept of a measure over a span."""
    db.session.execute(
        delete(ReportDay).where(
            ReportDay.measure == name, ReportDay.day >= span.first, ReportDay.day <= span.last
        )
    )
    if rows:
        put = _INSERT[db.engine.dialect.name](ReportDay)
        again = put.on_conflict_do_update(
            index_elements=["measure", "day", "part"], set_={"data": put.excluded.data}
        )
        db.session.execute(
            again, [{"measure": name, "day": row.day, "part": row.part, "data": row.data} for row in rows]
        )
