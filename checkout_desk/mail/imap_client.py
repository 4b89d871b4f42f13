"""Signing in to an IMAP server: verified TLS, a checked address, and limits on what the server may make us hold."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from imapclient import IMAPClient, SocketTimeout

from checkout_desk.mail import hosts
from checkout_desk.mail.models import Mailbox, account_mark
from checkout_desk.secrets import decrypt

READ_SECONDS = 60.0
LINE_LIMIT = 64 * 2**20
"""longest line of an answer; a SEARCH of a million mails is one line of eight million bytes"""


@dataclass(frozen=True, slots=True)
class Account:
    """What is needed to sign in to a mailbox's IMAP server, apart from the database. `secret` is the stored form."""

    mailbox_id: int
    host: str
    port: int
    tls: str
    user: str
    secret: str = field(repr=False)
    folders: tuple[str, ...]
    ca_file: str

    @property
    def mark(self) -> str:
        """The name of this account in the cursors of its folders."""
        return account_mark(self.host, self.port, self.user)

    @classmethod
    def of(cls, mailbox: Mailbox) -> Account:
        """The present settings of `mailbox`."""
        return cls(
            mailbox_id=mailbox.id,
            host=mailbox.imap_host,
            port=mailbox.imap_port,
            tls=mailbox.imap_tls,
            user=mailbox.imap_user,
            secret=mailbox.imap_secret,
            folders=tuple(mailbox.imap_folders or ["INBOX"]),
            ca_file=mailbox.imap_ca_file,
        )


class _Wire(imaplib.IMAP4):
    """imaplib on a socket to a checked address, with limits on what a server may make us hold in memory."""

    def __init__(
        self, host: str, port: int, *, context: ssl.SSLContext | None, timeout: float, limit: int
    ) -> None:
        self._context = context
        self._limit = limit
        super().__init__(host, port, timeout=timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        connection = hosts.dial(self.host, self.port, timeout=timeout or hosts.CONNECT_SECONDS)
        if self._context is None:
            return connection
        try:
            return self._context.wrap_socket(connection, server_hostname=self.host)
        except BaseException:
            connection.close()
            raise

    def read(self, size: int) -> bytes:
        if size > self._limit:
            raise self.abort(f"a literal of {size} bytes")
        return super().read(size)

    def readline(self) -> bytes:
        line = cast("bytes", self.file.readline(LINE_LIMIT + 1))
        if len(line) > LINE_LIMIT:
            raise self.abort("a line without end")
        return line


class Client(IMAPClient):  # the library has no types
    """IMAPClient that connects through `hosts.dial`."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext | None, limit: int) -> None:
        self._dial_context = context
        self._dial_limit = limit
        super().__init__(
            host,
            port,
            ssl=context is not None,
            ssl_context=context,
            timeout=SocketTimeout(hosts.CONNECT_SECONDS, READ_SECONDS),
        )

    def _create_IMAP4(self) -> _Wire:
        return _Wire(
            self.host,
            self.port,
            context=self._dial_context,
            timeout=hosts.CONNECT_SECONDS,
            limit=self._dial_limit,
        )


def connect(account: Account) -> Client:
    """A signed-in client. Raises HostRefused, LostKey, OSError (TLS too), LoginError and other IMAPClientErrors."""
    if account.tls not in ("tls", "starttls", "none"):
        raise hosts.HostRefused("The kind of encryption is not known.")
    if account.tls == "none" and not hosts.plain_permitted(account.host):
        raise hosts.HostRefused("Mail is not read without TLS from another machine.")
    password = decrypt(account.secret)
    context = None if account.tls == "none" else hosts.tls_context(account.ca_file)
    limit = current_app.config["DESK_MAX_MAIL"] + 2**20
    client = Client(
        account.host, account.port, context=context if account.tls == "tls" else None, limit=limit
    )
    try:
        client.normalise_times = False
        if account.tls == "starttls":
            client.starttls(context)
        client.login(account.user, password)
    except BaseException:
        with contextlib.suppress(OSError):  # a socket that broke during the handshake must not hide why
            client.shutdown()
        raise
    return client
