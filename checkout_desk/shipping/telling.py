"""What mails about a parcel say: its number, where it is followed, and the day on which it should arrive."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import format_date

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.orders import milestones
from checkout_desk.orders.models import Order
from checkout_desk.shipping import links, riding
from checkout_desk.shipping.models import Carrier, Shipment

SHARED = {
    "en": "in one parcel with order {orders}",
    "de": "in einem Paket mit Bestellung {orders}",
    "fr": "dans un même colis que la commande {orders}",
    "es": "en un mismo paquete con el pedido {orders}",
    "pt": "numa só encomenda com o pedido {orders}",
    "it": "in un unico pacco con l’ordine {orders}",
    "nl": "in één pakket met bestelling {orders}",
    "ja": "ご注文 {orders} と同じお荷物でお届けします",
}
"""behind the number of a parcel that several orders share: in the value, so that a store's own templates say it too"""
UNTRACKED = {
    "en": "This parcel travels without a tracking number",
    "de": "Diese Sendung reist ohne Sendungsnummer",
    "fr": "Ce colis voyage sans numéro de suivi",
    "es": "Este paquete viaja sin número de seguimiento",
    "pt": "Esta encomenda segue sem número de seguimento",
    "it": "Questo pacco viaggia senza numero di tracciamento",
    "nl": "Dit pakket reist zonder trackingnummer",
    "ja": "この荷物には追跡番号がありません",
}


def values(order: Order, about: str, language: str) -> Mapping[str, str]:
    """Placeholder -> words in `language` for a mail about 'shipment:7'."""
    parcel = db.session.get_one(Shipment, int(about.split(":")[1]))
    carrier = db.session.get(Carrier, parcel.carrier_id) if parcel.carrier_id else None
    number = parcel.tracking_number or UNTRACKED.get(language, UNTRACKED["en"])
    return {
        "CARRIER": carrier.name if carrier else "",
        "TRACKING_NUMBER": f"{number}{shared(parcel, language)}",
        "TRACKING_LINK": links.link(parcel, carrier, language=language, country=order.ship_country),
        "ESTIMATED_DELIVERY_DATE": day(parcel, language),
    }


def shared(parcel: Shipment, language: str) -> str:
    """' (in one parcel with order 1043)'; '' for a parcel of one order. One query."""
    fellows = riding.fellows(parcel)
    if not fellows:
        return ""
    return f" ({SHARED.get(language, SHARED['en']).format(orders=', '.join(map(str, fellows)))})"


def day(parcel: Shipment, language: str) -> str:
    """The promised day in words; '' where none was promised."""
    locale = LANGUAGES[language].locale if language in LANGUAGES else "en_GB"
    return format_date(parcel.promised_on, "full", locale=locale) if parcel.promised_on else ""


def register() -> None:
    """Fill mails about parcels from now on. Called once when the app is made."""
    milestones.fill_with("shipment", values)
