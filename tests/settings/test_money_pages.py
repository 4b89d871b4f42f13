"""The pages of the money rules: what takes over from which day, what is refused and with which sentence, and who may."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.catalogue import products
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.settings import methods, starting, typed
from checkout_desk.settings.effective import today
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
from tests.builders import MONDAY, Shop
from tests.databases import rows_on_sqlite
from tests.page import Browser, Page
from tests.signing import PASSWORD, form_token, post

BASE = "/settings/money"
PAGES = ("", "/tax", "/tax/new", "/shipping", "/shipping/new", "/discounts", "/quotes", "/tolerances", "/methods",
         "/methods/new/bank", "/methods/new/stripe", "/methods/new/paypal", "/methods/new/cash", "/methods/new/account",
         "/brand", "/preview")  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
KEY, HOOK = "sk_test_51Hx0Wq2Z", "whsec_8f3k2m"


@pytest.fixture(autouse=True)
def monday() -> Any:
    """All of it happens on one day."""
    with clock.pretending(MONDAY):
        yield


@pytest.fixture
def rules(shop: Shop) -> Shop:
    """A British store that opened thirty days ago, with two products."""
    with shop.writing():
        starting.open_rules("GB", "GBP", on=today() - timedelta(days=30))
        for sku, tax_class, grams in (
            ("MUG", "standard", 340),
            ("TEA", "zero", 115),
            ("VASE", "standard", None),
        ):
            products.create(sku=sku, name=f"{sku.title()} of ours", price_minor=1200, currency="GBP", tax_class=tax_class,
                            weight_grams=grams)  # fmt: skip
    return shop


@pytest.fixture
def manager(rules: Shop, as_role: Callable[[str], Browser]) -> Browser:
    return as_role("manager")


def send(browser: Browser, path: str, data: dict[str, Any], **more: Any) -> Page:
    """Exactly this, as somebody could send who does not use the form, with a fitting token."""
    return Page(browser, post(browser.app, browser.client, path, data, follow_redirects=True, **more))


def says(page: Page, sentence: str) -> bool:
    return sentence in html.unescape(page.html)


def ids(shop: Shop, model: Any, **where: Any) -> int:
    with shop.reading():
        found: int = db.session.scalars(select(model.id).filter_by(**where)).first() or 0
        return found


def kinds(shop: Shop) -> list[str]:
    with shop.reading():
        return [event.kind for event in db.session.scalars(select(Event).order_by(Event.id))]


def days(number: int) -> str:
    return (MONDAY + timedelta(days=number)).date().isoformat()


def test_every_page_is_for_managers_and_admins(rules: Shop, as_role: Callable[[str], Browser]) -> None:
    for role in ROLES:
        browser = as_role(role)
        for path in PAGES:
            expected = 200 if role in ("manager", "admin") else 403
            assert browser.open(BASE + path).status == expected, (role, path)


def test_support_cannot_change_where_money_goes(rules: Shop, as_role: Callable[[str], Browser]) -> None:
    bank = {"name": "Bank", "holder": "Eve", "iban": "GB33BUKB20201555555555", "active": "1"}
    for role in ("support", "processing", "logistics"):
        assert send(as_role(role), f"{BASE}/methods/new/bank", bank).status == 403
    assert ids(rules, PaymentMethod, kind="bank") == 0


# ---- tax


def test_a_rate_takes_over_on_its_day_and_can_be_taken_away_before(rules: Shop, manager: Browser) -> None:
    zone = ids(rules, TaxZone, name="United Kingdom")
    page = manager.open(f"{BASE}/tax/{zone}").press(
        "Add the rate", tax_class="standard", rate="21,5", valid_from=days(60)
    )
    assert page.status == 200 and says(page, "VAT 21.5 % holds from 1 January 2027 on.")
    assert "tax_rate.created" in kinds(rules)
    later = manager.open(f"{BASE}/preview?country=GB&day={days(60)}&sku-0=MUG&quantity-0=1")
    assert says(later, "VAT 21.5 %") and not says(later, "VAT 20 %")
    assert says(manager.open(f"{BASE}/preview?country=GB&day={days(59)}&sku-0=MUG&quantity-0=1"), "VAT 20 %")
    page.press("Take away VAT 21.5 %")
    assert ids(rules, TaxRate, rate_ppm=215_000) == 0 and "tax_rate.taken_away" in kinds(rules)


@rows_on_sqlite(
    ("typed_", "field", "sentence"),
    [
        (
            {"rate": "twenty"},
            "rate",
            "Percent cannot be “twenty”; type a percentage from 0 to 100, such as 20 or 5.5.",
        ),
        ({"rate": "100.01"}, "rate", "Percent cannot be “100.01”"),
        ({"rate": "-5"}, "rate", "Percent cannot be “-5”"),
        ({"rate": "21", "name": "VAT 20 %"}, "name", "Name says 20 %, but the rate is 21 %"),
        (
            {"rate": "21", "valid_from": "1.1.2027"},
            "valid_from",
            "From cannot be “1.1.2027”; type a day such as 2026-12-31.",
        ),
        ({"rate": "21", "valid_from": days(-1)}, "valid_from", "choose today or later"),
        (
            {"rate": "21", "valid_from": days(-30)},
            "valid_from",
            "has a rate from 3 October 2026 on already, VAT 20 %",
        ),
        (
            {"rate": "21", "tax_class": "luxury"},
            "tax_class",
            "Class cannot be “luxury”; choose one of Standard",
        ),
    ],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(
    rules: Shop, manager: Browser, typed_: dict[str, str], field: str, sentence: str
) -> None:
    zone = ids(rules, TaxZone, name="United Kingdom")
    sent = {"tax_class": "standard", "name": "", "valid_from": days(1), **typed_}
    page = send(manager, f"{BASE}/tax/{zone}/rates", sent)
    assert page.status == 422 and says(page, sentence)
    assert f"{field}-error" in page.html
    form = page.form(f"/tax/{zone}/rates")
    assert form.value("rate") == typed_["rate"] and form.value("valid_from") == sent["valid_from"]
    with rules.reading():
        assert db.session.query(TaxRate).count() == 4


def test_a_rate_that_has_begun_stays(rules: Shop, manager: Browser) -> None:
    rate = ids(rules, TaxRate, tax_class="standard")
    page = send(manager, f"{BASE}/tax/rates/{rate}/take-away", {})
    assert page.status == 409 and says(page, "quotes were made with it")
    assert ids(rules, TaxRate, tax_class="standard") == rate
    assert send(manager, f"{BASE}/tax/rates/999/take-away", {}).status == 404


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"countries": "GB, DE"}, "United Kingdom stands in “United Kingdom” already"),
        ({"countries": "Atlantis"}, "“Atlantis” is not a country"),
        ({"countries": "*"}, "everywhere else (*) stands in “Rest of the world” already"),
        ({"countries": "EU"}, "Austria, Belgium, Bulgaria, Cyprus"),
        ({"countries": "CH", "name": "european union"}, "there is a zone “European Union” already"),
        ({"countries": "CH", "name": ""}, "Name is empty"),
        ({"countries": "CH", "treatment": "free"}, "Treatment cannot be “free”"),
    ],
)
def test_zones_do_not_overlap(rules: Shop, manager: Browser, sent: dict[str, str], sentence: str) -> None:
    page = send(manager, f"{BASE}/tax/new", {"name": "Alps", "treatment": "taxed", **sent})
    assert page.status == 422 and says(page, sentence)
    assert page.form("/tax/new").value("countries") == sent["countries"]
    with rules.reading():
        assert db.session.query(TaxZone).count() == 3


def test_a_zone_is_made_of_names_and_codes_and_changed(rules: Shop, manager: Browser) -> None:
    page = manager.open(f"{BASE}/tax/new").press(
        "Add the zone", name="Alps", countries="Switzerland, li", treatment="reverse"
    )
    assert says(page, "No rates yet")
    number = ids(rules, TaxZone, name="Alps")
    with rules.reading():
        assert db.session.get_one(TaxZone, number).countries == ["CH", "LI"]
    manager.open(f"{BASE}/tax/{number}").press("Save", countries="CH")
    with rules.reading():
        assert db.session.get_one(TaxZone, number).countries == ["CH"]
    home = ids(rules, TaxZone, name="United Kingdom")
    refused = manager.open(f"{BASE}/tax/{home}").press("Save", treatment="reverse")
    assert refused.status == 422 and says(refused, "nothing is reversed at home")


# ---- shipping


def table(**fields: str) -> dict[str, str]:
    return {"currency": "GBP", "valid_from": days(1), "grams-0": "2000", "value-0": "", "price-0": "4.25"} | {
        name.replace("_", "-") if name[-1].isdigit() else name: value for name, value in fields.items()
    }


def test_prices_take_over_on_their_day_and_can_be_taken_away_before(rules: Shop, manager: Browser) -> None:
    one = ids(rules, ShippingService, name="Tracked 48")
    page = send(
        manager,
        f"{BASE}/shipping/{one}/prices",
        {
            "currency": "GBP",
            "valid_from": days(1),
            "grams-0": "2000",
            "price-0": "4,25",
            "value-3": "45",
            "price-3": "0",
        },
    )
    assert page.status == 200 and says(page, "The prices hold from 3 November 2026 on.")
    ask = f"{BASE}/preview?country=GB&sku-0=MUG&quantity-0=4&day="
    assert says(manager.open(ask + days(1)), "Royal Mail Tracked 48</b>, 2 to 3 days, free")
    assert says(manager.open(ask + days(0)), "Royal Mail Tracked 48</b>, 2 to 3 days, £3.95")
    manager.open(f"{BASE}/shipping/{one}").press("Take away")
    with rules.reading():
        assert db.session.query(ShippingPrice).filter_by(service_id=one).count() == 5


@rows_on_sqlite(
    ("sent", "field", "sentence"),
    [
        (table(price_0="cheap"), "price-0", "Row 1, price: “cheap” is not an amount"),
        (table(price_0="4.255"), "price-0", "too many decimals; GBP has 2"),
        (table(price_0=""), "price-0", "Row 1 has no price"),
        (
            table(grams_0="-1"),
            "grams-0",
            "Row 1, grams cannot be “-1”; type a whole number from 1 to 1000000.",
        ),
        (table(grams_0="", price_0=""), "price-0", "type at least one row"),
        (table(grams_1="2000", price_1="5"), "grams-1", "Row 2 is for 2000 g and the same value as row 1"),
        (
            table(grams_1="5000", price_1="4"),
            "price-1",
            "less than the lighter parcel of row 1; type at least 4.25.",
        ),
        (table(grams_1="", price_1="4"), "price-1", "Row 2, any weight, costs £4.00"),
        (table(currency="XYZ"), "currency", "Currency cannot be “XYZ”; choose one of GBP, British Pound."),
        (table(currency="EUR"), "currency", "Currency cannot be “EUR”"),  # no product has it
        (table(valid_from=days(-1)), "valid_from", "choose today or later"),
        (table(valid_from=days(-30)), "valid_from", "are there already"),
    ],
)
def test_prices_that_contradict_are_refused_at_their_row(
    rules: Shop, manager: Browser, sent: dict[str, str], field: str, sentence: str
) -> None:
    one = ids(rules, ShippingService, name="Tracked 48")
    page = send(manager, f"{BASE}/shipping/{one}/prices", sent)
    assert page.status == 422 and says(page, sentence)
    assert f"f-{field}-error" in page.html
    assert page.form(f"/shipping/{one}/prices").value("price-0") == sent["price-0"]
    with rules.reading():
        assert db.session.query(ShippingPrice).filter_by(service_id=one).count() == 5


def test_two_managers_at_once_make_one_table(rules: Shop, as_role: Callable[[str], Browser]) -> None:
    one = ids(rules, ShippingService, name="Tracked 48")
    both = [as_role("manager"), as_role("admin")]
    tokens = [form_token(browser.app, browser.client) for browser in both]
    ready = Barrier(2)

    def set_prices(which: int) -> int:
        ready.wait()
        path, data = f"{BASE}/shipping/{one}/prices", table() | {"csrf_token": tokens[which]}
        return both[which].client.post(path, data=data, base_url=rules.app.config["DESK_URL"]).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(copy_context().run, set_prices, which) for which in (0, 1)]
        assert sorted(answer.result() for answer in answers) == [303, 422]
    with rules.reading():
        assert db.session.query(ShippingPrice).filter_by(service_id=one).count() == 6


def test_prices_that_have_begun_stay(rules: Shop, manager: Browser) -> None:
    one = ids(rules, ShippingService, name="Tracked 48")
    page = send(
        manager, f"{BASE}/shipping/{one}/prices/take-away", {"currency": "GBP", "valid_from": days(-30)}
    )
    assert page.status == 409 and says(page, "quotes were made with them")


def test_a_service_is_made_changed_and_sorted(rules: Shop, manager: Browser) -> None:
    page = manager.open(f"{BASE}/shipping/new").press(
        "Add the service",
        name="Pigeon",
        carrier="Us",
        countries="GB",
        days_min="1",
        days_max="2",
        cut_off="9.30",
    )
    assert page.status == 200
    one = ids(rules, ShippingService, name="Pigeon")
    assert says(manager.open(f"{BASE}/shipping"), "No prices hold today; it is not offered.")
    for _ in range(4):
        send(manager, f"{BASE}/shipping/{one}/up", {})
    with rules.reading():
        assert db.session.get_one(ShippingService, one).position == 0
        assert db.session.get_one(ShippingService, one).cut_off == "09:30"
    for change, sentence in (
        ({"days_min": "5"}, "Business days at most cannot be 2, fewer than 5 at best"),
        ({"cut_off": "25:00"}, "Cut-off cannot be “25:00”; type a time such as 15:00."),
        ({"name": "Tracked 48"}, "“Tracked 48” goes to GB already"),
        ({"days_max": "soon"}, "Business days at most cannot be “soon”"),
    ):
        refused = manager.open(f"{BASE}/shipping/{one}").press("Save", **change)
        assert refused.status == 422 and says(refused, sentence)


# ---- discounts


def test_a_code_is_added_changes_from_a_day_is_switched_off_and_ends(rules: Shop, manager: Browser) -> None:
    form = {"code": "Spring", "kind": "percent", "value": "10", "currency": "GBP", "valid_from": days(0)}
    assert says(send(manager, f"{BASE}/discounts", form), "Code Spring holds from 2 November 2026 on.")
    send(manager, f"{BASE}/discounts", form | {"code": "SPRING", "value": "15", "valid_from": days(10)})
    ask = f"{BASE}/preview?country=GB&sku-0=MUG&quantity-0=1&code=spring&day="
    assert says(manager.open(ask + days(9)), "−£1.20") and says(manager.open(ask + days(10)), "−£1.80")
    page = manager.open(f"{BASE}/discounts")
    page = page.press("Switch off Spring")
    assert says(manager.open(ask + days(0)), "Code “spring” is switched off.")
    page = page.press("Switch on Spring").press("Take away SPRING").press("End today Spring")
    assert says(manager.open(ask + days(1)), "Code “spring” ended on 2 November 2026.")
    assert kinds(rules).count("discount.switched") == 4
    with rules.reading():
        assert db.session.query(Discount).count() == 1


@rows_on_sqlite(
    ("sent", "sentence"),
    [
        ({"code": ""}, "Code is empty"),
        ({"code": "TWO WORDS"}, "type it without spaces"),
        ({"value": "0"}, "Worth cannot be 0"),
        ({"value": "101"}, "type a percentage from 0 to 100"),
        ({"kind": "amount", "value": "1.234"}, "too many decimals"),
        ({"kind": "gift"}, "Kind cannot be “gift”"),
        ({"valid_from": days(-1)}, "choose today or later"),
        ({"valid_until": days(-1)}, "Until cannot be 1 November 2026, before it begins"),
        ({"code": "known"}, "Code “KNOWN” has a row from 2 November 2026 on already"),
    ],
)
def test_a_code_that_cannot_be_is_refused(
    rules: Shop, manager: Browser, sent: dict[str, str], sentence: str
) -> None:
    with rules.writing():
        db.session.add(Discount(code="KNOWN", code_key="known", kind="percent", value=1, valid_from=today()))
    form = {
        "code": "NEW",
        "kind": "percent",
        "value": "10",
        "currency": "GBP",
        "valid_from": days(0),
        "valid_until": "",
    }
    page = send(manager, f"{BASE}/discounts", form | sent)
    assert page.status == 422 and says(page, sentence)
    assert page.form("/discounts").value("value") == (form | sent)["value"]
    with rules.reading():
        assert db.session.query(Discount).count() == 1


# ---- quotes and tolerances


def test_how_quotes_are_made(rules: Shop, manager: Browser) -> None:
    page = manager.open(f"{BASE}/quotes").press(
        "Save",
        prices_include_tax=None,
        tax_rounding="total",
        quote_days="10",
        quote_remind_days="2",
        quote_pdf="1",
        vat_id="gb980780684",
    )
    assert page.status == 200
    with rules.reading():
        store = db.session.get_one(Store, 1)
        assert not store.prices_include_tax and store.quote_pdf
        assert (store.tax_rounding, store.quote_days, store.quote_remind_days) == ("total", 10, 2)
        assert store.vat_id == "GB980780684"
    for change, sentence in (
        ({"quote_days": "0"}, "Valid for cannot be “0”; type a whole number from 1 to 90."),
        (
            {"quote_days": "3", "quote_remind_days": "3"},
            "Reminder cannot be 3 days before the end of 3; type 0 to 2.",
        ),
        ({"tax_rounding": "never"}, "Rounding cannot be “never”"),
        ({"vat_id": "GB980780685"}, "VAT id “GB980780685” has a wrong digit or length"),
    ):
        refused = send(
            manager,
            f"{BASE}/quotes",
            {"tax_rounding": "line", "quote_days": "9", "quote_remind_days": "1"} | change,
        )
        assert refused.status == 422 and says(refused, sentence)
    with rules.reading():
        assert db.session.get_one(Store, 1).quote_days == 10


def test_tolerances_are_all_set_or_none(rules: Shop, manager: Browser) -> None:
    names = {"manager-GBP-under_minor": "5", "manager-GBP-refund_minor": "500,50"}
    assert manager.open(f"{BASE}/tolerances").press("Save", **names).status == 200
    with rules.reading():
        row = db.session.scalars(select(Tolerance)).one()
        assert (row.role, row.under_minor, row.over_minor, row.refund_minor) == ("manager", 500, 0, 50_050)
    bad = names | {"manager-GBP-under_minor": "9", "processing-GBP-over_minor": "a lot"}
    page = send(manager, f"{BASE}/tolerances", bad)
    assert page.status == 422 and says(page, "Order processing, Too much: “a lot” is not an amount")
    with rules.reading():
        assert db.session.scalars(select(Tolerance)).one().under_minor == 500
    assert kinds(rules).count("tolerance.changed") == 1


# ---- ways to pay


def test_keys_are_sealed_kept_and_never_shown_or_recorded(rules: Shop, manager: Browser) -> None:
    page = manager.open(f"{BASE}/methods/new/stripe").press(
        "Save", name="Card", secret_key=KEY, webhook_secret=HOOK, account="acct_1", password=PASSWORD
    )
    assert page.status == 200 and says(page, "Card is saved.")
    number = ids(rules, PaymentMethod, kind="stripe")
    for path in ("/methods", f"/methods/{number}", ""):
        shown = manager.open(BASE + path).html
        assert KEY not in shown and HOOK not in shown
    manager.open(f"{BASE}/methods/{number}").press(
        "Save", name="Card or wallet", webhook_secret="whsec_new", password=PASSWORD
    )
    with rules.reading():
        row = db.session.get_one(PaymentMethod, number)
        assert methods.secrets(row) == {"secret_key": KEY, "webhook_secret": "whsec_new"}
        assert row.name == "Card or wallet" and KEY not in (row.secret or "")
        told = [f"{one.before} {one.after}" for one in db.session.scalars(select(Event))]
    assert not any(KEY in one or HOOK in one or "whsec_new" in one for one in told)
    assert any("webhook_secret" in one for one in told)  # that it was changed, it says


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (
            {"secret_key": "sk_live_1"},
            "Secret key is not one for “Sandbox, no real money”; it begins with sk_test_",
        ),
        ({"secret_key": ""}, "Secret key is empty"),
        ({"secret_key": KEY, "webhook_secret": "hook"}, "Webhook signing secret is not one for"),
        ({"secret_key": KEY, "mode": "trial"}, "Mode cannot be “trial”"),
        ({"secret_key": KEY, "currencies": "GBP, pounds"}, "“POUNDS” is no currency"),
        ({"secret_key": KEY, "name": ""}, "Name is empty"),
    ],
)
def test_keys_that_do_not_fit_are_refused_and_not_given_back(
    rules: Shop, manager: Browser, sent: dict[str, str], sentence: str
) -> None:
    form = {
        "name": "Card",
        "mode": "sandbox",
        "secret_key": "",
        "webhook_secret": "",
        "active": "1",
        "password": PASSWORD,
    }
    page = send(manager, f"{BASE}/methods/new/stripe", form | sent)
    assert page.status == 422 and says(page, sentence)
    assert "sk_" not in page.html.replace("sk_test_", "") and KEY not in page.html
    if sent["secret_key"] == KEY:
        assert says(page, "type it again")
    assert ids(rules, PaymentMethod, kind="stripe") == 0


@pytest.mark.parametrize("password", ["", "guess", "x" * 5000])
def test_where_money_goes_is_changed_only_by_who_types_their_password_again(
    rules: Shop, manager: Browser, as_role: Callable[[str], Browser], password: str
) -> None:
    form = {"name": "Bank", "holder": "Fern", "iban": "GB33BUKB20201555555555", "active": "1"}
    page = send(manager, f"{BASE}/methods/new/bank", form | {"password": password})
    assert page.status == 422 and says(
        page, "Type your password" if not password else "not your present password"
    )
    assert page.form("/new/bank").value("iban") == form["iban"]
    assert password in ("", "guess") or password not in page.html
    assert ids(rules, PaymentMethod, kind="bank") == 0
    send(manager, f"{BASE}/methods/new/bank", form | {"password": PASSWORD})
    number = ids(rules, PaymentMethod, kind="bank")
    page = (
        as_role("manager")
        .open(f"{BASE}/methods/{number}")
        .press("Save", iban="DE89370400440532013000", password=password)
    )
    assert page.status == 422
    with rules.reading():
        assert db.session.get_one(PaymentMethod, number).settings["iban"] == form["iban"]


def test_a_provider_has_one_account_at_a_time(rules: Shop, manager: Browser) -> None:
    form = {
        "name": "PayPal",
        "mode": "sandbox",
        "client_id": "A1",
        "client_secret": "E9",
        "active": "1",
        "password": PASSWORD,
    }
    assert send(manager, f"{BASE}/methods/new/paypal", form).status == 200
    page = send(manager, f"{BASE}/methods/new/paypal", form | {"name": "Another"})
    assert page.status == 422 and says(
        page, "“PayPal” takes payments by PayPal already; switch that one off first."
    )
    assert send(manager, f"{BASE}/methods/new/paypal", form | {"name": "Another", "active": ""}).status == 200


def test_bank_details_are_proven_by_their_check_digits(rules: Shop, manager: Browser) -> None:
    good = {
        "name": "Bank",
        "holder": "Fern",
        "iban": "gb33 bukb 2020 1555 5555 55",
        "bic": "BUKBGB22",
        "active": "1",
        "password": PASSWORD,
    }
    for change, sentence in (
        (
            {"iban": "GB34BUKB20201555555555"},
            "IBAN cannot be “GB34BUKB20201555555555”: a digit or the length is wrong",
        ),
        ({"iban": ""}, "IBAN is empty; type it as the bank wrote it"),
        ({"bic": "BUK"}, "BIC cannot be “BUK”; type its 8 or 11 signs"),
        ({"holder": ""}, "Account holder is empty"),
    ):
        page = send(manager, f"{BASE}/methods/new/bank", good | change)
        assert page.status == 422 and says(page, sentence)
    assert send(manager, f"{BASE}/methods/new/bank", good).status == 200
    with rules.reading():
        row = db.session.get_one(PaymentMethod, ids(rules, PaymentMethod, kind="bank"))
        assert row.settings["iban"] == "GB33BUKB20201555555555" and row.secret is None
    assert says(manager.open(f"{BASE}/methods"), "GB33 BUKB 2020 1555 5555 55")


def test_what_the_page_does_not_ask_for_stays(rules: Shop, manager: Browser) -> None:
    with rules.writing():
        row = PaymentMethod(kind="stripe", name="Card", settings={"mode": "sandbox", "api_base": "http://127.0.0.1:1"},
                            secret=methods.seal({"secret_key": KEY}))  # fmt: skip
        db.session.add(row)
    number = ids(rules, PaymentMethod, kind="stripe")
    manager.open(f"{BASE}/methods/{number}").press("Save", name="Cards", password=PASSWORD)
    refused = manager.open(f"{BASE}/methods/{number}").press("Save", mode="live", password=PASSWORD)
    assert refused.status == 422 and says(refused, "Secret key is empty, but the mode changed")
    with rules.reading():
        assert db.session.get_one(PaymentMethod, number).settings["api_base"] == "http://127.0.0.1:1"


# ---- brand


def test_the_brand_is_set_as_a_whole(rules: Shop, manager: Browser) -> None:
    def dress(colour: str, data: bytes, name: str = "logo.png") -> Page:
        form = {
            "brand_colour": colour,
            "brand_footer": " Bristol \n England ",
            "logo": (io.BytesIO(data), name),
        }
        return send(manager, f"{BASE}/brand", form, content_type="multipart/form-data")

    for colour, data, sentence in (
        ("#ffcc00", PNG, "has a contrast of 1.5 with white letters; at least 4.5 can be read."),
        ("green", PNG, "Colour cannot be “green”"),
        ("#123456", b"<svg onload=alert(1)>", "is no picture that mail programs show; choose a PNG or JPEG."),
        ("#123456", PNG + bytes(300 * 1024), "is larger than 300 kB"),
        ("#123456", b"", "is empty; choose a PNG or JPEG."),
    ):
        page = dress(colour, data)
        assert page.status == 422 and says(page, sentence)
    with rules.reading():
        assert db.session.get_one(Store, 1).logo_sha256 is None
    assert dress("123456", PNG).status == 200
    with rules.reading():
        store = db.session.get_one(Store, 1)
        assert (store.brand_colour, store.brand_footer, store.logo_type) == (
            "#123456",
            "Bristol\nEngland",
            "image/png",
        )
    answer = manager.get(f"{BASE}/brand/logo")
    assert answer.data == PNG and answer.headers["X-Content-Type-Options"] == "nosniff"
    manager.open(f"{BASE}/brand").press("Save", no_logo="1")
    assert manager.get(f"{BASE}/brand/logo").status_code == 404


@pytest.mark.parametrize("colour", ["#ffcc00", "#888888", "#00ff00", "#ff0000"])
def test_the_darker_colour_that_is_offered_is_accepted(colour: str) -> None:
    with pytest.raises(ValueError, match="A darker one of the same hue is #") as refusal:
        typed.colour(colour)
    offered = str(refusal.value).rstrip(".")[-7:]
    assert typed.colour(offered) == offered


# ---- trying


def test_the_preview_reckons_as_a_quote_does(rules: Shop, manager: Browser) -> None:
    page = manager.open(
        f"{BASE}/preview?country=GB&day={days(0)}&sku-0=MUG&quantity-0=2&sku-1=tea&quantity-1=1"
    )
    assert says(page, "of it VAT 20 % on £23.29") and says(page, "£39.95")  # 36.00 and 3.95 for Tracked 48
    export = manager.open(f"{BASE}/preview?country=DE&day={days(0)}&sku-0=MUG&quantity-0=2&vat_id=DE1")
    assert says(export, "not taxed, an export") and says(
        export, "£28.25"
    )  # 20.00 and 8.25: what includes 20 % without it
    assert says(export, "It counts as none.")
    with rules.writing():
        db.session.query(ShippingPrice).delete()
        db.session.query(TaxRate).filter_by(tax_class="standard").delete()
    assert says(
        manager.open(f"{BASE}/preview?country=GB&day={days(0)}&sku-0=TEA&quantity-0=1"),
        "has prices in GBP that day",
    )
    refused = manager.open(f"{BASE}/preview?country=GB&day={days(0)}&sku-0=MUG&quantity-0=1")
    assert refused.status == 422 and says(refused, "The tax class “standard” has no rate")


@rows_on_sqlite(
    ("change", "sentence"),
    [
        ("country=XX", "Country cannot be “XX”"),
        ("day=tomorrow", "Day cannot be “tomorrow”"),
        ("sku-0=NONE", "Product “NONE” is not in the catalogue"),
        ("sku-0=", "Product is empty"),
        ("quantity-0=0", "Pieces cannot be “0”"),
        ("sku-0=VASE", "“Vase of ours” has no weight"),
        ("code=NOPE", "There is no discount code “NOPE”."),
    ],
)
def test_a_basket_that_cannot_be_says_why(rules: Shop, manager: Browser, change: str, sentence: str) -> None:
    asked = {"country": "GB", "day": days(0), "sku-0": "MUG", "quantity-0": "1"} | dict([change.split("=")])
    page = manager.open(f"{BASE}/preview", query_string=asked)
    assert page.status == 422 and says(page, sentence)


def test_other_currencies_only_where_a_product_has_them(rules: Shop, manager: Browser) -> None:
    with rules.writing():
        products.create(sku="KWD", name="Dallah", price_minor=12_345, currency="KWD", weight_grams=900)
    assert "KWD" in manager.open(f"{BASE}/tolerances").html
    one = ids(rules, ShippingService, name="Tracked 48")
    assert (
        send(manager, f"{BASE}/shipping/{one}/prices", table(currency="KWD", price_0="1.125")).status == 200
    )
    page = manager.open(f"{BASE}/preview?country=GB&day={days(1)}&sku-0=KWD&quantity-0=1")
    assert says(page, "KWD\u00a013.470")
    both = manager.open(
        f"{BASE}/preview?country=GB&day={days(1)}&sku-0=KWD&quantity-0=1&sku-1=MUG&quantity-1=1"
    )
    assert both.status == 422 and says(both, "Products in GBP and KWD cannot be in one basket")
