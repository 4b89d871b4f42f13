"""The wall: its figures are those of the desk, it renews itself with and without script, and it names nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from checkout_desk import clock
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]


def figures(page: Page) -> dict[str, str]:
    """Name -> value."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.html))


def test_the_wall_shows_what_the_desk_holds(shop: Shop, as_role: AsRole) -> None:
    dock = Dock(Stage(shop))
    with clock.pretending(clock.now() - timedelta(days=2)):
        shop.take(text="Good morning from our garden", sender="Ada Low <ada@customer.example>")
    before = figures(as_role("manager").open("/reports/today"))
    assert before["Overdue"] == "1"
    assert before["Oldest waiting"] == "2 d"
    dock.stage.order()
    dock.paid(when=clock.now())
    after = figures(as_role("manager").open("/reports/today"))
    assert int(after["Open"]) == int(before["Open"]) + 2
    assert int(after["Mails in"]) == int(before["Mails in"]) + 2
    assert after["New"] == "1"
    assert after["Paid"] == "1"
    assert after["Paid today"].startswith("£")
    assert after["Parcels to leave"] == "1"


def test_it_renews_itself_and_names_nobody(shop: Shop, as_role: AsRole) -> None:
    number = Dock(Stage(shop)).paid(when=clock.now())
    boss = as_role("manager")
    page = boss.open("/reports/today")
    assert 'hx-get="/reports/today"' in page.html
    assert 'hx-trigger="every 15s"' in page.html
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page.html
    part = boss.fragment("/reports/today")
    assert "<html" not in part.html
    assert figures(part)["Open"] == figures(page)["Open"]
    for words in ("Jane", "Fox", "customer.example", "Quay", str(number)):
        assert words not in page.html
    assert 'data-theme="dark"' in page.html


def test_an_empty_desk_has_a_quiet_wall(shop: Shop, as_role: AsRole) -> None:
    page = as_role("manager").open("/reports/today")
    assert "No alarms" in page
    assert figures(page)["Oldest waiting"] == "–"
