"""Customers pay at PayPal: approval, capture, verified web hooks, refunds, and what goes wrong on the way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.payments import linking, refunding, refunding_job
from checkout_desk.payments.models import Payment, PaymentLink, Refund
from checkout_desk.payments.providers import paypal as provider
from checkout_desk.payments.providers import paypal_api
from tests.parts.paypal import PayPal
from tests.payments.providers.conftest import Office

Knock = Callable[..., int]


def approved(office: Office, paypal: PayPal, method: int) -> int:
    """A quote of today whose customer has agreed to pay at PayPal. Returns its id."""
    quote_id = office.quote_of_today()
    office.page(quote_id, method)
    paypal.approve(office.links()[-1].ref or "")
    return quote_id


def tell(knock: Knock, paypal: PayPal, body: bytes, **headers: str) -> int:
    return knock("paypal", body, paypal.signed(body) | headers)


def test_a_customer_approves_and_the_desk_captures_exactly_the_amount(
    office: Office, paypal: PayPal, served: str
) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = office.quote_of_today()
    page = office.page(quote_id, method)
    order_id = office.links()[0].ref or ""
    assert page.url == f"{paypal.url}/checkoutnow?token={order_id}"
    assert paypal.orders[order_id]["purchase_units"][0]["amount"] == {
        "currency_code": "GBP",
        "value": "32.00",
    }
    paypal.approve(order_id)
    assert paypal.deliver(f"{served}/hooks/paypal", paypal.events[0]) == 200
    office.understand_all()
    assert office.payments() == [("paypal", "allocated", 3200)]
    assert office.quote(quote_id).state == "paid"
    payment = office.shop.all(Payment)[0]
    assert (payment.payer_name, payment.payer_account) == ("Jane Fox", "jane@customer.example")
    assert payment.source_ref in paypal.captures
    for body in paypal.events * 2:
        assert paypal.deliver(f"{served}/hooks/paypal", body) == 200
    office.understand_all()
    assert len(office.payments()) == 1
    assert office.links()[0].state == "paid"
    office.sound()


def test_every_order_and_repetition_of_events_ends_equal(
    office: Office, paypal: PayPal, knock: Knock
) -> None:
    method = office.method("paypal", paypal.url)
    office.more_mugs()
    ends = set()
    for order in itertools.permutations(range(3)):
        paypal.forget()
        paypal_api._tokens.clear()
        quote_id = approved(office, paypal, method)
        order_id = office.links()[-1].ref or ""
        # Another worker captured, and somebody sent part of it back at PayPal's own site, before we heard of anything.
        paypal._capture(order_id)
        capture_id = next(iter(paypal.captures))
        paypal._refund(capture_id, {"amount": {"currency_code": "GBP", "value": "1.00"}})
        for place in order:
            assert [tell(knock, paypal, paypal.events[place]) for _ in range(3)] == [200, 200, 200]
            office.understand_all()
        office.understand_all()
        payment = next(p for p in office.shop.all(Payment) if p.source_ref == capture_id)
        refunds = office.shop.all(Refund, Refund.payment_id == payment.id)
        ends.add(
            (
                payment.amount_minor,
                payment.refunded_minor,
                office.quote(quote_id).state,
                tuple((one.amount_minor, one.state) for one in refunds),
            )
        )
        assert all(event.understood_at for event in office.told())
    assert ends == {(3200, 100, "paid", ((100, "done"),))}
    office.sound()


@pytest.mark.parametrize(
    "attack", ["no headers", "changed", "other web hook", "other account", "cert elsewhere", "no json"]
)
def test_what_paypal_does_not_vouch_for_is_refused_and_recorded(
    office: Office, paypal: PayPal, knock: Knock, attack: str
) -> None:
    method = office.method("paypal", paypal.url)
    approved(office, paypal, method)
    paypal._capture(office.links()[0].ref or "")
    body = paypal.events[1]
    if attack == "other account":
        event = json.loads(body)
        event["resource"]["payee"]["merchant_id"] = "THEIRS"
        body = json.dumps(event).encode()
    headers = (
        paypal.signed(body, webhook_id="WH-THEIRS") if attack == "other web hook" else paypal.signed(body)
    )
    if attack == "no headers":
        headers = {}
    if attack == "changed":
        body = body.replace(b"32.00", b"01.00")
    if attack == "no json":
        body = b"{"
    if attack == "cert elsewhere":
        headers["PayPal-Cert-Url"] = "http://169.254.169.254/latest"
        headers["PayPal-Transmission-Sig"] = "AAAA"
    assert knock("paypal", body, headers) == 400
    assert (office.told(), office.payments()) == ([], [])
    assert len(office.shop.all(Event, Event.kind == "payment.hook_refused")) == 1
    assert not any("certs" in call for call in paypal.calls), "the certificate is never fetched"


def test_paypal_being_down_asks_for_the_web_hook_again(office: Office, paypal: PayPal, knock: Knock) -> None:
    method = office.method("paypal", paypal.url)
    approved(office, paypal, method)
    paypal.down = True
    assert tell(knock, paypal, paypal.events[0]) == 503
    assert office.told() == []
    paypal.down = False
    assert tell(knock, paypal, paypal.events[0]) == 200


def test_an_expired_token_is_fetched_anew(office: Office, paypal: PayPal, knock: Knock) -> None:
    method = office.method("paypal", paypal.url)
    approved(office, paypal, method)
    paypal.tokens.clear()
    assert tell(knock, paypal, paypal.events[0]) == 200
    assert paypal.calls.count("POST /v1/oauth2/token") == 2


def test_an_answer_that_got_lost_leads_to_the_same_order(office: Office, paypal: PayPal) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = office.quote_of_today()
    paypal.lose = 1
    with pytest.raises(Refused, match="try again in a minute"):
        office.page(quote_id, method)
    office.page(quote_id, method)
    assert list(paypal.orders) == [office.links()[0].ref]


def test_a_capture_whose_answer_got_lost_takes_the_money_once(
    office: Office, paypal: PayPal, knock: Knock
) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = approved(office, paypal, method)
    tell(knock, paypal, paypal.events[0])
    paypal.lose = 1
    office.understand_all()
    assert len(paypal.captures) == 1
    assert office.quote(quote_id).state == "paid"
    assert len(office.payments()) == 1
    assert paypal.calls.count(f"POST /v2/checkout/orders/{office.links()[0].ref}/capture") == 2


def test_an_order_approved_for_a_quote_that_is_gone_is_not_captured(
    office: Office, paypal: PayPal, knock: Knock
) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = approved(office, paypal, method)
    office.do(quote_id, quoting.withdraw, clock.now(), by=None, reason="changed")
    assert tell(knock, paypal, paypal.events[0]) == 200
    office.understand_all()
    office.run(linking.sweep)
    assert (paypal.captures, office.payments()) == ({}, [])
    assert office.links()[0].state == "closed"


def test_a_lost_web_hook_is_found_by_the_clock(office: Office, paypal: PayPal) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = approved(office, paypal, method)
    with office.shop.writing():
        db.session.get_one(PaymentLink, office.links()[0].id).looked_at = clock.now() - linking.LOOK_AGAIN
    assert office.run(linking.sweep) == 1
    assert office.quote(quote_id).state == "paid"
    office.sound()


def settled_payment(office: Office, paypal: PayPal, method: int) -> Payment:
    quote_id = approved(office, paypal, method)
    office.run(linking.look, quote_id)
    return office.shop.all(Payment)[0]


def ask_back(office: Office, payment: Payment, minor: int) -> int:
    """An administrator asks for a refund; returns its id."""
    return int(
        office.act(
            refunding.request,
            payment.id,
            minor,
            reason="broken",
            quote_id=payment.quote_id,
            when=clock.now(),
            role="admin",
        )
    )


def test_a_refund_goes_through_paypal_once(office: Office, paypal: PayPal, knock: Knock) -> None:
    method = office.method("paypal", paypal.url)
    payment = settled_payment(office, paypal, method)
    refund_id = ask_back(office, payment, 1200)
    office.run(refunding_job.send, refund_id)
    office.run(refunding_job.send, refund_id)
    assert office.refund(refund_id).state == "done"
    assert [one["amount"]["value"] for one in paypal.refunds()] == ["12.00"]
    for body in paypal.events:
        assert tell(knock, paypal, body) == 200
    office.understand_all()
    assert [one.id for one in office.shop.all(Refund)] == [refund_id]
    office.sound()


def test_a_refund_whose_answer_got_lost_is_found_by_its_key_and_never_repeated(
    office: Office, paypal: PayPal
) -> None:
    method = office.method("paypal", paypal.url)
    payment = settled_payment(office, paypal, method)
    refund_id = ask_back(office, payment, 1200)
    paypal.lose = 1
    office.run(refunding_job.send, refund_id)
    assert office.refund(refund_id).state == "to_be_checked"
    with office.shop.app.app_context():
        refunding_job.look(db.session.get_one(Refund, refund_id))
    assert office.refund(refund_id).state == "done"
    assert len(paypal.refunds()) == 1


def test_a_refund_that_takes_its_time_is_done_when_paypal_says_so(
    office: Office, paypal: PayPal, knock: Knock
) -> None:
    method = office.method("paypal", paypal.url)
    payment = settled_payment(office, paypal, method)
    paypal.refund_state = "PENDING"
    refund_id = ask_back(office, payment, 1200)
    office.run(refunding_job.send, refund_id)
    assert office.refund(refund_id).state == "sent"
    event = json.loads(paypal.events[-1])
    event["resource"]["status"] = "COMPLETED"
    assert tell(knock, paypal, json.dumps(event).encode()) == 200
    office.understand_all()
    assert office.refund(refund_id).state == "done"


def test_a_refund_of_more_than_there_is_is_declined_by_paypal_too(office: Office, paypal: PayPal) -> None:
    method = office.method("paypal", paypal.url)
    payment = settled_payment(office, paypal, method)
    paypal._refund(payment.source_ref, {})
    refund_id = ask_back(office, payment, 1200)
    office.run(refunding_job.send, refund_id)
    refund = office.refund(refund_id)
    assert (refund.state, "REFUND_AMOUNT_EXCEEDED" in (refund.fault or "")) == ("failed", True)


def test_a_dispute_is_recorded_at_its_payment(office: Office, paypal: PayPal, knock: Knock) -> None:
    method = office.method("paypal", paypal.url)
    payment = settled_payment(office, paypal, method)
    paypal.dispute(payment.source_ref)
    assert tell(knock, paypal, paypal.events[-1]) == 200
    office.understand_all()
    assert "OPEN" in office.payment(payment.id).note


def test_amounts_as_paypal_takes_them() -> None:
    assert provider._amount(1200, "JPY") == {"currency_code": "JPY", "value": "1200"}
    assert provider._amount(6390, "EUR") == {"currency_code": "EUR", "value": "63.90"}
    assert provider._amount(50000, "HUF") == {"currency_code": "HUF", "value": "500"}
    with pytest.raises(provider.ProviderFault, match="PayPal cannot take exactly"):
        provider._amount(50001, "HUF")
    assert provider._minor({"currency_code": "JPY", "value": "1200"}) == 1200
