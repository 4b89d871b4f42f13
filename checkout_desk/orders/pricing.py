"""What lines, shipping and discounts come to: pure integer arithmetic in minor units, with rates in millionths.

Whatever goes in, every total is the sum of what is shown: amounts that belong to a whole (a discount of the order, tax
rounded once per rate) are shared out by largest remainder, so no part of a penny is lost or made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

MILLION = 1_000_000


class Rate(Protocol):
    """What one tax class costs: `name` as the customer reads it, `ppm` in millionths."""

    @property
    def name(self) -> str: ...
    @property
    def ppm(self) -> int: ...


class Rules(Protocol):
    """How a sale is taxed. Unless `treatment` is 'taxed', nothing is ('zero' for exports, 'reverse' for the customer)."""

    @property
    def treatment(self) -> str: ...
    @property
    def rates(self) -> Mapping[str, Rate]: ...


@dataclass(frozen=True, slots=True)
class Item:
    """What is sold: so many at a price each, less a discount of its own: an amount, then millionths of what is left."""

    quantity: int
    unit_minor: int
    tax_class: str = "standard"
    discount_minor: int = 0
    discount_ppm: int = 0


@dataclass(frozen=True, slots=True)
class Off:
    """A discount of the whole order: millionths of the goods, or an amount (at most what the goods cost)."""

    name: str
    ppm: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A line, or the shipping, with all that it comes to.

    `shown_minor` = quantity × unit − its own discount, in the prices that the customer reads (with tax or without).
    `net_minor` + `tax_minor` = `total_minor` hold its share of the order's discounts too.
    """

    quantity: int
    unit_minor: int
    discount_minor: int
    shown_minor: int
    share_minor: int
    """its share of the discounts of the order"""
    net_minor: int
    tax_minor: int
    total_minor: int
    rate_name: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Tax:
    """What one rate comes to over the whole quote."""

    name: str
    ppm: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """The whole: `goods_minor` − Σ discounts + `shipping.shown_minor` (+ `tax_minor` unless prices include it) is
    `total_minor`, and `net_minor` + `tax_minor` is the same."""

    currency: str
    treatment: str
    includes_tax: bool
    """whether the amounts shown hold the tax"""
    lines: tuple[Part, ...]
    shipping: Part | None
    discounts: tuple[tuple[str, int], ...]
    """(name, amount taken off)"""
    taxes: tuple[Tax, ...]
    goods_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


def price(
    lines: Sequence[Item],
    *,
    shipping: Item | None,
    discounts: Sequence[Off],
    tax: Rules,
    includes_tax: bool,
    rounding: str,
    currency: str,
    home: Mapping[str, Rate] | None = None,
) -> Priced:
    """Price `lines`, with `discounts` taken off one after the other and `shipping` taxed by its class.

    `includes_tax`: the prices hold the tax. Where the sale is not taxed, the tax of the store's own country (`home`,
    by class) is taken out of each price first; where another rate holds, the price stays and the tax in it differs.
    `rounding`: tax is rounded on each 'line' or once per rate on the 'total'. Raises ValueError with a sentence for a
    negative number and for a class that has no rate.
    """
    _check(lines, shipping, discounts)
    taxed = tax.treatment == "taxed"
    if includes_tax and not taxed:
        lines = [_without_tax(item, home or {}) for item in lines]
        shipping = _without_tax(shipping, home or {}) if shipping else None
        includes_tax = False
    parts = [_part(item, tax, taxed) for item in lines]
    goods = sum(part.shown_minor for part in parts)
    parts, taken = _discounted(parts, discounts)
    every = [*parts, *([_part(shipping, tax, taxed)] if shipping else [])]
    every = _taxed(every, includes_tax=includes_tax, rounding=rounding)
    return Priced(
        currency,
        tax.treatment,
        includes_tax,
        tuple(every[: len(parts)]),
        every[-1] if shipping else None,
        taken,
        _by_rate(every) if taxed else (),
        goods,
        sum(part.net_minor for part in every),
        sum(part.tax_minor for part in every),
        sum(part.total_minor for part in every),
    )


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Share `amount` out in proportion to `weights` by largest remainder; of equals the first comes first.

    The shares add up to `amount`. Raises ValueError where there is something to share out and no weight to do it by.
    """
    whole = sum(weights)
    if not whole:
        if amount:
            raise ValueError("there is nothing to share this out over")
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in rest[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def worth(item: Item) -> int:
    """What an item costs after its own discount."""
    whole = item.quantity * item.unit_minor
    left = whole - min(item.discount_minor, whole)
    return left - half_up(left * item.discount_ppm, MILLION)


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction that is not negative; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _check(lines: Iterable[Item], shipping: Item | None, discounts: Iterable[Off]) -> None:
    for item in (*lines, *([shipping] if shipping else [])):
        if min(item.quantity, item.unit_minor, item.discount_minor, item.discount_ppm) < 0:
            raise ValueError("A quantity, price or discount is below zero; use numbers from 0.")
        if item.discount_ppm > MILLION:
            raise ValueError("A discount is above 100 %; use at most 100 %.")
    for off in discounts:
        if min(off.ppm, off.minor) < 0 or off.ppm > MILLION:
            raise ValueError(f"The discount “{off.name}” is not between 0 and 100 %.")


def _without_tax(item: Item, home: Mapping[str, Rate]) -> Item:
    rate = home.get(item.tax_class)
    return replace(item, unit_minor=half_up(item.unit_minor * MILLION, MILLION + rate.ppm)) if rate else item


def _part(item: Item, tax: Rules, taxed: bool) -> Part:
    name, ppm = "", 0
    if taxed:
        rate = tax.rates.get(item.tax_class)
        if rate is None:
            raise ValueError(
                f"The tax class “{item.tax_class}” has no rate for this address; a manager has to set one."
            )
        name, ppm = rate.name, rate.ppm
    shown = worth(item)
    off = item.quantity * item.unit_minor - shown
    return Part(item.quantity, item.unit_minor, off, shown, 0, 0, 0, 0, name, ppm)


def _discounted(
    parts: Sequence[Part], discounts: Sequence[Off]
) -> tuple[list[Part], tuple[tuple[str, int], ...]]:
    left = [part.shown_minor for part in parts]
    taken = []
    for off in discounts:
        goods = sum(left)
        amount = min(goods, half_up(goods * off.ppm, MILLION) + off.minor)
        left = [has - share for has, share in zip(left, apportion(amount, left), strict=True)]
        taken.append((off.name, amount))
    return (
        [replace(part, share_minor=part.shown_minor - rest) for part, rest in zip(parts, left, strict=True)],
        tuple(taken),
    )


def _taxed(parts: Sequence[Part], *, includes_tax: bool, rounding: str) -> list[Part]:
    """Tax on what is left of each part; with `rounding` 'total' the tax of a rate is rounded once, then shared out."""
    amounts = [part.shown_minor - part.share_minor for part in parts]
    taxes = [_tax(amount, part.rate_ppm, includes_tax) for amount, part in zip(amounts, parts, strict=True)]
    if rounding == "total":
        groups: dict[tuple[str, int], list[int]] = {}
        for i, part in enumerate(parts):
            groups.setdefault((part.rate_name, part.rate_ppm), []).append(i)
        for (_, ppm), members in groups.items():
            weights = [amounts[i] for i in members]
            shares = apportion(_tax(sum(weights), ppm, includes_tax), weights)
            for i, share in zip(members, shares, strict=True):
                taxes[i] = share
    found = []
    for part, amount, tax in zip(parts, amounts, taxes, strict=True):
        net = amount - tax if includes_tax else amount
        found.append(replace(part, net_minor=net, tax_minor=tax, total_minor=net + tax))
    return found


def _tax(amount: int, ppm: int, includes_tax: bool) -> int:
    return half_up(amount * ppm, MILLION + ppm if includes_tax else MILLION)


def _by_rate(parts: Iterable[Part]) -> tuple[Tax, ...]:
    """One row a rate, the highest first."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for part in parts:
        net, tax = sums.get((part.rate_ppm, part.rate_name), (0, 0))
        sums[part.rate_ppm, part.rate_name] = net + part.net_minor, tax + part.tax_minor
    return tuple(Tax(name, ppm, *sums[ppm, name]) for ppm, name in sorted(sums, reverse=True))
