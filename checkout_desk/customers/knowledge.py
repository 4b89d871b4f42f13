"""What people at the desk may note about a customer: name, language, country, phone, addresses they write from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.reading.phones import e164
from checkout_desk.settings.choices import countries

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "ja": "Japanese",
}
"""the languages that the desk reads and writes"""

LONGEST_NOTE = 2000


class Wrong(Exception):
    """Fields that cannot be kept: `fields` is name → sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = dict(fields)


def trust(customer: Customer, trusted: bool) -> bool:
    """Let a customer order on account, or no longer; recorded. Returns whether that is new. Raises Refused for one that
    was merged into another."""
    if customer.merged_into_id is not None:
        raise Refused("This customer is part of another one now; decide there.")
    if customer.trusted == trusted:
        return False
    customer.trusted = trusted
    record(
        "customer.trusted" if trusted else "customer.distrusted", about=customer, after={"trusted": trusted}
    )
    return True


def checked(typed: Mapping[str, str], *, country: str) -> dict[str, Any]:
    """Typed fields (name, language, country, phone, note, group) as values of Customer. Raises Wrong with all sentences.

    `country` is the store's, for a phone number without a prefix where the customer's country is not known either.
    """
    faults: dict[str, str] = {}
    name = " ".join(typed.get("name", "").split())
    if len(name) > 200:
        faults["name"] = f"The name has {len(name)} characters; at most 200 are kept."
    language = typed.get("language", "").strip().lower()
    if language and language not in LANGUAGES:
        faults["language"] = (
            f"“{language[:20]}” is not a language that the desk writes; choose one from the list."
        )
    where = typed.get("country", "").strip().upper()
    if where and where not in countries():
        faults["country"] = f"“{where[:20]}” is not a country; choose one from the list, such as GB."
    phone = typed.get("phone", "").strip()
    if phone and "country" not in faults:
        number, there = e164(phone, where or country), where or country
        if number is None:
            faults["phone"] = (
                f"“{phone[:40]}” is not a phone number{f' of {countries().get(there, there)}' if there else ''}; "
                "type it with its country, such as +44 20 7946 0018."
            )
        phone = number or phone
    group = " ".join(typed.get("group", "").split())
    if len(group) > 40 or not group.isprintable():
        faults["group"] = f"“{group[:40]}” cannot name a group; use at most 40 letters, digits and spaces."
    note = typed.get("note", "").replace("\r\n", "\n").strip()
    if len(note) > LONGEST_NOTE:
        faults["note"] = f"The note has {len(note)} characters; at most {LONGEST_NOTE} are kept."
    if faults:
        raise Wrong(faults)
    return {
        "name": name,
        "language": language or None,
        "country": where or None,
        "phone": phone,
        "note": note,
        "group": group,
    }


def change(customer: Customer, values: Mapping[str, Any]) -> bool:
    """Set checked values; the trail names the fields, not what stands in them. Returns whether anything changed."""
    if customer.merged_into_id is not None:
        raise Refused("This customer was merged into another; change that one.")
    different = [name for name, value in values.items() if getattr(customer, name) != value]
    for name in different:
        setattr(customer, name, values[name])
    if different:
        record("customer.changed", about=customer, after={"fields": sorted(different)})
    return bool(different)


def add_address(customer: Customer, email: str) -> CustomerAddress:
    """From now on mail from `email` (checked by the caller) is this customer's. Raises Refused when it is another's."""
    key = email.casefold()[:254]
    taken = db.session.execute(
        select(Customer.id, Customer.name)
        .join(CustomerAddress, CustomerAddress.customer_id == Customer.id)
        .where(CustomerAddress.email == key)
    ).one_or_none()
    if taken is not None:
        whose = (
            "this customer’s already" if taken.id == customer.id else f"{taken.name or 'another customer'}’s"
        )
        hint = "" if taken.id == customer.id else "; merge the two if they are one person"
        raise Refused(f"{email} is {whose}{hint}.")
    address = CustomerAddress(email=key, customer_id=customer.id)
    db.session.add(address)
    db.session.flush()
    record("customer.address_added", about=customer, after={"address": address.id})
    return address


def remove_address(customer: Customer, address: CustomerAddress) -> None:
    """Mail from this address will make a new customer. Raises Refused for the last one."""
    others = db.session.scalar(
        select(CustomerAddress.id)
        .where(CustomerAddress.customer_id == customer.id, CustomerAddress.id != address.id)
        .limit(1)
    )
    if address.customer_id != customer.id:
        raise Refused("This address belongs to another customer by now.")
    if others is None:
        raise Refused("It is the only address that this customer writes from; add the right one first.")
    record("customer.address_removed", about=customer, before={"address": address.id})
    db.session.delete(address)


def addresses(customer_id: int) -> list[CustomerAddress]:
    """Every address that a customer writes from, oldest first."""
    rows = (
        select(CustomerAddress).where(CustomerAddress.customer_id == customer_id).order_by(CustomerAddress.id)
    )
    return list(db.session.scalars(rows))


_LEARNT: Any = select(Customer.language, Customer.country).where(Customer.id == bindparam("customer"))
"""what most mails add nothing to"""


def learn(customer_id: int, *, language: str | None, country: str | None, at: datetime) -> None:
    """Keep what a mail showed of a customer where nothing is known yet; what people set stays."""
    known = db.session.connection().execute(_LEARNT, {"customer": customer_id}).one_or_none()
    if known is None:
        return
    found = {
        name: value
        for name, value in (("language", language), ("country", country))
        if value and getattr(known, name) is None
    }
    if found:
        customer = db.session.get_one(Customer, customer_id)
        for name, value in found.items():
            setattr(customer, name, value)
        record("customer.learned", about=customer, after={"fields": sorted(found), "at": at.isoformat()})
