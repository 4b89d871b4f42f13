"""Checking a case file, also against the record of the desk that wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.records import verify
from checkout_desk.records.gathering import EXPORTED
from checkout_desk.records.verify import Checked, Refused

__all__ = ["Checked", "Refused", "against_record", "check_zip"]


def check_zip(path: Path) -> Checked:
    """Hold a case file against its manifest. Raises Refused for what is none, or should not be unpacked."""
    return verify.check(str(path))


def against_record(checked: Checked) -> list[str]:
    """What this desk's record says against a case file: sentences, none where it confirms the file."""
    manifest: dict[str, Any] = checked.manifest
    number = manifest.get("order")
    order_id = (
        db.session.scalar(select(Order.id).where(Order.number == number)) if type(number) is int else None
    )
    if order_id is None:
        return [f"This desk has no order {number}."]
    about = (Event.subject_type == "order", Event.subject_id == order_id, Event.kind == EXPORTED)
    exports = db.session.scalars(select(Event.after).where(*about))
    faults = []
    if not any((after or {}).get("sha256") == checked.sha256 for after in exports):
        faults.append(
            "The record knows no export with this manifest: it was not written by this desk, or was changed."
        )
    exported = manifest.get("exported")
    chain = exported.get("chain") if isinstance(exported, dict) else None
    seq, kept = (chain.get("event"), chain.get("hash")) if isinstance(chain, dict) else (None, None)
    found = (
        db.session.scalar(select(Event.hash).where(Event.id == seq))
        if type(seq) is int and seq < 2**62
        else None
    )
    if seq and found != kept:
        faults.append(f"Event {seq} of the record has another hash now than when this file was exported.")
    return faults
