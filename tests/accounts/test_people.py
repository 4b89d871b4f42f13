"""Admins add people, change them and let them go; the last admin stays."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk import clock
from checkout_desk.accounts import people
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.signing import PASSWORD, add_person, post, signed_in

NEW = {
    "name": "Ola Berg",
    "email": "Ola@Fern.example",
    "roles": ["support", "logistics"],
    "password": "nine small boats at sea",
}


def last_event(desk: Flask) -> Event:
    with desk.app_context():
        return db.session.query(Event).order_by(Event.id.desc()).limit(1).one()


def test_a_new_person_can_sign_in(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"], confirmed=True)
    answer = post(desk, admin, "/people/new", NEW)
    assert answer.status_code == 303
    row = last_event(desk)
    assert (row.kind, row.actor) == ("person.created", f"person:{staffed['admin']}")
    assert row.after == {"name": "Ola Berg", "email": "ola@fern.example", "roles": ["logistics", "support"]}
    assert "Ola Berg" in admin.get("/people").text
    entered = post(
        desk, desk.test_client(), "/sign-in", {"email": "ola@fern.example", "password": NEW["password"]}
    )
    assert entered.status_code == 303


def link_of(shop: Shop) -> str:
    """The path of the link in the newest mail to a person."""
    mail = shop.all(OutboundMail)[-1]
    found = re.search(rb"http://localhost(/password/[\w.=\r\n-]+?)\r\n\r\n", shop.bytes_of(mail))
    assert found, shop.bytes_of(mail)
    return found[1].replace(b"=\r\n", b"").decode()


def test_who_is_invited_chooses_a_password_of_their_own_once(shop: Shop) -> None:
    admin = signed_in(shop.app, shop.person("admin"), confirmed=True)
    assert post(shop.app, admin, "/people/new", NEW | {"password": ""}).status_code == 303
    assert [one.to_address for one in shop.all(OutboundMail)] == ["ola@fern.example"]
    link, client = link_of(shop), shop.app.test_client()
    page = client.get(link)
    assert page.status_code == 200 and "ola@fern.example" in page.text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "same-origin")
    assert post(shop.app, client, link, {"password": "Ola Berg 2026"}).status_code == 422
    assert post(shop.app, client, link, {"password": NEW["password"]}).status_code == 303
    again = post(shop.app, client, link, {"password": "another sentence of mine"})
    assert again.status_code == 404 and "This link is void" in again.text
    entered = post(
        shop.app,
        shop.app.test_client(),
        "/sign-in",
        {"email": "ola@fern.example", "password": NEW["password"]},
    )
    assert entered.status_code == 303


@pytest.mark.parametrize("why", ["old", "forged", "disabled", "another address"])
def test_a_link_that_is_void_changes_nothing(shop: Shop, why: str) -> None:
    admin, person_id = signed_in(shop.app, shop.person("admin"), confirmed=True), shop.person("support")
    assert post(shop.app, admin, f"/people/{person_id}/invite", {}).status_code == 303
    link, at = link_of(shop), clock.now()
    with shop.writing():
        person = db.session.get_one(Person, person_id)
        before = person.password_hash
        if why == "disabled":
            person.disabled_at = clock.now()
        if why == "another address":
            person.email = "moved@fern.example"
    if why == "forged":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    if why == "old":
        at += timedelta(days=3, minutes=1)
    with clock.pretending(at):
        client = shop.app.test_client()
        assert client.get(link).status_code == 404
        assert post(shop.app, client, link, {"password": NEW["password"]}).status_code == 404
    assert shop.all(Person, Person.id == person_id)[0].password_hash == before


def test_without_a_mailbox_a_password_is_typed(desk: Flask, staffed: dict[str, int]) -> None:
    answer = post(
        desk, signed_in(desk, staffed["admin"], confirmed=True), "/people/new", NEW | {"password": ""}
    )
    assert answer.status_code == 422 and "type a password for them instead" in answer.text
    with desk.app_context():
        assert db.session.query(Person).count() == len(staffed)


@rows_on_sqlite(
    ("change", "sentence"),
    [
        ({"name": "  "}, "Name is empty; type 1 to 120 characters."),
        ({"name": "x" * 121}, "Name has 121 characters; use at most 120."),
        ({"name": "a\u202eb"}, "cannot be printed"),
        ({"email": "ola"}, "“ola” is no e-mail address"),
        ({"email": "SUPPORT@fern.example"}, "support@fern.example already belongs to a person here"),
        ({"roles": []}, "choose at least one"),
        ({"roles": ["owner"]}, "“owner” is no role; choose from Order processing"),
        ({"password": "short"}, "The password has 5 characters; use 12 or more"),
        ({"password": "Ola Berg 2026"}, "little more than a name"),
        ({"password": "Fern and Kiln!"}, "little more than a name"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(
    desk: Flask, staffed: dict[str, int], change: dict[str, Any], sentence: str
) -> None:
    answer = post(desk, signed_in(desk, staffed["admin"], confirmed=True), "/people/new", NEW | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = NEW | change
    if change.get("name") is None:
        assert f'value="{kept["name"]}"' in answer.text
    assert str(kept["password"]) + '"' not in answer.text
    with desk.app_context():
        assert db.session.query(Person).count() == len(staffed)


def test_fields_that_the_form_does_not_have_change_nothing(desk: Flask, staffed: dict[str, int]) -> None:
    client = signed_in(desk, staffed["support"])
    sent = {
        "name": "New Name",
        "signature": "Best",
        "roles": "admin",
        "email": "other@fern.example",
        "disabled_at": "1",
        "id": "1",
    }
    assert post(desk, client, "/me", sent).status_code == 303
    with desk.app_context():
        person = db.session.get_one(Person, staffed["support"])
        assert (person.name, person.signature, person.email, person.roles) == (
            "New Name", "Best", "support@fern.example", frozenset({"support"}),
        )  # fmt: skip


def test_the_last_admin_keeps_the_role_and_the_key(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"], confirmed=True)
    path = f"/people/{staffed['admin']}"
    form = {"name": "Admin", "email": "admin@fern.example", "roles": ["manager"]}
    taken = post(desk, admin, path, form)
    assert taken.status_code == 409
    assert "Admin is the last admin; make somebody else an admin first." in taken.text
    assert post(desk, admin, path + "/disable").status_code == 409
    assert admin.get("/people").status_code == 200
    second = {"name": "Manager", "email": "manager@fern.example", "roles": ["manager", "admin"]}
    assert post(desk, admin, f"/people/{staffed['manager']}", second).status_code == 303
    assert post(desk, admin, path, form).status_code == 303
    row = last_event(desk)
    assert (row.kind, row.before, row.after) == (
        "person.roles_changed",
        {"roles": ["admin"]},
        {"roles": ["manager"]},
    )


def test_a_disabled_admin_does_not_count_as_one(desk: Flask, staffed: dict[str, int]) -> None:
    with desk.app_context():
        people.set_roles(db.session.get_one(Person, staffed["manager"]), ["admin"])
        people.disable(db.session.get_one(Person, staffed["manager"]))
        db.session.commit()
        with pytest.raises(people.Refused):
            people.disable(db.session.get_one(Person, staffed["admin"]))


def test_a_person_who_came_back_can_sign_in(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"], confirmed=True)
    for act, status in (("disable", 422), ("enable", 303)):
        assert post(desk, admin, f"/people/{staffed['support']}/{act}").status_code == 303
        entered = post(
            desk, desk.test_client(), "/sign-in", {"email": "support@fern.example", "password": PASSWORD}
        )
        assert entered.status_code == status


def test_a_password_set_by_an_admin_ends_the_sessions(desk: Flask, staffed: dict[str, int]) -> None:
    admin, client = signed_in(desk, staffed["admin"], confirmed=True), signed_in(desk, staffed["support"])
    form = {
        "name": "Support",
        "email": "support@fern.example",
        "roles": ["support"],
        "password": "nine small boats at sea",
    }
    assert post(desk, admin, f"/people/{staffed['support']}", form).status_code == 303
    assert client.get("/me").status_code == 303


def test_changing_ones_own_password_needs_the_present_one_and_ends_the_others(
    desk: Flask, staffed: dict[str, int]
) -> None:
    here, there = signed_in(desk, staffed["support"]), signed_in(desk, staffed["support"])
    wrong = post(
        desk, here, "/me/password", {"present": "not it at all", "password": "nine small boats at sea"}
    )
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    weak = post(desk, here, "/me/password", {"present": PASSWORD, "password": "support12345"})
    assert weak.status_code == 422
    assert there.get("/me").status_code == 200
    done = post(desk, here, "/me/password", {"present": PASSWORD, "password": "nine small boats at sea"})
    assert done.status_code == 303
    assert "1 other session ended" in here.get("/me").text
    assert there.get("/me").status_code == 303


def test_guessing_the_present_password_is_slowed_down(desk: Flask, staffed: dict[str, int]) -> None:
    here = signed_in(desk, staffed["support"])
    form = {"present": "not it at all", "password": "nine small boats at sea"}
    answers = [post(desk, here, "/me/password", form).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_names_are_escaped_where_they_are_shown(desk: Flask, staffed: dict[str, int]) -> None:
    admin = signed_in(desk, staffed["admin"], confirmed=True)
    post(desk, admin, "/people/new", NEW | {"name": "<b onclick=x>Ola"})
    page = admin.get("/people").text
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;Ola" in page


def test_the_theme_is_kept_in_the_browser(desk: Flask, staffed: dict[str, int]) -> None:
    client = signed_in(desk, staffed["support"])
    answer = post(desk, client, "/theme", {"theme": "dark", "next": "/me"})
    assert answer.headers["Location"] == "/me"
    assert 'data-theme="dark"' in client.get("/me").text
    assert post(desk, client, "/theme", {"theme": "pink"}).status_code == 422


def test_two_admins_cannot_remove_each_other_at_once(desk: Flask, staffed: dict[str, int]) -> None:
    second = add_person(desk, "second", "admin")
    pairs = [(staffed["admin"], second), (second, staffed["admin"])]
    clients = [(signed_in(desk, one), other) for one, other in pairs]
    answers: list[int] = []

    def worker(client: FlaskClient, other: int) -> None:
        answers.append(post(desk, client, f"/people/{other}/disable").status_code)

    threads = [threading.Thread(target=worker, args=pair) for pair in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with desk.app_context():
        left = [
            person for person in people.everybody() if person.disabled_at is None and "admin" in person.roles
        ]
    assert len(left) == 1
    assert answers.count(303) >= 1
