"""What was read stands word for word in the text that people see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checkout_desk.intake.reading_letters import letter_input
from checkout_desk.intake.texts import Fresh, best_text, fresh, placed
from checkout_desk.intake.understanding import understand
from checkout_desk.mail.parsing import parse
from checkout_desk.mail.zones import Zone, zones
from checkout_desk.reading.model import Ambiguous, Line, Reading, Span, Unmatched
from checkout_desk.reading.reading import read
from tests.builders import CARD, mail
from tests.reading import cases


def spans(reading: Reading) -> Iterator[Span]:
    """Every span of the body in a reading."""
    items: tuple[Line | Ambiguous | Unmatched, ...]
    items = (*reading.lines, *reading.ambiguous, *reading.unmatched)
    for line in items:
        if line.source == "body":
            yield line.span
    places = [getattr(reading.ship_to, name) for name in cases.ADDRESS] if reading.ship_to else []
    for value in (*places, reading.customer.name, reading.customer.email, reading.customer.phone):
        if value and value.span and value.source == "body":
            yield value.span


def bare(text: str) -> str:
    """The words without quote marks and white space."""
    return "".join(text.replace(">", " ").split())


def test_over_the_corpus_what_was_read_stands_in_what_is_shown() -> None:
    seen = 0
    for case in cases.load("corpus"):
        given, words = letter_input(parse(case.raw), store_addresses=cases.STORE)
        shown = understand(case.raw, own_addresses=frozenset(), trusted_authserv=frozenset()).text
        reading = read(
            given, cases.catalogue(case.catalogue), store_addresses=cases.STORE, country=case.country
        )
        for before, (start, end) in zip(spans(reading), spans(placed(reading, words)), strict=True):
            assert bare(shown[start:end]) == bare(given.body[slice(*before)]), case.name
            assert start < end
            seen += 1
    assert seen > 500


FORWARD = "Please send this:\n\n---------- Forwarded message ----------\nFrom: Ann <ann@x.example>\n\n> 2 x blue\n> mug\n>\n> Leeds\n"


@pytest.mark.parametrize(
    "text", [FORWARD, "2 mugs\n-- \nAnn", "\n\n  2 mugs\n\n\nOn Monday, Bob <b@x.example> wrote:\n> No\nYes"]
)
def test_every_letter_of_the_fresh_text_leads_back_to_itself(text: str) -> None:
    words = fresh(text, zones(text))
    assert words.text.strip()
    for at, sign in enumerate(words.text):
        if sign != "\n":
            start, end = words.back((at, at + 1))
            assert text[start:end] == sign


def test_a_span_over_forwarded_lines_keeps_their_marks_and_no_more() -> None:
    words = fresh(FORWARD, zones(FORWARD))
    at = words.text.index("2 x blue")
    start, end = words.back((at, at + len("2 x blue\nmug")))
    assert FORWARD[start:end] == "2 x blue\n> mug"


def test_a_span_over_somebody_elses_words_is_narrowed() -> None:
    text = "two\nDo you want red?\nblue mugs"
    words = fresh(text, [Zone("own", 0, 4), Zone("quoted", 4, 21), Zone("own", 21, len(text))])
    assert words.text == "two\nblue mugs"
    start, end = words.back((0, len(words.text)))
    assert text[start:end] == "blue mugs"


def test_a_masked_card_moves_nothing() -> None:
    data = mail(f"My card is {CARD}.\n2 x blue mug please")
    given, words = letter_input(parse(data))
    assert CARD not in given.body
    at = given.body.index("2 x blue mug")
    start, end = words.back((at, at + 12))
    shown = understand(data, own_addresses=frozenset(), trusted_authserv=frozenset()).text
    assert shown[start:end] == "2 x blue mug"


@pytest.mark.parametrize(
    ("text", "html", "has"),
    [
        ("See the HTML.", "<p>Please send me two blue mugs and one red bowl.</p>", "two blue mugs"),
        ("2 mug", "<table><tr><td>Mug</td><td>2</td></tr></table>", "Mug | 2"),
        ("2 mugs, 3 bowls", "<p>2 mugs, <s>3 bowls</s></p>", "~~3 bowls~~"),
        ("Two blue mugs for me, and a bowl please", "<p>Click.</p>", "Two blue mugs"),
    ],
)
def test_the_part_that_says_more_is_shown_and_read(text: str, html: str, has: str) -> None:
    data = mail(text, html=html)
    understood = understand(data, own_addresses=frozenset(), trusted_authserv=frozenset())
    assert has in understood.text
    assert best_text(understood.letter).strip() == understood.text.strip()
    assert has in letter_input(parse(data))[0].body


def test_the_way_back_of_nothing_is_nothing() -> None:
    assert Fresh("", (), "", ()).back((0, 5)) == (0, 0)
