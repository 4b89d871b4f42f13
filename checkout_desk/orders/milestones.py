"""Mails that a change of state sends: each at most once for what it is about, whoever tries how often.

The row of MilestoneMail is what makes it once; the mail is queued in the same transaction, so both are there or neither.
A mail that may not or cannot leave keeps its row without a message: a person sends it by `again`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import addressing, searching, sending
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.correspondence import branding, rendering, templates
from checkout_desk.correspondence.rendering import PAGE, Rendered, aloud
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.parcels import SENTENCES
from checkout_desk.correspondence.templates import Template
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import outbox
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address, Part
from checkout_desk.mail.loops import loop_mark
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.orders import happenings, placeholder_values, questioning
from checkout_desk.orders.models import MilestoneMail, Order, Quote
from checkout_desk.orders.questioning import Open
from checkout_desk.settings.models import store

MILESTONES = (
    "received",
    "details",
    "quote",
    "reminder",
    "payment_received",
    "confirmed",
    "cancelled",
    "expired",
    "refunded",
    "address_asked",
    "shipped",
    "tracking_corrected",
    "delivered",
    "feedback",
    "return_approved",
    "return_refused",
    "return_received",
    "return_settled",
)
FOLLOWED = ("confirmed", "shipped", "tracking_corrected")
"""mails whose words stand fixed and lack the customer's page: its line is added below them"""
HIDDEN = "…"
"""stands for the customer's link in what the desk keeps of a mail"""
Link = Callable[[Order, str, str], str]
_link: list[Link] = []
Values = Callable[[Order, str, str], Mapping[str, str]]
_values: dict[str, Values] = {}
Files = Callable[[Order, str], list[Part]]
_files: dict[str, Files] = {}


def link_with(callback: Link) -> None:
    """Let `callback(order, email, milestone)` make the customer's link for mails that name [CUSTOMER_PAGE]."""
    _link[:] = [callback]


def fill_with(kind: str, callback: Values) -> None:
    """Let `callback(order, about, language)` say what placeholders stand for in mails that are about `kind:…`."""
    _values[kind] = callback


def send_along(kind: str, callback: Files) -> None:
    """Let `callback(order, about)` make the files of mails that are about `kind:…`."""
    _files[kind] = callback


class Capped(Exception):
    """The circuit breaker lets no automatic mail leave now; the words say why. Nothing was noted: try again later."""


def post(
    order: Order,
    milestone: str,
    *,
    about: str = "",
    values: Mapping[str, str] | None = None,
    caused_by_payment: bool = False,
    may_wait: bool = False,
    delay_seconds: float = 0,
) -> MilestoneMail | None:
    """Queue the mail of `milestone`, once for (order, milestone, about). The order is locked; the caller commits.

    `about` is 'quote:7', 'quote:7:20261109' (its second end), 'payment:3', … or '' for the order itself; `values` are placeholders that only the caller
    knows, such as AMOUNT. What a payment causes goes out whatever the circuit breaker says, and is counted by it.
    Returns None when it was posted before; a row without a message when it could not leave (an event says why). With
    `may_wait` the breaker raises Capped before anything is noted: the caller comes again.
    """
    why = _nowhere(order)
    if not why and not caused_by_payment:
        why = _capped(order)
        if why and may_wait:
            raise Capped(why)
    row = _claim(order, milestone, about)
    if row is None:
        return None
    if not why:
        try:
            message, template = _queue(order, row, values or {}, automatic=True, delay_seconds=delay_seconds)
        except ValueError as fault:  # a template with a hole, an address that cannot be written to
            why = str(fault)
        else:
            row.message_id, row.template = message.id, template.reference[:60]
    if why:
        _stopped(order, milestone, why)
    happenings.note(order, "mailed", milestone=milestone, message=row.message_id)
    db.session.flush()
    return row


def told(
    order: Order, milestone: str, *, about: str = "", message_id: int | None, template: str = ""
) -> MilestoneMail | None:
    """Note that a mail of a person told the milestone, such as the one with the quote. None: it was told before."""
    row = _claim(order, milestone, about)
    if row is not None:
        row.message_id, row.template = message_id, template[:60]
        db.session.flush()
    return row


def posted(order: Order, milestone: str, *, about: str | None = None) -> MilestoneMail | None:
    """The mail of a milestone of this order, the newest where `about` is not said."""
    query = select(MilestoneMail).where(
        MilestoneMail.order_id == order.id, MilestoneMail.milestone == milestone
    )
    if about is not None:
        query = query.where(MilestoneMail.about == about)
    found: MilestoneMail | None = db.session.scalars(
        query.order_by(MilestoneMail.id.desc()).limit(1)
    ).one_or_none()
    return found


def again(row: MilestoneMail, *, by: Person, values: Mapping[str, str] | None = None) -> Message:
    """A person sends a milestone again, with the words and the address of today. Recorded. Raises Refused."""
    order = db.session.get_one(Order, row.order_id)
    db.session.refresh(row, with_for_update={"key_share": True})
    if row.milestone in ("quote", "details"):
        raise Refused("A person wrote this mail; answer in the conversation, or send the next version.")
    number = row.again + 1
    try:
        message, template = _queue(order, row, values or {}, automatic=True, number=number)
    except ValueError as fault:
        raise Refused(str(fault)) from None
    row.again, row.message_id, row.template = number, message.id, template.reference[:60]
    happenings.note(order, "mailed_again", by=by, milestone=row.milestone, message=message.id)
    db.session.flush()
    return message


def _claim(order: Order, milestone: str, about: str) -> MilestoneMail | None:
    if milestone not in MILESTONES:
        raise ValueError(milestone)
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(MilestoneMail)
    new = db.session.scalar(
        insert.values(
            order_id=order.id, milestone=milestone, about=about, template="", at=clock.now(), again=0
        )
        .on_conflict_do_nothing()
        .returning(MilestoneMail.id)
    )
    return db.session.get_one(MilestoneMail, new) if new is not None else None


def _nowhere(order: Order) -> str:
    """Why there is nobody to write to; '' where there is."""
    if order.conversation_id is None:
        return f"Order {order.number} belongs to no conversation, so there is nowhere to write."
    return "" if order.email else f"Order {order.number} has no e-mail address."


def _capped(order: Order) -> str:
    """What the circuit breaker says of one more automatic mail; '' where it may leave."""
    settings = store()
    return (
        outbox.may_send_automatically(
            order.email,
            f"conversation:{order.conversation_id}",
            per_address=settings.automatic_per_address,
            per_thread=settings.automatic_per_conversation,
            now=clock.now(),
        )
        or ""
    )


def _stopped(order: Order, milestone: str, why: str) -> None:
    about = ("conversation", order.conversation_id) if order.conversation_id else order
    record(
        "mail.automatic_stopped",
        about=about,
        after={"why": why[:300], "milestone": milestone, "order": order.id},
    )


def _queue(
    order: Order,
    row: MilestoneMail,
    values: Mapping[str, str],
    *,
    automatic: bool,
    number: int = 0,
    delay_seconds: float = 0,
) -> tuple[Message, Template]:
    """The mail and its row in the thread. Raises ValueError when it cannot be made."""
    c = db.session.get_one(Conversation, order.conversation_id)
    mailbox = _mailbox(c)
    quote = _quote(order, row)
    contact, o = store().contact or mailbox.address, questioning.opened(order)
    template, rendered = _rendered(o, row, quote, values, contact=contact)
    url = ""
    if row.milestone in FOLLOWED and PAGE not in rendered.text and _link:
        line = SENTENCES[template.language]["follow"]
        rendered = replace(rendered, text=f"{rendered.text.rstrip()}\n\n{line}\n{PAGE}\n")
    if PAGE in rendered.text:
        if not _link:
            raise ValueError(f"“{template.title}” names the customer page, and nothing makes its link here.")
        url = _link[0](order, order.email, row.milestone)
    text = aloud(rendered.text.replace(PAGE, url))
    message_id = new_message_id(mailbox.address.rpartition("@")[2])
    last = sending.last_inbound(c)
    along = _files.get(row.about.partition(":")[0])
    data = compose(
        mailbox=mailbox,
        to=[Address(order.email)],
        subject=rendered.subject,
        text=text,
        html=_html(o, quote, rendered, template, url=url, contact=contact),
        attachments=[*branding.pictures(), *(along(order, row.about) if along else [])],
        in_reply_to=last.mail_id or "" if last else "",
        references=sending.references(c),
        reply_to=addressing.reply_address(mailbox.address, c.reply_token) if mailbox.plus_addressing else "",
        automatic=automatic,
        message_id=message_id,
        loop_mark=loop_mark(message_id),
        date=clock.now(),
    )
    outbound = outbox.queue_mail(
        occasion=f"milestone:{order.id}:{row.milestone}:{row.about}" + (f":{number}" if number else ""),
        thread=f"conversation:{c.id}",
        mailbox=mailbox,
        message_bytes=data,
        message_id=message_id,
        recipients=[order.email],
        automatic=automatic,
        delay_seconds=delay_seconds,
    )
    kept = aloud(rendered.text.replace(PAGE, HIDDEN))
    return _row(c, mailbox, outbound, template, rendered.subject, kept), template


def _mailbox(c: Conversation) -> Mailbox:
    found = db.session.get(Mailbox, c.mailbox_id) if c.mailbox_id else None
    found = found or db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)).first()
    if found is None:
        raise ValueError("No mailbox can send; an administrator has to set one up.")
    return found


_SENT = (
    select(Quote)
    .where(Quote.order_id == bindparam("order"), Quote.sent_at.is_not(None))
    .order_by((Quote.state == "paid").desc(), Quote.number.desc())
    .limit(1)
)


def _quote(order: Order, row: MilestoneMail) -> Quote | None:
    """The version that a mail speaks of: the one that it is about, else the newest that was sent."""
    kind, _, number = row.about.partition(":")
    if kind == "quote":
        return db.session.get(Quote, int(number.partition(":")[0]))
    found: Quote | None = db.session.scalars(_SENT, {"order": order.id}).one_or_none()
    return found


def _rendered(
    o: Open, row: MilestoneMail, quote: Quote | None, values: Mapping[str, str], *, contact: str
) -> tuple[Template, Rendered]:
    template = templates.newest(f"order_{row.milestone}", o.order.language)
    known = placeholder_values.known(
        o.order, language=template.language, contact=contact, quote=quote, opened=o
    )
    tell = _values.get(row.about.partition(":")[0])
    more = tell(o.order, row.about, template.language) if tell else {}
    return template, rendering.render(template, {**known, **more, **values})


def _html(
    o: Open, quote: Quote | None, rendered: Rendered, template: Template, *, url: str, contact: str
) -> str:
    o = questioning.in_language(o, template.language)
    return branding.html(
        rendered.text,
        branding.Dress(
            shop=store().name,
            contact=contact,
            language=template.language,
            subject=rendered.subject,
            url=url,
            label=LANGUAGES[template.language].button,
            summary=rendering.quiet(placeholder_values.summary(o, quote=quote)),
            rows=placeholder_values.table(o, quote=quote),
            logo=True,
        ),
    )


def _row(
    c: Conversation, mailbox: Mailbox, outbound: OutboundMail, template: Template, subject: str, text: str
) -> Message:
    message = Message(
        conversation_id=c.id,
        direction="out",
        kind="automatic",
        outbound_id=outbound.id,
        mail_id=outbound.message_id,
        from_name=store().name,
        from_email=mailbox.address,
        subject=subject,
        at=clock.now(),
        text=text,
        recipients={"to": [[outbound.to_address, ""]]},
        reason=f"Automatic, template {template.title}"[:200],
    )
    db.session.add(message)
    db.session.flush()
    searching.index(message.id, subject=subject, body=text, addresses=[outbound.to_address], files=[])
    return message
