"""Writing: a draft is never lost, nothing wrong leaves, and a mail leaves once."""

from __future__ import annotations

import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.conversations import sending
from checkout_desk.conversations.models import Attachment, Conversation, Draft, Message
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox, OutboundMail
from tests.builders import CARD, Shop
from tests.conversations.shared import merge
from tests.databases import rows_on_sqlite
from tests.page import Browser, Page

ANYWAY = "Read it, send mine as it is"
WORDS = "They are on their way, with a blue ribbon."


def compose(agent: Browser, conversation: int, kind: str = "reply") -> Page:
    return agent.open(f"/conversations/{conversation}/compose/{kind}")


def only(shop: Shop) -> OutboundMail:
    (row,) = shop.all(OutboundMail)
    return row


def parsed(shop: Shop, row: OutboundMail) -> EmailMessage:
    found = message_from_bytes(shop.bytes_of(row), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_reply_is_queued_seen_and_undone_until_it_leaves(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation).press("Send", text=WORDS)
    assert "Mail to Jane Fox" in page
    assert "Leaves in" in page
    assert WORDS in page
    assert agent.open("/queue/waiting").rows() == [taken.conversation]
    assert only(shop).state == "queued"
    back = agent.open(f"/conversations/{taken.conversation}").press("Undo", "/undo")
    assert only(shop).state == "cancelled"
    assert shop.seen(taken.conversation).state == "open"
    assert WORDS in back.form("/send").value("text")
    again = back.press("Send")
    assert "Leaves in" in again
    assert sorted(row.state for row in shop.all(OutboundMail)) == ["cancelled", "queued"]
    shop.sound()


def test_undo_is_too_late_once_it_has_left(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation).press("Send", text=WORDS)
    shop.deliver(shop.messages(taken.conversation)[-1])
    late = page.press("Undo", "/undo")
    assert "Too late to undo" in late
    assert only(shop).state == "sent"
    assert shop.seen(taken.conversation).state == "waiting"
    shop.sound()


@pytest.mark.parametrize(("after", "state"), [("wait", "waiting"), ("close", "closed"), ("stay", "open")])
def test_what_becomes_of_the_conversation_is_chosen_with_the_mail(
    shop: Shop, agent: Browser, after: str, state: str
) -> None:
    taken = shop.take()
    compose(agent, taken.conversation).press("Send", text=WORDS, after=after)
    assert shop.seen(taken.conversation).state == state
    shop.deliver(shop.messages(taken.conversation)[-1])
    assert shop.seen(taken.conversation).state == state
    assert shop.owed(taken.conversation) == 0
    shop.sound()


def test_headers_that_bring_the_answer_home(shop: Shop) -> None:
    first = shop.take(message_id="one@customer.example", subject="Mugs")
    ours = shop.answered(first.conversation)
    second = shop.take(message_id="two@customer.example", in_reply_to=ours.mail_id or "", subject="Re: Mugs")
    shop.reply(second.conversation, WORDS)
    m = parsed(shop, shop.all(OutboundMail)[1])
    assert m["In-Reply-To"] == "<two@customer.example>"
    assert m["References"].split() == [
        "<one@customer.example>",
        f"<{ours.mail_id}>",
        "<two@customer.example>",
    ]
    assert m["Reply-To"] == shop.reply_address(first.conversation)
    assert m["From"] == "Fern and Kiln <orders@shop.example>"
    assert m["To"] == "Jane Fox <jane@customer.example>"
    assert m["Subject"] == "Re: Mugs"
    assert m["Auto-Submitted"] is None
    assert [part.get_content_type() for part in m.walk()][:3] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    for part in (m.get_body(("plain",)), m.get_body(("html",))):
        assert part is not None
        assert WORDS in part.get_content()
        assert "wrote:" in part.get_content()


def test_without_plus_addressing_there_is_no_signed_reply_to(shop: Shop) -> None:
    shop.set_mailbox(plus_addressing=False)
    shop.reply(shop.take().conversation)
    assert "+" not in (parsed(shop, only(shop))["Reply-To"] or "")


def test_a_forward_starts_no_thread_and_makes_nobody_a_participant(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Please send it by Friday.", subject="Mugs")
    page = compose(agent, taken.conversation, "forward")
    assert page.form("/send").value("to") == ""
    page.press("Send", to="carrier@parcels.example", text="Can you?", after="stay")
    m = parsed(shop, only(shop))
    assert (m["In-Reply-To"], m["References"]) == (None, None)
    assert m["Subject"] == "Fwd: Mugs"
    body = m.get_body(("plain",))
    assert body is not None
    assert "Please send it by Friday." in body.get_content()
    form = compose(agent, taken.conversation, "reply_all").form("/send")
    assert "carrier@" not in form.value("to") + form.value("cc")


def test_signature_and_quote_stand_below_the_answer(shop: Shop) -> None:
    me = shop.person("support")
    with shop.writing():
        db.session.get_one(Person, me).signature = "Sam, Fern and Kiln"
    shop.reply(shop.take(text="Two mugs?\n\n> older words").conversation, WORDS)
    body = parsed(shop, only(shop)).get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert (
        text.index(WORDS) < text.index("-- \nSam") < text.index("Jane Fox wrote:") < text.index("> Two mugs?")
    )
    assert "older words" not in text


@rows_on_sqlite(
    ("change", "field", "sentence"),
    [
        ({"text": "  "}, "text", "The mail is empty"),
        ({"text": "Hello [ORDER_NUMBER], yes."}, "text", "[ORDER_NUMBER] has not been filled in"),
        ({"to": ""}, "to", "The mail has no recipient"),
        ({"to": "jane at example"}, "to", "is not an e-mail address"),
        ({"cc": "jane@"}, "cc", "“jane@” holds something that is no e-mail address"),
        ({"cc": "jane@customer.example, tom@"}, "cc", "holds something that is no e-mail address"),
        ({"to": ", ".join(f"p{n}@customer.example" for n in range(60))}, "to", "60 recipients are too many"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(
    shop: Shop, agent: Browser, change: dict[str, str], field: str, sentence: str
) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation).press("Send", **({"text": WORDS} | change))
    assert page.status == 422
    assert sentence in page
    assert f'id="c-{field}-error"' in page.html
    form = page.form("/send")
    for name, value in ({"text": WORDS} | change).items():
        assert form.value(name).strip() == value.strip()
    assert shop.all(OutboundMail) == []
    reopened = compose(agent, taken.conversation).form("/send")
    assert reopened.value("text").strip() == (change.get("text") or WORDS).strip()
    shop.sound()


def test_a_card_number_in_a_note_is_masked(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    compose(agent, taken.conversation, "note").press("Save note", text=f"He gave me {CARD} by telephone.")
    assert CARD not in shop.messages(taken.conversation)[-1].text
    assert "by telephone" in shop.messages(taken.conversation)[-1].text


def test_the_words_of_a_note_do_not_leave(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    secret = "This customer cheated us twice, be careful."
    page = compose(agent, taken.conversation, "note").press("Save note", text=secret)
    assert "Note saved" in page
    assert secret in page
    stopped = compose(agent, taken.conversation).press("Send", text=f"Hello,\n{secret}")
    assert stopped.status == 422
    assert "stands in an internal note" in stopped
    assert shop.all(OutboundMail) == []
    forwarded = compose(agent, taken.conversation, "forward").press(
        "Send", to="a@parcels.example", text=WORDS
    )
    assert secret.encode() not in shop.bytes_of(only(shop))
    assert forwarded.status == 200


def test_a_newer_mail_stops_the_send_and_shows_itself(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation), text="Stop, I want three!")
    stopped = page.press("Send", text=WORDS)
    assert stopped.status == 409
    assert "Stop, I want three!" in stopped
    assert stopped.form("/send").value("text").strip() == WORDS
    assert shop.all(OutboundMail) == []
    sent = stopped.press(ANYWAY)
    assert "Leaves in" in sent
    assert only(shop).state == "queued"


def test_an_even_newer_mail_stops_it_again(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation), text="Three!")
    stopped = page.press("Send", text=WORDS)
    shop.take(to=shop.reply_address(taken.conversation), text="No, four!")
    again = stopped.press(ANYWAY)
    assert again.status == 409
    assert "No, four!" in again
    assert shop.all(OutboundMail) == []


def test_a_machines_mail_stops_nobody(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation)
    shop.take(to=shop.reply_address(taken.conversation), headers={"Auto-Submitted": "auto-replied"})
    assert "Leaves in" in page.press("Send", text=WORDS)


def test_somebody_new_among_the_recipients_is_confirmed_first(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    asked = compose(agent, taken.conversation).press("Send", text=WORDS, cc="tom@customer.example")
    assert asked.status == 422
    assert "tom@customer.example takes no part in this conversation yet" in asked
    assert shop.all(OutboundMail) == []
    asked.press("Send to them all the same")
    assert only(shop).recipients == ["jane@customer.example", "tom@customer.example"]


def test_two_clicks_are_one_mail(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation)
    page.press("Send", text=WORDS)
    second = page.press("Send", text=WORDS)
    assert second.status == 200
    assert len(shop.all(OutboundMail)) == 1
    assert len(shop.messages(taken.conversation)) == 2
    shop.sound()


def test_what_was_typed_before_send_and_comes_after_it_is_no_draft(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    data = dict(compose(agent, taken.conversation).form("/send").fields) | {"text": WORDS}
    agent.post(f"/conversations/{taken.conversation}/send", data | {"act": "send", "after": "wait"})
    late = agent.post(f"/conversations/{taken.conversation}/draft", data)
    assert late.status == 200
    assert shop.all(Draft) == []


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_what_is_written_while_a_merge_happens_goes_along(shop: Shop, agent: Browser, kind: str) -> None:
    source, target = shop.take(), shop.take(subject="Other")
    page = compose(agent, source.conversation, kind)
    merge(shop, source.conversation, target.conversation)
    told = page.press("Save note" if kind == "note" else "Send", text=WORDS)
    assert "has just been merged into another one" in told
    assert shop.all(OutboundMail) == []
    (draft,) = shop.all(Draft)
    assert draft.conversation_id == target.conversation
    assert compose(agent, target.conversation, kind).form("/send").value("text").strip() == WORDS


def test_each_has_a_draft_of_their_own(shop: Shop, agent: Browser, as_role: Any) -> None:
    taken = shop.take()
    for browser, words in ((agent, "Mine."), (as_role("manager"), "Yours.")):
        form = compose(browser, taken.conversation).form("/send")
        browser.post(f"/conversations/{taken.conversation}/draft", dict(form.fields) | {"text": words})
    assert compose(agent, taken.conversation).form("/send").value("text") == "Mine."
    assert len(shop.all(Draft)) == 2
    assert "Draft kept" in agent.open(f"/conversations/{taken.conversation}")


def test_saving_a_draft_says_when_and_what_came(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    form = compose(agent, taken.conversation).form("/send")
    path = f"/conversations/{taken.conversation}/draft"
    assert "saved" in agent.post(path, dict(form.fields) | {"text": "Hel"}).text.lower()
    shop.take(to=shop.reply_address(taken.conversation), text="Three, please!")
    assert "Three, please!" in agent.post(path, dict(form.fields) | {"text": "Hello"})


def test_a_discarded_draft_is_gone_with_its_files(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    compose(agent, taken.conversation).press("Send", text="", files=(io.BytesIO(b"hello"), "a.txt"))
    assert len(shop.all(Attachment)) == 1
    page = compose(agent, taken.conversation).press("Discard")
    assert "Draft discarded" in page
    assert (shop.all(Draft), shop.all(Attachment)) == ([], [])


def test_files_leave_with_the_mail(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    compose(agent, taken.conversation).press(
        "Send", text=WORDS, files=(io.BytesIO(b"%PDF-1.7 x"), "../in\u202evoice.pdf")
    )
    (part,) = parsed(shop, only(shop)).iter_attachments()
    assert part.get_content() == b"%PDF-1.7 x"
    assert "/" not in (part.get_filename() or "")
    assert "\u202e" not in (part.get_filename() or "")
    message = shop.messages(taken.conversation)[-1]
    assert message.attachment_count == 1


def test_all_files_together_have_a_limit(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = compose(agent, taken.conversation)
    big = b"x" * (13 * 2**20)
    page.press("Send", text="", files=(io.BytesIO(big), "first.bin"))
    stopped = compose(agent, taken.conversation).press(
        "Send", text=WORDS, files=(io.BytesIO(big), "second.bin")
    )
    assert stopped.status == 422
    assert "All files of a mail together have at most 25 MB; second.bin was not added" in stopped
    assert [a.filename for a in shop.all(Attachment)] == ["first.bin"]
    assert shop.all(OutboundMail) == []
    assert compose(agent, taken.conversation).form("/send").value("text") == WORDS


def test_header_lines_cannot_be_typed_into_a_mail(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    compose(agent, taken.conversation).press(
        "Send",
        text=WORDS,
        subject="Mugs\r\nBcc: evil@elsewhere.example",
        cc="jane@customer.example\r\nX-Evil: 1",
    )
    for row in shop.all(OutboundMail):
        m = parsed(shop, row)
        assert (m["Bcc"], m["X-Evil"]) == (None, None)
        assert "evil@elsewhere.example" not in row.recipients


def test_a_note_is_kept_from_every_mail_and_search_finds_it(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    compose(agent, taken.conversation, "note").press("Save note", text="Ask the glazier about cobalt.")
    assert agent.open("/search?q=cobalt").rows() == [taken.conversation]
    assert shop.all(OutboundMail) == []
    assert shop.seen(taken.conversation).state == "open"
    empty = compose(agent, taken.conversation, "note").press("Save note", text=" ")
    assert empty.status == 422


def test_a_failed_mail_goes_to_the_corrected_address(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    shop.smtp_works(False)
    ours = shop.reply(taken.conversation, WORDS)
    shop.deliver(ours)
    shop.smtp_works(True)
    page = agent.open(f"/messages/{ours.id}/fix").press("Send", to="jane.fox@customer.example")
    assert page.status == 200
    new = shop.all(Message, Message.direction == "out")[-1]
    assert shop.outbound(new.outbound_id or 0).recipients == ["jane.fox@customer.example"]
    shop.deliver(new)
    assert shop.owed(taken.conversation) == 0
    assert agent.open("/queue/exceptions").rows() == []
    shop.sound()


def test_no_mailbox_no_mail_but_the_draft_stays(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    with shop.writing():
        db.session.get_one(Mailbox, shop.mailbox).enabled = False
        db.session.get_one(Conversation, taken.conversation).mailbox_id = None
    page = compose(agent, taken.conversation).press("Send", text=WORDS)
    assert page.status == 422
    assert "No mailbox can send" in page
    assert page.form("/send").value("text").strip() == WORDS


def test_what_may_become_of_a_conversation_is_what_the_form_offers() -> None:
    assert sending.AFTER == ("wait", "close", "stay")
