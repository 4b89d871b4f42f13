"""The adapter of EasyPost through its SDK, against a server that behaves as its public API description says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from checkout_desk.shipping.adapters import (
    Access,
    Declined,
    Errand,
    Forged,
    RateGone,
    Unreachable,
    easypost,
    manual,
)
from checkout_desk.shipping.adapters.easypost_words import tenths
from tests.parts.easypost import KEY, PDF, WEBHOOK_SECRET, EasyPost

ERRAND = Errand(
    "desk-1", {"name": "Fern & Kiln", "country": "GB"},
    {"name": "Ada Fox", "line1": "1 Quay", "city": "Newcastle", "postcode": "NE1 1AA", "country": "GB"}, 500,
    (300, 200, 100), "USD",
)  # fmt: skip


@pytest.fixture(scope="module")
def _server() -> Iterator[EasyPost]:
    with EasyPost() as server:
        yield server


@pytest.fixture
def server(_server: EasyPost) -> EasyPost:
    _server.forget()
    return _server


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """What says which hosts may be talked to."""
    app = Flask("adapter")
    app.config.update(DESK_SANDBOX=False, DESK_PRIVATE_MAIL_HOSTS=True)
    with app.app_context():
        yield app


@pytest.fixture
def access(server: EasyPost, app: Flask) -> Access:
    settings = {
        "api_base": f"{server.url}/v2",
        "from_street": "14 Row",
        "from_city": "Bristol",
        "from_zip": "BS1",
    }
    return Access("easypost", {"api_key": KEY, "webhook_secret": WEBHOOK_SECRET}, settings)


def test_rates_come_cheapest_first_and_sell_nothing(access: Access, server: EasyPost) -> None:
    rates = easypost.rates(access, ERRAND)
    assert [(r.service, r.price_minor, r.currency, r.days) for r in rates] == [
        ("GroundAdvantage", 512, "USD", 3),
        ("Ground", 790, "USD", 4),
        ("Priority", 845, "USD", 2),
    ]
    (shipment,) = server.shipments.values()
    assert shipment["reference"] is None
    assert shipment["parcel"] == {"weight": 17.6, "length": 11.8, "width": 7.9, "height": 3.9}
    assert shipment["from_address"]["street1"] == "14 Row"
    assert server.charged == []


def test_a_label_is_bought_under_our_reference_and_found_by_it(access: Access, server: EasyPost) -> None:
    rate = easypost.rates(access, ERRAND)[0]
    bought = easypost.buy(access, ERRAND, rate)
    assert (bought.price_minor, bought.carrier, bought.pdf) == (512, "USPS", PDF)
    assert bought.void_until is not None
    assert timedelta(days=29) < bought.void_until - datetime.now(UTC) <= timedelta(days=30)
    assert easypost.find(access, "desk-1") == bought
    assert easypost.find(access, "desk-2") is None
    assert easypost.find(access, "../users") is None, "only our own references make an address"
    assert len(server.charged) == 1


def test_another_price_is_shown_and_not_bought(access: Access, server: EasyPost) -> None:
    rate = easypost.rates(access, ERRAND)[0]
    server.prices["USPS", "GroundAdvantage"] = "5.99"
    with pytest.raises(RateGone) as gone:
        easypost.buy(access, ERRAND, rate)
    assert [r.price_minor for r in gone.value.rates] == [599, 790, 845]
    assert server.charged == []


def test_a_lost_answer_to_the_purchase_may_have_been_a_sale(access: Access, server: EasyPost) -> None:
    rate = easypost.rates(access, ERRAND)[0]
    server.lose = "/buy"
    with pytest.raises(Unreachable) as fault:
        easypost.buy(access, ERRAND, rate)
    assert fault.value.asked
    assert len(server.charged) == 1, "the SDK did not ask again by itself"
    found = easypost.find(access, "desk-1")
    assert found is not None and found.price_minor == 512


def test_a_lost_answer_before_the_purchase_sold_nothing(access: Access, server: EasyPost) -> None:
    rate = easypost.rates(access, ERRAND)[0]
    server.lose = "/shipments"
    with pytest.raises(Unreachable) as fault:
        easypost.buy(access, ERRAND, rate)
    assert not fault.value.asked
    assert server.charged == []
    assert easypost.find(access, "desk-1") is None


def test_postage_that_exists_is_the_label_that_was_sold(access: Access, server: EasyPost) -> None:
    rate = easypost.rates(access, ERRAND)[0]
    first = easypost.buy(access, ERRAND, rate)
    status, answer = server._buy(first.ref, {})
    assert (status, answer["error"]["code"]) == (422, "SHIPMENT.POSTAGE.EXISTS")
    assert server.charged == [first.ref]


def test_a_label_whose_picture_is_not_there_yet_is_bought_all_the_same(
    access: Access, server: EasyPost
) -> None:
    server.labels_broken = True
    bought = easypost.buy(access, ERRAND, easypost.rates(access, ERRAND)[0])
    assert bought.pdf is None
    server.labels_broken = False
    assert easypost.label(access, bought.ref) == PDF


def test_what_the_carrier_says_reaches_the_person(access: Access, server: EasyPost) -> None:
    server.no_rates = "Package exceeds maximum weight."
    with pytest.raises(Declined, match=r"Package exceeds maximum weight\."):
        easypost.rates(access, ERRAND)
    with pytest.raises(Declined, match="EasyPost says: Missing required parameter: street1"):
        easypost.rates(access, replace(ERRAND, recipient={"name": "Ada"}))


def test_a_wrong_key_and_a_service_that_is_away(access: Access, server: EasyPost) -> None:
    with pytest.raises(Declined, match="does not accept the API key") as declined:
        easypost.rates(replace(access, keys={"api_key": "EZTKwrong"}), ERRAND)
    assert "EZTKwrong" not in str(declined.value)
    assert KEY not in repr(access)
    server.down = True
    with pytest.raises(Unreachable):
        easypost.rates(access, ERRAND)


def test_nobody_points_the_desk_elsewhere(access: Access, app: Flask) -> None:
    outside = replace(access, settings={**access.settings, "api_base": "http://192.0.2.1/v2"})
    with pytest.raises(Unreachable, match="does not begin with https"):
        easypost.rates(outside, ERRAND)
    app.config["DESK_PRIVATE_MAIL_HOSTS"] = False
    try:
        with pytest.raises(Unreachable, match="private network"):
            easypost.rates(access, ERRAND)
    finally:
        app.config["DESK_PRIVATE_MAIL_HOSTS"] = True


def test_a_label_given_back_is_a_claim_with_a_state(access: Access, server: EasyPost) -> None:
    bought = easypost.buy(access, ERRAND, easypost.rates(access, ERRAND)[0])
    assert easypost.void(access, bought.ref) == "refund_asked"
    assert easypost.claim(access, bought.ref) == "refund_asked"
    server.settle(bought.ref, "rejected")
    assert easypost.claim(access, bought.ref) == "refund_refused"
    assert easypost.void(access, bought.ref) == "refund_asked", "a rejected claim may be made again"
    body = server.settle(bought.ref, "refunded")
    assert easypost.claim(access, bought.ref) == "refunded"
    assert easypost.news(access, body, server.signed(body)).refund == (bought.ref, "refunded")


def test_a_web_hook_tells_of_the_way_and_is_signed(access: Access, server: EasyPost) -> None:
    body = server.scanned(
        "9400111202555842340015",
        {"datetime": "2026-11-03T10:00:00Z", "message": "Accepted", "status": "in_transit",
         "tracking_location": {"city": "BRISTOL", "country": "GB"}},
        {"datetime": "2026-11-04T09:30:00Z", "message": "Nobody home", "status": "failure",
         "status_detail": "delivery_attempted", "tracking_location": None},
        {"datetime": None, "message": "no time", "status": "in_transit"},
        {"datetime": "2026-11-05T09:30:00Z", "message": "Going back", "status": "return_to_sender"},
    )  # fmt: skip
    news = easypost.news(access, body, server.signed(body))
    assert news.number == "9400111202555842340015"
    assert [(t.status, t.words, t.place, t.returning) for t in news.told] == [
        ("in_transit", "Accepted", "BRISTOL, GB", False),
        ("failed_attempt", "Nobody home", "", False),
        ("in_transit", "Going back", "", True),
    ]
    assert news.told[0].at == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert easypost.track(access, news.number, "USPS") == list(news.told), "polling says the same"
    for headers in (
        {},
        {"X-Hmac-Signature": "hmac-sha256-hex=é"},
        server.signed(body, "another"),
        server.signed(body + b" "),
    ):
        with pytest.raises(Forged):
            easypost.news(access, body, headers)
    with pytest.raises(Forged):
        easypost.news(replace(access, keys={"api_key": KEY}), body, server.signed(body, ""))


def test_a_driver_is_asked_for_and_a_form_made(access: Access, server: EasyPost) -> None:
    refs = [
        easypost.buy(access, replace(ERRAND, reference=f"d-{i}"), easypost.rates(access, ERRAND)[0]).ref
        for i in range(2)
    ]
    when = {"on": date(2026, 11, 4), "begins": "14:00", "ends": "17:00", "zone": "Europe/London"}
    confirmation = easypost.pickup(access, refs, note="Ring", **when)  # type: ignore[arg-type]
    assert confirmation.startswith("WTC")
    (asked,) = server.pickups.values()
    assert (asked["min_datetime"], asked["instructions"], asked["service"]) == (
        "2026-11-04T14:00:00+00:00", "Ring", "NextDay",
    )  # fmt: skip
    with pytest.raises(Declined, match="choose another window"):
        easypost.pickup(access, refs, note="nobody comes", **when)  # type: ignore[arg-type]
    with pytest.raises(Declined, match="ring the carrier up"):
        easypost.pickup(access, [], note="", **when)  # type: ignore[arg-type]
    ref, pdf = easypost.manifest(access, refs)
    assert ref.startswith("sf_") and pdf == PDF
    with pytest.raises(Declined, match="is on another form"):
        easypost.manifest(access, refs)
    assert easypost.manifest(access, []) == ("", None)


def test_a_feather_still_weighs_something() -> None:
    from decimal import Decimal

    assert tenths(Decimal("0.01")) == 0.1


def test_by_hand_there_is_nobody_to_ask() -> None:
    nobody = Access("manual")
    assert not manual.buys
    assert manual.rates(nobody, ERRAND) == [] and manual.find(nobody, "x") is None
    assert manual.track(nobody, "1", "") == [] and manual.label(nobody, "1") is None
    with pytest.raises(Declined):
        manual.void(nobody, "x")
    with pytest.raises(Forged):
        manual.news(nobody, b"{}", {})
