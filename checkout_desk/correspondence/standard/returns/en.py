"""The mails and sentences about returns in English."""

from __future__ import annotations

from typing import Final

_END = """
Any questions? Simply reply to this mail, or write to us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

APPROVED = f"""\
[GREETING]

Your return [RETURN_NUMBER] for order [ORDER_NUMBER] is agreed. It is about:

[RETURN_ITEMS]

[RETURN_INSTRUCTIONS]

Send it to: [RETURN_ADDRESS]

You can see how far your return is here, no sign-in needed:
[CUSTOMER_PAGE]
{_END}"""

REFUSED = f"""\
[GREETING]

You asked to send something of order [ORDER_NUMBER] back:

[RETURN_ITEMS]

We are sorry, we cannot take it back. The reason:
[REASON]

Please do not send anything. If we got something wrong, tell us, and a person looks at it again.
{_END}"""

RECEIVED = f"""\
[GREETING]

Your parcel of return [RETURN_NUMBER] has reached us:

[RETURN_ITEMS]

We look at it now and write to you again as soon as we are done. There is nothing you need to do.
{_END}"""

SETTLED = f"""\
[GREETING]

We are done with your return [RETURN_NUMBER] for order [ORDER_NUMBER]:

[RETURN_ITEMS]

[RETURN_OUTCOME]
{_END}"""

TEMPLATES: Final = {
    "order_return_approved": ("Your return [RETURN_NUMBER]: this is how it works", APPROVED),
    "order_return_refused": ("Your return for order [ORDER_NUMBER]", REFUSED),
    "order_return_received": ("Your return [RETURN_NUMBER] has arrived", RECEIVED),
    "order_return_settled": ("Your return [RETURN_NUMBER] is settled", SETTLED),
}

SENTENCES: Final = {
    "pack": "Pack it well and write {number} on the outside of the parcel, or put a note with this number inside. That is how we know whose it is.",
    "customer": "You pay for the way back. Please keep the receipt until we have written to you.",
    "store": "We pay for the way back. Please keep the receipt of the carrier and send us a picture of it.",
    "keep": "You do not need to send anything back; please keep it or dispose of it.",
    "refund": "We are sending you {amount} back, the way you paid. With banks it can take a few business days until you see it.",
    "exchange": "What you wanted instead is order {number}; you get its tracking number when it leaves.",
    "nothing": "No money is due for it.",
    "partly": "{received} of {quantity} arrived",
}
