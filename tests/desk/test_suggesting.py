"""What a mail asks for is one key away: a copy of the invoice, a return. Nothing happens by itself."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Attachment, Draft, Message
from checkout_desk.correspondence import replies
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders import quote_pdf
from checkout_desk.orders.models import MessageReading, Quote
from checkout_desk.returns.models import Return
from tests.builders import JANE, Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.returns.counter import Counter

INVOICE_ASKED = "Hello, could you send me a copy of my invoice, please?\n\nThanks, Jane"
BACK_ASKED = "Hello, I would like to return the teapot, it does not pour well.\n\nThanks, Jane"


@pytest.fixture
def counter(shop: Shop) -> Counter:
    return Counter(Stage(shop))


@pytest.fixture
def sam(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """Somebody of support."""
    return as_role("support")


def asked(counter: Counter, number: int, text: str) -> int:
    """Jane writes into her thread; returns the conversation."""
    c = counter.stage.row(number)
    first = counter.shop.all(Message, Message.conversation_id == c.id, Message.direction == "in")[0]
    taken = counter.shop.take(
        text=text, sender=JANE, subject="Re: my order", in_reply_to=f"<{first.mail_id}>"
    )
    assert taken.conversation == c.id
    return c.id


def test_the_copy_of_an_invoice_is_one_key_and_send(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    c = asked(counter, number, INVOICE_ASKED)
    page = sam.open(f"/conversations/{c}")
    assert "asks for the invoice of order" in page.html and 'data-key="d"' in page.html
    composer = sam.open(page.link("Answer: copy of the invoice"))
    assert f"copy of the invoice for your order {number}" in composer.html
    assert f"{number}-Q1.pdf goes along" in composer.html
    assert not counter.shop.all(Message, Message.kind == "letter", Message.direction == "out")
    composer.press("Send", "send")
    mail = counter.shop.bytes_of(counter.shop.all(OutboundMail)[-1])
    assert f"{number}-Q1.pdf".encode() in mail
    file = counter.shop.all(Attachment, Attachment.filename == f"{number}-Q1.pdf")[-1]
    quote = counter.shop.all(Quote, Quote.state == "paid")[0]
    assert file.size == len(quote_pdf.make(quote.content)), "what was paid, and nothing newer"
    assert counter.stage.row(number).state == "waiting"


def test_it_is_written_in_the_customers_language(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    with counter.over(number) as (order, _):
        order.language = "de"
    c = asked(counter, number, "Können Sie mir bitte die Rechnung schicken?")
    composer = sam.open(f"/conversations/{c}/compose/reply?invoice={number}")
    assert f"Kopie der Rechnung zu Ihrer Bestellung {number}" in composer.html


def test_what_was_not_paid_has_no_invoice(sam: Browser, counter: Counter) -> None:
    number, _ = counter.quoted()
    c = asked(counter, number, INVOICE_ASKED)
    assert "copy of the invoice" not in sam.open(f"/conversations/{c}").html
    composer = sam.open(f"/conversations/{c}/compose/reply?invoice={number}")
    assert "so it has no invoice to copy" in composer.html


def test_a_stranger_gets_no_invoice(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    taken = counter.shop.take(
        text=f"Please send me a copy of the invoice of order {number}.",
        sender="Mal <mal@else.example>",
        subject="?",
    )
    assert "Answer: copy of the invoice" not in sam.open(f"/conversations/{taken.conversation}")
    composer = sam.open(f"/conversations/{taken.conversation}/compose/reply?invoice={number}")
    assert "belongs to another customer" in composer.html


def test_a_wish_to_send_something_back_leads_to_the_form(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    c = asked(counter, number, BACK_ASKED)
    with counter.shop.reading():
        newest = db.select(MessageReading.kind).order_by(MessageReading.message_id.desc()).limit(1)
        assert db.session.scalar(newest) == "return_request"
    page = sam.open(f"/conversations/{c}")
    assert "wants to send something of order" in page.html and 'data-key="d"' in page.html
    assert not counter.shop.all(Return), "nothing by itself"
    form = page.follow("Start a return")
    assert form.status == 200 and form.path.startswith("/returns/new")
    assert str(number) in form.html


def test_an_order_that_has_not_left_gets_no_such_offer(sam: Browser, counter: Counter) -> None:
    number = counter.paid()
    c = asked(counter, number, BACK_ASKED)
    assert "Start a return" not in sam.open(f"/conversations/{c}")


def test_the_form_begins_with_the_mail_and_the_return_names_it(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    c = asked(counter, number, BACK_ASKED)
    form = sam.open(f"/conversations/{c}").follow("Start a return")
    assert "it does not pour well" in form.form("/returns/new").value("words")
    pot = counter.ids("POT-06")[0]
    made = form.press("Enter the return", **{f"n{pot}": "1", "reason": "not_as_described"})
    assert made.path.startswith("/returns/") and made.status == 200
    back = counter.shop.all(Return)[0]
    mail = counter.shop.all(Message, Message.conversation_id == c, Message.direction == "in")[-1]
    assert (back.source, back.message_id) == ("mail", mail.id)


def test_the_mail_of_another_conversation_is_not_taken(sam: Browser, counter: Counter) -> None:
    number = counter.delivered()
    other = counter.shop.take(text="A secret of somebody else", sender="Mal <mal@else.example>", subject="?")
    theirs = counter.shop.all(Message, Message.conversation_id == other.conversation)[0]
    assert "A secret" not in sam.open(f"/returns/new?order={number}&message={theirs.id}")


def kept(counter: Counter, topic: str, title: str, text: str, language: str = "en") -> None:
    person = counter.shop.person("support")
    with counter.shop.writing():
        by = db.session.get_one(Person, person)
        replies.save(None, title=title, language=language, text=text, by=by, topic=topic)


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("address_change", "I have moved, can you change the delivery address?"),
        ("exchange", "Is an exchange possible, and how?"),
        ("return", "How can I send it back?"),
    ],
)
def test_the_saved_reply_for_the_question_stands_above_the_composer(
    sam: Browser, counter: Counter, topic: str, said: str
) -> None:
    number = counter.paid()
    c = asked(counter, number, said)
    assert "Asks about" not in sam.open(f"/conversations/{c}"), "nobody has kept a reply for it"
    kept(counter, "invoice", "Another kind", "No.")
    kept(counter, topic, "Fitting words", "About order [ORDER_NUMBER]: of course.")
    kept(counter, topic, "Passende Worte", "Zu Bestellung [ORDER_NUMBER]: gerne.", "de")
    page = sam.open(f"/conversations/{c}")
    assert f"Asks about: {replies.TOPICS[topic].lower()}" in page
    assert 'data-key="v"' in page.html
    composer = page.follow("Answer: Fitting words")
    assert composer.form("/send").value("text") == f"About order {number}: of course."
    assert counter.shop.all(Draft) == [], "it is a proposal until somebody types or sends"
    assert not counter.shop.all(Message, Message.kind == "letter", Message.direction == "out")
    with counter.over(number) as (order, _):
        order.language = "de"
    assert "Zu Bestellung" in sam.open(f"/conversations/{c}").follow("Answer: Passende Worte").html


def test_what_somebody_typed_is_not_replaced_by_a_proposal(sam: Browser, counter: Counter) -> None:
    number = counter.paid()
    c = asked(counter, number, "How can I send it back?")
    kept(counter, "return", "Way back", "Like this.")
    page = sam.open(f"/conversations/{c}")
    proposed = page.link("Answer: Way back")
    sam.open(f"/conversations/{c}/compose/reply").press("Insert", text="My own words\n/nothing")
    assert sam.open(proposed).form("/send").value("text").startswith("My own words")


def test_a_topic_that_is_none_is_refused(sam: Browser) -> None:
    page = sam.open("/templates/replies").press("Save", title="A", text="B", topic="weather")
    assert page.status == 422
    assert "“weather” is none of the choices" in page
