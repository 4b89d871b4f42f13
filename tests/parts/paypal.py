"""A PayPal of our own, with state, over real HTTP: OAuth, orders v2, capture, refunds, web hooks and their verification.

It follows the public API reference: a token for client id and secret; an order has to be approved by the payer before it
is captured; the same PayPal-Request-Id gives the same answer; a web hook is signed over transmission id, time, web hook
id and the CRC-32 of its raw body, and `verify-webhook-signature` says whether that is so.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import secrets
import threading
import time
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, CLIENT_SECRET, WEBHOOK, MERCHANT = "client-1", "very secret", "WH-ID-1", "MERCHANT1"
TYPES = {"order": "checkout-order", "capture": "capture", "refund": "refund"}


class PayPal:
    """One PayPal with one merchant."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        fake = self

        class Handler(_Handler):
            paypal = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.forget()

    def forget(self) -> None:
        """Be empty, work well, and take tokens that are given out from now on alone."""
        self.orders: dict[str, dict[str, Any]] = {}
        self.captures: dict[str, dict[str, Any]] = {}
        self.answers: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self.tokens: set[str] = set()
        self.events: list[bytes] = []
        self.calls: list[str] = []
        self.lose = 0
        """how many of the next answers to POST get lost, after the work is done"""
        self.down = False
        self.refund_state = "COMPLETED"
        self.longest_page = 100
        """how many events a page of their list holds at most"""

    def _id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):06d}{secrets.token_hex(3).upper()}"

    # -- what the payer does --------------------------------------------------------------------------------

    def approve(self, order_id: str) -> None:
        """The payer signs in and agrees."""
        order = self.orders[order_id]
        assert order["status"] == "PAYER_ACTION_REQUIRED"
        order["status"] = "APPROVED"
        order["payer"] = {
            "name": {"given_name": "Jane", "surname": "Fox"},
            "email_address": "jane@customer.example",
        }
        self._happened("CHECKOUT.ORDER.APPROVED", "order", order)

    def dispute(self, capture_id: str) -> None:
        """The payer wants their money back."""
        self._happened(
            "CUSTOMER.DISPUTE.CREATED",
            "dispute",
            {
                "dispute_id": "PP-D-1",
                "status": "OPEN",
                "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
                "dispute_amount": self.captures[capture_id]["amount"],
                "disputed_transactions": [{"seller_transaction_id": capture_id}],
            },
        )

    # -- web hooks ------------------------------------------------------------------------------------------

    def _happened(self, kind: str, resource_type: str, resource: dict[str, Any]) -> None:
        event = {
            "id": self._id("WH-"),
            "event_version": "1.0",
            "create_time": _now(),
            "resource_type": TYPES.get(resource_type, resource_type),
            "event_type": kind,
            "resource": resource,
        }
        self.events.append(json.dumps(event, indent=1).encode())

    def signed(self, body: bytes, *, webhook_id: str = WEBHOOK) -> dict[str, str]:
        """The headers with which these bytes are told."""
        told, at = self._id("T-"), _now()
        return {
            "PayPal-Transmission-Id": told,
            "PayPal-Transmission-Time": at,
            "PayPal-Transmission-Sig": self._sign(told, at, webhook_id, body),
            "PayPal-Cert-Url": f"{self.url}/v1/notifications/certs/CERT-1",
            "PayPal-Auth-Algo": "SHA256withRSA",
            "Content-Type": "application/json",
        }

    def _sign(self, told: str, at: str, webhook_id: str, body: bytes) -> str:
        words = f"{told}|{at}|{webhook_id}|{zlib.crc32(body)}".encode()
        return base64.b64encode(hmac.new(self._key, words, hashlib.sha256).digest()).decode()

    def deliver(self, url: str, body: bytes, **headers: str) -> int:
        """Tell one event to the desk; returns the status of its answer."""
        parts = urlsplit(url)
        link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            link.request("POST", parts.path, body, self.signed(body) | headers)
            return link.getresponse().status
        finally:
            link.close()

    # -- the API --------------------------------------------------------------------------------------------

    def answer(self, method: str, address: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        """What a call is answered; a repeated PayPal-Request-Id as the first time."""
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        self.calls.append(f"{method} {path}")
        if self.down:
            return 503, {"name": "SERVICE_UNAVAILABLE"}
        if path == "/v1/oauth2/token":
            return self._token(headers.get("Authorization", ""), body)
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {"error": "invalid_token"}
        key = (path, headers.get("PayPal-Request-Id", ""))
        with self._lock:
            if method == "POST" and key[1] and key in self.answers:
                return self.answers[key]
            if path == "/v1/notifications/webhooks-events":
                return self._list(query)
            found = self._act(method, path, body)
            if method == "POST" and key[1] and found[0] < 300:
                self.answers[key] = found
            return found

    def _token(self, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        wanted = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {wanted}" or b"grant_type=client_credentials" not in body:
            return 401, {"error": "invalid_client"}
        token = secrets.token_hex(20)
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 32400}

    def _act(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        match method, *parts:
            case "POST", "v1", "notifications", "verify-webhook-signature":
                return self._verify(body)
            case "POST", "v2", "checkout", "orders":
                return self._order(json.loads(body))
            case "GET", "v2", "checkout", "orders", order_id:
                return (200, self.orders[order_id]) if order_id in self.orders else _nothing()
            case "POST", "v2", "checkout", "orders", order_id, "capture":
                return self._capture(order_id)
            case "GET", "v2", "payments", "captures", capture_id:
                return (200, self.captures[capture_id]) if capture_id in self.captures else _nothing()
            case "POST", "v2", "payments", "captures", capture_id, "refund":
                return self._refund(capture_id, json.loads(body or b"{}"))
        return _nothing()

    def _verify(self, body: bytes) -> tuple[int, dict[str, Any]]:
        asked = json.loads(body)
        raw = body[body.index(b'"webhook_event":') + 16 :].strip().removesuffix(b"}").strip()
        right = self._sign(asked["transmission_id"], asked["transmission_time"], asked["webhook_id"], raw)
        good = asked["webhook_id"] == WEBHOOK and hmac.compare_digest(right, asked["transmission_sig"])
        return 200, {"verification_status": "SUCCESS" if good else "FAILURE"}

    def _list(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """The events of the client between two times, newest first, and where the list goes on."""
        since, until = query["start_time"][0], query["end_time"][0]
        every = [json.loads(body) for body in reversed(self.events)]
        fitting = [event for event in every if since <= event["create_time"] <= until]
        size, at = (
            min(int(query["page_size"][0]), self.longest_page),
            int(query.get("next_page_token", ["0"])[0]),
        )
        onwards = urlencode({key: value[0] for key, value in query.items()} | {"next_page_token": at + size})
        href = f"https://api.sandbox.paypal.example/v1/notifications/webhooks-events?{onwards}"
        links = [{"rel": "next", "href": href}] if len(fitting) > at + size else []
        return 200, {"events": fitting[at : at + size], "count": len(fitting), "links": links}

    def _order(self, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        unit = wanted["purchase_units"][0]
        if wanted["intent"] != "CAPTURE" or Decimal(unit["amount"]["value"]) <= 0:
            return 422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "CANNOT_BE_ZERO_OR_NEGATIVE"}]}
        order_id = self._id("O")
        self.orders[order_id] = {
            "id": order_id,
            "status": "PAYER_ACTION_REQUIRED",
            "purchase_units": [{**unit, "payee": {"merchant_id": MERCHANT}}],
            "links": [{"rel": "payer-action", "href": f"{self.url}/checkoutnow?token={order_id}"}],
        }
        return 200, self.orders[order_id]

    def _capture(self, order_id: str) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(order_id)
        if order is None:
            return _nothing()
        if order["status"] != "APPROVED":
            done = order["status"] == "COMPLETED"
            issue = "ORDER_ALREADY_CAPTURED" if done else "ORDER_NOT_APPROVED"
            return 422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]}
        unit = order["purchase_units"][0]
        capture = {
            "id": self._id("C"),
            "status": "COMPLETED",
            "amount": unit["amount"],
            "custom_id": unit.get("custom_id"),
            "invoice_id": unit.get("invoice_id"),
            "payee": unit["payee"],
            "create_time": _now(),
            "supplementary_data": {"related_ids": {"order_id": order_id}},
        }
        order["status"] = "COMPLETED"
        unit["payments"] = {"captures": [capture], "refunds": []}
        self.captures[capture["id"]] = capture
        self._happened("PAYMENT.CAPTURE.COMPLETED", "capture", capture)
        return 201, order

    def _refund(self, capture_id: str, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        capture = self.captures.get(capture_id)
        if capture is None:
            return _nothing()
        order = self.orders[capture["supplementary_data"]["related_ids"]["order_id"]]
        refunds = order["purchase_units"][0]["payments"]["refunds"]
        amount = wanted.get("amount") or capture["amount"]
        gone = sum(Decimal(one["amount"]["value"]) for one in refunds)
        if gone + Decimal(amount["value"]) > Decimal(capture["amount"]["value"]):
            return 422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "REFUND_AMOUNT_EXCEEDED"}]}
        refund = {
            "id": self._id("R"),
            "status": self.refund_state,
            "amount": amount,
            "custom_id": wanted.get("custom_id"),
            "create_time": _now(),
            "links": [{"rel": "up", "href": f"{self.url}/v2/payments/captures/{capture_id}"}],
        }
        refunds.append(refund)
        self._happened("PAYMENT.CAPTURE.REFUNDED", "refund", refund)
        return 201, refund

    def refunds(self) -> list[dict[str, Any]]:
        """Every refund."""
        return [
            refund
            for order in self.orders.values()
            for refund in order["purchase_units"][0].get("payments", {}).get("refunds", [])
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    paypal: PayPal

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, found = self.paypal.answer(self.command, self.path, self.headers, body)
        if self.command == "POST" and self.paypal.lose and "oauth2" not in self.path:
            self.paypal.lose -= 1
            self.close_connection = True
            return
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # names of the standard library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name in the standard library
        """Say nothing."""


def _nothing() -> tuple[int, dict[str, Any]]:
    return 404, {"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]}


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
