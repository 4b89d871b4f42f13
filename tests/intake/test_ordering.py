"""A mail becomes an order, an answer, a change, or nothing that moves by itself."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import PossibleMatch
from checkout_desk.customers.models import Customer
from checkout_desk.events.models import Event
from checkout_desk.orders.models import MessageReading, Order, OrderChange, OrderLine
from tests.builders import EVE, JANE, SHOP, Shop, Taken, mail
from tests.page import Browser

ADDRESS = "Jane Fox, 14 Elm Road, Leeds LS1 4AB"
WANTS = f"Hello,\n\nI would like 2 blue mugs and 1 copper kettle, please.\n\n{ADDRESS}\n0191 498 0123\n\nJane"


def orders(shop: Shop) -> list[Order]:
    return shop.all(Order)


def wanted(shop: Shop, order: Order) -> dict[str, int | None]:
    """SKU (or the customer's words) -> quantity of the lines that stand."""
    skus = {p.id: p.sku for p in shop.all(Product)}
    lines = shop.all(OrderLine, OrderLine.order_id == order.id, OrderLine.removed_at.is_(None))
    return {skus.get(line.product_id, line.text): line.quantity for line in lines}


def only(shop: Shop) -> Order:
    (order,) = orders(shop)
    return order


def test_a_mail_that_orders_is_an_order(tea: Shop) -> None:
    taken = tea.take(mail(WANTS))
    order = only(tea)
    assert (order.number, order.state, order.conversation_id, order.born_of_id) == (
        1001, "draft", taken.conversation, taken.message,
    )  # fmt: skip
    assert wanted(tea, order) == {"MUG-BLU": 2, "KET-CU": 1}
    assert (order.ship_line1, order.ship_postcode, order.phone) == ("14 Elm Road", "LS1 4AB", "+441914980123")
    assert (order.email, order.total_minor, order.gap_count) == ("jane@customer.example", 8800, 0)
    c = tea.seen(taken.conversation)
    assert (c.order_number, c.order_state, c.asks, c.next_action) == (1001, "draft", False, "check_order")
    assert tea.owed(c.id) == 1
    tea.sound()


def test_every_line_points_at_its_words_in_the_message(tea: Shop) -> None:
    taken = tea.take(mail(WANTS))
    text = tea.message(taken.message).text
    lines = tea.all(OrderLine)
    assert [text[line.span_start : line.span_end] for line in lines] == [line.text for line in lines]
    assert lines[0].text == "2 blue mugs"


def test_without_a_catalogue_only_the_kind_is_kept(shop: Shop) -> None:
    shop.take(mail("I would like to order 2 blue mugs."))
    taken = shop.take(mail("What does a mug cost?", subject="A question"))
    assert orders(shop) == []
    assert [kind for kind, _, _ in kinds(shop).values()] == ["order", "inquiry"]
    assert shop.seen(taken.conversation).asks
    shop.sound()


def kinds(shop: Shop) -> dict[int, tuple[str, str, str]]:
    from sqlalchemy import select

    from checkout_desk.extensions import db

    with shop.reading():
        return {
            row.message_id: (row.kind, row.role, row.language)
            for row in db.session.scalars(select(MessageReading).order_by(MessageReading.message_id))
        }


@pytest.mark.parametrize(
    ("words", "sku"),
    [
        ({"text": "See the HTML part.", "html": "<table><tr><td>Blue Mug</td><td>3</td></tr></table><p>Please send these to Jane Fox.</p>"}, {"MUG-BLU": 3}),
        ({"text": "2 blue mugs, 1 copper kettle", "html": "<p>2 blue mugs, <s>1 copper kettle</s></p>"}, {"MUG-BLU": 2}),
        ({"text": "Please handle this.\n\n---------- Forwarded message ---------\nFrom: Ann <ann@x.example>\nSubject: order\n\n> 4 x blue mug please\n"}, {"MUG-BLU": 4}),
    ],
)  # fmt: skip
def test_the_forms_of_a_mail(tea: Shop, words: dict[str, Any], sku: dict[str, int]) -> None:
    taken = tea.take(mail(**words))
    assert wanted(tea, only(tea)) == sku
    text = tea.message(taken.message).text
    for line in tea.all(OrderLine):
        assert "".join(text[line.span_start : line.span_end].replace(">", "").split()) == "".join(
            line.text.split()
        )
    tea.sound()


def test_an_attached_mail_orders_and_its_words_are_not_marked_in_the_cover(tea: Shop) -> None:
    inner = mail("3 x blue mug please", sender="Ann Lee <ann@x.example>")
    m = EmailMessage()
    m["From"], m["To"], m["Subject"], m["Message-ID"] = JANE, SHOP, "Fwd", "<cover@customer.example>"
    m.set_content("Please see the attached mail.")
    import email
    import email.policy

    m.add_attachment(email.message_from_bytes(inner, policy=email.policy.default))
    tea.take(m.as_bytes(policy=SMTP))
    order = only(tea)
    assert wanted(tea, order) == {"MUG-BLU": 3}
    (line,) = tea.all(OrderLine)
    assert (line.span_start, line.span_end) == (None, None)
    assert line.source != "body"


def test_a_japanese_mail_in_seven_bits(tea: Shop) -> None:
    body = "青いマグカップを2個お願いします。\n"
    data = (
        f"From: ito@example.jp\r\nTo: {SHOP}\r\nSubject: order\r\nMessage-ID: <ja@example.jp>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: text/plain; charset="iso-2022-jp"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'
    ).encode() + body.encode("iso-2022-jp")
    taken = tea.take(data)
    order = only(tea)
    assert wanted(tea, order) == {"MUG-BLU": 2}
    assert order.language == "ja"
    text = tea.message(taken.message).text
    (line,) = tea.all(OrderLine)
    assert text[line.span_start : line.span_end] == line.text


def form(text: str = WANTS, **headers: str) -> bytes:
    return mail(
        text,
        sender="Website <wordpress@shop.example>",
        subject="New message from the contact form",
        headers={"Reply-To": JANE, "Auto-Submitted": "auto-generated", **headers},
    )


def test_a_contact_form_orders_for_the_person_that_it_names(tea: Shop) -> None:
    taken = tea.take(form())
    c = tea.seen(taken.conversation)
    (customer,) = tea.all(Customer)
    assert (c.who, c.customer_id, customer.name) == ("Jane Fox", customer.id, "Jane Fox")
    assert tea.message(taken.message).kind == "letter"
    order = only(tea)
    assert (order.email, wanted(tea, order)) == ("jane@customer.example", {"MUG-BLU": 2, "KET-CU": 1})
    ours = tea.answered(taken.conversation)
    assert (ours.recipients or {})["to"] == [["jane@customer.example", "Jane Fox"]]
    again = tea.take(mail("Thank you!", in_reply_to=ours.mail_id or ""))
    assert again.conversation == taken.conversation
    assert "new_person" not in (tea.message(again.message).facts or {}).get("flags", [])
    tea.sound()


def test_a_form_with_the_mailboxs_own_address_is_a_letter_too(tea: Shop) -> None:
    taken = tea.take(mail(WANTS, sender=f"Shop <{SHOP}>", headers={"Reply-To": JANE}))
    assert tea.message(taken.message).kind == "letter"
    assert only(tea).email == "jane@customer.example"


def test_a_form_that_names_the_writer_in_its_fields(tea: Shop) -> None:
    text = "Name: Jane Fox\nE-mail: jane@customer.example\nMessage: 2 blue mugs please"
    taken = tea.take(mail(text, sender="Website <wordpress@shop.example>"))
    assert only(tea).email == "jane@customer.example"
    assert tea.seen(taken.conversation).customer_id is not None
    assert tea.all(Customer)[0].name in ("", "Jane Fox")


@pytest.mark.parametrize(
    "headers",
    [
        {"Reply-To": JANE, "Auto-Submitted": "auto-replied"},
        {"Reply-To": JANE, "In-Reply-To": "<x@y.example>", "Auto-Submitted": "auto-generated"},
    ],
)
def test_what_answers_by_itself_is_no_form(tea: Shop, headers: dict[str, str]) -> None:
    taken = tea.take(mail(WANTS, sender="Website <noreply@forms.example>", headers=headers))
    assert tea.message(taken.message).kind == "auto_reply"
    assert orders(tea) == []


def test_a_form_never_joins_a_conversation_as_the_person_that_it_names(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    data = mail("Please make it 5 blue mugs", sender="x <noreply@evil.example>", to=tea.reply_address(first.conversation),
                headers={"Reply-To": JANE})  # fmt: skip
    taken = tea.take(data)
    assert taken.conversation == first.conversation
    assert "new_person" in (tea.message(taken.message).facts or {})["flags"]
    assert wanted(tea, only(tea)) == {"MUG-BLU": 2, "KET-CU": 1}


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Could you send me 2 blue mugs, please?", False),
        ("2 blue mugs please. When will they arrive?", True),
        ("2 blue mugs please.\n\nCould you confirm this, please?", False),
    ],
)
def test_an_order_with_a_question_wants_words_first(tea: Shop, text: str, asks: bool) -> None:
    taken = tea.take(mail(f"{text}\n\n{ADDRESS}"))
    c = tea.seen(taken.conversation)
    assert c.order_number == 1001
    assert (c.asks, c.next_action) == (asks, "answer" if asks else "check_order")
    tea.sound()


@pytest.mark.parametrize(
    "text",
    [
        "What would 80 blue mugs cost?",
        "I received a broken blue mug and want to return it.",
        "I have paid £24 for the 2 blue mugs by bank transfer.",
    ],
)
def test_what_is_no_order_makes_none(tea: Shop, text: str) -> None:
    taken = tea.take(mail(text))
    assert orders(tea) == []
    assert tea.seen(taken.conversation).next_action == "answer"
    assert kinds(tea)[taken.message][0] in ("inquiry", "return_request", "payment_notice")


def test_what_a_machine_sends_is_not_read(tea: Shop) -> None:
    tea.take(mail(WANTS, headers={"Auto-Submitted": "auto-replied"}))
    tea.take(mail(WANTS, headers={"List-Id": "<news.x.example>"}))
    assert orders(tea) == []
    assert kinds(tea) == {}


def test_the_customer_is_known_better_afterwards(tea: Shop) -> None:
    tea.take(
        mail(
            "Guten Tag,\n\nich hätte gerne zwei blaue Tassen bitte.\n\nJane Fox, Rosenweg 2, 65183 Wiesbaden, Deutschland"
        )
    )
    (customer,) = tea.all(Customer)
    assert (customer.language, customer.country) == ("de", "DE")
    assert only(tea).language == "de"


def test_a_form_teaches_nothing_about_the_customer(tea: Shop) -> None:
    tea.take(form())
    assert tea.all(Customer)[0].language is None


def test_the_same_order_in_a_new_mail_is_pointed_out(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    again = tea.take(mail(WANTS, subject="Did you get my order?"))
    assert again.conversation != first.conversation
    assert [(m.message_id, m.conversation_id, m.why) for m in tea.all(PossibleMatch)] == [
        (again.message, first.conversation, "It orders the same as order 1001 there")
    ]


def test_the_thread_says_what_was_read(tea: Shop, agent: Browser) -> None:
    taken = tea.take(mail("I would like 2 blue mugs and 1 cast iron teapot, please.\n\n" + ADDRESS))
    event = next(e for e in tea.all(Event, Event.kind == "message.read"))
    assert (event.subject_type, event.subject_id) == ("conversation", taken.conversation)
    assert (event.after["lines"], event.after["addresses"], event.after["gaps"]) == (2, 1, 2)
    assert "2 lines, 1 address, 2 gaps" in agent.open(f"/conversations/{taken.conversation}")


def answer(shop: Shop, first: Taken, text: str, **words: Any) -> Taken:
    """Jane answers in the thread of `first`."""
    words.setdefault("sender", JANE)
    words.setdefault("in_reply_to", shop.message(first.message).mail_id)
    return shop.take(mail(text, subject="Re: Mugs", to=shop.reply_address(first.conversation), **words))


HALF = "I would like 2 blue mugs, please.\n\nJane"


def test_an_answer_fills_the_gaps_and_wants_no_words(tea: Shop) -> None:
    first = tea.take(mail(HALF))
    assert only(tea).gap_count == 2
    taken = answer(tea, first, f"Sure, please send it to:\n\n{ADDRESS}\n\nMy phone is 0191 498 0123.")
    order = only(tea)
    assert taken.conversation == first.conversation
    assert (order.ship_line1, order.ship_postcode, order.phone, order.gap_count) == (
        "14 Elm Road", "LS1 4AB", "+441914980123", 0,
    )  # fmt: skip
    assert order.sources["ship_postcode"]["message"] == taken.message
    assert tea.all(OrderChange) == []
    assert not tea.seen(first.conversation).asks
    tea.sound()


def test_a_change_waits_for_a_person(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    taken = answer(tea, first, "Sorry, please make it 3 blue mugs instead.")
    assert wanted(tea, only(tea)) == {"MUG-BLU": 2, "KET-CU": 1}
    (change,) = tea.all(OrderChange)
    assert (change.message_id, change.state) == (taken.message, "open")
    assert [(c["what"], c["from"], c["to"]) for c in change.changes] == [("quantity", 2, 3)]
    assert tea.seen(first.conversation).next_action == "check_answer"
    text = tea.message(taken.message).text
    start, end = change.changes[0]["span"]
    assert text[start:end] == change.changes[0]["text"]
    tea.sound()


def settle(shop: Shop, state: str = "verified") -> None:
    """The order is as far as `state`, by whatever way."""
    from checkout_desk.extensions import db
    from checkout_desk.orders import completeness

    with shop.writing():
        order = db.session.query(Order).one()
        order.state = state
        completeness.reckon(order)


def test_a_second_order_in_the_thread_of_a_verified_one_is_an_order_of_its_own(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    settle(tea)
    taken = answer(tea, first, f"Hello, I would like to order 4 linen tea towels.\n\n{ADDRESS}")
    one, two = orders(tea)
    assert (two.number, two.conversation_id, two.born_of_id) == (1002, first.conversation, taken.message)
    assert wanted(tea, one) == {"MUG-BLU": 2, "KET-CU": 1}
    assert wanted(tea, two) == {"TWL-LIN": 4}
    assert tea.seen(first.conversation).order_number == 1002
    tea.sound()


def test_words_of_change_about_a_verified_order_make_no_second_one(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    settle(tea)
    answer(tea, first, "Please make it 5 blue mugs instead of 2.")
    assert len(orders(tea)) == 1
    (change,) = tea.all(OrderChange)
    assert [(c["what"], c["to"]) for c in change.changes] == [("quantity", 5)]
    tea.sound()


@pytest.mark.parametrize("state", ["draft", "verified"])
def test_the_same_order_again_in_its_thread_is_only_noted(tea: Shop, state: str) -> None:
    first = tea.take(mail(WANTS))
    settle(tea, state)
    answer(tea, first, f"Did you get my order?\n\n{WANTS}")
    assert len(orders(tea)) == 1
    assert tea.all(OrderChange) == []
    assert len(tea.all(Event, Event.kind == "order.repeated")) == 1
    c = tea.seen(first.conversation)
    assert (c.asks, c.next_action) == (True, "answer")
    tea.sound()


@pytest.mark.parametrize("doubt", ["new_person", "dmarc"])
def test_who_may_not_be_the_customer_only_proposes(tea: Shop, doubt: str) -> None:
    tea.set_store(own_authserv_id="mx.shop.example")
    first = tea.take(mail(HALF))
    text = "Make it 9 blue mugs and send it to:\n\nEve, 1 Dark Lane, Leeds LS9 9XX\n0191 498 0999"
    if doubt == "new_person":
        answer(tea, first, text, sender=EVE)
    else:
        answer(tea, first, text, headers={"Authentication-Results": "mx.shop.example; dmarc=fail"})
    order = only(tea)
    assert (order.ship_line1, order.phone, wanted(tea, order)) == ("", "", {"MUG-BLU": 2})
    (change,) = tea.all(OrderChange)
    assert {c["doubt"] for c in change.changes} == {doubt}
    assert {c["what"] for c in change.changes} == {"quantity", "detail"}
    assert tea.seen(first.conversation).asks
    assert tea.all(Customer, Customer.country.is_not(None)) == []
    tea.sound()


def test_a_stranger_starts_no_order_in_somebodys_conversation(tea: Shop) -> None:
    first = tea.take(mail("Do you have mugs?"))
    taken = answer(tea, first, WANTS, sender=EVE)
    assert taken.conversation == first.conversation
    assert orders(tea) == []
    assert tea.seen(first.conversation).asks


def test_a_change_of_an_order_that_nobody_knows_is_for_a_person(tea: Shop) -> None:
    first = tea.take(mail("Do you have mugs?"))
    quoted = "\n\nOn Monday, Shop <orders@shop.example> wrote:\n> 2 x blue mug\n> 1 x copper kettle\n"
    taken = answer(tea, first, "Please make it 3 blue mugs instead." + quoted)
    assert kinds(tea)[taken.message][:2] == ("order", "update")
    assert orders(tea) == []
    assert tea.seen(first.conversation).next_action == "answer"


def test_an_order_in_a_conversation_that_was_about_something_else(tea: Shop) -> None:
    first = tea.take(mail("Do you have mugs?"))
    tea.answered(first.conversation)
    taken = answer(tea, first, WANTS)
    assert only(tea).born_of_id == taken.message
    assert tea.seen(first.conversation).next_action == "check_order"
    tea.sound()


def test_a_question_in_the_thread_of_an_order_comes_first(tea: Shop) -> None:
    first = tea.take(mail(WANTS))
    answer(tea, first, "When will it arrive?")
    c = tea.seen(first.conversation)
    assert (c.asks, c.next_action, c.order_number) == (True, "answer", 1001)
    answer(tea, first, "Please add 1 tea strainer.")
    assert tea.seen(first.conversation).next_action == "check_answer"
    tea.sound()


def test_a_wish_for_the_delivery_is_a_note_and_no_line_and_no_address(tea: Shop) -> None:
    taken = tea.take(
        mail(WANTS.replace("please.", "please. If I am out, leave it with the neighbour, no. 16."))
    )
    order = only(tea)
    assert order.delivery_wish == "leave it with the neighbour, no. 16"
    assert (order.ship_line1, wanted(tea, order)) == ("14 Elm Road", {"MUG-BLU": 2, "KET-CU": 1})
    start, end = order.sources["delivery_wish"]["span"]
    assert tea.message(taken.message).text[start:end] == order.delivery_wish
