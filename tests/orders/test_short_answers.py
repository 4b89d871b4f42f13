"""Bare answers to what we asked: taken where they stand beyond doubt, and nowhere else."""

from __future__ import annotations

import pytest

from checkout_desk.orders import asking, completeness
from tests.orders.stage import Stage, line, quay, reading

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
