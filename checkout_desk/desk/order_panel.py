"""The order beside its conversation: what the panel, the head of the case and the highlights show. At most four queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import request
from sqlalchemy import and_, bindparam, func, select

from checkout_desk import money
from checkout_desk.conversations import next_action as conversation_step
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import CustomerAddress
from checkout_desk.desk import (
    discretion,
    dockets,
    order_address,
    order_changes,
    order_lines,
    order_marks,
    order_steps,
    parcel_block,
    quote_block,
    return_block,
)
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.marks import Mark
from checkout_desk.desk.order_loaded import Loaded, load
from checkout_desk.desk.paths import path
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, details, next_action
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.shipping import readdressing
from checkout_desk.web.numbers import row_number


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a thread: `order` for the templates (None without one), `next` step, and marks by message."""

    order: dict[str, Any] | None = None
    next: dict[str, Any] | None = None
    head: dict[str, Any] | None = None
    marks: Mapping[int, tuple[Mark, ...]] = field(default_factory=dict)


_OF = (
    select(Order, OrderChange)
    .outerjoin(OrderChange, and_(OrderChange.order_id == Order.id, OrderChange.state == "open"))
    .where(Order.conversation_id == bindparam("conversation"))
    .order_by(Order.id)
)
_O: Any = Order.__table__
_HISTORY = (
    select(
        _O.c.number, _O.c.state, _O.c.total_minor, _O.c.currency, _O.c.created_at,
        select(func.count())
        .select_from(CustomerAddress)
        .where(CustomerAddress.customer_id == bindparam("customer"))
        .scalar_subquery()
        .label("addresses"),
    )
    .where(_O.c.customer_id == bindparam("customer"))
    .order_by(_O.c.id.desc())
    .limit(7)
)  # fmt: skip


def beside(c: Conversation, around: Frame, *, number: int | None = None) -> Beside:
    """The order of a conversation that the page shows: `number`, else what `order` of the address says, else its row's."""
    if not around.person.may("orders.read"):
        return Beside()
    db.session.flush()
    pairs = db.session.execute(_OF, {"conversation": c.id}).all()
    orders = list(dict.fromkeys(order for order, _ in pairs))
    if not orders:
        return Beside(marks={})
    wanted = number or asked_for(c) or c.order_number
    chosen = next((order for order in orders if order.number == wanted), orders[-1])
    loaded = load(
        chosen,
        around,
        changes=sorted(
            (change for order, change in pairs if order is chosen and change), key=lambda one: one.id
        ),
    )
    shown = context(loaded, around)
    sees = discretion.sees(around.person)
    shown["tabs"] = tabs(orders, chosen, c, total=sees)
    step = order_steps.step_context(loaded, around, who=c.who)
    first = c.trouble is None and c.state == "open" and c.next_action in order_steps.ORDER_STEPS
    if step is None and c.trouble is None and c.state == "open" and c.next_action == conversation_step.CLOSE:
        step = order_steps.give_back(shown["quote"]["owed"])
        first = step is not None
    if step and loaded.order.money_owed and not loaded.order.return_step:
        owed = shown["quote"]["owed"]
        step |= order_steps.give_back(owed) or order_steps.withheld(owed)
    shown["step"] = None if first else step
    return Beside(
        shown, step if first else None, order_steps.head(loaded, total=sees), order_marks.marks(loaded, shown)
    )


def asked_for(c: Conversation) -> int | None:
    """The order that the address names: this request's, or for a part of a page the page's own (its poll, an act on it)."""
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    query = request.args.get("order", "")
    if not query and page.path == path("workspace.show", conversation_id=c.id):
        query = parse_qs(page.query).get("order", [""])[0]
    try:
        return row_number(query)
    except ValueError:
        return None


def context(loaded: Loaded, around: Frame) -> dict[str, Any]:
    """`order` for `orders/_panel.html`. One query, of what else this customer ordered."""
    order = loaded.order
    missing = {gap.name for gap in loaded.gaps}
    write = around.person.may("orders.write")
    editable = write and order.state in next_action.OPEN
    labels = details.labels(order.ship_country)
    over, sees = order.state in next_action.OVER, discretion.sees(around.person)
    return {
        "id": order.id, "number": order.number, "version": order.version, "state": order.state,
        "conversation_id": order.conversation_id,
        "ask_url": order_steps.ask_url(order) if order.conversation_id and around.person.may("conversations.write") else None, "url": path("ordering.show", number=order.number),
        "docket": dockets.docket(order.number, order.state, order.total_minor if sees else None, order.currency), "priced": sees,
        "lines": order_lines.context(order, loaded.rows, loaded.products, around, editable=editable),
        "certain": order_steps.certain(loaded) if editable else 0,
        "gaps": [{"name": gap.name, "line": gap.line_id, "words": gap.words} for gap in loaded.gaps],
        "gap_text": "" if over else dockets.gaps(len(loaded.gaps), order.state),
        "nothing_ordered": "lines" in missing,
        "address": order_address.context(order, missing, labels, around),
        "address_k": order_marks.detail_number(loaded), "phone": order_address.phone(order.phone), "phone_missing": "phone" in missing,
        "phone_k": order_marks.detail_number(loaded, phone=True), "email": order.email, "wish": order.delivery_wish, "sums": sums(loaded), "quote": quote_block.context(loaded, around) if sees else quote_block.HIDDEN,
        "parcels": parcel_block.context(loaded, around), "returns": return_block.context(loaded, around),
        "changes": order_changes.context(loaded.order, loaded.rows, loaded.changes, loaded.products, labels, around,
                                         numbers=order_marks.change_numbers(loaded), may=write),
        "editable": editable, "may": write, "movable": editable or (write and order.state in readdressing.STATES), "history": history(order, around),
        "cancelled": f"Cancelled: {order.cancel_reason}" if order.state == "cancelled" and order.cancel_reason else "",
        "procedure": order_steps.procedure(loaded), "acts": acts(order, around), "urls": urls(order),
    }  # fmt: skip


def urls(order: Order) -> dict[str, str]:
    """The addresses of the panel's forms."""
    names = {"accept": "ordering.accept", "find": "ordering.find", "details": "order_details.show"}
    return {name: path(endpoint, number=order.number) for name, endpoint in names.items()}


def acts(order: Order, around: Frame) -> list[dict[str, Any]]:
    """The order's menu: what this person may do with it as a whole, and is not refused now."""
    number = order.number
    found = [
        _act("What happened", "history", path("ordering.record", number=number)),
        _act("Mails", "mail", path("order_mails.show", number=number)),
    ]
    if not around.person.may("orders.write"):
        return found
    if ORDER.refusal(order, "amend") is None:
        found.append(
            _act(
                "Open again for changes",
                "pencil-line",
                path("ordering.amend", number=number),
                post=True,
                panel=True,
            )
        )
    if order.conversation_id:
        url = path("ordering.by_hand", conversation_id=order.conversation_id)
        found.append(_act("Another order here", "plus", url, post=True))
    if ORDER.refusal(order, "cancel", reason="asked for in its form") is None:
        found.append(
            _act("Cancel the order", "circle-x", path("ordering.cancel", number=number), danger=True)
        )
    return found


def _act(
    label: str, icon: str, url: str, *, post: bool = False, panel: bool = False, danger: bool = False
) -> dict[str, Any]:
    """One entry of the menu: `post` happens at once, in the `panel` or the whole conversation; else it opens a dialog."""
    return {"label": label, "icon": icon, "url": url, "post": post, "panel": panel, "danger": danger}


def sums(loaded: Loaded) -> dict[str, str]:
    """The total, and how many lines it does not hold yet."""
    open_lines = sum(not order_lines.amount(loaded.order, line) for line, _ in loaded.rows)
    words = "Total" + (f", {open_lines} {'line' if open_lines == 1 else 'lines'} open" if open_lines else "")
    total = completeness.total([line for line, _ in loaded.rows])
    unknown = bool(loaded.rows) and open_lines == len(loaded.rows)
    return {"words": words, "total": "open" if unknown else money.show(total, loaded.order.currency)}


def tabs(
    orders: Sequence[Order], chosen: Order, c: Conversation, *, total: bool = True
) -> list[dict[str, Any]]:
    """The dockets of a conversation with several orders; `total`: whether their reader sees what things cost."""
    if len(orders) < 2:
        return []
    base = path("workspace.show", conversation_id=c.id)
    return [
        {
            "docket": dockets.docket(
                order.number, order.state, order.total_minor if total else None, order.currency
            ),
            "url": f"{base}?order={order.number}#side",
            "current": order is chosen,
        }
        for order in orders
    ]


def history(order: Order, around: Frame) -> dict[str, Any]:
    """What else this customer ordered. One query; the customer's page has all of it."""
    if order.customer_id is None:
        return {"orders": [], "words": "not known yet", "url": None}
    rows = db.session.connection().execute(_HISTORY, {"customer": order.customer_id}).all()
    others = [row for row in rows if row.number != order.number][:5]
    addresses = rows[0].addresses if rows else 0
    many = f"{len(rows)}{'+' if len(rows) == 7 else ''}"
    words = f"{many} {'order' if len(rows) == 1 else 'orders'}"
    words += f", {addresses} {'address' if addresses == 1 else 'addresses'}" if addresses else ""
    return {
        "words": words,
        "url": path("customers.show", customer_id=order.customer_id) if around.person.may("customers.read") else None,
        "orders": [
            {
                "docket": dockets.docket(row.number, row.state, None, None),
                "total": money.show(row.total_minor, row.currency)
                if row.total_minor and discretion.sees(around.person)
                else "",
                "url": path("ordering.show", number=row.number),
                "when": around.face.short(row.created_at),
            }
            for row in others
        ],
    }  # fmt: skip
