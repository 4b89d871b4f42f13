"""HTML that is kept between pages: quick, and never somebody else's."""

from __future__ import annotations

import re
from collections.abc import Callable

from checkout_desk.desk.keeping import LATEST, latest
from tests.builders import Shop
from tests.page import Browser

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_no_session_gets_a_form_that_was_made_for_another(
    shop: Shop, as_role: Callable[[str], Browser]
) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    first, second = as_role("support"), as_role("manager")
    first.open(path)
    tokens = set(TOKEN.findall(second.get(path).text))
    assert tokens
    for token in tokens:
        answer = second.client.post(f"{path}/act/close", data={"csrf_token": token})
        assert answer.status_code != 400, "a form that holds another session's token"


def test_a_kept_mail_changes_with_what_is_said_of_it(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    page = agent.open(f"/conversations/{taken.conversation}")
    assert "First message" in page and "Moved here" not in page
    other = shop.take(sender="ben@else.example", subject="something else", text="quite another thing")
    agent.open(f"/conversations/{taken.conversation}/act/merge").press("Merge", into=str(other.conversation))
    assert "Merged from another conversation" in agent.open(f"/conversations/{other.conversation}")


def test_a_new_name_is_shown_at_once_although_people_are_remembered(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    path = f"/conversations/{taken.conversation}"
    [token, *_] = TOKEN.findall(agent.get(path).text)
    agent.client.post(f"{path}/act/close", data={"csrf_token": token})
    assert "closed this" in agent.get(path).text
    agent.client.post("/me", data={"csrf_token": token, "name": "Zora Quill", "signature": ""})
    assert "Zora Quill closed this" in agent.get(path).text


def test_what_is_searched_for_stands_in_the_field_and_never_in_the_next_search(agent: Browser) -> None:
    assert 'value="&lt;b&gt; mug"' in agent.get("/search?q=%3Cb%3E+mug").text
    page = agent.get("/search?q=teapot").text
    assert 'value="teapot"' in page and "mug" not in page.split("</header>")[0]


def test_the_latest_answer_stands_until_its_stamp_changes_and_the_oldest_leaves(shop: Shop) -> None:
    made: list[str] = []

    def ask(key: str, stamp: int) -> str:
        def make() -> str:
            made.append(f"{key}{stamp}")
            return made[-1]

        return latest((key,), stamp, make)

    with shop.app.app_context():
        assert [ask("a", 1), ask("a", 1), ask("a", 2), ask("b", 2)] == ["a1", "a1", "a2", "b2"]
        assert made == ["a1", "a2", "b2"]
        for n in range(LATEST - 1):  # `a` is asked for once more on the way, `b` is not
            ask("a", 2)
            ask(f"c{n}", 2)
        assert made.count("a2") == 1
        ask("b", 2)
        assert made.count("b2") == 2


HERE = re.compile(r'<a href="([^"]+)" aria-current="page" title')


def test_the_rail_shows_where_one_is_and_whence_one_came(
    shop: Shop, as_role: Callable[[str], Browser]
) -> None:
    taken, manager = shop.take(), as_role("manager")
    where = {
        "/queue/open": "/queue/open",
        f"/conversations/{taken.conversation}?view=open": "/queue/open",
        f"/conversations/{taken.conversation}?view=mine": "/queue/mine",
        "/catalogue": "/catalogue",
        "/shipping/board": "/shipping/board",
    }
    for path, lit in (where | dict(reversed(where.items()))).items():
        assert HERE.findall(manager.get(path).text) == [lit], path
    assert not HERE.findall(manager.get(f"/conversations/{taken.conversation}?view=nonsense").text)
