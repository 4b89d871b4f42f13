"""Two at the same moment: whoever comes second neither loses a mail nor what it tells, and nobody sees a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, relocating
from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.extensions import db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import delivery, importing, receiving
from checkout_desk.mail.health import note_mail
from checkout_desk.mail.models import Mailbox, OutboundMail, RawMail
from tests.builders import MONDAY, Shop, mail
from tests.conversations.crossing import at_once, during
from tests.desk.test_composing import WORDS, compose
from tests.page import Browser


def _row(conversation: int) -> Conversation:
    return db.session.get_one(Conversation, conversation)


def test_two_mails_of_one_conversation_are_filed_without_waiting_crosswise(shop: Shop) -> None:
    first = shop.take()
    known = shop.message(first.message).mail_id or ""
    raws = [shop.receive(mail(f"more {n}", in_reply_to=known)) for n in range(2)]
    works = [lambda raw=raw: take_in(raw) for raw in raws]
    outcomes = at_once(shop.app, *works, after="INSERT INTO message ")
    assert outcomes == [("stored", first.conversation)] * 2
    assert [(raw.state, raw.attempts) for raw in shop.all(RawMail)] == [("taken_in", 1)] * 3
    assert shop.owed(first.conversation) == 3
    shop.sound()


def test_a_mail_that_comes_during_a_merge_goes_where_the_others_went(shop: Shop) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    known = shop.message(source.message).mail_id or ""
    raw = shop.receive(mail("where to?", in_reply_to=known))
    person = shop.person("support")

    def merging() -> None:
        by = db.session.get_one(Person, person)
        relocating.merge(_row(source.conversation), into=_row(target.conversation), by=by)

    during(shop.app, merging, lambda: take_in(raw))
    (last,) = shop.all(Message, Message.raw_id == raw)
    assert last.conversation_id == target.conversation
    assert shop.owed(target.conversation) == 3
    shop.sound()


@pytest.mark.parametrize(("works", "owed", "state"), [(True, 0, "sent"), (False, 1, "failed")])
def test_what_became_of_a_mail_is_told_though_somebody_clicks(
    shop: Shop, works: bool, owed: int, state: str
) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation)
    shop.smtp_works(works)
    with shop.writing():
        db.session.get_one(OutboundMail, ours.outbound_id).due_at = MONDAY.replace(year=2020)
    person = shop.person("support")

    def clicking() -> None:
        c = _row(taken.conversation)
        acting.assign([c], to=db.session.get_one(Person, person), by=db.session.get_one(Person, person))
        c.unread = True

    during(shop.app, clicking, lambda: delivery.deliver(ours.outbound_id or 0))
    assert shop.outbound(ours.outbound_id or 0).state == state
    assert shop.owed(taken.conversation) == owed
    assert bool(shop.message(ours.id).trouble) is not works
    c = shop.seen(taken.conversation)
    assert (c.assignee_id, c.exception) == (person, not works)
    shop.sound()


def test_two_clicks_on_send_at_once_are_one_mail_and_no_fault(
    shop: Shop, agent: Browser, as_role: Callable[[str], Browser]
) -> None:
    taken = shop.take()
    data = dict(compose(agent, taken.conversation).form("/send").fields) | {"text": WORDS, "act": "send"}
    path = f"/conversations/{taken.conversation}/send"
    twin = Browser(shop.app, shop.app.test_client())
    cookie = agent.client.get_cookie(shop.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    twin.client.set_cookie(cookie.key, cookie.value)
    pages = at_once(
        shop.app,
        *(lambda browser=browser: browser.post(path, data).status for browser in (agent, twin)),
        after="INSERT INTO outbound_mail",
    )
    assert 200 in pages
    assert set(pages) <= {200, 409}
    assert len(shop.all(OutboundMail)) == 1
    assert shop.all(Draft) == []
    shop.sound()


def test_the_first_words_of_a_draft_that_come_twice_are_one_draft(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    data = dict(compose(agent, taken.conversation).form("/send").fields)
    path = f"/conversations/{taken.conversation}/draft"
    twin = Browser(shop.app, shop.app.test_client())
    cookie = agent.client.get_cookie(shop.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    twin.client.set_cookie(cookie.key, cookie.value)
    pages = at_once(
        shop.app,
        *(
            lambda browser=browser, words=words: browser.post(path, data | {"text": words}).status
            for browser, words in ((agent, "Hel"), (twin, "Hello"))
        ),
        after="INSERT INTO draft",
    )
    assert pages == [200, 200]
    (draft,) = shop.all(Draft)
    assert draft.text in ("Hel", "Hello")


def test_two_doors_of_one_mailbox_do_not_wait_crosswise(shop: Shop) -> None:
    def door(number: int) -> str:
        return receiving.receive(
            mail(f"by door {number}"),
            door="lmtp",
            mailbox_id=shop.mailbox,
            alongside=lambda receipt: note_mail(shop.mailbox, MONDAY),
        ).outcome

    assert at_once(shop.app, lambda: door(1), lambda: door(2), after="INSERT INTO raw_mail") == ["stored"] * 2
    with shop.reading():
        assert db.session.scalar(select(Mailbox.last_mail_at)) is not None


def test_two_imports_of_the_same_mails_in_opposite_order_store_each_once(shop: Shop) -> None:
    mails: list[Any] = [("one", mail(f"mail {n}")) for n in range(40)]

    def importing_all(order: list[Any]) -> list[str]:
        return [line.outcome for line in importing.import_mails(order)]

    found = at_once(
        shop.app,
        lambda: importing_all(mails),
        lambda: importing_all(mails[::-1]),
        after="INSERT INTO raw_mail",
    )
    assert len(shop.all(RawMail)) == len(mails)
    assert [len(lines) for lines in found] == [len(mails)] * 2
    shop.sound()
