"""Acts on orders: what was before is kept, so that it can be taken back by the one who did it.

An act keeps only what it changed. Undo puts that back unless somebody changed the same since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import undoing
from checkout_desk.conversations.models import Act, Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, happenings, loading, teaching
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import SHIP_FIELDS, Order, OrderChange, OrderLine
from checkout_desk.orders.next_action import OPEN

ORDER_FACTS = (
    "language",
    "email",
    "phone",
    *(f"ship_{name}" for name in SHIP_FIELDS),
    "delivery_wish",
    "asked",
    "verified_at",
    "verified_by_id",
    "cancelled_at",
    "cancel_reason",
    "remind_at",
    "reminded_at",
    "parked_at",
)
LINE_FACTS = (
    "product_id",
    "quantity",
    "unit_price_minor",
    "standing",
    "candidates",
    "typed",
    "accepted_at",
    "accepted_by_id",
    "removed_at",
    "removed_why",
)
CHANGE_FACTS = ("state", "decided_at", "decided_by_id")


@dataclass(slots=True)
class Doing:
    """What a person is doing to an order. `sentence` may still be changed; `act` is there when it is done, and None
    where nothing changed or no person did it. `aliases` are ids of what it taught."""

    sentence: str
    aliases: list[int] = field(default_factory=list)
    act: Act | None = None


def snapshot(order: Order) -> dict[str, Any]:
    """Every fact of an order that an act may change, flat: 'ship_city', 'sources.phone', 'line.5.quantity'."""
    facts = {name: _json(getattr(order, name)) for name in ORDER_FACTS}
    facts["state"] = order.state
    facts |= {f"sources.{name}": source for name, source in order.sources.items()}
    for line in loading.lines(order):
        facts |= {f"line.{line.id}.{name}": _json(getattr(line, name)) for name in LINE_FACTS}
    for change in loading.changes(order):
        facts |= {f"change.{change.id}.{name}": _json(getattr(change, name)) for name in CHANGE_FACTS}
    return facts


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@contextmanager
def doing(order: Order, kind: str, *, by: Person | None, sentence: str) -> Iterator[Doing]:
    """Whatever the block changes on the order becomes one act of `by`, and the order is reckoned anew.

    `kind` has at most 14 characters: it becomes 'order.<kind>'.
    """
    db.session.flush()
    was = snapshot(order)
    decided = [change.id for change in loading.changes(order)]
    done = Doing(sentence)
    yield done
    db.session.flush()
    left = snapshot(order)
    for change_id in decided:  # one that has been decided on is no longer among the open ones
        change = db.session.get_one(OrderChange, change_id)
        left |= {f"change.{change.id}.{name}": _json(getattr(change, name)) for name in CHANGE_FACTS}
    keys = [key for key in left.keys() | was.keys() if was.get(key) != left.get(key)]
    if not keys:
        return
    loading.touch(order)
    completeness.reckon(order)
    db.session.flush()
    if by is None:
        return
    done.act = Act(
        person_id=by.id,
        at=clock.now(),
        kind=f"order.{kind}",
        sentence=done.sentence[:300],
        before={
            "order": order.id,
            "conversations": [{"id": order.conversation_id}] if order.conversation_id else [],
            "state": order.state,
            "was": {key: was[key] for key in keys if key in was},
            "left": {key: left[key] for key in keys if key in left},
            "aliases": done.aliases,
        },
    )
    db.session.add(done.act)
    db.session.flush()


def undo(act: Act, by: Person) -> list[Conversation]:
    """Take an act on an order back. Returns the conversation whose order it is. Raises Refused."""
    order = db.session.get_one(Order, act.before["order"])
    loading.lock(order)
    if act.kind == "order.made":
        _unmake(order, act, by)
    else:
        _put_back(order, act, by)
    for alias_id in act.before.get("aliases", []):
        teaching.unteach(alias_id, by=by)
    return [db.session.get_one(Conversation, order.conversation_id)] if order.conversation_id else []


def _unmake(order: Order, act: Act, by: Person) -> None:
    if order.version != act.before["version"]:
        raise Refused(f"Order {order.number} has changed since; nothing was undone. Cancel it instead.")
    ORDER.fire(order, "cancel", by=by, reason="Made by mistake")


def _put_back(order: Order, act: Act, by: Person) -> None:
    was, left = act.before["was"], act.before["left"]
    now = snapshot(order) | _decided(left)
    if any(now.get(key) != left.get(key) for key in was.keys() | left.keys()):
        raise Refused(f"Order {order.number} has changed since; nothing was undone.")
    if order.state != act.before["state"] and not {order.state, act.before["state"]} <= set(OPEN):
        raise Refused(f"Order {order.number} is {order.state} now; nothing was undone.")
    for key in was.keys() | left.keys():
        if key != "state":
            _restore(order, key, was.get(key), gone=key not in was)
    fields = sorted({_field(key) for key in was.keys() | left.keys()})
    if was.get("state") != left.get("state"):
        ORDER.fire(order, "undo", to=was["state"], by=by, fields=fields)
    else:
        happenings.note(order, "undone", by=by, fields=fields)
        loading.touch(order)
        completeness.reckon(order)


def _decided(left: dict[str, Any]) -> dict[str, Any]:
    """The facts, as they are now, of changes that the act decided on."""
    ids = {int(key.split(".")[1]) for key in left if key.startswith("change.")}
    found: dict[str, Any] = {}
    for change_id in ids:
        change = db.session.get_one(OrderChange, change_id)
        found |= {f"change.{change_id}.{name}": _json(getattr(change, name)) for name in CHANGE_FACTS}
    return found


def _restore(order: Order, key: str, value: Any, *, gone: bool) -> None:
    """Put one fact back; `gone` means that it did not exist before."""
    thing, _, rest = key.partition(".")
    if thing == "sources":
        sources = {name: source for name, source in order.sources.items() if name != rest}
        order.sources = sources if gone else {**sources, rest: value}
    elif thing in ("line", "change"):
        number, _, name = rest.partition(".")
        row = db.session.get(OrderLine if thing == "line" else OrderChange, int(number))
        if row is None:
            return
        if gone:
            db.session.delete(row)
            db.session.flush()
        else:
            _set(row, name, value)
    else:
        _set(order, key, value)


def _set(row: Any, name: str, value: Any) -> None:
    setattr(row, name, datetime.fromisoformat(value) if name.endswith("_at") and value else value)


def _field(key: str) -> str:
    thing, _, rest = key.partition(".")
    return rest.rpartition(".")[2] if thing in ("line", "change") else rest or thing


undoing.register("order", undo)
