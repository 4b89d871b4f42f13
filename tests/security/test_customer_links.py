"""The customer's link: what a guesser, a scanner, a neighbour or a foreign page can do with it (BB9, A18, A39, A42, A44, A45)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from checkout_desk import clock
from checkout_desk.app import create_app
from checkout_desk.catalogue.models import Product
from checkout_desk.doorstep import links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.orders.models import Order, OrderLine
from tests.builders import Shop
from tests.doorstep.conftest import Door
from tests.orders.stage import Stage

MARK = '<img src=x onerror="alert(1)">{{7*7}}'


@pytest.fixture
def door(shop: Shop) -> Door:
    return Door(shop, Stage(shop))


def everything(door: Door) -> list[Any]:
    """What an order, its links and the record are, to be compared."""
    with door.shop.reading():
        return [
            list(db.session.execute(select(table)).all())
            for table in (Order.__table__, OrderLine.__table__, CustomerLink.__table__, Event.__table__)
        ]


def form_of(page: Any) -> dict[str, str]:
    return dict(page.form("/order").fields)


def test_a_token_is_256_bits_and_only_its_hash_is_kept(door: Door) -> None:
    number = door.asked()
    tokens = {door.token(number) for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
    with door.shop.reading():
        raw = str(everything(door))
        assert not any(token in raw for token in tokens)
        assert links.hashed(next(iter(tokens))) in raw


def test_each_flipped_sign_is_another_token(door: Door) -> None:
    number = door.asked()
    token = door.token(number)
    client = door.shop.app.test_client()
    for place in range(0, 43, 3):
        wrong = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = client.get(f"/o/{wrong}")
        assert answer.status_code == 404, place
        assert "Set-Cookie" not in answer.headers
    for wrong in ("", "x", token + "A", token[:-1], token.swapcase(), "%00" * 43, "../order", "o" * 5000):
        assert client.get(f"/o/{wrong}").status_code == 404


def test_a_bad_link_says_the_same_whatever_is_wrong_and_names_no_store(door: Door) -> None:
    number = door.asked()
    expired, revoked = door.token(number), door.token(number)
    with door.shop.writing():
        rows = {row.token_hash: row for row in db.session.scalars(select(CustomerLink))}
        rows[links.hashed(expired)].expires_at = clock.now() - timedelta(seconds=1)
        assert links.revoke([rows[links.hashed(revoked)].id]) == 1
    client = door.shop.app.test_client()
    answers = [client.get(f"/o/{token}") for token in (expired, revoked, "A" * 43, "nonsense")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "This link no longer works" in answers[0].text
    for word in ("Fern", "Kiln", "Checkout Desk", str(number), "Jane"):
        assert word not in answers[0].text
    assert (
        client.get("/o/" + "A" * 43, headers={"Accept-Language": "de-CH,de"}).text.count("Dieser Link gilt")
        == 2
    )


@pytest.mark.parametrize("how", ["expire", "revoke"])
def test_an_open_page_ends_with_its_link(door: Door, how: str) -> None:
    number = door.asked()
    page = door.open(number)
    with door.shop.writing():
        (row,) = db.session.scalars(select(CustomerLink))
        if how == "expire":
            row.expires_at = clock.now()
        else:
            links.revoke([row.id])
    assert page.browser.open("/order").status == 404
    assert page.browser.open("/order/thanks").status == 404
    before = everything(door)
    assert page.press("Send", ship_postcode="NE30 1AB").status == 404
    assert everything(door) == before


def test_scanners_may_fetch_it_as_often_as_they_like(door: Door) -> None:
    number = door.asked()
    token = door.token(number)
    before = everything(door)
    written: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        client = door.shop.app.test_client()
        for _ in range(40):
            assert client.get(f"/o/{token}").status_code == 303
            assert client.head(f"/o/{token}").status_code == 303
            assert client.get("/order").status_code == 200
            assert client.head("/order").status_code == 200
            assert client.options("/order").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert written == []
    assert everything(door) == before


def test_the_exchange_leaves_nothing_of_the_token(door: Door) -> None:
    token = door.token(door.asked())
    client = door.shop.app.test_client()
    answer = client.get(f"/o/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/order")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert token not in cookie
    page = client.get("/order")
    assert token not in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'content="noindex, nofollow"' in page.text
    assert "script" not in page.text
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)


def test_over_https_the_cookie_is_bound_to_the_host(door: Door) -> None:
    token = door.token(door.asked())
    app = create_app(
        {"TESTING": True, "RATELIMIT_ENABLED": False},
        environment={
            "DESK_HOME": str(door.shop.app.config["DESK_HOME"]), "REDIS_URL": "unix:///nonexistent",
            "DESK_URL": "https://desk.example", "DATABASE_URL": door.shop.app.config["DATABASE_URL"],
        },
    )  # fmt: skip
    cookie = app.test_client().get(f"/o/{token}", base_url="https://desk.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-order=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_a_form_fits_one_browser_and_one_order(door: Door) -> None:
    mine, other = door.asked(), door.asked()
    page, theirs = door.open(mine), door.open(other)
    before = everything(door)
    for token in ("", "x", form_of(theirs)["form_token"]):
        stopped = page.browser.post("/order", {"form_token": token, "ship_postcode": "NE30 1AB"})
        assert stopped.status == 409
        assert "Nothing was sent" in stopped
    assert page.browser.post("/order", {"ship_postcode": "NE30 1AB"}).status == 409
    assert everything(door) == before


def test_the_tab_of_another_order_does_not_fill_this_one(door: Door) -> None:
    first, second = door.asked(), door.asked()
    browser = door.browser()
    page = browser.open(f"/o/{door.token(first)}")
    browser.open(f"/o/{door.token(second)}")
    stopped = page.press("Send", ship_postcode="NE30 1AB")
    assert stopped.status == 409
    assert {door.stage.seen(n).ship_postcode for n in (first, second)} == {""}


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_foreign_page_cannot_send_the_form(door: Door, headers: dict[str, str]) -> None:
    number = door.asked()
    page = door.open(number)
    answer = page.browser.client.post(
        "/order", data=form_of(page) | {"ship_postcode": "NE30 1AB"}, headers=headers
    )
    assert answer.status_code == 403
    assert door.stage.seen(number).ship_postcode == ""


def test_a_forged_cookie_opens_nothing(door: Door) -> None:
    token = door.token(door.asked())
    client = door.shop.app.test_client()
    client.get(f"/o/{token}")
    cookie = client.get_cookie("order")
    assert cookie is not None
    signed = cookie.value
    for wrong in (
        signed[:-2] + ("A" if signed[-2] != "A" else "B") + signed[-1],
        '[1,"x"]',
        "",
        signed.split(".")[0],
    ):
        stranger = door.shop.app.test_client()
        stranger.set_cookie("order", wrong)
        assert stranger.get("/order").status_code == 404
    # The form's token is signed for another purpose.
    form = form_of(door.open(door.asked()))["form_token"]
    stranger = door.shop.app.test_client()
    stranger.set_cookie("order", form)
    assert stranger.get("/order").status_code == 404


def test_nothing_but_the_gaps_of_this_order_can_be_posted(door: Door) -> None:
    mine, other = door.asked(), door.asked()
    page = door.open(mine)
    theirs = door.stage.lines(other)[1].id
    with door.shop.reading():
        cheap = db.session.scalars(select(Product).where(Product.sku == "MUG-RED")).one().id
    line = door.stage.lines(mine)
    before = door.stage.lines(other)[1].product_id
    answer = page.browser.post(
        "/order",
        form_of(page)
        | {
            "ship_postcode": "NE30 1AB", f"product:{theirs}": str(cheap), f"quantity:{line[0].id}": "999",
            "ship_line1": "1 Thief Road", "email": "eve@elsewhere.example", "state": "paid", "total_minor": "1",
            f"price:{line[0].id}": "1", "currency": "JPY", f"product:{line[0].id}": str(cheap),
        },
    )  # fmt: skip
    assert answer.path == "/order/thanks"
    order, row = door.stage.seen(mine), door.stage.lines(mine)[0]
    assert (order.ship_line1, order.state, order.currency) == (
        "5 Quay Lane",
        "clarifying",
        "GBP",
    )
    assert order.email != "eve@elsewhere.example"
    assert (row.quantity, row.product_id, row.unit_price_minor) == (
        line[0].quantity,
        line[0].product_id,
        1600,
    )
    assert door.stage.lines(other)[1].product_id == before
    wrong = page.browser.open("/order").press("Send", **{f"product:{line[1].id}": str(cheap)})
    assert wrong.status == 422
    assert door.stage.lines(mine)[1].product_id is None


def test_names_of_products_and_customers_are_never_markup(door: Door) -> None:
    number = door.asked(ship_name=MARK, ship_line1=MARK, ship_city=MARK)
    with door.shop.writing():
        for product in db.session.scalars(select(Product)):
            product.name = MARK
        for line in db.session.scalars(select(OrderLine)):
            line.text = MARK
    page = door.open(number)
    again = page.press("Send", ship_postcode=MARK)
    for shown in (page, again):
        assert "<img" not in shown.html
        assert "49" not in shown.text
        assert MARK in shown.text


def test_a_storm_is_braked_with_a_page_of_ours(door: Door) -> None:
    app = create_app(
        {"TESTING": True},
        environment={
            "DESK_HOME": str(door.shop.app.config["DESK_HOME"]), "REDIS_URL": "unix:///nonexistent",
            "DESK_URL": "http://localhost", "DATABASE_URL": door.shop.app.config["DATABASE_URL"],
        },
    )  # fmt: skip
    client = app.test_client()
    answers = [client.get("/o/" + "A" * 43) for _ in range(70)]
    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"
    assert "Too many tries" in answers[-1].text
    assert "Checkout Desk" not in answers[-1].text
