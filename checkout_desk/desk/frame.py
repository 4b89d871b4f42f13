"""What every signed-in page shows around its content: views with counts, mailbox health, who is here, undo toasts.

One query or at most three, made only when a template asks for one of these names, so that fragments pay for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from time import monotonic
from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.conversations.counting import VIEWS as COUNTED
from checkout_desk.desk import frame_questions, places
from checkout_desk.desk.keeping import kept
from checkout_desk.desk.wording import Clockface, initials, zone
from checkout_desk.extensions import db
from checkout_desk.settings import tolerances

HERE = timedelta(minutes=10)
FRESH = 2.0
"""seconds for which a process remembers people and mailboxes while nothing is recorded"""


@dataclass(frozen=True, slots=True)
class View:
    """One view of the queue."""

    key: str
    title: str
    icon: str
    section: str
    empty_title: str
    empty_text: str
    newest_first: bool = False
    bad: bool = False
    by_deadline: bool = False
    empty_url: str = ""
    empty_link: str = ""


VIEWS: dict[str, View] = {
    view.key: view
    for view in (
        View("answer", "Answer", "reply", "Queue", "Nothing waits for an answer",
             "New mail shows up here by itself.", by_deadline=True),
        View("new-orders", "New orders", "clipboard-check", "Queue", "No new orders",
             "An order that was read out of a mail waits here until somebody has checked it.", by_deadline=True),
        View("details", "Details", "circle-help", "Queue", "No details are missing",
             "Orders that lack something, and answers to what we asked, would stand here.", by_deadline=True),
        View("quote", "Quote", "receipt", "Queue", "No quote to send", "Verified orders wait here for their quote.",
             by_deadline=True),
        View("delivery", "Fix delivery", "truck", "Queue", "Every parcel is on its way",
             "A parcel that is late, silent or coming back waits here until its customer has been told.",
             by_deadline=True),
        View("returns", "Returns, refunds", "rotate-ccw", "Queue", "Nothing comes back",
             "A return to decide on, goods that came back and money that is owed to a customer wait here.", by_deadline=True),
        View("open", "All open", "inbox", "Queue", "Nothing is open", "New mail shows up here by itself.",
             by_deadline=True),
        View("mine", "Mine", "user", "Queue", "Nothing is yours right now",
             "Take one from Unassigned; it is yours from then on.", by_deadline=True),
        View("unassigned", "Unassigned", "user-x", "Queue", "Everything has somebody", "New mail starts here.",
             by_deadline=True),
        View("escalated", "Escalated to me", "flag", "Queue", "Nothing is escalated to you",
             "Cases that somebody handed to you or to your role would stand here.", bad=True),
        View("exceptions", "Exceptions", "triangle-alert", "Queue", "No exceptions",
             "Escalated cases and mail in trouble would stand here.", bad=True),
        View("waiting", "Waiting", "hourglass", "Later", "Nobody keeps us waiting",
             "After an answer the conversation waits here for the customer.", newest_first=True),
        View("snoozed", "Snoozed", "alarm-clock", "Later", "Nothing is asleep",
             "Snoozed conversations come back at their time."),
        View("closed", "Closed", "circle-check", "Later", "Nothing is closed yet", "Closed conversations are kept here.",
             newest_first=True),
        View("spam", "Spam", "ban", "Later", "No spam", "What was marked as spam is kept here.", newest_first=True),
    )
}  # fmt: skip


class Frame:
    """Lazy facts of the frame for one request."""

    def __init__(self) -> None:
        self.person = sessions.who()

    @cached_property
    def counts(self) -> dict[str, int]:
        """View -> exact number, and the bounded 'overdue', 'outbox' and 'failed'. One query."""
        mine = f"mine:{self.person.id}"
        to_me = f"to:{self.person.id}"
        values = {"mine": mine, "to_me": to_me, "now": clock.now()}
        rows = db.session.connection().execute(frame_questions.COUNTS, values)
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        escalated = sum(found.get(view, 0) for view in (to_me, *(f"to:{role}" for role in self.person.roles)))
        return {**dict.fromkeys(COUNTED, 0), **found, "mine": found.get(mine, 0), "escalated": escalated}

    @property
    def stamp(self) -> tuple[int, int, int]:
        """Grows with every event, every coming and going, and each minute, as the tag that polling compares does."""
        minute = int(self.face.now.timestamp() // 60)
        return self.counts.get("#events", 0), self.counts.get("#desk", 0), minute

    @cached_property
    def _store_and_boxes(self) -> tuple[Any, list[Any]]:
        rows = self._remembered("boxes", frame_questions.STORE_AND_BOXES)
        return (rows[0] if rows else None), [row for row in rows if row.id is not None and row.enabled]

    def _remembered(self, name: str, statement: Any) -> Sequence[Any]:
        """The rows of `statement`, asked again when anything was recorded meanwhile, or after FRESH seconds.

        Everything that people change is an event, so nobody sees the old after a change of their own; what only
        machines note (a mailbox's last contact, who was last seen) may be as old as that.
        """
        memory: dict[str, Any] = current_app.extensions.setdefault("desk_remembered", {})
        version, now = (self.counts.get("#events"), self.counts.get("#desk")), monotonic()
        found = memory.get(name)
        if found is None or found[0] != version or now - found[1] > FRESH:
            found = memory[name] = version, now, db.session.connection().execute(statement).all()
        rows: Sequence[Any] = found[2]
        return rows

    @property
    def store(self) -> Any:
        """The store's row (name as `store`, time_zone, sandbox, undo_seconds), or None before the set-up."""
        return self._store_and_boxes[0]

    @property
    def boxes(self) -> list[Any]:
        """The mailboxes that are switched on."""
        return self._store_and_boxes[1]

    @cached_property
    def face(self) -> Clockface:
        """How this request says times."""
        return Clockface(clock.now(), zone(self.store.time_zone if self.store else "UTC"))

    def held(self, *, customer_id: int | None = None, order_id: int | None = None) -> list[str]:
        """Why this customer or order must be kept, as sentences. A store has few holds: they are remembered."""
        if not self.counts.get("#holds"):  # comes along with the counts: most stores hold nothing
            return []
        return [
            f"Legal hold since {self.face.date(row.at)}, by {row.name}: {row.reason}"
            for row in self._remembered("holds", frame_questions.HOLDS)
            if (row.order_id == order_id if row.order_id else row.customer_id == customer_id)
        ]

    @cached_property
    def people(self) -> dict[int, Any]:
        """Everybody who ever worked here, id -> row (id, name, disabled_at, seen_at). One query; a desk has few people."""
        return {row.id: row for row in self._remembered("people", frame_questions.PEOPLE)}

    @cached_property
    def refunds(self) -> bool:
        """Whether this person may send money back at all: their permission, and a limit above nothing."""
        limited = self._remembered("refunds", frame_questions.REFUNDS)
        roles = {*tolerances.UNLIMITED, *(row.role for row in limited)}
        return self.person.may("payments.refund") and not roles.isdisjoint(self.person.roles)

    def name(self, person_id: int | None) -> str:
        """The name behind a person's id."""
        row = self.people.get(person_id) if person_id else None
        return row.name if row else "Somebody"

    def views(self) -> list[dict[str, Any]]:
        """The rail's views."""
        here = _view_here()
        place = url_for("queue.show", view="answer").removesuffix(
            "answer"
        )  # building eight addresses is not free
        return [
            {
                "key": v.key,
                "title": v.title,
                "icon": v.icon,
                "section": v.section,
                "bad": v.bad,
                "count": self.counts.get(v.key, 0),
                "current": v.key == here,
                "url": place + v.key,
            }
            for v in VIEWS.values()
        ]

    def places(self) -> list[dict[str, Any]]:
        """The rail's other pages, those that this person may open."""
        return places.shown(self.person.may, {**self.counts, "to_read": self.person.to_read})

    def health(self) -> dict[str, str]:
        """The dot in the top bar: all mailboxes well, or which one is not."""
        url = url_for("mailboxes.show") if self.person.may("mailboxes.read") else ""
        if not self.boxes:
            return {"tone": "soon", "text": "No mailbox yet", "url": url}
        sick = [box for box in self.boxes if box.alarmed_at or box.last_fault]
        if sick:
            text = (
                f"{sick[0].address} needs a look" if len(sick) == 1 else f"{len(sick)} mailboxes need a look"
            )
            return {"tone": "bad", "text": text, "url": url}
        text = "Mailbox ok" if len(self.boxes) == 1 else f"All {len(self.boxes)} mailboxes ok"
        return {"tone": "good", "text": text, "url": url}

    def crew(self) -> list[dict[str, str]]:
        """Who else used the desk in the last minutes."""
        since = self.face.now - HERE
        others = [
            row
            for row in self.people.values()
            if row.seen_at
            and _aware(row.seen_at) > since
            and row.id != self.person.id
            and row.disabled_at is None
        ]
        return [{"name": row.name, "initials": initials(row.name)} for row in others]

    def foot(self) -> dict[str, Any]:
        """The line under the list."""
        last = max((box.last_mail_at for box in self.boxes if box.last_mail_at), default=None)
        failed = self.counts["failed"]
        return {
            "last_mail": f"Last mail {self.face.ago(last)}" if last else "No mail yet",
            "boxes": f"{len(self.boxes)} {'box' if len(self.boxes) == 1 else 'boxes'}",
            "outbox": f"Outbox {self.counts['outbox']}",
            "failed": failed if self.person.may("errors.read") else 0,
            "failed_url": url_for("errors.show"),
        }


def _aware(at: datetime | str) -> datetime:
    """func.max loses the column type on SQLite, which answers with text."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def frame() -> Frame:
    """The frame of this request."""
    found: Frame | None = g.get("desk_frame")
    if found is None:
        found = g.desk_frame = Frame()
    return found


SEARCHED = "\ue000searched\ue000"
"""stands in a kept part for what is searched for; a sign that no keyboard has"""


def _view_here() -> str | None:
    """The queue's view that is on screen, or from which the conversation on screen was opened."""
    named = request.view_args or {}
    here = named.get("view") or (request.args.get("view") if "conversation_id" in named else None)
    return here if here in VIEWS else None


def part(name: str, place: str = "", query: str = "") -> Markup:
    """A part of the frame as HTML, kept under everything that it shows and says to this session.

    The frame is the same from page to page; written anew it would be half of what a page costs.
    """
    around = frame()
    facts: tuple[Any, ...] = (place, bool(query))
    if name == "desk/_top.html":
        facts += (tuple(around.health().values()), tuple(c["name"] for c in around.crew()))
    elif name == "desk/_rail.html":
        facts += (
            tuple(n for view, n in around.counts.items() if view[0] != "#"),
            around.person.to_read,
            _view_here(),
            # Where we are among the places: no address of theirs has a number, so all conversations share one rail.
            tuple(takewhile(lambda step: not step.isdigit(), request.path.split("/"))),
        )
    person, theme = around.person, request.cookies.get("theme", "")
    key = (name, facts, person.id, person.name, person.email, person.roles, theme)

    def make() -> str:
        return render_template(name, place=place, query=SEARCHED if query else "")

    html = kept(key, make)
    # What people search for is no part of what is kept: it is put in afterwards.
    return Markup(str(html).replace(SEARCHED, str(escape(query)))) if query else html  # noqa: S704 - escaped


def init_app(app: Flask) -> None:
    """Offer the frame's names to templates, unasked until used."""

    @app.context_processor
    def names() -> dict[str, Any]:
        if sessions.loaded() is None:
            return {}
        return {
            "views": LocalProxy(lambda: frame().views()),
            "places": LocalProxy(lambda: frame().places()),
            "health": LocalProxy(lambda: frame().health()),
            "crew": LocalProxy(lambda: frame().crew()),
            "waiting": LocalProxy(lambda: frame().counts["overdue"]),
            "part": part,
            "held": lambda **thing: frame().held(**thing),
        }
