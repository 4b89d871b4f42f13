"""The web process: waitress on a socket of its own or on one that the supervisor opened and several processes share.

Waitress reads requests outside its threads, so that clients who send half a request hold none of them (SECURITY A61).
Where it lets a request have two lengths (RFC 9112 6.1), ours is stricter: a proxy in front may believe the other one.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from checkout_desk.config import ConfigError

if TYPE_CHECKING:
    from flask import Flask

LISTEN_FD = "DESK_LISTEN_FD"
"""Set by the supervisor for its children alone: number of the listening socket that they inherit."""

THREADS = 8
FINISH_WITHIN = 10.0
"""seconds that a stopping process gives to requests that have begun"""


def listen(address: tuple[str, int]) -> socket.socket:
    """A listening TCP socket. Raises ConfigError when the address cannot be had."""
    host, port = address
    try:
        family, kind, protocol, _, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(found)
    except OSError as fault:
        raise ConfigError(
            f"DESK_LISTEN: {host}:{port} cannot be used ({fault.strerror}); expected a free address and port of this machine."
        ) from None
    sock.listen(1024)
    return sock


def serve(app: Flask) -> None:
    """Answer requests until SIGTERM or SIGINT; requests that have begun are finished."""
    inherited = os.environ.pop(LISTEN_FD, "")
    sock = socket.socket(fileno=int(inherited)) if inherited else listen(app.config["DESK_LISTEN"])
    serve_on(app, sock)


def keep_little_memory() -> None:
    """Have this process give back what it used for a moment; for its beginning, before it makes threads.

    All threads share one arena: of several, each keeps what it gave back (8 MB with eight threads), and Python's threads
    take turns anyway. Blocks of a megabyte and more go back to the system when they are freed: left to itself, glibc keeps
    them after the first few, so that a worker stayed 30 MB larger once it had seen mails of 15 MB. Nothing happens where
    the C library is another one.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-8, 1)  # M_ARENA_MAX
        mallopt(-3, 2**20)  # M_MMAP_THRESHOLD
        mallopt(-1, 4 * 2**20)  # M_TRIM_THRESHOLD, which the line before takes off the automatic too


def serve_on(app: Flask, sock: socket.socket) -> None:
    """As `serve`, on a socket that listens already."""
    from waitress import create_server  # other processes never need it

    proxied = app.config["DESK_PROXIES"] > 0
    server = create_server(
        app,
        sockets=[sock],
        threads=THREADS,
        connection_limit=1000,
        channel_timeout=20,
        asyncore_use_poll=True,
        max_request_body_size=max(app.config["DESK_MAX_UPLOAD"], app.config["DESK_MAX_MAIL"]) + 2**20,
        clear_untrusted_proxy_headers=not proxied,
        ident=None,
        expose_tracebacks=False,
    )
    server.channel_class = _strict_channel()
    stopping: list[float] = []

    def stop(number: int, frame: Any) -> None:
        stopping.append(time.monotonic())

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        server.asyncore.loop(timeout=1, map=server._map, use_poll=True, count=1)
    server.accepting = False  # another process of the same socket takes what comes now
    while _busy(server) and time.monotonic() < stopping[0] + FINISH_WITHIN and len(stopping) == 1:
        server.asyncore.loop(timeout=0.1, map=server._map, use_poll=True, count=1)
    server.task_dispatcher.shutdown(timeout=1)


def _strict_channel() -> Any:
    """Waitress's channel, but a request with chunks and a length, or with chunks in HTTP/1.0, is 400 and the last one."""
    from waitress.channel import HTTPChannel
    from waitress.parser import HTTPRequestParser, ParsingError

    class Parser(HTTPRequestParser):
        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
                raise ParsingError("The request has two lengths")

    class Channel(HTTPChannel):
        parser_class = Parser

    return Channel


def _busy(server: Any) -> bool:
    return any(
        channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values())
    )
