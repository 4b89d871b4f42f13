"""A mail that did not arrive goes to another address: whole, and never beside the desk's own next attempt."""

from __future__ import annotations

import io

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Attachment, Draft
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.desk.test_composing import WORDS, compose, parsed
from tests.page import Browser


def test_the_corrected_mail_has_the_files_and_one_signature(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    with shop.writing():
        db.session.get_one(Person, shop.person("support")).signature = "Sam, Fern and Kiln"
    shop.smtp_works(False)
    compose(agent, taken.conversation).press(
        "Send", text=WORDS, files=(io.BytesIO(b"%PDF-1.7 x"), "invoice.pdf")
    )
    ours = shop.messages(taken.conversation)[-1]
    shop.deliver(ours)
    with shop.writing():  # changed since: the old one must not stay in the middle of the text
        db.session.get_one(Person, shop.person("support")).signature = "Samantha"
    agent.open(f"/messages/{ours.id}/fix").press("Send", to="jane.fox@customer.example")
    new = shop.messages(taken.conversation)[-1]
    assert new.text == f"{WORDS}\n\n-- \nSamantha"
    (part,) = parsed(shop, shop.outbound(new.outbound_id or 0)).iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("invoice.pdf", b"%PDF-1.7 x")
    assert [a.message_id for a in shop.all(Attachment)] == [ours.id, new.id]


def test_a_mail_that_is_still_tried_is_not_written_anew(shop: Shop, agent: Browser) -> None:
    """A tool that tries by itself and a person who does so too are two mails."""
    taken = shop.take()
    shop.smtp_works(False)
    ours = shop.reply(taken.conversation, WORDS)
    shop.deliver(ours)
    form = agent.open(f"/messages/{ours.id}/fix")
    assert "Fix address" in [label for label, _ in agent.open("/errors").links]
    with shop.writing():
        row = db.session.get_one(OutboundMail, ours.outbound_id)
        row.state, row.attempts = "queued", 1
    refused = form.press("Send", to="jane.fox@customer.example")
    assert refused.status == 422
    assert "still trying to deliver this mail" in refused
    assert len(shop.all(OutboundMail)) == 1
    assert shop.all(Draft) == []
    assert "Fix address" not in [label for label, _ in agent.open("/errors").links]
