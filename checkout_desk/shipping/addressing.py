"""What a label says of where a parcel goes, and whether the order still says so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from checkout_desk.orders.models import SHIP_FIELDS, Order
from checkout_desk.shipping import riding
from checkout_desk.shipping.models import Label


def recipient(order: Order) -> dict[str, str]:
    """Where the parcels of an order go, and whom the driver rings up."""
    found = {name: str(getattr(order, f"ship_{name}")) for name in SHIP_FIELDS}
    return {**found, "phone": order.phone}


def digest(address: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of an address."""
    text = json.dumps(dict(address), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stale(label: Label, order: Order) -> bool:
    """Whether the order's address has changed since the label was made, or who shares the box.

    A telephone number stands on no label of ours; only a carrier that sold one was told it.
    """
    now = recipient(order)
    if not label.ref:
        now["phone"] = str(label.address["recipient"].get("phone", ""))
    if label.address_hash != digest(now):
        return True
    shared = label.address.get("parcel", {}).get("riders")
    return bool(shared) and shared != riding.ids(label.shipment_id)


def place(order: Order) -> str:
    """A short word for where the parcels of an order go: it changes when the address does."""
    return digest({**recipient(order), "phone": ""})[:12]
