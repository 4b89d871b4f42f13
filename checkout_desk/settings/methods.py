"""Ways in which customers may pay.

`PaymentMethod.settings` by kind — stripe: mode, account, publishable_key, api_base; paypal: mode, client_id, webhook_id,
merchant_id, api_base; bank: iban, bic, holder, bank; cash and account: note. All of them: currencies and countries
(empty: any). Secrets by kind — stripe: secret_key, webhook_secret; paypal: client_secret.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select

from checkout_desk.extensions import db
from checkout_desk.secrets import decrypt, encrypt
from checkout_desk.settings.models import PaymentMethod

KINDS = {
    "stripe": "Card (Stripe)",
    "paypal": "PayPal",
    "bank": "Bank transfer",
    "cash": "Cash on collection",
    "account": "On account",
}
SECRETS: dict[str, tuple[str, ...]] = {
    "stripe": ("secret_key", "webhook_secret"),
    "paypal": ("client_secret",),
}
"""what is kept encrypted, by kind"""
API: dict[tuple[str, str], str] = {
    ("stripe", "sandbox"): "https://api.stripe.com",
    ("stripe", "live"): "https://api.stripe.com",
    ("paypal", "sandbox"): "https://api-m.sandbox.paypal.com",
    ("paypal", "live"): "https://api-m.paypal.com",
}
"""where a provider is asked, by kind and mode; never typed, so that nobody points the desk elsewhere"""


_ACTIVE = (
    select(PaymentMethod)
    .where(PaymentMethod.active.is_(True))
    .order_by(PaymentMethod.position, PaymentMethod.id)
)


def active(currency: str, country: str, *, trusted: bool = False) -> list[PaymentMethod]:
    """The ways to pay an order in `currency` that goes to `country`, as the store sorted them.

    'account' is for `trusted` customers alone. A provider without its keys and a bank without its IBAN are left out.
    """
    return [
        row
        for row in db.session.scalars(_ACTIVE)
        if _fits(row, currency, country) and (trusted or row.kind != "account")
    ]


def every() -> Sequence[PaymentMethod]:
    """All ways to pay, offered or not, as the store sorted them."""
    return db.session.scalars(select(PaymentMethod).order_by(PaymentMethod.position, PaymentMethod.id)).all()


def lacks(method: PaymentMethod) -> str:
    """What a method still needs before anybody can pay by it, as a sentence; '' where it is ready."""
    if method.kind == "bank" and not (method.settings.get("iban") and method.settings.get("holder")):
        return "The IBAN and its holder are missing."
    if method.kind in SECRETS and not method.secret:
        return "Its keys are missing."
    return ""


def secrets(method: PaymentMethod) -> dict[str, str]:
    """The provider's keys in clear, {} where there are none. Never for a page, an event or a log.

    Raises checkout_desk.secrets.LostKey where the desk no longer has the key that they were sealed with.
    """
    found: dict[str, str] = json.loads(decrypt(method.secret)) if method.secret else {}
    return found


def seal(found: dict[str, str]) -> str | None:
    """The stored form of a provider's keys."""
    kept = {name: value for name, value in sorted(found.items()) if value}
    return encrypt(json.dumps(kept)) if kept else None


def _fits(method: PaymentMethod, currency: str, country: str) -> bool:
    currencies, countries = method.settings.get("currencies"), method.settings.get("countries")
    return (
        not lacks(method)
        and (not currencies or currency in currencies)
        and (not countries or country in countries)
    )
