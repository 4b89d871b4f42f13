"""When a person is away, whether they want the daily mail, and their open conversations, to hand over while they are gone.

Everybody says it of themselves; administrators of everybody.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from checkout_desk.accounts import people, sessions
from checkout_desk.accounts.models import Person, is_away
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk.acts import MAX_BULK
from checkout_desk.desk.frame import frame
from checkout_desk.desk.wording import Clockface
from checkout_desk.extensions import db
from checkout_desk.settings.effective import long_day
from checkout_desk.settings.models import store
from checkout_desk.settings.typed import Typed
from checkout_desk.web.access import SIGNED_IN, requires

blueprint = Blueprint("holidays", __name__)
LONGEST = timedelta(days=3 * 366)


def init_app(app: Flask) -> None:
    """Let the pages of people say who is away."""
    app.jinja_env.globals["away_words"] = _of


def _of(person_id: int) -> str:
    around = frame()
    row = around.people.get(person_id)
    return words(row.away_from, row.away_until, around.face) if row is not None else ""


def words(away_from: datetime | None, away_until: datetime | None, face: Clockface) -> str:
    """`away until 3 Dec 2026`, `away from 1 Dec 2026 to 3 Dec 2026`; '' for who is here and plans nothing."""
    if away_from is None or (away_until is not None and away_until <= face.now):
        return ""
    last = face.date(away_until - timedelta(seconds=1)) if away_until is not None else ""
    if is_away(away_from, away_until, face.now):
        return f"away until {last}" if last else "away"
    return f"away from {face.date(away_from)}" + (f" to {last}" if last else "")


@blueprint.get("/me/away")
@requires(SIGNED_IN)
def mine() -> str:
    """One's own holidays, and what would lie while they last."""
    return _page(sessions.me())


@blueprint.post("/me/away")
@requires(SIGNED_IN)
def change_mine() -> ResponseReturnValue:
    """Save one's own holidays and the wish for the daily mail."""
    return _change(sessions.me(), url_for("holidays.mine"))


@blueprint.get("/people/<int:person_id>/away")
@requires("people.read")
def show(person_id: int) -> str:
    """A person's holidays and open conversations."""
    return _page(_load(person_id))


@blueprint.post("/people/<int:person_id>/away")
@requires("people.write")
def change(person_id: int) -> ResponseReturnValue:
    """Save somebody's holidays."""
    return _change(_load(person_id), url_for("holidays.show", person_id=person_id))


def _load(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None:
        abort(404, "There is no such person here.")
    return found


def _change(person: Person, onward: str) -> ResponseReturnValue:
    person_id, face, typed = person.id, frame().face, Typed(request.form)
    first = typed.take("first", lambda text: _day("First day", text))
    last = typed.take("last", lambda text: _day("Last day", text))
    if not typed.errors:
        typed.errors.update(_faults(first, last, face))
    if typed.errors:
        db.session.rollback()
        return _page(_load(person_id), form=typed.raw, errors=typed.errors), 422
    people.set_away(person, _midnight(first, face), _midnight(last and last + timedelta(days=1), face))
    people.set_digest(person, bool(request.form.get("digest")))
    db.session.commit()
    flash("Saved.")
    return redirect(onward, 303)


def _day(label: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{label} cannot be “{text[:40]}”; type a day such as 2026-12-24.") from None


def _faults(first: date | None, last: date | None, face: Clockface) -> dict[str, str]:
    today = face.now.astimezone(face.zone).date()
    if last is not None and first is None:
        return {"first": "First day is empty; type the day from which on you are away."}
    if first is None or last is None:
        return {}
    if last < first:
        return {"last": f"{long_day(last)} lies before the first day; type that day or a later one."}
    if last < today:
        return {"last": f"{long_day(last)} has passed; type a later day, or empty both."}
    if last - first > LONGEST:
        return {"last": f"{long_day(last)} is more than three years later; type an earlier day, or none."}
    return {}


def _midnight(day: date | None, face: Clockface) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=face.zone).astimezone(UTC) if day else None


def _page(person: Person, *, form: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    around, me = frame(), sessions.who()
    face = around.face

    def local(at: datetime | None, *, less: int = 0) -> str:
        return (at - timedelta(seconds=less)).astimezone(face.zone).date().isoformat() if at else ""

    shown: dict[str, Any] = form or {
        "first": local(person.away_from),
        "last": local(person.away_until, less=1),
        "digest": "1" if person.digest else "",
    }
    rows = db.session.execute(
        select(Conversation.id, Conversation.who, Conversation.subject)
        .where(
            Conversation.assignee_id == person.id,
            Conversation.state == "open",
            Conversation.merged_into_id.is_(None),
        )
        .order_by(Conversation.queue_at, Conversation.id)
        .limit(MAX_BULK)
    ).all()
    return render_template(
        "desk/holidays.html", person=person, mine=person.id == me.id, form=shown, errors=errors or {}, rows=rows,
        away=words(person.away_from, person.away_until, face), most=MAX_BULK, hour=store().digest_hour,
        may_change=person.id == me.id or me.may("people.write"),
        action=url_for("holidays.mine") if person.id == me.id else url_for("holidays.show", person_id=person.id),
        may_hand_over=me.may("conversations.bulk"),
        back_url=url_for("people.everybody") if me.may("people.read") else url_for("accounts.me"),
    )  # fmt: skip
