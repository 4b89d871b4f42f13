"""Bank statements as CSV: every bank its own. Delimiter, header line, dates and decimal sign are seen from the file.

A column map says which column means what: one that was saved for this header line, or one guessed from the words of the
header. A file whose columns say neither is refused by naming what it has and what is expected.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from checkout_desk import money
from checkout_desk.payments.statements import columns as maps
from checkout_desk.payments.statements.columns import Columns
from checkout_desk.payments.statements.rows import (
    MOST_ROWS,
    Fault,
    Parsed,
    Row,
    Unusable,
    joined,
    minor,
    one,
    reference,
    seal,
)

DELIMITERS = ";,\t|"
HEADER_WITHIN = 40
"""lines among which the header stands: banks write the account and its balance above"""

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_NO_NUMBER = re.compile(r"[\s€£$¥]+|^[A-Z]{3}(?=[\s\d+-])|(?<=[\s\d.,-])[A-Z]{3}$")
_TYPOGRAPHIC = str.maketrans({"\u2212": "-", "\u2019": "'", "\u2013": "-"})
_PENDING = frozenset(
    {"pending", "vorgemerkt", "umsatzvorgemerkt", "reverted", "declined", "failed", "cancelled"}
)
_OUT = frozenset({"s", "d", "dr", "soll", "debit", "af", "dbit", "cargo", "debito", "-"})
_IN = frozenset({"h", "c", "cr", "haben", "credit", "bij", "crdt", "abono", "credito", "+"})
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero ene",
            "feb february februar fevrier fevr febrero",
            "mar march marz mrz maerz mars marzo",
            "apr april avril avr abril abr",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet juil julio",
            "aug august aout agosto ago",
            "sep sept september septembre septiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember decembre diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV whose header line was found: cells by line number, and what stood above."""

    headers: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    above: str
    delimiter: str

    @property
    def key(self) -> str:
        """What saved column maps are found by."""
        return maps.header_key(self.headers)


def table(data: bytes) -> Table:
    """The cells in `data`. Raises Unusable for what is no CSV with a header line and a table under it."""
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    lines: list[tuple[int, tuple[str, ...]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num, tuple(cell.strip() for cell in cells)))
            if len(lines) > MOST_ROWS + HEADER_WITHIN:
                raise Unusable(f"The file has more than {MOST_ROWS} rows; import a shorter time.")
    except csv.Error as fault:
        raise Unusable(f"The file cannot be read as CSV ({fault}).") from None
    if not lines:
        raise Unusable("The file is empty.")
    place = _header(lines)
    above = "\n".join(" ".join(cells) for _, cells in lines[:place])
    return Table(lines[place][1], tuple(lines[place + 1 :]), above, delimiter)


def read(data: bytes, *, columns: Columns | None = None, currency: str = "") -> Parsed:
    """The statement in `data`, by `columns` or by the map that its headers speak for.

    `currency` holds where the file names none. Rows that cannot be read are faults of their line. Raises Unusable for a
    CSV of another bank than the map's, or one whose columns nobody can guess.
    """
    found = table(data)
    used = columns or maps.guess(found.headers)
    if used is None:
        raise Unusable(
            f"This CSV has the columns {_listed(found.headers)}; none of them is known as the date and the amount of "
            "a booking. Say which column means what."
        )
    missing = [header for header in used.named().values() if header not in found.headers]
    if missing:
        raise Unusable(
            f"This is a CSV of another bank: it has the columns {_listed(found.headers)}; expected "
            f"{_listed(used.named().values())}."
        )
    return _parsed(found, used, used.currency_is or _currency_above(found) or currency)


def _parsed(found: Table, used: Columns, currency: str) -> Parsed:
    reader = _Reader(found, used, currency)
    rows: list[Row] = []
    faults: list[Fault] = []
    left_out = 0
    for line, cells in found.lines:
        if reader.closes(cells):
            continue
        if reader.waits(cells):
            left_out += 1
            continue
        try:
            rows.append(reader.row(line, cells))
        except ValueError as fault:
            faults.append(Fault(line, str(fault)))
    own = one([reader.cell(cells, used.own) for _, cells in found.lines], what="accounts") if used.own else ""
    if not own and (match := _IBAN.search(found.above)):
        own = match[0]
    currency = one([row.currency for row in rows], what="currencies") or reader.currency
    opening, closing = _balances(reader, rows, found)
    return seal(
        Parsed(
            "csv",
            tuple(rows),
            own.replace(" ", "")[:40],
            currency,
            opening=opening,
            closing=closing,
            faults=tuple(faults),
            left_out=left_out,
        )
    )


class _Reader:
    """Cells into rows, by one map."""

    def __init__(self, found: Table, used: Columns, currency: str) -> None:
        self.used = used
        self.currency = currency
        self.place = {header: n for n, header in reversed(list(enumerate(found.headers)))}
        self.width = len(found.headers)
        self.decimal = used.decimal or _decimal(
            self.cell(cells, name)
            for _, cells in found.lines
            for name in (used.amount, used.credit, used.debit, used.balance)
            if name
        )
        self.date_form = used.date_form or _date_form([self.cell(c, used.date) for _, c in found.lines])

    def cell(self, cells: Sequence[str], header: str) -> str:
        """The cell under `header`, '' where the line is too short or there is no such column."""
        place = self.place.get(header)
        return cells[place] if place is not None and place < len(cells) else ""

    def closes(self, cells: Sequence[str]) -> bool:
        """Whether the line is no booking but a sum or a balance below the table: it has no date that is one."""
        told = self.cell(cells, self.used.date)
        return not any(c.isdigit() for c in told) and (
            len([cell for cell in cells if cell]) < 4
            or not self.cell(cells, self.used.amount or self.used.credit)
        )

    def waits(self, cells: Sequence[str]) -> bool:
        """Whether the bank says that this is not booked yet, or never was."""
        return maps.key(self.cell(cells, self.used.state)) in _PENDING

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """The booking of one line. Raises ValueError with a sentence."""
        used = self.used
        currency = (self.cell(cells, used.currency) or self.currency).upper()
        if not currency:
            raise ValueError("The file names no currency; say which one the account has.")
        money.decimals(currency)
        return Row(
            self.day(self.cell(cells, used.date)),
            self.amount(cells, currency),
            currency,
            name=joined([self.cell(cells, used.name)])[:200],
            account=self.cell(cells, used.account).replace(" ", "")[:60],
            text=joined([reference(self.cell(cells, used.reference)), self.cell(cells, used.text)]),
            bank_ref=reference(self.cell(cells, used.bank_ref)),
            line=line,
        )

    def amount(self, cells: Sequence[str], currency: str) -> int:
        """The signed amount of a line: one column with a sign or a mark, or two columns."""
        used = self.used
        if used.amount:
            found = self.number(self.cell(cells, used.amount), currency)
            if not used.mark:
                fee = self.cell(cells, used.fee)
                return found - (abs(self.number(fee, currency)) if fee else 0)
            mark = self.cell(cells, used.mark).casefold()
            if mark not in _OUT | _IN:
                raise ValueError(f"“{mark[:20]}” in “{used.mark}” tells neither money in nor money out.")
            return -abs(found) if mark in _OUT else abs(found)
        came_in, went_out = self.cell(cells, used.credit), self.cell(cells, used.debit)
        total = 0
        if came_in:
            total += abs(self.number(came_in, currency))
        if went_out:
            total -= abs(self.number(went_out, currency))
        if not came_in and not went_out:
            raise ValueError("The line has no amount.")
        return total

    def number(self, text: str, currency: str) -> int:
        """Digits in the file's own way as minor units: `1.234,56`, `1'234.56`, `(12.00)`, `12,00-`."""
        bare = _NO_NUMBER.sub("", text.strip().translate(_TYPOGRAPHIC))
        negative = "-" in bare or bare.startswith("(")
        digits = bare.strip("()+-").replace("'", "")
        digits = digits.replace("." if self.decimal == "," else ",", "").replace(",", ".")
        if not digits or not re.fullmatch(r"\d*(\.\d*)?", digits):
            raise ValueError(f"“{text[:40]}” is not an amount.")
        whole, point, rest = digits.partition(".")
        places = money.decimals(currency)
        if point and len(rest) > places and not rest[places:].strip("0"):
            digits = f"{whole}.{rest[:places]}"
        found = minor(digits.rstrip(".") or "0", currency)
        return -found if negative else found

    def day(self, text: str) -> date:
        """A date in the file's own way; a time behind it does not matter. Raises ValueError with a sentence."""
        words = re.split(r"[^\w]+", text.partition("T")[0].strip())
        if len(words) == 1 and words[0].isdigit() and len(words[0]) == 8:
            word = words[0]
            words = (
                [word[:4], word[4:6], word[6:]]
                if self.date_form == "ymd"
                else [word[:2], word[2:4], word[4:]]
            )
        try:
            parts = [_MONTHS.get(maps.key(w)) or int(w) for w in words[:3]]
            order = self.date_form if words[1].isdigit() else ("ymd" if len(words[0]) == 4 else "dmy")
            year, month, day = (parts[order.index(letter)] for letter in "ymd")
            return date(year + 2000 if year < 100 else year, month, day)
        except (ValueError, IndexError, OverflowError):
            raise ValueError(f"“{text[:40]}” is not a date ({self.date_form}).") from None


def _balances(reader: _Reader, rows: Sequence[Row], found: Table) -> tuple[int | None, int | None]:
    """Opening and closing balance from a column of running balances, whichever way the file is sorted; else None."""
    name = reader.used.balance
    if not name or len(rows) < 2:
        return None, None
    cells = dict(found.lines)
    try:
        told = [reader.number(reader.cell(cells[row.line], name), row.currency) for row in rows]
    except ValueError:
        return None, None
    links = range(len(rows) - 1)
    upwards = sum(told[n] + rows[n + 1].amount_minor == told[n + 1] for n in links)
    downwards = sum(told[n + 1] + rows[n].amount_minor == told[n] for n in links)
    if 2 * max(upwards, downwards) < len(links) - 1:
        return None, None  # sorted in no way in which the balances follow each other
    if upwards > downwards or (upwards == downwards and rows[0].booked_on <= rows[-1].booked_on):
        return told[0] - rows[0].amount_minor, told[-1]
    return told[-1] - rows[-1].amount_minor, told[0]


def _currency_above(found: Table) -> str:
    """The currency that a header or the lines above name: "Betrag (EUR)", "Account in GBP"."""
    for text in (*found.headers, found.above):
        for word in re.findall(r"\b[A-Z]{3}\b", text):
            try:
                money.decimals(word)
            except ValueError:
                continue
            return str(word)
        for sign, code in (("€", "EUR"), ("£", "GBP"), ("euros", "EUR")):
            if sign in text:
                return code
    return ""


def _header(lines: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    scores = [maps.score(cells) for _, cells in lines[:HEADER_WITHIN]]
    best = max(range(len(scores)), key=lambda n: (scores[n], -n))
    if scores[best] >= 2:
        return best
    # An unknown header: the first line as wide as most of the table.
    widths = [len(cells) for _, cells in lines]
    usual = max(set(widths), key=widths.count)
    if usual < 2:
        raise Unusable(
            "The file is no CSV of bookings: no line of it has several columns. Expected a table with at least a "
            "date and an amount."
        )
    return widths.index(usual)


def _decoded(data: bytes) -> str:
    if b"\x00" in data[:4000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable("The file is no text, and so no CSV; save the statement as CSV and try again.")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _delimiter(text: str) -> str:
    """The delimiter by which most lines fall into equally many cells, several of them."""
    sample = [line for line in text.splitlines()[:200] if line.strip()]
    if sample and (match := re.fullmatch(r"sep=(.)", sample[0].strip())):
        return match[1]

    def fit(delimiter: str) -> tuple[int, int]:
        counts = [len(cells) for cells in csv.reader(sample, delimiter=delimiter)]
        many = [count for count in counts if count > 1]
        if not many:
            return 0, 0
        usual = max(set(many), key=many.count)
        return many.count(usual), usual

    return max(DELIMITERS, key=fit)


def _decimal(texts: Iterable[str]) -> str:
    """The decimal sign of a column: the one that stands last and before one or two digits, most often."""
    votes = {",": 0, ".": 0}
    for text in texts:
        digits = re.sub(r"[^0-9,.]", "", text)
        match = re.search(r"([.,])(\d+)$", digits)
        if not match:
            continue
        sign, rest = match[1], match[2]
        other = "," if sign == "." else "."
        if len(rest) != 3 or other in digits:
            votes[sign] += 2
        elif digits.count(sign) > 1:
            votes[other] += 1
    return "," if votes[","] > votes["."] else "."


def _date_form(texts: Sequence[str]) -> str:
    """How the dates are written. Days above twelve decide between dmy and mdy; without one it is dmy, as most banks do."""
    first_large = second_large = False
    for text in texts:
        parts = [int(p) for p in re.findall(r"\d+", text.partition("T")[0])[:3]]
        if len(parts) == 1 and 19000101 <= parts[0] <= 21001231:
            return "ymd"
        if len(parts) < 3:
            continue
        if parts[0] > 31:
            return "ymd"
        first_large |= parts[0] > 12
        second_large |= parts[1] > 12
    return "mdy" if second_large and not first_large else "dmy"


def _listed(headers: Iterable[str]) -> str:
    names = [header[:40] for header in headers if header]
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(f"“{name}”" for name in names[:12]) + more
