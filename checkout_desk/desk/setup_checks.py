"""What the set-up finds in each step by trying it: one sentence a finding, and where it is mended.

Everything here asks the database alone. What other machines say (a mail server, a provider) is asked by a button and
remembered: `setup_mailbox`, `setup_providers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy import func, select
from stdnum import iban as iban_numbers

from checkout_desk import clock, money
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.catalogue import entries
from checkout_desk.catalogue.models import Product
from checkout_desk.desk import setup_providers
from checkout_desk.desk.wording import Clockface
from checkout_desk.extensions import db
from checkout_desk.settings import choices, methods, promised, shipping, tax
from checkout_desk.settings.effective import today
from checkout_desk.settings.models import Calendar, PaymentMethod, SetupStep, store

KILO = 1000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `tone`: good; soon (still open); bad (tried, and it does not work). `needed`: nothing works without."""

    tone: str
    words: str
    url: str = ""
    act: str = ""
    needed: bool = False


def of_store(kept: SetupStep) -> list[Check]:
    """Name, place and time."""
    shop = store()
    there = clock.now().astimezone(ZoneInfo(shop.time_zone))
    place = choices.countries().get(shop.country, shop.country)
    found = [Check("good", f"{shop.name}, {place}, prices in {shop.currency}.")]
    sure = shop.time_zone != "UTC" or kept.settled_at
    found.append(
        Check("good" if sure else "soon", f"By the time zone {shop.time_zone} it is now {there:%A %H:%M}."
              + ("" if sure else " Choose the store’s own, else deadlines are shown in the wrong hour."))
    )  # fmt: skip
    if not shop.sender_address:
        found.append(
            Check("soon", "The address is empty: labels, customs papers and invoices need a sender.")
        )
    elif not any(sign.isdigit() for sign in shop.sender_address):
        found.append(
            Check("soon", "The address has no number in it; carriers want a house number and a postcode.")
        )
    else:
        found.append(Check("good", f"Parcels come from {', '.join(shop.sender_address.splitlines())}."))
    found.append(
        Check("good", "The logo is there." if shop.logo_sha256 else "No logo: mails show the store’s name.")
    )
    return found


def of_catalogue(kept: SetupStep) -> list[Check]:
    """Products that can be sold, and whether a mail that names one is read."""
    shop, p = store(), Product
    rows = db.session.execute(
        select(func.count(), func.count(p.weight_grams), func.max(p.id)).where(p.active.is_(True))
    ).one()
    if not rows[0]:
        return [Check("soon", "No product yet, so no order can be read out of a mail.", needed=True)]
    foreign = (
        db.session.scalar(select(func.count()).where(p.active.is_(True), p.currency != shop.currency)) or 0
    )
    found = [Check("good", f"{_count(rows[0], 'product is', 'products are')} for sale.")]
    if rows[0] > rows[1]:
        found.append(
            Check("soon", f"{_count(rows[0] - rows[1], 'product has', 'products have')} no weight, so their parcels have no "
                  "shipping price.", url_for("catalogue.everything"), "Catalogue")
        )  # fmt: skip
    if foreign:
        found.append(
            Check("soon", f"{_count(foreign, 'product is', 'products are')} not priced in {shop.currency}.",
                  url_for("catalogue.everything"), "Catalogue")
        )  # fmt: skip
    found.append(_read_back(rows[2]))
    return found


def _read_back(product_id: int) -> Check:
    """A mail that orders two of a product is read, as if a customer had written it."""
    # Reading is for workers (5 MB): no other page needs it.
    from checkout_desk.reading.model import ReadingInput
    from checkout_desk.reading.reading import read

    product = db.session.get_one(Product, product_id)
    words = f"2 x {product.name}"
    letter = ReadingInput(body=f"Hello,\nplease send me {words}.\nThank you", subject="Order")
    lines = read(letter, entries.index().catalogue, country=store().country).lines
    if [(line.sku, line.quantity) for line in lines] == [(product.sku, 2)]:
        return Check("good", f"A mail with “{words}” is read as an order of 2 × {product.sku}.")
    return Check("soon", f"A mail with “{words}” is not read as an order of 2 × {product.sku}; give it an alias by which "
                 "customers call it.", url_for("catalogue.show", product_id=product.id), "Aliases")  # fmt: skip


def of_tax(kept: SetupStep) -> list[Check]:
    """What an order at home is taxed with."""
    shop, on = store(), today()
    home = choices.countries().get(shop.country, shop.country)
    rules = tax.rates(shop.country, on=on)
    url = url_for("money_tax.everything")
    if rules.treatment == "none":
        return [Check("soon", f"Nothing is taxed: no zone has {home}.", url, "Tax zones")]
    if rules.treatment == "taxed" and "standard" not in rules.rates:
        return [Check("bad", f"{home} is taxed, but has no standard rate today; add one.", url, "Tax zones")]
    found = []
    for zone in tax.all_zones():
        rates = ", ".join(rate.name for rate in tax.rates(zone.countries[0], on=on).rates.values()) if (
            zone.countries and zone.countries[0] != tax.ELSEWHERE) else ""  # fmt: skip
        found.append(
            Check(
                "good", f"{zone.name}: {rates or tax.TREATMENTS.get(zone.treatment, zone.treatment).lower()}."
            )
        )
    if shop.vat_id and (fault := tax.vat_id_fault(shop.vat_id, shop.country)):
        found.append(Check("bad", fault, url_for("money.quotes"), "VAT id"))
    elif not shop.vat_id and rules.treatment == "taxed":
        found.append(
            Check("soon", "The VAT id is empty; invoices have to name it.", url_for("money.quotes"), "VAT id")
        )
    return found


def of_shipping(kept: SetupStep) -> list[Check]:
    """What a parcel of one kilogram costs at home."""
    shop, on = store(), today()
    services = [one for one in shipping.every() if one.active]
    url = url_for("money_shipping.everything")
    if not services:
        return [
            Check("soon", "No shipping service yet, so a quote has no shipping to choose.", url, "Services")
        ]
    asked: dict[str, Any] = {"grams": KILO, "value_minor": 0, "currency": shop.currency, "on": on}
    offers = shipping.offers(shop.country, **asked)
    home = choices.countries().get(shop.country, shop.country)
    if not offers:
        return [Check("bad", shipping.none_because(shop.country, **asked), url, "Services")]
    found = [
        Check("good", f"1 kg within {home}: {one.name}, {money.show(one.price_minor, shop.currency)}, "
              f"{one.days_min} to {one.days_max} business days.")
        for one in offers
    ]  # fmt: skip
    abroad = any(set(one.countries) - {shop.country} for one in services)
    found.append(
        Check(
            "good",
            "Parcels go abroad too."
            if abroad
            else f"Nothing goes further than {home}; add a service if it shall.",
        )
    )
    return found


def of_payment(kept: SetupStep) -> list[Check]:
    """What a customer at home could pay by, and what is wrong with the rest."""
    shop, url = store(), url_for("money_methods.everything")
    active = [row for row in methods.every() if row.active]
    found = [_method(row, kept) for row in active]
    offered = [row for row in methods.active(shop.currency, shop.country) if row.kind != "cash"]
    if not offered:
        words = (
            "Only cash is offered: nobody can pay for a parcel."
            if active
            else "Customers cannot be told how to pay."
        )
        found.append(Check("soon", words, url, "Ways to pay", needed=not active))
    return found


def _method(row: PaymentMethod, kept: SetupStep) -> Check:
    url = url_for("money_methods.method", method_id=row.id)
    if words := methods.lacks(row):
        return Check("bad", f"{row.name}: {words}", url, "Change")
    if row.kind == "bank":
        iban = str(row.settings["iban"])
        if not iban_numbers.is_valid(iban):
            return Check(
                "bad", f"{row.name}: the check digits of its IBAN are wrong; type it anew.", url, "Change"
            )
        return Check(
            "good",
            f"{row.name}: the check digits of {iban[:2]}…{iban[-4:]} are right. Compare it with your bank’s.",
        )
    if row.kind in methods.SECRETS:
        return Check(*setup_providers.finding(row, kept), url, "Change")
    return Check("good", f"{row.name} is offered.")


def of_people(kept: SetupStep) -> list[Check]:
    """Whether every role has somebody."""
    rows = db.session.execute(
        select(PersonRole.role, Person.name).join(Person, Person.id == PersonRole.person_id)
        .where(Person.disabled_at.is_(None)).order_by(Person.name)
    ).all()  # fmt: skip
    names: dict[str, list[str]] = {}
    for role, name in rows:
        names.setdefault(role, []).append(name)
    alone = len({name for _, name in rows}) < 2
    found = []
    for role, title in ROLES.items():
        who = names.get(role)
        stand_in = "" if who else "nobody yet; managers and administrators do it"
        found.append(
            Check("good" if who or not alone else "soon", f"{title}: {', '.join(who) if who else stand_in}.")
        )
    if alone:
        found.append(
            Check(
                "soon",
                "You are alone here. Nobody notices when you are away.",
                url_for("people.add"),
                "Add a person",
            )
        )
    return found


def of_promise(kept: SetupStep) -> list[Check]:
    """By when a mail that comes now is answered."""
    shop = store()
    at = clock.now()
    face = Clockface(at, ZoneInfo(shop.time_zone))
    calendar = db.session.get(Calendar, shop.calendar_id) if shop.calendar_id else None
    counted = f"in the hours of “{calendar.name}”" if calendar else "by the wall clock, day and night"
    hours = f"{shop.promise_hours} {'hour' if shop.promise_hours == 1 else 'hours'}"
    found = [
        Check(
            "good",
            f"An answer within {hours} {counted}: a mail that comes now is due {face.full(promised.now().due(at))}.",
        )
    ]
    if not kept.settled_at:
        found.append(Check("soon", "Nobody has said yet that this is what the store promises."))
    return found


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
