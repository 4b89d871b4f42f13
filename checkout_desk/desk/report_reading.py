"""Reading accuracy: what people accepted as it was read and what they typed over it, by field and by language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.desk.report_feedback import bar, share
from checkout_desk.desk.report_frame import Asked, Looked, Shown, count, figure, stamped
from checkout_desk.desk.report_pages import Place
from checkout_desk.reports import accuracy, rollups
from checkout_desk.reports.accuracy import ACCEPTED, ALIAS, ASKED, CORRECTED, FIELDS, OPEN, OUTCOMES, TYPED
from checkout_desk.reports.dayrows import split, total
from checkout_desk.reports.figures import percent
from checkout_desk.reports.remembered import Days
from checkout_desk.reports.tables import Bar, Cell, Section

HEADS = (
    "Accepted as read",
    "Corrected",
    "Typed by us",
    "Asked for",
    "Not judged",
    "",
    "Read right",
    "Before",
)
WORDS = {
    ACCEPTED: "accepted as read", CORRECTED: "corrected", TYPED: "typed by us", ASKED: "asked for", OPEN: "not judged",
}  # fmt: skip
Numbers = Mapping[str, int]
Parts = Mapping[str, Mapping[str, Any]]


def look(asked: Asked) -> Looked:
    """The days. One query where they are kept."""
    days = rollups.look(("reading", asked.period), ("reading", asked.against))
    return Looked(stamped(*days), days)


def load(asked: Asked, facts: Sequence[Days]) -> Shown:
    """The report."""
    now, then = (days.made(total) for days in facts)
    found, before = _all(now), _all(then)
    taught, undone = _words_of(now)
    good, judged = accuracy.share(found)
    was_good, was_judged = accuracy.share(before)
    figures = [
        figure("Read right", percent(good, judged), f"{good} of {judged} values, before {percent(was_good, was_judged)}", _url(asked, outcome=ACCEPTED)),
        *(figure(WORDS[name].capitalize(), str(found[name]), f"before {before[name]}", _url(asked, outcome=name)) for name in (CORRECTED, TYPED, ASKED)),
        figure("Words taught", str(taught), f"{undone} taken back, before {_words_of(then)[0]}"),
    ]  # fmt: skip
    return Shown(
        f"{sum(found.values())} values of the orders made of mails in these days", figures,
        [_fields(asked, now, then), _languages(asked, now, then), _taught(now, then)],
    )  # fmt: skip


def _all(parts: Parts) -> Counter[str]:
    """Outcome → how many, over every field."""
    found: Counter[str] = Counter()
    for part in _by(parts, 1).values():
        found.update(part)
    return found


def _by(parts: Parts, place: int) -> dict[str, Counter[str]]:
    """By language (0) or field (1)."""
    found: dict[str, Counter[str]] = {}
    for part, data in parts.items():
        words = split(part)
        if words[1] != ALIAS:
            found.setdefault(words[place], Counter()).update(data)
    return found


def _words_of(parts: Parts) -> tuple[int, int]:
    """(words taught, of them taken back)."""
    taught = [data for part, data in parts.items() if split(part)[1] == ALIAS]
    return sum(part["taught"] for part in taught), sum(part["undone"] for part in taught)


def _url(asked: Asked, **words: str) -> str:
    return asked.behind("reading", **words)


def _cells(asked: Asked, numbers: Numbers, before: Numbers, **words: str) -> list[Cell]:
    good, judged = accuracy.share(numbers)
    return [
        *(count(numbers.get(name, 0), _url(asked, outcome=name, **words)) for name in OUTCOMES),
        Cell("", bar=bar(good, judged)), share(good, judged), share(*accuracy.share(before)),
    ]  # fmt: skip


def _fields(asked: Asked, now: Parts, then: Parts) -> Section:
    found, before = _by(now, 1), _by(then, 1)
    rows = [
        [Cell(title), *_cells(asked, found[key], before.get(key, {}), field=key)] for key, title in FIELDS.items() if key in found
    ]  # fmt: skip
    shares = {key: accuracy.share(found[key]) for key in FIELDS if key in found}
    bars = [
        Bar(
            FIELDS[key],
            round(100 * good / judged, 1),
            f"{100 * good / judged:.0f} %",
            bad=good * 10 < judged * 9,
        )
        for key, (good, judged) in shares.items()
        if judged
    ]
    return Section(
        "fields", "By field",
        "Of the orders that were made of mails, by the day on which they were made. Accepted as read: a person accepted the line, or verified the "
        "order, and nobody changed the value. Corrected: read, and a person typed another value over it, or it was no order line. "
        "Typed by us: not read, and a person knew it. Asked for: not read, and the customer told it later. Read right is the first "
        "of the first three; what no mail said and what nobody judged yet count for neither.",
        ("Field", *HEADS), rows, bars=bars, chart=f"Share of values read right, by field, for {len(bars)} fields.",
        meta="red: under 90 %", wide=True, empty="No order was made of a mail in these days.",
    )  # fmt: skip


def _languages(asked: Asked, now: Parts, then: Parts) -> Section:
    found, before = _by(now, 0), _by(then, 0)
    ranked = sorted(found, key=lambda key: (-sum(found[key].values()), key))
    rows = [[Cell(language(key)), *_cells(asked, found[key], before.get(key, {}), language=key)] for key in ranked]  # fmt: skip
    return Section(
        "languages", "By language", "The same values by the language of their order.", ("Language", *HEADS), rows, wide=True,
        empty="No order was made of a mail in these days.",
    )  # fmt: skip


def _taught(now: Parts, then: Parts) -> Section:
    parts = {split(part)[0]: data for part, data in now.items() if split(part)[1] == ALIAS}
    before = {split(part)[0]: data for part, data in then.items() if split(part)[1] == ALIAS}
    rows = [
        [Cell(language(key) if key else "Every language"), Cell(str(data["taught"])), Cell(str(data["undone"])),
         Cell(str(before.get(key, {}).get("taught", 0)))]
        for key, data in sorted(parts.items())
    ]  # fmt: skip
    return Section(
        "words", "Words that the catalogue learned",
        "Customers’ words for a product that were kept when a person said what they mean in an order, by the day of that.",
        ("Language", "Taught", "Taken back since", "Before"), rows, empty="No words were taught in these days.",
    )  # fmt: skip


def language(code: str) -> str:
    """The name of a language that the desk writes, else its code."""
    return LANGUAGES[code].name if code in LANGUAGES else code or "Unknown"


def behind(
    asked: Asked, words: Mapping[str, str]
) -> tuple[str, Sequence[str], list[tuple[Place, list[Any]]]]:
    """(title, heads, [(place, cells)]) of the values that a figure counts, by order."""
    wanted = {name: words[name] for name in ("field", "language", "outcome") if words.get(name)}
    seen: Counter[int] = Counter()
    rows: list[tuple[Place, list[Any]]] = []
    for one in accuracy.judged_in(asked.period):
        seen[one.order_id] += 1
        if all(getattr(one, name) == value for name, value in wanted.items()):
            rows.append(((one.order_id, seen[one.order_id]), [
                Cell(f"Order {one.number}", asked.order(one.number)), Cell(asked.face.short(one.at)), Cell(FIELDS[one.field]),
                Cell(language(one.language)), Cell(WORDS[one.outcome]),
            ]))  # fmt: skip
    return "Values behind this figure", ("Order", "Made", "Field", "Language", "What came of it"), rows
