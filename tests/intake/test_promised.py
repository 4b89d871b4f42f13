"""By when a mail is to be answered: the store's hours, its calendar, and what a group of customers is promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from checkout_desk import clock
from checkout_desk.conversations.models import Promise
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.settings.models import Calendar, PromiseRule, Store
from tests.builders import Shop
from tests.page import Browser

FRIDAY = datetime(2026, 12, 4, 16, 30, tzinfo=UTC)
OFFICE = [[["09:00", "17:00"]]] * 5 + [[], []]


def office(shop: Shop, **more: object) -> int:
    with shop.writing():
        found = Calendar(name="Office", time_zone="Europe/London", country="GB", hours=OFFICE, closures=[])
        for name, value in more.items():
            setattr(found, name, value)
        db.session.add(found)
        db.session.flush()
        return found.id


def due(shop: Shop) -> datetime:
    """When the answer to a mail of that Friday is due."""
    with clock.pretending(FRIDAY):
        taken = shop.take(text="Good morning, a word about our garden")
    return next(p.due_at for p in shop.all(Promise) if p.message_id == taken.message)


def test_wall_time_is_the_usual(shop: Shop) -> None:
    shop.set_store(promise_hours=4)
    assert due(shop) == datetime(2026, 12, 4, 20, 30, tzinfo=UTC)


def test_a_calendar_counts_open_hours_alone(shop: Shop) -> None:
    shop.set_store(promise_hours=4, calendar_id=office(shop))
    assert due(shop) == datetime(2026, 12, 7, 12, 30, tzinfo=UTC)


def test_closures_and_public_holidays_do_not_count(shop: Shop) -> None:
    shop.set_store(promise_hours=4, calendar_id=office(shop, closures=["2026-12-07"]))
    assert due(shop) == datetime(2026, 12, 8, 12, 30, tzinfo=UTC)


def test_a_group_has_its_own_promise(shop: Shop) -> None:
    shop.set_store(promise_hours=24)
    calendar = office(shop)
    with shop.writing():
        db.session.add(PromiseRule(group="wholesale", hours=2, calendar_id=calendar))
    first = due(shop)
    assert first == datetime(2026, 12, 5, 16, 30, tzinfo=UTC)
    with shop.writing():
        db.session.query(Customer).one().group = "wholesale"
    assert due(shop) == datetime(2026, 12, 7, 10, 30, tzinfo=UTC)


def test_a_calendar_that_never_opens_breaks_nothing(shop: Shop) -> None:
    shop.set_store(promise_hours=4, calendar_id=office(shop, hours=[[] for _ in range(7)]))
    assert due(shop) == datetime(2026, 12, 4, 20, 30, tzinfo=UTC)
    assert shop.all(Store)[0].calendar_id is not None


def test_a_group_is_set_on_the_customers_page(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    due(shop)
    customer = shop.all(Customer)[0]
    page = as_role("support").open(f"/customers/{customer.id}").press("Save", group="  big   shops ")
    assert "Saved." in page
    assert shop.all(Customer)[0].group == "big shops"
    wrong = as_role("support").open(f"/customers/{customer.id}").press("Save", group="x" * 41)
    assert wrong.status == 422
    assert "cannot name a group" in wrong
