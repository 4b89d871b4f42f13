"""Quotes from the draft to the end: what each step does to the stock, the order, the mail, and what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import acting as conversation_acts
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting, lines, promising, quote_clock, quote_content, quoting
from checkout_desk.orders.models import Quote
from checkout_desk.orders.quoting import Shortage
from tests.orders.quoted import END, MONDAY, Till
from tests.orders.stage import Stage, line, product, quay, reading

FIVE = reading(line("MUG-BLU", 5), ship_to=quay(), phone="+441912345678")


@pytest.fixture
def till(stage: Stage) -> Till:
    return Till(stage)


def test_a_draft_promises_nothing_and_is_renewed(till: Till) -> None:
    number = till.verified()
    with till.at(number) as (order, by):
        first = quoting.draft(order, by=by)
        assert (first.number, first.total_minor, first.state, first.reference[:2]) == (1, 3200, "draft", "RF")
        assert quoting.draft(order, by=by).id == first.id
    assert till.stock() == (10, 0, 0)
    assert till.stage.seen(number).state == "verified"
    assert till.stage.row(number).order_step == "send_quote"
    till.sound()


def test_sending_holds_freezes_and_quotes(till: Till) -> None:
    number, quote_id = till.quoted()
    quote, order = till.quote(quote_id), till.stage.seen(number)
    assert (quote.state, quote.sent_at, quote.expires_at) == ("sent", MONDAY, END)
    assert (order.state, order.live_quote) == ("quoted", 1)
    assert till.stock() == (10, 2, 0)
    assert quote.content_hash == quote_content.digest(quote.content)
    assert quote.content["quote"] == f"{number}-Q1"
    assert (quote.content["issued_on"], quote.content["expires_at"]) == ("2026-11-02", END.isoformat())
    assert till.stage.row(number).order_step is None, "it is the customer's turn"
    assert till.mails(number) == [("quote", False)]
    kinds = [event.kind for event in till.shop.all(Event, Event.subject_type == "quote")]
    assert kinds == ["quote.drafted", "quote.sent"]
    till.sound()


def test_a_second_send_is_refused(till: Till) -> None:
    number, quote_id = till.quoted()
    with pytest.raises(Refused, match="was sent already"), till.at(number) as (order, by):
        quoting.send(order, db.session.get_one(Quote, quote_id), by=by)
    assert till.stock() == (10, 2, 0)


def test_a_shortage_names_every_product(till: Till) -> None:
    number = till.verified(reading(line("MUG-BLU", 12), line("POT-06", 2), line("MUG-RED", 11), ship_to=quay(), phone="+441912345678"))  # fmt: skip
    with pytest.raises(Shortage, match="10 of Blue mug can be promised, 12 wanted") as caught:
        till.send(number)
    assert [(row.name, row.wanted, row.available) for row in caught.value.rows] == [
        ("Blue mug", 12, 10),
        ("Red mug", 11, 10),
    ]
    assert till.stock("POT-06") == (10, 0, 0), "nothing is held of what there is enough of"
    assert till.stage.seen(number).state == "verified"
    till.sound()


def test_a_quote_whose_order_changed_is_not_sent(till: Till) -> None:
    number = till.verified()
    with till.at(number) as (order, by):
        quote_id = quoting.draft(order, by=by).id
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 3, by=by)
    till.verify(number)
    with pytest.raises(Refused, match=r"£32.00 and would come to £48.00"), till.at(number) as (order, by):
        quoting.send(order, db.session.get_one(Quote, quote_id), by=by)
    till.send(number)
    assert till.quote(quote_id).total_minor == 4800, "the draft was drawn up anew"


def till_lines(order: object) -> list[lines.OrderLine]:
    from checkout_desk.orders import loading

    return [row for row in loading.lines(order) if row.removed_at is None]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quote SET content = '{}'",
        "UPDATE quote SET total_minor = 1",
        "UPDATE quote SET reference = 'RF00'",
        "UPDATE quote SET sent_at = NULL",
        "DELETE FROM quote",
    ],
)
def test_the_database_keeps_a_sent_quote(till: Till, statement: str) -> None:
    _, quote_id = till.quoted()
    with pytest.raises(DBAPIError, match="never"), till.shop.writing():
        db.session.execute(text(statement))
    with till.shop.writing():
        db.session.execute(update(Quote).values(reminded_at=MONDAY))
    assert till.quote(quote_id).reminded_at == MONDAY


def test_a_change_makes_the_next_version_and_moves_the_hold(till: Till) -> None:
    number, first = till.quoted(FIVE)
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 8, by=by)
    assert till.stage.seen(number).state == "draft"
    assert till.quote(first).state == "sent", "the old one stays live until the new one is sent"
    assert till.stock() == (10, 5, 0)
    till.verify(number)
    assert till.stage.row(number).order_step == "revise_quote"
    second = till.send(number)
    assert (till.quote(first).state, till.quote(second).state) == ("superseded", "sent")
    assert (till.quote(second).number, till.stock()) == (2, (10, 8, 0))
    with till.shop.reading():
        old, new = db.session.get_one(Quote, first), db.session.get_one(Quote, second)
        rows = [(row.what, row.before, row.after) for row in quoting.difference(old, new)]
        assert rows == [
            ("Blue mug", "5 × Blue mug: £80.00", "8 × Blue mug: £128.00"),
            ("Total", "£80.00", "£128.00"),
        ]
        assert (promising.held(old), list(promising.held(new).values())) == ({}, [8])
    till.sound()


def test_a_new_version_that_is_short_leaves_the_old_one(till: Till) -> None:
    number, first = till.quoted(FIVE)
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 11, by=by)
    till.verify(number)
    with pytest.raises(Shortage) as caught:
        till.send(number)
    assert [(row.wanted, row.available) for row in caught.value.rows] == [(11, 10)]
    assert (till.quote(first).state, till.stock()) == ("sent", (10, 5, 0))
    till.sound()


def test_an_edit_of_a_quoted_order_is_undone(till: Till) -> None:
    number, first = till.quoted()
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 3, by=by)
    till.stage.undo()
    assert (till.stage.seen(number).state, till.quote(first).state) == ("quoted", "sent")
    till.do(first, quoting.paid, at=MONDAY)
    assert till.stage.seen(number).state == "paid"
    till.sound()


def test_an_order_that_was_opened_for_nothing_is_put_back(till: Till) -> None:
    number, _ = till.quoted()
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 3, by=by)
        with pytest.raises(Refused, match="is not what quote"):
            quoting.keep(order, by=by)
        lines.set_quantity(till_lines(order)[0], 2, by=by)
        quoting.keep(order, by=by)
    order = till.stage.seen(number)
    assert (order.state, order.live_quote) == ("quoted", 1)
    till.sound()


def test_a_mail_that_was_taken_back_takes_its_quote_along(till: Till) -> None:
    number, first = till.quoted(FIVE)
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 8, by=by)
    till.verify(number)
    with till.at(number, MONDAY) as (order, by):
        quote = quoting.draft(order, by=by)
        was, second = quoting.send(order, quote, by=by), quote.id
    with till.at(number, MONDAY) as (_, by):
        quoting.unsend(was, by=by)
    assert (till.quote(first).state, till.quote(second).state) == ("sent", "withdrawn")
    order = till.stage.seen(number)
    assert (order.state, order.live_quote, till.stock()) == ("verified", 1, (10, 5, 0))
    till.sound()
    with till.at(number, MONDAY) as (order, by):
        third = quoting.draft(order, by=by)
        quoting.send(order, third, by=by)
        assert third.number == 3
    assert till.stock() == (10, 8, 0)


def test_payment_commits_once(till: Till) -> None:
    number, quote_id = till.quoted()
    till.shop.act(conversation_acts.wait, till.stage.row(number).id)
    till.do(quote_id, quoting.accept, at=MONDAY)
    till.do(quote_id, quoting.accept, at=MONDAY)
    assert till.quote(quote_id).state == "accepted"
    till.do(quote_id, quoting.paid, at=MONDAY)
    assert (till.quote(quote_id).state, till.stage.seen(number).state) == ("paid", "paid")
    assert till.stock() == (10, 0, 2)
    row = till.stage.row(number)
    assert (row.state, row.order_step) == ("open", "pack")
    assert till.mails(number) == [("quote", False), ("confirmed", True)]
    with pytest.raises(Refused, match="cannot be paid any more"):
        till.do(quote_id, quoting.paid, at=MONDAY)
    assert till.stock() == (10, 0, 2)
    till.sound()


def test_a_payment_while_the_order_is_changed_waits_for_a_person(till: Till) -> None:
    number, quote_id = till.quoted()
    with till.at(number) as (order, by):
        lines.set_quantity(till_lines(order)[0], 3, by=by)
    with pytest.raises(Refused, match="is being changed"):
        till.do(quote_id, quoting.paid, at=MONDAY)
    assert till.quote(quote_id).state == "sent"


def test_the_clock_recalls_ends_and_frees(till: Till) -> None:
    number, quote_id = till.quoted()
    with till.shop.reading():
        assert quote_clock.remind_due(END - timedelta(days=4)) == []
        assert [q.id for q in quote_clock.remind_due(END - timedelta(hours=1))] == [quote_id]
    till.do(quote_id, quoting.remind, at=END - timedelta(hours=1))
    with till.shop.reading():
        assert quote_clock.remind_due(END - timedelta(hours=1)) == []
    with pytest.raises(Refused, match="not ended yet"):
        till.do(quote_id, quoting.expire, at=END - timedelta(seconds=1))
    assert tick(till, END) == 1
    assert tick(till, END) == 0
    order = till.stage.seen(number)
    assert (till.quote(quote_id).state, order.state, order.live_quote) == ("expired", "expired", None)
    assert till.stock() == (10, 0, 0)
    assert till.mails(number) == [("quote", False), ("reminder", True), ("expired", True)]
    with pytest.raises(Refused, match="cannot be paid any more"):
        till.do(quote_id, quoting.paid, at=END)
    till.sound()


def tick(till: Till, when: object) -> int:
    from checkout_desk import clock

    with till.shop.reading(), clock.pretending(when):  # type: ignore[arg-type]
        return quote_clock.tick()


def test_a_quote_that_cannot_be_ended_keeps_no_other(till: Till) -> None:
    (_, bad), (_, good) = till.quoted(), till.quoted()
    with till.shop.writing():  # a ledger that somebody tampered with: less is held than the quote says
        found = product("MUG-BLU")
        db.session.execute(update(Product).where(Product.id == found.id).values(held=2))
    assert tick(till, END) == 1
    assert sorted([till.quote(bad).state, till.quote(good).state]) == ["expired", "sent"]


def test_money_that_came_after_the_end_is_late_though_the_clock_did_not_run(till: Till) -> None:
    _, quote_id = till.quoted()
    with pytest.raises(Refused, match="ended before it was paid"):
        till.do(quote_id, quoting.paid, at=END + timedelta(seconds=1))
    till.do(quote_id, quoting.paid, at=END)


def test_an_expired_quote_is_extended_while_there_is_stock(till: Till) -> None:
    number, quote_id = till.quoted(FIVE)
    tick(till, END)
    later = END + timedelta(days=1)
    till.do(quote_id, quoting.extend, when=later, by=None)
    quote, order = till.quote(quote_id), till.stage.seen(number)
    assert (quote.state, order.state, order.live_quote, till.stock()) == ("sent", "quoted", 1, (10, 5, 0))
    assert quote.expires_at is not None and quote.expires_at > later
    till.do(quote_id, quoting.paid, when=later, at=later)
    assert till.stock() == (10, 0, 5)
    till.sound()


def test_an_extended_quote_is_recalled_and_ends_again(till: Till) -> None:
    number, quote_id = till.quoted()
    later = END + timedelta(days=2)
    till.do(quote_id, quoting.remind, MONDAY, at=MONDAY)
    till.do(quote_id, quoting.expire, END, at=END)
    till.do(quote_id, quoting.extend, later, by=None)
    till.do(quote_id, quoting.remind, later, at=later)
    end = till.quote(quote_id).expires_at
    assert end is not None
    till.do(quote_id, quoting.expire, end, at=end)
    assert till.mails(number)[1:] == [("reminder", True), ("expired", True)] * 2
    till.sound()


def test_an_expired_quote_whose_stock_is_gone_stays_expired(till: Till) -> None:
    number, quote_id = till.quoted(FIVE)
    tick(till, END)
    till.quoted(reading(line("MUG-BLU", 6), ship_to=quay(), phone="+441912345678"), when=END)
    with pytest.raises(Shortage):
        till.do(quote_id, quoting.extend, when=END, by=None)
    assert (till.quote(quote_id).state, till.stage.seen(number).state) == ("expired", "expired")
    till.sound()


def test_a_live_quote_is_extended_by_its_full_time(till: Till) -> None:
    _, quote_id = till.quoted()
    till.do(quote_id, quoting.extend, when=MONDAY + timedelta(days=2), by=None)
    assert till.quote(quote_id).expires_at == END + timedelta(days=2)
    till.do(quote_id, quoting.extend, when=MONDAY, by=None)
    assert till.quote(quote_id).expires_at == END + timedelta(days=2), "never shorter"


def test_withdrawing_frees_and_goes_back(till: Till) -> None:
    number, quote_id = till.quoted()
    with pytest.raises(Refused, match="Say why"):
        till.do(quote_id, quoting.withdraw, by=None, reason=" ")
    till.do(quote_id, quoting.withdraw, by=None, reason="Wrong price")
    assert (till.quote(quote_id).state, till.stage.seen(number).state) == ("withdrawn", "verified")
    assert (till.stock(), till.stage.row(number).order_step) == ((10, 0, 0), "send_quote")
    till.sound()


@pytest.mark.parametrize("paid", [False, True])
def test_cancelling_frees_what_was_promised_or_sold(till: Till, paid: bool) -> None:
    number, quote_id = till.quoted()
    if paid:
        till.do(quote_id, quoting.paid, at=MONDAY)
    with till.at(number) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    assert till.stock() == (10, 0, 0)
    assert till.quote(quote_id).state == ("paid" if paid else "withdrawn")
    assert till.mails(number)[-1] == ("cancelled", True)
    with pytest.raises(Refused, match="told that order"):
        till.stage.undo()
    till.sound()


def test_a_product_in_two_lines_is_held_together(till: Till) -> None:
    number, _ = till.quoted(reading(line("MUG-BLU", 5), line("MUG-BLU", 5, "five more"), ship_to=quay(), phone="+441912345678"))  # fmt: skip
    assert till.stock() == (10, 10, 0)
    with till.shop.reading():
        assert product("MUG-BLU").available == 0
    assert till.stage.seen(number).state == "quoted"
