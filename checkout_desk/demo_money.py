"""What the demo store charges and how it is paid: British rules, and providers that are only played."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.settings import discount_changes, method_changes, starting
from checkout_desk.settings.effective import today
from checkout_desk.settings.models import Store, Tolerance

DAYS = 29
"""how long ago the rules were made: before the first mail came"""
WAYS: tuple[tuple[str, str, dict[str, Any], dict[str, str]], ...] = (
    ("stripe", "Card", {"mode": "sandbox", "account": "", "demo": True},
     {"secret_key": "sk_test_demo", "webhook_secret": "whsec_demo"}),
    ("paypal", "PayPal", {"mode": "sandbox", "client_id": "demo", "webhook_id": "demo", "merchant_id": "", "demo": True},
     {"client_secret": "demo"}),
    ("bank", "Bank transfer", {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22", "holder": "Fern & Kiln Ltd",
                               "bank": "Example Bank, Bristol"}, {}),
    ("cash", "Cash on collection", {"countries": ["GB"], "note": "Fetch it at 14 Potter’s Row, Monday to Friday from 9 to 17."}, {}),
)  # fmt: skip
"""kind, name, settings and keys; 'demo' says that no provider stands behind it"""
LIMITS = (("processing", 50, 500, 0), ("manager", 500, 5_000, 50_000), ("admin", 500, 5_000, 50_000))
"""role, and in pence: too little, too much, one refund"""


def build() -> None:
    """Set the demo store's rules; commits. Ines does it, as the manager."""
    manager = db.session.scalars(select(Person.id).where(Person.email.startswith("ines@"))).one()
    db.session.rollback()
    with clock.pretending(clock.now() - timedelta(days=DAYS)), acting_as(f"person:{manager}", "demo"):
        begin_write()
        opened = today()
        for kind, name, settings, secrets in WAYS:
            settings = {"currencies": [], "countries": [], **settings}
            method_changes.save(None, kind=kind, name=name, active=True, settings=settings, secrets=secrets)
        starting.open_rules("GB", "GBP", on=opened)
        for role, under, over, refund in LIMITS:
            db.session.add(
                Tolerance(role=role, currency="GBP", under_minor=under, over_minor=over, refund_minor=refund)
            )
        _code("WELCOME10", kind="percent", value=100_000, opened=opened)
        _code("FIVER", kind="amount", value=500, opened=opened, least=4_000)
        store = db.session.get_one(Store, 1)
        store.vat_id = "GB980780684"
        store.brand_footer = "Fern & Kiln Ltd, 14 Potter’s Row, Bristol BS1 4ND"
        store.sender_address = "14 Potter’s Row\nBristol BS1 4ND"
        db.session.commit()


def _code(code: str, *, kind: str, value: int, opened: date, least: int = 0) -> None:
    discount_changes.add(
        {"code": code, "kind": kind, "value": value, "currency": "GBP" if least else None, "from_value_minor": least,
         "valid_from": opened, "valid_until": None}
    )  # fmt: skip
