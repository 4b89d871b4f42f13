"""Bank details change when a second person says so, a day later where there is none, and never unnoticed (SECURITY A5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from stdnum import iban as iban_numbers

from checkout_desk import clock
from checkout_desk.accounts import people
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings import bank_changes
from checkout_desk.settings.models import BankChange, PaymentMethod
from tests.builders import Shop
from tests.page import Browser
from tests.signing import PASSWORD, post

OLD, NEW = "GB33BUKB20201555555555", "DE89370400440532013000"
AsRole = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def customers_pay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote was sent: the store could lose money. `shop` first, whose packages say otherwise."""
    monkeypatch.setattr(bank_changes, "_open", [lambda: True])


@pytest.fixture
def bank(shop: Shop) -> int:
    with shop.writing():
        settings = {"iban": OLD, "holder": "Fern", "bic": "", "bank": "", "currencies": [], "countries": []}
        method = PaymentMethod(kind="bank", name="Bank", settings=settings)
        db.session.add(method)
        db.session.flush()
        return method.id


def change(browser: Browser, bank: int, **fields: Any) -> Any:
    form = browser.open(f"/settings/money/methods/{bank}")
    return form.press("Save", **{"iban": NEW, "password": PASSWORD, **fields})


def iban(shop: Shop, bank: int) -> Any:
    with shop.app.app_context():
        return db.session.get_one(PaymentMethod, bank).settings["iban"]


def test_a_second_person_confirms_and_until_then_the_old_details_count(
    shop: Shop, as_role: AsRole, bank: int
) -> None:
    shop.person("admin")
    manager = as_role("manager")
    page = change(manager, bank, name="Bank transfer")
    assert "wait for a second person" in page
    assert iban(shop, bank) == OLD
    with shop.app.app_context():
        assert db.session.get_one(PaymentMethod, bank).name == "Bank transfer"  # no account: at once
    assert [row.to_address for row in shop.all(OutboundMail)] == ["admin@fern.example"]
    number = shop.all(BankChange)[0].id
    mine = manager.open(f"/settings/money/changes/{number}")
    assert iban_numbers.format(NEW) in mine and "Confirm the new details" not in mine
    way = f"/settings/money/changes/{number}/confirm"
    forced = post(shop.app, manager.client, way, {"password": PASSWORD})
    assert forced.status_code == 409 and "Somebody else has to confirm" in forced.text
    admin = as_role("admin")
    looked = admin.open(f"/settings/money/changes/{number}")
    assert all(iban_numbers.format(one) in looked for one in (OLD, NEW))
    assert looked.press("Confirm the new details", password="").status == 422
    assert iban(shop, bank) == OLD
    done = looked.press("Confirm the new details", password=PASSWORD)
    assert "In force from now on" in done and iban(shop, bank) == NEW
    assert post(shop.app, admin.client, way).status_code == 409
    kinds = [row.kind for row in shop.all(Event)]
    assert {"bank_change.asked", "bank_change.told", "bank_change.done", "payment_method.changed"} <= set(
        kinds
    )
    assert NEW not in "".join(str(row.after) for row in shop.all(Event) if row.kind.startswith("bank_change"))


def test_anybody_who_may_ask_may_stop_it(shop: Shop, as_role: AsRole, bank: int) -> None:
    shop.person("admin")
    change(as_role("manager"), bank)
    number = shop.all(BankChange)[0].id
    page = as_role("admin").open(f"/settings/money/changes/{number}").press("Stop it, keep the old details")
    assert "Nothing changed" in page and iban(shop, bank) == OLD
    with shop.app.app_context():
        assert bank_changes.sweep() == 0
    assert as_role("support").open(f"/settings/money/changes/{number}").status == 403


def test_a_lone_manager_waits_a_day_in_which_it_can_be_stopped(
    shop: Shop, as_role: AsRole, bank: int
) -> None:
    manager = as_role("manager")
    assert "wait for a day" in change(manager, bank)
    with shop.app.app_context():
        with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
            assert bank_changes.sweep() == 0
        assert iban(shop, bank) == OLD
        with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
            assert (bank_changes.sweep(), bank_changes.sweep()) == (1, 0)
    assert iban(shop, bank) == NEW


def test_who_was_added_afterwards_does_not_count(shop: Shop, as_role: AsRole, bank: int) -> None:
    change(as_role("manager"), bank)
    with shop.writing():
        people.create(name="Evil", email="evil@fern.example", password_hash="!", roles=["manager"])
    number = shop.all(BankChange)[0].id
    with shop.writing():
        evil = db.session.query(Person).filter_by(email="evil@fern.example").one()
        with pytest.raises(bank_changes.Refused, match="added after"):
            bank_changes.confirm(db.session.get_one(BankChange, number), by=evil)
    assert iban(shop, bank) == OLD


def test_a_further_account_waits_too_and_switching_off_does_not(
    shop: Shop, as_role: AsRole, bank: int
) -> None:
    shop.person("admin")
    manager = as_role("manager")
    page = manager.open("/settings/money/methods/new/bank")
    page.press("Save", name="Other", holder="Evil", iban=NEW, active="1", password=PASSWORD)
    assert len(shop.all(PaymentMethod, PaymentMethod.kind == "bank")) == 1
    off = manager.open(f"/settings/money/methods/{bank}").press("Save", active=None, password=PASSWORD)
    assert off.status == 200
    with shop.app.app_context():
        assert db.session.get_one(PaymentMethod, bank).active is False


def test_a_second_request_voids_the_first(shop: Shop, as_role: AsRole, bank: int) -> None:
    shop.person("admin")
    manager = as_role("manager")
    change(manager, bank)
    change(manager, bank, iban="GB29NWBK60161331926819")
    assert [row.state for row in shop.all(BankChange)] == ["refused", "waiting"]


def test_a_store_that_nobody_pays_yet_is_set_up_at_once(
    shop: Shop, as_role: AsRole, bank: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_changes, "_open", [lambda: False])
    change(as_role("manager"), bank)
    assert iban(shop, bank) == NEW and shop.all(BankChange) == []
