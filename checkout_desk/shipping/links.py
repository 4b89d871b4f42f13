"""Where a customer follows a parcel."""

from __future__ import annotations

from checkout_desk.shipping import tracking_pages
from checkout_desk.shipping.models import Carrier, Shipment
from checkout_desk.shipping.numbers import key


def link(parcel: Shipment, carrier: Carrier | None, *, language: str, country: str) -> str:
    """The page for this parcel in the customer's language; '' where nobody knows one.

    The address that the store gave its carrier comes first, then the page of whoever's number it is.
    """
    number = parcel.tracking_key or (key(parcel.tracking_number) if parcel.rides_id else "")
    if not number:
        return ""
    if carrier is not None and carrier.tracking_url:
        return tracking_pages.filled(carrier.tracking_url, number, language=language, country=country)
    whose = parcel.tracking_by or (carrier.pattern if carrier else "")
    return tracking_pages.link(whose, number, language=language, country=country)
