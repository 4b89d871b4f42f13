"""Which conversation a mail joins, with what reason, and who cannot get into one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.conversations import relocating
from checkout_desk.conversations.models import Conversation, Participant, PossibleMatch
from checkout_desk.events.models import Event
from checkout_desk.mail.models import OutboundMail
from tests.builders import EVE, JANE, SHOP, Shop, Taken
from tests.page import Browser


def merge(shop: Shop, source: int, into: int) -> None:
    with shop.reading():
        target = shop.seen(into)

    def do(conversations: list[Conversation], by: object) -> object:
        from checkout_desk.extensions import db

        return relocating.merge(conversations[0], into=db.session.get_one(Conversation, target.id), by=by)  # type: ignore[arg-type]

    shop.act(do, source)


def state_of(shop: Shop, conversation: int) -> tuple[object, ...]:
    c = shop.seen(conversation)
    return c.state, c.promise_due_at, c.last_message_at, c.unread, c.version, len(shop.messages(conversation))


def test_a_first_mail_opens_a_conversation_and_says_so(shop: Shop, agent: Browser) -> None:
    taken = shop.take(subject="Mugs please")
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "Mugs please" in page
    assert "First message" in page
    assert shop.seen(taken.conversation).who == "Jane Fox"
    shop.sound()


def test_the_signed_address_joins_without_any_header(shop: Shop, agent: Browser) -> None:
    first = shop.take()
    shop.answered(first.conversation)
    again = shop.take(to=shop.reply_address(first.conversation), subject="One more thing")
    assert again.conversation == first.conversation
    assert "Joined by signed reply address" in agent.open(f"/conversations/{first.conversation}")
    assert shop.seen(first.conversation).state == "open"
    shop.sound()


@pytest.mark.parametrize("change", [str.upper, str.swapcase])
def test_mail_systems_may_change_the_case_of_the_signed_address(
    shop: Shop, change: Callable[[str], str]
) -> None:
    first = shop.take()
    local, _, domain = shop.reply_address(first.conversation).partition("@")
    assert shop.take(to=f"{change(local)}@{domain}").conversation == first.conversation


def test_the_envelope_counts_where_the_header_lost_the_plus_part(shop: Shop) -> None:
    first = shop.take()
    again = shop.take(to=SHOP, envelope_to=shop.reply_address(first.conversation))
    assert again.conversation == first.conversation


def test_the_signed_address_goes_before_in_reply_to(shop: Shop) -> None:
    one, two = shop.take(message_id="one@x.example"), shop.take(message_id="two@x.example", subject="Bowls")
    again = shop.take(to=shop.reply_address(two.conversation), in_reply_to="one@x.example")
    assert again.conversation == two.conversation
    assert one.conversation != two.conversation


def test_in_reply_to_goes_before_references(shop: Shop) -> None:
    one, two = shop.take(message_id="one@x.example"), shop.take(message_id="two@x.example")
    again = shop.take(in_reply_to="one@x.example", references=["one@x.example", "two@x.example"])
    assert again.conversation == one.conversation
    assert shop.message(again.message).reason == "Answers a message of this conversation"
    assert two.conversation != one.conversation


def test_references_are_read_from_the_last_to_the_first(shop: Shop) -> None:
    one, two = shop.take(message_id="one@x.example"), shop.take(message_id="two@x.example")
    assert shop.take(references=["one@x.example", "two@x.example"]).conversation == two.conversation
    assert (
        shop.take(references=["two@x.example", "one@x.example", "unknown@x"]).conversation == one.conversation
    )


def test_an_answer_to_our_mail_comes_home(shop: Shop) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    again = shop.take(in_reply_to=ours.mail_id or "")
    assert again.conversation == first.conversation
    assert shop.owed(first.conversation) == 1


def test_the_subject_alone_joins_nothing_but_is_offered(shop: Shop, agent: Browser) -> None:
    first = shop.take(subject="Blue mugs")
    again = shop.take(subject="Re: Blue mugs")
    assert again.conversation != first.conversation
    page = agent.open(f"/conversations/{again.conversation}")
    assert "May belong to “Jane Fox: Blue mugs”" in page
    assert "Same sender and subject, but nothing in the mail links the two" in page


def test_the_same_subject_of_another_sender_is_not_even_offered(shop: Shop) -> None:
    shop.take(subject="Blue mugs")
    shop.take(subject="Re: Blue mugs", sender=EVE)
    assert shop.all(PossibleMatch) == []


def hijacks(shop: Shop, first: Taken) -> dict[str, dict[str, Any]]:
    ours = shop.messages(first.conversation)[-1]
    good = shop.reply_address(first.conversation)
    local, _, domain = good.partition("@")
    flipped = local[:-1] + ("a" if local[-1] != "a" else "b")
    return {
        "our message id": {"in_reply_to": ours.mail_id},
        "our id among references": {"references": ["x@y.example", ours.mail_id or ""]},
        "a number in the subject": {"subject": f"About #{first.conversation} and [#{first.conversation}]"},
        "a reply address with one byte changed": {"to": f"{flipped}@{domain}"},
        "the customer's id": {"in_reply_to": "first@customer.example"},
    }


@pytest.mark.parametrize(
    "claim",
    ["our message id", "our id among references", "a number in the subject",
     "a reply address with one byte changed", "the customer's id"],
)  # fmt: skip
def test_a_stranger_never_gets_into_a_conversation(shop: Shop, claim: str) -> None:
    shop.set_store(acknowledge=True, acknowledge_strangers=False)
    first = shop.take(message_id="first@customer.example")
    shop.answered(first.conversation)
    before, mails = state_of(shop, first.conversation), len(shop.all(OutboundMail))
    taken = shop.take(sender=EVE, **hijacks(shop, first)[claim])
    assert taken.conversation != first.conversation
    assert state_of(shop, first.conversation) == before
    assert len(shop.all(OutboundMail)) == mails
    shop.sound()


def test_what_a_stranger_claims_is_for_a_person_to_decide(shop: Shop, agent: Browser) -> None:
    first = shop.take(message_id="first@customer.example", subject="Mugs")
    taken = shop.take(sender=EVE, in_reply_to="first@customer.example", text="I am the husband.")
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "May belong to “Jane Fox: Mugs”" in page
    assert "eve@elsewhere.example takes no part in it" in page
    joined = page.press("Join")
    assert joined.path == f"/conversations/{first.conversation}"
    assert "I am the husband." in joined
    assert shop.seen(taken.conversation).merged_into_id == first.conversation
    shop.sound()


def test_a_possible_match_that_is_kept_apart_is_gone(shop: Shop, agent: Browser) -> None:
    first = shop.take(message_id="first@customer.example")
    taken = shop.take(sender=EVE, in_reply_to="first@customer.example")
    page = agent.open(f"/conversations/{taken.conversation}").press("Keep apart")
    assert "May belong to" not in page
    assert "May belong to" not in agent.open(f"/conversations/{taken.conversation}")
    assert len(shop.messages(first.conversation)) == 1
    assert [e.kind for e in shop.all(Event, Event.kind == "match.dismissed")] == ["match.dismissed"]


def test_a_new_person_with_the_signed_address_joins_marked_and_gets_no_answer_by_itself(
    shop: Shop, agent: Browser
) -> None:
    first = shop.take()
    shop.answered(first.conversation)
    taken = shop.take(sender=EVE, to=shop.reply_address(first.conversation), text="Send it to me instead.")
    assert taken.conversation == first.conversation
    page = agent.open(f"/conversations/{first.conversation}")
    assert "New person in this conversation" in page
    assert [p.email for p in _part(shop, first.conversation)] == ["jane@customer.example"]
    form = agent.open(f"/conversations/{first.conversation}/compose/reply").form("/send")
    assert form.value("to") == "Jane Fox <jane@customer.example>"
    for kind in ("reply", "reply_all"):
        form = agent.open(f"/conversations/{first.conversation}/compose/{kind}").form("/send")
        assert "eve@" not in form.value("to") + form.value("cc")


def _part(shop: Shop, conversation: int) -> list[Participant]:
    with shop.reading():
        from sqlalchemy import select

        from checkout_desk.extensions import db

        return list(
            db.session.scalars(
                select(Participant)
                .where(Participant.conversation_id == conversation)
                .order_by(Participant.email)
            )
        )


def test_a_new_person_has_no_key_for_later(shop: Shop) -> None:
    """Having written once by a leaked address does not make one a participant whose headers count."""
    first = shop.take(message_id="first@customer.example")
    shop.take(sender=EVE, to=shop.reply_address(first.conversation))
    again = shop.take(sender=EVE, in_reply_to="first@customer.example")
    assert again.conversation != first.conversation


def test_strangers_in_cc_are_shown_but_never_adopted(shop: Shop, agent: Browser) -> None:
    first = shop.take(cc="Evil <evil@elsewhere.example>")
    page = agent.open(f"/conversations/{first.conversation}")
    assert "Evil" in page
    for kind in ("reply", "reply_all"):
        form = agent.open(f"/conversations/{first.conversation}/compose/{kind}").form("/send")
        assert "evil@" not in form.value("to") + form.value("cc")


def test_reply_to_all_reaches_those_who_take_part(shop: Shop, agent: Browser) -> None:
    first = shop.take()
    shop.answered(first.conversation, cc="Tom <tom@customer.example>")
    shop.take(to=shop.reply_address(first.conversation), cc="tom@customer.example, evil@elsewhere.example")
    form = agent.open(f"/conversations/{first.conversation}/compose/reply_all").form("/send")
    assert form.value("to") == "Jane Fox <jane@customer.example>"
    assert form.value("cc") == "tom@customer.example"


def test_our_own_addresses_are_nobodys_recipients(shop: Shop, agent: Browser) -> None:
    shop.set_mailbox(aliases=["hello@shop.example"])
    first = shop.take()
    shop.answered(first.conversation, cc="Tom <tom@customer.example>")
    address = shop.reply_address(first.conversation)
    shop.take(to=f"{address}, orders@shop.example", cc="hello@shop.example, tom@customer.example")
    form = agent.open(f"/conversations/{first.conversation}/compose/reply_all").form("/send")
    assert "shop.example" not in form.value("to") + form.value("cc")


def test_mail_for_a_merged_conversation_follows_it(shop: Shop) -> None:
    one = shop.take(message_id="one@x.example")
    two, three = shop.take(message_id="two@x.example"), shop.take(message_id="three@x.example")
    address = shop.reply_address(one.conversation)
    merge(shop, one.conversation, two.conversation)
    merge(shop, two.conversation, three.conversation)
    assert shop.take(to=address).conversation == three.conversation
    assert shop.take(in_reply_to="one@x.example").conversation == three.conversation
    assert len(shop.messages(three.conversation)) == 5
    shop.sound()


def test_received_time_orders_a_thread_not_the_senders_date(shop: Shop) -> None:
    from datetime import UTC, datetime

    first = shop.take(date=datetime(2031, 1, 1, tzinfo=UTC))
    second = shop.take(to=shop.reply_address(first.conversation), date=datetime(1999, 1, 1, tzinfo=UTC))
    assert [m.id for m in shop.messages(first.conversation)] == [first.message, second.message]
    c = shop.seen(first.conversation)
    assert c.last_message_at == shop.message(second.message).at
    assert c.last_inbound_id == second.message


@pytest.mark.parametrize(
    ("sender", "headers", "flag"),
    [
        (JANE, {"Reply-To": "thief@elsewhere.example"}, "Asks for answers at another address"),
        ('"service@paypal.com" <eve@elsewhere.example>', {}, "Its name looks like another address"),
        (f"Boss <{SHOP}>", {}, "Claims to come from our own address"),
        ("Shop <orders@xn--pypal-4ve.example>", {}, "Its address imitates another alphabet"),
    ],
)
def test_a_doubtful_sender_is_flagged_and_the_answer_goes_to_the_real_one(
    shop: Shop, agent: Browser, sender: str, headers: dict[str, str], flag: str
) -> None:
    taken = shop.take(sender=sender, headers=headers)
    assert flag in agent.open(f"/conversations/{taken.conversation}")
    form = agent.open(f"/conversations/{taken.conversation}/compose/reply").form("/send")
    assert "thief" not in form.value("to")
    assert "service@" not in form.value("to").partition("<")[2]
