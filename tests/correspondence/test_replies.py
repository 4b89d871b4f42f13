"""Saved replies: kept with a title in a language, found by its words, filled or refused."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import replies
from checkout_desk.correspondence.models import SavedReply
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.extensions import db
from tests.builders import Shop


def kept(shop: Shop, title: str, text: str = "Thanks.", language: str = "en") -> int:
    person = shop.person("support")
    with shop.writing():
        by = db.session.get_one(Person, person)
        return replies.save(None, title=title, language=language, text=text, by=by).id


def faults(shop: Shop, **typed: str) -> dict[str, str]:
    with pytest.raises(Faulty) as refused:
        kept(shop, **({"title": "A", "text": "B"} | typed))
    return refused.value.fields


def test_what_cannot_be_kept_is_named(shop: Shop) -> None:
    kept(shop, "Late  parcel")
    assert "already" in faults(shop, title="late PARCEL")["title"]
    assert "type 1 to 80" in faults(shop, title=" ")["title"]
    assert "“xx”" in faults(shop, language="xx")["language"]
    assert "did you mean [ORDER_NUMBER]" in faults(shop, text="[ORDR_NUMBER]")["text"]
    assert "[CUSTOMER_PAGE] is not known" in faults(shop, text="[CUSTOMER_PAGE]")["text"]
    assert "bank account" in faults(shop, text="GB82 WEST 1234 5698 7654 32")["text"]
    assert kept(shop, "Late parcel", language="de")
    assert len(shop.all(SavedReply)) == 2


def test_words_find_a_title_by_their_beginnings(shop: Shop) -> None:
    for title, language in (
        ("Late parcel", "en"),
        ("Late parcel", "de"),
        ("Late parcel abroad", "en"),
        ("Thanks", "en"),
    ):
        kept(shop, title, language=language)
    with shop.reading():
        known = replies.everything()

        def found(words: str, language: str = "en") -> list[tuple[str, str]]:
            return [(one.title, one.language) for one in replies.matching(words, known, language=language)]

        assert found("tha") == [("Thanks", "en")]
        assert found("par la") == [("Late parcel", "en"), ("Late parcel abroad", "en")]
        assert found("late parcel") == [("Late parcel", "en")]
        assert found("late parcel", "de") == [("Late parcel", "de")]
        assert found("late parcel", "fr") == [("Late parcel", "de"), ("Late parcel", "en")]
        assert found("nothing") == found(" ") == []


def test_an_empty_placeholder_is_refused_and_a_value_is_never_looked_through(shop: Shop) -> None:
    reply = SavedReply(title="Thanks", language="en", text="Dear [CUSTOMER_NAME], order [ORDER_NUMBER].")
    values = {"CUSTOMER_NAME": "[STORE_NAME]", "ORDER_NUMBER": "1042"}
    assert replies.filled(reply, values, plain=True) == "Dear [STORE_NAME], order 1042."
    assert "[STORE_NAME]" not in replies.filled(reply, values, plain=False)
    with pytest.raises(
        Unfilled, match=r"\[ORDER_NUMBER\] in “Thanks” would stay empty: the number of the order"
    ):
        replies.filled(reply, {"CUSTOMER_NAME": "Jane"}, plain=True)
