"""Moving, splitting and merging carry everything along, and are undone alike."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk.conversations import drafting
from checkout_desk.conversations.models import Act, Attachment, Conversation, Draft
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from tests.builders import EVE, Shop
from tests.conversations.shared import bring_to, merge, move, split, undo
from tests.page import Browser

COLUMNS = (
    "state", "subject", "preview", "promise_due_at", "queue_at", "last_message_at", "last_inbound_id", "has_attachment",
    "merged_into_id", "exception", "trouble", "assignee_id",
)  # fmt: skip


def whole(shop: Shop) -> dict[int, Any]:
    """Every conversation with its messages, their reasons, and what is owed."""
    return {
        c.id: (
            {name: getattr(c, name) for name in COLUMNS},
            [(m.id, m.reason) for m in shop.messages(c.id)],
            shop.owed(c.id),
        )
        for c in shop.all(Conversation)
        if shop.messages(c.id)
    }


def pair(shop: Shop) -> tuple[int, int]:
    """A conversation of Jane with two letters (one with a file), and one of Eve."""
    jane = shop.take(text="First.")
    shop.take(
        to=shop.reply_address(jane.conversation), text="Second.", files=[("a.txt", "text/plain", b"hello")]
    )
    return jane.conversation, shop.take(sender=EVE, text="Other.").conversation


def test_merging_and_back(shop: Shop, agent: Browser) -> None:
    jane, eve = pair(shop)
    before = whole(shop)
    act = merge(shop, jane, eve)
    assert [m.text.strip() for m in shop.messages(eve)] == ["First.", "Second.", "Other."]
    assert shop.owed(eve) == 3
    c = shop.seen(eve)
    assert (c.has_attachment, c.preview) == (True, "Other.")
    page = agent.open(f"/conversations/{jane}")
    assert page.path == f"/conversations/{eve}"
    assert "Merged from another conversation by Support" in page
    assert agent.open("/queue/answer").counts()["answer"] == 1
    shop.sound()
    undo(shop, act)
    assert whole(shop) == before
    assert agent.open("/queue/answer").counts()["answer"] == 2
    shop.sound()


def test_moving_one_message_and_back(shop: Shop) -> None:
    jane, eve = pair(shop)
    second = shop.messages(jane)[1].id
    before = whole(shop)
    act = move(shop, [second], eve)
    assert [m.text.strip() for m in shop.messages(jane)] == ["First."]
    assert [m.text.strip() for m in shop.messages(eve)] == ["Second.", "Other."]
    assert (shop.owed(jane), shop.owed(eve)) == (1, 2)
    assert not shop.seen(jane).has_attachment
    shop.sound()
    undo(shop, act)
    assert whole(shop) == before
    shop.sound()


def test_splitting_and_back(shop: Shop, agent: Browser) -> None:
    jane, _ = pair(shop)
    second = shop.messages(jane)[1].id
    before = whole(shop)
    act, new = split(shop, [second])
    assert [m.id for m in shop.messages(new)] == [second]
    assert (shop.owed(jane), shop.owed(new)) == (1, 1)
    assert shop.seen(new).has_attachment
    assert sorted(agent.open("/queue/answer").rows())[-1] == new
    shop.sound()
    undo(shop, act)
    assert whole(shop) == before
    assert shop.take(to=shop.reply_address(new)).conversation == jane  # the shell points home
    shop.sound()


def test_mail_follows_a_message_that_was_split_off(shop: Shop) -> None:
    first = shop.take(message_id="one@customer.example")
    second = shop.take(to=shop.reply_address(first.conversation), message_id="two@customer.example")
    _, new = split(shop, [second.message])
    assert shop.take(in_reply_to="two@customer.example").conversation == new
    assert shop.take(in_reply_to="one@customer.example").conversation == first.conversation


@pytest.mark.parametrize("state", ["closed", "spam", "waiting", "snoozed"])
def test_what_is_owed_an_answer_does_not_sink_in_a_conversation_put_away(shop: Shop, state: str) -> None:
    jane, eve = pair(shop)
    bring_to(shop, eve, state)
    before = whole(shop)
    act = merge(shop, jane, eve)
    assert shop.seen(eve).state == "open"
    shop.sound()
    undo(shop, act)
    after = whole(shop)
    if state == "snoozed":  # the hour is not kept with the act: it comes back by hand or by the customer
        for facts in (before, after):
            facts[eve][0].pop("queue_at")
    assert after == before
    shop.sound()


def test_a_stranger_joined_by_mistake_is_out_again_after_undo(shop: Shop) -> None:
    jane = shop.take(message_id="jane@customer.example")
    eve = shop.take(sender=EVE)
    act = merge(shop, eve.conversation, jane.conversation)
    undo(shop, act)
    again = shop.take(sender=EVE, in_reply_to="jane@customer.example")
    assert again.conversation != jane.conversation


def test_a_merge_takes_no_new_person_along(shop: Shop) -> None:
    """Eve wrote to a leaked reply address; merging that conversation does not make her one of the other."""
    one, two = shop.take(), shop.take(message_id="two@customer.example")
    shop.take(sender=EVE, to=shop.reply_address(one.conversation))
    merge(shop, one.conversation, two.conversation)
    assert shop.take(sender=EVE, in_reply_to="two@customer.example").conversation != two.conversation


@pytest.mark.parametrize("what", ["itself", "merged", "gone"])
def test_what_cannot_be_merged(shop: Shop, what: str) -> None:
    one, two, three = (shop.take().conversation for _ in range(3))
    merge(shop, one, two)
    target = {"itself": (three, three), "merged": (three, one), "gone": (one, three)}[what]
    with pytest.raises((Refused, ValueError)):
        merge(shop, *target)
    assert len(shop.all(Act)) == 1


def test_the_last_message_is_not_moved_away(shop: Shop) -> None:
    one, two = shop.take(), shop.take()
    with pytest.raises(Refused, match="empty conversation; merge it instead"):
        move(shop, [one.message], two.conversation)
    with pytest.raises(Refused, match="empty conversation"):
        split(shop, [one.message])


def test_undo_is_refused_when_a_message_went_on(shop: Shop) -> None:
    jane, eve = pair(shop)
    third = shop.take().conversation
    second = shop.messages(jane)[1].id
    act = move(shop, [second], eve)
    move(shop, [second], third)
    before = whole(shop)
    with pytest.raises(Refused, match="moved on since"):
        undo(shop, act)
    assert whole(shop) == before


def test_an_answer_that_waits_goes_along_and_keeps_its_promise(shop: Shop) -> None:
    jane, eve = pair(shop)
    ours = shop.reply(jane)
    merge(shop, jane, eve)
    shop.deliver(ours)
    assert shop.message(ours.id).conversation_id == eve
    assert shop.owed(eve) == 0
    shop.sound()


def test_by_the_forms_of_a_message(shop: Shop, agent: Browser) -> None:
    jane, eve = pair(shop)
    second = shop.messages(jane)[1].id
    page = agent.open(f"/messages/{second}/act/split").press("Split off")
    new = shop.message(second).conversation_id
    assert page.path == f"/conversations/{new}"
    assert "Split off by Support" in page
    page.press("Undo what I did last")
    assert shop.message(second).conversation_id == jane
    page = agent.open(f"/messages/{second}/act/move").press("Move", into=f"#{eve}")
    assert page.path == f"/conversations/{eve}"
    shop.sound()


def _write(shop: Shop, conversation: int, text: str, *, role: str = "support", kind: str = "reply") -> int:
    person_id = shop.person(role)
    with shop.writing():
        c = db.session.get_one(Conversation, conversation)
        return drafting.save(
            c, person_id=person_id, kind=kind, written=drafting.Written(text=text), based_on_id=None
        ).id


def test_what_everybody_was_writing_goes_along_with_a_merge_and_back(shop: Shop, agent: Browser) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    mine = _write(shop, source.conversation, "half an hour of work")
    yours = _write(shop, source.conversation, "ask Ines", role="support2", kind="note")
    act = merge(shop, source.conversation, target.conversation)
    page = agent.open(f"/conversations/{target.conversation}/compose/reply")
    assert page.form("/send").value("text") == "half an hour of work"
    assert {d.id: d.conversation_id for d in shop.all(Draft)} == {
        mine: target.conversation,
        yours: target.conversation,
    }
    undo(shop, act)
    assert {d.id: d.conversation_id for d in shop.all(Draft)} == {
        mine: source.conversation,
        yours: source.conversation,
    }


def test_of_two_drafts_of_one_person_a_merge_makes_one_with_both_texts(shop: Shop) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    gone = _write(shop, source.conversation, "from the source")
    there = _write(shop, target.conversation, "from the target")
    with shop.writing():
        db.session.add(
            Attachment(
                draft_id=gone, sha256="0" * 64, filename="a.pdf", size=1, content_type="application/pdf"
            )
        )
    act = merge(shop, source.conversation, target.conversation)
    (draft,) = shop.all(Draft)
    assert (draft.id, draft.text) == (there, "from the target\n\nfrom the source")
    assert [a.draft_id for a in shop.all(Attachment)] == [there]
    undo(shop, act)
    assert [d.conversation_id for d in shop.all(Draft)] == [target.conversation]
