"""Flags about who a mail seems to come from: near our own domain, near somebody of its conversation, or a known name elsewhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from checkout_desk.conversations.models import Participant
from checkout_desk.customers.knowing import Known
from checkout_desk.customers.models import Customer, name_key
from checkout_desk.extensions import db
from checkout_desk.mail import lookalikes
from checkout_desk.mail.letter import Address

_CUSTOMER: Any = Customer.__table__
_NAMESAKE = (
    select(_CUSTOMER.c.id)
    .where(
        _CUSTOMER.c.name_key == bindparam("name"),
        _CUSTOMER.c.id != bindparam("customer"),
        _CUSTOMER.c.merged_into_id.is_(None),
    )
    .limit(1)
)


def flags(
    sender: Address, *, own: frozenset[str], conversation_id: int | None, known: Known | None
) -> list[str]:
    """'near_own', 'near_customer' and 'known_name', as they apply.

    `conversation_id`: where the mail arrived, for a sender who is new there. A sender that is known by this very address
    imitates nobody but us, and costs no query.
    """
    found = []
    domain = sender.key.rpartition("@")[2]
    if domain and lookalikes.imitated_domain(domain, frozenset(one.rpartition("@")[2] for one in own)):
        found.append("near_own")
    if conversation_id is not None and sender.key:
        people = db.session.scalars(
            select(Participant.email).where(Participant.conversation_id == conversation_id).limit(50)
        ).all()
        domains = frozenset(one.rpartition("@")[2] for one in people if one not in own)
        same = domain in domains and any(lookalikes.imitates(sender.key, one) for one in people)
        if same or lookalikes.imitated_domain(domain, domains):
            found.append("near_customer")
    if known is not None and known.new and len(sender.name.split()) > 1 and not found:
        asked = {"name": name_key(sender.name), "customer": known.id}
        if db.session.connection().execute(_NAMESAKE, asked).first() is not None:
            found.append("known_name")
    return found
