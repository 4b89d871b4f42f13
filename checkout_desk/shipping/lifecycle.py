"""The states of a parcel and of its labels, and how they move (SPEC section 4).

Whoever fires here holds the order (`parcels.lock`), so packing, shipping and cancelling queue up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Transition
from checkout_desk.orders.models import Order
from checkout_desk.shipping import riding
from checkout_desk.shipping.models import LABEL_STATES, SHIPMENT_STATES, Label, Shipment, ShipmentItem

HERE = ("packing", "labelled")
"""states of a parcel that has not left"""
ON_ITS_WAY = (
    "handed_over",
    "in_transit",
    "out_for_delivery",
    "failed_attempt",
    "available_for_pickup",
    "exception",
)
AWAY = (*ON_ITS_WAY, "delivered", "returned_to_sender", "lost")
"""states of a parcel that has left"""
_TOLD = ("reason", "number", "carrier", "manifest", "unscanned")


@contextmanager
def _watch(parcel: Shipment, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    parcel.updated_at = clock.now()
    by = facts.get("by")
    record(
        f"parcel.{_PAST[name]}",
        about=parcel,
        before={"state": old},
        after={
            "state": new,
            "order": parcel.order_id,
            "number": parcel.number,
            **{key: facts[key] for key in _TOLD if facts.get(key) is not None},
        },
        actor=f"person:{by.id}" if by else None,
    )
    db.session.flush()


_LIVE = select(Label).where(
    Label.shipment_id == bindparam("parcel"), Label.state.in_(("buying", "made", "unknown"))
)
_HAD = select(func.count()).select_from(Label).where(Label.shipment_id == bindparam("parcel"))
_UNPACKED = select(func.sum(ShipmentItem.quantity - ShipmentItem.packed)).where(
    ShipmentItem.shipment_id.in_(
        select(Shipment.id).where(
            or_(Shipment.id == bindparam("parcel"), Shipment.rides_id == bindparam("parcel"))
        )
    )
)


def live_label(parcel: Shipment) -> Label | None:
    """The label of a parcel that counts, asked for or made. There is never more than one."""
    found: Label | None = db.session.scalars(_LIVE, {"parcel": parcel.id}).one_or_none()
    return found


def unpacked(parcel: Shipment) -> int:
    """How many pieces of the parcel, those that ride in it included, nobody has put into it yet."""
    db.session.flush()
    found: int | None = db.session.scalar(_UNPACKED, {"parcel": parcel.id})
    return int(found or 0)


def _label_guard(parcel: Shipment, facts: Mapping[str, Any]) -> str | None:
    if parcel.rides_id is not None and not facts.get("whole"):
        return f"Its order travels in parcel {riding.called(parcel)}; that one gets the label and the number."
    return _packed_guard(parcel)


def _packed_guard(parcel: Shipment) -> str | None:
    left = unpacked(parcel)
    if left:
        pieces = "one piece is" if left == 1 else f"{left} pieces are"
        return f"{pieces.capitalize()} not in this parcel yet; pack what is missing, or leave it for another parcel."
    return None


def _hand_over_guard(parcel: Shipment, facts: Mapping[str, Any]) -> str | None:
    """A parcel leaves packed, with a label that counts: ours, the carrier's own, or none because it never had one.
    `judged`: whoever fires has asked already, in this transaction."""
    if facts.get("judged"):
        return None
    if (missing := _packed_guard(parcel)) is not None:
        return missing
    if parcel.rides_id is not None:
        return None
    label = live_label(parcel)
    if label is not None and label.state != "made":
        return "Its label is still being bought; wait until the carrier has answered."
    if label is None and db.session.scalar(_HAD, {"parcel": parcel.id}):
        return "Its label is void; print a new one before the parcel leaves."
    return None


def _hand_over(parcel: Shipment, facts: Mapping[str, Any]) -> None:
    by = facts.get("by")
    parcel.handed_over_at, parcel.handed_over_by_id = facts["at"], by.id if by else None


def _label(parcel: Shipment, facts: Mapping[str, Any]) -> None:
    for rider in riding.riders(parcel):
        if rider.state == "packing":
            SHIPMENT.fire(rider, "label", whole=True, by=facts.get("by"))


def _lose(parcel: Shipment, facts: Mapping[str, Any]) -> None:
    for rider in riding.riders(parcel):
        SHIPMENT.fire(rider, "lose", by=facts.get("by"), reason=facts.get("reason"))


def _void(parcel: Shipment, facts: Mapping[str, Any]) -> None:
    reason, by = str(facts.get("reason") or "The parcel is not sent"), facts.get("by")
    if parcel.rides_id is not None:
        alight(parcel, by=by, reason=reason)
        return
    label = live_label(parcel)
    if label is not None and label.state == "made":
        end_label(label, reason=reason, by=by)
    for rider in riding.riders(parcel):
        alight(rider, by=by, reason=reason)


def _step(name: str, sources: tuple[str, ...], target: str | None, label: str, **more: Any) -> Transition:
    return Transition(
        name, frozenset(sources), target, label, more.pop("permission", "shipping.write"), **more
    )


SHIPMENT = Lifecycle(
    "parcel",
    SHIPMENT_STATES,
    {
        step.name: step
        for step in (
            _step("label", ("packing",), "labelled", "Print label", guard=_label_guard, effect=_label,
                  refusal="This parcel has its label already, or has left."),
            _step("unlabel", ("labelled",), "packing", "Take the label off"),
            _step("hand_over", HERE, "handed_over", "Hand over", guard=_hand_over_guard, effect=_hand_over,
                  refusal="This parcel has left already, or is not sent."),
            _step("track", AWAY, None, "Carrier’s news",
                  refusal="The carrier speaks of a parcel that has not left."),
            _step("lose", ON_ITS_WAY, "lost", "Lost", effect=_lose,
                  refusal="Only a parcel that is on its way can be lost."),
            _step("void", HERE, "void", "Do not send", effect=_void,
                  refusal="This parcel has left; it cannot be kept back any more."),
        )
    },
    _watch,
)  # fmt: skip
_PAST = {
    "label": "labelled",
    "unlabel": "unlabelled",
    "hand_over": "handed_over",
    "track": "tracked",
    "lose": "lost",
    "void": "void",
}
"""transition -> what its event is called"""


@contextmanager
def _watch_label(label: Label, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    by = facts.get("by")
    record(
        f"label.{new}",
        about=label,
        before={"state": old},
        after={"shipment": label.shipment_id, "number": label.number, **_why(facts)},
        actor=f"person:{by.id}" if by else None,
    )
    db.session.flush()


def _why(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": facts["reason"]} if facts.get("reason") else {}


def _ended(label: Label, facts: Mapping[str, Any]) -> None:
    label.void_at, label.void_reason = clock.now(), str(facts["reason"])[:200]


def _given_back(label: Label, facts: Mapping[str, Any]) -> None:
    _ended(label, facts)
    label.looked_at = None  # the carrier has not been asked for the money yet


LABEL = Lifecycle(
    "label",
    LABEL_STATES,
    {
        step.name: step
        for step in (
            _step("bought", ("buying", "unknown"), "made", "Bought"),
            _step("doubt", ("buying",), "unknown", "Nobody knows"),
            _step("fail", ("buying", "unknown"), "void", "Not bought", effect=_ended),
            _step("void", ("made",), "void", "Void", effect=_ended,
                  refusal="This label does not count any more."),
            _step("ask_refund", ("made",), "refund_asked", "Ask the money back", effect=_given_back,
                  refusal="This label does not count any more."),
            _step("came_late", ("void",), "refund_asked", "Sold after all", effect=_given_back),
            _step("refund", ("refund_asked",), "refunded", "Refunded"),
            _step("refuse_refund", ("refund_asked",), "refund_refused", "Refused"),
        )
    },
    _watch_label,
)  # fmt: skip


def end_label(label: Label, *, reason: str, by: Any = None) -> None:
    """A label that was made counts no more: ours is void at once, one that was bought is asked back."""
    LABEL.fire(label, "ask_refund" if label.ref else "void", reason=reason, by=by)


def alight(rider: Shipment, *, by: Any = None, reason: str) -> None:
    """A parcel that rode leaves the box before that is handed over, and nothing is packed for it any more.

    Its order is held. The label on the box tells of it, so it is void: at once where nobody else holds that order, else
    as soon as somebody looks at it (`addressing.stale`); waiting for it could be waiting crosswise.
    """
    lead_id, rider.rides_id, rider.packed_at, rider.packed_by_id = rider.rides_id, None, None, None
    for item in db.session.scalars(select(ShipmentItem).where(ShipmentItem.shipment_id == rider.id)):
        item.packed = 0
    if rider.state == "labelled":
        SHIPMENT.fire(rider, "unlabel", by=by, reason=reason)
    record(
        "parcel.taken_apart",
        about=rider,
        after={"order": rider.order_id, "number": rider.number, "reason": reason[:200]},
        actor=f"person:{by.id}" if by else None,
    )
    db.session.flush()
    lead = db.session.get_one(Shipment, lead_id)
    free = select(Order.id).where(Order.id == lead.order_id).with_for_update(skip_locked=True, key_share=True)
    if lead.state in HERE and db.session.scalar(free) is not None:
        db.session.refresh(lead)
        label = live_label(lead)
        if label is not None and label.state == "made":
            end_label(label, reason=reason, by=by)
        if lead.state == "labelled":
            SHIPMENT.fire(lead, "unlabel", by=by, reason=reason)
