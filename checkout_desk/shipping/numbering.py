"""Giving tracking numbers to parcels, and correcting them after the customer was told (procedure steps A13, A14, B2).

A number belongs to one parcel; that is a unique index. A number that does not look like the parcel's carrier's, or whose
check digit is wrong, is taken only when a person says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, milestones
from checkout_desk.orders.models import Order
from checkout_desk.shipping import handing_over, parcels, riding, tracking
from checkout_desk.shipping.lifecycle import HERE, ON_ITS_WAY, SHIPMENT, unpacked
from checkout_desk.shipping.models import Carrier, Shipment, TrackingEvent
from checkout_desk.shipping.numbers import CARRIERS, Found, key, recognise

SHORTEST = 4
_OURS = re.compile(r"#?[0-9]{1,10}-P[0-9]{1,4}", re.IGNORECASE)
"""what `parcels.name` makes and our labels carry as a bar code"""
DOUBTS = {
    "not_packed": "They are packed: nobody scanned their pieces",
    "other_carrier": "Take them with the carrier that the number is of",
    "unlike": "Take numbers that look like none of the carrier’s",
    "wrong_check": "Take numbers whose check digit is wrong",
}
"""what a person may confirm -> how the box that does so is called"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a number for a parcel. `kind` is 'good', one of `DOUBTS`, or 'unreadable'."""

    kind: str
    words: str = ""
    number: str = ""
    """as it is kept"""
    by: str = ""
    """whose number it is, by `numbers.CARRIERS`"""
    likely: str = ""
    """what was probably meant"""


class Doubtful(Refused):
    """A person has to confirm; `judgement.kind` is what."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.words)
        self.judgement = judgement


class Used(Refused):
    """The number is another parcel's."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a number. `kind` is 'given' or 'same'."""

    kind: str
    words: str
    parcel: str
    handed_over: bool


class Carriers:
    """The store's carriers, read once for many numbers."""

    def __init__(self) -> None:
        rows: Sequence[Carrier] = db.session.scalars(
            select(Carrier).order_by(Carrier.active.desc(), Carrier.position, Carrier.id)
        ).all()
        self.by_id = {row.id: row for row in rows}
        self.by_name = {_fold(row.name): row for row in reversed(rows)}
        self.by_pattern = {row.pattern: row for row in reversed(rows) if row.pattern}

    def named(self, text: str) -> Carrier | None:
        """The carrier that somebody calls `text`."""
        return self.by_name.get(_fold(text))


def _fold(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def judge(text: str, carrier: Carrier | None, carriers: Carriers) -> Judgement:
    """Whether `text` can be the number of a parcel that goes with `carrier`. Reads nothing more."""
    whole = key(text)
    if _OURS.fullmatch(text.strip()):  # our label was scanned in place of the carrier's
        return Judgement(
            "unreadable",
            f"{text.strip()} is how we call a parcel; scan the number that the carrier put on it.",
        )
    if not SHORTEST <= len(whole) <= 40 or not any(sign.isdigit() for sign in whole):
        shown = text.strip()[:40]
        return Judgement(
            "unreadable", f"“{shown}” is no tracking number; scan or type what stands under its bar code."
        )
    if carrier is not None and not carrier.pattern:
        return Judgement("good", number=whole)  # a courier whose numbers nobody knows
    found = recognise(text, own=carriers.by_pattern.keys())
    mine = next((one for one in found if carrier is not None and one.carrier == carrier.pattern), None)
    if mine is not None:
        return _own(mine, carrier)
    called = carrier.name if carrier else "any carrier that the desk knows"
    # A look without a check digit says little: eight letters and digits are no sign that somebody went to GLS.
    others = [
        one
        for one in found
        if one.check == "ok"
        or (one.check == "none" and (carrier is None or one.carrier in carriers.by_pattern))
    ]
    if others and carrier is None:
        return Judgement("good", number=others[0].number, by=others[0].carrier)
    if others:
        names = _or(CARRIERS[one.carrier] for one in others[:3])
        words = f"{others[0].number} is a number of {names}, but the parcel goes with {called}."
        return Judgement("other_carrier", words, others[0].number, others[0].carrier)
    likely = next((one.likely for one in found if one.likely and one.carrier in carriers.by_pattern), None)
    words = f"{whole} does not look like a number of {called}." + (f" Was {likely} meant?" if likely else "")
    return Judgement("unlike", words, whole, likely=likely or "")


def _own(mine: Found, carrier: Carrier | None) -> Judgement:
    if mine.check != "wrong":
        return Judgement("good", number=mine.number, by=mine.carrier)
    called = carrier.name if carrier else CARRIERS[mine.carrier]
    words = f"{mine.number} is not quite a number of {called}: its check digit is wrong."
    words += f" Was {mine.likely} meant?" if mine.likely else " Look at it again."
    return Judgement("wrong_check", words, mine.number, mine.carrier, mine.likely or "")


def _or(names: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(names))


_OWNER = select(Shipment).where(Shipment.tracking_key == bindparam("number"), Shipment.state != "void")


def owner(number_key: str) -> Shipment | None:
    """The parcel that has this number."""
    found: Shipment | None = db.session.scalars(_OWNER, {"number": number_key}).one_or_none()
    return found


def give(
    parcel: Shipment,
    text: str,
    *,
    by: Person,
    how: str,
    confirmed: Collection[str] = (),
    carriers: Carriers | None = None,
) -> Given:
    """Give a parcel its number and, where that is what the carrier goes by, hand it over.

    `how` is 'scan', 'list', 'bought'; `confirmed` are the `DOUBTS` that the person has answered. Raises Doubtful, Used
    or Refused, and nothing has changed once the caller rolls back.
    """
    held = order, _ = parcels.lock_whole(parcel)
    if parcel.rides_id is not None:
        raise Refused(rides(parcel, order))
    carriers = carriers or Carriers()
    carrier = carriers.by_id.get(parcel.carrier_id or 0)
    called = parcels.name(parcel, order)
    judgement = _known(parcel, text) or judge(text, carrier, carriers)
    if judgement.number and key(judgement.number) == parcel.tracking_key and parcel.state not in HERE:
        return Given("same", f"Parcel {called} has this number already.", called, handed_over=True)
    _possible(parcel, order)
    if judgement.kind != "good" and judgement.kind not in confirmed:
        raise Doubtful(judgement) if judgement.kind in DOUBTS else Refused(judgement.words)
    same = key(judgement.number) == parcel.tracking_key
    _set(parcel, judgement, carriers, how=how, by=by)
    carrier = carriers.by_id.get(parcel.carrier_id or 0)
    if carrier is None or carrier.handover == "number":
        _packed(parcel, called, judgement, confirmed, by=by)
        handing_over.hand_over(parcel, by=by, held=held)
        return Given(
            "given", f"{called} is handed over with {parcel.tracking_number}.", called, handed_over=True
        )
    said = "has this number already" if same else f"has the number {parcel.tracking_number}"
    return Given("same" if same else "given", f"Parcel {called} {said}.", called, handed_over=False)


def rides(parcel: Shipment, order: Order) -> str:
    """Why a parcel that travels in another one's box gets no number, as a sentence."""
    return f"Parcel {parcels.name(parcel, order)} travels in parcel {riding.called(parcel)}; that one has the number."


def _known(parcel: Shipment, text: str) -> Judgement | None:
    """The parcel's own number, scanned from its label: it came with the label that was bought, or was confirmed before."""
    numbers = {key(text), *(one.number for one in recognise(text))}
    if parcel.tracking_key is None or parcel.tracking_key not in numbers:
        return None
    return Judgement("good", number=parcel.tracking_number, by=parcel.tracking_by)


def _packed(
    parcel: Shipment, called: str, judgement: Judgement, confirmed: Collection[str], *, by: Person
) -> None:
    missing = unpacked(parcel)
    if not missing:
        return
    if "not_packed" not in confirmed:
        words = f"Parcel {called} is not packed yet: {missing} of its pieces {'was' if missing == 1 else 'were'} not scanned."
        raise Doubtful(Judgement("not_packed", words, judgement.number, judgement.by))
    for one in (parcel, *riding.riders(parcel)):
        parcels.packed_unscanned(one, by=by)


def _possible(parcel: Shipment, order: Order) -> None:
    if parcel.state in HERE:
        return
    called = parcels.name(parcel, order)
    if parcel.state == "void":
        raise Refused(f"Parcel {called} is not sent, so it gets no number.")
    raise Refused(
        f"Parcel {called} has left with {parcel.tracking_number or 'no number'}; correct its number instead."
    )


def _set(parcel: Shipment, judgement: Judgement, carriers: Carriers, *, how: str, by: Person | None) -> None:
    number_key = key(judgement.number)
    before = {"number": parcel.tracking_number} if parcel.tracking_number else None
    if number_key == parcel.tracking_key:
        return
    other = owner(number_key)
    if other is not None and other.id != parcel.id:
        raise Used(
            f"{judgement.number} is the number of parcel {_called(other)} already; each parcel has its own."
        )
    theirs = carriers.by_pattern.get(judgement.by)
    if theirs is not None and (judgement.kind == "other_carrier" or parcel.carrier_id is None):
        parcel.carrier_id = theirs.id
    parcel.tracking_number, parcel.tracking_key, parcel.tracking_by = (
        judgement.number,
        number_key,
        judgement.by,
    )
    parcel.updated_at = clock.now()
    try:
        db.session.flush()
    except IntegrityError:
        raise Used(
            f"{judgement.number} was given to another parcel this very moment; look at both."
        ) from None
    record(
        "parcel.numbered",
        about=parcel,
        before=before,
        after={"order": parcel.order_id, "number": judgement.number, "by": judgement.by, "how": how},
        actor=f"person:{by.id}" if by else None,
    )


def take_bought(parcel: Shipment, number: str) -> None:
    """The number that came with a label that was bought. The parcel is locked; it leaves later."""
    if not number:
        return
    found = next((one for one in recognise(number) if one.check == "ok"), None)
    by = found.carrier if found else ""
    _set(parcel, Judgement("good", number=number[:40], by=by), Carriers(), how="bought", by=None)


def _called(parcel: Shipment) -> str:
    return parcels.name(parcel, db.session.get_one(Order, parcel.order_id))


def correct(
    parcel: Shipment,
    text: str,
    *,
    by: Person,
    confirmed: Collection[str] = (),
    carriers: Carriers | None = None,
) -> Given:
    """Another number for a parcel that has left. The customer gets one honest mail; who saves the same again sends none.

    What the carrier said about the wrong number was about somebody else's parcel and is taken away. Raises as `give`.
    """
    order = parcels.lock(parcel)
    if parcel.rides_id is not None:
        raise Refused(rides(parcel, order))
    carriers = carriers or Carriers()
    called = parcels.name(parcel, order)
    if parcel.state in HERE:
        raise Refused(f"Parcel {called} has not left yet; give it its number.")
    if parcel.state not in ON_ITS_WAY:
        raise Refused(
            f"Parcel {called} is {parcel.state.replace('_', ' ')}; its number is not corrected any more."
        )
    judgement = judge(text, carriers.by_id.get(parcel.carrier_id or 0), carriers)
    if judgement.number and key(judgement.number) == parcel.tracking_key:
        return Given("same", f"Parcel {called} has this number already.", called, handed_over=True)
    if judgement.kind != "good" and judgement.kind not in confirmed:
        raise Doubtful(judgement) if judgement.kind in DOUBTS else Refused(judgement.words)
    wrong = parcel.tracking_number
    _set(parcel, judgement, carriers, how="corrected", by=by)
    _forget(parcel, by=by)
    tracking.reckon(parcel, order)
    _tell(order, parcel, wrong, by=by)
    loading.touch(order)
    for rider in riding.riders(parcel):
        theirs = db.session.get_one(Order, rider.order_id)
        _tell(theirs, rider, wrong, by=by)
        loading.touch(theirs)
    db.session.flush()
    instead = f" instead of {wrong}" if wrong else ""
    return Given(
        "given", f"{called} has the number {parcel.tracking_number}{instead}.", called, handed_over=True
    )


def _forget(parcel: Shipment, *, by: Person) -> None:
    """What was said about the other number says nothing about this parcel."""
    db.session.execute(delete(TrackingEvent).where(TrackingEvent.shipment_id == parcel.id))
    parcel.poll_at = None
    for one in (parcel, *riding.riders(parcel)):
        one.tracking_number, one.tracking_by = parcel.tracking_number, parcel.tracking_by
        one.status, one.last_scan_at = "pending", None
        if one.state != "handed_over":
            SHIPMENT.fire(one, "track", to="handed_over", by=by, reason="Its tracking number was corrected")


def _tell(order: Order, parcel: Shipment, wrong: str, *, by: Person) -> None:
    """A customer who was told the `wrong` number is told the right one, every time that it becomes another."""
    shipped = milestones.posted(order, "shipped", about=f"shipment:{parcel.id}")
    if shipped is None or shipped.message_id is None:
        return
    about = f"shipment:{parcel.id}:{key(parcel.tracking_number)}"[:40]
    old = {"OLD_TRACKING_NUMBER": wrong}
    if milestones.post(order, "tracking_corrected", about=about, values=old, caused_by_payment=True) is None:
        row = milestones.posted(order, "tracking_corrected", about=about)
        if row is not None:
            milestones.again(row, by=by, values=old)
