"""The pages on which a person is found, handed over and erased, holds are put and rules are set."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.conversations import acting
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.records import erasing, person_export, retention
from checkout_desk.records.models import Erasure, LegalHold, PersonExport, RetentionRule
from tests.builders import Shop
from tests.page import Browser
from tests.signing import PASSWORD

AsRole = Callable[[str], Browser]


def wrote(shop: Shop, *, close: bool = True) -> tuple[int, int]:
    """A customer whose one conversation is over: (customer, conversation)."""
    taken = shop.take(sender="Quelle Maus <quelle@maus.example>", text="Do you sell zwiebelfisch?")
    if close:
        shop.act(lambda cs, by: acting.close(cs, by=by), taken.conversation)
    customer_id = shop.seen(taken.conversation).customer_id
    assert customer_id
    return customer_id, taken.conversation


def test_a_person_is_found_handed_over_and_erased(shop: Shop, as_role: AsRole) -> None:
    customer_id, talk = wrote(shop)
    admin = as_role("admin")
    assert "Quelle Maus" in admin.open("/records/people?q=maus.exam")
    assert "Nobody is found" in admin.open("/records/people?q=nobody-here")
    page = admin.open(f"/records/people/{customer_id}")
    assert "Mails, notes and drafts" in page
    assert page.press("Make the ZIP", f"/records/people/{customer_id}/export", password="wrong").status == 422
    page.press("Make the ZIP", f"/records/people/{customer_id}/export", password=PASSWORD)
    with shop.reading():
        person_export.make(db.session.scalars(select(PersonExport.id)).one())
    taken = admin.open(f"/records/people/{customer_id}").press("Download")
    with zipfile.ZipFile(io.BytesIO(taken.response.data)) as pack:
        assert json.loads(pack.read("data/customer_address.json"))[0]["email"] == "quelle@maus.example"
        assert any(
            name.startswith("mails/in-") and b"zwiebelfisch" in pack.read(name) for name in pack.namelist()
        )
        assert "README.txt" in pack.namelist()
    plan = admin.open(f"/records/people/{customer_id}/erase")
    assert "What stays, and why" in plan
    to = f"/records/people/{customer_id}/erase"
    assert plan.press("Erase this person", to, phrase="someone", password=PASSWORD).status == 422
    assert plan.press("Erase this person", to, phrase="quelle@maus.example", password="wrong").status == 422
    assert shop.all(Erasure) == []
    plan.press("Erase this person", to, phrase="Quelle@Maus.example", password=PASSWORD)
    with shop.reading():
        erasing.sweep()
    assert "This person was erased" in admin.open(f"/records/people/{customer_id}")
    assert shop.messages(talk)[0].text == "Erased."
    assert shop.all(PersonExport) == []
    assert "zwiebelfisch" not in admin.open(f"/conversations/{talk}")
    shop.sound()


def test_who_may_not_erase_is_not_offered_it(shop: Shop, as_role: AsRole) -> None:
    customer_id, _ = wrote(shop)
    manager = as_role("manager")
    assert "Look at what would go" not in manager.open(f"/records/people/{customer_id}")
    assert manager.get(f"/records/people/{customer_id}/erase").status_code == 403
    assert manager.get("/records/retention").status_code == 403
    assert as_role("support").get(f"/records/people/{customer_id}").status_code == 403


def test_a_hold_is_put_shown_and_lifted(shop: Shop, as_role: AsRole) -> None:
    customer_id, _ = wrote(shop)
    admin = as_role("admin")
    page = admin.open(f"/records/people/{customer_id}")
    assert page.press("Hold", "/records/holds", reason="no").status == 422
    page.press("Hold", "/records/holds", reason="A court asked for it")
    assert "A court asked for it" in admin.open(f"/records/people/{customer_id}")
    assert "A court asked for it" in admin.open(f"/customers/{customer_id}")
    plan = admin.open(f"/records/people/{customer_id}/erase")
    assert "is under legal hold since" in plan
    assert "Erase this person" not in plan.buttons()
    holds = admin.open("/records/holds")
    assert holds.press("Lift", "/records/holds/1/lift", why="x").status == 422
    holds.press("Lift", "/records/holds/1/lift", why="The court is done")
    assert [one.lifted_why for one in shop.all(LegalHold)] == ["The court is done"]
    assert "The court is done" in admin.open("/records/holds")
    assert holds.press("Hold", "/records/holds", order="99", reason="Of no order").status == 422
    nothing = holds.press("Hold", "/records/holds", order="", reason=" ")
    assert "The number is empty; type one such as 1042." in nothing
    assert "The reason is empty; write 5 to 300 characters." in nothing


def test_a_rule_is_looked_at_set_and_swept(shop: Shop, as_role: AsRole) -> None:
    held, held_talk = wrote(shop)
    open_ = shop.take(sender="Open <open@else.example>", text="Still being talked about").conversation
    gone = shop.take(sender="Gone <gone@else.example>", text="Long done zwiebelkuchen").conversation
    fresh = shop.take(sender="Fresh <fresh@else.example>", text="Written today").conversation
    shop.act(lambda cs, by: acting.close(cs, by=by), gone, fresh)
    long_ago = clock.now() - timedelta(days=70)
    with shop.writing():
        for talk in (held_talk, open_, gone):
            db.session.execute(update(Message).where(Message.conversation_id == talk).values(at=long_ago))
            old: dict[str, Any] = {"last_message_at": long_ago}
            if talk != open_:
                old["queue_at"] = long_ago
            db.session.execute(update(Conversation).where(Conversation.id == talk).values(**old))
    admin = as_role("admin")
    admin.open(f"/records/people/{held}").press("Hold", "/records/holds", reason="A court asked for it")
    page = admin.open("/records/retention")
    assert page.press("See what would go", months="none").status == 422
    assert "See what would go" in page.buttons()
    page = page.press("See what would go", months="2")
    with shop.reading():
        assert db.session.scalars(select(RetentionRule)).all() == [], "nobody sets a rule unseen"
    assert "After 2 months, 1 would go now" in page
    page.press("Remove after 2 months")
    with shop.reading():
        assert [rule.months for rule in db.session.scalars(select(RetentionRule))] == [2]
        db.session.rollback()
        assert retention.sweep() == 1
        assert retention.sweep() == 0
    texts = {talk: shop.messages(talk)[0].text for talk in (held_talk, open_, gone, fresh)}
    assert texts[gone] == "Erased."
    assert [talk for talk, text in texts.items() if text == "Erased."] == [gone]
    admin.open("/records/retention").press("Keep for ever")
    with shop.reading():
        assert db.session.scalars(select(RetentionRule)).all() == []
    shop.sound()


def test_a_hold_stands_on_the_order(shop: Shop, as_role: AsRole) -> None:
    _, talk = wrote(shop, close=False)
    with shop.writing():
        now = clock.now()
        order = Order(
            number=1042, conversation_id=talk, customer_id=1, currency="GBP", created_at=now, updated_at=now
        )
        db.session.add(order)
    admin = as_role("admin")
    admin.open("/records/holds").press("Hold", "/records/holds", order="1042", reason="The tax office asks")
    assert "Legal hold since" in admin.open("/orders/1042")
    assert "The tax office asks" in admin.open("/orders/1042")
