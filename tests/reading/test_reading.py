"""What the rules promise, on texts that nobody wrote: nothing raises, every span quotes its text, time is linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_desk.reading.catalogue import Catalogue, CatalogueEntry
from checkout_desk.reading.model import (
    Ambiguous,
    Attached,
    KnownThread,
    Line,
    Reading,
    ReadingInput,
    Unmatched,
)
from checkout_desk.reading.reading import read
from tests.reading import cases

WORDS = (
    "2 two zwei deux a an the blue red mug mugs teapot Teekanne tasse bleue x dozen half pair 1.2 l 100 g SEN-100 kettle please order not without"
    " instead of actually make it 3 cancel ? . , : ; \n - | £12.00 12/11/2026 LS1 4AB 14 Elm Road Leeds ship to: 0113 496 0123 +44 ~~ > #1042"
    " 青いマグカップ を 2個 ください 〒150-0001 東京都 渋谷区 １２ 2️⃣ \u200b \u00ad ß İ ﷺ"
).split(" ")
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


def reading_of(text: str, *, catalogue: str = "tea", country: str = "GB", **more: object) -> Reading:
    letter = ReadingInput(body=text, from_name="Ann Poe", from_email="ann@example.com", **more)  # type: ignore[arg-type]
    return read(letter, cases.catalogue(catalogue), store_addresses=cases.STORE, country=country)


def lines(text: str, **more: object) -> dict[str, int | None]:
    return {line.sku: line.quantity for line in reading_of(text, **more).lines}  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, TEXTS)
def test_nothing_raises_and_every_span_quotes_its_text(body: str, other: str) -> None:
    letter = ReadingInput(
        body=body, subject=other[:80], from_name=other[:20], from_email="a@b.example", signature=other, quoted=other,
        forwarded=((0, len(body) // 2),) if len(body) > 3 else (), attached=(Attached("x.eml", other),), is_reply=len(body) % 2 == 0,
    )  # fmt: skip
    texts = {"body": body, "x.eml": other, "subject": other[:80]}
    known = KnownThread({"MUG-BLU": 2}) if len(other) % 3 == 0 else None
    reading = read(
        letter, cases.catalogue("tea"), store_addresses=cases.STORE, country="GB", known_thread=known
    )
    found: list[Line | Ambiguous | Unmatched] = [*reading.lines, *reading.ambiguous, *reading.unmatched]
    for item in found:
        start, end = item.span
        assert 0 <= start <= end <= len(texts[item.source])
        assert texts[item.source][start:end] == item.text
    assert all(line.quantity is None or 0 <= line.quantity < 10**9 for line in reading.lines)
    assert all(line.quantity != 0 for line in reading.lines if reading.role == "new")
    for value in (reading.customer.phone,):
        assert value is None or value.text.startswith("+")


@pytest.mark.parametrize(
    "text",
    [
        "1" * 300_000, "2 x " * 60_000, "blue mug " * 30_000, "a@" * 100_000, "1.1.1.1." * 60_000, "~~" * 100_000, "(" * 200_000,
        "2 blue mugs and " * 20_000, " | 1 | " * 50_000, "order no " * 40_000, "12 High Street, " * 20_000, "LS1 4AB, Leeds\n" * 20_000,
        "青" * 200_000, "東京都" * 60_000, "a" * 500_000, "\n" * 300_000, "zwei und " * 40_000, "von 2 auf " * 40_000, "\u200b" * 300_000,
    ],
    ids=range(19),
)  # fmt: skip
def test_hostile_text_takes_no_more_than_a_moment(text: str) -> None:
    """SECURITY A26: each a bounded time; the bound is far above what a slow machine needs and far below a worker's death."""
    began = time.process_time()
    reading_of(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "number", ["9" * 5000, "²", "1_000", "NaN", "-0", "10^18", "0", "1e9", "1234567890", "½"]
)
def test_number_bombs_count_nothing(number: str) -> None:
    found = reading_of(f"Please send me {number} blue mugs.")
    assert all(line.quantity is None or line.needs_review for line in found.lines)


@pytest.mark.parametrize("alias", ["a", "the", "of", "12", "a 1", "2 x"])
def test_an_alias_of_no_meaning_matches_nothing(alias: str) -> None:
    """SECURITY A29: a poisoned alias must not turn every mail into an order."""
    index = Catalogue([*cases.entries("tea"), CatalogueEntry("GOLD-1", "Gold Bar", (alias,))])
    letter = ReadingInput(body="Please send me the 12 of a kind and 2 x nothing.", from_email="a@b.example")
    assert "GOLD-1" not in {line.sku for line in read(letter, index, country="GB").lines}


@pytest.mark.parametrize(
    ("number", "read_as"),
    [
        ("0221 1234567", "+492211234567"),
        ("+44 20 7946 0018", "+442079460018"),
        ("0049 221 1234567", "+492211234567"),
    ],
)
def test_a_phone_number_without_country_is_one_of_where_the_parcel_goes(number: str, read_as: str) -> None:
    found = reading_of(f"Bitte 2 blaue Tassen an Bea Kraft, Lindenstr. 14a, 50674 Köln. Tel {number}")
    assert found.customer.phone
    assert found.customer.phone.text == read_as


def test_a_variant_left_open_is_never_the_first_one() -> None:
    found = reading_of("Please send me two cast iron teapots.")
    assert not found.lines
    assert [(a.quantity, set(a.candidates)) for a in found.ambiguous] == [(2, {"TP-06", "TP-12"})]


def test_the_words_of_the_specification() -> None:
    text = "Please send me 2 x blue mug, the teapot and a purple kettle."
    found = reading_of(text)
    assert [(line.sku, line.quantity, line.text, line.span, line.needs_review) for line in found.lines] == [
        ("MUG-BLU", 2, "2 x blue mug", (15, 27), False)
    ]
    assert [(a.text, a.quantity) for a in found.ambiguous] == [("the teapot", 1)]
    assert [(u.text, u.quantity) for u in found.unmatched] == [("a purple kettle", 1)]
    assert found.gaps == ("product", "ship_to", "phone")


def test_a_quantity_that_is_not_said_is_not_one() -> None:
    assert lines("I'd like to order blue mugs.") == {"MUG-BLU": None}


def test_later_words_win_and_additions_add() -> None:
    assert lines("2 blue mugs please. Actually, make it 5.") == {"MUG-BLU": 5}
    assert lines("2 blue mugs please. And 1 more blue mug.") == {"MUG-BLU": 3}
    assert lines("2 blue mugs and a red mug please. Sorry, without the red mug.") == {"MUG-BLU": 2}


def test_what_is_struck_out_asked_owned_or_past_orders_nothing() -> None:
    for text in (
        "~~2 blue mugs~~", "Do you have 2 blue mugs?", "I bought 2 blue mugs last year.", "My 2 blue mugs are lovely.",
        "What would 80 blue mugs cost?", "I am thinking about 3 red mugs.",
    ):  # fmt: skip
        assert lines(text) == {}, text


def test_an_update_gives_new_absolute_quantities() -> None:
    letter = ReadingInput(body="Please make it 4 and drop the tray.", from_email="a@b.example", is_reply=True)
    known = KnownThread({"MUG-BLU": 2, "TRY-BAM": 1}, has_address=True, has_phone=True)
    found = read(letter, cases.catalogue("tea"), country="GB", known_thread=known)
    assert found.role == "update"
    assert {line.sku: line.quantity for line in found.lines} == {"TRY-BAM": 0}  # 4 of what? nobody says
    assert found.gaps == ()


def test_a_machine_says_nothing_to_order() -> None:
    for screened in ("bounce", "auto_reply"):
        found = reading_of("2 blue mugs please", screened=screened)
        assert found.kind == screened
        assert not found.lines
    assert not reading_of("Order 2 blue mugs now!", screened="list").lines


def test_reading_twice_gives_the_same() -> None:
    text = "3 red mugs to Ann Poe, 14 Elm Road, Leeds LS1 4AB"
    assert reading_of(text) == reading_of(text)
