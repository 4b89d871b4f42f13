"""A mail written otherwise, so that a person reads the same order, is read as the same order; a sample of the labelled ones."""

from __future__ import annotations

import pytest

from bench.same_order import MAILS, PHRASES, Shares, measure

LEAST = {
    "wrapped at 60": 93, "two blanks": 96, "small letters": 96, "slip of the pen": 85, "capitals": 96,
}  # fmt: skip
"""per cent that must stay the same; 97 where nothing else is said"""


@pytest.fixture(scope="module")
def shares() -> Shares:
    return measure(0.06)


@pytest.mark.parametrize("name", [*MAILS, *PHRASES])
def test_a_mail_written_otherwise_is_the_same_order(shares: Shares, name: str) -> None:
    assert shares.written[name] >= 5
    assert shares.share(name) >= LEAST.get(name, 97)


def test_no_line_becomes_wrong_in_silence(shares: Shares) -> None:
    assert shares.silent == []
