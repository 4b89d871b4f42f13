"""An SMTP server that keeps what it accepts and that can refuse, stall and drop as real ones do."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import ssl
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.parts.process import free_port, short_folder
from tests.parts.smtp_plan import Accepted, Misbehaviour, Plan, Point
from tests.parts.smtp_protocol import SinkProtocol
from tests.parts.tls import LittleAuthority

Tls = Literal["none", "starttls", "smtps"]
Times = int | Literal["usual"] | None


class SmtpSink:
    """An SMTP server on 127.0.0.1, in a thread of this process.

    `tls` is "none", "starttls" (nothing is taken before it) or "smtps" (TLS from the first byte); the
    certificate is signed by `authority`. `hosts` are the names in it: give wrong ones to see them refused.
    With `users` (name to password) nobody can send before AUTH LOGIN or PLAIN.

    Everything that can be told about coming mail returns a `Misbehaviour`, whose `wait_reached` returns when
    a mail has come to that point. Each counts for the next mail only, or for every mail to `recipient`;
    `times` says otherwise (None: for ever). One mail takes one of them, those for its recipients first.
    """

    host = "localhost"

    def __init__(
        self,
        *,
        tls: Tls = "none",
        authority: LittleAuthority | None = None,
        hosts: tuple[str, ...] = ("localhost", "127.0.0.1"),
        users: Mapping[str, str] | None = None,
    ) -> None:
        self.tls = tls
        self.users = dict(users or {})
        self.port = free_port()
        self.plan = Plan()
        self.connections = 0  # connections opened since the start
        self.begun = 0  # mails begun (MAIL commands taken)
        self.contents_begun = 0  # DATA commands answered with 354
        self._hosts = hosts
        self._authority = authority
        self._folder: Path | None = None
        self._accepted: list[Accepted] = []
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._open: set[SinkProtocol] = set()
        self._context: ssl.SSLContext | None = None

    # -- what came in ---------------------------------------------------------------------------------------

    @property
    def accepted(self) -> list[Accepted]:
        """Every mail kept so far, oldest first."""
        with self._changed:
            return list(self._accepted)

    def wait_for(self, count: int, timeout: float = 30.0) -> list[Accepted]:
        """Return the kept mails as soon as there are `count`; raise TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._accepted) >= count, timeout):
                raise TimeoutError(f"{len(self._accepted)} of {count} mails came within {timeout} s")
            return list(self._accepted)

    def wait_closed(self, timeout: float = 30.0) -> None:
        """Return when no client is connected any more; raise TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._open, timeout):
                raise TimeoutError(f"{len(self._open)} clients were still connected after {timeout} s")

    def forget(self) -> None:
        """Forget all mail, all counts and everything that was told: for use between tests."""
        self.plan.clear()
        with self._changed:
            self._accepted.clear()
            self.connections = self.begun = self.contents_begun = 0

    # -- what to do to coming mail --------------------------------------------------------------------------

    def refuse(
        self,
        point: Point,
        code: int,
        text: str = "Refused by the test",
        *,
        recipient: str | None = None,
        times: Times = "usual",
    ) -> Misbehaviour:
        """Answer with `code` (4xx: try again later, 5xx: never) at `point`."""
        return self._tell(Misbehaviour(point, reply=f"{code} {text}", recipient=recipient), times)

    def stall(
        self,
        seconds: float | None = None,
        *,
        point: Point = "dot",
        keep: bool = True,
        recipient: str | None = None,
        times: Times = "usual",
    ) -> Misbehaviour:
        """Be silent for `seconds`, or until `release()`, and then go on as usual.

        With `keep` a mail stalled after its final dot counts as accepted at once, though the client may give
        up before the answer; without, it is accepted only if the client is still there afterwards.
        """
        told = Misbehaviour(
            point, wait=seconds, until_released=seconds is None, keep=keep, recipient=recipient
        )
        return self._tell(told, times)

    def drop(
        self, point: Point = "dot", *, keep: bool = True, recipient: str | None = None, times: Times = "usual"
    ) -> Misbehaviour:
        """Close the connection instead of answering at `point`.

        After the final dot `keep` says whether the mail was kept all the same: the client cannot tell.
        """
        return self._tell(Misbehaviour(point, drop=True, keep=keep, recipient=recipient), times)

    def _tell(self, misbehaviour: Misbehaviour, times: Times) -> Misbehaviour:
        if times == "usual":
            times = 1 if misbehaviour.recipient is None else None
        misbehaviour.times = times
        return self.plan.add(misbehaviour)

    # -- running --------------------------------------------------------------------------------------------

    @property
    def ca_file(self) -> Path | None:
        """The certificate that a client has to trust; None without TLS."""
        return self._authority.ca_file if self._authority is not None and self.tls != "none" else None

    @property
    def running(self) -> bool:
        """Whether the server listens."""
        return self._server is not None

    def start(self) -> Self:
        """Listen, if not listening already; the port is the same at every start."""
        if self._server is not None:
            return self
        if self.tls != "none" and self._context is None:
            self._folder = short_folder("smtp")
            if self._authority is None:
                self._authority = LittleAuthority(self._folder / "authority")
            certificate = self._authority.issue("smtp", hosts=self._hosts, folder=self._folder)
            self._context = certificate.server_context()
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-sink", daemon=True)
            self._thread.start()
        self._in_loop(self._listen())
        return self

    async def _listen(self) -> None:
        assert self._loop is not None
        self._server = await self._loop.create_server(
            lambda: SinkProtocol(self, loop=asyncio.get_running_loop()),
            "127.0.0.1",
            self.port,
            ssl=self._context if self.tls == "smtps" else None,
            reuse_address=True,
        )

    def stop(self) -> None:
        """Stop listening and cut every connection, as when the server dies; kept mail stays."""
        if self._loop is not None and self._server is not None:
            self._in_loop(self._cut())

    kill = stop

    async def _cut(self) -> None:
        assert self._server is not None
        self._server.close()
        self._server = None
        for connection in list(self._open):
            connection.cut()
        await asyncio.sleep(0)  # the closed connections get their turn to notice

    def _in_loop(self, work: Coroutine[None, None, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def remove(self) -> None:
        """Stop, end the thread and delete the certificates."""
        self.plan.clear()
        self.stop()
        if self._loop is not None and self._thread is not None:
            self._in_loop(self._finish())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=30)
            self._loop.close()
            self._loop = self._thread = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _finish(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        with contextlib.suppress(Exception):
            await asyncio.gather(*others, return_exceptions=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    # -- called by the connections, in the server's thread --------------------------------------------------

    @property
    def starttls_context(self) -> ssl.SSLContext | None:
        """What a connection offers for STARTTLS."""
        return self._context if self.tls == "starttls" else None

    def opened(self, connection: SinkProtocol) -> None:
        """A client has come."""
        with self._changed:
            self._open.add(connection)
            self.connections += 1

    def closed(self, connection: SinkProtocol) -> None:
        """A client has gone."""
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def count_begun(self) -> None:
        """A mail has begun."""
        with self._changed:
            self.begun += 1

    def count_content(self) -> None:
        """A client may send content now."""
        with self._changed:
            self.contents_begun += 1

    def keep(
        self, *, sender: str, recipients: list[str], content: bytes, login: str | None, encrypted: bool
    ) -> Accepted:
        """Keep a mail and wake whoever waits for it."""
        with self._changed:
            mail = Accepted(
                number=len(self._accepted) + 1,
                sender=sender,
                recipients=recipients,
                content=content,
                at=dt.datetime.now(dt.UTC),
                login=login,
                encrypted=encrypted,
            )
            self._accepted.append(mail)
            self._changed.notify_all()
        return mail
