"""What the papers of parcels say, read from the database: packing slips, the pick list of a batch, papers for customs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import quote_words
from checkout_desk.orders.models import Order, Quote
from checkout_desk.settings.models import Store
from checkout_desk.shipping import addressing, customs, labelling, parcels, picking
from checkout_desk.shipping.batch_models import Batch
from checkout_desk.shipping.lifecycle import HERE
from checkout_desk.shipping.models import Carrier, Shipment
from checkout_desk.shipping.paper import picklist, postal
from checkout_desk.shipping.paper.export import Export
from checkout_desk.shipping.paper.slip import Slip


def slip(parcel: Shipment, order: Order, shop: Store) -> Slip:
    """The packing slip of a parcel."""
    quote = db.session.get_one(Quote, parcel.quote_id)
    inside = [
        (item.quantity, item.product_id, item.name, item.sku)
        for item in parcels.items([parcel.id])[parcel.id]
    ]
    every = [one for one in parcels.of(order.id) if one.state != "void"]
    place = next((n for n, one in enumerate(every, 1) if one.id == parcel.id), parcel.number)
    rest = order.state in ("paid", "packing") and bool(parcels.left(order))
    return _slip(parcels.name(parcel, order), order, quote, inside, place, len(every), rest=rest, shop=shop)


def slips(orders: Sequence[Order], shop: Store) -> list[Slip]:
    """The slips of a batch: of each order's parcel that is still here, or of the one that is packed next."""
    found = []
    for order in orders:
        every = parcels.of(order.id)
        here = [one for one in every if one.state in HERE]
        if here:
            found += [slip(one, order, shop) for one in here]
            continue
        rest = parcels.left(order)
        if not rest:
            continue
        inside = [(one.quantity, one.product_id, one.name, one.sku) for one in rest]
        count = sum(one.state != "void" for one in every) + 1
        number = max((one.number for one in every), default=0) + 1
        found.append(
            _slip(
                f"{order.number}-P{number}",
                order,
                parcels.sold(order),
                inside,
                count,
                count,
                rest=False,
                shop=shop,
            )
        )
    return found


def _slip(
    name: str,
    order: Order,
    quote: Quote,
    inside: Sequence[tuple[int, int, str, str]],
    number: int,
    of: int,
    *,
    rest: bool,
    shop: Store,
) -> Slip:
    prices = {line["product"]: line["unit"] for line in quote.content["lines"]} if shop.slip_prices else {}
    items = [
        (
            n,
            title,
            sku,
            quote_words.amount(quote.content, prices[one], order.language) if one in prices else "",
        )
        for n, one, title, sku in inside
    ]
    sender, recipient = _blocks(order, shop)
    return Slip(
        name, order.number, number, of, order.language, sender, recipient, items, shop.name, shop.contact,
        country=order.ship_country, home=shop.country, rest=rest, wish=order.delivery_wish,
    )  # fmt: skip


def _blocks(order: Order, shop: Store) -> tuple[postal.Block, postal.Block]:
    abroad = bool(order.ship_country) and order.ship_country != shop.country
    ours = labelling.sender(shop)
    return (
        postal.sender(shop.name, ours["lines"], country=shop.country, abroad=abroad, language=shop.language),
        postal.recipient(addressing.recipient(order), home=shop.country, language=shop.language),
    )


def pick_list(batch: Batch, orders: Sequence[Order], shop: Store, *, made: str) -> bytes:
    """The pick list of these orders of a batch; `made` says in words when it was made."""
    lines = [
        picklist.Line(
            row.product.shelf,
            row.quantity,
            row.product.name,
            row.product.sku,
            row.orders,
            row.product.fragile,
        )
        for row in picking.rows(batch, orders)
    ]
    return picklist.pdf(
        lines, title=f"Pick list, batch {batch.id}", under=made, shop=shop.name, home=shop.country
    )


def leaves(order: Order, shop: Store) -> bool:
    """Whether the parcels of an order need papers for customs."""
    return customs.leaves(shop.country, order.ship_country, order.ship_postcode)


def export(parcel: Shipment, order: Order, shop: Store, *, on: date) -> Export:
    """What customs are told of a parcel. Raises Refused where it stays inside the customs area."""
    if not leaves(order, shop):
        raise Refused(
            f"Parcel {parcels.name(parcel, order)} stays in the customs area; it needs no such paper."
        )
    quote = db.session.get_one(Quote, parcel.quote_id)
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    first = db.session.scalar(
        select(Shipment.id)
        .where(Shipment.order_id == order.id, Shipment.state != "void")
        .order_by(Shipment.number)
    )
    sent = quote.content["shipping"]
    sender, recipient = _blocks(order, shop)
    return Export(
        name=parcels.name(parcel, order), order=order.number, quote=str(quote.content["quote"]), on=on, sender=sender,
        recipient=recipient, goods=customs.goods(parcels.items([parcel.id])[parcel.id], quote), currency=order.currency,
        shipping_minor=sent["net"] if sent and first == parcel.id else 0, grams=parcel.weight_grams or parcel.expected_grams,
        carrier=carrier.name if carrier else "", number=parcel.tracking_number, phone=order.phone, email=order.email,
        contact=shop.contact, vat_id=shop.vat_id, eori=shop.eori, home=shop.country, country=order.ship_country,
    )  # fmt: skip
