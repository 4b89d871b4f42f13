"""What the queue shows of a quoted order is what its customer was told to pay."""

from __future__ import annotations

from datetime import date

from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import ShippingPrice, ShippingService
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import Stage


def test_the_docket_shows_the_total_of_the_quote_with_its_shipping(shop: Shop) -> None:
    till = Till(Stage(shop))
    with shop.writing():
        service = ShippingService(name="Tracked 48", countries=["*"])
        db.session.add(service)
        db.session.flush()
        price = ShippingPrice(
            service_id=service.id, price_minor=395, currency="GBP", valid_from=date(2020, 1, 1)
        )
        db.session.add(price)
    number, quote_id = till.quoted()
    told = till.quote(quote_id).total_minor
    [order] = shop.all(Order, Order.number == number)
    [row] = shop.all(Conversation, Conversation.id == order.conversation_id)
    assert told == 3200 + 395
    assert (order.total_minor, row.order_total_minor) == (told, told)
