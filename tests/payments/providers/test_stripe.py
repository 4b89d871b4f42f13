"""Customers pay at Stripe: pages, signed events over HTTP, refunds, and what goes wrong on the way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quoting
from checkout_desk.payments import linking, refunding, refunding_job, settling, understanding
from checkout_desk.payments.models import Payment, PaymentLink, ProviderEvent, Refund
from tests.conversations.crossing import at_once
from tests.databases import rows_on_sqlite
from tests.parts.localstripe import LocalStripe, signature
from tests.payments.providers.conftest import Office

Knock = Callable[..., int]


def paid(office: Office, stripe: LocalStripe, method: int) -> int:
    """A quote of today that was paid at Stripe, of which the desk has not heard. Returns its id."""
    quote_id = office.quote_of_today()
    stripe.pay(office.page(quote_id, method).url)
    return quote_id


def bodies(stripe: LocalStripe, *kinds: str) -> list[bytes]:
    return [json.dumps(event).encode() for event in stripe.events(*kinds)]


def tell(knock: Knock, body: bytes) -> int:
    return knock("stripe", body, {"Stripe-Signature": signature(body)})


def test_a_customer_pays_and_the_web_hooks_of_stripe_verify_the_order(
    office: Office, stripe: LocalStripe, served: str
) -> None:
    stripe.tell(f"{served}/hooks/stripe")
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    page = office.page(quote_id, method)
    link = office.links()[0]
    session = stripe.session(link.ref or "")
    quote = office.quote(quote_id)
    assert (session["amount_total"], session["currency"]) == (quote.total_minor, quote.currency.lower())
    assert session["metadata"]["quote"] == str(quote_id)
    assert session["client_reference_id"] == quote.reference
    assert quote.expires_at
    assert session["expires_at"] <= quote.expires_at.timestamp()
    stripe.pay(page.url)
    office.until_told(2)
    office.understand_all()
    assert office.payments() == [("stripe", "allocated", quote.total_minor)]
    assert office.quote(quote_id).state == "paid"
    assert office.links()[0].state == "paid"
    payment = office.shop.all(Payment)[0]
    assert payment.quote_id == quote_id
    assert payment.source_ref.startswith("pi_")
    assert {event.kind for event in office.told()} == {
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    office.sound()


def test_the_same_page_is_given_until_it_ends_and_then_the_next_one(
    office: Office, stripe: LocalStripe
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    first, again = office.page(quote_id, method), office.page(quote_id, method)
    assert first == again
    with clock.pretending(clock.now() + timedelta(hours=23, minutes=58)):
        assert first.expires_at - clock.now() < linking.SOON
    with office.shop.writing():
        db.session.get_one(PaymentLink, office.links()[0].id).expires_at = clock.now()
    assert office.page(quote_id, method).url != first.url
    assert [link.number for link in office.links()] == [1, 2]


def test_two_clicks_at_once_ask_for_one_page(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()

    def click() -> str:
        try:
            return linking.pay_page(quote_id, method, back="http://localhost/").url
        except Refused:  # the provider may refuse a key that is in use; the customer presses again
            return ""

    told = at_once(office.shop.app, click, click, after="SELECT payment_link.")
    assert [link.number for link in office.links()] == [1]
    assert set(told) - {""} == {office.links()[0].url}


def test_an_answer_that_got_lost_leads_to_the_same_session(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    stripe.lose()
    with pytest.raises(Refused, match="try again in a minute"):
        office.page(quote_id, method)
    assert [(link.state, link.ref) for link in office.links()] == [("asked", None)]
    office.page(quote_id, method)
    link = office.links()[0]
    assert (len(office.links()), link.state) == (1, "open")
    assert stripe.session(link.ref or "")["metadata"]["link"] == str(link.id)


def test_every_order_and_repetition_of_events_ends_equal(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    method = office.method("stripe", stripe.url)
    office.more_mugs()
    ends = set()
    for order in itertools.permutations(range(3)):
        stripe.forget()
        quote_id = office.quote_of_today()
        stripe.pay(office.page(quote_id, method).url)
        intent = stripe.events("payment_intent.succeeded")[-1]["data"]["object"]["id"]
        stripe.call("POST", "/v1/refunds", payment_intent=intent, amount="100")
        events = bodies(stripe, "payment_intent.succeeded", "checkout.session.completed", "refund.created")
        for place in order:
            assert [tell(knock, events[place]) for _ in range(3)] == [200, 200, 200]
            office.understand_all()
        office.understand_all()
        payment = next(p for p in office.shop.all(Payment) if p.source_ref == intent)
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
    assert len(ends) == 1
    assert ends == {(3200, 100, "paid", ((100, "done"),))}
    office.sound()


@rows_on_sqlite(
    "attack", ["no header", "other secret", "changed", "old", "ahead", "other mode", "other account"]
)
def test_what_is_not_signed_for_us_is_refused_and_recorded(
    office: Office, stripe: LocalStripe, knock: Knock, attack: str
) -> None:
    method = office.method("stripe", stripe.url, settings={"account": "acct_ours"})
    paid(office, stripe, method)
    event = stripe.events("payment_intent.succeeded")[0]
    if attack == "other mode":
        event["livemode"] = True
    if attack == "other account":
        event["account"] = "acct_theirs"
    body = json.dumps(event).encode()
    signed = {
        "no header": "",
        "other secret": signature(body, secret="whsec_theirs"),
        "old": signature(body, at=clock.now().timestamp() - 301),
        "ahead": signature(body, at=clock.now().timestamp() + 310),
    }.get(attack, signature(body))
    if attack == "changed":
        body = body.replace(b"3200", b"1")
    assert knock("stripe", body, {"Stripe-Signature": signed} if signed else {}) == 400
    assert office.told() == []
    assert office.payments() == []
    refusals = office.shop.all(Event, Event.kind == "payment.hook_refused")
    assert [event.after["provider"] for event in refusals] == ["stripe"]
    assert ["clock" in event.after for event in refusals] == [attack in ("old", "ahead")]


def test_a_large_body_is_refused_and_other_methods_of_the_door_do_not_exist(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    office.method("stripe", stripe.url)
    assert knock("stripe", b"x" * (64 * 1024 + 1), {}) == 413
    assert knock("other", b"{}", {}) == 404
    with office.shop.app.test_client() as browser:
        assert browser.get("/hooks/stripe").status_code == 405


def test_a_lost_web_hook_is_found_by_the_clock(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)
    assert office.run(linking.sweep) == 0, "not asked at every turn of the clock"
    with office.shop.writing():
        db.session.get_one(PaymentLink, office.links()[0].id).looked_at = clock.now() - linking.LOOK_AGAIN
    assert office.run(linking.sweep) == 1
    assert office.quote(quote_id).state == "paid"
    office.sound()


def test_the_customer_who_comes_back_sees_it_paid_before_any_web_hook(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)
    assert office.run(linking.look, quote_id) == 1
    assert office.quote(quote_id).state == "paid"
    for body in bodies(stripe, "payment_intent.succeeded", "checkout.session.completed"):
        assert tell(knock, body) == 200
    office.understand_all()
    assert len(office.payments()) == 1


def test_a_page_is_closed_with_its_quote(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    page = office.page(quote_id, method)
    office.do(quote_id, quoting.withdraw, clock.now(), by=None, reason="changed")
    assert office.run(linking.sweep) == 1
    assert office.links()[0].state == "closed"
    assert stripe.session(office.links()[0].ref or "")["status"] == "expired"
    with pytest.raises(AssertionError, match="no longer open"):
        stripe.pay(page.url)
    with pytest.raises(Refused, match="not open for payment"):
        office.page(quote_id, method)


def test_after_a_part_was_paid_the_page_takes_only_the_rest(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    first = office.page(quote_id, method)
    part = office.pay(1200, office.quote(quote_id).reference, when=clock.now())
    office.act(settling.confirm, part, when=clock.now())
    second = office.page(quote_id, method)
    assert second.url != first.url
    assert office.page(quote_id, method) == second, "nothing was paid since"
    old, new = office.links()
    assert stripe.session(new.ref or "")["amount_total"] == 2000
    assert office.run(linking.sweep) == 1
    assert [link.state for link in office.links()] == ["closed", "open"]
    assert stripe.session(old.ref or "")["status"] == "expired"


def test_money_for_a_quote_that_was_withdrawn_meanwhile_is_a_case_not_a_loss(
    office: Office, stripe: LocalStripe
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = paid(office, stripe, method)
    office.do(quote_id, quoting.withdraw, clock.now(), by=None, reason="changed")
    assert office.run(linking.sweep) == 1
    assert office.payments() == [("stripe", "needs_review", 3200)]
    assert office.quote(quote_id).state == "withdrawn"


def test_payments_of_the_account_s_other_shop_are_left_alone(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    office.method("stripe", stripe.url)
    stripe.call(
        "POST",
        "/v1/payment_intents",
        amount="500",
        currency="gbp",
        payment_method="pm_card_visa",
        confirm="true",
    )
    body = bodies(stripe, "payment_intent.succeeded")[0]
    assert tell(knock, body) == 200
    office.understand_all()
    assert office.payments() == []
    assert all(event.understood_at for event in office.told())


def settled_payment(office: Office, stripe: LocalStripe, method: int) -> Payment:
    quote_id = paid(office, stripe, method)
    office.run(linking.look, quote_id)
    return office.shop.all(Payment)[0]


def ask_back(office: Office, payment: Payment, minor: int) -> int:
    """A manager asks for a refund; returns its id."""
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


def test_a_refund_goes_through_stripe_once(office: Office, stripe: LocalStripe, knock: Knock) -> None:
    method = office.method("stripe", stripe.url)
    payment = settled_payment(office, stripe, method)
    refund_id = ask_back(office, payment, 1200)
    office.run(refunding_job.send, refund_id)
    office.run(refunding_job.send, refund_id)
    refund = office.refund(refund_id)
    assert refund.state == "done"
    assert [(one["id"], one["amount"]) for one in stripe.refunds(payment.source_ref)] == [
        (refund.provider_ref, 1200)
    ]
    for body in bodies(stripe, "charge.refunded", "refund.created"):
        assert tell(knock, body) == 200
    office.understand_all()
    assert [one.id for one in office.shop.all(Refund)] == [refund_id]
    office.sound()


def test_a_refund_whose_answer_got_lost_is_found_by_its_key_and_never_repeated(
    office: Office, stripe: LocalStripe
) -> None:
    method = office.method("stripe", stripe.url)
    payment = settled_payment(office, stripe, method)
    refund_id = ask_back(office, payment, 1200)
    stripe.lose()
    office.run(refunding_job.send, refund_id)
    assert office.refund(refund_id).state == "to_be_checked"
    assert len(stripe.refunds(payment.source_ref)) == 1
    with office.shop.app.app_context():
        refunding_job.look(db.session.get_one(Refund, refund_id))
    assert office.refund(refund_id).state == "done"
    assert len(stripe.refunds(payment.source_ref)) == 1


def test_a_provider_that_cannot_be_reached_was_surely_not_asked(office: Office, stripe: LocalStripe) -> None:
    method = office.method("stripe", stripe.url)
    payment = settled_payment(office, stripe, method)
    refund_id = ask_back(office, payment, 1200)
    from checkout_desk.settings.models import PaymentMethod

    with office.shop.writing():
        row = db.session.get_one(PaymentMethod, method)
        row.settings = {**row.settings, "api_base": "http://127.0.0.1:9"}
    office.run(refunding_job.send, refund_id)
    assert office.refund(refund_id).state == "failed"
    assert "cannot be reached" in (office.refund(refund_id).fault or "")


def test_a_dispute_is_recorded_at_its_payment(office: Office, stripe: LocalStripe, knock: Knock) -> None:
    method = office.method("stripe", stripe.url)
    payment = settled_payment(office, stripe, method)
    event = stripe.events("payment_intent.succeeded")[0] | {
        "id": "evt_dispute",
        "type": "charge.dispute.created",
    }
    event["data"] = {
        "object": {
            "id": "dp_1",
            "object": "dispute",
            "payment_intent": payment.source_ref,
            "amount": 3200,
            "currency": "gbp",
            "status": "needs_response",
            "reason": "fraudulent",
        }
    }
    assert tell(knock, json.dumps(event).encode()) == 200
    office.understand_all()
    assert "needs_response" in office.payment(payment.id).note
    assert len(office.shop.all(Event, Event.kind == "payment.disputed")) == 1


def test_an_event_that_nobody_understands_is_kept_with_its_fault(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    method = office.method("stripe", stripe.url)
    paid(office, stripe, method)
    event = stripe.events("payment_intent.succeeded")[0]
    del event["data"]["object"]["amount"]
    assert tell(knock, json.dumps(event).encode()) == 200
    kept = office.told()[0]
    office.run(understanding.understand, kept.id)
    kept = office.told()[0]
    assert (kept.attempts, kept.understood_at) == (1, None)
    assert "cannot be understood (KeyError)" in (kept.fault or "")


def test_the_sweep_rings_for_what_was_kept_and_not_understood(
    office: Office, stripe: LocalStripe, knock: Knock
) -> None:
    method = office.method("stripe", stripe.url)
    paid(office, stripe, method)
    tell(knock, bodies(stripe, "payment_intent.succeeded")[0])
    rung: list[tuple[str, int]] = []
    with office.shop.app.app_context():
        assert understanding.sweep(lambda *words: rung.append(words)) == 0
        begin_write()
        db.session.query(ProviderEvent).update({"received_at": clock.now() - understanding.PATIENCE})
        db.session.commit()
        assert understanding.sweep(lambda *words: rung.append(words)) == 1
    assert rung == [("understand_event", office.told()[0].id)]


def test_amounts_of_currencies_whose_decimals_differ_at_stripe() -> None:
    from checkout_desk.payments.providers import stripe as provider
    from checkout_desk.payments.providers.model import ProviderFault

    assert provider._to_stripe(1200, "JPY") == 1200
    assert provider._to_stripe(1250, "KWD") == 1250
    assert provider._from_stripe(1250, "kwd") == 1250
    assert provider._to_stripe(500, "ISK") == 50000
    assert provider._from_stripe(50000, "isk") == 500
    with pytest.raises(ProviderFault, match=r"exactly 1\.255 KWD"):
        provider._to_stripe(1255, "KWD")
