"""A conversation's page that is remembered: the same while nothing happens, new at once when anybody did anything anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from checkout_desk import clock
from checkout_desk.catalogue import stock
from checkout_desk.conversations import acting
from checkout_desk.extensions import db
from tests.builders import Shop
from tests.orders.quoted import Till
from tests.orders.stage import product
from tests.page import HTMX, Browser
from tests.signing import form_token, open_desk, signed_in, statements

REMEMBERED = 3
"""who is signed in, the conversation with its draft, and the counts with the stamp"""


@pytest.fixture
def elsewhere(shop: Shop, tmp_path: Path) -> Iterator[Flask]:
    """Another process of the same desk, which remembers for itself."""
    app = open_desk(tmp_path / "home", database_url=shop.app.config["DATABASE_URL"])
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def asked(browser: Browser, path: str) -> int:
    """How many statements a page asks."""
    with browser.app.app_context(), statements() as seen:
        browser.open(path)
    return len([one for one in seen if not one.startswith(("BEGIN", "COMMIT", "ROLLBACK"))])


def test_a_page_looked_at_again_asks_three_statements(till: Till, as_role: Callable[[str], Browser]) -> None:
    number, mia = till.verified(), as_role("processing")
    path = f"/conversations/{till.stage.row(number).id}"
    with clock.pretending(clock.now()):
        assert asked(mia, path) > REMEMBERED
        first = mia.open(path).html
        assert asked(mia, path) == REMEMBERED
        assert mia.open(path).html == first


def test_what_another_process_does_is_shown_at_once(shop: Shop, agent: Browser, elsewhere: Flask) -> None:
    taken = shop.take()
    path, person = f"/conversations/{taken.conversation}", shop.person("manager")
    with clock.pretending(clock.now()):
        assert "closed this" not in agent.open(path)
        other = signed_in(elsewhere, person)
        done = other.post(f"{path}/act/close", data={"csrf_token": form_token(elsewhere, other)})
        assert done.status_code == 303
        assert "closed this" in agent.open(path)


def test_stock_is_that_of_now(till: Till, as_role: Callable[[str], Browser], elsewhere: Flask) -> None:
    number, mia = till.verified(), as_role("processing")
    path = f"/conversations/{till.stage.row(number).id}?order={number}"
    with clock.pretending(clock.now()):
        before = mia.open(path)
        assert "can be promised" not in before
        with elsewhere.app_context():
            stock.count(product("MUG-BLU").id, 1)
            db.session.commit()
            db.session.remove()
        assert "only 1 of 2 can be promised" in mia.open(path)


def test_ones_own_draft_in_another_tab_and_who_is_here_are_never_remembered(
    shop: Shop, agent: Browser, as_role: Callable[[str], Browser]
) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    with clock.pretending(clock.now()):
        page = agent.open(path)
        assert "Draft kept" not in page and "is replying" not in page
        form = agent.open(f"{path}/compose/reply").form("/send")
        agent.post(
            f"{path}/draft",
            {name: form.value(name) for name in ("csrf_token", "kind", "token", "to", "subject")}
            | {"text": "Thank you"},
        )
        assert "Draft kept" in agent.open(path)
        colleague = as_role("manager")
        token = form_token(shop.app, colleague.client)
        colleague.post(f"{path}/here", {"csrf_token": token, "doing": "writing"})
        assert "is replying" in agent.open(path)


def test_a_page_is_never_anothers(shop: Shop, agent: Browser, as_role: Callable[[str], Browser]) -> None:
    taken, other = shop.take(), as_role("manager")
    path = f"/conversations/{taken.conversation}"
    with clock.pretending(clock.now()):
        mine, theirs = agent.open(path), other.open(path)
        again = Browser(shop.app, signed_in(shop.app, shop.person("support"))).open(path)
    tokens = [page.form("/act/close").value("csrf_token") for page in (mine, theirs, again)]
    assert len(set(tokens)) == 3


def test_an_answer_to_an_act_shows_what_it_changed(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    with clock.pretending(clock.now()):
        token = agent.open(path).form("/act/close").value("csrf_token")
        answer = agent.post(f"{path}/act/close", {"csrf_token": token}, headers=HTMX)
        assert "closed this" in answer
        assert "closed this" in agent.open(path)


def test_seconds_that_run_down_are_counted_anew(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    at = clock.now().replace(second=1, microsecond=0)
    with clock.pretending(at):
        shop.reply(taken.conversation)
        assert "Leaves in" in agent.open(path)
    with clock.pretending(at + timedelta(seconds=2)):
        first = agent.open(path)
    with clock.pretending(at + timedelta(seconds=4)):
        assert agent.open(path).html != first.html


def test_what_a_colleague_does_is_shown_at_once(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    with clock.pretending(clock.now()):
        assert "fragile" not in agent.open(path)
        shop.act(acting.tag, taken.conversation, role="manager", add=["fragile"], remove=[])
        assert "fragile" in agent.open(path)
