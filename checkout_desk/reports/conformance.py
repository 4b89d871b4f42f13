"""How the procedure was kept: the strip of one order, and the deviations of all orders of a period.

All of it is derived from the desk's own rows and the record of events. An order counts for the day on which it was made, and
its stages follow from its own rows and from which limits have run out (`turns`); `procedure_days` keeps sums by day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from checkout_desk import clock
from checkout_desk.orders.models import Order
from checkout_desk.reports import selling, sending_off
from checkout_desk.reports.facts import Facts, gather
from checkout_desk.reports.period import Period
from checkout_desk.reports.procedure import BY_CODE, FAULTS
from checkout_desk.reports.stages import Because, Context, Stage, ended
from checkout_desk.settings.models import store

Rule = Callable[[Facts, Context], Stage]
RULES: tuple[Rule, ...] = (
    selling.receive, selling.note, selling.check, selling.ask, selling.prepare, selling.send, selling.watch,
    selling.verify, selling.sell, sending_off.pack, sending_off.label, sending_off.hand_over, sending_off.confirm,
    sending_off.tell, sending_off.give_back, sending_off.feedback, sending_off.keep, selling.confirm_details,
    sending_off.confirm_at_once, sending_off.deliver, selling.answer, selling.use_templates,
)  # fmt: skip
"""one a judged step, in the order of `procedure.JUDGED`"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One order with what became of each step."""

    order_id: int
    number: int
    created_at: datetime
    state: str
    stages: tuple[Stage, ...]

    @property
    def clean(self) -> bool:
        """Whether no step departs from the procedure."""
        return not any(one.faults for one in self.stages)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which one order departs from one step."""

    order_id: int
    number: int
    created_at: datetime
    code: str
    fault: str
    words: str
    causes: tuple[Because, ...]


def context(now: datetime | None = None) -> Context:
    """What rules measure by, of this store."""
    settings = store()
    promise = timedelta(hours=settings.promise_hours)
    return Context(now or clock.now(), promise, ZoneInfo(settings.time_zone))


def judge(facts: Facts, by: Context) -> tuple[Stage, ...]:
    """What became of each judged step, in the order of `procedure.JUDGED`. Pure."""
    return tuple(ended(rule(facts, by), facts) for rule in RULES)


def turns(facts: Facts, by: Context) -> Iterator[datetime]:
    """The instants after which a rule may say something else of the same facts; between two of them none does. Pure.

    Every limit that `Context.now` is held against, of A4, A6, A10, A12 to A16, B3 and B4, whether it matters in this order or not.
    """
    order, sold = facts.order, selling.sold_at(facts)
    yield order.created_at + by.allowed(BY_CODE["A4"])
    for at in (order.verified_at, *(one.at for one in facts.verified())):
        if at is not None:
            yield at + by.allowed(BY_CODE["A6"])
    if order.ship_by is not None:
        yield order.ship_by
    if sold is not None:
        yield sold + by.allowed(BY_CODE["A13"])
    for parcel in facts.parcels:
        if parcel.handed_over_at is not None:
            yield parcel.handed_over_at + by.allowed(BY_CODE["A14"])
        if parcel.promised_on is not None:
            told = datetime.combine(parcel.promised_on + timedelta(days=1), time(), by.zone)
            yield told.astimezone(UTC) - timedelta(microseconds=1)
    for back in facts.returns:
        yield back.requested_at + by.allowed(BY_CODE["A15"])
    if order.due_at is not None:
        yield order.due_at + by.allowed(BY_CODE["A16"])
    yield from (one.due_at for one in facts.promises if one.closed_at is None)


def strip(order: Order) -> tuple[Stage, ...]:
    """What became of each judged step in this order. `facts.QUERIES` queries."""
    return judge(gather(Order.id == order.id)[0], context())


def kept_in(period: Period, *, now: datetime | None = None) -> list[Kept]:
    """Every order that was made in the period, by its id. `facts.QUERIES` queries."""
    by = context(now)
    found = gather(Order.created_at >= period.start, Order.created_at < period.end)
    return [
        Kept(one.order.id, one.order.number, one.order.created_at, one.order.state, judge(one, by))
        for one in found
    ]


def deviations(period: Period, *, now: datetime | None = None) -> list[Deviation]:
    """Everything in which orders that were made in the period depart from the procedure, by order and step."""
    return deviating(kept_in(period, now=now))


def deviating(rows: Iterable[Kept]) -> list[Deviation]:
    """The deviations of these orders."""
    return [
        Deviation(row.order_id, row.number, row.created_at, one.step.code, fault, one.words, one.causes)
        for row in rows
        for one in row.stages
        for fault in one.faults
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders a figure counts; '' where it does not ask."""

    step: str = ""
    state: str = ""
    """a state of `Stage`, or 'deviating'"""
    cause: Because = ("", "")

    def fits(self, row: Kept) -> bool:
        """Whether the figure counts this order."""
        return any(self._stage(one) for one in row.stages)

    def _stage(self, one: Stage) -> bool:
        if self.step and one.step.code != self.step:
            return False
        if self.cause[0] and not (one.faults and self.cause in one.causes):
            return False
        if not self.state or self.state == "deviating":
            return bool(one.faults) or not self.state
        return self.state in one.faults if self.state in FAULTS else one.state == self.state
