"""What a quote says by the store's rules: tax, shipping, codes, methods; and that it says the same for ever."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import details, quote_content, quote_words, quoting
from checkout_desk.orders.models import Quote
from checkout_desk.settings.models import (
    Discount,
    PaymentMethod,
    ShippingPrice,
    ShippingService,
    TaxRate,
    TaxZone,
)
from tests.orders.quoted import MONDAY, Till
from tests.orders.stage import Stage

DAY = date(2026, 1, 1)
PLACED = re.compile(r"{(\w+)}")


@pytest.fixture
def till(stage: Stage) -> Till:
    made = Till(stage)
    with made.shop.writing():
        add = db.session.add
        home = TaxZone(name="Home", countries=["GB"], position=0)
        rest = TaxZone(name="Rest", countries=["*"], treatment="zero", position=1)
        one = ShippingService(name="Royal Post 48", countries=["GB"], days_min=2, days_max=3, position=0)
        two = ShippingService(name="Courier", countries=["GB"], days_min=1, days_max=1, position=1)
        far = ShippingService(name="Air", countries=["*"], days_min=5, days_max=9, position=2)
        for row in (home, rest, one, two, far):
            add(row)
        db.session.flush()
        add(TaxRate(zone_id=home.id, name="VAT 20 %", rate_ppm=200_000, valid_from=DAY))
        for service, price in ((one, 395), (two, 795), (far, 1500)):
            add(ShippingPrice(service_id=service.id, price_minor=price, currency="GBP", valid_from=DAY))
        add(Discount(code="Fern10", code_key="fern10", kind="percent", value=100_000, valid_from=DAY))
        bank = {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22", "holder": "Fern and Kiln"}
        add(PaymentMethod(kind="bank", name="Bank transfer", settings=bank))
    return made


def draft(till: Till, number: int, **choices: Any) -> Quote:
    with till.at(number, MONDAY) as (order, by):
        quote_id = quoting.draft(order, by=by, **choices).id
    return till.quote(quote_id)


def test_a_quote_at_home(till: Till) -> None:
    number = till.verified()
    quote = draft(till, number)
    assert quote_words.summary(quote.content) == (
        "2 × Blue mug: £32.00\nShipping, Royal Post 48: £3.95\nTotal: £35.95\nof which VAT 20 %: £5.99"
    )
    assert (quote.net_minor, quote.tax_minor, quote.total_minor) == (2996, 599, 3595)
    assert quote_words.shipping_time(quote.content) == "2–3 business days"
    assert quote_words.payment_instructions(quote.content) == (
        "Bank transfer to Fern and Kiln, IBAN GB33BUKB20201555555555, BIC BUKBGB22, with the reference "
        + quote_words.reference(quote.content)
    )


def test_choices_are_kept_from_draft_to_draft_and_version_to_version(till: Till) -> None:
    number = till.verified()
    with till.shop.reading():
        courier = db.session.query(ShippingService).filter_by(name="Courier").one().id
    assert draft(till, number, service_id=courier, discount_code="fern10 ").total_minor == 2880 + 795
    assert draft(till, number).total_minor == 2880 + 795
    quote_id = till.send(number)
    assert till.quote(quote_id).content["discounts"] == [{"code": "Fern10", "name": "Fern10", "amount": 320}]
    with till.at(number) as (order, by):
        details.change(order, {"ship_line1": "6 Quay Lane"}, by=by)
    till.verify(number)
    second = draft(till, number)
    assert (second.number, second.total_minor) == (2, 2880 + 795)
    with till.shop.reading():
        rows = quoting.difference(till.quote(quote_id), second)
    assert [(row.what, row.before, row.after) for row in rows] == [
        ("ship_line1", "5 Quay Lane", "6 Quay Lane")
    ]
    assert draft(till, number, discount_code="").total_minor == 3200 + 795


def test_abroad_the_tax_of_home_comes_off_and_another_service_goes(till: Till) -> None:
    number = till.verified()
    draft(till, number)
    with till.at(number) as (order, by):
        details.change(order, {"ship_country": "US", "ship_region": "NY", "ship_postcode": "10001"}, by=by)
    till.verify(number)
    quote = draft(till, number)
    assert (quote.tax_minor, quote.content["shipping"]["name"]) == (0, "Air")
    assert quote.total_minor == 2 * 1333 + 1250
    assert "VAT" not in quote_words.summary(quote.content)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"service_id": 999}, "does not take this order any more; choose one of: Royal Post 48, Courier"),
        ({"discount_code": "NOPE"}, "There is no discount code “NOPE”"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(till: Till, choices: dict[str, Any], words: str) -> None:
    number = till.verified()
    with pytest.raises(Refused, match=words):
        draft(till, number, **choices)


def test_a_product_without_weight_is_named(till: Till) -> None:
    number = till.verified()
    with till.shop.writing():
        from tests.orders.stage import product

        product("MUG-BLU").weight_grams = None
    with pytest.raises(Refused, match="“Blue mug” has no weight"):
        draft(till, number)


def test_a_class_without_a_rate_is_told(till: Till) -> None:
    number = till.verified()
    with till.shop.writing():
        from tests.orders.stage import product

        product("MUG-BLU").tax_class = "reduced"
    with pytest.raises(Refused, match="“reduced” has no rate"):
        draft(till, number)


def test_what_a_quote_shows_adds_up_in_every_language(till: Till) -> None:
    number = till.verified()
    quote = draft(till, number, discount_code="FERN10")
    for language in LANGUAGES:
        told = quote_words.WORDS[language]
        assert {key: PLACED.findall(text) for key, text in told.items()} == {
            key: PLACED.findall(text) for key, text in quote_words.WORDS["en"].items()
        }
        rows = list(quote_words.rows(quote.content, language))
        assert len(rows) == 5
        assert rows[3][1] == quote_words.amount(quote.content, quote.total_minor, language)
    assert quote_words.summary(quote.content, "de").splitlines()[1] == "Rabatt Fern10: -3,20\u00a0£"


def test_a_sent_quote_reads_the_same_for_ever(till: Till) -> None:
    number = till.verified()
    quote_id = till.send(number)
    before = till.quote(quote_id)
    read = quote_content.canonical(before.content), quote_words.summary(before.content)
    till.shop.set_store(name="Another name", prices_include_tax=False, quote_days=9)
    with till.shop.writing():
        db.session.query(TaxRate).update({"rate_ppm": 250_000})
        db.session.query(PaymentMethod).update({"name": "Wire"})
    after = till.quote(quote_id)
    assert (quote_content.canonical(after.content), quote_words.summary(after.content)) == read
    assert quote_content.digest(after.content) == after.content_hash
