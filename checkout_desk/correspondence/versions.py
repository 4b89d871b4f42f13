"""A template's versions: saved as drafts, approved from a time on, and never changed; an old text comes back as a new one.

Everything here expects a writing transaction and leaves the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import linting, templates
from checkout_desk.correspondence.kinds import KINDS
from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import Template
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Lifecycle, Refused, Transition
from checkout_desk.settings.effective import one_at_a_time


class Faulty(ValueError):
    """Words that cannot be saved; `fields` has the sentence of each field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as a page shows it; number 1 without `row` is what the desk came with."""

    number: int
    subject: str
    body: str
    state: str
    """'in use', 'draft', 'scheduled', 'earlier'"""
    row: TemplateVersion | None

    @property
    def approvable(self) -> bool:
        """Whether it waits for somebody to approve it."""
        return self.state == "draft"


@contextmanager
def _watch(row: Any, name: str, source: str, target: str, facts: Mapping[str, Any]) -> Iterator[None]:
    yield
    from_ = row.effective_from.isoformat() if row.effective_from else None
    record(
        f"template.{'approved' if name == 'approve' else 'held_back'}",
        about=row,
        before={"state": source},
        after={"state": target, "reference": templates.reference(row), "from": from_},
    )


def _begin(row: Any, facts: Mapping[str, Any]) -> None:
    row.effective_from, row.approved_by_id = facts["at"], facts["by"].id


def _not_begun(row: Any, facts: Mapping[str, Any]) -> str | None:
    if row.effective_from is not None and row.effective_from > clock.now():
        return None
    return f"Version {row.number} has begun already; bring an earlier text back instead."


def _wait(row: Any, facts: Mapping[str, Any]) -> None:
    row.effective_from = row.approved_by_id = None


VERSION = Lifecycle(
    "version",
    ("draft", "approved"),
    {
        step.name: step
        for step in (
            Transition("approve", frozenset({"draft"}), "approved", "Approve", "templates.write",
                       refusal="This version is approved already.", effect=_begin),
            Transition("hold_back", frozenset({"approved"}), "draft", "Do not begin", "templates.write",
                       refusal="This version is a draft; it does not begin by itself.", guard=_not_begun, effect=_wait),
        )
    },
    _watch,
)  # fmt: skip


def history(key: str, language: str) -> list[Version]:
    """Every version, newest first. Raises KeyError for a key or language that does not exist. One query."""
    KINDS[key], LANGUAGES[language]
    rows = list(
        db.session.scalars(
            select(TemplateVersion)
            .where(TemplateVersion.key == key, TemplateVersion.language == language)
            .order_by(TemplateVersion.number.desc())
        )
    )
    now = clock.now()
    begun = [row for row in rows if row.state == "approved" and templates.began(row) <= now]
    current = max(begun, key=lambda row: (templates.began(row), row.number), default=None)
    found = [Version(row.number, row.subject, row.body, _word(row, current, now), row) for row in rows]
    if key in LANGUAGES[language].templates:
        first = templates.standard(key, language)
        found.append(Version(1, first.subject, first.body, "earlier" if current else "in use", None))
    return found


def save(
    key: str,
    language: str,
    *,
    subject: str,
    body: str,
    based_on: int | None,
    newest: int | None = None,
    by: Person,
) -> TemplateVersion:
    """A new draft. `newest` is the newest version that its writer has seen.

    Raises Faulty for words that cannot be saved, Refused when somebody saved another version since or nothing changed.
    """
    subject, body = " ".join(subject.split()), _lines(body)
    if fields := linting.faults(key, subject, body):
        raise Faulty(fields)
    one_at_a_time()
    before = history(key, language)
    if newest is not None and before and before[0].number > newest:
        raise Refused(
            f"Somebody saved version {before[0].number} since you opened this page; your words are still here. "
            "Compare them, then save once more."
        )
    if any(old.number == based_on and (old.subject, old.body) == (subject, body) for old in before):
        raise Refused(f"Nothing differs from version {based_on}; there is nothing to save.")
    return _add(key, language, before, subject=subject, body=body, based_on=based_on, by=by)


def approve(
    key: str, language: str, number: int, *, at: datetime | None = None, by: Person
) -> TemplateVersion:
    """Let a draft be used from `at` on (None: from now). Raises Refused; Faulty for a time that has passed."""
    one_at_a_time()
    row = _row(key, language, number)
    now = clock.now()
    if at is not None and at < now:
        raise Faulty(
            {"effective_from": "That time has passed; leave it empty to begin now, or choose a later one."}
        )
    if fields := linting.faults(key, row.subject, row.body):
        raise Faulty(fields)
    VERSION.fire(row, "approve", at=at or now, by=by)
    return row


def hold_back(key: str, language: str, number: int, *, by: Person) -> TemplateVersion:
    """Make a version that has not begun a draft again. Raises Refused."""
    one_at_a_time()
    row = _row(key, language, number)
    VERSION.fire(row, "hold_back", by=by)
    return row


def bring_back(key: str, language: str, number: int, *, by: Person) -> TemplateVersion:
    """An old text as a new version that is used from now on. Raises Refused."""
    one_at_a_time()
    before = history(key, language)
    old = next((version for version in before if version.number == number), None)
    if old is None:
        raise Refused(f"There is no version {number}.")
    if old.state == "in use":
        raise Refused(f"Version {number} is in use already.")
    row = _add(key, language, before, subject=old.subject, body=old.body, based_on=number, by=by)
    VERSION.fire(row, "approve", at=clock.now(), by=by)
    return row


def template(key: str, language: str, subject: str, body: str, *, number: int = 0) -> Template:
    """Words that nobody saved yet, as a template."""
    return Template(key, language, number, " ".join(subject.split()), _lines(body))


def _add(
    key: str,
    language: str,
    before: list[Version],
    *,
    subject: str,
    body: str,
    based_on: int | None,
    by: Person,
) -> TemplateVersion:
    row = TemplateVersion(
        key=key, language=language, number=before[0].number + 1 if before else 1, subject=subject, body=body,
        created_at=clock.now(), created_by_id=by.id, state="draft", based_on=based_on,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record("template.saved", about=row, after={"reference": templates.reference(row), "based_on": based_on})
    return row


def _row(key: str, language: str, number: int) -> TemplateVersion:
    row: TemplateVersion | None = db.session.scalars(
        select(TemplateVersion).where(
            TemplateVersion.key == key, TemplateVersion.language == language, TemplateVersion.number == number
        )
    ).one_or_none()
    if row is None:
        raise Refused(f"Version {number} is not one that can be changed.")
    return row


def _word(row: TemplateVersion, current: TemplateVersion | None, now: datetime) -> str:
    if row.state == "draft":
        return "draft"
    if row is current:
        return "in use"
    return "scheduled" if templates.began(row) > now else "earlier"


def _lines(body: str) -> str:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines) + "\n"
