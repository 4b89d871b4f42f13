"""Where a customer follows a parcel."""

from __future__ import annotations

from urllib.parse import quote

from checkout_desk.shipping.models import Carrier, Shipment


def link(parcel: Shipment, carrier: Carrier | None, *, language: str, country: str) -> str:
    """The page of the carrier for this parcel in the customer's language; '' where nobody knows one."""
    if not parcel.tracking_key or carrier is None or not carrier.tracking_url:
        return ""
    return (
        carrier.tracking_url.replace("{number}", quote(parcel.tracking_key, safe=""))
        .replace("{language}", language)
        .replace("{country}", country)
    )
