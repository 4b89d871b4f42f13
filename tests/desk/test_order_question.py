"""The question about an order: begun in the composer, checked while it is changed, sent, and taken back."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import Order
from tests.builders import Shop
from tests.doorstep.conftest import GAPS
from tests.orders.stage import Stage, line, quay, reading
from tests.page import HTMX, Browser, Page


@pytest.fixture
def stage(shop: Shop) -> Stage:
    """A shop with a small catalogue."""
    return Stage(shop)


@pytest.fixture
def mia(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """The one who asks."""
    return as_role("processing")


def composer(mia: Browser, stage: Stage, number: int) -> Page:
    return mia.open(f"/conversations/{stage.row(number).id}/compose/reply?ask={number}")


def checks(page: Page) -> list[tuple[str, str]]:
    return [
        (tone, re.sub(r"<.*?>", "", words))
        for tone, words in re.findall(r'<li class="(ok|warn|stop)">(.*?)</li>', page.html, re.DOTALL)
    ]


def leaving(shop: Shop) -> EmailMessage:
    """The newest mail of ours."""
    return message_from_bytes(shop.bytes_of(shop.all(OutboundMail)[-1]), policy=policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    """The text or HTML part of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_composer_opens_with_the_question(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    page = composer(mia, stage, number)
    form = page.form("/send")
    text = form.value("text")
    assert text.startswith("Hello Jane Fox,\n\nThank you for your order.")
    assert "1. Which product did you mean by “the teapot”? We have:\n   - Teapot for six (£42.00)" in text
    assert "2. What is the postcode of 5 Quay Lane, Tynemouth?" in text
    assert "2 × Blue mug, £32.00" in text
    assert "orders@shop.example" in text
    assert form.value("subject") == f"Your order {number}: what we still need to know"
    assert form.value("choice") == "en"
    assert "Missing details, English v1" in page.html
    assert "Missing details, Japanese v1" in page.html
    assert checks(page) == [("ok", "Both gaps asked"), ("ok", "Order page"), ("ok", "Contact line")]
    assert mia.get(f"/conversations/{stage.row(number).id}/compose/note?ask={number}").status_code == 404


def test_the_lint_follows_what_a_person_writes(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    page = composer(mia, stage, number)
    form = dict(page.form("/send").fields) | {"text": "Which teapot, the teapot for six? Bye."}
    kept = mia.client.post(f"/conversations/{stage.row(number).id}/draft", data=form, headers=HTMX)
    found = re.findall(r'<li class="(\w+)">.*?</svg>(.*?)</li>', kept.text)
    assert found == [
        ("warn", "Does not ask: postcode"),
        ("warn", "No link to the order page"),
        ("warn", "No contact line"),
    ]


def test_sending_asks_and_undo_takes_all_of_it_back(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    shop = stage.shop
    before = stage.seen(number)
    row = stage.row(number)
    sent = composer(mia, stage, number).press("Send")
    assert sent.path == f"/conversations/{row.id}"
    order = stage.seen(number)
    assert order.state == "clarifying"
    assert [entry["gap"] for entry in order.asked] == ["product", "ship_to.postcode"]
    assert order.remind_at is not None
    assert stage.row(number).state == "waiting"
    message = shop.messages(row.id)[-1]
    assert message.reason == "Template Missing details, English v1"
    assert "http://localhost/o/…" in message.text
    link = shop.all(CustomerLink)[-1]
    assert (link.order_id, link.email, link.revoked_at) == (order.id, "jane@customer.example", None)

    mail = leaving(shop)
    text = part(mail, "plain")
    html = part(mail, "html")
    url = re.search(r"http://localhost/o/[\w-]{43}", text)
    assert url
    assert f'href="{url[0]}"' in html
    assert "Open your order page</a>" in html
    assert re.search(r"<td[^>]*>2</td><td[^>]*>Blue mug</td>", html)
    assert "[CUSTOMER_PAGE]" not in text + html
    assert (
        Browser(shop.app, shop.app.test_client()).open(url[0].removeprefix("http://localhost")).status == 200
    )

    stage.undo()
    order = stage.seen(number)
    assert (order.state, order.asked, order.remind_at) == (before.state, [], None)
    assert stage.row(number).state == "open"
    assert stage.row(number).next_action == row.next_action
    assert shop.all(CustomerLink)[-1].revoked_at is not None
    again = composer(mia, stage, number)
    assert "Which product did you mean" in again.form("/send").value("text")
    assert again.form("/send").value("purpose") == "ask_details"
    shop.sound()


def test_another_language_takes_the_place_of_untouched_words(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    german = composer(mia, stage, number).press("Use template", choice="de")
    form = german.form("/send")
    assert form.value("text").startswith("Guten Tag Jane Fox,")
    assert "Hello" not in form.value("text")
    assert form.value("template") == "missing_details:de:1"
    assert form.value("choice") == "de"
    edited = german.press("Use template", choice="fr", text=form.value("text").replace("Guten Tag", "Moin"))
    assert edited.form("/send").value("text").startswith("Bonjour Jane Fox,")
    assert "Moin Jane Fox" in edited.form("/send").value("text")


def test_no_template_is_an_ordinary_answer(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    plain = composer(mia, stage, number).press("Use template", choice="none")
    form = plain.form("/send")
    assert form.value("text").strip() == ""
    assert "purpose" not in dict(form.fields)
    assert form.value("choice") == "none"
    plain.press("Send", text="We close at six today.")
    assert stage.seen(number).state == "draft"


def test_what_was_typed_before_stays_below_the_question(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    c = stage.row(number)
    form = dict(mia.open(f"/conversations/{c.id}/compose/reply").form("/send").fields)
    mia.post(f"/conversations/{c.id}/draft", form | {"text": "It will be there by Friday."})
    text = composer(mia, stage, number).form("/send").value("text")
    assert text.startswith("Hello Jane Fox,")
    assert text.rstrip().endswith("It will be there by Friday.")


def test_without_the_link_only_what_is_asked_counts_as_asked(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    composer(mia, stage, number).press("Send", text="Dear Jane, what is your postcode?")
    assert [entry["gap"] for entry in stage.seen(number).asked] == ["ship_to.postcode"]
    assert stage.shop.all(CustomerLink) == []


def test_a_question_that_lost_its_sense_does_not_leave(mia: Browser, stage: Stage) -> None:
    number = stage.order(GAPS)
    page = composer(mia, stage, number)
    with stage.on(number) as (order, lines, _):
        order.ship_postcode = "NE30 1AA"
        lines[1].removed_at = order.created_at
    stopped = page.press("Send")
    assert f"Nothing is missing in order {number} any more" in stopped
    assert stage.shop.all(CustomerLink) == []
    assert stage.seen(number).state == "draft"


def test_the_form_cannot_name_an_order_of_another_conversation(mia: Browser, stage: Stage) -> None:
    number, other = stage.order(GAPS), stage.order(GAPS, sender="Eve <eve@elsewhere.example>")
    c = stage.row(number)
    assert mia.get(f"/conversations/{c.id}/compose/reply?ask={other}").status_code == 200
    assert "nothing to ask" in mia.open(f"/conversations/{c.id}/compose/reply?ask={other}")
    page = composer(mia, stage, number)
    page.press("Send", order=str(stage.seen(other).id), text="Hello there, all is well.")
    assert {o.state for o in stage.shop.all(Order)} == {"draft"}


def test_a_customer_called_like_a_placeholder_gets_an_honest_mail(mia: Browser, stage: Stage) -> None:
    number = stage.order(reading(line("MUG-BLU", 2), ship_to=quay(name="[STORE_NAME]", postcode=None)),
                         sender="[PAYMENT_INSTRUCTIONS] <jane@customer.example>")  # fmt: skip
    composer(mia, stage, number).press("Send")
    text = part(leaving(stage.shop), "plain")
    assert "[PAYMENT_INSTRUCTIONS]" in text
    assert text.count("/o/") == 1
    assert stage.seen(number).state == "clarifying"
