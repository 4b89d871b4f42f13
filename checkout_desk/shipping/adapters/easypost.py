"""EasyPost through its own SDK: rates, labels, refunds, trackers, pickups, scan forms and signed web hooks.

A shipment bears our reference, by which it is found again when an answer was lost ("may be used in place of id in other
API endpoints"). A shipment is sold once: a second purchase is refused there with SHIPMENT.POSTAGE.EXISTS.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from checkout_desk import money
from checkout_desk.mail import hosts
from checkout_desk.shipping.adapters import (
    Access,
    Bought,
    Declined,
    Errand,
    Forged,
    News,
    Rate,
    RateGone,
    Unreachable,
)
from checkout_desk.shipping.adapters.easypost_words import sender
from checkout_desk.shipping.adapters.easypost_words import shipment as words_of
from checkout_desk.shipping.converging import Told

buys = True
API = "https://api.easypost.com/v2"
SECONDS = 30
LARGEST = 5 * 2**20
"""bytes of a label"""
STATUS = {
    "unknown": "pending", "pre_transit": "info_received", "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery", "delivered": "delivered", "available_for_pickup": "available_for_pickup",
    "return_to_sender": "in_transit", "failure": "exception", "error": "exception", "cancelled": "expired",
}  # fmt: skip
"""EasyPost's words for where a parcel is -> the nine of the board"""
ATTEMPTED = (
    "delivery_attempted",
    "attempted_delivery",
    "address_correction",
    "business_closed",
    "missed_delivery",
)
REFUNDS = {
    "submitted": "refund_asked", "refunded": "refunded", "rejected": "refund_refused", "not_applicable": "refund_refused",
}  # fmt: skip
DEADLINES = {"USPS": 30, "UPS": 90, "FedEx": 90}
"""days for which a label is taken back; others are treated as the shortest"""
SIGNATURE = "x-hmac-signature"
_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
Answer = TypeVar("Answer")


def rates(access: Access, errand: Errand) -> list[Rate]:
    """What the parcel may cost. The shipment that is made for it bears no reference: it is never sold."""
    with _client(access) as client:
        shipment = client.shipment.create(**words_of(access, errand, reference=None))
        return _rates(access, shipment, errand)


def buy(access: Access, errand: Errand, rate: Rate) -> Bought:
    """Buy a label at the chosen price. Raises RateGone when it costs something else now."""
    with _client(access) as client:
        # Until the purchase is asked for nothing can have been sold, whatever becomes of the answer.
        with _nothing_sold():
            shipment = client.shipment.create(**words_of(access, errand, reference=errand.reference))
            offered = _rates(access, shipment, errand)
            wanted = next((one for one in shipment.rates or [] if _rate(one).key == rate.key), None)
        if wanted is None:
            raise RateGone(f"{rate.carrier} {rate.service} is not offered at this price any more.", offered)
        try:
            bought = client.shipment.buy(shipment.id, rate=wanted)
        except Exception as fault:
            if _code(fault) != "SHIPMENT.POSTAGE.EXISTS":
                raise
            bought = client.shipment.retrieve(shipment.id)
        return _bought(client, bought)


def find(access: Access, reference: str) -> Bought | None:
    """The label that was sold under a reference; None where nothing was."""
    if not _REFERENCE.fullmatch(reference):
        return None
    with _client(access) as client:
        try:
            shipment = client.shipment.retrieve(reference)
        except Exception as fault:
            if type(fault).__name__ == "NotFoundError":
                return None
            raise
        return _bought(client, shipment) if shipment.postage_label else None


def void(access: Access, ref: str) -> str:
    """Claim the money for a label back; who asks again for one that was rejected tries again, as EasyPost advises."""
    with _client(access) as client:
        return _claim(client.shipment.refund(ref))


def claim(access: Access, ref: str) -> str:
    """How the claim stands."""
    with _client(access) as client:
        return _claim(client.shipment.retrieve(ref))


def label(access: Access, ref: str) -> bytes | None:
    """The label as a PDF."""
    with _client(access) as client:
        return _pdf(client, client.shipment.retrieve(ref))


def track(access: Access, number: str, carrier: str) -> list[Told]:
    """Everything that EasyPost knows of a number; asking for one that it follows already makes no second tracker."""
    with _client(access) as client:
        more = {"carrier": carrier} if carrier else {}
        return _told(client.tracker.create(tracking_code=number, **more).to_dict())


def pickup(
    access: Access, refs: Sequence[str], *, on: date, begins: str, ends: str, note: str, zone: str
) -> str:
    """Have the carrier of the first label come; its cheapest offer is taken."""
    if not refs:
        raise Declined("No label on this list was bought here; ring the carrier up.")
    with _client(access) as client:
        asked = client.pickup.create(
            address=sender(access), shipment={"id": refs[0]}, reference=f"pickup-{refs[0]}-{on.isoformat()}",
            min_datetime=_moment(on, begins, zone), max_datetime=_moment(on, ends, zone), instructions=note[:200],
            is_account_address=False,
        )  # fmt: skip
        offers = sorted(asked.pickup_rates or [], key=lambda one: Decimal(one.rate))
        if not offers:
            raise Declined(_messages(asked) or "The carrier offers no pickup then; choose another window.")
        done = client.pickup.buy(asked.id, carrier=offers[0].carrier, service=offers[0].service)
        return str(done.confirmation or done.id)


def manifest(access: Access, refs: Sequence[str]) -> tuple[str, bytes | None]:
    """One form that the driver scans for all of these labels."""
    if not refs:
        return "", None
    with _client(access) as client:
        form = client.scan_form.create(shipments=[{"id": ref} for ref in refs])
        if form.status == "failed":
            raise Declined(str(form.message or "The carrier takes no scan form for these labels.")[:300])
        return str(form.id), _quietly(lambda: _fetched(client, str(form.form_url or "")))


def news(access: Access, raw: bytes, headers: Mapping[str, str]) -> News:
    """An event of a web hook, checked over its raw bytes (HMAC-SHA256 with the NFKD form of the secret)."""
    secret = access.keys.get("webhook_secret", "")
    given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE, "")
    key = unicodedata.normalize("NFKD", secret).encode()
    right = "hmac-sha256-hex=" + hmac.new(key, raw, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
        raise Forged
    return read(raw)


def read(raw: bytes) -> News:
    """What an event says that was checked when it came."""
    event = json.loads(raw)
    result, kind = event.get("result") or {}, str(event.get("description", ""))
    event_id = str(event["id"])[:120]
    if kind.startswith("tracker."):
        return News(event_id, str(result.get("tracking_code") or ""), tuple(_told(result)))
    if kind.startswith("refund.") and result.get("shipment_id"):
        state = REFUNDS.get(str(result.get("status")), "refund_asked")
        return News(event_id, refund=(str(result["shipment_id"]), state))
    return News(event_id)


@contextmanager
def _client(access: Access) -> Iterator[Any]:
    """The SDK's client, whose faults come out as Unreachable and Declined."""
    import easypost  # half a second that only shops which use it should wait
    from easypost import errors

    base = str(access.settings.get("api_base") or API)
    _permitted(base)
    client = easypost.EasyPostClient(access.keys.get("api_key", ""), api_base=base, timeout=SECONDS)
    session = client._requests_session
    session.max_redirects, session.trust_env = 0, False  # an answer that leads elsewhere is no answer
    try:
        yield client
    except (errors.TimeoutError, errors.GatewayTimeoutError) as fault:
        raise Unreachable("EasyPost did not answer in time.", asked=True) from fault
    except errors.HttpError as fault:
        raise Unreachable(
            "EasyPost cannot be reached.", asked="Read" in str(fault) or "aborted" in str(fault)
        ) from fault
    except (errors.UnauthorizedError, errors.ForbiddenError) as fault:
        raise Declined(
            "EasyPost does not accept the API key; type it anew under Settings, Carriers."
        ) from fault
    except (
        errors.InternalServerError,
        errors.ServiceUnavailableError,
        errors.UnknownApiError,
        errors.JsonError,
    ) as fault:
        raise Unreachable("EasyPost answered with a fault of its own.", asked=True) from fault
    except errors.RateLimitError as fault:
        raise Unreachable("EasyPost asks for a pause; try again in a minute.", asked=False) from fault
    except errors.ApiError as fault:
        raise Declined(f"EasyPost says: {_said(fault)}") from fault
    finally:
        session.close()


@contextmanager
def _nothing_sold() -> Iterator[None]:
    """Faults in here cannot have sold anything."""
    from easypost import errors

    try:
        yield
    except (errors.TimeoutError, errors.GatewayTimeoutError, errors.HttpError, errors.InternalServerError,
            errors.ServiceUnavailableError, errors.UnknownApiError, errors.JsonError) as fault:  # fmt: skip
        raise Unreachable("EasyPost did not answer; nothing was bought.", asked=False) from fault


def _permitted(base: str) -> None:
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.scheme != "https" and not hosts.plain_permitted(host):
        raise Unreachable("EasyPost's address does not begin with https.", asked=False)
    try:
        hosts.permitted_addresses(host, parts.port or (443 if parts.scheme == "https" else 80))
    except (hosts.HostRefused, socket.gaierror) as refusal:
        said = str(refusal) if isinstance(refusal, hosts.HostRefused) else "EasyPost cannot be reached."
        raise Unreachable(said, asked=False) from None


def _code(fault: BaseException) -> str:
    return str(getattr(fault, "code", "") or "")


def _said(fault: BaseException) -> str:
    """The provider's own words, in one line and short; the SDK keeps keys out of them."""
    found = getattr(fault, "message", None) or str(fault)
    more = getattr(fault, "errors", None) or []
    parts = [str(one.get("message", one) if isinstance(one, dict) else one) for one in more]
    return " ".join(" ".join([str(found), *parts]).split())[:300]


def _messages(thing: Any) -> str:
    return " ".join(str(one.get("message", "")) for one in thing.to_dict().get("messages") or [])[:300]


def _rates(access: Access, shipment: Any, errand: Errand) -> list[Rate]:
    found = [_rate(one) for one in shipment.rates or []]
    if not found:
        raise Declined(_messages(shipment) or "No carrier of this account takes such a parcel there.")
    return sorted(found, key=lambda one: (one.price_minor, one.carrier, one.service))


def _rate(one: Any) -> Rate:
    days = one.delivery_days if isinstance(one.delivery_days, int) else None
    return Rate(str(one.carrier), str(one.service), _minor(one.rate, one.currency), str(one.currency), days)


def _minor(amount: Any, currency: str) -> int:
    try:
        value = Decimal(str(amount)).quantize(Decimal(1).scaleb(-money.decimals(currency)))
    except (InvalidOperation, ValueError) as fault:
        raise Unreachable(
            f"EasyPost told a price that cannot be read ({str(amount)[:20]}).", asked=True
        ) from fault
    return money.read(f"{value:f}", currency)


def _bought(client: Any, shipment: Any) -> Bought:
    rate = _rate(shipment.selected_rate)
    made = datetime.fromisoformat(str(shipment.postage_label.created_at).replace("Z", "+00:00"))
    until = made + timedelta(days=DEADLINES.get(rate.carrier, min(DEADLINES.values())))
    return Bought(
        ref=str(shipment.id), number=str(shipment.tracking_code or ""), carrier=rate.carrier, pdf=_quietly(lambda: _pdf(client, shipment)),
        price_minor=rate.price_minor, currency=rate.currency, void_until=until.astimezone(UTC),
    )  # fmt: skip


def _quietly(fetch: Callable[[], Answer]) -> Answer | None:
    """A label that is sold is sold, whether or not its picture can be had at once."""
    try:
        return fetch()
    except Exception:
        return None


def _pdf(client: Any, shipment: Any) -> bytes | None:
    kept = shipment.postage_label
    return _fetched(client, str((kept and (kept.label_pdf_url or kept.label_url)) or ""))


def _fetched(client: Any, url: str) -> bytes | None:
    """A PDF that EasyPost keeps at `url`; None where there is none."""
    if not url:
        return None
    _permitted(url)
    with client._requests_session.get(url, timeout=SECONDS, stream=True) as answer:
        if answer.status_code != 200:
            return None
        data = bytes(answer.raw.read(LARGEST + 1, decode_content=True))
    return data if data.startswith(b"%PDF") and len(data) <= LARGEST else None


def _claim(shipment: Any) -> str:
    return REFUNDS.get(str(shipment.refund_status or ""), "refund_asked")


def _moment(on: date, at: str, zone: str) -> str:
    hour, minute = at.split(":")
    moment = datetime(on.year, on.month, on.day, int(hour), int(minute), tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC).isoformat()


def _told(tracker: Mapping[str, Any]) -> list[Told]:
    found = []
    for detail in tracker.get("tracking_details") or []:
        try:
            at = datetime.fromisoformat(str(detail["datetime"]).replace("Z", "+00:00"))
        except (KeyError, ValueError):
            continue  # a scan without a time says nothing about the way
        word, exactly = str(detail.get("status") or "unknown"), str(detail.get("status_detail") or "")
        status = "failed_attempt" if exactly in ATTEMPTED else STATUS.get(word, "pending")
        where = detail.get("tracking_location") or {}
        place = ", ".join(str(where[name]) for name in ("city", "state", "country") if where.get(name))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        found.append(Told(at, status, str(detail.get("message") or ""), place, word == "return_to_sender"))
    found.sort(key=lambda told: told.order)
    back = next((told.at for told in found if told.returning), None)
    # Once it goes back every scan is of the way back, its delivery to us above all, though only one of them says so.
    return [replace(told, returning=back is not None and told.at >= back) for told in found]
