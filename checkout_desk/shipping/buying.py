"""Buying a label so that it is bought once: the row is committed before the carrier hears anything (SECURITY section 4).

Whoever finds a row *buying* whose answer never came looks it up under our reference and never buys again by itself; after
ten minutes a person decides. A label that turns out to be sold after that is given back, and its claim is listed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import func, or_, select, update

from checkout_desk import clock, faults
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order, Quote
from checkout_desk.secrets import LostKey
from checkout_desk.settings.models import store
from checkout_desk.shipping import adapters, addressing, customs, labelling, numbering, parcels, riding
from checkout_desk.shipping.adapters import Access, Bought, Declined, Errand, Rate, RateGone, Unreachable
from checkout_desk.shipping.lifecycle import HERE, LABEL, SHIPMENT, end_label, live_label, unpacked
from checkout_desk.shipping.models import Box, Carrier, Label, Shipment

log = structlog.get_logger(__name__)

LOOK_AFTER = timedelta(seconds=90)
"""longer than an adapter may take to answer"""
DOUBT_AFTER = timedelta(minutes=10)
CLAIMS_EVERY = timedelta(hours=6)
BATCH = 50
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a call needs, read before it."""

    access: Access
    errand: Errand


def rates(shipment_id: int) -> list[Rate]:
    """What a parcel may cost now. Talks to the carrier outside of any transaction. Raises Refused."""
    parcel = db.session.get_one(Shipment, shipment_id)
    asked = _asked(parcel, db.session.get_one(Order, parcel.order_id), "")
    db.session.rollback()
    return _ask(lambda: adapters.of(asked.access.adapter).rates(asked.access, asked.errand))


def begin(parcel: Shipment, rate: Rate, *, by: Person) -> tuple[Label, bool]:
    """The row of a purchase, and whether it is new. Who asks twice gets the same. The caller commits, then `carry_out`.

    Raises Refused for a parcel that is not packed, rides in another or has left, and for a carrier that sells no labels.
    """
    order = parcels.lock(parcel)
    if parcel.rides_id is not None:
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} travels in parcel {riding.called(parcel)}; its label is that one's."
        )
    found = live_label(parcel)
    if found is not None and (found.state != "made" or not addressing.stale(found, order)):
        return found, False
    if order.state != "packing" or parcel.state not in HERE:
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} gets no label: it is {parcel.state.replace('_', ' ')}."
        )
    if unpacked(parcel):
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} is not packed yet; a label is bought for what is in it."
        )
    highest = db.session.scalar(select(func.max(Label.number)).where(Label.shipment_id == parcel.id)) or 0
    reference = f"desk-{secrets.token_hex(5)}-{parcel.id}-{highest + 1}"
    _asked(parcel, order, reference)  # what cannot be told is refused before anything stands there
    if found is not None:
        end_label(found, reason=labelling.MOVED, by=by)
    facts = labelling.address_of(parcel, order, store())
    label = Label(
        shipment_id=parcel.id, number=highest + 1, state="buying", reference=reference, printed=0,
        address={**facts, "carrier_id": parcel.carrier_id, "rate": {"carrier": rate.carrier, "service": rate.service}},
        address_hash=addressing.digest(facts["recipient"]), price_minor=rate.price_minor, currency=rate.currency,
        made_at=clock.now(), made_by_id=by.id,
    )  # fmt: skip
    db.session.add(label)
    db.session.flush()
    record(
        "label.buying",
        about=label,
        after={
            "shipment": parcel.id,
            "number": label.number,
            "price": rate.price_minor,
            "currency": rate.currency,
        },
        actor=f"person:{by.id}",
    )
    return label, True


def carry_out(label_id: int) -> None:
    """Buy the label of a row that `begin` made. Commits. Only the first who comes asks the carrier.

    Raises RateGone where the price has changed and Refused where nothing was sold; the row is void then. An answer that
    was lost raises nothing: the row stays *buying*, and the sweep looks it up.
    """
    db.session.rollback()
    begin_write()
    mine = db.session.scalar(
        update(Label)
        .where(Label.id == label_id, Label.state == "buying", Label.looked_at.is_(None))
        .values(looked_at=clock.now())
        .returning(Label.id)
        .execution_options(synchronize_session=False)
    )
    if mine is None:
        db.session.rollback()
        return
    label = db.session.get_one(Label, label_id, populate_existing=True)
    parcel = db.session.get_one(Shipment, label.shipment_id)
    asked = _asked(parcel, db.session.get_one(Order, parcel.order_id), label.reference)
    chosen = label.address["rate"]
    rate = Rate(chosen["carrier"], chosen["service"], label.price_minor or 0, label.currency or "")
    db.session.commit()
    faults.fault("buying.before_call")
    try:
        bought = adapters.of(asked.access.adapter).buy(asked.access, asked.errand, rate)
    except (RateGone, Declined) as refusal:
        _failed(label_id, str(refusal))
        if isinstance(refusal, RateGone):
            raise
        raise Refused(str(refusal)) from refusal
    except Unreachable as fault:
        if not fault.asked:
            _failed(label_id, str(fault))
            raise Refused(str(fault)) from fault
        _lost(label_id, str(fault))
        return
    except Exception as fault:  # an answer that nobody can read may be the answer to a sale
        log.exception("buying.fault", label=label_id)
        _lost(label_id, f"The carrier's answer could not be read ({type(fault).__name__}).")
        return
    faults.fault("buying.after_call")
    answered(label_id, bought)


def answered(label_id: int, bought: Bought) -> None:
    """Attach what was sold to its row, whatever has become of the row meanwhile. Commits."""
    sha256 = blobs().put(bought.pdf) if bought.pdf else None
    db.session.rollback()
    begin_write()
    label = db.session.get_one(Label, label_id)
    parcel = db.session.get_one(Shipment, label.shipment_id)
    order = parcels.lock(parcel)
    db.session.refresh(label, with_for_update={"key_share": True})
    if label.ref:
        db.session.rollback()
        return
    late = label.state == "void"
    if not late:
        LABEL.fire(label, "bought")
    label.ref, label.pdf_sha256, label.fault = bought.ref, sha256 or label.pdf_sha256, None
    label.price_minor, label.currency, label.void_until = (
        bought.price_minor,
        bought.currency,
        bought.void_until,
    )
    if late:  # a person gave it up, or another label was made: this one is given back
        LABEL.fire(label, "came_late", reason="It was sold after all")
    elif parcel.state not in HERE or order.state != "packing":
        end_label(label, reason=f"Parcel {parcels.name(parcel, order)} is not sent")
    else:
        numbering.take_bought(parcel, bought.number)
        if parcel.state == "packing":
            SHIPMENT.fire(parcel, "label")
    db.session.commit()


def _failed(label_id: int, words: str) -> None:
    """Nothing was sold."""
    db.session.rollback()
    begin_write()
    label = db.session.get_one(Label, label_id, with_for_update={"key_share": True})
    if label.state in ("buying", "unknown"):
        label.fault = words[:300]
        LABEL.fire(label, "fail", reason=words[:200])
    db.session.commit()


def _lost(label_id: int, words: str) -> None:
    db.session.rollback()
    begin_write()
    label = db.session.get_one(Label, label_id, with_for_update={"key_share": True})
    label.fault = words[:300]
    db.session.commit()


def give_up(label: Label, *, by: Person) -> None:
    """A person has looked at the carrier's own page: this label was not sold. Raises Refused.

    Should it turn out to be sold all the same, its money is claimed back.
    """
    parcels.lock(db.session.get_one(Shipment, label.shipment_id))
    db.session.refresh(label)
    if label.state != "unknown":
        raise Refused("Nobody has to decide about this label; look at it again.")
    LABEL.fire(label, "fail", by=by, reason="A person saw that it was not sold")


def sweep() -> None:
    """Look after purchases without an answer, labels without their PDF, and claims. Commits; buys nothing."""
    now = clock.now()
    waiting = select(Label.id).where(
        Label.state.in_(("buying", "unknown")),
        or_(Label.looked_at < now - LOOK_AFTER, Label.made_at < now - DOUBT_AFTER),
    )
    bare = select(Label.id).where(Label.state == "made", Label.ref.is_not(None), Label.pdf_sha256.is_(None))
    claims = select(Label.id).where(
        Label.state == "refund_asked",
        or_(Label.looked_at.is_(None), Label.looked_at < now - CLAIMS_EVERY),
    )
    found = [(step, list(db.session.scalars(query.order_by(Label.id).limit(BATCH)))) for step, query in (
        (_look, waiting), (_fetch, bare), (_claim, claims),
    )]  # fmt: skip
    db.session.rollback()
    for step, ids in found:
        for label_id in ids:
            try:
                step(label_id)
            except (Unreachable, Declined, LostKey, Refused) as fault:
                _note(label_id, str(fault))
            except Exception:  # the carrier answers nonsense: the next round looks again
                db.session.rollback()
                log.exception("buying.fault", label=label_id)


def _look(label_id: int) -> None:
    label = db.session.get_one(Label, label_id)
    access, reference = _access(label), label.reference
    old = label.made_at < clock.now() - DOUBT_AFTER
    db.session.rollback()
    bought = adapters.of(access.adapter).find(access, reference)
    if bought is not None:
        with acting_as("desk", "labels"):
            answered(label_id, bought)
        return
    begin_write()
    label = db.session.get_one(Label, label_id, with_for_update={"key_share": True})
    label.looked_at = clock.now()
    if old and label.state == "buying":
        label.fault = (
            "The carrier knows nothing of this purchase so far. Look there, then say whether it was sold."
        )
        with acting_as("desk", "labels"):
            LABEL.fire(label, "doubt")
    db.session.commit()


def _fetch(label_id: int) -> None:
    label = db.session.get_one(Label, label_id)
    access, ref = _access(label), label.ref or ""
    db.session.rollback()
    data = adapters.of(access.adapter).label(access, ref)
    if data is None:
        return
    sha256 = blobs().put(data)
    begin_write()
    db.session.get_one(Label, label_id).pdf_sha256 = sha256
    db.session.commit()


def _claim(label_id: int) -> None:
    label = db.session.get_one(Label, label_id)
    access, ref, first = _access(label), label.ref or "", label.looked_at is None
    db.session.rollback()
    adapter = adapters.of(access.adapter)
    state = adapter.void(access, ref) if first else adapter.claim(access, ref)
    settle(label_id, state)


def settle(label_id: int, state: str) -> None:
    """The carrier has said how a claim stands. Commits; twice changes nothing."""
    db.session.rollback()
    begin_write()
    label = db.session.get_one(Label, label_id, with_for_update={"key_share": True})
    label.looked_at = clock.now()
    if label.state == "refund_asked" and state != "refund_asked":
        with acting_as("desk", "labels"):
            LABEL.fire(label, "refund" if state == "refunded" else "refuse_refund")
    db.session.commit()


def _note(label_id: int, words: str) -> None:
    db.session.rollback()
    begin_write()
    label = db.session.get_one(Label, label_id)
    label.fault, label.looked_at = (
        words[:300],
        clock.now() if label.state != "refund_asked" else label.looked_at,
    )
    db.session.commit()


def _access(label: Label) -> Access:
    parcel = db.session.get_one(Shipment, label.shipment_id)
    carrier = db.session.get(Carrier, label.address.get("carrier_id") or parcel.carrier_id or 0)
    if carrier is None:
        raise Refused("The carrier of this label is not set up any more.")
    return adapters.access(carrier)


def _asked(parcel: Shipment, order: Order, reference: str) -> _Asked:
    """Everything that the carrier is told of a parcel. Raises Refused, naming what is missing."""
    carrier = db.session.get(Carrier, parcel.carrier_id or 0)
    if carrier is None or not adapters.of(carrier.adapter).buys:
        raise Refused(f"{carrier.name if carrier else 'Nobody'} sells no labels here; print your own.")
    lacking = [words for name, words in (("from_street", "street"), ("from_city", "city"), ("from_zip", "postcode")) if not carrier.settings.get(name)]  # fmt: skip
    if lacking:
        raise Refused(
            f"{carrier.name} has to be told the {' and '.join(lacking)} that parcels come from; add it under Settings, Carriers."
        )
    grams = parcel.weight_grams or riding.grams(parcel)
    if not grams:
        raise Refused(f"Parcel {parcels.name(parcel, order)} has no weight; weigh it first.")
    box = db.session.get(Box, parcel.box_id or 0)
    shop = store()
    try:
        access = adapters.access(carrier)
    except LostKey:
        raise Refused(
            f"The key of {carrier.name} cannot be read any more; type it anew under Settings, Carriers."
        ) from None
    errand = Errand(
        reference, {"name": shop.name, "country": shop.country}, addressing.recipient(order), grams,
        (box.length_mm, box.width_mm, box.height_mm) if box else None, order.currency, _customs(parcel, order),
    )  # fmt: skip
    return _Asked(access, errand)


def _customs(parcel: Shipment, order: Order) -> tuple[tuple[str, int, int, int, str, str], ...]:
    shop = store()
    if not customs.leaves(shop.country, order.ship_country, order.ship_postcode):
        return ()
    inside = customs.goods(parcels.items([parcel.id])[parcel.id], db.session.get_one(Quote, parcel.quote_id))
    missing = customs.lacks(inside)
    if missing:
        raise Refused(f"Customs want to know more of {len(missing)} products; add it to the catalogue.")
    return tuple((g.name, g.pieces, g.value_minor, g.grams or 0, g.hs_code, g.origin) for g in inside)


def _ask(question: Callable[[], Found]) -> Found:
    try:
        return question()
    except (Unreachable, Declined) as fault:
        raise Refused(str(fault)) from fault
