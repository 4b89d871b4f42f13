"""Saved reports: kept, shown to roles, opened with days that move, and mailed once a week or month, by whichever clock."""

from __future__ import annotations

import csv
import email
import email.policy
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.catalogue.models import Product
from checkout_desk.desk import report_mailing
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.feedback import answering
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import Order
from checkout_desk.reports import saved
from checkout_desk.reports.models import SavedReport
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.dock import Dock

AsRole = Callable[[str], Browser]
WEDNESDAY = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("days", "first", "last"), [
    ("week", date(2026, 11, 9), date(2026, 11, 15)), ("month", date(2026, 10, 1), date(2026, 10, 31)),
    ("7", date(2026, 11, 12), date(2026, 11, 18)), ("2026-11-01/2026-11-03", date(2026, 11, 1), date(2026, 11, 3)),
])  # fmt: skip
def test_days_move_with_the_calendar(days: str, first: date, last: date) -> None:
    assert saved.range_of(days, date(2026, 11, 18)) == (first, last)


NEW = "/reports/saved/new?kind={kind}&from=2026-11-02&to=2026-11-08"
MONEY = {"name": "Money", "days": "week", "schedule": ""}


def send(boss: Browser, path: str, kind: str = "money", **given: Any) -> Page:
    """Post to a page of saved reports with the token of a form."""
    form = boss.open(NEW.format(kind=kind)).form("/saved/new")
    return boss.post(path, dict(form.fields) | MONEY | given)


def kept(boss: Browser, kind: str = "money", **given: Any) -> SavedReport:
    """Save a report as the form does; returns its row."""
    answer = send(boss, "/reports/saved/new", kind, **given)
    assert answer.status == 200, answer.text
    with boss.app.app_context():
        return db.session.scalars(select(SavedReport).order_by(SavedReport.id.desc()).limit(1)).one()


def test_a_report_is_kept_shown_to_a_role_opened_and_changed_by_its_owner_alone(
    shop: Shop, as_role: AsRole
) -> None:
    boss, admin = as_role("manager"), as_role("admin")
    row = kept(boss)
    assert "Money" in boss.open("/reports/saved")
    assert "Nothing is saved yet" in admin.open("/reports/saved")
    assert admin.get(f"/reports/saved/{row.id}").status_code == 404
    send(boss, f"/reports/saved/{row.id}", act="save", name="Money, all", days="7", roles="admin")
    assert "Money, all" in admin.open("/reports/saved")
    to = admin.get(f"/reports/saved/{row.id}")
    assert to.status_code == 303
    assert to.headers["Location"].startswith("/reports/money?from=")
    assert send(admin, f"/reports/saved/{row.id}", act="remove").status == 409
    send(boss, f"/reports/saved/{row.id}", act="remove")
    assert shop.all(SavedReport) == []
    kinds = [kind for kind in shop_events(shop) if kind.startswith("report.")]
    assert kinds == ["report.saved", "report.changed", "report.removed"]


def shop_events(shop: Shop) -> list[str]:
    return [one.kind for one in sorted(shop.all(Event), key=lambda one: one.id)]


@rows_on_sqlite(("given", "sentence"), [
    ({"name": " "}, "Give it a name"),
    ({"name": "x" * 90}, "90 characters long; at most 80"),
    ({"days": "always"}, "“always” are no days to choose"),
    ({"schedule": "daily"}, "“daily” is no schedule"),
    ({"schedule": "week"}, "Tick at least one person"),
    ({"roles": "support"}, "“support” is no role that reads reports"),
    ({"days": "2026-11-02/2026-11-08", "schedule": "week", "people": "1"}, "choose days that move"),
    ({"people": "99999"}, "does not read reports any more"),
])  # fmt: skip
def test_what_cannot_be_kept_is_named_at_its_field(
    as_role: AsRole, given: dict[str, str], sentence: str
) -> None:
    boss = as_role("manager")
    page = send(boss, "/reports/saved/new", **{"name": "Typed", **given})
    assert page.status == 422
    assert sentence in page
    assert given.get("name", "Typed").strip() in page.html


def mails(shop: Shop) -> list[OutboundMail]:
    return [one for one in shop.all(OutboundMail) if one.occasion.startswith("report:")]


def swept(shop: Shop, at: datetime) -> int:
    with clock.pretending(at), shop.reading():
        return report_mailing.sweep()


def test_it_is_mailed_once_a_week_with_its_tables(shop: Shop, as_confirmed: AsRole) -> None:
    dock = Dock(Stage(shop))
    dock.paid()
    with shop.writing():
        for one in db.session.scalars(select(Product)):
            one.name = "=cmd|' /C calc'!A0"
    boss, other = shop.person("manager"), shop.person("admin")
    with clock.pretending(WEDNESDAY):
        kept(as_confirmed("manager"), schedule="week", people=[str(boss), str(other)])
    assert swept(shop, WEDNESDAY + timedelta(days=1)) == 0, "its first mail comes when the next week begins"
    monday = datetime(2026, 11, 9, 5, 0, tzinfo=UTC)
    assert swept(shop, monday) == 0, "not before the morning"
    assert swept(shop, monday + timedelta(hours=6)) == 2
    assert swept(shop, monday + timedelta(hours=7)) == 0
    assert swept(shop, monday + timedelta(days=3)) == 0
    assert swept(shop, monday + timedelta(days=8, hours=6)) == 2, "a clock that slept makes up for it, once"
    assert len(mails(shop)) == 4
    assert {one.to_address for one in mails(shop)} == {shop_address(shop, boss), shop_address(shop, other)}
    letter = email.message_from_bytes(shop.bytes_of(mails(shop)[0]), policy=email.policy.default)
    assert letter["Subject"] == "Money, 2026-11-02 to 2026-11-08"
    body = letter.get_body()
    assert body is not None
    assert "Paid: £" in body.get_content()
    assert "/reports/money?from=2026-11-02&to=2026-11-08" in body.get_content()
    files = {str(part.get_filename()): part.get_payload(decode=True) for part in letter.iter_attachments()}
    cover = next(data for name, data in files.items() if "cover" in name)
    assert isinstance(cover, bytes)
    rows = list(csv.reader(io.StringIO(cover.decode("utf-8-sig"))))
    assert rows[1][0].startswith("'=cmd")
    assert rows == list(csv.reader(io.StringIO(as_confirmed("manager").open("/reports/money/cover.csv?from=2026-11-02&to=2026-11-08").html.lstrip("\ufeff"))))  # fmt: skip
    assert shop_events(shop).count("report.mailed") == 2


def shop_address(shop: Shop, person_id: int) -> str:
    return next(one.email for one in shop.all(Person) if one.id == person_id)


def test_who_may_not_read_reports_any_more_gets_none(shop: Shop, as_role: AsRole) -> None:
    Dock(Stage(shop))
    boss, other = shop.person("manager"), shop.person("admin")
    with clock.pretending(WEDNESDAY):
        kept(as_role("manager"), schedule="month", people=[str(boss), str(other)])
    with shop.writing():
        gone = db.session.get_one(Person, other)
        gone.role_rows = [PersonRole(role="support")]
    first = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert swept(shop, first) == 1
    assert [one.to_address for one in mails(shop)] == [shop_address(shop, boss)]


@pytest.mark.parametrize("kind", ["replies", "procedure", "funnel", "reading", "money", "templates"])
def test_every_report_can_be_mailed_and_words_of_customers_stay_here(
    shop: Shop, as_confirmed: AsRole, kind: str
) -> None:
    number = Dock(Stage(shop)).paid(when=clock.now())
    with shop.writing():
        order = db.session.scalars(select(Order).where(Order.number == number)).one()
        row = Feedback(order_id=order.id, due_at=clock.now(), asked_at=clock.now())
        db.session.add(row)
        db.session.flush()
        answering.answer(row, 2, comment="Aunt Millicent wept over the handle", step="A10")
    boss = shop.person("manager")
    kept(as_confirmed("manager"), kind, schedule="week", people=[str(boss)])
    noon = clock.now().replace(hour=12, minute=0)
    assert swept(shop, noon + timedelta(days=7 - noon.weekday())) == 1
    letter = email.message_from_bytes(shop.bytes_of(mails(shop)[0]), policy=email.policy.default)
    words = "".join(str(part.get_content()) for part in letter.walk() if not part.is_multipart())
    assert "Millicent" not in words
    assert list(letter.iter_attachments()), "nothing is attached"
