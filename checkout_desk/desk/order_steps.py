"""How far an order has come and what it wants next: stepper, procedure strip, and the one filled button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import next_action as conversation_step
from checkout_desk.desk import dockets, order_lines
from checkout_desk.desk.frame import Frame
from checkout_desk.desk.order_loaded import Loaded
from checkout_desk.desk.paths import path
from checkout_desk.orders import completeness, details, next_action
from checkout_desk.orders.models import Order
from checkout_desk.returns import requesting, settling, waiting
from checkout_desk.returns.models import Return
from checkout_desk.shipping import alarms

STEPS = ("Draft", "Verified", "Quoted", "Paid", "Packed", "Shipped", "Delivered")
REACHED = {
    "draft": 0,
    "clarifying": 0,
    "verified": 1,
    "quoted": 2,
    "paid": 3,
    "packing": 4,
    "shipped": 5,
    "delivered": 6,
    "closed": 7,
}
PROCEDURE = {
    "verified": 5,
    "quoted": 7,
    "paid": 9,
    "packing": 10,
    "shipped": 15,
    "delivered": 16,
    "closed": 17,
}
"""state → the step of the procedure (SPEC section 3) that comes now; a draft's own follows from what it lacks"""
STEPS_TOLD = {
    2: "note what is ordered", 3: "is it there?", 4: "ask for details", 5: "quote", 7: "watch for the payment",
    9: "update the stock", 10: "pack", 14: "tell the tracking number", 15: "answer questions", 16: "ask how it was", 17: "keep the records",
}  # fmt: skip
ORDER_STEPS = (
    conversation_step.CHECK_ORDER,
    conversation_step.ASK_DETAILS,
    conversation_step.CHECK_ANSWER,
    conversation_step.SEND_QUOTE,
    conversation_step.REVISE_QUOTE,
    conversation_step.PACK,
    conversation_step.SHIP,
    conversation_step.FIX_DELIVERY,
    conversation_step.CHECK_RETURN,
    conversation_step.RECEIVE_RETURN,
    conversation_step.REFUND,
)


def certain(loaded: Loaded) -> int:
    """How many lines one key accepts."""
    return sum(
        line.standing in ("said", "typed")
        and line.accepted_at is None
        and product is not None
        and line.quantity is not None
        for line, product in loaded.rows
    )


def head(loaded: Loaded, *, total: bool) -> dict[str, Any]:
    """Docket and stepper for the head of the case; `total`: whether its reader sees what things cost."""
    order = loaded.order
    reached = REACHED.get(order.state)
    words = list(STEPS)
    if reached == 0 and loaded.gaps:
        words[0] = (
            f"{'Asked' if order.state == 'clarifying' else 'Draft'}, {dockets.gaps(len(loaded.gaps), order.state)}"
        )
    steps = [
        {"text": text, "state": "done" if n < reached else "now" if n == reached else ""}
        for n, text in enumerate(words)
    ] if reached is not None else []  # fmt: skip
    return {
        "number": order.number,
        "docket": dockets.docket(
            order.number, order.state, order.total_minor if total else None, order.currency
        ),
        "gaps": dockets.gaps(len(loaded.gaps), order.state),
        "steps": steps,
        "at": min((reached or 0) + 1, len(STEPS)),
    }


def procedure(loaded: Loaded) -> dict[str, Any] | None:
    """The strip A1–A17 with the present step; None for an order that is over before its end."""
    order = loaded.order
    if order.state in ("cancelled", "expired"):
        return None
    now = PROCEDURE.get(order.state) or _early(loaded)
    return {"now": now, "words": STEPS_TOLD[now], "steps": range(1, 18)}


def _early(loaded: Loaded) -> int:
    """A2 while somebody has to look at lines, A4 while details are missing, A3 while there is not enough of something."""
    if certain(loaded) or any(
        line.standing == "review" and line.accepted_at is None for line, _ in loaded.rows
    ):
        return 2
    if loaded.gaps or loaded.order.state == "clarifying":
        return 4
    short = any(product and product.available < (line.quantity or 0) for line, product in loaded.rows)
    return 3 if short else 4


def step_context(loaded: Loaded, around: Frame, *, who: str) -> dict[str, Any] | None:
    """The one next step as `c.next` of the templates: words, and the one filled button."""
    order = loaded.order
    step = next_action.step(order, [line for line, _ in loaded.rows], loaded.gaps, loaded.changes)
    if step is None:
        return None
    shown: dict[str, Any] = {
        "cap": "Next", "role": ROLES[step.role], "title": step.title, "label": step.label, "key": step.shortcut,
        "order": order.number, "version": order.version, "how": path("playbook.how", kind="action", key=step.key),
    }  # fmt: skip
    if not around.person.may(step.permission):
        return {**shown, "label": None, "text": f"{ROLES[step.role]} does this."}
    if step.key in (conversation_step.SEND_QUOTE, conversation_step.REVISE_QUOTE):
        return {**shown, **_quote(order)}
    if step.key == conversation_step.FIX_DELIVERY:
        return {**shown, **_fix_delivery(order)}
    if order.return_step:
        return {**shown, **_return(order, around)}
    if order.money_owed:  # the panel knows what is owed, and who may send it
        return {**shown, "url": path("payments.show")}
    if not step.ours:
        return {**shown, "label": None, "text": "Nothing to do until the customer pays or the quote ends."}
    if step.key == conversation_step.PACK:
        return {
            **shown,
            "url": path("pack_list.show") + f"?same={order.number}",
            "text": "The order is paid, and stands on the pack list.",
        }
    if step.key == conversation_step.SHIP:
        return {**shown, "label": None, "text": "It is packed; its tracking number sends it off."}
    if step.key == conversation_step.ASK_DETAILS and order.conversation_id:
        return {**shown, **_ask(loaded, who), "composer": True, "url": ask_url(order)}
    if loaded.changes:
        return {**shown, "url": f"#ch{loaded.changes[0].id}"}
    if step in (next_action.VERIFY, next_action.VERIFY_ANSWER):
        return {**shown, "post": True, "url": path("ordering.verify", number=order.number)}
    return {**shown, **_check(loaded)}


def give_back(owed: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    """The step of an order that is over while its customer's money is still here; None for whoever may not send it."""
    first = next((row for row in owed if row["url"]), None)
    if first is None:
        return None
    return {"cap": "Next", "role": ROLES["processing"], "title": first["words"], "label": "Refund", "key": "d",
            "url": first["url"]}  # fmt: skip


def withheld(owed: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What the step says instead of its button to whoever may not send the money."""
    return {"label": None, "text": owed[0]["withheld"]} if owed else {}


def ask_url(order: Order) -> str:
    """Where the composer opens with the question for this order's gaps."""
    return path("composer.show", conversation_id=order.conversation_id, kind="reply", ask=order.number)


def _quote(order: Order) -> dict[str, Any]:
    """Where the composer opens with the quote; without a conversation nobody can be told."""
    if order.conversation_id is None:
        return {
            "label": None,
            "text": "The order belongs to no conversation, so there is nowhere to send a quote.",
        }
    live = f"{order.number}-Q{order.live_quote}" if order.live_quote else ""
    return {
        "composer": True,
        "url": path("composer.show", conversation_id=order.conversation_id, kind="reply", quote=order.number),
        "text": f"The order changed since {live}, which the customer still has."
        if live
        else "Sending holds the stock and tells the customer what to pay.",
    }


def _fix_delivery(order: Order) -> dict[str, Any]:
    """Where the composer opens with the mail about what is wrong; without a conversation the parcel's page helps."""
    what = alarms.TITLES.get(order.delivery_trouble or "", "Something is wrong")
    if order.conversation_id is None:
        return {"title": what, "label": "See the board", "url": path("tracking_board.show")}
    return {
        "title": f"{what}: tell the customer",
        "label": "Write the mail",
        "text": "The mail is ready to be read; sending it settles the alarm.",
        "composer": True,
        "url": path(
            "composer.show", conversation_id=order.conversation_id, kind="reply", delayed=order.number
        ),
    }


def _return(order: Order, around: Frame) -> dict[str, Any]:
    """The return that waits, and what its customer wants; for whoever may not send its money, who may."""
    back = waiting.first(order.id)
    if back is None:
        return {"url": path("returns_list.show")}
    if order.return_step == conversation_step.REFUND:
        due = settling.due(back, order).refund_minor
        no = settling.withheld(order, due, roles=around.person.roles)
        if no:
            return {"title": _return_title(back, order), "label": None, "text": no}
    return {
        "title": _return_title(back, order),
        "url": f"/returns/{back.id}",
        "text": "" if back.allowed or back.decided_at else back.verdict,
    }


def _return_title(back: Return, order: Order) -> str:
    return f"{next_action.AFTER_SALE[order.return_step or ''].title}: {requesting.name(back, order)}"


def _ask(loaded: Loaded, who: str) -> dict[str, Any]:
    """`Ask Ann for 2 details: postcode, which teapot`."""
    words = list(dict.fromkeys(gap_words(gap, loaded) for gap in loaded.gaps if gap.askable))
    many = f"{len(words)} details" if len(words) != 1 else "one detail"
    name = order_lines.first_name(who)
    asked = max((gap.asked_at for gap in loaded.gaps if gap.asked_at), default=None)
    return {
        "title": f"Ask {name} for {many}: {', '.join(words)}",
        "text": "They were asked before and have not told everything." if asked else
                "The quote opens once everything is known.",
    }  # fmt: skip


def gap_words(gap: completeness.Gap, loaded: Loaded) -> str:
    """A gap in the few words that a title has room for: `postcode`, `which teapot`, `how many of “mugs”`."""
    labels = details.labels(loaded.order.ship_country)
    row = next(((line, product) for line, product in loaded.rows if line.id == gap.line_id), None)
    if gap.name == "product" and row:
        fits = [loaded.products[one] for one in row[0].candidates or () if one in loaded.products]
        name = order_lines.named(row[0], fits)
        return (
            f"which {name.removesuffix(', which?').lower()}"
            if fits and name.endswith("which?")
            else f"what {name} is"
        )
    if gap.name == "quantity" and row:
        return f"how many {row[1].name if row[1] else order_lines.named(row[0], ())}"
    if gap.field and gap.field.startswith("ship_"):
        return labels.get(gap.field, gap.words).lower()
    return {"ship_to": "address", "lines": "what to order", "phone": "phone number"}.get(gap.name, gap.words)


def _check(loaded: Loaded) -> dict[str, Any]:
    """What checking comes down to now: one click accepts what is certain, or leads to the first open line."""
    order = loaded.order
    n = certain(loaded)
    if n:
        label = f"Accept {n} lines" if n > 1 else "Accept the line"
        return {"label": label, "key": "y", "post": True, "url": path("ordering.accept", number=order.number),
                "text": f"{n} of {len(loaded.rows)} lines are certain."}  # fmt: skip
    waiting = next(
        (line for line, _ in loaded.rows if line.standing == "review" and line.accepted_at is None), None
    )
    if waiting is not None:
        return {"label": "Look at the line", "url": f"#ln{waiting.id}", "title": "Check what is marked"}
    return {"url": "#ship" if loaded.rows else path("ordering.find", number=order.number)}
