"""What tests of payments may ask for."""

from __future__ import annotations

import pytest

from tests.builders import Shop
from tests.orders.stage import Stage
from tests.payments.counter import Counter


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop with stock, quotes, and money that comes in."""
    return Counter(Stage(shop))
