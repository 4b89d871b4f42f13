"""The path of the set-up as data, and where each step stands: its test decides, not a tick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.desk import setup_checks, setup_mail, setup_mailbox
from checkout_desk.desk.setup_checks import Check
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings.models import SetupStep


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `look` tries it; `fine` is what somebody says who wants nothing more of it, '' where it must be mended."""

    key: str
    title: str
    icon: str
    says: str
    look: Callable[[SetupStep], list[Check]]
    fine: str = ""
    places: tuple[str, ...] = ()
    """addresses at which its pages begin: there the way back to the set-up is shown"""


STEPS = (
    Step("store", "Your store", "settings", "Who you are: it stands on every mail, label and invoice.", setup_checks.of_store,
         "It is right like this"),
    Step("mailbox", "First mailbox", "mailbox", "Where customers write to, and where answers leave from.", setup_mailbox.look,
         "It is right like this", ("/mailboxes",)),
    Step("catalogue", "Catalogue", "warehouse", "What you sell, so that orders can be read out of mails.",
         setup_checks.of_catalogue, "It is right like this", ("/catalogue",)),
    Step("tax", "Tax", "scale", "What an order is taxed with, by where it goes.", setup_checks.of_tax, "It is right like this",
         ("/settings/money/tax", "/settings/money/quotes", "/settings/money/preview")),
    Step("shipping", "Shipping", "truck", "How parcels go, and what that costs.", setup_checks.of_shipping,
         "Nothing is sent", ("/settings/money/shipping", "/settings/carriers", "/carriers")),
    Step("payment", "Ways to pay", "banknote", "Where customers’ money goes.", setup_checks.of_payment, "That is enough",
         ("/settings/money/methods",)),
    Step("people", "People", "users", "Who works here, and what each may do.", setup_checks.of_people, "I work alone",
         ("/people",)),
    Step("promise", "Promise", "clock", "By when a customer has an answer.", setup_checks.of_promise, "",
         ("/settings/promises",)),
    Step("templates", "Mails", "file-text", "How your mails look and read.", setup_mail.look, "They are right like this",
         ("/settings/money/brand", "/templates", "/studio")),
)  # fmt: skip
BY_KEY = {step.key: step for step in STEPS}
WORDS = {
    "done": ("good", "circle-check", "done"),
    "failed": ("bad", "circle-x", "failed"),
    "later": ("", "clock", "left for later"),
    "open": ("soon", "circle-dot", "open"),
}
"""state -> tone, icon, word"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a step stands now."""

    step: Step
    state: str
    checks: list[Check] = field(default_factory=list)

    @property
    def left(self) -> list[Check]:
        """What is not good yet."""
        return [check for check in self.checks if check.tone != "good"]

    @property
    def may_settle(self) -> bool:
        """Whether somebody may say that it is right as it is."""
        return bool(self.step.fine) and not any(check.needed or check.tone == "bad" for check in self.left)


def stand(step: Step, kept: SetupStep) -> Standing:
    """Try the step now."""
    checks = step.look(kept)
    tones = {check.tone for check in checks}
    if "bad" in tones:
        state = "failed"
    elif tones <= {"good"} or (kept.settled_at is not None and Standing(step, "", checks).may_settle):
        state = "done"
    else:
        state = "later" if kept.put_off_at is not None else "open"
    return Standing(step, state, checks)


def all_standings() -> list[Standing]:
    """Every step, tried now. A handful of queries each; the pages of the set-up are rare."""
    rows = {row.name: row for row in db.session.scalars(select(SetupStep))}
    return [stand(step, rows.get(step.key) or _fresh(step)) for step in STEPS]


def _fresh(step: Step) -> SetupStep:
    return SetupStep(name=step.key, found={})


def kept_of(step: Step) -> SetupStep:
    """What is remembered of a step; a new row, not yet in the session, where nothing is."""
    return db.session.get(SetupStep, step.key) or _fresh(step)


def put_off(step: Step) -> None:
    """Leave a step for later. The caller commits."""
    _remember(step, "setup.put_off", put_off_at=clock.now(), settled_at=None)


def settle(step: Step) -> None:
    """What is still open in the step is right as it is. The caller commits."""
    _remember(step, "setup.settled", settled_at=clock.now(), put_off_at=None)


def _remember(step: Step, kind: str, **values: object) -> None:
    row = kept_of(step)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    record(kind, about=("setup_step", 0), after={"step": step.key})
