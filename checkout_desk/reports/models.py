"""Tables of reports: the numbers of each day kept ready, and the reports that people keep."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model

SCHEDULES = ("", "week", "month")


class ReportDay(Model):
    """The numbers of one measure, one day of the store and one part, as the rows of that day gave them."""

    __tablename__ = "report_day"

    measure: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    part: Mapped[str] = mapped_column(String(120), primary_key=True)
    data: Mapped[dict[str, Any]]
    """integers that add up, and lists of integers in order"""


class ReportRoll(Model):
    """How far the days are kept: one row."""

    __tablename__ = "report_roll"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    """every event up to this one is in the days"""
    zone: Mapped[str] = mapped_column(String(64))
    """whose days they are; another time zone makes all of them anew"""
    form: Mapped[int]
    """of the numbers: a later version of the desk may count otherwise"""
    built_at: Mapped[datetime]


class SavedReport(Model):
    """A report with its filters, kept under a name, shown to roles, and mailed to people by the clock."""

    __tablename__ = "saved_report"
    __table_args__ = (
        CheckConstraint(f"schedule IN {SCHEDULES}", name="schedule"),
        Index("ix_saved_report_owner", "owner_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    """which report: 'replies', 'money', …"""
    days: Mapped[str] = mapped_column(String(24))
    """'30' for the last thirty days, 'week' or 'month' for the last whole one, or '2026-11-01/2026-11-30'"""
    words: Mapped[dict[str, Any]]
    """further words of its address: the clock, the range that it is compared with"""
    owner_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    roles: Mapped[list[Any]]
    """who sees it besides its owner"""
    schedule: Mapped[str] = mapped_column(String(5), default="")
    people: Mapped[list[Any]]
    """ids of the people whom it is mailed to"""
    mailed_for: Mapped[date | None] = mapped_column(Date)
    """the first day of the week or month in which it was mailed last"""
    created_at: Mapped[datetime]
