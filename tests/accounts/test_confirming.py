"""Step-up: the password or a code once more, remembered for five minutes on one browser, and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pyotp
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk import clock
from checkout_desk.accounts import second_factor
from checkout_desk.accounts.models import DeskSession, Person
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.page import Browser
from tests.signing import PASSWORD, post, signed_in


def roles(desk: Flask, client: FlaskClient, person_id: int, *given: str, **more: str) -> int:
    form = {"name": "Support", "email": "support@fern.example", "roles": list(given), **more}
    return int(post(desk, client, f"/people/{person_id}", form).status_code)


def test_roles_need_the_password_once_for_five_minutes_on_this_browser(
    desk: Flask, staffed: dict[str, int]
) -> None:
    admin, elsewhere = (signed_in(desk, staffed["admin"]) for _ in "ab")
    support = staffed["support"]
    assert roles(desk, admin, support, "manager") == 422
    assert roles(desk, admin, support, "support") == 303  # only the name: nothing that lets anybody in
    assert roles(desk, admin, support, "manager", confirm="guess") == 422
    assert roles(desk, admin, support, "manager", confirm=PASSWORD) == 303
    assert roles(desk, admin, support, "logistics") == 303
    assert roles(desk, elsewhere, support, "manager") == 422
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert roles(desk, admin, support, "manager") == 422
    with desk.app_context():
        assert db.session.get_one(Person, support).roles == {"logistics"}


def test_what_was_typed_stays_and_the_sentence_stands_at_the_field(
    desk: Flask, staffed: dict[str, int]
) -> None:
    admin = signed_in(desk, staffed["admin"])
    form = {
        "name": "Ola",
        "email": "ola@fern.example",
        "roles": "support",
        "password": "nine small boats at sea",
    }
    answer = post(desk, admin, "/people/new", form)
    assert answer.status_code == 422
    assert "Type your password: what you ask for needs it once more." in answer.text
    assert 'value="ola@fern.example"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_code_confirms_too_once(desk: Flask, staffed: dict[str, int]) -> None:
    secret = second_factor.new_secret()
    with desk.app_context():
        begin_write()
        second_factor.add(
            db.session.get_one(Person, staffed["admin"]), secret, pyotp.TOTP(secret).at(clock.now())
        )
        db.session.commit()
    admin, other = (signed_in(desk, staffed["admin"]) for _ in "ab")
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        code = pyotp.TOTP(secret).at(clock.now())
        assert roles(desk, admin, staffed["support"], "manager", confirm=code) == 303
        assert roles(desk, other, staffed["support"], "logistics", confirm=code) == 422


def test_guessing_is_paused_as_at_the_door(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"])
    for _ in range(5):
        assert roles(desk, admin, staffed["support"], "manager", confirm="guess") == 422
    assert roles(desk, admin, staffed["support"], "manager", confirm=PASSWORD) == 422
    door = post(desk, desk.test_client(), "/sign-in", {"email": "admin@fern.example", "password": PASSWORD})
    assert door.status_code == 429


def test_resetting_somebodys_second_factor_tells_them_and_ends_their_sessions(
    shop: Shop, as_role: Callable[[str], Browser]
) -> None:
    person_id, secret = shop.person("support"), second_factor.new_secret()
    with shop.writing():
        person = db.session.get_one(Person, person_id)
        second_factor.add(person, secret, pyotp.TOTP(secret).at(clock.now()))
    theirs = as_role("support")
    page = as_role("admin").open(f"/people/{person_id}")
    wrong = page.press("Reset the second factor", reset_confirm="")
    assert wrong.status == 422
    page.press("Reset the second factor", reset_confirm=PASSWORD)
    assert theirs.client.get("/me").status_code == 303
    [mail] = shop.all(OutboundMail)
    assert mail.to_address == "support@fern.example"
    text = message_from_bytes(shop.bytes_of(mail), policy=policy.default).get_body(("plain",))
    assert text is not None and "took your app and your recovery codes" in str(text.get_content())
    with shop.app.app_context():
        assert second_factor.of(person_id) is None
        assert db.session.query(Event).filter_by(kind="person.second_factor_removed").count() == 1
        assert db.session.query(DeskSession).filter_by(person_id=person_id, ended_at=None).count() == 0


def test_doing_without_takes_a_reason_and_the_password(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"])
    assert post(desk, admin, "/people/second-factor", {"reason": "no"}).status_code == 422
    reason = "Everybody sits in one room with a lock."
    assert post(desk, admin, "/people/second-factor", {"reason": reason}).status_code == 422
    assert (
        post(desk, admin, "/people/second-factor", {"reason": reason, "confirm": PASSWORD}).status_code == 303
    )
    assert reason in admin.get("/people").text
    manager = signed_in(desk, staffed["manager"])
    assert post(desk, manager, "/people/second-factor", {"wanted": "1"}).status_code == 403
