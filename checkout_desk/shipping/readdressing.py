"""Another address for an order that is paid for, until its parcels have left.

What the customer paid for stays as it is: an address that would cost other shipping or tax is refused. A label with the
old address is void at once, so that nobody sends a parcel there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import changing, completeness, details, happenings, loading
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.settings import effective, shipping, tax
from checkout_desk.settings.choices import countries
from checkout_desk.settings.models import ShippingService
from checkout_desk.shipping import addressing, labelling, parcels, riding
from checkout_desk.shipping.lifecycle import AWAY, HERE, alight, live_label

STATES = ("paid", "packing")
"""states of an order that has an address to change and nothing else"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a change did: names of the fields that are different now, and of the parcels whose label is void."""

    fields: list[str]
    void: list[str]
    apart: tuple[str, ...] = ()
    """names of the parcels that shared a box with another order's and do no more"""

    @property
    def sentence(self) -> str:
        """For the person who did it."""
        if not self.fields:
            return "Nothing was different"
        if self.apart:
            names = " and ".join(self.apart)
            return f"Address changed: {names} shared a box, take out what is not theirs and print new labels"
        if not self.void:
            return "Address changed"
        names = ", ".join(self.void)
        return f"Address changed: the label of {names} is void, print a new one"


def refusal(order: Order, *, customer: bool = False) -> str | None:
    """Why the address of this order cannot be changed now, as a sentence, or None."""
    if order.state not in STATES:
        return f"Order {order.number} is {order.state}; its address cannot be changed here."
    every = parcels.of(order.id)
    gone = [parcels.name(one, order) for one in every if one.state in AWAY]
    if gone and (customer or not any(one.state in HERE for one in every)):
        return f"Parcel {', '.join(gone)} of order {order.number} has left already; its address cannot be changed any more."
    if any((label := live_label(one)) and label.state != "made" for one in every if one.state in HERE):
        return f"A label of order {order.number} is being bought; wait until the carrier has answered."
    return None


def readdress(
    order: Order,
    fields: Mapping[str, str],
    *,
    by: Person | None = None,
    customer: bool = False,
    message_id: int | None = None,
) -> Moved:
    """Keep other details of where a paid order goes, typed by a person (`by`) or by the customer (`customer`).

    Labels with the old address are void, and their parcels need new ones. Raises details.Wrong for what cannot be
    kept, Refused for an order whose parcels have left and for an address that costs another price.
    """
    if (by is None) == (not customer):
        raise ValueError("an address is changed either by a person or by the customer")
    loading.lock(order)
    if sentence := refusal(order, customer=customer):
        raise Refused(sentence)
    wanted = _wanted(order, fields)
    if not wanted:
        return Moved([], [])
    _same_price(order, wanted)
    source: dict[str, Any] = {"by": "person", "person": by.id} if by else {"by": "customer"}
    details.put(order, wanted, source=source, message_id=message_id)
    completeness.reckon(order)
    happenings.note(order, "readdressed", by=by, customer=customer, fields=sorted(wanted))
    loading.touch(order)
    db.session.flush()
    apart = _apart(order, by=by)
    return Moved(sorted(wanted), _void(order, by=by), apart)


def as_asked(order: Order, change: OrderChange, items: Collection[int], *, by: Person) -> Moved | None:
    """Accept `items` (places) of what a mail wants different when they are an address of a paid order alone.

    Returns None for any other change: that is `orders.changing.accept`. Raises Refused as `readdress` does.
    """
    wanted = [one for place, one in enumerate(change.changes) if place in items]
    if order.state not in STATES or not wanted or any(one["what"] != "detail" for one in wanted):
        return None
    fields = {one["field"]: str(one["to"] or "") for one in wanted}
    try:
        moved = readdress(order, fields, by=by, message_id=change.message_id)
    except details.Wrong as wrong:
        raise Refused(str(wrong)) from None
    changing.taken_over(change, by=by, items=items)
    return moved


def _wanted(order: Order, fields: Mapping[str, str]) -> dict[str, str]:
    """What is different, as it is kept. A part without which no parcel arrives may not be emptied."""
    wrong = details.faults(fields, order.ship_country)
    country = order.ship_country
    if fields.get("ship_country", "").strip() and "ship_country" not in wrong:
        country = details.cleaned({"ship_country": fields["ship_country"]}, country)["ship_country"]
    labels = details.labels(country)
    for name in {*details.required(country), "ship_country", "ship_name"}:
        if name not in wrong and not fields.get(name, getattr(order, name)).strip():
            wrong[name] = (
                f"{labels.get(name, 'This')} is needed: without it parcels to {country} do not arrive."
            )
    if wrong:
        raise details.Wrong(wrong)
    cleaned = details.cleaned(fields, country)
    return {name: value for name, value in cleaned.items() if getattr(order, name) != value}


def _same_price(order: Order, wanted: Mapping[str, str]) -> None:
    """Refuse a country that the paid service does not take, or that is taxed otherwise than what was paid."""
    country = wanted.get("ship_country")
    if country is None:
        return
    content = parcels.sold(order).content
    names = countries()
    here, there = names.get(order.ship_country, order.ship_country), names.get(country, country)
    advice = (
        f"Cancel order {order.number} with a refund and quote a new one, or ask for an address in {here}."
    )
    sent = content["shipping"]
    service = shipping.service(sent["service"]) if sent else None
    if service is not None and not _takes(service, country):
        raise Refused(
            f"The customer paid for {service.name}, which is not how parcels go to {there}. {advice}"
        )
    if _taxed(order.ship_country, content["vat_id"]) != _taxed(country, content["vat_id"]):
        raise Refused(f"Parcels to {there} are taxed differently from what was paid for {here}. {advice}")


def _takes(service: ShippingService, country: str) -> bool:
    """Whether this is how parcels go to a country: services that name it go before those for everywhere else."""
    named = any(one.active and country in one.countries for one in shipping.every())
    return country in service.countries or (not named and tax.ELSEWHERE in service.countries)


def _taxed(country: str, vat_id: str) -> tuple[str, dict[str, int]]:
    rules = tax.rates(country, on=effective.today(), vat_id=vat_id)
    return rules.treatment, {name: rate.ppm for name, rate in rules.rates.items()}


def _apart(order: Order, *, by: Person | None) -> tuple[str, ...]:
    """Boxes that orders share go to one address: this order has its own again. The names of the parcels that were in one."""
    for parcel in parcels.of(order.id):
        if parcel.state not in HERE:
            continue
        lead = riding.lead(parcel)
        riders = [parcel] if parcel.rides_id is not None else riding.riders(parcel)
        if not riders:
            continue
        if parcel is lead:
            parcels.lock(parcel)
        before = db.session.get_one(Order, lead.order_id if parcel is not lead else riders[0].order_id)
        if addressing.place(before) == addressing.place(order):
            continue  # a telephone number stands on no label
        names = (
            riding.called(lead),
            *(f"{db.session.get_one(Order, one.order_id).number}-P{one.number}" for one in riders),
        )
        for one in riders:
            alight(one, by=by, reason=labelling.MOVED)
        return names
    return ()


def _void(order: Order, *, by: Person | None) -> list[str]:
    """The names of parcels whose label showed the old address; it is void now."""
    found = []
    for parcel in parcels.of(order.id):
        label = live_label(parcel) if parcel.state in HERE else None
        if label is None or not addressing.stale(label, order):
            continue
        labelling.void(label, by=by, reason=labelling.MOVED)
        found.append(parcels.name(parcel, order))
        record("parcel.readdressed", about=parcel, after={"order": order.id, "label": label.number})
    return found
