"""What happened to an order: noted for the record, and told again in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.orders.models import Order


def note(
    order: Order,
    kind: str,
    /,
    *,
    by: Person | None = None,
    customer: bool = False,
    before: dict[str, Any] | None = None,
    **after: Any,
) -> None:
    """Record `order.<kind>` with the version of the order that it changed. No mail text and no address goes in."""
    actor = f"person:{by.id}" if by else "customer" if customer else None
    record(
        f"order.{kind}", about=order, before=before, after={**after, "version": order.version}, actor=actor
    )


def tell(
    order: Order, what: str, /, *, by: Person | None = None, customer: bool = False, **after: Any
) -> None:
    """Record `conversation.<what>`: money and quotes are told in the thread of the order too, in a grey line."""
    if order.conversation_id is None:
        return
    actor = f"person:{by.id}" if by else "customer" if customer else None
    about = ("conversation", order.conversation_id)
    record(f"conversation.{what}", about=about, after={"order": order.number, **after}, actor=actor)


def who(actor: str, names: Mapping[str, str]) -> str:
    """The actor of an event for people."""
    return names.get(actor) or {"customer": "The customer", "desk": "The desk"}.get(actor, "Somebody")


def words(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What an event about an order says, to follow a name: 'changed MUG-BLU from 2 to 3'."""
    what = kind.removeprefix("order.")
    if what == "line_changed":
        return _line_changed(before, after)
    if what in ("details_changed", "readdressed", "filled"):
        return f"{'filled in' if what == 'filled' else 'changed'} {_fields(after.get('fields', []))}"
    if what == "undone" and after.get("fields"):
        return f"took back a change of {_fields(after['fields'])}"
    return _PLAIN.get(what, "changed the order").format(
        thing=after.get("sku") or "a line",
        n=after.get("quantity"),
        count=after.get("count"),
        quote=after.get("quote"),
    )


_PLAIN = {
    "drafted": "made the order",
    "line_added": "added {n} × {thing}",
    "line_removed": "removed {thing}",
    "lines_accepted": "accepted {count} lines",
    "line_accepted": "accepted {thing}",
    "repeated": "wrote the same again",
    "asked": "asked the customer for details",
    "unasked": "took the question back",
    "answered": "answered",
    "reminded": "reminded the customer",
    "parked": "parked the order",
    "verified": "verified the order",
    "amended": "opened the order again",
    "quoted": "sent quote {quote}",
    "unquoted": "took the quote back",
    "requoted": "let the quote count again",
    "paid": "paid quote {quote}",
    "placed": "placed the order on account",
    "expired": "let quote {quote} end",
    "packing": "began to pack",
    "unpacked": "stopped packing",
    "shipped": "shipped the order",
    "delivered": "delivered the order",
    "cancelled": "cancelled the order",
    "mailed": "wrote to the customer",
    "mailed_again": "sent a mail again",
    "undone": "took a change back",
    "change_proposed": "asked for a change",
    "change_accepted": "accepted a change",
    "change_declined": "declined a change",
}


def _line_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if "product" in after:
        return f"chose {after.get('sku') or 'another product'}"
    was, now = before.get("quantity"), after.get("quantity")
    return f"changed {after.get('sku') or 'a line'} from {was if was is not None else 'no quantity'} to {now}"


def _fields(names: list[str]) -> str:
    shown = [str(name).removeprefix("ship_").replace("line1", "street") for name in names]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}" if len(shown) > 1 else "".join(shown) or "the details"
