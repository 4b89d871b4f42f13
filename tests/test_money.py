"""Amounts as people read and type them, in currencies with no, two and three decimals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_desk import money


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1600, "GBP", "£16.00"),
        (1200, "JPY", "JP¥1,200"),
        (1250, "KWD", "KWD\u00a01.250"),
        (5, "EUR", "€0.05"),
    ],
)
def test_an_amount_is_shown_with_its_currency(minor: int, currency: str, shown: str) -> None:
    assert money.show(minor, currency) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("16", "GBP", 1600),
        ("16,50", "EUR", 1650),
        (" 0.5 ", "EUR", 50),
        ("1200", "JPY", 1200),
        ("1.250", "KWD", 1250),
    ],
)
def test_typed_digits_are_minor_units(typed: str, currency: str, minor: int) -> None:
    assert money.read(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"),
        ("12.345", "EUR"),
        ("1.5", "JPY"),
        ("-3", "EUR"),
        ("1e3", "EUR"),
        ("NaN", "EUR"),
        ("1,200.00", "EUR"),
        ("٣", "EUR"),
        ("9" * 12, "EUR"),
        ("€5", "EUR"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(typed: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r".*\.$"):
        money.read(typed, currency)


def test_an_unknown_currency_is_named() -> None:
    with pytest.raises(ValueError, match="XQZ"):
        money.decimals("XQZ")


@given(st.integers(0, 2_000_000_000), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_plainly_reads_back(minor: int, currency: str) -> None:
    assert money.read(money.plain(minor, currency), currency) == minor
