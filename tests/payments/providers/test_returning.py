"""Customers come back from a provider's page: the desk asks at once, within bounds, and no answer breaks it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from checkout_desk import clock
from checkout_desk.doorstep import links
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import linking, understanding
from checkout_desk.payments.models import PaymentLink
from checkout_desk.payments.providers import stripe as provider
from checkout_desk.payments.providers.model import Access, Said
from tests.page import Browser
from tests.parts.localstripe import LocalStripe
from tests.payments.providers.conftest import Office
from tests.payments.providers.test_stripe import paid


def test_who_comes_back_sees_it_paid_and_cannot_make_the_desk_ask_on_and_on(
    office: Office, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    office.page(quote_id, method)
    with office.shop.writing():
        quote = db.session.get_one(Quote, quote_id)
        email = db.session.get_one(Order, quote.order_id).email
        token = links.issue(quote.order_id, email=email, purpose="quote", quote_id=quote_id)[1]
        db.session.get_one(PaymentLink, office.links()[0].id).looked_at = clock.now() - linking.AFTER_RETURN
    asked: list[str] = []
    look = provider.look

    def note(access: Access, ref: str) -> Sequence[Said]:
        asked.append(ref)
        return look(access, ref)

    monkeypatch.setattr(provider, "look", note)
    browser = Browser(office.shop.app, office.shop.app.test_client())
    browser.open(f"/o/{token}")
    assert asked == [], "only who comes back is asked for"
    waiting = [browser.open("/order?paid=1") for _ in range(5)]
    assert all("As soon as the payment is confirmed" in page for page in waiting)
    assert asked == [office.links()[0].ref]
    stripe.pay(office.links()[0].url or "")
    with office.shop.writing():
        db.session.get_one(PaymentLink, office.links()[0].id).looked_at = clock.now() - linking.AFTER_RETURN
    page = browser.open("/order?paid=1")
    assert "your order is paid" in page
    assert len(asked) == 2
    assert office.quote(quote_id).state == "paid"


def test_what_cannot_be_applied_is_kept_as_a_fault_and_asked_again(
    office: Office, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)

    def early(*_: object, **__: object) -> bool:
        raise understanding.NotYet("The payment that this refund belongs to is not known.")

    with monkeypatch.context() as patch:
        patch.setattr(linking, "apply", early)
        assert office.run(linking.look, quote_id) == 1
    assert "is not known" in (office.links()[0].fault or "")
    assert office.payments() == []
    assert office.run(linking.look, quote_id) == 1
    assert (office.quote(quote_id).state, office.links()[0].fault) == ("paid", None)
