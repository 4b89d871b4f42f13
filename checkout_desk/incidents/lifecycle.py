"""How a cause of communication errors is opened, resolved and opened again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.incidents.models import STATES, Incident
from checkout_desk.lifecycle import Lifecycle, Transition

SHORTEST = 5
"""characters of a note"""


@contextmanager
def _watch(incident: Incident, name: str, old: str, new: str, facts: Mapping[str, Any]) -> Iterator[None]:
    after = {"state": new, **({"note": facts["note"].strip()[:500]} if facts.get("note") else {})}
    by = facts.get("by")
    record(
        f"incident.{name}",
        about=incident,
        before={"state": old},
        after=after,
        actor=f"person:{by.id}" if by else None,
    )
    yield


def _note(incident: Incident, facts: Mapping[str, Any]) -> str | None:
    if len(str(facts.get("note") or "").strip()) < SHORTEST:
        return "Say what was done about it; whoever meets it again reads this first."
    return None


def _resolve(incident: Incident, facts: Mapping[str, Any]) -> None:
    incident.resolution = facts["note"].strip()[:500]
    incident.resolved_at, incident.resolved_by_id = clock.now(), facts["by"].id


def _back(incident: Incident, facts: Mapping[str, Any]) -> None:
    incident.reopened += 1
    incident.reopened_at = facts["at"]


INCIDENT = Lifecycle(
    "communication error",
    STATES,
    {
        step.name: step
        for step in (
            Transition(
                "resolve", frozenset({"open", "settled"}), "resolved", "Resolve", "errors.resolve",
                refusal="This is resolved already.", guard=_note, effect=_resolve,
            ),
            Transition(
                "reopen", frozenset({"resolved"}), "open", "Open again", "errors.resolve",
                refusal="This is open already.",
            ),
            Transition("recurred", frozenset({"resolved"}), "open", "Came back", effect=_back),
            Transition("again", frozenset({"settled"}), "open", "Happened again"),
            Transition("settled", frozenset({"open"}), "settled", "Right again"),
        )
    },
    _watch,
)  # fmt: skip
