"""The strip of an order, the report on how the procedure is kept, and the funnel, in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from checkout_desk import clock
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]


@pytest.fixture
def number(shop: Shop) -> int:
    """An order that was paid a moment ago, and whose question nobody has answered for two days."""
    with clock.pretending(clock.now() - timedelta(days=2)):
        return Dock(Stage(shop)).paid(when=clock.now())


def test_each_step_shows_its_evidence_without_script(agent: Browser, number: int) -> None:
    page = agent.open(f"/orders/{number}/procedure")
    assert page.status == 200
    assert "Verify the payment" in page
    assert f"/orders/{number}/quotes/1" in page.html
    assert "/catalogue/" in page.html, "the hold in the ledger"
    assert 'id="B4"' in page.html
    assert agent.get("/orders/999999/procedure").status_code == 404


def test_the_panel_asks_for_its_strip_and_links_to_the_page(agent: Browser, number: int) -> None:
    panel = agent.get(f"/orders/{number}", headers={"HX-Request": "true"}).text
    assert f'hx-get="/orders/{number}/procedure?part=strip"' in panel
    assert f'href="/orders/{number}/procedure"' in panel
    strip = agent.get(f"/orders/{number}/procedure?part=strip", headers={"HX-Request": "true"}).text
    assert strip.count("<li") == 17
    assert 'class="is-needless"' in strip, "nothing was missing, so nothing was asked"
    dialog = agent.get(f"/orders/{number}/procedure", headers={"HX-Request": "true"}).text
    assert "data-close" in dialog
    assert "<html" not in dialog


@pytest.mark.parametrize("path", ["/reports/procedure", "/reports/funnel", "/reports/procedure/orders", "/reports/funnel/orders",
                                  "/reports/procedure/steps.csv", "/reports/funnel/funnel.csv"])  # fmt: skip
def test_only_managers_see_them(as_role: AsRole, path: str) -> None:
    assert as_role("support").get(path).status_code == 403
    assert as_role("manager").get(path).status_code == 200


def test_a_deviation_leads_to_its_order_and_to_what_can_be_mended(as_confirmed: AsRole, number: int) -> None:
    manager = as_confirmed("manager")
    page = manager.open("/reports/procedure")
    assert "/playbook/how/step/A6" in page.html
    assert "step=B4&amp;state=late" in page.html or "state=late&amp;step=B4" in page.html
    behind = manager.open("/reports/procedure/orders?step=B4&state=late")
    assert f"/orders/{number}/procedure" in behind.html
    assert "after the promise" in behind
    assert (
        f"/orders/{number}/procedure" not in manager.open("/reports/procedure/orders?step=A6&state=late").html
    )
    assert '/mailboxes"' in page.html
    table = manager.get("/reports/procedure/steps.csv").text
    assert table.startswith("\ufeffStep,Done,Skipped,Late")
    assert "B4 Answer questions,0,0,1" in table


def test_the_funnel_leads_to_its_orders(as_confirmed: AsRole, number: int) -> None:
    manager = as_confirmed("manager")
    assert f"/orders/{number}" in manager.open("/reports/funnel/orders?station=4").html
    assert f"/orders/{number}" not in manager.open("/reports/funnel/orders?station=5").html
    assert "Paid,1" in manager.get("/reports/funnel/funnel.csv").text
    waits = manager.open("/reports/funnel/orders?station=4&over=no&why=to+be+packed")
    assert f"Order {number}" in waits


@pytest.mark.parametrize("query", ["from=nonsense", "from=2026-11-02&to=2026-11-01"])
def test_days_that_cannot_be_used_are_named(as_confirmed: AsRole, query: str) -> None:
    manager = as_confirmed("manager")
    assert manager.open(f"/reports/procedure?{query}").status == 422
    assert manager.open(f"/reports/funnel/funnel.csv?{query}").status == 422
    assert manager.open("/reports/procedure/nothing.csv").status == 404
