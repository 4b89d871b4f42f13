"""The tables of payments and refunds, and who may do what."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.permissions import PERMISSIONS, allowed
from checkout_desk.lifecycle import Lifecycle, Refused
from checkout_desk.payments.lifecycle import PAYMENT, REFUND
from checkout_desk.payments.models import Payment, Refund


@pytest.mark.parametrize("table", [PAYMENT, REFUND])
def test_every_state_can_be_reached_and_every_permission_exists(table: Lifecycle) -> None:
    reached = {step.target for step in table.transitions.values()}
    assert set(table.states) - reached <= {"received", "requested"}
    assert {step.permission for step in table.transitions.values()} - {""} <= set(PERMISSIONS)
    for step in table.transitions.values():
        assert step.sources <= set(table.states)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("payments.read", {"processing", "support", "manager", "admin"}),
        ("payments.write", {"processing", "manager", "admin"}),
        ("payments.refund", {"processing", "manager", "admin"}),
    ],
)
def test_logistics_sees_no_payment(permission: str, roles: set[str]) -> None:
    everybody = {"processing", "support", "logistics", "manager", "admin"}
    assert {role for role in everybody if allowed([role], permission)} == roles


@pytest.mark.parametrize(
    ("sums", "step", "sentence"),
    [
        ((0, 0), "allocate", "Part of this payment still belongs to nothing"),
        ((0, 100), "allocate", "Nothing of this payment is used"),
        ((100, 0), "refund", "Nothing of this payment went back"),
        ((60, 40), "review", "there is nothing left to decide"),
    ],
)
def test_a_state_follows_its_sums(sums: tuple[int, int], step: str, sentence: str) -> None:
    given, back = sums
    payment = Payment(
        state="needs_review", amount_minor=100, allocated_minor=given, refunded_minor=back, credited_minor=0
    )
    with pytest.raises(Refused, match=sentence):
        PAYMENT.fire(payment, step)
    assert payment.state == "needs_review"


@pytest.mark.parametrize("state", ["to_be_checked", "done", "failed", "sent"])
def test_only_a_waiting_refund_is_sent(state: str) -> None:
    with pytest.raises(Refused):
        REFUND.fire(Refund(state=state), "send")
