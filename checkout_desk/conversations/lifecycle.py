"""The states of a conversation and how it moves between them (SPEC section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from checkout_desk import clock
from checkout_desk.conversations import promises
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.models import STATES, Conversation
from checkout_desk.events.recording import record
from checkout_desk.lifecycle import Lifecycle, Transition

EVERY = frozenset(STATES)


@contextmanager
def _watch(c: Conversation, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    with counted(c):
        yield
        if new != "snoozed":
            c.snoozed_until = None
        c.exception = is_exception(c)
        c.queue_at = promises.queue_time(c)
    record(
        f"conversation.{name}",
        about=c,
        before={"state": old},
        after={
            "state": new,
            **{key: str(value) for key, value in facts.items() if key in ("reason", "until")},
        },
    )


def is_exception(c: Conversation) -> bool:
    """Whether the conversation stands in the Exceptions view: escalated or in trouble, and not put away."""
    return (c.escalated_at is not None or c.trouble is not None) and c.state not in ("closed", "spam")


def _snooze(c: Conversation, facts: Mapping[str, Any]) -> None:
    c.snoozed_until = facts["until"]


def _snooze_guard(c: Conversation, facts: Mapping[str, Any]) -> str | None:
    until = facts.get("until")
    if until is not None and until <= clock.now():
        return "The time to wake up lies in the past; choose a later one."
    return None


def calm(c: Conversation) -> None:
    """It is nobody's special case any more."""
    c.escalated_at = c.escalated_reason = None
    c.escalated_to_role = c.escalated_to_id = c.escalated_by_id = None


def _close(c: Conversation, facts: Mapping[str, Any]) -> None:
    calm(c)
    c.trouble = None


def _close_guard(c: Conversation, facts: Mapping[str, Any]) -> str | None:
    seen = facts.get("seen")
    if seen is not None and c.last_inbound_id and seen != c.last_inbound_id:
        return "The customer has written again since you opened this; read it before you close."
    return None


def _step(name: str, sources: frozenset[str], target: str | None, label: str, **more: Any) -> Transition:
    return Transition(name, sources, target, label, more.pop("permission", "conversations.write"), **more)


CONVERSATION = Lifecycle(
    "conversation",
    STATES,
    {
        step.name: step
        for step in (
            _step("receive", EVERY, "open", "Receive", permission=""),
            _step("answer", EVERY, "waiting", "Answer"),
            _step("wait", frozenset({"open"}), "waiting", "Wait for the customer"),
            _step(
                "snooze",
                frozenset({"open", "waiting", "snoozed"}),
                "snoozed",
                "Snooze",
                guard=_snooze_guard,
                effect=_snooze,
            ),
            _step("wake", frozenset({"snoozed"}), "open", "Wake"),
            _step(
                "close",
                frozenset({"open", "waiting", "snoozed"}),
                "closed",
                "Close",
                guard=_close_guard,
                effect=_close,
            ),
            _step(
                "reopen",
                frozenset({"waiting", "snoozed", "closed", "spam"}),
                "open",
                "Reopen",
                refusal="This conversation is open already.",
            ),
            _step("spam", EVERY - {"spam"}, "spam", "Spam", effect=_close),
            _step("undo", EVERY, None, "Undo"),
        )
    },
    _watch,
)
