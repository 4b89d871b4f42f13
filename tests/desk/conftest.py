"""What the tests of several screens begin with."""

from __future__ import annotations

from datetime import date

import pytest

from checkout_desk.settings import starting
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import Stage


@pytest.fixture
def till(shop: Shop) -> Till:
    """A shop with stock, tax and shipping."""
    found = Till(Stage(shop))
    with shop.writing():
        starting.open_rules("GB", "GBP", on=date(2020, 1, 1))
    return found
