"""What a row of the table is, and how one of its findings is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.client import Spread
from bench.stores import Run


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure beside its bound."""

    engine: str
    what: str
    value: Spread | float | int | str
    bound: str
    met: bool
    more: str = ""

    def __str__(self) -> str:
        value = f"{self.value:.4g}" if isinstance(self.value, float) else str(self.value)
        line = f"{'ok  ' if self.met else 'MISS'} {self.engine:<10} {self.what:<44} {value:<24} bound {self.bound}"
        return f"{line}   {self.more}" if self.more else line


def at_most(
    engine: str, what: str, value: Spread | float, bound: float, unit: str = "", more: str = ""
) -> Finding:
    """A figure that must not be above its bound (its median must not)."""
    middle = value.middle if isinstance(value, Spread) else value
    return Finding(engine, what, value, f"≤ {bound:g}{unit}", middle <= bound, more)


def at_least(
    engine: str, what: str, value: Spread | float, bound: float, unit: str = "", more: str = ""
) -> Finding:
    """A figure that must not be below its bound."""
    middle = value.middle if isinstance(value, Spread) else value
    return Finding(engine, what, value, f"≥ {bound:g}{unit}", middle >= bound, more)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `order` puts what writes after what reads."""

    title: str
    measure: Callable[[Run], Iterator[Finding]]
    order: int = 0
