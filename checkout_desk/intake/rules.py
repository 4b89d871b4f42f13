"""What taking in a mail has to know of the store: read once a mail by a worker, once a batch by an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import literal, select

from checkout_desk.catalogue.entries import Prepared, index
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings import promised
from checkout_desk.settings.models import Store
from checkout_desk.settings.promised import Promised

_STORE: Any = Store.__table__
_MAILBOX: Any = Mailbox.__table__
_READ = select(
    _STORE.c.own_authserv_id,
    _STORE.c.acknowledge,
    _STORE.c.country,
    _STORE.c.ask_phone,
    _MAILBOX.c.address,
    _MAILBOX.c.aliases,
).select_from(_STORE.outerjoin(_MAILBOX, literal(True)))


@dataclass(frozen=True, slots=True)
class Rules:
    """Our own addresses (casefolded), the MX whose word on authentication counts, what the store promises, whether receipts
    are sent at all; and for reading orders the catalogue (None while it is empty), where the store is, and whether a
    missing phone number is a gap."""

    own_addresses: frozenset[str] = frozenset()
    trusted_authserv: frozenset[str] = frozenset()
    promised: Promised = field(default_factory=Promised)
    acknowledge: bool = False
    prepared: Prepared | None = None
    country: str = ""
    ask_phone: bool = True


def rules() -> Rules:
    """The rules as they are now. Four queries at most; ends the read transaction that it opens.

    The addresses are those of `mailboxes.own_addresses`, joined to the store's row here because every mail that is
    taken in asks for both.
    """
    rows = db.session.connection().execute(_READ).all()
    prepared = index() if rows else None
    found = promised.now()
    db.session.rollback()
    if not rows:
        return Rules()
    own = {a.casefold() for row in rows if row.address for a in (row.address, *row.aliases)}
    authserv = rows[0].own_authserv_id.casefold()
    return Rules(
        own_addresses=frozenset(own),
        trusted_authserv=frozenset((authserv,)) if authserv else frozenset(),
        promised=found,
        acknowledge=rows[0].acknowledge,
        prepared=prepared if prepared and prepared.ids else None,
        country=rows[0].country,
        ask_phone=rows[0].ask_phone,
    )
