"""Mails that meet trouble which is not theirs: lost bytes, a busy database, a second reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from checkout_desk import clock
from checkout_desk.conversations import troubling
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.intake import filing, sweeping, taking_in
from checkout_desk.mail.models import RawMail
from checkout_desk.mail.receiving import blobs
from tests.builders import EVE, Shop, mail
from tests.page import Browser


def test_a_mail_whose_bytes_are_lost_becomes_one_that_could_not_be_read(shop: Shop, agent: Browser) -> None:
    raw = shop.receive(mail("hi"))
    with shop.reading():
        blobs().delete(shop.all(RawMail)[0].sha256)
    for _ in range(taking_in.MAX_ATTEMPTS):
        try:
            shop.take_in(raw)
        except FileNotFoundError:
            with shop.writing():
                db.session.execute(update(RawMail).values(claimed_until=None))
    (row,) = shop.all(RawMail)
    assert row.state == "unreadable"
    (message,) = shop.all(Message)
    assert (message.facts or {})["defects"] == [taking_in.WHY_LOST]
    assert "Could not be read" in agent.open("/errors")
    shop.sound()


def test_trouble_of_the_database_is_not_one_of_a_mails_tries(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, real, met = shop.receive(mail("a fine mail")), filing.file, []

    def busy(*words: Any, **facts: Any) -> Any:
        met.append(1)
        if len(met) <= taking_in.MAX_ATTEMPTS:
            raise OperationalError("INSERT", {}, Exception("deadlock detected"))
        return real(*words, **facts)

    monkeypatch.setattr(filing, "file", busy)
    outcomes = [shop.take_in(raw).outcome for _ in range(taking_in.MAX_ATTEMPTS + 1)]
    assert outcomes == ["busy"] * taking_in.MAX_ATTEMPTS + ["stored"]
    (row,) = shop.all(RawMail)
    assert (row.state, row.attempts) == ("taken_in", 1)


def test_reading_a_mail_again_leaves_the_trouble_of_another(
    shop: Shop, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    with shop.writing():
        c, message = (
            db.session.get_one(Conversation, first.conversation),
            db.session.get_one(Message, ours.id),
        )
        troubling.trouble(c, message, "It bounced.", at=clock.now(), short="mail not delivered")
    raw = shop.receive(mail("unreadable", in_reply_to=shop.message(first.message).mail_id or ""))
    real = taking_in._understand

    def blind(*words: Any) -> Any:
        understood = real(*words)
        letter = replace(understood.letter, readable=False)
        return replace(understood, letter=letter, canonical_key=None)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(taking_in, "_understand", blind)
        assert shop.take_in(raw).conversation == first.conversation
    with shop.writing():
        sweeping.retry(raw, at=clock.now())
    shop.take_in(raw)
    c = shop.seen(first.conversation)
    assert (c.trouble, c.exception) == ("mail not delivered", True)
    assert agent.open("/queue/exceptions").rows() == [first.conversation]
    shop.sound()


def test_another_desks_loop_mark_hides_no_letter(shop: Shop) -> None:
    """A supplier that uses the same software, or a customer that knows of the header, is answered like everybody."""
    taken = shop.take(headers={"X-Checkout-Desk-Loop": "1"}, sender=EVE)
    assert shop.message(taken.message).kind == "letter"
    assert shop.owed(taken.conversation) == 1
