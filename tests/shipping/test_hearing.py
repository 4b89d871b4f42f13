"""Carriers tell by their hook and are asked by the clock: signed, kept before it is understood, and taken once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.secrets import encrypt
from checkout_desk.shipping import hearing, polling
from checkout_desk.shipping.models import Carrier, CarrierEvent, Shipment
from tests.parts.easypost import KEY, WEBHOOK_SECRET, EasyPost
from tests.shipping.road import Road, after


@pytest.fixture(scope="module")
def _server() -> Iterator[EasyPost]:
    with EasyPost() as server:
        yield server


@pytest.fixture
def server(_server: EasyPost) -> EasyPost:
    _server.forget()
    return _server


@pytest.fixture
def bought(road: Road, server: EasyPost) -> int:
    """The carrier whose machine speaks."""
    road.shop.app.config["DESK_PRIVATE_MAIL_HOSTS"] = True
    with road.shop.writing():
        carrier = Carrier(
            name="EasyPost", adapter="easypost", pattern="usps", settings={"api_base": f"{server.url}/v2"},
            secret=encrypt(json.dumps({"api_key": KEY, "webhook_secret": WEBHOOK_SECRET})),
        )  # fmt: skip
        db.session.add(carrier)
        db.session.flush()
        return carrier.id


def sent(road: Road, carrier: int, number: str) -> tuple[int, int]:
    order, parcel_id = road.sent()
    with road.shop.writing():
        parcel = db.session.get_one(Shipment, parcel_id)
        parcel.carrier_id, parcel.tracking_number, parcel.tracking_key = carrier, number, number
    return order, parcel_id


def scan(hours: float, status: str, city: str = "Leeds", **more: Any) -> dict[str, Any]:
    at = after(hours).isoformat().replace("+00:00", "Z")
    return {
        "datetime": at,
        "status": status,
        "message": f"{status} there",
        "tracking_location": {"city": city},
        **more,
    }


def tell(road: Road, carrier: int, body: bytes, *, secret: str = WEBHOOK_SECRET, hours: float = 50) -> Any:
    with clock.pretending(after(hours)):
        return road.shop.app.test_client().post(
            f"/hooks/carriers/{carrier}", data=body, headers=EasyPost.signed(body, secret)
        )


def understood(road: Road, hours: float = 50) -> list[CarrierEvent]:
    """Every kept event, after somebody tried to understand it."""
    with clock.pretending(after(hours)), road.shop.reading():
        for event in road.shop.all(CarrierEvent):
            hearing.understand(event.id)
    return road.shop.all(CarrierEvent)


def test_an_event_is_kept_first_and_understood_later(road: Road, bought: int, server: EasyPost) -> None:
    order, parcel_id = sent(road, bought, "9400111202555842340015")
    body = server.scanned("9400111202555842340015", scan(20, "in_transit"), scan(40, "delivered", "Porch"))
    answer = tell(road, bought, body)
    assert (answer.status_code, answer.json) == (200, {"outcome": "stored"})
    assert road.parcel(parcel_id).state == "handed_over", "kept, not understood"
    again = tell(road, bought, body)
    assert again.json == {"outcome": "known"}
    assert [e.understood_at is not None for e in understood(road)] == [True]
    parcel = road.parcel(parcel_id)
    assert (parcel.state, parcel.delivered_at) == ("delivered", after(40))
    assert [e.source for e in road.events(parcel_id)] == ["webhook"] * 2
    understood(road)
    assert len(road.milestones(order, "delivered")) == 1


def test_what_is_not_signed_is_refused_and_nothing_of_it_is_kept(
    road: Road, bought: int, server: EasyPost
) -> None:
    body = server.scanned("9400111202555842340015", scan(20, "in_transit"))
    manual = road.shop.all(Carrier, Carrier.adapter == "manual")[0].id
    for carrier, secret, status in (
        (bought, "other", 400),
        (manual, WEBHOOK_SECRET, 400),
        (999, WEBHOOK_SECRET, 404),
    ):
        assert tell(road, carrier, body, secret=secret).status_code == status
    assert tell(road, bought, b"{}").status_code == 400, "signed, but no event"
    assert tell(road, bought, b"x" * 300_000).status_code == 413
    assert not road.shop.all(CarrierEvent)
    refused = road.shop.all(Event, Event.kind == "carrier.hook_refused")
    assert len(refused) == 5 and all("9400" not in json.dumps(e.after) for e in refused)


def test_a_number_that_is_entered_later_is_understood_then(road: Road, bought: int, server: EasyPost) -> None:
    tell(road, bought, server.scanned("9400111202555842340022", scan(20, "in_transit")))
    event = understood(road)[0]
    assert (event.understood_at, event.attempts, event.fault) == (None, 1, "No parcel has this number yet.")
    _, parcel_id = sent(road, bought, "9400111202555842340022")
    rung: list[int] = []
    with clock.pretending(after(50)), road.shop.reading():
        assert hearing.sweep(lambda _name, event_id: rung.append(event_id)) == 0, "not at once"
    with clock.pretending(after(51)), road.shop.reading():
        assert hearing.sweep(lambda _name, event_id: rung.append(event_id)) == 1
        hearing.understand(rung[0])
    assert road.parcel(parcel_id).state == "in_transit"


def test_carriers_are_asked_about_parcels_on_their_way(road: Road, bought: int, server: EasyPost) -> None:
    _, parcel_id = sent(road, bought, "9400111202555842340039")
    _, by_hand = road.sent()
    server.scanned("9400111202555842340039", scan(5, "in_transit", "York"))

    def sweep(hours: float) -> int:
        with clock.pretending(after(hours)), road.shop.reading():
            return polling.sweep()

    assert sweep(6) == 1
    parcel = road.parcel(parcel_id)
    assert (parcel.state, parcel.last_scan_at, parcel.poll_at) == ("in_transit", after(5), after(8))
    assert sweep(7) == 0, "asked a moment ago"
    assert road.parcel(by_hand).poll_at is None
    server.down = True
    assert sweep(9) == 1
    assert road.parcel(parcel_id).poll_at == after(11), "who does not answer is asked again"
    server.down = False
    server.scanned("9400111202555842340039", scan(30, "delivered"))
    assert sweep(31) == 1
    assert (road.parcel(parcel_id).state, road.parcel(parcel_id).poll_at) == ("delivered", None)
    assert sweep(60) == 0
    assert len(road.events(parcel_id)) == 2


def test_an_asker_that_died_is_followed_by_another(road: Road, bought: int) -> None:
    _, parcel_id = sent(road, bought, "9400111202555842340046")
    with clock.pretending(after(1)), road.shop.reading():
        assert [one.parcel_id for one in polling._claim()] == [parcel_id]
        assert polling._claim() == []
    with clock.pretending(after(1) + polling.LEASE + timedelta(seconds=1)), road.shop.reading():
        assert [one.parcel_id for one in polling._claim()] == [parcel_id]


def test_what_goes_back_is_not_delivered_to_the_customer(road: Road, bought: int, server: EasyPost) -> None:
    order, parcel_id = sent(road, bought, "9400111202555842340053")
    body = server.scanned(
        "9400111202555842340053",
        scan(20, "in_transit"),
        scan(40, "return_to_sender"),
        scan(90, "delivered", "Bristol"),
    )
    tell(road, bought, body, hours=91)
    understood(road, 91)
    assert road.parcel(parcel_id).state == "returned_to_sender"
    assert not road.milestones(order, "delivered")
