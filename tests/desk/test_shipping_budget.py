"""The screens of packing ask as many queries for ten orders as for two, and walk the index of what is to be packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask

from bench import plans
from checkout_desk.shipping import numbering
from tests.builders import Shop
from tests.desk.test_shipping_station import begun, scan
from tests.orders.stage import Stage, line, quay, reading
from tests.page import Browser, Page
from tests.shipping.dock import Dock
from tests.shipping.test_number_importing import s10

LIST_QUERIES, BATCH_QUERIES, STATION_QUERIES, SCAN_QUERIES, HAND_OVER_QUERIES = 11, 10, 12, 32, 58
FEW = ("ix_order_to_pack", "shipping_service", "carrier", "box", "ix_batch_state")
"""what holds nothing else, or a handful of rows"""
ONE = reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def eva(as_role: Callable[[str], Browser]) -> Browser:
    """The browser of somebody of logistics."""
    return as_role("logistics")


def asked(step: Callable[[], Page]) -> list[tuple[str, object]]:
    """What the second time of a step asks; the first fills caches."""
    step()
    with plans.watched() as found:
        step()
    return [one for one in found.statements if not one[0].startswith(("BEGIN", "UPDATE desk_session"))]


def faults(app: Flask, statements: list[tuple[str, object]]) -> Iterator[str]:
    """Scans of growing tables; the index of what is to be packed holds nothing else."""
    if not app.config["DATABASE_URL"].startswith("sqlite"):
        return
    for fault in plans.faults(app, statements):
        if "SCAN" in fault and not any(name in fault.split("  in  ")[0] for name in FEW):
            yield fault


def test_the_list_the_batch_and_the_station(dock: Dock, eva: Browser) -> None:
    dock.paid(ONE)
    dock.paid(ONE)
    few = {"/shipping": len(asked(lambda: eva.open("/shipping")))}
    begun(eva)
    for path in ("/shipping/batches/1", "/shipping/pack/1"):
        few[path] = len(asked(partial(eva.open, path)))
    eva.open("/shipping/batches/1").press("Dissolve")
    for _ in range(6):
        dock.paid(ONE)
    begun(eva)
    many = {}
    for path in ("/shipping", "/shipping/batches/2", "/shipping/pack/2"):
        statements = asked(partial(eva.open, path))
        assert list(faults(dock.shop.app, statements)) == [], path
        many[path.replace("/2", "/1")] = len(statements)
    assert many["/shipping"] == few["/shipping"] + 1  # the batch that is open then
    assert {path: many[path] for path in few if path != "/shipping"} == {
        p: few[p] for p in few if p != "/shipping"
    }
    assert many["/shipping"] <= LIST_QUERIES
    assert many["/shipping/batches/1"] <= BATCH_QUERIES
    assert many["/shipping/pack/1"] <= STATION_QUERIES


def test_a_scan_asks_a_fixed_number_of_queries(dock: Dock, eva: Browser) -> None:
    dock.paid(
        reading(line("MUG-BLU", 3), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")
    )
    dock.paid(ONE)
    page = scan(begun(eva), "MUG-BLU")
    with plans.watched() as found:
        data = {**dict(page.form("/scan").fields), "code": "MUG-BLU"}
        answer = eva.client.post("/shipping/pack/1/scan", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert len(found.statements) <= SCAN_QUERIES


def test_a_parcel_leaves_by_its_number_with_a_bounded_number_of_queries(dock: Dock) -> None:
    first, second = (dock.packed(dock.paid()) for _ in range(2))
    dock.step(first, numbering.give, text=s10(1), how="list")
    with plans.watched() as found:
        dock.step(second, numbering.give, text=s10(2), how="list")
    statements = [one for one in found.statements if not one[0].startswith("BEGIN")]
    assert list(faults(dock.shop.app, statements)) == []
    assert len(statements) <= HAND_OVER_QUERIES
