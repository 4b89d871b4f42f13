"""A client that costs little beside what it measures: one thread, plain sockets, kept connections."""

from __future__ import annotations

import math
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median


class Broken(Exception):
    """The server answered otherwise than expected."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, header lines as they came, body as it came (compressed, if the server did)."""

    status: int
    head: str
    body: bytes


def request(
    path: str, *, cookie: str = "", method: str = "GET", body: bytes = b"", headers: Sequence[str] = ()
) -> bytes:
    """The bytes of a request as a browser sends it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        *headers,
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """One kept connection; opens itself again when the server closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.buffer = b""
        self.needed: int | None = None

    def open(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.buffer, self.needed = None, b"", None

    def feed(self, data: bytes) -> bool:
        """Take what arrived; True when the answer is whole."""
        self.buffer += data
        if self.needed is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.needed = end + 4 + length
        return len(self.buffer) >= self.needed

    def take(self) -> Answer:
        """The whole answer; the connection is ready for the next request."""
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        text = head.decode("latin-1")
        answer = Answer(int(text.split(" ", 2)[1]), text, body)
        if "connection: close" in text.lower():
            self.close()
        self.buffer, self.needed = b"", None
        return answer

    def ask(self, data: bytes) -> Answer:
        """Send a request and wait for its answer."""
        for attempt in (1, 2):
            try:
                sock = self.open()
                sock.sendall(data)
                while True:
                    got = sock.recv(262144)
                    if not got:
                        raise ConnectionResetError
                    if self.feed(got):
                        return self.take()
            except (ConnectionResetError, BrokenPipeError):
                self.close()  # an idle connection was closed under us
                if attempt == 2:
                    raise
        raise AssertionError


def latencies(
    port: int, requests: Sequence[bytes], count: int, *, expect: int = 200, warm: int = 10
) -> list[float]:
    """Seconds that each of `count` requests took, one after the other, after a few (`warm` at most) that do not count."""
    connection = Connection(port)
    times = []
    source = cycle(requests)
    for number in range(-min(warm, count), count):
        data = next(source)
        began = time.perf_counter()
        answer = connection.ask(data)
        took = time.perf_counter() - began
        if answer.status != expect:
            raise Broken(f"{data.split(b' HTTP', 1)[0].decode()}: {answer.status}")
        if number >= 0:
            times.append(took)
    connection.close()
    return times


def rate(port: int, requests: Sequence[bytes], seconds: float, *, clients: int = 8) -> float:
    """Requests a second that `clients` get answered, each asking again as soon as it has its answer."""
    chooser = selectors.DefaultSelector()
    source: Iterator[bytes] = cycle(requests)
    for _ in range(clients):
        connection = Connection(port)
        chooser.register(connection.open(), selectors.EVENT_READ, connection)
        connection.open().sendall(next(source))
    done, began = 0, time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in chooser.select(timeout=began + seconds - now):
            connection = key.data
            got = connection.open().recv(262144)
            if got and not connection.feed(got):
                continue
            if got:
                answer = connection.take()
                if answer.status != 200:
                    raise Broken(f"{answer.status} at {clients} clients")
                done += 1
            if not got or connection.socket is None:
                chooser.unregister(key.fileobj)
                connection.close()
                chooser.register(connection.open(), selectors.EVENT_READ, connection)
            connection.open().sendall(next(source))
    for key in list(chooser.get_map().values()):
        key.data.close()
    return done / (time.perf_counter() - began)


def percentile(times: Sequence[float], share: float) -> float:
    """The time that `share` of all are within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds with the least and the most."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of one value a round."""
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.middle:.3g} ({self.least:.3g}–{self.most:.3g})"
