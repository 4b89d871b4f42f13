"""A shop whose desk is served over HTTP, with a Stripe and a PayPal of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.extensions import db
from checkout_desk.payments import linking, understanding
from checkout_desk.payments.models import Payment, PaymentLink, ProviderEvent
from checkout_desk.payments.providers import paypal_api
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import Stage, product
from tests.parts.localstripe import KEY, SECRET
from tests.parts.paypal import CLIENT, CLIENT_SECRET, MERCHANT, WEBHOOK
from tests.payments.counter import Counter

BACK = "http://localhost/quote"


@pytest.fixture(autouse=True)
def _no_tokens() -> None:
    """A PayPal that was emptied knows no token any more."""
    paypal_api._tokens.clear()


class Office(Counter):
    """A counter with quotes of today, whose customers pay at providers."""

    def quote_of_today(self) -> int:
        """A quote that was sent just now; 3200 GBP minor units."""
        return self.quoted(when=clock.now())[1]

    def more_mugs(self) -> None:
        """Stock for a long test."""
        with self.shop.writing():
            stock.receive(product("MUG-BLU").id, 20, occasion="more")

    def method(self, kind: str, base: str, **more: Any) -> int:
        """A method of payment at a provider on this machine."""
        secrets, settings = {
            "stripe": ({"secret_key": KEY, "webhook_secret": SECRET}, {"mode": "sandbox"}),
            "paypal": (
                {"client_secret": CLIENT_SECRET},
                {"client_id": CLIENT, "webhook_id": WEBHOOK, "merchant_id": MERCHANT},
            ),
        }[kind]
        with self.shop.writing():
            found = PaymentMethod(
                kind=kind,
                name=kind,
                settings={**settings, "api_base": base, **more.pop("settings", {})},
                secret=methods.seal({**secrets, **more}),
            )
            db.session.add(found)
            db.session.flush()
            return found.id

    def page(self, quote_id: int, method_id: int) -> linking.Page:
        """The page on which the quote can be paid."""
        with self.shop.app.app_context():
            return linking.pay_page(quote_id, method_id, back=BACK)

    def run(self, job: Callable[..., Any], *ids: int) -> Any:
        """A job or the clock's work, in a context of its own."""
        with self.shop.app.app_context():
            return job(*ids)

    def understand_all(self) -> None:
        """A worker takes every event that is open, as often as it is rung for."""
        for _ in range(3):
            for event in self.shop.all(ProviderEvent, ProviderEvent.understood_at.is_(None)):
                self.run(understanding.understand, event.id)

    def payments(self) -> list[tuple[str, str, int]]:
        """(source, state, amount) of every payment."""
        return [(p.source, p.state, p.amount_minor) for p in self.shop.all(Payment)]

    def links(self) -> list[PaymentLink]:
        """Every page, oldest first."""
        return self.shop.all(PaymentLink)

    def told(self) -> list[ProviderEvent]:
        """Every event that was kept."""
        return self.shop.all(ProviderEvent)

    def until_told(self, count: int) -> None:
        """Wait until the provider has delivered so many events over HTTP."""
        arrived = threading.Event()
        for _ in range(600):
            with self.shop.app.app_context():
                found = len(db.session.scalars(select(ProviderEvent.id)).all())
            if found >= count:
                return
            arrived.wait(0.05)
        raise AssertionError(f"only {found} events were delivered")


@pytest.fixture
def office(shop: Shop) -> Office:
    """Quotes, and customers who pay at providers."""
    return Office(Stage(shop))


@pytest.fixture
def served(shop: Shop) -> Iterator[str]:
    """The desk over real HTTP; its address."""
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    with contextlib.suppress(OSError):
        server.server_close()


@pytest.fixture
def knock(client: FlaskClient) -> Callable[..., int]:
    """Post bytes to a hook; returns the status."""

    def post(provider: str, body: bytes, headers: dict[str, str]) -> int:
        return client.post(f"/hooks/{provider}", data=body, headers=headers).status_code

    return post


__all__ = ["BACK", "Office", "Till"]
