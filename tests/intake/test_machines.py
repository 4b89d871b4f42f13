"""Bounces, automatic replies, lists, our own receipts: kept, labelled, and never taken for an answer to anybody."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.mail.models import OutboundMail
from tests.builders import EVE, JANE, SHOP, Shop, bounce, mail
from tests.page import Browser

AWAY = {"Auto-Submitted": "auto-replied"}


def test_a_bounce_turns_its_mail_red_and_the_answer_is_owed_again(shop: Shop, agent: Browser) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    assert (shop.seen(first.conversation).state, shop.owed(first.conversation)) == ("waiting", 0)
    taken = shop.take(bounce(ours.mail_id or ""))
    assert taken.conversation == first.conversation
    assert (shop.seen(first.conversation).state, shop.owed(first.conversation)) == ("open", 1)
    page = agent.open(f"/conversations/{first.conversation}")
    assert "Not delivered to jane@customer.example (5.1.1)" in page
    assert f'class="mail mail--ours mail--failed" id="m{ours.id}"' in page.html
    assert agent.open("/queue/exceptions").rows() == [first.conversation]
    assert "Not delivered" in agent.open("/errors")
    shop.sound()


@pytest.mark.parametrize("after", ["wait", "close"])
def test_a_bounce_reopens_whatever_became_of_the_conversation(shop: Shop, after: str) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation, after=after)
    shop.take(bounce(ours.mail_id or ""))
    assert shop.seen(first.conversation).state == "open"
    shop.sound()


def test_a_delay_is_no_failure(shop: Shop) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    shop.take(bounce(ours.mail_id or "", status="4.4.1"))
    c = shop.seen(first.conversation)
    assert (c.state, c.trouble, shop.owed(c.id)) == ("waiting", None, 0)
    assert shop.message(ours.id).trouble is None


def test_a_bounce_of_nothing_that_we_sent_harms_nobody(shop: Shop) -> None:
    first = shop.take()
    shop.answered(first.conversation)
    taken = shop.take(bounce("nobody.knows@this.example"))
    assert taken.conversation != first.conversation
    assert shop.seen(first.conversation).state == "waiting"
    assert shop.owed(taken.conversation) == 0
    assert shop.message(taken.message).kind == "bounce"
    shop.sound()


def test_the_same_bounce_twice_changes_nothing_more(shop: Shop) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    data = bounce(ours.mail_id or "")
    shop.take(data)
    before = shop.seen(first.conversation).version
    shop.take(data)
    assert shop.seen(first.conversation).version == before


def test_a_repaired_bounce_leaves_the_exceptions(shop: Shop, agent: Browser) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    shop.take(bounce(ours.mail_id or ""))
    agent.open(f"/conversations/{first.conversation}").press("Dealt with")
    assert agent.open("/queue/exceptions").rows() == []
    assert agent.open("/errors").counts()["exceptions"] == 0
    shop.sound()


@pytest.mark.parametrize(
    ("words", "kind", "label"),
    [
        ({"headers": AWAY, "subject": "Out of office"}, "auto_reply", "Automatic reply"),
        ({"headers": {"X-Autoreply": "yes"}}, "auto_reply", "Automatic reply"),
        ({"headers": {"List-Id": "<news.customer.example>", "List-Unsubscribe": "<mailto:x@y.example>"}}, "list",
         "Mailing list"),
    ],
)  # fmt: skip
def test_what_a_machine_sends_is_labelled_and_promises_nothing(
    shop: Shop, agent: Browser, words: dict[str, object], kind: str, label: str
) -> None:
    shop.set_store(acknowledge=True, acknowledge_strangers=True)
    taken = shop.take(mail(**words))  # type: ignore[arg-type]
    assert shop.message(taken.message).kind == kind
    assert shop.owed(taken.conversation) == 0
    assert label in agent.open(f"/conversations/{taken.conversation}")
    assert shop.all(OutboundMail) == []
    shop.sound()


def test_an_automatic_reply_neither_reopens_nor_resets_a_promise(shop: Shop) -> None:
    first = shop.take()
    due = shop.seen(first.conversation).promise_due_at
    shop.take(to=shop.reply_address(first.conversation), headers=AWAY)
    c = shop.seen(first.conversation)
    assert (c.promise_due_at, c.last_inbound_id, shop.owed(c.id)) == (due, first.message, 1)
    ours = shop.answered(first.conversation)
    shop.take(in_reply_to=ours.mail_id or "", headers=AWAY)
    c = shop.seen(first.conversation)
    assert (c.state, shop.owed(c.id)) == ("waiting", 0)
    shop.sound()


def test_our_own_mail_that_comes_back_is_not_a_customers(shop: Shop, agent: Browser) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    raw = shop.bytes_of(shop.outbound(ours.outbound_id or 0))
    taken = shop.take(b"Received: from list by mx; Mon, 02 Nov 2026 09:00:00 +0000\r\n" + raw)
    assert shop.message(taken.message).kind == "own"
    assert shop.seen(first.conversation).state == "waiting"
    assert shop.owed(taken.conversation) == 0


def receipts(shop: Shop) -> list[OutboundMail]:
    return shop.all(OutboundMail, OutboundMail.automatic)


def known(shop: Shop) -> None:
    """Jane has written before, so she is no stranger."""
    shop.take(mail("Hello.", sender=JANE))
    shop.set_store(acknowledge=True)


def test_no_receipt_unless_the_store_wants_it(shop: Shop) -> None:
    shop.take()
    shop.take()
    assert receipts(shop) == []


def test_a_known_customer_gets_one_receipt_that_answers_nothing(shop: Shop, agent: Browser) -> None:
    known(shop)
    taken = shop.take(text="MARKER https://evil.example/", subject="MARKER")
    (receipt,) = receipts(shop)
    assert receipt.recipients == ["jane@customer.example"]
    data = shop.bytes_of(receipt)
    assert b"Auto-Submitted: auto-" in data
    assert b"MARKER" not in data
    assert b"evil.example" not in data
    assert shop.owed(taken.conversation) == 1
    message = shop.all(Message, Message.kind == "automatic")[0]
    assert shop.deliver(message).state == "sent"
    assert shop.owed(taken.conversation) == 1
    assert shop.seen(taken.conversation).state == "open"
    assert "Sent by the desk itself" in agent.open(f"/conversations/{taken.conversation}")
    shop.sound()


def test_an_answer_in_a_conversation_gets_no_receipt(shop: Shop) -> None:
    known(shop)
    taken = shop.take()
    shop.take(to=shop.reply_address(taken.conversation))
    assert len(receipts(shop)) == 1


def test_a_stranger_gets_none_unless_authenticated_or_the_store_says_so(shop: Shop) -> None:
    shop.set_store(acknowledge=True, own_authserv_id="mx.shop.example")
    shop.take(sender="A <a@a.example>")
    forged = {"Authentication-Results": "mx.evil.example; dmarc=pass"}
    shop.take(sender="B <b@b.example>", headers=forged)
    assert receipts(shop) == []
    shop.take(sender="C <c@c.example>", headers={"Authentication-Results": "mx.shop.example; dmarc=pass"})
    assert [r.to_address for r in receipts(shop)] == ["c@c.example"]
    shop.set_store(acknowledge_strangers=True)
    shop.take(sender=EVE)
    assert [r.to_address for r in receipts(shop)] == ["c@c.example", "eve@elsewhere.example"]


def test_only_our_own_exchangers_verdict_is_shown(shop: Shop, agent: Browser) -> None:
    shop.set_store(own_authserv_id="mx.shop.example")
    forged = shop.take(headers={"Authentication-Results": "mx.evil.example; dmarc=pass"})
    ours = shop.take(headers={"Authentication-Results": "mx.shop.example; dmarc=pass; spf=pass"})
    assert "DMARC" not in agent.open(f"/conversations/{forged.conversation}")
    assert "SPF and DMARC pass" in agent.open(f"/conversations/{ours.conversation}")


def test_the_circuit_breaker_stops_an_echo(shop: Shop, agent: Browser) -> None:
    """Somebody's server opens a new conversation for each of our receipts, without saying that it is a machine."""
    known(shop)
    taken = [shop.take(subject=f"Echo {n}") for n in range(6)]
    assert len(receipts(shop)) == 3
    stopped = shop.all(Event, Event.kind == "mail.automatic_stopped")
    assert [e.subject_id for e in stopped] == [t.conversation for t in taken[3:]]
    assert "No automatic mail:" in agent.open(f"/conversations/{taken[5].conversation}")
    assert shop.owed(taken[5].conversation) == 1


def test_nobody_is_sent_a_receipt_at_our_own_address(shop: Shop) -> None:
    shop.set_store(acknowledge=True, acknowledge_strangers=True)
    shop.take(sender=f"Shop <{SHOP}>")
    assert receipts(shop) == []
