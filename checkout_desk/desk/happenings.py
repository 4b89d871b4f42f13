"""What happened to a conversation, from the record of events, as the grey lines of its thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select

from checkout_desk import money
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk.frame import Frame
from checkout_desk.events.models import Event
from checkout_desk.extensions import db

_E: Any = Event.__table__
_EVER = datetime.fromtimestamp(0, UTC)
_EVENTS = (
    select(_E.c.id, _E.c.at, _E.c.actor, _E.c.kind, _E.c.after)
    .where(
        _E.c.subject_type == "conversation",
        _E.c.subject_id == bindparam("conversation"),
        _E.c.at >= bindparam("since"),
    )
    .order_by(_E.c.id.desc())
    .limit(bindparam("most"))
)


def events(c: Conversation, *, since: datetime | None = None, limit: int = 100) -> Sequence[Any]:
    """What happened to the conversation, newest `limit`, oldest first. One query, asked once a request."""
    values = {"conversation": c.id, "since": since or _EVER, "most": limit}
    return list(reversed(db.session.connection().execute(_EVENTS, values).all()))


def sentence(event: Any, frame: Frame) -> tuple[str, str] | None:
    """(icon, words) for the events that a thread tells of; None for those that the messages tell themselves."""
    after = event.after or {}
    kind = event.kind.removeprefix("conversation.")
    who = frame.name(int(event.actor[7:])) if event.actor.startswith("person:") else "The desk"
    if kind == "assigned":
        to = after.get("person")
        return (
            "user",
            f"{who} took this"
            if to and f"person:{to}" == event.actor
            else f"{who} gave this to {frame.name(to) if to else 'nobody'}",
        )
    if kind == "escalated":
        target = (
            frame.name(after["person"])
            if after.get("person")
            else ROLES.get(after.get("role") or "", "somebody")
        )
        again = " again" if after.get("again") else ""
        return "flag", f"{who} escalated this{again} to {target}: {after.get('reason', '')}"
    if kind == "handed_back":
        person = after.get("person")
        return "reply", f"{who} handed this back with an answer" + (
            f" to {frame.name(person)}" if person else ""
        )
    if event.kind.startswith("promise.paus") or event.kind == "promise.resumed":
        return _pause(event.kind, after, "The customer’s mail" if event.actor == "customer" else who, frame)
    if kind == "reopen":
        return "mail-open", f"{who} reopened this" + (f": {after['reason']}" if after.get("reason") else "")
    if kind == "tagged":
        return "tag", f"{who} set the tags {', '.join(after.get('tags', [])) or 'to none'}"
    if event.kind == "message.read":
        return "file-text", _read(after)
    if kind.startswith(("quote_", "payment_", "refund_")):
        return _money(kind, after, who, frame)
    if kind == "parcel_moved":
        icon, words = _PARCEL.get(after.get("state", ""), ("truck", "moved"))
        return icon, f"Parcel {after.get('parcel', '')} {words}"
    if kind == "return_requested":
        return "rotate-ccw", f"Return {after.get('order', '')}-R{after.get('number', '')} was asked for"
    if kind == "filled":
        n = after.get("count") or 0
        words = f"filled in {n} {'detail' if n == 1 else 'details'}" if n else "wrote"
        return "pencil-line", f"The customer {words} on the order page"
    if event.kind == "promise.broken":
        return "circle-alert", "The promise to answer broke"
    if event.kind == "mail.automatic_stopped":
        return "ban", f"No automatic mail: {after.get('why', '')}"
    told = {
        "close": ("circle-check", "closed this"), "spam": ("ban", "marked this as spam"), "snooze": ("alarm-clock", "snoozed this"),
        "wake": ("alarm-clock", "woke this"), "wait": ("hourglass", "waits for the customer"), "undo": ("undo-2", "took the last step back"),
        "settled": ("flag", "settled the escalation"), "merged_here": ("merge", "merged another conversation into this"),
        "merged": ("merge", "merged this into another conversation"), "split": ("split", "split this off"), "moved": ("arrow-right", "moved messages here"),
    }  # fmt: skip
    return (told[kind][0], f"{who} {told[kind][1]}") if kind in told else None


def _pause(kind: str, after: dict[str, Any], who: str, frame: Frame) -> tuple[str, str]:
    """What became of the clock of the promise."""
    if kind != "promise.paused":
        return "pause" if kind == "promise.pause_restored" else "clock", (
            f"{who} paused the promise again" if kind == "promise.pause_restored" else f"{who} ended the pause of the promise"
        )  # fmt: skip
    until = datetime.fromisoformat(after["until"]) if after.get("until") else None
    end = f" until {frame.face.day(until)} {frame.face.time(until)}" if until else ""
    return "pause", f"{who} paused the promise{end}: {after.get('reason', '')}"


_PARCEL = {
    "failed_attempt": ("circle-alert", "could not be delivered"),
    "available_for_pickup": ("package", "waits to be picked up"),
    "exception": ("triangle-alert", "is in trouble"),
    "delivered": ("circle-check", "was delivered"),
    "returned_to_sender": ("undo-2", "came back"),
}
_SOURCES = {
    "stripe": "by card",
    "paypal": "with PayPal",
    "bank": "by bank transfer",
    "hand": "entered by hand",
}


def _money(kind: str, after: dict[str, Any], who: str, frame: Frame) -> tuple[str, str] | None:
    """What became of a quote, and of the money for it."""
    quote, why = after.get("quote", ""), f": {after['reason']}" if after.get("reason") else ""
    amount = money.show(after["minor"], after["currency"])
    at = datetime.fromisoformat(after["until"]) if after.get("until") else None
    until = f", held until {frame.face.day(at)} {frame.face.time(at)}" if at else ""
    source = _SOURCES.get(after.get("source", ""), "")
    told = {
        "quote_sent": ("receipt", f"Quote {quote} sent, {amount}{until}"),
        "quote_accepted": ("circle-check", f"The customer accepted quote {quote}, {amount}"),
        "quote_paid": ("circle-check", f"Quote {quote} costs nothing, so the order is placed"),
        "quote_placed": ("circle-check", f"{who} placed quote {quote} on account, {amount} is open"),
        "quote_expired": ("clock", f"Quote {quote} expired"),
        "quote_extended": ("clock", f"{who} extended quote {quote}{until}"),
        "quote_withdrawn": ("circle-x", f"{who} withdrew quote {quote}{why}"),
        "payment_used": ("banknote", f"Payment {amount} {source} matched {quote}"),
        "payment_taken_away": ("banknote", f"{amount} {source} no longer pays {quote}"),
        "refund_done": ("rotate-ccw", f"Refund of {amount} sent{why}"),
        "refund_failed": ("rotate-ccw", f"Refund of {amount} failed, the money is still here"),
    }
    return told.get(kind)


def _read(after: dict[str, Any]) -> str:
    """How much was read in a mail that orders, and how fast."""
    counted = (("lines", "line", "lines"), ("addresses", "address", "addresses"), ("gaps", "gap", "gaps"))
    found = [
        f"{n} {one if n == 1 else many}"
        for key, one, many in counted
        if (n := after.get(key)) or key == "gaps"
    ]
    milliseconds = after.get("milliseconds", 0)
    return f"Read in {max(1, round(milliseconds))} ms: {', '.join(found).replace('0 gaps', 'no gap')}"
