"""What is done to people: added, renamed, given roles, disabled. Every act records its event; none commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from checkout_desk import clock
from checkout_desk.accounts import sessions, throttling
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.events.recording import record
from checkout_desk.extensions import db


class Refused(Exception):
    """The act is not possible now. The message is a sentence for the person who tried."""


def anybody() -> bool:
    """Whether this desk has a person yet."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def by_email(email: str) -> Person | None:
    """The person with this e-mail address (in any case), disabled ones too."""
    found: Person | None = db.session.scalar(select(Person).where(Person.email == fold(email)))
    return found


def fold(email: str) -> str:
    """How an address is kept and compared."""
    return email.strip().casefold()


def everybody() -> list[Person]:
    """All people, those who may sign in first, by name."""
    return list(
        db.session.scalars(
            select(Person).order_by(Person.disabled_at.is_not(None), func.lower(Person.name), Person.id)
        )
    )


def create(*, name: str, email: str, password_hash: str, roles: Iterable[str]) -> Person:
    """A new person. Raises Refused where the address is taken, KeyError for a role that does not exist."""
    if by_email(email) is not None:
        raise Refused(
            f"{fold(email)} already belongs to a person here; use another address or change that person."
        )
    person = Person(
        name=name.strip(),
        email=fold(email),
        password_hash=password_hash,
        created_at=clock.now(),
        signature="",
    )
    person.role_rows = [PersonRole(role=role) for role in _known(roles)]
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:  # somebody added the same address at this moment
        raise Refused(f"{fold(email)} already belongs to a person here; use another address.") from None
    record(
        "person.created",
        about=person,
        after={"name": person.name, "email": person.email, "roles": sorted(person.roles)},
    )
    return person


def set_roles(person: Person, roles: Iterable[str]) -> None:
    """Give `person` exactly these roles. Raises Refused where nobody would be left as admin."""
    before, after = sorted(person.roles), sorted(_known(roles))
    if before == after:
        return
    if "admin" in before and "admin" not in after:
        _keep_an_admin(person)
    person.role_rows = [row for row in person.role_rows if row.role in after]
    person.role_rows += [PersonRole(role=role) for role in after if role not in before]
    record("person.roles_changed", about=person, before={"roles": before}, after={"roles": after})


def rename(person: Person, *, name: str, email: str | None = None) -> None:
    """Another name or address. Raises Refused where the address is taken."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    if name.strip() != person.name:
        before["name"], after["name"] = person.name, name.strip()
        person.name = name.strip()
    if email is not None and fold(email) != person.email:
        if by_email(email) is not None:
            raise Refused(f"{fold(email)} already belongs to another person; use another address.")
        before["email"], after["email"] = person.email, fold(email)
        person.email = fold(email)
    if after:
        record("person.renamed", about=person, before=before, after=after)


def set_signature(person: Person, signature: str) -> None:
    """Another signature below the person's replies."""
    if signature != person.signature:
        person.signature = signature
        record("person.signature_changed", about=person)


def set_password(person: Person, password_hash: str, *, keep_this_session: bool) -> int:
    """A new password; every other session of the person ends. Returns how many did."""
    person.password_hash = password_hash
    throttling.forget(person.email)
    ended = sessions.end_all(person.id, but=sessions.current().session if keep_this_session else None)
    record("person.password_changed", about=person, after={"sessions_ended": ended})
    return ended


def disable(person: Person) -> None:
    """Keep a person who left from signing in, at once. Raises Refused for the last admin."""
    if person.disabled_at is not None:
        return
    if "admin" in person.roles:
        _keep_an_admin(person)
    person.disabled_at = clock.now()
    record("person.disabled", about=person, after={"sessions_ended": sessions.end_all(person.id)})


def enable(person: Person) -> None:
    """Let a disabled person sign in again."""
    if person.disabled_at is not None:
        person.disabled_at = None
        record("person.enabled", about=person)


def set_away(person: Person, away_from: datetime | None, away_until: datetime | None) -> None:
    """From when until when nothing is handed to the person; None and None: they are here."""
    if (person.away_from, person.away_until) != (away_from, away_until):
        person.away_from, person.away_until = away_from, away_until
        record(
            "person.away",
            about=person,
            after={
                "from": away_from.isoformat() if away_from else None,
                "until": away_until.isoformat() if away_until else None,
            },
        )


def set_digest(person: Person, wanted: bool) -> None:
    """Whether the person gets the daily mail."""
    if person.digest != wanted:
        person.digest = wanted
        record("person.digest_changed", about=person, after={"wanted": wanted})


def _known(roles: Iterable[str]) -> set[str]:
    wanted = set(roles)
    if unknown := wanted - ROLES.keys():
        raise KeyError(sorted(unknown)[0])
    return wanted


def _keep_an_admin(leaving: Person) -> None:
    """Raises Refused if `leaving` is the only admin who can sign in.

    The rows are locked first and looked at again in a second question, so that two admins cannot remove each other at
    once: PostgreSQL's second question sees what the one before us committed.
    """
    admins = (
        select(Person.id)
        .where(
            Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == "admin")),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    )
    db.session.execute(admins.with_for_update())
    if not [person_id for person_id in db.session.scalars(admins) if person_id != leaving.id]:
        raise Refused(f"{leaving.name} is the last admin; make somebody else an admin first.")
