"""`python -m bench.reports [N] [--engine ENGINE] [--keep FOLDER] [--counted]`: each report over the days that are kept, against a bare page.

Over a seeded store of N conversations (20,000 unless said). Bound: 20 × the bare page where the days are kept. Three states of the
desk: `kept`, nothing was recorded between two looks; `moved`, before each look a conversation of today was closed, so that today is
counted again, added up and written (without a bound: that part is no rollup); with `--counted` also `counted`,
no days are kept at all (without a bound; minutes a page at 100,000).
The seeded store has orders, promises and readings, but no quotes, payments and feedback: the money report is measured over stock alone.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from pathlib import Path

from sqlalchemy import delete, select

from bench.client import Spread, latencies, percentile, request
from bench.pages import Rounds, compare, gets
from bench.rows import at_most
from bench.stores import ENGINES, Run, Store
from checkout_desk import clock
from checkout_desk.accounts.models import PersonRole
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.reports import rollups
from checkout_desk.reports.models import ReportRoll

BOUND = 20.0
PAGES = {
    "replies, 30 days": "/reports", "replies, 400 days": "/reports?from={first}&to={last}", "reading, 30 days": "/reports/reading",
    "reading, 400 days": "/reports/reading?from={first}&to={last}", "money, 30 days": "/reports/money",
    "templates, 30 days": "/reports/templates", "procedure, 30 days": "/reports/procedure",
    "procedure, 400 days": "/reports/procedure?from={first}&to={last}", "funnel, 400 days": "/reports/funnel?from={first}&to={last}", "today": "/reports/today",
}  # fmt: skip


def main() -> int:
    """Print each page's ratio with the kept days, then without; 1 when one is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=20_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counted", action="store_true", help="measure without kept days too")
    asked = parser.parse_args()
    run = Run(small=False, rounds=asked.rounds, engines=(asked.engine,), size=asked.size)
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        run.folder, run.kept = asked.keep.resolve(), True
    try:
        return _measure(run, counted=asked.counted)
    finally:
        run.close()


def _measure(run: Run, *, counted: bool) -> int:
    store = run.store(run.engines[0], run.large)
    with store.app.app_context():
        begin_write()
        if db.session.scalar(select(PersonRole.role).where(PersonRole.role == "manager")) is None:
            db.session.add(PersonRole(person_id=1, role="manager"))
        db.session.commit()
        began = time.monotonic()
        days = rollups.rebuild()
        print(f"{run.large} conversations; {days} days kept in {time.monotonic() - began:.1f} s", flush=True)
        db.engine.dispose()
    today = clock.now().date()
    words = {"first": today.fromordinal(today.toordinal() - 399), "last": today}
    pages = {name: (store, gets(store, [path.format(**words)])) for name, path in PAGES.items()}
    missed = _show(run, "kept", compare(run, pages, count=40), bound=BOUND)
    _show(run, "moved", _moved(run, pages))
    if not counted:
        return int(missed > 0)
    with store.app.app_context():
        begin_write()
        db.session.execute(delete(ReportRoll))
        db.session.commit()
        db.engine.dispose()
    _show(run, "counted", compare(run, pages, count=5))
    return int(missed > 0)


def _show(run: Run, what: str, found: dict[str, Rounds], *, bound: float = math.inf) -> int:
    """Print the findings; how many miss the bound."""
    missed = 0
    for name, rounds in found.items():
        finding = at_most(run.engines[0], f"{name}, {what}, p50 ÷ bare page", Spread.of(rounds.p50), bound, " ×",
                          f"{min(rounds.milliseconds):.1f} ms")  # fmt: skip
        print(finding, flush=True)
        missed += not finding.met
    return missed


def _moved(run: Run, pages: dict[str, tuple[Store, list[bytes]]], *, count: int = 10) -> dict[str, Rounds]:
    """As `compare`, with one event about the newest conversation before each look."""
    found = {name: Rounds() for name in pages}
    for _ in range(run.rounds):
        base = percentile(latencies(run.hello().port, [request("/")], 200), 0.5)
        for name, (store, requests) in pages.items():
            times = []
            for _ in range(count):
                _move(store)
                times += latencies(run.serve(store).port, requests, 1, warm=0)
            found[name].p50.append(percentile(times, 0.5) / base)
            found[name].milliseconds.append(percentile(times, 0.5) * 1000)
    return found


def _move(store: Store) -> None:
    with store.app.app_context():
        begin_write()
        lately = select(Promise.conversation_id).order_by(Promise.opened_at.desc()).limit(50)
        one = random.choice(db.session.scalars(lately).all())
        record("conversation.close", about=db.session.get_one(Conversation, one))
        db.session.commit()
        db.session.remove()


if __name__ == "__main__":
    sys.exit(main())
