"""A store whose days are made up by chance, and a slow count of them that knows nothing of promises.

Customers write, machines answer by themselves, mails fail, are taken back and sent again; conversations are closed, opened again, merged
and paused. The count reads mails, what servers said of them and the record, message by message, in loops.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, pausing, undoing
from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.openhours import Hours
from tests.builders import Shop
from tests.conversations.shared import merge

ZONE = ZoneInfo("Europe/London")
STEPS = 70
FOREVER = timedelta(days=36_524)
"""how far off the deadline of a promise without an end of its pause is"""
Span = tuple[datetime, datetime]
WEEK = [[["09:00", "17:00"]]] * 5 + [[], []]
OFFICE = Hours("Europe/London", [[(540, 1020)]] * 5 + [[], []], lambda day: False)
PEOPLE = ("support", "support2", "processing", "manager")


@dataclass
class History:
    """A store whose days are made up by chance, never back in time."""

    shop: Shop
    chance: random.Random
    at: datetime

    def later(self, low: float, high: float) -> datetime:
        """Some hours pass; no second is whole, so that nothing hides in rounding."""
        self.at += timedelta(seconds=round(self.chance.uniform(low, high) * 3600))
        return self.at

    def live(self) -> None:
        """One thing after the other."""
        with clock.pretending(self.at):
            self.shop.take(text="Good morning from our garden")
        doings = {
            self.customer: 8,
            self.machine: 2,
            self.answer: 9,
            self.close: 3,
            self.merge: 1,
            self.pause: 2,
        }
        for _ in range(STEPS):
            self.later(0.05, 7)
            with clock.pretending(self.at):
                self.chance.choices(list(doings), list(doings.values()))[0]()

    def one(self, *conditions: Any) -> int:
        """A conversation, by chance."""
        rows = self.shop.all(Conversation, Conversation.merged_into_id.is_(None), *conditions)
        return self.chance.choice([row.id for row in rows]) if rows else 0

    def customer(self) -> None:
        words = f"A word about our garden, number {self.chance.random()}"
        c = self.one() if self.chance.random() < 0.5 else 0
        first = (
            next((m for m in self.shop.messages(c) if m.direction == "in" and m.mail_id), None) if c else None
        )
        self.shop.take(text=words, in_reply_to=f"<{first.mail_id}>" if first else "", subject="Garden")

    def machine(self) -> None:
        self.shop.take(
            text="I am away.", subject="Automatic reply", headers={"Auto-Submitted": "auto-replied"}
        )

    def answer(self) -> None:
        c = self.one(Conversation.state == "open")
        if not c:
            return
        role = self.chance.choice(PEOPLE)
        message = self.shop.reply(
            c,
            f"Words {self.chance.random()}",
            role=role,
            to="Jane Fox <jane@customer.example>",
            after=self.chance.choice(("wait", "stay", "close")),
        )
        if self.chance.random() < 0.15:
            with self.shop.writing(), acting_as(f"person:{message.author_id}", "test"):
                by = db.session.get_one(Person, message.author_id)
                act = undoing.last(by)
                assert act is not None
                undoing.undo(act, by=by)
                db.session.execute(delete(Draft))  # nobody goes on with it
            return
        self.shop.smtp_works(self.chance.random() < 0.8)
        with clock.pretending(self.later(0.01, 0.3)):
            self.shop.deliver(message)
        self.shop.smtp_works(True)

    def close(self) -> None:
        if c := self.one(Conversation.state.in_(("open", "waiting"))):
            self.shop.act(acting.close, c)

    def merge(self) -> None:
        source, into = self.one(), self.one()
        if source and into and source != into:
            merge(self.shop, source, into)

    def pause(self) -> None:
        c = self.one(Conversation.state == "open", Conversation.promise_due_at.is_not(None))
        if not c or pausing.refusal(self.shop.seen(c)):
            return
        self.shop.act(pausing.pause, c, reason="Asked the potter", until=None)
        if self.chance.random() < 0.7:
            with clock.pretending(self.later(0.5, 9)):
                self.shop.act(pausing.resume, c)


@dataclass
class Asked:
    """A customer's message as the slow count sees it."""

    message: int
    conversation: int
    at: datetime
    due: datetime
    state: str = "open"
    """open, answered or judged (a person closed it without an answer)"""
    ended: datetime | None = None
    person: int | None = None
    first: bool = False
    pauses: list[list[datetime | None]] = field(default_factory=list)

    def kept(self, now: datetime) -> bool | None:
        if self.state == "answered" and self.ended is not None:
            return self.ended <= self.due
        return False if self.state == "open" and self.due < now else None

    def waited(self, *, business: bool) -> timedelta | None:
        if self.state != "answered" or self.ended is None:
            return None
        return ran(
            self.at, self.ended, [(a, b or self.ended) for a, b in self.pauses if a], business=business
        )


def ran(low: datetime, high: datetime, pauses: Sequence[Span], *, business: bool) -> timedelta:
    """What lies between two instants without pauses, and of it, if asked, what is shop time: piece by piece."""
    spans = list(opened_between(low, high)) if business else [(low, high)]
    marks = sorted({edge for span in (*spans, *pauses) for edge in span})
    total = timedelta()
    for a, b in itertools.pairwise(marks):
        if any(x <= a and b <= y for x, y in spans) and not any(x <= a and b <= y for x, y in pauses):
            total += b - a
    return total


def opened_between(low: datetime, high: datetime) -> Iterator[Span]:
    """The spans of the open hours between two instants."""
    day = low.astimezone(ZONE).date()
    while datetime.combine(day, time(), ZONE) <= high:
        begin, end = (datetime.combine(day, time(hour), ZONE).astimezone(UTC) for hour in (9, 17))
        if day.weekday() < 5 and max(begin, low) < min(end, high):
            yield max(begin, low), min(end, high)
        day += timedelta(days=1)


class Count:
    """The whole history once more, from the record and what servers said, message by message."""

    def __init__(self, promise_hours: int) -> None:
        self.promise = timedelta(hours=promise_hours)
        self.asked: dict[int, Asked] = {}
        self.home: dict[int, int] = {}
        self.closings: list[tuple[int, datetime]] = []
        self.record = list(db.session.scalars(select(Event).order_by(Event.id)))
        self.messages = {m.id: m for m in db.session.scalars(select(Message))}
        outbox = {o.id: o.sent_at for o in db.session.scalars(select(OutboundMail))}
        accepted = [(outbox.get(m.outbound_id or 0), m) for m in self.messages.values()]
        news: list[tuple[datetime, int, Any]] = [(e.at, e.id, e) for e in self.record]
        news += [(at, 10**9, m) for at, m in accepted if at is not None]
        for at, _, thing in sorted(news, key=lambda one: one[:2]):
            self.told(at, thing) if isinstance(thing, Event) else self.accepted(at, thing)
        for c in set(self.home.values()):
            mine = [m for m in self.asked if self.home[m] == c]
            if mine:
                self.asked[min(mine)].first = True
        for m, one in self.asked.items():
            one.conversation = self.home[m]

    def open_in(self, c: int) -> list[Asked]:
        return [one for m, one in self.asked.items() if self.home[m] == c and one.state == "open"]

    def accepted(self, at: datetime, mail: Message) -> None:
        if mail.kind != "letter" or mail.author_id is None:
            return
        for one in self.open_in(self.home[mail.id]):
            if one.message < mail.id:
                one.state, one.ended, one.person = "answered", at, mail.author_id

    def told(self, at: datetime, e: Event) -> None:
        after, about = e.after or {}, e.subject_id or 0
        if e.kind in ("message.received", "message.queued"):
            self.home[about] = after["conversation"]
            if e.kind == "message.received" and after["kind"] == "letter":
                came = self.messages[about].at
                self.asked[about] = Asked(about, after["conversation"], came, came + self.promise)
        elif e.kind == "conversation.merged":
            self.home = {m: after["into"] if c == about else c for m, c in self.home.items()}
        elif e.kind == "conversation.close":
            self.closings.append((about, at))
            if not any(self.sent_with(other, e) for other in self.record):
                for one in self.open_in(about):
                    one.state, one.ended = "judged", at
        elif e.kind == "promise.paused":
            for one in self.open_in(about):
                if one.due > at and not (one.pauses and one.pauses[-1][1] is None):
                    one.pauses.append([at, None])
                    one.due += FOREVER
        elif e.kind == "promise.resumed":
            for one in self.open_in(about):
                if one.pauses and one.pauses[-1][1] is None:
                    stood = at - (one.pauses[-1][0] or at)
                    one.pauses[-1][1], one.due = at, one.due - FOREVER + stood

    @staticmethod
    def sent_with(other: Event, closing: Event) -> bool:
        """Whether a mail closed the conversation as it was queued: its promises wait for the server then."""
        after = other.after or {}
        return (
            other.kind == "message.queued" and after.get("then") == "close"
            and after.get("conversation") == closing.subject_id and other.at == closing.at
        )  # fmt: skip

    def resolutions(self, *, business: bool) -> list[timedelta]:
        found = []
        for place, (c, at) in enumerate(self.closings):
            before = [other for d, other in self.closings[:place] if d == c and other < at]
            opened = [one.at for one in self.asked.values() if one.conversation == c and one.at < at]
            opened = [begin for begin in opened if not before or begin > max(before)]
            if opened:
                found.append(ran(min(opened), at, [], business=business))
        return found


def middle(values: Sequence[timedelta]) -> timedelta | None:
    """The median, by walking in from both ends."""
    left = sorted(values)
    while len(left) > 2:
        left = left[1:-1]
    return sum(left, timedelta()) / len(left) if left else None


def nine_of_ten(values: Sequence[timedelta]) -> timedelta | None:
    """The smallest value that at least nine of ten do not exceed."""
    return next((v for v in sorted(values) if sum(w <= v for w in values) * 10 >= len(values) * 9), None)
