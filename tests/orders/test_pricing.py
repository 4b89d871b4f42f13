"""Prices: figures worked out by hand, and for any input every total is the sum of what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_desk.orders import pricing
from checkout_desk.orders.pricing import Item, Off, Priced, apportion, half_up


@dataclass(frozen=True)
class R:
    name: str
    ppm: int


@dataclass(frozen=True)
class Rules:
    treatment: str = "taxed"
    rates: Mapping[str, R] = field(
        default_factory=lambda: {
            "standard": R("VAT 20 %", 200_000),
            "reduced": R("VAT 5 %", 50_000),
            "zero": R("VAT 0 %", 0),
        }
    )


HOME = Rules().rates


def price(lines: list[Item], **more: object) -> Priced:
    facts: dict[str, object] = {
        "shipping": None,
        "discounts": (),
        "tax": Rules(),
        "includes_tax": True,
        "rounding": "line",
        "currency": "GBP",
        **more,
    }
    return pricing.price(lines, **facts)  # type: ignore[arg-type]


def figures(found: Priced) -> tuple[int, int, int]:
    return found.net_minor, found.tax_minor, found.total_minor


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ([Item(2, 1600)], {}, (2667, 533, 3200)),
        ([Item(2, 1600)], {"includes_tax": False}, (3200, 640, 3840)),
        ([Item(1, 1600), Item(1, 999, "reduced")], {}, (1333 + 951, 267 + 48, 2599)),
        ([Item(1, 1600), Item(1, 999, "zero")], {}, (1333 + 999, 267, 2599)),
        ([Item(1, 1600)], {"shipping": Item(1, 395)}, (1333 + 329, 267 + 66, 1995)),
        ([Item(3, 333)], {"includes_tax": False}, (999, 200, 1199)),
        ([Item(1, 333)] * 3, {"includes_tax": False, "rounding": "line"}, (999, 201, 1200)),
        ([Item(1, 333)] * 3, {"includes_tax": False, "rounding": "total"}, (999, 200, 1199)),
        ([Item(1, 1000)], {"discounts": [Off("TEN", ppm=100_000)]}, (750, 150, 900)),
        ([Item(1, 1000)], {"discounts": [Off("MUCH", minor=5000)]}, (0, 0, 0)),
        ([Item(2, 1000, discount_minor=100, discount_ppm=500_000)], {}, (792, 158, 950)),
        ([Item(2, 1600)], {"tax": Rules("reverse"), "home": HOME}, (2666, 0, 2666)),
        ([Item(2, 1600)], {"tax": Rules("zero", {}), "home": HOME, "shipping": Item(1, 395)}, (2995, 0, 2995)),
        ([Item(2, 1600)], {"tax": Rules("none", {}), "includes_tax": False, "home": HOME}, (3200, 0, 3200)),
        ([Item(2, 1200)], {"currency": "JPY", "includes_tax": False}, (2400, 480, 2880)),
        ([Item(1, 1250)], {"currency": "KWD", "includes_tax": False}, (1250, 250, 1500)),
        ([], {"shipping": Item(1, 395)}, (329, 66, 395)),
        ([], {}, (0, 0, 0)),
    ],
)  # fmt: skip
def test_figures_worked_out_by_hand(
    lines: list[Item], more: dict[str, object], expected: tuple[int, int, int]
) -> None:
    assert figures(price(lines, **more)) == expected


def test_a_discount_of_the_order_is_shared_out_by_largest_remainder() -> None:
    found = price([Item(1, 1000), Item(1, 1000), Item(1, 1000)], discounts=[Off("ONE", minor=100)])
    assert [part.share_minor for part in found.lines] == [34, 33, 33]
    assert found.discounts == (("ONE", 100),)


def test_taxes_are_told_by_rate_the_highest_first() -> None:
    found = price([Item(1, 999, "reduced"), Item(1, 1600)], shipping=Item(1, 395))
    assert [(row.name, row.net_minor, row.tax_minor) for row in found.taxes] == [
        ("VAT 20 %", 1333 + 329, 267 + 66),
        ("VAT 5 %", 951, 48),
    ]


@pytest.mark.parametrize(
    ("lines", "more", "words"),
    [
        ([Item(1, 100, "books")], {}, "“books” has no rate"),
        ([Item(-1, 100)], {}, "below zero"),
        ([Item(1, -100)], {}, "below zero"),
        ([Item(1, 100, discount_ppm=1_000_001)], {}, "above 100 %"),
        ([Item(1, 100)], {"discounts": [Off("BAD", ppm=-1)]}, "“BAD” is not between"),
    ],
)
def test_what_cannot_be_priced_is_told(lines: list[Item], more: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        price(lines, **more)


items = st.builds(
    Item,
    st.integers(0, 5000),
    st.integers(0, 3_000_000),
    st.sampled_from(["standard", "reduced", "zero"]),
    st.integers(0, 100_000),
    st.integers(0, 1_000_000),
)
offs = st.builds(Off, st.sampled_from(["A", "B"]), st.integers(0, 1_000_000), st.integers(0, 10_000_000))
rates = st.builds(
    lambda a, b, c: {"standard": R("a", a), "reduced": R("b", b), "zero": R("c", c)},
    *[st.integers(0, 1_000_000)] * 3,
)


@given(
    lines=st.lists(items, max_size=12),
    shipping=st.none() | st.builds(lambda minor, name: Item(1, minor, name), st.integers(0, 100_000), st.sampled_from(["standard", "zero"])),
    discounts=st.lists(offs, max_size=3),
    treatment=st.sampled_from(["taxed", "zero", "reverse", "none"]),
    table=rates,
    home=rates,
    includes=st.booleans(),
    rounding=st.sampled_from(["line", "total"]),
)  # fmt: skip
def test_every_total_is_the_sum_of_what_is_shown(
    lines: list[Item],
    shipping: Item | None,
    discounts: list[Off],
    treatment: str,
    table: dict[str, R],
    home: dict[str, R],
    includes: bool,
    rounding: str,
) -> None:
    p = price(
        lines,
        shipping=shipping,
        discounts=discounts,
        tax=Rules(treatment, table),
        includes_tax=includes,
        rounding=rounding,
        home=home,
    )
    every = [*p.lines, *([p.shipping] if p.shipping else [])]
    assert p.goods_minor == sum(part.shown_minor for part in p.lines)
    assert all(part.shown_minor == part.quantity * part.unit_minor - part.discount_minor for part in every)
    taken = sum(amount for _, amount in p.discounts)
    assert taken == sum(part.share_minor for part in every) <= p.goods_minor
    shown = p.goods_minor - taken + (p.shipping.shown_minor if p.shipping else 0)
    assert p.total_minor == shown + (0 if p.includes_tax else p.tax_minor)
    assert p.total_minor == p.net_minor + p.tax_minor == sum(part.total_minor for part in every)
    assert all(part.net_minor + part.tax_minor == part.total_minor for part in every)
    assert min([0, *(n for part in every for n in (part.net_minor, part.tax_minor, part.share_minor))]) == 0
    if treatment == "taxed":
        assert sum(row.tax_minor for row in p.taxes) == p.tax_minor
        assert sum(row.net_minor for row in p.taxes) == p.net_minor
        if rounding == "total":
            for row in p.taxes:
                base = row.net_minor + row.tax_minor if p.includes_tax else row.net_minor
                whole = pricing.MILLION + (row.ppm if p.includes_tax else 0)
                assert row.tax_minor == half_up(base * row.ppm, whole)
    else:
        assert (p.tax_minor, p.taxes, p.includes_tax) == (0, (), False)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_shares_add_up_and_none_is_a_piece_off(amount: int, weights: list[int]) -> None:
    whole = sum(weights)
    if not whole:
        with pytest.raises(ValueError, match="nothing to share"):
            apportion(amount + 1, weights)
        return
    shares = apportion(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share * whole - (amount * weight - amount * weight % whole) <= whole
