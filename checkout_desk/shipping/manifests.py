"""What a carrier takes along in one go: the list of the day's parcels, its pickup, and its end, which hands them over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order
from checkout_desk.settings.effective import long_day, today
from checkout_desk.settings.models import store
from checkout_desk.shipping import adapters, handing_over, riding
from checkout_desk.shipping.adapters import Declined, Unreachable
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Carrier, Label, Manifest, Shipment

MOST = 500
"""parcels on one list"""
FARTHEST = timedelta(days=14)
"""how far ahead a pickup can be asked for"""
Waiting = Row[tuple[int, int]]


def _ready() -> ColumnElement[bool]:
    """Labelled, or packed under the carrier's own label: everything but its driver is there. A box is one parcel."""
    own = and_(
        Shipment.state == "packing", Shipment.tracking_key.is_not(None), Shipment.packed_at.is_not(None)
    )
    return and_(or_(Shipment.state == "labelled", own), Shipment.rides_id.is_(None))


def waiting() -> dict[int, int]:
    """Carrier id -> how many parcels wait for it and are on no list yet; 0 stands for those without a carrier."""
    rows = db.session.execute(
        select(Shipment.carrier_id, func.count())
        .where(_ready(), Shipment.state.in_(HERE), Shipment.manifest_id.is_(None))
        .group_by(Shipment.carrier_id)
    )
    return {carrier_id or 0: n for carrier_id, n in rows}


def newest(limit: int = 30) -> Sequence[Manifest]:
    """The lists, those that are open first."""
    return db.session.scalars(
        select(Manifest).order_by((Manifest.state == "open").desc(), Manifest.id.desc()).limit(limit)
    ).all()


def sizes(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """List id -> (parcels, those of them that have not left). One query."""
    here = func.sum(Shipment.state.in_(HERE).cast(db.Integer))
    rows = db.session.execute(
        select(Shipment.manifest_id, func.count(), here)
        .where(Shipment.manifest_id.in_(ids), Shipment.state != "void")
        .group_by(Shipment.manifest_id)
    )
    return {manifest_id: (n, int(left or 0)) for manifest_id, n, left in rows}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    parcel: Shipment
    order: Order
    grams: int | None


def entries(manifest: Manifest) -> list[Entry]:
    """The parcels of a list, in the order in which they are counted. Two queries."""
    rows = db.session.execute(
        select(Shipment, Order)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.manifest_id == manifest.id, Shipment.state != "void")
        .order_by(Order.number, Shipment.number)
        .limit(MOST)
    )
    found = [(parcel, order) for parcel, order in rows]
    inside: dict[int, list[Shipment]] = {}
    for one in db.session.scalars(select(Shipment).where(Shipment.rides_id.in_([p.id for p, _ in found]))):
        inside.setdefault(one.rides_id or 0, []).append(one)
    return [
        Entry(parcel, order, parcel.weight_grams or riding.grams(parcel, inside.get(parcel.id, ())))
        for parcel, order in found
    ]


def gather(carrier: Carrier, *, by: Person) -> Manifest:
    """Put every parcel that waits for `carrier` on its open list, a new one where there is none.

    Raises Refused where nothing waits.
    """
    db.session.refresh(carrier, with_for_update={"key_share": True})  # two people make one list
    found: Manifest | None = db.session.scalars(
        select(Manifest).where(Manifest.carrier_id == carrier.id, Manifest.state == "open")
    ).one_or_none()
    ids = db.session.scalars(
        select(Shipment.id)
        .where(_ready(), Shipment.carrier_id == carrier.id, Shipment.manifest_id.is_(None))
        .order_by(Shipment.id)
        .limit(MOST)
    ).all()
    if not ids:
        if found is not None:
            return found
        raise Refused(f"No parcel waits for {carrier.name}; label parcels first.")
    if found is None:
        found = Manifest(carrier_id=carrier.id, state="open", made_at=clock.now(), made_by_id=by.id)
        db.session.add(found)
        db.session.flush()
        record("manifest.made", about=found, after={"carrier": carrier.name})
    db.session.execute(
        update(Shipment)
        .where(Shipment.id.in_(ids), Shipment.manifest_id.is_(None), Shipment.state.in_(HERE))
        .values(manifest_id=found.id, version=Shipment.version + 1)
        .execution_options(synchronize_session=False)
    )
    record("manifest.filled", about=found, after={"parcels": len(ids)})
    return found


def take_out(manifest: Manifest, shipment_id: int) -> None:
    """Leave a parcel for another day. Raises Refused when it has left."""
    gone = db.session.scalar(
        update(Shipment)
        .where(
            Shipment.id == shipment_id, Shipment.manifest_id == manifest.id, Shipment.state.in_(HERE)
        )
        .values(manifest_id=None, version=Shipment.version + 1)
        .returning(Shipment.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if gone is None:
        raise Refused("This parcel is not on the list any more, or has left already.")
    record("manifest.left_out", about=manifest, after={"shipment": shipment_id})


def hand_over_all(
    manifest_id: int, *, by_id: int, most: int = MOST, but: Collection[str] = ()
) -> list[tuple[str, str]]:
    """The driver has everything: each parcel leaves in a transaction of its own, and the list is closed when all have.

    Returns (parcel, why) of those that had to stay. Commits; may be done again, and goes on where it ended: `most` are
    tried in one go, without those named in `but`.
    """
    db.session.rollback()
    ids = [
        (one.parcel.id, f"{one.order.number}-P{one.parcel.number}")
        for one in entries(db.session.get_one(Manifest, manifest_id))
        if one.parcel.state in HERE and f"{one.order.number}-P{one.parcel.number}" not in but
    ][:most]
    refused = []
    with acting_as(f"person:{by_id}", "manifest"):
        for shipment_id, name in ids:
            db.session.rollback()
            begin_write()
            parcel = db.session.get_one(Shipment, shipment_id)
            if parcel.manifest_id != manifest_id or parcel.state not in HERE:
                continue
            try:
                handing_over.hand_over(parcel, by=db.session.get_one(Person, by_id))
            except Refused as refusal:
                db.session.rollback()
                refused.append((name, str(refusal)))
            else:
                db.session.commit()
        _close(manifest_id, by_id)
    return refused


def _close(manifest_id: int, by_id: int) -> None:
    db.session.rollback()
    begin_write()
    manifest = db.session.get_one(Manifest, manifest_id, with_for_update={"key_share": True})
    n, here = sizes([manifest_id]).get(manifest_id, (0, 0))
    if manifest.state == "open" and n and not here:
        manifest.state, manifest.closed_at, manifest.closed_by_id = "closed", clock.now(), by_id
        record(
            "manifest.closed",
            about=manifest,
            before={"state": "open"},
            after={"state": "closed", "parcels": n},
        )
    db.session.commit()


def ask_pickup(manifest_id: int, *, on: date, begins: str, ends: str, note: str, by_id: int) -> str:
    """Note when the driver shall come and, where the carrier's machine takes such requests, ask it. Commits.

    Returns the carrier's confirmation, '' where a person has to ring it up. Raises Refused for a day or a window that
    cannot be, and with the carrier's words when it says no.
    """
    db.session.rollback()
    manifest = db.session.get_one(Manifest, manifest_id)
    _possible(manifest, on, begins, ends)
    carrier, refs = db.session.get(Carrier, manifest.carrier_id or 0), bought_refs(manifest)
    ref = ""
    if carrier is not None and refs and adapters.of(carrier.adapter).buys:
        access, zone = adapters.access(carrier), store().time_zone
        db.session.rollback()
        try:
            ref = adapters.of(access.adapter).pickup(
                access, refs, on=on, begins=begins, ends=ends, note=note, zone=zone
            )
        except (Unreachable, Declined) as refusal:
            raise Refused(str(refusal)) from refusal
    db.session.rollback()
    begin_write()
    manifest = db.session.get_one(Manifest, manifest_id, with_for_update={"key_share": True})
    manifest.pickup_on, manifest.pickup_from, manifest.pickup_until = on, begins, ends
    manifest.pickup_note, manifest.pickup_ref = note, ref
    record(
        "manifest.pickup_asked",
        about=manifest,
        after={"on": on.isoformat(), "from": begins, "until": ends, "ref": ref},
        actor=f"person:{by_id}",
    )
    db.session.commit()
    return ref


def ask_form(manifest_id: int, *, by_id: int) -> None:
    """Have the carrier make the form that its driver scans, once for a list. Commits. Raises Refused with its words."""
    db.session.rollback()
    manifest = db.session.get_one(Manifest, manifest_id)
    carrier, refs = db.session.get(Carrier, manifest.carrier_id or 0), bought_refs(manifest)
    if manifest.form_ref:
        return
    if carrier is None or not refs or not adapters.of(carrier.adapter).buys:
        raise Refused("No label on this list was bought from the carrier; its driver takes our own paper.")
    access = adapters.access(carrier)
    db.session.rollback()
    try:
        ref, pdf = adapters.of(access.adapter).manifest(access, refs)
    except (Unreachable, Declined) as refusal:
        raise Refused(str(refusal)) from refusal
    sha256 = blobs().put(pdf) if pdf else None
    begin_write()
    manifest = db.session.get_one(Manifest, manifest_id, with_for_update={"key_share": True})
    manifest.form_ref, manifest.form_sha256 = ref, sha256
    record("manifest.form_made", about=manifest, after={"ref": ref}, actor=f"person:{by_id}")
    db.session.commit()


def _possible(manifest: Manifest, on: date, begins: str, ends: str) -> None:
    if manifest.state != "open":
        raise Refused("This list is closed; its parcels have left.")
    if not today() <= on <= today() + FARTHEST:
        raise Refused(
            f"Day cannot be {long_day(on)}; choose one from today to {long_day(today() + FARTHEST)}."
        )
    if begins >= ends:
        raise Refused(f"The window ends at {ends}, not after {begins} when it begins; type a later end.")


def bought_refs(manifest: Manifest) -> list[str]:
    """The carrier's own ids of the labels on the list that it sold."""
    return list(
        db.session.scalars(
            select(Label.ref)
            .join(Shipment, Shipment.id == Label.shipment_id)
            .where(Shipment.manifest_id == manifest.id, Label.state == "made", Label.ref.is_not(None))
            .order_by(Label.id)
        )
    )
