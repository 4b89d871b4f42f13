"""Rows P1 to P6: the pages that people look at all day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy import func, select

from bench import plans
from bench.client import Connection, Spread, latencies, percentile, rate, request
from bench.rows import Finding, Row, at_least, at_most
from bench.stores import Run, Store
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.keeping import LATEST
from checkout_desk.extensions import db
from checkout_desk.seeding import corpus

QUEUE = "/queue/answer"
SECONDS = 3.0


@dataclass
class Rounds:
    """The figures of one page, a value a round, each as a multiple of the bare page's in that round."""

    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    slower: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def gets(store: Store, paths: Sequence[str]) -> list[bytes]:
    """Requests of a signed-in person."""
    return [request(path, cookie=store.cookie) for path in paths]


def compare(
    run: Run, pages: dict[str, tuple[Store, list[bytes]]], *, count: int = 200, eight: bool = False
) -> dict[str, Rounds]:
    """Measure each page and the bare one in turn, `run.rounds` times. `pages` is name → store and requests."""
    bare, found = [request("/")], {name: Rounds() for name in pages}
    hello = run.hello()
    for store, _ in pages.values():
        run.serve(store)
    for _ in range(run.rounds):
        base = percentile(latencies(hello.port, bare, count), 0.5)
        base_rate = rate(hello.port, bare, SECONDS) if eight else 0.0
        for name, (store, requests) in pages.items():
            port = run.serve(store).port
            times = latencies(port, requests, count)
            rounds = found[name]
            rounds.p50.append(percentile(times, 0.5) / base)
            rounds.p95.append(percentile(times, 0.95) / base)
            rounds.milliseconds.append(percentile(times, 0.5) * 1000)
            if eight:
                rounds.slower.append(base_rate / rate(port, requests, SECONDS))
    return found


def _engines(run: Run, paths: Sequence[str]) -> dict[str, tuple[Store, list[bytes]]]:
    return {engine: (store := run.store(engine, run.large), gets(store, paths)) for engine in run.engines}


def queue(run: Run) -> Iterator[Finding]:
    for engine, rounds in compare(run, _engines(run, [QUEUE])).items():
        ms = f"{Spread.of(rounds.milliseconds)} ms"
        yield at_most(engine, "queue p50 ÷ H50", Spread.of(rounds.p50), 12, " ×", ms)
        yield at_most(engine, "queue p95 ÷ H50", Spread.of(rounds.p95), 30, " ×")


def queue_at_eight(run: Run) -> Iterator[Finding]:
    for engine, rounds in compare(run, _engines(run, [QUEUE]), count=50, eight=True).items():
        yield at_most(engine, "HR ÷ queue rate, 8 clients", Spread.of(rounds.slower), 14)


def flatness(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        few, many = run.store(engine, 1000), run.store(engine, run.large)
        found = compare(run, {"few": (few, gets(few, [QUEUE])), "many": (many, gets(many, [QUEUE]))})
        growth = [b / a for a, b in zip(found["few"].p50, found["many"].p50, strict=True)]
        yield at_most(engine, f"queue p50 at {run.large} ÷ at 1000", Spread.of(growth), 1.3, " ×")
        yield from _asked(many, "queue", QUEUE, 8)
        yield from _asked(many, "closed", "/queue/closed", 8)


def _asked(store: Store, what: str, path: str, bound: int) -> Iterator[Finding]:
    statements = plans.statements_of(store.app, path, store.cookie)
    yield at_most(store.engine, f"{what}: queries", len(statements), bound)
    bad = (plans.faults if store.engine == "sqlite" else plans.postgres_faults)(store.app, statements)
    yield at_most(store.engine, f"{what}: plans that scan or sort", len(bad), 0, more="; ".join(bad))


def some_conversations(store: Store, *, count: int = 40) -> list[str]:
    """Addresses of conversations with three messages, all over the store."""
    with store.app.app_context():
        ids = db.session.scalars(
            select(Message.conversation_id).where(Message.conversation_id > 1).group_by(Message.conversation_id)
            .having(func.count() == 3).order_by(Message.conversation_id)
        ).all()  # fmt: skip
        db.session.remove()
    return [f"/conversations/{one}" for one in ids[:: max(1, len(ids) // count)]][:count]


def longest(store: Store) -> str:
    """The address of the conversation with 500 messages, all of them asked for."""
    with store.app.app_context():
        first = db.session.scalar(select(func.min(Conversation.id)))
        db.session.remove()
    return f"/conversations/{first}"


def conversation(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, run.large)
        short, long = some_conversations(store), longest(store)
        found = compare(run, {"short": (store, gets(store, short))}, count=100, eight=True)["short"]
        ms = f"{Spread.of(found.milliseconds)} ms"
        yield at_most(engine, "conversation p50 ÷ H50", Spread.of(found.p50), 10, " ×", ms)
        yield at_most(engine, "HR ÷ conversation rate, 8 clients", Spread.of(found.slower), 14)
        # More than a process remembers, one after the other: each is as if it were looked at for the first time.
        many = some_conversations(store, count=LATEST * 2)
        first = compare(run, {"first": (store, gets(store, many))}, count=LATEST * 2)["first"]
        ms = f"{Spread.of(first.milliseconds)} ms"
        yield Finding(
            engine, "conversation not looked at lately ÷ H50", Spread.of(first.p50), "none", True, ms
        )
        yield from _asked(store, "conversation", short[0], 10)
        yield from _asked(store, "conversation of 500", long, 10)
        both = compare(run, {"short": (store, gets(store, short)), "long": (store, gets(store, [long])),
                             "whole": (store, gets(store, [f"{long}?n=520"]))}, count=30)  # fmt: skip
        for name, what in (
            ("long", "500 messages, first window ÷ 3"),
            ("whole", "500 messages, all shown ÷ 3"),
        ):
            ratio = Spread.of([b / a for a, b in zip(both["short"].p50, both[name].p50, strict=True)])
            if name == "long":
                yield at_most(engine, what, ratio, 5, " ×")
            else:
                yield Finding(engine, what, ratio, "none", True)


def search_paths(word: str) -> list[str]:
    """The address of a search."""
    return [f"/search?q={quote(word)}"]


def rare(run: Run) -> Iterator[Finding]:
    words = [*search_paths(corpus.RARE_FIRST), *search_paths(corpus.RARE_THIRD)]
    for engine, rounds in compare(run, _engines(run, words), count=100).items():
        store = run.store(engine, run.large)
        ms = f"{Spread.of(rounds.milliseconds)} ms"
        yield at_most(engine, "rare word p50 ÷ H50", Spread.of(rounds.p50), 10, " ×", ms)
        connection = Connection(run.serve(store).port)
        for word in (corpus.RARE_FIRST, corpus.RARE_THIRD):
            answer = connection.ask(
                request(search_paths(word)[0], cookie=store.cookie, headers=["X-Plain: 1"])
            )
            yield at_least(engine, f"conversations found by {word}", rows_in(answer.body), corpus.RARE)
        connection.close()
        yield from _asked(store, "search", words[0], 8)


def rows_in(body: bytes) -> int:
    """How many conversations a list page shows."""
    import gzip
    import re

    page = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return len(set(re.findall(rb'href="/conversations/(\d+)', page)))


def common(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, run.large)
        found = compare(
            run, {"rare": (store, gets(store, search_paths(corpus.RARE_FIRST))),
                  "common": (store, gets(store, search_paths(corpus.COMMON)))}, count=100,
        )  # fmt: skip
        ms = f"{Spread.of(found['common'].milliseconds)} ms"
        yield at_most(engine, "common word p95 ÷ H50", Spread.of(found["common"].p95), 30, " ×", ms)
        ratio = [b / a for a, b in zip(found["rare"].p50, found["common"].p50, strict=True)]
        yield at_most(engine, "common ÷ rare, p50", Spread.of(ratio), 4, " ×")


ROWS = {
    "P1": Row("queue of 50 rows, one client", queue),
    "P2": Row("queue of 50 rows, eight clients", queue_at_eight),
    "P3": Row("the queue does not grow with the store", flatness),
    "P4": Row("conversation page", conversation),
    "P5": Row("search for a rare word", rare),
    "P6": Row("search for a common word", common),
}
