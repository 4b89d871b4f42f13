"""`python -m bench.same_order [--share 0.2]`: how often the same order, written otherwise, is read as the same order.

Each transformation writes the labelled mails anew in a way after which a person reads the same order. What is read must
stay what it was; what is not counts against the share that is printed, and a line that is then wrong in silence is named.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bench.reading import read_case
from checkout_desk.reading import lexicon
from checkout_desk.reading.canonical import fold
from checkout_desk.reading.model import Line, Reading
from tests.reading import cases
from tests.reading.cases import Case

_LEAD = re.compile(r"(\d{1,4})(?:\s*[x×](?=\s|[^\W\d])\s*|\s+)(?=\D)(.+)")
_MEASURE = re.compile(r"(\d) ?(ml|cl|l|g|kg|mm|cm|m)\b")
_HISTORY = "\n\nOn Mon, 3 Nov 2025 at 09:14, Shop <hello@shop.example> wrote:\n> thank you for your last order of 3 items.\n"
_NOTICE = "\n\nThis e-mail and its 2 attachments are confidential. If you are not one of the intended recipients, delete it.\n"


@dataclass(frozen=True)
class Phrase:
    """A product as the mail counts it: the whole `text`, the number and the name in it."""

    text: str
    count: int
    name: str


def _wrapped(body: str, width: int) -> str:
    lines = []
    for line in body.split("\n"):
        while len(line) > width and (cut := line.rfind(" ", 0, width)) > 0:
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


def _bare(body: str) -> str:
    """Without accents, as some keyboards write."""
    return "".join(
        unicodedata.normalize("NFD", c)[0] if "\xc0" <= c < "\u0250" else c for c in body.replace("ß", "ss")
    )


def _shouted(body: str) -> str:
    """In capitals, where no mail program wrote a part of it."""
    return body if "---" in body else body.upper()


def _slip(phrase: Phrase, rng: random.Random) -> str | None:
    """One letter of a long word doubled, left out, swapped or replaced."""
    words = list(re.finditer(r"[^\W\d_]{7,}", phrase.name))
    if not words:
        return None
    word = rng.choice(words)
    at = rng.randrange(word.start() + 2, word.end() - 2)
    a, b = phrase.name[at], phrase.name[at + 1]
    new = rng.choice((a + a + b, b, b + a))
    return f"{phrase.count} {phrase.name[:at]}{new}{phrase.name[at + 2 :]}"


def _unit(phrase: Phrase) -> str | None:
    """'250 g' and '250g'."""
    found = _MEASURE.search(phrase.name)
    glue = "" if found and " " in found[0] else " "
    name = _MEASURE.sub(lambda m: f"{m[1]}{glue}{m[2]}", phrase.name)
    return f"{phrase.count} {name}" if found else None


MAILS: dict[str, Callable[[str, random.Random], str]] = {
    "wrapped at 60": lambda body, _: _wrapped(body, 60),
    "two blanks": lambda body, rng: re.sub(r"(?<=\w) (?=\w)", lambda _: "  " if rng.random() < 0.3 else " ", body),
    "fixed blanks": lambda body, _: re.sub(r"(?<=\w) (?=\w)", "\u00a0", body),
    "small letters": lambda body, _: body.lower(),
    "capitals": lambda body, _: _shouted(body),
    "no accents": lambda body, _: _bare(body),
    "history below": lambda body, _: body.rstrip() + _HISTORY,
    "notice below": lambda body, _: body.rstrip() + _NOTICE,
    "long dashes": lambda body, _: body.replace("'", "\u2019").replace(" - ", " \u2014 "),
}  # fmt: skip
PHRASES: dict[str, Callable[[Phrase, random.Random], str | None]] = {
    "digits": lambda p, _: f"{p.count} {p.name}",
    "2 x": lambda p, _: f"{p.count} x {p.name}",
    "2x": lambda p, _: f"{p.count}x {p.name}",
    "capital name": lambda p, _: f"{p.count} {p.name.upper()}",
    "small name": lambda p, _: f"{p.count} {p.name.lower()}",
    "bold name": lambda p, _: f"{p.count} *{p.name}*",
    "unit spacing": lambda p, _: _unit(p),
    "slip of the pen": _slip,
}


def phrases(case: Case, reading: Reading, body: str) -> Iterator[Phrase]:
    """What the mail counts with a number in front, each once in it."""
    for line in reading.lines:
        text = line.text.strip()
        if body.count(text) != 1 or not line.quantity or re.search(r"[\n,(:=]|\.\.|\d$", text):
            continue
        first, _, rest = text.partition(" ")
        found = _LEAD.fullmatch(text)
        if found and int(found[1]) == line.quantity:
            count, rest = line.quantity, found[2]
        else:
            count = lexicon.EVERYWHERE.get(fold(first), 0)
        known = lexicon.UNITS | lexicon.CONTAINERS | lexicon.PAIRS | lexicon.LIGHT
        if count == line.quantity and rest and fold(rest.split()[0]) not in known:
            yield Phrase(text, count, rest)


def outcome(reading: Reading) -> tuple[dict[str, int | None], Counter[object], Counter[int | None]]:
    """Lines, ambiguous and unknown products of a reading, to be compared."""
    ambiguous: Counter[object] = Counter((a.quantity, frozenset(a.candidates)) for a in reading.ambiguous)
    return (
        {line.sku: line.quantity for line in reading.lines},
        ambiguous,
        Counter(u.quantity for u in reading.unmatched),
    )


def _variants(case: Case, reading: Reading) -> Iterator[tuple[str, Case]]:
    head, _, body = case.raw.decode().partition("\n\n")
    counted = list(phrases(case, reading, body)) if case.kind == "order" else []
    for name, mail in MAILS.items():
        new = mail(body, random.Random(f"{case.name}/{name}"))  # a sample, no secret
        if new != body:
            yield name, replace(case, raw=f"{head}\n\n{new}".encode())
    for name, phrase in PHRASES.items():
        new = body
        for one in counted:
            written = phrase(one, random.Random(f"{case.name}/{name}/{one.text}"))
            new = new.replace(one.text, written, 1) if written else new
        if new != body:
            yield name, replace(case, raw=f"{head}\n\n{new}".encode())


@dataclass
class Shares:
    """How many mails were written anew, how many of them read the same, and lines that were wrong in silence."""

    written: Counter[str]
    same: Counter[str]
    silent: list[str]

    def share(self, name: str) -> float:
        """The share in per cent that one transformation left as it was."""
        return 100 * self.same[name] / max(1, self.written[name])


def measure(share: float = 1.0) -> Shares:
    """Transform that share of the plain labelled mails which are read as labelled, and read them again."""
    found = Shares(Counter(), Counter(), [])
    for case in cases.load("corpus"):
        plain = (
            not case.known
            and case.raw.count(b"Content-") == 2
            and b"charset=utf-8\nContent-Transfer-Encoding: 8bit" in case.raw
        )
        if not plain or zlib.crc32(case.name.encode()) % 1000 >= 1000 * share:
            continue
        reading = read_case(case)
        if outcome(reading)[0] != case.lines:
            continue
        for name, variant in _variants(case, reading):
            again = read_case(variant)
            found.written[name] += 1
            found.same[name] += outcome(again) == outcome(reading)
            found.silent += [
                f"{name}: {case.name}: {line.text!r}" for line in again.lines if _wrong(line, case)
            ]
    return found


def _wrong(line: Line, case: Case) -> bool:
    said = line.sku in case.lines and line.quantity in (None, case.lines[line.sku])
    return not (line.needs_review or said)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.same_order", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the labelled mails")
    found = measure(parser.parse_args().share)
    for name in (*MAILS, *PHRASES):
        print(f"  {name:<16} {found.written[name]:>5} mails {found.share(name):>6.1f} % the same")
    print("wrong in silence:", *found.silent, sep="\n  ")


if __name__ == "__main__":
    main()
