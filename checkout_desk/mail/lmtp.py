"""The door for a mail server in front of the desk: LMTP (RFC 2033) and SMTP (RFC 5321) on one port.

250 is said after the commit and never before. Only our own addresses are recipients, so this relays for nobody. A line
ends with CRLF and the mail with CRLF.CRLF, nothing else (aiosmtpd since 1.4.6): what looks like a second mail behind a
bare line feed stays part of the first (SECURITY A34).
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from checkout_desk import clock
from checkout_desk.mail.health import note_mail
from checkout_desk.mail.mailboxes import mailbox_of
from checkout_desk.mail.receiving import Receipt, TooLarge, blobs, receive
from checkout_desk.storage import NoSpace

log = structlog.get_logger(__name__)

CONNECTIONS = 100
"""at once; one more is told to come back"""
RECIPIENTS = 100
THREADS = 4
PATIENCE_SECONDS = 120.0

STORED = "250 2.0.0 Stored"
NO_SPACE = "452 4.3.1 No space at the moment, try again later"
TROUBLE = "451 4.3.0 The desk cannot store mail at the moment, try again later"
TOO_LARGE = "552 5.3.4 Message too large"
NOT_OURS = "550 5.1.1 No such mailbox here"

Answer = TypeVar("Answer")
_BARE = re.compile(rb"\r\n|\r|\n")


def one_line_end(data: bytes) -> bytes:
    """`data` with every line ended by CRLF, so that no later hop can be smuggled a second mail out of a bare CR or LF."""
    return _BARE.sub(b"\r\n", data)


class _Door:
    """aiosmtpd's handler: every question to the database is asked in a thread with a session of its own."""

    def __init__(self, app: Flask, pool: ThreadPoolExecutor) -> None:
        self.app = app
        self.pool = pool

    async def _ask(self, question: Callable[..., Answer], *arguments: Any) -> Answer:
        def asked() -> Answer:
            with self.app.app_context():
                return question(*arguments)

        return await asyncio.get_running_loop().run_in_executor(self.pool, asked)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        sizes = [int(option[5:]) for option in options if re.fullmatch(r"SIZE=\d{1,12}", option.upper())]
        refusal = await self._ask(_no_room, sum(sizes))
        if refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        refusal = await self._ask(_refusal_of, address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        return await self._ask(_store, one_line_end(content), envelope.mail_from, list(envelope.rcpt_tos))

    async def handle_exception(self, error: Exception) -> str:
        log.error("lmtp.fault", fault=type(error).__name__)
        return TROUBLE


def _no_room(size: int) -> str:
    try:
        blobs().check_space(size)
    except (NoSpace, OSError):
        return NO_SPACE
    return ""


def _refusal_of(address: str) -> str:
    try:
        blobs().check_space()
        return "" if mailbox_of(address) else NOT_OURS
    except (NoSpace, OSError):
        return NO_SPACE
    except SQLAlchemyError as fault:
        log.warning("lmtp.database", fault=type(fault).__name__)
        return TROUBLE


def _store(data: bytes, sender: str | None, recipients: list[str]) -> str:
    """Keep the mail once for all its recipients. Returns the one reply that is true for each of them."""
    # The recipient that carries our signed token says most; the mail itself is one conversation whoever it names.
    sender = "" if sender == "<>" else sender  # bounces
    told = next((address for address in recipients if "+" in address.partition("@")[0]), recipients[0])
    try:
        mailbox_id = mailbox_of(told)

        def alongside(receipt: Receipt) -> None:
            if mailbox_id and receipt.outcome == "stored":
                note_mail(mailbox_id, clock.now())

        receive(
            data,
            door="lmtp",
            mailbox_id=mailbox_id,
            envelope_from=sender,
            envelope_to=told,
            alongside=alongside,
        )
    except TooLarge:
        return TOO_LARGE
    except NoSpace:
        return NO_SPACE
    except SQLAlchemyError as fault:
        log.warning("lmtp.database", fault=type(fault).__name__)
        return TROUBLE
    except Exception:
        log.exception("lmtp.fault")
        return TROUBLE
    return STORED


class _Protocol(SMTP):
    """SMTP until the client says LHLO; from then on one reply for each recipient follows the data."""

    line_length_limit = 2**20
    """mails with long lines exist, and refusing one loses it"""

    def __init__(self, handler: _Door, listener: MailListener, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._listener = listener
        self._lmtp = False
        self._data_sent = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        self._lmtp = True
        await super().smtp_EHLO(arg)

    async def smtp_EHLO(self, arg: str) -> None:
        self._lmtp = False
        await super().smtp_EHLO(arg)

    async def smtp_DATA(self, arg: str) -> None:
        self._data_sent = False
        try:
            await super().smtp_DATA(arg)
        finally:
            self._data_sent = False

    async def push(self, status: str | bytes) -> None:
        text = status.decode() if isinstance(status, bytes) else status
        if self._data_sent and self._lmtp and self._recipients:
            text = "\r\n".join([text] * self._recipients)
        if text.startswith("354"):
            self._data_sent = True
            self._recipients = len(self.envelope.rcpt_tos) if self.envelope else 0
        await super().push(text)

    _recipients = 0

    def connection_made(self, transport: Any) -> None:
        if not self._listener.admit():
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
            self._refused = True
            return
        super().connection_made(transport)

    _refused = False

    def connection_lost(self, error: Exception | None) -> None:
        if self._refused:
            return
        self._listener.dismiss()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._refused else super().eof_received()


class MailListener:
    """The listening port, with an event loop in a thread of its own. `port` is the real one after `start`."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.host = host
        self.port = port
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="lmtp")
        self._thread = threading.Thread(target=self._loop.run_forever, name="lmtp", daemon=True)

    def start(self) -> None:
        """Listen. Raises OSError when the port cannot be had."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except BaseException:
            self._end()
            raise
        log.info("lmtp.listening", host=self.host, port=self.port)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._protocol, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _protocol(self) -> _Protocol:
        with self.app.app_context():
            limit: int = current_app.config["DESK_MAX_MAIL"]
        return _Protocol(
            _Door(self.app, self._pool),
            self,
            data_size_limit=limit,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname="checkout-desk",
            ident="Checkout Desk",
            timeout=PATIENCE_SECONDS,
            loop=self._loop,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
        )

    def admit(self) -> bool:
        """Count one more connection, or say that there are too many."""
        if self._open >= CONNECTIONS:
            return False
        self._open += 1
        return True

    def dismiss(self) -> None:
        self._open -= 1

    def stop(self) -> None:
        """Take no more mail; what is being stored at this moment is stored and answered."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._end()

    async def _close(self) -> None:
        self._server.close()
        await asyncio.to_thread(self._pool.shutdown)
        await asyncio.sleep(0)  # lets the answers to what was just stored be written

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
