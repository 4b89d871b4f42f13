"""Undo takes back what was done and nothing else: not what the customer, a colleague or the clock did since."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations import acting, drafting
from checkout_desk.conversations.models import Act, Conversation, Draft
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.conversations.shared import merge, split, undo


def _sending(shop: Shop) -> int:
    with shop.reading():
        found = db.session.scalar(select(Act.id).where(Act.kind == "send").order_by(Act.id.desc()).limit(1))
    assert found is not None
    return int(found)


def test_a_mail_is_taken_back_though_the_customer_wrote_meanwhile(shop: Shop) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation)
    shop.take(text="Stop! I changed my mind.", to=shop.reply_address(taken.conversation))
    undo(shop, _sending(shop))
    assert shop.outbound(ours.outbound_id or 0).state == "cancelled"
    assert shop.message(ours.id).kind == "taken_back"
    assert (shop.seen(taken.conversation).state, shop.owed(taken.conversation)) == ("open", 2)
    shop.sound()


def test_a_mail_taken_back_was_still_written_before_what_came_since(shop: Shop) -> None:
    taken = shop.take()
    shop.reply(taken.conversation, after="stay")
    shop.take(text="Stop!", to=shop.reply_address(taken.conversation))
    undo(shop, _sending(shop))
    (draft,) = shop.all(Draft)
    assert draft.based_on_id == taken.message


def test_what_is_taken_back_stands_before_what_was_begun_since(shop: Shop) -> None:
    taken = shop.take()
    shop.reply(taken.conversation, "A long careful answer.")
    person_id = shop.person("support")
    with shop.writing():
        c = db.session.get_one(Conversation, taken.conversation)
        written = drafting.Written(text="ps")
        drafting.save(c, person_id=person_id, kind="reply", written=written, based_on_id=None)
    undo(shop, _sending(shop))
    (draft,) = shop.all(Draft)
    assert draft.text == "A long careful answer.\n\nps"


def test_a_second_mail_taken_back_leaves_the_place_in_the_queue_as_it_was(shop: Shop) -> None:
    taken = shop.take()
    shop.answered(taken.conversation)
    before = shop.seen(taken.conversation)
    shop.reply(taken.conversation, "One more thing.")
    undo(shop, _sending(shop))
    after = shop.seen(taken.conversation)
    assert (after.queue_at, after.last_message_at, after.state) == (
        before.queue_at,
        before.last_message_at,
        before.state,
    )
    shop.sound()


def test_every_undo_is_in_the_record(shop: Shop) -> None:
    taken = shop.take()
    act = shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), taken.conversation)
    events = len(shop.all(Event))
    undo(shop, act)
    assert [e.kind for e in shop.all(Event)[events:]] == ["conversation.undone"]


def test_what_came_for_a_split_off_part_goes_home_with_it(shop: Shop) -> None:
    first = shop.take()
    second = shop.take(text="two", to=shop.reply_address(first.conversation))
    act, part = split(shop, [second.message])
    known = shop.message(second.message).mail_id or ""
    third = shop.take(text="three", in_reply_to=known)
    assert third.conversation == part
    undo(shop, act)
    assert [m.id for m in shop.messages(first.conversation)] == [first.message, second.message, third.message]
    assert shop.owed(first.conversation) == 3
    assert shop.messages(part) == []
    shop.sound()


def test_a_snoozed_target_of_a_merge_sleeps_on_after_its_undo(shop: Shop) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    until = clock.now() + timedelta(hours=3)
    shop.act(lambda cs, by: acting.snooze(cs, until=until, by=by), target.conversation)
    act = merge(shop, source.conversation, target.conversation)
    assert shop.seen(target.conversation).state == "open"
    undo(shop, act)
    c = shop.seen(target.conversation)
    assert (c.state, c.snoozed_until) == ("snoozed", until)
    shop.sound()


def test_closing_the_target_of_a_merge_does_not_undo_what_the_source_owes(shop: Shop) -> None:
    """Counts and deadlines stay exact whatever happened to the target between the merge and its undo."""
    source, target = shop.take(), shop.take(subject="Other")
    act = merge(shop, source.conversation, target.conversation)
    shop.act(lambda cs, by: acting.close(cs, by=by), target.conversation)
    undo(shop, act)
    assert shop.messages(source.conversation)[0].id == source.message
    shop.sound()
