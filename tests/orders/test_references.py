"""The reference of a quote: made, shown, and found again in whatever payers and banks make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from checkout_desk.orders import queries, references
from checkout_desk.orders.references import Reference

MADE = references.make(1042, 2)


def test_the_reference_follows_the_standard() -> None:
    assert MADE == "RF851042Q2"
    assert iso11649.is_valid(MADE)
    assert references.shown(MADE) == "RF85 1042 Q2"
    with pytest.raises(ValueError, match="make no reference"):
        references.make(0, 1)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("RF851042Q2", "exact"),
        ("rf851042q2", "exact"),
        ("RF85 1042 Q2", "exact"),
        ("Rechnung RF85 1042 Q2 vom 3. November 2026", "exact"),
        ("R F 8 5 1042Q2", "exact"),
        ("RF85\n1042Q2", "exact"),
        ("RF85-1042-Q2", "exact"),
        ("/ROC/RF851042Q2/URI/mugs", "exact"),
        ("RF851043Q2", "repaired"),
        ("RF851042Q3", "repaired"),
        ("RF15 1042 Q2", "repaired"),
        ("RF85142Q2", "repaired"),
        ("RF851042 2", "repaired"),
        ("RF8510422", "repaired"),
        ("F851042Q2", "repaired"),
        ("RE851042Q2", "repaired"),
        ("RF851O42Q2", "repaired"),
        ("RF815042Q2", "repaired"),
        ("1042-Q2", "bare"),
        ("quote 1042 Q2, thanks", "bare"),
        ("1042q2", "bare"),
    ],
)
def test_it_is_found(text: str, how: str) -> None:
    assert (1042, 2, how) in [(found.order, found.quote, found.how) for found in references.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("order 1042", [Reference(1042, None, "order", "1042")]),
        ("#1042", [Reference(1042, None, "order", "1042")]),
        ("two mugs", []),
        ("", []),
        ("£1,042.00 or 1042.50", []),
        ("DE89370400440532013000", []),
        ("RF85 1042 Q2 / RF85 1042 Q2", [Reference(1042, 2, "exact", "RF85 1042 Q2")]),
    ],
)
def test_nothing_else_is_found(text: str, found: list[Reference]) -> None:
    assert references.find(text) == found


def test_two_references_in_one_text_are_both_found() -> None:
    other = references.make(1043, 1)
    assert [(one.order, one.quote) for one in references.find(f"{MADE} and {other}")] == [
        (1042, 2),
        (1043, 1),
    ]


def test_what_is_written_right_is_not_repaired_into_something_else() -> None:
    assert [one.how for one in references.find(MADE)] == ["exact"]


numbers = st.tuples(st.integers(1001, 9_999_999), st.integers(1, 99))


@given(numbers, st.data())
def test_one_wrong_or_missing_character_is_always_repaired(
    number: tuple[int, int], data: st.DataObject
) -> None:
    made = references.make(*number)
    assert [(one.order, one.quote) for one in references.find(made)] == [number]
    place = data.draw(st.integers(0, len(made) - 1))
    sign = data.draw(st.sampled_from(["", *"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]))
    hurt = made[:place] + sign + made[place + 1 :]
    found = references.find(f"Pay {hurt} now")
    if found and found[0].how == "exact":  # one in a hundred missing characters makes another right reference
        assert len(hurt) < len(made) or hurt == made
        return
    assert number in [(one.order, one.quote) for one in found]


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for one in references.find(text):
        assert one.order > 0
        assert one.how in references.RANK


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1042", 1042), ("#1042", 1042), ("1042-Q2", 1042), (MADE, 1042), (" rf85 1042 q2", 1042), ("RF861042Q2", None), ("RF", None)],
)  # fmt: skip
def test_an_order_is_looked_for_by_its_payments_reference_too(typed: str, number: int | None) -> None:
    assert queries.number_in(typed) == number
