"""Rows P7 to P10 and P14: mail comes in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select, update

from bench import exactness
from bench.client import Broken, Connection, Spread, latencies, percentile, request
from bench.rows import Finding, Row, at_least, at_most
from bench.stores import ROOT, Run, Store
from checkout_desk import clock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import RawMail
from checkout_desk.seeding import corpus

_numbers = count(1)


def new_mails(conversations: int) -> list[bytes]:
    """Mails that no store has: threads of three from as many strangers, first ones first."""
    seed = next(_numbers)
    at, rng, mails = clock.now(), Random(seed), []
    people = [(number, corpus.writer(rng, seed * 1_000_000 + number)) for number in range(conversations)]
    for position in range(3):
        for number, who in people:
            order = f"FK-{seed}-{number}"
            domain = who.email.rpartition("@")[2]
            ids = [f"{os.getpid()}.{seed}.{number}.{place}@{domain}" for place in range(position + 1)]
            text = corpus.body(rng, who, order, ours=False)
            subject = f"{'Re: ' if position else ''}Order {order}"
            before = {"in_reply_to": ids[-2], "references": tuple(ids[:-1])} if position else {}
            sender = (who.email, who.name)
            mails.append(
                corpus.mail(
                    sender=sender,
                    to=corpus.SHOP,
                    at=at,
                    message_id=ids[-1],
                    subject=subject,
                    text=text,
                    **before,
                )
            )
    return mails


def mbox(run: Run, mails: Sequence[bytes]) -> Path:
    """The mails as a file to import."""
    path = run.folder / f"{next(_numbers)}.mbox"
    with path.open("wb") as out:
        for mail in mails:
            out.write(
                b"From bench@example.com Thu Jan  1 00:00:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n\n"
            )
    return path


@dataclass
class Process:
    """One importer that is ready to begin."""

    process: subprocess.Popen[str]

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if self.process.wait() or not line:
            raise Broken(f"the importer ended with {self.process.returncode}")
        found: dict[str, Any] = json.loads(line)
        return found


def importer(run: Run, store: Store, path: Path, *words: str) -> Process:
    """An importing process of its own, loaded and waiting."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.importer", str(path), *words], cwd=ROOT, text=True,
        env={**os.environ, **store.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=(run.folder / "importer.log").open("ab"),
    )  # fmt: skip
    assert process.stdout
    if process.stdout.readline() != "ready\n":
        raise Broken(f"the importer did not start; see {run.folder}/importer.log")
    return Process(process)


def together(*processes: Process) -> tuple[float, list[dict[str, Any]]]:
    """Let them run at once; returns mails a second of all, and what each said."""
    began = time.perf_counter()
    for process in processes:
        process.go()
    said = [process.result() for process in processes]
    return sum(one["mails"] for one in said) / (time.perf_counter() - began), said


def _rate(run: Run, store: Store, path: Path, *words: str) -> float:
    said = together(importer(run, store, path, *words))[1][0]
    return float(said["mails"]) / float(said["seconds"])


def _threads(run: Run) -> int:
    return 100 if run.small else 400


def speed(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store, selling = run.store(engine, 0, use="nothing_to_sell"), run.store(engine, 0, use="import")
        _sell_nothing(store)
        alone, reading, two = [], [], []
        for _ in range(run.rounds):
            path = mbox(run, new_mails(_threads(run)))
            parse = _rate(run, store, path, "--parse")
            one, read = _rate(run, store, path), _rate(run, selling, path)
            alone.append(one / parse)
            reading.append(read / parse)
            halves = [mbox(run, new_mails(_threads(run))) for _ in range(2)]
            two.append(together(*(importer(run, selling, half) for half in halves))[0] / read)
        rates = f"{one:.0f} mails/s, P {parse:.0f}"
        yield at_least(engine, "import ÷ P, nothing to sell", Spread.of(alone), 0.5, " ×", rates)
        yield at_least(
            engine, "import ÷ P, orders read", Spread.of(reading), 0.3, " ×", f"{read:.0f} mails/s"
        )
        yield at_least(engine, "two processes ÷ one", Spread.of(two), 1.6, " ×")


def _sell_nothing(store: Store) -> None:
    """Put every product away: a desk without a catalogue threads and files its mail, but reads no orders."""
    with store.app.app_context():
        begin_write()
        db.session.execute(update(Product).values(active=False))
        db.session.commit()
        db.session.remove()


def at_size(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        empty, full = run.store(engine, 0, use="import"), run.store(engine, run.large)
        ratios = []
        for _ in range(run.rounds):
            few = _rate(run, empty, mbox(run, new_mails(_threads(run))))
            ratios.append(_rate(run, full, mbox(run, new_mails(_threads(run)))) / few)
        yield at_least(engine, f"import at {run.large} ÷ into the empty store", Spread.of(ratios), 0.9, " ×")


def again(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store, ratios = run.store(engine, 0, use="import"), []
        wrong = 0
        for _ in range(run.rounds):
            path = mbox(run, new_mails(_threads(run)))
            new = _rate(run, store, path)
            before = _rows(store)
            said = together(importer(run, store, path))[1][0]
            ratios.append(said["mails"] / said["seconds"] / new)
            wrong += said["mails"] - said["outcomes"].get("duplicate", 0) + _rows(store) - before
        yield at_least(engine, "delivered again ÷ new", Spread.of(ratios), 3, " ×")
        yield at_most(engine, "mails not known again, or rows too many", wrong, 0)
        mails = new_mails(_threads(run))
        path, before = mbox(run, mails), _rows(store)
        _, said_two = together(importer(run, store, path), importer(run, store, path))
        stored = sum(one["outcomes"].get("stored", 0) for one in said_two)
        more = _rows(store) - before - 2 * len(mails)
        yield at_most(
            engine, "two importers, same new mails: off by", abs(more) + abs(stored - len(mails)), 0
        )


def _rows(store: Store) -> int:
    """Raw mails and messages together."""
    with store.app.app_context():
        rows = [
            db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (RawMail, Message)
        ]
        db.session.remove()
        return sum(rows)


def threading(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, 1000, use="threading")
        with store.app.app_context():
            found = exactness.measure(start=next(_numbers) * 10_000)
            db.session.remove()
        for what, (right, asked) in found.items():
            yield at_least(engine, what, right, asked, f" of {asked}")


def queue_during_import(run: Run) -> Iterator[Finding]:
    for engine in run.engines:
        store = run.store(engine, run.large)
        port, ask = run.serve(store).port, [request("/queue/answer", cookie=store.cookie)]
        ratios, errors = [], 0
        for _ in range(run.rounds):
            idle = percentile(latencies(port, ask, 150), 0.95)
            process = importer(run, store, mbox(run, new_mails(_threads(run) * 3)))
            process.go()
            times, connection = [], Connection(port)
            while process.process.poll() is None:
                began = time.perf_counter()
                errors += connection.ask(ask[0]).status != 200
                times.append(time.perf_counter() - began)
            connection.close()
            process.result()
            ratios.append(percentile(times, 0.95) / idle)
        yield at_most(
            engine, "queue p95 during import ÷ idle p95", Spread.of(ratios), 2, " ×", f"{len(times)} pages"
        )
        yield at_most(engine, "answers that failed", errors, 0)


ROWS = {
    "P7": Row("import of new mail", speed, order=1),
    "P8": Row("import into a large store", at_size, order=2),
    "P9": Row("the same mails again", again, order=1),
    "P10": Row("threading", threading),
    "P14": Row("the queue while an import runs", queue_during_import, order=2),
}
