"""What a quote says, as one JSON object with everything that its mail, page and PDF show; made once, then only read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence import templates
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading, pricing, references
from checkout_desk.orders.models import SHIP_FIELDS, Order, OrderLine, Quote
from checkout_desk.orders.pricing import Item, Off, Part
from checkout_desk.settings import discounts, effective, methods, shipping, tax
from checkout_desk.settings.models import PaymentMethod, ShippingService, store
from checkout_desk.settings.shipping import Offer

TIMES = ("issued_on", "expires_at")
"""what is filled in when it is sent"""


@dataclass(frozen=True, slots=True)
class Rebate:
    """What is taken off: an amount, or millionths."""

    minor: int = 0
    ppm: int = 0


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person takes off the whole order, and off lines by their id."""

    order: Rebate = Rebate()
    lines: Mapping[int, Rebate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chooses for a quote. `service_id` None: the first that is offered."""

    service_id: int | None = None
    discount_code: str = ""
    vat_id: str = ""
    by_hand: ByHand = ByHand()
    free_shipping: bool = False
    """the store pays the way: of what is sent instead of something else"""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions; '' where there was or is nothing."""

    what: str
    before: str
    after: str


def chosen(content: Mapping[str, Any]) -> Choices:
    """The choices that a content was made with."""
    codes = [off["code"] for off in content["discounts"] if off["code"]]
    service = content["shipping"]["service"] if content["shipping"] else None
    typed = content.get("by_hand") or {"order": {}, "lines": {}}
    by_hand = ByHand(
        Rebate(**typed["order"]), {int(key): Rebate(**off) for key, off in typed["lines"].items()}
    )
    free = bool((content["shipping"] or {}).get("free"))
    return Choices(service, codes[0] if codes else "", content["vat_id"], by_hand, free)


def given(content: Mapping[str, Any]) -> int:
    """What is taken off by hand, in minor units."""
    lines = sum(line["discount"] for line in content["lines"])
    return int(lines + sum(off["amount"] for off in content["discounts"] if not off["code"]))


def make(
    order: Order, *, number: int, choices: Choices, considered: list[Offer] | None = None
) -> dict[str, Any]:
    """The content of version `number` by today's rules and prices of the lines. Raises Refused with what is missing.

    `considered` takes up the shipping services that there are to choose from.
    """
    today, settings = effective.today(), store()
    lines = [line for line in loading.lines(order) if line.removed_at is None]
    goods = products.get({line.product_id for line in lines if line.product_id})
    items = [_item(order, line, goods, choices.by_hand) for line in lines]
    value = sum(pricing.worth(item) for item in items)
    offs = _discounts(order, choices, value)
    by_hand = choices.by_hand.order != Rebate()
    services = _offers(order, lines, goods, value - sum(_worth(off, value) for off in offs))
    if considered is not None:
        considered += services
    offer, zones = _offer(services, choices.service_id), tax.all_zones()
    try:
        priced = pricing.price(
            items,
            shipping=Item(1, 0 if choices.free_shipping else offer.price_minor, offer.tax_class)
            if offer
            else None,
            discounts=offs,
            tax=tax.rates(order.ship_country, on=today, vat_id=choices.vat_id, among=zones),
            includes_tax=settings.prices_include_tax,
            rounding=settings.tax_rounding,
            currency=order.currency,
            home=tax.home(on=today, among=zones),
        )
    except ValueError as fault:
        raise Refused(str(fault)) from None
    return {
        "quote": f"{order.number}-Q{number}",
        "order": order.number,
        "number": number,
        "reference": references.make(order.number, number),
        "currency": order.currency,
        "language": templates.speaks(order.language),
        "treatment": priced.treatment,
        "includes_tax": priced.includes_tax,
        "lines": [
            _line(line, goods[line.product_id], part)
            for line, part in zip(lines, priced.lines, strict=True)
            if line.product_id
        ],
        "shipping": _shipping(offer, priced.shipping, free=choices.free_shipping),
        "discounts": [
            {"code": name if place < len(offs) - by_hand else "", "name": name, "amount": amount}
            for place, (name, amount) in enumerate(priced.discounts)
        ],
        "taxes": [
            {"name": row.name, "rate": row.ppm, "net": row.net_minor, "tax": row.tax_minor}
            for row in priced.taxes
        ],
        "goods": priced.goods_minor,
        "net": priced.net_minor,
        "tax": priced.tax_minor,
        "total": priced.total_minor,
        "address": {f"ship_{name}": getattr(order, f"ship_{name}") for name in SHIP_FIELDS}
        | {"phone": order.phone, "email": order.email},
        "vat_id": choices.vat_id,
        "store": {
            "name": settings.name,
            "country": settings.country,
            "vat_id": settings.vat_id,
            "contact": settings.contact,
            "time_zone": settings.time_zone,
        },
        "methods": [
            {"id": row.id, "kind": row.kind, "name": row.name, "settings": dict(row.settings)}
            for row in _methods(order)
        ],
        "days": settings.quote_days,
        **dict.fromkeys(TIMES),
        **_by_hand(choices.by_hand, lines),
    }


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write a content: sorted keys, no blanks. The same version gives the same bytes for ever."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents say the same, apart from their times."""
    return canonical({**one, **dict.fromkeys(TIMES)}) == canonical({**other, **dict.fromkeys(TIMES)})


def agrees(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two versions sell the same to the same place for the same, whatever their numbers."""
    parts = ("lines", "shipping", "discounts", "taxes", "total", "address", "vat_id")
    return canonical({key: one[key] for key in parts}) == canonical({key: other[key] for key in parts})


def sells(order: Order, quote: Quote) -> bool:
    """Whether the order as it is now is what `quote` says."""
    try:
        return agrees(quote.content, make(order, number=quote.number, choices=chosen(quote.content)))
    except Refused:
        return False


def _methods(order: Order) -> list[PaymentMethod]:
    """The ways to pay; on account for customers alone whom a manager trusts with that."""
    found = methods.active(order.currency, order.ship_country, trusted=True)
    if all(row.kind != "account" for row in found):
        return found
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    trusted = customer is not None and customer.trusted
    return [row for row in found if trusted or row.kind != "account"]


def _by_hand(off: ByHand, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """What was typed, so that the next version can go on from it; nothing where nothing was."""
    here = {str(line.id): asdict(off.lines[line.id]) for line in lines if line.id in off.lines}
    return {"by_hand": {"order": asdict(off.order), "lines": here}} if here or off.order != Rebate() else {}


def _item(order: Order, line: OrderLine, goods: Mapping[int, Product], by_hand: ByHand) -> Item:
    if line.product_id is None or line.quantity is None or line.unit_price_minor is None:
        raise Refused(
            f"A line of order {order.number} has no product, quantity or price yet; complete it first."
        )
    off = by_hand.lines.get(line.id, Rebate())
    return Item(line.quantity, line.unit_price_minor, goods[line.product_id].tax_class, off.minor, off.ppm)


def _discounts(order: Order, choices: Choices, value: int) -> list[Off]:
    """The code's discount, then what a person takes off."""
    found, typed = [], choices.by_hand.order
    if code := choices.discount_code.strip():
        try:
            rule = discounts.find(code, value_minor=value, currency=order.currency, on=effective.today())
        except ValueError as fault:
            raise Refused(str(fault)) from None
        found.append(Off(rule.code, ppm=rule.ppm, minor=rule.minor))
    if typed != Rebate():
        found.append(Off(f"{typed.ppm / 10_000:g} %" if typed.ppm else "", ppm=typed.ppm, minor=typed.minor))
    return found


def _worth(off: Off, value: int) -> int:
    return min(value, pricing.half_up(value * off.ppm, pricing.MILLION) + off.minor)


def offers(order: Order, *, value: int | None = None) -> list[Offer]:
    """The services that take this order, as the store sorted them. Empty also where the store has none at all.

    Raises Refused where the store ships, but not this; the sentence says why.
    """
    lines = [line for line in loading.lines(order) if line.removed_at is None]
    goods = products.get({line.product_id for line in lines if line.product_id})
    return _offers(order, lines, goods, order.total_minor if value is None else value)


def _offers(
    order: Order, lines: Sequence[OrderLine], goods: Mapping[int, Product], value: int
) -> list[Offer]:
    if db.session.scalar(select(ShippingService.id).where(ShippingService.active).limit(1)) is None:
        return []
    try:
        grams = shipping.weigh(
            (goods[line.product_id].name, goods[line.product_id].weight_grams, line.quantity)
            for line in lines
            if line.product_id is not None and line.quantity is not None
        )
    except ValueError as fault:
        raise Refused(str(fault)) from None
    facts: dict[str, Any] = {
        "grams": grams,
        "value_minor": value,
        "currency": order.currency,
        "on": effective.today(),
    }
    found = shipping.offers(order.ship_country, **facts)
    if not found:
        raise Refused(shipping.none_because(order.ship_country, **facts))
    return found


def _offer(found: Sequence[Offer], service_id: int | None) -> Offer | None:
    if service_id is None:
        return found[0] if found else None
    for offer in found:
        if offer.service_id == service_id:
            return offer
    raise Refused(
        "The chosen shipping service does not take this order any more; choose one of: "
        f"{', '.join(offer.name for offer in found) or 'none'}."
    )


def _line(line: OrderLine, product: Product, part: Part) -> dict[str, Any]:
    return {
        "line": line.id,
        "product": product.id,
        "sku": product.sku,
        "name": product.name,
        **_amounts(part),
    }


def _shipping(offer: Offer | None, part: Part | None, *, free: bool) -> dict[str, Any] | None:
    if offer is None or part is None:
        return None
    facts = asdict(offer)
    return {
        "service": facts["service_id"],
        "name": facts["name"],
        "carrier": facts["carrier"],
        "days_min": facts["days_min"],
        "days_max": facts["days_max"],
        "cut_off": facts["cut_off"],
        **({"free": True} if free else {}),
        **_amounts(part),
    }


def _amounts(part: Part) -> dict[str, Any]:
    return {
        "quantity": part.quantity,
        "unit": part.unit_minor,
        "discount": part.discount_minor,
        "amount": part.shown_minor,
        "share": part.share_minor,
        "net": part.net_minor,
        "tax": part.tax_minor,
        "total": part.total_minor,
        "rate": part.rate_ppm,
        "rate_name": part.rate_name,
    }
