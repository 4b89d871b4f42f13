"""`order.json` of a case file: one document with everything about an order. docs/records.md describes its fields.

A field that is added keeps VERSION; one that changes its meaning or goes away raises it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from checkout_desk.records import telling
from checkout_desk.records.gathering import Gathered
from checkout_desk.records.plain import amount, by, fields, instant, person, plain, quiet

SCHEMA, VERSION = "checkout-desk/order", 1
Files = Mapping[tuple[str, int], str]
"""(what, its number) -> its name in the ZIP, for everything that has a file: ('message', 12), ('quote', 3), …"""

_ORDER = (
    "number state language email phone ship_name ship_line1 ship_line2 ship_city ship_region ship_postcode ship_country "
    "created_at created_by_id verified_at verified_by_id cancelled_at cancel_reason ship_by total_minor sources asked"
)
_LINE = (
    "position quantity unit_price_minor standing text message_id source rule confidence accepted_at accepted_by_id "
    "removed_at removed_why typed"
)
_MESSAGE = (
    "id conversation_id direction kind author_id mail_id from_name from_email recipients subject at sent_at text reason "
    "trouble resolved_at"
)
_QUOTE = (
    "number state currency content content_hash net_minor tax_minor total_minor reference created_at created_by_id "
    "sent_at expires_at reminded_at accepted_at placed_at paid_at ended_at message_id"
)
_PAYMENT = (
    "id state source source_ref amount_minor received_at payer_name payer_account text outcome evidence allocated_minor "
    "refunded_minor entered_by_id note created_at"
)
_REFUND = "id payment_id amount_minor reason state provider_ref fault at by_id done_at"
_SHIPMENT = (
    "number state status service weight_grams expected_grams tracking_number tracking_by promised_on packed_at "
    "packed_by_id handed_over_at handed_over_by_id delivered_at last_scan_at created_at"
)
_LABEL = (
    "number state address address_hash ref price_minor made_at made_by_id printed void_at void_reason fault"
)
_RETURN = (
    "number state source message_id reason words verdict allowed overruled way_back without_goods requested_at "
    "decided_at decided_by_id received_at inspected_at settled_at refund_minor"
)
_RETURN_LINE = "sku name quantity wanted paid_minor received restocked repaired scrapped found"


def document(found: Gathered, files: Files) -> dict[str, Any]:
    """The document; amounts are minor units with their currency, instants are UTC."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "order": {
            **fields(found.order, _ORDER, currency=found.order.currency, people=found.people),
            "currency": found.order.currency,
        },
        "customer": _customer(found),
        "lines": _lines(found),
        "changes": [
            fields(one, "message_id at changes state decided_at decided_by_id", people=found.people)
            for one in found.changes
        ],
        "conversations": [
            fields(one, "id subject state created_at tags merged_into_id") for one in found.conversations
        ],
        "messages": _messages(found, files),
        "milestones": [
            fields(one, "milestone about message_id template at again") for one in found.milestones
        ],
        "quotes": _quotes(found, files),
        "payments": _payments(found, files),
        "refunds": _refunds(found),
        "shipments": _shipments(found, files),
        "returns": _returns(found, files),
        "feedback": _feedback(found),
        "events": [_event(one, found) for one in found.events],
    }


def written(document: Mapping[str, Any]) -> bytes:
    """The document as bytes: the same ones for the same order."""
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def _customer(found: Gathered) -> dict[str, Any] | None:
    if found.customer is None:
        return None
    return {
        **fields(found.customer, "id name language country phone trusted group"),
        "addresses": list(found.addresses),
    }


def _lines(found: Gathered) -> list[dict[str, Any]]:
    rows = []
    for line in found.lines:
        product = found.products.get(line.product_id or 0)
        rows.append(
            {
                "sku": product.sku if product else None,
                "name": product.name if product else None,
                **fields(line, _LINE, currency=found.order.currency, people=found.people),
            }
        )
    return rows


def _messages(found: Gathered, files: Files) -> list[dict[str, Any]]:
    attached = by(found.attachments, "message_id")
    rows = []
    for m in found.messages:
        out = found.outbound.get(m.outbound_id or 0)
        raw = found.raws.get(m.raw_id or 0)
        rows.append(
            {
                **fields(m, _MESSAGE, people=found.people),
                "file": files.get(("message", m.id)),
                "rendered": files.get(("rendered", m.id)),
                "attachments": [
                    fields(one, "filename content_type size sha256") for one in attached.get(m.id, ())
                ],
                "received": fields(raw, "sha256 size door received_at") if raw else None,
                "sent": fields(out, "state sha256 size automatic queued_at sent_at response refused")
                if out
                else None,
            }
        )
    return rows


def _quotes(found: Gathered, files: Files) -> list[dict[str, Any]]:
    return [
        {
            **fields(one, _QUOTE, currency=one.currency, people=found.people),
            "file": files.get(("quote", one.id)),
        }
        for one in found.quotes
    ]


def _payments(found: Gathered, files: Files) -> list[dict[str, Any]]:
    parts, numbers = by(found.allocations, "payment_id"), {one.id: one.number for one in found.quotes}
    return [
        {
            **fields(one, _PAYMENT, currency=one.currency, people=found.people),
            "allocations": [
                {
                    "quote": numbers.get(part.quote_id),
                    "amount": amount(part.amount_minor, one.currency),
                    "at": instant(part.at),
                    "by": person(part.by_id, found.people),
                }
                for part in parts.get(one.id, ())
            ],
            "file": files.get(("payment", one.id)),
        }
        for one in found.payments
    ]


def _refunds(found: Gathered) -> list[dict[str, Any]]:
    currencies = {one.id: one.currency for one in found.payments}
    return [
        fields(one, _REFUND, currency=currencies.get(one.payment_id), people=found.people)
        for one in found.refunds
    ]


def _shipments(found: Gathered, files: Files) -> list[dict[str, Any]]:
    items, ways = by(found.items, "shipment_id"), by(found.tracking, "shipment_id")
    labels, alarms = by(found.labels, "shipment_id"), by(found.alarms, "shipment_id")
    return [
        {
            **fields(one, _SHIPMENT, people=found.people),
            "carrier": found.carriers.get(one.carrier_id or 0),
            "items": [fields(item, "sku name quantity packed") for item in items.get(one.id, ())],
            "tracking": [
                fields(event, "at status words place returning source received_at")
                for event in ways.get(one.id, ())
            ],
            "labels": [
                {
                    **fields(label, _LABEL, currency=label.currency, people=found.people),
                    "file": files.get(("label", label.id)),
                }
                for label in labels.get(one.id, ())
            ],
            "alarms": [
                fields(alarm, "kind about at settled_at settled_by_id settled_how", people=found.people)
                for alarm in alarms.get(one.id, ())
            ],
        }
        for one in found.shipments
    ]


def _returns(found: Gathered, files: Files) -> list[dict[str, Any]]:
    lines, photos = by(found.return_lines, "return_id"), by(found.photos, "return_id")
    currency = found.order.currency
    return [
        {
            **fields(one, _RETURN, currency=currency, people=found.people),
            "lines": [fields(line, _RETURN_LINE, currency=currency) for line in lines.get(one.id, ())],
            "photos": [
                {**fields(photo, "sha256 content_type at"), "file": files.get(("photo", photo.id))}
                for photo in photos.get(one.id, ())
            ],
        }
        for one in found.returns
    ]


def _feedback(found: Gathered) -> dict[str, Any] | None:
    if found.feedback is None:
        return None
    names = "due_at asked_at message_id skipped_at skipped_why answered_at score comment step settled_at settled_by_id"
    return fields(found.feedback, names, people=found.people)


def _event(one: Any, found: Gathered) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": instant(one.at),
        "actor": one.actor,
        "who": telling.who(one.actor, found.people),
        "origin": quiet(one.origin),
        "kind": one.kind,
        "subject_type": one.subject_type,
        "subject_id": one.subject_id,
        "before": quiet(plain(one.before)),
        "after": quiet(plain(one.after)),
        "words": telling.words(one),
        "hash": one.hash,
    }
