"""The messages behind a figure: the same rows, chosen by what the figure counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from checkout_desk.accounts.models import PersonRole
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.reports import replies
from checkout_desk.reports.period import Period
from checkout_desk.reports.replies import Reply


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which promises a figure counts; None where it does not ask."""

    person: int | None = None
    day: date | None = None
    bin: int | None = None
    weekday: int | None = None
    hour: int | None = None
    kept: bool | None = None
    first: bool = False
    answered: bool = False
    """promises that a reply ended"""
    part: int | None = None
    """of the day: three hours each, from midnight"""
    role: str = ""

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Wanted:
        """What the words of an address ask for; words that mean nothing ask for nothing."""
        kept = {"yes": True, "no": False}.get(words.get("kept", ""))
        return cls(
            person=_number(words, "person", 2**31), day=_day(words.get("day", "")),
            bin=_number(words, "bin", len(replies.BINS)), weekday=_number(words, "weekday", 6),
            hour=_number(words, "hour", 23), kept=kept, first=words.get("first") == "1",
            answered=words.get("answered") == "1", part=_number(words, "part", 7),
            role=words.get("role", "") if words.get("role") in ROLES else "",
        )  # fmt: skip

    @property
    def words(self) -> dict[str, str]:
        """What `of` reads back."""
        found = {
            name: str(value)
            for name in ("person", "bin", "weekday", "hour", "day", "part")
            if (value := getattr(self, name)) is not None
        }
        if self.kept is not None:
            found["kept"] = "yes" if self.kept else "no"
        found |= {name: "1" for name in ("first", "answered") if getattr(self, name)}
        return found | ({"role": self.role} if self.role else {})

    def choose(
        self, rows: Iterable[Reply], period: Period, roles: Mapping[int, Sequence[str]]
    ) -> list[Reply]:
        """Those of the rows that the figure counts, in the order of their promises. `roles` are those of each person."""
        return sorted((row for row in rows if self._fits(row, period, roles)), key=lambda row: row.promise_id)

    def _fits(self, row: Reply, period: Period, roles: Mapping[int, Sequence[str]]) -> bool:
        local = row.opened_at.astimezone(period.zone)
        return (
            (self.person is None or row.person_id == self.person)
            and (self.day is None or local.date() == self.day)
            and (self.bin is None or (row.waited is not None and replies.bin_of(row.waited) == self.bin))
            and (self.weekday is None or local.weekday() == self.weekday)
            and (self.hour is None or local.hour == self.hour)
            and (self.kept is None or row.kept is self.kept)
            and (not self.first or row.first)
            and (not self.answered or row.waited is not None)
            and (self.part is None or local.hour // 3 == self.part)
            and (not self.role or self.role in roles.get(row.person_id or 0, ()))
        )


def roles() -> dict[int, list[str]]:
    """Person → their roles. One query."""
    found: dict[int, list[str]] = {}
    for person_id, role in db.session.execute(select(PersonRole.person_id, PersonRole.role)):
        found.setdefault(person_id, []).append(role)
    return found


@dataclass(frozen=True, slots=True)
class Behind:
    """One message with what became of its promise."""

    reply: Reply
    who: str
    subject: str
    at: datetime


def messages(rows: Sequence[Reply]) -> list[Behind]:
    """The messages of these rows. One query."""
    found: dict[int, Any] = {
        row.id: row
        for row in db.session.execute(
            select(Message.id, Message.subject, Message.at, Conversation.who)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.id.in_([row.message_id for row in rows]))
        )
    }
    return [
        Behind(row, found[row.message_id].who, found[row.message_id].subject, found[row.message_id].at)
        for row in rows
        if row.message_id in found
    ]


def who(ids: Iterable[int]) -> dict[int, str]:
    """Conversation → its customer's name. One query."""
    rows = db.session.execute(select(Conversation.id, Conversation.who).where(Conversation.id.in_(list(ids))))
    return {row.id: row.who for row in rows}


def _number(words: Mapping[str, str], name: str, most: int) -> int | None:
    text = words.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
