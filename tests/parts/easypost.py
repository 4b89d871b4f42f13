"""An EasyPost of our own, with state, over real HTTP: shipments, rates, labels, refunds, trackers, pickups, scan forms, hooks.

It follows the public API description: rates come with a shipment; a shipment is sold once and a second purchase is
refused with SHIPMENT.POSTAGE.EXISTS; the reference may stand for the id; a refund goes from submitted to refunded or
rejected; a tracker is made once for a number; a web hook is signed with HMAC-SHA256 over its raw body in X-Hmac-Signature.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import threading
import unicodedata
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

KEY, WEBHOOK_SECRET = "EZTKkeyoftests0000", "hook sécret"
RATES = (
    ("USPS", "GroundAdvantage", "5.12", 3),
    ("USPS", "Priority", "8.45", 2),
    ("UPS", "Ground", "7.90", 4),
)
PDF = b"%PDF-1.4 a label\n%%EOF\n"
NUMBERS = (
    "9400111202555842340015",
    "9400111202555842340022",
    "9400111202555842340039",
    "9400111202555842340046",
    "9400111202555842340053",
    "9400111202555842340060",
)
"""as USPS gives them out, with the right check digit"""


class EasyPost:
    """One EasyPost with one account."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        fake = self

        class Handler(_Handler):
            easypost = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.forget()

    def forget(self) -> None:
        """Be empty and work well."""
        self._numbers = itertools.count(1)
        self._codes = iter(NUMBERS)
        self.shipments: dict[str, dict[str, Any]] = {}
        self.trackers: dict[str, dict[str, Any]] = {}
        self.pickups: dict[str, dict[str, Any]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.prices = {(carrier, service): price for carrier, service, price, _ in RATES}
        self.lose = ""
        """the ending of the path whose next answer gets lost, after the work is done"""
        self.down = False
        self.slow = threading.Event()
        self.slow.set()
        self.labels_broken = False
        self.no_rates = ""
        """the carrier's words for why there are none"""
        self.charged: list[str] = []
        """ids of shipments that were paid for"""

    def _id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers):08d}"

    # -- what happens at the carrier ------------------------------------------------------------------------

    def settle(self, shipment_id: str, status: str) -> bytes:
        """The carrier decides on a claim; returns the web hook's body."""
        self.shipments[shipment_id]["refund_status"] = status
        result = {"id": self._id("rfnd"), "object": "Refund", "shipment_id": shipment_id, "status": status}
        return self._event("refund.successful" if status == "refunded" else "refund.updated", result)

    def scanned(self, number: str, *details: dict[str, Any]) -> bytes:
        """The carrier scans a parcel; returns the web hook's body."""
        tracker = self._tracker(number, "USPS")
        tracker["tracking_details"] += details
        tracker["status"] = details[-1]["status"] if details else tracker["status"]
        return self._event("tracker.updated", tracker)

    def _event(self, description: str, result: dict[str, Any]) -> bytes:
        event = {"id": self._id("evt"), "object": "Event", "description": description, "result": result}
        return json.dumps(event).encode()

    @staticmethod
    def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
        """The headers with which these bytes are told."""
        key = unicodedata.normalize("NFKD", secret).encode()
        return {"X-Hmac-Signature": "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()}

    # -- the API --------------------------------------------------------------------------------------------

    def answer(self, method: str, address: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """What a call is answered."""
        path = unquote(urlsplit(address).path)
        self.slow.wait(20)
        if path.startswith("/labels/"):
            return (404, {}) if self.labels_broken else (200, PDF)
        self.calls.append(f"{method} {path}")
        if self.down:
            return _fault(503, "SERVICE.UNAVAILABLE", "The service is away.")
        if headers.get("Authorization") != f"Bearer {KEY}":
            return _fault(401, "APIKEY.INACTIVE", "This api key is no longer active.")
        with self._lock:
            return self._act(method, path.removeprefix("/v2"), json.loads(body or b"{}"))

    def _act(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        match method, *path.strip("/").split("/"):
            case "POST", "shipments":
                return self._create(sent["shipment"])
            case "GET", "shipments", key:
                found = self._shipment(key)
                return (200, found) if found else _nothing()
            case "POST", "shipments", key, "buy":
                return self._buy(key, sent)
            case "POST", "shipments", key, "refund":
                return self._refund(key)
            case "POST", "trackers":
                asked = sent["tracker"]
                return 200, self._tracker(asked["tracking_code"], asked.get("carrier", ""))
            case "POST", "pickups":
                return self._pickup(sent["pickup"])
            case "POST", "pickups", key, "buy":
                self.pickups[key] |= {"status": "scheduled", "confirmation": f"WTC{key[-4:]}"} | sent
                return 200, self.pickups[key]
            case "POST", "scan_forms":
                return self._form(sent["scan_form"])
        return _nothing()

    def _shipment(self, key: str) -> dict[str, Any] | None:
        """By id, or by the newest reference."""
        return self.shipments.get(key) or next(
            (one for one in reversed(self.shipments.values()) if one["reference"] == key), None
        )

    def _create(self, sent: dict[str, Any]) -> tuple[int, Any]:
        if not sent["to_address"].get("street1"):
            return _fault(422, "ADDRESS.PARAMETERS.INVALID", "Missing required parameter: street1")
        key, now = self._id("shp"), _now()
        rates = [
            {
                "id": self._id("rate"), "object": "Rate", "carrier": carrier, "service": service, "currency": "USD",
                "rate": self.prices[carrier, service], "delivery_days": days, "shipment_id": key,
            }
            for carrier, service, _, days in RATES
        ]  # fmt: skip
        wrong = [{"type": "rate_error", "carrier": "USPS", "message": self.no_rates}] if self.no_rates else []
        self.shipments[key] = sent | {
            "id": key, "object": "Shipment", "created_at": now, "reference": sent.get("reference"),
            "rates": [] if wrong else rates, "messages": wrong, "selected_rate": None, "postage_label": None,
            "tracking_code": None, "refund_status": None, "status": "unknown",
        }  # fmt: skip
        return 201, self.shipments[key]

    def _buy(self, key: str, sent: dict[str, Any]) -> tuple[int, Any]:
        shipment = self._shipment(key)
        if shipment is None:
            return _nothing()
        if shipment["postage_label"]:
            return _fault(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
        rate = next((one for one in shipment["rates"] if one["id"] == sent["rate"]["id"]), None)
        if rate is None:
            return _fault(422, "RATE.NOT_FOUND", "The requested rate could not be found.")
        self.charged.append(shipment["id"])
        url = f"{self.url}/labels/{shipment['id']}.pdf"
        label = {"object": "PostageLabel", "created_at": _now(), "label_url": url, "label_pdf_url": url}
        shipment |= {"selected_rate": rate, "postage_label": label, "tracking_code": next(self._codes)}
        return 200, shipment

    def _refund(self, key: str) -> tuple[int, Any]:
        shipment = self._shipment(key)
        if shipment is None or not shipment["postage_label"]:
            return _fault(422, "SHIPMENT.REFUND.UNAVAILABLE", "No label to refund.")
        if shipment["refund_status"] in (None, "rejected"):
            shipment["refund_status"] = "submitted"
        return 200, shipment

    def _tracker(self, number: str, carrier: str) -> dict[str, Any]:
        fresh = {
            "id": f"trk_{number}", "object": "Tracker", "tracking_code": number, "carrier": carrier,
            "status": "unknown", "tracking_details": [],
        }  # fmt: skip
        return self.trackers.setdefault(number, fresh)

    def _pickup(self, sent: dict[str, Any]) -> tuple[int, Any]:
        key = self._id("pickup")
        offers = [
            {"id": self._id("prate"), "carrier": "USPS", "service": "NextDay", "rate": "0.00", "currency": "USD"},
            {"id": self._id("prate"), "carrier": "UPS", "service": "Future-day", "rate": "4.00", "currency": "USD"},
        ]  # fmt: skip
        self.pickups[key] = sent | {
            "id": key, "object": "Pickup", "status": "unknown", "confirmation": None, "messages": [],
            "pickup_rates": [] if sent.get("instructions") == "nobody comes" else offers,
        }  # fmt: skip
        return 201, self.pickups[key]

    def _form(self, sent: dict[str, Any]) -> tuple[int, Any]:
        ids = [one["id"] for one in sent["shipments"]]
        taken = {one for form in self.forms.values() for one in form["ids"]}
        bad = [one for one in ids if one in taken or self.shipments[one]["refund_status"]]
        key = self._id("sf")
        if bad:
            return 201, {
                "id": key,
                "object": "ScanForm",
                "status": "failed",
                "message": f"{bad[0]} is on another form.",
            }
        self.forms[key] = {"ids": ids}
        url = f"{self.url}/labels/{key}.pdf"
        return 201, {"id": key, "object": "ScanForm", "status": "created", "message": None, "form_url": url}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self.slow.set()
        self._server.shutdown()
        self._server.server_close()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fault(status: int, code: str, message: str) -> tuple[int, Any]:
    return status, {"error": {"code": code, "message": message, "errors": []}}


def _nothing() -> tuple[int, Any]:
    return _fault(404, "NOT_FOUND", "The requested resource could not be found.")


class _Handler(BaseHTTPRequestHandler):
    easypost: EasyPost
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing is written."""

    def do_GET(self) -> None:
        """A question."""
        self._do()

    def do_POST(self) -> None:
        """A deed."""
        self._do()

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, found = self.easypost.answer(self.command, self.path, self.headers, body)
        lose = self.easypost.lose
        if lose and self.path.endswith(lose):
            self.easypost.lose = ""
            self.close_connection = True
            self.connection.close()
            return
        data = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/pdf" if isinstance(found, bytes) else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
