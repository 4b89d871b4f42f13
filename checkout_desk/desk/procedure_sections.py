"""The report on how the procedure is kept, and the funnel: what each section shows, and where each figure leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import KEYS
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.reports.figures import percent
from checkout_desk.reports.funnel import Stop, stations
from checkout_desk.reports.period import Period
from checkout_desk.reports.procedure import CAUSES, FAULTS, JUDGED
from checkout_desk.reports.procedure_days import Blamed, Sums
from checkout_desk.reports.stages import DONE, NEEDLESS, OPEN, Because
from checkout_desk.reports.tables import Bar, Cell, Section
from checkout_desk.shipping.models import Carrier

LISTED = 20
"""causes and reasons that a table names"""


@dataclass(frozen=True, slots=True)
class Link:
    """Where figures of a report lead: a page with the report's days."""

    endpoint: str
    period: Period

    def __call__(self, **words: Any) -> str:
        return url_for(self.endpoint, **days(self.period), **words)


def days(period: Period) -> dict[str, Any]:
    """What an address says of the period."""
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def figures(now: Sums, then: Sums) -> list[dict[str, str]]:
    """The figures above the sections, with those of the days before."""
    shown = [
        (
            "Kept in full",
            percent(now.clean, now.orders),
            f"{now.clean} of {now.orders} orders, before {percent(then.clean, then.orders)}",
        )
    ]
    for fault in FAULTS:
        n, was = (sum(sums.faults[step.code, fault] for step in JUDGED) for sums in (now, then))
        shown.append((fault.capitalize(), str(n), f"{'step' if n == 1 else 'steps'}, before {was}"))
    return [{"name": name, "value": value, "note": note} for name, value, note in shown]


def sections(now: Sums, then: Sums, period: Period, around: Frame) -> list[Section]:
    """The report, in its order."""
    link = Link("procedure_report.orders", period)
    return [_steps(now, then, link), _days(now, period), *_causes(now.causes, then.causes, link, around)]


def _steps(now: Sums, then: Sums, link: Link) -> Section:
    states, faults, before = now.states, now.faults, then.faults
    rows = []
    for step in JUDGED:
        n = {state: states[step.code, state] for state in (DONE, NEEDLESS, OPEN)}
        wrong = sum(states[step.code, fault] for fault in FAULTS)
        was = sum(before[step.code, fault] for fault in FAULTS)
        rows.append([
            Cell(f"{step.code} {step.name}", url_for("playbook.how", kind="step", key=step.code)),
            _count(n[DONE], link, step=step.code, state=DONE),
            *(_count(faults[step.code, fault], link, step=step.code, state=fault) for fault in FAULTS),
            _count(n[NEEDLESS], link, step=step.code, state=NEEDLESS), _count(n[OPEN], link, step=step.code, state=OPEN),
            Cell("", bar=round(100 * n[DONE] / (n[DONE] + wrong), 1) if n[DONE] + wrong else 0.0),
            Cell(percent(n[DONE], n[DONE] + wrong)), Cell(f"{was}"),
        ])  # fmt: skip
    bars = [
        Bar(step.code, wrong, str(wrong), bad=True)
        for step in JUDGED
        if (wrong := sum(states[step.code, fault] for fault in FAULTS))
    ]
    return Section(
        "steps", "Step by step",
        "An order counts for the day on which it was made. A step is late against the store’s promise, the carrier’s cut-off, the day "
        "that the customer was told, or the hours that the step names; repeated when it had to be done again; skipped when the next "
        "one went on without it. The share leaves out what was not needed and what is not due yet. Everything follows from the desk’s "
        "own rows and the record of events.",
        ("Step", "Done", "Skipped", "Late", "Repeated", "Not needed", "Not yet", "As it should be", "Share", "Before"),
        rows if now.orders else [], bars=bars, chart=f"Orders that depart from a step, by step: {sum(bar.value for bar in bars):g} in all.",
        meta=f"{now.orders} {'order' if now.orders == 1 else 'orders'}", wide=True, empty="No order was made in these days.",
    )  # fmt: skip


def _count(n: int, link: Link, **words: str) -> Cell:
    return Cell(str(n), link(**words) if n else "")


def _days(now: Sums, period: Period) -> Section:
    rows = [
        [
            Cell(f"{day:%a} {day.day} {day:%b}"), Cell(str(n)),
            _count(n - clean, Link("procedure_report.orders", Period(day, day, period.zone)), state="deviating"),
            Cell(percent(clean, n)),
        ]
        for day, (n, clean) in now.days.items()
    ]  # fmt: skip
    bars = [
        Bar(str(day.day), round(100 * (n - clean) / n, 1), f"{100 * (n - clean) / n:.0f} %")
        for day, (n, clean) in now.days.items()
    ]
    return Section(
        "days", "Orders with a deviation, per day",
        "Of the orders that were made that day, how many depart from at least one step. Days without an order are left out.",
        ("Day", "Orders", "With a deviation", "Kept in full"), rows, bars=bars,
        chart=f"Share of orders with a deviation on {len(now.days)} days, in per cent.", meta="per cent of the day’s orders",
        empty="No order was made in these days.", wide=True,
    )  # fmt: skip


def _causes(
    now: Mapping[Because, Blamed], then: Mapping[Because, Blamed], link: Link, around: Frame
) -> list[Section]:
    """One table a kind of cause: where deviations come together, and where that can be mended."""
    names = _names(now, around)
    shown = []
    for kind, title in CAUSES.items():
        ranked = sorted(
            (cause for cause in now if cause[0] == kind),
            key=lambda one: (-now[one].kinds.total(), names.get(one, one[1])),
        )
        rows = [
            [
                Cell(names.get(cause, cause[1])), _count(now[cause].kinds.total(), link, cause=":".join(cause), state="deviating"),
                Cell(str(now[cause].orders)), Cell(_mostly(now[cause])),
                Cell(str(then[cause].kinds.total() if cause in then else 0)), _mend(cause, around), _page(now[cause]),
            ]
            for cause in ranked[:LISTED]
        ]  # fmt: skip
        shown.append(Section(
            f"by-{kind}", f"By {title.lower()}",
            "A deviation counts for everything that had a part in it, so the lines may come to more than there are deviations.",
            (title, "Deviations", "Orders", "Mostly", "Before", "Mend it", "Playbook"), rows,
            empty=f"No deviation of these days points to a {title.lower()}.", wide=True,
        ))  # fmt: skip
    return shown


def _mostly(found: Blamed) -> str:
    """'A6 late (3)': the commonest of them."""
    key = min(found.kinds, key=lambda one: (-found.kinds[one], one))
    return f"{key} ({found.kinds[key]})"


def _mend(cause: Because, around: Frame) -> Cell:
    """Where this cause can be changed; words alone for who may not."""
    kind, key = cause
    may = around.person.may
    template, _, language = key.partition(":")
    places: Mapping[str, tuple[str, str, Callable[[], str]]] = {
        "template": (
            "templates.read",
            "Template",
            lambda: url_for("studio.show", key=template, language=language or "en"),
        ),
        "product": ("catalogue.read", "Product", lambda: path("catalogue.show", product_id=int(key))),
        "person": ("people.read", "Roles", lambda: path("people.person", person_id=int(key))),
        "carrier": ("settings.write", "Carrier", lambda: path("carriers.carrier", carrier_id=int(key))),
        "mailbox": ("mailboxes.read", "Mailboxes", lambda: path("mailboxes.show")),
    }
    permission, words, url = places[kind]
    return Cell(words, url()) if may(permission) else Cell("")


def _page(found: Blamed) -> Cell:
    """The playbook's page of the step that is most often departed from."""
    code = _mostly(found).partition(" ")[0]
    return Cell(f"How {code} is done", url_for("playbook.how", kind="step", key=code))


def _names(causes: Iterable[Because], around: Frame) -> dict[Because, str]:
    """What causes are called. Three queries at most."""
    ids: dict[str, set[int]] = {}
    found: dict[Because, str] = {}
    for kind, key in causes:
        if kind == "template":
            found[kind, key] = template(key)
        elif kind == "person":
            found[kind, key] = around.name(int(key))
        else:
            ids.setdefault(kind, set()).add(int(key))
    of: dict[str, tuple[Any, Any]] = {
        "product": (Product.id, Product.name), "carrier": (Carrier.id, Carrier.name), "mailbox": (Mailbox.id, Mailbox.address),
    }  # fmt: skip
    for kind, wanted in ids.items():
        column, named = of[kind]
        for row in db.session.execute(select(column, named).where(column.in_(wanted))):
            found[kind, str(row[0])] = row[1]
    return found


def template(reference: str) -> str:
    """'order_confirmed:en' as people call it: 'Order confirmed, English'."""
    key, _, language = reference.partition(":")
    name = LANGUAGES[language].name if language in LANGUAGES else language
    return f"{KEYS.get(key, key)}, {name}"


def funnel(now: Mapping[Stop, int], then: Mapping[Stop, int], period: Period) -> list[Section]:
    """The funnel and the reasons for which orders went no further."""
    link = Link("procedure_report.cases", period)
    rows, before = stations(now), stations(then)
    first = rows[0].reached
    table = [
        [
            Cell(row.name), _count(row.reached, link, station=str(n)), Cell("", bar=round(100 * row.reached / first, 1)),
            Cell(percent(row.reached, first)), Cell(percent(row.reached, rows[n - 1].reached) if n else ""),
            _count(row.out.total(), link, station=str(n), over="yes"), _count(row.waiting.total(), link, station=str(n), over="no"),
            Cell(percent(before[n].reached, before[0].reached)),
        ]
        for n, row in enumerate(rows)
    ] if first else []  # fmt: skip
    whole = Section(
        "funnel", "From the mail to the customer’s word",
        "An order counts for the day on which it was made, a mail that ordered and became none for the day on which it came. What "
        "reached a station reached the next one, dropped out there, or is still on its way: the three add up.",
        ("Station", "Reached", "Of all", "Share", "Of the one before", "Dropped out", "On its way", "Share before"), table,
        bars=[Bar(row.name, row.reached, str(row.reached)) for row in rows] if first else (),
        chart=f"{first} mails and orders; {rows[-2].reached} were delivered.", wide=True, empty="Nothing was ordered in these days.",
    )  # fmt: skip
    return [whole, _reasons("out", "Why orders went no further", rows, before, link),
            _reasons("waiting", "What the others wait for", rows, before, link)]  # fmt: skip


def _reasons(key: str, title: str, rows: Sequence[Any], before: Sequence[Any], link: Link) -> Section:
    over = "yes" if key == "out" else "no"
    every = [
        (n, row.name, why, count) for n, row in enumerate(rows) for why, count in getattr(row, key).items()
    ]
    every.sort(key=lambda one: (-one[3], one[0], one[2]))
    listed = [
        [
            Cell(why or "no reason"), Cell(name), _count(count, link, station=str(n), over=over, why=why),
            Cell(str(getattr(before[n], key)[why])),
        ]
        for n, name, why, count in every[:LISTED]
    ]  # fmt: skip
    how = (
        "The reason that was given, or what ended the order."
        if key == "out"
        else "The next thing that has to happen."
    )
    return Section(
        key,
        title,
        how,
        ("Reason", "After", "Orders", "Before"),
        listed,
        empty="None in these days.",
        wide=True,
    )
