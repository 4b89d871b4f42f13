"""Reading one IMAP folder: fetch what is not here yet, and move the cursor with each mail.

RFC 3501 is followed where it matters for not losing mail: UIDVALIDITY is looked at first, the folder is opened
read-only and bodies are peeked at, so nothing on the server ever changes, not even the flag \\Seen.
"""

from __future__ import annotations

import imaplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import current_app
from imapclient import IMAPClient
from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from checkout_desk import clock, faults
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.health import note_mail
from checkout_desk.mail.leasing import Lease, LostLease
from checkout_desk.mail.models import FolderCursor, Mailbox, MailboxDelivery, account_mark
from checkout_desk.mail.quarantine import HEADER_LIMIT, header_block, megabytes, substitute, too_large
from checkout_desk.mail.receiving import Receipt, TooLarge, receive
from checkout_desk.storage import NoSpace

log = structlog.get_logger(__name__)

BATCH_MAILS = 50
BATCH_BYTES = 8 * 2**20
STUMBLES = 5
"""how often the connection may break on one and the same mail before the mail is set aside"""


@dataclass(slots=True)
class Tally:
    """What one look into a folder brought."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def count(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


class OtherAccount(Exception):
    """The mailbox belongs to another server or user by now; what this connection reads is not its mail any more."""


class Stumbles:
    """How often a connection broke while one mail was fetched, kept by a reader over its reconnections."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, int], int] = {}

    def of(self, cursor_id: int, uid: int) -> int:
        return self._counts.get((cursor_id, uid), 0)

    def add(self, cursor_id: int, uids: list[int]) -> None:
        for uid in uids:
            self._counts[cursor_id, uid] = self.of(cursor_id, uid) + 1

    def forget(self, cursor_id: int, uids: list[int]) -> None:
        for uid in uids:
            self._counts.pop((cursor_id, uid), None)


def read_folder(
    client: IMAPClient,
    mailbox_id: int,
    folder: str,
    *,
    lease: Lease,
    stumbles: Stumbles | None = None,
    audit: bool = False,
    stop: threading.Event | None = None,
    account: str | None = None,
) -> Tally:
    """Store every mail of `folder` that is not here yet and return how many of each outcome.

    Each mail, its delivery row and the cursor are one transaction, refused (LostLease) once another reader holds the
    mailbox. `audit` also compares the whole folder with the delivery rows and fetches what is missing below the cursor
    (servers that show mails late). `stop` ends the look after the batch in hand. Raises NoSpace and database errors with the cursor at the last commit.
    `account` is the mark of the account that `client` is signed in to, the mailbox's present one unless told; raises
    OtherAccount when the mailbox was given another one meanwhile.
    """
    answer = client.select_folder(folder, readonly=True)
    exists = int(answer.get(b"EXISTS", 0))
    client._imap.response("EXISTS")  # what comes after this is news (`reader.told_aside`)
    begin_write()
    lease.hold(mailbox_id)
    mark = _mark(mailbox_id, account)
    cursor_id, last_uid = _cursor(mailbox_id, mark, folder, int(answer[b"UIDVALIDITY"]), exists)
    reading = _Reading(
        client, mailbox_id, folder, cursor_id, lease, stumbles or Stumbles(), stop or threading.Event()
    )
    return reading.run(last_uid, audit=audit)


class _Reading:
    """One look into one folder."""

    def __init__(
        self,
        client: IMAPClient,
        mailbox_id: int,
        folder: str,
        cursor_id: int,
        lease: Lease,
        stumbles: Stumbles,
        stop: threading.Event,
    ) -> None:
        self.client = client
        self.mailbox_id = mailbox_id
        self.folder = folder
        self.cursor_id = cursor_id
        self.lease = lease
        self.stumbles = stumbles
        self.stop = stop
        self.limit: int = current_app.config["DESK_MAX_MAIL"]
        self.tally = Tally()

    def run(self, last_uid: int, *, audit: bool) -> Tally:
        # "n:*" names the last mail even when n is past it (RFC 3501, 6.4.8): hence the filter.
        found = self.client.search(["UID", f"{last_uid + 1}:*"])
        uids = sorted({uid for uid in found if uid > last_uid})
        if audit and last_uid:
            uids = sorted({*uids, *self._forgotten(last_uid)})
        for start in range(0, len(uids), 500):
            if self.stop.is_set():
                break
            self._chunk(uids[start : start + 500])
        return self.tally

    def _forgotten(self, last_uid: int) -> set[int]:
        known = set(
            db.session.scalars(select(MailboxDelivery.uid).where(MailboxDelivery.cursor_id == self.cursor_id))
        )
        db.session.rollback()
        return {uid for uid in self.client.search("ALL") if uid <= last_uid} - known

    def _chunk(self, uids: list[int]) -> None:
        try:
            sizes = {
                uid: int(entry[b"RFC822.SIZE"])
                for uid, entry in self.client.fetch(uids, ["RFC822.SIZE"]).items()
                if b"RFC822.SIZE" in entry
            }
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            sizes = dict.fromkeys(uids, BATCH_BYTES)  # the server cannot size one of them: take each alone
        for batch in self._batches([uid for uid in uids if uid in sizes], sizes):
            if self.stop.is_set():
                return
            self._batch(batch, sizes)
        self._pass_by(max(uids))

    def _batches(self, uids: list[int], sizes: dict[int, int]) -> Iterator[list[int]]:
        """Few bytes and few mails together; what is large or once broke the connection goes alone."""
        batch: list[int] = []
        weight = 0
        for uid in uids:
            alone = sizes[uid] > self.limit or self.stumbles.of(self.cursor_id, uid) > 0
            if batch and (alone or weight + sizes[uid] > BATCH_BYTES or len(batch) == BATCH_MAILS):
                yield batch
                batch, weight = [], 0
            if alone:
                yield [uid]
                continue
            batch.append(uid)
            weight += sizes[uid]
        if batch:
            yield batch

    def _batch(self, uids: list[int], sizes: dict[int, int]) -> None:
        if len(uids) == 1 and sizes[uids[0]] > self.limit:
            self._set_aside(uids[0], size=megabytes(sizes[uids[0]]))
            return
        if len(uids) == 1 and self.stumbles.of(self.cursor_id, uids[0]) >= STUMBLES:
            self._set_aside(uids[0])
            return
        self.stumbles.add(self.cursor_id, uids)
        try:
            entries = self.client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            # The server says NO: to all because of one. Ask for each, and set aside the one that it will not give.
            if len(uids) == 1:
                self._set_aside(uids[0])
                return
            self.stumbles.forget(self.cursor_id, uids)
            for uid in uids:
                self._batch([uid], sizes)
            return
        self.stumbles.forget(self.cursor_id, uids)
        for uid in uids:
            entry = entries.get(uid, {})
            if b"BODY[]" in entry:  # else it was removed between the search and now
                self._keep(uid, entry[b"BODY[]"] or b"", entry.get(b"INTERNALDATE"))

    def _keep(self, uid: int, data: bytes, at: Any) -> None:
        try:
            self._receive(uid, data, at=at)
        except TooLarge:
            # RFC822.SIZE told less than the truth.
            self._store_note(uid, header_block(data), size=megabytes(len(data)))
        except (NoSpace, SQLAlchemyError, LostLease):
            db.session.rollback()
            raise
        except Exception:
            # Whatever this is, it is about this one mail: it must not stand in the way of the others for ever.
            log.exception("mail.set_aside", mailbox=self.mailbox_id, uid=uid)
            db.session.rollback()
            self._store_note(uid, header_block(data), size="")

    def _receive(self, uid: int, data: bytes, *, at: Any = None, outcome: str = "") -> None:
        def alongside(receipt: Receipt) -> None:
            self._move(uid, outcome or receipt.outcome, raw_id=receipt.raw_id)
            if receipt.outcome == "stored":
                note_mail(self.mailbox_id, at if isinstance(at, datetime) and at.tzinfo else clock.now())

        receipt = receive(data, door="imap", mailbox_id=self.mailbox_id, alongside=alongside)
        self.tally.count(outcome or receipt.outcome)

    def _move(self, uid: int, outcome: str, *, raw_id: int | None) -> None:
        """Cursor and delivery row, in the transaction of the mail and under the lease."""
        self.lease.hold(self.mailbox_id)
        _advance(self.cursor_id, uid)
        faults.fault("imap.cursor")
        db.session.execute(
            insert(MailboxDelivery).values(cursor_id=self.cursor_id, uid=uid, raw_id=raw_id, outcome=outcome)
        )

    def _set_aside(self, uid: int, *, size: str = "") -> None:
        """Keep header and a note instead of a mail that is too large, or that cannot be fetched."""
        header = b""
        if self.stumbles.of(self.cursor_id, uid) <= STUMBLES:
            self.stumbles.add(
                self.cursor_id, [uid]
            )  # if this breaks the connection too: a note without header
            try:
                entry = self.client.fetch([uid], [f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>"]).get(uid, {})
                header = next((v for k, v in entry.items() if k.startswith(b"BODY[HEADER]") and v), b"")
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                log.warning("mail.no_header", mailbox=self.mailbox_id, uid=uid)
        self._store_note(uid, header_block(header), size=size)
        self.stumbles.forget(self.cursor_id, [uid])

    def _store_note(self, uid: int, header: bytes, *, size: str) -> None:
        # The number is told only where nothing else tells the mails apart: a mail that is found again under another
        # number has to make the same note, so that it is known.
        which = "" if header.strip() else f", as number {uid}"
        where = f"The whole mail still lies in the mailbox, folder {self.folder!r}{which}."
        if size:
            note = too_large(header, size=size, limit=self.limit, where=where)
        else:
            text = f"The mail server did not hand over this mail, or it could not be stored. {where}\n"
            note = substitute(header, reason="not readable", note=text)
        self._receive(uid, note, outcome="quarantined")

    def _pass_by(self, uid: int) -> None:
        """Move the cursor over mails that were removed before they could be fetched."""
        begin_write()
        self.lease.hold(self.mailbox_id)
        _advance(self.cursor_id, uid)
        db.session.commit()


def _advance(cursor_id: int, uid: int) -> None:
    db.session.execute(
        update(FolderCursor)
        .where(FolderCursor.id == cursor_id, FolderCursor.last_uid < uid)
        .values(last_uid=uid)
        .execution_options(synchronize_session=False)
    )


def _mark(mailbox_id: int, account: str | None) -> str:
    """The mark of the mailbox's account, whose row is held: nobody changes it before the cursor is found."""
    columns = (Mailbox.imap_host, Mailbox.imap_port, Mailbox.imap_user)
    present = account_mark(*db.session.execute(select(*columns).where(Mailbox.id == mailbox_id)).one())
    if account is not None and account != present:
        db.session.rollback()
        raise OtherAccount(f"mailbox {mailbox_id}")
    return present


def _cursor(mailbox_id: int, mark: str, folder: str, uidvalidity: int, exists: int) -> tuple[int, int]:
    """(id, last_uid) of the folder's cursor under this UIDVALIDITY, made current; the server's count is noted. Commits."""
    row = db.session.execute(
        select(FolderCursor.id, FolderCursor.last_uid).where(
            FolderCursor.mailbox_id == mailbox_id,
            FolderCursor.folder == folder,
            FolderCursor.uidvalidity == uidvalidity,
            FolderCursor.account == mark,
        )
    ).one_or_none()
    if row is None:
        # Another UIDVALIDITY means: the numbers were dealt anew. All is read again; the hashes know what we have.
        added = insert(FolderCursor).values(
            mailbox_id=mailbox_id,
            folder=folder,
            uidvalidity=uidvalidity,
            account=mark,
            last_uid=0,
            server_count=exists,
            current=True,
        )
        found = (int(db.session.scalars(added.returning(FolderCursor.id)).one()), 0)
    else:
        found = (row.id, row.last_uid)
    db.session.execute(
        update(FolderCursor)
        .where(FolderCursor.id == found[0])
        .values(server_count=exists, current=True)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(FolderCursor)
        .where(
            FolderCursor.mailbox_id == mailbox_id, FolderCursor.folder == folder, FolderCursor.id != found[0]
        )
        .values(current=False)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return found
