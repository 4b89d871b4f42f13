"""Who changes where customers' money goes is not alone in knowing it."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod
from tests.builders import Shop
from tests.page import Browser
from tests.signing import PASSWORD

NEW = "/settings/money/methods/new/bank"
BANK = {
    "name": "Bank",
    "holder": "Fern",
    "iban": "GB33BUKB20201555555555",
    "active": "1",
    "password": PASSWORD,
}


@pytest.fixture
def boss(shop: Shop, as_role: Callable[[str], Browser]) -> Browser:
    """A manager; there is one administrator besides."""
    shop.person("admin")
    return as_role("manager")


def mails(shop: Shop) -> list[tuple[str, str]]:
    """(to, text) of every mail in the outbox."""
    found = []
    for row in shop.all(OutboundMail):
        body = message_from_bytes(shop.bytes_of(row), policy=policy.default).get_body(("plain",))
        assert body is not None
        found.append((row.to_address, str(body.get_content())))
    return found


def test_a_new_bank_account_and_each_change_of_it_are_mailed_to_administrators(
    shop: Shop, boss: Browser
) -> None:
    boss.open(NEW).press("Save", **BANK)
    [(to, text)] = mails(shop)
    assert to == "admin@fern.example"
    assert "IBAN: nothing → …5555" in text and "Account holder: nothing → Fern" in text
    assert "manager@fern.example" in text, "who did it"
    assert BANK["iban"] not in text
    number = shop.all(PaymentMethod, PaymentMethod.kind == "bank")[0].id
    page = boss.open(f"/settings/money/methods/{number}")
    page.press("Save", name="Bank transfer", currencies="GBP", password=PASSWORD)
    assert len(mails(shop)) == 1, "its name is nobody's account"
    page.press("Save", iban="DE89370400440532013000", password=PASSWORD)
    assert "IBAN: …5555 → …3000" in mails(shop)[1][1]
    assert len(shop.all(Event, Event.kind == "payment_method.told")) == 2


def test_keys_are_told_of_and_never_shown(shop: Shop, boss: Browser) -> None:
    with shop.writing():
        secret = methods.seal({"secret_key": "sk_test_of_old", "webhook_secret": ""})
        db.session.add(PaymentMethod(kind="stripe", name="Card", settings={"mode": "sandbox"}, secret=secret))
    number = shop.all(PaymentMethod, PaymentMethod.kind == "stripe")[0].id
    boss.open(f"/settings/money/methods/{number}").press(
        "Save",
        secret_key="sk_test_of_mine",
        password=PASSWORD,
    )
    [(_, text)] = mails(shop)
    assert "New keys of the provider were typed." in text and "sk_test" not in text


def test_without_a_mailbox_the_record_says_that_nobody_was_told(shop: Shop, boss: Browser) -> None:
    with shop.writing():
        db.session.query(Mailbox).update({Mailbox.enabled: False})
    assert boss.open(NEW).press("Save", **BANK).status == 200
    assert mails(shop) == []
    assert [event.after for event in shop.all(Event, Event.kind == "payment_method.told")] == [{"people": []}]
