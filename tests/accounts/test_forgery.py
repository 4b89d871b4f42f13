"""No other site can make a signed-in browser change anything: form token and origin, on every unsafe route."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk.events.models import Event
from checkout_desk.extensions import csrf, db
from checkout_desk.web.access import SAFE_METHODS
from tests.accounts.test_routes import routes
from tests.databases import rows_on_sqlite
from tests.signing import form_token, signed_in


def unsafe(desk: Flask) -> list[tuple[str, str]]:
    """Every unsafe method and address, but for doors that machines use and that check a signature of their own."""
    return [
        (method, path)
        for rule, method, path in routes(desk)
        if method not in SAFE_METHODS and not _exempt(desk, rule.endpoint)
    ]


def _exempt(desk: Flask, endpoint: str) -> bool:
    view = desk.view_functions[endpoint]
    return f"{view.__module__}.{view.__name__}" in csrf._exempt_views


def changes(desk: Flask) -> int:
    with desk.app_context():
        return db.session.query(Event).count()


@pytest.fixture
def admin(desk: Flask, staffed: dict[str, int]) -> FlaskClient:
    return signed_in(desk, staffed["admin"])


def test_without_a_token_nothing_happens(desk: Flask, admin: FlaskClient) -> None:
    before = changes(desk)
    for method, path in unsafe(desk):
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/json",
        ):
            answer = admin.open(path, method=method, data=b"", content_type=kind)
            assert answer.status_code == 400, (method, path, kind)
    assert changes(desk) == before


def test_a_token_of_another_browser_is_worth_nothing(desk: Flask, admin: FlaskClient) -> None:
    foreign = form_token(desk, desk.test_client())
    form_token(desk, admin)
    for method, path in unsafe(desk):
        assert admin.open(path, method=method, data={"csrf_token": foreign}).status_code == 400, (
            method,
            path,
        )


@rows_on_sqlite(
    "header",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"}, {"Origin": "https://localhost"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)  # fmt: skip
def test_a_foreign_origin_is_refused_even_with_a_token(
    desk: Flask, admin: FlaskClient, header: dict[str, str]
) -> None:
    before = changes(desk)
    for method, path in unsafe(desk):
        sent = {"X-CSRFToken": form_token(desk, admin), **header}
        assert admin.open(path, method=method, headers=sent).status_code == 403, (method, path)
    assert changes(desk) == before


@pytest.mark.parametrize(
    "header",
    [{"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}],
)
def test_our_own_pages_pass(desk: Flask, admin: FlaskClient, header: dict[str, str]) -> None:
    sent = {"X-CSRFToken": form_token(desk, admin), **header}
    assert admin.post("/me", data={"name": "Admin B", "signature": ""}, headers=sent).status_code == 303


def test_a_method_cannot_be_smuggled_into_another(desk: Flask, admin: FlaskClient) -> None:
    token = form_token(desk, admin)
    before = changes(desk)
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert (
            admin.get("/sign-out?_method=POST", headers={header: "POST", "X-CSRFToken": token}).status_code
            == 405
        )
    assert admin.get("/me").status_code == 200
    assert changes(desk) == before


def test_looking_changes_nothing(desk: Flask, admin: FlaskClient) -> None:
    before = changes(desk)
    for _, method, path in routes(desk):
        if method == "GET":
            admin.get(path)
    assert changes(desk) == before


def test_every_form_that_posts_carries_a_token(desk: Flask, admin: FlaskClient) -> None:
    found = 0
    for client in (admin, desk.test_client()):
        for _, method, path in routes(desk):
            answer = client.get(path) if method == "GET" else None
            page = answer.text if answer is not None and answer.mimetype == "text/html" else ""
            for form in re.findall(r'<form[^>]*method="post".*?</form>', page, flags=re.DOTALL):
                found += 1
                assert 'name="csrf_token"' in form, path
    assert found > 5


def test_a_failure_is_a_page_or_a_toast(desk: Flask, admin: FlaskClient) -> None:
    page, toast = admin.post("/me"), admin.post("/me", headers={"HX-Request": "true"})
    assert "<html" in page.text
    assert "<html" not in toast.text
    assert toast.headers["HX-Retarget"] == "#toasts"
