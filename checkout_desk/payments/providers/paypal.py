"""PayPal by plain HTTP: orders (v2), capture, refunds, and its own verdict on the signatures of its web hooks.

A web hook is verified by asking PayPal (`/v1/notifications/verify-webhook-signature`), with the raw body inside; the
certificate that a web hook names is never fetched by us.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote as escaped
from urllib.parse import urlencode

from checkout_desk import money
from checkout_desk.payments.answers import Answer, Declined, Done, Doubtful, Pending, RefundErrand
from checkout_desk.payments.providers import http
from checkout_desk.payments.providers.keeping import access_for
from checkout_desk.payments.providers.model import (
    Access,
    Approved,
    Closed,
    Disputed,
    Foreign,
    Forged,
    LinkErrand,
    Money,
    MoneyBack,
    Opened,
    ProviderFault,
    Said,
    Told,
    Unreachable,
)

SIGNED = (
    "Paypal-Transmission-Id",
    "Paypal-Transmission-Time",
    "Paypal-Transmission-Sig",
    "Paypal-Cert-Url",
    "Paypal-Auth-Algo",
)
"""headers without which nothing has to be asked"""
_NO_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()


def check(access: Access, headers: Mapping[str, str], body: bytes) -> Told:
    """See model.Provider. The raw body is put into the question as it is: JSON written anew would not verify."""
    told = {name: headers.get(name, "") for name in SIGNED}
    webhook_id = access.settings.get("webhook_id") or ""
    try:
        event = json.loads(body)
        event_id, kind = str(event["id"]), str(event["event_type"])
        resource = event["resource"]
    except (ValueError, KeyError, TypeError) as fault:
        raise Forged("The body is no event.") from fault
    if not webhook_id or not all(told.values()) or not 0 < len(event_id) <= 120:
        raise Forged("The signature is missing.")
    fields = {
        "auth_algo": told["Paypal-Auth-Algo"],
        "cert_url": told["Paypal-Cert-Url"],
        "transmission_id": told["Paypal-Transmission-Id"],
        "transmission_sig": told["Paypal-Transmission-Sig"],
        "transmission_time": told["Paypal-Transmission-Time"],
        "webhook_id": webhook_id,
    }
    question = json.dumps(fields)[:-1].encode() + b', "webhook_event": ' + body + b"}"
    status, verdict = _call(access, "POST", "/v1/notifications/verify-webhook-signature", raw=question)
    if status >= 500:
        raise Unreachable("PayPal cannot verify signatures now.", asked=True)
    if status != 200 or verdict.get("verification_status") != "SUCCESS":
        raise Forged("The signature is wrong.")
    own = access.settings.get("merchant_id")
    payee = (resource.get("payee") or {}) if isinstance(resource, Mapping) else {}
    if own and payee.get("merchant_id") and payee["merchant_id"] != own:
        raise Foreign("The event is of another account.")
    return Told(event_id, kind[:80])


def understand(payload: Mapping[str, Any]) -> Sequence[Said]:
    """See model.Provider."""
    kind, thing = str(payload.get("event_type")), payload["resource"]
    if kind == "CHECKOUT.ORDER.APPROVED":
        return [Approved(thing["id"])]
    if kind in ("CHECKOUT.ORDER.VOIDED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED"):
        return [Closed(str(thing.get("id") or thing.get("order_id")))]
    if kind == "PAYMENT.CAPTURE.COMPLETED":
        return _captured(thing, {})
    if kind in ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.FAILED"):
        return _refunded(thing)
    if kind.startswith("CUSTOMER.DISPUTE."):
        amount = thing.get("dispute_amount") or {"value": "0", "currency_code": "USD"}
        return [
            Disputed(
                str(one["seller_transaction_id"]),
                _minor(amount),
                str(thing.get("status")),
                str(thing.get("reason") or ""),
            )
            for one in thing.get("disputed_transactions") or ()
            if one.get("seller_transaction_id")
        ]
    return []


def _captured(capture: Mapping[str, Any], payer: Mapping[str, Any]) -> Sequence[Said]:
    told = str(capture.get("custom_id") or "")
    order = str(((capture.get("supplementary_data") or {}).get("related_ids") or {}).get("order_id") or "")
    link = told.removeprefix("link:")
    if capture.get("status") != "COMPLETED" or not told.startswith("link:") or not link.isdecimal():
        return []  # not there yet, or something else that the store sells
    names = payer.get("name") or {}
    return [
        Money(
            ref=capture["id"],
            amount_minor=_minor(capture["amount"]),
            currency=str(capture["amount"]["currency_code"]),
            received_at=_time(capture.get("create_time")),
            payer_name=" ".join(str(names[key]) for key in ("given_name", "surname") if names.get(key)),
            payer_account=str(payer.get("email_address") or ""),
            text=str(capture.get("invoice_id") or ""),
            link_id=int(link[:18]),
            link_ref=order,
        )
    ]


def _refunded(refund: Mapping[str, Any], capture_id: str = "") -> Sequence[Said]:
    """A refund names its capture in a link of relation "up" alone."""
    for link in refund.get("links") or ():
        if link.get("rel") == "up" and "/captures/" in str(link.get("href")):
            capture_id = str(link["href"]).rpartition("/captures/")[2].strip("/")
    if not capture_id:
        return []
    return [
        MoneyBack(
            capture_id,
            refund["id"],
            _minor(refund["amount"]),
            _answer(refund),
            key=str(refund.get("custom_id") or ""),
        )
    ]


def _answer(refund: Mapping[str, Any]) -> Answer:
    state = refund.get("status")
    if state == "COMPLETED":
        return Done(refund["id"])
    if state in ("FAILED", "CANCELLED"):
        return Declined(f"PayPal: {state.lower()}.", refund["id"])
    return Pending(refund["id"])


def open_link(access: Access, errand: LinkErrand) -> Opened:
    """See model.Provider: an order of exactly the amount, which the customer approves and we capture."""
    order = {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": f"quote-{errand.quote_id}",
                "custom_id": f"link:{errand.link_id}",
                "invoice_id": f"{errand.reference}-{errand.link_id}",
                "description": errand.title[:127],
                "amount": _amount(errand.amount_minor, errand.currency),
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "return_url": errand.back,
                    "cancel_url": errand.back,
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                }
            }
        },
    }
    made = _asked(access, "POST", "/v2/checkout/orders", order, request_id=errand.idempotency_key)
    for link in made.get("links") or ():
        if link.get("rel") in ("payer-action", "approve"):
            return Opened(str(made["id"]), str(link["href"]))
    raise ProviderFault("PayPal made an order without a page to pay it on.")


def look(access: Access, ref: str) -> Sequence[Said]:
    """See model.Provider."""
    try:
        order = _asked(access, "GET", f"/v2/checkout/orders/{escaped(ref, safe='')}")
    except NotThere:
        return [Closed(ref)]  # PayPal forgets orders that nobody approved
    if order.get("status") == "APPROVED":
        return [Approved(ref)]
    if order.get("status") == "VOIDED":
        return [Closed(ref)]
    return _of_order(order)


def close(access: Access, ref: str) -> Sequence[Said]:
    """An order cannot be taken back at PayPal, but nothing is paid unless we capture it, which we then do not."""
    said = [one for one in look(access, ref) if isinstance(one, Money)]
    return said or [Closed(ref)]


def capture(access: Access, ref: str) -> Sequence[Said]:
    """See model.Provider. The order's id is the key, so that a repeated question is answered as the first."""
    path = f"/v2/checkout/orders/{escaped(ref, safe='')}/capture"
    status, answer = _call(access, "POST", path, {}, request_id=f"capture:{ref}")
    if status in (200, 201):
        return _of_order(answer)
    if _issue(answer) == "ORDER_ALREADY_CAPTURED":
        return look(access, ref)
    raise _fault(status, answer)


def _of_order(order: Mapping[str, Any]) -> Sequence[Said]:
    payer = order.get("payer") or {}
    said: list[Said] = []
    for unit in order.get("purchase_units") or ():
        for one in (unit.get("payments") or {}).get("captures") or ():
            inherited = {"custom_id": unit.get("custom_id"), "invoice_id": unit.get("invoice_id")}
            related = {"supplementary_data": {"related_ids": {"order_id": order["id"]}}}
            said += _captured({**inherited, **related, **one}, payer)
    return said


def refunds_of(access: Access, payment_ref: str) -> Sequence[Said]:
    """See model.Provider: PayPal lists refunds only with the order that the capture belongs to."""
    captured = _asked(access, "GET", f"/v2/payments/captures/{escaped(payment_ref, safe='')}")
    order_id = ((captured.get("supplementary_data") or {}).get("related_ids") or {}).get("order_id")
    if not order_id:
        raise ProviderFault("PayPal does not say which order this payment belongs to.")
    order = _asked(access, "GET", f"/v2/checkout/orders/{escaped(order_id, safe='')}")
    return [
        said
        for unit in order.get("purchase_units") or ()
        for one in (unit.get("payments") or {}).get("refunds") or ()
        for said in _refunded(one, payment_ref)
        if isinstance(said, MoneyBack) and said.payment_ref == payment_ref
    ]


def refund(errand: RefundErrand) -> Answer:
    """See answers.RefundProvider."""
    try:
        access = access_for("paypal", errand.payment_ref)
        body = {
            "amount": _amount(errand.amount_minor, errand.currency),
            "custom_id": errand.idempotency_key,
        }
        path = f"/v2/payments/captures/{escaped(errand.payment_ref, safe='')}/refund"
        status, answer = _call(access, "POST", path, body, request_id=errand.idempotency_key)
    except Unreachable as fault:
        return Doubtful(f"PayPal: {fault}"[:300]) if fault.asked else Declined(f"PayPal: {fault}"[:300])
    except ProviderFault as fault:
        return Declined(str(fault)[:300])
    if status in (200, 201) and answer.get("id"):
        return _answer(answer)
    if status >= 500 or status < 400:
        return Doubtful(f"PayPal answered {status}.")
    return Declined(str(_fault(status, answer))[:300])


def find_refund(errand: RefundErrand) -> Answer | None:
    """See answers.RefundProvider. Raises ProviderFault where PayPal does not answer."""
    for said in refunds_of(access_for("paypal", errand.payment_ref), errand.payment_ref):
        if isinstance(said, MoneyBack) and said.key == errand.idempotency_key:
            return said.answer
    return None


def lasts(made_at: datetime, ends_at: datetime) -> datetime:
    """An order is not captured after the quote has ended; before, PayPal itself forgets one that nobody approved."""
    return min(ends_at, datetime.fromtimestamp(made_at.timestamp() + 3 * 3600 - 300, UTC))


class NotThere(ProviderFault):
    """PayPal does not know this order."""


def _asked(
    access: Access, method: str, path: str, body: Mapping[str, Any] | None = None, *, request_id: str = ""
) -> dict[str, Any]:
    status, answer = _call(access, method, path, body, request_id=request_id)
    if status in (200, 201):
        return answer
    raise _fault(status, answer)


def _fault(status: int, answer: Mapping[str, Any]) -> ProviderFault:
    if status == 404:
        return NotThere("PayPal does not know it.")
    if status >= 500:
        return Unreachable(f"PayPal answered {status}.", asked=True)
    words = _issue(answer) or str(answer.get("name") or answer.get("error") or status)
    return ProviderFault(f"PayPal refused: {words}."[:300])


def _issue(answer: Mapping[str, Any]) -> str:
    details = answer.get("details") or [{}]
    return str(details[0].get("issue") or "")


def _call(
    access: Access,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    raw: bytes | None = None,
    request_id: str = "",
) -> tuple[int, dict[str, Any]]:
    """One call with a token; a token that PayPal no longer takes is fetched anew once. Raises Unreachable."""
    data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
    for fresh in (False, True):
        headers = {
            "Authorization": f"Bearer {_token(access, fresh=fresh)}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Prefer": "return=representation",
        }
        if request_id:
            headers["PayPal-Request-Id"] = request_id
        reply = http.fetch(method, access.base + path, headers=headers, body=data)
        if reply.status != 401:
            break
    return reply.status, _json(reply.body)


def _token(access: Access, *, fresh: bool) -> str:
    """An OAuth token of the method's client, kept in this process until a minute before its end."""
    key = (access.base, str(access.settings.get("client_id")))
    with _lock:
        kept = _tokens.get(key)
    if kept and not fresh and kept[1] > time.monotonic():
        return kept[0]
    basic = base64.b64encode(f"{key[1]}:{access.secrets.get('client_secret', '')}".encode()).decode()
    reply = http.fetch(
        "POST",
        f"{access.base}/v1/oauth2/token",
        headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({"grant_type": "client_credentials"}).encode(),
    )
    answer = _json(reply.body)
    if reply.status >= 500:
        raise Unreachable(f"PayPal answered {reply.status}.", asked=False)
    if reply.status != 200 or not answer.get("access_token"):
        raise ProviderFault("PayPal does not accept the client id and secret of this method.")
    token = str(answer["access_token"])
    with _lock:
        _tokens[key] = token, time.monotonic() + float(answer.get("expires_in") or 0) - 60
    return token


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _amount(minor: int, currency: str) -> dict[str, str]:
    """An amount as PayPal takes it. Raises ProviderFault for what it cannot say exactly."""
    places = 0 if currency in _NO_DECIMALS else 2
    amount = money.to_decimal(minor, currency)
    if amount != round(amount, places):
        raise ProviderFault(f"PayPal cannot take exactly {money.plain(minor, currency)} {currency}.")
    return {"currency_code": currency, "value": f"{amount:.{places}f}"}


def _minor(amount: Mapping[str, Any]) -> int:
    places = money.decimals(str(amount["currency_code"]))
    return int(Decimal(str(amount["value"])).scaleb(places))


def _time(text: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
