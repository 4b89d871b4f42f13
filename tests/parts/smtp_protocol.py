"""One connection to the SMTP sink: aiosmtpd's protocol, with the plan consulted at every point."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.parts.smtp_plan import Accepted, Misbehaviour, Point

if TYPE_CHECKING:
    from tests.parts.smtp import SmtpSink

PATIENCE = 3600  # seconds without a command before the server hangs up; a paused test must not meet it


class SinkProtocol(SMTP):
    """A server-side SMTP session that does to its client what the sink was told."""

    def __init__(self, sink: SmtpSink, *, loop: asyncio.AbstractEventLoop) -> None:
        self._sink = sink
        self._mail_plan: Misbehaviour | None = None
        self._unanswered: Accepted | None = None
        super().__init__(
            _Handler(self),
            data_size_limit=None,
            hostname="sink.example",
            ident="Sink of the tests",
            tls_context=sink.starttls_context,
            require_starttls=sink.tls == "starttls",
            auth_require_tls=sink.tls == "starttls",  # aiosmtpd does not count TLS from the first byte
            authenticator=self._check_login,
            timeout=PATIENCE,
            loop=loop,
        )

    # -- the connection -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        first = self.transport is None  # STARTTLS comes here a second time
        super().connection_made(transport)
        if first:
            self._sink.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.closed(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Close the connection at once; nothing more is sent."""
        transport = self._original_transport or self.transport
        if transport is not None:
            transport.abort()  # type: ignore[attr-defined]

    async def _handle_client(self) -> None:
        told = self._sink.plan.for_connection()
        if told is None:
            await super()._handle_client()
            return
        await told.happen()
        if told.drop:
            self.cut()
        elif told.reply is not None:
            await self.push(told.reply)
            self._writer.close()
        else:
            await super()._handle_client()

    def _check_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if isinstance(data, LoginPassword):
            password = self._sink.users.get(data.login.decode(errors="replace"))
            if password is not None and password.encode() == data.password:
                return AuthResult(success=True, auth_data=data.login.decode())
        return AuthResult(success=False, handled=False)

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Refuse the command of somebody who has not signed in, where there are users; return whether it was.

        Done here since aiosmtpd's own setting warns wherever TLS began with the first byte.
        """
        if not self._sink.users or (self.session is not None and self.session.authenticated):
            return False
        await self.push("530 5.7.0 Sign in first")
        return True

    # -- the mail -------------------------------------------------------------------------------------------

    async def at(self, point: Point) -> str | None:
        """Do what the plan says for this point; return the refusal, or None to go on."""
        told = self._mail_plan
        if told is None or told.point != point:
            return None
        await told.happen()
        if told.drop:
            self.cut()
            raise asyncio.CancelledError  # ends the session; no answer can go out any more
        return told.reply

    async def begin_mail(self) -> str | None:
        """A MAIL command came in."""
        self._sink.count_begun()
        self._mail_plan = self._sink.plan.for_mail()
        return await self.at("mail")

    async def add_recipient(self, address: str) -> str | None:
        """A RCPT command came in; a plan for this recipient goes before the one for the next mail."""
        own = self._sink.plan.for_recipient(address)
        if own is not None and own.point == "rcpt":
            kept, self._mail_plan = self._mail_plan, own
            try:
                return await self.at("rcpt")
            finally:
                self._mail_plan = kept  # it was about this recipient only
        if own is not None:
            self._mail_plan = own
        return await self.at("rcpt")

    async def smtp_DATA(self, arg: str) -> None:
        """Answer DATA; what is told for "data" comes instead of the 354."""
        assert self.envelope is not None
        if self.envelope.rcpt_tos and not arg:
            refusal = await self.at("data")
            if refusal is not None:
                await self.push(refusal)
                self._set_post_data_state()
                return
            self._sink.count_content()
        await super().smtp_DATA(arg)
        if self._unanswered is not None:
            self._unanswered.answered, self._unanswered = True, None

    async def finish_mail(self, session: Session, envelope: Envelope) -> str:
        """The final dot came in: keep the mail, if it is to be kept, and answer."""
        told = self._mail_plan if self._mail_plan is not None and self._mail_plan.point == "dot" else None
        mail = None
        if told is not None and told.keep and told.reply is None:
            mail = self._keep(session, envelope)
        refusal = await self.at("dot")
        self._mail_plan = None
        if refusal is not None:
            return refusal
        self._unanswered = mail or self._keep(session, envelope)
        return f"250 2.0.0 Kept as {self._unanswered.number}"

    def _keep(self, session: Session, envelope: Envelope) -> Accepted:
        return self._sink.keep(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            content=envelope.original_content or b"",
            login=session.auth_data if session.authenticated else None,
            encrypted=session.ssl is not None or self._sink.tls == "smtps",
        )


class _Handler:
    """The hooks that aiosmtpd calls, all passed on to the session."""

    def __init__(self, protocol: SinkProtocol) -> None:
        self._protocol = protocol

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._protocol.begin_mail()
        if refusal is not None:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._protocol.add_recipient(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._protocol.finish_mail(session, envelope)
