"""What tests of parcels may ask for."""

from __future__ import annotations

import pytest

from tests.builders import Shop
from tests.orders.stage import Stage
from tests.shipping.dock import Dock
from tests.shipping.road import Road


@pytest.fixture
def dock(shop: Shop) -> Dock:
    """A shop with stock, a carrier and a shipping service."""
    return Dock(Stage(shop))


@pytest.fixture
def road(shop: Shop) -> Road:
    """A dock whose parcels are tracked."""
    return Road(Stage(shop))
