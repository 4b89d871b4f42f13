"""Answers right below what a person of the shop asked in words of their own."""

from __future__ import annotations

import pytest

from bench.reading import read_case
from tests.reading import cases

MAIL = """q | {shop} | {country}
From: Ned Foster <ned@example.com>
Subject: Re: your enquiry
In-Reply-To: <q1371@shop.example>

{body}
##
role update
"""

MAILS = [
    ("garden", "GB", "> Which spade did you want, the small or the large?\nLarge please.\n> And how many bags of potting soil?\nSeven.\n\nNed", {"SPT-GR": None, "ERD-40": 7}),
    ("garden", "DE", "> Welchen Spaten möchten Sie, groß oder klein?\nDen kleinen.\n> Wie viele Säcke Blumenerde?\n5\n\nNed", {"SPT-KL": None, "ERD-40": 5}),
    ("bike", "GB", "> How many bidons would you like?\n3\n> Shall we gift wrap them?\nNo thanks\n\nNed", {"BTL-750": 3}),
    ("garden", "GB", "> Is the address still 4 Mill Road, Ely?\nYes\n> Can the driver ring you?\n10 in the morning\n\nNed", {}),
]  # fmt: skip


@pytest.mark.parametrize(("shop", "country", "body", "lines"), MAILS)
def test_what_stands_below_a_typed_question_answers_it(
    shop: str, country: str, body: str, lines: dict[str, int | None]
) -> None:
    case = cases._case(MAIL.format(shop=shop, country=country, body=body))
    reading = read_case(case)
    assert {line.sku: line.quantity for line in reading.lines} == lines
    assert all(line.needs_review for line in reading.lines)
    assert reading.role == ("update" if lines else "new")
