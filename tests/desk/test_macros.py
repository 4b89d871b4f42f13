"""A macro moves order, mail and conversation together, or nothing; one undo takes all of it back."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Act, Conversation, Draft
from checkout_desk.correspondence import macros
from checkout_desk.correspondence.macros import Typed
from checkout_desk.correspondence.models import Macro
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.orders.stage import COMPLETE, Stage, line, quay, reading
from tests.page import Browser, Page

WORDS = {
    "en": "We have cancelled order [ORDER_NUMBER], as you asked.",
    "de": "Wir haben Bestellung [ORDER_NUMBER] storniert.",
}
CANCEL: dict[str, Any] = {
    "name": "Cancel as asked", "texts": WORDS, "order_move": "cancel", "reason": "The customer asked for it",
    "tags": "cancelled, friendly", "assign": "me", "after": "snooze", "snooze_days": "3",
}  # fmt: skip


@pytest.fixture
def stage(shop: Shop) -> Stage:
    return Stage(shop)


def keep(shop: Shop, **typed: Any) -> int:
    person = shop.person("manager")
    with shop.writing():
        return macros.save(None, Typed(**typed), by=db.session.get_one(Person, person)).id


def begun(agent: Browser, c: int, macro: int, **typed: str) -> Page:
    page = agent.open(f"/conversations/{c}/compose/reply")
    return page.press("Use macro", use=str(macro), **typed)


def facts(c: Conversation) -> tuple[Any, ...]:
    return c.state, c.tags, c.assignee_id, c.snoozed_until, c.escalated_to_role


def test_order_mail_and_conversation_move_at_once_and_back(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    c = stage.row(number)
    was = facts(c)
    macro = keep(shop, **CANCEL)
    page = begun(agent, c.id, macro, text="Dear Jane,")
    for words in (f"Order {number} is cancelled: The customer asked for it", "Tagged cancelled, friendly",
                  "Assigned to", "Sleeps for 3 days", "sent to the addresses above"):  # fmt: skip
        assert words in page
    assert (
        page.form("/send").value("text") == f"Dear Jane,\n\nWe have cancelled order {number}, as you asked."
    )
    assert stage.seen(number).state == "draft", "nothing before it is sent"
    sent = page.press("Send", "send")
    assert "Cancel as asked: Mail to Jane Fox" in sent
    after = stage.row(number)
    assert (stage.seen(number).state, after.state, after.tags) == (
        "cancelled",
        "snoozed",
        ["cancelled", "friendly"],
    )
    assert after.assignee_id == shop.person("support")
    assert after.snoozed_until is not None
    assert shop.all(Macro)[0].used == 1
    assert len(shop.all(Act)) == 1, "one act, so one undo"
    assert shop.all(OutboundMail)[0].state == "queued"
    shop.sound()

    back = agent.open(f"/conversations/{c.id}").press("Undo", "/undo")
    assert facts(stage.row(number)) == was
    assert (stage.seen(number).state, stage.seen(number).cancelled_at) == ("draft", None)
    assert shop.all(OutboundMail)[0].state == "cancelled"
    assert shop.all(Macro)[0].used == 0
    assert "What this macro does" in back.html, "the draft is there again, and still the macro's"
    assert "Cancel as asked: Mail" in back.press("Send", "send")
    shop.sound()


def test_the_undo_of_the_countdown_knows_it(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    begun(agent, stage.row(number).id, keep(shop, **CANCEL)).press("Send", "send")
    outbound = shop.all(OutboundMail)[0].id
    page = agent.open(f"/conversations/{stage.row(number).id}")
    token = page.form("/undo").value("csrf_token")
    assert agent.post(f"/outbox/{outbound}/undo", {"csrf_token": token}).status in (200, 303)
    assert stage.seen(number).state == "draft"


def test_too_late_to_undo_undoes_nothing(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    page = begun(agent, stage.row(number).id, keep(shop, **CANCEL)).press("Send", "send")
    shop.deliver(shop.messages(stage.row(number).id)[-1])
    assert "Too late to undo" in page.press("Undo", "/undo")
    assert (stage.seen(number).state, stage.row(number).state) == ("cancelled", "snoozed")
    assert shop.owed(stage.row(number).id) == 0, "the promise is answered"
    shop.sound()


def test_an_order_that_moved_on_keeps_everything_as_it_is(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    page = begun(agent, stage.row(number).id, keep(shop, **CANCEL)).press("Send", "send")
    with stage.on(number) as (order, _, _by):
        order.cancel_reason = "Somebody said why"
    assert "has changed since; nothing was undone" in page.press("Undo", "/undo")
    assert shop.all(OutboundMail)[0].state == "queued"


def test_a_part_that_is_not_possible_stops_all_and_is_named(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(reading(line("MUG-BLU", None), ship_to=quay()))  # how many is missing
    c = stage.row(number)
    macro = keep(shop, name="Verify and thank", texts={"en": "Thank you."}, order_move="verify", tags="seen")
    page = begun(agent, c.id, macro)
    assert "cannot be verified yet" in page
    refused = page.press("Send", "send")
    assert refused.status == 409
    assert (
        f"“Verify and thank” was not applied. Order {number} is verified: Order {number} cannot be verified"
        in refused
    )
    assert facts(stage.row(number)) == facts(c)
    assert shop.all(OutboundMail) == []
    assert shop.all(Draft)[0].text == "Thank you.", "what was typed stays"
    assert shop.all(Macro)[0].used == 0


def test_newer_mail_stops_every_part(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    c = stage.row(number)
    page = begun(agent, c.id, keep(shop, **CANCEL))
    first = shop.messages(c.id)[0]
    shop.take(text="Wait, do send it!", in_reply_to=f"<{first.mail_id}>")
    stopped = page.press("Send", "send")
    assert stopped.status == 409
    assert "no part of the macro was done" in stopped
    assert "Wait, do send it!" in stopped
    assert stage.seen(number).state == "draft"
    assert stage.row(number).tags == []


def test_what_has_a_price_is_cancelled_in_its_panel(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    with stage.on(number) as (order, _, _by):
        order.state = "quoted"
    page = begun(agent, stage.row(number).id, keep(shop, **CANCEL))
    assert "cancel it in its panel" in page
    assert page.press("Send", "send").status == 409
    assert stage.seen(number).state == "quoted"


def test_asking_for_details_begins_with_the_template(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(reading(line("MUG-BLU", 2)))
    c = stage.row(number)
    macro = keep(
        shop, name="Ask, then wait", texts={"en": "By the way, the blue ones are back."}, order_move="ask"
    )
    page = begun(agent, c.id, macro, text="Hello again.")
    text = page.form("/send").value("text")
    assert text.endswith("Hello again.\n\nBy the way, the blue ones are back.")
    assert "[CUSTOMER_PAGE]" in text
    page.press("Send", "send")
    assert (stage.seen(number).state, stage.row(number).state) == ("clarifying", "waiting")
    agent.open(f"/conversations/{c.id}").press("Undo", "/undo")
    assert stage.seen(number).state == "draft"


def test_words_of_the_customers_language_and_of_its_name(shop: Shop, stage: Stage, agent: Browser) -> None:
    number = stage.order(COMPLETE)
    with stage.on(number) as (order, _, _by):
        order.language = "de"
    keep(shop, **CANCEL)
    page = agent.open(f"/conversations/{stage.row(number).id}/compose/reply")
    page = page.press("Insert", text="Guten Tag\n/cancel as")
    assert page.form("/send").value("text") == f"Guten Tag\n\nWir haben Bestellung {number} storniert."
    assert "What this macro does" in page.html
    without = page.press("Use macro", use="")
    assert without.form("/send").value("text") == "Guten Tag"
    assert "What this macro does" not in without.html


def test_a_conversation_without_an_order_has_none_to_move(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Good morning, thank you for the kind words about our garden.")
    macro = keep(shop, **{**CANCEL, "texts": {"en": "Hello."}})
    page = begun(agent, taken.conversation, macro)
    assert "this conversation has no order" in page
    assert page.press("Send", "send").status == 409


def test_escalating_and_closing(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Good morning, thank you for the kind words about our garden.")
    up = keep(shop, name="Up", texts={"en": "A colleague will write."}, escalate_role="manager", reason="Needs a head",
              after="stay")  # fmt: skip
    begun(agent, taken.conversation, up).press("Send", "send")
    c = shop.seen(taken.conversation)
    assert (c.state, c.escalated_to_role, c.escalated_reason, c.exception) == (
        "open",
        "manager",
        "Needs a head",
        True,
    )
    shut = keep(shop, name="Shut", texts={"en": "Goodbye."}, after="close")
    begun(agent, taken.conversation, shut).press("Send", "send")
    assert shop.seen(taken.conversation).state == "closed"
    shop.sound()


@rows_on_sqlite(
    ("typed", "field", "words"),
    [
        ({"name": " "}, "name", "type 1 to 80"),
        ({"texts": {}}, "texts", "in at least one language"),
        ({"texts": {"en": "[ORDR_NUMBER]"}}, "text_en", "did you mean [ORDER_NUMBER]"),
        ({"texts": {"de": "GB82 WEST 1234 5698 7654 32"}}, "text_de", "bank account"),
        ({"order_move": "ship"}, "order_move", "“ship” is none of the choices"),
        ({"order_move": "cancel"}, "reason", "say why"),
        ({"escalate_role": "manager", "reason": "x", "after": "close"}, "escalate_role", "nobody’s case"),
        ({"escalate_role": "king", "reason": "x"}, "escalate_role", "“king”"),
        ({"after": "snooze", "snooze_days": "0"}, "snooze_days", "type 1 to 90 days"),
        ({"after": "snooze", "snooze_days": "²"}, "snooze_days", "“²”"),
        ({"assign": "999"}, "assign", "does not work at this desk"),
        ({"tags": "a,b,c,d,e,f"}, "tags", "at most 5"),
    ],
)
def test_what_cannot_be_kept_is_named(shop: Shop, typed: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Faulty) as refused:
        keep(shop, **{"name": "A", "texts": {"en": "B"}, **typed})
    assert words in refused.value.fields[field]


def test_managers_keep_them_and_everybody_reads_how_often_they_were_used(shop: Shop, as_role: Any) -> None:
    boss = as_role("manager")
    page = boss.open("/templates").follow("Macros")
    made = page.press("Save", name="Close kindly", text_en="Thank you.", after="close")
    assert "“Close kindly” is saved." in made
    assert "used 0×" in made and "writes in English; closes" in made
    wrong = page.press("Save", name="close KINDLY", text_en="Kept words", after="close")
    assert wrong.status == 422
    assert "Name is empty; type 1 to 80" in page.press("Save", name="")
    assert "“Close kindly” is there already" in wrong
    assert "Kept words" in wrong.html
    other = made.follow("Close kindly").press("Save", name="Close warmly")
    assert "Close warmly" in other
    agent = as_role("support")
    seen = agent.open("/templates/macros").follow("Close warmly")
    assert "Save" not in seen.buttons()
    token = agent.open("/queue/answer").form("/sign-out").value("csrf_token")
    assert agent.post("/templates/macros", {"csrf_token": token, "name": "x"}).status == 403
    assert "is removed" in boss.open("/templates/macros").follow("Close warmly").press("Remove")
    assert shop.all(Macro) == []
