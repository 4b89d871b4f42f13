"""Which gaps an order has, country by country, by the same table as the reading; and the step that follows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from checkout_desk.orders import completeness, details
from checkout_desk.orders.models import Order, OrderChange, OrderLine
from checkout_desk.orders.next_action import step
from checkout_desk.reading.gaps import find_gaps
from checkout_desk.reading.merging import Found
from checkout_desk.reading.model import Customer, Line, ShipTo, Value

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def order(**facts: Any) -> Order:
    whole: dict[str, Any] = {
        f"ship_{name}": "" for name in ("name", "line1", "line2", "city", "region", "postcode", "country")
    }
    whole |= {
        "number": 1042,
        "currency": "GBP",
        "state": "draft",
        "phone": "+441914980123",
        "asked": [],
        "born_of_id": 1,
    }
    return Order(**(whole | facts))


def a_line(**facts: Any) -> OrderLine:
    return OrderLine(
        **({"id": 1, "product_id": 7, "quantity": 2, "unit_price_minor": 100, "text": "two mugs"} | facts)
    )


FULL = {
    "ship_name": "Jane",
    "ship_line1": "1 Main",
    "ship_city": "Town",
    "ship_country": "GB",
    "ship_postcode": "NE30 1AA",
}


def names(o: Order, *lines: OrderLine, ask_phone: bool = True) -> list[str]:
    return [gap.name for gap in completeness.gaps(o, lines or (a_line(),), ask_phone=ask_phone)]


@pytest.mark.parametrize(
    ("country", "missing"),
    [
        ("GB", ["postcode"]),
        ("DE", ["postcode"]),
        ("FR", ["postcode"]),
        ("US", ["region", "postcode"]),
        ("CA", ["region", "postcode"]),
        ("JP", ["region", "postcode"]),
        ("IE", []),
        ("HK", []),
        ("AE", ["region"]),
        ("", ["postcode", "country"]),
    ],
)
def test_what_an_address_needs_in_its_country(country: str, missing: list[str]) -> None:
    o = order(ship_name="Jane", ship_line1="1 Main", ship_city="Town", ship_country=country)
    assert names(o) == [f"ship_to.{part}" for part in missing]
    ship = ShipTo(
        **{
            part: Value(text, "said", 0.9)
            for part, text in (("name", "Jane"), ("line1", "1 Main"), ("city", "Town"), ("country", country))
            if text
        }
    )
    found = Found([Line("MUG", 2, "", (0, 0), "body", 0.9, "")])
    same = find_gaps(found, Customer(phone=Value("+44", "", 1.0)), ship, role="new", known=None, phone=True)
    assert list(same) == names(o), "the reading and the order ask for different things"
    assert {"ship_" + part for part in (*missing, "name", "line1", "city", "country")} == details.required(
        country
    )


def test_nothing_at_all_is_one_gap() -> None:
    assert names(order()) == ["ship_to"]
    assert names(order(ship_name="Jane")) == ["ship_to"], "a name is no place"
    assert names(order(ship_city="York")) == [
        "ship_to.name",
        "ship_to.line1",
        "ship_to.postcode",
        "ship_to.country",
    ]


def test_blanks_are_no_answer() -> None:
    assert names(order(**FULL | {"ship_line1": "  "})) == ["ship_to.line1"]


def test_a_store_may_not_ask_for_a_phone_number() -> None:
    assert names(order(**FULL, phone="")) == ["phone"]
    assert names(order(**FULL, phone=""), ask_phone=False) == []


def test_lines_bring_their_own_gaps() -> None:
    o = order(**FULL)
    assert names(o, a_line(removed_at=NOW)) == ["lines"]
    assert names(o, a_line(product_id=None, unit_price_minor=None)) == ["product"]
    assert names(o, a_line(product_id=None, unit_price_minor=None, quantity=None)) == ["product", "quantity"]
    assert names(o, a_line(quantity=None), a_line(id=2, quantity=None)) == ["quantity", "quantity"]
    (gap,) = completeness.gaps(o, [a_line(quantity=None)], ask_phone=True)
    assert (gap.line_id, gap.words, gap.askable, gap.field) == (1, "two mugs", True, None)


def test_a_gap_knows_when_it_was_asked_and_which_field_it_is() -> None:
    o = order(
        **FULL | {"ship_postcode": ""},
        asked=[{"gap": "ship_to.postcode", "line": None, "at": NOW.isoformat(), "message": 3}],
    )
    (gap,) = completeness.gaps(o, [a_line()], ask_phone=True)
    assert (gap.asked_at, gap.field, gap.words) == (NOW, "ship_postcode", "Postcode")
    assert completeness.gaps(order(**FULL, phone=""), [a_line()], ask_phone=True)[0].field == "phone"
    assert completeness.gaps(order(), [a_line()], ask_phone=True)[0].field is None


def test_the_total_leaves_out_what_has_no_price_or_number() -> None:
    lines = [a_line(), a_line(quantity=None), a_line(unit_price_minor=None), a_line(removed_at=NOW)]
    assert completeness.total(lines) == 200


ACCEPTED = a_line(accepted_at=NOW)
CHOICE = a_line(product_id=None, unit_price_minor=None)


@pytest.mark.parametrize(
    ("facts", "lines", "changes", "key", "label"),
    [
        (FULL, [a_line()], [], "check_order", "Accept what is certain"),
        (FULL, [ACCEPTED], [], "check_order", "Verify order"),
        ({}, [a_line()], [], "check_order", "Accept what is certain"),
        ({}, [ACCEPTED], [], "ask_details", "Ask for details"),
        (FULL, [CHOICE], [], "ask_details", "Ask for details"),
        (FULL, [ACCEPTED, CHOICE], [], "ask_details", "Ask for details"),
        ({"created_by_id": 3}, [], [], "check_order", "Complete the order"),
        (FULL, [a_line(unit_price_minor=None, accepted_at=NOW)], [], "check_order", "Complete the order"),
        ({"state": "clarifying"}, [ACCEPTED], [], "ask_details", "Ask again"),
        ({"state": "clarifying", "remind_at": NOW}, [a_line()], [], "check_order", "Accept what is certain"),
        ({"state": "clarifying", "remind_at": NOW}, [ACCEPTED], [], "ask_details", "Ask again"),
        (FULL | {"state": "clarifying", "remind_at": NOW}, [ACCEPTED], [], "check_order", "Verify order"),
        (FULL | {"state": "clarifying"}, [a_line()], [], "check_answer", "Accept what is certain"),
        (FULL | {"state": "clarifying"}, [ACCEPTED], [], "check_answer", "Verify order"),
        (FULL, [ACCEPTED], ["open"], "check_answer", "Look at the change"),
        (FULL, [ACCEPTED], ["declined"], "check_order", "Verify order"),
        (FULL | {"state": "verified"}, [ACCEPTED], [], "send_quote", "Send quote"),
        (FULL | {"state": "verified"}, [ACCEPTED], ["open"], "check_answer", "Look at the change"),
        (FULL | {"state": "cancelled"}, [ACCEPTED], [], None, None),
        (FULL | {"state": "expired"}, [ACCEPTED], ["open"], None, None),
        (FULL | {"state": "verified", "live_quote": 1}, [ACCEPTED], [], "revise_quote", "Send new quote"),
        (FULL | {"state": "quoted", "live_quote": 1}, [ACCEPTED], [], "await_payment", ""),
        (
            FULL | {"state": "quoted", "live_quote": 1},
            [ACCEPTED],
            ["open"],
            "check_answer",
            "Look at the change",
        ),
        (FULL | {"state": "paid"}, [ACCEPTED], [], "pack", "Pack"),
        (FULL | {"state": "shipped"}, [ACCEPTED], [], None, None),
    ],
)
def test_exactly_one_next_step(
    facts: dict[str, Any], lines: list[OrderLine], changes: list[str], key: str | None, label: str | None
) -> None:
    o = order(**facts)
    proposed = [OrderChange(state=state, changes=[{"what": "line"}]) for state in changes]
    found = step(o, lines, completeness.gaps(o, lines, ask_phone=True), proposed)
    assert (found.key if found else None, found.label if found else None) == (key, label)
