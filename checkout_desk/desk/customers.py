"""Customers: finding them, what we know of them, their conversations and orders, and making one person of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, func, or_, select

from checkout_desk import money
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.customers import knowledge, merging
from checkout_desk.customers.knowledge import LANGUAGES
from checkout_desk.customers.merging import Follower
from checkout_desk.customers.models import Customer, CustomerAddress, CustomerMerge, name_key
from checkout_desk.desk import discretion
from checkout_desk.desk.frame import frame
from checkout_desk.desk.wording import initials
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders.models import Order
from checkout_desk.settings.choices import countries
from checkout_desk.settings.models import store
from checkout_desk.web import checks, paging
from checkout_desk.web.access import requires
from checkout_desk.web.numbers import row_number

blueprint = Blueprint("customers", __name__, url_prefix="/customers")

PAGE = 40
HISTORY = 15
FOUND = 8
"""customers that a search for the other half of a merge offers"""


def _begun_since(emails: Sequence[str], at: datetime, customer_id: int) -> list[int]:
    """Conversations of `customer_id` whose mail since `at` came from these addresses."""
    wrote = (
        select(Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.customer_id == customer_id,
            Conversation.created_at >= at,
            Message.direction == "in",
            func.lower(Message.from_email).in_(emails),
        )
    )
    return sorted(set(db.session.scalars(wrote)))


def _ordered_since(emails: Sequence[str], at: datetime, customer_id: int) -> list[int]:
    rows = select(Order.id).where(
        Order.customer_id == customer_id, Order.created_at >= at, func.lower(Order.email).in_(emails)
    )
    return sorted(db.session.scalars(rows))


FOLLOWERS = (
    Follower("conversations", Conversation.customer_id, Conversation.id, _begun_since),
    Follower("orders", Order.customer_id, Order.id, _ordered_since),
)


@blueprint.get("")
@requires("customers.read")
def everybody() -> ResponseReturnValue:
    """All customers, newest first, or those whose name or address begins with what was typed."""
    query = " ".join(request.args.get("q", "").replace("\0", " ").split())[:200]
    before = request.args.get("before", type=row_number)
    rows = select(Customer).where(Customer.merged_into_id.is_(None))
    if query:
        rows = rows.where(_matches(query))
    if before:
        rows = rows.where(Customer.id < before)
    found = list(db.session.scalars(rows.order_by(Customer.id.desc()).limit(PAGE + 1)))
    more = found[PAGE - 1].id if len(found) > PAGE else None
    found = found[:PAGE]
    return render_template(
        "customers/everybody.html", asked=query, customers=_rows(found),
        next_url=url_for("customers.everybody", q=query or None, before=more) if more else None,
        previous_url=url_for("customers.everybody", q=query or None) if before else None,
    )  # fmt: skip


def _matches(query: str) -> ColumnElement[bool]:
    """Whose name has words, or whose address, beginning with `query`: both walk an index or one narrow column."""
    key = name_key(query)
    address = select(CustomerAddress.customer_id).where(
        CustomerAddress.email.startswith(key.replace(" ", ""), autoescape=True)
    )
    return or_(
        Customer.name_key.startswith(key, autoescape=True),
        Customer.name_key.contains(f" {key}", autoescape=True),
        Customer.id.in_(address),
    )


def _rows(customers: Sequence[Customer]) -> list[dict[str, Any]]:
    """What the list shows of each; three queries, however many there are."""
    ids = [c.id for c in customers]
    emails: dict[int, list[str]] = {}
    for row in db.session.execute(
        select(CustomerAddress.customer_id, CustomerAddress.email)
        .where(CustomerAddress.customer_id.in_(ids))
        .order_by(CustomerAddress.id)
    ):
        emails.setdefault(row.customer_id, []).append(row.email)
    talked = {
        row.customer_id: row
        for row in db.session.execute(
            select(
                Conversation.customer_id,
                func.count().label("n"),
                func.max(Conversation.last_message_at).label("last"),
            )
            .where(Conversation.customer_id.in_(ids), Conversation.merged_into_id.is_(None))
            .group_by(Conversation.customer_id)
        )
    }
    ordered = {
        row.customer_id: row.n
        for row in db.session.execute(
            select(Order.customer_id, func.count().label("n"))
            .where(Order.customer_id.in_(ids))
            .group_by(Order.customer_id)
        )
    }
    return [
        {
            "name": c.name or "(no name)", "initials": initials(c.name), "url": url_for("customers.show", customer_id=c.id),
            "email": emails.get(c.id, [""])[0], "more_emails": max(len(emails.get(c.id, [])) - 1, 0),
            "language": LANGUAGES.get(c.language or "", ""), "country": countries().get(c.country or "", ""),
            "conversations": talked[c.id].n if c.id in talked else 0, "orders": ordered.get(c.id, 0),
            "since": frame().face.date(c.created_at),
        }
        for c in customers
    ]  # fmt: skip


@blueprint.get("/<int:customer_id>")
@requires("customers.read")
def show(customer_id: int) -> ResponseReturnValue:
    """One customer; one that was merged leads to the one that it became."""
    customer = _load(customer_id)
    if customer.merged_into_id is not None:
        return redirect(url_for("customers.show", customer_id=customer.merged_into_id))
    return _page(customer)


def _load(customer_id: int) -> Customer:
    return db.session.get(Customer, customer_id) or abort(404)


def _page(
    customer: Customer,
    *,
    form: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    face, may = frame().face, frame().person.may("customers.write")
    shown = {name: getattr(customer, name) or "" for name in merging.FACTS}
    context = {
        "customer": customer, "initials": initials(customer.name), "since": face.date(customer.created_at),
        "addresses": knowledge.addresses(customer.id), "form": {**shown, "email": "", **(form or {})}, "errors": errors or {},
        "languages": [("", "Not known"), *LANGUAGES.items()], "countries": [("", "Not known"), *countries().items()],
        "may": may, "may_trust": frame().person.may("customers.trust"), "alike": [_other(c, customer) for c in merging.alike(customer)] if may else [],
        "merges": _merges(customer), "conversations": _conversations(customer), "orders": _orders(customer),
    }  # fmt: skip
    return render_template("customers/show.html", **context), status


def _other(other: Customer, customer: Customer) -> dict[str, Any]:
    first = knowledge.addresses(other.id)
    return {
        "name": other.name,
        "email": first[0].email if first else "",
        "url": url_for("customers.show", customer_id=other.id),
        "merge_url": url_for("customers.merge_plan", customer_id=customer.id, other=other.id),
    }


def _merges(customer: Customer) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(CustomerMerge, Customer.name)
        .join(Customer, Customer.id == CustomerMerge.gone_id)
        .where(CustomerMerge.kept_id == customer.id, CustomerMerge.undone_at.is_(None))
        .order_by(CustomerMerge.id.desc())
        .limit(10)
    )
    around = frame()
    return [
        {"id": m.id, "name": name or "(no name)", "when": around.face.short(m.at), "by": around.name(m.by_id)}
        for m, name in rows
    ]


def _conversations(customer: Customer) -> dict[str, Any]:
    """Newest first, by keyset over the index (customer, last message)."""
    c, cursor = Conversation, paging.decode(request.args.get("c"))
    rows = select(c.id, c.subject, c.state, c.last_message_at).where(
        c.customer_id == customer.id, c.merged_into_id.is_(None)
    )
    if cursor:
        at, row_id = cursor
        rows = rows.where(or_(c.last_message_at < at, and_(c.last_message_at == at, c.id < row_id)))
    found = db.session.execute(rows.order_by(c.last_message_at.desc(), c.id.desc()).limit(HISTORY + 1)).all()
    last = found[HISTORY - 1] if len(found) > HISTORY else None
    return {
        "rows": [
            {
                "title": r.subject or "(no subject)",
                "url": url_for("workspace.show", conversation_id=r.id),
                "state": r.state,
                "when": frame().face.short(r.last_message_at),
                "iso": r.last_message_at.isoformat(),
            }
            for r in found[:HISTORY]
        ],
        "older": _self(customer, c=paging.encode(last.last_message_at, last.id)) if last else None,
    }


def _orders(customer: Customer) -> dict[str, Any]:
    before = request.args.get("o", type=row_number)
    rows = select(Order).where(Order.customer_id == customer.id)
    if before:
        rows = rows.where(Order.id < before)
    found = list(db.session.scalars(rows.order_by(Order.id.desc()).limit(HISTORY + 1)))
    return {
        "rows": [
            {
                "number": o.number,
                "state": o.state.capitalize(),
                "total": money.show(o.total_minor, o.currency)
                if o.total_minor and discretion.sees(frame().person)
                else "",
                "when": frame().face.short(o.created_at),
                "iso": o.created_at.isoformat(),
                "url": url_for("workspace.show", conversation_id=o.conversation_id)
                if o.conversation_id
                else "",
            }
            for o in found[:HISTORY]
        ],
        "older": _self(customer, o=found[HISTORY - 1].id) if len(found) > HISTORY else None,
    }


def _self(customer: Customer, **args: Any) -> str:
    kept = {name: request.args[name] for name in ("c", "o") if name in request.args}
    return url_for("customers.show", customer_id=customer.id, **{**kept, **args})


@blueprint.post("/<int:customer_id>")
@requires("customers.write")
def save(customer_id: int) -> ResponseReturnValue:
    """What people know of a customer; nothing is kept while one field is wrong."""
    customer = _load(customer_id)
    typed = {name: request.form.get(name, "").replace("\0", "") for name in merging.FACTS}
    typed["note"] = mask_cards(typed["note"])
    try:
        changed = knowledge.change(customer, knowledge.checked(typed, country=store().country))
    except knowledge.Wrong as wrong:
        db.session.rollback()
        return _page(_load(customer_id), form=typed, errors=wrong.fields, status=422)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(customer_id), form=typed, errors={"form": str(refusal)}, status=409)
    db.session.commit()
    flash("Saved." if changed else "Nothing was different; nothing was changed.")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/<int:customer_id>/trust")
@requires("customers.trust")
def trust(customer_id: int) -> ResponseReturnValue:
    """Let a customer order on account, or no longer."""
    customer = _load(customer_id)
    trusted = request.form.get("trusted") == "1"
    try:
        knowledge.trust(customer, trusted)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(customer_id), errors={"form": str(refusal)}, status=409)
    db.session.commit()
    flash("They may order on account from now on." if trusted else "They pay before it is sent from now on.")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/<int:customer_id>/addresses")
@requires("customers.write")
def add_address(customer_id: int) -> ResponseReturnValue:
    """One more address that the customer writes from."""
    customer, email = _load(customer_id), request.form.get("email", "").strip()
    if not checks.is_address(email):
        sentence = f"“{email[: checks.SHOWN]}” is not an e-mail address; type one such as ann@example.com."
        return _page(customer, form={"email": email}, errors={"email": sentence}, status=422)
    try:
        knowledge.add_address(customer, email)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(customer_id), form={"email": email}, errors={"email": str(refusal)}, status=409)
    db.session.commit()
    flash(f"Mail from {email} belongs to this customer from now on.")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/<int:customer_id>/addresses/<int:address_id>/remove")
@requires("customers.write")
def remove_address(customer_id: int, address_id: int) -> ResponseReturnValue:
    """An address that was not theirs after all."""
    customer = _load(customer_id)
    address = db.session.get(CustomerAddress, address_id) or abort(404)
    try:
        knowledge.remove_address(customer, address)
    except Refused as refusal:
        db.session.rollback()
        return _page(_load(customer_id), errors={"addresses": str(refusal)}, status=409)
    db.session.commit()
    flash("The address is no longer this customer’s.")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.get("/<int:customer_id>/merge")
@requires("customers.write")
def merge_plan(customer_id: int) -> ResponseReturnValue:
    """Choose the other half, and see what merging would do before it is done."""
    return _plan(_load(customer_id))


def _plan(customer: Customer, *, error: str = "", status: int = 200) -> ResponseReturnValue:
    query = " ".join(request.values.get("q", "").replace("\0", " ").split())[:200]
    other_id = request.values.get("other", type=row_number)
    other = db.session.get(Customer, other_id) if other_id else None
    plan = None
    if other is not None:
        try:
            plan = merging.preview(customer, other, followers=FOLLOWERS)
        except Refused as refusal:
            error, status = error or str(refusal), 409
    found: list[Customer] = []
    if plan is None and query:
        rows = select(Customer).where(
            _matches(query), Customer.merged_into_id.is_(None), Customer.id != customer.id
        )
        found = list(db.session.scalars(rows.order_by(Customer.id.desc()).limit(FOUND)))
    context = {
        "customer": customer, "asked": query, "found": [{**row, "other": c.id} for row, c in zip(_rows(found), found, strict=True)],
        "plan": plan, "error": error, "languages": LANGUAGES, "countries": countries(),
        "alike": [_other(c, customer) for c in merging.alike(customer)] if plan is None and not query else [],
    }  # fmt: skip
    return render_template("customers/merge.html", **context), status


@blueprint.post("/<int:customer_id>/merge")
@requires("customers.write")
def merge(customer_id: int) -> ResponseReturnValue:
    """Make one person of two."""
    customer = _load(customer_id)
    other_id = request.form.get("other", type=row_number) or 0
    if db.session.get(Customer, other_id) is None:
        return _plan(customer, error="Choose the customer who is the same person.", status=422)
    try:
        merged = merging.merge(customer_id, other_id, by_id=frame().person.id, followers=FOLLOWERS)
    except Refused as refusal:
        db.session.rollback()
        return _plan(_load(customer_id), error=str(refusal), status=409)
    merge_id, name = merged.id, customer.name or "The customer"
    db.session.commit()
    flash(f"The two are one: {name}.", f"undo:{url_for('customers.undo', merge_id=merge_id)}")
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@blueprint.post("/merges/<int:merge_id>/undo")
@requires("customers.write")
def undo(merge_id: int) -> ResponseReturnValue:
    """Take two apart again."""
    merged = db.session.get(CustomerMerge, merge_id) or abort(404)
    kept_id, gone_id = merged.kept_id, merged.gone_id
    try:
        merging.undo(merge_id, by_id=frame().person.id, followers=FOLLOWERS)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("customers.show", customer_id=kept_id), 303)
    db.session.commit()
    flash("They are two customers again.")
    return redirect(url_for("customers.show", customer_id=gone_id), 303)
