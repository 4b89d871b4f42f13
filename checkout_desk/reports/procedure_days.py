"""How the procedure was kept and how far orders came, by the day on which they were made: what both reports add up.

An order changes when something happens to it, which is on record (`Changed.days_of_procedure`), and by itself when a time limit
runs out. Each day therefore says how long its numbers stand: until the first limit of its orders that has not run out yet. A day
of which no limit is left stands until something happens; whether its orders are over makes no difference.

Words that people type are not kept: of a cancelled order its id stands in the day, and the reason is read when it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.reports import conformance, funnel
from checkout_desk.reports.dayrows import EPOCH, UNTIL, DayRow, Sheet, micro, split
from checkout_desk.reports.facts import Facts, gather
from checkout_desk.reports.funnel import Case, Stop
from checkout_desk.reports.period import Period
from checkout_desk.reports.stages import Because, Stage

ALL, STEP, BY, AT = "all", "step", "by", "at"
AT_ONCE = 5000
"""ids that one query names"""


def rows(period: Period) -> list[DayRow]:
    """Both reports of a period by day. `facts.QUERIES` + 2 queries.

    Parts: 'all' → orders, clean; 'step|A6' → its states, and its faults as 'fault late'; 'by|person|7' → orders, and
    deviations as 'A6 late'; 'at|3' (the furthest station) → 'over|why' and 'on|why', cancelled orders by id; UNTIL.
    """
    by = conformance.context()
    sheet, turns = Sheet(), dict[date, datetime]()
    for one in gather(Order.created_at >= period.start, Order.created_at < period.end):
        day = period.day_of(one.order.created_at)
        _stages(sheet, day, conformance.judge(one, by))
        _stop(sheet, day, funnel.case(one), one)
        left = [turn for turn in conformance.turns(one, by) if turn >= by.now]
        if left:
            turns[day] = min(*left, turns.get(day, left[0]))
    for mail in funnel.mails_in(period):
        _stop(sheet, period.day_of(mail.at), mail)
    for day, turn in turns.items():
        sheet.add(day, UNTIL, at=micro(turn - EPOCH))
    return sheet.rows()


def _stages(sheet: Sheet, day: date, stages: Iterable[Stage]) -> None:
    causes: dict[Because, Counter[str]] = {}
    clean = True
    for one in stages:
        code, clean = one.step.code, clean and not one.faults
        sheet.add(day, f"{STEP}|{code}", **{one.state: 1}, **{f"fault {fault}": 1 for fault in one.faults})
        for cause in one.causes:
            causes.setdefault(cause, Counter()).update(f"{code} {fault}" for fault in one.faults)
    sheet.add(day, ALL, orders=1, clean=int(clean))
    for (kind, key), kinds in causes.items():
        sheet.add(day, f"{BY}|{kind}|{key}", orders=1, **kinds)


def _stop(sheet: Sheet, day: date, one: Case, facts: Facts | None = None) -> None:
    part = f"{AT}|{one.reached}"
    if facts is not None and facts.order.state == "cancelled":
        sheet.add(day, part, cancelled=[one.order_id])
    else:
        sheet.add(day, part, **{f"{'over' if one.over else 'on'}|{one.why}": 1})


@dataclass(slots=True)
class Blamed:
    """What one cause had a part in."""

    orders: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """'A6 late' → deviations"""


@dataclass(slots=True)
class Sums:
    """Days added up."""

    orders: int = 0
    clean: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(step, state) → orders; a deviating step counts once, under its gravest fault"""
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(step, fault) → orders; a step that is late and repeated counts under both"""
    days: dict[date, tuple[int, int]] = field(default_factory=dict)
    """day → its orders, and those without a deviation; days with orders alone"""
    causes: dict[Because, Blamed] = field(default_factory=dict)
    stops: Counter[Stop] = field(default_factory=Counter)
    """without the cancelled orders"""
    cancelled: dict[int, list[int]] = field(default_factory=dict)
    """furthest station → ids"""


def added(found: Iterable[DayRow]) -> Sums:
    """These days as one."""
    sums = Sums()
    for row in found:
        kind, *words = split(row.part)
        if kind == ALL:
            sums.orders, sums.clean = sums.orders + row.data["orders"], sums.clean + row.data["clean"]
            sums.days[row.day] = (row.data["orders"], row.data["clean"])
        elif kind == STEP:
            _step(sums, words[0], row.data)
        elif kind == BY:
            blamed = sums.causes.setdefault((words[0], "|".join(words[1:])), Blamed())
            blamed.orders += row.data["orders"]
            blamed.kinds.update({name: n for name, n in row.data.items() if name != "orders"})
        elif kind == AT:
            _at(sums, int(words[0]), row.data)
    return sums


def _step(sums: Sums, code: str, data: dict[str, Any]) -> None:
    for name, n in data.items():
        word, _, fault = name.partition(" ")
        counts, key = (sums.faults, fault) if fault else (sums.states, word)
        counts[code, key] += n


def _at(sums: Sums, station: int, data: dict[str, Any]) -> None:
    for name, value in data.items():
        if name == "cancelled":
            sums.cancelled.setdefault(station, []).extend(value)
        else:
            how, _, why = name.partition("|")
            sums.stops[station, how == "over", why] += value


def stops(*several: Sums) -> list[Counter[Stop]]:
    """Where orders and mails stand, of each of these, the cancelled ones with their reasons. One query by the thousand."""
    ids = {number for sums in several for some in sums.cancelled.values() for number in some}
    why: dict[int, str] = {}
    wanted = sorted(ids)
    for begin in range(0, len(wanted), AT_ONCE):
        query = select(Order.id, Order.cancel_reason).where(Order.id.in_(wanted[begin : begin + AT_ONCE]))
        why.update({row.id: funnel.cancelled(row.cancel_reason) for row in db.session.execute(query)})
    return [sums.stops + Counter(_reasons(sums, why)) for sums in several]


def _reasons(sums: Sums, why: dict[int, str]) -> Iterator[Stop]:
    return (
        (station, True, why[number])
        for station, some in sums.cancelled.items()
        for number in some
        if number in why
    )
