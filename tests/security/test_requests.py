"""Requests that no page of ours makes: hostile values in every place, on both engines, and never a broken desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from checkout_desk.conversations.models import Conversation, Draft, Message
from checkout_desk.web.access import SAFE_METHODS
from tests.accounts.test_routes import routes
from tests.builders import Shop, Taken, mail
from tests.page import HTMX, Browser
from tests.security.engines import database_url
from tests.signing import PASSWORD, form_token

__all__ = ["database_url"]

NUMBERS = (
    "9" * 10, "9" * 19, "9" * 30, "9" * 5000, "-1", "-" + "9" * 30, "0", "²", "１２", "1_000", "1e5", "NaN", "1.5", "true",
    "0x10", " 1", "", "\x00", "1\x00", "' OR 1=1 --", "1;DROP TABLE message",
)  # fmt: skip
TEXTS = (
    "\x00", "a\x00b", "\ufffe", "\u202e\u2066", "' OR '1'='1", '") OR 1=1 --', "%", "_", "\\", "NEAR(", "a NEAR/9 b",
    '"', '"""', "*", "a*", "^a", "col:x", "{body} : x", "(((((", "a AND OR NOT", "-", "--", "- -a", ":", "from:", "from:*", 'from:"',
    "from:' OR 1=1", "tag:%", "tag:\\", "tag:\"", "tag:\x00", "after:\x00", "after:2026-99-99", "after:9999-12-31",
    "before:0001-01-01", "is:\x00", "& | ! <->", "a:*", "'a':*A", "a\\'b", "x " * 10_000, "a" * 100_000, "ﷲ" * 500, "\U00013000" * 500, "㌀" * 500,
    "́" * 500, "-a", "-from:a -b", "🦊", "{{7*7}}", "${7*7}", "<script>", "{0}", "%s%n", "\r\nX-Evil: 1",
)  # fmt: skip
FIELDS = (
    "to", "cc", "subject", "text", "kind", "act", "token", "after", "seen", "based_on", "confirmed", "person", "until", "at", "target",
    "reason", "tags", "into", "range", "ids", "view", "step", "doing", "theme", "name", "email", "signature", "password", "code", "store",
    "roles", "time_zone", "undo_seconds", "promise_hours", "address", "display_name", "aliases", "folders", "imap_host", "imap_port",
)  # fmt: skip
PARAMETERS = (
    "q",
    "before",
    "n",
    "m",
    "as",
    "view",
    "here",
    "cursor",
    "after",
    "images",
    "next",
    "code",
    "page",
)


@pytest.fixture
def admin(as_role: Callable[[str], Browser], one: Taken) -> Browser:
    return as_role("admin")


@pytest.fixture
def one(shop: Shop) -> Taken:
    """A conversation, message, draft and answer, each number 1."""
    taken = shop.take(files=[("photo.png", "image/png", b"x")])
    shop.reply(taken.conversation)
    return taken


def told(status: int, *where: Any) -> None:
    """The desk answered, whatever it said."""
    assert status < 500, where


def _numbers_in(path: str) -> Iterator[str]:
    """The address with its first number replaced by each hostile one that fits in an address."""
    head, _, tail = path.partition("/1")
    if tail or path.endswith("/1"):
        for number in NUMBERS:
            if number.isdecimal() and number.isascii():
                yield f"{head}/{number}{tail}"


def test_no_number_in_an_address_breaks_a_page(app: Flask, admin: Browser) -> None:
    sent = {"X-CSRFToken": form_token(app, admin.client)}
    tried = 0
    for _, method, path in routes(app):
        for hostile in _numbers_in(path):
            tried += 1
            told(admin.client.open(hostile, method=method, headers=sent).status_code, method, hostile[:60])
    assert tried > 100


def test_no_parameter_breaks_a_page(app: Flask, admin: Browser) -> None:
    for path in ("/queue/answer", "/queue/answer/list", "/search", "/conversations/1", "/conversations/1/live",
                 "/conversations/1/thread", "/messages/1", "/messages/1/frame", "/sign-in"):  # fmt: skip
        for value in NUMBERS:
            sent = dict.fromkeys(PARAMETERS, value[:6000])
            told(admin.client.get(path, query_string=sent, headers=HTMX).status_code, path, value[:40])
        for name in PARAMETERS:
            for value in ("9" * 30, "\x00"):
                told(admin.client.get(path, query_string={name: value}).status_code, path, name, value[:40])
        twice = admin.client.get(path + "?q=a&q=b&n=1&n=2&view=mine&view=text&before=1&before=x")
        told(twice.status_code, path, "twice")


def test_no_form_field_breaks_the_desk(app: Flask, admin: Browser) -> None:
    token = form_token(app, admin.client)
    posts = [path for _, method, path in routes(app) if method not in SAFE_METHODS]
    acts = [
        f"/conversations/1/act/{name}"
        for name in ("assign", "snooze", "escalate", "tag", "merge", "close", "spam", "reopen")
    ]
    skipped = {
        "/sign-out",
        "/sessions/1/end",
        "/sessions/end-others",
        "/people/1/disable",
        "/people/1/end-sessions",
        "/me/password",
    }
    for path in [*posts, *acts, "/messages/1/act/split", "/messages/1/act/move"]:
        if path in skipped or path.startswith("/mail/hook"):
            continue
        for value in (
            "9" * 30,
            "a\x00b",
            "-1",
            "x" * 5000,
            "role:²",
            "person:²",
            "remove:²",
            "remove:" + "9" * 30,
        ):
            data = dict.fromkeys(FIELDS, value) | {"csrf_token": token}
            told(admin.client.post(path, data=data).status_code, path, value[:20])
            for act in ("send", "remove:" + value[:40]):
                if path.endswith(("/send", "/files")):
                    told(
                        admin.client.post(path, data=data | {"act": act, "kind": "note"}).status_code,
                        path,
                        act,
                    )
                    told(
                        admin.client.post(path, data=data | {"act": act, "kind": "reply"}).status_code,
                        path,
                        act,
                    )
            if path == "/bulk":
                told(
                    admin.client.post(
                        path, data=data | {"act": "tag", "step": "do", "ids": ["1", value]}
                    ).status_code,
                    path,
                    value,
                )


def test_search_takes_any_text(shop: Shop, agent: Browser, one: Taken) -> None:
    shop.take(subject="Kettle", text="Kettle, one.")
    for text in TEXTS:
        answer = agent.client.get("/search", query_string={"q": text})
        assert answer.status_code == 200, text[:40]
        assert "Kettle" not in answer.text, text[:40]  # none of these is a way to say "everything"
    for everything in ("kettle", "after:0001-01-01", "before:9999-12-31", "is:open"):
        assert "Kettle" in agent.open(f"/search?q={everything}").html


def test_mails_with_more_words_than_an_index_takes_are_found_by_their_first_ones(
    shop: Shop, agent: Browser
) -> None:
    """PostgreSQL refuses an entry of 1 MB: pairs of 200,000 different signs would make one."""
    signs = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(150_000))
    taken = shop.take(subject="Long", text="Kettle " + signs)
    assert shop.message(taken.message).kind == "letter"
    assert agent.open("/search?q=kettle").rows() == [taken.conversation]


def test_a_word_longer_than_any_index_takes_is_no_mail_that_cannot_be_read(shop: Shop) -> None:
    words = " ".join(chr(0x10000 + n) * 3000 for n in range(30))
    foreign = "".join(chr(0x10000 + n * 31 % 40_000) for n in range(900))
    taken = shop.take(mail("x").replace(b"<m", b"<" + foreign.encode() + b"m") + words.encode())
    assert shop.message(taken.message).kind == "letter"


def test_a_name_a_browser_gives_itself_may_be_long(app: Flask, client: Any, shop: Shop) -> None:
    shop.person("support")
    data = {"email": "support@fern.example", "password": PASSWORD, "csrf_token": form_token(app, client)}
    answer = client.post("/sign-in", data=data, headers={"User-Agent": "<script>" + "é" * 8000})
    assert answer.status_code == 303


def test_the_same_field_twice_is_read_once(app: Flask, shop: Shop, agent: Browser, one: Taken) -> None:
    body = f"csrf_token={form_token(app, agent.client)}&kind=reply&act=draft&to=jane%40customer.example&to=evil%40evil.example&text=a&text=b"
    answer = agent.client.post(
        "/conversations/1/draft", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    (draft,) = shop.all(Draft)
    assert (draft.to, draft.text) == ("jane@customer.example", "a")


def test_fields_that_no_form_has_change_nothing(app: Flask, shop: Shop, agent: Browser, one: Taken) -> None:
    before = shop.seen(one.conversation)
    extra = {"state": "closed", "id": "99", "reply_token": "x", "customer_id": "99", "author_id": "99", "merged_into_id": "1",
             "direction": "out", "person_id": "99", "conversation_id": "99", "version": "999"}  # fmt: skip
    token = form_token(app, agent.client)
    for path in ("/conversations/1/draft", "/conversations/1/here", "/messages/1/resolve", "/me"):
        agent.client.post(
            path,
            data={
                "csrf_token": token,
                "kind": "reply",
                "text": "a",
                "name": "Support",
                "signature": "",
                **extra,
            },
        )
    after = shop.seen(one.conversation)
    for column in [column.key for column in Conversation.__table__.columns]:
        if column not in ("unread",):
            assert getattr(before, column) == getattr(after, column), column
    assert {m.author_id for m in shop.all(Message)} == {None, shop.person("support")}
