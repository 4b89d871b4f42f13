"""An order begins: everything that was said is on it, nothing else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, details, drafting, loading, readings
from checkout_desk.orders import lines as acts
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import FIRST_NUMBER, Order, OrderNumber
from tests.builders import JANE, Shop
from tests.orders.stage import COMPLETE, TEXT, Stage, choice, line, product, quay, reading, unknown


def test_a_complete_mail_becomes_a_draft_without_a_gap(stage: Stage) -> None:
    number = stage.order()
    order = stage.seen(number)
    assert (order.number, order.state, order.currency, order.gap_count) == (FIRST_NUMBER, "draft", "GBP", 0)
    assert order.total_minor == 3200
    assert (order.ship_name, order.ship_line1, order.ship_city) == ("Jane Fox", "5 Quay Lane", "Tynemouth")
    assert (order.ship_postcode, order.ship_country, order.phone) == ("NE30 1AA", "GB", "+441912345678")
    assert order.email == "jane@customer.example"
    assert order.sources["email"]["by"] == "known"
    source = order.sources["phone"]
    assert (source["by"], source["span"], source["rule"], source["confidence"], source["inferred"]) == (
        "reading",
        [1, 5],
        "said",
        0.9,
        False,
    )
    assert source["message"] == order.born_of_id
    (only,) = stage.lines(number)
    assert (only.standing, only.quantity, only.unit_price_minor, only.accepted_at) == ("said", 2, 1600, None)
    assert (only.text, only.span_start, only.span_end, only.rule) == (
        "two blue mugs",
        0,
        13,
        "quantity-x-name",
    )
    stage.shop.sound()


def test_what_is_uncertain_stays_open(stage: Stage) -> None:
    number = stage.order(
        reading(
            line("MUG-BLU", None),
            line("MUG-RED", 1, confidence=0.6),
            choice("a teapot", 1, "POT-06", "POT-12"),
            unknown("a purple kettle", 3),
        )
    )
    blue, red, pot, kettle = stage.lines(number)
    assert [one.standing for one in (blue, red, pot, kettle)] == ["said", "review", "choice", "unknown"]
    assert blue.quantity is None
    assert pot.product_id is None
    assert len(pot.candidates) == 2
    assert (kettle.product_id, kettle.quantity, kettle.text) == (None, 3, "a purple kettle")
    assert stage.seen(number).total_minor == 1650
    assert stage.row(number).order_gaps == 5  # quantity, two products, address, phone
    assert stage.row(number).order_step == "check_order"
    stage.shop.sound()


def test_a_line_that_is_ordered_away_or_gone_from_the_catalogue_is_not_guessed(stage: Stage) -> None:
    number = stage.order(
        reading(line("MUG-BLU", 0), line("GONE", 2, "two of the old ones"), line("POT-06", 10**12))
    )
    gone, pot = stage.lines(number)
    assert (gone.standing, gone.product_id, gone.quantity) == ("unknown", None, 2)
    assert (pot.product_id is not None, pot.quantity) == (True, None)


def test_a_product_priced_in_another_currency_is_a_gap_and_never_added_up(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 1), line("BOWL", 2), ship_to=quay(), phone="+441912345678"))
    assert stage.seen(number).total_minor == 1600
    with stage.on(number) as (order, lines, _):
        (gap,) = completeness.gaps(order, lines, ask_phone=True)
        assert (gap.name, gap.line_id, gap.askable) == ("product", lines[1].id, False)
        assert "not priced in GBP" in gap.words


def test_the_mail_may_name_nobody_and_the_customers_name_is_taken(stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 1), ship_to=quay(name=None)))
    order = stage.seen(number)
    assert (order.ship_name, order.sources["ship_name"]["by"]) == ("Jane Fox", "known")
    number = stage.order(reading(line("MUG-BLU", 1), ship_to=quay(name=None), name="J. Fox-Hill"))
    assert stage.seen(number).ship_name == "J. Fox-Hill"


def test_an_earlier_address_is_offered_and_not_used(stage: Stage) -> None:
    first = stage.order()
    with stage.on(first) as (order, _, by):
        acts.accept_all(order, by=by)
        ORDER.fire(order, "verify", by=by)
    second = stage.order(reading(line("MUG-RED", 1)))
    order = stage.seen(second)
    assert (order.ship_line1, order.ship_postcode) == ("", "")
    assert order.phone == "+441912345678"
    assert order.sources["phone"]["by"] == "known"
    with stage.shop.reading():
        known = details.known(order.customer_id, apart_from=order.id)
        assert known is not None
        assert (known.number, known.fields["ship_line1"]) == (first, "5 Quay Lane")
        assert details.known(None) is None


def test_the_language_is_the_mails_then_the_customers_then_the_stores(stage: Stage) -> None:
    number = stage.order()
    assert stage.seen(number).language == "en"
    with stage.shop.writing():
        db.session.get_one(Customer, stage.seen(number).customer_id).language = "de"
    assert stage.seen(stage.order()).language == "de"


def test_no_two_orders_share_a_number(stage: Stage, shop: Shop) -> None:
    taken = shop.take(sender=JANE, text=TEXT)

    def begin(_: int) -> int:
        with shop.writing():
            return drafting.next_number()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(begin, range(24)))
    assert sorted(numbers) == list(range(FIRST_NUMBER, FIRST_NUMBER + 24))
    with shop.app.app_context():
        db.session.execute(db.text("SELECT 1"))
        db.session.rollback()
    assert taken.conversation


def test_a_cancelled_number_is_not_given_again(stage: Stage) -> None:
    first = stage.order()
    with stage.on(first) as (order, _, by):
        ORDER.fire(order, "cancel", by=by, reason="Twice")
    assert stage.order() == first + 1
    with stage.shop.reading():
        assert db.session.get_one(OrderNumber, 1).next == first + 2


def test_an_order_by_hand_is_empty_and_can_be_taken_back(stage: Stage) -> None:
    taken, person_id = stage.shop.take(text=TEXT), stage.shop.person("processing")
    with stage.shop.writing():
        c = db.session.get_one(Conversation, taken.conversation)
        by = db.session.get_one(Person, person_id)
        number = drafting.by_hand(c, by=by, message_id=taken.message).number
    row = stage.row(number)
    assert (row.order_number, row.order_step, row.order_gaps) == (number, "check_order", 3)
    assert stage.seen(number).email == "jane@customer.example"
    stage.undo()
    assert stage.seen(number).state == "cancelled"
    assert stage.row(number).order_number is None
    stage.shop.sound()


def test_the_row_shows_the_newest_order_that_is_not_over(stage: Stage) -> None:
    first = stage.order()
    conversation_id = stage.seen(first).conversation_id
    with stage.on(first) as (_, _, by):
        c = db.session.get_one(Conversation, conversation_id)
        second = drafting.by_hand(c, by=by).number
    assert stage.row(first).order_number == second
    with stage.on(second) as (order, _, by):
        ORDER.fire(order, "cancel", by=by, reason="Wrong")
    row = stage.row(first)
    assert (row.order_number, row.order_total_minor, row.order_state) == (first, 3200, "draft")


def test_the_reading_is_stored_once_and_read_back(stage: Stage) -> None:
    taken = stage.shop.take(text=TEXT)
    with stage.shop.writing():
        readings.keep(
            taken.message, reading(line("MUG-RED", 9)), at=clock.now(), language="de", milliseconds=3.5
        )
        readings.keep(taken.message, COMPLETE, at=clock.now(), language="en", milliseconds=4.5)
    with stage.shop.reading():
        kept = readings.of([taken.message])[taken.message]
        assert readings.of([]) == {}
    assert (kept["kind"], kept["role"], kept["language"]) == ("order", "new", "en")
    assert kept["lines"][0]["span"] == [0, 13]
    assert kept["ship_to"]["postcode"]["text"] == "NE30 1AA"


def test_lines_keep_their_places_and_prices(stage: Stage) -> None:
    number = stage.order(reading(line("POT-06", 1), line("MUG-BLU", 2)))
    with stage.shop.writing():
        products.change(product("POT-06"), price_minor=9900)
    assert [one.unit_price_minor for one in stage.lines(number)] == [4200, 1600]
    assert [one.position for one in stage.lines(number)] == [1, 2]
    with stage.shop.reading():
        assert db.session.query(Order).count() == 1
        assert loading.load(999) is None


def test_an_order_by_hand_takes_what_was_read_in_its_message_once(stage: Stage) -> None:
    taken, person_id = stage.shop.take(text=TEXT), stage.shop.person("processing")
    what = reading(
        line("MUG-BLU", 2), choice("a teapot", 1, "POT-06", "POT-12"), unknown("a kettle"), ship_to=quay()
    )
    with stage.shop.writing():
        readings.keep(taken.message, what, at=clock.now())
    with stage.shop.reading():
        assert readings.restored(taken.message) == what
        assert readings.restored(0) is None
    for standings in (["said", "choice", "unknown"], []):
        with stage.shop.writing():
            c = db.session.get_one(Conversation, taken.conversation)
            by = db.session.get_one(Person, person_id)
            number = drafting.by_hand(c, by=by, message_id=taken.message).number
        assert [one.standing for one in stage.lines(number)] == standings
        assert stage.seen(number).ship_city == ("Tynemouth" if standings else "")
        assert stage.seen(number).created_by_id == person_id
    stage.shop.sound()
