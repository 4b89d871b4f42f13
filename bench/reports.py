"""`python -m bench.reports [N] [--keep FOLDER]`: each report over the days that are kept, against a bare page and against counting all.

Over a seeded store of N conversations (20,000 unless said), SQLite. Bound: 20 × the bare page where the days are kept. The seeded
store has orders, promises and readings, but no quotes and no payments: the money report is measured over stock alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sqlalchemy import delete, select

from bench.client import Spread
from bench.pages import compare, gets
from bench.rows import at_most
from bench.stores import Run
from checkout_desk import clock
from checkout_desk.accounts.models import PersonRole
from checkout_desk.extensions import begin_write, db
from checkout_desk.reports import rollups
from checkout_desk.reports.models import ReportRoll

BOUND = 20.0
PAGES = {
    "replies, 30 days": "/reports", "replies, 400 days": "/reports?from={first}&to={last}", "reading, 30 days": "/reports/reading",
    "reading, 400 days": "/reports/reading?from={first}&to={last}", "money, 30 days": "/reports/money",
    "templates, 30 days": "/reports/templates", "today": "/reports/today",
}  # fmt: skip


def main() -> int:
    """Print each page's ratio with the kept days, then without; 1 when one is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=20_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    run = Run(small=False, rounds=asked.rounds, engines=("sqlite",), size=asked.size)
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        run.folder, run.kept = asked.keep.resolve(), True
    try:
        return _measure(run)
    finally:
        run.close()


def _measure(run: Run) -> int:
    store = run.store("sqlite", run.large)
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
    missed = 0
    for what, count in (("kept", 40), ("counted", 5)):
        if what == "counted":
            with store.app.app_context():
                begin_write()
                db.session.execute(delete(ReportRoll))
                db.session.commit()
                db.engine.dispose()
        for name, rounds in compare(run, pages, count=count).items():
            finding = at_most("sqlite", f"{name}, {what}, p50 ÷ bare page", Spread.of(rounds.p50), BOUND, " ×",
                              f"{min(rounds.milliseconds):.1f} ms")  # fmt: skip
            print(finding, flush=True)
            missed += what == "kept" and not finding.met
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
