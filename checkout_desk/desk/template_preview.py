"""How a template looks on a real order: the mail as the customer would get it, and as a test to oneself."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import branding, linting, rendering, versions
from checkout_desk.correspondence.branding import Dress
from checkout_desk.correspondence.kinds import KINDS
from checkout_desk.correspondence.rendering import PAGE, Rendered, Unfilled, aloud
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.orders import placeholder_values, questioning
from checkout_desk.orders.models import Order
from checkout_desk.secrets import signing_keys
from checkout_desk.settings.models import store

EXAMPLES = {
    "GREETING": "Hello Jane Fox,",
    "CUSTOMER_NAME": "Jane Fox",
    "ORDER_NUMBER": "1042",
    "ORDER_SUMMARY": "2 × Mug, cobalt blue: £16.00\n1 × Teapot, stoneware: £22.00\nTotal: £38.00",
    "MISSING_DETAILS": "What is the postcode of the address?",
    "SHIPPING_ADDRESS": "Jane Fox\n12 High Street\nLeeds LS1 4DY\nUnited Kingdom",
    "CONTACT_INFO": "orders@shop.example",
    "QUOTE_NUMBER": "1042-Q1",
    "QUOTE_EXPIRES": "20 November 2026, 18:00",
    "TOTAL_DUE": "£38.00",
    "PAYMENT_REFERENCE": "RF85 1042 Q1",
    "PAYMENT_INSTRUCTIONS": "Card: on your order page\nBank transfer: with the reference RF85 1042 Q1",
    "AMOUNT": "£38.00",
    "AMOUNT_MISSING": "£8.00",
    "REASON": "The teapot is sold out.",
    "ESTIMATED_SHIPPING_TIME": "2–3 business days",
    "TRACKING_NUMBER": "AB123456789GB",
    "TRACKING_LINK": "https://carrier.example/AB123456789GB",
}
"""stands where an order does not know something yet; the preview says which words are only examples"""
DELIVERED = date(2026, 11, 25)
"""likewise, in the words of the mail's language"""
SCHEMES = {"light": "not all", "dark": "all"}
_DARK = "(prefers-color-scheme: dark)"
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
"""of the frame: the mail's own styles and its logo, nothing from elsewhere, no script"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One template, filled."""

    mail: Rendered
    html: str
    examples: list[str]
    """placeholders that the order did not know"""

    @property
    def text(self) -> str:
        """The text part as the customer would read it."""
        return aloud(self.mail.text.replace(PAGE, page_address()))


def order_of(number: str) -> Order | None:
    """The order of a typed number; where nothing is typed the newest of those that lack least."""
    query = select(Order).order_by(Order.gap_count, Order.id.desc()).limit(1)
    if digits := number.strip().lstrip("#"):
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            return None
        query = query.where(Order.number == int(digits))
    found: Order | None = db.session.scalars(query).one_or_none()
    return found


def sample(key: str, language: str, subject: str, body: str, order: Order | None) -> Sample:
    """The words of the editor on `order`; what it does not know yet is an example. Raises Unfilled."""
    template = versions.template(key, language, subject, body)
    day = str(format_date(DELIVERED, "full", locale=LANGUAGES[language].locale))
    values = {
        **EXAMPLES,
        "ESTIMATED_DELIVERY_DATE": day,
        "CONTACT_INFO": _contact(),
        "STORE_NAME": store().name,
    }
    unknown = linting.held(subject + body) - {"STORE_NAME", "CONTACT_INFO", "CUSTOMER_PAGE"}
    rows: Any = ()
    if order is not None:
        quote = placeholder_values.newest_quote(order)
        known = placeholder_values.known(order, language=language, contact=_contact(), quote=quote)
        known = {name: words for name, words in known.items() if words.strip()}
        values |= known
        values["QUOTE_NUMBER"] = known.get("QUOTE_NUMBER", f"{order.number}-Q1")
        unknown -= set(known)
        rows = placeholder_values.table(
            questioning.in_language(questioning.opened(order), language), quote=quote
        )
    for name in linting.held(subject + body) - set(KINDS[key].known):
        raise Unfilled(f"[{name}] is no placeholder of “{KINDS[key].title}”.")
    mail = rendering.render(template, values)
    summary = rendering.quiet(values["ORDER_SUMMARY"])
    html = branding.html(
        mail.text,
        Dress(
            shop=store().name,
            contact=_contact(),
            language=language,
            subject=mail.subject,
            url=page_address(),
            label=LANGUAGES[language].button,
            summary=summary,
            rows=rows,
            logo=True,
        ),
    )
    return Sample(mail, html, sorted(unknown))


def address(key: str, language: str, subject: str, body: str, *, order: str, scheme: str) -> dict[str, str]:
    """The arguments of the frame's address: what is typed, signed and packed, so that nothing has to be stored."""
    return {"w": _packed().dumps([key, language, subject, body, order]), "scheme": scheme}


def document(packed: str, *, scheme: str) -> str:
    """The HTML of a frame. Raises LookupError for an address that this desk did not make, Unfilled as `sample`."""
    try:
        key, language, subject, body, order = _packed().loads(packed)
    except (BadData, ValueError):
        raise LookupError("This preview is not known.") from None
    html = sample(key, language, subject, body, order_of(order)).html
    for picture in branding.pictures():
        data = base64.b64encode(picture.data).decode()
        html = html.replace(f"cid:{picture.content_id}", f"data:{picture.content_type};base64,{data}")
    # The person's own screen may be dark while the preview is of a light one.
    return html.replace(_DARK, SCHEMES.get(scheme, _DARK))


def send_test(key: str, language: str, made: Sample, *, to: Person, token: str) -> OutboundMail:
    """Queue the sample to oneself, once for `token`; the caller commits. Raises Refused."""
    mailbox = db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    if mailbox is None:
        raise Refused("No mailbox can send; an administrator has to set one up.")
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    try:
        data = compose(
            mailbox=mailbox,
            to=[Address(to.email, to.name)],
            subject=f"[Test] {aloud(made.mail.subject)}",
            text=made.text,
            html=made.html,
            attachments=branding.pictures(),
            message_id=message_id,
            loop_mark=loop_mark(message_id),
            date=clock.now(),
        )
        return outbox.queue_mail(
            occasion=f"template-test:{to.id}:{token[:40]}",
            thread=f"person:{to.id}",
            mailbox=mailbox,
            message_bytes=data,
            message_id=message_id,
            recipients=[to.email],
        )
    except ValueError as fault:
        raise Refused(str(fault)) from None


def page_address() -> str:
    """Stands for the customer's link, which only a mail that really leaves gets."""
    return f"{current_app.config.get('DESK_URL') or request.url_root.rstrip('/')}/o/…"


def _contact() -> str:
    box = None if store().contact else db.session.scalars(select(Mailbox).order_by(Mailbox.id)).first()
    return store().contact or (box.address if box else EXAMPLES["CONTACT_INFO"])


def _packed() -> URLSafeSerializer:
    return URLSafeSerializer(signing_keys(), salt="template-preview")
