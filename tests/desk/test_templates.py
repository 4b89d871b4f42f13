"""The template studio and saved replies in a browser without script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.correspondence.models import SavedReply, TemplateVersion
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.orders.stage import Stage, line, quay, reading
from tests.page import HTMX, Browser, Page

CANCELLED = "/templates/order_cancelled/en"
WORDS = "Order [ORDER_NUMBER] is off. Write to [CONTACT_INFO]."


@pytest.fixture
def stage(shop: Shop) -> Stage:
    """A shop with a small catalogue."""
    return Stage(shop)


@pytest.fixture
def boss(as_role) -> Browser:  # type: ignore[no-untyped-def]
    """The one who may change templates."""
    return as_role("manager")


def drafted(boss: Browser, **typed: str) -> Page:
    return boss.open(CANCELLED).press("Save as draft", **({"subject": "Off", "body": WORDS} | typed))


def framed(page: Page) -> Any:
    src = re.search(r'<iframe[^>]*src="([^"]+)"', page.html)
    assert src
    return page.browser.get(src[1].replace("&amp;", "&"))


def test_the_list_says_which_version_is_in_use_and_whose_it_is(boss: Browser, shop: Shop) -> None:
    page = boss.open("/templates")
    assert "Order confirmed" in page
    assert 'aria-label="Order confirmed, English, v1"' in page.html
    assert 'aria-label="Order confirmed, Japanese, v1"' in page.html
    drafted(boss)
    assert 'aria-label="Order cancelled, English, v1"' in boss.open("/templates").html
    boss.open(CANCELLED).press("Approve version 2")
    row = re.search(r"Order cancelled, English, v2.*?</td>", boss.open("/templates").html)
    assert row
    assert "manager" in row[0].lower()


def test_a_draft_is_saved_compared_approved_and_rolled_back(boss: Browser, shop: Shop) -> None:
    page = drafted(boss)
    assert page.path == CANCELLED
    assert "Version 2 is saved as a draft" in page
    assert page.form(CANCELLED).value("body") == WORDS + "\n"
    compared = page.follow("Compare version 2")
    assert "Version 2 against version 1" in compared
    assert "<ins>" in compared.html
    assert "<del>" in compared.html
    done = page.press("Approve version 2")
    assert "Version 2 is in use from now on." in done
    back = done.press("Bring back version 1")
    assert "The words of version 1 are in use again, as version 3." in back
    assert [row.number for row in shop.all(TemplateVersion)] == [2, 3]


def test_approving_for_later_and_taking_that_back(boss: Browser, shop: Shop) -> None:
    page = drafted(boss)
    refused = page.press("Approve version 2", effective_from="2020-01-01T09:00")
    assert refused.status == 422
    assert "That time has passed" in refused
    assert "is no time" in page.press("Approve version 2", effective_from="soon")
    later = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    done = page.press("Approve version 2", effective_from=later)
    assert "Scheduled" in done
    assert "Draft" in done.press("Do not begin version 2")


def test_wrong_words_stay_and_are_named_at_their_field(boss: Browser, shop: Shop) -> None:
    page = drafted(boss, subject="Order [ORDER_NUMER]", body="Nothing")
    assert page.status == 422
    assert page.form(CANCELLED).value("subject") == "Order [ORDER_NUMER]"
    assert page.form(CANCELLED).value("body").strip() == "Nothing"
    assert re.search(r'id="f-subject-error".*?did you mean \[ORDER_NUMBER\]\?', page.html, re.DOTALL)
    assert re.search(r'id="f-body-error".*?have to stand in “Order cancelled”', page.html, re.DOTALL)
    assert shop.all(TemplateVersion) == []


def test_somebody_was_faster(boss: Browser, shop: Shop) -> None:
    mine = boss.open(CANCELLED)
    drafted(boss)
    page = mine.press("Save as draft", subject="Mine", body=WORDS + " Mine.")
    assert page.status == 409
    assert "Somebody saved version 2" in page
    assert page.form(CANCELLED).value("subject") == "Mine"
    assert "Version 3 is saved" in page.press("Save as draft")


def test_the_preview_is_the_mail_on_a_real_order(boss: Browser, stage: Stage) -> None:
    number = stage.order(reading(line("mug-blue", 2), ship_to=quay(), phone="0191 498 0123"))
    page = boss.open(f"/templates/order_confirmed/en?order={number}")
    assert f"Your Order #{number} is Confirmed" in page
    assert f"On order {number}. Examples stand for ESTIMATED_SHIPPING_TIME." in page
    answer = framed(page)
    assert "5 Quay Lane" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "prefers-color-scheme" not in answer.text
    assert "@media not all" in answer.text
    dark = framed(boss.open(f"/templates/order_confirmed/en?order={number}&scheme=dark"))
    assert "@media all" in dark.text
    text = boss.open(f"/templates/order_confirmed/en?order={number}&part=text")
    assert "<iframe" not in text.html
    assert "Shipping to: Jane Fox 5 Quay Lane" in text
    german = boss.open(f"/templates/order_shipped/de?order={number}&part=text")
    assert "Mittwoch, 25. November 2026" in german  # an example too speaks the language of its mail
    assert "There is no order 99999" in boss.open("/templates/order_confirmed/en?order=99999")


def test_typed_words_are_previewed_before_they_are_saved(boss: Browser, shop: Shop) -> None:
    page = boss.open(CANCELLED)
    shown = page.press("Show", subject="New [ORDER_NUMBER]", body=WORDS + " <script>x</script> {{ config }}")
    assert "New 1042" in shown
    assert "&lt;script&gt;x&lt;/script&gt; {{ config }}" in framed(shown).text
    form = dict(page.form(CANCELLED).fields) | {"body": "[WEATHER]"}
    live = boss.client.post(f"{CANCELLED}/preview", data=form, headers=HTMX)
    assert live.status_code == 200
    assert "[WEATHER] is no placeholder" in live.text
    assert boss.get("/templates/frame?w=forged").status_code == 404


def test_a_test_mail_goes_to_oneself_once(boss: Browser, shop: Shop) -> None:
    page = boss.open("/templates/order_quote/de")
    page.press("Test mail to me")
    page.press("Test mail to me")
    (mail,) = shop.all(OutboundMail)
    message = message_from_bytes(shop.bytes_of(mail), policy=policy.default)
    assert message["Subject"] == "[Test] Ihr Angebot 1042-Q1"
    assert "manager" in message["To"]
    assert "Unser Angebot" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_language_that_nobody_wrote_shows_what_stands_in(
    boss: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LANGUAGES, "it", replace(LANGUAGES["it"], templates={}))
    assert 'aria-label="Order confirmed, Italian, not written yet"' in boss.open("/templates").html
    page = boss.open("/templates/order_expired/it")
    assert "Nobody has written this in Italian. Customers get “Quote ended, English v1”" in page
    assert boss.get("/templates/order_expired/xx").status_code == 404
    assert boss.get("/templates/nothing/en").status_code == 404


def test_agents_read_templates_and_only_managers_change_them(agent: Browser, shop: Shop) -> None:
    page = agent.open(CANCELLED)
    assert page.status == 200
    assert "Save as draft" not in page.buttons()
    data = dict(page.form(CANCELLED).fields)
    assert agent.client.post(CANCELLED, data=data).status_code == 403
    assert agent.client.post(f"{CANCELLED}/1", data=data | {"act": "bring_back"}).status_code == 403


def reply(agent: Browser, title: str, text: str, language: str = "en") -> Page:
    return agent.open("/templates/replies").press("Save", title=title, text=text, language=language)


def test_replies_are_kept_changed_and_removed(agent: Browser, shop: Shop) -> None:
    assert "“Late parcel” is saved." in reply(agent, "Late parcel", "Sorry, [CUSTOMER_NAME].")
    wrong = reply(agent, "Late parcel", "[ORDR_NUMBER]")
    assert wrong.status == 422
    assert "did you mean [ORDER_NUMBER]?" in wrong
    assert wrong.form("/templates/replies").value("text").strip() == "[ORDR_NUMBER]"
    page = reply(agent, "Long", "parcel " * 40)
    assert "parcel parcel…" in page  # the line of the list says that more follows
    page.follow("Long").press("Remove")
    opened = agent.open("/templates/replies").follow("Late parcel")
    assert "“Late” is saved." in opened.press("Save", title="Late")
    opened.press("Remove")
    assert shop.all(SavedReply) == []


def composed(agent: Browser, conversation: int) -> Page:
    return agent.open(f"/conversations/{conversation}/compose/reply")


def test_a_reply_is_put_into_the_mail_by_choice_and_by_its_words(agent: Browser, stage: Stage) -> None:
    number = stage.order(reading(line("mug-blue", 2), ship_to=quay(), phone="0191 498 0123"))
    c = stage.row(number).id
    assert "Saved reply" not in composed(agent, c).html
    reply(agent, "Late parcel", "Sorry for order [ORDER_NUMBER], [CUSTOMER_NAME].")
    reply(agent, "Late refund", "The refund of [TOTAL_DUE] is late.")
    rows = stage.shop.all(SavedReply)
    said = f"Sorry for order {number}, Jane Fox."

    page = composed(agent, c).press("Insert", text="Hello,", reply=str(rows[0].id))
    assert page.form("/send").value("text").strip() == f"Hello,\n\n{said}"
    page = composed(agent, c).press("Insert", text="Hello,\n/parcel\nBye")
    assert page.form("/send").value("text").replace("\r\n", "\n").strip() == f"Hello,\n{said}\nBye"

    page = composed(agent, c).press("Insert", text="/late")
    assert page.status == 422
    assert "“/late” fits 2 saved replies: “Late parcel” in English, “Late refund” in English." in page
    assert page.form("/send").value("text").strip() == "/late"
    assert "No saved reply or macro has the words “weather”." in composed(agent, c).press(
        "Insert", text="/weather"
    )
    page = composed(agent, c).press("Insert", text="Hi", reply=str(rows[1].id))
    assert page.status == 422
    assert "[TOTAL_DUE] in “Late refund” would stay empty" in page
    assert page.form("/send").value("text").strip() == "Hi"


def test_without_an_order_its_placeholders_are_refused(agent: Browser, shop: Shop) -> None:
    c = shop.take(text="Good morning.").conversation
    reply(agent, "Number", "Your order is [ORDER_NUMBER].")
    page = composed(agent, c).press("Insert", text="/number")
    assert page.status == 422
    assert "[ORDER_NUMBER] in “Number” would stay empty" in page
