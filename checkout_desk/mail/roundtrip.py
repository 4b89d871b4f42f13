"""A mailbox's mail to itself: out by SMTP, back by IMAP. Nothing here uses the database.

Told are ok, refused and timeout alone, as by the live test (SECURITY A21).
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from checkout_desk import clock
from checkout_desk.mail import delivery, mailboxes
from checkout_desk.mail.composing import compose
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.results import Sent
from checkout_desk.mail.smtp import StoredMessage, VerifiedBackend

if TYPE_CHECKING:
    from checkout_desk.mail.imap_client import Client

SUBJECT = "Test mail of your desk"
TEXT = (
    "This mail was sent by your desk to itself, while somebody set it up.\n"
    "It left by the server for outgoing mail and came back by the one for incoming mail. Nothing has to be done.\n"
)


def folders(mailbox: Mailbox) -> tuple[str, int]:
    """What signing in by IMAP and opening the folders came to, and how many folders the account has."""
    number = 0

    def attempt() -> None:
        nonlocal number
        with _signed_in(mailbox) as client:
            number = len(client.list_folders())

    return mailboxes.tried(attempt), number


def send(mailbox: Mailbox, message_id: str) -> str:
    """What sending the test mail to the mailbox's own address came to. It carries our mark, so that nobody answers it."""

    def attempt() -> None:
        data = compose(
            mailbox=mailbox,
            to=[Address(mailbox.address, mailbox.display_name)],
            subject=SUBJECT,
            text=TEXT,
            automatic=True,
            message_id=message_id,
            loop_mark=loop_mark(message_id),
            date=clock.now(),
        )
        mailboxes.reach_smtp(mailbox)  # tells a time-out from a refusal, which a delivery puts into words
        account = delivery.account_of(mailbox)
        if account is None:
            raise OSError("no server")
        backend = VerifiedBackend(account)
        try:
            message = StoredMessage(data, sender=mailbox.address, recipients=[mailbox.address])
            if not isinstance(backend.deliver(message), Sent):
                raise OSError("not taken")
        finally:
            backend.close()

    return mailboxes.tried(attempt)


def arrived(mailbox: Mailbox, message_id: str) -> str:
    """Where the mail is: 'read' a folder that the desk reads, 'junk' the server's folder for spam, '' nowhere yet.

    Also '' where the server cannot be asked now; asking again costs nothing.
    """
    found = ""

    def attempt() -> None:
        nonlocal found
        with _signed_in(mailbox) as client:
            own = mailbox.imap_folders or ["INBOX"]
            junk = [
                name for flags, _, name in client.list_folders() if b"\\Junk" in flags and name not in own
            ]
            for kind, names in (("read", own), ("junk", junk)):
                for name in names:
                    client.select_folder(name, readonly=True)
                    if not found and client.search(["HEADER", "Message-ID", message_id]):
                        found = kind

    mailboxes.tried(attempt)
    return found


@contextmanager
def _signed_in(mailbox: Mailbox) -> Iterator[Client]:
    from checkout_desk.mail.imap_client import Account, connect  # only for who sets a mailbox up

    client = connect(Account.of(mailbox))
    try:
        for folder in mailbox.imap_folders or ["INBOX"]:
            client.select_folder(folder, readonly=True)
        yield client
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            client.shutdown()
