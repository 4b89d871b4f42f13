"""What a sale to a country costs in tax and shipping on a day, which codes hold, and by what may be paid."""

from __future__ import annotations

from datetime import date

import pytest

from checkout_desk.extensions import db
from checkout_desk.settings import discounts, methods, shipping, starting, tax, tolerances
from checkout_desk.settings.models import (
    Discount,
    PaymentMethod,
    ShippingPrice,
    ShippingService,
    Store,
    TaxRate,
    TaxZone,
    Tolerance,
)
from tests.builders import Shop

OPENED, RAISED = date(2026, 1, 1), date(2027, 1, 1)
DE_VAT, FR_VAT, GB_VAT, EL_VAT = "DE136695976", "FR40303265045", "GB980780684", "EL094259216"


@pytest.fixture
def rules(shop: Shop) -> Shop:
    """A British store: the rates of 2026, standard at 21 % from 2027, and a reduced rate that begins then."""
    with shop.writing():
        starting.open_rules("GB", "GBP", on=OPENED)
        home = db.session.query(TaxZone).filter_by(name="United Kingdom").one()
        db.session.add(
            TaxRate(
                zone_id=home.id, tax_class="standard", name="VAT 21 %", rate_ppm=210_000, valid_from=RAISED
            )
        )
        db.session.flush()
    return shop


def german(shop: Shop) -> None:
    with shop.writing():
        store = db.session.get_one(Store, 1)
        store.country, store.currency = "DE", "EUR"
        starting.open_rules("DE", "EUR", on=OPENED)


@pytest.mark.parametrize(
    ("country", "day", "tax_class", "treatment", "ppm"),
    [
        ("GB", "2026-01-01", "standard", "taxed", 200_000),
        ("GB", "2026-12-31", "standard", "taxed", 200_000),
        ("GB", "2027-01-01", "standard", "taxed", 210_000),
        ("GB", "2030-06-01", "standard", "taxed", 210_000),
        ("GB", "2027-01-01", "reduced", "taxed", 50_000),
        ("GB", "2026-05-05", "zero", "taxed", 0),
        ("GB", "2026-05-05", "exempt", "taxed", 0),
        ("GB", "2025-12-31", "standard", "taxed", None),
        ("GB", "2026-05-05", "luxury", "taxed", None),
        ("IM", "2026-05-05", "standard", "taxed", 200_000),
        ("DE", "2026-05-05", "standard", "zero", None),
        ("IE", "2026-05-05", "standard", "zero", None),
        ("US", "2026-05-05", "standard", "zero", None),
        ("JE", "2026-05-05", "standard", "zero", None),
    ],
)
def test_tax_of_a_british_store(
    rules: Shop, country: str, day: str, tax_class: str, treatment: str, ppm: int | None
) -> None:
    with rules.reading():
        found = tax.rates(country, on=date.fromisoformat(day))
    assert found.treatment == treatment
    rate = found.rates.get(tax_class)
    assert (rate.ppm if rate else None) == ppm


@pytest.mark.parametrize(
    ("country", "vat_id", "treatment", "ppm"),
    [
        ("DE", "", "taxed", 190_000),
        ("DE", DE_VAT, "taxed", 190_000),  # at home nothing is reversed
        ("FR", "", "taxed", 190_000),
        ("FR", FR_VAT, "reverse", None),
        ("FR", "fr 40 303 265 045", "reverse", None),
        ("FR", "FR40303265046", "taxed", 190_000),  # a wrong check digit
        ("FR", "40303265045", "taxed", 190_000),  # no letters of a country
        ("FR", EL_VAT, "taxed", 190_000),  # another country's
        ("GR", EL_VAT, "reverse", None),
        ("GR", "GR094259216", "reverse", None),
        ("AT", "ATU13585627", "reverse", None),
        ("GB", GB_VAT, "zero", None),
        ("CH", "CHE-107.787.577 IVA", "zero", None),
        ("US", "", "zero", None),
    ],
)
def test_tax_of_a_german_store(
    shop: Shop, country: str, vat_id: str, treatment: str, ppm: int | None
) -> None:
    german(shop)
    with shop.reading():
        found = tax.rates(country, on=OPENED, vat_id=vat_id)
    rate = found.rates.get("standard")
    assert (found.treatment, rate.ppm if rate else None) == (treatment, ppm)


@pytest.mark.parametrize(
    ("country", "vat_id", "says"),
    [
        ("FR", "", "empty"),
        ("FR", DE_VAT, "not one of France; it begins with the letters of the country, FR"),
        ("GR", "DE136695976", "such as EL"),
        ("DE", "DE136695977", "wrong digit or length"),
        ("GB", "GB980780685", "wrong digit or length"),
        ("US", "12-3456789", "cannot be checked"),
    ],
)
def test_a_vat_id_that_is_wrong_by_its_form_says_why(country: str, vat_id: str, says: str) -> None:
    assert says.removeprefix("such as ") in tax.vat_id_fault(vat_id, country)


def test_without_a_country_no_tax_is_guessed(rules: Shop) -> None:
    with rules.reading(), pytest.raises(ValueError, match="The country is missing"):
        tax.rates("", on=OPENED)


def test_nothing_is_reversed_at_home(shop: Shop) -> None:
    with shop.writing():
        zone = TaxZone(name="Everywhere", countries=["*"], treatment="reverse", position=0)
        db.session.add(zone)
        db.session.flush()
        assert tax.rates("GB", on=OPENED, vat_id=GB_VAT).treatment == "taxed"
        assert tax.rates("FR", on=OPENED, vat_id=FR_VAT).treatment == "reverse"


def test_a_country_in_no_zone_is_not_taxed_and_the_named_zone_comes_before_the_rest(shop: Shop) -> None:
    with shop.writing():
        assert tax.rates("GB", on=OPENED).treatment == "none"
        db.session.add(TaxZone(name="All", countries=["*"], treatment="zero", position=0))
        db.session.add(TaxZone(name="Two", countries=["GB"], treatment="taxed", position=5))
        db.session.flush()
        assert tax.rates("GB", on=OPENED).zone == "Two"
        assert tax.rates("FR", on=OPENED).zone == "All"
        assert tax.home(on=OPENED) == {}


@pytest.mark.parametrize(
    ("country", "grams", "value", "currency", "day", "prices"),
    [
        ("GB", 340, 800, "GBP", "2026-05-05", [395, 495]),
        ("GB", 2000, 800, "GBP", "2026-05-05", [395, 495]),
        ("GB", 2001, 800, "GBP", "2026-05-05", [595, 745]),
        ("GB", 5001, 5999, "GBP", "2026-05-05", [795, 995]),
        ("GB", 5001, 6000, "GBP", "2026-05-05", [0, 995]),  # free from a value
        ("GB", 10_001, 6000, "GBP", "2026-05-05", [1195, 1495]),  # too heavy to be free
        ("GB", 20_001, 6000, "GBP", "2026-05-05", []),
        ("GB", 0, 0, "GBP", "2026-05-05", [395, 495]),
        ("JE", 340, 800, "GBP", "2026-05-05", [395, 495]),  # inland postage, though an export
        ("GB", 340, 800, "EUR", "2026-05-05", []),
        ("GB", 340, 800, "GBP", "2025-12-31", []),
        ("DE", 1000, 800, "GBP", "2026-05-05", [990]),
        ("DE", 1001, 99_900, "GBP", "2026-05-05", [1190]),
        ("US", 500, 800, "GBP", "2026-05-05", [1250]),  # everywhere else
        ("JP", 10_000, 800, "GBP", "2026-05-05", [7900]),
        ("", 500, 800, "GBP", "2026-05-05", []),
    ],
)
def test_shipping_of_a_british_store(
    rules: Shop, country: str, grams: int, value: int, currency: str, day: str, prices: list[int]
) -> None:
    asked = {"grams": grams, "value_minor": value, "currency": currency, "on": date.fromisoformat(day)}
    with rules.reading():
        found = shipping.offers(country, **asked)  # type: ignore[arg-type]
        assert [offer.price_minor for offer in found] == prices
        if not prices:
            assert shipping.none_because(country, **asked)  # type: ignore[arg-type]


def test_a_new_price_table_replaces_the_old_one_whole_from_its_day_on(rules: Shop) -> None:
    with rules.writing():
        one = db.session.query(ShippingService).filter_by(name="Tracked 48").one()
        db.session.add(
            ShippingPrice(
                service_id=one.id, up_to_grams=2000, price_minor=425, currency="GBP", valid_from=RAISED
            )
        )
        db.session.flush()

        def price(grams: int, value: int, day: date) -> list[int]:
            found = shipping.offers("GB", grams=grams, value_minor=value, currency="GBP", on=day)
            return [offer.price_minor for offer in found if offer.service_id == one.id]

        assert price(300, 100, date(2026, 12, 31)) == [395]
        assert price(300, 9000, RAISED) == [425]
        assert price(3000, 100, RAISED) == []
        one.active = False
        assert price(300, 100, RAISED) == []


def test_a_parcel_without_a_weight_is_said_by_name() -> None:
    assert shipping.weigh([("Mug", 340, 2), ("Lid", 110, 1)]) == 790
    with pytest.raises(shipping.NoWeight, match="“Vase, tenmoku” has no weight"):
        shipping.weigh([("Mug", 340, 2), ("Vase, tenmoku", None, 1)])


@pytest.mark.parametrize(
    ("country", "grams", "currency", "says"),
    [
        ("GB", 30_000, "GBP", "no service takes more than 20000 g to United Kingdom"),
        ("GB", 300, "EUR", "has prices in EUR"),
        ("", 300, "GBP", "an order without a country"),
    ],
)
def test_why_nothing_can_be_chosen(rules: Shop, country: str, grams: int, currency: str, says: str) -> None:
    with rules.reading():
        assert says in shipping.none_because(
            country, grams=grams, value_minor=100, currency=currency, on=OPENED
        )


def _codes() -> None:
    db.session.add_all(
        [
            Discount(code="WELCOME10", code_key="welcome10", kind="percent", value=100_000, valid_from=OPENED),
            Discount(code="WELCOME10", code_key="welcome10", kind="percent", value=50_000, valid_from=RAISED),
            Discount(code="FIVER", code_key="fiver", kind="amount", value=500, currency="GBP", from_value_minor=2000,
                     valid_from=OPENED, valid_until=date(2026, 6, 30)),
            Discount(code="OFF", code_key="off", kind="percent", value=1, valid_from=OPENED, active=False),
        ]
    )  # fmt: skip
    db.session.flush()


@pytest.mark.parametrize(
    ("code", "value", "currency", "day", "ppm", "minor"),
    [
        ("WELCOME10", 1000, "GBP", "2026-01-01", 100_000, 0),
        (" welcome 10 ", 1000, "EUR", "2026-12-31", 100_000, 0),
        ("WELCOME10", 1000, "GBP", "2027-01-01", 50_000, 0),
        ("FIVER", 2000, "GBP", "2026-06-30", 0, 500),
    ],
)
def test_codes_that_hold(
    shop: Shop, code: str, value: int, currency: str, day: str, ppm: int, minor: int
) -> None:
    with shop.writing():
        _codes()
        found = discounts.find(code, value_minor=value, currency=currency, on=date.fromisoformat(day))
    assert (found.ppm, found.minor) == (ppm, minor)


@pytest.mark.parametrize(
    ("code", "value", "currency", "day", "says"),
    [
        ("NOPE", 1000, "GBP", "2026-01-01", "no discount code “NOPE”"),
        ("WELCOME10", 1000, "GBP", "2025-12-31", "holds from 1 January 2026 on"),
        ("FIVER", 1999, "GBP", "2026-06-30", "needs goods worth £20.00; these are worth £19.99"),
        ("FIVER", 2000, "EUR", "2026-06-30", "for orders in GBP"),
        ("FIVER", 2000, "GBP", "2026-07-01", "ended on 30 June 2026"),
        ("OFF", 2000, "GBP", "2026-07-01", "switched off"),
    ],
)
def test_codes_that_do_not_hold_say_why(
    shop: Shop, code: str, value: int, currency: str, day: str, says: str
) -> None:
    with shop.writing():
        _codes()
        with pytest.raises(discounts.Unusable, match=says):
            discounts.find(code, value_minor=value, currency=currency, on=date.fromisoformat(day))


def test_ways_to_pay_are_those_that_are_ready_and_fit(shop: Shop) -> None:
    with shop.writing():
        bank = {"iban": "GB33BUKB20201555555555", "holder": "Fern and Kiln", "currencies": ["GBP"]}
        sealed = methods.seal({"secret_key": "sk_test_1", "webhook_secret": ""})
        db.session.add_all(
            [
                PaymentMethod(kind="bank", name="Bank transfer", settings=bank, position=1),
                PaymentMethod(kind="bank", name="No IBAN", settings={}, position=2),
                PaymentMethod(kind="stripe", name="Card", settings={}, secret=sealed, position=0),
                PaymentMethod(kind="paypal", name="No keys", settings={}, position=3),
                PaymentMethod(kind="cash", name="Cash", settings={"countries": ["GB"]}, position=4),
                PaymentMethod(kind="account", name="Account", settings={}, position=5),
                PaymentMethod(kind="cash", name="Off", settings={}, active=False, position=6),
            ]
        )
        db.session.flush()

        def names(currency: str, country: str, *, trusted: bool = False) -> list[str]:
            return [one.name for one in methods.active(currency, country, trusted=trusted)]

        assert names("GBP", "GB") == ["Card", "Bank transfer", "Cash"]
        assert names("EUR", "DE") == ["Card"]
        assert names("EUR", "GB", trusted=True) == ["Card", "Cash", "Account"]
        card = methods.active("EUR", "DE")[0]
        assert methods.secrets(card) == {"secret_key": "sk_test_1"}
        assert "sk_test" not in (card.secret or "")
        assert methods.seal({"secret_key": ""}) is None


def test_the_widest_limit_of_somebodys_roles_counts(shop: Shop) -> None:
    with shop.writing():
        db.session.add(
            Tolerance(role="support", currency="GBP", under_minor=50, over_minor=100, refund_minor=0)
        )
        db.session.add(
            Tolerance(role="manager", currency="GBP", under_minor=500, over_minor=10, refund_minor=50_000)
        )
        db.session.flush()
        assert tolerances.of(["support", "manager"], "GBP") == tolerances.Limits(500, 100, 50_000)
        assert tolerances.of(["manager"], "EUR") == tolerances.Limits()


def test_rules_are_only_opened_where_there_are_none(rules: Shop) -> None:
    with rules.writing():
        before = db.session.query(ShippingPrice).count()
        starting.open_rules("GB", "GBP", on=RAISED)
        assert db.session.query(ShippingPrice).count() == before
