"""Balance and silence of mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.health import FolderBalance, balance, check_mailboxes, note_mail, silent
from checkout_desk.mail.models import FolderCursor, Mailbox, MailboxDelivery

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def mailbox(**values: Any) -> Mailbox:
    given = {
        "enabled": True,
        "imap_host": "imap.example",
        "created_at": NOON,
        "last_contact_at": NOON,
        **values,
    }
    return Mailbox(**given)


@pytest.mark.parametrize(
    ("values", "after", "why"),
    [
        ({}, minutes(9), ""),
        ({}, minutes(11), "No contact with the mail server for 11 minutes."),
        ({"last_contact_at": None}, minutes(9), ""),
        ({"last_contact_at": None}, minutes(300), "No contact with the mail server for 5 hours."),
        ({"enabled": False}, minutes(300), ""),
        ({"imap_host": ""}, minutes(300), ""),
        ({"imap_host": "", "last_mail_at": NOON, "usual_gap_seconds": 60}, minutes(119), ""),
        (
            {"imap_host": "", "last_mail_at": NOON, "usual_gap_seconds": 1800},
            minutes(121),
            "No mail for 2 hours; usually one comes every 30 minutes.",
        ),
        ({"imap_host": "", "last_mail_at": NOON, "usual_gap_seconds": 7200}, minutes(479), ""),
        (
            {"imap_host": "", "last_mail_at": NOON, "usual_gap_seconds": 7200},
            minutes(481),
            "No mail for 8 hours; usually one comes every 2 hours.",
        ),
        ({"imap_host": "", "last_mail_at": NOON}, minutes(10000), ""),
    ],
)
def test_when_a_mailbox_is_silent(values: dict[str, Any], after: timedelta, why: str) -> None:
    assert silent(mailbox(**values), NOON + after) == why


def test_the_usual_gap_follows_the_mails_slowly(desk: Flask, open_mailbox: Callable[..., int]) -> None:
    mailbox_id = open_mailbox()

    def seen() -> tuple[datetime | None, int | None]:
        found = db.session.get_one(Mailbox, mailbox_id, populate_existing=True)
        return found.last_mail_at, found.usual_gap_seconds

    with time_machine.travel(NOON, tick=False), desk.app_context():
        note_mail(mailbox_id, NOON - minutes(60))
        assert seen() == (NOON - minutes(60), None)
        note_mail(mailbox_id, NOON - minutes(50))
        assert seen() == (NOON - minutes(50), 600)
        note_mail(mailbox_id, NOON - minutes(30))
        assert seen() == (NOON - minutes(30), 660)
        note_mail(mailbox_id, NOON - minutes(55))  # came late: an old mail is no sign of life
        assert seen() == (NOON - minutes(30), 660)
        note_mail(mailbox_id, NOON + minutes(600))  # a server whose clock is ahead
        assert seen()[0] == NOON


def test_the_alarm_is_raised_once_and_taken_back_once(desk: Flask, open_mailbox: Callable[..., int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock, desk.app_context():
        mailbox_id = open_mailbox(imap_host="imap.example", imap_user="u", imap_password="p")
        open_mailbox("quiet@shop.example")
        assert check_mailboxes() == 0
        clock.shift(minutes(11))
        assert [check_mailboxes(), check_mailboxes()] == [1, 0]
        found = db.session.get_one(Mailbox, mailbox_id)
        assert found.alarmed_at == NOON + minutes(11)
        db.session.rollback()
        begin_write()
        db.session.get_one(Mailbox, mailbox_id).last_contact_at = NOON + minutes(11)
        db.session.commit()
        assert [check_mailboxes(), check_mailboxes()] == [1, 0]
        assert db.session.get_one(Mailbox, mailbox_id).alarmed_at is None
        events = db.session.scalars(
            select(Event).where(Event.kind.in_(["mailbox.silent", "mailbox.back"])).order_by(Event.id)
        ).all()
        assert [(event.kind, event.subject_id) for event in events] == [
            ("mailbox.silent", mailbox_id),
            ("mailbox.back", mailbox_id),
        ]
        assert events[0].after == {"why": "No contact with the mail server for 11 minutes."}


def test_the_balance_counts_each_folder_that_is_read_now(
    desk: Flask, open_mailbox: Callable[..., int]
) -> None:
    with desk.app_context():
        mailbox_id = open_mailbox()
        for folder, validity, server, current, outcomes in (
            ("INBOX", 1, 9, False, ["stored"] * 9),
            ("INBOX", 2, 5, True, ["stored", "duplicate", "duplicate", "quarantined"]),
            ("Archive", 7, 0, True, ["stored"]),
            ("Empty", 7, 0, True, []),
        ):
            cursor = FolderCursor(
                mailbox_id=mailbox_id,
                folder=folder,
                uidvalidity=validity,
                server_count=server,
                current=current,
            )
            db.session.add(cursor)
            db.session.flush()
            for uid, outcome in enumerate(outcomes, start=1):
                db.session.add(MailboxDelivery(cursor_id=cursor.id, uid=uid, outcome=outcome))
        db.session.commit()
        archive, empty, inbox = balance(mailbox_id)
    assert inbox == FolderBalance("INBOX", server=5, stored=1, duplicate=2, quarantined=1)
    assert (inbox.accounted, inbox.missing, inbox.balanced) == (4, 1, False)
    assert (archive.removed, archive.missing, archive.balanced) == (1, 0, True)
    assert (empty.server, empty.balanced) == (0, True)
