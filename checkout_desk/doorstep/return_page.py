"""What the page shows on which a customer sends something back: what may come, until when, who pays, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from sqlalchemy import select

from checkout_desk import money
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import keys, page, parcel_page
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open
from checkout_desk.returns import label, policy, requesting, telling
from checkout_desk.returns.models import REASONS, WANTED, Return
from checkout_desk.returns.requesting import Returnable, Wish
from checkout_desk.settings.models import store

LONGEST = 1000
MOST_OTHERS = 100
COMING = ("approved", "awaiting_goods")
STATES = {
    "requested": "r_is_requested",
    "approved": "r_is_coming",
    "awaiting_goods": "r_is_coming",
    "refused": "r_is_refused",
    "received": "r_is_here",
    "inspected": "r_is_here",
    "settled": "r_is_done",
    "closed": "r_is_done",
}
TONES = {"r_is_coming": "good", "r_is_refused": "bad", "r_is_here": "good"}


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds: as typed, and what it means where nothing is wrong with it."""

    values: Mapping[str, str]
    lines: Mapping[int, Wish]
    errors: Mapping[str, str]


def offered(order: Order) -> bool:
    """Whether the order's page leads here: something of it has left, and it is not cancelled."""
    return order.state in parcel_page.LEFT and bool(requesting.sent(order.id))


def read(
    form: Mapping[str, str], free: Mapping[int, Returnable], words: Words, others: Mapping[int, Any]
) -> Typed:
    """What was typed. Products that are not `free` are not looked at: nothing comes of a guessed number; nor can
    another one than of `others` be had instead."""
    names = [f"{letter}{product_id}" for product_id in free for letter in "qx"]
    values = {name: form.get(name, "").strip() for name in (*names, "reason", "wanted")}
    values["words"] = form.get("words", "")
    errors: dict[str, str] = {}
    lines: dict[int, Wish] = {}
    wanted = values["wanted"]
    for product_id, one in free.items():
        typed = values[f"q{product_id}"] or "0"
        n = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else -1
        if not 0 <= n <= one.n:
            errors[f"q{product_id}"] = words("r_many", value=typed[:20], most=one.n)
        elif n:
            lines[product_id] = (n, wanted, _other(values[f"x{product_id}"], others, wanted))
    if not lines and not errors:
        errors["lines"] = words("r_none")
    if values["reason"] not in REASONS:
        errors["reason"] = words("r_pick_reason")
    if wanted not in WANTED:
        errors["wanted"] = words("r_pick_wanted")
    if len(values["words"]) > LONGEST:
        errors["words"] = words("r_long", n=LONGEST)
    return Typed(values, lines, errors)


def _other(typed: str, others: Mapping[int, Any], wanted: str) -> int | None:
    """The product that is sent instead; None for the same again."""
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0
    return number if wanted == "exchange" and number in others else None


def others(order: Order) -> dict[int, Any]:
    """The products that can be had instead, by id: what is sold in the order's currency and is there. One query."""
    rows = db.session.scalars(
        select(Product)
        .where(
            Product.active,
            Product.on_hand > Product.held + Product.committed,
            Product.currency == order.currency,
        )
        .order_by(Product.name, Product.id)
        .limit(MOST_OTHERS)
    )
    return {one.id: one for one in rows}


def message(typed: Typed, free: Mapping[int, Returnable], words: Words, said: str) -> str:
    """The request as the thread shows it, in the customer's language."""
    names = {
        one.id: one.name
        for one in products.get({other for _, _, other in typed.lines.values() if other}).values()
    }
    rows = [
        f"{n} × {free[product_id].name}" + (f" → {names[other]}" if other in names else "")
        for product_id, (n, _, other) in typed.lines.items()
    ]
    facts = [words(f"r_{typed.values['reason']}"), words(f"r_{typed.values['wanted']}")]
    return "\n".join([*rows, *facts]) + (f"\n\n{said}" if said else "")


def context(
    o: Open,
    link: CustomerLink,
    key: keys.Key,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    sent: int | None = None,
) -> dict[str, Any]:
    """Everything that doorstep/return.html needs; `sent` is the number of the return that was just asked for."""
    words, order = Words(o.language), o.order
    free = requesting.returnable(order)
    goods = products.get(set(free))
    before = requesting.of(order.id)
    until, over = _window(order, words)
    mine = [_one(back, order, words) for back in reversed(before)]
    return {
        **page.around(order, link, words),
        "form_token": keys.form_token(key),
        "typed": typed or {},
        "errors": errors or {},
        "lines": [
            {"name": f"q{product_id}", "text": one.name, "most": one.n,
             "final": product_id in goods and goods[product_id].final_sale}
            for product_id, one in free.items()
        ],
        "others": [
            {"value": one.id, "text": one.name, "price": money.show(one.price_minor, one.currency, locale=o.locale)}
            for one in (others(order) if free else {}).values()
        ],
        "until": until,
        "over": over,
        "way_back": store().return_way_back,
        "reasons": [(reason, words(f"r_{reason}")) for reason in REASONS],
        "wants": [(wanted, words(f"r_{wanted}"), words(f"r_{wanted}_text")) for wanted in WANTED],
        "next": following(before),
        "returns": mine,
        "sent": next((one for one in mine if one["n"] == sent), None),
        "email": link.email,
    }  # fmt: skip


def following(before: list[Return]) -> int:
    """The number that the next return of an order gets: a form that was sent twice names one that is taken."""
    return max((back.number for back in before), default=0) + 1


def _window(order: Order, words: Words) -> tuple[str, bool]:
    """The sentence about the time to send things back, and whether it is over; '' while the goods are on their way."""
    sale = requesting.sale(order)
    if sale.delivered_on is None:
        return "", False
    found = policy.verdict(sale, (), "changed_mind", requesting.today())
    last = _day(sale.delivered_on + timedelta(days=sale.days), words)
    return words("r_until" if found.allowed else "r_over", date=last), not found.allowed


def _day(day: date, words: Words) -> str:
    return format_date(day, "long", locale=LANGUAGES[words.language].locale)


def _one(back: Return, order: Order, words: Words) -> dict[str, Any]:
    state = STATES[back.state]
    return {
        "n": back.number,
        "name": requesting.name(back, order),
        "state": words(state),
        "tone": TONES.get(state, ""),
        "items": telling.items(back, words.language),
        "label": label.TITLES[words.language] if label.wanted(back) and telling.address() else "",
        "address": telling.address() if back.state in COMING and not back.without_goods else [],
    }
