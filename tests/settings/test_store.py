"""What a manager may set about the store, and what is said to what cannot be used."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from checkout_desk.accounts.permissions import ROLES
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.settings import choices
from checkout_desk.settings.models import Store
from tests.databases import rows_on_sqlite
from tests.signing import post, signed_in

GOOD = {
    "name": "Fern and Kiln",
    "contact": "",
    "time_zone": "UTC",
    "promise_hours": "24",
    "undo_seconds": "10",
    "automatic_per_address": "3",
    "automatic_per_conversation": "3",
    "own_authserv_id": "",
    "country": "GB",
    "currency": "GBP",
    "language": "en",
    "ask_phone": "1",
    "remind_days": "3",
    "feedback_days": "5",
    "low_score": "2",
    "return_days": "30",
    "return_way_back": "customer",
}
"""The store as `staffed` makes it, as a form."""


def store(app: Flask) -> dict[str, Any]:
    with app.app_context():
        row = db.session.get_one(Store, 1)
        return {column.name: getattr(row, column.name) for column in Store.__table__.columns}


def changes(app: Flask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == "store.changed")))


def test_all_of_it_can_be_set_and_the_record_says_what_it_was(desk: Flask, staffed: dict[str, int]) -> None:
    manager = signed_in(desk, staffed["manager"])
    typed = {
        "name": " Kiln & Fern ",
        "contact": "hello@fern.example",
        "time_zone": "Europe/Berlin",
        "promise_hours": "8",
        "undo_seconds": "0",
        "acknowledge": "1",
        "acknowledge_strangers": "1",
        "automatic_per_address": "5",
        "automatic_per_conversation": "0",
        "own_authserv_id": "MX.fern.example.",
        "country": "DE",
        "currency": "EUR",
        "language": "de",
        "remind_days": "5",
        "feedback_days": "7",
        "low_score": "3",
        "return_days": "14",
        "return_way_back": "store",
    }
    answer = post(desk, manager, "/settings/store", typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/store")
    wanted = {
        "name": "Kiln & Fern",
        "contact": "hello@fern.example",
        "time_zone": "Europe/Berlin",
        "promise_hours": 8,
        "undo_seconds": 0,
        "acknowledge": True,
        "acknowledge_strangers": True,
        "automatic_per_address": 5,
        "automatic_per_conversation": 0,
        "own_authserv_id": "mx.fern.example",
        "country": "DE",
        "currency": "EUR",
        "language": "de",
        "ask_phone": False,
        "remind_days": 5,
        "feedback_days": 7,
        "low_score": 3,
        "return_days": 14,
        "return_way_back": "store",
    }
    assert wanted.items() <= store(desk).items()
    [event] = changes(desk)
    assert event.after == wanted
    assert event.before == {
        "name": "Fern and Kiln", "contact": "", "time_zone": "UTC", "promise_hours": 24, "undo_seconds": 10,
        "acknowledge": False, "acknowledge_strangers": False, "automatic_per_address": 3,
        "automatic_per_conversation": 3, "own_authserv_id": "", "country": "GB", "currency": "GBP", "language": "en",
        "ask_phone": True, "remind_days": 3, "feedback_days": 5, "low_score": 2, "return_days": 30,
        "return_way_back": "customer",
    }  # fmt: skip
    assert event.actor == f"person:{staffed['manager']}"
    page = html.unescape(manager.get("/settings/store").text)
    for shown in (
        "The settings are saved.",
        'value="Kiln & Fern"',
        'value="Europe/Berlin" selected',
        'value="8"',
    ):
        assert shown in page


def test_only_what_changed_is_recorded_and_nothing_when_nothing_did(
    desk: Flask, staffed: dict[str, int]
) -> None:
    manager = signed_in(desk, staffed["manager"])
    assert post(desk, manager, "/settings/store", GOOD).status_code == 303
    assert changes(desk) == []
    assert "nothing was changed" in manager.get("/settings/store").text
    post(desk, manager, "/settings/store", {**GOOD, "undo_seconds": "30"})
    [event] = changes(desk)
    assert (event.before, event.after) == ({"undo_seconds": 10}, {"undo_seconds": 30})


@rows_on_sqlite(
    ("field", "value", "accepted"),
    [
        ("name", "", "1 to 120 characters"),
        ("name", "x" * 121, "at most 120"),
        ("name", "Fern\x00Kiln", "letters, digits and spaces"),
        ("contact", "fern at example", "hello@"),
        ("time_zone", "Mars/Olympus", "Europe/Berlin"),
        ("time_zone", "../../etc/passwd", "Europe/Berlin"),
        ("promise_hours", "0", "1 to 720"),
        ("promise_hours", "721", "1 to 720"),
        ("promise_hours", "a day", "1 to 720"),
        ("promise_hours", "1.5", "1 to 720"),
        ("promise_hours", "٣", "1 to 720"),
        ("promise_hours", "", "1 to 720"),
        ("undo_seconds", "121", "0 to 120"),
        ("undo_seconds", "-1", "0 to 120"),
        ("automatic_per_address", "51", "0 to 50"),
        ("automatic_per_conversation", "many", "0 to 50"),
        ("own_authserv_id", "mx.a.example; dmarc=pass", "mx.example.com"),
    ],
)
def test_what_cannot_be_used_is_named_and_changes_nothing(
    desk: Flask, staffed: dict[str, int], field: str, value: str, accepted: str
) -> None:
    manager = signed_in(desk, staffed["manager"])
    before = store(desk)
    typed = {**GOOD, "name": "Another name", "contact": "kept@fern.example", field: value}
    answer = post(desk, manager, "/settings/store", typed)
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert store(desk) == before
    assert changes(desk) == []
    sentence = page.partition(f'id="f-{field}-error"')[2].partition("</p>")[0]
    accepted = accepted.replace("hello@", "orders@example.com")
    assert accepted in sentence
    if value and len(value) < 80 and "\x00" not in value:
        assert f"“{value}”" in sentence
        assert f'value="{value}"' in page
    for kept in {"name": "Another name", "contact": "kept@fern.example"}.items() - {(field, typed[field])}:
        if kept[0] != field:
            assert f'value="{kept[1]}"' in page


def test_every_zone_on_the_page_is_one_that_the_desk_takes(desk: Flask, staffed: dict[str, int]) -> None:
    from checkout_desk.settings import zones

    names = [name for _, places in zones.grouped() for name, _ in places]
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"} <= set(names)
    assert set(names) <= zones.known()
    page = signed_in(desk, staffed["manager"]).get("/settings/store").text
    assert page.count("<optgroup") == len(zones.grouped())
    assert page.count(" selected>") == 6  # of zone, country, currency, language, and who pays the way back


def test_a_zone_that_the_list_leaves_out_stays_chosen(desk: Flask, staffed: dict[str, int]) -> None:
    manager = signed_in(desk, staffed["manager"])
    assert post(desk, manager, "/settings/store", {**GOOD, "time_zone": "Cuba"}).status_code == 303
    assert '<option value="Cuba" selected>' in manager.get("/settings/store").text


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
def test_managers_and_admins_alone(desk: Flask, staffed: dict[str, int], role: str) -> None:
    client = signed_in(desk, staffed[role])
    may = role in {"manager", "admin"}
    assert client.get("/settings/store").status_code == (200 if may else 403)
    answer = post(desk, client, "/settings/store", {**GOOD, "undo_seconds": "99"})
    assert answer.status_code == (303 if may else 403)
    assert store(desk)["undo_seconds"] == (99 if may else 10)
    page = client.get("/mailboxes")
    if page.status_code == 200:
        assert ('href="/settings"' in page.text) is may


def test_mails_that_answer_and_the_confirmation_on_account_are_set_and_checked(
    desk: Flask, staffed: dict[str, int]
) -> None:
    manager = signed_in(desk, staffed["manager"])
    good = {**GOOD, "answer_mails": ["shipped", "received"], "credit_confirmed": "paid"}
    assert post(desk, manager, "/settings/store", good).status_code == 303
    assert (store(desk)["answer_mails"], store(desk)["credit_confirmed"]) == ("received shipped", "paid")
    page = manager.get("/settings/store").text
    ticked = re.findall(r'name="answer_mails" value="(\w+)" checked', page)
    assert ticked == ["received", "shipped"]
    for name, typed, sentence in (
        ("answer_mails", ["shipped", "gossip"], "cannot hold “gossip”"),
        ("credit_confirmed", "never", "cannot be “never”"),
    ):
        answer = post(desk, manager, "/settings/store", {**GOOD, "name": "Other", name: typed})
        assert answer.status_code == 422
        assert sentence in html.unescape(answer.text)
        assert (store(desk)["name"], store(desk)["credit_confirmed"]) == ("Fern and Kiln", "paid")


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_every_line_of_the_settings_leads_somewhere(desk: Flask, staffed: dict[str, int], role: str) -> None:
    client = signed_in(desk, staffed[role])
    page = client.get("/settings").text.partition('class="index"')[2]
    links = re.findall(r'href="([^"]+)"', page.partition("</main>")[0])
    assert len(links) >= 20
    for link in links:
        path, _, anchor = link.partition("#")
        answer = client.get(path)
        assert answer.status_code == 200, link
        assert not anchor or f'id="{anchor}"' in answer.text, link


def test_the_risk_of_writing_to_strangers_is_said(desk: Flask, staffed: dict[str, int]) -> None:
    page = html.unescape(signed_in(desk, staffed["manager"]).get("/settings/store").text)
    assert "mails people who never wrote to it" in page
    assert 'name="acknowledge_strangers" value="1">' in page  # off unless turned on


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("country", "XX", "Country cannot be “XX”; choose one from the list"),
        ("currency", "DEM", "Currency cannot be “DEM”; choose one from the list"),
        ("language", "tlh", "Language cannot be “tlh”; choose one from the list"),
        ("feedback_days", "91", "Days after delivery cannot be “91”; type a whole number from 0 to 90."),
        ("low_score", "5", "A low score cannot be “5”; type a whole number from 0 to 4."),
        ("return_way_back", "nobody", "Way back cannot be “nobody”; choose one from the list"),
        ("remind_days", "0", "Reminder cannot be “0”; type a whole number from 1 to 60."),
    ],
)
def test_where_the_store_is_comes_from_lists(
    desk: Flask, staffed: dict[str, int], name: str, value: str, sentence: str
) -> None:
    answer = post(desk, signed_in(desk, staffed["manager"]), "/settings/store", GOOD | {name: value})
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert changes(desk) == []


def test_the_desk_writes_every_language_that_a_store_can_choose() -> None:
    assert {code: known.name for code, known in LANGUAGES.items()} == choices.LANGUAGES
