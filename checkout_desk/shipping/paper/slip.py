"""The packing slip: what is in the parcel, in the customer's language. Prices stand on it only when the store wants that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from checkout_desk.shipping.paper import postal, sheets
from checkout_desk.shipping.paper.sheets import Sheet, Table

WORDS = {
    "en": ("Packing slip", "Order", "Parcel {n} of {of}", "From", "To", "Pieces", "Item", "Price of one",
           "The rest of your order comes in a parcel of its own.", "Thank you for your order.",
           "Delivery note: {wish}"),
    "de": ("Lieferschein", "Bestellung", "Paket {n} von {of}", "Von", "An", "Stück", "Artikel", "Einzelpreis",
           "Der Rest Ihrer Bestellung kommt in einem eigenen Paket.", "Vielen Dank für Ihre Bestellung.",
           "Zustellhinweis: {wish}"),
    "fr": ("Bon de livraison", "Commande", "Colis {n} sur {of}", "De", "À", "Quantité", "Article", "Prix unitaire",
           "Le reste de votre commande arrive dans un autre colis.", "Merci pour votre commande.",
           "Consigne de livraison : {wish}"),
    "es": ("Albarán", "Pedido", "Paquete {n} de {of}", "De", "Para", "Unidades", "Artículo", "Precio por unidad",
           "El resto de su pedido llega en otro paquete.", "Gracias por su pedido.",
           "Nota para la entrega: {wish}"),
    "pt": ("Guia de remessa", "Encomenda", "Volume {n} de {of}", "De", "Para", "Unidades", "Artigo", "Preço unitário",
           "O resto da sua encomenda chega noutro volume.", "Obrigado pela sua encomenda.",
           "Nota para a entrega: {wish}"),
    "it": ("Distinta di spedizione", "Ordine", "Pacco {n} di {of}", "Da", "A", "Pezzi", "Articolo", "Prezzo unitario",
           "Il resto del suo ordine arriva in un altro pacco.", "Grazie per il suo ordine.",
           "Nota per la consegna: {wish}"),
    "nl": ("Pakbon", "Bestelling", "Pakket {n} van {of}", "Van", "Aan", "Stuks", "Artikel", "Prijs per stuk",
           "De rest van uw bestelling komt in een ander pakket.", "Bedankt voor uw bestelling.",
           "Bezorgwens: {wish}"),
    "ja": ("納品書", "注文", "荷物 {n}／{of}", "差出人", "お届け先", "数量", "商品", "単価",
           "残りの商品は別の荷物でお届けします。", "ご注文ありがとうございます。",
           "配達のご希望：{wish}"),
}  # fmt: skip
"""language -> title, order, parcel, from, to, pieces, item, price, the rest follows, thanks, wish for the delivery"""


@dataclass(frozen=True, slots=True)
class Slip:
    """The facts of one slip. `items` are (pieces, name, SKU, price of one as text or '')."""

    name: str
    order: int
    number: int
    of: int
    language: str
    sender: postal.Block
    recipient: postal.Block
    items: list[tuple[int, str, str, str]]
    shop: str
    contact: str
    country: str
    home: str
    rest: bool = False
    """something of the order is in no parcel yet"""
    notes: list[str] = field(default_factory=list)
    wish: str = ""
    """the customer's own words for the driver"""


def pdf(slips: Sequence[Slip]) -> bytes:
    """Slips as one PDF, each on a page of its own, with the barcode that the label has."""
    return sheets.pdf([sheet(one) for one in slips])


def sheet(slip: Slip) -> Sheet:
    """One slip as a sheet."""
    w = WORDS.get(slip.language, WORDS["en"])
    priced = any(price for *_, price in slip.items)
    rows = [[str(n), name, sku, *([price] if priced else [])] for n, name, sku, price in slip.items]
    table = Table(
        [w[5], w[6], "SKU", *([w[7]] if priced else [])], rows,
        ["auto", "1fr", "auto", *(["auto"] if priced else [])], ["right", "left", "left", *(["right"] if priced else [])],
    )  # fmt: skip
    several = [w[2].format(n=slip.number, of=slip.of)] if slip.of > 1 or slip.rest else []
    return Sheet(
        title=w[0], under=[f"{w[1]} {slip.order}", *several], code=slip.name,
        columns=[(w[4], slip.recipient), (w[3], slip.sender)], tables=[table],
        notes=[*([w[10].format(wish=slip.wish)] if slip.wish else []), *([w[8]] if slip.rest else []), *slip.notes, w[9]],
        foot=" · ".join(part for part in (slip.shop, slip.contact) if part),
        language=slip.language if slip.language in WORDS else "en", country=slip.country, paper=sheets.paper(slip.home),
    )  # fmt: skip
