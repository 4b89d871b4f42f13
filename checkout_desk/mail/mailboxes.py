"""Creating, changing and trying out mailboxes, and knowing which addresses are our own."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.mail import hosts
from checkout_desk.mail.models import FolderCursor, Mailbox
from checkout_desk.secrets import LostKey, decrypt, encrypt

TLS = ("tls", "starttls", "none")
OPEN_FIELDS = frozenset(
    {
        "address",
        "display_name",
        "aliases",
        "plus_addressing",
        "enabled",
        "imap_host",
        "imap_port",
        "imap_tls",
        "imap_user",
        "imap_folders",
        "imap_ca_file",
        "smtp_host",
        "smtp_port",
        "smtp_tls",
        "smtp_user",
        "smtp_ca_file",
    }
)
SECRET_FIELDS = {"imap_password": "imap_secret", "smtp_password": "smtp_secret", "hook_secret": "hook_secret"}
"""what a person types -> the column that keeps it encrypted"""
PLACE = ("host", "port", "tls", "user", "ca_file")
"""Whoever may change these decides who gets to see the password, so it has to be typed again with them."""


class Refused(ValueError):
    """A value cannot be used. `field` names it; the message says what would be accepted."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SecretNeeded(Refused):
    """Where the mailbox's password goes was changed: the password has to be typed again (SECURITY A21)."""


def own_addresses() -> frozenset[str]:
    """Every address and alias of every mailbox, casefolded. Also of closed ones: they are still ours.

    They stand as they were entered: orders+token@ is not among them where only orders@ is.
    """
    rows = db.session.execute(select(Mailbox.address, Mailbox.aliases)).all()
    return frozenset(address.casefold() for row in rows for address in (row.address, *(row.aliases or ())))


def mailbox_of(address: str) -> int | None:
    """The id of the open mailbox where `address` arrives: one of its own addresses, or one with a +detail."""
    wanted = address.strip().strip("<>").casefold()
    local, _, domain = wanted.rpartition("@")
    bare = f"{local.partition('+')[0]}@{domain}"
    columns = (Mailbox.id, Mailbox.address, Mailbox.aliases, Mailbox.plus_addressing)
    detailed: int | None = None
    for row in db.session.execute(select(*columns).where(Mailbox.enabled).order_by(Mailbox.id)):
        own = {own.casefold() for own in (row.address, *(row.aliases or ()))}
        if wanted in own:
            return int(row.id)
        if row.plus_addressing and bare in own and detailed is None:
            detailed = int(row.id)
    return detailed


def create_mailbox(values: Mapping[str, Any]) -> Mailbox:
    """A new mailbox from `values` (OPEN_FIELDS and SECRET_FIELDS), recorded; the caller commits. Raises Refused."""
    if "address" not in values:
        raise Refused("address", "A mailbox needs its address.")
    mailbox = Mailbox(
        created_at=clock.now(),
        address="",
        display_name="",
        aliases=[],
        plus_addressing=True,
        enabled=True,
        imap_host="",
        imap_port=993,
        imap_tls="tls",
        imap_user="",
        imap_secret="",
        imap_folders=["INBOX"],
        imap_ca_file="",
        smtp_host="",
        smtp_port=465,
        smtp_tls="tls",
        smtp_user="",
        smtp_secret="",
        smtp_ca_file="",
        hook_secret="",
    )
    shown, _ = _apply(mailbox, values)
    db.session.add(mailbox)
    db.session.flush()
    record("mailbox.created", about=mailbox, after=shown)
    return mailbox


def change_mailbox(mailbox: Mailbox, values: Mapping[str, Any]) -> None:
    """Apply `values` to `mailbox` and record what changed; the caller commits.

    A password field that is absent or '' leaves the password as it is, None forgets it; without a host it is forgotten
    too. Raises SecretNeeded when host, port, TLS, user or authority of a server changes while a password is stored and
    none was typed, and Refused for an unusable value; then nothing was changed.
    """
    values = dict(values)
    for side in ("imap", "smtp"):
        moved = [
            name
            for name in PLACE
            if f"{side}_{name}" in values and values[f"{side}_{name}"] != getattr(mailbox, f"{side}_{name}")
        ]
        if moved and getattr(mailbox, f"{side}_secret") and not values.get(f"{side}_password"):
            if not values.get(f"{side}_host", getattr(mailbox, f"{side}_host")):
                values[f"{side}_password"] = None
                continue
            raise SecretNeeded(
                f"{side}_password",
                "Type the password again: it would go to another server or another user than before.",
            )
    account = mailbox.imap_account
    after, before = _apply(mailbox, values)
    if mailbox.imap_account != account:
        _retire_cursors(mailbox)
    if after:
        record("mailbox.changed", about=mailbox, before=before, after=after)


def _retire_cursors(mailbox: Mailbox) -> None:
    """How far the folders of the former account were read says nothing about the new one's, whatever its numbers are.

    The mailbox's row is written first, as its reader does.
    """
    db.session.flush()
    db.session.execute(
        update(FolderCursor)
        .where(FolderCursor.mailbox_id == mailbox.id)
        .values(current=False)
        .execution_options(synchronize_session=False)
    )


def _apply(mailbox: Mailbox, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check all, then set all. Returns (after, before) of what changed, with passwords as a mere 'changed'."""
    if unknown := set(values) - OPEN_FIELDS - set(SECRET_FIELDS):
        raise Refused(min(unknown), "There is no such setting.")
    checked = {name: _checked(name, value) for name, value in values.items() if name in OPEN_FIELDS}
    _check_unique(mailbox, checked)
    for side in ("imap", "smtp"):
        tls = checked.get(f"{side}_tls", getattr(mailbox, f"{side}_tls"))
        host = checked.get(f"{side}_host", getattr(mailbox, f"{side}_host"))
        if tls == "none" and host and not hosts.plain_permitted(host):
            raise Refused(
                f"{side}_tls", "Choose tls or starttls: without, the password could be read on the way."
            )
    after: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for name, value in checked.items():
        if getattr(mailbox, name) != value:
            before[name], after[name] = getattr(mailbox, name), value
            setattr(mailbox, name, value)
    for typed, column in SECRET_FIELDS.items():
        if values.get(typed):
            setattr(mailbox, column, encrypt(values[typed]))
            before[typed], after[typed] = "kept secret", "changed"
        elif typed in values and values[typed] is None and getattr(mailbox, column):
            setattr(mailbox, column, "")
            before[typed], after[typed] = "kept secret", "removed"
    return after, before


def _checked(name: str, value: Any) -> Any:
    if name == "address":
        return _address(name, value)
    if name == "aliases":
        return sorted({_address(name, alias) for alias in value})
    if name.endswith("_port"):
        if not isinstance(value, int) or not 0 < value < 65536:
            raise Refused(name, "A port is a number from 1 to 65535.")
    elif name.endswith("_tls"):
        if value not in TLS:
            raise Refused(name, "Choose tls, starttls or none.")
    elif name == "imap_folders":
        value = list(dict.fromkeys(folder.strip() for folder in value if folder.strip())) or ["INBOX"]
        if any(len(folder) > 254 for folder in value):
            raise Refused(name, "A folder's name has at most 254 characters.")
    elif isinstance(value, str):
        value = value.strip()
        longest = {"display_name": 120, "imap_ca_file": 500, "smtp_ca_file": 500}.get(name, 254)
        if len(value) > longest or any(ord(character) < 32 for character in value):
            raise Refused(name, f"At most {longest} characters, on one line.")
    return value


def _address(field: str, value: str) -> str:
    try:
        found = validate_email(value.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Refused(
            field, f"{value.strip()[:80]!r} is not an address such as orders@example.com."
        ) from None
    return found.normalized.casefold()


def _check_unique(mailbox: Mailbox, checked: Mapping[str, Any]) -> None:
    for field in ("address", "aliases"):
        mine = {checked[field]} if field == "address" and field in checked else set(checked.get(field, ()))
        for other in db.session.scalars(select(Mailbox).where(Mailbox.id != (mailbox.id or 0))):
            if taken := mine & other.own_addresses:
                raise Refused(field, f"{min(taken)} already belongs to the mailbox {other.address}.")


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a live test found: for each of the two servers 'ok', 'refused', 'timeout', or 'not set'.

    No more is told, so that the test shows nothing about hosts that are not mail servers (SECURITY A21).
    """

    imap: str
    smtp: str

    @property
    def ok(self) -> bool:
        return {self.imap, self.smtp} <= {"ok", "not set"}


def test_mailbox(mailbox: Mailbox) -> TestResult:
    """Sign in to both servers of `mailbox` as it stands (saved or not) and open its folders; nothing is read or sent."""
    return TestResult(
        imap=tried(lambda: _try_imap(mailbox)) if mailbox.imap_host else "not set",
        smtp=tried(lambda: reach_smtp(mailbox)) if mailbox.smtp_host else "not set",
    )


test_mailbox.__test__ = False  # type: ignore[attr-defined]  # not one of pytest's
TestResult.__test__ = False  # type: ignore[attr-defined]


def tried(attempt: Any) -> str:
    """What an attempt to reach a mail server came to: 'ok', 'refused' or 'timeout'."""
    try:
        attempt()
    except TimeoutError:
        return "timeout"
    except (hosts.HostRefused, LostKey, OSError, imaplib.IMAP4.error, smtplib.SMTPException, UnicodeError):
        return "refused"  # UnicodeError: a name or password that cannot be put on the wire
    return "ok"


def _try_imap(mailbox: Mailbox) -> None:
    # Loaded here: the page that tries a sign-in is rare, and every process has this module.
    from checkout_desk.mail.imap_client import Account, connect

    account = Account.of(mailbox)
    client = connect(account)
    try:
        for folder in account.folders:
            client.select_folder(folder, readonly=True)
    finally:
        client.shutdown()


class _Plain(smtplib.SMTP):
    """smtplib on a socket to a checked address."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return hosts.dial(host, port, timeout=timeout)


class _Secure(_Plain):
    """The same, with TLS from the first byte."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext, timeout: float) -> None:
        self._context = context
        super().__init__(host, port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def reach_smtp(mailbox: Mailbox) -> None:
    """Sign in to the server for outgoing mail. Raises what `tried` and the doctor tell apart."""
    host, port, tls = mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_tls
    if tls == "none" and not hosts.plain_permitted(host):
        raise hosts.HostRefused("Mail is not sent without TLS to another machine.")
    context = hosts.tls_context(mailbox.smtp_ca_file)
    server: smtplib.SMTP = (
        _Secure(host, port, context=context, timeout=hosts.CONNECT_SECONDS)
        if tls == "tls"
        else _Plain(host, port, timeout=hosts.CONNECT_SECONDS)
    )
    with server:
        if tls == "starttls":
            server.starttls(context=context)
        if mailbox.smtp_user:
            server.login(mailbox.smtp_user, decrypt(mailbox.smtp_secret))
        else:
            server.noop()
