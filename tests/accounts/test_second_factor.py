"""The second factor: asked of everybody, each code once, recovery codes once each, and given back only by its owner or an admin."""

from __future__ import annotations

import html
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk import clock
from checkout_desk.accounts import second_factor
from checkout_desk.accounts.models import Person, RecoveryCode, SecondFactor
from checkout_desk.extensions import begin_write, db
from tests.signing import PASSWORD, add_person, add_store, post, signed_in

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WHO = {"email": "support@fern.example", "password": PASSWORD}


def everybody_needs_one(desk: Flask) -> None:
    with desk.app_context():
        begin_write()
        second_factor.set_rule("", by_id=None)
        db.session.commit()


def with_app(desk: Flask, person_id: int) -> tuple[str, list[str]]:
    """Give a person an app. Returns its secret and the recovery codes."""
    with desk.app_context():
        secret = second_factor.new_secret()
        begin_write()
        found = db.session.get_one(Person, person_id)
        codes = second_factor.add(found, secret, now_code(secret))
        db.session.commit()
    assert len(codes) == 10
    return secret, codes


def now_code(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def half(desk: Flask) -> FlaskClient:
    """A browser in which the password was typed."""
    client = desk.test_client()
    answer = post(desk, client, "/sign-in", WHO)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code")
    return client


@pytest.fixture
def secured(desk: Flask, staffed: dict[str, int]) -> tuple[str, list[str]]:
    everybody_needs_one(desk)
    return with_app(desk, staffed["support"])


def test_a_new_store_leads_everybody_to_set_it_up_first(desk: Flask) -> None:
    add_store(desk)
    add_person(desk, "support", "support")
    everybody_needs_one(desk)
    client = desk.test_client()
    assert post(desk, client, "/sign-in", WHO).status_code == 303
    assert client.get("/").headers["Location"] == "/me/second-factor"
    assert client.get("/me").headers["Location"].startswith("/me/second-factor?next=")
    assert post(desk, client, "/me/second-factor/codes").status_code == 303  # not done: led away
    page = client.get("/me/second-factor").text
    assert "<svg" in page and "viewBox" in page  # without it a smaller picture is cut off
    sealed = html.unescape(re.findall(r'name="sealed" value="([^"]+)"', page)[0])
    secret = re.findall(r'class="mono anywhere">([^<]+)<', page)[0].replace(" ", "")
    wrong = post(desk, client, "/me/second-factor", {"sealed": sealed, "code": "000 00"})
    assert wrong.status_code == 422
    assert sealed not in wrong.text  # sealed anew, with the same secret
    assert secret in wrong.text.replace(" ", "")
    done = post(desk, client, "/me/second-factor", {"sealed": sealed, "code": now_code(secret)})
    assert done.status_code == 200
    assert len(re.findall(r"<li>([a-z2-7-]{29})</li>", done.text)) == 10
    assert client.get("/me").status_code == 200
    again = post(desk, client, "/me/second-factor", {"sealed": sealed, "code": now_code(secret)})
    assert again.status_code == 409
    with desk.app_context():
        stored = db.session.query(SecondFactor).one()
        assert secret not in stored.secret
        assert second_factor.codes_left(stored.person_id) == 10


def test_a_picture_of_somebody_else_or_of_yesterday_is_not_taken(
    desk: Flask, staffed: dict[str, int]
) -> None:
    mine, theirs = (signed_in(desk, staffed[role]) for role in ("support", "manager"))
    page = theirs.get("/me/second-factor").text
    sealed = html.unescape(re.findall(r'name="sealed" value="([^"]+)"', page)[0])
    secret = re.findall(r'class="mono anywhere">([^<]+)<', page)[0].replace(" ", "")
    sent = {"sealed": sealed, "code": now_code(secret), "password": PASSWORD}
    assert post(desk, mine, "/me/second-factor", sent).status_code == 422
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert post(desk, theirs, "/me/second-factor", sent | {"code": now_code(secret)}).status_code == 422
    assert post(desk, theirs, "/me/second-factor", sent | {"password": ""}).status_code == 422
    assert post(desk, theirs, "/me/second-factor", sent | {"code": now_code(secret)}).status_code == 200


def test_the_password_alone_opens_nothing(desk: Flask, secured: tuple[str, list[str]]) -> None:
    client = half(desk)
    assert client.get("/me").headers["Location"].startswith("/sign-in")
    assert post(desk, client, "/sign-in/code", {"code": "12345"}).status_code == 422
    assert client.get("/me").status_code == 303


def test_a_code_counts_once(desk: Flask, secured: tuple[str, list[str]]) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False) as now:
        code = {"code": now_code(secured[0])}
        here = half(desk)
        assert post(desk, here, "/sign-in/code", code | {"next": "/me"}).headers["Location"] == "/me"
        assert here.get("/me").status_code == 200
        assert post(desk, half(desk), "/sign-in/code", code).status_code == 422
        before = {"code": now_code(secured[0])}
        now.shift(30)
        assert post(desk, half(desk), "/sign-in/code", before).status_code == 422  # not the present one
        assert post(desk, half(desk), "/sign-in/code", {"code": now_code(secured[0])}).status_code == 303


def test_twenty_posts_of_one_code_at_once_open_one_door(desk: Flask, secured: tuple[str, list[str]]) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        code, clients, outcomes = now_code(secured[0]), [half(desk) for _ in range(20)], []

        def send(client: FlaskClient) -> None:
            outcomes.append(post(desk, client, "/sign-in/code", {"code": code}).status_code)

        threads = [threading.Thread(target=send, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes.count(303) == 1, outcomes
    assert set(outcomes) <= {303, 422, 429}


def test_codes_cannot_be_guessed(desk: Flask, secured: tuple[str, list[str]]) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False) as now:
        answers = [post(desk, half(desk), "/sign-in/code", {"code": "000000"}).status_code for _ in range(6)]
        assert answers == [422] * 5 + [429]
        # The password being right again does not end the pause.
        right: dict[str, Any] = {"code": now_code(secured[0])}
        assert post(desk, half(desk), "/sign-in/code", right).status_code == 429
        now.shift(16 * 60)
        assert post(desk, half(desk), "/sign-in/code", {"code": now_code(secured[0])}).status_code == 303


def test_a_recovery_code_opens_once(
    desk: Flask, secured: tuple[str, list[str]], staffed: dict[str, int]
) -> None:
    code = {"code": f" {secured[1][3].upper()} "}
    here = half(desk)
    assert post(desk, here, "/sign-in/code", code).status_code == 303
    assert "9 left" in here.get("/me").text
    assert post(desk, half(desk), "/sign-in/code", code).status_code == 422
    with desk.app_context():
        assert secured[1][3].replace("-", "") not in {row.code_hash for row in db.session.query(RecoveryCode)}
    assert post(desk, here, "/me/second-factor/codes").status_code == 422
    made = post(desk, here, "/me/second-factor/codes", {"password": PASSWORD})
    assert made.status_code == 200
    assert post(desk, half(desk), "/sign-in/code", {"code": secured[1][4]}).status_code == 422
    fresh = re.findall(r"<li>([a-z2-7-]{29})</li>", made.text)
    assert post(desk, half(desk), "/sign-in/code", {"code": fresh[0]}).status_code == 303


def test_half_a_sign_in_ends_by_time_and_by_another_password(
    desk: Flask, secured: tuple[str, list[str]], staffed: dict[str, int]
) -> None:
    late, stale = half(desk), half(desk)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        sent = {"code": now_code(secured[0])}
        assert post(desk, late, "/sign-in/code", sent).headers["Location"] == "/sign-in"
    with desk.app_context():
        begin_write()
        db.session.get_one(Person, staffed["support"]).password_hash = "another"
        db.session.commit()
    assert post(desk, stale, "/sign-in/code", {"code": secured[1][0]}).headers["Location"] == "/sign-in"


def test_a_store_may_do_without_and_change_its_mind(desk: Flask, staffed: dict[str, int]) -> None:
    client = desk.test_client()
    assert post(desk, client, "/sign-in", WHO).status_code == 303
    assert client.get("/me").status_code == 200
    everybody_needs_one(desk)
    assert client.get("/me").headers["Location"].startswith("/me/second-factor")
    with desk.app_context():
        begin_write()
        second_factor.set_rule("Everybody sits in one locked room.", by_id=None)
        db.session.commit()
    assert client.get("/me").status_code == 200
