"""Each sort of tampering is found where it is, and told as what it is; nothing is invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events import verifying
from checkout_desk.events.models import Event, EventHead, digest
from checkout_desk.events.recording import record
from checkout_desk.events.verifying import ChainReport, verify
from checkout_desk.extensions import db
from checkout_desk.records import chain_checks
from checkout_desk.records.check_models import ChainCheck
from tests.builders import Shop

Tamper = Callable[..., None]
N = 12


@pytest.fixture
def written(shop: Shop) -> Shop:
    """A record that ends with N events of its own."""
    for n in range(N):
        with shop.writing():
            record(
                "test.done",
                about=("order", n + 1),
                before={"n": n},
                after={"n": n + 1, "reason": f"Größe {n}"},
            )
    return shop


def seen(shop: Shop) -> ChainReport:
    with shop.reading():
        return verify()


def kept(shop: Shop, digest: str) -> str:
    """A hash as SQL says it, in the bytes that the record keeps."""
    with shop.reading():
        return f"X'{digest}'" if db.engine.dialect.name == "sqlite" else f"'\\x{digest}'"


def last(shop: Shop) -> int:
    with shop.reading():
        return db.session.scalars(select(EventHead.seq)).one()


def test_a_whole_record_is_whole(written: Shop) -> None:
    report = seen(written)
    assert (report.first_wrong, report.events) == (None, last(written))
    with written.reading():
        assert report.head == db.session.scalars(select(EventHead.hash)).one()


@pytest.mark.parametrize("window", [1, 2, 5, 2000])
def test_windows_change_nothing(written: Shop, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "WINDOW", window)
    told: list[tuple[int, int]] = []
    with written.reading():
        report = verify(lambda done, total: told.append((done, total)))
    assert report.first_wrong is None
    assert [done for done, _ in told] == list(range(window, report.events + 1, window))


@pytest.mark.parametrize("back", [0, 4])
@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "origin = 'elsewhere'",
        "kind = 'test.other'",
        "subject_type = 'quote'",
        "subject_id = 99",
        "subject_id = NULL",
        "before = NULL",
        "after = '{\"n\": 77}'",
        "salts = NULL",
        "at = '2020-01-01 00:00:00.000000'",
    ],
)
def test_an_edited_row(written: Shop, tamper: Tamper, change: str, back: int) -> None:
    at = last(written) - back
    if written.app.config["DATABASE_URL"].startswith("sqlite"):  # which keeps microseconds
        change = change.replace("'2020-01-01 00:00:00.000000'", "1577836800000000")
    tamper(f"UPDATE event SET {change} WHERE id = {at}")
    report = seen(written)
    assert (report.first_wrong, report.events) == (at, at - 1)
    assert (
        f"event {at} was changed after it was written: its content is not what its hash was made of"
        == report.why
    )
    assert report.found != report.expected
    assert report.before.startswith(f"event {at - 1} of ")
    assert report.after.startswith(f"event {at + 1} of ") if back else report.after == ""


@pytest.mark.parametrize("back", [0, 4])
def test_a_replaced_hash(written: Shop, tamper: Tamper, back: int) -> None:
    at = last(written) - back
    tamper(f"UPDATE event SET hash = {kept(written, 'ab' * 32)} WHERE id = {at}")
    report = seen(written)
    assert (report.first_wrong, report.found) == (at, "ab" * 32)
    assert report.why.endswith("its hash was replaced")


def test_a_row_and_its_hash_edited_together(written: Shop, tamper: Tamper) -> None:
    at = last(written) - 4
    with written.reading():
        rows = {row["id"]: dict(row) for row in db.session.execute(select(Event.__table__)).mappings()}
    forged = {**rows[at], "kind": "test.forged"}
    hashed = kept(written, digest(rows[at - 1]["hash"], forged))
    tamper(f"UPDATE event SET kind = 'test.forged', hash = {hashed} WHERE id = {at}")
    report = seen(written)
    assert (
        report.first_wrong == at + 1
    )  # what stands upon it shows it: the row itself is forged without a seam


@pytest.mark.parametrize(("first", "n"), [(1, 1), (5, 1), (5, 3)])
def test_deleted_rows(written: Shop, tamper: Tamper, first: int, n: int) -> None:
    tamper(f"DELETE FROM event WHERE id >= {first} AND id < {first + n}")
    report = seen(written)
    what = f"event {first} is missing" if n == 1 else f"events {first} to {first + n - 1} are missing"
    assert (report.first_wrong, report.why) == (first, what)
    assert report.after.startswith(f"event {first + n} of ")


@pytest.mark.parametrize("n", [1, 3])
def test_a_tail_that_is_cut_off(written: Shop, tamper: Tamper, n: int) -> None:
    end = last(written)
    tamper(f"DELETE FROM event WHERE id > {end - n}")
    report = seen(written)
    assert report.first_wrong == end - n + 1
    assert report.why.startswith("the newest events are missing") and report.why.endswith("cut off")
    assert report.before.startswith(f"event {end - n} of ")


def test_everything_deleted(written: Shop, tamper: Tamper) -> None:
    tamper("DELETE FROM event")
    report = seen(written)
    assert (report.first_wrong, report.events) == (1, 0)
    assert "missing" in report.why


@pytest.mark.parametrize("number", ["end + 1", "end + 5", "0", "-3"])
def test_an_inserted_row(written: Shop, tamper: Tamper, number: str) -> None:
    at = eval(number, {"end": last(written)})
    columns = "at, actor, origin, kind, subject_type, subject_id, before, after, salts, hash"
    tamper(f"INSERT INTO event (id, {columns}) SELECT {at}, {columns} FROM event WHERE id = 3")
    report = seen(written)
    assert report.first_wrong == at
    assert "put in from outside" in report.why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (f"UPDATE event_head SET hash = '{'0' * 64}'", "the head was changed"),
        ("UPDATE event_head SET seq = seq + 2", "the newest events are missing"),
        ("UPDATE event_head SET seq = seq - 2", "the head was changed"),
        ("DELETE FROM event_head", "the head of the record is missing"),
    ],
)
def test_an_edited_head(written: Shop, tamper: Tamper, change: str, why: str) -> None:
    tamper(change)
    report = seen(written)
    assert report.first_wrong is not None
    assert why in report.why


def test_a_row_that_cannot_be_read(written: Shop, tamper: Tamper) -> None:
    with written.reading():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL keeps no JSON that is none")
    tamper("UPDATE event SET after = '{broken' WHERE id = 7")
    report = seen(written)
    assert (report.first_wrong, report.events) == (7, 6)
    assert "cannot be read" in report.why


def test_the_first_of_several_is_named(written: Shop, tamper: Tamper) -> None:
    tamper(
        "UPDATE event SET kind = 'x' WHERE id = 9",
        "DELETE FROM event WHERE id = 11",
        "UPDATE event SET kind = 'x' WHERE id = 4",
    )
    assert seen(written).first_wrong == 4


def ask(shop: Shop) -> int:
    person = shop.person("manager")
    with shop.writing():
        return chain_checks.ask(db.session.get_one(Person, person)).id


def test_a_worker_checks_and_keeps_what_it_came_to(written: Shop, tamper: Tamper) -> None:
    check_id = ask(written)
    assert ask(written) == check_id, "two askers wait for the same check"
    with written.reading():
        chain_checks.run(check_id)
        chain_checks.run(check_id)
        found = db.session.get_one(ChainCheck, check_id)
        assert (found.first_wrong, found.done) == (None, found.total)
        assert found.finished_at is not None and found.hash
    assert [e.kind for e in written.all(Event)].count("records.checked") == 1
    tamper("UPDATE event SET kind = 'x' WHERE id = 4")
    second = ask(written)
    assert second != check_id
    with written.reading():
        chain_checks.run(second)
        found = db.session.get_one(ChainCheck, second)
        assert (found.first_wrong, found.done) == (4, 3)
        assert "event 3 of" in found.beside and "event 5 of" in found.beside


def test_a_check_whose_worker_died_is_taken_up_again(written: Shop) -> None:
    check_id = ask(written)
    with written.writing():
        row = db.session.get_one(ChainCheck, check_id)
        row.claim, row.claimed_until = "dead", clock.now() + timedelta(minutes=1)
    with written.reading():
        assert chain_checks.sweep() == 0
        chain_checks.run(check_id)
        assert db.session.get_one(ChainCheck, check_id).finished_at is None, "its lease holds"
    with clock.pretending(clock.now() + timedelta(minutes=5)), written.reading():
        assert chain_checks.sweep() == 1
        chain_checks.run(check_id)
        assert db.session.get_one(ChainCheck, check_id).finished_at is not None


def test_what_is_written_meanwhile_is_no_fault(written: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "WINDOW", 4)

    def meanwhile(done: int, total: int) -> None:
        db.session.rollback()
        record("test.meanwhile", about=("order", 1), after=json.loads("{}"))
        db.session.commit()

    with written.reading():
        report = verify(meanwhile)
        assert report.first_wrong is None, report.why
        assert verify().events > report.events
