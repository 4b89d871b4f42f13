"""What was found wrong becomes a case of its cause, once however often it is found; and a case that is right is settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.incidents.causes import Cause
from checkout_desk.incidents.lifecycle import INCIDENT
from checkout_desk.incidents.models import Incident, IncidentCase, IncidentCursor

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that went wrong, and what it struck."""

    cause: Cause
    source: str
    at: datetime
    about: str = ""
    event_id: int | None = None
    order_id: int | None = None
    customer_id: int | None = None
    conversation_id: int | None = None
    message_id: int | None = None
    outbound_id: int | None = None


def cursor(name: str) -> IncidentCursor:
    """The walk of that name, locked until the commit: who comes second waits, and goes on from where the first ended.

    Whoever files anything holds the one of the events too, so that no two of them wait for each other's causes.
    """
    if name != "events":
        cursor("events")
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(IncidentCursor)
    db.session.execute(insert.values(name=name, at=0).on_conflict_do_nothing())
    return db.session.get_one(IncidentCursor, name, with_for_update=True, populate_existing=True)


def note(found: Iterable[Wrong]) -> set[int]:
    """Make a case of each. The caller commits, and holds a cursor. Returns the incidents that were touched."""
    touched: set[int] = set()
    for wrong in found:
        incident = _incident(wrong)
        _case(incident, wrong)
        touched.add(incident.id)
        incident.first_seen_at = min(incident.first_seen_at, wrong.at)
        incident.last_seen_at = max(incident.last_seen_at, wrong.at)
        # What happened before somebody resolved the cause was resolved with it, however late it was noticed.
        if incident.state == "settled":
            INCIDENT.fire(incident, "again")
        elif incident.state == "resolved" and incident.resolved_at and wrong.at > incident.resolved_at:
            INCIDENT.fire(incident, "recurred", at=wrong.at)
    count(touched)
    return touched


def _incident(wrong: Wrong) -> Incident:
    """The row of the cause, locked. Looked for first: an insert that meets a row uses up a number all the same."""
    cause = wrong.cause
    query = select(Incident).where(Incident.kind == cause.kind, Incident.cause == cause.key).with_for_update()
    known: Incident | None = db.session.scalars(query).one_or_none()
    if known is not None:
        return known
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Incident)
    new = db.session.scalar(
        insert.values(
            kind=cause.kind, cause=cause.key, words=cause.words, state="open", first_seen_at=wrong.at,
            last_seen_at=wrong.at, cases=0, unsettled=0, resolution="", reopened=0,
        ).on_conflict_do_nothing().returning(Incident.id)
    )  # fmt: skip
    found: Incident = db.session.scalars(query).one()
    if new is not None:
        record("incident.seen", about=found, after={"what": cause.kind})
    return found


def _case(incident: Incident, wrong: Wrong) -> None:
    case = db.session.scalars(
        select(IncidentCase).where(
            IncidentCase.incident_id == incident.id, IncidentCase.source == wrong.source
        )
    ).one_or_none()
    if case is None:
        db.session.add(
            IncidentCase(
                incident_id=incident.id, source=wrong.source, about=wrong.about, at=wrong.at, last_at=wrong.at,
                event_id=wrong.event_id, order_id=wrong.order_id, customer_id=wrong.customer_id, settled_how="",
                conversation_id=wrong.conversation_id, message_id=wrong.message_id, outbound_id=wrong.outbound_id,
            )
        )  # fmt: skip
    elif wrong.event_id is None or case.event_id is None or wrong.event_id > case.event_id:
        case.last_at, case.event_id = max(wrong.at, case.last_at), wrong.event_id or case.event_id
        case.settled_at, case.settled_how, case.settled_by_id = None, "", None
    db.session.flush()


def settle(case_ids: Collection[int], how: str, *, by: Person | None = None) -> set[int]:
    """These cases are right again. The caller commits and counts. Returns their incidents."""
    if not case_ids:
        return set()
    rows = db.session.scalars(
        update(IncidentCase)
        .where(IncidentCase.id.in_(case_ids), IncidentCase.settled_at.is_(None))
        .values(settled_at=clock.now(), settled_how=how[:120], settled_by_id=by.id if by else None)
        .returning(IncidentCase.incident_id),
        execution_options=_QUIET,
    )
    return set(rows)


def count(incident_ids: Collection[int]) -> None:
    """Count the cases of these incidents anew; one that has none left open is settled. The caller commits."""
    if not incident_ids:
        return
    db.session.flush()
    counts = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(
            select(
                IncidentCase.incident_id,
                func.count(),
                func.count().filter(IncidentCase.settled_at.is_(None)),
            )
            .where(IncidentCase.incident_id.in_(incident_ids))
            .group_by(IncidentCase.incident_id)
        )
    }
    for incident in db.session.scalars(
        select(Incident).where(Incident.id.in_(incident_ids)).order_by(Incident.id).with_for_update()
    ):
        incident.cases, incident.unsettled = counts.get(incident.id, (0, 0))
        if incident.state == "open" and not incident.unsettled:
            INCIDENT.fire(incident, "settled")
    db.session.flush()
