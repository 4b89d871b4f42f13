"""What an order has to ask the customer, and the words that a template about it is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from babel import Locale

from checkout_desk import money
from checkout_desk.catalogue import products
from checkout_desk.catalogue.models import Product
from checkout_desk.correspondence import questions, rendering, templates
from checkout_desk.correspondence.questions import Option, Question
from checkout_desk.correspondence.rendering import Rendered
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import Template
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.orders import completeness, loading
from checkout_desk.orders.completeness import Gap
from checkout_desk.orders.models import Order, OrderLine
from checkout_desk.settings.models import store


@dataclass(frozen=True, slots=True)
class Open:
    """An order with all that a question or the customer page needs of it, loaded once."""

    order: Order
    lines: list[OrderLine]
    """without the removed ones"""
    gaps: list[Gap]
    """those that a customer can fill"""
    products: Mapping[int, Product]
    language: str
    """the one that the customer is written in"""

    @property
    def locale(self) -> str:
        """How money is written in that language."""
        return LANGUAGES[self.language].locale

    def line(self, line_id: int | None) -> OrderLine | None:
        """The line of that id."""
        return next((line for line in self.lines if line.id == line_id), None)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the order for the customer: how many of what, and what that costs."""

    quantity: int
    name: str
    each: str
    total: str


def opened(order: Order) -> Open:
    """`order` with its lines, products and gaps. Three queries."""
    lines = [line for line in loading.lines(order) if line.removed_at is None]
    found = completeness.gaps(order, lines, ask_phone=store().ask_phone)
    wanted = {line.product_id for line in lines if line.product_id}
    wanted |= {number for line in lines for number in line.candidates}
    return Open(
        order,
        lines,
        [gap for gap in found if gap.askable],
        products.get(wanted),
        templates.speaks(order.language),
    )


def in_language(o: Open, language: str) -> Open:
    """The same order for a reader of `language`."""
    return replace(o, language=language)


def asked(o: Open) -> list[Question]:
    """The gaps as questions, each with what is known beside it."""
    return [_question(o, gap) for gap in o.gaps]


def options(o: Open, line: OrderLine) -> list[tuple[Product, str]]:
    """The products that a line may mean, with their prices as the customer reads them; what is not sold is left out."""
    found = [o.products[number] for number in line.candidates if number in o.products]
    return [
        (product, money.show(product.price_minor, product.currency, locale=o.locale))
        for product in found
        if product.active
    ]


def rows(o: Open) -> list[Row]:
    """The lines that say what and how many."""
    found = []
    for line in o.lines:
        if line.product_id is None or line.quantity is None:
            continue
        each = line.unit_price_minor
        found.append(
            Row(
                line.quantity,
                o.products[line.product_id].name,
                money.show(each, o.order.currency, locale=o.locale) if each is not None else "",
                money.show(each * line.quantity, o.order.currency, locale=o.locale)
                if each is not None
                else "",
            )
        )
    return found


def summary(o: Open) -> str:
    """The same as text, or that there is nothing yet."""
    found = [f"{r.quantity} × {r.name}" + (f", {r.total}" if r.total else "") for r in rows(o)]
    return "\n".join(found) or LANGUAGES[o.language].nothing


def country(code: str, language: str) -> str:
    """The name of a country in `language`, '' for no country."""
    return str(Locale.parse(language).territories.get(code, code)) if code else ""


CODE_BEHIND = frozenset("GB IE US CA AU NZ IN SG JP ZA BR".split())
"""countries whose postcode stands behind the town (and its region)"""


def address(order: Order, language: str) -> str:
    """Where the parcel goes, as far as that is known, a line below the other."""
    city, code, region = order.ship_city, order.ship_postcode, order.ship_region
    behind = order.ship_country in CODE_BEHIND
    town = " ".join(part for part in ((city, region, code) if behind else (code, city)) if part)
    parts = (order.ship_name, order.ship_line1, order.ship_line2, town, "" if behind else region,
             country(order.ship_country, language))  # fmt: skip
    return "\n".join(part for part in parts if part)


def name_of(order: Order) -> str:
    """The customer's name as far as it is known; the name on the parcel may be somebody else's."""
    customer = db.session.get(Customer, order.customer_id) if order.customer_id else None
    return (customer.name if customer else "") or order.ship_name


def rendered(
    o: Open, key: str, *, contact: str, language: str = "", name: str = ""
) -> tuple[Template, Rendered]:
    """Template `key` in the customer's language (or `language`), filled from the order.

    `name` is who is greeted, where that is not the name on the parcel. Raises rendering.Unfilled.
    """
    template = templates.newest(key, language or o.language)
    o = in_language(o, template.language)
    name = " ".join((name or name_of(o.order)).split())
    return template, rendering.render(
        template,
        {
            "GREETING": questions.greeting(name, o.language),
            "CUSTOMER_NAME": name,
            "ORDER_NUMBER": str(o.order.number),
            "ORDER_SUMMARY": summary(o),
            "MISSING_DETAILS": questions.missing_details(asked(o), o.language),
            "SHIPPING_ADDRESS": address(o.order, o.language),
            "CONTACT_INFO": contact,
            "STORE_NAME": store().name,
        },
    )


def _question(o: Open, gap: Gap) -> Question:
    line = o.line(gap.line_id)
    if line is None:
        return Question(gap.name, name=o.order.ship_name, line1=o.order.ship_line1, city=o.order.ship_city)
    product = o.products.get(line.product_id) if line.product_id else None
    found: Sequence[tuple[Product, str]] = options(o, line) if gap.name == "product" else ()
    return Question(
        gap.name,
        words=line.text,
        product=product.name if product else "",
        options=tuple(Option(each.name, price) for each, price in found),
        line_id=line.id,
    )
