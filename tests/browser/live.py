"""A desk as people have it: every process of `checkout-desk up`, a mailbox in Dovecot, mail leaving by a real SMTP server."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

from sqlalchemy import select

from checkout_desk import demo, migrating
from checkout_desk.app import create_app
from checkout_desk.conversations.models import Conversation
from checkout_desk.demo_mails import SHOP
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.mailboxes import change_mailbox
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings.models import Store
from tests.parts.dovecot import Dovecot
from tests.parts.process import Server, free_port, short_folder
from tests.parts.smtp import Accepted, SmtpSink

ROOT = Path(__file__).parents[2]


class LiveDesk:
    """The demo store on a folder of its own, served by real processes. `app` is for looking and preparing."""

    def __init__(self, dovecot: Dovecot, sink: SmtpSink) -> None:
        self.home = short_folder("walk")
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self.dovecot, self.sink = dovecot, sink
        self.user = dovecot.new_user()
        self._server = Server("checkout-desk up", log=self.home / "up.log")
        self.app = create_app(environment=self._environment(DESK_SANDBOX="yes"))

    def _environment(self, **more: str) -> dict[str, str]:
        return {
            "DESK_HOME": str(self.home),
            "DESK_LISTEN": self.address,
            "DESK_URL": self.url,
            "DESK_WEB_PROCESSES": "1",
            "DESK_DISK_RESERVE": "1M",
            "DESK_LOG": "warning",
            **more,
        }

    def __enter__(self) -> Self:
        migrating.upgrade(self.app)
        demo.build(self.app)
        self._connect_mailbox()
        kept = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        self._server.spawn(
            [sys.executable, "-m", "checkout_desk.cli", "up"], cwd=ROOT, env={**kept, **self._environment()}
        )
        self._server.wait_ready(self._answers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(self.home, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(urlopen(f"{self.url}/healthz", timeout=5).status == 200)
        return False

    def _connect_mailbox(self) -> None:
        with self.app.app_context():
            begin_write()
            leaving = {"smtp_host": self.sink.host, "smtp_port": self.sink.port, "smtp_tls": "none"}
            for box in db.session.scalars(select(Mailbox)):
                change_mailbox(box, leaving)
            change_mailbox(
                db.session.scalars(select(Mailbox).where(Mailbox.address == SHOP)).one(),
                {
                    "imap_host": self.dovecot.host,
                    "imap_port": self.dovecot.imaps_port,
                    "imap_user": self.user,
                    "imap_password": self.dovecot.users[self.user],
                    "imap_ca_file": str(self.dovecot.ca_file),
                    "plus_addressing": True,
                },
            )
            store = db.session.get_one(Store, 1)
            store.sandbox = False
            db.session.commit()

    def undo_window(self, seconds: int) -> None:
        """From now on a mail waits so long before it leaves."""
        with self.app.app_context():
            begin_write()
            db.session.get_one(Store, 1).undo_seconds = seconds
            db.session.commit()

    def conversation(self, who: str) -> int:
        """The id of the newest conversation with this customer."""
        with self.app.app_context():
            found = db.session.scalars(
                select(Conversation.id)
                .where(Conversation.who == who, Conversation.merged_into_id.is_(None))
                .order_by(Conversation.id.desc())
                .limit(1)
            ).one()
            db.session.rollback()
            return int(found)

    def until(self, true: Callable[[], bool]) -> None:
        """Return when something has become true in the database. Raises TimeoutError after half a minute."""
        deadline = time.monotonic() + 30
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(self._server.last_lines())
            threading.Event().wait(0.05)

    def facts(self, conversation_id: int, *names: str) -> tuple[Any, ...]:
        """Columns of a conversation as they are in the database now."""
        with self.app.app_context():
            columns = [getattr(Conversation, name) for name in names]
            row = db.session.execute(select(*columns).where(Conversation.id == conversation_id)).one()
            db.session.rollback()
            return tuple(row)

    def write(
        self, who: str, subject: str, text: str, *, to: str = SHOP, answers: EmailMessage | None = None
    ) -> None:
        """A customer's mail arrives in the mailbox on the server; `answers` is a mail of ours."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = who, to, subject
        mail["Message-ID"] = f"<{abs(hash((who, subject, text)))}@customer.example>"
        if answers is not None:
            mail["In-Reply-To"] = mail["References"] = answers["Message-ID"]
        mail.set_content(text)
        self.dovecot.deliver(self.user, mail.as_bytes())

    @property
    def letters(self) -> list[Accepted]:
        """What people sent, oldest first; the desk's own reminders leave whenever their hour comes."""
        return [mail for mail in self.sink.accepted if b"\r\nAuto-Submitted:" not in mail.content]

    def sent(self, count: int) -> EmailMessage:
        """The newest letter in the SMTP server, as soon as there are `count`."""
        self.until(lambda: len(self.letters) >= count)
        found = message_from_bytes(self.letters[-1].content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found
