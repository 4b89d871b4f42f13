"""localstripe with what our desk needs and it lacks: Checkout Sessions, idempotency keys, events about refunds.

Run as a program: `python -m tests.parts.localstripe_server PORT`. Objects, charges, refunds, events, web hooks and their
signatures are localstripe's own. The additions follow Stripe's public API reference.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-untyped]
from localstripe.errors import UserError  # type: ignore[import-untyped]
from localstripe.webhooks import schedule_webhook  # type: ignore[import-untyped]

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 0
resources.store.dump_to_disk = lambda: None  # two servers of one machine would share the file

answers: dict[tuple[str, str], tuple[str, int, bytes]] = {}
lost = [0]
"""how many of the next answers to POST get lost on their way, after the work is done"""
pages = [""]
"""where the customers' pages are, when they are elsewhere"""


class Session(resources.StripeObject):
    """A Checkout Session in mode payment."""

    object = "checkout.session"
    _id_prefix = "cs_test_"

    def __init__(
        self,
        mode: str = "",
        line_items: list[dict[str, Any]] | None = None,
        metadata: dict[str, str] | None = None,
        client_reference_id: str | None = None,
        payment_intent_data: dict[str, Any] | None = None,
        success_url: str = "",
        cancel_url: str = "",
        expires_at: str = "",
        locale: str = "auto",
        customer_email: str | None = None,
        **more: Any,
    ) -> None:
        if more or mode != "payment" or not line_items or not success_url:
            raise UserError(400, f"Unexpected {', '.join(more) or 'session'}")
        ends = int(expires_at or time.time() + 86400)
        if not time.time() + 1800 <= ends <= time.time() + 86400:
            raise UserError(
                400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
            )
        prices = [line["price_data"] for line in line_items]
        super().__init__()
        self.mode, self.status, self.payment_status = mode, "open", "unpaid"
        self.currency = prices[0]["currency"]
        self.amount_total = sum(
            int(price["unit_amount"]) * int(line["quantity"])
            for price, line in zip(prices, line_items, strict=True)
        )
        self.metadata, self.client_reference_id = metadata or {}, client_reference_id
        self.payment_intent: str | None = None
        self.expires_at = ends
        self.customer_details: dict[str, Any] | None = None
        self.success_url, self.cancel_url = success_url, cancel_url
        self.url: str | None = f"{pages[0] or f'http://127.0.0.1:{PORT}/pay'}/{self.id}"
        self._intent = payment_intent_data or {}
        self._email = customer_email

    @classmethod
    def _expire(cls, id: str, **_: Any) -> Session:  # noqa: A002  # localstripe calls it so
        """POST /v1/checkout/sessions/{id}/expire"""
        session: Session = cls._api_retrieve(id)
        if session.status != "open":
            raise UserError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
        session.status, session.url = "expired", None
        schedule_webhook(resources.Event("checkout.session.expired", session))
        return session

    @classmethod
    def _pay(cls, id: str, **_: Any) -> Session:  # noqa: A002  # localstripe calls it so
        """What the customer does on the page: pay by a card that works."""
        session: Session = cls._api_retrieve(id)
        if session.status != "open":
            raise UserError(400, "This page is no longer open.")
        intent = resources.PaymentIntent._api_create(
            amount=session.amount_total,
            currency=session.currency,
            payment_method="pm_card_visa",
            metadata=session._intent.get("metadata"),
            confirm=True,
        )
        session.status, session.payment_status, session.url = "complete", "paid", None
        session.payment_intent = intent.id
        session.customer_details = {"name": "Jane Fox", "email": session._email}
        schedule_webhook(resources.Event("checkout.session.completed", session))
        return session


def _tell_of_refunds() -> None:
    plain = resources.Refund._api_create.__func__

    def create(cls: Any, /, **data: Any) -> Any:
        refund = plain(cls, **data)
        charge = resources.Charge._api_retrieve(refund.charge)
        refund.payment_intent = charge.payment_intent
        schedule_webhook(resources.Event("charge.refunded", charge))
        schedule_webhook(resources.Event("refund.created", refund))
        return refund

    resources.Refund._api_create = classmethod(create)


@web.middleware
async def keys(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The same key gives the same answer; with other words it is an error. Answers may get lost."""
    if request.method != "POST" or request.path.startswith("/_config"):
        return await handler(request)
    key = request.headers.get("Idempotency-Key", "")
    said = hashlib.sha256(await request.read()).hexdigest()
    known = answers.get((request.path, key)) if key else None
    if known and known[0] != said:
        return web.json_response(
            {
                "error": {
                    "type": "idempotency_error",
                    "message": "Keys for idempotent requests can only be reused.",
                }
            },
            status=400,
        )
    if known:
        return web.Response(body=known[2], status=known[1], content_type="application/json")
    answer = await handler(request)
    if key and isinstance(answer, web.Response) and answer.status < 500:
        answers[request.path, key] = said, answer.status, bytes(answer.body or b"")  # type: ignore[arg-type]
    if lost[0]:
        lost[0] -= 1
        assert request.transport is not None
        request.transport.close()
    return answer


async def lose(request: web.Request) -> web.Response:
    """POST /_config/lose/{n}: the next n answers get lost."""
    lost[0] = int(request.match_info["id"])
    return web.Response()


async def elsewhere(request: web.Request) -> web.Response:
    """POST /_config/pages: whoever pays is sent to the address in `base`."""
    pages[0] = str((await request.post())["base"])
    return web.Response()


async def forget(request: web.Request) -> web.Response:
    """POST /_config/forget: no object, no key, no answer that is to be lost, and no event on its way to whoever is told next."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__name__", "") == "_send_webhook":
            task.cancel()
    resources.store.clear()
    answers.clear()
    lost[0], pages[0] = 0, ""
    return web.Response()


async def sessions(request: web.Request) -> web.Response:
    """GET /_sessions: every session's id (a list that the real API gives page by page)."""
    return web.json_response([key for key in resources.store if key.startswith("checkout.session:")])


def main() -> None:
    """Serve on 127.0.0.1 until killed."""
    _tell_of_refunds()
    app, add = server.app, server.app.router.add_route
    base = "/v1/checkout/sessions"
    add("POST", base, server.api_create(Session, base))
    add("GET", base + "/{id}", server.api_retrieve(Session, base))
    add("POST", base + "/{id}/expire", server.api_extra(Session._expire, base))
    add("POST", "/pay/{id}", server.api_extra(Session._pay, base))
    add("POST", "/_config/lose/{id}", lose)
    add("POST", "/_config/pages", elsewhere)
    add("POST", "/_config/forget", forget)
    add("GET", "/_sessions", sessions)
    app.middlewares.append(keys)
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None)


if __name__ == "__main__":
    main()
