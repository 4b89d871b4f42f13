"""A Dovecot user and the desk's mailbox that reads it, for the tests of the IMAP door."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.mail import imap, leasing
from checkout_desk.mail.health import balance
from checkout_desk.mail.imap import read_folder
from checkout_desk.mail.imap_client import Account, Client, connect
from checkout_desk.mail.models import FolderCursor, Mailbox
from checkout_desk.mail.reader import MailboxReader
from tests.parts.dovecot import Dovecot


class Box:
    """A user of Dovecot, the desk's mailbox that reads it, and a lease to do so."""

    def __init__(self, desk: Flask, dovecot: Dovecot, user: str, mailbox_id: int) -> None:
        self.desk = desk
        self.dovecot = dovecot
        self.user = user
        self.id = mailbox_id
        self.holder = "test"
        with desk.app_context():
            lease = leasing.take(mailbox_id, self.holder)
        assert lease
        self.lease = lease

    @contextmanager
    def signed_in(self) -> Iterator[Client]:
        with self.desk.app_context():
            account = Account.of(db.session.get_one(Mailbox, self.id))
            db.session.rollback()
            client = connect(account)
            try:
                yield client
            finally:
                client.shutdown()

    def read(self, folder: str = "INBOX", **more: Any) -> imap.Tally:
        with self.signed_in() as client:
            return read_folder(client, self.id, folder, lease=self.lease, **more)

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> list[int]:
        return [self.dovecot.deliver(self.user, mail, folder) for mail in mails]

    def cursors(self) -> list[tuple[int, bool]]:
        with self.desk.app_context():
            rows = db.session.execute(
                select(FolderCursor.last_uid, FolderCursor.current).order_by(FolderCursor.id)
            )
            return [(row.last_uid, row.current) for row in rows]

    def account(self) -> tuple[int, int, int, int]:
        """(server, stored, duplicate, quarantined), and all of it balanced."""
        with self.desk.app_context():
            (folder,) = balance(self.id)
            assert folder.balanced
            return folder.server, folder.stored, folder.duplicate, folder.quarantined

    def reader(self, stop: threading.Event) -> MailboxReader:
        with self.desk.app_context():
            leasing.release(self.id, self.lease)
        return MailboxReader(self.desk, self.id, holder="reader", stop=stop, poll_seconds=300)
