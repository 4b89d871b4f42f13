"""Saved reports by mail: once a week or month, by the clock, through the outbox, with every table as a CSV file.

The figures are made first, without the write lock; then the row is locked, and only who still finds it not mailed for this week
or month queues the mails and notes it, in one transaction. The mail's occasion is unique for ever besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import allowed
from checkout_desk.accounts.sessions import Identity
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.report_frame import Asked, Shown
from checkout_desk.desk.report_kinds import KINDS
from checkout_desk.desk.report_saved import address
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address, Part
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox
from checkout_desk.reports import saved, tables
from checkout_desk.reports.models import SavedReport
from checkout_desk.reports.period import Period
from checkout_desk.settings.models import Store

STAYS = {("replies", "said"), ("funnel", "out"), ("funnel", "waiting")}
"""tables that are not mailed: words that somebody wrote freely do not leave the desk, where they could not be erased"""


def sweep() -> int:
    """Queue the mails of the reports that are due (work of the clock). Returns how many mails. Commits itself."""
    store = db.session.get(Store, 1)
    if store is None:
        return 0
    here = clock.now().astimezone(ZoneInfo(store.time_zone))
    ids = saved.due(here.date()) if here.hour >= store.digest_hour else []
    db.session.rollback()
    with acting_as("desk", "clock"):
        return sum(_one(report_id, here) for report_id in ids)


def _one(report_id: int, here: datetime) -> int:
    """The mails of one report, unless another clock was faster; 0 where nobody may read it any more."""
    row = db.session.get(SavedReport, report_id)
    readers = {one.id: one for one in saved.readers()}
    mailbox = db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    if row is None or mailbox is None or row.kind not in KINDS:
        db.session.rollback()
        return 0
    people = [readers[one] for one in row.people if one in readers]
    owner = db.session.get_one(Person, row.owner_id)
    made = (
        _made(row, owner, here)
        if people and allowed(owner.roles, saved.PERMISSION) and not owner.disabled_at
        else None
    )
    begun = saved.begin(row.schedule, here.date())
    box_id = mailbox.id
    mails = [_mail(mailbox, one, row, *made) for one in people] if made is not None else []
    db.session.rollback()
    begin_write()
    row = db.session.get(SavedReport, report_id, with_for_update=True, populate_existing=True)
    if row is None or row.schedule == "" or (row.mailed_for is not None and row.mailed_for >= begun):
        db.session.rollback()
        return 0
    row.mailed_for = begun
    for person_id, email, message_id, data in mails:
        outbox.queue_mail(
            occasion=f"report:{report_id}:{begun.isoformat()}:{person_id}", thread=f"person:{person_id}",
            mailbox=db.session.get_one(Mailbox, box_id), message_bytes=data, message_id=message_id, recipients=[email], automatic=True,
        )  # fmt: skip
    record("report.mailed", about=row, after={"on": begun.isoformat(), "people": [mail[0] for mail in mails]})
    db.session.commit()
    return len(mails)


def _made(row: SavedReport, owner: Person, here: datetime) -> tuple[Shown, Period, str]:
    """The report as its owner would see it, its days, and its address."""
    base = current_app.config["DESK_URL"]
    with current_app.test_request_context(base_url=base):
        g.desk_frame = around = _Seen(owner)
        found = Period(*saved.range_of(row.days, here.date()), ZoneInfo(str(here.tzinfo)))
        words = {name: value for name, value in row.words.items() if name != "against"}
        asked = Asked(found, _against(row, found), around, "against" in row.words, words)
        shown = KINDS[row.kind].shown(asked)
        return shown, found, address(row, _external=True)


class _Seen(Frame):
    """The frame of a page that nobody asked for."""

    def __init__(self, person: Person) -> None:
        self.person = Identity(person.id, person.name, person.email, frozenset(person.roles))


def _against(row: SavedReport, found: Period) -> Period:
    first = row.words.get("against")
    if not first:
        return found.before()
    begin = date.fromisoformat(first)
    return Period(begin, begin + (found.last - found.first), found.zone)


def _mail(
    mailbox: Mailbox, person: Person, row: SavedReport, shown: Shown, found: Period, url: str
) -> tuple[int, str, str, bytes]:
    """(id, address, Message-ID, bytes) of the mail to one person."""
    days = f"{found.first.isoformat()} to {found.last.isoformat()}"
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    data = compose(
        mailbox=mailbox, to=[Address(person.email, person.name)], subject=f"{row.name}, {days}", text=_text(person, row, shown, days, url),
        attachments=_files(row, shown, found), automatic=True, message_id=message_id, loop_mark=loop_mark(message_id), date=clock.now(),
    )  # fmt: skip
    return person.id, person.email, message_id, data


def _text(person: Person, row: SavedReport, shown: Shown, days: str, url: str) -> str:
    figures = [f"{one['name']}: {one['value']} ({one['note']})" for one in shown.figures]
    parts = [
        f"Good morning {person.name.split()[0]}, this is “{row.name}” ({KINDS[row.kind].title}) of {days}.",
        "\n".join(figures),
        "The tables are attached as CSV files. The report itself, with what stands behind each figure:\n"
        + url,
        "You get this because the owner of the report chose you; they can take you off on the page of saved reports.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _files(row: SavedReport, shown: Shown, found: Period) -> Sequence[Any]:
    days = f"{found.first.isoformat()}-{found.last.isoformat()}"
    return [
        Part(f"{row.kind}-{one.key}-{days}.csv", "text/csv", ("\ufeff" + tables.csv_of(one)).encode())
        for one in shown.sections
        if one.rows and (row.kind, one.key) not in STAYS
    ]
