"""What a bank statement says, whatever form the bank gave it: rows, balances, and the checks that nothing is missing.

Amounts are signed minor units: what came in is positive. A file whose rows do not add up to the bank's own totals is
not taken at all, because a row that is missing is a payment that is missed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from checkout_desk import money

LARGEST = 10 * 2**20
"""bytes of one statement"""
MOST_ROWS = 20_000
LONGEST_TEXT = 500

_SPACES = re.compile(r"\s+")
_NO_WORD = re.compile(r"[\W_]+")
_NOTHING = frozenset({"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NA", "0"})
"""what banks write where they have no reference"""


class Unusable(Exception):
    """The file as a whole cannot be imported; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Row:
    """One booking. `line` is where it stands in the file (the line of a CSV, else the number of the entry).

    `fingerprint` is the same in every statement that holds this booking; it is given by `seal`.
    """

    booked_on: date
    amount_minor: int
    currency: str
    name: str = ""
    account: str = ""
    """the other side's account"""
    text: str = ""
    """what the payer wrote, references first"""
    bank_ref: str = ""
    """the bank's own number of the booking, '' where it has none"""
    line: int = 0
    fingerprint: str = ""

    @property
    def incoming(self) -> bool:
        """Whether money came in."""
        return self.amount_minor > 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read: its line in the file and what is wrong with it, as a sentence."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement, in minor units of `currency`. Balances are None where the file has none.

    `checked` tells whether the bank's own totals were there and agree with the rows (they never disagree: then there is
    no Parsed, but Unusable).
    """

    form: str
    """csv, camt053, mt940, ofx"""
    rows: tuple[Row, ...]
    account: str
    currency: str
    opening: int | None = None
    closing: int | None = None
    begins_on: date | None = None
    ends_on: date | None = None
    checked: bool = False
    faults: tuple[Fault, ...] = ()
    left_out: int = 0
    """entries that are not booked yet; they come again when they are"""

    @property
    def sum_minor(self) -> int:
        """All rows together."""
        return sum(row.amount_minor for row in self.rows)


def seal(parsed: Parsed) -> Parsed:
    """`parsed` with a fingerprint on each row, its days where the file names none, and its balances checked.

    Raises Unusable where opening balance and rows do not come to the closing balance, and for no rows or too many.
    """
    rows = tuple(fingerprinted(parsed.rows, account=parsed.account))
    if len(rows) > MOST_ROWS:
        raise Unusable(f"The statement has {len(rows)} rows; import at most {MOST_ROWS} at a time.")
    days = sorted(row.booked_on for row in rows)
    parsed = replace(
        parsed,
        rows=rows,
        begins_on=parsed.begins_on or (days[0] if days else None),
        ends_on=parsed.ends_on or (days[-1] if days else None),
    )
    if parsed.opening is None or parsed.closing is None or parsed.faults:
        return parsed
    if parsed.opening + parsed.sum_minor != parsed.closing:
        raise Unusable(_differs(parsed))
    return replace(parsed, checked=True)


def _differs(parsed: Parsed) -> str:
    shown = [money.show(n or 0, parsed.currency) for n in (parsed.opening, parsed.sum_minor, parsed.closing)]
    return (
        f"The rows do not add up to the bank's own balance: {shown[0]} at the beginning and rows of {shown[1]} should "
        f"come to {shown[2]}. The file is not complete; get it from the bank once more."
    )


def fingerprinted(rows: Iterable[Row], *, account: str) -> Iterable[Row]:
    """The rows with their fingerprints: account, day, amount, currency, reference or text, and which of equals it is.

    Two statements that overlap by whole or cut days hold equal bookings in equal order, so the second of two equal
    transfers of a day has the same number in both.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        said = reference(row.bank_ref) or _NO_WORD.sub("", f"{row.text}{row.name}".casefold())
        key = "|".join(
            (
                _NO_WORD.sub("", account).upper(),
                row.booked_on.isoformat(),
                str(row.amount_minor),
                row.currency,
                said,
            )
        )
        seen[key] += 1
        yield replace(row, fingerprint=hashlib.sha256(f"{key}|{seen[key]}".encode()).hexdigest())


def reference(text: str | None) -> str:
    """A reference as the bank gave it, or '' for the words by which banks say that there is none."""
    found = _SPACES.sub(" ", text or "").strip()
    return "" if _NO_WORD.sub("", found).upper() in _NOTHING else found


def joined(parts: Iterable[str | None]) -> str:
    """References and texts as one line, each said once."""
    found: list[str] = []
    for part in parts:
        words = _SPACES.sub(" ", part or "").strip()
        if words and words not in found:
            found.append(words)
    return " ".join(found)[:LONGEST_TEXT]


def minor(amount: Decimal | str, currency: str) -> int:
    """An amount of the bank in minor units. Raises ValueError with a sentence where it is none of `currency`."""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"“{str(amount)[:40]}” is not an amount.") from None
    if not number.is_finite():
        raise ValueError(f"“{str(amount)[:40]}” is not an amount.")
    places = money.decimals(currency)
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"“{str(amount)[:40]}” has too many decimals; {currency} has {places or 'none'}.")
    if abs(scaled) > 2_000_000_000:
        raise ValueError(f"“{str(amount)[:40]}” is too large to be kept.")
    return int(scaled)


def one(values: Sequence[str], *, what: str) -> str:
    """The one value that all of `values` are. Raises Unusable where they differ."""
    different = sorted({value for value in values if value})
    if len(different) > 1:
        raise Unusable(
            f"The file holds several {what} ({', '.join(different[:4])}); import one account at a time."
        )
    return different[0] if different else ""
