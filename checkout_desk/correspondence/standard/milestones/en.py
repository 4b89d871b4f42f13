"""The mails of an order's milestones in English.

`order_confirmed` and `order_shipped` are the two templates of the procedure “Order Confirmation and Tracking
Communication”, section 5, word for word.
"""

from __future__ import annotations

from typing import Final

_END = """
Any questions? Simply reply to this mail, or write to us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

RECEIVED = f"""\
[GREETING]

Thank you for your order. It has reached us under the number [ORDER_NUMBER], and a person is looking at it now. You will hear from us with the price and the ways to pay. There is nothing you need to do until then.

This is what we have noted:
[ORDER_SUMMARY]

You can follow your order here, no sign-in needed:
[CUSTOMER_PAGE]
{_END}"""

QUOTE = f"""\
[GREETING]

Thank you for your order [ORDER_NUMBER]. This is what it comes to:

[ORDER_SUMMARY]

Total to pay: [TOTAL_DUE]
We keep the goods for you at this price until: [QUOTE_EXPIRES]

You can pay like this:
[PAYMENT_INSTRUCTIONS]

Please check the address as well, and tell us if it should go elsewhere:
[SHIPPING_ADDRESS]

Accept, pay or ask on your order page, no sign-in needed:
[CUSTOMER_PAGE]
{_END}"""

REMINDER = f"""\
[GREETING]

We keep the goods of your order [ORDER_NUMBER] for you until [QUOTE_EXPIRES]. After that they go back on the shelf.

[ORDER_SUMMARY]

Total to pay: [TOTAL_DUE]
You can pay like this:
[PAYMENT_INSTRUCTIONS]

Or on your order page, no sign-in needed:
[CUSTOMER_PAGE]

If you have paid in the meantime, or no longer want the order, there is nothing you need to do.
{_END}"""

PAYMENT_RECEIVED = f"""\
[GREETING]

Thank you, your payment of [AMOUNT] for order [ORDER_NUMBER] has arrived.
{_END}"""

PAYMENT_SHORT = """\
[GREETING]

Thank you, your payment of [AMOUNT] for order [ORDER_NUMBER] has arrived. The order comes to [TOTAL_DUE], so [AMOUNT_MISSING] is still missing.

You can pay the rest like this:
[PAYMENT_INSTRUCTIONS]

Or on your order page, no sign-in needed:
[CUSTOMER_PAGE]

As soon as it is here, we pack your parcel. If you would rather have your money back, simply reply to this mail.

Kind regards
[STORE_NAME]
"""

CONFIRMED = """\
Thank you for your order!
Order number: [ORDER_NUMBER]
Items: [ORDER_SUMMARY]
Shipping to: [SHIPPING_ADDRESS]
Estimated shipping time: [ESTIMATED_SHIPPING_TIME]
For questions, contact us at [CONTACT_INFO].
"""

SHIPPED = """\
Your order is on its way!
Tracking number: [TRACKING_NUMBER]
Track your package: [TRACKING_LINK]
Estimated delivery date:
[ESTIMATED_DELIVERY_DATE]
For updates, reply to this email or contact us at [CONTACT_INFO].
"""

CANCELLED = f"""\
[GREETING]

Your order [ORDER_NUMBER] is cancelled. Please do not pay it any more.
Reason: [REASON]

If you have paid already, we will write to you about your money.
{_END}"""

EXPIRED = f"""\
[GREETING]

Your quote [QUOTE_NUMBER] ended on [QUOTE_EXPIRES], and we no longer keep its goods for you. Please do not pay it any more.

If you would still like to have them, simply reply to this mail. We then check what is there and send you a new quote.
{_END}"""

REFUNDED = f"""\
[GREETING]

We have sent [AMOUNT] for your order [ORDER_NUMBER] back to you, the way you paid it. With banks it can take a few business days until you see it.
Reason: [REASON]
{_END}"""

TEMPLATES: Final = {
    "order_received": ("We have your order [ORDER_NUMBER]", RECEIVED),
    "order_quote": ("Your quote [QUOTE_NUMBER]", QUOTE),
    "order_reminder": ("Your quote [QUOTE_NUMBER] ends soon", REMINDER),
    "order_payment_received": ("Your payment for order [ORDER_NUMBER] has arrived", PAYMENT_RECEIVED),
    "order_payment_short": ("Your payment for order [ORDER_NUMBER]: [AMOUNT_MISSING] missing", PAYMENT_SHORT),
    "order_confirmed": ("Your Order #[ORDER_NUMBER] is Confirmed", CONFIRMED),
    "order_shipped": ("Your Order #[ORDER_NUMBER] Has Shipped!", SHIPPED),
    "order_cancelled": ("Your order [ORDER_NUMBER] is cancelled", CANCELLED),
    "order_expired": ("Your quote [QUOTE_NUMBER] has ended", EXPIRED),
    "order_refunded": ("Your refund for order [ORDER_NUMBER]", REFUNDED),
}
