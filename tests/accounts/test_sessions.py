"""Sessions end when they should, and a cookie is worth nothing from then on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk.accounts.models import DeskSession
from checkout_desk.accounts.sessions import who
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.web.access import SIGNED_IN, requires
from checkout_desk.web.polling import not_modified
from tests.signing import PASSWORD, add_person, add_store, form_token, open_desk, post, signed_in, statements

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def walk_in(desk: Flask, name: str, base: str | None = None) -> FlaskClient:
    client = desk.test_client()
    answer = post(desk, client, "/sign-in", {"email": f"{name}@fern.example", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def copy_of(client: FlaskClient, desk: Flask) -> FlaskClient:
    """Another browser that somebody put the same cookie into."""
    thief = desk.test_client()
    cookie = client.get_cookie("desk")
    assert cookie is not None
    thief.set_cookie("desk", cookie.value)
    return thief


def test_a_copied_cookie_is_worthless_after_sign_out(desk: Flask, staffed: dict[str, int]) -> None:
    client = walk_in(desk, "support")
    thief = copy_of(client, desk)
    assert thief.get("/me").status_code == 200
    answer = post(desk, client, "/sign-out")
    assert answer.status_code == 303
    assert client.get("/me").status_code == 303
    assert thief.get("/me").status_code == 303


def test_signing_in_takes_a_new_token_and_ends_the_old_one(desk: Flask, staffed: dict[str, int]) -> None:
    client = walk_in(desk, "support")
    thief = copy_of(client, desk)
    answer = post(desk, client, "/sign-in", {"email": "support@fern.example", "password": PASSWORD})
    assert answer.status_code == 303
    assert client.get("/me").status_code == 200
    assert thief.get("/me").status_code == 303


def test_a_token_that_somebody_planted_does_not_become_a_session(
    desk: Flask, staffed: dict[str, int]
) -> None:
    client = desk.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["planted"] = "stays?"
    answer = post(desk, client, "/sign-in", {"email": "support@fern.example", "password": PASSWORD})
    assert answer.status_code == 303
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted"
        assert len(cookie["_user_id"]) >= 43  # 256 bits
        assert "planted" not in cookie


def test_the_database_does_not_hold_the_token(desk: Flask, staffed: dict[str, int]) -> None:
    client = walk_in(desk, "support")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with desk.app_context():
        row = db.session.query(DeskSession).one()
        assert token not in str(
            {column.name: getattr(row, column.name) for column in DeskSession.__table__.columns}
        )


def test_eight_hours_without_use_end_a_session(desk: Flask, staffed: dict[str, int]) -> None:
    with time_machine.travel(START, tick=False) as now:
        client = walk_in(desk, "support")
        now.move_to(START + timedelta(hours=7, minutes=59))
        assert client.get("/me", buffered=True).status_code == 200
        now.move_to(START + timedelta(hours=15, minutes=58))  # 7:59 after the last use
        assert client.get("/me", buffered=True).status_code == 200
        now.move_to(START + timedelta(hours=23, minutes=59))
        assert client.get("/me").status_code == 303


def test_seven_days_end_a_session_that_is_used_all_the_time(desk: Flask, staffed: dict[str, int]) -> None:
    with time_machine.travel(START, tick=False) as now:
        client = walk_in(desk, "support")
        for hours in range(7, 7 * 24, 7):
            now.move_to(START + timedelta(hours=hours))
            assert client.get("/me", buffered=True).status_code == 200, hours
        now.move_to(START + timedelta(days=7, seconds=1))
        assert client.get("/me").status_code == 303


def test_a_tab_that_only_polls_does_not_stay_signed_in(desk: Flask, staffed: dict[str, int]) -> None:
    desk.add_url_rule("/poll", "poll", requires(SIGNED_IN)(lambda: not_modified("1") or "news"))
    with time_machine.travel(START, tick=False) as now:
        client = walk_in(desk, "support")
        now.move_to(START + timedelta(hours=5))
        assert client.get("/poll", headers={"HX-Request": "true"}, buffered=True).status_code == 200
        now.move_to(START + timedelta(hours=8, minutes=1))
        assert client.get("/poll", headers={"HX-Request": "true"}).status_code == 401


def test_use_is_noted_once_a_minute_and_never_inside_a_read(desk: Flask, staffed: dict[str, int]) -> None:
    with time_machine.travel(START, tick=False) as now:
        client = walk_in(desk, "support")
        now.move_to(START + timedelta(seconds=59))
        with statements() as early:
            client.get("/me", buffered=True)
        now.move_to(START + timedelta(seconds=61))
        with statements() as late:
            client.get("/me", buffered=True)
    assert [line for line in early if line.startswith("UPDATE")] == []
    assert [line.split()[0] for line in late][-1] == "UPDATE"
    if desk.config["DATABASE_URL"].startswith("sqlite"):
        assert [line for line in late if line.startswith("BEGIN")] == ["BEGIN DEFERRED", "BEGIN IMMEDIATE"]


def test_session_person_and_roles_are_one_question(desk: Flask, staffed: dict[str, int]) -> None:
    desk.add_url_rule("/who", "who", requires("people.read")(lambda: who().name))
    client = signed_in(desk, staffed["admin"])
    with statements() as seen:
        assert client.get("/who").text == "Admin"
    assert len([line for line in seen if line.startswith("SELECT")]) == 1


def test_somebody_without_a_cookie_costs_no_question(desk: Flask, staffed: dict[str, int]) -> None:
    with statements() as seen:
        desk.test_client().get("/me")
        post(desk, desk.test_client(), "/me", {"name": "x"})
    assert seen == []


def test_an_unsafe_request_takes_the_write_lock_before_it_reads(desk: Flask, staffed: dict[str, int]) -> None:
    if not desk.config["DATABASE_URL"].startswith("sqlite"):
        pytest.skip("only SQLite has one lock for all writers")
    client = signed_in(desk, staffed["support"])
    with statements() as seen:
        assert post(desk, client, "/me", {"name": "Other Name", "signature": ""}).status_code == 303
    assert [line for line in seen if line.startswith("BEGIN")] == ["BEGIN IMMEDIATE"]
    assert seen[0] == "BEGIN IMMEDIATE"


def test_own_sessions_are_listed_and_ended_one_by_one(desk: Flask, staffed: dict[str, int]) -> None:
    one, two, other = (signed_in(desk, staffed[name]) for name in ("support", "support", "admin"))
    page = one.get("/sessions")
    assert page.text.count('/end"') == 1
    with desk.app_context():
        ids = {row.id: row.person_id for row in db.session.query(DeskSession).order_by(DeskSession.id)}
    foreign = next(row for row, person in ids.items() if person == staffed["admin"])
    own = [row for row, person in ids.items() if person == staffed["support"]][1]
    assert post(desk, one, f"/sessions/{foreign}/end").status_code == 404
    assert other.get("/me").status_code == 200
    assert post(desk, one, f"/sessions/{own}/end").status_code == 303
    assert two.get("/me").status_code == 303
    assert one.get("/me").status_code == 200


def test_all_other_sessions_end_at_once(desk: Flask, staffed: dict[str, int]) -> None:
    here, *others = (signed_in(desk, staffed["support"]) for _ in range(3))
    assert post(desk, here, "/sessions/end-others").status_code == 303
    assert [client.get("/me").status_code for client in others] == [303, 303]
    assert "2 other sessions ended" in here.get("/sessions").text


def test_a_disabled_person_is_out_at_once(desk: Flask, staffed: dict[str, int]) -> None:
    client, admin = signed_in(desk, staffed["support"]), signed_in(desk, staffed["admin"])
    assert post(desk, admin, f"/people/{staffed['support']}/disable").status_code == 303
    assert client.get("/me").status_code == 303
    answer = post(
        desk, desk.test_client(), "/sign-in", {"email": "support@fern.example", "password": PASSWORD}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("url", "name", "secure"),
    [("http://127.0.0.1:8000", "desk", False), ("https://desk.example", "__Host-desk", True)],
)
def test_cookies_on_both_schemes(tmp_path: Path, url: str, name: str, secure: bool) -> None:
    desk = open_desk(tmp_path / "home", url=url)
    add_store(desk)
    add_person(desk, "mia", "support")
    client = desk.test_client()
    data = {"csrf_token": form_token(desk, client), "email": "mia@fern.example", "password": PASSWORD}
    answer = client.post("/sign-in", data=data, base_url=url, headers={"Referer": url + "/sign-in"})
    assert answer.status_code == 303
    cookies: list[Any] = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    sent = cookies[0]
    assert sent.startswith(name + "=")
    assert "HttpOnly" in sent
    assert "SameSite=Lax" in sent
    assert "Path=/" in sent
    assert "Domain" not in sent
    assert ("Secure" in sent) == secure
    assert client.get("/me", base_url=url).status_code == 200
    assert ("Strict-Transport-Security" in client.get("/me", base_url=url).headers) == secure


def test_what_happened_is_in_the_record_with_who_and_from_where(desk: Flask, staffed: dict[str, int]) -> None:
    client = walk_in(desk, "support")
    post(desk, client, "/sign-out")
    post(
        desk,
        desk.test_client(),
        "/sign-in",
        {"email": "support@fern.example", "password": "wrong wrong wrong"},
    )
    who = f"person:{staffed['support']}"
    with desk.app_context():
        rows = [(row.kind, row.actor, row.origin) for row in db.session.query(Event).order_by(Event.id)]
    assert rows[-3:] == [
        ("person.signed_in", who, "127.0.0.1"),
        ("person.signed_out", who, "127.0.0.1"),
        ("person.sign_in_failed", "visitor", "127.0.0.1"),
    ]


def test_an_admin_sees_and_ends_the_sessions_of_a_person(desk: Flask, staffed: dict[str, int]) -> None:
    admin, one, other = (signed_in(desk, staffed[role]) for role in ("admin", "support", "support"))
    path = f"/people/{staffed['support']}"
    page = admin.get(path).text
    ends = re.findall(rf'action="({path}/sessions/\d+/end)"', page)
    assert len(ends) == 2
    assert post(desk, admin, ends[0].replace(path, f"/people/{staffed['manager']}")).status_code == 404
    assert post(desk, admin, ends[0]).status_code == 303
    assert sorted(client.get("/me").status_code for client in (one, other)) == [200, 303]
    assert post(desk, signed_in(desk, staffed["manager"]), ends[1]).status_code == 403
    with desk.app_context():
        assert db.session.query(Event).order_by(Event.id.desc()).limit(1).one().kind == "session.ended"
