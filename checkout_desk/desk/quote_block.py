"""The money part of the order panel: what the quote comes to, the choices for the next version, and all versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from checkout_desk import money
from checkout_desk.desk import payments_page
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.keeping import latest
from checkout_desk.desk.order_loaded import Loaded
from checkout_desk.desk.paths import path
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import completeness, quote_content, quote_preview, quote_words, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.promising import Short
from checkout_desk.orders.quote_preview import Preview
from checkout_desk.payments import owing

STATES = {
    "draft": ("Draft", ""),
    "sent": ("Open", "theirs"),
    "accepted": ("Accepted", "good"),
    "paid": ("Paid", "good"),
    "expired": ("Expired", "soon"),
    "superseded": ("Superseded", ""),
    "withdrawn": ("Withdrawn", ""),
}
"""state of a version -> what people call it, and its tone"""
OVER = ("expired", "superseded", "withdrawn")


HIDDEN: Mapping[str, Any] = {
    "rows": (), "total": None, "form": None, "refused": "", "short": (), "notice": "", "acts": (), "owed": (), "versions": (),
}  # fmt: skip
"""what whoever sees no payment details sees of all quotes"""


def context(loaded: Loaded, around: Frame) -> dict[str, Any]:
    """`order.quote` for `orders/_quote.html`. A verified order asks for its prices of today; any other shows what was
    sent. Two queries more than none for an order without a verified quote, fixed for every other; two more where money may
    be owed."""
    order = loaded.order
    versions = quoting.of(order.id)
    shown: dict[str, Any] = {
        "rows": [], "total": None, "form": None, "refused": "", "short": [], "notice": "", "acts": [], "owed": [],
        "versions": [version(order, quote, around) for quote in reversed(versions)],
    }  # fmt: skip
    if order.state == "verified":
        shown |= _next_remembered(loaded, versions, around)
    else:
        told = next((quote for quote in reversed(versions) if quote.sent_at), None)
        if told is not None and order.state not in ("draft", "clarifying"):
            shown |= sums(told.content, lines=_listed(loaded))
    if around.person.may("payments.read") and any(quote.state in ("paid", "withdrawn") for quote in versions):
        shown["owed"] = _owed(order, around)
    live = next((quote for quote in versions if quote.state in quoting.LIVE), None)
    if around.person.may("orders.write"):
        shown["acts"] = _acts(
            order,
            versions,
            live,
            may_place=around.person.may("payments.write"),
            override=around.person.may("orders.override"),
        )
    if live is not None and live.placed_at is not None and around.person.may("payments.read"):
        shown["notice"] = (
            f"On account since {around.face.day(live.placed_at)}; {quoting.name(live)} is not paid yet."
        )
    if live is not None and live.expires_at is not None:
        shown["held"] = (
            f"{quoting.name(live)} holds until {around.face.day(live.expires_at)} {around.face.time(live.expires_at)}"
        )
        if order.state in ("draft", "clarifying"):
            shown["notice"] = (
                f"The order is being changed; quote {quoting.name(live)} stays as it was mailed."
            )
    return shown


def _owed(order: Order, around: Frame) -> list[dict[str, str]]:
    """Money of this order that has to go back, with the way to the form that sends it. Two queries."""
    rows = payments_page.owed_rows(owing.owed(order_id=order.id), around)["rows"]
    return [
        {
            "words": f"{row['amount']} is owed to the customer: {row['why']}",
            "url": row["url"],
            "withheld": row["withheld"],
        }
        for row in rows
    ]


def _listed(loaded: Loaded) -> int:
    """What the lines above the sums come to as they stand there: at the catalogue's prices, with the tax in them."""
    return completeness.total([line for line, _ in loaded.rows])


def sums(content: Mapping[str, Any], *, lines: int | None = None) -> dict[str, Any]:
    """`rows` (name, amount) between the lines and the total, and the `total`, as the desk reads them.

    `lines`: what the lines above come to, which stand without what was taken off them and with the tax that an untaxed sale
    does not have; so both are told here.
    """
    found = [
        (f"Discount on {line['name']}", -line["discount"])
        for line in content["lines"]
        if lines is not None and line["discount"]
    ]
    found += [(f"Discount {off['name']}".rstrip(), -off["amount"]) for off in content["discounts"]]
    if content["shipping"]:
        days = quote_words.shipping_time(content, "en")
        found.append((f"{content['shipping']['name']}, {days}", content["shipping"]["amount"]))
    how = "included" if content["includes_tax"] else "added"
    found += [(f"{tax['name']} {how}", tax["tax"]) for tax in quote_words.taxes(content)]
    rows = [(name, money.show(minor, content["currency"])) for name, minor in found]
    if content["treatment"] in quote_words.UNTAXED:
        bare = sum(line["amount"] + line["discount"] for line in content["lines"])
        less = money.show(bare - lines, content["currency"]) if lines is not None and lines > bare else ""
        rows.append(({"reverse": "Reverse charge", "zero": "Export, not taxed"}[content["treatment"]], less))
    return {"rows": rows, "total": money.show(content["total"], content["currency"])}


def version(order: Order, quote: Quote, around: Frame) -> dict[str, Any]:
    """One version in the list."""
    state, tone = STATES[quote.state]
    if quote.placed_at is not None and quote.state in quoting.LIVE:
        state, tone = "On account", "theirs"
    when = around.face.short(quote.sent_at) if quote.sent_at else "not sent yet"
    return {
        "name": quoting.name(quote), "state": state, "tone": tone, "when": when, "old": quote.state in OVER,
        "total": money.show(quote.total_minor, quote.currency),
        "url": path("quotes.show", number=order.number, version=quote.number),
    }  # fmt: skip


def _next_remembered(loaded: Loaded, versions: Sequence[Quote], around: Frame) -> dict[str, Any]:
    """As `_next`, or what it said to this person since when nothing happened. An act shows what it has just changed."""
    if request.method != "GET":
        return _next(loaded, versions, around)
    key = ("quote", loaded.order.id, loaded.order.version, around.person)
    return latest(key, around.stamp, lambda: _next(loaded, versions, around))


def _next(loaded: Loaded, versions: Sequence[Quote], around: Frame) -> dict[str, Any]:
    """The next version as it would be sent now."""
    order = loaded.order
    try:
        found = quote_preview.preview(order, list(versions))
    except Refused as refusal:
        return {"refused": str(refusal)}
    shown = {
        **sums(found.content, lines=_listed(loaded)),
        "short": [_short(row, order, around) for row in quote_preview.short(found)],
    }
    if around.person.may("orders.write"):
        shown["form"] = _form(order, found)
    if found.live is not None:
        same = quote_content.agrees(found.live.content, found.content)
        name = quoting.name(found.live)
        shown["notice"] = (
            f"Nothing differs from {name}, which the customer has."
            if same
            else f"Order changed since {name}: send a new version."
        )
        shown["keep_url"] = path("quotes.keep", number=order.number) if same else None
        shown["changes"] = [] if same else quote_words.difference(found.live.content, found.content)
    return shown


def _form(order: Order, found: Preview) -> dict[str, Any]:
    chosen = quote_content.chosen(found.content)
    return {
        "url": path("quotes.choose", number=order.number),
        "discount_url": path("quotes.discount", number=order.number),
        "code": chosen.discount_code,
        "vat_id": chosen.vat_id,
        "services": [
            {
                "value": offer.service_id,
                "text": f"{offer.name}, {money.show(offer.price_minor, order.currency)}, {_days(offer.days_min, offer.days_max)}",
                "selected": offer.service_id == chosen.service_id,
            }
            for offer in found.offers
        ],
    }


def _days(low: int, high: int) -> str:
    if high == 1:
        return "1 day"
    return f"{low}–{high} days" if low != high else f"{high} days"


def _short(row: Short, order: Order, around: Frame) -> dict[str, Any]:
    """A product that is short, and the mails that offer a way out."""
    left = (
        f"only {row.available} of {row.wanted} can be promised" if row.available else "none can be promised"
    )
    offers = [("substitute", "Offer a substitute")]
    if row.available:
        offers.append(("part", "Offer what is there"))
    offers.append(("wait", "Offer to wait"))
    may = order.conversation_id and around.person.may("conversations.write")
    return {
        "words": f"{row.name}: {left}",
        "offers": [
            {
                "text": text,
                "url": path("composer.show", conversation_id=order.conversation_id, kind="reply", short=key)
                + f"&order={order.number}&product={row.product_id}",
            }
            for key, text in offers
        ]
        if may
        else [],
    }


def _place(order: Order, live: Quote, *, may_place: bool, override: bool) -> list[dict[str, Any]]:
    """Ways to place an order without a payment."""
    if order.state != "quoted":
        return []
    if live.total_minor:
        offered = any(method["kind"] == "account" for method in live.content["methods"])
        url = path("quotes.on_account", number=order.number, version=live.number)
        ways = [{"label": "Place on account", "post": True, "url": url}] if offered and may_place else []
        if override:
            url = path("quotes.unpaid", number=order.number, version=live.number)
            ways.append({"label": "Pack unpaid", "post": False, "url": url})
        return ways
    return [
        {
            "label": "Nothing to pay: place the order",
            "post": True,
            "url": path("quotes.free", number=order.number, version=live.number),
        }
    ]


def _acts(
    order: Order, versions: Sequence[Quote], live: Quote | None, *, may_place: bool, override: bool
) -> list[dict[str, Any]]:
    """What may be done with the newest version."""
    if live is not None and live.placed_at is not None:
        return []
    if live is not None:
        return [
            *_place(order, live, may_place=may_place, override=override),
            {"label": "Extend", "key": "X", "post": True, "url": path("quotes.extend", number=order.number, version=live.number)},
            {"label": "Withdraw", "post": False, "url": path("quotes.withdraw", number=order.number, version=live.number)},
        ]  # fmt: skip
    last = next((quote for quote in reversed(versions) if quote.sent_at), None)
    if last is not None and last.state == "expired" and order.state == "expired":
        url = path("quotes.extend", number=order.number, version=last.number)
        return [{"label": f"Extend {quoting.name(last)}", "key": "X", "post": True, "url": url}]
    return []
