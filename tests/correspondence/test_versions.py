"""Versions of a template: checked when they are saved, used from their time on, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import comparing, linting, templates, versions
from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop

KEY = "order_cancelled"
BODY = "Your order [ORDER_NUMBER] is cancelled.\nWrite to [CONTACT_INFO]."


def by(shop: Shop) -> Person:
    return db.session.get_one(Person, shop.person("manager"))


def save(shop: Shop, body: str = BODY, *, based_on: int = 1, newest: int | None = None) -> int:
    manager = shop.person("manager")
    with shop.writing():
        person = db.session.get_one(Person, manager)
        return versions.save(
            KEY, "en", subject="Cancelled", body=body, based_on=based_on, newest=newest, by=person
        ).number


def now_used(shop: Shop) -> tuple[int, str]:
    with shop.reading():
        found = templates.newest(KEY, "en")
        return found.number, found.body


def states(shop: Shop) -> dict[int, str]:
    with shop.reading():
        return {one.number: one.state for one in versions.history(KEY, "en")}


def approve(shop: Shop, number: int, **more: object) -> None:
    manager = shop.person("manager")
    with shop.writing():
        versions.approve(KEY, "en", number, by=db.session.get_one(Person, manager), **more)  # type: ignore[arg-type]


def test_a_draft_is_used_once_it_is_approved(shop: Shop) -> None:
    assert save(shop) == 2
    assert states(shop) == {2: "draft", 1: "in use"}
    assert now_used(shop)[0] == 1
    approve(shop, 2)
    assert now_used(shop) == (2, BODY + "\n")
    assert states(shop) == {2: "in use", 1: "earlier"}
    with pytest.raises(Refused, match="approved already"):
        approve(shop, 2)
    assert {row.kind for row in shop.all(Event)} >= {"template.saved", "template.approved"}


def test_a_version_begins_at_its_time_and_can_be_held_back_until_then(shop: Shop) -> None:
    save(shop)
    later = clock.now() + timedelta(days=2)
    approve(shop, 2, at=later)
    assert states(shop) == {2: "scheduled", 1: "in use"}
    with shop.reading(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later + timedelta(seconds=1))
        assert templates.newest(KEY, "en").number == 2
        assert templates.choices(KEY)[0].number == 2
        assert templates.all_in_use()[KEY, "en"].number == 2
    assert now_used(shop)[0] == 1
    manager = shop.person("manager")
    with shop.writing():
        versions.hold_back(KEY, "en", 2, by=db.session.get_one(Person, manager))
    assert states(shop) == {2: "draft", 1: "in use"}
    approve(shop, 2)
    with shop.writing(), pytest.raises(Refused, match="has begun already"):
        versions.hold_back(KEY, "en", 2, by=db.session.get_one(Person, manager))


def test_a_time_that_has_passed_is_refused(shop: Shop) -> None:
    save(shop)
    with pytest.raises(Faulty, match="That time has passed"):
        approve(shop, 2, at=clock.now() - timedelta(minutes=1))
    assert states(shop)[2] == "draft"


def test_an_old_text_comes_back_as_a_new_version(shop: Shop) -> None:
    save(shop)
    approve(shop, 2)
    manager = shop.person("manager")
    with shop.writing():
        row = versions.bring_back(KEY, "en", 1, by=db.session.get_one(Person, manager))
        assert (row.number, row.based_on, row.body) == (3, 1, templates.standard(KEY, "en").body)
    assert states(shop) == {3: "in use", 2: "earlier", 1: "earlier"}
    with shop.writing(), pytest.raises(Refused, match="in use already"):
        versions.bring_back(KEY, "en", 3, by=db.session.get_one(Person, manager))


def test_nobody_saves_over_what_they_have_not_seen_or_what_is_the_same(shop: Shop) -> None:
    save(shop, newest=1)
    with pytest.raises(Refused, match="Somebody saved version 2"):
        save(shop, BODY + " Bye.", newest=1)
    with pytest.raises(Refused, match="Nothing differs from version 2"):
        save(shop, BODY, based_on=2, newest=2)
    assert len(shop.all(TemplateVersion)) == 1


def test_a_language_that_nobody_wrote_begins_with_version_1(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LANGUAGES, "it", replace(LANGUAGES["it"], templates={}))
    manager = shop.person("manager")
    with shop.writing():
        person = db.session.get_one(Person, manager)
        row = versions.save(KEY, "it", subject="Annullato", body=BODY, based_on=None, by=person)
        assert row.number == 1
        assert templates.newest(KEY, "it").language == "en"
        versions.approve(KEY, "it", 1, by=person)
        assert templates.newest(KEY, "it").subject == "Annullato"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("[ORDER_NUMER] [CONTACT_INFO]", r"\[ORDER_NUMER\] is no placeholder; did you mean \[ORDER_NUMBER\]\?"),
        ("[Order number] [CONTACT_INFO]", r"\[Order number\] is not written as a placeholder; write \[ORDER_NUMBER\]"),
        ("{{ORDER_NUMBER}} [CONTACT_INFO]", r"write \[ORDER_NUMBER\]"),
        ("[ORDER_NUMBER [CONTACT_INFO]", r"\[ORDER_NUMBER is not written as a placeholder"),
        ("[ORDER_NUMBER] [CONTACT_INFO] [TRACKING_NUMBER]", r"\[TRACKING_NUMBER\] is not known when “Order cancelled”"),
        ("[ORDER_NUMBER] [CONTACT_INFO] [WEATHER]", r"\[WEATHER\] is no placeholder; “Order cancelled” can hold \[ORDER"),
        ("[ORDER_NUMBER]", r"\[CONTACT_INFO\] has to stand in “Order cancelled”: how the store is reached"),
        ("no placeholder", r"\[ORDER_NUMBER\], \[CONTACT_INFO\] have to stand"),
        ("   ", "Text is empty"),
        ("x" * 8001, "Text has 8001 characters; use at most 8000"),
        ("[ORDER_NUMBER] [CONTACT_INFO] Pay to GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32 is a bank account"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_was_meant(body: str, sentence: str) -> None:
    import re

    found = linting.faults(KEY, "Cancelled", body)
    assert list(found) == ["body"]
    assert re.search(sentence, found["body"])


def test_words_in_brackets_that_are_no_placeholders_may_stay() -> None:
    assert (
        linting.faults(KEY, "Order [ORDER_NUMBER]", "Hi [smile] [1] [CONTACT_INFO] {a b} [see our shop]")
        == {}
    )


def test_a_subject_is_one_line(shop: Shop) -> None:
    assert "one line" in linting.faults(KEY, "a\nb", BODY)["subject"]


def test_the_difference_is_told_by_words() -> None:
    pieces = comparing.by_word("Thank you for your order!\nBye.", "Thanks for your [ORDER_NUMBER]!\nBye.")
    assert [(p.what, p.text) for p in pieces] == [
        ("gone", "Thank you"),
        ("new", "Thanks"),
        ("same", " for your "),
        ("gone", "order"),
        ("new", "[ORDER_NUMBER]"),
        ("same", "!\nBye."),
    ]
    assert comparing.by_word("same", "same") == [comparing.Piece("same", "same")]
    assert comparing.by_word("", "x") == [comparing.Piece("new", "x")]
