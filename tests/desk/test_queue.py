"""The queue: live without noise, paged without gaps, and who else is here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from checkout_desk import clock
from checkout_desk.conversations import acting, presence, waking
from checkout_desk.conversations.models import Conversation, Presence
from checkout_desk.desk import listing
from checkout_desk.extensions import db
from tests.builders import MONDAY, Shop
from tests.page import HTMX, Browser
from tests.signing import statements

Login = Callable[[str], Browser]


def poll(browser: Browser, path: str, tag: str = "") -> tuple[int, str]:
    answer = browser.get(path, headers=HTMX | ({"If-None-Match": tag} if tag else {}))
    return answer.status_code, answer.headers["ETag"]


@pytest.mark.parametrize("where", ["/queue/answer/list", "/conversations/1/live"])
def test_polling_is_silent_until_something_happens(
    shop: Shop, agent: Browser, as_role: Login, where: str
) -> None:
    first, other = shop.take(), as_role("manager")
    with clock.pretending(clock.now().replace(second=5)):
        status, tag = poll(agent, where)
        assert status == 200
        with statements() as asked:
            assert poll(agent, where, tag)[0] == 304
        assert len([line for line in asked if line.startswith("SELECT")]) <= 2
        shop.take(to=shop.reply_address(first.conversation))
        status, newer = poll(agent, where, tag)
        assert (status, newer != tag) == (200, True)
        assert poll(agent, where, newer)[0] == 304
        shop.act(lambda cs, by: acting.tag(cs, add=["x"], remove=[], by=by), first.conversation)
        status, newest = poll(agent, where, newer)
        assert status == 200
        form = other.open(f"/conversations/{first.conversation}").form("/sign-out")
        other.post(f"/conversations/{first.conversation}/here", dict(form.fields) | {"doing": "reading"})
        assert poll(agent, where, newest)[0] == 200  # a colleague came: no event, but news


def test_ages_move_each_minute(shop: Shop, agent: Browser) -> None:
    shop.take()
    now = clock.now().replace(second=5)
    with clock.pretending(now):
        _, tag = poll(agent, "/queue/answer/list")
    with clock.pretending(now + timedelta(seconds=60)):
        assert poll(agent, "/queue/answer/list", tag)[0] == 200


def test_one_persons_tag_is_not_anothers(shop: Shop, agent: Browser, as_role: Login) -> None:
    shop.take()
    other = as_role("manager")
    with clock.pretending(clock.now().replace(second=5)):
        _, tag = poll(agent, "/queue/mine/list")
        assert poll(other, "/queue/mine/list", tag)[0] == 200


def test_a_new_mail_shows_in_the_list_and_the_rail(shop: Shop, agent: Browser) -> None:
    assert "Nothing waits for an answer" in agent.open("/queue/answer")
    taken = shop.take(subject="Mugs", files=[("a.txt", "text/plain", b"x")])
    page = agent.fragment("/queue/answer/list")
    assert page.rows() == [taken.conversation]
    assert page.counts()["answer"] == 1
    assert "Has attachments" in page.html
    assert "Unread," in page


def many(shop: Shop, count: int, state: str) -> list[int]:
    """Conversations of which most share one instant."""
    with shop.writing():
        rows = []
        for n in range(count):
            at = MONDAY + timedelta(seconds=n // 40)
            rows.append(
                Conversation(
                    who=f"C{n}", subject=f"S{n}", state=state, reply_token=f"t{n}", created_at=at,
                    last_message_at=at, queue_at=at, promise_due_at=at,
                )
            )  # fmt: skip
        db.session.add_all(rows)
        db.session.flush()
        return [c.id for c in rows]


@pytest.mark.parametrize("state", ["open", "closed"])
def test_paging_there_and_back_shows_each_once(shop: Shop, agent: Browser, state: str) -> None:
    ids = many(shop, 130, state)
    page = agent.open("/queue/answer" if state == "open" else "/queue/closed")
    pages = [page.rows()]
    while any(label.startswith("Next") for label, _ in page.links):
        page = page.follow("Next")
        pages.append(page.rows())
    assert [len(rows) for rows in pages] == [listing.PAGE, listing.PAGE, 30]
    seen = [row for rows in pages for row in rows]
    assert sorted(seen) == ids
    assert seen == (ids if state == "open" else ids[::-1])
    back = [page.rows()]
    while any(label == "Back" and "before=" in href for label, href in page.links):
        page = page.follow_address(
            next(href for label, href in page.links if label == "Back" and "before=" in href)
        )
        back.append(page.rows())
    assert back == pages[::-1]


def test_a_page_asks_as_many_questions_for_fifty_rows_as_for_one(shop: Shop, agent: Browser) -> None:
    many(shop, 1, "open")
    agent.open("/queue/answer")
    with statements() as one:
        agent.open("/queue/answer")
    many_more(shop)
    with statements() as fifty:
        agent.open("/queue/answer")
    assert len(one) == len(fifty) <= 12


def many_more(shop: Shop) -> None:
    with shop.writing():
        for n in range(80):
            db.session.add(
                Conversation(
                    who="x", subject="y", state="open", reply_token=f"more{n}", created_at=MONDAY,
                    last_message_at=MONDAY, queue_at=MONDAY,
                )
            )  # fmt: skip


@pytest.mark.parametrize("cursor", ["", "x", "A" * 22, "/" * 22, "é" * 22, "_" * 22])
def test_a_cursor_that_we_did_not_make_is_the_first_page(shop: Shop, agent: Browser, cursor: str) -> None:
    many(shop, 3, "open")
    for name in ("after", "before"):
        assert agent.open("/queue/answer", query_string={name: cursor}).status == 200


def test_the_queue_sorts_by_what_is_due_first(shop: Shop, agent: Browser) -> None:
    shop.set_store(promise_hours=48)
    late = shop.take().conversation
    shop.set_store(promise_hours=2)
    soon = shop.take().conversation
    machine = shop.take(headers={"Auto-Submitted": "auto-replied"}).conversation
    page = agent.open("/queue/answer")
    assert page.rows() == [soon, late, machine]
    assert "No deadline" in page


def test_who_is_here_is_seen_by_others_and_forgotten(shop: Shop, agent: Browser, as_role: Login) -> None:
    taken, other = shop.take(), as_role("manager")
    path = f"/conversations/{taken.conversation}"
    token = dict(agent.open(path).form("/sign-out").fields)
    assert agent.post(f"{path}/here", token | {"doing": "reading"}).status == 204
    assert "reading: Support" in other.open("/queue/answer").text
    assert "Support" not in agent.open("/queue/answer").text.partition("Answer 1")[2]
    form = agent.open(f"{path}/compose/reply").form("/send")
    agent.post(f"{path}/draft", dict(form.fields) | {"text": "x"})
    assert "replying" in other.open(path).text
    with shop.reading(), clock.pretending(clock.now() + presence.FORGOTTEN + timedelta(seconds=1)):
        assert presence.here([taken.conversation], but=0) == []
        waking.wake()
    assert _present(shop) == 0


def _present(shop: Shop) -> int:
    with shop.reading():
        return db.session.query(Presence).count()


def test_reading_makes_it_read_for_all(shop: Shop, agent: Browser, as_role: Login) -> None:
    taken = shop.take()
    token = dict(agent.open("/").form("/sign-out").fields)
    agent.post(f"/conversations/{taken.conversation}/here", token | {"doing": "dancing"})
    assert "Unread," not in as_role("manager").open("/queue/answer")
    shop.take(to=shop.reply_address(taken.conversation))
    assert "Unread," in agent.open("/queue/answer")


def test_the_desk_opens_on_what_is_due(shop: Shop, agent: Browser) -> None:
    shop.take(text="Please read me first.")
    page = agent.open("/")
    assert page.path == "/queue/answer"
    assert "Please read me first." in page


@pytest.mark.parametrize(
    "view", ["answer", "mine", "unassigned", "exceptions", "waiting", "snoozed", "closed", "spam"]
)
def test_every_empty_view_says_what_to_do(shop: Shop, agent: Browser, view: str) -> None:
    page = agent.open(f"/queue/{view}")
    assert page.status == 200
    assert 'class="empty"' in page.html
    assert agent.open("/queue/nonsense").status == 404


def test_an_unchanged_list_is_not_read_again_and_a_changed_one_is(
    shop: Shop, agent: Browser, as_role: Login
) -> None:
    taken, other = shop.take(subject="Mugs"), as_role("manager")
    with clock.pretending(clock.now().replace(second=5)):
        assert "Mugs" in agent.open("/queue/answer")
        with statements() as asked:
            assert "Mugs" in agent.open("/queue/answer")
        assert not [line for line in asked if line.startswith("SELECT conversation.id")]
        assert other.open("/queue/answer").rows() == [taken.conversation]
        newer = shop.take(sender="ben@else.example", subject="Plates")
        assert set(agent.open("/queue/answer").rows()) == {taken.conversation, newer.conversation}
        other.open(f"/conversations/{taken.conversation}/act/close").press("Close")
        assert agent.open("/queue/answer").rows() == [newer.conversation]
        assert agent.open("/queue/closed").rows() == [taken.conversation]
