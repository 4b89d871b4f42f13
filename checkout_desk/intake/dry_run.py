"""`checkout-desk read`: what the desk would read from mails in files. Needs no database and no configuration."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from checkout_desk.intake.reading_letters import as_json, reading_input
from checkout_desk.mail.letter import Letter
from checkout_desk.mail.parsing import parse
from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry
from checkout_desk.reading.countries import known_country
from checkout_desk.reading.model import KnownThread, Reading, ReadingInput
from checkout_desk.reading.reading import read

_MOST_ALIASES = 200


class Refused(Exception):
    """An argument that cannot be used; its words name it and say what would be accepted."""


def load_catalogue(path: str) -> Catalogue:
    """The index over a catalogue file with the columns of `catalogue export`; only `sku` and `name` must be there.

    Raises Refused for a file that cannot be read, without these columns, or with a row that has no SKU or name.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            missing = {"sku", "name"} - {(name or "").strip().lower() for name in rows.fieldnames or ()}
            if missing:
                raise Refused(
                    f"{path}: the first line must name the columns; {', '.join(sorted(missing))} is missing."
                )
            return Catalogue(_entries(path, rows))
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        raise Refused(f"{path}: cannot be read as a catalogue ({reason}).") from None


def _entries(path: str, rows: csv.DictReader[str]) -> Iterator[CatalogueEntry]:
    for row in rows:
        values = {
            (key or "").strip().lower(): value.strip() for key, value in row.items() if isinstance(value, str)
        }
        if not any(values.values()):
            continue
        if not values.get("sku") or not values.get("name"):
            raise Refused(f"{path}, line {rows.line_num}: a product needs a sku and a name.")
        aliases = tuple(a.strip() for a in values.get("aliases", "").split(";") if a.strip())[:_MOST_ALIASES]
        yield CatalogueEntry(values["sku"], values["name"], aliases, currency=values.get("currency", ""))


def check_country(country: str) -> str:
    """The ISO 3166 code in capitals; raises Refused for anything else."""
    code = country.strip().upper()
    if code and not known_country(code):
        raise Refused(f"--country {country!r} is no country; two letters such as GB, DE or JP are accepted.")
    return code


def read_files(
    files: Sequence[str], *, catalogue: Catalogue, store_addresses: Collection[str], country: str
) -> Iterator[tuple[str, Letter, ReadingInput, Reading, float]]:
    """Read the mails in `files`, in order. One that answers another of them is an update of what that one ordered."""
    threads: dict[str, KnownThread] = {}
    for file in files:
        try:
            raw = Path(file).read_bytes()
        except OSError as reason:
            raise Refused(f"{file}: cannot be read ({reason.strerror}).") from None
        began = time.perf_counter()
        letter = parse(raw)
        given = reading_input(letter, store_addresses=store_addresses)
        ids = (*letter.in_reply_to, *reversed(letter.references))
        known = next((threads[i] for i in ids if i in threads), None)
        reading = read(given, catalogue, store_addresses=store_addresses, country=country, known_thread=known)
        if letter.message_id and reading.kind == "order":
            threads[letter.message_id] = _after(known, reading)
        yield file, letter, given, reading, 1000 * (time.perf_counter() - began)


def _after(known: KnownThread | None, reading: Reading) -> KnownThread:
    """What the thread knows once this mail has been read."""
    lines = dict(known.lines) if known else {}
    for line in reading.lines:
        if line.quantity == 0:
            lines.pop(line.sku, None)
        else:
            lines[line.sku] = line.quantity
    return KnownThread(
        lines,
        has_address=reading.ship_to is not None or bool(known and known.has_address),
        has_phone=reading.customer.phone is not None or bool(known and known.has_phone),
    )


def json_line(file: str, letter: Letter, given: ReadingInput, reading: Reading, milliseconds: float) -> str:
    """One JSON object on one line."""
    return json.dumps(as_json(file, letter, given, reading, milliseconds), ensure_ascii=False)


def words(
    file: str, letter: Letter, given: ReadingInput, reading: Reading, milliseconds: float
) -> Iterator[str]:
    """The same for people."""
    what = f"{reading.kind}, a change to an order" if reading.role == "update" else reading.kind
    yield f"{file}: {what} ({milliseconds:.0f} ms)"
    for line in reading.lines:
        count = "?" if line.quantity is None else line.quantity
        yield f"  {count} x {line.sku}{'  (please check)' if line.needs_review else ''}   from {_short(line.text)} in {line.source}"
    for item in reading.ambiguous:
        yield f"  {'?' if item.quantity is None else item.quantity} x one of {', '.join(item.candidates)}   from {_short(item.text)}"
    for unknown in reading.unmatched:
        yield f"  unknown product   from {_short(unknown.text)}"
    person = reading.customer
    known = [value.text for value in (person.name, person.email, person.phone) if value]
    if known:
        yield f"  customer: {', '.join(known)}"
    if reading.ship_to:
        place = reading.ship_to
        parts = (
            place.name,
            place.line1,
            place.line2,
            place.city,
            place.region,
            place.postcode,
            place.country,
        )
        yield f"  ship to: {', '.join(value.text for value in parts if value)}"
    if reading.gaps:
        yield f"  missing: {', '.join(reading.gaps)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:59] + "\N{HORIZONTAL ELLIPSIS}")
