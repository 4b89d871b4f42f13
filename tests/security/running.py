"""`checkout-desk up` with secrets that can be recognised, for attacks on its files, sockets, processes and logs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.mailboxes import create_mailbox
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings.models import Store
from tests.databases import SqliteTemplate
from tests.parts.process import Server, free_port, short_folder
from tests.parts.smtp import SmtpSink
from tests.signing import add_person

ROOT = Path(__file__).parents[2]
MAIL_PASSWORD = "zqImapSecretzq"
SMTP_PASSWORD = "zqSmtpSecretzq"
SHOP = "orders@shop.example"


class RunningDesk:
    """A store with a mailbox, served by every process, logging all it can. `app` is for looking and preparing."""

    def __init__(self, template: SqliteTemplate, sink: SmtpSink) -> None:
        self.home = short_folder("sec")
        self.log = short_folder("seclog") / "up.log"
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        template.copy(self.home / "desk.db")
        (self.home / "desk.db").chmod(0o600)
        self.server = Server("checkout-desk up", log=self.log)
        self.app = create_app(environment=self.environment())
        self._fill(sink)

    def environment(self) -> dict[str, str]:
        """The settings of every process, with the most talkative log."""
        return {
            "DESK_HOME": str(self.home),
            "DESK_LISTEN": self.address,
            "DESK_URL": self.url,
            "DESK_WEB_PROCESSES": "1",
            "DESK_DISK_RESERVE": "1M",
            "DESK_LOG": "debug",
        }

    def _fill(self, sink: SmtpSink) -> None:
        self.admin = add_person(self.app, "admin", "admin")
        with self.app.app_context():
            begin_write()
            db.session.add(Store(id=1, name="Fern and Kiln", undo_seconds=0))
            values: dict[str, Any] = {
                "address": SHOP, "imap_host": "127.0.0.1", "imap_port": free_port(), "imap_user": "orders", "imap_password": MAIL_PASSWORD,
                "smtp_host": sink.host, "smtp_port": sink.port, "smtp_tls": "none", "smtp_user": "orders", "smtp_password": SMTP_PASSWORD,
            }  # fmt: skip
            self.mailbox: int = create_mailbox(values).id
            db.session.commit()

    def __enter__(self) -> Self:
        kept = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        mask = os.umask(0o022)
        try:
            self.server.spawn(
                [sys.executable, "-m", "checkout_desk.cli", "up"],
                cwd=ROOT,
                env={**kept, **self.environment()},
            )
        finally:
            os.umask(mask)
        self.server.wait_ready(self.answers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.end(signal.SIGTERM)
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.log.parent, ignore_errors=True)

    def answers(self) -> bool:
        """Whether the web process answers."""
        with contextlib.suppress(OSError):
            return bool(urlopen(f"{self.url}/healthz", timeout=5).status == 200)
        return False

    def command(self, *words: str, stdin: bytes = b"") -> str:
        """Run `checkout-desk words` beside the desk; returns all that it printed."""
        kept = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        done = subprocess.run(
            [sys.executable, "-m", "checkout_desk.cli", *words],
            cwd=ROOT, env={**kept, **self.environment()}, input=stdin, capture_output=True, timeout=60,
        )  # fmt: skip
        return (done.stdout + done.stderr).decode(errors="replace")

    def pids(self) -> list[int]:
        """The process ids of the supervisor and all below it."""
        assert self.server.process is not None
        found = [self.server.process.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += [int(child) for child in (task / "children").read_text().split()]
        return found

    def mailbox_row(self) -> Mailbox:
        """The mailbox as it is stored, detached."""
        with self.app.app_context():
            row = db.session.get_one(Mailbox, self.mailbox)
            db.session.expunge(row)
            return row
