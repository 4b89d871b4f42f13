"""Which quote a payment pays: each case with its outcome, its proposal and every sentence of its evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_desk.payments.matching import LIVE, OUTCOMES, match
from tests.payments.matching_cases import CASES, Case, paid, quote


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.name)
def test_each_case_has_its_outcome_and_says_why(row: Case) -> None:
    found = match(row.money, row.quotes)
    labels = {one.quote_id: one.label for one in row.quotes}
    assert found.outcome == row.outcome
    assert tuple(("" if e.good else "!") + e.says for e in found.evidence) == row.says
    assert {labels[share.quote_id]: share.minor for share in found.proposal} == row.pays
    assert found.sure is row.sure


def test_the_table_is_long_and_leaves_no_outcome_out() -> None:
    assert len(CASES) >= 60
    assert len({row.name for row in CASES}) == len(CASES)
    assert {row.outcome for row in CASES} == set(OUTCOMES)


@given(
    amount=st.integers(1, 20_000),
    text=st.sampled_from(["", "RF85 1042 Q2", "1042-Q1", "1042 1043", "RF85 1047 Q2", "1043-Q1 1042-Q2"]),
    name=st.sampled_from(["", "A LEE", "Jane Fox"]),
    quote_id=st.sampled_from([None, 10421, 10422, 10431]),
    states=st.lists(
        st.sampled_from(["draft", "sent", "accepted", "paid", "expired", "superseded", "withdrawn"]),
        min_size=3,
        max_size=3,
    ),
    totals=st.lists(st.integers(1, 10_000), min_size=3, max_size=3),
    before=st.integers(0, 500),
)
def test_no_proposal_is_more_than_came_and_only_the_exact_is_sure(
    amount: int,
    text: str,
    name: str,
    quote_id: int | None,
    states: list[str],
    totals: list[int],
    before: int,
) -> None:
    labels = ("1042-Q1", "1042-Q2", "1043-Q1")
    quotes = {
        one.quote_id: one
        for one in (
            quote(label, total, state, allocated_minor=min(before, total) if state != "draft" else 0)
            for label, total, state in zip(labels, totals, states, strict=True)
        )
    }
    found = match(paid(text, amount, name, quote_id=quote_id), list(quotes.values()))
    assert found.outcome in OUTCOMES
    assert found.evidence
    assert sum(share.minor for share in found.proposal) <= amount
    for share in found.proposal:
        assert 0 < share.minor <= quotes[share.quote_id].open_minor
        assert quotes[share.quote_id].state in LIVE | {"expired"}
    if found.sure:
        (share,) = found.proposal
        assert found.outcome == "exact"
        assert quotes[share.quote_id].state in LIVE
        assert amount == share.minor == quotes[share.quote_id].total_minor
        assert all(one.good for one in found.evidence if one.what in ("reference", "session", "state"))
