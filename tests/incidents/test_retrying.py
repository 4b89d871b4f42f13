"""Trying all cases of a cause again: first what would happen, then exactly that, and nothing leaves twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import db
from checkout_desk.incidents import noticing, retrying
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentRetry
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import delivery, outbox
from checkout_desk.mail.connections import connections
from checkout_desk.mail.lanes import wait_for_lanes
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.orders import milestones
from checkout_desk.orders.models import MilestoneMail
from tests.builders import Shop, mail
from tests.orders.stage import Stage
from tests.page import Browser
from tests.parts.smtp import SmtpSink

MAILS = 6


@pytest.fixture(autouse=True)
def lanes_end() -> Iterator[None]:
    yield
    assert wait_for_lanes(30)
    connections.close_all()


@pytest.fixture
def sunk(shop: Shop, smtp_sink: SmtpSink) -> SmtpSink:
    """The shop's mail leaves through a real server."""
    shop.set_mailbox(smtp_host=smtp_sink.host, smtp_port=smtp_sink.port, smtp_tls="none")
    return smtp_sink


def work(shop: Shop) -> None:
    """What clock and workers do: mails leave, what went wrong is noticed."""
    with shop.writing():
        db.session.execute(
            update(OutboundMail)
            .where(OutboundMail.state == "queued")
            .values(due_at=clock.now() - timedelta(seconds=1))
        )
    for row in shop.all(OutboundMail, OutboundMail.state == "queued"):
        with shop.reading():
            delivery.deliver(row.id)
    assert wait_for_lanes(30)
    with shop.reading():
        noticing.sweep()


def asked(shop: Shop) -> list[int]:
    """Messages to so many customers, each in a conversation of its own."""
    return [
        shop.reply(shop.take(text="Is it open?", sender=f"Ann <ann{n}@customer.example>").conversation).id
        for n in range(MAILS)
    ]


def carried(shop: Shop) -> IncidentRetry:
    (retry,) = shop.all(IncidentRetry)
    with shop.reading():
        retrying.carry_on(retry.id)
    return shop.all(IncidentRetry)[0]


def test_refused_mails_leave_once_and_only_those_that_the_dry_run_showed(
    shop: Shop, agent: Browser, sunk: SmtpSink
) -> None:
    for n in range(MAILS):
        sunk.refuse("rcpt", 552, "5.2.2 mailbox full", recipient=f"ann{n}@customer.example", times=1)
    messages = asked(shop)
    work(shop)
    (incident,) = shop.all(Incident)
    assert (incident.cases, sunk.accepted) == (MAILS, [])
    page = agent.open(f"/errors/{incident.id}")
    page.press("Dealt with")  # the newest
    plan = agent.open(f"/errors/{incident.id}/retry")
    assert f"{MAILS - 1} would be tried again" in plan and "Somebody has dealt with it." in plan
    assert not shop.all(OutboundMail, OutboundMail.state == "queued")
    begun = plan.press(f"Try {MAILS - 1} again")
    assert "tried again" in begun
    second = plan.press(f"Try {MAILS - 1} again")
    assert second.status == 409 and "at this moment" in second
    retry = carried(shop)
    assert (retry.tried, retry.gone_through, retry.left) == (MAILS - 1, MAILS - 1, [])
    carried(shop)
    work(shop)
    work(shop)
    got = Counter(kept.recipients[0] for kept in sunk.accepted)
    assert got == {f"ann{n}@customer.example": 1 for n in range(MAILS - 1)}
    ids = {row.message_id for row in shop.all(OutboundMail)}
    assert {kept.content.split(b"Message-ID: <")[1].split(b">")[0].decode() for kept in sunk.accepted} < ids
    found = shop.all(Incident)[0]
    assert (found.state, found.cases, found.unsettled) == ("settled", MAILS, 0)
    assert "5 of 5" in agent.open(f"/errors/{incident.id}") and len(messages) == MAILS
    shop.sound()


def test_doubtful_mails_leave_again_as_the_very_same_mail(shop: Shop, agent: Browser, sunk: SmtpSink) -> None:
    sunk.drop("dot", keep=True, recipient="ann0@customer.example", times=2)
    message = shop.message(asked(shop)[0])
    work(shop)
    work(shop)
    (row,) = [one for one in shop.all(OutboundMail) if one.id == message.outbound_id]
    if row.state != "unknown":
        pytest.fail(f"the mail is {row.state}: {row.response}")
    incident = next(one for one in shop.all(Incident) if one.kind == "unknown")
    plan = agent.open(f"/errors/{incident.id}/retry")
    assert "with the same Message-ID" in plan
    plan.press("Try 1 again")
    assert carried(shop).tried == 1
    work(shop)
    kept = [one for one in sunk.accepted if one.recipients == ["ann0@customer.example"]]
    assert {one.content for one in kept} == {shop.bytes_of(row)}
    assert shop.outbound(row.id).state == "sent"


def test_a_case_that_changed_meanwhile_is_left_and_says_why(
    shop: Shop, agent: Browser, sunk: SmtpSink
) -> None:
    for n in range(MAILS):
        sunk.refuse("rcpt", 552, "5.2.2 mailbox full", recipient=f"ann{n}@customer.example", times=1)
    asked(shop)
    work(shop)
    (incident,) = shop.all(Incident)
    agent.open(f"/errors/{incident.id}/retry").press(f"Try {MAILS} again")
    first = shop.all(OutboundMail)[0]
    with shop.writing():
        assert outbox.retry(first.id)
    work(shop)
    retry = carried(shop)
    assert (retry.tried, len(retry.left)) == (MAILS - 1, 1)
    work(shop)
    assert Counter(kept.recipients[0] for kept in sunk.accepted).most_common(1)[0][1] == 1
    assert len(sunk.accepted) == MAILS
    assert "1 left" in agent.open(f"/errors/{incident.id}")


def test_what_a_dead_worker_left_is_gone_on_with(shop: Shop, agent: Browser, sunk: SmtpSink) -> None:
    for n in range(MAILS):
        sunk.refuse("rcpt", 552, "5.2.2 mailbox full", recipient=f"ann{n}@customer.example", times=1)
    asked(shop)
    work(shop)
    (incident,) = shop.all(Incident)
    agent.open(f"/errors/{incident.id}/retry").press(f"Try {MAILS} again")
    (retry,) = shop.all(IncidentRetry)
    with shop.reading():
        for _ in range(2):
            assert retrying._one(retry.id)
        assert retrying.sweep() == 1
    work(shop)
    assert len(sunk.accepted) == MAILS and shop.all(IncidentRetry)[0].done_at is not None


def test_unreadable_mails_are_read_again(shop: Shop, agent: Browser) -> None:
    raws = [shop.receive(mail(text=f"Hello {n}", sender=f"Bo <bo{n}@customer.example>")) for n in range(3)]
    with shop.writing():
        db.session.execute(update(RawMail).where(RawMail.id.in_(raws)).values(attempts=3))
    for raw in raws:
        shop.take_in(raw)
    with shop.reading():
        noticing.sweep()
    (incident,) = shop.all(Incident)
    agent.open(f"/errors/{incident.id}/retry").press("Try 3 again")
    assert carried(shop).tried == 3
    for raw in raws:
        assert shop.take_in(raw).outcome == "stored"
    with shop.reading():
        noticing.sweep()
    assert shop.all(Incident)[0].state == "settled"


def test_milestones_that_were_held_back_are_sent_once(shop: Shop, agent: Browser) -> None:
    stage = Stage(shop)
    numbers = [stage.order(sender=f"Bo <bo{n}@customer.example>") for n in range(3)]
    shop.set_store(automatic_per_address=0)
    for number in numbers:
        with stage.on(number) as (order, _, _by):
            milestones.post(order, "received")
    shop.set_store(automatic_per_address=5)
    with shop.reading():
        noticing.sweep()
    (incident,) = shop.all(Incident)
    assert (incident.kind, incident.cases) == ("stopped", 3)
    agent.open(f"/errors/{incident.id}/retry").press("Try 3 again")
    carried(shop)
    carried(shop)
    rows = shop.all(MilestoneMail)
    assert all(row.message_id and row.again == 1 for row in rows) and len(rows) == 3
    assert len(shop.all(OutboundMail, OutboundMail.automatic)) == 3
    with shop.reading():
        noticing.sweep()
    assert shop.all(Incident)[0].state == "settled"
    assert {case.settled_how for case in shop.all(IncidentCase)} == {"It was sent"}


def test_what_is_never_tried_again_says_why(shop: Shop, agent: Browser) -> None:
    with shop.writing():
        now = clock.now()
        incident = Incident(
            kind="bounced",
            cause="5.1.1",
            words="5.1.1",
            first_seen_at=now,
            last_seen_at=now,
            unsettled=1,
            cases=1,
        )
        db.session.add(incident)
        db.session.flush()
        db.session.add(IncidentCase(incident_id=incident.id, source="message:9", at=now, last_at=now))
        number = incident.id
    page = agent.open(f"/errors/{number}")
    assert "correct the address instead" in page and "Try all again" not in [label for label, _ in page.links]
    plan = agent.open(f"/errors/{number}/retry")
    assert "0 would be tried again" in plan and "correct the address instead" in plan
    with shop.writing(), pytest.raises(Refused):
        retrying.begin(
            db.session.get_one(Incident, number), [], by=db.session.get_one(Person, shop.person("support"))
        )
