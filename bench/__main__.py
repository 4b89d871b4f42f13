"""`python -m bench P1 P2 …`: measure rows of the table in README.md; without names all of them."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

from bench import importing_rows, pages, replies, weight
from bench.rows import Row
from bench.stores import ENGINES, Run

ROWS: dict[str, Row] = {**pages.ROWS, **importing_rows.ROWS, **replies.ROWS, **weight.ROWS}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="P1 … P15", help="rows to measure (default: all)")
    parser.add_argument(
        "--small", action="store_true", help="2,000 conversations instead of 100,000, to try it out"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", choices=ENGINES, help="one engine alone")
    parser.add_argument("--conversations", type=int, help="another size of the large store")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="make SQLite stores here, and use those of before"
    )
    asked = parser.parse_args()
    names = sorted((name.upper() for name in asked.rows or ROWS), key=lambda name: int(name[1:]))
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    run = Run(
        small=asked.small, rounds=asked.rounds, engines=(asked.engine,) if asked.engine else ENGINES,
        size=asked.conversations,
    )  # fmt: skip
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        run.folder, run.kept = asked.keep.resolve(), True
    missed = []
    try:
        print(f"{run.large} conversations, {run.rounds} rounds; median (least–most)")
        # Rows that write come last, so that the others see the store as it was seeded; memory last of all.
        for name in sorted(names, key=lambda name: (ROWS[name].order, int(name[1:]))):
            began = time.monotonic()
            print(f"\n{name}  {ROWS[name].title}", flush=True)
            try:
                for finding in ROWS[name].measure(run):
                    print(f"  {finding}", flush=True)
                    missed += [] if finding.met else [name]
            except Exception:
                traceback.print_exc()
                missed.append(name)
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    finally:
        run.close()
    print(f"\nmissed: {', '.join(dict.fromkeys(missed)) or 'none'}")
    return 1 if missed else 0


sys.exit(main())
