"""What customers are told about their returns: a mail for each step that matters to them, once, in their language."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from checkout_desk import money
from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.returns import SENTENCES
from checkout_desk.extensions import db
from checkout_desk.orders import milestones
from checkout_desk.orders.models import MilestoneMail, Order
from checkout_desk.returns.models import Return, ReturnLine
from checkout_desk.settings.models import store

TOLD = ("approved", "refused", "received", "settled")
"""states of a return that a customer hears of"""
COMING = ("approved", "awaiting_goods")
CAME = ("received", "inspected", "settled", "closed")


def told(back: Return, state: str, *, reason: str = "") -> MilestoneMail | None:
    """Queue the mail that says `state` (one of TOLD) of a return, once. The order is locked; the caller commits.

    `reason` is why it was refused, in the words of the person who decided. A person pressed a button for it, so it
    leaves whatever the circuit breaker counts. Returns None where it was told before.
    """
    if state not in TOLD:
        raise ValueError(state)
    return milestones.post(
        db.session.get_one(Order, back.order_id),
        f"return_{state}",
        about=f"return:{back.id}",
        values={"REASON": reason or back.verdict} if state == "refused" else {},
        caused_by_payment=True,
    )


def values(order: Order, about: str, language: str) -> Mapping[str, str]:
    """Placeholder -> words in `language` for a mail about 'return:7'.

    Raises ValueError, which keeps the mail from leaving, where goods are to come and nobody knows whereto.
    """
    back = db.session.get_one(Return, int(about.split(":")[1]))
    known = language if language in SENTENCES else "en"
    if back.state in COMING and not back.without_goods and not address():
        raise ValueError(
            "The store has no address for returns; set it under Settings, then send the mail again."
        )
    number = f"{order.number}-R{back.number}"
    amount = money.show(back.refund_minor, order.currency, locale=LANGUAGES[known].locale)
    return {
        "RETURN_NUMBER": number,
        "RETURN_ITEMS": "\n".join(items(back, known)),
        "RETURN_INSTRUCTIONS": instructions(back, number, known),
        "RETURN_ADDRESS": "" if back.without_goods else "\n".join(["", *address()]),
        "RETURN_OUTCOME": _outcome(back, amount, known),
        "AMOUNT": amount if back.refund_minor else "",
    }


def items(back: Return, language: str) -> list[str]:
    """What comes back, a line each: '2 × Blue mug → Red mug'; once goods have come, how many of them."""
    lines = list(
        db.session.scalars(select(ReturnLine).where(ReturnLine.return_id == back.id).order_by(ReturnLine.id))
    )
    wanted = {line.exchange_product_id for line in lines if line.exchange_product_id}
    others = {one.id: one.name for one in db.session.scalars(select(Product).where(Product.id.in_(wanted)))}
    return [_item(back, line, others, language) for line in lines]


def _item(back: Return, line: ReturnLine, others: Mapping[int, str], language: str) -> str:
    text = f"{line.quantity} × {line.name}"
    if line.wanted == "exchange":
        text += f" → {others.get(line.exchange_product_id or 0, line.name)}"
    if back.state in CAME and not back.without_goods and line.received != line.quantity:
        partly = SENTENCES[language]["partly"].format(received=line.received, quantity=line.quantity)
        text += f" ({partly})"
    return text


def instructions(back: Return, number: str, language: str) -> str:
    """How it is sent back and who pays for the way, as sentences."""
    say = SENTENCES[language]
    if back.without_goods:
        return say["keep"]
    return f"{say['pack'].format(number=number)}\n\n{say[back.way_back]}"


def address() -> list[str]:
    """Where returns go, line by line: the store's own for them, else where its parcels come from."""
    shop = store()
    found = [
        line.strip() for line in (shop.return_address or shop.sender_address).splitlines() if line.strip()
    ]
    return found if shop.return_address or not found else [shop.name, *found]


def _outcome(back: Return, amount: str, language: str) -> str:
    say, found = SENTENCES[language], []
    if back.refund_minor:
        found.append(say["refund"].format(amount=amount))
    other = db.session.get(Order, back.exchange_id) if back.exchange_id else None
    if other is not None:
        found.append(say["exchange"].format(number=other.number))
    return "\n".join(found) or say["nothing"]


def register() -> None:
    """Fill mails about returns from now on. Called once when the app is made."""
    milestones.fill_with("return", values)
