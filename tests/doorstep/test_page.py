"""The customer page: exactly the gaps, in the customer's language, without script."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep.words import _WORDS, Words
from checkout_desk.extensions import db
from checkout_desk.orders.models import OrderLine
from tests.builders import CARD
from tests.databases import rows_on_sqlite
from tests.doorstep.conftest import Door
from tests.orders.stage import line, quay, reading, unknown
from tests.page import Page


def names(page: Page) -> set[str]:
    """What the form of the page asks for."""
    form = page.form("/order")
    return {name.partition(":")[0] for name, _ in (*form.fields, *form.boxes)} - {"form_token"}


def field(page: Page, what: str) -> str:
    """The full name of the field that asks for `what` on a line."""
    form = page.form("/order")
    return next(name for name, _ in (*form.fields, *form.boxes) if name.startswith(what + ":"))


def test_the_link_leads_to_a_clean_address_with_exactly_the_gaps(door: Door) -> None:
    number = door.asked()
    page = door.open(number)
    assert (page.status, page.path) == (200, "/order")
    assert names(page) == {"product", "ship_postcode"}
    assert "2 small things, Jane" in page
    assert "Fern and Kiln" in page
    assert "Which one did you mean by “the teapot”?" in page
    assert "Teapot for six £42.00" in page
    assert "Blue mug £16.00 each £32.00" in page
    assert "What is the postcode of 5 Quay Lane, Tynemouth?" in page
    assert page.buttons() == ["Send"]


def test_an_answer_fills_and_the_conversation_comes_back(door: Door) -> None:
    number = door.asked()
    door.shop.answered(door.stage.row(number).id)
    page = door.open(number)
    pot = next(value for name, value in page.form("/order").boxes if name.startswith("product:"))
    thanks = page.press("Send", ship_postcode="ne30 1ab", **{field(page, "product"): pot})
    assert thanks.path == "/order/thanks"
    assert "We have everything we need" in thanks
    assert "NE30 1AB" in thanks
    order = door.stage.seen(number)
    assert (order.ship_postcode, order.gap_count, order.remind_at) == ("NE30 1AB", 0, None)
    assert order.sources["ship_postcode"]["by"] == "customer"
    teapot = door.stage.lines(number)[1]
    assert teapot.product_id == int(pot)
    assert teapot.typed["product"]["by"] == "customer"
    c = door.stage.row(number)
    assert (c.state, c.unread, c.queue_view, c.promise_due_at is not None) == ("open", True, "details", False)
    assert "filled" in door.stage.told(number)
    assert door.shop.kinds(c.id)[-1] == "conversation.filled"
    door.shop.sound()


def test_what_is_missing_may_come_in_two_goes(door: Door) -> None:
    number = door.asked()
    page = door.open(number)
    thanks = page.press("Send", ship_postcode="NE30 1AB")
    assert "Something is still missing" in thanks
    again = thanks.follow("Fill in the rest")
    assert names(again) == {"product"}
    assert "One small thing, Jane" in again


def test_an_error_stands_at_its_field_and_nothing_is_kept(door: Door) -> None:
    number = door.asked()
    page = door.open(number)
    what = field(page, "product")
    pot = page.form("/order").boxes[0][1]
    again = page.press("Send", ship_postcode="LS1 4D", **{what: pot})
    assert again.status == 422
    assert "“LS1 4D” is not a postcode in United Kingdom. One looks like" in again
    assert 'aria-describedby="ship_postcode-h ship_postcode-e" aria-invalid="true"' in again.html
    assert again.form("/order").value("ship_postcode") == "LS1 4D"
    assert again.form("/order").value(what) == pot
    assert door.stage.seen(number).gap_count == 2


def test_nothing_at_all_is_not_an_answer(door: Door) -> None:
    page = door.open(door.asked())
    again = page.press("Send")
    assert again.status == 422
    assert "fill in at least one" in again


def test_a_second_click_harms_nothing(door: Door) -> None:
    number = door.asked()
    page = door.open(number)
    first = page.press("Send", ship_postcode="NE30 1AB")
    told = door.stage.told(number)
    second = page.press("Send", ship_postcode="NE30 1ZZ")
    assert (first.path, second.path) == ("/order/thanks", "/order/thanks")
    assert door.stage.seen(number).ship_postcode == "NE30 1AB"
    assert door.stage.told(number) == told


def test_what_the_customer_did_not_mean_leaves_the_order(door: Door) -> None:
    number = door.asked()
    page = door.open(number)
    assert page.press("Send", **{field(page, "product"): "none"}).path == "/order/thanks"
    teapot = door.stage.lines(number)[1]
    assert teapot.removed_at is not None
    assert teapot.removed_why == "not wanted, said on the order page"
    assert door.stage.seen(number).gap_count == 1


def test_words_of_their_own_go_to_a_person_with_cards_masked(door: Door) -> None:
    number = door.asked(reading(unknown("a purple kettle"), ship_to=quay(), phone="+441912345678"))
    page = door.open(number)
    assert "What did you mean by “a purple kettle”?" in page
    said = {field(page, "words"): f"The big <b>violet</b> teapot, my card is {CARD}"}
    thanks = page.press("Send", **said)
    assert "somebody will read them" in thanks
    page.press("Send", **said)
    c = door.stage.row(number)
    written = [m for m in door.shop.messages(c.id) if m.kind == "page"]
    assert len(written) == 1
    assert "violet" in written[0].text
    assert CARD not in written[0].text
    assert written[0].reason == f"Written on the page of order {number}"
    assert c.last_inbound_id == written[0].id
    assert door.stage.seen(number).gap_count == 1


def test_a_whole_address_is_asked_with_the_labels_of_its_country(door: Door) -> None:
    number = door.asked(reading(line("MUG-BLU", 2)), language="de", ship_name="")
    page = door.open(number)
    assert names(page) == {
        "ship_name", "ship_line1", "ship_line2", "ship_city", "ship_postcode", "ship_country", "phone",
    }  # fmt: skip
    assert "Straße und Hausnummer" in page
    assert page.form("/order").value("ship_country") == "GB"
    done = page.press(
        "Absenden", ship_name="Ann Lee", ship_line1="Kanalstraße 4", ship_city="Köln", ship_postcode="50667",
        ship_country="DE", phone="0221 1234567",
    )  # fmt: skip
    assert "Wir haben alles" in done
    order = door.stage.seen(number)
    assert (order.ship_country, order.ship_postcode, order.phone) == ("DE", "50667", "+492211234567")


def test_a_name_that_is_known_is_not_asked_again(door: Door) -> None:
    number = door.asked(reading(line("MUG-BLU", 2), phone="+441912345678"), ship_name="Jane Fox")
    assert "ship_name" not in names(door.open(number))


def test_a_country_with_states_asks_for_the_state(door: Door) -> None:
    number = door.asked(reading(line("MUG-BLU", 2), phone="+441912345678"), ship_name="")
    page = door.open(number)
    done = page.press(
        "Send", ship_name="Ann", ship_line1="1 Main St", ship_city="Boise", ship_postcode="8370",
        ship_country="US",
    )  # fmt: skip
    assert done.status == 422
    assert {"ship_region"} <= names(done)
    assert "State" in done
    assert "ZIP code" in done
    assert "is not a postcode in United States" in done


@rows_on_sqlite(
    ("typed", "why"),
    [("0", "quantity"), ("-3", "quantity"), ("²", "ok"), ("10000", "quantity"), ("1_0", "quantity"), ("9" * 400, "long"), ("three", "quantity")],
)  # fmt: skip
def test_a_quantity_is_a_small_whole_number(door: Door, typed: str, why: str) -> None:
    number = door.asked(reading(line("MUG-BLU", None), ship_to=quay(), phone="+441912345678"))
    page = door.open(number)
    assert "How many of Blue mug would you like?" in page
    answer = page.press("Send", **{field(page, "quantity"): typed})
    kept = door.stage.lines(number)[0].quantity
    if why == "ok":
        assert kept == 2  # a full-width or raised digit is a digit to people
    else:
        assert (answer.status, kept) == (422, None)


def test_an_order_that_is_complete_asks_nothing(door: Door) -> None:
    number = door.asked()
    browser = door.browser()
    page = browser.open(f"/o/{door.token(number)}")
    page.press("Send", ship_postcode="NE30 1AB", **{field(page, "product"): "none"})
    shown = browser.open("/order")
    assert "Nothing is missing" in shown
    assert shown.forms == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("verified", "Your order is complete"),
        ("cancelled", "This order was cancelled"),
        ("expired", "This order was cancelled"),
        ("shipped", "on its way through our shop"),
    ],
)
def test_an_order_that_is_past_it_shows_its_state(door: Door, state: str, words: str) -> None:
    number = door.asked()
    page = door.open(number)
    with door.stage.on(number) as (order, _, _):
        order.state = state
    again = page.press("Send", ship_postcode="NE30 1AB")
    assert again.path == "/order"
    assert words in again
    assert again.forms == []
    assert door.stage.seen(number).ship_postcode == ""


@rows_on_sqlite("language", LANGUAGES)
def test_every_page_speaks_every_language(door: Door, language: str) -> None:
    number = door.asked(language=language)
    page = door.open(number)
    words = Words(language)
    assert f'<html lang="{language}">' in page.html
    assert words("ship_postcode") in page
    assert page.buttons() == [words("send")]
    assert words("empty") in page.press(words("send"))
    assert words("thanks_some") in page.press(words("send"), ship_postcode="NE30 1AB")


def test_all_languages_say_the_same_things() -> None:
    english = {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in _WORDS["en"].items()}
    for language, words in _WORDS.items():
        found = {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in words.items()}
        assert found.keys() == english.keys()
        wrong = {key for key in found if found[key] != english[key] and not key.endswith("_one")}
        assert wrong == set(), language


def test_products_and_customers_may_be_called_anything(door: Door) -> None:
    mark = '<script>alert("x")</script>{{7*7}}'
    number = door.asked(ship_name=mark, ship_city=mark)
    with door.shop.writing():
        for row in db.session.scalars(select(OrderLine)):
            row.text = mark
    page = door.open(number)
    assert "<script" not in page.html
    assert mark in page.text
    again = page.press("Send", ship_postcode='"><script>1')
    assert "<script" not in again.html
    assert again.status == 422
