"""Talking SMTP: stored bytes go out unchanged over verified TLS, and the answer is never guessed.

flask-mailman's own backend accepts any certificate after STARTTLS and hides refused recipients, so this one replaces
its connection and its sending. Three outcomes are told apart, because only one of them may be repeated freely:
`Sent`, `Refused` (for now or for good) and `Unknown` (the final dot went out and no answer came back).
"""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_mailman.backends.smtp import EmailBackend

from checkout_desk import faults
from checkout_desk.mail.results import Refusal, Refused, Result, Sent, Unknown

COMMAND_SECONDS = 30
BODY_SECONDS = 240
"""for the whole body; with DOT_SECONDS less than the lease of a mail inside DATA"""
DOT_SECONDS = 600
"""RFC 5321 4.5.3.2.6: a client that gives up earlier makes duplicates"""
CHUNK = 65536


class NotSent(Exception):
    """Raised by `send_messages` when a mail was not taken for every recipient; `result` says what happened."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.words)
        self.result = result


class Unusable(Exception):
    """The account's settings cannot be used safely; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom to hand mail over.

    `tls` is tls, starttls or none; with none the peer must be this machine unless `plain_allowed`.
    """

    host: str
    port: int
    tls: str = "tls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    ehlo_name: str = "localhost"
    plain_allowed: bool = False
    private_allowed: bool = True


class StoredMessage:
    """A mail in its final form with its envelope, in the shape that flask-mailman's backends send."""

    encoding = None

    def __init__(self, data: bytes, *, sender: str, recipients: Sequence[str]) -> None:
        self.data = data
        self.from_email = sender
        self._recipients = list(recipients)

    def recipients(self) -> list[str]:
        """The envelope's recipients."""
        return list(self._recipients)


@lru_cache(maxsize=32)
def _context(ca_file: str, changed: int) -> ssl.SSLContext:
    """A verifying context, made once for each state of a CA file: making one costs more than sending a mail."""
    return ssl.create_default_context(cafile=ca_file or None)


class _Link(smtplib.SMTP):
    """One connection; with `context` TLS from the first byte, the peer checked before anything is said."""

    def __init__(self, account: Account, context: ssl.SSLContext | None) -> None:
        self._account, self._wrap = account, context
        super().__init__(
            account.host, account.port, local_hostname=account.ehlo_name, timeout=COMMAND_SECONDS
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        link = socket.create_connection((host, port), timeout)
        try:
            link.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )  # the final dot does not wait for an ACK
            _check_peer(self._account, ipaddress.ip_address(link.getpeername()[0].partition("%")[0]))
            return link if self._wrap is None else self._wrap.wrap_socket(link, server_hostname=host)
        except BaseException:
            link.close()
            raise


def _check_peer(account: Account, peer: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Refuse the address that was really reached, whatever its name resolved to before."""
    if account.tls == "none" and not (peer.is_loopback or account.plain_allowed):
        raise Unusable(
            f"Mail to {account.host} would go unencrypted. Set the mailbox's SMTP to TLS or STARTTLS."
        )
    if not account.private_allowed and not peer.is_global:
        raise Unusable(
            f"{account.host} is in a private network, which DESK_PRIVATE_MAIL_HOSTS does not allow."
        )


class VerifiedBackend(EmailBackend):  # flask-mailman has no types
    """flask-mailman's SMTP backend with a verified connection and an answer that says what really happened.

    One thread at a time. The connection stays open between mails until `close`.
    """

    connection: _Link | None

    def __init__(self, account: Account, **options: Any) -> None:
        super().__init__(
            host=account.host,
            port=account.port,
            username=account.username,
            password=account.password,
            use_tls=account.tls == "starttls",
            use_ssl=account.tls == "tls",
            timeout=COMMAND_SECONDS,
            **options,
        )
        self.account = account

    def open(self) -> bool:
        """Connect, verify and sign in unless that is done. Returns whether a connection was made.

        Raises what `_reason` can put into words. No credential is sent before the certificate was verified.
        """
        if self.connection is not None:
            return False
        account = self.account
        context = None if account.tls == "none" else self._tls()
        link = _Link(account, context if account.tls == "tls" else None)
        try:
            link.ehlo_or_helo_if_needed()
            if account.tls == "starttls":
                if not link.has_extn("starttls"):
                    raise Unusable(f"{account.host} offers no encryption (STARTTLS), so nothing was sent.")
                link.starttls(context=context)
                link.ehlo_or_helo_if_needed()
            if account.username:
                self._sign_in(link)
        except BaseException:
            link.close()
            raise
        self.connection = link
        return True

    def _sign_in(self, link: _Link) -> None:
        try:
            link.login(self.account.username, self.account.password)
        except UnicodeError:  # its text would hold the password
            raise Unusable("The SMTP user name and password may hold only ASCII characters.") from None

    def close(self) -> None:
        """Say goodbye and disconnect; a server that is gone already is no fault."""
        link, self.connection = self.connection, None
        if link is not None:
            try:
                if link.sock is not None:
                    link.sock.settimeout(2)
                link.quit()
            except (smtplib.SMTPException, OSError):
                link.close()

    def deliver(self, message: StoredMessage, *, before_data: Callable[[], None] | None = None) -> Result:
        """Hand one mail over and say what came of it.

        `before_data` is called when the server has accepted a recipient, just before DATA; what it raises ends the
        attempt with nothing sent and comes out of here. A kept connection that turns out dead is replaced once.
        """
        for _ in range(2):
            kept = self.connection is not None
            try:
                self.open()
                return self._attempt(message, before_data)
            except (smtplib.SMTPException, OSError, Unusable, ValueError) as fault:
                self._drop()
                if not (kept and isinstance(fault, (smtplib.SMTPServerDisconnected, _Closing))):
                    return _all_refused(message, self._reason(fault))
        return _all_refused(message, Refusal(False, 0, f"{self.account.host} closed the connection."))

    def _send(self, email_message: StoredMessage) -> bool:
        """What `send_messages` calls for each mail. Raises NotSent unless all recipients were taken."""
        result = self.deliver(email_message)
        if isinstance(result, Sent) and not result.refused:
            return True
        if not self.fail_silently:
            raise NotSent(result)
        return False

    def _tls(self) -> ssl.SSLContext:
        path = self.account.ca_file
        try:
            return _context(path, Path(path).stat().st_mtime_ns if path else 0)
        except (OSError, ssl.SSLError):
            raise Unusable(f"The certificate file {path} cannot be read, so nothing was sent.") from None

    def _attempt(self, message: StoredMessage, before_data: Callable[[], None] | None) -> Result:
        """MAIL, RCPT and what follows. Faults that it raises happened before DATA."""
        link = self._link()
        size = [f"size={len(message.data)}"] if link.has_extn("size") else []
        code, words = link.mail(message.from_email, size)
        if not 200 <= code < 300:
            return _all_refused(message, self._refusal(code, words))
        refused: dict[str, Refusal] = {}
        for recipient in message.recipients():
            code, words = link.rcpt(recipient)
            if not 200 <= code < 300:
                refused[recipient] = self._refusal(code, words)
        if len(refused) == len(message.recipients()):
            self._reset()
            return _refused(refused)
        if before_data is not None:
            try:
                before_data()
            except BaseException:
                self._reset()
                raise
        faults.fault("smtp.before_data")
        return self._data(message, refused)

    def _data(self, message: StoredMessage, refused: dict[str, Refusal]) -> Result:
        """DATA, the body, the dot. Raises nothing: from here on every fault has its own meaning."""
        link = self._link()
        try:
            code, words = link.docmd("DATA")
            if code != 354:
                why = self._refusal(code, words)
                self._reset()
                return _all_refused(message, why, refused)
            self._body(link, message.data)
        except (smtplib.SMTPException, OSError, _Closing) as fault:
            self._drop()
            said = f"The mail was not handed over completely. {self._reason(fault).words}"
            return _all_refused(message, Refusal(False, 0, said), refused)
        try:
            assert link.sock is not None
            link.sock.settimeout(DOT_SECONDS)
            link.send(b".\r\n")
            faults.fault("smtp.after_dot")
            code, words = link.getreply()
            if link.sock is not None:
                link.sock.settimeout(COMMAND_SECONDS)
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return Unknown(
                f"The mail was handed over, but no answer came. {self._reason(fault).words}", refused
            )
        if 200 <= code < 300:
            return Sent(_words(words), refused)
        if 400 <= code < 600:
            try:
                return _all_refused(message, self._refusal(code, words), refused)
            except _Closing as closing:
                self._drop()
                return _all_refused(message, closing.refusal, refused)
        self._drop()
        return Unknown(
            f"The mail was handed over, but the answer made no sense: {code} {_words(words)}", refused
        )

    def _body(self, link: _Link, data: bytes) -> None:
        """All of the mail but the final dot, so that a break in here means that it was not delivered."""
        quoted = data.replace(b"\r\n.", b"\r\n..")
        if quoted.startswith(b"."):
            quoted = b"." + quoted
        if not quoted.endswith(b"\r\n"):
            quoted += b"\r\n"
        until = time.monotonic() + BODY_SECONDS
        for start in range(0, len(quoted), CHUNK):
            if time.monotonic() > until:
                raise TimeoutError
            link.send(quoted[start : start + CHUNK])

    def _link(self) -> _Link:
        if self.connection is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.connection

    def _refusal(self, code: int, words: bytes) -> Refusal:
        """The server's refusal. Raises _Closing for 421, after which it hangs up (RFC 5321 3.8)."""
        refusal = Refusal(500 <= code < 600, max(code, 0), f"{code} {_words(words)}")
        if code == 421:
            raise _Closing(refusal)
        return refusal

    def _reset(self) -> None:
        try:
            if self._link().rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        link, self.connection = self.connection, None
        if link is not None:
            link.close()

    def _reason(self, fault: Exception) -> Refusal:
        """A fault before the server said anything about this mail, in words for a person."""
        host = self.account.host
        match fault:
            case _Closing():
                return fault.refusal
            case Unusable():
                return Refusal(True, 0, str(fault))
            case ssl.SSLCertVerificationError():
                why = fault.verify_message or "it does not fit"
                words = f"The certificate of {host} cannot be trusted ({why}), so nothing was sent."
                return Refusal(True, 0, words)
            case ValueError():  # a host name that is none
                return Refusal(True, 0, f"The SMTP settings for {host} cannot be used. Check host and port.")
            case smtplib.SMTPNotSupportedError():
                return Refusal(True, 0, f"{host} does not offer the sign-in that this mailbox needs.")
            case smtplib.SMTPResponseException():
                said = fault.smtp_error
                words = _words(said if isinstance(said, bytes) else str(said).encode())
                code = fault.smtp_code
                return Refusal(500 <= code < 600, max(code, 0), f"{code} {words}")
            case socket.gaierror():
                return Refusal(False, 0, f"The name {host} was not found.")
            case TimeoutError():
                return Refusal(False, 0, f"{host} did not answer in time.")
            case smtplib.SMTPServerDisconnected():
                return Refusal(False, 0, f"{host} closed the connection or did not answer in time.")
        return Refusal(False, 0, f"{host} could not be reached ({type(fault).__name__}).")


class _Closing(smtplib.SMTPException):
    """The server answered 421 and is about to hang up."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


def _words(said: bytes) -> str:
    text = said.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:400]


def _refused(refused: Mapping[str, Refusal]) -> Refused:
    first = next((one for one in refused.values() if not one.permanent), next(iter(refused.values())))
    return Refused(all(one.permanent for one in refused.values()), first.code, first.words, refused)


def _all_refused(
    message: StoredMessage, why: Refusal, already: Mapping[str, Refusal] | None = None
) -> Refused:
    """Nothing left: those in `already` keep their own reason, all others get `why`."""
    return _refused(dict.fromkeys(message.recipients(), why) | dict(already or {}))
