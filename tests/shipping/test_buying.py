"""Buying a label once, whoever dies or keeps silent in between (SECURITY section 4, label purchase)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from checkout_desk import clock, faults
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import acting
from checkout_desk.shipping import (
    adapters,
    buying,
    carriers,
    handing_over,
    labelling,
    manifests,
    numbering,
    parcels,
)
from checkout_desk.shipping.adapters import Rate, RateGone
from checkout_desk.shipping.models import Carrier, Label, Manifest, Shipment
from tests.parts.easypost import KEY, NUMBERS, PDF, EasyPost
from tests.shipping.dock import TUESDAY, Dock
from tests.shipping.test_combining import joined, two

RATE = Rate("USPS", "GroundAdvantage", 512, "USD", 3)
LATER = TUESDAY + timedelta(minutes=2)
MUCH_LATER = TUESDAY + timedelta(minutes=11)


@pytest.fixture(scope="module")
def _server() -> Iterator[EasyPost]:
    with EasyPost() as server:
        yield server


@pytest.fixture
def server(_server: EasyPost) -> EasyPost:
    _server.forget()
    return _server


@pytest.fixture
def parcel_id(dock: Dock, server: EasyPost) -> int:
    """A packed parcel of a carrier that sells labels."""
    dock.shop.app.config["DESK_PRIVATE_MAIL_HOSTS"] = True
    settings = {
        "api_base": f"{server.url}/v2", "mode": "sandbox", "from_street": "14 Row", "from_city": "Bristol", "from_zip": "BS1",
    }  # fmt: skip
    with dock.shop.writing():
        row = db.session.query(Carrier).one()
        values: dict[str, Any] = {
            "name": row.name,
            "adapter": "easypost",
            "handover": "manifest",
            "pattern": "",
        }
        carriers.save(row, values, settings=settings, secrets_typed={"api_key": KEY, "webhook_secret": "s"})
        row.settings = {**row.settings, "api_base": f"{server.url}/v2"}
    return dock.packed(dock.paid())


def begin(dock: Dock, parcel_id: int, rate: Rate = RATE) -> tuple[int, bool]:
    label_id, new = dock.step(parcel_id, lambda parcel, by: _ids(buying.begin(parcel, rate, by=by)))
    return label_id, new


def _ids(found: tuple[Label, bool]) -> tuple[int, bool]:
    return found[0].id, found[1]


def run(dock: Dock, job: Any, *args: Any, when: datetime = TUESDAY) -> Any:
    """A job or view that commits for itself."""
    with dock.shop.app.app_context(), clock.pretending(when), acting_as("desk", "test"):
        try:
            return job(*args)
        finally:
            db.session.remove()


def label(dock: Dock, label_id: int) -> Label:
    return dock.shop.all(Label, Label.id == label_id)[0]


def test_rates_then_one_label_with_its_number(dock: Dock, parcel_id: int, server: EasyPost) -> None:
    rates = run(dock, buying.rates, parcel_id)
    assert rates[0].key == RATE.key
    label_id, new = begin(dock, parcel_id)
    assert new and label(dock, label_id).state == "buying"
    assert server.charged == [], "the row is there before the carrier hears anything"
    run(dock, buying.carry_out, label_id)
    row, parcel = label(dock, label_id), dock.parcel(parcel_id)
    assert (row.state, row.ref, row.price_minor, row.currency) == ("made", server.charged[0], 512, "USD")
    assert row.void_until is not None
    with dock.shop.reading():
        assert blobs().get(row.pdf_sha256 or "") == PDF
    assert (parcel.state, parcel.tracking_number, parcel.tracking_by) == ("labelled", NUMBERS[0], "usps")
    dock.step(parcel_id, handing_over.hand_over)
    assert dock.parcel(parcel_id).state == "handed_over"
    dock.sound()


def test_the_number_that_came_with_the_label_is_scanned_to_hand_it_over(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    """The carrier is Royal Mail by name, the label is one of USPS, and its bar code bears the way before the number."""
    with dock.shop.writing():
        row = db.session.query(Carrier).one()
        row.handover, row.pattern = "number", "royal_mail"
    label_id, _ = begin(dock, parcel_id)
    run(dock, buying.carry_out, label_id)
    given = dock.step(
        parcel_id, lambda parcel, by: numbering.give(parcel, f"42022153{NUMBERS[0]}", by=by, how="scan")
    )
    assert (given.kind, given.handed_over) == ("given", True)
    assert (dock.parcel(parcel_id).state, dock.parcel(parcel_id).tracking_number) == (
        "handed_over",
        NUMBERS[0],
    )


def test_a_box_of_two_orders_has_one_label_and_leaves_by_the_drivers_list(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    """`parcel_id` makes the carrier one that sells; its parcel stays behind on the list."""
    first, second = two(dock)
    lead, rider = joined(dock, first, second)
    with dock.shop.reading():
        weighs = [db.session.get_one(Shipment, one).expected_grams or 0 for one in (lead, rider)]
    with pytest.raises(Refused, match=f"travels in parcel {first}-P1"):
        begin(dock, rider)
    label_id, _ = begin(dock, lead)
    assert begin(dock, lead) == (label_id, False)
    run(dock, buying.carry_out, label_id)
    assert [one["parcel"]["weight"] for one in server.shipments.values()] == [
        round(sum(weighs) / 28.349523125, 1)
    ]
    with dock.dock(first) as (_, by):
        list_id, by_id = manifests.gather(db.session.query(Carrier).one(), by=by).id, by.id
    with dock.shop.reading():
        listed = manifests.entries(db.session.get_one(Manifest, list_id))
        assert [(one.parcel.id, one.grams) for one in listed] == [(lead, sum(weighs))], "a box is one parcel"
        assert manifests.sizes([list_id]) == {list_id: (1, 1)}
    assert run(dock, lambda: manifests.hand_over_all(list_id, by_id=by_id)) == []
    assert [dock.stage.seen(one).state for one in (first, second)] == ["shipped", "shipped"]
    gone = [dock.parcel(one) for one in (lead, rider)]
    assert len({one.tracking_number for one in gone}) == 1 and gone[0].tracking_number
    assert [name for name, _ in dock.mails(second)].count("shipped") == 1
    assert [one.state for one in dock.shop.all(Manifest)] == ["closed"]
    assert len(dock.shop.all(Label)) == 1 and dock.parcel(parcel_id).manifest_id is None
    dock.sound()


def test_cancelling_who_rides_gives_the_bought_label_of_the_box_back(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    first, second = two(dock)
    lead, rider = joined(dock, first, second)
    label_id, _ = begin(dock, lead)
    run(dock, buying.carry_out, label_id)
    with dock.dock(first) as (_, by):
        list_id, by_id = manifests.gather(db.session.query(Carrier).one(), by=by).id, by.id
    with dock.dock(second) as (order, by):
        acting.cancel(order, reason="Changed her mind", by=by)
    [(name, why)] = run(dock, lambda: manifests.hand_over_all(list_id, by_id=by_id))
    assert name == f"{first}-P1" and "print a new one" in why
    assert dock.stage.seen(first).state == "packing" and dock.parcel(rider).state == "void"
    again, new = begin(dock, lead, RATE)
    assert new and label(dock, label_id).state == "refund_asked"
    run(dock, buying.carry_out, again)
    assert run(dock, lambda: manifests.hand_over_all(list_id, by_id=by_id)) == []
    assert dock.stage.seen(first).state == "shipped"
    dock.sound()


def test_a_second_click_shows_the_label_that_is_there(dock: Dock, parcel_id: int, server: EasyPost) -> None:
    first, _ = begin(dock, parcel_id)
    assert begin(dock, parcel_id) == (first, False)
    run(dock, buying.carry_out, first)
    run(dock, buying.carry_out, first)
    assert begin(dock, parcel_id) == (first, False)
    assert len(server.charged) == 1


def test_killed_before_the_call_nothing_is_bought_and_a_person_decides(
    dock: Dock, parcel_id: int, server: EasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_id, _ = begin(dock, parcel_id)
    _dying(monkeypatch, "buying.before_call")
    with pytest.raises(KeyboardInterrupt):
        run(dock, buying.carry_out, label_id)
    monkeypatch.undo()
    run(dock, buying.carry_out, label_id)
    assert server.charged == [], (
        "somebody has asked already, as far as anybody knows; it is never asked again blindly"
    )
    run(dock, buying.sweep, when=LATER)
    assert label(dock, label_id).state == "buying"
    run(dock, buying.sweep, when=MUCH_LATER)
    row = label(dock, label_id)
    assert row.state == "unknown" and "say whether it was sold" in (row.fault or "")
    with pytest.raises(Refused, match="still being bought"):
        dock.step(parcel_id, _numbered_and_gone)
    dock.step(parcel_id, lambda parcel, by: buying.give_up(db.session.get_one(Label, label_id), by=by))
    assert label(dock, label_id).state == "void"
    again, new = begin(dock, parcel_id)
    assert new and again != label_id
    run(dock, buying.carry_out, again)
    assert len(server.charged) == 1


def _numbered_and_gone(parcel: Shipment, by: Person) -> None:
    parcel.tracking_number = parcel.tracking_key = "X1234"
    handing_over.hand_over(parcel, by=by)


def test_killed_after_the_call_the_sweep_finds_the_label_by_our_reference(
    dock: Dock, parcel_id: int, server: EasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_id, _ = begin(dock, parcel_id)
    _dying(monkeypatch, "buying.after_call")
    with pytest.raises(KeyboardInterrupt):
        run(dock, buying.carry_out, label_id)
    monkeypatch.undo()
    assert label(dock, label_id).state == "buying"
    run(dock, buying.sweep, when=LATER)
    row = label(dock, label_id)
    assert (row.state, row.ref) == ("made", server.charged[0])
    assert dock.parcel(parcel_id).tracking_number == NUMBERS[0]
    run(dock, buying.sweep, when=MUCH_LATER)
    assert len(server.charged) == 1


def test_a_lost_answer_is_looked_up_and_not_bought_again(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    label_id, _ = begin(dock, parcel_id)
    server.lose = "/buy"
    run(dock, buying.carry_out, label_id)
    row = label(dock, label_id)
    assert row.state == "buying" and row.fault
    run(dock, buying.sweep, when=LATER)
    assert (label(dock, label_id).state, label(dock, label_id).fault) == ("made", None)
    assert len(server.charged) == 1


def test_a_carrier_that_is_away_when_asked_again_leaves_the_row_in_doubt(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    label_id, _ = begin(dock, parcel_id)
    server.lose = "/buy"
    run(dock, buying.carry_out, label_id)
    server.down = True
    run(dock, buying.sweep, when=LATER)
    assert label(dock, label_id).state == "buying"
    server.down = False
    run(dock, buying.sweep, when=LATER + timedelta(minutes=2))
    assert label(dock, label_id).state == "made"


def test_another_price_is_told_and_the_row_is_void(dock: Dock, parcel_id: int, server: EasyPost) -> None:
    label_id, _ = begin(dock, parcel_id)
    server.prices["USPS", "GroundAdvantage"] = "6.00"
    with pytest.raises(RateGone) as gone:
        run(dock, buying.carry_out, label_id)
    assert gone.value.rates[0].price_minor == 600
    assert (label(dock, label_id).state, server.charged) == ("void", [])
    again, new = begin(dock, parcel_id, gone.value.rates[0])
    assert new
    run(dock, buying.carry_out, again)
    assert label(dock, again).price_minor == 600


def test_a_carrier_that_cannot_be_reached_has_sold_nothing(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    label_id, _ = begin(dock, parcel_id)
    server.down = True
    with pytest.raises(Refused, match="nothing was bought"):
        run(dock, buying.carry_out, label_id)
    assert label(dock, label_id).state == "void"


def test_what_is_sold_after_a_person_gave_it_up_is_given_back(
    dock: Dock, parcel_id: int, server: EasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, _ = begin(dock, parcel_id)
    answers: list[Any] = []
    monkeypatch.setattr(buying, "answered", lambda *a: answers.append(a))  # its process stands still
    run(dock, buying.carry_out, late)
    monkeypatch.undo()
    server.down = True
    run(dock, buying.sweep, when=LATER)
    with dock.shop.writing():
        db.session.get_one(Label, late).state = "unknown"
    dock.step(parcel_id, lambda parcel, by: buying.give_up(db.session.get_one(Label, late), by=by))
    server.down = False
    other, new = begin(dock, parcel_id)
    run(dock, buying.carry_out, other)
    assert new and label(dock, other).state == "made"
    run(dock, buying.answered, *answers[0])
    row = label(dock, late)
    assert (row.state, row.ref) == ("refund_asked", server.charged[0])
    assert dock.parcel(parcel_id).tracking_number == NUMBERS[1], "the label that counts keeps its number"
    run(dock, buying.sweep, when=LATER)
    assert server.shipments[server.charged[0]]["refund_status"] == "submitted"
    assert server.shipments[server.charged[1]]["refund_status"] is None


def test_a_parcel_that_is_not_sent_after_all_gives_its_label_back(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    label_id, _ = begin(dock, parcel_id)
    dock.step(parcel_id, parcels.void, reason="The customer changed her mind")
    run(dock, buying.carry_out, label_id)
    assert label(dock, label_id).state == "refund_asked"
    run(dock, buying.sweep)
    server.settle(server.charged[0], "refunded")
    run(dock, buying.sweep, when=TUESDAY + timedelta(hours=7))
    assert label(dock, label_id).state == "refunded"


def test_a_void_label_is_a_claim_that_may_be_refused(dock: Dock, parcel_id: int, server: EasyPost) -> None:
    label_id, _ = begin(dock, parcel_id)
    run(dock, buying.carry_out, label_id)
    dock.step(
        parcel_id,
        lambda parcel, by: labelling.void(db.session.get_one(Label, label_id), by=by, reason="Torn"),
    )
    assert label(dock, label_id).state == "refund_asked"
    assert dock.parcel(parcel_id).state == "packing"
    run(dock, buying.sweep)
    calls = len(server.calls)
    run(dock, buying.sweep, when=LATER)
    assert len(server.calls) == calls, "a claim is asked after every few hours alone"
    server.settle(server.charged[0], "rejected")
    run(dock, buying.sweep, when=TUESDAY + timedelta(hours=7))
    assert label(dock, label_id).state == "refund_refused"
    kinds = [event.kind for event in dock.shop.all(Event) if event.kind.startswith("label.")]
    assert kinds == ["label.buying", "label.made", "label.refund_asked", "label.refund_refused"]


def test_a_label_that_could_not_be_fetched_is_fetched_again(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    server.labels_broken = True
    label_id, _ = begin(dock, parcel_id)
    run(dock, buying.carry_out, label_id)
    assert (label(dock, label_id).state, label(dock, label_id).pdf_sha256) == ("made", None)
    run(dock, buying.sweep)
    server.labels_broken = False
    run(dock, buying.sweep)
    assert label(dock, label_id).pdf_sha256


def test_a_changed_address_buys_another_label_and_gives_the_first_back(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    first, _ = begin(dock, parcel_id)
    run(dock, buying.carry_out, first)
    with dock.shop.writing():
        parcel = db.session.get_one(Shipment, parcel_id)
        parcels.lock(parcel).ship_line1 = "2 Quay"
    second, new = begin(dock, parcel_id)
    assert new and label(dock, first).state == "refund_asked"
    run(dock, buying.carry_out, second)
    assert dock.parcel(parcel_id).tracking_number == NUMBERS[1]
    assert server.shipments[server.charged[1]]["to_address"]["street1"] == "2 Quay"


def test_what_is_missing_is_named_before_anything_is_asked(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    with dock.shop.writing():
        row = db.session.query(Carrier).one()
        row.settings = {**row.settings, "from_city": ""}
    with pytest.raises(Refused, match="told the city that parcels come from"):
        run(dock, buying.rates, parcel_id)
    with dock.shop.writing():
        row = db.session.query(Carrier).one()
        row.settings = {**row.settings, "from_city": "Bristol"}
        parcel = db.session.get_one(Shipment, parcel_id)
        parcel.weight_grams = parcel.expected_grams = None
    with pytest.raises(Refused, match="has no weight; weigh it first"):
        begin(dock, parcel_id)
    with dock.shop.writing():
        db.session.query(Carrier).one().adapter = "manual"
    with pytest.raises(Refused, match="sells no labels here; print your own"):
        run(dock, buying.rates, parcel_id)
    assert dock.shop.all(Label) == [] and server.calls == []


def test_no_label_is_bought_for_what_is_not_packed_or_not_to_be_sent(
    dock: Dock, parcel_id: int, server: EasyPost
) -> None:
    with dock.shop.writing():
        db.session.get_one(Shipment, parcel_id).state = "void"
    with pytest.raises(Refused, match="gets no label: it is void"):
        begin(dock, parcel_id)
    with dock.dock(number := dock.paid()) as (order, by):
        fresh = parcels.start(order, by=by).id
    with pytest.raises(Refused, match=f"Parcel {number}-P1 is not packed yet"):
        begin(dock, fresh)
    assert server.calls == []


def _dying(monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    def dies(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    monkeypatch.setattr(faults, "fault", dies)


def test_the_adapter_of_a_carrier_is_its_own() -> None:
    assert adapters.of("easypost").buys and not adapters.of("manual").buys
