"""A refund goes back where the money came from, whatever a request names besides, and to whoever may not, not at all (SECURITY A6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import PERMISSIONS, ROLES
from checkout_desk.payments.models import Payment, Refund
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.payments.counter import TUESDAY, Counter
from tests.signing import PASSWORD, post

ELSEWHERE = {
    "iban": "DE89370400440532013000", "account": "acct_evil", "charge": "ch_evil", "provider_ref": "re_evil", "payment_id": "2",
    "to": "evil@evil.example", "idempotency_key": "x" * 32, "state": "done",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_request_cannot_name_another_target(
    shop: Shop, as_role: Callable[[str], Browser], role: str
) -> None:
    counter = Counter(Stage(shop))
    with clock.pretending(TUESDAY):
        first, second = (counter.pay(amount, "no reference") for amount in (3200, 900))
        browser = as_role(role)
        sent = {"amount": "32.00", "reason": "Broken", **ELSEWHERE}
        unconfirmed = post(shop.app, browser.client, f"/payments/{first}/refund", sent)
        answer = post(shop.app, browser.client, f"/payments/{first}/refund", sent | {"password": PASSWORD})
    if role not in PERMISSIONS["payments.refund"]:
        assert (unconfirmed.status_code, answer.status_code) == (403, 403)
        assert shop.all(Refund) == []
        return
    assert unconfirmed.status_code == 422
    made = shop.all(Refund)
    assert [(row.payment_id, row.amount_minor) for row in made] in ([], [(first, 3200)])
    assert made or answer.status_code == 409  # more than this role may give back
    for row in made:
        assert row.provider_ref is None and row.state == "requested" and row.idempotency_key != "x" * 32
    other = next(row for row in shop.all(Payment) if row.id == second)
    assert other.refunded_minor == 0
    columns = {column.name for column in Refund.__table__.columns}
    assert not columns & {"iban", "account", "target", "to"}, "a refund with a target needs a second person"
