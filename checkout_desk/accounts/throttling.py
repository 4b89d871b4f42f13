"""Failed sign-ins are counted in the database, for each account and each address, before any password is hashed.

The count is raised first and taken back by a success, so that tries sent at the same moment do not all slip through.
Names that nobody has are counted in the same way: the answer never tells whether an account exists (SECURITY A43).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import SignInThrottle
from checkout_desk.extensions import db

EMAIL_TRIES = 5
ADDRESS_TRIES = 20
"""More than for one account: the people of a shop often share one address."""

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=24)
FORGET_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to sign in: either refused until a time, or allowed and already counted as a failure."""

    paused_until: datetime | None
    left: int
    """how many more may fail for this account before a pause"""


def _keys(email: str, address: str) -> tuple[tuple[str, int], ...]:
    return (f"email:{email}", EMAIL_TRIES), (f"address:{_network(address)}", ADDRESS_TRIES)


def _network(address: str) -> str:
    """An IPv6 customer has a whole /64 to try from; it counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def attempt(email: str, address: str) -> Try:
    """Count one attempt. Call it with the write lock held and commit before hashing."""
    now = clock.now()
    keys = _keys(email, address)
    names = [key for key, _ in keys]
    rows = _rows(names)
    if len(rows) < len(names):
        _forget_old(now)
        _add_rows(names, now)
        rows = _rows(names)
    paused = [row.paused_until for row in rows.values() if row.paused_until and row.paused_until > now]
    if paused:
        return Try(paused_until=max(paused), left=0)
    left = 0
    for key, allowed in keys:
        row = rows[key]
        if row.first_at < now - FORGET_AFTER:
            row.failures, row.first_at = 0, now
        row.failures += 1
        if row.failures >= allowed:
            row.paused_until = now + min(FIRST_PAUSE * 2 ** min(row.failures - allowed, 10), LONGEST_PAUSE)
            row.first_at = now
        if key.startswith("email:"):
            left = max(allowed - row.failures, 0)
    db.session.flush()
    return Try(paused_until=None, left=left)


def succeeded(email: str, address: str) -> None:
    """Take back what `attempt` counted: the account starts anew, the address loses this one."""
    (email_key, _), (address_key, allowed) = _keys(email, address)
    row = _rows([address_key]).get(
        address_key
    )  # in the order of `attempt`, else two of them wait for each other
    if row is not None:
        row.failures = max(row.failures - 1, 0)
        if row.failures < allowed:
            row.paused_until = None
        db.session.flush()
    db.session.execute(delete(SignInThrottle).where(SignInThrottle.key == email_key))


def forget(email: str) -> None:
    """Let an account try again at once (an admin set a new password)."""
    db.session.execute(delete(SignInThrottle).where(SignInThrottle.key == f"email:{email}"))


def _rows(keys: Sequence[str]) -> dict[str, SignInThrottle]:
    """The rows of `keys`, locked in one order for everybody and read as they are now."""
    asked = (
        select(SignInThrottle)
        .where(SignInThrottle.key.in_(keys))
        .order_by(SignInThrottle.key)
        .with_for_update()
    )
    return {row.key: row for row in db.session.scalars(asked, execution_options={"populate_existing": True})}


def _add_rows(keys: Sequence[str], now: datetime) -> None:
    """Rows that count nothing yet; one that another process added at this moment is left as it is."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    rows = [{"key": key, "failures": 0, "first_at": now} for key in sorted(keys)]
    db.session.execute(insert(SignInThrottle).values(rows).on_conflict_do_nothing(index_elements=["key"]))


def _forget_old(now: datetime) -> None:
    db.session.execute(
        delete(SignInThrottle).where(
            SignInThrottle.first_at < now - FORGET_AFTER,
            or_(SignInThrottle.paused_until.is_(None), SignInThrottle.paused_until < now),
        )
    )
