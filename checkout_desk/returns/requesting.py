"""A return begins: on the customer's page, in a mail, by a person, or with goods that came without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm.attributes import flag_modified

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import happenings, loading
from checkout_desk.orders.models import Order
from checkout_desk.returns import policy, waiting
from checkout_desk.returns.models import REASONS, WANTED, Return, ReturnLine
from checkout_desk.settings.models import store
from checkout_desk.shipping import parcels
from checkout_desk.shipping.lifecycle import AWAY
from checkout_desk.shipping.models import Shipment, ShipmentItem

SOURCES = ("customer", "mail", "person", "goods")
Wish = tuple[int, str, int | None]
"""(pieces, 'refund' or 'exchange', the product that is sent instead: None for the same one)"""


class Faster(Refused):
    """Somebody changed the return since the form was drawn."""


@dataclass(frozen=True, slots=True)
class Returnable:
    """What of one product may still come back."""

    sku: str
    name: str
    n: int


def name(back: Return, order: Order) -> str:
    """How people and labels name a return: '1042-R1'."""
    return f"{order.number}-R{back.number}"


def of(order_id: int) -> list[Return]:
    """Every return of an order, oldest first."""
    return list(db.session.scalars(select(Return).where(Return.order_id == order_id).order_by(Return.number)))


def load(return_id: int, version: int | None = None) -> tuple[Return, Order] | None:
    """A return and its order, or None. With `version` both are locked for a change; raises Faster when the return has
    moved on from it."""
    back = db.session.get(Return, return_id)
    if back is None:
        return None
    if version is None:
        return back, db.session.get_one(Order, back.order_id)
    order = lock(back)
    if back.version != version:
        raise Faster(
            f"Someone was faster: return {name(back, order)} has changed since you opened it; nothing was saved."
        )
    return back, order


def lock(back: Return) -> Order:
    """Hold the order of a return, then the return, for this transaction, and read both afresh."""
    return loading.hold(back)


def sent(order_id: int) -> dict[int, int]:
    """Product id -> pieces of an order that have left the store."""
    rows = db.session.execute(
        select(ShipmentItem.product_id, func.sum(ShipmentItem.packed))
        .join(Shipment, Shipment.id == ShipmentItem.shipment_id)
        .where(Shipment.order_id == order_id, Shipment.state.in_(AWAY))
        .group_by(ShipmentItem.product_id)
    )
    return {product_id: int(n) for product_id, n in rows}


def worth(line: ReturnLine, pieces: int) -> int:
    """What the customer paid for the first `pieces` of a line; all of them together are `paid_minor`."""
    return _first(line.paid_minor, line.quantity, pieces)


def counting(back: Return, line: ReturnLine) -> int:
    """How many pieces of a line count as coming back: what was asked for while the return is open, what came (or need
    not come) once it is settled, none of one that was refused or given up."""
    if back.state == "refused" or (back.state == "closed" and back.settled_at is None):
        return 0
    return line.quantity if back.settled_at is None or back.without_goods else line.received


def returnable(order: Order) -> dict[int, Returnable]:
    """Product id -> what may still come back of it: what left the store, less what is in other returns that count.

    Three queries; nothing for an order of which nothing has left.
    """
    gone = sent(order.id)
    if not gone:
        return {}
    taken = _taken(order.id)[0]
    goods = {line["product"]: line for line in parcels.sold(order).content["lines"]}
    return {
        product_id: Returnable(str(line["sku"]), str(line["name"]), gone[product_id] - taken[product_id])
        for product_id, line in goods.items()
        if gone.get(product_id, 0) > taken[product_id]
    }


def request(
    order: Order,
    lines: Mapping[int, Wish],
    *,
    reason: str,
    words: str,
    source: str,
    by: Person | None = None,
    message_id: int | None = None,
) -> Return:
    """A new return of `lines` (product id -> Wish) in state 'requested', with the policy's verdict on it.

    Who asks for what left the store and is in no other return that counts; raises Refused with a sentence for more, for
    nothing, for an order of which nothing has left, and for a product that cannot be sent instead. `source` is one of
    SOURCES; without `by` the customer asked.
    """
    if reason not in REASONS or source not in SOURCES:
        raise ValueError((reason, source))
    loading.lock(order)
    free = _checked(order, lines)
    goods = products.get(set(lines))
    said = policy.verdict(
        sale(order),
        (policy.Wanted(free[one].name, one in goods and goods[one].final_sale) for one in lines),
        reason,
        today(),
    )
    highest = db.session.scalar(select(func.max(Return.number)).where(Return.order_id == order.id))
    now = clock.now()
    back = Return(
        order_id=order.id, number=(highest or 0) + 1, state="requested", source=source, message_id=message_id,
        reason=reason, words=words.strip()[:1000], verdict=said.sentence[:300], allowed=said.allowed,
        way_back=said.way_back, requested_at=now, updated_at=now,
    )  # fmt: skip
    paid = {product_id: _paid(order, product_id, wish[0]) for product_id, wish in lines.items()}
    db.session.add(back)
    db.session.flush()
    db.session.add_all(
        ReturnLine(
            return_id=back.id, product_id=product_id, sku=free[product_id].sku, name=free[product_id].name[:200],
            quantity=n, wanted=wanted, exchange_product_id=(other or product_id) if wanted == "exchange" else None,
            paid_minor=paid[product_id],
        )
        for product_id, (n, wanted, other) in lines.items()
    )  # fmt: skip
    db.session.flush()
    after = {"order": order.id, "number": back.number, "reason": reason, "source": source,
             "allowed": said.allowed, "pieces": sum(wish[0] for wish in lines.values())}  # fmt: skip
    actor = f"person:{by.id}" if by else None
    record("return.requested", about=back, after=after, actor=actor)
    happenings.tell(order, "return_requested", by=by, customer=source == "customer", number=back.number)
    loading.touch(order)
    waiting.look(order)
    return back


def settled(order_id: int, *, apart_from: int) -> Counter[int]:
    """Product id -> pieces of an order that other returns are settled for."""
    found: Counter[int] = Counter()
    rows = db.session.execute(
        select(Return, ReturnLine)
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(Return.order_id == order_id, Return.id != apart_from, Return.settled_at.is_not(None))
    )
    for back, line in rows:
        found[line.product_id] += counting(back, line)
    return found


def noted(back: Return, kind: str, *, by: Person | None, **after: Any) -> None:
    """Record something that changes a return and not its state; its version moves with it."""
    back.updated_at = clock.now()
    flag_modified(back, "updated_at")
    about = {"order": back.order_id, "number": back.number}
    record(kind, about=back, after={**about, **after}, actor=f"person:{by.id}" if by else None)
    waiting.look(db.session.get_one(Order, back.order_id))


def sale(order: Order) -> policy.Sale:
    """What the policy wants to know of an order.

    It arrived when the last of its parcels did. Where no carrier told, but a person said that it arrived, the promised
    day counts: the customer's time does not begin before they could have it.
    """
    settings = store()
    zone = ZoneInfo(settings.time_zone)
    days: list[date] = []
    for parcel in parcels.of(order.id):
        if parcel.state in AWAY and parcel.delivered_at is not None:
            days.append(parcel.delivered_at.astimezone(zone).date())
        elif parcel.state in AWAY and order.state in ("delivered", "closed") and parcel.handed_over_at:
            days.append(parcel.promised_on or parcel.handed_over_at.astimezone(zone).date())
        elif parcel.state in AWAY:
            return policy.Sale(None, settings.return_days, settings.return_way_back)
    return policy.Sale(max(days, default=None), settings.return_days, settings.return_way_back)


def today() -> date:
    """The day where the store is."""
    return clock.now().astimezone(ZoneInfo(store().time_zone)).date()


def _checked(order: Order, lines: Mapping[int, Wish]) -> dict[int, Returnable]:
    if not sent(order.id):
        raise Refused(f"Nothing of order {order.number} has left the store yet; change or cancel it instead.")
    free = returnable(order)
    if not lines:
        raise Refused("Choose at least one piece that comes back.")
    others = products.get({wish[2] for wish in lines.values() if wish[2] is not None})
    for product_id, (n, wanted, other) in lines.items():
        if wanted not in WANTED:
            raise ValueError(wanted)
        here = free.get(product_id)
        if here is None:
            known = db.session.get(Product, product_id)
            what = known.name if known is not None and product_id in sent(order.id) else "This product"
            raise Refused(
                f"{what} cannot come back from order {order.number}: all of it is in a return already, or it was never "
                "sent with it."
            )
        if not 1 <= n <= here.n:
            most = "one piece" if here.n == 1 else f"{here.n} pieces"
            raise Refused(f"{n} of {here.name} cannot come back; of order {order.number} at most {most} can.")
        if other is not None and (other not in others or not others[other].active):
            raise Refused("The product that is wanted instead is not sold any more; choose another one.")
    return free


def _counts() -> ColumnElement[bool]:
    return and_(Return.state != "refused", or_(Return.state != "closed", Return.settled_at.is_not(None)))


def _taken(order_id: int) -> tuple[Counter[int], Counter[int]]:
    """Product id -> (pieces, what was paid for them) in returns that count. One query."""
    pieces: Counter[int] = Counter()
    paid: Counter[int] = Counter()
    rows = db.session.execute(
        select(Return, ReturnLine)
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(Return.order_id == order_id, _counts())
    )
    for back, line in rows:
        n = counting(back, line)
        pieces[line.product_id] += n
        paid[line.product_id] += worth(line, n)
    return pieces, paid


def _paid(order: Order, product_id: int, n: int) -> int:
    """What the customer paid for the next `n` pieces: shares of the quote's line by largest remainder, so that all
    pieces together are exactly what the lines came to, tax and the order's discounts included."""
    lines = [line for line in parcels.sold(order).content["lines"] if line["product"] == product_id]
    whole, total = sum(line["quantity"] for line in lines), sum(line["total"] for line in lines)
    pieces, paid = _taken(order.id)
    if pieces[product_id] + n >= whole:
        return max(total - paid[product_id], 0)
    return _first(total, whole, pieces[product_id] + n) - _first(total, whole, pieces[product_id])


def _first(total: int, whole: int, n: int) -> int:
    """The first `n` of `whole` shares of `total`; the larger ones come first."""
    return n * (total // whole) + min(n, total % whole)
