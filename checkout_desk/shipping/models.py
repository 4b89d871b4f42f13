"""Tables of parcels. What must happen once is a unique column: a live label of a parcel, a tracking number, an alarm."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model

SHIPMENT_STATES = (
    "packing",
    "labelled",
    "handed_over",
    "in_transit",
    "out_for_delivery",
    "failed_attempt",
    "available_for_pickup",
    "exception",
    "delivered",
    "returned_to_sender",
    "lost",
    "void",
)
STATUSES = (
    "pending",
    "info_received",
    "in_transit",
    "out_for_delivery",
    "failed_attempt",
    "available_for_pickup",
    "delivered",
    "exception",
    "expired",
)
"""the columns of the tracking board: what the carrier says, in the nine words that carriers share"""
LABEL_STATES = ("buying", "made", "void", "refund_asked", "refunded", "refund_refused", "unknown")
"""'buying': asked for and not answered yet; 'unknown': nobody knows whether the carrier sold it; 'made' is the live one"""
ALARMS = ("silent", "late", "failed_attempt", "coming_back", "exception", "short")
"""'short': a piece was missing on the shelf when the parcel was packed; `about` is the product's id"""


class Carrier(Model):
    """Who takes parcels away, and how the desk talks to them."""

    __tablename__ = "carrier"
    __table_args__ = (
        CheckConstraint("adapter IN ('manual','easypost')", name="adapter"),
        CheckConstraint("handover IN ('number','manifest')", name="handover"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    """as `ShippingService.carrier` names it: 'Royal Mail'"""
    pattern: Mapped[str] = mapped_column(String(20), default="")
    """whose tracking numbers it gives out, by `numbers.CARRIERS`: 'royal_mail'; '' for none that we know"""
    adapter: Mapped[str] = mapped_column(String(12), default="manual")
    handover: Mapped[str] = mapped_column(String(10), default="number")
    """what hands a parcel over: its tracking number being entered, or the day's manifest being closed"""
    tracked: Mapped[bool] = mapped_column(default=True)
    """False: a parcel leaves without a number"""
    tracking_url: Mapped[str] = mapped_column(String(300), default="")
    """instead of the carrier's usual page; '{number}' and '{language}' are filled in"""
    holidays: Mapped[list[Any]] = mapped_column(default=list)
    """days besides Sundays and public holidays on which nothing is collected: ['2026-12-24']"""
    silent_days: Mapped[int] = mapped_column(Integer, default=3)
    """business days without a scan after which somebody should ask"""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what is no secret: the account number, the pickup address"""
    secret: Mapped[str | None] = mapped_column(Text)
    """the adapter's keys as one encrypted JSON object (checkout_desk.secrets)"""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class Box(Model):
    """A size of box that parcels are packed in."""

    __tablename__ = "box"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    """'M'"""
    length_mm: Mapped[int] = mapped_column(Integer)
    width_mm: Mapped[int] = mapped_column(Integer)
    height_mm: Mapped[int] = mapped_column(Integer)
    grams: Mapped[int] = mapped_column(Integer, default=0)
    """of the empty box"""
    position: Mapped[int] = mapped_column(Integer, default=0)


class Shipment(Model):
    """One parcel of an order."""

    __tablename__ = "shipment"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(f"state IN {SHIPMENT_STATES}", name="state"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index(
            "uq_shipment_tracking",
            "tracking_key",
            unique=True,
            sqlite_where=text("tracking_key IS NOT NULL AND state <> 'void'"),
            postgresql_where=text("tracking_key IS NOT NULL AND state <> 'void'"),
        ),
        Index(
            "uq_shipment_packing",
            "order_id",
            unique=True,
            sqlite_where=text("state = 'packing'"),
            postgresql_where=text("state = 'packing'"),
        ),
        Index("ix_shipment_state", "state", "id"),
        Index("ix_shipment_board", "status", "handed_over_at", "id"),
        Index(
            "ix_shipment_poll",
            "poll_at",
            sqlite_where=text("poll_at IS NOT NULL"),
            postgresql_where=text("poll_at IS NOT NULL"),
        ),
        Index("ix_shipment_manifest", "manifest_id"),
        Index(
            "ix_shipment_rides",
            "rides_id",
            sqlite_where=text("rides_id IS NOT NULL"),
            postgresql_where=text("rides_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("order.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 within its order: 1042-P1"""
    quote_id: Mapped[int] = mapped_column(Key, ForeignKey("quote.id"))
    """the version whose committed stock it takes"""
    state: Mapped[str] = mapped_column(String(20), default="packing")
    """changed by lifecycle.SHIPMENT.fire alone"""
    status: Mapped[str] = mapped_column(String(20), default="pending")
    """what the carrier's events come to, whatever the order in which they arrived"""
    batch_id: Mapped[int | None] = mapped_column(Key, ForeignKey("batch.id"))
    carrier_id: Mapped[int | None] = mapped_column(Key, ForeignKey("carrier.id"))
    service_id: Mapped[int | None] = mapped_column(Key, ForeignKey("shipping_service.id"))
    service: Mapped[str] = mapped_column(String(80), default="")
    """its name when the parcel was made"""
    box_id: Mapped[int | None] = mapped_column(Key, ForeignKey("box.id"))
    weight_grams: Mapped[int | None] = mapped_column(Integer)
    """as it was weighed"""
    expected_grams: Mapped[int | None] = mapped_column(Integer)
    """by the catalogue, with its box; None where a product has no weight"""
    tracking_number: Mapped[str] = mapped_column(String(40), default="")
    """as people read it"""
    tracking_key: Mapped[str | None] = mapped_column(String(40))
    """the number without blanks and hyphens, in capitals"""
    tracking_by: Mapped[str] = mapped_column(String(20), default="")
    """whose number it is, by `numbers.CARRIERS`; '' where nobody's pattern fits"""
    promised_on: Mapped[date | None] = mapped_column(Date)
    """the day that the customer was told"""
    packed_at: Mapped[datetime | None]
    packed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    delivered_at: Mapped[datetime | None]
    last_scan_at: Mapped[datetime | None]
    """the carrier's own time of its newest event"""
    poll_at: Mapped[datetime | None]
    """when the carrier is asked next"""
    manifest_id: Mapped[int | None] = mapped_column(Key, ForeignKey("manifest.id"))
    rides_id: Mapped[int | None] = mapped_column(Key, ForeignKey("shipment.id"))
    """the parcel in whose box its pieces travel; it has no label and no `tracking_key` of its own then, and shows that
    one's `tracking_number` from the hand-over on"""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class ShipmentItem(Model):
    """Pieces of one product in a parcel."""

    __tablename__ = "shipment_item"
    __table_args__ = (
        UniqueConstraint("shipment_id", "product_id"),
        CheckConstraint("quantity > 0 AND packed >= 0 AND packed <= quantity", name="packed"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(Key, ForeignKey("shipment.id"))
    product_id: Mapped[int] = mapped_column(Key, ForeignKey("product.id"))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    """as the quote names it"""
    quantity: Mapped[int] = mapped_column(Integer)
    packed: Mapped[int] = mapped_column(Integer, default=0)


class Label(Model):
    """One attempt to label a parcel; of a parcel one counts at most."""

    __tablename__ = "label"
    __table_args__ = (
        UniqueConstraint("shipment_id", "number"),
        CheckConstraint(f"state IN {LABEL_STATES}", name="state"),
        Index(
            "uq_label_live",
            "shipment_id",
            unique=True,
            sqlite_where=text("state IN ('buying','made','unknown')"),
            postgresql_where=text("state IN ('buying','made','unknown')"),
        ),
        Index("ix_label_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(Key, ForeignKey("shipment.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 of its parcel"""
    state: Mapped[str] = mapped_column(String(16), default="made")
    """changed by lifecycle.LABEL.fire alone"""
    address: Mapped[dict[str, Any]]
    """sender and recipient exactly as printed"""
    address_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the recipient's part: an order whose address gives another one has a label that must not be used"""
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    """the blob of a label that was bought; ours are set again, byte for byte, from `address`"""
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    """what a purchase is asked for under, written before: asking again buys nothing twice"""
    ref: Mapped[str | None] = mapped_column(String(120))
    """the carrier's own id of what it sold"""
    price_minor: Mapped[int | None] = mapped_column(Integer)
    currency: Mapped[str | None] = mapped_column(String(3))
    void_until: Mapped[datetime | None]
    """until when the carrier takes it back"""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    printed: Mapped[int] = mapped_column(Integer, default=0)
    """how often, the first time included"""
    void_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    looked_at: Mapped[datetime | None]
    """when the carrier was last asked what became of it"""
    fault: Mapped[str | None] = mapped_column(String(300))


class TrackingEvent(Model):
    """One thing that a carrier said about a parcel. Kept once, however often and in whatever order it is told."""

    __tablename__ = "tracking_event"
    __table_args__ = (
        UniqueConstraint("shipment_id", "key"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index("ix_tracking_event_way", "shipment_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(Key, ForeignKey("shipment.id"))
    key: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what makes it this event: time, status, text and place as the carrier gave them"""
    at: Mapped[datetime]
    """the carrier's time"""
    status: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(300), default="")
    """the carrier's own"""
    place: Mapped[str] = mapped_column(String(120), default="")
    returning: Mapped[bool] = mapped_column("on_way_back", default=False)
    """it is on its way back to us; RETURNING is a word of SQL"""
    source: Mapped[str] = mapped_column(String(20))
    """'poll', 'webhook', 'person'"""
    received_at: Mapped[datetime]


class DeliveryAlarm(Model):
    """Something about a parcel that somebody has to look at; each kind once for what it is about."""

    __tablename__ = "delivery_alarm"
    __table_args__ = (
        UniqueConstraint("shipment_id", "kind", "about"),
        CheckConstraint(f"kind IN {ALARMS}", name="kind"),
        Index("ix_delivery_alarm_open", "settled_at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(Key, ForeignKey("shipment.id"))
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(40), default="")
    """what tells a second one of the same kind apart: the day of the failed attempt, of the last scan"""
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None: a later event settled it"""
    settled_how: Mapped[str] = mapped_column(String(200), default="")


class CarrierEvent(Model):
    """What a carrier's webhook told us, kept raw before it is understood."""

    __tablename__ = "carrier_event"
    __table_args__ = (
        UniqueConstraint("carrier_id", "event_id"),
        Index("ix_carrier_event_open", "understood_at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    carrier_id: Mapped[int] = mapped_column(Key, ForeignKey("carrier.id"))
    event_id: Mapped[str] = mapped_column(String(120))
    raw_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    understood_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    fault: Mapped[str | None] = mapped_column(String(300))


class Manifest(Model):
    """What one carrier takes along in one go: the list that its driver signs."""

    __tablename__ = "manifest"
    __table_args__ = (CheckConstraint("state IN ('open','closed')", name="state"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    carrier_id: Mapped[int | None] = mapped_column(Key, ForeignKey("carrier.id"))
    state: Mapped[str] = mapped_column(String(6), default="open")
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    leaving_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """who said that the driver has all of it, while a worker hands it over"""
    leaving_until: Mapped[datetime | None]
    """until when one worker does that"""
    refused: Mapped[list[Any] | None]
    """[parcel, why] of what had to stay when it was last handed over by a worker"""
    pickup_on: Mapped[date | None] = mapped_column(Date)
    pickup_from: Mapped[str] = mapped_column(String(5), default="")
    """'14:00', in the store's time"""
    pickup_until: Mapped[str] = mapped_column(String(5), default="")
    pickup_note: Mapped[str] = mapped_column(String(200), default="")
    pickup_ref: Mapped[str] = mapped_column(String(120), default="")
    """the carrier's confirmation"""
    form_ref: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """the carrier's own id of the form that its driver scans"""
    form_sha256: Mapped[str | None] = mapped_column(String(64))
    """the blob of that form"""


class NumberList(Model):
    """Tracking numbers that were given all at once: its lines with what became of each."""

    __tablename__ = "number_list"
    __table_args__ = (
        Index(
            "ix_number_list_open",
            "id",
            sqlite_where=text("done < total"),
            postgresql_where=text("done < total"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    filename: Mapped[str] = mapped_column(String(200), default="")
    """'' for one that was pasted"""
    rows: Mapped[list[Any]]
    """its lines as `number_importing.Row`, and whether each was `wanted`"""
    total: Mapped[int] = mapped_column(Integer)
    """how many lines were wanted"""
    done: Mapped[int] = mapped_column(Integer, default=0)
    """how many of them were gone through"""
    confirmed: Mapped[list[Any]] = mapped_column(default=list)
    """what the person took all the same: ['not_packed']"""
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    claim: Mapped[str | None] = mapped_column(String(16))
    claimed_until: Mapped[datetime | None]
