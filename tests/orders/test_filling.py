"""An answer fills exactly what is open; what it says beyond is a difference for a person; nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.catalogue import entries
from checkout_desk.conversations.models import Act, Message
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, changing, details, filling, lines, loading
from checkout_desk.orders.models import Order, OrderChange, OrderLine
from checkout_desk.reading.model import Reading, ShipTo
from tests.orders.stage import COMPLETE, TEXT, Stage, choice, line, product, quay, reading, unknown, value

NOTHING = reading()


def answer(stage: Stage, number: int, what: Reading, *, propose_only: bool = False) -> list[dict[str, Any]]:
    """A mail of the customer comes in the order's conversation and was read as `what`."""
    taken = stage.shop.take(text=TEXT)
    with stage.shop.writing():
        order = loading.load(number)
        assert order is not None
        rest = filling.fill(
            order, taken.message, what, entries.index(), at=clock.now(), propose_only=propose_only
        )
        if rest:
            changing.propose(order, taken.message, rest)
    return rest


def whats(rest: list[dict[str, Any]]) -> list[str]:
    return [one["what"] + (f" {one['field']}" if "field" in one else "") for one in rest]


def the_change(stage: Stage, number: int) -> OrderChange:
    (found,) = stage.shop.all(OrderChange, OrderChange.order_id == stage.seen(number).id)
    assert isinstance(found, OrderChange)
    return found


def test_an_answer_fills_the_gaps_and_says_where_from(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", None), ship_to=quay(postcode=None)))
    assert stage.seen(number).gap_count == 3
    what = reading(
        line("MUG-BLU", 4, "four"), ship_to=ShipTo(postcode=value("NE30 1AA", (3, 11))), phone="+441912345678"
    )
    assert answer(stage, number, what) == []
    order = stage.seen(number)
    later = stage.shop.all(Message)[-1].id
    assert order.born_of_id != later
    assert (order.ship_postcode, order.phone, order.gap_count) == ("NE30 1AA", "+441912345678", 0)
    source = order.sources["ship_postcode"]
    assert (source["by"], source["span"], source["message"]) == ("reading", [3, 11], later)
    (blue,) = stage.lines(number)
    assert (blue.quantity, blue.typed["quantity"]["message"], blue.accepted_at) == (
        4,
        later,
        None,
    )
    assert order.sources["ship_city"]["message"] == order.born_of_id
    assert stage.told(number) == ["drafted", "filled"]
    assert stage.row(number).order_step == "check_order"
    stage.shop.sound()


def test_an_answer_that_agrees_changes_nothing(stage: Stage) -> None:
    number = stage.order()
    before = stage.seen(number).version
    again = reading(line("MUG-BLU", 2), ship_to=quay(line1="5, Quay lane"), phone="+441912345678")
    assert answer(stage, number, again) == []
    assert answer(stage, number, NOTHING) == []
    assert stage.seen(number).version == before
    assert stage.told(number) == ["drafted"]


def test_a_choice_is_settled_when_one_of_its_products_is_named(stage: Stage) -> None:
    number = stage.order(
        reading(choice("a teapot", None, "POT-06", "POT-12"), ship_to=quay(), phone="+441912345678")
    )
    assert answer(stage, number, reading(line("POT-12", 1, "the big one"), role="update")) == []
    (pot,) = stage.lines(number)
    with stage.shop.reading():
        assert pot.product_id == product("POT-12").id
    assert (pot.standing, pot.quantity, pot.unit_price_minor, pot.accepted_at) == ("said", 1, 6400, None)
    assert pot.text == "a teapot"
    assert stage.seen(number).gap_count == 0


def test_two_answers_to_one_question_are_for_a_person(stage: Stage) -> None:
    number = stage.order(reading(choice("a teapot", 1, "POT-06", "POT-12")))
    rest = answer(stage, number, reading(line("POT-12", 1, "twelve"), line("POT-06", 1, "six")))
    assert whats(rest) == ["product", "add"]
    assert stage.lines(number)[0].product_id is None


def test_an_answer_to_unknown_words_is_for_a_person(stage: Stage) -> None:
    number = stage.order(reading(unknown("a purple kettle", 3), ship_to=quay(), phone="+441912345678"))
    rest = answer(stage, number, reading(line("POT-06", 2, "the teapot for six")))
    assert whats(rest) == ["product"]
    with stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    (only,) = stage.lines(number)
    assert (only.quantity, only.unit_price_minor, only.accepted_at is not None) == (2, 4200, True)


def test_the_same_vague_words_again_only_bring_their_number(stage: Stage) -> None:
    number = stage.order(reading(choice("a teapot", None, "POT-06", "POT-12"), unknown("a kettle", None)))
    rest = answer(
        stage, number, reading(choice("two teapots", 2, "POT-06", "POT-12"), unknown("A  kettle", 5))
    )
    assert rest == []
    assert [one.quantity for one in stage.lines(number)] == [2, 5]


def test_what_goes_beyond_the_gaps_is_a_difference(stage: Stage) -> None:
    number = stage.order(
        reading(line("MUG-BLU", 2), line("POT-06", 1), ship_to=quay(), phone="+441912345678")
    )
    rest = answer(
        stage,
        number,
        reading(
            line("MUG-BLU", 3, "make it 3"),
            line("POT-06", 0, "leave out the teapot"),
            line("MUG-RED", 1, "and a red one"),
            phone="+441914980123",
            role="update",
        ),
    )
    assert whats(rest) == ["quantity", "remove", "add", "detail phone"]
    assert [one.quantity for one in stage.lines(number)] == [2, 1]
    assert stage.row(number).order_step == "check_answer"
    with stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    assert [(one.quantity, one.removed_at is None) for one in stage.lines(number)] == [
        (3, True),
        (1, False),
        (1, True),
    ]
    order = stage.seen(number)
    assert (order.phone, order.total_minor, order.gap_count) == ("+441914980123", 3 * 1600 + 1650, 0)
    assert the_change(stage, number).state == "accepted"
    stage.undo()
    assert [(one.quantity, one.removed_at is None) for one in stage.lines(number)] == [(2, True), (1, True)]
    assert (stage.seen(number).phone, stage.seen(number).total_minor) == ("+441912345678", 2 * 1600 + 4200)
    assert the_change(stage, number).state == "open"
    assert stage.row(number).order_step == "check_answer"
    stage.shop.sound()


def test_a_declined_change_keeps_the_order_and_can_be_undone(stage: Stage) -> None:
    number = stage.order()
    answer(stage, number, reading(line("MUG-BLU", 9, "nine")))
    with stage.on(number) as (_, _, by):
        changing.decline(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    assert (the_change(stage, number).state, stage.lines(number)[0].quantity) == ("declined", 2)
    assert stage.row(number).order_step == "check_order"
    with pytest.raises(Refused, match="declined already"), stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    stage.undo()
    assert the_change(stage, number).state == "open"
    assert stage.told(number) == ["drafted", "change_proposed", "change_declined", "undone"]


def test_an_open_change_holds_back_verifying(stage: Stage) -> None:
    number = stage.order()
    answer(stage, number, reading(line("MUG-BLU", 9, "nine")))
    with stage.on(number) as (order, _, by):
        lines.accept_all(order, by=by)
    with pytest.raises(Refused, match="accept or decline that first"), stage.on(number) as (order, _, by):
        acting.verify(order, by=by)


def test_another_address_is_never_mixed_with_the_old_one(stage: Stage) -> None:
    number = stage.order(
        reading(line("MUG-BLU", 2), ship_to=quay(postcode=None, line2="Flat 2"), phone="+441912345678")
    )
    rest = answer(
        stage,
        number,
        reading(ship_to=quay(line1="9 High St", city="London", postcode="E1 6AN"), role="update"),
    )
    assert whats(rest) == [
        "detail ship_line1",
        "detail ship_city",
        "detail ship_postcode",
        "detail ship_line2",
    ]
    order = stage.seen(number)
    assert (order.ship_line1, order.ship_postcode) == ("5 Quay Lane", "")
    with stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    order = stage.seen(number)
    assert (order.ship_line1, order.ship_line2, order.ship_city, order.ship_postcode) == (
        "9 High St",
        "",
        "London",
        "E1 6AN",
    )
    assert order.sources["ship_line1"]["by"] == "reading"


def test_an_inferred_country_or_name_is_no_change(stage: Stage) -> None:
    number = stage.order()
    what = reading(
        ship_to=ShipTo(country=value("DE", inferred=True), name=value("J. F.", inferred=True)), role="update"
    )
    assert answer(stage, number, what) == []


def test_after_verifying_nothing_is_applied_without_a_person(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(), phone="+441912345678"))
    with stage.on(number) as (order, _, by):
        lines.accept_all(order, by=by)
        acting.verify(order, by=by)
    rest = answer(stage, number, reading(line("MUG-RED", 1), ship_to=quay(line2="Flat 9")))
    assert whats(rest) == ["add", "detail ship_line2"]
    assert (stage.seen(number).state, stage.seen(number).ship_line2) == ("verified", "")
    assert stage.row(number).order_step == "check_answer"
    with stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    order = stage.seen(number)
    assert (order.state, order.ship_line2, order.total_minor) == ("draft", "Flat 9", 3200 + 1650)
    stage.undo()
    order = stage.seen(number)
    assert (order.state, order.ship_line2, order.total_minor) == ("verified", "", 3200)
    assert order.verified_at is not None
    stage.shop.sound()


def test_not_even_an_empty_field_of_a_verified_order_is_filled(stage: Stage) -> None:
    stage.shop.set_store(ask_phone=False)
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay()))
    with stage.on(number) as (order, _, by):
        lines.accept_all(order, by=by)
        acting.verify(order, by=by)
    assert whats(answer(stage, number, reading(phone="+441912345678"))) == ["detail phone"]
    assert (stage.seen(number).phone, stage.seen(number).state) == ("", "verified")


def test_propose_only_fills_nothing(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", None), ship_to=quay()))
    rest = answer(stage, number, reading(line("MUG-BLU", 4), phone="+441912345678"), propose_only=True)
    assert whats(rest) == ["quantity", "detail phone"]
    assert (stage.lines(number)[0].quantity, stage.seen(number).phone) == (None, "")


def test_a_change_that_does_not_fit_any_more_is_refused_whole(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), line("POT-06", 1)))
    answer(stage, number, reading(line("POT-06", 2), line("MUG-BLU", 5), role="update"))
    with stage.on(number) as (_, found, by):
        lines.remove(found[0], by=by, why="")
    with pytest.raises(Refused, match="no longer on order"), stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    assert stage.lines(number)[1].quantity == 1
    assert the_change(stage, number).state == "open"


def test_a_mail_proposes_once(stage: Stage) -> None:
    number = stage.order()
    taken = stage.shop.take(text=TEXT)
    for _ in range(2):
        with stage.shop.writing():
            order = loading.load(number)
            assert order is not None
            changing.propose(order, taken.message, [{"what": "remove", "line": 1, "from": 2}])
    assert the_change(stage, number).state == "open"
    with stage.on(number) as (order, _, _by), pytest.raises(ValueError, match="nothing"):
        changing.propose(order, taken.message, [])


def test_a_mail_fills_an_order_that_has_no_lines(stage: Stage) -> None:
    number = stage.order(reading(ship_to=quay(), phone="+441912345678"))
    assert answer(stage, number, COMPLETE) == []
    (blue,) = stage.lines(number)
    assert (blue.quantity, blue.standing, blue.span_start) == (2, "said", 0)


def form(stage: Stage, number: int, **typed: str) -> filling.Filled:
    with stage.shop.writing():
        order = db.session.query(Order).filter_by(number=number).one()
        return filling.fill_form(
            order, {key.replace("__", ":"): text for key, text in typed.items()}, at=clock.now()
        )


def test_the_customers_page_fills_gaps_and_only_gaps(stage: Stage) -> None:
    number = stage.order(
        reading(line("MUG-BLU", None), choice("a teapot", 1, "POT-06", "POT-12"), ship_to=quay(postcode=None))
    )
    blue, pot = stage.lines(number)
    with stage.shop.reading():
        twelve = product("POT-12").id
    typed = {
        f"quantity__{blue.id}": " 3 ",
        f"product__{pot.id}": str(twelve),
        "ship_postcode": "ne301aa",
        "phone": "0191 498 0123",
        "ship_city": "Whitby",
        "ship_line2": "",
    }
    result = form(stage, number, **typed)
    assert sorted(result.filled) == ["phone", f"product:{pot.id}", f"quantity:{blue.id}", "ship_postcode"]
    assert whats(result.rest) == ["detail ship_city"]
    order = stage.seen(number)
    assert (order.ship_postcode, order.phone, order.ship_city, order.gap_count) == (
        "NE30 1AA",
        "+441914980123",
        "Tynemouth",
        0,
    )
    assert order.sources["phone"]["by"] == "customer"
    blue, pot = stage.lines(number)
    assert (blue.quantity, blue.typed["quantity"]["by"]) == (3, "customer")
    assert (pot.product_id, pot.standing, pot.accepted_at) == (twelve, "said", None)
    assert stage.shop.all(Act) == [], "only people of the desk undo"
    assert stage.told(number) == ["drafted", "filled"]
    stage.shop.sound()


def test_wrong_input_on_the_customers_page_changes_nothing(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", None), choice("a teapot", 1, "POT-06", "POT-12")))
    blue, pot = stage.lines(number)
    with stage.shop.reading():
        mug = product("MUG-RED").id
    typed = {
        f"quantity__{blue.id}": "0",
        f"product__{pot.id}": str(mug),
        "quantity__999": "1",
        "product__x": "1",
        "phone": "12",
        "ship_line1": "5 Quay Lane",
    }
    with pytest.raises(details.Wrong) as wrong:
        form(stage, number, **typed)
    assert set(wrong.value.fields) == {
        "phone",
        f"quantity:{blue.id}",
        f"product:{pot.id}",
        "quantity:999",
        "product:x",
    }
    assert stage.seen(number).ship_line1 == ""
    assert stage.lines(number)[0].quantity is None


def test_the_page_of_a_verified_order_only_asks(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, by):
        lines.accept_all(order, by=by)
        acting.verify(order, by=by)
    result = form(stage, number, ship_line1="9 High St", ship_line2="Flat 2")
    assert result.filled == []
    assert whats(result.rest) == ["detail ship_line1", "detail ship_line2"]
    assert stage.seen(number).state == "verified"


def test_the_page_of_an_order_that_is_over_takes_nothing(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, by):
        acting.cancel(order, reason="Ordered twice", by=by)
    with pytest.raises(Refused, match="is cancelled"):
        form(stage, number, ship_line2="Flat 2")


def test_a_vague_addition_can_be_accepted_as_a_question(stage: Stage) -> None:
    number = stage.order()
    rest = answer(
        stage,
        number,
        reading(choice("also a teapot", 1, "POT-06", "POT-12"), unknown("and a kettle"), role="update"),
    )
    assert whats(rest) == ["add", "add"]
    with stage.on(number) as (_, _, by):
        changing.accept(db.session.get_one(OrderChange, the_change(stage, number).id), by=by)
    rows: list[OrderLine] = stage.lines(number)
    assert [one.standing for one in rows] == ["said", "choice", "unknown"]
    assert stage.seen(number).gap_count == 2


def test_a_part_of_a_change_can_be_accepted(stage: Stage) -> None:
    number = stage.order(
        reading(line("MUG-BLU", 2), line("POT-06", 1), ship_to=quay(), phone="+441912345678")
    )
    rest = answer(
        stage,
        number,
        reading(line("MUG-BLU", 3), line("POT-06", 0), ship_to=quay(line2="Flat 2"), role="update"),
    )
    assert whats(rest) == ["quantity", "remove", "detail ship_line2"], "a complete address has no gap to fill"
    with stage.on(number) as (_, _, by):
        change = db.session.get_one(OrderChange, the_change(stage, number).id)
        with pytest.raises(Refused, match="Tick what"):
            changing.accept(change, by=by, items=[])
        changing.accept(change, by=by, items=[1])
    assert [(one.quantity, one.removed_at is None) for one in stage.lines(number)] == [(2, True), (1, False)]
    assert stage.seen(number).ship_line2 == ""
    assert the_change(stage, number).state == "accepted"
    stage.undo()
    assert [(one.quantity, one.removed_at is None) for one in stage.lines(number)] == [(2, True), (1, True)]


def test_a_line_that_no_parcel_needs_comes_along_with_what_is_missing(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(postcode=None), phone="+441912345678"))
    assert answer(stage, number, reading(ship_to=quay(line2="Flat 2"), role="update")) == []
    order = stage.seen(number)
    assert (order.ship_line2, order.ship_postcode) == ("Flat 2", "NE30 1AA")
