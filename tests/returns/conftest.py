"""What tests of returns may ask for."""

from __future__ import annotations

import pytest

from tests.builders import Shop
from tests.orders.stage import Stage
from tests.returns.counter import Counter


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """A shop to which goods come back."""
    return Counter(Stage(shop))
