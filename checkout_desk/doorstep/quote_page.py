"""What the customer sees of a quote: one thing to do on top, what it costs, how to pay, and where the order is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton

from checkout_desk import clock
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import fields, keys, page, qr
from checkout_desk.doorstep.fields import Form
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.doorstep.words import Words
from checkout_desk.orders import details, questioning, quote_words, quoting, references
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.questioning import Open
from checkout_desk.payments import finding
from checkout_desk.shipping import readdressing

PROVIDERS = ("stripe", "paypal")
OPEN = ("pay", "account")
"""what `state_of` says of a version whose money may still come"""
CHIPS = {
    "sent": ("q_sent", "theirs"),
    "accepted": ("q_accepted", "good"),
    "account": ("q_account", "good"),
    "paid": ("q_paid", "good"),
    "expired": ("q_expired", "soon"),
    "withdrawn": ("q_withdrawn", ""),
}
DONE = {
    "quoted": 2,
    "expired": 2,
    "verified": 2,
    "paid": 3,
    "packing": 3,
    "shipped": 4,
    "delivered": 6,
    "closed": 6,
}
"""state of an order -> how many steps of the way are behind it"""


@dataclass(frozen=True, slots=True)
class Shown:
    """The version that the customer may see now, and the one that their mail spoke of where that is another."""

    quote: Quote
    before: Quote | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a form on the page: sentences by field, and what was typed."""

    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None


def shown(o: Open, link: CustomerLink) -> Shown | None:
    """The version to show: the live or paid one, else the last that was sent. None while the order is asked for details,
    and where nothing was sent that this customer was told of. One query."""
    if page.state_of(o) == "asking" or o.order.state == "cancelled":
        return None
    told = [quote for quote in quoting.of(o.order.id) if quote.sent_at is not None]
    current = next(
        (q for q in reversed(told) if q.state in (*quoting.LIVE, "paid")), told[-1] if told else None
    )
    if current is None or (current.state == "withdrawn" and link.quote_id != current.id):
        return None
    before = next((quote for quote in told if quote.id == link.quote_id), None)
    return Shown(current, before if before is not None and before.id != current.id else None)


def state_of(order: Order, quote: Quote) -> str:
    """'pay' while it can be accepted and paid, 'account' while its order is placed and its money open; else which words
    say why not."""
    if quote.state in quoting.LIVE:
        if quote.placed_at is not None:
            return "account"
        if quote.expires_at is not None and quote.expires_at <= clock.now():
            return "expired"
        return "pay" if order.state == "quoted" else "changing"
    return quote.state if quote.state in ("paid", "withdrawn") else "expired"


def context(
    o: Open, found: Shown, link: CustomerLink, key: keys.Key, *, said: Said | None = None
) -> dict[str, Any]:
    """Everything that doorstep/quote.html needs."""
    words, quote, said = Words(o.language), found.quote, said or Said()
    content, state = quote.content, state_of(o.order, quote)
    left = due(o.order, quote) if state in OPEN else quote.total_minor
    chip, tone = CHIPS.get(state if state in ("expired", "account") else quote.state, ("q_expired", ""))
    return {
        **page.around(o.order, link, words),
        "state": state, "number": quoting.name(quote), "version": quote.number, "form_token": keys.form_token(key),
        "errors": said.errors, "typed": said.typed, "name": page.given_name(o.order),
        "chip": words(chip), "tone": tone, "until": until(quote, words), "days": quote_words.shipping_time(content, words.language),
        "bill": [_line(content, line, words) for line in content["lines"]], "sums": sums(content, words),
        "total": quote_words.amount(content, quote.total_minor, words.language),
        "due": quote_words.amount(content, left, words.language), "free": not quote.total_minor, "part": part(quote, left, words),
        "accepted": _day(quote.accepted_at, content, words) if quote.accepted_at else "",
        "ways": ways(quote) if state in OPEN and left else [], "reference": references.shown(quote.reference),
        "qr": qr.payload(quote, left) if state in OPEN else "", "address": questioning.address(o.order, o.language).split("\n"),
        "moves": o.order.state in readdressing.STATES,
        "form": said.form or (address_form(o.order, words) if may_ask_address(o.order, link, state) else None),
        "steps": steps(o.order, quote, words, state), "changes": changes(found, words), "old": quoting.name(found.before) if found.before else "",
    }  # fmt: skip


def due(order: Order, quote: Quote) -> int:
    """What is left to pay of the version, in minor units, after what has come for its order. Three queries."""
    return max(quote.total_minor - finding.come(order, quote.currency), 0)


def part(quote: Quote, left: int, words: Words) -> str:
    """What has come and what is left, where a part was paid; else ''."""
    if left == quote.total_minor:
        return ""
    told = {"paid": quote.total_minor - left, "total": quote.total_minor, "due": left}
    return words(
        "q_part", **{key: quote_words.amount(quote.content, n, words.language) for key, n in told.items()}
    )


def ways(quote: Quote) -> list[dict[str, Any]]:
    """How this version can be paid, as the store sorted them."""
    found = []
    for method in quote.content["methods"]:
        facts = method["settings"]
        found.append(
            {
                "id": method["id"],
                "kind": method["kind"],
                "name": method["name"],
                "holder": facts.get("holder", ""),
                "iban": _fours(str(facts.get("iban", ""))),
                "bic": facts.get("bic", ""),
                "note": str(facts.get("note") or ""),
            }
        )
    return found


def sums(content: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """What stands between the lines and the total."""

    def show(minor: int) -> str:
        return quote_words.amount(content, minor, words.language)

    found = [
        (f"{words('q_discount')} {off['name']}".rstrip(), show(-off["amount"]))
        for off in content["discounts"]
    ]
    if content["shipping"]:
        found.append((content["shipping"]["name"], show(content["shipping"]["amount"])))
    how = "q_included" if content["includes_tax"] else "q_added"
    found += [(words(how, name=tax["name"]), show(tax["tax"])) for tax in quote_words.taxes(content)]
    if content["treatment"] in quote_words.UNTAXED:
        found.append((words(f"q_{quote_words.UNTAXED[content['treatment']]}"), ""))
    return found


def steps(order: Order, quote: Quote, words: Words, state: str) -> list[dict[str, Any]]:
    """The way of the order, with the step that comes now."""
    done = 3 if state == "paid" and order.state == "quoted" else DONE.get(order.state, 1)
    small = {2: words("q_hold_ends", date=until(quote, words)) if state == "pay" else ""}
    at = {0: order.created_at, 1: order.verified_at, 2: quote.paid_at}
    names = (
        "q_received",
        "q_checked",
        "q_account" if state == "account" else "q_step_paid",
        "q_packed",
        "q_on_way",
        "q_delivered",
    )
    return [
        {
            "text": words(name),
            "small": small.get(n, ""),
            "state": "done" if n < done else "now" if n == done else "",
            "when": _short(at[n], quote.content, words) if n < done and at.get(n) else "",
        }
        for n, name in enumerate(names)
    ]


def changes(found: Shown, words: Words) -> list[dict[str, str]]:
    """What the newer version changes against the one in the customer's mail."""
    if found.before is None:
        return []
    labels = details.labels(found.quote.content["address"]["ship_country"])
    return [
        {
            "what": fields.label(row.what, "", words)
            if row.what in labels and row.what != "email"
            else row.what,
            "before": row.before,
            "after": row.after or words("q_left_out"),
        }
        for row in quoting.difference(found.before, found.quote)
    ]


def may_ask_address(order: Order, link: CustomerLink, state: str) -> bool:
    """Whether this page may ask for another address: it was mailed to the one on file, and nothing is packed yet."""
    return (
        state in ("pay", "account", "paid", "changing")
        and link.email == order.email.casefold()
        and order.state in ("quoted", "paid", "packing")
    )


def address_form(order: Order, words: Words, *, country: str = "") -> Form:
    """The address as it is, to be changed."""
    return Form(fields.whole_address(order, words, country=country))


def until(quote: Quote, words: Words) -> str:
    """When the version ends, as the reader writes it, where the store is."""
    if quote.expires_at is None:
        return ""
    at = quote.expires_at.astimezone(ZoneInfo(quote.content["store"]["time_zone"]))
    locale = LANGUAGES[words.language].locale
    return f"{format_date(at.date(), 'full', locale=locale)}, {format_datetime(at, 'HH:mm', locale=locale)}"


def _line(content: Mapping[str, Any], line: Mapping[str, Any], words: Words) -> dict[str, Any]:
    each = quote_words.amount(content, line["unit"], words.language)
    return {
        "quantity": line["quantity"],
        "name": quote_words.line_name(content, line, words.language),
        "each": words("each", price=each) if line["quantity"] > 1 or line["discount"] else "",
        "amount": quote_words.amount(content, line["amount"], words.language),
    }


def _fours(text: str) -> str:
    bare = "".join(text.split())
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _day(at: datetime, content: Mapping[str, Any], words: Words) -> str:
    there = at.astimezone(ZoneInfo(content["store"]["time_zone"]))
    return format_date(there.date(), "long", locale=LANGUAGES[words.language].locale)


def _short(at: datetime | None, content: Mapping[str, Any], words: Words) -> str:
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(content["store"]["time_zone"]))
    return str(format_skeleton("MMMd", there, locale=LANGUAGES[words.language].locale))
