"""How the demo's customers answer when they are asked for details: by mail, or on their page."""

from __future__ import annotations

import re

from checkout_desk.catalogue.models import Product
from checkout_desk.doorstep import answering, links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.reading_answers import Answer
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, questioning
from checkout_desk.orders.completeness import Gap
from checkout_desk.orders.details import Wrong
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.orders.questioning import Open

_LINK = re.compile(r"/o/([A-Za-z0-9_-]{43})")
_PLACES = {
    "GB": ("14 Orchard Row", "Bristol", "BS1 4DJ", "+44 117 496 0123"),
    "ES": ("Calle Mayor 12", "Madrid", "28013", "+34 910 123 456"),
    "JP": ("梅田1-2-3", "大阪市北区", "530-0001", "+81 6-1234-5678"),
    "DE": ("Lindenweg 7", "Köln", "50667", "+49 221 1234567"),
    "FR": ("8 rue des Lilas", "Lyon", "69002", "+33 4 72 00 12 34"),
}
_REGIONS = {"JP": "大阪府"}
_WORDS = {
    "product": "I meant {value}.",
    "quantity": "{value} x {name}, please.",
    "ship_postcode": "The postcode is {value}.",
    "ship_line1": "The street is {value}.",
    "ship_city": "The town is {value}.",
    "ship_country": "It is in {value}.",
    "phone": "My phone number is {value}.",
    "ship_name": "The name on the parcel is {value}.",
    "ship_region": "The region is {value}.",
}


def link_in(text: str) -> str | None:
    """The token of the customer page that a mail of ours links to."""
    found = _LINK.search(text)
    return found[1] if found else None


def by_mail(token: str) -> str | None:
    """What the customer writes back: every detail that they were asked for. None when there is nothing to say."""
    o = _order(token)
    if o is None:
        return None
    said = _answers(o)
    address = [said.pop(name) for name in ("ship_line1", "ship_city", "ship_region", "ship_postcode") if name in said
               and "ship_country" in said]  # fmt: skip
    country = said.pop("ship_country", "") if address else ""
    parts = [_sentence(o, key, value) for key, value in said.items()]
    if address:
        name = said.get("ship_name") or questioning.name_of(o.order)
        lines = [name, *address, questioning.country(country, "en")]
        parts.append("Please send it to:\n" + "\n".join(line for line in lines if line))
    return "Of course!\n\n" + "\n".join(parts) if parts else None


def on_the_page(token: str) -> bool:
    """The customer fills the form in. Returns whether there was something to fill."""
    begin_write()
    o = _order(token)
    link = links.found(token)
    if o is None or link is None:
        db.session.rollback()
        return False
    loading.lock(o.order)
    try:
        with acting_as("customer", "demo"):
            answering.answer(o.order, link, Answer({}, filled=_answers(o)))
            db.session.commit()
    except (Refused, Wrong):
        db.session.rollback()
        return False
    return True


def _order(token: str) -> Open | None:
    link: CustomerLink | None = links.found(token)
    order = db.session.get(Order, link.order_id) if link else None
    o = questioning.opened(order) if order else None
    return o if o and o.gaps else None


def _answers(o: Open) -> dict[str, str]:
    """A believable value for each gap, by the names of the form."""
    country = o.order.ship_country or "GB"
    line1, city, postcode, phone = _PLACES.get(country, _PLACES["GB"])
    place = {
        "ship_name": questioning.name_of(o.order) or "Ann Lee", "ship_line1": line1, "ship_city": city, "ship_postcode": postcode,
        "ship_country": country if country in _PLACES else "GB", "phone": phone, "ship_region": _REGIONS.get(country, "Avon"),
    }  # fmt: skip
    found: dict[str, str] = {}
    for gap in o.gaps:
        if gap.name == "ship_to":
            wanted = ("ship_name", "ship_line1", "ship_city", "ship_postcode", "ship_country")
            found.update({name: place[name] for name in wanted if not getattr(o.order, name)})
        elif gap.field:
            found[gap.field] = place[gap.field]
        else:
            found.update(_of_line(o, gap))
    return found


def _of_line(o: Open, gap: Gap) -> dict[str, str]:
    line: OrderLine | None = o.line(gap.line_id)
    if line is None:
        return {}
    if gap.name == "quantity":
        return {f"quantity:{line.id}": "2"}
    options: list[tuple[Product, str]] = questioning.options(o, line)
    return {f"product:{line.id}": str(options[0][0].id)} if options else {}


def _sentence(o: Open, key: str, value: str) -> str:
    what, _, number = key.partition(":")
    line = o.line(int(number)) if number else None
    product = o.products.get(line.product_id or 0) if line else None
    name = product.name if product else (line.text if line else "")
    if what == "product":
        value = o.products[int(value)].name
    return _WORDS[what].format(value=value, name=name)
