"""Plain English words of the milestone mails, for those that no template has been written for."""

from __future__ import annotations

from checkout_desk.correspondence.templates import Template

_END = """

Any questions? You can reach us at [CONTACT_INFO].

Kind regards
[STORE_NAME]
"""
_TEXTS = {
    "order_received": (
        "Your order [ORDER_NUMBER] has arrived",
        "[GREETING]\n\nThank you for your order. A person will look at it and write to you.",
    ),
    "order_quote": (
        "Your quote [QUOTE_NUMBER]",
        "[GREETING]\n\nThank you for your order. This is what it comes to:\n\n[ORDER_SUMMARY]\n\n"
        "You can pay until [QUOTE_EXPIRES]:\n[PAYMENT_INSTRUCTIONS]",
    ),
    "order_reminder": (
        "Your quote [QUOTE_NUMBER] ends soon",
        "[GREETING]\n\nWe keep the goods of your order [ORDER_NUMBER] for you until [QUOTE_EXPIRES].\n\n"
        "[ORDER_SUMMARY]\n\nYou can pay [TOTAL_DUE] like this:\n[PAYMENT_INSTRUCTIONS]\n\n"
        "If you have paid in the meantime, there is nothing you need to do.",
    ),
    "order_payment_received": (
        "We have received your payment for order [ORDER_NUMBER]",
        "[GREETING]\n\nThank you, [AMOUNT] for your order [ORDER_NUMBER] has arrived.",
    ),
    "order_confirmed": (
        "Your Order #[ORDER_NUMBER] is Confirmed",
        "[GREETING]\n\nThank you for your payment; your order [ORDER_NUMBER] is confirmed.\n\n[ORDER_SUMMARY]\n\n"
        "It goes to:\n[SHIPPING_ADDRESS]",
    ),
    "order_cancelled": (
        "Your order [ORDER_NUMBER] is cancelled",
        "[GREETING]\n\nYour order [ORDER_NUMBER] is cancelled. Please do not pay it any more.",
    ),
    "order_expired": (
        "Your quote [QUOTE_NUMBER] has ended",
        "[GREETING]\n\nYour quote [QUOTE_NUMBER] has ended, and we no longer keep its goods for you. "
        "Please do not pay it any more. If you would still like to order, simply reply to this mail.",
    ),
    "order_refunded": (
        "Your refund for order [ORDER_NUMBER]",
        "[GREETING]\n\nWe have sent [AMOUNT] for your order [ORDER_NUMBER] back to you.",
    ),
}


def plain(key: str) -> Template:
    """The words for `key`. Raises KeyError for one that does not exist."""
    subject, body = _TEXTS[key]
    return Template(key, "en", 1, subject, body + _END)
