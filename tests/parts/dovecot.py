"""Dovecot from the system's packages: IMAP over TLS with IDLE and CONDSTORE, run by an unprivileged account."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.parts.dovecot_settings import Settings, render
from tests.parts.process import PartMissing, Server, free_port, short_folder, unprivileged
from tests.parts.tls import LittleAuthority

HOW_TO_INSTALL = (
    "Dovecot: there is no dovecot program; install dovecot-imapd (`python -m tests.parts.install`)"
)
DEFAULT_USERS = {"help": "help-secret", "orders": "orders-secret", "returns": "returns-secret"}
SPARE_USERS = 500


class Dovecot:
    """An IMAP server on 127.0.0.1 with a Maildir for each user.

    `users` maps names to passwords. `imaps_port` speaks TLS from the first byte, `imap_port` after STARTTLS.
    (Dovecot holds every connection from its own machine for secure, so that it would take a password on
    `imap_port` without TLS as well: a client that forgets STARTTLS is not found out here.)
    The certificate is valid for localhost and 127.0.0.1 and is signed by `authority` (one of its own if not given), whose certificate is `ca_file`.
    Ports stay the same over `kill` and `restart`.
    """

    host = "localhost"

    def __init__(
        self, *, users: Mapping[str, str] | None = None, authority: LittleAuthority | None = None
    ) -> None:
        self._spare = [f"box-{number}" for number in range(1, SPARE_USERS + 1)]
        self.users = {name: f"{name}-secret" for name in self._spare}
        self.users.update(DEFAULT_USERS if users is None else users)
        self.imap_port = free_port()
        self.imaps_port = free_port()
        self._authority = authority
        self._folder: Path | None = None
        self._server: Server | None = None

    @property
    def authority(self) -> LittleAuthority:
        """The authority that signed the server's certificate."""
        if self._authority is None:
            raise RuntimeError("start() comes first")
        return self._authority

    @property
    def ca_file(self) -> Path:
        """The certificate that a client has to trust."""
        return self.authority.ca_file

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._server is not None and self._server.running

    def start(self) -> Self:
        """Start, or start again with the mail of before, and return when the server greets."""
        program = find_dovecot()
        if program is None:
            raise PartMissing(HOW_TO_INSTALL)
        if self._server is None:
            self._prepare(Path(program))
        assert self._server is not None and self._folder is not None
        self._server.spawn([program, "-F", "-c", self._folder / "dovecot.conf"], cwd=self._folder)
        self._server.wait_ready(self._greets)
        return self

    def _prepare(self, program: Path) -> None:
        user = unprivileged("nobody")
        folder = self._folder = short_folder("imap", owner=user)
        if self._authority is None:
            self._authority = LittleAuthority(folder / "authority")
        certificate = self._authority.issue("imap", folder=folder)
        self._server = Server("dovecot", log=folder / "dovecot.log", user=user)
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        settings = Settings(
            folder=folder,
            user_id=os.geteuid() if user is None else user.pw_uid,
            group_id=os.getegid() if user is None else user.pw_gid,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port,
            certificate=certificate,
        )
        (folder / "dovecot.conf").write_text(render(settings, version=version))
        (folder / "run").mkdir()
        (folder / "mail").mkdir()
        self._write_users()
        if user is not None:
            for path in folder.rglob("*"):
                os.chown(path, user.pw_uid, user.pw_gid)

    def _write_users(self) -> None:
        assert self._folder is not None
        lines = "".join(f"{name}:{{PLAIN}}{password}::::::\n" for name, password in self.users.items())
        # Written aside and moved, so that a sign-in at this moment reads the old or the new file, whole.
        fresh = self._folder / "users.new"
        fresh.write_text(lines)
        fresh.replace(self._folder / "users")

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.imap_port), timeout=5) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False

    def new_user(self) -> str:
        """The name of a user whose mailbox nobody has used yet, at no cost: one for each test."""
        return self._spare.pop(0)

    def add_user(self, name: str, password: str) -> None:
        """Add a user, or change the password of one, on the running server."""
        assert self._server is not None
        self.users[name] = password
        self._write_users()
        # Dovecot looks at the file at most once a second.
        self._server.wait_ready(lambda: self._lets_in(name))

    def _lets_in(self, name: str) -> bool:
        try:
            self.client(name).logout()
        except LoginError:
            return False
        return True

    def client(self, user: str) -> IMAPClient:
        """A signed-in IMAPClient over verified TLS; use it as a context manager to sign out."""
        connection = IMAPClient(
            self.host,
            port=self.imaps_port,
            ssl=True,
            ssl_context=self.authority.client_context(),
            timeout=30,
        )
        try:
            connection.login(user, self.users[user])
        except BaseException:
            connection.shutdown()
            raise
        return connection

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX") -> int:
        """Put `raw` into a folder (made if it is missing) as newly arrived mail; return its UID."""
        with self.client(user) as connection:
            if not connection.folder_exists(folder):
                connection.create_folder(folder)
            answer: bytes = connection.append(folder, raw)
        # RFC 4315: [APPENDUID uidvalidity uid] (Append completed.
        return int(answer.split(b"]")[0].split()[-1])

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The exact bytes of every mail in a folder, in order of UID; nothing becomes seen."""
        with self.client(user) as connection:
            connection.select_folder(folder, readonly=True)
            fetched = connection.fetch(connection.search("ALL"), ["BODY.PEEK[]"])
        return [fetched[uid][b"BODY[]"] for uid in sorted(fetched)]

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """The flags of every mail in a folder, by UID; `\\Recent` is left out as it says nothing."""
        with self.client(user) as connection:
            connection.select_folder(folder, readonly=True)
            fetched = connection.get_flags(connection.search("ALL"))
        return {uid: {flag.decode() for flag in flags} - {"\\Recent"} for uid, flags in fetched.items()}

    def folders(self, user: str) -> list[str]:
        """The names of a user's folders."""
        with self.client(user) as connection:
            return sorted(name for _, _, name in connection.list_folders())

    def uid_validity(self, user: str, folder: str = "INBOX") -> int:
        """The folder's UIDVALIDITY."""
        with self.client(user) as connection:
            return int(connection.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def reset_uid_validity(self, user: str, folder: str = "INBOX") -> int:
        """Make the folder anew with the same mails under new UIDs, as a provider's move does; return the value.

        A folder is deleted and created again. INBOX cannot be deleted by IMAP, so there the server is stopped
        for a moment and its list of UIDs is taken away.
        """
        if folder.upper() == "INBOX":
            self._forget_inbox(user)
        else:
            kept = self.messages(user, folder)
            with self.client(user) as connection:
                connection.delete_folder(folder)
                connection.create_folder(folder)
                for raw in kept:
                    connection.append(folder, raw)
        return self.uid_validity(user, folder)

    def twin(self, user: str) -> str:
        """Another user whose mailbox is a copy of this one's, with the same UIDVALIDITY and the same numbers."""
        assert self._folder is not None
        self.uid_validity(user)  # its files exist after this
        other = self.new_user()
        subprocess.run(["cp", "-a", self._folder / "mail" / user, self._folder / "mail" / other], check=True)
        return other

    def _forget_inbox(self, user: str) -> None:
        assert self._folder is not None
        self.uid_validity(user)  # the mailbox and its files exist after this, even if nobody has used it yet
        self.stop()
        maildir = self._folder / "mail" / user / "Maildir"
        for path in (maildir / "dovecot-uidlist", *maildir.glob("dovecot.index*")):
            path.unlink(missing_ok=True)
        self.start()

    def empty(self, user: str, folder: str = "INBOX") -> None:
        """Delete every mail in a folder."""
        with self.client(user) as connection:
            connection.select_folder(folder)
            if uids := connection.search("ALL"):
                connection.delete_messages(uids)
                connection.expunge()

    def kill(self) -> None:
        """SIGKILL the server and everybody's connection; mail stays for the next `start`."""
        if self._server is not None:
            self._server.kill()

    def stop(self) -> None:
        """Orderly shutdown; mail stays for the next `start`."""
        if self._server is not None:
            self._server.end()

    def restart(self) -> None:
        """`stop` and `start`: every connection is cut."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = self._folder = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.remove()  # a start that fails half-way leaves no folder and no process
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def find_dovecot() -> str | None:
    """The path of the dovecot program, or None; it is often outside of a plain user's PATH."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
