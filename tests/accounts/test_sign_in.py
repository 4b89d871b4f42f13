"""The door: who gets in, what a stranger can learn, and how often anybody may try."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from checkout_desk.accounts import passwords, throttling
from checkout_desk.accounts.models import Person, SignInThrottle
from checkout_desk.extensions import begin_write, db
from tests.signing import PASSWORD, post, statements

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def knock(desk: Flask, email: str, password: str, **more: Any) -> Any:
    return post(desk, desk.test_client(), "/sign-in", {"email": email, "password": password, **more})


@pytest.fixture
def at_nine() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as now:
        yield now


def test_the_right_password_opens_in_any_case_of_the_address(desk: Flask, staffed: dict[str, int]) -> None:
    answer = knock(desk, " Support@FERN.example ", PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_way_back_is_kept_through_the_form(desk: Flask, staffed: dict[str, int]) -> None:
    client = desk.test_client()
    sent = client.get("/people?sort=name")
    assert sent.headers["Location"] == "/sign-in?next=%2Fpeople%3Fsort%3Dname"
    assert 'value="/people?sort=name"' in client.get(sent.headers["Location"]).text
    answer = post(
        desk,
        client,
        "/sign-in",
        {"email": "admin@fern.example", "password": PASSWORD, "next": "/people?sort=name"},
    )
    assert answer.headers["Location"] == "/people?sort=name"


def test_a_foreign_way_back_is_dropped(desk: Flask, staffed: dict[str, int]) -> None:
    assert knock(desk, "support@fern.example", PASSWORD, next="//evil.example/x").headers["Location"] == "/"
    assert "evil" not in desk.test_client().get("/sign-in?next=https://evil.example/").text


def test_what_was_typed_stays_and_the_error_says_what_is_accepted(
    desk: Flask, staffed: dict[str, int]
) -> None:
    answer = knock(desk, "mia at fern", PASSWORD)
    assert answer.status_code == 422
    assert 'value="mia at fern"' in answer.text
    assert "“mia at fern” is no e-mail address; type one such as mia@example.com." in answer.text
    assert PASSWORD not in answer.text


def test_a_stranger_cannot_tell_who_has_an_account(desk: Flask, staffed: dict[str, int]) -> None:
    known = [knock(desk, "support@fern.example", "wrong wrong wrong") for _ in range(6)]
    unknown = [knock(desk, "nobodys@fern.example", "wrong wrong wrong") for _ in range(6)]
    assert [answer.status_code for answer in known] == [422] * 5 + [429]
    for one, other in zip(known, unknown, strict=True):
        assert one.status_code == other.status_code
        assert _plain(one.text) == _plain(other.text)


def _plain(page: str) -> str:
    """The page without the address that was typed and the form token."""
    return re.sub(r'(name="csrf_token" value=")[^"]+|(support|nobodys)@fern.example', "", page)


def test_a_name_that_nobody_has_takes_the_same_hashing(desk: Flask, staffed: dict[str, int]) -> None:
    hasher = passwords._hasher
    counted: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, stored: Any, password: Any) -> Any:
            counted.append("hash")
            return hasher.verify(stored, password)

    passwords._hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    try:
        for name in ("support", "nobodys", "nothing"):
            knock(desk, f"{name}@fern.example", "wrong wrong wrong")
    finally:
        passwords._hasher = hasher
    assert counted == ["hash"] * 3


def test_five_failures_pause_the_account_for_a_quarter_of_an_hour(
    desk: Flask, staffed: dict[str, int], at_nine: Any
) -> None:
    answers = [knock(desk, "support@fern.example", "wrong wrong wrong") for _ in range(5)]
    assert "4 tries left before a 15 minute pause" in answers[0].text
    assert "1 try left" in answers[3].text
    paused = knock(desk, "support@fern.example", PASSWORD)
    assert (paused.status_code, paused.headers["Retry-After"]) == (429, "900")
    assert "possible in 15 minutes" in paused.text
    at_nine.move_to(START + timedelta(minutes=14, seconds=59))
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 429
    at_nine.move_to(START + timedelta(minutes=15, seconds=1))
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303


def test_each_failure_after_a_pause_doubles_it(desk: Flask, staffed: dict[str, int], at_nine: Any) -> None:
    def pause_after(failures: int) -> timedelta:
        with desk.app_context():
            begin_write()
            for _ in range(failures):
                tried = throttling.attempt("x@fern.example", "192.0.2.1")
            db.session.commit()
            row = db.session.query(SignInThrottle).filter_by(key="email:x@fern.example").one()
            assert tried.paused_until is None
            assert row.paused_until is not None
            at_nine.move_to(row.paused_until + timedelta(seconds=1))
            return row.paused_until - now_before

    lengths = []
    for failures in (5, 1, 1, 1):
        now_before = datetime.now(UTC)
        lengths.append(pause_after(failures))
    assert lengths == [timedelta(minutes=15 * 2**n) for n in range(4)]


def test_a_pause_costs_no_hash_and_does_not_grow_by_knocking(
    desk: Flask, staffed: dict[str, int], at_nine: Any
) -> None:
    for _ in range(5):
        knock(desk, "support@fern.example", "wrong wrong wrong")
    for _ in range(10):
        with statements() as seen:
            assert knock(desk, "support@fern.example", "wrong wrong wrong").status_code == 429
        assert [line for line in seen if line.startswith(("UPDATE", "INSERT"))] == []
    at_nine.move_to(START + timedelta(minutes=15, seconds=1))
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303


def test_one_address_cannot_try_one_password_on_everybody(
    desk: Flask, staffed: dict[str, int], at_nine: Any
) -> None:
    answers = [knock(desk, f"person{n}@fern.example", "wrong wrong wrong").status_code for n in range(21)]
    assert answers == [422] * throttling.ADDRESS_TRIES + [429]


def test_an_ipv6_network_counts_as_one_address() -> None:
    assert throttling._network("2001:db8::1") == throttling._network("2001:db8::ffff:1") == "2001:db8::/64"
    assert throttling._network("2001:db8:0:1::1") != "2001:db8::/64"
    assert throttling._network("192.0.2.7") == "192.0.2.7"


def test_a_success_forgets_the_failures_before_it(desk: Flask, staffed: dict[str, int], at_nine: Any) -> None:
    for _ in range(4):
        knock(desk, "support@fern.example", "wrong wrong wrong")
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303
    assert "4 tries left" in knock(desk, "support@fern.example", "wrong wrong wrong").text


def test_old_counts_are_forgotten(desk: Flask, staffed: dict[str, int], at_nine: Any) -> None:
    knock(desk, "gone@fern.example", "wrong wrong wrong")
    at_nine.move_to(START + timedelta(hours=25))
    knock(desk, "new@fern.example", "wrong wrong wrong")
    with desk.app_context():
        assert {row.key for row in db.session.query(SignInThrottle)} >= {"email:new@fern.example"}
        assert db.session.query(SignInThrottle).filter_by(key="email:gone@fern.example").count() == 0


def test_an_old_hash_is_renewed_at_sign_in(desk: Flask, staffed: dict[str, int]) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with desk.app_context():
        begin_write()
        db.session.get_one(Person, staffed["support"]).password_hash = old
        db.session.commit()
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303
    with desk.app_context():
        renewed = db.session.get_one(Person, staffed["support"]).password_hash
        assert renewed != old
        assert not passwords.outdated(renewed)
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303


def test_no_write_lock_is_held_while_a_password_is_hashed(desk: Flask, staffed: dict[str, int]) -> None:
    hasher = passwords._hasher
    open_then: list[bool] = []

    class Looking(PasswordHasher):
        def verify(self, stored: Any, password: Any) -> Any:
            open_then.append(db.session().in_transaction())
            return hasher.verify(stored, password)

    passwords._hasher = Looking(time_cost=1, memory_cost=8, parallelism=1)
    try:
        knock(desk, "support@fern.example", PASSWORD)
    finally:
        passwords._hasher = hasher
    assert open_then == [False]


def test_tries_of_one_moment_are_all_counted(
    desk: Flask, staffed: dict[str, int], at_nine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_seats", threading.BoundedSemaphore(12))

    def worker(answers: list[int]) -> None:
        answers.append(knock(desk, "nobodys@fern.example", "wrong wrong wrong").status_code)

    answers: list[int] = []
    threads = [threading.Thread(target=worker, args=(answers,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [422] * 5 + [429] * 7


def test_who_finds_no_seat_is_told_at_once_and_not_counted(desk: Flask, staffed: dict[str, int]) -> None:
    """Else a flood of sign-ins would hold every thread of a web process."""
    with ExitStack() as taken:
        for _ in range(passwords.SEATS):
            taken.enter_context(passwords.seat())
        answer = knock(desk, "support@fern.example", PASSWORD)
        assert (answer.status_code, "Many people are signing in" in answer.text) == (503, True)
    with desk.app_context():
        assert db.session.scalars(select(SignInThrottle)).all() == []
    assert knock(desk, "support@fern.example", PASSWORD).status_code == 303
