"""Rows P12, P13 and P15: memory, start, bytes."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from sqlalchemy import text

from bench import pages
from bench.client import Connection, Spread, latencies, request
from bench.rows import Finding, Row, at_most
from bench.stores import INSTALLED, ROOT, Run, Store, free_port, wait_for
from checkout_desk.extensions import db

QUEUE = "/queue/answer"
Fetch = Callable[[str], bytes]
"""an address → the body as it travels"""


def memory_and_start(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, run.large)
        served = run.serve(store)
        _read(store, served.port)
        sizes = [resident(pid) for pid in served.workers()]
        yield at_most(
            engine, "worker memory (RSS), largest", max(sizes) / 1e6, 90, " MB", "after every row before this"
        )
        share = max(_shares_of_up(store)) / 1e6
        yield at_most(
            engine, "web process of `up`: its share (PSS), largest", share, 90, " MB", "after the same pages"
        )
        cold = Spread.of([_cold_start(store) for _ in range(run.rounds)])
        yield at_most(engine, "cold start to the first page", cold, 2, " s")
        ready = Spread.of([_up(store) for _ in range(run.rounds)])
        yield at_most(engine, "`up` ready", ready, 4, " s")


def _read(store: Store, port: int) -> None:
    """Look at the pages that people look at most."""
    for paths in ([QUEUE], pages.some_conversations(store), pages.search_paths("porcelain")):
        latencies(port, pages.gets(store, paths), 50)


def resident(pid: int) -> int:
    """Bytes that a process holds in memory, with those that it shares."""
    return _kilobytes(pid, "status", "VmRSS") * 1024


def _kilobytes(pid: int, file: str, name: str) -> int:
    found = re.search(name + r":\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text())
    assert found
    return int(found[1])


def _shares_of_up(store: Store) -> list[int]:
    """Bytes of each web process of `up` after some pages, where n processes that share a page have an nth of it each."""
    with _ready(store) as (process, port, _):
        _read(store, port)
        kept = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        pids = [int(pid) for pid in kept.read_text().split()]
        return [
            _kilobytes(pid, "smaps_rollup", "Pss") * 1024
            for pid in pids
            if Path(f"/proc/{pid}/comm").read_text().startswith("desk web")
        ]


def command(store: Store, name: str, port: int, **more: str) -> subprocess.Popen[bytes]:
    """A command of the desk over a store, listening at `port`; `more` are further settings."""
    environment = {
        **os.environ, **INSTALLED, **store.environment, "DESK_LISTEN": f"127.0.0.1:{port}", "DESK_URL": f"http://127.0.0.1:{port}", **more
    }  # fmt: skip
    words = [sys.executable, "-m", "checkout_desk.cli", name]
    return subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _cold_start(store: Store) -> float:
    """Seconds from starting one web process to its first queue page."""
    port = free_port()
    began = time.monotonic()
    process = command(store, "web", port)
    try:
        wait_for(port, "/healthz", process)
        answer = Connection(port).ask(request(QUEUE, cookie=store.cookie))
        if answer.status != 200:
            raise RuntimeError(f"the first page: {answer.status}")
        return time.monotonic() - began
    finally:
        _end(process)


def _up(store: Store) -> float:
    """Seconds from `checkout-desk up` to the line that says it is ready."""
    with _ready(store) as (_, _, seconds):
        return seconds


@contextmanager
def _ready(store: Store) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """A ready `up` with a Valkey of its own: its process, its port, and the seconds that it took."""
    began = time.monotonic()
    environment = {key: value for key, value in store.environment.items() if key != "REDIS_URL"}
    alone = Store(store.engine, store.size, environment, store.app, store.home)
    port = free_port()
    process = command(alone, "up", port)
    try:
        assert process.stdout
        if not any(b"ready at" in line for line in process.stdout):
            raise RuntimeError("`up` ended before it was ready")
        yield process, port, time.monotonic() - began
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


@dataclass(frozen=True, slots=True)
class Weight:
    """What a browser fetches for one page: requests and compressed bytes without fonts, and the fonts' bytes."""

    requests: int
    size: int
    page: int
    fonts: tuple[int, ...]


_LINKED = re.compile(
    rb"""<link[^>]+rel="(?:stylesheet|icon|preload|manifest|modulepreload)"[^>]*href="([^"]+)"|<script[^>]+src="([^"]+)"|"""
    rb"""<img[^>]+src="([^"]+)"|<use[^>]+href="([^"#]+)"""
)
_IN_STYLES = re.compile(rb"""url\(["']?([^"')]+)["']?\)|@import\s+["']([^"']+)["']""")


def weigh(fetch: Fetch, path: str) -> Weight:
    """Fetch a page and everything that it names, as a browser with an empty cache does. Latin text needs one font."""
    page = fetch(path)
    size, seen, fonts = len(page), {path}, []
    queue = [
        urljoin(path, name.decode()) for found in _LINKED.findall(_plain(page)) for name in found if name
    ]
    while queue:
        address = queue.pop(0).partition("#")[0]
        if address in seen or address.startswith("data:"):
            continue
        seen.add(address)
        if address.endswith(".woff2"):
            if "latin" in address:  # the others are for scripts that this page does not show (unicode-range)
                fonts.append(len(fetch(address)))
            continue
        body = fetch(address)
        size += len(body)
        if address.endswith(".css"):
            names = [name for found in _IN_STYLES.findall(_plain(body)) for name in found if name]
            queue += [urljoin(address, name.decode()) for name in names]
    counted = [address for address in seen if not address.endswith(".woff2")]
    return Weight(len(counted), size, len(page), tuple(fonts))


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def page_weight(run: Run) -> Iterator[Finding]:
    sizes = {}
    for engine in run.engines:
        for size in (1000, run.large):
            store = run.store(engine, size)
            connection = Connection(run.serve(store).port)
            weight = weigh(lambda path: connection.ask(request(path, cookie=store.cookie)).body, QUEUE)  # noqa: B023
            sizes[size] = weight.page
            connection.close()
        yield at_most(engine, "queue cold: requests", weight.requests, 6)
        yield at_most(engine, "queue cold: compressed", weight.size / 1000, 60, " kB")
        yield at_most(engine, "fonts", len(weight.fonts), 1)
        yield at_most(engine, "largest font", max(weight.fonts, default=0) / 1000, 80, " kB")
        yield at_most(engine, "queue warm: compressed", weight.page / 1000, 12, " kB")
        growth = sizes[run.large] / sizes[1000]
        yield at_most(engine, f"page at {run.large} ÷ at 1000", growth, 1.15, " ×", "counts have more digits")


_TEXT = ("message", "message_fts_data", "message_fts_idx", "message_fts_docsize", "message_fts_config")


def database_size(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, run.large)
        with store.app.app_context(), db.engine.connect() as connection:
            if engine == "sqlite":
                rows = connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")).all()
                sizes = {row[0]: row[1] for row in rows}
                least = sum(sizes.get(name, 0) for name in _TEXT)
            else:
                rows = connection.execute(
                    text("SELECT relname, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) FROM pg_class "
                         "WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace")
                ).all()  # fmt: skip
                sizes = {row[0]: row[1] for row in rows}
                least = sum(
                    sizes.get(name, 0) for name in ("message", "message_search", "ix_message_search_tsv")
                )
        whole = sum(sizes.values())
        most = sorted(sizes.items(), key=lambda item: -item[1])[:9]
        more = f"{whole / 1e6:.0f} MB of {least / 1e6:.0f}: " + ", ".join(
            f"{n} {s / 1e6:.0f}" for n, s in most
        )
        yield at_most(engine, "database ÷ messages and full text", whole / least, 1.6, " ×", more)


ROWS = {
    "P12": Row("memory and start", memory_and_start, order=9),
    "P13": Row("page weight", page_weight),
    "P15": Row("size of the database", database_size),
}
