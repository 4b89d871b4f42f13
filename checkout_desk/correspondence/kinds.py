"""The templates that exist: what each is called, when it leaves, and which placeholders it may hold or must."""

from __future__ import annotations

from dataclasses import dataclass

PLACEHOLDERS = {
    "GREETING": "the first line, with the customer's name where it is known",
    "CUSTOMER_NAME": "the customer's name",
    "ORDER_NUMBER": "the number of the order",
    "ORDER_SUMMARY": "its lines, one below the other; once there is a quote also discounts, shipping, tax and the total",
    "MISSING_DETAILS": "what is missing, as questions",
    "SHIPPING_ADDRESS": "where the parcel goes",
    "NEW_ADDRESS": "the address that the customer's page asked for",
    "CUSTOMER_PAGE": "the customer's own link to their order page, made when the mail leaves",
    "CONTACT_INFO": "how the store is reached",
    "STORE_NAME": "the name of the store",
    "QUOTE_NUMBER": "the number of the quote, such as 1042-Q1",
    "QUOTE_EXPIRES": "the day and time until which the quote holds",
    "TOTAL_DUE": "what the order costs, with shipping and tax",
    "PAYMENT_REFERENCE": "what a bank transfer has to name",
    "PAYMENT_INSTRUCTIONS": "the ways to pay, with the store's bank details where it takes transfers",
    "AMOUNT": "the money that arrived, or that was sent back",
    "AMOUNT_MISSING": "the money that has not arrived yet",
    "REASON": "why it happened, in a person's words",
    "ESTIMATED_SHIPPING_TIME": "how many business days the parcel takes",
    "TRACKING_NUMBER": "the carrier's number of the parcel",
    "TRACKING_LINK": "where the customer sees the parcel on its way",
    "ESTIMATED_DELIVERY_DATE": "the day on which the parcel should arrive",
    "CARRIER": "who brings the parcel",
    "PARCEL_STATUS": "where the order or its parcel is now, as a sentence",
    "OLD_TRACKING_NUMBER": "the tracking number that was wrong",
    "MISSING_ITEMS": "what could not be packed, a line each",
    "RETURN_NUMBER": "the number of the return, such as 1042-R1",
    "RETURN_ITEMS": "what comes back, a line each, with what is wanted instead",
    "RETURN_INSTRUCTIONS": "how it is sent back, and who pays for the way",
    "RETURN_ADDRESS": "where it is sent back to",
    "RETURN_OUTCOME": "the money or the goods that the customer gets for it, as sentences",
}
"""everything that a template may hold, and what it stands for"""

_ALWAYS = ("GREETING", "CUSTOMER_NAME", "ORDER_NUMBER", "ORDER_SUMMARY", "SHIPPING_ADDRESS", "CUSTOMER_PAGE",
           "CONTACT_INFO", "STORE_NAME")  # fmt: skip
_QUOTED = (*_ALWAYS, "QUOTE_NUMBER", "QUOTE_EXPIRES", "TOTAL_DUE", "PAYMENT_REFERENCE", "PAYMENT_INSTRUCTIONS",
           "ESTIMATED_SHIPPING_TIME")  # fmt: skip
_PARCEL = (*_ALWAYS, "CARRIER", "PARCEL_STATUS", "TRACKING_NUMBER", "TRACKING_LINK",
           "ESTIMATED_DELIVERY_DATE")  # fmt: skip
_RETURN = (*_ALWAYS, "RETURN_NUMBER", "RETURN_ITEMS")
_UNKNOWN = "CARRIER TRACKING_NUMBER TRACKING_LINK ESTIMATED_DELIVERY_DATE"
"""what a parcel may lack: a carrier without tracking, a day that nobody can name any more"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One template, whatever its language and version."""

    key: str
    title: str
    when: str
    """a sentence: what makes it leave"""
    required: tuple[str, ...]
    """must stand in subject or body, and must have a value"""
    allowed: tuple[str, ...]
    """may stand there as well"""
    spare: frozenset[str] = frozenset()
    """may be empty: the line that holds it is left away then"""

    @property
    def known(self) -> tuple[str, ...]:
        """Every placeholder that it may hold, those that it must hold first."""
        return (*self.required, *(name for name in self.allowed if name not in self.required))


def _kind(
    key: str, title: str, when: str, required: str, allowed: tuple[str, ...], spare: str = ""
) -> tuple[str, Kind]:
    return key, Kind(key, title, when, tuple(required.split()), allowed, frozenset(spare.split()))


KINDS: dict[str, Kind] = dict(
    (
        _kind("order_received", "Order received", "By itself, when an order was read out of a mail.",
              "ORDER_NUMBER CONTACT_INFO", _ALWAYS),
        _kind("missing_details", "Missing details", "A person sends it while an order lacks something.",
              "MISSING_DETAILS CONTACT_INFO", (*_ALWAYS, "MISSING_DETAILS")),
        _kind("missing_details_reminder", "Reminder of missing details",
              "By itself, once, when nobody answered for the days that are set.",
              "MISSING_DETAILS CONTACT_INFO", (*_ALWAYS, "MISSING_DETAILS")),
        _kind("order_quote", "Quote", "A person sends it with each version of a quote.",
              "QUOTE_NUMBER ORDER_SUMMARY TOTAL_DUE QUOTE_EXPIRES PAYMENT_INSTRUCTIONS CONTACT_INFO", _QUOTED,
              "ESTIMATED_SHIPPING_TIME"),
        _kind("order_reminder", "Reminder of the quote", "By itself, once, before a quote ends.",
              "QUOTE_NUMBER TOTAL_DUE QUOTE_EXPIRES PAYMENT_INSTRUCTIONS CONTACT_INFO", _QUOTED,
              "ESTIMATED_SHIPPING_TIME"),
        _kind("order_payment_received", "Payment received", "By itself, when money for an order has arrived.",
              "ORDER_NUMBER AMOUNT CONTACT_INFO", (*_QUOTED, "AMOUNT"), "ESTIMATED_SHIPPING_TIME"),
        _kind("order_payment_short", "Payment too small", "A person sends it when a part of the money is missing.",
              "ORDER_NUMBER AMOUNT AMOUNT_MISSING PAYMENT_INSTRUCTIONS", (*_QUOTED, "AMOUNT", "AMOUNT_MISSING"),
              "ESTIMATED_SHIPPING_TIME"),
        _kind("order_confirmed", "Order confirmed", "By itself, when the order is paid.",
              "ORDER_NUMBER ORDER_SUMMARY SHIPPING_ADDRESS CONTACT_INFO", (*_QUOTED, "AMOUNT"),
              "ESTIMATED_SHIPPING_TIME"),
        _kind("order_address_asked", "New address to confirm",
              "By itself, when another address is asked for on the page of a paid order.",
              "ORDER_NUMBER NEW_ADDRESS CUSTOMER_PAGE CONTACT_INFO", (*_ALWAYS, "NEW_ADDRESS")),
        _kind("order_shipped", "Order shipped", "By itself, when a parcel has been handed over.",
              "ORDER_NUMBER TRACKING_NUMBER CONTACT_INFO",
              (*_QUOTED, "TRACKING_NUMBER", "TRACKING_LINK", "ESTIMATED_DELIVERY_DATE"),
              "TRACKING_LINK ESTIMATED_SHIPPING_TIME ESTIMATED_DELIVERY_DATE"),
        _kind("order_tracking_corrected", "Tracking number corrected",
              "By itself, when a tracking number that the customer was told is corrected.",
              "ORDER_NUMBER TRACKING_NUMBER CONTACT_INFO", (*_PARCEL, "OLD_TRACKING_NUMBER"),
              "OLD_TRACKING_NUMBER CARRIER PARCEL_STATUS TRACKING_LINK ESTIMATED_DELIVERY_DATE"),
        _kind("order_where", "Where the order is", "A person sends it when a customer asks where the order is.",
              "ORDER_NUMBER PARCEL_STATUS CONTACT_INFO", _PARCEL, _UNKNOWN),
        _kind("order_invoice", "Copy of the invoice", "A person sends it when a customer asks for their invoice.",
              "ORDER_NUMBER CONTACT_INFO", _ALWAYS),
        _kind("order_delayed", "Delivery held up", "A person sends it when something is wrong on the way.",
              "ORDER_NUMBER PARCEL_STATUS CONTACT_INFO", _PARCEL, _UNKNOWN),
        _kind("order_item_short", "Item missing while packing",
              "A person sends it when the shelf holds less than was sold.",
              "ORDER_NUMBER MISSING_ITEMS CONTACT_INFO", (*_ALWAYS, "MISSING_ITEMS")),
        _kind("order_delivered", "Order delivered", "By itself, when all parcels of an order have arrived.",
              "ORDER_NUMBER CONTACT_INFO", _PARCEL, f"PARCEL_STATUS {_UNKNOWN}"),
        _kind("order_feedback", "How it was", "By itself, once, some days after delivery.",
              "ORDER_NUMBER CUSTOMER_PAGE CONTACT_INFO", _ALWAYS),
        _kind("order_return_approved", "Return agreed", "By itself, when a return is approved.",
              "ORDER_NUMBER RETURN_NUMBER RETURN_INSTRUCTIONS CONTACT_INFO",
              (*_RETURN, "RETURN_INSTRUCTIONS", "RETURN_ADDRESS"), "RETURN_ADDRESS"),
        _kind("order_return_refused", "Return refused", "By itself, when a return is refused.",
              "ORDER_NUMBER REASON CONTACT_INFO", (*_RETURN, "REASON")),
        _kind("order_return_received", "Return received", "By itself, when returned goods have arrived.",
              "RETURN_NUMBER CONTACT_INFO", _RETURN),
        _kind("order_return_settled", "Return settled", "By itself, when money or other goods were given for a return.",
              "RETURN_NUMBER RETURN_OUTCOME CONTACT_INFO", (*_RETURN, "RETURN_OUTCOME", "AMOUNT"), "AMOUNT"),
        _kind("order_cancelled", "Order cancelled", "By itself, when an order is cancelled.",
              "ORDER_NUMBER CONTACT_INFO", (*_ALWAYS, "REASON"), "REASON"),
        _kind("order_expired", "Quote ended", "By itself, when a quote ended without money.",
              "QUOTE_NUMBER CONTACT_INFO", _QUOTED, "ESTIMATED_SHIPPING_TIME"),
        _kind("order_refunded", "Refund sent", "By itself, when money was sent back.",
              "ORDER_NUMBER AMOUNT CONTACT_INFO", (*_QUOTED, "AMOUNT", "REASON"), "REASON ESTIMATED_SHIPPING_TIME"),
    )
)  # fmt: skip
"""in the order in which a customer gets them"""
REPLY = tuple(name for name in (*_QUOTED, "MISSING_DETAILS") if name != "CUSTOMER_PAGE")
"""what a saved reply may hold; the customer's link is made by templates alone, whose mails know whom they go to"""
