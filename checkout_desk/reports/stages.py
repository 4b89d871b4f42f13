"""What became of one step of the procedure in one order, and the words in which rules say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from checkout_desk.reports.facts import Facts
from checkout_desk.reports.procedure import BY_CODE, FAULTS, Step

OVER = ("cancelled", "expired")
DONE, OPEN, NEEDLESS = "done", "open", "needless"
Ref = tuple[str, int]
"""what proves a step: ('message', 12), ('quote', 7), ('payment', 3), ('movement', product), ('parcel', 5), ('return', 2),
('record', 0)"""
Because = tuple[str, str]
"""what a deviation is counted by: ('person', '7'), ('template', 'order_confirmed:en'), ('mailbox', '1')"""


@dataclass(frozen=True, slots=True)
class Stage:
    """What became of a step: when it was done, by whom, what proves it, and how it departs from the procedure."""

    step: Step
    at: datetime | None = None
    """when it was done; None while it is not"""
    by: str = ""
    """'person:7', 'desk', 'customer', 'carrier:3'"""
    words: str = ""
    evidence: tuple[Ref, ...] = ()
    needless: bool = False
    faults: tuple[str, ...] = ()
    """of FAULTS, the gravest first"""
    causes: tuple[Because, ...] = ()

    @property
    def state(self) -> str:
        """The gravest fault, else 'needless', 'done' or 'open'."""
        if self.faults:
            return self.faults[0]
        return NEEDLESS if self.needless else DONE if self.at is not None else OPEN


@dataclass(frozen=True, slots=True)
class Context:
    """What rules measure by."""

    now: datetime
    promise: timedelta
    zone: ZoneInfo

    def allowed(self, step: Step) -> timedelta:
        """How long a step may take after what it waits for."""
        return self.promise if step.limit == "promise" else timedelta(hours=step.hours)


def stage(
    code: str,
    *,
    at: datetime | None = None,
    by: str = "",
    words: Iterable[str] = (),
    evidence: Iterable[Ref | None] = (),
    needless: bool = False,
    late: bool = False,
    skipped: bool = False,
    repeated: bool = False,
    causes: Iterable[Because | None] = (),
) -> Stage:
    """A stage of step `code`; causes of kinds that the step does not count by are left out."""
    step = BY_CODE[code]
    faults = tuple(name for name, is_so in zip(FAULTS, (skipped, late, repeated), strict=True) if is_so)
    kept = (one for one in causes if one is not None and one[0] in step.causes) if faults else ()
    return Stage(
        step, at, by if at else "", "; ".join(filter(None, words)), tuple(filter(None, evidence)), needless,
        faults, tuple(dict.fromkeys(kept)),
    )  # fmt: skip


def ended(found: Stage, facts: Facts) -> Stage:
    """As it stands when its order is over before its end: what was not done then is not needed any more."""
    if facts.order.state not in OVER or found.at is not None or found.needless:
        return found
    if set(found.faults) - {"late"}:
        return found
    return replace(found, needless=True, faults=(), causes=(), words=f"the order is {facts.order.state}")


def person(person_id: int | None) -> str:
    """An actor as events name it."""
    return f"person:{person_id}" if person_id else "desk"


def by_person(person_id: int | None) -> Because | None:
    """The cause 'person', where somebody did it."""
    return ("person", str(person_id)) if person_id else None


def by_actor(actor: str) -> Because | None:
    """The cause 'person' of an event's actor."""
    kind, _, number = actor.partition(":")
    return ("person", number) if kind == "person" else None


def by_mailbox(facts: Facts) -> Because | None:
    """The mailbox to which the order's conversation belongs."""
    return ("mailbox", str(facts.order.mailbox_id)) if facts.order.mailbox_id else None


def by_template(mail: Any) -> Because | None:
    """The template of a mail, in its language and without its version: 'order_confirmed:en'."""
    key = ":".join((mail.template or "").split(":")[:2]) if mail is not None else ""
    return ("template", key) if key else None


def by_carrier(parcel: Any) -> Because | None:
    """Who took a parcel along."""
    return ("carrier", str(parcel.carrier_id)) if parcel.carrier_id else None


def by_products(product_ids: Iterable[int]) -> list[Because]:
    """The products that something was about."""
    return [("product", str(one)) for one in product_ids]


def mail_ref(row: Any) -> Ref | None:
    """The message that a row names."""
    return ("message", row.message_id) if row is not None and row.message_id else None
