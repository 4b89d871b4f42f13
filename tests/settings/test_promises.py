"""The page of promises: calendars, groups, and where a broken promise goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.settings.models import Calendar, EscalationRule, PromiseRule, Store
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.page import Browser, Page
from tests.signing import post

AsRole = Callable[[str], Browser]
OFFICE = {
    "name": "Office", "time_zone": "Europe/London", "country": "GB", "closures": "2026-12-24\n2026-12-24, 2027-01-02",
    **{f"day{n}": "9:00-12:30, 13.00–17:00" for n in range(5)}, "day5": "", "day6": "",
}  # fmt: skip


def save(browser: Browser, path: str, **values: Any) -> Page:
    return Page(browser, post(browser.app, browser.client, path, values, follow_redirects=True))


def test_a_calendar_is_made_changed_and_counted_in(shop: Shop, as_role: AsRole) -> None:
    manager = as_role("manager")
    assert "is saved" in save(manager, "/settings/promises/calendars", **OFFICE)
    [row] = shop.all(Calendar)
    assert row.hours == [[["09:00", "12:30"], ["13:00", "17:00"]]] * 5 + [[], []]
    assert row.closures == ["2026-12-24", "2027-01-02"]
    page = manager.open(f"/settings/promises/calendars/{row.id}")
    assert 'value="09:00–12:30, 13:00–17:00"' in page.html
    save(manager, f"/settings/promises/calendars/{row.id}", **OFFICE | {"day5": "10:00–14:00"})
    assert shop.all(Calendar)[0].hours[5] == [["10:00", "14:00"]]
    assert "from now on" in save(manager, "/settings/promises/clock", calendar=str(row.id))
    assert shop.all(Store)[0].calendar_id == row.id
    save(manager, "/settings/promises/clock", calendar="")
    assert shop.all(Store)[0].calendar_id is None


@rows_on_sqlite(
    ("field", "value", "sentence"),
    [
        ("day0", "9 to five", "Monday cannot be “9 to five”; type hours such as 09:00–12:30"),
        ("day0", "17:00–09:00", "Monday cannot be “17:00–09:00”"),
        ("day0", "09:00–12:00, 11:00–13:00", "Monday is open twice at 11:00"),
        ("day0", "09:00–25:00", "Monday cannot be “09:00–25:00”"),
        ("time_zone", "Mars/Base", "Time zone cannot be “Mars/Base”"),
        ("closures", "tomorrow", "Closed on cannot hold “tomorrow”"),
        ("name", "", "Name is empty"),
        ("country", "XX", "Public holidays cannot be “XX”"),
    ],
)
def test_what_cannot_be_used_is_named_and_stays(
    shop: Shop, as_role: AsRole, field: str, value: str, sentence: str
) -> None:
    page = save(as_role("manager"), "/settings/promises/calendars", **OFFICE | {field: value})
    assert page.status == 422
    assert sentence in page
    assert value in page.html
    assert "13.00–17:00" in page.html, "the other days stay as typed"
    assert shop.all(Calendar) == []


def test_a_calendar_has_to_open_and_a_name_of_its_own(shop: Shop, as_role: AsRole) -> None:
    manager = as_role("manager")
    never = save(manager, "/settings/promises/calendars", **OFFICE | {f"day{n}": "" for n in range(7)})
    assert "This calendar never opens" in never
    save(manager, "/settings/promises/calendars", **OFFICE)
    assert "Another calendar is called “Office”" in save(manager, "/settings/promises/calendars", **OFFICE)
    assert len(shop.all(Calendar)) == 1


def test_groups_and_escalations_come_and_go(shop: Shop, as_role: AsRole) -> None:
    manager = as_role("manager")
    save(manager, "/settings/promises/groups", group="wholesale", hours="4", calendar="")
    save(manager, "/settings/promises/groups", group="wholesale", hours="2", calendar="")
    assert [(row.group, row.hours) for row in shop.all(PromiseRule)] == [("wholesale", 2)]
    save(manager, "/settings/promises/escalations", after_hours="1", target="role:manager", again_hours="4")
    [rule] = shop.all(EscalationRule)
    assert (rule.after_hours, rule.to_role, rule.to_person_id, rule.again_hours) == (1, "manager", None, 4)
    save(manager, f"/settings/promises/groups/{shop.all(PromiseRule)[0].id}/drop")
    save(manager, f"/settings/promises/escalations/{rule.id}/drop")
    assert shop.all(PromiseRule) == []
    assert not shop.all(EscalationRule)[0].active


@pytest.mark.parametrize(
    ("path", "values", "sentence"),
    [
        ("groups", {"group": "", "hours": "4"}, "Group is empty"),
        ("groups", {"group": "x", "hours": "0"}, "Promise cannot be “0”"),
        ("groups", {"group": "x", "hours": "4", "calendar": "99"}, "There is no such calendar"),
        ("escalations", {"after_hours": "1", "target": "role:cook"}, "Goes to cannot be “role:cook”"),
        (
            "escalations",
            {"after_hours": "-1", "target": "role:manager"},
            "Hours after the deadline cannot be “-1”",
        ),
        ("clock", {"calendar": "x"}, "There is no such calendar"),
    ],
)
def test_rules_that_make_no_sense_change_nothing(
    shop: Shop, as_role: AsRole, path: str, values: dict[str, str], sentence: str
) -> None:
    page = save(as_role("manager"), f"/settings/promises/{path}", **values)
    assert page.status == 422
    assert sentence in page
    assert shop.all(PromiseRule) == []
    assert shop.all(EscalationRule) == []


def test_managers_alone_set_promises(as_role: AsRole) -> None:
    assert as_role("support").get("/settings/promises").status_code == 403
    assert as_role("manager").open("/settings/promises/calendars/77").status == 404
