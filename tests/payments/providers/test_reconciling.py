"""Web hooks that never came: the provider's own list of events brings them, by the same way, once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.payments import hook, linking, reconciling
from checkout_desk.payments.models import Payment, ProviderListing, Refund
from checkout_desk.payments.providers import paypal_api
from checkout_desk.payments.providers import stripe as stripe_provider
from tests.parts.localstripe import LocalStripe
from tests.parts.paypal import PayPal
from tests.payments.providers.conftest import Office
from tests.payments.providers.test_stripe import bodies, paid, tell

SLACK = timedelta(seconds=30)
"""pretended time passes, the providers' own clocks do not wait"""


def listings(office: Office) -> list[datetime]:
    """How far the lists were read."""
    with office.shop.reading():
        return list(db.session.scalars(select(ProviderListing.listed_until)))


def swept(office: Office) -> int:
    """The clock reads the lists, a little later."""
    with clock.pretending(clock.now() + SLACK):
        return int(office.run(reconciling.sweep))


def test_what_stripe_could_not_tell_is_found_in_its_list(
    office: Office, stripe: LocalStripe, knock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)
    assert office.told() == []
    assert swept(office) == 2
    assert {event.kind for event in office.told()} == {
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    assert all(event.method_id == method for event in office.told())
    office.understand_all()
    assert office.quote(quote_id).state == "paid"
    with monkeypatch.context() as patch:
        patch.setattr(hook, "keep", lambda *_: pytest.fail("what is here is not written again"))
        assert swept(office) == 0
    for body in bodies(stripe, "payment_intent.succeeded"):
        assert tell(knock, body) == 200
    assert len(office.told()) == 2, "the web hook came after all"
    assert office.payments() == [("stripe", "allocated", 3200)]
    office.sound()


def test_a_refund_made_at_stripe_itself_is_learned_from_the_list(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)
    office.run(linking.look, quote_id)
    payment = office.shop.all(Payment)[0]
    stripe.call("POST", "/v1/refunds", payment_intent=payment.source_ref, amount="500")
    swept(office)
    office.understand_all()
    assert [(one.amount_minor, one.state) for one in office.shop.all(Refund)] == [(500, "done")]
    office.sound()


def test_events_of_other_sales_of_the_account_are_not_kept(office: Office, stripe: LocalStripe) -> None:
    office.method("stripe", stripe.url)
    sale = {"amount": "500", "currency": "gbp", "payment_method": "pm_card_visa", "confirm": "true"}
    stripe.call("POST", "/v1/payment_intents", **sale)
    assert swept(office) == 0
    assert office.told() == []


def test_what_paypal_could_not_tell_is_found_in_its_list_page_by_page(office: Office, paypal: PayPal) -> None:
    method = office.method("paypal", paypal.url)
    quote_id = office.quote_of_today()
    office.page(quote_id, method)
    paypal.approve(office.links()[0].ref or "")
    paypal._capture(office.links()[0].ref or "")
    capture = next(iter(paypal.captures))
    paypal._refund(capture, {"amount": {"currency_code": "GBP", "value": "1.00"}})
    paypal.dispute(capture)
    paypal.longest_page = 1
    assert swept(office) == 4
    office.understand_all()
    assert office.quote(quote_id).state == "paid"
    assert [(one.amount_minor, one.state) for one in office.shop.all(Refund)] == [(100, "done")]
    assert "OPEN" in office.shop.all(Payment)[0].note
    assert swept(office) == 0
    office.sound()


def test_an_event_that_cannot_be_read_is_kept_with_its_fault_and_holds_up_no_other(
    office: Office, paypal: PayPal
) -> None:
    method = office.method("paypal", paypal.url)
    office.page(office.quote_of_today(), method)
    paypal.approve(office.links()[0].ref or "")
    strange = json.loads(paypal.events[0]) | {"id": "WH-STRANGE", "resource": None}
    paypal.events.append(json.dumps(strange).encode())
    assert swept(office) == 2
    assert len(listings(office)) == 1
    office.understand_all()
    faults = {event.event_id: event.fault for event in office.told()}
    assert "cannot be understood" in (faults["WH-STRANGE"] or "")
    assert office.payments() == [("paypal", "allocated", 3200)]


def test_a_provider_that_does_not_answer_is_asked_for_the_same_stretch_again(
    office: Office, paypal: PayPal
) -> None:
    method = office.method("paypal", paypal.url)
    office.page(office.quote_of_today(), method)
    paypal.approve(office.links()[0].ref or "")
    paypal.down = True
    assert swept(office) == 0
    assert listings(office) == []
    paypal.down = False
    paypal_api._tokens.clear()
    assert swept(office) == 1


def test_a_long_outage_is_caught_up_with_day_by_day(
    office: Office, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = office.method("stripe", stripe.url)
    ago = clock.now() - timedelta(days=5)
    with office.shop.writing():
        db.session.add(ProviderListing(method_id=method, listed_until=ago))
    asked: list[timedelta] = []

    def note(_access: object, since: Any, until: Any) -> list[Any]:
        asked.append(until - since)
        return []

    monkeypatch.setattr(stripe_provider, "happened", note)
    swept(office)
    assert len(asked) == 6
    assert max(asked) <= reconciling.STRETCH + reconciling.OVERLAP
    assert listings(office)[0] > ago + timedelta(days=5)


def test_methods_of_the_demo_are_left_alone(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    paid(office, stripe, method)
    with office.shop.writing():
        from checkout_desk.settings.models import PaymentMethod

        row = db.session.get_one(PaymentMethod, method)
        row.settings = {**row.settings, "demo": True}
    assert swept(office) == 0
    assert listings(office) == []
