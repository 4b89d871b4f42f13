"""Codes that customers may name. A code may stand in several rows, each from its day on: the newest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.extensions import db
from checkout_desk.settings.effective import long_day, newest
from checkout_desk.settings.models import Discount

MILLION = 1_000_000


class Unusable(ValueError):
    """A code cannot be used. Its sentence names the code and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a code takes off the goods: `ppm` millionths of them, or `minor` units of the currency asked for."""

    id: int
    code: str
    ppm: int = 0
    minor: int = 0


def key_of(code: str) -> str:
    """The code as it is compared: case and white space do not count."""
    return "".join(code.split()).casefold()


def find(code: str, *, value_minor: int, currency: str, on: date) -> Reduction:
    """What `code` takes off goods worth `value_minor` on a day. Raises Unusable with a sentence."""
    shown = code.strip()[:40]
    rows = db.session.scalars(select(Discount).where(Discount.code_key == key_of(code)[:40])).all()
    if not rows:
        raise Unusable(f"There is no discount code “{shown}”.")
    begun = newest(rows, on=on)
    if not begun:
        first = min(row.valid_from for row in rows)
        raise Unusable(f"Code “{shown}” holds from {long_day(first)} on.")
    row = begun[0]
    if not row.active:
        raise Unusable(f"Code “{shown}” is switched off.")
    if row.valid_until is not None and on > row.valid_until:
        raise Unusable(f"Code “{shown}” ended on {long_day(row.valid_until)}.")
    if row.currency is not None and row.currency != currency:
        raise Unusable(f"Code “{shown}” is for orders in {row.currency}; this one is in {currency}.")
    if value_minor < row.from_value_minor:
        raise Unusable(
            f"Code “{shown}” needs goods worth {money.show(row.from_value_minor, currency)}; "
            f"these are worth {money.show(value_minor, currency)}."
        )
    if row.kind == "percent":
        return Reduction(row.id, row.code, ppm=row.value)
    return Reduction(row.id, row.code, minor=min(row.value, value_minor))


def words_of(row: Discount) -> str:
    """What it takes off, as people read it: '10 %', '£5.00'."""
    if row.kind == "percent":
        return f"{percent(row.value)} %"
    return money.show(row.value, row.currency or "")


def percent(ppm: int) -> str:
    """Millionths as digits of a percentage: 200000 is '20', 55000 is '5.5'."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
