"""The record on its page: found by anything, in words, page by page, the same number of questions at any size."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from bench import plans
from bench.stores import sign_in
from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.passwords import hash_password
from checkout_desk.events.models import Event, EventHead, digest
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import db
from checkout_desk.records import allowance, chain_checks, checking, searching, telling
from checkout_desk.records.searching import Wanted
from tests.builders import Shop
from tests.page import Browser
from tests.shipping.road import Road, told
from tests.signing import add_person, add_store, open_desk

QUERIES = 16
"""of a page of the record, the frame's own among them"""
MANY = 50_000


def ids(shop: Shop, *, limit: int = 500, before: int | None = None, **wanted: Any) -> list[int]:
    with shop.reading():
        return [row.id for row in searching.page(Wanted(**wanted), before=before, limit=limit).rows]


@pytest.fixture
def told_of(shop: Shop) -> dict[str, int]:
    """Events with something to find; name -> number."""
    found = {}
    person = shop.person("manager")
    for name, day, actor, kind, about, after in (
        ("early", 2, "desk", "test.one", ("product", 7), {"reason": "Größe zu klein"}),
        ("hers", 4, f"person:{person}", "test.two", ("product", 7), {"reason": "100% wool_here"}),
        ("other", 6, "customer", "test.two", ("product", 71), {"name": 'the "blue" one'}),
    ):  # fmt: skip
        when = datetime(2027, 11, day, 12, tzinfo=UTC)
        with clock.pretending(when), shop.writing(), acting_as(actor, "test"):
            record(kind, about=about, after=after)
        with shop.reading():
            found[name] = db.session.scalars(select(EventHead.seq)).one()
    return found


def test_it_finds_by_kind_person_thing_number_and_words(shop: Shop, told_of: dict[str, int]) -> None:
    e, person = told_of, shop.person("manager")
    assert ids(shop, kind="test.two") == [e["other"], e["hers"]]
    assert ids(shop, actor=f"person:{person}") == [e["hers"]]
    assert ids(shop, actor="customer") == [e["other"]]
    assert ids(shop, about="product:7") == [e["hers"], e["early"]]
    assert ids(shop, event=e["early"]) == [e["early"]]
    assert ids(shop, words="größe klein") == [e["early"]]
    assert ids(shop, words="100%") == [e["hers"]]
    assert ids(shop, words="wool_h") == [e["hers"]]
    assert ids(shop, words="woolxh") == []
    assert ids(shop, words="größe wool") == []
    assert ids(shop, kind="test.two", about="product:7") == [e["hers"]]
    assert ids(shop, words="wool", actor="customer") == []


def test_it_finds_by_day(shop: Shop, told_of: dict[str, int]) -> None:
    def day(n: int) -> datetime:
        return datetime(2027, 11, n, tzinfo=UTC)

    e = told_of
    mine: dict[str, Any] = {"about": "product:7"}
    assert ids(shop, since=day(3), **mine) == [e["hers"]]
    assert ids(shop, until=day(3), **mine) == [e["early"]]
    assert ids(shop, since=day(2), until=day(5), **mine) == [e["hers"], e["early"]]
    assert ids(shop, since=datetime(2099, 1, 1, tzinfo=UTC)) == []
    assert ids(shop, until=datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_it_finds_an_order_with_all_that_belongs_to_it(road: Road) -> None:
    number, parcel_id = road.sent()
    other, _ = road.sent(sender="Eve Stranger <eve@elsewhere.example>")
    road.says(parcel_id, told(20, "delivered"))
    shop = road.shop
    mine, theirs = set(ids(shop, words=f"#{number}")), set(ids(shop, words=str(other)))
    assert mine and theirs and not mine & theirs
    with shop.reading():
        rows = db.session.execute(select(Event.id, Event.kind, Event.subject_type)).all()
    kinds = {row.kind for row in rows if row.id in mine}
    assert {"order.drafted", "quote.sent", "parcel.handed_over", "message.received"} <= kinds
    assert {row.id for row in rows if row.kind == "parcel.tracked"} <= mine
    assert ids(shop, words="987654") == []
    by_customer = set(ids(shop, words="eve@elsewhere.example"))
    assert theirs <= by_customer and not mine & by_customer


def test_pages_meet_without_gap_or_repetition(
    shop: Shop, told_of: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 7)
    for n in range(40):
        with shop.writing():
            record(
                "test.page", about=("product", n % 3), after={"reason": f"wool {n}" if n % 9 == 0 else "silk"}
            )
    for wanted in (
        Wanted(),
        Wanted(kind="test.page"),
        Wanted(words="wool"),
        Wanted(words="wool", kind="test.page"),
    ):
        with shop.reading():
            every = [row.id for row in db.session.execute(select(Event.id, Event.kind, Event.after).order_by(Event.id.desc()))
                     if (not wanted.kind or row.kind == wanted.kind) and (not wanted.words or "wool" in str(row.after))]  # fmt: skip
            seen: list[int] = []
            before: int | None = None
            for _ in range(100):
                found = searching.page(wanted, before=before, limit=4)
                seen += [row.id for row in found.rows]
                if found.older is None:
                    break
                before = found.older
            assert seen == every
            if not wanted.words:
                up = searching.page(wanted, after=every[8], limit=4)
                assert [row.id for row in up.rows] == every[4:8]
                assert (up.older, up.newer) == (every[7], every[4])


def test_the_page_tells_it_in_words_and_links(
    shop: Shop, road: Road, as_role: Callable[[str], Browser]
) -> None:
    number, _ = road.sent()
    page = as_role("manager").open(f"/records?q={number}")
    assert f"Everything about order {number} and what belongs to it." in page
    assert "Mail received" in page and "Verified the order" in page
    assert f"/orders/{number}" in [href for _, href in page.links]
    one = page.follow("all about it")
    assert one.status == 200
    wrong = as_role("manager").open("/records?since=yesterday&about=nonsense")
    assert "“yesterday” is no day; write it as 2026-11-02." in wrong and "“nonsense” names no thing" in wrong
    assert 'value="yesterday"' in wrong.html
    for role, status in (("support", 403), ("logistics", 403), ("admin", 200)):
        assert as_role(role).open("/records").status == status


def test_the_chain_is_checked_from_the_page(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    manager = as_role("manager")
    assert "was not checked from here yet" in manager.open("/records")
    page = manager.open("/records").press("Verify the chain")
    assert "Checking event by event." in page
    with shop.reading():
        check = chain_checks.newest()
        assert check is not None
        chain_checks.run(check.id)
    assert "The record is whole" in manager.fragment("/records/check")


def rows_of(page: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.response.get_data(as_text=True))))


def test_csv_runs_no_formula_and_is_counted(
    shop: Shop,
    as_role: Callable[[str], Browser],
    as_confirmed: Callable[[str], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = shop.person("manager")
    for n in range(6):
        with shop.writing(), acting_as("desk", "=HYPERLINK(1)"):
            record("test.csv", about=("product", n), after={"reason": "=1+1"})
    manager = as_confirmed("manager")
    rows = rows_of(manager.open("/records?kind=test.csv").press("Download CSV"))
    assert len(rows) == 7
    assert rows[1][4] == "'=HYPERLINK(1)"
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]
    noted = [e for e in shop.all(Event) if e.kind == allowance.LISTED]
    assert [(e.actor, e.after) for e in noted] == [(f"person:{person}", {"rows": 6, "fields": ["kind"]})]
    monkeypatch.setattr(allowance, "ROWS_A_DAY", 13)
    assert len(rows_of(manager.open("/records?kind=test.csv").press("Download CSV"))) == 7
    refused = manager.open("/records?kind=test.csv").press("Download CSV")
    assert refused.status == 409 and "That would be 18 events in 24 hours" in refused
    with clock.pretending(clock.now() + timedelta(hours=25)), shop.reading():
        allowance.take_rows(db.session.get_one(Person, person), 13, narrowed=())
        db.session.rollback()
    assert as_role("support").post("/records/events.csv", {}).status in (400, 403)


def test_the_zip_is_given_for_a_password_and_counted(shop: Shop, road: Road, as_role: Callable[[str], Browser], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    number, _ = road.sent()
    person = shop.person("manager")
    with shop.writing():
        db.session.execute(
            update(Person)
            .where(Person.id == person)
            .values(password_hash=hash_password("right horse battery"))
        )
    manager = as_role("manager")
    page = manager.open(f"/orders/{number}/records")
    assert "Type your password" in page.press("Download the ZIP", password="")
    wrong = page.press("Download the ZIP", password="wrong")
    assert wrong.status == 422 and "not your present password" in wrong
    given = page.press("Download the ZIP", password="right horse battery")
    assert given.response.mimetype == "application/zip"
    path = tmp_path / "given.zip"
    path.write_bytes(given.response.get_data())
    with shop.reading():
        checked = checking.check_zip(path)
        assert checked.faults == [] and checking.against_record(checked) == []
    (event,) = [e for e in shop.all(Event) if e.kind == "records.exported"]
    assert event.actor == f"person:{person}"
    monkeypatch.setattr(allowance, "FILES_A_DAY", 1)
    refused = page.press("Download the ZIP", password="right horse battery")
    assert refused.status == 409 and "records of 1 orders in 24 hours" in refused
    assert as_role("support").open(f"/orders/{number}/records").status == 403
    assert manager.open("/orders/999999/records").status == 404


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A record of MANY events, rightly chained, on either engine, and the cookie of a manager."""
    more = {}
    if request.param == "postgresql":
        more["DATABASE_URL"] = request.getfixturevalue("postgres_server").url_for()
    app = open_desk(tmp_path_factory.mktemp("long") / request.param, url="http://127.0.0.1", **more)
    with app.app_context():
        add_store(app)
        add_person(app, "manager", "manager")
        cookie, _ = sign_in(app)
        seq, chain = db.session.execute(select(EventHead.seq, EventHead.hash)).one()
        at = datetime(2026, 1, 1, tzinfo=UTC)
        db.session.rollback()
        rows = []
        last = db.session.scalar(select(Event.at).order_by(Event.id.desc()).limit(1)) or at
        for n in range(seq + 1, MANY + 1):
            row = {
                "id": n, "at": last + timedelta(seconds=n), "actor": f"person:{n % 7}", "origin": "test", "kind": f"test.k{n % 90}",
                "subject_type": "product", "subject_id": n % 5000, "before": None, "after": {"n": n}, "salts": None,
            }  # fmt: skip
            chain = row["hash"] = digest(chain, row)
            rows.append(row)
        db.session.rollback()
        for start in range(0, len(rows), 5000):
            db.session.execute(insert(Event), rows[start : start + 5000])
        db.session.execute(update(EventHead).values(seq=MANY, hash=chain, at=rows[-1]["at"]))
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    yield app, cookie, rows[-1]["at"]
    with app.app_context():
        db.engine.dispose()


PAGES = (
    "/records", "/records?before=25000", "/records?after=25000", "/records?kind=test.k7", "/records?actor=person:3&before=9000",
    "/records?about=product:77", "/records?kind=test.k7&actor=person:3", "/records?event=17", "/records?since=2026-12-01",
    "/records?since=2026-11-01&until=2026-11-23",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", [*PAGES, "/records?q=1042", "/records?q=nothing+has+this", "/records?q=a@b.example"]
)
def test_the_questions_are_the_same_few_however_long_the_record_is(long: Any, path: str) -> None:
    app, cookie, _ = long
    asked = plans.statements_of(app, path, cookie)
    assert len(asked) <= QUERIES, [statement[:90] for statement, _ in asked]


def test_no_page_reads_the_whole_record_or_sorts_it(long: Any) -> None:
    app, cookie, _ = long
    look = plans.faults if app.config["DATABASE_URL"].startswith("sqlite") else plans.postgres_faults
    faults = {path: look(app, plans.statements_of(app, path, cookie)) for path in PAGES}
    assert {path: found for path, found in faults.items() if found} == {}


def test_a_long_record_is_paged_to_its_end(long: Any) -> None:
    app, _, _ = long
    with app.app_context():
        seen, before = 0, None
        while True:
            found = searching.page(Wanted(), before=before, limit=5000)
            numbers = [row.id for row in found.rows]
            assert numbers == list(range(numbers[0], numbers[0] - len(numbers), -1))
            seen += len(numbers)
            if found.older is None:
                break
            before = found.older
        assert seen == MANY
        words = searching.page(Wanted(words="never"), limit=50)
        assert (words.rows, words.older) == ([], MANY - searching.LOOKED_AT + 1)


def test_days_and_instants_are_told_as_people_write_them() -> None:
    event = Event(kind="quote.changed", before={"until": "2026-12-22"}, after={"until": "2026-12-23T10:05:00+01:00", "sku": "2026-13-45"})  # fmt: skip
    assert telling.changes(event) == [
        ("until", "22 December 2026", "23 December 2026, 09:05 UTC"),
        ("sku", "", "2026-13-45"),
    ]
