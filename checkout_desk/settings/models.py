"""The store: one row; and the rules of money that a manager sets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Key, Model, UTCDateTime, db


class Store(Model):
    """The shop whose desk this is, and the few numbers that its mail needs."""

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("undo_seconds BETWEEN 0 AND 120", name="undo"),
        CheckConstraint("promise_hours BETWEEN 1 AND 720", name="promise"),
        CheckConstraint("remind_days BETWEEN 1 AND 60", name="remind"),
        CheckConstraint("quote_days BETWEEN 1 AND 90", name="quote"),
        CheckConstraint("tax_rounding IN ('line','total')", name="tax_rounding"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    contact: Mapped[str] = mapped_column(String(254), default="")
    promise_hours: Mapped[int] = mapped_column(Integer, default=24)
    undo_seconds: Mapped[int] = mapped_column(Integer, default=10)
    sandbox: Mapped[bool] = mapped_column(default=False)
    acknowledge: Mapped[bool] = mapped_column(default=False)
    """send an automatic receipt for a new conversation"""
    acknowledge_strangers: Mapped[bool] = mapped_column(default=False)
    """also to first-time senders who are not authenticated (SPEC section 5: off unless turned on)"""
    automatic_per_address: Mapped[int] = mapped_column(Integer, default=3)
    """circuit breaker: automatic mails to one address in 24 h"""
    automatic_per_conversation: Mapped[int] = mapped_column(Integer, default=3)
    own_authserv_id: Mapped[str] = mapped_column(String(254), default="")
    """authserv-id of the MX whose Authentication-Results count (RFC 8601)"""
    country: Mapped[str] = mapped_column(String(2), default="GB", server_default="GB")
    """where the store is (ISO 3166): for phone numbers and addresses that name no country"""
    currency: Mapped[str] = mapped_column(String(3), default="GBP", server_default="GBP")
    """ISO 4217; what prices are in where nothing else is said"""
    language: Mapped[str] = mapped_column(String(2), default="en", server_default="en")
    """the language for customers whose own is not known or not written here"""
    ask_phone: Mapped[bool] = mapped_column(default=True, server_default=true())
    """a missing phone number is a gap"""
    remind_days: Mapped[int] = mapped_column(Integer, default=3, server_default="3")
    """business days after which a customer is reminded, once, of missing details; as many later the order is parked"""
    prices_include_tax: Mapped[bool] = mapped_column(default=True, server_default=true())
    """whether the catalogue's prices hold the tax of the store's own country"""
    tax_rounding: Mapped[str] = mapped_column(String(5), default="line", server_default="line")
    """where tax is rounded to minor units: on each line, or once on the total of a rate"""
    vat_id: Mapped[str] = mapped_column(String(20), default="", server_default="")
    quote_days: Mapped[int] = mapped_column(Integer, default=5, server_default="5")
    """business days for which a quote holds its price and its stock"""
    quote_remind_days: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """business days before its end at which a quote is recalled to the customer; 0: not at all"""
    quote_pdf: Mapped[bool] = mapped_column(default=False, server_default=false())
    """attach the quote as a PDF to its mail"""
    calendar_id: Mapped[int | None] = mapped_column(Key, ForeignKey("calendar.id"))
    """whose hours promises run in; None: wall time"""
    answer_mails: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """milestones whose mails keep a promise as a person's answer does, with spaces between (settings.forms.ANSWER_MAILS)"""
    credit_confirmed: Mapped[str] = mapped_column(String(8), default="placed", server_default="placed")
    """when an order on account is confirmed to its customer: 'placed' or 'paid'"""
    hand_out: Mapped[str] = mapped_column(String(8), default="off", server_default="off")
    """who gets new work within the role of its next step: 'off' nobody, 'turns' each in turn, 'least' who has least"""
    digest_hour: Mapped[int] = mapped_column(Integer, default=7, server_default="7")
    """the store's hour from which on its people get their daily mail"""
    stays_hours: Mapped[int | None] = mapped_column(Integer)
    """hours after which an escalated case that nobody settled is escalated again; None: never"""
    stays_role: Mapped[str] = mapped_column(String(20), default="manager", server_default="manager")
    """to which role"""
    feedback_days: Mapped[int] = mapped_column(Integer, default=5, server_default="5")
    """days after delivery on which a customer is asked how it was; 0: never"""
    low_score: Mapped[int] = mapped_column(Integer, default=2, server_default="2")
    """a score up to this one opens a task"""
    return_days: Mapped[int] = mapped_column(Integer, default=30, server_default="30")
    """days after delivery within which goods may come back"""
    return_way_back: Mapped[str] = mapped_column(String(8), default="customer", server_default="customer")
    """who pays for the way back when the store did nothing wrong: 'customer' or 'store'"""
    return_address: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """where returns go, line by line; '' for the sender's address"""
    brand_colour: Mapped[str] = mapped_column(String(7), default="#0b5a6b", server_default="#0b5a6b")
    brand_footer: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """the last lines of mails and customer pages, such as the store's postal address"""
    sender_address: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """where parcels come from and go back to, line by line, without name and country"""
    eori: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """the number by which customs know the store"""
    slip_prices: Mapped[bool] = mapped_column(default=False, server_default=false())
    """packing slips show prices"""
    logo_sha256: Mapped[str | None] = mapped_column(String(64))
    logo_type: Mapped[str | None] = mapped_column(String(40))


class Calendar(Model):
    """Hours in which the store answers, and days on which it does not."""

    __tablename__ = "calendar"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    time_zone: Mapped[str] = mapped_column(String(60))
    country: Mapped[str] = mapped_column(String(2), default="")
    """whose public holidays count (ISO 3166); '' for none"""
    hours: Mapped[list[Any]] = mapped_column(default=list)
    """seven lists, Monday first, of wall times from and until: [[["09:00", "12:30"], ["13:00", "17:00"]], …]"""
    closures: Mapped[list[Any]] = mapped_column(default=list)
    """days on which it is closed besides: ["2026-12-24"]"""


class PromiseRule(Model):
    """By when customers of one group are answered, where it is not as for all."""

    __tablename__ = "promise_rule"
    __table_args__ = (CheckConstraint("hours BETWEEN 1 AND 720", name="hours"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    group: Mapped[str] = mapped_column(String(40), unique=True)
    """as `Customer.group` names it"""
    hours: Mapped[int] = mapped_column(Integer)
    calendar_id: Mapped[int | None] = mapped_column(Key, ForeignKey("calendar.id"))


class EscalationRule(Model):
    """To whom a conversation goes when its promise is broken for so long; each rule once a promise, again after more hours."""

    __tablename__ = "escalation_rule"
    __table_args__ = (CheckConstraint("(to_role IS NULL) <> (to_person_id IS NULL)", name="target"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    after_hours: Mapped[int] = mapped_column(Integer, default=0)
    """wall hours after the deadline"""
    to_role: Mapped[str | None] = mapped_column(String(20))
    to_person_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    again_hours: Mapped[int | None] = mapped_column(Integer)
    """it is escalated again when it stays for so long; None: never"""
    active: Mapped[bool] = mapped_column(default=True)


class TaxZone(Model):
    """Countries that are taxed alike. A country that stands in no zone is not taxed."""

    __tablename__ = "tax_zone"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    countries: Mapped[list[Any]] = mapped_column(default=list)
    """ISO 3166 codes; '*' is everywhere else"""
    treatment: Mapped[str] = mapped_column(String(16), default="taxed")
    """'taxed', 'zero' (export), or 'reverse' (reverse charge for customers with a VAT id, taxed for others)"""
    position: Mapped[int] = mapped_column(Integer, default=0)


class TaxRate(Model):
    """What one tax class costs in one zone, from a day on."""

    __tablename__ = "tax_rate"
    __table_args__ = (
        UniqueConstraint("zone_id", "tax_class", "valid_from"),
        CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    zone_id: Mapped[int] = mapped_column(Key, ForeignKey("tax_zone.id"))
    tax_class: Mapped[str] = mapped_column(String(20), default="standard")
    name: Mapped[str] = mapped_column(String(40))
    """as the customer reads it: 'VAT 20 %'"""
    rate_ppm: Mapped[int] = mapped_column(Integer)
    """millionths: 200000 is 20 %"""
    valid_from: Mapped[date] = mapped_column(Date)


class ShippingService(Model):
    """One way to send a parcel, and where it goes."""

    __tablename__ = "shipping_service"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    carrier: Mapped[str] = mapped_column(String(40), default="")
    countries: Mapped[list[Any]] = mapped_column(default=list)
    """ISO 3166 codes; '*' is everywhere else"""
    days_min: Mapped[int] = mapped_column(Integer, default=1)
    """business days from hand-over to the door, at best and at most"""
    days_max: Mapped[int] = mapped_column(Integer, default=3)
    cut_off: Mapped[str] = mapped_column(String(5), default="15:00")
    """orders paid until then leave the same day, in the store's time zone"""
    tax_class: Mapped[str] = mapped_column(String(20), default="standard")
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class ShippingPrice(Model):
    """What a service costs up to a weight and from a value of goods, from a day on."""

    __tablename__ = "shipping_price"
    __table_args__ = (CheckConstraint("price_minor >= 0", name="price"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    service_id: Mapped[int] = mapped_column(Key, ForeignKey("shipping_service.id"), index=True)
    up_to_grams: Mapped[int | None] = mapped_column(Integer)
    """None: any weight"""
    from_value_minor: Mapped[int] = mapped_column(Integer, default=0)
    """holds for goods worth this and more, in minor units of `currency`"""
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[date] = mapped_column(Date)


class Discount(Model):
    """What a code that customers may name takes off, from a day on."""

    __tablename__ = "discount"
    __table_args__ = (
        UniqueConstraint("code_key", "valid_from"),
        CheckConstraint("kind IN ('percent','amount')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    code_key: Mapped[str] = mapped_column(String(40))
    """casefolded, without white space; the newest row that has begun counts"""
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[int] = mapped_column(Integer)
    """millionths for a percentage, minor units for an amount"""
    currency: Mapped[str | None] = mapped_column(String(3))
    from_value_minor: Mapped[int] = mapped_column(Integer, default=0)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(default=True)


class PaymentMethod(Model):
    """A way in which customers may pay."""

    __tablename__ = "payment_method"
    __table_args__ = (CheckConstraint("kind IN ('stripe','paypal','bank','cash','account')", name="kind"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(80))
    """as the customer reads it: 'Bank transfer'"""
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what is no secret, by kind: see settings.methods"""
    secret: Mapped[str | None] = mapped_column(Text)
    """keys of the provider as one encrypted JSON object (checkout_desk.secrets); None where there are none"""


class BankChange(Model):
    """Where money shall go from now on: said by one person, in force when another one confirms it, or when its time comes."""

    __tablename__ = "bank_change"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','done','refused')", name="state"),
        CheckConstraint("decided_by_id <> by_id OR state = 'refused'", name="four_eyes"),
        Index("ix_bank_change_state", "state", "takes_effect_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    method_id: Mapped[int | None] = mapped_column(Key, ForeignKey("payment_method.id"))
    """None: a new way to pay"""
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(80))
    active: Mapped[bool] = mapped_column(default=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """of a new way all of them, else the bank details that shall change"""
    secret: Mapped[str | None] = mapped_column(Text)
    """the keys that were typed, sealed"""
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    takes_effect_at: Mapped[datetime | None]
    """when it takes effect by itself, because nobody else may confirm it; None: it waits for somebody"""
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    decided_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """None for one that took effect by itself"""
    decided_at: Mapped[datetime | None]


class Tolerance(Model):
    """By how much a payment may differ for a role to accept it."""

    __tablename__ = "tolerance"
    __table_args__ = (UniqueConstraint("role", "currency"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    under_minor: Mapped[int] = mapped_column(Integer, default=0)
    over_minor: Mapped[int] = mapped_column(Integer, default=0)
    refund_minor: Mapped[int] = mapped_column(Integer, default=0)
    discount_minor: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """what somebody of the role may take off a quote by hand"""


class SetupStep(Model):
    """What is remembered of one step of the set-up: whether it was left for later, and what its test found."""

    __tablename__ = "setup_step"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    put_off_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """somebody left it for later"""
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """somebody said that what is still open in it is right as it is"""
    tested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """when other machines were asked last"""
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """what they said: words of a fixed list, never a secret"""


def set_up() -> bool:
    """Whether the desk has its store: between its start and its first person it has none, and the clock runs already."""
    return db.session.get(Store, 1) is not None


def store() -> Store:
    """The store's row. Raises LookupError before the set-up made one."""
    found: Store | None = db.session.get(Store, 1)
    if found is None:
        raise LookupError("this desk has no store yet")
    db.session.info[Store] = (
        found  # a session holds its rows weakly: the next call would ask the database again
    )
    return found
