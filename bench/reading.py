"""`python -m bench.reading [--frozen] [--wrong] [--record]`: how well the labelled mails are read, and how fast.

Prints precision and recall by field, whole orders, silent wrong lines and false orders, compared with the figures recorded
in bench/reading.json, and the milliseconds a mail takes against 5,000 products.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path

from checkout_desk.intake.reading_letters import reading_input
from checkout_desk.mail.parsing import parse
from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry
from checkout_desk.reading.model import KnownThread, Reading
from checkout_desk.reading.reading import read
from tests.reading import cases
from tests.reading.cases import Case

RECORD = Path(__file__).with_suffix(".json")


def read_case(case: Case, index: Catalogue | None = None) -> Reading:
    """The reading of one labelled mail."""
    letter = reading_input(parse(case.raw), store_addresses=cases.STORE)
    known = KnownThread(case.known, has_address=True, has_phone=True) if case.known else None
    return read(
        letter,
        index or cases.catalogue(case.catalogue),
        store_addresses=cases.STORE,
        country=case.country,
        known_thread=known,
    )


@dataclass
class Score:
    """Counts over many mails."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    exact_lines: int = 0
    exact_orders: int = 0
    exact_gaps: int = 0
    silent: list[str] = field(default_factory=list)
    false_orders: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def field(self, name: str, found: object, wanted: object) -> bool:
        """Count one value; None is no value."""
        same = found == wanted
        self.found[name] += found is not None
        self.wanted[name] += wanted is not None
        self.right[name] += same and wanted is not None
        return same


def _plain(text: str | None) -> str | None:
    return " ".join(text.casefold().split()) if text else None


def score_case(score: Score, case: Case, reading: Reading) -> None:
    """Compare one reading with its labels."""
    score.mails += 1
    notes: list[str] = []
    if not score.field("kind", reading.kind, case.kind):
        notes.append(f"kind {reading.kind} not {case.kind}")
    if case.kind == "order" and not score.field("role", reading.role, case.role):
        notes.append(f"role {reading.role} not {case.role}")
    found = {line.sku: line.quantity for line in reading.lines}
    score.found["lines"] += len(found)
    score.wanted["lines"] += len(case.lines)
    score.right["lines"] += sum(case.lines.get(sku, -1) == quantity for sku, quantity in found.items())
    score.found["certain"] += sum(not line.needs_review for line in reading.lines)
    for line in reading.lines:
        if not line.needs_review and (
            line.sku not in case.lines
            or (line.quantity is not None and case.lines[line.sku] != line.quantity)
        ):
            score.silent.append(f"{case.name}: {line.sku} x {line.quantity} from {line.text!r} ({line.rule})")
    some = bool(reading.lines or reading.ambiguous or reading.unmatched)
    if case.kind != "order" and (some or reading.kind == "order"):
        score.false_orders.append(case.name)
    lines_same = found == case.lines
    ambiguous: Counter[object] = Counter((a.quantity, frozenset(a.candidates)) for a in reading.ambiguous)
    unmatched: Counter[object] = Counter(u.quantity for u in reading.unmatched)
    wanted_ambiguous: Counter[object] = Counter(case.ambiguous)
    wanted_unmatched: Counter[object] = Counter(q for q, _ in case.unmatched)
    for name, a, b in (
        ("ambiguous", ambiguous, wanted_ambiguous),
        ("unmatched", unmatched, wanted_unmatched),
    ):
        score.found[name] += a.total()
        score.wanted[name] += b.total()
        score.right[name] += (a & b).total()
    unclear_same = ambiguous == wanted_ambiguous and unmatched == wanted_unmatched
    score.exact_lines += lines_same
    if not (lines_same and unclear_same):
        got = [
            *found.items(),
            *((a.quantity, a.candidates) for a in reading.ambiguous),
            *((u.quantity, u.text) for u in reading.unmatched),
        ]
        notes.append(f"got {got} wanted {[*case.lines.items(), *case.ambiguous, *case.unmatched]}")
    people_same = _score_people(score, case, reading, notes)
    gaps_same = frozenset(reading.gaps) == case.gaps
    score.exact_gaps += gaps_same
    if not gaps_same:
        notes.append(f"gaps {sorted(reading.gaps)} not {sorted(case.gaps)}")
    score.exact_orders += (
        lines_same and unclear_same and people_same and gaps_same and reading.kind == case.kind
    )
    if notes:
        score.wrong.append(f"{case.name}: " + "; ".join(notes))


def _score_people(score: Score, case: Case, reading: Reading, notes: list[str]) -> bool:
    if case.kind != "order":
        return True
    head = next(line for line in case.raw.decode().split("\n") if line.startswith("From:"))
    sender = parseaddr(str(make_header(decode_header(head.partition(":")[2].strip()))))
    customer = reading.customer
    pairs = {
        "name": (customer.name, case.customer or sender[0] or None),
        "email": (customer.email, case.email or sender[1]),
        "phone": (customer.phone, case.phone),
    }
    same = True
    for name, (value, wanted) in pairs.items():
        got = _plain(value.text if value else None)
        if not score.field(name, got, _plain(wanted)):
            notes.append(f"{name} {got!r} not {wanted!r}")
            same = False
    address = reading.ship_to
    for name in cases.ADDRESS:
        value = getattr(address, name) if address else None
        got, wanted = _plain(value.text if value else None), _plain((case.ship_to or {}).get(name))
        if not score.field(f"ship_to.{name}", got, wanted):
            notes.append(f"{name} {got!r} not {wanted!r}")
            same = False
    return same


def figures(score: Score) -> dict[str, float]:
    """The figures that are recorded and compared."""
    right = sum(score.right[n] for n in score.wanted if n.startswith("ship_to"))
    union = sum(
        score.wanted[n] + score.found[n] - score.right[n] for n in score.wanted if n.startswith("ship_to")
    )
    precision = score.right["lines"] / max(1, score.found["lines"])
    recall = score.right["lines"] / max(1, score.wanted["lines"])
    return {
        "mails": score.mails,
        "exact lines %": round(100 * score.exact_lines / score.mails, 1),
        "line F1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
        "certain lines %": round(100 * score.found["certain"] / max(1, score.found["lines"]), 1),
        "silent wrong lines": len(score.silent),
        "false orders": len(score.false_orders),
        "address fields %": round(100 * right / max(1, union), 1),
        "gaps exact %": round(100 * score.exact_gaps / score.mails, 1),
        "kind %": round(100 * score.right["kind"] / score.mails, 1),
        "exact orders %": round(100 * score.exact_orders / score.mails, 1),
    }


def large_catalogue(size: int = 5_000) -> Catalogue:
    """The products of the three catalogues among many others of the same sort."""
    rng = random.Random(7)
    things = "mug bowl plate lamp chair table cushion blanket knife fork vase basket clock shelf candle soap towel brush bucket ladder".split()
    stuff = "oak pine steel glass linen cotton ceramic bamboo copper slate marble walnut cork wool leather paper stone silk".split()
    colours = "blue red green black white grey yellow brown pink".split()
    series = "Aster Birke Colline Delft Esker Fjord Garrigue Hazel Isar Juniper Kiruna Lerida Moor Norden Olive".split()
    entries = [e for name in ("tea", "garden", "wear") for e in cases.entries(name)]
    for number in range(size - len(entries)):
        size_ = rng.choice(["S", "M", "L", "20 cm", "30 cm", "0.5 l", "1 l", "250 g"])
        name = f"{rng.choice(series)} {rng.choice(colours)} {rng.choice(stuff)} {rng.choice(things)} {size_}"
        entries.append(CatalogueEntry(f"X-{number:05d}", name, (f"{rng.choice(things)} {number}",)))
    return Catalogue(entries)


def speed(all_cases: list[Case]) -> tuple[float, float, float]:
    """Milliseconds a mail: median, 95th percentile and worst, against 5,000 products, parsing not counted."""
    index = large_catalogue()
    letters = [(case, reading_input(parse(case.raw), store_addresses=cases.STORE)) for case in all_cases]
    taken = []
    for round_ in range(2):
        for case, letter in letters:
            began = time.process_time()
            read(letter, index, store_addresses=cases.STORE, country=case.country)
            if round_:
                taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1], max(taken)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--frozen", action="store_true", help="the frozen third as well (figures only)")
    parser.add_argument(
        "--wrong", action="store_true", help="every mail of the tuning set that is not read as labelled"
    )
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--record", action="store_true", help="keep these figures for the next comparison")
    parser.add_argument("--fast", action="store_true", help="no timing")
    asked = parser.parse_args()
    last = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    record: dict[str, dict[str, float]] = {}
    for name in ("corpus", "frozen") if asked.frozen else ("corpus",):
        score = Score()
        chosen = [c for c in cases.load(name) if asked.only in c.name]
        for case in chosen:
            score_case(score, case, read_case(case))
        record[name] = figures(score)
        print(f"\n{name}")
        for key, value in record[name].items():
            before = last.get(name, {}).get(key)
            print(f"  {key:<20} {value:>8}" + (f"   (was {before})" if before not in (None, value) else ""))
        for key in sorted(score.wanted):
            print(
                f"    {key:<18} precision {score.right[key] / max(1, score.found[key]):.3f}  recall {score.right[key] / max(1, score.wanted[key]):.3f}  of {score.wanted[key]}"
            )
        if asked.wrong and name == "corpus":
            print(
                "\n".join(
                    [
                        "silent wrong lines:",
                        *score.silent,
                        "false orders:",
                        *score.false_orders,
                        "not as labelled:",
                        *score.wrong,
                    ]
                )
            )
    if not asked.fast:
        median, high, worst = speed([c for n in ("corpus", "frozen") for c in cases.load(n)])
        record["milliseconds"] = {"p50": round(median, 2), "p95": round(high, 2)}
        print(
            f"\n5,000 products: p50 {median:.2f} ms, p95 {high:.2f} ms, worst {worst:.1f} ms a mail (goal: p95 60 ms)"
        )
    if asked.record:
        RECORD.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
