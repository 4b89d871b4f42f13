"""No wrong amount leaves: while a quote is live, a mail that names another amount is stopped before it is queued.

An amount is a number beside the sign, code or name of the quote's currency. Everything that the quote shows may be named,
the price of a product that the mail names too, and what other packages know of (`know`), such as money that came in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from babel.numbers import get_currency_name, get_currency_symbol
from sqlalchemy import ColumnElement, or_, select

from checkout_desk import money
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import db
from checkout_desk.orders import quote_words
from checkout_desk.orders.models import Order, Quote
from checkout_desk.orders.quote_lifecycle import LIVE, name

PURPOSE = "quote"
"""purpose of the draft that sends a quote: it may name what its own version says"""
_LOCALES = ("en_GB", "en_US", "de_DE", "fr_FR", "es_ES", "ja_JP")
_NUMBER = r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?|\d+(?:[.,]\d{1,3})?"
Known = Callable[[Quote], Iterable[int]]
_known: list[Known] = []
_received: list[Callable[[Quote], int]] = []


def know(callback: Known) -> None:
    """Let mails name the amounts that `callback(quote)` gives, in minor units of the quote's currency."""
    if callback not in _known:
        _known.append(callback)


def receive_with(callback: Callable[[Quote], int]) -> None:
    """Let `received` know what payments have given to a quote, in minor units."""
    _received[:] = [callback]


def received(quote: Quote) -> int:
    """Minor units that payments have paid of the quote."""
    return sum(callback(quote) for callback in _received)


def fault(c: Conversation, text: str, purpose: str | None) -> str | None:
    """Why this text must not leave: it names an amount that no live quote of the conversation holds."""
    if not re.search(r"\d", text):
        return None
    quotes = _quotes(c, purpose)
    for currency in dict.fromkeys(quote.currency for quote in quotes):
        mine = [quote for quote in quotes if quote.currency == currency]
        allowed = {minor for quote in mine for minor in of_content(quote.content)}
        allowed |= {minor for quote in mine for callback in _known for minor in callback(quote)}
        for written, minors in named(text, currency):
            if minors.isdisjoint(allowed) and not _priced(minors, currency, text):
                quote = mine[-1]
                total = quote_words.amount(quote.content, quote.total_minor, "en")
                return (
                    f"“{written}” is no amount of quote {name(quote)}, which comes to {total}; correct it, or send a "
                    "new version of the quote."
                )
    return None


def of_content(content: Mapping[str, Any]) -> set[int]:
    """Every amount that a quote shows, in minor units."""
    rows = [*content["lines"], *([content["shipping"]] if content["shipping"] else [])]
    found = {content[key] for key in ("goods", "net", "tax", "total")}
    found |= {row[key] for row in rows for key in ("unit", "discount", "amount", "net", "tax", "total")}
    found |= {row["amount"] for row in content["discounts"]}
    found |= {row[key] for row in content["taxes"] for key in ("net", "tax")}
    return found


def named(text: str, currency: str) -> Iterator[tuple[str, set[int]]]:
    """The amounts of `currency` in a text: as written, and what each may mean in minor units. What the customer wrote
    and is quoted ('>') does not count."""
    own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    for match in _pattern(currency).finditer(own):
        minors = _meanings(match["after"] or match["before"], money.decimals(currency))
        if minors:
            yield match[0].strip(), minors


@lru_cache(maxsize=64)
def _pattern(currency: str) -> re.Pattern[str]:
    signs = {currency, *(get_currency_symbol(currency, locale=locale) for locale in _LOCALES)}
    signs |= {sign.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or sign for sign in signs}  # US$ is also $
    for locale in _LOCALES:
        for count in (1, 2):
            signs.add(str(get_currency_name(currency, count=count, locale=locale)).split()[-1])
    signs |= {"￥", "円"} if currency == "JPY" else set()
    glued = "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:{glued})[ \u00a0\u202f]?(?P<after>{_NUMBER})(?!\d)"
        rf"|(?<![\d.,])(?P<before>{_NUMBER})[ \u00a0\u202f]?(?:{glued})(?!\w)",
        re.IGNORECASE,
    )


def _meanings(written: str, decimals: int) -> set[int]:
    """What digits may mean: `1.250` is 1250 as well as 1.25 where a currency has three decimals."""
    bare = re.sub(r"[ '’\u00a0\u202f]", "", written)
    found = set()
    head, sign, tail = bare.rpartition("." if bare.rfind(".") > bare.rfind(",") else ",")
    if sign and len(tail) <= decimals:
        found.add(int(re.sub(r"\D", "", head) or 0) * 10**decimals + int(tail.ljust(decimals, "0")))
    if not sign or len(tail) == 3:
        found.add(int(re.sub(r"\D", "", bare)) * 10**decimals)
    if sign and len(tail) not in (
        3,
        *range(decimals + 1),
    ):  # 16.5 is an amount, 16.505 of a penny none: tell it anyway
        found.add(-1)
    return found


def _quotes(c: Conversation, purpose: str | None) -> list[Quote]:
    wanted: ColumnElement[bool] = Quote.state.in_(LIVE)
    if purpose == PURPOSE:
        wanted = or_(wanted, Quote.state == "draft")
    return list(
        db.session.scalars(
            select(Quote)
            .join(Order, Order.id == Quote.order_id)
            .where(Order.conversation_id == c.id, wanted)
            .order_by(Quote.id)
        )
    )


def _priced(minors: Collection[int], currency: str, text: str) -> bool:
    """Whether it is the price of a product that the text names."""
    rows = db.session.scalars(
        select(Product.name).where(
            Product.active, Product.currency == currency, Product.price_minor.in_(minors)
        )
    )
    folded = text.casefold()
    return any(name.casefold() in folded for name in rows)
