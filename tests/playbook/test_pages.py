"""The playbook as people use it: read, changed, asked for, confirmed, linked."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.playbook import links, pages
from tests.builders import Shop
from tests.page import Browser, Page

As = Callable[[str], Browser]
EDIT = "/playbook/email-checkout/edit"


def change(browser: Browser, text: str, **more: object) -> int:
    """Publish `text` as the next version of procedure A; the status of the answer."""
    return send(
        browser, EDIT, **{"title": "Email checkout", "text": text, "reason": "Because", "act": "save", **more}
    ).status


def send(browser: Browser, address: str, **form: object) -> Page:
    """Post a form that was not fetched first, with the token that any page of the browser has."""
    token = next(
        form.value("csrf_token")
        for form in browser.open("/playbook").forms
        if "csrf_token" in dict(form.fields)
    )
    return browser.post(address, {"based_on": 1, "csrf_token": token, **form})


def test_both_procedures_are_there_from_the_start(agent: Browser) -> None:
    page = agent.open("/playbook")
    assert "Email checkout (procedure A)" in page
    assert "Order confirmation and tracking (procedure B)" in page
    assert "Verify product availability in inventory." in agent.open("/playbook/email-checkout")
    assert "Change" not in agent.open("/playbook/email-checkout").buttons()


def test_a_change_asks_those_whom_it_concerns_and_nobody_else(as_role: As) -> None:
    manager, support = as_role("manager"), as_role("support")
    assert change(manager, "Do it **well**.", asks=["support", "manager"]) == 200
    assert "Please read" in support.open("/playbook")
    assert "Please read" not in as_role("logistics").open("/playbook")
    assert "Please read" not in manager.open("/playbook"), "who wrote it has read it"

    rail = support.open("/queue/answer").html
    assert '<span>Playbook</span><span class="n">1</span>' in rail

    page = support.open("/playbook/email-checkout")
    assert "What changed: Because" in page
    done = page.press("I have read this")
    assert "You have read this version" in done
    assert "Please read" not in support.open("/playbook")
    assert "<span>Playbook</span></a>" in support.open("/queue/answer").html
    assert "not yet" not in manager.open("/playbook/email-checkout")

    assert change(manager, "Do it better.", based_on=2, asks=["support"]) == 200
    assert "Please read" in support.open("/playbook"), "another version is to be read again"
    assert "not yet" in manager.open("/playbook/email-checkout")


def test_an_old_version_cannot_be_confirmed(as_role: As) -> None:
    manager = as_role("manager")
    change(manager, "Two.", asks=["support"])
    support = as_role("support")
    page = support.open("/playbook/email-checkout")
    change(manager, "Three.", based_on=2, asks=["support"])
    late = page.press("I have read this")
    assert late.status == 409
    assert "Version 3 is the newest by now" in late
    assert "Please read" in support.open("/playbook")


def test_what_changed_is_shown_and_old_words_come_back(as_role: As) -> None:
    manager = as_role("manager")
    change(manager, "Pack the box.")
    page = manager.open("/playbook/email-checkout?compare=2")
    assert "Version 2 against version 1" in page
    assert "<ins>Pack the box</ins>" in page.html or "Pack" in page
    old = manager.open("/playbook/email-checkout?version=1")
    assert "Version 2 is in use" in old
    editor = manager.open(f"{EDIT}?version=1")
    assert "Back to the words of version 1." in editor.html
    assert "Monitor the designated checkout email" in editor


def test_who_was_slower_keeps_the_words_and_loses_nothing(as_role: As, shop: Shop) -> None:
    manager = as_role("manager")
    change(manager, "First.")
    answer = send(manager, EDIT, title="T", text="Second words.", reason="r", based_on=1, act="save")
    assert answer.status == 409
    assert "Somebody saved version 2" in answer
    assert "Second words." in answer
    with shop.writing():
        assert pages.history("email-checkout")[0].newest.text == "First.\n"  # type: ignore[index]


def test_bad_input_is_told_at_its_field_and_kept(as_role: As) -> None:
    manager = as_role("manager")
    answer = send(
        manager,
        EDIT,
        title="",
        text=" ",
        reason="",
        based_on=1,
        act="save",
        asks="boss",
    )
    assert answer.status == 422
    assert "A title has 1 to 120 characters" in answer
    assert "A page has 1 to" in answer
    assert "Say in a sentence what changed" in answer
    assert "“boss” is no role" in answer
    same = send(manager, "/playbook/new", title="Customer Service  Policy", text="x", act="save")
    assert same.status == 422
    assert "There is a page" in same


def test_a_page_of_ones_own_has_an_owner_and_leads_from_a_step(as_role: As, shop: Shop) -> None:
    manager = as_role("manager")
    made = send(
        manager,
        "/playbook/new",
        title="How we wrap glass",
        text="## Paper\n\nTwice.",
        based_on=0,
        act="save",
    )
    assert made.status == 200
    page = manager.open("/playbook/how-we-wrap-glass")
    moved = page.press("Link", **{"from": "step:A10", "anchor": "paper"})
    assert "Steps: A10" in moved
    assert (
        send(manager, "/playbook/how-we-wrap-glass/links", **{"from": "step:A10", "anchor": "nowhere"}).status
        == 422
    )
    assert send(manager, "/playbook/how-we-wrap-glass/links", **{"from": "step:A99"}).status == 422
    with shop.writing():
        place = links.page_for("step", "A10")
        assert place == links.Place("how-we-wrap-glass", "How we wrap glass", "paper")
        kinds = set(db.session.scalars(select(Event.kind).where(Event.kind.like("playbook.%"))))
    assert {"playbook.changed", "playbook.linked"} <= kinds
    given = page.press("Save", owner=shop.person("support"))
    assert "owns this page now" in given


def test_only_who_may_write_writes(as_role: As) -> None:
    support = as_role("support")
    assert support.open(EDIT).status == 403
    assert change(support, "Mine.") == 403
    assert send(support, "/playbook/email-checkout/owner", owner="").status == 403


def test_the_preview_shows_what_is_typed(as_role: As) -> None:
    manager = as_role("manager")
    answer = send(manager, "/playbook/new/preview", text="## Wrap\n\n<b>x</b>")
    assert '<h2 id="wrap">Wrap</h2>' in answer.html
    assert "&lt;b&gt;" in answer.html
    seen = send(manager, EDIT, title="T", text="Other.", reason="", based_on=1, act="preview")
    assert "Difference to version 1" in seen


def test_what_is_to_be_done_leads_to_the_page_that_tells_how(agent: Browser) -> None:
    answer = agent.get("/playbook/how/action/send_quote")
    assert answer.headers["Location"] == "/playbook/email-checkout#step-5"
    assert "Nothing in the playbook tells about that" in agent.open("/playbook/how/action/dance")


def test_who_comes_later_is_asked_as_well(as_role: As, shop: Shop) -> None:
    change(as_role("manager"), "Two.", asks=["support"])
    support = as_role("support")
    with shop.app.app_context():
        pages.sweep()
    assert '<span>Playbook</span><span class="n">1</span>' in support.open("/queue/answer").html
