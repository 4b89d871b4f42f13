"""A parcel in EasyPost's words: ounces and inches, its names for the parts of an address, customs items with totals. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from checkout_desk import money
from checkout_desk.shipping.adapters import Access, Errand

GRAMS_AN_OUNCE = Decimal("28.349523125")
MM_AN_INCH = Decimal("25.4")


def shipment(access: Access, errand: Errand, *, reference: str | None) -> dict[str, Any]:
    """The parcel with its addresses and, where it crosses a border of customs, what is in it."""
    parcel: dict[str, Any] = {"weight": tenths(Decimal(errand.grams) / GRAMS_AN_OUNCE)}
    if errand.size_mm:
        sides = zip(("length", "width", "height"), errand.size_mm, strict=True)
        parcel |= {name: tenths(Decimal(side) / MM_AN_INCH) for name, side in sides}
    found: dict[str, Any] = {
        "to_address": _recipient(errand.recipient), "from_address": sender(access, errand.sender), "parcel": parcel,
        "options": {"label_format": "PDF", "currency": errand.currency},
    }  # fmt: skip
    if reference:
        found["reference"] = reference
    if access.settings.get("account"):
        found["carrier_accounts"] = [access.settings["account"]]
    if errand.customs:
        items = [
            {
                "description": words[:60], "quantity": n, "value": money.plain(minor, errand.currency),
                "weight": tenths(Decimal(grams) / GRAMS_AN_OUNCE), "hs_tariff_number": code, "origin_country": origin,
                "currency": errand.currency,
            }
            for words, n, minor, grams, code, origin in errand.customs
        ]  # fmt: skip
        found["customs_info"] = {
            "customs_items": items, "contents_type": "merchandise", "customs_certify": True, "restriction_type": "none",
            "customs_signer": errand.sender.get("name", ""), "non_delivery_option": "return",
        }  # fmt: skip
    return found


def tenths(value: Decimal) -> float:
    """Ounces and inches are told with one decimal; never nothing at all."""
    return float(max(value.quantize(Decimal("0.1")), Decimal("0.1")))


def _recipient(address: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": address.get("name", ""), "company": address.get("company", ""), "street1": address.get("line1", ""),
        "street2": address.get("line2", ""), "city": address.get("city", ""), "state": address.get("region", ""),
        "zip": address.get("postcode", ""), "country": address.get("country", ""), "phone": address.get("phone", ""),
    }  # fmt: skip


def sender(access: Access, who: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where parcels come from, as the carrier's settings say."""
    settings = access.settings
    return {
        "name": (who or {}).get("name", ""), "street1": str(settings.get("from_street", "")),
        "city": str(settings.get("from_city", "")), "state": str(settings.get("from_state", "")),
        "zip": str(settings.get("from_zip", "")), "phone": str(settings.get("from_phone", "")),
        "country": str(settings.get("from_country") or (who or {}).get("country", "")),
    }  # fmt: skip
