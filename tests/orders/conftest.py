"""What tests of orders may ask for."""

from __future__ import annotations

import pytest

from tests.builders import Shop
from tests.orders.stage import Stage


@pytest.fixture
def stage(shop: Shop) -> Stage:
    """A shop with a small catalogue."""
    return Stage(shop)
