"""Search answers alike on both engines, whatever is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Text, cast, select

from checkout_desk.conversations import acting
from checkout_desk.conversations.models import Conversation
from checkout_desk.conversations.searching import fold, term
from checkout_desk.extensions import db
from tests.builders import EVE, Shop
from tests.page import Browser

MAILS: dict[str, dict[str, Any]] = {
    "mugs": {"text": "Two blue mugs, please.", "subject": "Order of mugs"},
    "teapot": {"text": "A blue teapot. No mugs.", "subject": "Teapot", "sender": EVE},
    "japanese": {"text": "青いマグカップを二つください。東京都", "subject": "注文"},
    "french": {"text": "J’aimerais une théière ÉMAILLÉE à Besançon.", "subject": "Théière"},
    "german": {"text": "Größe der Tassen? Straße 5", "subject": "Frage"},
    "file": {"text": "See the picture.", "subject": "Broken", "files": [("photo of glaze.jpg", "image/jpeg", b"x")]},
    "turkish": {"text": "İstanbul'a gönderin", "subject": "Sipariş"},
    "widths": {"text": "ＭＵＧ　ｃｏｂａｌｔ", "subject": "ﾏｸﾞ"},
    "long": {"text": "x" * 3000 + " needle42 " + "y" * 3000, "subject": "Long"},
}  # fmt: skip


@pytest.fixture
def mails(shop: Shop) -> dict[str, int]:
    return {name: shop.take(**words).conversation for name, words in MAILS.items()}


ASKED = [
    ("blue", {"mugs", "teapot"}),
    ("blue mugs", {"mugs", "teapot"}),
    ('"blue mugs"', {"mugs"}),
    ("mugs -teapot", {"mugs"}),
    ("-teapot", set()),
    ("MUGS", {"mugs", "teapot"}),
    ("from:eve", {"teapot"}),
    ("from:eve@elsewhere.example", {"teapot"}),
    ("from:jane blue", {"mugs"}),
    ("subject:teapot", {"teapot"}),
    ("subject:mugs", {"mugs"}),
    ("file:glaze", {"file"}),
    ("photo", {"file"}),
    ("has:attachment", {"file"}),
    ("theiere", {"french"}),
    ("Théière", {"french"}),
    ("emaillee", {"french"}),
    ("besancon", {"french"}),
    ("マグカップ", {"japanese"}),
    ("東京", {"japanese"}),
    ("京都", {"japanese"}),
    ("マグ", {"japanese", "widths"}),
    ("注文", {"japanese"}),
    ("大阪", set()),
    ("strasse", {"german"}),
    ("groesse", set()),
    ("größe", {"german"}),
    ("istanbul", {"turkish"}),
    ("mug", {"mugs", "teapot", "widths"}),
    ("cobalt", {"widths"}),
    ("needle42", {"long"}),
    ("nothing at all", set()),
    ("is:open blue", {"mugs", "teapot"}),
    ("is:closed blue", set()),
    ("is:unassigned subject:teapot", {"teapot"}),
    ("before:2000-01-01 blue", set()),
    ("after:2000-01-01 blue", {"mugs", "teapot"}),
]


def test_every_question_has_its_answer(shop: Shop, agent: Browser, mails: dict[str, int]) -> None:
    names = {number: name for name, number in mails.items()}
    wrong = {}
    for query, expected in ASKED:
        page = agent.open("/search", query_string={"q": query})
        found = {names[row] for row in page.rows()}
        if (page.status, found) != (200, expected):
            wrong[query] = (page.status, found, expected)
    assert wrong == {}


HOSTILE = [
    '"', "'", '""', "' OR 1=1 --", "*", "a*", "-", "- -", "()", "(((", "NEAR(a b)", "a AND", "OR", "NOT", "NOT a", "a:b:c",
    "subject:", 'subject:"', "from:-", "{subject} : a", "^a", "a<->b", "a & b | !c", "!", "\\", "%", "_", "\x00", "a\x00b", "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "😀", "is:", "is:nonsense", "has:x", "tag:%", "tag:\"", "before:yesterday", "after:9999-99-99", "after:0001-01-01",
    "before:9999-12-31", "x" * 5000, " ".join("abc" for _ in range(400)), "message_fts", "rowid:1", "; DROP TABLE message; --",
    "<script>alert(1)</script>", "\u202e", "\u00ad", "ﷺ" * 300, "'a':*", "𝕄𝕌𝔾",
]  # fmt: skip


def test_nothing_that_is_typed_breaks_it(shop: Shop, agent: Browser, mails: dict[str, int]) -> None:
    wrong = {}
    for query in HOSTILE:
        page = agent.open("/search", query_string={"q": query})
        if page.status != 200 or "<script>alert" in page.html:
            wrong[query[:40]] = page.status
    assert wrong == {}
    assert len(agent.open("/search?q=blue").rows()) == 2


def test_what_is_not_understood_is_said(shop: Shop, agent: Browser, mails: dict[str, int]) -> None:
    for query, sentence in (
        ("is:happy", "“is:happy” is not known; expected open"),
        ("has:love", "expected has:attachment"),
        ("before:soon", "“before:soon” is not a day"),
        ("colour:blue", "“colour:” is not something one can ask for"),
    ):
        assert sentence in agent.open("/search", query_string={"q": query})


def test_states_people_and_tags(shop: Shop, agent: Browser, mails: dict[str, int]) -> None:
    one, two = mails["mugs"], mails["teapot"]
    shop.act(lambda cs, by: acting.close(cs, by=by), one)
    shop.act(lambda cs, by: acting.assign(cs, to=by, by=by), two)
    shop.act(lambda cs, by: acting.tag(cs, add=["50%_off", "Geschäft"], remove=[], by=by), two)
    ask = lambda q: agent.open("/search", query_string={"q": q}).rows()  # noqa: E731
    assert ask("is:closed") == [one]
    assert ask("is:mine") == [two]
    assert ask("tag:50%_off") == [two]
    assert ask("tag:50%") == []
    assert ask("tag:geschäft") == [two]
    shop.act(lambda cs, by: acting.tag(cs, add=["Über 50"], remove=[], by=by), one)
    assert ask('tag:"Über 50"') == [one]
    with shop.reading():
        stored = db.session.scalar(select(cast(Conversation.tags, Text)).where(Conversation.id == one))
    assert stored == '["Über 50"]'
    assert ask("blue is:closed") == [one]


def test_hits_are_marked_and_escaped(shop: Shop, agent: Browser) -> None:
    shop.take(text="Hello <b>blue</b> & green mugs")
    page = agent.open("/search?q=blue")
    assert "&lt;b&gt;<mark>blue</mark>&lt;/b&gt; &amp; green" in page.html


def test_a_mail_that_was_taken_back_is_not_found(shop: Shop, agent: Browser) -> None:
    taken = shop.take()
    agent.open(f"/conversations/{taken.conversation}/compose/reply").press("Send", text="Wolframite.")
    assert agent.open("/search?q=wolframite").rows() == [taken.conversation]
    agent.open(f"/conversations/{taken.conversation}").press("Undo", "/undo")
    assert agent.open("/search?q=wolframite").rows() == []


def test_a_merged_conversation_is_found_where_it_is(shop: Shop, agent: Browser) -> None:
    from tests.conversations.shared import merge

    one, two = shop.take(text="Wolframite."), shop.take(text="Feldspar.")
    merge(shop, one.conversation, two.conversation)
    assert agent.open("/search?q=wolframite").rows() == [two.conversation]


def test_pages_of_results_are_whole(shop: Shop, agent: Browser) -> None:
    expected = {shop.take(text=f"Wolframite {n}").conversation for n in range(35)}
    seen: list[int] = []
    page = agent.open("/search?q=wolframite")
    while True:
        seen += page.rows()
        if not any(label.startswith("More") for label, _ in page.links):
            break
        page = page.follow("More")
    assert set(seen) == expected
    assert len(seen) == len(expected)


@given(st.text(max_size=60))
def test_folding_leaves_plain_tokens_alone(value: str) -> None:
    once = fold(value)
    assert not set(once) & set("\"'*:()&|!<>\\")
    asked = term(value)
    assert asked is None or all(token and " " not in token for token in asked.tokens)
