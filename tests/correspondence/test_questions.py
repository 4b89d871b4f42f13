"""Gaps become sentences: exactly those, in the customer's language."""

from __future__ import annotations

import pytest

from checkout_desk.correspondence.questions import (
    Option,
    Question,
    greeting,
    missing_details,
    sentence,
    unasked,
)
from checkout_desk.correspondence.standard import LANGUAGES

POTS = (Option("Teapot, 0.6 l", "£22.00"), Option("Teapot, 1.2 l", "£29.00"))
PLAIN = ("lines", "ship_to", "ship_to.name", "ship_to.line1", "ship_to.city", "ship_to.region",
         "ship_to.postcode", "ship_to.country", "phone")  # fmt: skip


def test_one_question_stands_alone_and_names_the_place() -> None:
    asked = missing_details([Question("ship_to.postcode", line1="12 High Street", city="Leeds")], "en")
    assert asked == "What is the postcode of 12 High Street, Leeds?"


def test_several_are_one_numbered_list_with_names_and_prices() -> None:
    asked = missing_details(
        [
            Question("product", words="the teapot", options=POTS),
            Question("quantity", product="Mug, cobalt blue"),
            Question("product", words="a purple kettle"),
        ],
        "en",
    )
    assert asked.splitlines() == [
        "1. Which product did you mean by “the teapot”? We have:",
        "   - Teapot, 0.6 l (£22.00)",
        "   - Teapot, 1.2 l (£29.00)",
        "2. How many of Mug, cobalt blue would you like?",
        "3. What did you mean by “a purple kettle”? We could not find it among our products.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gap_has_a_sentence_of_its_own_in_every_language(language: str) -> None:
    bare = [sentence(Question(gap), language) for gap in PLAIN]
    placed = [
        sentence(Question(gap, line1="Canal Wharf 4", city="Leeds"), language)
        for gap in PLAIN
        if gap.startswith("ship_to.") and gap != "ship_to.name"
    ]
    products = [
        sentence(Question("product", words="teapot", options=POTS), language),
        sentence(Question("product", words="teapot"), language),
        sentence(Question("quantity", words="teapot"), language),
    ]
    everything = bare + placed + products
    assert len(set(everything)) == len(everything)
    assert all("{" not in one and "}" not in one for one in everything)
    assert all("Leeds" in one or "Canal Wharf 4" in one for one in placed)


def test_the_customers_own_words_are_cut_and_never_read() -> None:
    asked = sentence(Question("product", words="{words} [STORE_NAME]\n" + "x" * 500), "en")
    assert asked.startswith("What did you mean by “{words} [STORE_NAME] xxx")
    assert len(asked) < 200


def test_a_name_that_is_known_is_not_asked_for_with_the_address() -> None:
    whole, named = Question("ship_to"), Question("ship_to", name="Jane Fox")
    assert "name" in sentence(whole, "en")
    assert "name" not in sentence(named, "en")
    assert len({sentence(named, language) for language in LANGUAGES} | {sentence(whole, "en")}) == 9


def test_a_greeting_without_a_name() -> None:
    assert (greeting("Ann Lee", "ja"), greeting("", "ja"), greeting(" ", "en")) == (
        "Ann Lee 様",
        "お客様",
        "Hello,",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_generated_asks_everything(language: str) -> None:
    questions = [
        Question(gap, words="teapot", product="Mug", line1="High Street", city="Leeds", options=POTS)
        for gap in (*PLAIN, "product", "quantity")
    ]
    assert unasked(questions, missing_details(questions, language), language) == []
    assert unasked(questions, "Hm.", language) == questions


def test_a_person_may_ask_in_other_words() -> None:
    postcode = Question("ship_to.postcode", line1="12 High Street", city="Leeds")
    pot = Question("product", words="the teapot", options=POTS)
    text = "Could I have your post code, and would you like the Teapot, 0.6 l or the big one?"
    assert unasked([postcode, pot], text, "en") == []
    assert unasked([postcode, pot], "Could I have your post code?", "en") == [pot]
    assert unasked([postcode, pot], "Is the teapot the small one?", "en") == [postcode]


def test_a_number_of_another_product_is_not_the_one_that_is_missing() -> None:
    mug = Question("quantity", product="Mug, cobalt blue")
    assert unasked([mug], "How many bowls would you like?", "en") == [mug]
    assert unasked([mug], "And how many of the mug, cobalt blue?", "en") == []
