"""Mails in the composer that do something to an order: begun, checked while they are written, their template chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, request

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation, Draft
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.desk import order_question, order_quote, order_shortage, order_where
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import invoicing, quote_preview, quoting
from checkout_desk.orders.invoicing import INVOICE
from checkout_desk.orders.models import Order
from checkout_desk.settings.models import store
from checkout_desk.web.numbers import row_number

KINDS = order_question.KINDS
NOTHING = "Nothing is missing in this order any more; there is nothing to ask."


def put_in(c: Conversation, context: dict[str, Any], *, opening: bool = False) -> None:
    """The mail about an order into the composer's context, with its templates and checks.

    `opening`: the address may say which one to begin (`ask`, `quote`, `where`, `delayed` or `invoice`, an order's number).
    """
    draft, composer = context["draft"], context["composer"]
    ask = request.args.get("ask", type=row_number) if opening else None
    quote = request.args.get("quote", type=row_number) if opening else None
    told = _told() if opening else None
    if composer["kind"] not in KINDS:
        if ask is not None or quote is not None or told is not None:
            abort(404)
        return
    if opening and request.args.get("short") in order_shortage.WAYS:
        _shortage(c, draft, composer, request.args["short"])
    if quote is not None or (told is None and draft.get("purpose") == order_quote.PURPOSE):
        _quote(c, draft, composer, quote)
    elif told is not None or draft.get("purpose") in order_where.KEYS:
        _where(c, draft, composer, told)
    else:
        _question(c, draft, composer, ask)


def _quote(c: Conversation, draft: dict[str, Any], composer: dict[str, Any], number: int | None) -> None:
    begun = draft.get("purpose") == order_quote.PURPOSE
    try:
        o = order_quote.ready(c, number=None if begun else number, order_id=draft.get("order"))
        if number is not None and begun and o.order.number != number:
            raise Refused(f"You have begun the quote of order {o.order.number}; send or discard that first.")
        if not begun:
            order_quote.put_in(draft, o, c)
    except (Refused, Unfilled) as fault:
        composer["errors"].setdefault("form", str(fault))
        return
    composer.update(order_quote.context(o, c, draft))


def _told() -> tuple[str, int] | None:
    """Purpose and order of a mail about parcels that the address begins."""
    for name, purpose in (
        ("where", order_where.WHERE),
        ("delayed", order_where.DELAYED),
        ("invoice", INVOICE),
    ):
        number = request.args.get(name, type=row_number)
        if number is not None:
            return purpose, number
    return None


def _where(
    c: Conversation, draft: dict[str, Any], composer: dict[str, Any], told: tuple[str, int] | None
) -> None:
    begun = draft.get("purpose")
    purpose = told[0] if told else str(begun)
    try:
        if told is not None and begun is not None and begun != purpose:
            raise Refused("You have begun another mail about an order here; send or discard that first.")
        what = order_where.about(
            c, purpose, number=told[1] if told else None, order_id=None if told else draft.get("order")
        )
        if begun is None:
            order_where.put_in(draft, what, c)
    except (Refused, Unfilled) as fault:
        composer["errors"].setdefault("form", str(fault))
        return
    composer.update(order_where.context(what, c, draft))


def _shortage(c: Conversation, draft: dict[str, Any], composer: dict[str, Any], way: str) -> None:
    """The offer for a product that is short, above what somebody had typed."""
    number, product_id = (
        request.args.get("order", type=row_number),
        request.args.get("product", type=row_number),
    )
    try:
        o = order_quote.ready(c, number=number or 0)
    except Refused as refusal:
        composer["errors"].setdefault("form", str(refusal))
        return
    row = next((row for row in quote_preview.short(o.preview) if row.product_id == product_id), None)
    if row is None:
        composer["errors"].setdefault(
            "form", "There is enough of this product by now; nothing has to be offered."
        )
        return
    offer = order_shortage.text(o.order, db.session.get_one(Product, row.product_id), row, way)
    typed = str(draft.get("text") or "").strip()
    if offer not in typed:
        draft["text"] = offer + (f"\n\n{typed}" if typed else "")


def _question(c: Conversation, draft: dict[str, Any], composer: dict[str, Any], ask: int | None) -> None:
    o = order_question.asking(c, number=ask, order_id=draft.get("order"))
    if ask is not None and (draft.get("purpose") is None or (o and draft.get("order") != o.order.id)):
        if o is None:
            composer["errors"]["form"] = NOTHING
        else:
            try:
                order_question.put_in(draft, o, c, order_question.begin(o, c))
            except Unfilled as fault:
                composer["errors"]["form"] = str(fault)
    composer.update(order_question.context(c, draft, o))


def checks(c: Conversation, draft: Draft) -> list[dict[str, str]] | None:
    """What is to be said of a kept draft; None for a mail that does nothing to an order."""
    shown = {"text": draft.text, "template": draft.template, "purpose": draft.purpose}
    if draft.purpose == order_quote.PURPOSE:
        try:
            o = order_quote.ready(c, order_id=draft.order_id)
        except Refused as refusal:
            return [{"tone": "stop", "text": str(refusal)}]
        found: list[dict[str, str]] = order_quote.context(o, c, shown)["checks"]
        return found
    if draft.purpose in order_where.KEYS:
        try:
            what = order_where.about(c, draft.purpose, order_id=draft.order_id)
        except Refused as refusal:
            return [{"tone": "stop", "text": str(refusal)}]
        told: list[dict[str, str]] = order_where.context(what, c, shown)["checks"]
        return told
    asked = order_question.asking(c, order_id=draft.order_id) if draft.purpose else None
    return order_question.context(c, shown, asked)["checks"] if asked else None


def other_template(c: Conversation, draft: Draft, value: str) -> dict[str, str]:
    """Take another template, or none; returns the sentence for one that cannot be used."""
    if draft.kind not in KINDS:
        return {"form": NOTHING}
    try:
        if draft.purpose == order_quote.PURPOSE:
            order_quote.choose(draft, order_quote.ready(c, order_id=draft.order_id), c, value)
            return {}
        if draft.purpose in order_where.KEYS:
            order_where.choose(draft, order_where.about(c, draft.purpose, order_id=draft.order_id), c, value)
            return {}
        o = order_question.asking(c, order_id=draft.order_id)
        if o is None:
            return {"form": NOTHING}
        order_question.choose(draft, o, c, value)
    except (Refused, Unfilled) as fault:
        return {"form": str(fault)}
    return {}


def carried(form: Mapping[str, str], c: Conversation) -> dict[str, Any]:
    """What the composer's form says that its mail does: columns of Draft, all None for an ordinary mail."""
    number, purpose = form.get("order", ""), form.get("purpose")
    found = (
        db.session.get(Order, int(number))
        if number.isascii() and number.isdecimal() and len(number) < 19
        else None
    )
    ours = found is not None and (
        found.conversation_id == c.id
        if purpose in (order_question.PURPOSE, order_quote.PURPOSE)
        else purpose in order_where.KEYS and order_where.may_tell(c, found)
    )
    if found is None or not ours:
        return {"order_id": None, "purpose": None, "template": None}
    return {"order_id": found.id, "purpose": purpose, "template": form.get("template", "")[:60] or None}


def typeset(purpose: str | None, order_id: int | None) -> None:
    """Make the quote's PDF for a mail that is about to leave, while nobody waits for us: no transaction is open after this.

    The draft itself may be gone already: another click sent it.

    What would refuse the mail refuses it when it is sent.
    """
    if purpose == INVOICE and order_id:
        _typeset_invoice(order_id)
    if purpose != order_quote.PURPOSE or not order_id:
        return
    order, at = db.session.get(Order, order_id) if store().quote_pdf else None, clock.now()
    try:
        found = quote_preview.preview(order) if order is not None else None
    except Refused:
        found = None
    db.session.rollback()
    if found is not None:
        from checkout_desk.orders import quote_pdf  # the typesetter is loaded by those who print

        quote_pdf.made(quote_pdf.dated(found.content, at=at, ends_at=found.ends_at))


def _typeset_invoice(order_id: int) -> None:
    order = db.session.get(Order, order_id)
    try:
        content = invoicing.paid(order).content if order is not None else None
    except Refused:
        content = None
    db.session.rollback()
    if content is not None:
        from checkout_desk.orders import quote_pdf  # the typesetter is loaded by those who print

        quote_pdf.made(content)


def prepare(c: Conversation, draft: Draft, *, by: Person) -> None:
    """A mail is about to leave: the version that it tells is drawn up as it would be now. Raises Refused."""
    order = (
        db.session.get(Order, draft.order_id)
        if draft.purpose == order_quote.PURPOSE and draft.order_id
        else None
    )
    if order is not None and order.conversation_id == c.id:
        quoting.draft(order, by=by)
