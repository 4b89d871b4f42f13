"""The mail that tells a quote, when it leaves: the stock is held, the version frozen, and undo takes all of it back."""

from __future__ import annotations

from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Attachment, Conversation, Draft, Message
from checkout_desk.conversations.purposes import Letter
from checkout_desk.conversations.sending import Stopped
from checkout_desk.correspondence import branding
from checkout_desk.correspondence.rendering import PAGE
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import asking_mail, links, page
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.letter import Part
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders import loading, quote_letter, quote_words, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import finding
from checkout_desk.settings.models import store


class SendQuote:
    """What sending a draft of purpose 'quote' does (conversations.purposes.Purpose)."""

    keeps = PAGE

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
        """The mail with the customer's link. Raises Stopped where it says other than the quote, Refused without a quote."""
        order = self._order(c, draft)
        quote = quoting.draft(order, by=db.session.get(Person, draft.person_id))
        reference = draft.template or ""
        language = asking_mail.language_of(reference) or quote.content["language"]
        come = finding.come(order, quote.currency)
        self._check(quote, text, language, come)
        link_id, url = None, ""
        if PAGE in text:
            link, token = links.issue(order.id, email=to, purpose="quote", quote_id=quote.id)
            link_id, url = link.id, links.address(token)
        return Letter(
            text=asking_mail.final(text, url) + quoted,
            html=self._html(
                order,
                quote,
                text,
                url=url,
                subject=draft.subject,
                language=language,
                quoted=quoted,
                come=come,
            ),
            kept=asking_mail.final(text, links.address(asking_mail.HIDDEN)),
            reason=f"Quote {quoting.name(quote)}",
            facts={"link": link_id, "quote": quote.id},
            parts=_pdf(quote) if store().quote_pdf else (),
            pictures=branding.pictures(),
        )

    def sent(
        self, c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        """The stock is held, the version counts, the order is quoted."""
        facts = letter.facts or {}
        quote = db.session.get_one(Quote, facts["quote"])
        order = db.session.get_one(Order, quote.order_id)
        by = db.session.get_one(Person, by_id)
        was = quoting.send(order, quote, by=by, message_id=message.id, template=draft.template or "")
        files = [attached(message, part) for part in letter.parts]
        return {"order": order.id, "link": facts["link"], "was": was, "files": files}

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None:
        """Nobody was told: the version ends, the one before it counts again, and the link works no more."""
        quoting.unsend(facts["was"], by=db.session.get_one(Person, by_id))
        if facts["link"]:
            links.revoke([facts["link"]])
        for number in facts.get("files", ()):  # the next mail makes its own
            db.session.delete(db.session.get_one(Attachment, number))
        db.session.flush()

    def _order(self, c: Conversation, draft: Draft) -> Order:
        order = db.session.get(Order, draft.order_id) if draft.order_id else None
        if order is None or order.conversation_id != c.id:
            raise Refused(
                "The order of this quote is in another conversation now; send it from there."
                if order
                else "The order of this quote is gone; discard the draft."
            )
        loading.lock(order)
        return order

    def _check(self, quote: Quote, text: str, language: str, come: int) -> None:
        """A mail that says another amount or another end than the quote does not leave."""
        found = quote_letter.faults(quote.content, quoting.end_of(clock.now()), text, language, come=come)
        if found:
            raise Stopped({"text": " ".join(fault.sentence for fault in found)})

    def _html(
        self,
        order: Order,
        quote: Quote,
        text: str,
        *,
        url: str,
        subject: str,
        language: str,
        quoted: str,
        come: int,
    ) -> str:
        content = quote.content
        return branding.html(
            text,
            branding.Dress(
                shop=store().name,
                contact=page.contact(order),
                language=language,
                subject=subject,
                preheader=quote_words.amount(content, quote_words.left(content, come), language),
                url=url,
                label=LANGUAGES[language].button,
                summary=quote_words.summary(content, language, come=come),
                rows=quote_letter.table(content, language, come=come),
                logo=True,
            ),
            quoted=quoted,
        )


def _pdf(quote: Quote) -> tuple[Part, ...]:
    """The version as a file, as it is kept when it is sent now."""
    from checkout_desk.orders import quote_pdf  # the typesetter is loaded by those who print

    at = clock.now()
    content = quote_pdf.dated(quote.content, at=at, ends_at=quoting.end_of(at))
    return (Part(f"{quoting.name(quote)}.pdf", "application/pdf", quote_pdf.made(content)),)


def attached(message: Message, part: Part) -> int:
    """The file as the thread shows it below the mail."""
    row = Attachment(
        message_id=message.id,
        sha256=blobs().put(part.data),
        filename=part.filename,
        size=len(part.data),
        content_type=part.content_type,
        content_id="",
        inline=False,
    )
    db.session.add(row)
    message.attachment_count += 1
    db.session.flush()
    return row.id
