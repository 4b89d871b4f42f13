"""Papers of parcels that leave the customs area: the commercial invoice and the data of form CN23 (UPU, Parcel Post)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from checkout_desk import money
from checkout_desk.shipping.customs import Goods
from checkout_desk.shipping.paper import postal, sheets
from checkout_desk.shipping.paper.sheets import Sheet, Table


@dataclass(frozen=True, slots=True)
class Export:
    """What both papers say."""

    name: str
    """of the parcel: '1042-P1'"""
    order: int
    quote: str
    on: date
    sender: postal.Block
    recipient: postal.Block
    goods: Sequence[Goods]
    currency: str
    shipping_minor: int
    grams: int | None
    """of the whole parcel"""
    carrier: str
    number: str
    phone: str
    email: str
    contact: str
    vat_id: str
    eori: str
    home: str
    country: str


def invoice(export: Export) -> bytes:
    """The commercial invoice."""
    value = sum(one.value_minor for one in export.goods)
    return sheets.pdf(
        [
            Sheet(
                title="Commercial invoice",
                under=[f"{export.name}, {export.on.isoformat()}"],
                code=export.name,
                columns=[("Seller and exporter", export.sender), ("Buyer and consignee", export.recipient)],
                facts=[
                    ("Order", str(export.order)), ("Quote", export.quote), ("VAT id", export.vat_id),
                    ("EORI", export.eori), ("Seller's contact", export.contact), ("Buyer's phone", export.phone),
                    ("Carrier", export.carrier), ("Tracking number", export.number),
                    ("Reason for export", "Sale of goods"), ("Terms", "DAP (Incoterms 2020)"),
                    ("Gross weight", weight(export.grams)), ("Currency", export.currency),
                ],
                tables=[_goods(export, "Price of one")],
                sums=[
                    ("Goods", _money(value, export)), ("Shipping", _money(export.shipping_minor, export)),
                    ("Total", _money(value + export.shipping_minor, export)),
                ],
                notes=["I declare that this invoice shows the price that was paid and that all of it is true."],
                sign="Date, name, signature",
                foot=f"{export.name}",
                country=export.country,
                paper=sheets.paper(export.home),
            )
        ]
    )  # fmt: skip


def cn23(export: Export) -> bytes:
    """What form CN23 asks for, in its order."""
    value = sum(one.value_minor for one in export.goods)
    return sheets.pdf(
        [
            Sheet(
                title="Customs declaration CN23",
                under=["Déclaration en douane"],
                code=export.name,
                columns=[("From (De)", export.sender), ("To (À)", export.recipient)],
                facts=[
                    ("Sender's customs reference", export.eori or export.vat_id), ("Sender's contact", export.contact),
                    ("Addressee's phone", export.phone), ("Addressee's e-mail", export.email),
                    ("Category of item", "Sale of goods (Vente de marchandises)"), ("Item number", export.number or export.name),
                    ("Invoice number", export.name), ("Office of origin, date of posting", f"{export.home}, {export.on.isoformat()}"),
                ],
                tables=[_goods(export, "")],
                sums=[
                    ("Total gross weight", weight(export.grams)), ("Total value", _money(value, export)),
                    ("Postal charges", _money(export.shipping_minor, export)),
                ],
                notes=[
                    "I certify that the particulars given in this customs declaration are correct and that this item does not "
                    "contain any dangerous article or articles prohibited by legislation or by postal or customs regulations."
                ],
                sign="Date and sender's signature",
                foot=f"{export.name}",
                country=export.country,
                paper=sheets.paper(export.home),
            )
        ]
    )  # fmt: skip


def weight(grams: int | None) -> str:
    """In kilograms, as customs count."""
    return "" if grams is None else f"{grams / 1000:.3f} kg"


def _goods(export: Export, price: str) -> Table:
    rows = [
        [
            str(one.pieces), f"{one.name} ({one.sku})", one.hs_code, one.origin, weight(one.grams),
            *([_each(one, export)] if price else []), _money(one.value_minor, export),
        ]
        for one in export.goods
    ]  # fmt: skip
    more = [price] if price else []
    return Table(
        ["Pieces", "Description of contents", "HS code", "Origin", "Net weight", *more, "Value"],
        rows,
        ["auto", "1fr", "auto", "auto", "auto", *["auto" for _ in more], "auto"],
        ["right", "left", "left", "left", "right", *["right" for _ in more], "right"],
    )


def _each(one: Goods, export: Export) -> str:
    """The price of one; with a mark where it is rounded, since the line is what counts."""
    each, rest = divmod(one.value_minor, one.pieces)
    return f"{'~ ' if rest else ''}{_money(each, export)}"


def _money(minor: int, export: Export) -> str:
    return f"{money.plain(minor, export.currency)} {export.currency}"
