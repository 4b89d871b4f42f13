"""Every route says who may use it, and the desk keeps to it: each URL for each role and for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from checkout_desk.accounts import people
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import PERMISSIONS, PUBLIC, ROLES, SIGNED_IN, allowed
from checkout_desk.extensions import begin_write, db
from checkout_desk.web.access import permission_of
from tests.databases import rows_on_sqlite
from tests.signing import form_token, signed_in

FILL = {"int": "1", "path": "a/b", "default": "x", "string": "x"}


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with a method of it and an address that fits it."""
    for rule in app.url_map.iter_rules():
        chosen = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
        path = re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: FILL.get(found[1] or "default", "1"), chosen
        )
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule, method, path


def test_every_route_declares_a_permission_that_exists(desk: Flask) -> None:
    declared = {rule.endpoint: permission_of(desk, rule.endpoint) for rule, _, _ in routes(desk)}
    assert len(declared) > 15
    assert {
        name: mark for name, mark in declared.items() if mark not in {PUBLIC, SIGNED_IN, *PERMISSIONS}
    } == {}


def test_no_rule_answers_safe_and_unsafe_methods_with_one_permission_for_both(desk: Flask) -> None:
    mixed = [rule.rule for rule in desk.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())]
    assert mixed == []


def test_a_route_without_a_permission_is_denied(desk: Flask) -> None:
    desk.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert desk.test_client().get("/forgotten").status_code == 500  # loud where people develop
    desk.testing = False
    answer = desk.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"open to all" not in answer.data


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
def test_nobody_gets_past_the_door(desk: Flask, staffed: dict[str, int], fragment: bool) -> None:
    headers = {"HX-Request": "true"} if fragment else {}
    for rule, method, path in routes(desk):
        client = desk.test_client()
        sent = {**headers, "X-CSRFToken": form_token(desk, client)}
        answer = client.open(path, method=method, headers=sent, base_url=desk.config["DESK_URL"])
        if permission_of(desk, rule.endpoint) == PUBLIC:
            assert answer.status_code < 500, (method, path, answer.status)
            continue
        if fragment:
            assert answer.status_code == 401, (method, path, answer.status)
            assert answer.headers["HX-Redirect"].startswith("/sign-in")
        else:
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), (
                method,
                path,
            )


@rows_on_sqlite("role", ["admin", *(role for role in ROLES if role != "admin"), "nothing"])
def test_each_role_gets_what_the_table_says(desk: Flask, staffed: dict[str, int], role: str) -> None:
    roles = {role} & set(ROLES)
    for rule, method, path in routes(desk):
        permission = permission_of(desk, rule.endpoint)
        if permission in (PUBLIC, None):
            continue
        client = signed_in(desk, staffed[role])
        sent = {"X-CSRFToken": form_token(desk, client)}
        answer = client.open(path, method=method, headers=sent, base_url=desk.config["DESK_URL"])
        if allowed(roles, str(permission)):
            assert answer.status_code not in (401, 403), (role, method, path, answer.status)
            assert answer.status_code < 500, (role, method, path, answer.status)
        else:
            assert answer.status_code == 403, (role, method, path, answer.status)


def test_a_role_that_is_taken_away_counts_at_the_next_click(desk: Flask, staffed: dict[str, int]) -> None:
    client = signed_in(desk, staffed["manager"])
    assert client.get("/people").status_code == 200
    with desk.app_context():
        begin_write()
        people.set_roles(db.session.get_one(Person, staffed["manager"]), ["support"])
        db.session.commit()
    assert client.get("/people").status_code == 403
