"""The sections of the metrics page: what each shows, in words, and where each figure leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import url_for

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.desk import report_feedback
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.desk.report_feedback import bar, share
from checkout_desk.desk.report_frame import Asked, Looked, Shown, stamped
from checkout_desk.openhours import Hours
from checkout_desk.reports import behind, figures, replies, resolutions, rollups, scores, waits
from checkout_desk.reports.behind import Behind, Wanted
from checkout_desk.reports.figures import in_hours, lasting, percent
from checkout_desk.reports.period import Period
from checkout_desk.reports.remembered import Days, at, counted
from checkout_desk.reports.replies import Summary
from checkout_desk.reports.tables import Bar, Cell, Section
from checkout_desk.reports.waits import Waits
from checkout_desk.settings import calendars
from checkout_desk.settings.models import store

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BIN_WORDS = ("< 1 h", "1–2", "2–4", "4–8", "8–12", "12–18", "18–24", "24–36", "> 36 h")
SHADES = 4
Lengths = Sequence[Sequence[int]]
"""in runs, each in order"""
HOURS_SHOWN = 3
"""a cell of the heat map is this many hours wide: 24 columns of figures fit no screen"""


FRESH = 7
"""days at the end of a range that change all the time, by late answers; what the others come to is remembered in one piece"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report is made of, of the chosen days and of those that they are compared with."""

    waits: tuple[Days, Days]
    closings: tuple[Days, Days]
    hours: Hours | None
    now: datetime
    answers: tuple[list[scores.Score], list[scores.Score]]
    asked: int
    products: Mapping[tuple[str, str], scores.Mean]
    templates: Mapping[str, scores.Mean]
    roles: Mapping[int, list[str]]
    names: Mapping[int, str]
    promise_hours: int
    low_score: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page counts, of the chosen days and of those before."""

    waits: Waits
    before: Waits
    closed: Lengths
    """how long each took (microseconds)"""
    closed_before: Lengths
    answers: list[scores.Score]
    asked: int
    products: Mapping[tuple[str, str], scores.Mean]
    templates: Mapping[str, scores.Mean]
    roles: Mapping[int, list[str]]
    names: Mapping[int, str]
    clock: str
    zone: str
    promise_hours: int


def clock_of(words: Mapping[str, str]) -> tuple[str, Hours | None]:
    """The clock that an address asks for, and the hours by which it counts."""
    hours = calendars.of_store(store()) if words.get("clock") == "business" else None
    return ("wall", None) if hours is None else ("business", hours)


def look(asked: Asked) -> Looked:
    """The days that are kept ready, and what else the report shows. A fixed number of queries.

    What still runs is not kept, because whether it is broken depends on the time. Its days have new stamps when it begins or ends,
    so that the key needs to say only how much of it is overdue by now.
    """
    _, hours = clock_of(asked.words)
    both, now = (asked.period, asked.against), asked.around.face.now
    days, period, against = _looked(both, hours), *both
    head = days[0].head
    facts = Facts(
        (days[0], days[1]), (days[2], days[3]), hours, now,
        at(head, ("answers", *both), lambda: (scores.answered_in(period), scores.answered_in(against))),
        at(head, ("asked", period), lambda: scores.asked_in(period)),
        at(head, ("products", period), lambda: scores.by_product(period)),
        at(head, ("templates", period), lambda: scores.by_template(period)),
        at(head, "roles", behind.roles),
        {person_id: row.name for person_id, row in asked.around.people.items()}, store().promise_hours, store().low_score,
    )  # fmt: skip
    late = replies.overdue_in(*both, now=now)
    also = (
        late, *map(tuple, facts.answers), facts.asked, tuple(facts.products.items()), tuple(facts.templates.items()),
        tuple((one, *held) for one, held in facts.roles.items()), tuple(facts.names.items()), facts.promise_hours, facts.low_score,
    )  # fmt: skip
    return Looked(stamped(*days, also=also), facts)


def _looked(both: Sequence[Period], hours: Hours | None) -> list[Days]:
    if hours is None:
        return rollups.look(*((name, period) for name in ("waits", "closings") for period in both))
    return [
        *(counted("waits", one, waits.of_replies(replies.over_in(one, hours=hours), one)) for one in both),
        *(counted("closings", one, waits.of_closings(resolutions.closed_in(one, hours=hours), one)) for one in both),
    ]  # fmt: skip


def shown(asked: Asked, facts: Facts) -> Shown:
    """The report."""
    made = report(asked, facts)
    return Shown(summary(made), figures_of(made, asked.period), sections(made, asked.period))


def report(asked: Asked, facts: Facts) -> Report:
    """Everything that the page counts."""
    return Report(
        _waits(facts.waits[0], facts.now), _waits(facts.waits[1], facts.now), _closings(facts.closings[0]), _closings(facts.closings[1]), facts.answers[0], facts.asked,
        facts.products, facts.templates, facts.roles, facts.names, "wall" if facts.hours is None else "business",
        str(asked.period.zone), facts.promise_hours,
    )  # fmt: skip


def _waits(days: Days, now: datetime) -> Waits:
    found = Waits.of(waits.of_replies(replies.running_in(days.period, now=now), days.period))
    for part in days.split(FRESH):
        found += part.made(Waits.of)
    return found


def _closings(days: Days) -> Lengths:
    return [run for part in days.split(FRESH) for run in part.made(waits.took)]


def summary(report: Report) -> str:
    """The line under the title."""
    whole = report.waits.whole()
    n = whole.counts["n"]
    running = n - whole.counts["decided"]
    open_ = f" ({running} still run or needed no answer)" if running else ""
    return f"{n} {'promise' if n == 1 else 'promises'}{open_}"


def figures_of(report: Report, period: Period) -> list[dict[str, str]]:
    """The figures on top, each with the address of what it counts."""
    link = _Links(period, report.clock)
    now, then = report.waits.whole().every(), report.before.whole().every()
    first, first_then = report.waits.whole().firsts(), report.before.whole().firsts()
    (took, took_p90), (took_then, _) = waits.middle(report.closed), waits.middle(report.closed_before)
    points = [one.score for one in report.answers]
    firsts = link(first=True, answered=True)
    asked = f"{len(points)} {'answer' if len(points) == 1 else 'answers'}, {percent(len(points), max(report.asked, len(points)))} of asked"
    return [
        _fig("Promise kept", now.share, f"{now.kept} of {now.decided}, before {then.share}", link(kept=True)),
        _fig("First reply, median", lasting(first.median), f"of {first.replies}, before {lasting(first_then.median)}", firsts),
        _fig("First reply, p90", lasting(first.p90), f"of {first.replies}, before {lasting(first_then.p90)}", firsts),
        _fig("Any reply, median", lasting(now.median), f"of {now.replies}, p90 {lasting(now.p90)}, before {lasting(then.median)}", link(answered=True)),
        _fig("Resolution, median", lasting(took), f"of {sum(map(len, report.closed))}, p90 {lasting(took_p90)}, before {lasting(took_then)}", link.closings),
        _fig("Feedback", f"{sum(points) / len(points):.1f} of 5" if points else figures.NONE, asked, link.answers()),
    ]  # fmt: skip


def _fig(name: str, value: str, note: str, url: str) -> dict[str, str]:
    return {"name": name, "value": value, "note": note, "url": url}


def sections(report: Report, period: Period) -> list[Section]:
    """All of the page, in its order."""
    link = _Links(period, report.clock)
    return [
        _waiting(report, link),
        _days(report, period, link),
        _people(report, link),
        _roles(report, link),
        _hours(report, period, link),
        *report_feedback.sections(report, link.answers),
    ]


class _Links:
    """Where figures of this report lead."""

    def __init__(self, period: Period, clock: str) -> None:
        kept = keep(period, clock)
        self.base = url_for("reports.replies", **kept)
        self.scores = url_for("reports.answers", **kept)
        self.closings = url_for("reports.resolutions", **kept)

    def __call__(self, **facts: Any) -> str:
        words = Wanted(**facts).words
        return self.base + "".join(f"&{name}={value}" for name, value in words.items())

    def answers(self, **facts: Any) -> str:
        """The answers of customers that a figure counts."""
        return self.scores + "".join(f"&{name}={quote(str(value))}" for name, value in facts.items())


def keep(period: Period, clock: str) -> dict[str, Any]:
    """What an address says of the period and the clock."""
    found = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return found | ({"clock": clock} if clock != "wall" else {})


def _clock(report: Report) -> str:
    return "Wall clock" if report.clock == "wall" else "Open hours of the store’s calendar"


def _waiting(report: Report, link: _Links) -> Section:
    counts = report.waits.bins()
    late = [n == len(replies.BINS) or replies.BINS[n] > report.promise_hours for n in range(len(counts))]
    row = [
        Cell("Replies"),
        *(Cell(str(n), link(bin=at) if n else "") for at, n in enumerate(counts)),
        Cell(str(sum(counts)), link(answered=True)),
    ]
    return Section(
        "waiting", "How long customers waited",
        "From the customer’s mail to the first mail that a person sent to that customer and a server accepted. "
        f"Automatic mails, notes and failed sends do not count. {_clock(report)}, time zone {report.zone}.",
        ("Waited", *BIN_WORDS, "All"), [row] if sum(counts) else [],
        bars=[Bar(BIN_WORDS[at], n, str(n), bad=late[at]) for at, n in enumerate(counts)] if sum(counts) else (),
        chart=f"{sum(counts)} replies by waiting time, {sum(n for at, n in enumerate(counts) if late[at])} of them after {report.promise_hours} hours.",
        meta=f"red: after {report.promise_hours} h", empty="Nobody was answered in these days.",
    )  # fmt: skip


def _days(report: Report, period: Period, link: _Links) -> Section:
    found = report.waits.first
    days = [day for day in period.days if day in found and found[day].median is not None]
    rows = [
        [Cell(f"{day:%a} {day.day} {day:%b}", value=day),
         Cell(str(found[day].replies), link(day=day, first=True, answered=True)),
         Cell(in_hours(found[day].median)), Cell(in_hours(found[day].p90)), share(found[day].kept, found[day].decided)]
        for day in days
    ]  # fmt: skip
    return Section(
        "days", "Median first reply, per day",
        "The middle value of first replies whose promise opened that day; p90 is what nine of ten did not exceed. Days without "
        f"a first reply are left out. {_clock(report)}.",
        ("Day", "First replies", "Median, hours", "p90, hours", "Promise kept"), rows,
        bars=[Bar(str(day.day), _hours_of(found[day].median), in_hours(found[day].median)) for day in days],
        chart=f"Median first reply on {len(days)} days, in hours.", meta="hours",
        empty="No first reply in these days.",
    )  # fmt: skip


def _hours_of(value: timedelta | None) -> float:
    return value.total_seconds() / 3600 if value is not None else 0.0


def _people(report: Report, link: _Links) -> Section:
    found = report.waits.people()
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].replies, report.names.get(pair[0], "")))
    rows = [
        _who(report.names.get(person_id, "Somebody"), part, link(person=person_id))
        for person_id, part in ranked
    ]
    every, nobody = report.waits.whole().every(), report.waits.unanswered()
    if rows and nobody.decided:
        rows.append(_who("Nobody has answered", nobody, ""))
    return Section(
        "people", "By person",
        "A reply counts for who wrote it, so a person’s share is of the promises that they answered. A promise that broke and that "
        "nobody has answered is in no person’s share; it stands in a line of its own, and in the share of all.",
        ("Person", "Replies", "Median", "p90", "Within the promise", "Share"), rows, foot=_foot(every) if rows else (),
        empty="Nobody answered in these days.",
    )  # fmt: skip


def _roles(report: Report, link: _Links) -> Section:
    found = report.waits.roles(report.roles)
    rows = [_who(ROLES[role], found[role], link(role=role)) for role in ROLES if role in found]
    return Section(
        "roles", "By role",
        "A reply counts for every role that its writer holds, so the lines may come to more than there are replies.",
        ("Role", "Replies", "Median", "p90", "Within the promise", "Share"), rows,
        empty="Nobody answered in these days.",
    )  # fmt: skip


def _who(name: str, part: Summary, url: str) -> list[Cell]:
    return [
        Cell(name), Cell(str(part.replies), url), _time(part.median), _time(part.p90),
        Cell("", bar=bar(part.kept, part.decided)), share(part.kept, part.decided),
    ]  # fmt: skip


def _foot(part: Summary) -> list[Cell]:
    return [
        Cell("All"), Cell(str(part.replies)), _time(part.median), _time(part.p90), Cell(""),
        share(part.kept, part.decided),
    ]  # fmt: skip


def _time(value: timedelta | None) -> Cell:
    return Cell(lasting(value), value=value)


def _hours(report: Report, period: Period, link: _Links) -> Section:
    counts = report.waits.hours
    most = max(counts.values(), default=0)
    parts = range(24 // HOURS_SHOWN)
    rows = [
        [Cell(day), *(_heat(counts.get((at, part), 0), most, link(weekday=at, part=part)) for part in parts)]
        for at, day in enumerate(DAYS)
    ]
    return Section(
        "hours", "When customers write",
        f"Customers’ messages by weekday and time of their arrival, store’s time ({report.zone}). Darker is more.",
        ("Day", *(f"{part * HOURS_SHOWN:02d}–{(part + 1) * HOURS_SHOWN:02d}" for part in parts)), rows if counts else [],
        heat=True, empty="No customer wrote in these days.",
    )  # fmt: skip


def _heat(n: int, most: int, url: str) -> Cell:
    return Cell(str(n) if n else "", url if n else "", shade=-(-n * SHADES // most) if n else 0, value=n)


def message(row: Behind, around: Frame) -> dict[str, Any]:
    """One message behind a figure."""
    reply = row.reply
    kept = {True: "kept", False: "broken"}.get(reply.kept) if reply.kept is not None else "open"
    return {
        "who": row.who, "subject": row.subject or "(no subject)", "when": around.face.short(row.at),
        "waited": lasting(reply.waited) if reply.waited is not None else "no answer",
        "person": around.name(reply.person_id) if reply.person_id else "", "kept": kept,
        "tone": {"broken": "bad", "kept": "good"}.get(kept or "", ""),
        "url": f"{path('workspace.show', conversation_id=reply.conversation_id)}#m{reply.message_id}",
    }  # fmt: skip


def wanted_words(wanted: Wanted, around: Frame) -> str:
    """What a list of messages was asked for."""
    return ", ".join(_wanted(wanted, around)) or "all promises"


def _wanted(wanted: Wanted, around: Frame) -> Iterable[str]:
    if wanted.person is not None:
        yield f"answered by {around.name(wanted.person)}"
    if wanted.bin is not None:
        yield f"waited {BIN_WORDS[wanted.bin]}"
    if wanted.day is not None:
        yield f"of {wanted.day:%A} {wanted.day.day} {wanted.day:%B}"
    if wanted.weekday is not None:
        yield f"of a {DAYS[wanted.weekday]}"
    if wanted.role:
        yield f"answered by {ROLES[wanted.role]}"
    if wanted.part is not None:
        yield f"that came from {wanted.part * HOURS_SHOWN:02d}:00 to {(wanted.part + 1) * HOURS_SHOWN:02d}:00"
    if wanted.answered:
        yield "answered"
    if wanted.hour is not None:
        yield f"that came from {wanted.hour:02d}:00 on"
    if wanted.kept is not None:
        yield "in time" if wanted.kept else "too late"
    if wanted.first:
        yield "first of their conversation"
