"""Links to the customer page: 256 random bits, of which only the hash is kept (SECURITY A18, A44, A45)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.events.recording import record
from checkout_desk.extensions import db

LASTS = timedelta(days=30)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def issue(
    order_id: int, *, email: str, purpose: str = "details", quote_id: int | None = None
) -> tuple[CustomerLink, str]:
    """A new link to the page of an order, mailed to `email`: its row and its token, which exists nowhere else.

    `quote_id` is the version that the mail speaks of. Links that were mailed before stay good. The caller commits.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    link = CustomerLink(
        order_id=order_id,
        token_hash=hashed(token),
        email=email.casefold()[:254],
        purpose=purpose,
        quote_id=quote_id,
        created_at=now,
        expires_at=now + LASTS,
    )
    db.session.add(link)
    db.session.flush()
    record("customer_link.issued", about=link, after={"order": order_id, "purpose": purpose})
    return link, token


def address(token: str) -> str:
    """The link as it stands in a mail."""
    return f"{current_app.config['DESK_URL']}/o/{token}"


def found(token: str) -> CustomerLink | None:
    """The link of a token, None for one that is unknown, expired or revoked. One query at most."""
    if not _TOKEN.fullmatch(token):
        return None
    link = db.session.scalars(
        select(CustomerLink).where(CustomerLink.token_hash == hashed(token))
    ).one_or_none()
    return link if link is not None and alive(link) else None


def by_id(link_id: int) -> CustomerLink | None:
    """The link of that id while it is good."""
    link = db.session.get(CustomerLink, link_id)
    return link if link is not None and alive(link) else None


def alive(link: CustomerLink) -> bool:
    """Whether the link may still be used."""
    return link.revoked_at is None and link.expires_at > clock.now()


def revoke(link_ids: Collection[int]) -> int:
    """End links now, and every page that was opened by them. Returns how many. The caller commits."""
    ended = db.session.scalars(
        update(CustomerLink)
        .where(CustomerLink.id.in_(link_ids), CustomerLink.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(CustomerLink.id),
        execution_options={"synchronize_session": "fetch"},
    ).all()
    for link_id in sorted(ended):
        record("customer_link.revoked", about=("customer_link", link_id))
    return len(ended)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
