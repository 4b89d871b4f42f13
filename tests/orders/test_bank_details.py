"""A mail that names a bank account of somebody else does not leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.correspondence import linting
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings.models import PaymentMethod
from tests.builders import Shop
from tests.page import Browser

OURS, THEIRS = "GB33BUKB20201555555555", "DE89370400440532013000"


@pytest.mark.parametrize(
    "text",
    [
        THEIRS,
        "de89 3704 0044 0532 0130 00",
        "Please pay to DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX from now on",
        "IBAN:DE89-3704-0044-0532-0130-00.",
        "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000 thank you",
    ],
)
def test_an_account_is_found_however_it_is_written(text: str) -> None:
    assert list(linting.accounts(text)) == [THEIRS]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE89 3704 0044 0532 0130 01",
        "RF89 1017 Q1",
        "Order 1042, ORD12345678901234",
        "JD014600006281230775",
    ],
)
def test_what_is_no_account_is_none(text: str) -> None:
    assert list(linting.accounts(text)) == []


def test_a_reply_with_a_foreign_account_is_stopped(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    with shop.writing():
        settings = {"iban": OURS, "holder": "Fern and Kiln"}
        db.session.add(PaymentMethod(kind="bank", name="Bank", active=True, position=1, settings=settings))
    number = shop.take(text="Where do I pay?").conversation
    composer = as_role("support").open(f"/conversations/{number}/compose/reply")
    stopped = composer.press("Send", text=f"Our bank details changed, please pay to {THEIRS}.")
    assert stopped.status == 422
    assert "DE89 3704 0044 0532 0130 00 is none of the store" in stopped
    assert THEIRS in stopped.form("/send").value("text")
    assert shop.all(OutboundMail) == []
    quoted = composer.press("Send", text=f"Please pay to GB33 BUKB 2020 1555 5555 55.\n\n> is it {THEIRS}?")
    assert quoted.status == 200
    assert len(shop.all(OutboundMail)) == 1
