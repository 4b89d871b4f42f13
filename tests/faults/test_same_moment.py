"""Two workers, or one and its zombie, do the same step at the same moment: it is done once, and both hear something true."""

from __future__ import annotations

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.payments import understanding
from checkout_desk.payments.models import ProviderEvent
from checkout_desk.shipping import buying, hearing
from checkout_desk.shipping.models import CarrierEvent, Label, Shipment
from tests.conversations.crossing import at_once
from tests.faults.ten import RATE, TEN, WHOLE
from tests.faults.yard import Yard

EVENTS = {
    "webhook": (ProviderEvent, understanding, "provider_event"),
    "tracking": (CarrierEvent, hearing, "carrier_event"),
}


@pytest.mark.parametrize("step", EVENTS)
def test_an_event_is_kept_and_understood_once(yard: Yard, step: str) -> None:
    model, worker, table = EVENTS[step]
    turn = TEN[step](yard)
    before = {row.id for row in yard.shop.all(model)}
    assert turn.door
    at_once(yard.app, turn.door, turn.door, after=f"INSERT INTO {table}")
    [event] = [row.id for row in yard.shop.all(model) if row.id not in before]
    at_once(yard.app, *[lambda: worker.understand(event)] * 2, after="SELECT")
    assert turn.came() == WHOLE[step]
    assert yard.broken(at_rest=False) == []


def test_a_label_is_asked_for_and_paid_once(yard: Yard) -> None:
    _, parcel_id = yard.packed_now()
    person = yard.shop.person("logistics")

    def buy() -> int:
        with clock.pretending(clock.now()):
            begin_write()
            parcel, by = db.session.get_one(Shipment, parcel_id), db.session.get_one(Person, person)
            label_id = buying.begin(parcel, RATE, by=by)[0].id
            db.session.commit()
            buying.carry_out(label_id)
            return label_id

    first, second = at_once(yard.app, buy, buy, after="SELECT shipment")
    assert first == second
    assert [label.state for label in yard.shop.all(Label)] == ["made"]
    assert len(yard.carrier.charged) == 1
    assert yard.broken(at_rest=False) == []


def test_a_statement_is_taken_in_by_two_and_each_row_is_one_payment(yard: Yard) -> None:
    turn = TEN["statement"](yard)
    at_once(yard.app, turn.do, turn.do, after="INSERT INTO payment")
    yard.by_itself()
    assert turn.came() == WHOLE["statement"]
    assert yard.broken() == []
