"""The screens of communication errors: grouped by cause, with owner, resolution, history, and repairs for each case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.incidents import noticing
from checkout_desk.incidents.models import Incident, IncidentCase
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.mail.outcomes import settle
from checkout_desk.mail.results import Refused, Sent
from tests.builders import Shop
from tests.page import Browser


def refused(shop: Shop, words: str = "5.2.2 mailbox full", *, who: str = "Ann <ann@customer.example>") -> int:
    """An answer that a server refused, noticed; returns the message."""
    message = shop.reply(shop.take(text="Is the garden open?", sender=who).conversation)
    with shop.writing():
        settle(db.session.get_one(OutboundMail, message.outbound_id), Refused(True, 552, words, {}))
    sweep(shop)
    return message.id


def sweep(shop: Shop) -> None:
    with shop.reading():
        noticing.sweep()


def only(shop: Shop) -> Incident:
    (found,) = shop.all(Incident)
    return found


def test_errors_of_one_cause_are_one_row(shop: Shop, agent: Browser) -> None:
    for n in range(3):
        refused(shop, who=f"Ann <ann{n}@customer.example>")
    refused(shop, "5.7.1 blocked")
    page = agent.open("/errors")
    assert "552 5.2.2 mailbox full" in page and "3 cases" in page and "3 customers" in page
    assert "552 5.7.1 blocked" in page and "1 case" in page and "Just now" not in page
    assert "Fix address" not in [label for label, _ in page.links]
    assert "552 5.2.2" not in agent.open("/errors?kind=unknown")
    assert "552 5.2.2" not in agent.open("/errors?state=resolved")
    case = agent.open(f"/errors/{only_of(shop, 'mailbox')}")
    assert [label for label, _ in case.links].count("Fix address") == 3
    assert case.buttons().count("Send again") == 3 and case.buttons().count("Dealt with") == 3


def only_of(shop: Shop, words: str) -> int:
    return next(one.id for one in shop.all(Incident) if words in one.words)


def test_what_just_happened_is_shown_before_the_clock_has_looked(shop: Shop, agent: Browser) -> None:
    message = shop.reply(shop.take().conversation)
    with shop.writing():
        settle(db.session.get_one(OutboundMail, message.outbound_id), Refused(True, 550, "no", {}))
    page = agent.open("/errors")
    assert "Just now" in page and "Not delivered: no" in page
    sweep(shop)
    assert "Just now" not in agent.open("/errors")


def test_a_cause_is_resolved_with_a_note_and_opened_when_it_comes_back(shop: Shop, agent: Browser) -> None:
    refused(shop)
    number = only(shop).id
    page = agent.open(f"/errors/{number}")
    short = page.press("Resolve", note="ok")
    assert short.status == 422 and "Say what was done about it" in short
    assert only(shop).state == "open"
    done = page.press("Resolve", note="Asked Ann to make room.")
    assert "Asked Ann to make room." in done and only(shop).state == "resolved"
    sweep(shop)
    assert only(shop).state == "resolved" and only(shop).reopened == 0
    assert "Resolve" not in done.buttons() and "Open again" in done.buttons()
    assert page.press("Resolve", note="Asked them twice.").status == 409
    refused(shop)
    found = only(shop)
    assert (found.state, found.reopened, found.resolution) == ("open", 1, "Asked Ann to make room.")
    again = agent.open(f"/errors/{number}")
    assert "Came back" in again and "Asked Ann to make room." in again
    shop.sound()


def test_what_happened_before_the_resolution_opens_nothing_however_late_it_is_noticed(
    shop: Shop, agent: Browser
) -> None:
    refused(shop)
    message = shop.reply(shop.take().conversation)
    with shop.writing():
        settle(
            db.session.get_one(OutboundMail, message.outbound_id),
            Refused(True, 552, "5.2.2 mailbox full", {}),
        )
    agent.open(f"/errors/{only(shop).id}").press("Resolve", note="Asked them to make room.")
    sweep(shop)
    assert (only(shop).state, only(shop).cases, only(shop).reopened) == ("resolved", 2, 0)


def test_a_mail_that_leaves_after_all_settles_its_case_and_the_cause_stays(
    shop: Shop, agent: Browser
) -> None:
    message = shop.message(refused(shop))
    page = agent.open(f"/errors/{only(shop).id}")
    page.press("Send again")
    sweep(shop)
    assert only(shop).state == "open"  # it is being tried: nothing is decided
    with shop.writing():
        settle(db.session.get_one(OutboundMail, message.outbound_id), Sent("250 ok"))
    sweep(shop)
    found = only(shop)
    assert (found.state, found.cases, found.unsettled) == ("settled", 1, 0)
    assert "It was sent" in agent.open(f"/errors/{found.id}?cases=all")
    assert found.words in agent.open("/errors?state=settled")
    refused(shop)
    assert (only(shop).state, only(shop).reopened) == ("open", 0)


def test_dealt_with_leads_back_and_settles(shop: Shop, agent: Browser) -> None:
    refused(shop)
    number = only(shop).id
    page = agent.open(f"/errors/{number}")
    assert page.press("Dealt with").status == 200
    sweep(shop)
    assert only(shop).state == "settled"
    assert agent.open("/errors").counts()["exceptions"] == 0


def test_a_cause_has_an_owner(shop: Shop, agent: Browser) -> None:
    refused(shop)
    manager = shop.person("manager")
    page = agent.open(f"/errors/{only(shop).id}")
    given = page.press("Give it", owner=str(manager))
    assert only(shop).owner_id == manager and "Given to" in given
    wrong = page.press("Give it", owner="999999")
    assert wrong.status == 422 and "nobody who works here" in wrong
    assert page.press("Give it", owner="").status == 200 and only(shop).owner_id is None


@pytest.mark.parametrize("role", ["logistics"])
def test_who_may_not_read_errors_sees_none(shop: Shop, as_role: object, role: str) -> None:
    refused(shop)
    browser = as_role(role)  # type: ignore[operator]
    for path in ("/errors", f"/errors/{only(shop).id}", f"/errors/{only(shop).id}/retry"):
        assert browser.get(path).status_code == 403


def test_the_pages_ask_the_same_questions_at_any_size(shop: Shop, agent: Browser) -> None:
    refused(shop)
    number = only(shop).id
    paths = ("/errors", f"/errors/{number}", f"/errors/{number}/retry")
    for path in paths:
        agent.open(path)
    few = [_asked(shop, agent, path) for path in paths]
    for n in range(40):
        refused(shop, who=f"Ann <ann{n}@customer.example>")
        with shop.writing():
            now = clock.now() - timedelta(minutes=n)
            db.session.add(
                Incident(
                    kind="failed", cause=f"c{n}", words=f"Cause {n}", first_seen_at=now, last_seen_at=now
                )
            )
    agent.open("/errors")  # people and mailboxes are remembered from here on
    assert [_asked(shop, agent, path) for path in paths] == few
    first = agent.open("/errors")
    second = first.follow("Older")
    assert "Cause 39" in second and "Cause 39" not in first and "Cause 0" not in second
    assert "Older" in [label for label, _ in agent.open(f"/errors/{number}").links]


def _asked(shop: Shop, agent: Browser, path: str) -> int:
    asked: list[str] = []

    def listen(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with shop.reading():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        assert agent.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert len(asked) <= 12, asked
    return len(asked)


def test_a_case_without_a_message_is_dealt_with_and_stays_so(shop: Shop, agent: Browser) -> None:
    raw = shop.receive(b"From: a@b.example\r\n\r\nhi\r\n")
    with shop.writing():
        db.session.execute(
            update(RawMail).where(RawMail.id == raw).values(received_at=clock.now() - timedelta(hours=1))
        )
    sweep(shop)
    page = agent.open(f"/errors/{only(shop).id}")
    assert "Raw mail" in page
    page.press("Dealt with")
    sweep(shop)
    (case,) = shop.all(IncidentCase)
    assert case.settled_by_id is not None and only(shop).state == "settled"


def test_a_mail_that_is_stopped_for_a_placeholder_is_noticed_by_its_name(shop: Shop, agent: Browser) -> None:
    taken = shop.take(text="Is the garden open?")
    page = agent.open(f"/conversations/{taken.conversation}/compose/reply")
    stopped = page.press("Send", text="Dear [NAME], it is.")
    assert stopped.status == 422 and "[NAME] has not been filled in" in stopped
    sweep(shop)
    found = only(shop)
    assert (found.kind, found.words) == (
        "placeholder",
        "[NAME] stands for nothing in a mail that somebody wrote",
    )
    stopped.press("Send", text="Dear Jane, it is.")
    sweep(shop)
    assert only(shop).state == "settled"
