"""The mail with the copy of an invoice, when it leaves: the PDF of what was paid goes along."""

from __future__ import annotations

from typing import Any

from checkout_desk.conversations.models import Attachment, Conversation, Draft, Message
from checkout_desk.conversations.purposes import Letter
from checkout_desk.correspondence import branding, templates
from checkout_desk.correspondence.rendering import PAGE
from checkout_desk.doorstep import asking_mail, links
from checkout_desk.doorstep.parcel_mail import dressed
from checkout_desk.doorstep.quote_mail import attached
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import invoicing, loading
from checkout_desk.orders.models import Order
from checkout_desk.shipping.wording import may_tell


class SendInvoice:
    """What sending a draft of purpose 'send_invoice' does (conversations.purposes.Purpose)."""

    keeps = PAGE

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
        """The mail with the PDF. Raises Refused where a stranger would read it, or nothing was paid."""
        order = db.session.get(Order, draft.order_id) if draft.order_id else None
        if order is None or not may_tell(c, order):
            raise Refused("The order of this mail is in another conversation now; write from there.")
        if to.casefold() != order.email.casefold():
            raise Refused(
                f"Order {order.number} belongs to {order.email}; only that address may get its invoice from here."
            )
        loading.lock(order)
        reference = draft.template or ""
        language = asking_mail.language_of(reference) or templates.speaks(order.language)
        link_id, url = None, ""
        if PAGE in text:
            link, token = links.issue(order.id, email=to, purpose="invoice")
            link_id, url = link.id, links.address(token)
        title = asking_mail.title_of(reference)
        return Letter(
            text=asking_mail.final(text, url) + quoted,
            html=dressed(order, text, url=url, subject=draft.subject, language=language, quoted=quoted),
            kept=asking_mail.final(text, links.address(asking_mail.HIDDEN)),
            reason=f"Template {title}" if title else "",
            facts={"link": link_id},
            parts=(invoicing.part(invoicing.paid(order)),),
            pictures=branding.pictures(),
        )

    def sent(
        self, c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        """The thread shows the file below the mail."""
        files = [attached(message, part) for part in letter.parts]
        return {"link": (letter.facts or {}).get("link"), "files": files}

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None:
        """Nobody got it: the link that nobody has works no more, and the next mail has its own file."""
        if facts["link"]:
            links.revoke([facts["link"]])
        for number in facts["files"]:
            db.session.delete(db.session.get_one(Attachment, number))
        db.session.flush()
