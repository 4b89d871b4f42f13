"""A whole desk of real processes, what a test may do to it from outside, and what it was told by it."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import secrets
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from flask import Flask
from sqlalchemy import func, select

from checkout_desk import clock
from checkout_desk.accounts import people
from checkout_desk.accounts.models import DeskSession
from checkout_desk.accounts.sessions import token_hash
from checkout_desk.app import create_app
from checkout_desk.catalogue import products
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.health import balance
from checkout_desk.mail.mailboxes import create_mailbox
from checkout_desk.mail.models import FolderCursor, Mailbox, OutboundMail, RawMail
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import Store
from tests.faults.doors import ADDRESS, PATIENCE, SECRET, Doors, letter, next_number
from tests.faults.goods import check_goods
from tests.faults.invariants import check_invariants, waiting
from tests.parts.dovecot import Dovecot
from tests.parts.process import free_port, short_folder
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer

BUSY = ("clock", "mailbox")


class RunningDesk(Doors):
    """`checkout-desk up` on a database of its own, with a mailbox at Dovecot and an SMTP server, and one agent."""

    def __init__(
        self,
        *,
        valkey: ValkeyServer,
        dovecot: Dovecot,
        sink: SmtpSink,
        database: str = "",
        **environment: str,
    ) -> None:
        self.valkey, self.dovecot, self.sink = valkey, dovecot, sink
        self.home = short_folder("faults")
        self.faults = self.home / "faults"
        self.port, self.lmtp_port = free_port(), free_port()
        address = f"127.0.0.1:{self.port}"
        self.environment = {
            "DESK_HOME": str(self.home),
            "REDIS_URL": valkey.url,
            "DESK_LISTEN": address,
            "DESK_URL": f"http://{address}",
            "DESK_LMTP_LISTEN": f"127.0.0.1:{self.lmtp_port}",
            "DESK_WEB_PROCESSES": "1",
            "DESK_DISK_RESERVE": "0",
            "DESK_SANDBOX": "yes",
            "DESK_FAULTS": str(self.faults),
            **({"DATABASE_URL": database} if database else {}),
            **environment,
        }
        self.acknowledged: list[bytes] = []
        self.replies: list[str] = []
        self.user = dovecot.new_user()
        self.on_server = 0
        self.sound = False
        """whether all was well at the end of the last test"""
        self.process: subprocess.Popen[bytes] | None = None
        self.others: list[subprocess.Popen[bytes]] = []
        self.log: IO[bytes] = (self.home / "log").open("ab")

    # -- the processes --------------------------------------------------------------------------------------

    def start(self) -> RunningDesk:
        """Start, and return when the web process answers and the mailbox is read."""
        self.faults.mkdir(exist_ok=True)
        self.process = self._run("-m", "tests.faults.host")
        self.until(self._answers, "the desk does not answer")
        self.app = self._own_app()
        self._furnish()
        self.until(lambda: set(self.children()) >= {"web", "worker", "clock", "mailbox"}, "not all run")
        self.until(self._listens, "nobody listens for LMTP")
        return self

    def _run(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR")}
        return subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={**kept, **self.environment, **environment},
        )

    def one_more(self, command: str) -> subprocess.Popen[bytes]:
        """A second worker, clock or mailbox reader, as a service manager on another machine would run it."""
        process = self._run("-m", "tests.faults.host", command, DESK_LMTP_LISTEN="")
        self.others.append(process)
        return process

    def children(self) -> dict[str, int]:
        """Name -> process id of what the supervisor runs now."""
        found = {}
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in listed.split():
            with contextlib.suppress(OSError, IndexError):
                stat = Path(f"/proc/{pid}/stat").read_text()
                if stat[stat.rindex(")") + 2] != "Z":
                    found[stat[stat.index("(") + 1 : stat.rindex(")")].removeprefix("desk ")] = int(pid)
        return found

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process of the desk. Returns its id."""
        pid = self.children()[name]
        os.kill(pid, number)
        return pid

    def until(self, true: Callable[[], object], what: str, *, within: float = PATIENCE) -> None:
        """Return as soon as `true()` is; fail with the end of the log after `within` seconds."""
        deadline = time.monotonic() + within
        assert self.process is not None
        while not true():
            assert time.monotonic() < deadline, f"{what}\n{self.last_lines()}"
            # Waiting for the desk's end is the pause between two looks.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.05)
                raise AssertionError(f"the desk ended\n{self.last_lines()}")

    def last_lines(self) -> str:
        """The end of the log."""
        return "\n".join((self.home / "log").read_text(errors="replace").splitlines()[-40:])

    def stop(self) -> None:
        """End everything and remove it."""
        for process in [*self.others, *([self.process] if self.process else [])]:
            process.kill()
            process.wait()
        self.others.clear()
        if hasattr(self, "app"):
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self._http("GET", "/healthz").code == 200
        return False

    def _listens(self) -> bool:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=10).quit()
            return True
        return False

    # -- what it needs to work ------------------------------------------------------------------------------

    def _own_app(self) -> Flask:
        kept = {name: value for name, value in self.environment.items() if name != "DESK_FAULTS"}
        return create_app(environment=kept)

    def _furnish(self) -> None:
        token = secrets.token_urlsafe(32)
        with self.app.app_context():
            begin_write()
            db.session.add(Store(id=1, name="Fern and Kiln", undo_seconds=0, sandbox=True))
            self.mailbox_id = create_mailbox(
                {
                    "address": ADDRESS,
                    "imap_host": self.dovecot.host,
                    "imap_port": self.dovecot.imaps_port,
                    "imap_user": self.user,
                    "imap_password": self.dovecot.users[self.user],
                    "imap_ca_file": str(self.dovecot.ca_file),
                    "smtp_host": self.sink.host,
                    "smtp_port": self.sink.port,
                    "smtp_tls": "none",
                    "hook_secret": SECRET,
                }
            ).id
            products.create(sku="MUG-BLU", name="Blue Mug", price_minor=1200, currency="GBP")
            person = people.create(
                name="Ann", email="ann@fern.example", password_hash="!", roles=("support",)
            )
            db.session.flush()
            now = clock.now()
            db.session.add(
                DeskSession(
                    token_hash=token_hash(token),
                    person_id=person.id,
                    created_at=now,
                    last_seen_at=now,
                    browser="test",
                )
            )
            db.session.commit()
        session = {"_user_id": token, "_fresh": True, "csrf_token": secrets.token_hex(20)}
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        self._cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={signer.dumps(session)}"

    # -- faults ---------------------------------------------------------------------------------------------

    def order(self, point: str, what: str = "kill") -> None:
        """Let `what` happen at the next process that comes to `point`."""
        (self.faults / f"{point}.reached").unlink(missing_ok=True)
        draft = self.faults / f"{point}.draft"
        draft.write_text(what)
        draft.rename(self.faults / point)

    def until_reached(self, point: str) -> None:
        """Return when it happened, as often as was ordered; at that moment already nothing may be half done."""
        reached = self.faults / f"{point}.reached"
        self.until(lambda: reached.exists() and not (self.faults / point).exists(), f"nobody came to {point}")
        broken = self.broken(at_rest=False)
        assert broken == [], "\n".join(broken)

    def release(self, point: str) -> None:
        """Let a process that waits at `point` go on."""
        (self.faults / f"{point}.released").touch()

    def forget_orders(self) -> None:
        """Take back what nobody came to."""
        for path in self.faults.glob("*"):
            path.unlink()

    def calm(self) -> None:
        """Undo whatever a test may have left: orders, stalls, stopped and additional processes."""
        self.forget_orders()
        self.sink.plan.clear()
        for process in self.others:
            process.kill()
            process.wait()
        self.others.clear()
        for name in self.children():
            with contextlib.suppress(KeyError, ProcessLookupError):
                self.signal(name, signal.SIGCONT)

    def rest(self) -> None:
        """Stop the two that look every moment whether there is something to do, until `wake`: beside tests that have nothing
        to do with it a desk in such a hurry took a tenth of a processor."""
        for name in BUSY:
            with contextlib.suppress(KeyError, ProcessLookupError):
                self.signal(name, signal.SIGSTOP)

    def wake(self) -> None:
        """Return when it works again as before `rest`, which its leases did not survive."""
        for name in BUSY:
            with contextlib.suppress(KeyError, ProcessLookupError):
                self.signal(name, signal.SIGCONT)
        self.until(self._is_read, "nobody reads the mailbox again")

    def _is_read(self) -> bool:
        until = self.mailbox().lease_until
        return until is not None and until > clock.now()

    # -- what came of it ------------------------------------------------------------------------------------

    def conversation(self) -> int:
        """A new conversation, begun by a customer's mail. Returns its id."""
        subject = f"Question {next_number()}"
        assert self.by_lmtp(letter(subject)).code == 250
        self.until(lambda: self._find(subject), "the mail did not become a conversation")
        return self._find(subject)

    def _find(self, subject: str) -> int:
        with self.app.app_context():
            return db.session.scalar(select(Conversation.id).where(Conversation.subject == subject)) or 0

    def answered(self) -> tuple[int, str]:
        """Reply in a new conversation. Returns its id and the word that this reply alone holds."""
        conversation_id, word = self.conversation(), self.new_word()
        assert self.reply(conversation_id, f"Your order is packed. {word}").code == 303, self.last_lines()
        return conversation_id, word

    def new_word(self) -> str:
        """A word for a reply that was (or will be) sent for sure."""
        word = f"ref-{secrets.token_hex(6)}"
        self.replies.append(word)
        return word

    def row_of(self, data: bytes) -> RawMail | None:
        """The row of a mail that came in, None when there is none."""
        with self.app.app_context():
            found = db.session.scalars(
                select(RawMail).where(RawMail.sha256 == hashlib.sha256(data).hexdigest())
            ).one_or_none()
            if found is not None:
                db.session.expunge(found)
            return found

    def message_of(self, data: bytes) -> Message:
        """The message that a mail became."""
        row = self.row_of(data)
        assert row is not None
        with self.app.app_context():
            found = db.session.scalars(select(Message).where(Message.raw_id == row.id)).one()
            db.session.expunge(found)
            return found

    def outbound(self, conversation_id: int) -> OutboundMail:
        """The row of the one mail that left (or is to leave) in a conversation."""
        with self.app.app_context():
            row = db.session.scalars(
                select(OutboundMail)
                .join(Message, Message.outbound_id == OutboundMail.id)
                .where(Message.conversation_id == conversation_id)
            ).one()
            db.session.expunge(row)
            return row

    def orders_of(self, data: bytes) -> list[int]:
        """The numbers of the orders that a mail became."""
        message = self.message_of(data)
        with self.app.app_context():
            return list(db.session.scalars(select(Order.number).where(Order.born_of_id == message.id)))

    def mailbox(self) -> Mailbox:
        """The row of the mailbox at this moment."""
        with self.app.app_context():
            row = db.session.get_one(Mailbox, self.mailbox_id)
            db.session.expunge(row)
            return row

    def cursor(self) -> int:
        """How far the mailbox was read: the last UID."""
        with self.app.app_context():
            return db.session.scalar(select(func.max(FolderCursor.last_uid))) or 0

    def copies(self, word: str) -> int:
        """How often the server has the reply with this word."""
        return sum(word.encode() in mail.content for mail in self.sink.accepted)

    def settled(self) -> None:
        """Wait until nothing is left to do, then hold the desk against the invariants."""
        self.until(self.all_read, "the mailbox was not read to its end")
        self.until(lambda: not waiting(self.app), f"the desk found no rest: {waiting(self.app)}")
        broken = self.broken()
        assert broken == [], "\n".join([*broken, self.last_lines()])
        self.sound = True

    def broken(self, *, at_rest: bool = True) -> list[str]:
        """The invariants that do not hold at this moment."""
        found = check_goods(self.app, charged=())
        return found + check_invariants(
            self.app,
            self.sink.accepted,
            acknowledged=self.acknowledged,
            on_servers={self.mailbox_id: self.dovecot.messages(self.user)} if at_rest else None,
            replies=self.replies,
            at_rest=at_rest,
        )

    def all_read(self) -> bool:
        """Whether the desk has every mail of its mailbox."""
        with self.app.app_context():
            folders = balance(self.mailbox_id)
            db.session.rollback()
        return bool(folders) and all(
            f.server == self.on_server == f.stored + f.duplicate + f.quarantined for f in folders
        )
