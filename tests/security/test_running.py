"""A running desk attacked from beside: its files and socket, its secrets, its queue, its web server (BB13, BB14)."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.cookiejar
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen

import pytest
from redis import Redis

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.secrets import decrypt
from tests.builders import mail
from tests.databases import SqliteTemplate
from tests.parts.fixtures import missing
from tests.parts.smtp import SmtpSink
from tests.security.running import MAIL_PASSWORD, SMTP_PASSWORD, RunningDesk
from tests.signing import PASSWORD

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into processes through Linux's /proc"),
]
PATIENCE = 60.0  # seconds; a bound for hanging, not a measurement
TYPED = "zq typed at sign in zq"
CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def running(sqlite_template: SqliteTemplate) -> Iterator[RunningDesk]:
    with SmtpSink(users={"orders": SMTP_PASSWORD}) as sink, RunningDesk(sqlite_template, sink) as desk:
        yield desk


class Visitor:
    """A browser without script: cookies, form tokens from the pages, real HTTP."""

    def __init__(self, desk: RunningDesk) -> None:
        self.desk = desk
        self.jar = http.cookiejar.CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self._opener.open(self.desk.url + path, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def post(self, path: str, *, form: str, **fields: str) -> str:
        """Send `fields` with the token of the page `form`; an answer that says no is an answer."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form))
        assert token is not None
        data = urlencode({"csrf_token": token[1], **fields}).encode()
        try:
            with self._opener.open(self.desk.url + path, data, timeout=PATIENCE) as answer:
                return str(answer.read().decode())
        except HTTPError as refusal:
            return str(refusal.read().decode())

    def sign_in(self, password: str = PASSWORD) -> None:
        self.post("/sign-in", form="/sign-in", email="admin@fern.example", password=password)

    def token(self) -> str:
        """The secret in the cookie."""
        (cookie,) = [cookie for cookie in self.jar if cookie.name == "desk"]
        app = self.desk.app
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return str(signer.loads(cookie.value)["_user_id"])


def until(true: object, what: str) -> None:
    """Wait until `true()`; a bound for hanging, not a measurement."""
    deadline = time.monotonic() + PATIENCE
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def carded() -> bytes:
    """A mail with the card number in every place."""
    squeezed = CARD.replace(" ", "")
    wide = CARD.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    html = f"<p>my card {CARD}</p><p>{CARD.replace(' ', '<b></b>&#8209;')}</p><td>{squeezed[:8]}</td><td>{squeezed[8:]}</td>"
    return mail(
        f"Card {CARD}\nor {CARD.replace(' ', '-')}\nor {squeezed}\nor {wide}\nor {CARD[:9]}\n{CARD[10:]}",
        sender=f'"Jane {CARD}" <jane@customer.example>', subject=f"Pay with {CARD}", html=html,
        files=[(f"card {CARD}.txt", "text/plain", f"number {CARD}".encode())],
    )  # fmt: skip


def contents(desk: RunningDesk) -> dict[str, bytes]:
    """Everything that the desk keeps or says, but for its keys: name -> bytes."""
    found = {"log": desk.log.read_bytes()}
    for path in desk.home.rglob("*"):
        if path.is_file() and "keys" not in path.parts:
            found[str(path.relative_to(desk.home))] = path.read_bytes()
    queue = Redis(unix_socket_path=str(desk.home / "valkey.sock"))
    for key in queue.scan_iter("*"):
        found[f"valkey {key!r}"] = queue.dump(key) or b""
    for pid in desk.pids():
        with contextlib.suppress(OSError):
            found[f"process {pid}"] = (
                Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
            )
    return found


def test_no_secret_lies_in_a_file_a_log_the_queue_or_a_process(running: RunningDesk) -> None:
    visitor = Visitor(running)
    visitor.sign_in(TYPED)
    visitor.sign_in()
    token = visitor.token()
    shown = visitor.post(
        f"/mailboxes/{running.mailbox}/door", form=f"/mailboxes/{running.mailbox}", door_confirm=PASSWORD
    )
    (hook_secret,) = set(re.findall(r"\b[A-Za-z0-9_-]{40,}\b", shown)) & _secrets_in(running)
    assert '"stored"' in running.command("import", "-", stdin=carded())
    with running.app.app_context():
        number = db.session.query(Message.conversation_id).filter(Message.direction == "in").limit(1).scalar()
        db.session.rollback()
    page = f"/conversations/{number}"
    visitor.post(f"{page}/send", form=f"{page}/compose/note", kind="note", text=f"Her card is {CARD}")
    visitor.post(
        f"{page}/act/escalate", form=f"{page}/act/escalate", target="role:manager", reason=f"Card {CARD}"
    )
    visitor.post(f"{page}/act/tag", form=f"{page}/act/tag", tags=f"card {CARD}")
    visitor.post(
        f"{page}/send",
        form=f"{page}/compose/reply",
        kind="reply",
        to="jane@customer.example",
        text=f"Is it {CARD}?",
        subject=f"Re {CARD}",
        act="send",
    )
    visitor.get(f"/search?q={CARD.replace(' ', '+')}")
    _by_hook(running, hook_secret)
    until(lambda: b"sent" in _states(running), "the answer leaves")
    secrets = {
        "mailbox": MAIL_PASSWORD, "smtp": SMTP_PASSWORD, "hook": hook_secret, "session": token, "right password": PASSWORD, "typed password": TYPED,
        "card": CARD, "squeezed card": CARD.replace(" ", ""), "card with dashes": CARD.replace(" ", "-"),
    }  # fmt: skip
    places = [
        (name, place)
        for place, data in contents(running).items()
        for name, secret in secrets.items()
        if secret.encode() in data
    ]
    assert places == []
    for view in ("text", "html", "original"):
        shown = visitor.get(f"{page}?m=1&as={view}") + visitor.get("/messages/1/frame")
        assert not re.search(r"4111\D{0,30}1111\D{0,30}1111\D{0,30}1111", re.sub(r"<[^>]*>", "", shown)), view


def _secrets_in(desk: RunningDesk) -> set[str]:
    with desk.app.app_context():
        row = desk.mailbox_row()
        return {decrypt(row.hook_secret)}


def _by_hook(desk: RunningDesk, secret: str) -> None:
    """A signed mail, and a forged one."""
    data, stamp = mail("By the hook"), str(int(time.time()))
    for key in (secret, "wrong"):
        sent = Request(f"{desk.url}/mail/hook/{desk.mailbox}", data, {"X-Desk-Timestamp": stamp, "X-Desk-Signature": "sha256=" + hmac.new(key.encode(), f"{stamp}.".encode() + data, hashlib.sha256).hexdigest(), "Content-Type": "message/rfc822"})  # fmt: skip
        with contextlib.suppress(OSError):
            urlopen(sent, timeout=PATIENCE).close()


def _states(desk: RunningDesk) -> bytes:
    with desk.app.app_context():
        states = [row.state for row in db.session.query(OutboundMail)]
        db.session.rollback()
        return " ".join(states).encode()


def test_every_file_is_for_this_user_alone(running: RunningDesk) -> None:
    running.command("import", "-", stdin=mail("A file of its own", files=[("a.txt", "text/plain", b"x")]))
    wide = [str(path) for path in [running.home, *running.home.rglob("*")] if path.lstat().st_mode & 0o077]
    assert wide == []


LOOK = """
import os, socket, sys
home = sys.argv[1]
told = []
def attempt(name, do):
    try:
        do()
        told.append(name)
    except OSError:
        pass
def connect():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(home + "/valkey.sock")
attempt("list", lambda: os.listdir(home))
attempt("read", lambda: open(home + "/desk.db", "rb").read(16))
attempt("keys", lambda: open(home + "/keys/crypt").read())
attempt("connect", connect)
attempt("write", lambda: open(home + "/evil", "w"))
print(" ".join(told))
"""


@pytest.mark.parametrize("opened", [False, True], ids=["as it is", "with the folder opened"])
def test_another_user_of_the_machine_gets_nothing(running: RunningDesk, opened: bool) -> None:
    """Even where somebody opened the folder itself, the files and the socket inside stay shut."""
    if os.geteuid() != 0:
        missing("only root can become another user of this machine")
    nobody = pwd.getpwnam("nobody")
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    running.home.chmod(0o755 if opened else 0o700)
    try:
        done = subprocess.run([python, "-I", "-c", LOOK, str(running.home)], capture_output=True, text=True, cwd="/",
                              user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], env={})  # fmt: skip
    except PermissionError:
        missing("another user of this machine cannot start this Python")
    finally:
        running.home.chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == (["list"] if opened else [])


def test_a_desk_that_a_careless_umask_makes_is_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "DESK_HOME": str(home),
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
    }
    done = subprocess.run([sys.executable, "-m", "checkout_desk.cli", "import", "-"], input=mail("hello"), env=environment, umask=0, capture_output=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [str(path) for path in [home, *home.rglob("*")] if path.lstat().st_mode & 0o077] == []


def test_a_job_of_a_stranger_is_refused_and_the_worker_lives(running: RunningDesk, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    queue = Redis(unix_socket_path=str(running.home / "valkey.sock"))
    data = zlib.compress(json.dumps(["os.system", None, [f"touch {mark}"], {}]).encode())
    for name in ("in", "out"):
        fields: dict[Any, Any] = {"data": data, "origin": name, "status": "queued", "timeout": "60", "created_at": "2026-11-01T00:00:00.000000Z",
                  "success_callback_name": "os.abort", "failure_callback_name": "os.abort"}  # fmt: skip
        queue.hset(f"rq:job:evil-{name}", mapping=fields)
        queue.sadd("rq:queues", f"rq:queue:{name}")
        queue.rpush(f"rq:queue:{name}", f"evil-{name}")
    until(lambda: running.log.read_bytes().count(b"refused_job") >= 2, "both jobs are refused")
    assert not mark.exists()
    line = json.loads(
        running.command("import", "--later", "-", stdin=mail("After the attack")).splitlines()[0]
    )
    assert line["outcome"] == "stored"
    with running.app.app_context():
        until(_after_the_attack, "the worker lives")


def _after_the_attack() -> bool:
    found = db.session.query(Message).filter(Message.text.contains("After the attack")).count()
    db.session.rollback()
    return found == 1


SLOW = (
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\nhalf",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nhalf",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n" * 60,
)


def test_forty_clients_of_each_slow_kind_hold_up_nobody(running: RunningDesk) -> None:
    host, port = running.address.split(":")
    with contextlib.ExitStack() as held:
        for request in SLOW * 40:
            client = held.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(request)  # and never reads
        assert running.answers()
        assert "Sign in" in Visitor(running).get("/sign-in")


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLING = {
    "length and chunks": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: %d\r\n\r\n",
    "a list of lengths": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 0, %d\r\n\r\n",
    "a signed length": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: +%d\r\n\r\n",
    "space before the colon": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length : %d\r\n\r\n",
    "an odd coding": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "a folded header": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n",
    "chunks in an older version": b"POST /sign-in HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\nX: %d\r\n\r\n",
    "a bare line feed": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nX: y\nContent-Length: %d\r\n\r\n",
}


@pytest.mark.parametrize("attack", SMUGGLING.values(), ids=SMUGGLING)
def test_a_request_is_not_smuggled_inside_another(running: RunningDesk, attack: bytes) -> None:
    host, port = running.address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        client.sendall(attack % len(SMUGGLED) + SMUGGLED)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while data := client.recv(65536):
            answer += data
    statuses = re.findall(rb"HTTP/1\.[01] (\d{3})", answer)
    assert len(statuses) == 1, statuses
    assert statuses[0] in (b"400", b"501")


@pytest.mark.parametrize("line", [b"TRACE / HTTP/1.1", b"CONNECT evil.example:443 HTTP/1.1", b"TRACK / HTTP/1.1", b"GET http://evil.example/ HTTP/1.1",
                                  b"GET //evil.example/%2e%2e HTTP/1.1", b"DEBUG / HTTP/1.1", b"PROPFIND / HTTP/1.1"])  # fmt: skip
def test_odd_methods_and_hosts_are_not_echoed(running: RunningDesk, line: bytes) -> None:
    host, port = running.address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        client.sendall(
            line
            + b"\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Secret: zqsecret\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while data := client.recv(65536):
            answer += data
    head = answer.partition(b"\r\n\r\n")[0]
    assert b"zqsecret" not in answer
    assert b"evil.example" not in head.replace(b"Location: //evil.example/", b"evil.example in Location")
    assert b"Strict-Transport-Security" not in head
    assert int(head.split()[1]) in (303, 308, 400, 404, 405, 501)


def test_the_desk_says_nothing_of_what_it_is_made_of(running: RunningDesk) -> None:
    host, port = running.address.split(":")
    for path in (b"/sign-in", b"/nowhere", b"/healthz", b"/readyz"):
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
            client.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            answer = b""
            while data := client.recv(65536):
                answer += data
        assert not re.search(
            rb"(?i)^(server|x-powered-by):|waitress|werkzeug|python/|traceback", answer, re.MULTILINE
        ), path
