"""Another address for a paid order, wished for on its page and confirmed by mail to the address on file (SECURITY A4, A44).

Whoever has the page may ask; only who reads the customer's mail can confirm. Until then nothing has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation
from checkout_desk.doorstep import answering, links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import changing, details, loading, milestones, questioning
from checkout_desk.orders.models import Order
from checkout_desk.shipping import parcels, readdressing
from checkout_desk.shipping.lifecycle import HERE

MILESTONE = "address_asked"
LASTS = timedelta(days=2)
AT_ONCE = 5
"""mails of this kind that one order causes in `LASTS`: nobody fills a mailbox through a page"""


def ask(order: Order, wanted: Mapping[str, str]) -> None:
    """Mail the link that confirms these details; earlier links of this kind count no more. The order is locked.

    Raises Refused when so many were mailed already, and when no mail can be sent.
    """
    earlier = _links(order)
    if any(link.wanted == dict(wanted) and links.alive(link) for link in earlier):
        return  # the first click was faster
    if sum(link.created_at > clock.now() - LASTS for link in earlier) >= AT_ONCE:
        raise Refused("Too many addresses were asked for.")
    links.revoke([link.id for link in earlier if link.revoked_at is None])
    words = "\n".join(shown(order, wanted))
    about = f"address:{len(earlier) + 1}"
    row = milestones.post(
        order, MILESTONE, about=about, values={"NEW_ADDRESS": words}, caused_by_payment=True
    )
    made = _links(order)
    if row is None or row.message_id is None or len(made) == len(earlier):
        raise Refused("No mail can be sent.")
    made[-1].wanted, made[-1].expires_at = dict(wanted), clock.now() + LASTS
    db.session.flush()


def confirm(order: Order, link: CustomerLink) -> bool:
    """The customer says yes. True: the parcel goes there now; False: a person has to decide. The order is locked.

    What is labelled already, or costs another price there, is a request like one that came by mail.
    """
    wanted = {str(name): str(value) for name, value in (link.wanted or {}).items()}
    link.wanted = None
    labelled = any(one.state in HERE and one.state != "packing" for one in parcels.of(order.id))
    if not labelled:
        try:
            readdressing.readdress(order, wanted, customer=True)
        except (Refused, details.Wrong):
            pass
        else:
            return True
    changes = [
        {"what": "detail", "field": name, "from": getattr(order, name) or "", "to": value}
        for name, value in wanted.items()
    ]
    if changes not in [one.changes for one in loading.changes(order)]:
        changing.propose(order, None, changes)
    c = db.session.get(Conversation, order.conversation_id) if order.conversation_id else None
    if c is not None:
        answering.return_to_the_queue(c, len(changes), None)
    return False


def shown(order: Order, wanted: Mapping[str, str]) -> list[str]:
    """The address with what is wanted put in, line by line, and what the driver should know."""
    facts: dict[str, Any] = {name: getattr(order, name) for name in (*details.ADDRESS, details.WISH)}
    place = cast("Order", SimpleNamespace(**(facts | dict(wanted))))
    note = wanted.get(details.WISH, order.delivery_wish)
    lines = questioning.address(place, order.language).split("\n")
    return [*lines, *([note] if note else [])]


def _links(order: Order) -> list[CustomerLink]:
    return list(
        db.session.scalars(
            select(CustomerLink)
            .where(CustomerLink.order_id == order.id, CustomerLink.purpose == MILESTONE)
            .order_by(CustomerLink.id)
        )
    )
