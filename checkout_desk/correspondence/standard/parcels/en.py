"""The mails and sentences about parcels in English."""

from __future__ import annotations

from typing import Final

_END = """
Any questions? Simply reply to this mail, or write to us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

DELIVERED = f"""\
[GREETING]

The carrier tells us that your order [ORDER_NUMBER] has been delivered. We hope that you enjoy it.

Has it not reached you, or is something missing or broken? Then please reply to this mail, and we put it right.
{_END}"""

DELAYED = f"""\
[GREETING]

Your order [ORDER_NUMBER] is not coming along as it should, and we are sorry about that.

[PARCEL_STATUS]

Carrier: [CARRIER]
Tracking number: [TRACKING_NUMBER]
Track your package: [TRACKING_LINK]
Estimated delivery date: [ESTIMATED_DELIVERY_DATE]

We are asking the carrier and will write to you again. Is there anything that would help, such as a neighbour who takes the parcel in? Then please tell us.

You can follow your order here, no sign-in needed:
[CUSTOMER_PAGE]
{_END}"""

CORRECTED = f"""\
[GREETING]

The tracking number that we sent you for your order [ORDER_NUMBER] was wrong, and we are sorry about that. This is the right one:

Tracking number: [TRACKING_NUMBER]
Track your package: [TRACKING_LINK]
Estimated delivery date: [ESTIMATED_DELIVERY_DATE]

Please do not use this number any more: [OLD_TRACKING_NUMBER]
{_END}"""

SHORT = f"""\
[GREETING]

While packing your order [ORDER_NUMBER] we found that something is missing on our shelf:

[MISSING_ITEMS]

We are sorry about that. Please tell us what you would like:
1. We send the rest now, and what is missing later, at no extra cost.
2. We send the rest now, and you get your money back for what is missing.
3. We wait until we can send everything together.
{_END}"""

WHERE = f"""\
[GREETING]

Thank you for asking. This is where your order [ORDER_NUMBER] is now:

[PARCEL_STATUS]

Tracking number: [TRACKING_NUMBER]
Track your package: [TRACKING_LINK]
Estimated delivery date: [ESTIMATED_DELIVERY_DATE]

You can follow your order here, no sign-in needed:
[CUSTOMER_PAGE]
{_END}"""

ADDRESS = f"""\
[GREETING]

On the page of your order [ORDER_NUMBER] we were asked to send the parcel here:

[NEW_ADDRESS]

Was it you? Then please confirm it within two days:
[CUSTOMER_PAGE]

If it was not you, do nothing but tell us: until somebody confirms it, the parcel goes where it was meant to go.
{_END}"""

TEMPLATES: Final = {
    "order_address_asked": ("Your order [ORDER_NUMBER]: please confirm the new address", ADDRESS),
    "order_delivered": ("Your order [ORDER_NUMBER] has been delivered", DELIVERED),
    "order_delayed": ("Your order [ORDER_NUMBER]: the parcel is held up", DELAYED),
    "order_tracking_corrected": ("Your order [ORDER_NUMBER]: the right tracking number", CORRECTED),
    "order_item_short": ("Your order [ORDER_NUMBER]: something is missing on our shelf", SHORT),
    "order_where": ("Where your order [ORDER_NUMBER] is", WHERE),
}

SENTENCES: Final = {
    "follow": "You can follow your order here, no sign-in needed:",
    "asked": "We are still waiting for some details from you.",
    "open": "We are looking at it and will send you the price and the ways to pay.",
    "unpaid": "It is waiting for your payment.",
    "paid": "It is paid, and we will pack it next.",
    "packing": "We are packing it.",
    "leaves": "It should leave us by {date}.",
    "cancelled": "It is cancelled.",
    "handed_over": "The carrier has it; the first scan is still to come.",
    "in_transit": "It is on its way to you.",
    "out_for_delivery": "It is out for delivery.",
    "failed_attempt": "The carrier tried to deliver it and could not.",
    "available_for_pickup": "It is ready for you to pick up.",
    "delivered": "It was delivered on {date}.",
    "exception": "The carrier reports a problem with it.",
    "returning": "It is on its way back to us.",
    "returned_to_sender": "It has come back to us.",
    "lost": "The carrier cannot find it.",
    "last_scan": "Last scan: {when}",
    "parcel": "Parcel {n} of {count}:",
}
