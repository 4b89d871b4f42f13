"""A store that takes cards at the Stripe of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from checkout_desk.extensions import begin_write, db
from checkout_desk.settings import method_changes
from checkout_desk.settings.models import PaymentMethod
from tests.browser.live import LiveDesk
from tests.parts.checkout_page import CheckoutPage
from tests.parts.localstripe import KEY, SECRET, LocalStripe
from tests.parts.tls import LittleAuthority


@contextmanager
def cards_taken(live: LiveDesk, stripe: LocalStripe, authority: LittleAuthority) -> Iterator[CheckoutPage]:
    """The store's cards are taken on `stripe`, which tells the desk of it; yields the page where customers pay."""
    with live.app.app_context():
        begin_write()
        method = db.session.scalars(select(PaymentMethod).where(PaymentMethod.kind == "stripe")).one()
        before = dict(method.settings)
        method_changes.save(
            method,
            kind="stripe",
            name=method.name,
            active=True,
            settings={**before, "api_base": stripe.url, "demo": False},
            secrets={"secret_key": KEY, "webhook_secret": SECRET},
        )
        db.session.commit()
    stripe.tell(f"{live.url}/hooks/stripe")
    with CheckoutPage(stripe, authority) as page:
        yield page
    with live.app.app_context():
        begin_write()
        db.session.scalars(
            select(PaymentMethod).where(PaymentMethod.kind == "stripe")
        ).one().settings = before
        db.session.commit()
