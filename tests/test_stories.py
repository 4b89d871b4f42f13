"""A step that is remembered leaves the same behind as one that is done, and is remembered only where it would be the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.receiving import blobs
from tests.signing import add_person
from tests.stories import Story, remembered

PICTURE = b"a lantern on the quay"


class Scene:
    """Steps over one desk, which is emptied again and again; `done` is what was really done."""

    def __init__(self, desk: Flask, afresh: Callable[[], None]) -> None:
        self.app = desk
        self.afresh = afresh
        self.word = uuid4().hex  # nobody else tells this story
        self.done: list[str] = []

    @remembered
    def hire(self, word: str, name: str) -> tuple[int, str]:
        self.done.append(name)
        person_id = add_person(self.app, name, "support")
        with self.app.app_context():
            return person_id, blobs().put(PICTURE + name.encode())

    def names(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(Person.name).order_by(Person.id)))


@pytest.fixture
def scene(desk: Flask, afresh: Callable[[], None]) -> Scene:
    scene = Scene(desk, afresh)
    for _ in range(2):
        scene.hire(scene.word, "mia")
        scene.hire(scene.word, "tom")
        afresh()
    assert scene.done == ["mia", "tom"] * 2
    scene.done.clear()
    shutil.rmtree(desk.config["BLOB_URL"])
    desk.config["BLOB_URL"].mkdir()
    return scene


def test_rows_files_and_answers_are_given_back(scene: Scene) -> None:
    assert scene.names() == []
    assert (mia := scene.hire(scene.word, "mia")) != (tom := scene.hire(scene.word, "tom"))
    assert scene.done == []
    assert scene.names() == ["Mia", "Tom"]
    with scene.app.app_context():
        assert [blobs().get(digest) for _, digest in (mia, tom)] == [PICTURE + b"mia", PICTURE + b"tom"]
    assert add_person(scene.app, "eva", "support") == tom[0] + 1  # the sequences went on too


def test_a_step_after_another_act_is_done(scene: Scene) -> None:
    scene.hire(scene.word, "mia")
    with scene.app.app_context():
        begin_write()
        db.session.execute(text("UPDATE person SET name = 'Mia B'"))
        db.session.commit()
    scene.hire(scene.word, "tom")
    assert scene.done == ["tom"]
    assert scene.names() == ["Mia B", "Tom"]


def test_other_words_another_order_or_another_setting_are_another_story(scene: Scene) -> None:
    scene.hire(scene.word, "tom")
    assert scene.done == ["tom"]
    scene.afresh()
    scene.app.config["DESK_SANDBOX"] = not scene.app.config["DESK_SANDBOX"]
    scene.hire(scene.word, "mia")
    assert scene.done == ["tom", "mia"]


def test_a_patched_function_is_really_called(
    desk: Flask, afresh: Callable[[], None], monkeypatch: pytest.MonkeyPatch, scene: Scene
) -> None:
    monkeypatch.setattr("tests.test_stories.PICTURE", b"another")
    _, digest = scene.hire(scene.word, "mia")
    assert scene.done == ["mia"]
    with desk.app_context():
        assert blobs().get(digest) == b"anothermia"


def test_an_open_transaction_is_not_replaced(scene: Scene) -> None:
    with scene.app.app_context():
        assert db.session.scalars(select(Person)).all() == []
        with pytest.MonkeyPatch.context() as patches:  # the step's own writes would wait for ours on SQLite
            patches.setattr("tests.test_stories.add_person", lambda *_: 0)
            scene.hire(scene.word, "mia")
    assert scene.done == ["mia"]


def test_no_time_has_passed_since_it_was_told(scene: Scene) -> None:
    before = clock.now()
    scene.hire(scene.word, "mia")
    story: Story = scene.app.extensions["story"]
    with scene.app.app_context():
        hired_at = db.session.scalars(select(Person.created_at)).one()
    assert hired_at < clock.now() < before
    story.end()
    assert clock.now() > before
