"""The states of a return and how it moves between them (SPEC section 4).

Whoever fires here holds the order (`requesting.lock`), so asking, receiving and settling of one order queue up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Transition
from checkout_desk.orders.models import Order
from checkout_desk.returns import waiting
from checkout_desk.returns.models import RETURN_STATES, Return, ReturnLine

COMING = ("approved", "awaiting_goods")
"""states in which goods are expected"""
HERE = ("received", "inspected")
"""states in which goods have come"""
OPEN = ("requested", *COMING, *HERE)
"""states in which somebody has something to do"""
_TOLD = ("reason", "minor", "pieces", "exchange")
_PAST = {
    "approve": "approved",
    "allow": "allowed",
    "refuse": "refused",
    "await_goods": "awaited",
    "receive": "received",
    "inspect": "inspected",
    "settle": "settled",
    "close": "closed",
}
"""transition -> what its event is called"""


@contextmanager
def _watch(back: Return, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    back.updated_at = clock.now()
    by = facts.get("by")
    record(
        f"return.{_PAST[name]}",
        about=back,
        before={"state": old},
        after={
            "state": new,
            "order": back.order_id,
            "number": back.number,
            **{key: facts[key] for key in _TOLD if facts.get(key) is not None},
        },
        actor=f"person:{by.id}" if by else None,
    )
    waiting.look(db.session.get_one(Order, back.order_id))


def lines(back: Return) -> list[ReturnLine]:
    """The lines of a return, in the order in which they were asked for."""
    db.session.flush()
    return list(
        db.session.scalars(select(ReturnLine).where(ReturnLine.return_id == back.id).order_by(ReturnLine.id))
    )


def judged(line: ReturnLine) -> int:
    """How many received pieces of a line were looked at."""
    return line.restocked + line.repaired + line.scrapped


def _approve_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    if back.allowed or str(facts.get("overruled") or "").strip():
        return None
    return f"{back.verdict} Only somebody who may overrule that can allow it, with a reason."


def _decided(back: Return, facts: Mapping[str, Any]) -> None:
    by = facts.get("by")
    back.decided_at, back.decided_by_id = clock.now(), by.id if by else None
    back.overruled = str(facts.get("overruled") or "").strip()[:300]


def _refuse_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    if not str(facts.get("reason") or "").strip():
        return "Say why it is refused; the customer will ask."
    if sum(judged(line) for line in lines(back)):
        return "Some of the pieces have been put away already; settle this return instead."
    return None


def _refuse(back: Return, facts: Mapping[str, Any]) -> None:
    _decided(back, {"by": facts.get("by")})


def _receive_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    if back.without_goods:
        return "Nothing has to come back for this return; ask for the goods as a return of their own."
    if back.state == "requested" and back.source != "goods":
        return "Decide on this request first; then its goods are received."
    return None


def _receive(back: Return, facts: Mapping[str, Any]) -> None:
    back.received_at = back.received_at or clock.now()


def _inspect_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    left = sum(line.received - judged(line) for line in lines(back))
    if not left:
        return None
    return f"{'One piece has' if left == 1 else f'{left} pieces have'} not been looked at yet."


def _inspect(back: Return, facts: Mapping[str, Any]) -> None:
    back.inspected_at = clock.now()


def _settle_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    if back.decided_at is None:
        return "Nobody has decided yet whether this return is allowed."
    if back.state in COMING and not back.without_goods:
        return "Its goods have not come; receive them, or settle it without goods."
    return None


def _settle(back: Return, facts: Mapping[str, Any]) -> None:
    back.settled_at, back.refund_minor = clock.now(), int(facts.get("minor") or 0)


def _close_guard(back: Return, facts: Mapping[str, Any]) -> str | None:
    if back.state != "settled" and not str(facts.get("reason") or "").strip():
        return "Say why nothing comes of this return any more."
    return None


def _step(name: str, sources: tuple[str, ...], target: str | None, label: str, **more: Any) -> Transition:
    return Transition(
        name, frozenset(sources), target, label, more.pop("permission", "returns.write"), **more
    )


RETURN = Lifecycle(
    "return",
    RETURN_STATES,
    {
        step.name: step
        for step in (
            _step("approve", ("requested",), "approved", "Allow", guard=_approve_guard, effect=_decided,
                  refusal="This return was decided on already."),
            _step("allow", HERE, None, "Allow", guard=_approve_guard, effect=_decided,
                  refusal="This return was decided on already."),
            _step("refuse", OPEN, "refused", "Refuse", guard=_refuse_guard, effect=_refuse,
                  refusal="This return is over; it cannot be refused any more."),
            _step("await_goods", ("approved",), "awaiting_goods", "Tell where to send it"),
            _step("receive", ("requested", *COMING, *HERE), "received", "Receive", permission="returns.receive",
                  guard=_receive_guard, effect=_receive, refusal="No goods are expected for this return."),
            _step("inspect", ("received",), "inspected", "Everything looked at", permission="returns.receive",
                  guard=_inspect_guard, effect=_inspect, refusal="Goods are looked at when they have come."),
            _step("settle", (*COMING, "inspected"), "settled", "Settle", guard=_settle_guard, effect=_settle,
                  refusal="A return is settled once, when its goods were looked at."),
            _step("close", ("requested", *COMING, "settled"), "closed", "Close", guard=_close_guard,
                  refusal="Its goods have come; look at them and settle it."),
        )
    },
    _watch,
)  # fmt: skip
