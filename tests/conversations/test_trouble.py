"""What went wrong with a mail goes where the mail goes, and stays until somebody dealt with it."""

from __future__ import annotations

from checkout_desk import clock
from checkout_desk.conversations import acting, counting, troubling
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.mail import outcomes
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.results import Refusal, Sent
from tests.builders import Shop, mail
from tests.conversations.shared import merge, move
from tests.page import Browser


def _failed(shop: Shop) -> tuple[int, Message]:
    """A conversation with a mail of ours that did not arrive."""
    taken = shop.take()
    shop.smtp_works(False)
    ours = shop.reply(taken.conversation)
    shop.deliver(ours)
    shop.smtp_works(True)
    assert shop.seen(taken.conversation).exception
    return taken.conversation, ours


def _resolve(shop: Shop, message_id: int) -> None:
    with shop.writing():
        message = db.session.get_one(Message, message_id)
        c = db.session.get_one(Conversation, message.conversation_id)
        troubling.resolve(c, message, at=clock.now())


def test_a_merge_takes_trouble_along(shop: Shop, agent: Browser) -> None:
    source, ours = _failed(shop)
    target = shop.take(subject="Other").conversation
    merge(shop, source, target)
    assert (shop.seen(target).exception, shop.seen(target).trouble) == (True, "mail not delivered")
    assert agent.open("/queue/exceptions").rows() == [target]
    _resolve(shop, ours.id)
    assert agent.open("/queue/exceptions").rows() == []
    shop.sound()


def test_a_moved_mail_takes_its_trouble_away(shop: Shop, agent: Browser) -> None:
    source, ours = _failed(shop)
    target = shop.take(subject="Other").conversation
    move(shop, [ours.id], target)
    assert [shop.seen(c).exception for c in (source, target)] == [False, True]
    _resolve(shop, ours.id)
    assert agent.open("/queue/exceptions").rows() == []
    shop.sound()


def test_counts_stay_exact_when_an_escalated_conversation_is_merged(shop: Shop) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    shop.act(
        lambda cs, by: acting.escalate(cs, reason="A lawyer writes.", by=by, role="manager"),
        source.conversation,
    )
    merge(shop, source.conversation, target.conversation)
    with shop.reading():
        assert counting.check() == []
    shop.sound()


def test_who_is_answered_is_answered_though_a_copy_did_not_arrive(shop: Shop) -> None:
    taken = shop.take()
    ours = shop.reply(taken.conversation, cc="typo@nowhere.example")
    with shop.writing():
        row = db.session.get_one(OutboundMail, ours.outbound_id)
        row.state = "sending"
        refused = {"typo@nowhere.example": Refusal(True, 550, "550 no such user")}
        outcomes.settle(row, Sent("250 ok", refused))
    assert shop.owed(taken.conversation) == 0
    assert "typo@nowhere.example" in (shop.message(ours.id).trouble or "")
    assert shop.seen(taken.conversation).exception
    shop.sound()


def test_an_answer_keeps_no_promise_to_a_mail_that_was_not_there_yet(shop: Shop) -> None:
    """Received before Send was pressed, filed after it: nobody has read it."""
    taken = shop.take()
    known = shop.message(taken.message).mail_id or ""
    raw = shop.receive(mail("A second question.", in_reply_to=known))
    ours = shop.reply(taken.conversation)
    second = shop.take_in(raw)
    assert second.conversation == taken.conversation
    assert shop.deliver(ours).state == "sent"
    assert shop.owed(taken.conversation) == 1
    shop.sound()
