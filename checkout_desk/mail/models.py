"""Tables of mail: mailboxes and their cursors, raw mail as it came, the outbox."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Digest, Key, Model


def account_mark(host: str, port: int, user: str) -> str:
    """A short name for an account on an IMAP server; what changes it leads to other folders with other numbers."""
    named = f"{host.strip().casefold()}|{port}|{user.strip()}"
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16]


class Mailbox(Model):
    """An address that the store reads and sends from."""

    __tablename__ = "mailbox"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    address: Mapped[str] = mapped_column(String(254), unique=True)
    """casefolded; the From of what leaves and one of our own addresses"""
    display_name: Mapped[str] = mapped_column(String(120), default="")
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    """more own addresses that end in this mailbox"""
    plus_addressing: Mapped[bool] = mapped_column(default=True)
    """whether orders+token@ arrives here, so that Reply-To can carry the conversation"""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    imap_host: Mapped[str] = mapped_column(String(254), default="")
    imap_port: Mapped[int] = mapped_column(Integer, default=993)
    imap_tls: Mapped[str] = mapped_column(String(10), default="tls")
    """tls, starttls or none (only in the sandbox)"""
    imap_user: Mapped[str] = mapped_column(String(254), default="")
    imap_secret: Mapped[str] = mapped_column(Text, default="")
    """password, encrypted (checkout_desk.secrets)"""
    imap_folders: Mapped[list[Any]] = mapped_column(default=lambda: ["INBOX"])
    imap_ca_file: Mapped[str] = mapped_column(String(500), default="")
    """PEM of a private certificate authority, '' for the system's"""

    smtp_host: Mapped[str] = mapped_column(String(254), default="")
    smtp_port: Mapped[int] = mapped_column(Integer, default=465)
    smtp_tls: Mapped[str] = mapped_column(String(10), default="tls")
    smtp_user: Mapped[str] = mapped_column(String(254), default="")
    smtp_secret: Mapped[str] = mapped_column(Text, default="")
    smtp_ca_file: Mapped[str] = mapped_column(String(500), default="")

    hook_secret: Mapped[str] = mapped_column(Text, default="")
    """signs the HTTP raw-MIME endpoint, encrypted; '' = closed"""

    last_contact_at: Mapped[datetime | None]
    last_mail_at: Mapped[datetime | None]
    usual_gap_seconds: Mapped[int | None]
    """moving average of the time between mails; drives the silence alarm"""
    last_fault: Mapped[str] = mapped_column(String(300), default="")
    last_fault_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]
    lease_holder: Mapped[str] = mapped_column(String(80), default="")
    lease_number: Mapped[int] = mapped_column(BigInteger, default=0)
    lease_until: Mapped[datetime | None]

    @property
    def imap_account(self) -> str:
        """The mark of the account that is read."""
        return account_mark(self.imap_host, self.imap_port, self.imap_user)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address of ours that ends in this mailbox, casefolded."""
        return frozenset({self.address, *self.aliases})


class FolderCursor(Model):
    """How far one IMAP folder was read. One row per account and UIDVALIDITY: the balance of an old one stays provable."""

    __tablename__ = "folder_cursor"
    __table_args__ = (UniqueConstraint("mailbox_id", "folder", "uidvalidity", "account"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(Key, ForeignKey("mailbox.id"))
    folder: Mapped[str] = mapped_column(String(254))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[str] = mapped_column(String(16), default="")
    """the mark of the account on the server (`account_mark`): each deals its own numbers, often the same ones"""
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    server_count: Mapped[int] = mapped_column(Integer, default=0)
    """messages in the folder at the last contact"""
    current: Mapped[bool] = mapped_column(default=True)


class MailboxDelivery(Model):
    """One message of one IMAP folder and what became of it: the proof of 'server = stored + duplicate + quarantined'."""

    __tablename__ = "mailbox_delivery"
    __table_args__ = (
        UniqueConstraint("cursor_id", "uid"),
        CheckConstraint("outcome IN ('stored','duplicate','quarantined')", name="outcome"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    cursor_id: Mapped[int] = mapped_column(Key, ForeignKey("folder_cursor.id"))
    uid: Mapped[int] = mapped_column(BigInteger)
    raw_id: Mapped[int | None] = mapped_column(Key, ForeignKey("raw_mail.id"))
    outcome: Mapped[str] = mapped_column(String(12))


class RawMail(Model):
    """One mail as it came. The row and its blob are durable before anybody is told that we have it."""

    __tablename__ = "raw_mail"
    __table_args__ = (
        CheckConstraint("state IN ('received','taken_in','duplicate','unreadable')", name="state"),
        Index(
            "ix_raw_mail_waiting",
            "id",
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sha256: Mapped[str] = mapped_column(Digest(), unique=True)
    size: Mapped[int] = mapped_column(Integer)
    door: Mapped[str] = mapped_column(String(10))
    """imap, lmtp, http or import"""
    mailbox_id: Mapped[int | None] = mapped_column(Key, ForeignKey("mailbox.id"))
    received_at: Mapped[datetime]
    envelope_from: Mapped[str | None] = mapped_column(String(320))
    envelope_to: Mapped[str | None] = mapped_column(String(320))
    """the recipient the door was told, which may carry our signed plus-address"""
    state: Mapped[str] = mapped_column(String(12), default="received")
    taken_in_at: Mapped[datetime | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(Key, ForeignKey("raw_mail.id"))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(300))


class ForgottenMail(Model):
    """A mail that was erased, by a digest of its digest: the server that it came from may offer the same bytes again."""

    __tablename__ = "forgotten_mail"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """see `forgotten_mark`"""
    raw_id: Mapped[int] = mapped_column(Key, ForeignKey("raw_mail.id"))


def forgotten_mark(sha256: str) -> str:
    """By what erased bytes are recognised: it names no blob, so nothing that is swept takes it for one."""
    return hashlib.sha256(f"forgotten:{sha256}".encode()).hexdigest()


class OutboundMail(Model):
    """One mail that leaves, or left: its bytes and Message-ID are fixed when it is queued."""

    __tablename__ = "outbound_mail"
    __table_args__ = (
        CheckConstraint("state IN ('queued','sending','sent','failed','unknown','cancelled')", name="state"),
        Index(
            "ix_outbound_mail_due",
            "due_at",
            sqlite_where=text("state IN ('queued','sending')"),
            postgresql_where=text("state IN ('queued','sending')"),
        ),
        Index(
            "ix_outbound_mail_address_auto",
            "to_address",
            "queued_at",
            sqlite_where=text("automatic"),
            postgresql_where=text("automatic"),
        ),
        Index(
            "ix_outbound_mail_thread_auto",
            "thread",
            "queued_at",
            sqlite_where=text("automatic"),
            postgresql_where=text("automatic"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    occasion: Mapped[str] = mapped_column(String(120), unique=True)
    """why this mail exists, once for ever: 'reply:<draft token>', 'acknowledge:<message id>'"""
    thread: Mapped[str] = mapped_column(String(40))
    """what it belongs to, opaque here: 'conversation:12'"""
    mailbox_id: Mapped[int] = mapped_column(Key, ForeignKey("mailbox.id"))
    message_id: Mapped[str] = mapped_column(String(254))
    """without angle brackets; its 160 random bits make it unique"""
    sha256: Mapped[str] = mapped_column(Digest())
    """blob of the final bytes"""
    size: Mapped[int] = mapped_column(Integer)
    envelope_from: Mapped[str] = mapped_column(String(320))
    recipients: Mapped[list[Any]]
    """envelope recipients still to be reached"""
    to_address: Mapped[str] = mapped_column(String(254))
    """first recipient, casefolded: the circuit breaker counts by it"""
    automatic: Mapped[bool] = mapped_column(default=False)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """not before: end of the undo window, then the next try"""
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    unknown_count: Mapped[int] = mapped_column(Integer, default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
    data_started_at: Mapped[datetime | None]
    """committed before DATA: a lease that ends with this set is an unknown outcome, without it a plain retry"""
    rung_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    response: Mapped[str | None] = mapped_column(String(500))
    """the server's last words"""
    refused: Mapped[dict[str, Any] | None]
    """recipient -> [code, words] for those who were refused"""


class MailHold(Model):
    """While its one row stands, machines' mails stay in the outbox: after a restore nothing leaves by itself."""

    __tablename__ = "mail_hold"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(200))
