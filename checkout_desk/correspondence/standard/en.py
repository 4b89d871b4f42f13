"""The standard templates and sentences in English."""

from __future__ import annotations

from checkout_desk.correspondence.standard.milestones import en as milestones
from checkout_desk.correspondence.standard.model import Standard

MISSING_DETAILS = """\
[GREETING]

Thank you for your order. Before we can send you the quote, we still need to know:

[MISSING_DETAILS]

Simply reply to this mail. Or fill it in on your order page, no sign-in needed:
[CUSTOMER_PAGE]

This is what we have noted for order [ORDER_NUMBER] so far:
[ORDER_SUMMARY]

Any questions? You can reach us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

REMINDER = """\
[GREETING]

A few days ago we asked you about your order [ORDER_NUMBER]. We would gladly go on with it, but we still need to know:

[MISSING_DETAILS]

Simply reply to this mail. Or fill it in on your order page, no sign-in needed:
[CUSTOMER_PAGE]

If you have answered in the meantime, or no longer want the order, there is nothing you need to do.

Any questions? You can reach us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""

LANGUAGE = Standard(
    code="en",
    name="English",
    locale="en_GB",
    quotes=("“", "”"),
    greeting="Hello {name},",
    greeting_plain="Hello,",
    nothing="no product yet",
    button="Open your order page",
    templates={
        **milestones.TEMPLATES,
        "missing_details": ("Your order [ORDER_NUMBER]: what we still need to know", MISSING_DETAILS),
        "missing_details_reminder": ("A reminder: your order [ORDER_NUMBER] is waiting for you", REMINDER),
    },
    questions={
        "lines": "Which products would you like, and how many of each?",
        "choice": "Which product did you mean by {words}? We have:",
        "unknown": "What did you mean by {words}? We could not find it among our products.",
        "quantity": "How many of {product} would you like?",
        "ship_to": "Where should we send the parcel? Please give us the full address: name, street and house number, postcode, town and country.",
        "ship_to_named": "Where should we send the parcel? Please give us the full address: street and house number, postcode, town and country.",
        "ship_to.name": "Whose name should be on the parcel?",
        "ship_to.line1": "Which street and house number should the parcel go to?",
        "ship_to.line1_at": "Which street and house number in {city} should the parcel go to?",
        "ship_to.city": "Which town or city should the parcel go to?",
        "ship_to.city_at": "Which town or city is {line1} in?",
        "ship_to.region": "Which state, province or region should the parcel go to?",
        "ship_to.region_at": "Which state, province or region is {place} in?",
        "ship_to.postcode": "What is the postcode of the address?",
        "ship_to.postcode_at": "What is the postcode of {place}?",
        "ship_to.country": "Which country should the parcel go to?",
        "ship_to.country_at": "Which country is {place} in?",
        "phone": "Which phone number may the carrier call if there is a question about the delivery?",
    },
    cues={
        "lines": ("which product", "what would you like", "which item"),
        "quantity": ("how many", "quantity", "number of"),
        "ship_to": ("address",),
        "ship_to.name": ("name",),
        "ship_to.line1": ("street",),
        "ship_to.city": ("town", "city"),
        "ship_to.region": ("state", "province", "region", "county"),
        "ship_to.postcode": ("postcode", "post code", "postal code", "zip"),
        "ship_to.country": ("country",),
        "phone": ("phone", "telephone", "mobile"),
    },
)
