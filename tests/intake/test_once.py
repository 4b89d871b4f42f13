"""A mail is in the desk once: the same bytes, the same letter by another path, and what only looks the same (A12)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake import filing, sweeping, taking_in
from checkout_desk.mail.models import RawMail
from tests.builders import JANE, Shop, mail
from tests.page import Browser

ID = "same@customer.example"


def relayed(data: bytes) -> bytes:
    return b"Received: from a by b; Mon, 02 Nov 2026 09:00:00 +0000\r\nX-Scanned: yes\r\n" + data


def test_the_same_bytes_twice_are_one_mail(shop: Shop) -> None:
    data = mail()
    first, again = shop.take(data), shop.take(data)
    assert (first.raw, first.conversation) == (again.raw, again.conversation)
    assert len(shop.all(Message)) == len(shop.all(RawMail)) == 1
    shop.sound()


def test_the_same_letter_by_another_path_is_a_duplicate_that_names_the_first(shop: Shop) -> None:
    data = mail(message_id=ID)
    first, again = shop.take(data), shop.take(relayed(data))
    assert again.outcome == "duplicate"
    assert again.conversation == first.conversation
    assert len(shop.all(Message)) == 1
    raw = shop.all(RawMail)[1]
    assert (raw.state, raw.duplicate_of_id) == ("duplicate", first.raw)
    assert shop.owed(first.conversation) == 1
    shop.sound()


def test_a_message_id_sent_ahead_does_not_swallow_the_real_mail(shop: Shop, agent: Browser) -> None:
    fake = shop.take(mail("Ignore this.", message_id=ID, sender="Eve <eve@elsewhere.example>"))
    real = shop.take(mail("Three teapots, please.", message_id=ID))
    assert real.outcome == "stored"
    assert "Three teapots" in agent.open(f"/conversations/{real.conversation}")
    assert fake.conversation != real.conversation


def test_one_message_id_with_two_texts_are_two_mails_of_one_sender(shop: Shop) -> None:
    outcomes = [shop.take(mail(text, message_id=ID)).outcome for text in ("Two mugs.", "Three mugs.")]
    assert outcomes == ["stored", "stored"]


def test_mails_without_a_message_id_are_told_apart_by_their_bytes(shop: Shop) -> None:
    data = mail(message_id="")
    assert [shop.take(one).outcome for one in (data, relayed(data))] == ["stored", "stored"]
    assert shop.take(data).raw == shop.all(RawMail)[0].id


def test_our_message_id_in_a_foreign_mail_is_no_duplicate_of_ours(shop: Shop) -> None:
    first = shop.take()
    ours = shop.answered(first.conversation)
    taken = shop.take(mail("Forged.", message_id=ours.mail_id))
    assert taken.outcome == "stored"
    assert shop.message(taken.message).text.strip() == "Forged."


def test_a_duplicate_changes_nothing_that_an_agent_did(shop: Shop) -> None:
    data = mail(message_id=ID)
    first = shop.take(data)
    shop.answered(first.conversation, after="close")
    before = shop.seen(first.conversation)
    shop.take(relayed(data))
    after = shop.seen(first.conversation)
    assert (after.state, after.version, after.unread) == ("closed", before.version, before.unread)
    assert shop.owed(first.conversation) == 0


def test_taking_in_twice_is_once(shop: Shop) -> None:
    first = shop.take()
    again = shop.take_in(first.raw)
    assert (again.outcome, again.conversation) == ("stored", first.conversation)
    assert len(shop.all(Message)) == 1
    shop.sound()


def test_two_workers_at_the_same_mail_make_one_message(shop: Shop) -> None:
    raw_id, results = shop.receive(mail()), []
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        results.append(shop.take_in(raw_id).outcome)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) in (["busy", "stored"], ["stored", "stored"])
    assert len(shop.all(Message)) == 1
    shop.sound()


def test_two_copies_and_one_stranger_at_the_same_moment(shop: Shop) -> None:
    """Two paths of one letter are filed side by side: one is stored, one is its duplicate, one customer is met."""
    data = mail(message_id=ID)
    raws = [shop.receive(data), shop.receive(relayed(data)), shop.receive(mail("Another.", sender=JANE))]
    gate, outcomes = threading.Barrier(3), []

    def work(raw_id: int) -> None:
        gate.wait()
        outcomes.append(shop.take_in(raw_id).outcome)

    threads = [threading.Thread(target=work, args=(raw_id,)) for raw_id in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["duplicate", "stored", "stored"]
    assert len(shop.all(Customer)) == 1
    shop.sound()


def lapse(shop: Shop, raw_id: int, **values: object) -> None:
    """Leave a raw mail as a dead worker or passing time leaves it."""
    with shop.writing():
        raw = db.session.get_one(RawMail, raw_id)
        for name, value in values.items():
            setattr(raw, name, value)


def test_a_mail_that_nobody_was_woken_for_is_rung_for_once(shop: Shop) -> None:
    raw_id = shop.receive(mail())
    now = clock.now()
    with shop.app.app_context():
        assert sweeping.sweep() == 0  # it has just come
        with clock.pretending(now + timedelta(seconds=16)):
            assert sweeping.sweep() == 1
            assert sweeping.sweep() == 0  # a worker has its chance now
        with clock.pretending(now + timedelta(seconds=33)):
            assert sweeping.sweep() == 1
    assert shop.take_in(raw_id).outcome == "stored"
    with shop.app.app_context(), clock.pretending(now + timedelta(hours=1)):
        assert sweeping.sweep() == 0


def test_a_claimed_mail_is_left_to_its_worker_until_the_lease_ends(shop: Shop) -> None:
    raw_id = shop.receive(mail())
    now = clock.now()
    lapse(shop, raw_id, claim="w1", claimed_until=now + timedelta(seconds=110), attempts=1)
    assert shop.take_in(raw_id).outcome == "busy"
    with shop.app.app_context(), clock.pretending(now + timedelta(seconds=60)):
        assert sweeping.sweep() == 0
    with shop.app.app_context(), clock.pretending(now + timedelta(seconds=111)):
        assert sweeping.sweep() == 1
        assert taking_in.take_in(raw_id)[0] == "stored"


def test_the_third_death_of_a_worker_makes_it_a_mail_that_could_not_be_read(
    shop: Shop, agent: Browser
) -> None:
    raw_id = shop.receive(mail("Some words of the killer mail."))
    lapse(shop, raw_id, claim="dead", claimed_until=clock.now() - timedelta(seconds=1), attempts=3)
    taken = shop.take_in(raw_id)
    assert taken.outcome == "quarantined"
    page = agent.open("/queue/exceptions")
    assert page.rows() == [taken.conversation]
    assert "could not be read" in page
    assert "Some words of the killer mail." in agent.open(f"/conversations/{taken.conversation}")
    assert "Could not be read" in agent.open("/errors")
    assert shop.owed(taken.conversation) == 1
    shop.sound()


def test_a_mail_that_could_not_be_read_is_read_again(shop: Shop, agent: Browser) -> None:
    raw_id = shop.receive(mail("Readable after all.", subject="Mugs"))
    lapse(shop, raw_id, claim="dead", claimed_until=clock.now() - timedelta(seconds=1), attempts=3)
    taken = shop.take_in(raw_id)
    agent.open(f"/conversations/{taken.conversation}").press("Read again")
    assert shop.all(RawMail)[0].state == "received"
    again = shop.take_in(raw_id)
    assert (again.outcome, again.conversation, again.message) == ("stored", taken.conversation, taken.message)
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "Readable after all." in page
    assert "Jane Fox" in page
    assert "could not be read" not in page
    assert agent.open("/queue/exceptions").rows() == []
    assert agent.open("/search?q=readable").rows() == [taken.conversation]
    assert agent.open("/search?q=from:jane").rows() == [taken.conversation]
    form = agent.open(f"/conversations/{taken.conversation}/compose/reply").form("/send")
    assert "jane@customer.example" in form.value("to")
    shop.sound()


def test_filing_that_fails_three_times_still_ends_as_a_conversation(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = filing.file

    def broken(raw_id: int, raw: object, u: taking_in.Understood, *parts: Any, **more: Any) -> int:
        if u.letter.readable:
            raise ZeroDivisionError
        return real(raw_id, raw, u, *parts, **more)

    monkeypatch.setattr(filing, "file", broken)
    raw_id = shop.receive(mail("Do not lose me."))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            shop.take_in(raw_id)
        assert shop.all(RawMail)[0].state == "received"
    taken = shop.take_in(raw_id)
    assert taken.outcome == "quarantined"
    assert "Do not lose me." in shop.message(taken.message).text
    shop.sound()


def test_a_zombie_past_its_lease_changes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker stands still between reading and filing until another one has filed the mail."""
    raw_id = shop.receive(mail())
    real = filing.store_parts
    first: list[bool] = []

    def pausing(u: taking_in.Understood) -> list[str]:
        if not first:
            first.append(True)
            monkeypatch.setattr(filing, "store_parts", real)
            other = threading.Thread(target=overtake)
            other.start()
            other.join()
        return real(u)

    def overtake() -> None:
        with clock.pretending(clock.now() + taking_in.LEASE + timedelta(seconds=1)):
            first.append(shop.take_in(raw_id).outcome == "stored")

    monkeypatch.setattr(filing, "store_parts", pausing)
    assert shop.take_in(raw_id).outcome == "busy"
    assert first == [True, True]
    assert len(shop.all(Message)) == 1
    assert shop.all(RawMail)[0].state == "taken_in"
    shop.sound()


def test_nothing_is_half_filed_when_the_last_step_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    raw_id = shop.receive(mail())

    def lost(*args: object) -> None:
        raise taking_in.LostClaim

    monkeypatch.setattr(taking_in, "_finish", lost)
    assert shop.take_in(raw_id).outcome == "busy"
    assert shop.all(Message) == []
    with shop.app.app_context():
        begin_write()
        assert db.session.scalars(select(Customer)).all() == []
    shop.sound()
