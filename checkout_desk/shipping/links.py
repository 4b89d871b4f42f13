"""Where a customer follows a parcel."""

from __future__ import annotations

from checkout_desk.shipping import tracking_pages
from checkout_desk.shipping.models import Carrier, Shipment


def link(parcel: Shipment, carrier: Carrier | None, *, language: str, country: str) -> str:
    """The page for this parcel in the customer's language; '' where nobody knows one.

    The address that the store gave its carrier comes first, then the page of whoever's number it is.
    """
    if not parcel.tracking_key:
        return ""
    if carrier is not None and carrier.tracking_url:
        return tracking_pages.filled(
            carrier.tracking_url, parcel.tracking_key, language=language, country=country
        )
    whose = parcel.tracking_by or (carrier.pattern if carrier else "")
    return tracking_pages.link(whose, parcel.tracking_key, language=language, country=country)
