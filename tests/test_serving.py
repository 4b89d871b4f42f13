"""The web process: slow clients hold up nobody, and a request that has begun is answered before the end."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

from checkout_desk.serving import LISTEN_FD, listen

PATIENCE = 30.0  # seconds; a bound for hanging, not a measurement
SCRIPT = """
import sys
from flask import Flask
from checkout_desk.serving import serve
app = Flask("slow")
app.config.update(DESK_PROXIES=0, DESK_MAX_UPLOAD=2**20, DESK_MAX_MAIL=2**20)
began, go_on = sys.argv[1:]

@app.get("/healthz")
def healthz():
    return "ok"

@app.get("/slow")
def slow():
    open(began, "w").close()
    with open(go_on) as gate:
        gate.read()
    return "done"

serve(app)
"""


class Web:
    """A web process on an inherited socket, with a page that waits until it is let go."""

    def __init__(self, folder: Path) -> None:
        self.began, self.gate = folder / "began", folder / "gate"
        for path in (self.began, self.gate):
            os.mkfifo(path)
        self._socket = listen(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        descriptor = self._socket.fileno()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(self.began), str(self.gate)],
            pass_fds=[descriptor],
            env={**os.environ, LISTEN_FD: str(descriptor)},
        )

    def get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def close(self) -> None:
        self._socket.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with contextlib.closing(Web(tmp_path)) as running:
        assert running.get("/healthz") == "ok"
        yield running


def test_a_request_that_has_begun_is_answered_before_the_end(web: Web) -> None:
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(web.get, "/slow")
        web.began.read_bytes()  # a named pipe: returns when the page has been reached
        web.process.send_signal(signal.SIGTERM)
        web.gate.write_text("")
        assert answer.result(PATIENCE) == "done"
    assert web.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "half",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
    ],
    ids=["half a header", "half a body"],
)
def test_clients_that_send_half_a_request_hold_up_nobody(web: Web, half: bytes) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(120):
            client = held.enter_context(socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE))
            client.sendall(half)
        assert web.get("/healthz") == "ok"


LARGE_AND_LITTLE = """
import re, sys
from checkout_desk.serving import keep_little_memory

def held():
    return int(re.search(r"RssAnon:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024

if sys.argv[1] == "little":
    keep_little_memory()
before = held()
for size in (16, 15, 14):
    large = b"x" * (size * 2**20)
    behind = [b"y" * 600 for _ in range(1000)]  # stays, and lies behind where glibc put the large one
    sys.modules[f"kept {size}"] = behind
    del large
print(round(held() - before))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_what_a_large_mail_took_is_given_back() -> None:
    """Left to itself the C library keeps it, which shows that the test sees the difference."""
    words = [sys.executable, "-c", LARGE_AND_LITTLE]
    much, little = (int(subprocess.check_output([*words, how])) for how in ("much", "little"))
    assert little < 6 < much
