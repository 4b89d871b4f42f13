"""Every report of the desk: what it is called, where it stands, and how it is made; for the screen, a CSV and a mail alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from checkout_desk.desk import (
    procedure_sections,
    report_money,
    report_reading,
    report_sections,
    report_templates,
)
from checkout_desk.desk.report_frame import Asked, Looked, Shown, stamped
from checkout_desk.reports import procedure_days, rollups
from checkout_desk.reports.procedure_days import Sums


@dataclass(frozen=True, slots=True)
class Kind:
    """One report."""

    title: str
    short: str
    """in the navigation"""
    endpoint: str
    load: Callable[[Asked, Any], Shown]
    """of what was asked for, and the facts of `look`"""
    look: Callable[[Asked], Looked]
    behind: Callable[..., Any] | None = None

    def shown(self, asked: Asked) -> Shown:
        """The report as of this moment."""
        return self.load(asked, self.look(asked).facts)


def _days(asked: Asked) -> Looked:
    """The days of both reports on the procedure. Their pages show names, and what one may change: they stay until the next event,
    for one person."""
    days = rollups.look(("procedure", asked.period), ("procedure", asked.against))
    key = stamped(*days, also=(days[0].head, asked.around.person.id))
    return Looked(key, [one.made(procedure_days.added) for one in days])


def _procedure(asked: Asked, facts: Sequence[Sums]) -> Shown:
    now, then = facts
    sections = procedure_sections.sections(now, then, asked.period, asked.around)
    summary = f"{now.orders} {'order' if now.orders == 1 else 'orders'} made in these days"
    return Shown(summary, procedure_sections.figures(now, then), sections)


def _funnel(asked: Asked, facts: Sequence[Sums]) -> Shown:
    now, then = procedure_days.stops(*facts)
    return Shown(
        f"{now.total()} mails and orders of these days",
        [],
        procedure_sections.funnel(now, then, asked.period),
    )


KINDS: dict[str, Kind] = {
    "replies": Kind("Reply times and feedback", "Replies", "reports.show", report_sections.shown, report_sections.look),
    "procedure": Kind("Procedure", "Procedure", "procedure_report.show", _procedure, _days),
    "funnel": Kind("Order funnel", "Funnel", "procedure_report.funnel_page", _funnel, _days),
    "reading": Kind("Reading accuracy", "Reading", "more_reports.show", report_reading.load, report_reading.look, report_reading.behind),
    "money": Kind("Stock and money", "Money", "more_reports.show", report_money.load, report_money.look, report_money.behind),
    "templates": Kind("Templates", "Templates", "more_reports.show", report_templates.load, report_templates.look, report_templates.behind),
}  # fmt: skip
"""key -> report"""
OWN = [key for key, kind in KINDS.items() if kind.endpoint == "more_reports.show"]
"""those whose page is made by `more_reports`"""
