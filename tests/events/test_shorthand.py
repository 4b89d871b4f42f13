"""Marks in the database, words for everybody who reads the record."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text

from checkout_desk.events import finding, shorthand
from checkout_desk.events.models import Event
from checkout_desk.events.recording import record
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import begin_write, db
from checkout_desk.records import searching

AFTER = {
    "conversation": 7,
    "kind": "letter",
    "reason": "First message",
    "raw": 9,
    "odd": 'a "raw": in\x01 words',
}


@pytest.fixture
def told(desk: Flask) -> Flask:
    with desk.app_context():
        begin_write()
        record("message.received", about=("message", 12), after=AFTER, actor="desk")
        record("order.verified", about=("order", 3), before={"state": "draft"}, actor="person:31")
        record("odd.thing", about=("oddity", 4), actor="visitor")
        db.session.commit()
    return desk


def test_no_two_words_share_a_mark_and_no_mark_is_a_word() -> None:
    for marks in (shorthand.Kind.marks, shorthand.SubjectType.marks):
        assert len(set(marks.values())) == len(marks)
        assert not set(marks) & set(marks.values())
    assert len(set(shorthand.PHRASES)) == len(shorthand.PHRASES) == 31
    assert all(shorthand.Kind.marks[kind].isdecimal() for kind in shorthand.COMMON)
    assert not any(shorthand.Kind.marks[kind].isdecimal() for kind in shorthand.FREQUENT)


def test_the_first_marks_are_those_that_stores_hold() -> None:
    """A mark that moved would make another word of what is recorded; the chain would tell, but too late."""
    kinds = shorthand.Kind.marks
    assert (kinds["message.received"], kinds["order.drafted"], kinds["product.changed"]) == ("0", "A", "AK")
    assert (shorthand.SubjectType.marks["conversation"], shorthand.SubjectType.marks["person"]) == ("0", "A")
    assert shorthand.marked('{"conversation":1,"milestone":"x"}') == '{\x011,\x1fx"}'


def test_the_database_holds_marks_and_readers_get_words(told: Flask) -> None:
    with told.app_context():
        kept = db.session.execute(text("SELECT actor, kind, subject_type FROM event ORDER BY id")).all()
        assert [tuple(row) for row in kept][-3:] == [
            ("-", "0", "1"),
            ("31", "C", "2"),
            ("visitor", "odd.thing", "oddity"),
        ]
        events = db.session.scalars(select(Event).order_by(Event.id)).all()[-3:]
        assert [(one.actor, one.kind, one.subject_type) for one in events] == [
            ("desk", "message.received", "message"), ("person:31", "order.verified", "order"), ("visitor", "odd.thing", "oddity"),
        ]  # fmt: skip
        assert (events[0].before, events[0].after, events[1].before) == (None, AFTER, {"state": "draft"})
        assert verify().first_wrong is None


@pytest.mark.parametrize("kind", ["message.received", "order.verified", "odd.thing"])
def test_events_of_a_kind_are_found_whether_it_is_in_the_index_or_not(told: Flask, kind: str) -> None:
    with told.app_context():
        assert db.session.scalars(select(Event.kind).where(*finding.of_kind(kind))).all() == [kind]
        assert kind in searching.kinds()


@pytest.mark.parametrize("actor", ["desk", "person:31", "visitor"])
def test_what_an_actor_did_is_found(told: Flask, actor: str) -> None:
    with told.app_context():
        assert set(db.session.scalars(select(Event.actor).where(*finding.by_actor(actor)))) == {actor}


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("RECEIVED", {"message.received"}),
        ("verif", {"order.verified"}),
        ("person:3", {"order.verified"}),
        ("erson", {"order.verified"}),
        ("visit", {"odd.thing"}),
        ("First", {"message.received"}),
        ("letter", {"message.received"}),
        ("draft", {"order.verified"}),
        ("AK", set()),
    ],
)
def test_free_words_find_what_stands_as_a_mark(told: Flask, word: str, kinds: set[str]) -> None:
    with told.app_context():
        found = searching.page(searching.Wanted(words=word), limit=10)
        assert {row.kind for row in found.rows} == kinds
