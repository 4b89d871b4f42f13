"""What the customer gets for what came back: money, other goods, or both. Once for each return."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from checkout_desk import money
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import allowed
from checkout_desk.catalogue import products
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import exchanging
from checkout_desk.orders.models import Order, Quote
from checkout_desk.payments import limits, refunding
from checkout_desk.payments.models import Payment
from checkout_desk.returns import crediting, policy, requesting, telling
from checkout_desk.returns.lifecycle import RETURN, lines
from checkout_desk.returns.models import Return, ReturnLine
from checkout_desk.settings import tolerances
from checkout_desk.shipping import parcels


@dataclass(frozen=True, slots=True)
class Due:
    """What a return comes to now, in minor units of its order."""

    goods_minor: int
    """what was paid for the pieces whose money is wanted back"""
    shipping_minor: int
    """what was paid to bring all of it, where that goes back too"""
    credit_minor: int
    """what was paid for the pieces in whose place others are sent"""
    available_minor: int
    """what verified payments of the order hold, less what went back"""

    @property
    def refund_minor(self) -> int:
        """What is offered as refund: never more than there is, beside what is credited."""
        return max(min(self.goods_minor + self.shipping_minor, self.available_minor - self.credit_minor), 0)


def due(back: Return, order: Order) -> Due:
    """What is due for the pieces that came; for all that were asked for where nothing has to come.

    The shipping of the first way goes back as well when it was the store's fault (policy.OUR_FAULT) and everything that
    left for the order came back, this return being the last of it; else it was a service that the customer had.
    """
    quote, rows = parcels.sold(order), lines(back)
    refund = sum(requesting.worth(line, came(back, line)) for line in rows if line.wanted == "refund")
    credit = sum(requesting.worth(line, came(back, line)) for line in rows if line.wanted == "exchange")
    sent = quote.content["shipping"]
    whole = sent and not credit and back.reason in policy.OUR_FAULT and _everything(back, order, rows)
    return Due(refund, int(sent["total"]) if whole else 0, credit, sum(n for _, n in crediting.held(quote)))


def came(back: Return, line: ReturnLine) -> int:
    """The pieces of a line that are settled for."""
    return line.quantity if back.without_goods else line.received


def settle(
    back: Return, *, by: Person, minor: int | None = None, reason: str = "", free_shipping: bool = False
) -> Return:
    """Give what is due: refund `minor` (what is offered, where that is not said; less with a reason, never more than
    is due), send other goods where they are wanted, and tell the customer.

    What is sent instead is a verified order with its quote drawn up, the credit taken off; what it costs less goes back
    at once, what it costs more the customer pays by that quote; `free_shipping`: not its way. Refunds and
    credit come from the payments of the order, each asked for once under a key of this return. Raises Refused: settled before, goods not here, more than is due or than there
    is, or beyond the role.
    """
    order = requesting.lock(back)
    sentence = RETURN.refusal(back, "settle")
    if sentence:
        raise Refused(sentence)
    now = due(back, order)
    amount = now.refund_minor if minor is None else minor
    most = now.goods_minor + now.shipping_minor
    if not 0 <= amount <= most:
        raise Refused(
            f"{money.show(amount, order.currency)} cannot go back for this return; at most "
            f"{money.show(most, order.currency)} is due."
        )
    if amount < now.refund_minor and not reason.strip():
        raise Refused(f"Say why less than {money.show(now.refund_minor, order.currency)} goes back.")
    if now.credit_minor:
        if amount + now.credit_minor > now.available_minor:
            raise Refused(_beyond(order, amount + now.credit_minor, now.available_minor))
        amount += _exchange(back, order, now.credit_minor, by=by, free_shipping=free_shipping)
    if amount:
        _refund(back, order, amount, by=by, reason=reason)
    RETURN.fire(
        back, "settle", by=by, minor=amount, exchange=back.exchange_id, reason=reason.strip()[:300] or None
    )
    telling.told(back, "settled")
    return back


def withheld(order: Order, minor: int, *, roles: Collection[str]) -> str:
    """Why somebody with these roles may not send `minor` back for a return of `order`; '' where they may."""
    if not minor:
        return ""
    if not allowed(roles, "payments.refund") and not tolerances.refunds(roles):
        return "Your role sends no money back; it stands in the queue of order processing, who settle it."
    sentences = (
        limits.beyond_refund(
            roles, payment.refunded_minor + part, payment.currency, before=payment.refunded_minor
        )
        for payment, part in _parts(crediting.held(parcels.sold(order)), minor)
    )
    return next(filter(None, sentences), "")


def _parts(held: Sequence[tuple[Payment, int]], amount: int) -> Iterator[tuple[Payment, int]]:
    """From each payment what it holds, until the amount is reached."""
    for payment, n in held:
        if part := min(n, amount):
            yield payment, part
        amount -= part


def _everything(back: Return, order: Order, rows: list[ReturnLine]) -> bool:
    """Whether all pieces that left are in this return or in others that were settled."""
    here: Counter[int] = Counter()
    for line in rows:
        here[line.product_id] += came(back, line)
    others = requesting.settled(order.id, apart_from=back.id)
    left = requesting.sent(order.id)
    wanted = Counter[int]()
    for line in parcels.sold(order).content["lines"]:
        wanted[line["product"]] += line["quantity"]
    return left == dict(wanted) and all(here[one] + others[one] >= n for one, n in left.items())


def _refund(back: Return, order: Order, amount: int, *, by: Person, reason: str) -> None:
    """Ask payments for the money."""
    sentence = withheld(order, amount, roles=by.roles)
    if sentence:
        raise Refused(sentence)
    quote = parcels.sold(order)
    held = crediting.held(quote)
    there = sum(n for _, n in held)
    if amount > there:
        raise Refused(_beyond(order, amount, there))
    why = f"Return {requesting.name(back, order)}" + (f": {reason.strip()}" if reason.strip() else "")
    for payment, part in _parts(held, amount):
        refunding.request(payment, part, reason=why, by=by, quote=quote, key=f"return:{back.id}:{payment.id}")


def _beyond(order: Order, minor: int, there: int) -> str:
    return (
        f"{money.show(minor, order.currency)} cannot go back: {money.show(there, order.currency)} is what verified "
        f"payments of order {order.number} still hold."
    )


def _exchange(back: Return, order: Order, credit: int, *, by: Person, free_shipping: bool) -> int:
    """Begin the order that is sent instead, with the credit in its quote. Returns what it costs less than the credit.

    Quotes take off what the customer reads: where prices are without tax, the credit without it, and the tax follows.
    The same product costs what it cost, also when its price has gone up since: the credit then covers today's.
    """
    wanted: Counter[int] = Counter()
    shown = risen = 0
    goods = products.get({line.product_id for line in lines(back)})
    quote = parcels.sold(order)
    for line in lines(back):
        n = came(back, line)
        if line.wanted == "exchange" and n:
            wanted[line.exchange_product_id or line.product_id] += n
            here = _shown(quote, line, requesting.worth(line, n))
            shown += here
            if line.exchange_product_id in (None, line.product_id):
                risen += max(goods[line.product_id].price_minor * n - here, 0)
    made = exchanging.begin(order, wanted, by=by)
    back.exchange_id = made.id
    _, used = exchanging.credit(
        made, shown + risen, by=by, reason=f"Exchange for return {requesting.name(back, order)}",
        free_shipping=free_shipping,
    )  # fmt: skip
    less = credit if not shown else (credit * (shown + risen - used) + shown // 2) // shown
    if credit - less:
        crediting.take(back, quote, credit - less, by=by)
    return less


def _shown(quote: Quote, line: ReturnLine, paid: int) -> int:
    """What was paid for pieces, in the prices that the quote shows: without tax where it adds that below."""
    if quote.content["includes_tax"]:
        return paid
    mine = [one for one in quote.content["lines"] if one["product"] == line.product_id]
    total = sum(one["total"] for one in mine)
    return (paid * sum(one["net"] for one in mine) + total // 2) // total if total else 0
