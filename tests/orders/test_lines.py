"""People accept, correct, add and remove lines; each is an event, an act and another version."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import entries, products
from checkout_desk.catalogue.models import ProductAlias
from checkout_desk.conversations import undoing
from checkout_desk.conversations.models import Act
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, lines
from tests.orders.stage import Stage, choice, line, product, quay, reading, unknown

MIXED = reading(
    line("MUG-BLU", 2),
    line("MUG-RED", 1, "a red one", confidence=0.6),
    choice("a teapot", 1, "POT-06", "POT-12"),
    unknown("the purple kettle", 3),
    ship_to=quay(),
    phone="+441912345678",
)


def test_accept_all_takes_only_what_was_clearly_said(stage: Stage) -> None:
    number = stage.order(MIXED)
    version = stage.seen(number).version
    with stage.on(number) as (order, _, by):
        assert lines.accept_all(order, by=by) == 1
    with stage.on(number) as (order, _, by):
        assert lines.accept_all(order, by=by) == 0
    assert [one.accepted_at is not None for one in stage.lines(number)] == [True, False, False, False]
    assert stage.lines(number)[0].accepted_by_id == stage.shop.person("processing")
    assert stage.seen(number).version > version
    assert stage.told(number) == ["drafted", "lines_accepted"]
    stage.undo()
    assert stage.lines(number)[0].accepted_at is None
    assert stage.told(number)[-1] == "undone"
    stage.shop.sound()


def test_a_line_without_product_or_quantity_cannot_be_accepted(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", None), choice("a teapot", 1, "POT-06", "POT-12")))
    for place, word in ((0, "quantity"), (1, "product")):
        with pytest.raises(Refused, match=word), stage.on(number) as (_, found, by):
            lines.accept(found[place], by=by)
    assert stage.told(number) == ["drafted"]


def test_accepting_a_doubtful_line_is_one_act(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        assert lines.accept(found[1], by=by) is not None
        assert lines.accept(found[1], by=by) is None, "accepted already"
    assert stage.lines(number)[1].accepted_at is not None


def test_a_typed_quantity_is_shown_as_theirs(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], 5, by=by)
    (blue, *_) = stage.lines(number)
    assert (blue.quantity, blue.typed["quantity"]["by"]) == (5, f"person:{stage.shop.person('processing')}")
    assert blue.accepted_at is not None
    assert stage.seen(number).total_minor == 5 * 1600 + 1650
    (event,) = stage.shop.all(Event, Event.kind == "order.line_changed")
    assert (event.before, event.after["quantity"], event.after["sku"]) == ({"quantity": 2}, 5, "MUG-BLU")
    stage.undo()
    (blue, *_) = stage.lines(number)
    assert (blue.quantity, blue.typed, blue.accepted_at) == (2, {}, None)
    assert stage.seen(number).total_minor == 2 * 1600 + 1650
    stage.shop.sound()


@pytest.mark.parametrize("n", [0, -1, 1_000_000])
def test_a_quantity_that_is_none_is_refused(stage: Stage, n: int) -> None:
    number = stage.order(MIXED)
    with pytest.raises(Refused, match="from 1 to 999999"), stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], n, by=by)
    assert stage.lines(number)[0].quantity == 2


def test_choosing_teaches_the_words_and_undo_takes_both_back(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        chosen = lines.choose(found[3], product("MUG-RED"), by=by)
        assert chosen.alias is not None, chosen.sentence
        assert chosen.alias.taught_how == f"order {number}"
    kettle = stage.lines(number)[3]
    assert (kettle.standing, kettle.unit_price_minor, kettle.quantity) == ("typed", 1650, 3)
    with stage.shop.reading():
        entry = entries.index().catalogue.entries["MUG-RED"]
        assert any("purple kettle" in alias for alias in entry.aliases)
    stage.undo()
    kettle = stage.lines(number)[3]
    assert (kettle.standing, kettle.product_id, kettle.unit_price_minor) == ("unknown", None, None)
    (alias,) = stage.shop.all(ProductAlias)
    assert alias.undone_at is not None
    stage.shop.sound()


def test_words_that_mean_another_product_leave_the_choice_standing(stage: Stage) -> None:
    number = stage.order(reading(unknown("Blue mug", 3)))
    with stage.on(number) as (_, found, by):
        chosen = lines.choose(found[0], product("POT-06"), by=by)
        assert chosen.alias is None
        assert "Blue mug" in chosen.sentence
    assert stage.lines(number)[0].product_id is not None
    assert stage.shop.all(ProductAlias) == []
    stage.undo()
    assert stage.lines(number)[0].product_id is None


def test_choosing_may_teach_nothing(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        chosen = lines.choose(found[3], product("MUG-RED"), by=by, teach=False)
        assert (chosen.alias, chosen.sentence) == (None, "")
    assert stage.shop.all(ProductAlias) == []


def test_what_is_not_sold_cannot_be_chosen_or_added(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.shop.writing():
        products.change(product("POT-06"), active=False)
    with pytest.raises(Refused, match="not sold"), stage.on(number) as (_, found, by):
        lines.choose(found[2], product("POT-06"), by=by)
    with pytest.raises(Refused, match="not sold"), stage.on(number) as (order, _, by):
        lines.add(order, product("POT-06"), 1, by=by)


def test_add_and_remove_and_back(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, by):
        added = lines.add(order, product("POT-12"), 2, by=by)
        assert (added.standing, added.position) == ("typed", 2)
    assert stage.seen(number).total_minor == 3200 + 12800
    with pytest.raises(Refused, match="already"), stage.on(number) as (order, _, by):
        lines.add(order, product("POT-12"), 1, by=by)
    with stage.on(number) as (_, found, by):
        lines.remove(found[0], by=by, why="not an order")
    assert stage.seen(number).total_minor == 12800
    with pytest.raises(Refused, match="removed"), stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], 4, by=by)
    stage.undo()
    stage.undo()
    (only,) = stage.lines(number)
    assert (only.removed_at, only.removed_why, stage.seen(number).total_minor) == (None, "", 3200)
    stage.shop.sound()


def test_removing_all_lines_leaves_a_gap(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (_, found, by):
        lines.remove(found[0], by=by, why="")
    assert stage.seen(number).gap_count == 1
    assert stage.row(number).order_gaps == 1


def test_undo_refuses_when_somebody_changed_the_same_since(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], 5, by=by)
    with stage.on(number, "support") as (_, found, by):
        lines.set_quantity(found[0], 6, by=by)
    with pytest.raises(Refused, match=f"Order {number} has changed since"):
        stage.undo()
    assert stage.lines(number)[0].quantity == 6
    stage.undo("support")
    stage.undo()
    assert stage.lines(number)[0].quantity == 2


def test_undo_leaves_alone_what_others_did_elsewhere(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], 5, by=by)
    with stage.on(number, "support") as (_, found, by):
        lines.set_quantity(found[1], 7, by=by)
    stage.undo()
    assert [one.quantity for one in stage.lines(number)] == [2, 7, 1, 3]


def test_nobody_undoes_what_another_did_or_twice(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.on(number) as (_, found, by):
        lines.set_quantity(found[0], 5, by=by)
    stranger = stage.shop.person("support")
    with stage.shop.writing():
        act, other = db.session.scalars(select(Act)).one(), db.session.get_one(Person, stranger)
        with pytest.raises(Refused, match="Only the person"):
            undoing.undo(act, by=other)
    stage.undo()
    with pytest.raises(AssertionError, match="nothing to undo"):
        stage.undo()


def test_undo_refuses_once_the_order_was_verified(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, found, by):
        lines.set_quantity(found[0], 5, by=by)
    with stage.on(number, "support") as (order, _, by):
        acting.verify(order, by=by)
    with pytest.raises(Refused, match="verified now"):
        stage.undo()
    assert (stage.seen(number).state, stage.lines(number)[0].quantity) == ("verified", 5)


def test_the_price_is_the_catalogues_of_the_moment_of_choosing(stage: Stage) -> None:
    number = stage.order(MIXED)
    with stage.shop.writing():
        products.change(product("POT-06"), price_minor=5000)
    with stage.on(number) as (_, found, by):
        lines.choose(found[2], product("POT-06"), by=by)
    assert stage.lines(number)[2].unit_price_minor == 5000


def test_choosing_again_takes_a_price_that_the_catalogue_has_got_since(stage: Stage) -> None:
    number = stage.order(reading(line("BOWL", 2), ship_to=quay(), phone="+441912345678"))
    assert (stage.seen(number).gap_count, stage.row(number).order_step) == (1, "check_order")
    with stage.on(number) as (_, found, by):
        lines.accept(found[0], by=by)
    assert stage.row(number).order_step == "check_order", "the customer cannot mend a price"
    with stage.shop.writing():
        products.change(product("BOWL"), price_minor=2100, currency="GBP")
    with stage.on(number) as (_, found, by):
        lines.choose(found[0], product("BOWL"), by=by)
    assert (stage.seen(number).gap_count, stage.seen(number).total_minor) == (0, 4200)


def test_each_act_makes_another_version_even_within_one_instant(stage: Stage) -> None:
    number = stage.order()
    at = stage.seen(number).updated_at
    version = stage.seen(number).version
    with stage.on(number) as (order, _, by), clock.pretending(at):
        lines.accept_all(order, by=by)
    assert stage.seen(number).version > version
