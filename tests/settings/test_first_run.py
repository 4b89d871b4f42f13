"""A new desk belongs to who can read its folder, not to who finds it first."""

from __future__ import annotations

import re
import stat
from typing import Any

import pytest
from flask import Flask

from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.settings import tax
from checkout_desk.settings.effective import today
from checkout_desk.settings.first_run import first_run_code, store_name
from checkout_desk.settings.models import Store, TaxZone
from tests.signing import post

FORM = {
    "store": "Fern and Kiln",
    "name": "Ola Berg",
    "email": "ola@fern.example",
    "password": "nine small boats at sea",
}


def set_up(desk: Flask, **change: Any) -> Any:
    return post(
        desk,
        desk.test_client(),
        "/first-run",
        FORM | {"code": first_run_code(desk.config["DESK_HOME"])} | change,
    )


def test_the_sign_in_page_leads_to_the_set_up_of_a_new_desk(desk: Flask) -> None:
    assert desk.test_client().get("/sign-in").headers["Location"] == "/first-run"
    page = desk.test_client().get("/first-run")
    assert page.status_code == 200
    assert first_run_code(desk.config["DESK_HOME"]) not in page.text


def test_the_code_is_the_owners_alone_and_stays_the_same(desk: Flask) -> None:
    home = desk.config["DESK_HOME"]
    code = first_run_code(home)
    assert len(code) >= 20
    assert first_run_code(home) == code
    assert stat.S_IMODE((home / "first-run-code").stat().st_mode) == 0o600


@pytest.mark.parametrize("code", ["", "0" * 20, "é"])
def test_without_the_code_nobody_becomes_admin(desk: Flask, code: str) -> None:
    desk.test_client().get("/first-run")
    answer = set_up(desk, code=code)
    assert answer.status_code == 422
    assert 'value="Fern and Kiln"' in answer.text
    with desk.app_context():
        assert db.session.query(Person).count() == 0


def test_the_first_admin_is_signed_in_and_the_page_is_gone(desk: Flask) -> None:
    client = desk.test_client()
    code = first_run_code(desk.config["DESK_HOME"])
    answer = post(desk, client, "/first-run", FORM | {"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/people").headers["Location"].startswith("/me/second-factor")  # a second factor first
    with desk.app_context():
        assert store_name() == "Fern and Kiln"
        assert [row.kind for row in db.session.query(Event).order_by(Event.id)] == [
            "store.created", *["tax_zone.created"] * 3, *["shipping_service.created"] * 4, "payment_method.created",
            *["carrier.created"] * 2, *["box.created"] * 4, "person.created", "person.signed_in",
        ]  # fmt: skip
        assert db.session.query(Person).one().roles >= {"admin"}
    assert not (desk.config["DESK_HOME"] / "first-run-code").exists()
    assert desk.test_client().get("/first-run").status_code == 404
    assert (
        post(
            desk, desk.test_client(), "/first-run", FORM | {"code": code, "email": "x@fern.example"}
        ).status_code
        == 404
    )


def test_a_weak_password_or_a_missing_field_opens_nothing(desk: Flask) -> None:
    assert "use 12 or more" in set_up(desk, password="short").text
    wrong = set_up(desk, email="ada", password="short").text
    assert re.findall(r'name="(\w+)"[^>]* autofocus', wrong) == ["email"]  # the first that needs a change
    assert "little more than a name" in set_up(desk, password="FernAndKiln2026").text
    assert "Store is empty" in set_up(desk, store="").text
    with desk.app_context():
        assert db.session.query(Person).count() == 0


def test_the_first_run_says_where_the_store_is(desk: Flask) -> None:
    wrong = set_up(desk, country="XX", currency="€", language="fr")
    assert wrong.status_code == 422
    assert "Country cannot be" in wrong.text
    assert '<option value="fr" selected>' in wrong.text
    assert set_up(desk, country="JP", currency="JPY", language="ja").status_code == 303
    with desk.app_context():
        store = db.session.get_one(Store, 1)
        assert (store.country, store.currency, store.language) == ("JP", "JPY", "ja")
        assert db.session.query(TaxZone).count() == 0  # better no tax than a wrong one: the manager is told


def test_a_store_in_the_union_begins_with_its_own_rate(desk: Flask) -> None:
    assert set_up(desk, country="FI", currency="EUR", language="en").status_code == 303
    with desk.app_context():
        assert tax.rates("FI", on=today()).rates["standard"] == tax.Rate("VAT 25.5 %", 255_000)
        assert tax.rates("SE", on=today()).rates["standard"].ppm == 255_000
        assert tax.rates("US", on=today()).treatment == "zero"
