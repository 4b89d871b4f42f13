"""The mail that asks for details, when it leaves: the customer's link is made, the order is asked, and undo undoes both."""

from __future__ import annotations

from typing import Any

from checkout_desk.accounts.models import Person
from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.conversations.purposes import Letter
from checkout_desk.correspondence import branding, questions, templates
from checkout_desk.correspondence.rendering import PAGE, aloud
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import links, page
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import asking, loading, questioning
from checkout_desk.orders.completeness import Gap
from checkout_desk.orders.models import Order
from checkout_desk.orders.next_action import OPEN
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

HIDDEN = "…"
"""stands for the token in what the desk keeps of the mail"""


class AskDetails:
    """What sending a draft of purpose 'ask_details' does (conversations.purposes.Purpose)."""

    keeps = PAGE

    def letter(self, c: Conversation, draft: Draft, *, text: str, quoted: str, to: str) -> Letter:
        """The text with the customer's link, the HTML in the store's dress. Raises Refused when nothing is missing."""
        o = self._open(c, draft)
        reference = draft.template or ""
        language = language_of(reference) or o.language
        link_id, url = None, ""
        if PAGE in text:
            link, token = links.issue(o.order.id, email=to)
            link_id, url = link.id, links.address(token)
        return Letter(
            text=final(text, url) + quoted,
            html=dressed(o, text, url=url, subject=draft.subject, language=language, quoted=quoted),
            kept=final(text, links.address(HIDDEN)),
            reason=f"Template {title_of(reference)}" if title_of(reference) else "",
            facts={"link": link_id, "gaps": _asked_in(o, text, language, bool(url))},
            pictures=branding.pictures(),
        )

    def sent(
        self, c: Conversation, draft: Draft, letter: Letter, message: Message, *, by_id: int
    ) -> dict[str, Any]:
        """The order waits for the customer's answer."""
        order = db.session.get_one(Order, draft.order_id)
        facts = letter.facts or {}
        by = db.session.get_one(Person, by_id)
        was = asking.asked(order, facts["gaps"], message_id=message.id, by=by)
        return {"order": order.id, "link": facts["link"], "was": was}

    def taken_back(self, facts: dict[str, Any], *, by_id: int) -> None:
        """Nobody was asked, and the link that nobody has works no more."""
        order = db.session.get_one(Order, facts["order"])
        loading.lock(order)
        asking.unasked(order, facts["was"], by=db.session.get_one(Person, by_id))
        if facts["link"]:
            links.revoke([facts["link"]])

    def _open(self, c: Conversation, draft: Draft) -> Open:
        order = db.session.get(Order, draft.order_id) if draft.order_id else None
        if order is None or order.conversation_id != c.id:
            raise Refused(
                "The order of this question is in another conversation now; ask from there."
                if order
                else "The order of this question is gone; discard the draft."
            )
        loading.lock(order)
        o = questioning.opened(order)
        if order.state not in OPEN or not o.gaps:
            raise Refused(
                f"Order {order.number} is {order.state}; nothing is asked any more. Discard the draft."
                if order.state not in OPEN
                else f"Nothing is missing in order {order.number} any more; there is nothing to ask. Discard the draft."
            )
        return o


def dressed(
    o: Open, text: str, *, url: str, subject: str, language: str, quoted: str = "", contact: str = ""
) -> str:
    """The HTML part of a mail about an order."""
    asked = questioning.asked(o)
    return branding.html(
        text,
        branding.Dress(
            shop=store().name,
            contact=contact or page.contact(o.order),
            language=language,
            subject=subject,
            preheader=questions.sentence(asked[0], language).partition("\n")[0] if asked else "",
            url=url,
            label=LANGUAGES[language].button,
            summary=questioning.summary(questioning.in_language(o, language)),
            rows=questioning.rows(questioning.in_language(o, language)),
            logo=True,
        ),
        quoted=quoted,
    )


def final(text: str, url: str) -> str:
    """The text as it is read: with the link, and the customer's own brackets."""
    return aloud(text.replace(PAGE, url))


def language_of(reference: str) -> str:
    """The language of a template reference such as 'missing_details:de:1', '' where it names none of ours."""
    _, _, rest = reference.partition(":")
    language = rest.partition(":")[0]
    return language if language in LANGUAGES else ""


def title_of(reference: str) -> str:
    """'Missing details, German v1' for 'missing_details:de:1'."""
    key, _, rest = reference.partition(":")
    language, _, number = rest.partition(":")
    if key not in templates.KEYS or language not in LANGUAGES:
        return ""
    return f"{templates.KEYS[key]}, {LANGUAGES[language].name} v{number}"


def _asked_in(o: Open, text: str, language: str, on_page: bool) -> list[Gap]:
    """The gaps that the mail asks for: all of them where it has the link to the page, else those that it still names."""
    if on_page:
        return o.gaps
    unasked = {(q.gap, q.line_id) for q in questions.unasked(questioning.asked(o), final(text, ""), language)}
    return [gap for gap in o.gaps if (gap.name, gap.line_id) not in unasked] or o.gaps
