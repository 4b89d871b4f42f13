"""The cheap number that polling compares before anything else is asked."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts import sessions
from checkout_desk.conversations.models import DeskVersion
from checkout_desk.events.models import EventHead
from checkout_desk.extensions import db

_VERSION = select(
    select(EventHead.seq).where(EventHead.id == 1).scalar_subquery().label("seq"),
    select(DeskVersion.n).where(DeskVersion.id == 1).scalar_subquery().label("n"),
)


def version() -> str:
    """Grows with every event, every coming and going, and each minute (ages move); differs from person to person."""
    seen = db.session.connection().execute(_VERSION).one()
    return f"{seen.seq}.{seen.n}.{sessions.who().id}.{int(clock.now().timestamp() // 60)}"
