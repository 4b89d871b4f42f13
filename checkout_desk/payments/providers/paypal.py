"""PayPal by plain HTTP: orders (v2), capture, refunds, and its own verdict on the signatures of its web hooks.

A web hook is verified by asking PayPal (`/v1/notifications/verify-webhook-signature`), with the raw body inside; the
certificate that a web hook names is never fetched by us.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote as escaped
from urllib.parse import urlencode, urlsplit

from checkout_desk import money
from checkout_desk.payments.answers import Answer, Declined, Done, Doubtful, Pending, RefundErrand
from checkout_desk.payments.providers.keeping import access_for
from checkout_desk.payments.providers.model import (
    Access,
    Approved,
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
    Said,
    Told,
    Unreachable,
)
from checkout_desk.payments.providers.paypal_api import NotThere, asked, call, issue, refusal

SIGNED = (
    "Paypal-Transmission-Id",
    "Paypal-Transmission-Time",
    "Paypal-Transmission-Sig",
    "Paypal-Cert-Url",
    "Paypal-Auth-Algo",
)
"""headers without which nothing has to be asked"""
_NO_DECIMALS = frozenset({"HUF", "JPY", "TWD"})


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
    status, verdict = call(access, "POST", "/v1/notifications/verify-webhook-signature", raw=question)
    if status >= 500:
        raise Unreachable("PayPal cannot verify signatures now.", asked=True)
    if status != 200 or verdict.get("verification_status") != "SUCCESS":
        raise Forged("The signature is wrong.")
    if _foreign(access, resource):
        raise Foreign("The event is of another account.")
    return Told(event_id, kind[:80])


def _foreign(access: Access, resource: Any) -> bool:
    own = access.settings.get("merchant_id")
    payee = (resource.get("payee") or {}) if isinstance(resource, Mapping) else {}
    return bool(own and payee.get("merchant_id") and payee["merchant_id"] != own)


def happened(access: Access, since: datetime, until: datetime) -> Iterator[Happened]:
    """See model.Provider: PayPal lists the events of our client, page by page."""
    times = {"start_time": _zulu(since), "end_time": _zulu(until), "page_size": "100"}
    path = f"/v1/notifications/webhooks-events?{urlencode(times)}"
    while path:
        answer = asked(access, "GET", path)
        for event in answer.get("events") or ():
            if not _foreign(access, event.get("resource")):
                told = Told(str(event["id"]), str(event["event_type"])[:80])
                yield Happened(told, json.dumps(event).encode())
        onwards = (str(link["href"]) for link in answer.get("links") or () if link.get("rel") == "next")
        path = _on_our_base(next(onwards, ""))


def _on_our_base(address: str) -> str:
    """The path and query of an address that an answer names: where it leads is for us to say."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.path else ""


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
    made = asked(access, "POST", "/v2/checkout/orders", order, request_id=errand.idempotency_key)
    for link in made.get("links") or ():
        if link.get("rel") in ("payer-action", "approve"):
            return Opened(str(made["id"]), str(link["href"]))
    raise ProviderFault("PayPal made an order without a page to pay it on.")


def look(access: Access, ref: str) -> Sequence[Said]:
    """See model.Provider."""
    try:
        order = asked(access, "GET", f"/v2/checkout/orders/{escaped(ref, safe='')}")
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
    status, answer = call(access, "POST", path, {}, request_id=f"capture:{ref}")
    if status in (200, 201):
        return _of_order(answer)
    if issue(answer) == "ORDER_ALREADY_CAPTURED":
        return look(access, ref)
    raise refusal(status, answer)


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
    captured = asked(access, "GET", f"/v2/payments/captures/{escaped(payment_ref, safe='')}")
    order_id = ((captured.get("supplementary_data") or {}).get("related_ids") or {}).get("order_id")
    if not order_id:
        raise ProviderFault("PayPal does not say which order this payment belongs to.")
    order = asked(access, "GET", f"/v2/checkout/orders/{escaped(order_id, safe='')}")
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
        status, answer = call(access, "POST", path, body, request_id=errand.idempotency_key)
    except Unreachable as fault:
        return Doubtful(f"PayPal: {fault}"[:300]) if fault.asked else Declined(f"PayPal: {fault}"[:300])
    except ProviderFault as fault:
        return Declined(str(fault)[:300])
    if status in (200, 201) and answer.get("id"):
        return _answer(answer)
    if status >= 500 or status < 400:
        return Doubtful(f"PayPal answered {status}.")
    return Declined(str(refusal(status, answer))[:300])


def find_refund(errand: RefundErrand) -> Answer | None:
    """See answers.RefundProvider. Raises ProviderFault where PayPal does not answer."""
    for said in refunds_of(access_for("paypal", errand.payment_ref), errand.payment_ref):
        if isinstance(said, MoneyBack) and said.key == errand.idempotency_key:
            return said.answer
    return None


def lasts(made_at: datetime, ends_at: datetime) -> datetime:
    """An order is not captured after the quote has ended; before, PayPal itself forgets one that nobody approved."""
    return min(ends_at, datetime.fromtimestamp(made_at.timestamp() + 3 * 3600 - 300, UTC))


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
