"""Addresses and phone numbers as people type them: kept in one form, refused with a sentence, never lost."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.models import Act
from checkout_desk.orders import details
from tests.orders.stage import Stage


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0191 498 0123", "GB", "+441914980123"),
        ("+44 (0)191 498 0123", "GB", "+441914980123"),
        ("0044 191 498 0123", "DE", "+441914980123"),
        ("030 901820", "DE", "+4930901820"),
        ("(212) 555-2368", "US", "+12125552368"),
        ("03-3270-1234", "JP", "+81332701234"),
    ],
)
def test_a_phone_number_is_kept_as_the_world_writes_it(typed: str, country: str, kept: str) -> None:
    assert details.phone(typed, country) == kept


@pytest.mark.parametrize(
    ("typed", "country"), [("12", "GB"), ("0191 498 0123", ""), ("call me", "GB"), ("1042", "ZZ")]
)
def test_what_is_no_phone_number_is_refused_with_an_example(typed: str, country: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not a phone number; type it with its country code, such as \+\d"
    ):
        details.phone(typed, country)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("ne261ap", "GB", "NE26 1AP"),
        ("NE26  1AP", "GB", "NE26 1AP"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("1012ab", "NL", "1012 AB"),
        ("〒1000001", "JP", "100-0001"),
        ("100-0001", "JP", "100-0001"),
        ("d02af30", "IE", "D02 AF30"),
        ("10115", "DE", "10115"),
    ],
)
def test_a_postcode_is_kept_as_its_country_writes_it(typed: str, country: str, kept: str) -> None:
    assert details.faults({"ship_postcode": typed}, country) == {}
    assert details.cleaned({"ship_postcode": typed}, country)["ship_postcode"] == kept


@pytest.mark.parametrize(
    ("fields", "country", "field", "says"),
    [
        (
            {"ship_postcode": "1234"},
            "DE",
            "ship_postcode",
            "“1234” is not a Postcode of DE; one looks like 26133.",
        ),
        ({"ship_postcode": "ABC"}, "US", "ship_postcode", "ZIP code of US; one looks like 95014"),
        ({"ship_postcode": "1234", "ship_country": "Germany"}, "GB", "ship_postcode", "of DE"),
        ({"ship_region": "Bavaria"}, "US", "ship_region", "is no state of US"),
        ({"ship_country": "Atlantis"}, "", "ship_country", "“Atlantis” is no country"),
        ({"phone": "12"}, "GB", "phone", "is not a phone number"),
        ({"email": "jane at home"}, "GB", "email", "such as ann@example.com"),
        ({"ship_name": "x" * 201}, "GB", "ship_name", "201 characters long; at most 200"),
        ({"ship_postcode": "x" * 21}, "GB", "ship_postcode", "at most 20"),
    ],
)
def test_what_cannot_be_kept_names_the_field_and_what_would_do(
    fields: dict[str, str], country: str, field: str, says: str
) -> None:
    found = details.faults(fields, country)
    assert list(found) == [field]
    assert says in found[field]


@pytest.mark.parametrize(
    ("fields", "country"),
    [
        ({"ship_region": "Texas"}, "US"),
        ({"ship_region": "tx"}, "US"),
        ({"ship_country": "Deutschland", "ship_postcode": "10115"}, "GB"),
        ({"ship_country": "uk"}, ""),
        ({"ship_postcode": "anything"}, ""),
        ({"ship_postcode": "", "phone": "", "email": "", "ship_country": ""}, "DE"),
    ],
)
def test_what_is_right_or_empty_is_no_fault(fields: dict[str, str], country: str) -> None:
    assert details.faults(fields, country) == {}


def test_the_form_is_the_countrys() -> None:
    assert details.labels("GB")["ship_city"] == "Town"
    assert details.labels("US")["ship_region"] == "State"
    assert details.labels("US")["ship_postcode"] == "ZIP code"
    assert details.labels("JP")["ship_region"] == "Prefecture"
    assert details.labels("IE")["ship_postcode"] == "Eircode"
    assert "ship_postcode" not in details.labels("HK")
    assert "ship_region" not in details.labels("DE")
    assert {"ship_postcode", "ship_region", "ship_country"} <= set(details.labels(""))
    for country in ("GB", "US", "DE", "JP", "IE", "HK", "AE", ""):
        assert details.required(country) <= set(details.labels(country)), country


def test_what_a_person_types_is_theirs_and_can_be_undone(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, by):
        act = details.change(
            order, {"ship_line1": " 7  High St ", "ship_postcode": "ne301ab", "ship_city": "Tynemouth"}, by=by
        )
        assert act is not None
    order = stage.seen(number)
    assert (order.ship_line1, order.ship_postcode) == ("7 High St", "NE30 1AB")
    assert order.sources["ship_line1"]["by"] == "person"
    assert order.sources["ship_line1"]["person"] == stage.shop.person("processing")
    assert order.sources["ship_city"]["by"] == "reading", "it was not changed"
    stage.undo()
    order = stage.seen(number)
    assert (order.ship_line1, order.ship_postcode) == ("5 Quay Lane", "NE30 1AA")
    assert order.sources["ship_line1"]["by"] == "reading"
    assert stage.told(number) == ["drafted", "details_changed", "undone"]
    stage.shop.sound()


def test_a_new_country_brings_its_own_rules(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, by), pytest.raises(details.Wrong) as wrong:
        details.change(order, {"ship_country": "United States", "ship_postcode": "NE30 1AA"}, by=by)
    assert list(wrong.value.fields) == ["ship_postcode"]
    with stage.on(number) as (order, _, by):
        details.change(order, {"ship_country": "United States", "ship_postcode": "10001"}, by=by)
    order = stage.seen(number)
    assert (order.ship_country, order.gap_count) == ("US", 1)
    assert stage.row(number).order_gaps == 1


def test_nothing_new_is_no_act_and_no_version(stage: Stage) -> None:
    number = stage.order()
    version = stage.seen(number).version
    with stage.on(number) as (order, _, by):
        assert details.change(order, {"ship_city": "Tynemouth", "phone": "0191 234 5678"}, by=by) is None
    assert stage.seen(number).version == version
    assert stage.shop.all(Act) == []


def test_what_the_customer_types_is_the_customers_and_no_act(stage: Stage) -> None:
    number = stage.order()
    with stage.on(number) as (order, _, _by):
        assert details.change(order, {"phone": "0191 498 0123"}, customer=True) is None
        with pytest.raises(ValueError, match="either by a person or by the customer"):
            details.change(order, {"phone": "0191 498 0123"})
    assert (stage.seen(number).phone, stage.seen(number).sources["phone"]["by"]) == (
        "+441914980123",
        "customer",
    )
    assert stage.shop.all(Act) == []
