"""The record: a chain that shows every change, kept with the change it tells of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from checkout_desk import clock
from checkout_desk.conversations import acting
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as, record
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import begin_write, db
from tests.builders import Shop


@pytest.fixture
def written(shop: Shop) -> Shop:
    ids = [shop.take().conversation for _ in range(3)]
    shop.act(lambda cs, by: acting.tag(cs, add=["Größe 😀"], remove=[], by=by), *ids)
    return shop


@pytest.mark.parametrize("how", ["UPDATE event SET actor = 'me'", "DELETE FROM event"])
def test_the_database_refuses_to_change_the_record(written: Shop, how: str) -> None:
    with written.reading():
        begin_write()
        with pytest.raises(DBAPIError, match="never"):
            db.session.execute(text(how))
        db.session.rollback()
    written.sound()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE event SET actor = 'nobody' WHERE id = 2", "event 2 was changed"),
        ("UPDATE event SET kind = 'x' WHERE id = 3", "event 3 was changed"),
        ("DELETE FROM event WHERE id = 2", "event 2 is missing"),
        ("DELETE FROM event WHERE id = (SELECT max(id) FROM event)", "the newest events are missing"),
        ("UPDATE event SET hash = repeated WHERE id = 2", ""),
    ],
)
def test_whoever_gets_past_the_triggers_is_seen(written: Shop, change: str, why: str) -> None:
    with written.reading():
        begin_write()
        sqlite = db.engine.dialect.name == "sqlite"
        for off in (
            ("DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete")
            if sqlite
            else ("SET LOCAL session_replication_role = replica",)
        ):
            db.session.execute(text(off))
        db.session.execute(text(change.replace("repeated", f"'{'0' * 64}'")))
        db.session.commit()
        report = verify()
    assert report.first_wrong is not None
    assert why in report.why


def test_a_roll_back_leaves_no_event_and_no_gap(written: Shop) -> None:
    with written.reading():
        begin_write()
        record("test.lost", about=("desk", 1))
        db.session.rollback()
    with written.writing():
        record("test.kept", about=("desk", 1), before={"a": None}, after={"b": [1, "é"]})
    kinds = [e.kind for e in written.all(Event)]
    assert "test.lost" not in kinds
    assert kinds[-1] == "test.kept"
    written.sound()


def test_time_in_the_record_never_goes_back(written: Shop) -> None:
    with clock.pretending(clock.now() - timedelta(days=1)), written.writing():
        record("test.early", about=("desk", 1))
    times = [e.at for e in written.all(Event)]
    assert times == sorted(times)
    written.sound()


def test_who_and_from_where(written: Shop) -> None:
    with written.writing(), acting_as("command", "x" * 300):
        record("test.done", about=("desk", 1))
    event = written.all(Event)[-1]
    assert (event.actor, event.origin) == ("command", "x" * 120)


def test_no_mail_text_stands_in_the_record(shop: Shop) -> None:
    shop.take(text="Wolframite inside", subject="Feldspar")
    shop.answered(1, "Molybdenite")
    rows = repr([(e.before, e.after, e.kind) for e in shop.all(Event)])
    assert not [word for word in ("Wolframite", "Feldspar", "Molybdenite") if word in rows]
