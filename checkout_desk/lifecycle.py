"""One table of transitions per thing, and the one function that changes a state.

Buttons, permissions, refusals and events are read from the table; no view, template or job compares states to decide
what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """A transition is not possible now. The message is a sentence for a person and reaches button, page and log."""


Guard = Callable[[Any, Mapping[str, Any]], str | None]
Effect = Callable[[Any, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a table.

    `target` None means that the caller names it (`fire(…, to=…)`), which only undo does. `guard` returns the sentence
    that refuses, or None. `effect` changes what belongs to the state, before the event is written.
    """

    name: str
    sources: frozenset[str]
    target: str | None
    label: str
    permission: str = ""
    refusal: str = ""
    guard: Guard | None = None
    effect: Effect | None = None


@dataclass(frozen=True)
class Lifecycle:
    """The transitions of one kind of thing; `watch` wraps every change (counters, queue columns, event)."""

    subject: str
    states: tuple[str, ...]
    transitions: Mapping[str, Transition]
    watch: Callable[[Any, str, str, str, Mapping[str, Any]], Any] = field(repr=False)

    def refusal(self, thing: Any, name: str, **facts: Any) -> str | None:
        """Why `name` cannot be fired now, as a sentence, or None when it can. Raises KeyError for an unknown name."""
        step = self.transitions[name]
        if thing.state not in step.sources:
            return step.refusal or f"{step.label} is not possible while this {self.subject} is {thing.state}."
        return step.guard(thing, facts) if step.guard else None

    def fire(self, thing: Any, name: str, **facts: Any) -> None:
        """Change the state of `thing` by transition `name`, with all that belongs to it. Raises Refused."""
        sentence = self.refusal(thing, name, **facts)
        if sentence:
            raise Refused(sentence)
        step = self.transitions[name]
        target = step.target or facts["to"]
        if target not in self.states:
            raise ValueError(target)
        with self.watch(thing, name, thing.state, target, facts):
            thing.state = target
            if step.effect:
                step.effect(thing, facts)
