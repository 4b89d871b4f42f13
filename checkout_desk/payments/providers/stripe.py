"""Stripe: Checkout Sessions for quotes, signed events, refunds. The SDK speaks through our own HTTP (`http.fetch`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe as sdk

from checkout_desk import clock, money
from checkout_desk.payments.answers import Answer, Declined, Done, Doubtful, Pending, RefundErrand
from checkout_desk.payments.providers import http
from checkout_desk.payments.providers.keeping import access_for
from checkout_desk.payments.providers.model import (
    Access,
    Closed,
    Disputed,
    Foreign,
    Forged,
    Happened,
    LinkErrand,
    Money,
    MoneyBack,
    Opened,
    ProviderFault,
    RefundsOf,
    Said,
    Told,
    Unreachable,
    Untimely,
)

TOLERANCE = 300
"""seconds by which the time in a signature may be off"""
LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=31)
"""a session lasts at least thirty minutes from when Stripe hears of it"""
_NO_DECIMALS = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())
_LANGUAGES = frozenset("de en es fr it ja nl pt".split())
_NO_MONEY_MOVED = (
    sdk.InvalidRequestError,
    sdk.CardError,
    sdk.AuthenticationError,
    sdk.PermissionError,
    sdk.RateLimitError,
)


class _Client(sdk.HTTPClient):
    """The SDK's requests by way of `http.fetch`."""

    name = "desk"

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        body = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            reply = http.fetch(method.upper(), url, headers=headers or {}, body=body)
        except Unreachable as fault:
            error = sdk.APIConnectionError(str(fault))
            error.__cause__ = fault
            raise error from fault
        return reply.body.decode("utf-8", "replace"), reply.status, reply.headers

    def close(self) -> None:
        """Nothing is kept open."""


def _api(access: Access) -> Any:
    return sdk.StripeClient(
        access.secrets["secret_key"],
        base_addresses={"api": access.base},
        http_client=_Client(),
        max_network_retries=0,
    ).v1


def check(access: Access, headers: Mapping[str, str], body: bytes) -> Told:
    """See model.Provider. The signature is over the raw bytes; mode and account have to be the method's own."""
    secret = access.secrets.get("webhook_secret")
    if not secret:
        raise Forged("The method has no secret for its web hook.")
    try:
        sdk.WebhookSignature.verify_header(body.decode("utf-8"), headers.get("Stripe-Signature", ""), secret)
        _timely(headers["Stripe-Signature"])
        event = json.loads(body)
        event_id, kind = str(event["id"]), str(event["type"])
    except (sdk.SignatureVerificationError, UnicodeDecodeError, IndexError) as fault:
        raise Forged("The signature is wrong.") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise Forged("The body is no event.") from fault
    if foreign := _foreign(access, event):
        raise Foreign(foreign)
    if not 0 < len(event_id) <= 120:
        raise Forged("The event has no usable id.")
    return Told(event_id, kind[:80])


def _timely(signature: str) -> None:
    """Raises Untimely for a time that is too far from ours, before or after it; the SDK asks for what is past alone."""
    said = next(part[2:] for part in signature.split(",") if part.startswith("t="))
    if abs(clock.now().timestamp() - int(said)) > TOLERANCE:
        raise Untimely(
            "The signature is right, but its time is more than five minutes from the desk's clock."
        )


def _foreign(access: Access, event: Mapping[str, Any]) -> str:
    """Why an event is not of this method, as a sentence; '' where it is."""
    if bool(event.get("livemode")) != access.live:
        return "The event is of the other mode (test or live)."
    own = access.settings.get("account")
    if own and event.get("account") and event["account"] != own:
        return "The event is of another account."
    return ""


def happened(access: Access, since: datetime, until: datetime) -> Iterator[Happened]:
    """See model.Provider. Stripe keeps its list for thirty days and gives it page by page."""
    page: dict[str, Any] = {"limit": 100}
    page["created"] = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
    while True:
        found = _ask(lambda page=page: _api(access).events.list(page))
        for event in found["data"]:
            if not _foreign(access, event):
                yield Happened(Told(str(event["id"]), str(event["type"])[:80]), json.dumps(event).encode())
        if not found["has_more"] or not found["data"]:
            return
        page = {**page, "starting_after": found["data"][-1]["id"]}


def understand(payload: Mapping[str, Any]) -> Sequence[Said]:
    """See model.Provider."""
    kind, thing = str(payload.get("type")), payload["data"]["object"]
    at = _time(payload.get("created"))
    if kind in ("checkout.session.completed", "checkout.session.async_payment_succeeded"):
        return _session(thing, at)
    if kind in ("checkout.session.expired", "checkout.session.async_payment_failed"):
        return [Closed(thing["id"])]
    if kind == "payment_intent.succeeded":
        return _intent(thing, at)
    if kind.startswith(("refund.", "charge.refund.")):
        return _refund(thing)
    if kind == "charge.refunded":
        listed = (thing.get("refunds") or {}).get("data") or []
        if listed:
            return [
                said for one in listed for said in _refund({"payment_intent": thing["payment_intent"]} | one)
            ]
        return [RefundsOf(thing["payment_intent"])] if thing.get("payment_intent") else []
    if kind.startswith("charge.dispute.") and thing.get("payment_intent"):
        amount = _from_stripe(thing["amount"], thing["currency"])
        return [
            Disputed(
                thing["payment_intent"], amount, str(thing.get("status")), str(thing.get("reason") or "")
            )
        ]
    return []


def _session(session: Mapping[str, Any], at: datetime) -> Sequence[Said]:
    if session.get("payment_status") != "paid":
        # Paid by something slow: an event of its own tells when the money is there.
        return [Closed(session["id"])] if session.get("status") == "expired" else []
    customer = session.get("customer_details") or {}
    intent = session.get("payment_intent")
    return [
        Money(
            ref=str(intent["id"] if isinstance(intent, Mapping) else intent),
            amount_minor=_from_stripe(session["amount_total"], session["currency"]),
            currency=str(session["currency"]).upper(),
            received_at=at,
            payer_name=str(customer.get("name") or ""),
            payer_account=str(customer.get("email") or ""),
            text=str(session.get("client_reference_id") or ""),
            link_id=_link(session),
            link_ref=session["id"],
        )
    ]


def _intent(intent: Mapping[str, Any], at: datetime) -> Sequence[Said]:
    link = _link(intent)
    if link is None:
        return []  # the store's account sells elsewhere too
    received = intent.get("amount_received") or intent["amount"]
    return [
        Money(
            ref=intent["id"],
            amount_minor=_from_stripe(received, intent["currency"]),
            currency=str(intent["currency"]).upper(),
            received_at=at,
            payer_account=str(intent.get("receipt_email") or ""),
            text=str((intent.get("metadata") or {}).get("reference") or ""),
            link_id=link,
        )
    ]


def _refund(refund: Mapping[str, Any]) -> Sequence[Said]:
    if not refund.get("payment_intent"):
        return []
    return [
        MoneyBack(
            refund["payment_intent"],
            refund["id"],
            _from_stripe(refund["amount"], refund["currency"]),
            _answer(refund),
            key=str((refund.get("metadata") or {}).get("refund_key") or ""),
        )
    ]


def _answer(refund: Mapping[str, Any]) -> Answer:
    state = refund.get("status")
    if state == "succeeded":
        return Done(refund["id"])
    if state in ("failed", "canceled"):
        return Declined(f"Stripe: {refund.get('failure_reason') or state}.", refund["id"])
    return Pending(refund["id"])


def open_link(access: Access, errand: LinkErrand) -> Opened:
    """See model.Provider: a Checkout Session of one line that is exactly the amount."""
    told = {
        "quote": str(errand.quote_id),
        "version": errand.name,
        "link": str(errand.link_id),
        "reference": errand.reference,
    }
    values: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": errand.currency.lower(),
                    "unit_amount": _to_stripe(errand.amount_minor, errand.currency),
                    "product_data": {"name": errand.title[:200]},
                },
            }
        ],
        "client_reference_id": errand.reference,
        "metadata": told,
        "payment_intent_data": {"metadata": told, "description": errand.title[:200]},
        "success_url": errand.back,
        "cancel_url": errand.back,
        "expires_at": int(errand.expires_at.timestamp()),
        "locale": errand.language if errand.language in _LANGUAGES else "auto",
    }
    if errand.email:
        values["customer_email"] = errand.email
    session = _ask(
        lambda: _api(access).checkout.sessions.create(
            values, options={"idempotency_key": errand.idempotency_key}
        )
    )
    return Opened(session["id"], session["url"], _time(session["expires_at"]))


def look(access: Access, ref: str) -> Sequence[Said]:
    """See model.Provider."""
    session = _ask(lambda: _api(access).checkout.sessions.retrieve(ref))
    if session.get("status") == "expired":
        return [Closed(ref)]
    return _session(session, datetime.now(UTC))


def close(access: Access, ref: str) -> Sequence[Said]:
    """See model.Provider. A session that is complete cannot be expired: then it was paid."""
    try:
        _ask(lambda: _api(access).checkout.sessions.expire(ref))
    except Unreachable:
        raise
    except ProviderFault:
        said = look(access, ref)
        if not said:
            raise
        return said
    return [Closed(ref)]


def capture(access: Access, ref: str) -> Sequence[Said]:
    """Stripe captures by itself; this only looks."""
    return look(access, ref)


def refunds_of(access: Access, payment_ref: str) -> Sequence[Said]:
    """See model.Provider."""
    found = _ask(lambda: _api(access).refunds.list({"payment_intent": payment_ref, "limit": 100}))
    return [said for one in found["data"] for said in _refund(dict(one) | {"payment_intent": payment_ref})]


def refund(errand: RefundErrand) -> Answer:
    """See answers.RefundProvider."""
    try:
        access = access_for("stripe", errand.payment_ref)
        made = _api(access).refunds.create(
            {
                "payment_intent": errand.payment_ref,
                "amount": _to_stripe(errand.amount_minor, errand.currency),
                "metadata": {"refund_key": errand.idempotency_key},
            },
            options={"idempotency_key": errand.idempotency_key},
        )
        return _answer(_plain(made))
    except _NO_MONEY_MOVED as fault:
        return Declined(f"Stripe: {fault.user_message or fault.code or type(fault).__name__}"[:300])
    except sdk.APIConnectionError as fault:
        heard = not isinstance(fault.__cause__, Unreachable) or fault.__cause__.asked
        words = f"Stripe: {fault.user_message}"[:300]
        return Doubtful(words) if heard else Declined(words)
    except sdk.StripeError as fault:
        return Doubtful(f"Stripe: {fault.user_message or type(fault).__name__}"[:300])
    except ProviderFault as fault:
        return Declined(str(fault))


def find_refund(errand: RefundErrand) -> Answer | None:
    """See answers.RefundProvider. Raises ProviderFault where Stripe does not answer."""
    for said in refunds_of(access_for("stripe", errand.payment_ref), errand.payment_ref):
        if isinstance(said, MoneyBack) and said.key == errand.idempotency_key:
            return said.answer
    return None


def lasts(made_at: datetime, ends_at: datetime) -> datetime:
    """Until when a session may last that is made now for a quote that ends then."""
    return max(min(ends_at, made_at + LONGEST - timedelta(minutes=5)), made_at + SHORTEST)


def _ask(question: Any) -> dict[str, Any]:
    """Ask; faults of the SDK become ours."""
    try:
        return _plain(question())
    except sdk.APIConnectionError as fault:
        cause = fault.__cause__
        raise Unreachable(
            f"Stripe: {fault.user_message}", asked=not isinstance(cause, Unreachable) or cause.asked
        ) from fault
    except sdk.StripeError as fault:
        raise ProviderFault(f"Stripe: {fault.user_message or type(fault).__name__}"[:300]) from fault


def _plain(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = thing.to_dict() if hasattr(thing, "to_dict") else dict(thing)
    return found


def _link(thing: Mapping[str, Any]) -> int | None:
    told = str((thing.get("metadata") or {}).get("link") or "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None


def _time(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _places(currency: str) -> int:
    code = currency.upper()
    return 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2


def _to_stripe(minor: int, currency: str) -> int:
    """Our minor units as Stripe's, which differ for a few currencies. Raises ProviderFault where it cannot be said."""
    amount = money.to_decimal(minor, currency).scaleb(_places(currency))
    if amount != int(amount) or (_places(currency) == 3 and int(amount) % 10):
        raise ProviderFault(f"Stripe cannot take exactly {money.plain(minor, currency)} {currency}.")
    return int(amount)


def _from_stripe(amount: int, currency: str) -> int:
    places = money.decimals(currency.upper()) - _places(currency)
    return int(amount) * 10**places if places >= 0 else int(amount) // 10**-places
