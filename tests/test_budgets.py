"""What never depends on the machine: queries a page, their plans, bytes on the wire and on the disk, exact threading.

The same figures at full size, and the times, come from `python -m bench`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from bench import exactness, plans, weight
from bench.stores import sign_in
from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.frame import VIEWS
from checkout_desk.extensions import db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail.models import RawMail
from checkout_desk.mail.receiving import receive
from checkout_desk.orders.models import Order
from checkout_desk.seeding import corpus, seed
from tests.parts.postgres import PostgresServer
from tests.signing import open_desk

QUEUE_QUERIES, CONVERSATION_QUERIES, SEARCH_QUERIES = 8, 10, 10
PANEL_QUERIES = 4
"""more for the order beside a conversation: orders, lines, products to choose from, what else the customer ordered"""
ORDERS_QUERIES = 8
LONG = 120
ORDERS = (
    "/orders", "/orders?state=draft", "/orders?country=GB", "/search?q=1042", "/search?q=order:1042",
    "/search?q=07700900123",
)  # fmt: skip
FOUND = "/orders?q=1042"
"""sorts the few that fit, so it is not among those above"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seeded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, str]]:
    """A desk with 600 conversations on either engine, and a signed-in browser's cookie. Tests must not change it."""
    home = tmp_path_factory.mktemp("budgets") / request.param
    more = {}
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        more["DATABASE_URL"] = server.url_for()
    app = open_desk(home, url="http://127.0.0.1", **more)
    with app.app_context():
        seed(600, longest=LONG)
        cookie, _ = sign_in(app)
        assert db.engine.dialect.name == make_url(app.config["DATABASE_URL"]).get_backend_name()
    yield app, cookie
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Flask:
    """An empty desk on SQLite."""
    return open_desk(tmp_path / "home", url="http://127.0.0.1")


def _conversations(app: Flask) -> list[str]:
    """A long conversation and one of each state."""
    with app.app_context():
        ids = db.session.scalars(select(func.max(Conversation.id)).group_by(Conversation.state)).all()
        return ["/conversations/1", *(f"/conversations/{one}" for one in ids)]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_asks_at_most_eight_queries(seeded: tuple[Flask, str], view: str) -> None:
    app, cookie = seeded
    assert len(plans.statements_of(app, f"/queue/{view}", cookie)) <= QUEUE_QUERIES


def test_a_conversation_asks_at_most_ten_queries_however_long_it_is_and_four_for_its_order(
    seeded: tuple[Flask, str],
) -> None:
    app, cookie = seeded
    with app.app_context():
        ordered = set(db.session.scalars(select(Order.conversation_id).distinct()))
    asked = {path: len(plans.statements_of(app, path, cookie)) for path in _conversations(app)}
    more = {path: PANEL_QUERIES if int(path.rpartition("/")[2]) in ordered else 0 for path in asked}
    assert {path: n for path, n in asked.items() if n > CONVERSATION_QUERIES + more[path]} == {}


@pytest.mark.parametrize("path", [*ORDERS[:3], FOUND])
def test_the_list_of_orders_asks_a_fixed_number_of_queries(seeded: tuple[Flask, str], path: str) -> None:
    app, cookie = seeded
    assert len(plans.statements_of(app, path, cookie)) <= ORDERS_QUERIES


def test_a_search_asks_a_fixed_number_of_queries(seeded: tuple[Flask, str]) -> None:
    app, cookie = seeded
    for word in (corpus.COMMON, corpus.RARE_THIRD, "nothing has this word", "07700 900123"):
        asked = plans.statements_of(app, f"/search?q={word}", cookie)
        assert len(asked) <= SEARCH_QUERIES, [statement[:90] for statement, _ in asked]


def test_no_plan_scans_a_growing_table_or_sorts_in_a_temporary_tree(seeded: tuple[Flask, str]) -> None:
    app, cookie = seeded
    pages = [
        *(f"/queue/{view}" for view in VIEWS),
        *_conversations(app),
        f"/search?q={corpus.COMMON}",
        *ORDERS,
    ]
    on_sqlite = app.config["DATABASE_URL"].startswith("sqlite")
    look = plans.faults if on_sqlite else partial(plans.postgres_faults, few_rows=True)
    faults = {path: look(app, plans.statements_of(app, path, cookie)) for path in pages}
    assert {path: found for path, found in faults.items() if found} == {}


def test_the_plan_reader_sees_scans_and_sorts(sqlite: Flask) -> None:
    scan = ("SELECT * FROM message WHERE text = ?", ("x",))
    sort = ("SELECT id FROM conversation WHERE customer_id = ? ORDER BY subject", (1,))
    fine = ("SELECT name FROM person ORDER BY name", ())
    assert len(plans.faults(sqlite, [scan, sort, fine])) == 2


def test_the_queue_page_is_light_and_names_few_files(seeded: tuple[Flask, str]) -> None:
    app, cookie = seeded
    client = app.test_client(use_cookies=False)

    def fetch(path: str) -> bytes:
        answer = client.get(
            path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"}, base_url="http://127.0.0.1"
        )
        assert answer.status_code == 200, path
        return answer.data

    found = weight.weigh(fetch, "/queue/answer")
    assert found.requests <= 6
    assert found.size <= 60_000
    assert found.page <= 12_000
    assert len(found.fonts) <= 1
    assert max(found.fonts, default=0) <= 80_000


def test_every_reply_finds_its_conversation_and_no_stranger_does(
    seeded: tuple[Flask, str], tmp_path: Path
) -> None:
    app = open_desk(tmp_path / "threads")  # of its own: it takes mail in
    with app.app_context():
        seed(80)
        for what, (right, asked) in exactness.measure(start=5_000_000, share=0.1).items():
            assert right == asked > 0, what


def test_mail_that_comes_again_makes_no_new_row(sqlite: Flask) -> None:
    mails = corpus.letters(12, start=7_000_000, at=clock.now() - timedelta(hours=1))
    with sqlite.app_context():
        seed(1)
        first = [receive(mail, door="import", wake=False) for mail in mails]
        for receipt in first:
            take_in(receipt.raw_id)
        before = _counts()
        second = [receive(mail, door="import", wake=False) for mail in mails]
        assert {receipt.outcome for receipt in first} == {"stored"}
        assert {receipt.outcome for receipt in second} == {"duplicate"}
        assert [receipt.raw_id for receipt in second] == [receipt.raw_id for receipt in first]
        assert _counts() == before


def _counts() -> list[int]:
    counts = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (RawMail, Message)]
    counts.append(db.session.scalar(text("SELECT count(*) FROM conversation")) or 0)
    db.session.rollback()
    return counts
