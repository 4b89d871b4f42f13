"""Mails that tell where an order is, when they leave: the customer's link is made, and an alarm that was told is settled."""

from __future__ import annotations

from typing import Any

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.conversations.purposes import Letter
from checkout_desk.correspondence import branding, templates
from checkout_desk.correspondence.rendering import PAGE
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import asking_mail, links, page
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.shipping import alarms
from checkout_desk.shipping.wording import may_tell

TOLD = "The customer was told"


class TellParcels:
    """What sending a draft of purpose 'tell_where' or 'tell_delayed' does (conversations.purposes.Purpose)."""

    keeps = PAGE

    def __init__(self, *, settles: bool) -> None:
        """`settles`: the alarms that stand are what the mail tells."""
        self._settles = settles

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
        """The text with the customer's link. Raises Refused where it would tell a stranger."""
        order = self._order(c, draft, to)
        reference = draft.template or ""
        language = asking_mail.language_of(reference) or templates.speaks(order.language)
        link_id, url = None, ""
        if PAGE in text:
            link, token = links.issue(order.id, email=to, purpose="parcels")
            link_id, url = link.id, links.address(token)
        title = asking_mail.title_of(reference)
        return Letter(
            text=asking_mail.final(text, url) + quoted,
            html=dressed(order, text, url=url, subject=draft.subject, language=language, quoted=quoted),
            kept=asking_mail.final(text, links.address(asking_mail.HIDDEN)),
            reason=f"Template {title}" if title else "",
            facts={"link": link_id},
            pictures=branding.pictures(),
        )

    def sent(
        self, c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        """The customer knows: the alarms are over."""
        order = db.session.get_one(Order, draft.order_id)
        settled: list[int] = []
        if self._settles:
            by = db.session.get_one(Person, by_id)
            settled = alarms.settle(alarms.of_order(order), order, by=by, how=TOLD, move=False)
        return {"order": order.id, "link": (letter.facts or {}).get("link"), "alarms": settled}

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None:
        """Nobody was told: the alarms stand again, and the link that nobody has works no more."""
        order = db.session.get_one(Order, facts["order"])
        loading.lock(order)
        if facts["alarms"]:
            alarms.unsettle(facts["alarms"], order)
        if facts["link"]:
            links.revoke([facts["link"]])

    def _order(self, c: Conversation, draft: Draft, to: str) -> Order:
        order = db.session.get(Order, draft.order_id) if draft.order_id else None
        if order is None or not may_tell(c, order):
            raise Refused("The order of this mail is in another conversation now; write from there.")
        if order.conversation_id != c.id and to.casefold() != order.email.casefold():
            raise Refused(
                f"Order {order.number} belongs to {order.email}; only that address may be told where it is from here."
            )
        loading.lock(order)
        return order


def dressed(order: Order, text: str, *, url: str, subject: str, language: str, quoted: str) -> str:
    """The HTML of a mail about an order, in the store's dress."""
    return branding.html(
        text,
        branding.Dress(
            shop=store().name,
            contact=page.contact(order),
            language=language,
            subject=subject,
            url=url,
            label=LANGUAGES[language].button,
            logo=True,
        ),
        quoted=quoted,
    )
