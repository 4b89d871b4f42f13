"""The order beside its mail, as pages: what one sees of it, what one can do, and what bad input and a faster colleague get."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import ProductAlias
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk import order_address
from checkout_desk.extensions import db
from checkout_desk.orders import changing
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.reading.model import ShipTo
from tests.builders import Shop
from tests.orders.stage import COMPLETE, Stage, choice, line, product, quay, reading, unknown, value
from tests.page import HTMX, Browser, Page

OPEN = reading(
    line("MUG-BLU", 2),
    choice("a teapot", 1, "POT-06", "POT-12"),
    unknown("a purple kettle"),
    ship_to=ShipTo(
        line1=value("5 Quay Lane", (23, 31)),
        city=value("Tynemouth", (33, 38)),
        country=value("GB", inferred=True),
    ),
)


@pytest.fixture
def stage(shop: Shop) -> Stage:
    """A shop with a small catalogue, blue mugs on its shelf."""
    made = Stage(shop)
    with shop.writing():
        stock.receive(product("MUG-BLU").id, 9, about="test")
    return made


@pytest.fixture
def mia(as_role: Callable[[str], Browser]) -> Browser:
    """The browser of somebody of order processing."""
    return as_role("processing")


def opened(stage: Stage, browser: Browser, number: int) -> Page:
    """The conversation with this order beside it."""
    return browser.open(f"/orders/{number}")


def line_of(stage: Stage, number: int, text: str) -> OrderLine:
    """The line that was read in these words."""
    return next(one for one in stage.lines(number) if one.text == text)


def token(page: Page) -> str:
    """The form token of this browser's session."""
    return next(dict(form.fields)["csrf_token"] for form in page.forms if "csrf_token" in dict(form.fields))


def posted(page: Page, url: str, act: str) -> dict[str, str]:
    """The hidden fields of the form of a line as the page holds them."""
    form = next(f for f in page.forms if f.action.endswith(url) and dict(f.fields).get("act") == act)
    return dict(form.fields)


def test_a_total_of_which_nothing_is_known_is_not_nought(stage: Stage, mia: Browser) -> None:
    number = stage.order(reading(choice("a teapot", 1, "POT-06", "POT-12"), ship_to=quay()))
    page = opened(stage, mia, number)
    assert "Total, 1 line open" in page and "£0.00" not in page


def test_the_panel_says_what_was_read_and_what_is_missing(stage: Stage, mia: Browser) -> None:
    number = stage.order(OPEN)
    page = opened(stage, mia, number)
    assert page.path == f"/conversations/{stage.row(number).id}"
    for words in (
        "Blue mug", "MUG-BLU", "9 free of 9", "£16.00 each", "£32.00", "Teapot for, which?", "2 products fit",
        "a purple kettle", "not in the catalogue", "5 Quay Lane", "postcode missing", "phone missing",
        "inferred from “Tynemouth”", "Total, 2 lines open", "Draft, 4 gaps", "step A2 of A17",
    ):  # fmt: skip
        assert words in page.text, words
    assert {"Six · £42", "Twelve · £64", "Accept the line", "Not an order line"} <= set(page.buttons())


def test_words_of_the_mail_carry_the_numbers_of_their_lines(stage: Stage, mia: Browser) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), line("MUG-RED", 1, "two blue mugs, a teapot", 0.5)))
    page = opened(stage, mia, number)
    first, second = stage.lines(number)
    assert f'href="#ln{first.id}" data-k="1" title="2 × Blue mug">Good morning,<sup>1</sup>' in page.html
    assert f'class="span span--check k2" href="#ln{second.id}"' in page.html
    assert "please check" in page
    page.press("Remove line", f"/lines/{second.id}")
    # What is kept of a message is kept under its highlights. With a blank and a quotation mark: tokens have no such.
    assert ' k2"' not in opened(stage, mia, number).html


def test_the_way_from_draft_to_verified_without_script(stage: Stage, mia: Browser) -> None:
    stage.shop.set_store(ask_phone=True)
    number = stage.order(OPEN)
    page = opened(stage, mia, number).press("Accept the line", f"/orders/{number}/accept")
    assert "One line accepted" in page
    page = page.press("Save", f"/lines/{line_of(stage, number, 'two blue mugs').id}", quantity="5")
    for words in ("Quantity is 5", "quantity typed by", "£80.00"):
        assert words in page
    teapot = line_of(stage, number, "a teapot")
    page = page.press("Twelve · £64", f"/lines/{teapot.id}")
    assert "Teapot for twelve chosen" in page
    page = page.press("Not an order line", f"/lines/{line_of(stage, number, 'a purple kettle').id}")
    assert "a purple kettle" not in page.text.split("Lines")[1]
    page = page.follow("Edit")
    page = page.press(
        "Save", "/details", ship_name="Jane Fox", ship_postcode="ne301aa", phone="0191 498 0123"
    )
    assert "Details saved" in page
    assert "NE30 1AA" in page
    assert "+44 191 498 0123" in page
    assert "typed by" in page
    page = page.press("Verify order", f"/orders/{number}/verify")
    assert stage.seen(number).state == "verified"
    assert "Order " + str(number) + " verified" in page
    page.press("Undo")
    assert stage.seen(number).state == "draft"
    stage.shop.sound()


def test_htmx_gets_the_panel_the_head_and_the_words_of_the_mail(stage: Stage, mia: Browser) -> None:
    number = stage.order(OPEN)
    page = opened(stage, mia, number)
    mug = line_of(stage, number, "two blue mugs")
    data = posted(page, f"/lines/{mug.id}", "quantity") | {"quantity": "3"}
    answer = mia.client.post(f"/orders/{number}/lines/{mug.id}", data=data, headers=HTMX)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert html.index('id="side"') < html.index('id="case"') < html.index('hx-target="#toasts"')
    assert 'id="case" data-of="' in html
    assert 'hx-swap-oob="outerMorph"' in html
    assert f'<hx-partial hx-target="#m{mug.message_id}" hx-swap="outerMorph">' in html
    assert "£48.00" in html
    assert "<html" not in html


@pytest.mark.parametrize("typed", ["many", "0", "-2", "1.5", "", "99999999999"])
def test_what_is_no_quantity_stays_and_says_why(stage: Stage, mia: Browser, typed: str) -> None:
    number = stage.order()
    (mug,) = stage.lines(number)
    page = opened(stage, mia, number).press("Save", f"/lines/{mug.id}", quantity=typed)
    assert page.status == 422
    assert f"“{typed}” is not a quantity; type a whole number from 1 to 999,999." in page
    assert page.form(f"/lines/{mug.id}").value("quantity") == typed
    assert stage.lines(number)[0].quantity == 2


def test_an_address_is_checked_in_the_words_of_its_country(stage: Stage, mia: Browser) -> None:
    number = stage.order(OPEN)
    page = opened(stage, mia, number).follow("postcode missing")
    page = page.press("Save", "/details", ship_postcode="12345", ship_city="North Shields")
    assert page.status == 422
    assert "“12345” is not a" in page
    assert page.form("/details").value("ship_city") == "North Shields"
    assert stage.seen(number).ship_city == "Tynemouth"
    page = page.press("Show the fields of this country", "/details", ship_country="US")
    assert "ZIP code" in page
    assert "State" in page
    assert page.form("/details").value("ship_city") == "North Shields"  # typed and not lost by the other form
    page = page.press("Save", "/details", ship_region="Narnia")
    assert page.status == 422
    assert "“Narnia”" in page


@pytest.mark.parametrize("country", ["JP", "AE", "SG", "MO", "GB", "XX"])
def test_no_country_hides_the_town(country: str) -> None:
    fields = [field for row in order_address.rows(country) for field in row]
    assert fields.count("city") == 1
    assert fields.index("name") < fields.index("city") < fields.index("country")


def test_who_was_slower_sees_what_changed_and_may_apply_theirs(
    stage: Stage, mia: Browser, as_role: Callable[[str], Browser]
) -> None:
    number = stage.order()
    (mug,) = stage.lines(number)
    jonas = as_role("support")
    stale = opened(stage, jonas, number)
    opened(stage, mia, number).press("Save", f"/lines/{mug.id}", quantity="7")
    page = stale.press("Save", f"/lines/{mug.id}", quantity="4")
    assert page.status == 409
    assert "Someone was faster" in page
    assert "from 2 to 7" in page
    assert "You wanted: the quantity 4" in page
    assert stage.lines(number)[0].quantity == 7
    page.press("Apply mine all the same", f"/lines/{mug.id}")
    assert stage.lines(number)[0].quantity == 4


def test_applying_ones_own_leaves_what_others_typed_elsewhere(
    stage: Stage, mia: Browser, as_role: Callable[[str], Browser]
) -> None:
    number = stage.order()
    stale = opened(stage, mia, number).follow("Edit")
    opened(stage, as_role("support"), number).follow("Edit").press(
        "Save", "/details", ship_city="Whitley Bay"
    )
    page = stale.press("Save", "/details", ship_line2="Flat 3")
    assert page.status == 409
    assert "You wanted: Flat 3" in page
    page = page.press("Apply mine all the same", "/details")
    assert "Details saved" in page
    order = stage.seen(number)
    assert (order.ship_line2, order.ship_city, order.ship_line1) == ("Flat 3", "Whitley Bay", "5 Quay Lane")


def test_two_quick_strokes_of_one_person_are_nobody_being_faster(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    (mug,) = stage.lines(number)
    stale = opened(stage, mia, number)
    stale.press("Save", f"/lines/{mug.id}", quantity="3")
    assert stale.press("Save", f"/lines/{mug.id}", quantity="4").status == 200
    assert stage.lines(number)[0].quantity == 4
    data = posted(stale, f"/lines/{mug.id}", "quantity") | {"version": "0"}
    assert mia.post(f"/orders/{number}/lines/{mug.id}", data).status == 409


def test_confirming_teaches_the_words_and_undo_takes_that_back(stage: Stage, mia: Browser) -> None:
    number = stage.order(OPEN)
    kettle = line_of(stage, number, "a purple kettle")
    page = opened(stage, mia, number).follow("Add alias")
    assert page.form(f"/lines/{kettle.id}").value("teach") == "1"  # ticked: that is what Add alias is for
    page = page.press("Find", "/find", q="red mug")
    red = next(label for form in page.forms for label, *_ in form.buttons if "MUG-RED" in label)
    page = page.press(red, f"/lines/{kettle.id}")
    assert "From now on “purple kettle” means Red mug" in page
    (alias,) = stage.shop.all(ProductAlias)
    assert (alias.text, alias.taught_how, alias.undone_at) == ("purple kettle", f"order {number}", None)
    page.press("Undo")
    assert stage.shop.all(ProductAlias)[0].undone_at is not None
    assert line_of(stage, number, "a purple kettle").product_id is None


def test_a_line_of_ones_own_and_a_product_that_is_there_already(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    page = opened(stage, mia, number).follow("Add line").press("Find", "/find", q="pot-12")
    assert "Teapot for twelve" in page
    assert "Red mug" not in page
    label = next(label for form in page.forms for label, *_ in form.buttons if "POT-12" in label)
    assert "3 × Teapot for twelve added" in page.press(label, "/lines", quantity="3")
    again = page.press(label, "/lines")
    assert again.status == 409
    assert "POT-12 is on order" in again
    assert "No product fits “xyzzy”" in page.press("Find", "/find", q="xyzzy")


def test_a_cancelled_order_says_why_and_can_be_undone(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    page = opened(stage, mia, number).follow("Cancel the order")
    assert "It can be undone" in page
    assert page.press("Cancel the order", "/cancel", reason=" ").status == 422
    page = page.press("Cancel the order", "/cancel", reason="Ordered twice")
    assert stage.seen(number).state == "cancelled"
    page = opened(stage, mia, number)
    assert "Cancelled: Ordered twice" in page
    assert "Accept all" not in page.html
    mia.open("/queue/open").press("Undo what I did last")
    assert stage.seen(number).state == "draft"


def test_orders_by_hand_from_a_conversation_and_from_a_message(stage: Stage, mia: Browser) -> None:
    taken = stage.shop.take(text="Good morning, thank you.")
    page = mia.open(f"/conversations/{taken.conversation}")
    page = page.press("Make an order by hand", "/orders")
    assert "made." in page
    assert "Nothing that can be ordered was found" in page
    page = page.press("Make an order of it", f"/messages/{taken.message}/order")
    first, second = (o.number for o in stage.shop.all(Order))
    assert f"Order {first}" in page
    assert f"Order {second}" in page
    assert f'data-order="{second}"' in page.html
    page = page.follow_address(f"/conversations/{taken.conversation}?order={first}")
    assert f'data-order="{first}"' in page.html
    assert stage.shop.all(Order)[1].born_of_id == taken.message


def test_what_is_live_stays_with_the_order_that_one_looks_at(stage: Stage, mia: Browser) -> None:
    first = stage.order()
    c = stage.row(first).id
    mia.open(f"/conversations/{c}").press("Another order here", "/orders")
    second = stage.row(first).order_number
    assert second != first
    page = f"http://localhost/conversations/{c}"
    live = mia.fragment(f"/conversations/{c}/live", HX_Current_URL=f"{page}?order={first}")
    assert f'data-order="{first}"' in live.html
    assert "two blue mugs" in live.html
    for query in ("", "?order=", "?order=x", "?order=999999"):
        live = mia.fragment(f"/conversations/{c}/live", HX_Current_URL=page + query)
        assert f'data-order="{second}"' in live.html


def test_the_record_of_an_order_names_who_did_what(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    (mug,) = stage.lines(number)
    page = opened(stage, mia, number).press("Save", f"/lines/{mug.id}", quantity="5").follow("What happened")
    assert "changed MUG-BLU from 2 to 5" in page
    assert "made the order" in page


def test_what_a_later_mail_wants_is_accepted_item_by_item(stage: Stage, mia: Browser) -> None:
    number = stage.order(
        reading(line("MUG-BLU", 2), line("MUG-RED", 1, "a red one"), ship_to=quay(), phone="+441912345678")
    )
    blue, red = stage.lines(number)
    later = stage.shop.take(text="make it 6 blue mugs, leave out the red one")
    with stage.on(number) as (order, _, _by):
        changing.propose(order, later.message, [
            {"what": "quantity", "line": blue.id, "from": 2, "to": 6, "text": "6 blue mugs", "span": [8, 19], "source": "body"},
            {"what": "remove", "line": red.id, "from": 1, "text": "leave out the red one", "span": [21, 42], "source": "body"},
        ])  # fmt: skip
    page = opened(stage, mia, number)
    for words in ("2 ×", "6 ×", "left out"):
        assert words in page
    page = page.press("Accept what is ticked", "", items="0")
    assert "Change accepted" in page
    assert [(one.quantity, one.removed_at) for one in stage.lines(number)] == [(6, None), (1, None)]
    page.press("Undo")
    assert stage.lines(number)[0].quantity == 2
    page = opened(stage, mia, number).press("Decline")
    assert "the order stays as it is" in page


def test_a_change_lights_up_in_the_mail_that_asks_for_it(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    (mug,) = stage.lines(number)
    with stage.on(number) as (order, _, _by):
        item = {
            "what": "quantity",
            "line": mug.id,
            "from": 2,
            "to": 3,
            "text": "kind words",
            "span": [27, 37],
            "source": "body",
        }
        change_id = changing.propose(order, order.born_of_id, [item]).id
    page = opened(stage, mia, number)
    assert f'href="#ch{change_id}-0"' in page.html
    assert f'id="ch{change_id}-0"' in page.html


def test_who_ships_reads_and_changes_nothing(stage: Stage, as_role: Callable[[str], Browser]) -> None:
    number = stage.order(OPEN)
    tom = as_role("logistics")
    page = opened(stage, tom, number)
    assert "Blue mug" in page
    assert "postcode missing" in page
    for label in (
        "Add line",
        "Edit",
        "Save",
        "Accept the line",
        "Not an order line",
        "Remove line",
        "Cancel the order",
    ):
        assert label not in page.buttons()
        assert label not in [words for words, _ in page.links]
    mug = line_of(stage, number, "two blue mugs")
    data = {"act": "accept", "csrf_token": token(page)}
    assert tom.post(f"/orders/{number}/lines/{mug.id}", data).status == 403
    for form in ("find", "details", "cancel"):
        assert tom.get(f"/orders/{number}/{form}").status_code == 403


def test_an_order_without_a_conversation_is_a_page_of_its_own(stage: Stage, mia: Browser) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, _by):
        order.conversation_id = None
    page = mia.open(f"/orders/{number}")
    assert page.status == 200
    assert "It belongs to no conversation." in page
    assert "Blue mug" in page
    page = page.press("Save", "", quantity="3")
    assert "£48.00" in page


def test_what_does_not_exist_is_not_found(stage: Stage, mia: Browser) -> None:
    number, other = stage.order(), stage.order(COMPLETE, sender="Eve <eve@elsewhere.example>")
    (mug,) = stage.lines(other)
    data = {"act": "quantity", "quantity": "3", "version": str(stage.seen(number).version)}
    data["csrf_token"] = token(opened(stage, mia, number))
    assert mia.get("/orders/999999").status_code == 404
    assert mia.post(f"/orders/{number}/lines/{mug.id}", data).status == 404  # a line of another order
    assert mia.post(f"/orders/{number}/lines/{mug.id}", data | {"act": "burn"}).status == 404
    assert mia.get(f"/orders/{number}/find?line={mug.id}").status_code == 404
    assert stage.lines(other)[0].quantity == 2


def test_a_conversation_without_an_order_offers_one(stage: Stage, agent: Browser) -> None:
    taken = stage.shop.take(text="Do you ship to Ireland?")
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "Make an order by hand" in page.buttons()
    assert "steps__o" not in page.html
    with stage.shop.reading():
        assert db.session.get_one(Conversation, taken.conversation).order_number is None
