"""What shipping adds to a store's beginning."""

from __future__ import annotations

from checkout_desk.settings import starting
from checkout_desk.shipping import carriers


def register() -> None:
    """Give every new store the carriers of its services, and boxes. Called once when the app is made."""
    if carriers.open_carriers not in starting.also:
        starting.also.append(carriers.open_carriers)
