"""The labelled mails: one text file holds many, each `#### name | catalogue | country`, the mail, `##`, what is in it.

kind order              the default       line SKU 2          `?` where no quantity is said
role update             default new       amb 1 SKU SKU       several products fit
store hello@…           our own address   unm 1 a kettle      no product fits
known SKU 2             the thread had    to name / line1 / line2 / city / region / postcode / country
name, email             default: From     phone +44…          gaps word word
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry

HERE = Path(__file__).parent
STORE = ("hello@shop.example", "info@shop.example", "wordpress@shop.example")
ADDRESS = ("name", "line1", "line2", "city", "region", "postcode", "country")


@dataclass
class Case:
    """One labelled mail."""

    name: str
    catalogue: str
    country: str
    raw: bytes
    kind: str = "order"
    role: str = "new"
    lines: dict[str, int | None] = field(default_factory=dict)
    ambiguous: list[tuple[int | None, frozenset[str]]] = field(default_factory=list)
    unmatched: list[tuple[int | None, str]] = field(default_factory=list)
    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    ship_to: dict[str, str | None] | None = None
    gaps: frozenset[str] = frozenset()
    known: dict[str, int | None] = field(default_factory=dict)


def _count(word: str) -> int | None:
    return None if word == "?" else int(word)


def _label(case: Case, line: str) -> None:
    word, _, rest = line.partition(" ")
    parts = rest.split()
    if word == "line":
        case.lines[parts[0]] = _count(parts[1])
    elif word == "amb":
        case.ambiguous.append((_count(parts[0]), frozenset(parts[1:])))
    elif word == "unm":
        case.unmatched.append((_count(parts[0]), " ".join(parts[1:])))
    elif word == "known":
        case.known[parts[0]] = _count(parts[1])
    elif word == "to":
        values = [None if v.strip() == "-" else v.strip() for v in rest.split(" / ")]
        case.ship_to = dict(zip(ADDRESS, values, strict=True))
    elif word == "gaps":
        case.gaps = frozenset(parts)
    elif word in ("kind", "role", "email", "phone"):
        setattr(case, word, rest.strip())
    elif word == "name":
        case.customer = rest.strip()
    else:
        raise ValueError(f"{case.name}: what is {line!r}?")


def _case(text: str) -> Case:
    head, _, rest = text.partition("\n")
    name, catalogue, country = (part.strip() for part in head.split("|"))
    mail, _, labels = rest.partition("\n##\n")
    top, _, body = mail.partition("\n\n")
    if "content-type" not in top.lower():
        top += "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
    if "message-id" not in top.lower():
        top += f"\nMessage-ID: <{name}@corpus.example>"
    case = Case(name, catalogue, country, f"{top}\n\n{body}\n".encode())
    for line in labels.split("\n"):
        if line.strip():
            _label(case, line.strip())
    return case


def load(folder: str) -> list[Case]:
    """All cases of `corpus` or `frozen`, in order of file and place."""
    found = []
    for path in sorted((HERE / folder).glob("*.txt")):
        found += [_case(part) for part in path.read_text().split("#### ")[1:]]
    return found


@lru_cache
def entries(name: str) -> tuple[CatalogueEntry, ...]:
    """The products of one of the catalogues beside this file."""
    with (HERE / "catalogues" / f"{name}.csv").open(newline="") as file:
        return tuple(
            CatalogueEntry(row["sku"], row["name"], tuple(a for a in row["aliases"].split(";") if a))
            for row in csv.DictReader(file)
        )


@lru_cache
def catalogue(name: str) -> Catalogue:
    """The index over one of the catalogues, built once."""
    return Catalogue(entries(name))
