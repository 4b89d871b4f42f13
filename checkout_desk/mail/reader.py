"""The process that reads the mailboxes: a thread for each, which polls, sleeps in IDLE, and connects again.

The poll every minute is what can be relied on; IDLE (RFC 2177) only shortens the wait. This process is not a job of the
queue: it lives as long as the desk does.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import secrets
import socket
import ssl
import threading
import time

import structlog
from flask import Flask
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from checkout_desk import clock
from checkout_desk.config import ConfigError
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.hosts import HostRefused
from checkout_desk.mail.imap import OtherAccount, Stumbles, read_folder
from checkout_desk.mail.imap_client import Account, connect
from checkout_desk.mail.leasing import Lease, LostLease, release, renew, take
from checkout_desk.mail.lmtp import MailListener
from checkout_desk.mail.models import Mailbox
from checkout_desk.secrets import LostKey
from checkout_desk.storage import NoSpace

log = structlog.get_logger(__name__)

_CHANCE = secrets.SystemRandom()

POLL_SECONDS = 60.0
AUDIT_SECONDS = 3600.0
RENEW_SECONDS = 15.0
LONGEST_PAUSE = 60.0
GLANCE_SECONDS = 1.0
"""how long one idle_check waits, and with it the time that a stop may take"""


def fault_words(fault: BaseException) -> str:
    """What went wrong, in plain words for the health page. Never the server's own words: they may hold a secret."""
    if isinstance(fault, HostRefused):
        return str(fault)
    if isinstance(fault, NoSpace):
        return "The desk's disk is nearly full: mail waits on the server until there is space."
    for kind, words in _WORDS:
        if isinstance(fault, kind):
            return words
    return "An unexpected fault; the log has the details."


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (LostKey, "The stored password cannot be read with this desk's keys: type it again."),
    (LoginError, "The server refused the user name or the password."),
    (ssl.SSLCertVerificationError, "The server's certificate is not trusted, or is for another name."),
    (ssl.SSLError, "No TLS connection came about: is the port the right one?"),
    (socket.gaierror, "The host name is not known."),
    (ConnectionRefusedError, "Nothing answers on this host and port."),
    (TimeoutError, "The server did not answer in time."),
    (imaplib.IMAP4.abort, "The connection was cut."),
    (imaplib.IMAP4.error, "The server refused: is the folder there?"),
    (OSError, "The connection was cut."),
    (SQLAlchemyError, "The desk's database cannot be written."),
)


class MailboxReader:
    """Reads one mailbox until `stop` is set, the mailbox is closed, or another reader holds it for good."""

    def __init__(
        self,
        app: Flask,
        mailbox_id: int,
        *,
        holder: str,
        stop: threading.Event,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.app = app
        self.mailbox_id = mailbox_id
        self.holder = holder
        self.stop = stop
        self.poll_seconds = min(poll_seconds, 300.0)
        self.lease: Lease | None = None
        self.rounds = 0
        """whole looks into every folder so far"""
        self._stumbles = Stumbles()
        self._failures = 0

    def run(self) -> None:
        """Read until the end; never raises. Each failure is noted, and waited out for 1 to 60 seconds."""
        while not self.stop.is_set():
            try:
                if not self._session():
                    return
            except LostLease:
                self.lease = None
                log.warning("mailbox.lost_lease", mailbox=self.mailbox_id)
                self._pause()
            except Exception as fault:  # whatever it is, the mailbox is read on
                self._failed(fault)
                self._pause(at_least=30.0 if isinstance(fault, (LoginError, LostKey)) else 0.0)
        self._let_go()

    def renew(self) -> None:
        """Prolong the lease; called by the supervising thread while this reader's thread lives."""
        if self.lease and not renew(self.mailbox_id, self.lease):
            self.lease = None

    def _session(self) -> bool:
        """One connection from sign-in to its end. Returns False when there is nothing to read any more."""
        with self.app.app_context():
            account = self._account()
            if account is None:
                self._let_go()
                return False
            if self.lease is None:
                self.lease = take(self.mailbox_id, self.holder)
            if self.lease is None:
                self.stop.wait(min(10.0, self.poll_seconds))
                return True
            client = connect(account)
        try:
            self._rounds(client, account)
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()
        finally:
            with contextlib.suppress(OSError):
                client.shutdown()
        return True

    def _rounds(self, client: IMAPClient, account: Account) -> None:
        audited = -AUDIT_SECONDS
        while not self.stop.is_set():
            audit = time.monotonic() - audited >= AUDIT_SECONDS
            with self.app.app_context():
                if self._account() != account:
                    return  # settings changed: sign in again with the new ones
                lease = self.lease  # the supervising thread may take it away meanwhile
                if lease is None:
                    raise LostLease(f"mailbox {self.mailbox_id}")
                try:
                    self._look(client, account, lease, audit=audit)
                except OtherAccount:
                    return
                self._note("")
            if audit:
                audited = time.monotonic()
            self._failures = 0
            self.rounds += 1
            wait_for_mail(client, self.stop, self.poll_seconds)

    def _look(self, client: IMAPClient, account: Account, lease: Lease, *, audit: bool) -> None:
        """Read every folder once; the first is read last and stays selected for IDLE."""
        for folder in reversed(account.folders):
            read_folder(
                client,
                self.mailbox_id,
                folder,
                lease=lease,
                stumbles=self._stumbles,
                audit=audit,
                stop=self.stop,
                account=account.mark,
            )

    def _account(self) -> Account | None:
        mailbox = db.session.scalar(
            select(Mailbox).where(Mailbox.id == self.mailbox_id, Mailbox.enabled, Mailbox.imap_host != "")
        )
        account = Account.of(mailbox) if mailbox else None
        db.session.rollback()
        return account

    def _failed(self, fault: Exception) -> None:
        self._failures += 1
        words = fault_words(fault)
        if words.startswith("An unexpected"):
            log.exception("mailbox.fault", mailbox=self.mailbox_id)
        else:
            log.warning("mailbox.fault", mailbox=self.mailbox_id, fault=words)
        with contextlib.suppress(SQLAlchemyError), self.app.app_context():
            self._note(words)

    def _note(self, fault: str) -> None:
        """Contact was made (no `fault`), or failed."""
        now = clock.now()
        values = (
            {"last_fault": fault, "last_fault_at": now}
            if fault
            else {"last_contact_at": now, "last_fault": ""}
        )
        db.session.rollback()
        begin_write()
        db.session.execute(
            update(Mailbox)
            .where(Mailbox.id == self.mailbox_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()

    def _pause(self, *, at_least: float = 0.0) -> None:
        length = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 6))
        self.stop.wait(max(1.0, at_least, length * _CHANCE.uniform(0.5, 1.0)))

    def _let_go(self) -> None:
        lease, self.lease = self.lease, None
        if lease:
            with contextlib.suppress(SQLAlchemyError), self.app.app_context():
                release(self.mailbox_id, lease)


def wait_for_mail(client: IMAPClient, stop: threading.Event, seconds: float) -> bool:
    """Return after `seconds`, or sooner when the server tells of a change (True) or `stop` is set.

    Raises IMAPClientAbortError or OSError when the connection is dead: an IDLE that is answered with nothing, at once,
    is a closed connection (idle_check does not say so), and the NOOP that follows every IDLE finds out.
    """
    deadline = time.monotonic() + seconds
    if not client.has_capability("IDLE"):
        stop.wait(seconds)
        client.noop()
        return False
    client.idle()
    woken = told_aside(client)
    while not stop.is_set() and not woken and (left := deadline - time.monotonic()) > 0:
        began = time.monotonic()
        glance = min(GLANCE_SECONDS, left)
        answers = client.idle_check(timeout=glance)
        woken = any(b"EXISTS" in answer or b"RECENT" in answer for answer in answers)
        if not answers and time.monotonic() - began < glance / 2:
            break
    client.idle_done()
    client.noop()
    return woken


def told_aside(client: IMAPClient) -> bool:
    """Whether the server told of mail in the answer to another command, since this was last asked or a folder selected.

    A server may do so at any time (RFC 9051, 7.4.1); imapclient keeps such words aside, and IDLE does not repeat them.
    """
    return client._imap.response("EXISTS")[1] != [None]


def run_readers(app: Flask, stop: threading.Event, *, poll_seconds: float = POLL_SECONDS) -> None:
    """The process `checkout-desk mailbox`: readers for every open mailbox, the mail listener when DESK_LMTP_LISTEN is set.

    Returns after `stop` was set and every reader has ended. Mailboxes that are added or closed are noticed; a reader
    that died is started again. Raises ConfigError when the listener cannot have its address.
    """
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"
    listener = None
    if app.config["DESK_LMTP_LISTEN"]:
        host, port = app.config["DESK_LMTP_LISTEN"]
        listener = MailListener(app, host, port)
        try:
            listener.start()
        except OSError as fault:
            raise ConfigError(
                f"DESK_LMTP_LISTEN: {host}:{port} cannot be used ({fault.strerror}); "
                "expected a free address and port of this machine."
            ) from None
    running: dict[int, tuple[MailboxReader, threading.Thread]] = {}
    renewed = 0.0
    try:
        while not stop.is_set():
            try:
                with app.app_context():
                    _supervise(app, stop, running, holder=holder, poll_seconds=poll_seconds)
                    if time.monotonic() - renewed >= RENEW_SECONDS:
                        for reader, _ in running.values():
                            reader.renew()
                        renewed = time.monotonic()
            except SQLAlchemyError as fault:
                log.warning("mailbox.database", fault=type(fault).__name__)
            stop.wait(min(5.0, poll_seconds))
    finally:
        stop.set()
        if listener:
            listener.stop()
        for _, thread in running.values():
            thread.join(timeout=10.0)


def _supervise(
    app: Flask,
    stop: threading.Event,
    running: dict[int, tuple[MailboxReader, threading.Thread]],
    *,
    holder: str,
    poll_seconds: float,
) -> None:
    """Forget readers that ended, start one for each open mailbox without."""
    for mailbox_id in [number for number, (_, thread) in running.items() if not thread.is_alive()]:
        del running[mailbox_id]
    wanted = list(db.session.scalars(select(Mailbox.id).where(Mailbox.enabled, Mailbox.imap_host != "")))
    db.session.rollback()
    for mailbox_id in wanted:
        if mailbox_id not in running:
            reader = MailboxReader(app, mailbox_id, holder=holder, stop=stop, poll_seconds=poll_seconds)
            thread = threading.Thread(target=reader.run, name=f"mailbox-{mailbox_id}", daemon=True)
            running[mailbox_id] = (reader, thread)
            thread.start()
