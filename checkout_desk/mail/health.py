"""Whether mail still comes in: the balance of each folder, and the alarm of a mailbox that has gone silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import FolderCursor, Mailbox, MailboxDelivery

NO_CONTACT = timedelta(minutes=10)
SHORTEST_SILENCE = timedelta(hours=2)
GAPS_OF_SILENCE = 4
WEIGHT = 0.1
"""share of the newest gap in the moving average"""


@dataclass(frozen=True, slots=True)
class FolderBalance:
    """One folder's account: what the server held at the last contact, and what became of what was fetched."""

    folder: str
    server: int
    stored: int
    duplicate: int
    quarantined: int

    @property
    def accounted(self) -> int:
        """Messages of this folder that the desk has dealt with, also those that were since removed from the server."""
        return self.stored + self.duplicate + self.quarantined

    @property
    def missing(self) -> int:
        """Messages on the server that the desk has not dealt with (yet)."""
        return max(0, self.server - self.accounted)

    @property
    def removed(self) -> int:
        """Messages that the desk has and that are gone from the server."""
        return max(0, self.accounted - self.server)

    @property
    def balanced(self) -> bool:
        """Whether nothing on the server is unaccounted for."""
        return self.missing == 0


def balance(mailbox_id: int) -> list[FolderBalance]:
    """The balance of every folder that is read now, by name. Folders of an earlier UIDVALIDITY are closed accounts."""
    cursors = db.session.execute(
        select(FolderCursor.id, FolderCursor.folder, FolderCursor.server_count)
        .where(FolderCursor.mailbox_id == mailbox_id, FolderCursor.current)
        .order_by(FolderCursor.folder)
    ).all()
    counts: dict[tuple[int, str], int] = {
        (row[0], row[1]): row[2]
        for row in db.session.execute(
            select(MailboxDelivery.cursor_id, MailboxDelivery.outcome, func.count())
            .where(MailboxDelivery.cursor_id.in_([cursor.id for cursor in cursors]))
            .group_by(MailboxDelivery.cursor_id, MailboxDelivery.outcome)
        )
    }
    return [
        FolderBalance(
            folder=cursor.folder,
            server=cursor.server_count,
            stored=counts.get((cursor.id, "stored"), 0),
            duplicate=counts.get((cursor.id, "duplicate"), 0),
            quarantined=counts.get((cursor.id, "quarantined"), 0),
        )
        for cursor in cursors
    ]


def note_mail(mailbox_id: int, at: datetime) -> None:
    """Within a door's transaction: a new mail arrived in this mailbox `at` (the server's word, never the sender's)."""
    at = min(at, clock.now())
    # key_share: the row of the mail refers to this one, so two doors at once both hold a share of it already, and a
    # full lock would make each wait for the other (PostgreSQL: deadlock).
    row = db.session.execute(
        select(Mailbox.last_mail_at, Mailbox.usual_gap_seconds)
        .where(Mailbox.id == mailbox_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None or (row.last_mail_at and at <= row.last_mail_at):
        return
    usual = row.usual_gap_seconds
    if row.last_mail_at:
        gap = (at - row.last_mail_at).total_seconds()
        usual = round(gap if usual is None else (1 - WEIGHT) * usual + WEIGHT * gap)
    db.session.execute(
        update(Mailbox)
        .where(Mailbox.id == mailbox_id)
        .values(last_mail_at=at, usual_gap_seconds=usual)
        .execution_options(synchronize_session=False)
    )


def silent(mailbox: Mailbox, now: datetime) -> str:
    """Why `mailbox` needs somebody's eye, in plain words, or '' when it is well."""
    if not mailbox.enabled:
        return ""
    if mailbox.imap_host:
        contact = mailbox.last_contact_at or mailbox.created_at
        if now - contact > NO_CONTACT:
            return f"No contact with the mail server for {_span(now - contact)}."
    if mailbox.last_mail_at and mailbox.usual_gap_seconds is not None:
        allowed = max(timedelta(seconds=GAPS_OF_SILENCE * mailbox.usual_gap_seconds), SHORTEST_SILENCE)
        if now - mailbox.last_mail_at > allowed:
            usual = timedelta(seconds=mailbox.usual_gap_seconds)
            return f"No mail for {_span(now - mailbox.last_mail_at)}; usually one comes every {_span(usual)}."
    return ""


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 2:
        return "minute"
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"


def check_mailboxes() -> int:
    """Sweep: raise the alarm of mailboxes that went silent, take it back where mail comes again; commits.

    Each change is recorded once ('mailbox.silent', 'mailbox.back'), however many sweeps run. Returns their number.
    """
    now = clock.now()
    changes: list[tuple[int, str]] = []
    for mailbox in db.session.scalars(select(Mailbox).where(Mailbox.enabled)):
        why = silent(mailbox, now)
        if bool(why) != (mailbox.alarmed_at is not None):
            changes.append((mailbox.id, why))
    db.session.rollback()
    if not changes:
        return 0
    begin_write()
    changed = 0
    for mailbox_id, why in changes:
        as_seen = Mailbox.alarmed_at.is_(None) if why else Mailbox.alarmed_at.is_not(None)
        moved = db.session.execute(
            update(Mailbox)
            .where(Mailbox.id == mailbox_id, as_seen)
            .values(alarmed_at=now if why else None)
            .returning(Mailbox.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if moved:
            record(
                "mailbox.silent" if why else "mailbox.back",
                about=("mailbox", mailbox_id),
                after={"why": why} if why else None,
            )
            changed += 1
    db.session.commit()
    return changed
