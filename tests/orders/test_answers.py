"""Bare answers to what we asked: taken where they stand beyond doubt, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.orders import asking, changing, completeness, loading
from checkout_desk.reading.model import Ambiguous, Line, Unmatched
from tests.orders.stage import Stage, choice, line, quay, reading

PHONE = "+441912345678"


def asked(stage: Stage, **parts: str | None) -> int:
    """An order whose customer was asked for what is missing."""
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(**parts), phone=PHONE))
    with stage.on(number) as (order, lines, by):
        asking.asked(order, completeness.gaps(order, lines, ask_phone=True), message_id=None, by=by)
    return number


def answer(stage: Stage, number: int, text: str) -> None:
    """The customer replies to the signed address."""
    stage.shop.take(
        text=text, subject="Re: Your order", envelope_to=stage.shop.reply_address(stage.row(number).id)
    )


@pytest.mark.parametrize(
    "text",
    ["NE30 1AB", "ne301ab", "The postcode is NE30 1AB.", "Hello,\n\nit's NE30 1AB, sorry!\n\nJane\n\nOn Monday you wrote:\n> E1 6AN?"],
)  # fmt: skip
def test_a_postcode_in_the_form_of_the_country_is_taken(stage: Stage, text: str) -> None:
    number = asked(stage, postcode=None)
    answer(stage, number, text)
    order = stage.seen(number)
    assert order.ship_postcode == "NE30 1AB"
    assert order.remind_at is None
    source = order.sources["ship_postcode"]
    message = stage.shop.message(source["message"])
    start, end = source["span"]
    assert message.text[start:end].upper().replace(" ", "") == "NE301AB"
    assert "filled" in stage.told(number)
    assert (stage.row(number).state, stage.row(number).queue_view) == ("open", "details")


@pytest.mark.parametrize(
    "text",
    ["NE30 1AB or was it NE30 1AC?", "I will look it up.", "12345", "> NE30 1AB\n\nIs that what you mean?"],
)
def test_what_is_in_doubt_is_left_to_a_person(stage: Stage, text: str) -> None:
    number = asked(stage, postcode=None)
    answer(stage, number, text)
    assert stage.seen(number).ship_postcode == ""


def test_nobody_asked_nothing_taken(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(postcode=None), phone=PHONE))
    answer(stage, number, "NE30 1AB")
    assert stage.seen(number).ship_postcode == ""


def test_a_stranger_behind_the_reply_address_fills_nothing(stage: Stage) -> None:
    number = asked(stage, postcode=None)
    stage.shop.take(
        text="NE30 1AB", sender="Eve <eve@elsewhere.example>", envelope_to=stage.shop.reply_address(stage.row(number).id)
    )  # fmt: skip
    assert stage.seen(number).ship_postcode == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [("3", 3), ("Three? No: just 4, please.", None), ("12 pieces please", 12), ("I need 6", 6), ("6 Stück, bitte", 6),
     ("2 or 3", None), ("0", None), ("By the 3rd of May", None)],
)  # fmt: skip
def test_a_number_alone_answers_the_one_quantity(stage: Stage, text: str, kept: int | None) -> None:
    number = stage.order(reading(line("MUG-BLU", None), ship_to=quay(), phone=PHONE))
    with stage.on(number) as (order, lines, by):
        asking.asked(order, completeness.gaps(order, lines, ask_phone=True), message_id=None, by=by)
    answer(stage, number, text)
    assert stage.lines(number)[0].quantity == kept


POTS = ("POT-06", "POT-12")


def question(stage: Stage, *items: Line | Ambiguous | Unmatched, phone: str = PHONE, **parts: Any) -> int:
    """An order of `items`, whose customer was asked for all that is missing; the question has left."""
    number = stage.order(reading(*items, ship_to=quay(**parts), phone=phone))
    with stage.on(number) as (order, lines, by):
        asking.asked(order, completeness.gaps(order, lines, ask_phone=True), message_id=None, by=by)
    return number


def state(stage: Stage, number: int) -> dict[str, Any]:
    """All that an answer could change."""
    order = stage.seen(number)
    with stage.shop.reading():
        skus = {p.id: p.sku for p in db.session.scalars(select(Product))}
        changes = [c.changes for c in loading.open_changes([order.id]).get(order.id, [])]
    fields = {name: getattr(order, f"ship_{name}") for name in ("name", "line1", "line2", "city", "region", "postcode", "country")}  # fmt: skip
    lines = [(skus.get(row.product_id or 0), row.quantity) for row in stage.lines(number)]
    return {**fields, "phone": order.phone, "lines": lines, "changes": changes}


@pytest.mark.parametrize(
    ("missing", "text", "field", "kept"),
    [
        ("city", "Leeds", "city", "Leeds"),
        ("city", "It's in North Shields, thanks!\n\nBest wishes\nJane", "city", "North Shields"),
        ("city", "The town is whitby", "city", "whitby"),
        ("country", "Germany", "country", "DE"),
        ("country", "to the Netherlands please", "country", None),
        ("line1", "12 High Street", "line1", "12 High Street"),
        ("line1", "Sorry! It is 7a Mill Lane.", "line1", "7a Mill Lane"),
        ("line1", "12 or so, I think", "line1", None),
        ("city", "No idea, sorry", "city", None),
        ("city", "Jane", "city", None),
        ("postcode", "Is it NE30 1AB?", "postcode", None),
    ],
)
def test_a_bare_detail_fills_its_gap_and_nothing_else(
    stage: Stage, missing: str, text: str, field: str, kept: str | None
) -> None:
    number = question(stage, line("MUG-BLU", 2), phone=PHONE, **{missing: None})
    before = state(stage, number)
    answer(stage, number, text)
    after = state(stage, number)
    assert after.pop(field) == (kept or "")
    before.pop(field)
    assert after == before
    if kept:
        source = stage.seen(number).sources[f"ship_{field}"]
        start, end = source["span"]
        assert (
            stage.shop.message(source["message"]).text[start:end].removeprefix("the ").casefold()
            in text.casefold()
        )
        assert (source["by"], source["rule"]) == ("reading", "answers-what-was-asked")
        assert stage.row(number).order_step == "check_answer"


def test_a_phone_number_alone_is_the_phone_number_of_the_parcel_s_country(stage: Stage) -> None:
    number = question(stage, line("MUG-BLU", 2), phone="", line1="Domstr. 4", city="Köln", postcode="50667", country="DE")  # fmt: skip
    answer(stage, number, "0151 23456789")
    assert state(stage, number)["phone"] == "+4915123456789"


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("the one for twelve please", "POT-12"),
        ("the second one", "POT-12"),
        ("ja, die zweite", "POT-12"),
        ("le premier, merci", "POT-06"),
        ("la segunda, gracias", "POT-12"),
        ("number 1", "POT-06"),
        ("the £42 one", "POT-06"),
        ("the cheaper one please", "POT-06"),
        ("die teurere bitte", "POT-12"),
        ("Teapot for twelve", "POT-12"),
        ("2", None),
        ("12", None),
        ("the third one", None),
        ("not the second one", None),
        ("the first or the second", None),
        ("the glass one", None),
        ("the first one? Or what would you take?", None),
    ],
)
def test_a_choice_is_told_by_words_place_or_price(stage: Stage, text: str, sku: str | None) -> None:
    number = question(stage, choice("a teapot", 1, *POTS))
    answer(stage, number, text)
    after = state(stage, number)
    assert after["lines"] == [(sku, 1)]
    assert after["changes"] == []


def test_colours_tell_in_every_language_and_a_number_goes_to_its_own_line(stage: Stage) -> None:
    number = question(stage, choice("a mug", 1, "MUG-BLU", "MUG-RED"), choice("teapots", None, *POTS))
    answer(stage, number, "la azul. And 2 of the teapots")
    assert state(stage, number)["lines"] == [("MUG-BLU", 1), (None, 2)]
    answer(stage, number, "die für zwölf")
    assert state(stage, number)["lines"] == [("MUG-BLU", 1), ("POT-12", 2)]
    assert state(stage, number)["changes"] == []


@pytest.mark.parametrize("text", ["1. 3 2. the second 3. LS1 4AB", "1) 3\n2) the second\n3) LS1 4AB", "LS1 4AB\n\nthe second one\n\nthree of the blue mugs"])  # fmt: skip
def test_several_answers_each_fill_what_they_answer(stage: Stage, text: str) -> None:
    number = question(stage, choice("a teapot", 1, *POTS), line("MUG-BLU", None), postcode=None)
    answer(stage, number, text)
    after = state(stage, number)
    assert after["lines"] == [("MUG-BLU", 3), ("POT-12", 1)]
    assert (after["postcode"], after["changes"]) == ("LS1 4AB", [])


def test_answers_below_our_quoted_questions_belong_to_them(stage: Stage) -> None:
    number = question(stage, line("MUG-BLU", None), line("MUG-RED", None))
    answer(
        stage, number,
        "> Before we can send you the quote, we still need to know:\n>\n> 1. How many of Blue mug would\n> you like?\n\n3\n\n"
        "> 2. How many of Red mug would you like?\n\n5 please\n\n> Kind regards\n",
    )  # fmt: skip
    assert state(stage, number)["lines"] == [("MUG-BLU", 3), ("MUG-RED", 5)]


def test_one_number_for_two_questions_is_left_to_a_person(stage: Stage) -> None:
    number = question(stage, line("MUG-BLU", None), line("MUG-RED", None))
    answer(stage, number, "3 please")
    assert state(stage, number)["lines"] == [("MUG-BLU", None), ("MUG-RED", None)]


@pytest.mark.parametrize(
    "text", ["I don't want the teapot then.", "none of these, thanks", "Dann lassen Sie die teapot weg"]
)
def test_what_is_not_wanted_any_more_waits_for_a_person(stage: Stage, text: str) -> None:
    number = question(stage, line("MUG-BLU", 2), choice("a teapot", 1, *POTS))
    answer(stage, number, text)
    after = state(stage, number)
    assert after["lines"] == [("MUG-BLU", 2), (None, 1)]
    assert [(c["what"], c["text"]) for changes in after["changes"] for c in changes] == [
        ("remove", "a teapot")
    ]
    with stage.on(number) as (order, _, by):
        changing.accept(loading.open_changes([order.id])[order.id][0], by=by)
    assert [row.removed_at is not None for row in stage.lines(number)] == [False, True]


def test_an_answer_by_somebody_who_sends_a_present_leaves_the_name_on_the_parcel(stage: Stage) -> None:
    number = question(stage, line("MUG-BLU", 2), name="Ada King", postcode=None)
    answer(stage, number, "NE30 1AB")
    after = state(stage, number)
    assert (after["name"], after["postcode"], after["changes"]) == ("Ada King", "NE30 1AB", [])
