"""One marker with markup in every field that anybody can fill: escaped on every page and in every mail that leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk.frame import VIEWS
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from tests.builders import SHOP, Shop, bounce, mail
from tests.page import HTMX, Browser
from tests.signing import PASSWORD, add_person, post, signed_in

MARK = "zq<script>alert('zq')</script>\"'><img src=zq onerror=alert(1)>"
QUOTED = MARK.replace("\\", "").replace('"', "”")
"""for places where a quote ends the field"""


def escaped(answer_text: str) -> bool:
    """Whether no tag of the marker stands in the page as a tag."""
    return not re.search(r"<script>alert|<img src=zq", answer_text)


@pytest.fixture
def marked(shop: Shop) -> Shop:
    """A shop in which every name, text and answer holds the marker."""
    shop.set_store(name="Fern " + MARK)
    shop.set_mailbox(display_name=QUOTED, last_fault=MARK, imap_user=MARK)
    ids = [shop.person(name) for name in ("support", "admin")]
    with shop.writing():
        for person_id in ids:
            person = db.session.get_one(Person, person_id)
            person.name, person.signature = MARK, MARK
    first = shop.take(
        mail(MARK, subject=MARK, sender=f'"{QUOTED}" <jane@customer.example>', to=f'"{QUOTED}" <{SHOP}>', cc=f'"{QUOTED}" <c@c.example>',
             html=f"<p>{MARK}</p>", headers={"Reply-To": f'"{QUOTED}" <z@z.example>', "X-Mailer": MARK},
             files=[(QUOTED, "text/html", MARK.encode()), ("zq.svg", "image/svg+xml", MARK.encode())])
    )  # fmt: skip
    shop.act(
        acting.tag,
        first.conversation,
        add=["zq<script>alert(1)</script>", "'\"><img src=zq onerror=x>"[:40]],
        remove=[],
    )
    shop.act(
        lambda cs, *, by: acting.escalate(cs, reason=MARK, by=by, role="manager", to=None), first.conversation
    )
    shop.act(acting.assign, first.conversation, to=None)
    with shop.writing():
        c = db.session.get_one(Conversation, first.conversation)
        sending.note(c, MARK + " note", by=db.session.get_one(Person, ids[0]))
    shop.take(
        mail(
            MARK,
            subject=MARK,
            sender=f'"{QUOTED}" <jane@customer.example>',
            message_id=MARK.replace("<", "").replace(">", "") + "@x",
        )
    )
    _bounced(shop)
    _failed(shop)
    return shop


def _bounced(shop: Shop) -> None:
    """A bounce whose every line is hostile."""
    other = shop.take(sender="bo@customer.example", text="hello", subject=MARK)
    sent = shop.answered(other.conversation, MARK)
    data = bounce(str(sent.mail_id), recipient="bo@customer.example").replace(
        b"550 no such user here", f"550 {MARK}".encode()
    )
    shop.take(data.replace(b"Subject: Undelivered", f"Subject: {MARK} Undelivered".encode()))


def _failed(shop: Shop) -> None:
    """A mail that the server refused with the marker."""
    third = shop.take(sender="cy@customer.example", text="hello")
    message = shop.reply(third.conversation, MARK)
    with shop.writing():
        row = db.session.get_one(OutboundMail, message.outbound_id)
        row.state, row.response, row.attempts, row.refused = "queued", MARK, 3, {"cy@customer.example": MARK}
        row.due_at = clock.now() + timedelta(hours=1)


def crawl(client: FlaskClient, starts: list[str]) -> dict[str, str]:
    """Every page that can be reached by links, forms' addresses and htmx, as path -> text."""
    seen: dict[str, str] = {}
    todo = list(starts)
    while todo:
        path = todo.pop()
        if path in seen or len(seen) > 400:
            continue
        seen[path] = ""
        for headers in ({}, HTMX):
            answer = client.get(path, headers=headers)
            assert answer.status_code < 500, path
            if not (answer.mimetype or "").startswith("text/html"):
                continue
            seen[path] += answer.text
            found = re.findall(r'(?:href|hx-get|src)="(/[^"#]*)', answer.text)
            todo += [unescape(link) for link in found if not link.startswith("/static/")]
    return seen


@pytest.mark.parametrize("role", ["admin", "logistics"])
def test_the_marker_is_text_on_every_page(marked: Shop, role: str) -> None:
    marked.person("logistics")
    client = signed_in(marked.app, marked.person(role))
    client.set_cookie("theme", MARK)
    starts = [
        "/",
        *(f"/queue/{view}" for view in VIEWS),
        "/errors",
        "/search?q=zq",
        "/search?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ]
    starts += [
        "/search?q=tag:zq is:zq<script>alert(1)</script>",
        "/sessions",
        "/me",
        "/sign-in?next=/x",
        "/conversations/1?m=1&as=original",
        "/conversations/1?m=1&as=html",
    ]
    pages = crawl(client, starts)
    assert len(pages) > 40
    for path, text in pages.items():
        assert escaped(text), path
    shown = sum("zq&lt;script&gt;" in text for text in pages.values())
    assert shown > 10


def test_what_is_typed_comes_back_as_text(marked: Shop) -> None:
    client = signed_in(marked.app, marked.person("admin"))
    fields = dict.fromkeys(("to", "cc", "subject", "text", "reason", "tags", "into", "until", "at", "target", "person", "name", "email", "signature",
                            "address", "display_name", "aliases", "folders", "imap_host", "imap_port", "imap_user", "smtp_host", "smtp_tls",
                            "imap_ca_file", "time_zone", "undo_seconds", "store", "roles", "confirmed"), MARK)  # fmt: skip
    acts = [f"/conversations/1/act/{name}" for name in ("assign", "snooze", "escalate", "tag", "merge")]
    for path in (*acts, "/messages/1/act/move", "/messages/1/fix", "/conversations/1/draft", "/conversations/1/send", "/mailboxes/new", "/mailboxes/1",
                 "/people/new", "/people/1", "/me", "/me/password", "/settings", "/sign-in"):  # fmt: skip
        for headers in ({}, HTMX):
            for kind in ("reply", "note"):
                answer = post(
                    marked.app, client, path, {**fields, "kind": kind}, headers=headers, follow_redirects=True
                )
                assert answer.status_code < 500, path
                assert escaped(answer.text), path


def test_mails_that_leave_hold_the_marker_as_text_only(marked: Shop) -> None:
    sent = marked.all(OutboundMail)
    assert sent
    for row in sent:
        parsed = message_from_bytes(marked.bytes_of(row), policy=policy.default)
        html = parsed.get_body(("html",))
        assert html is not None
        content = cast("str", html.get_content())
        assert escaped(content)
        assert "zq&lt;script&gt;" in content
        assert not re.search(
            r"<(?!/?(html|head|body|meta|p|br|a|blockquote|div|ul|ol|li|pre|hr|span)\b)[a-z]", content
        )


def test_templates_switch_nothing_off(app: Flask) -> None:
    """Autoescape is on for every template, and no template or view marks foreign text as safe."""
    root = app.jinja_env.loader
    assert root is not None
    for name in app.jinja_env.list_templates(filter_func=lambda name: not name.startswith("__pycache__")):
        source = root.get_source(app.jinja_env, name)[0]
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", source), name
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:|\sstyle=", source), name
    assert app.jinja_env.autoescape is not False


def test_a_user_agent_is_text_in_the_list_of_sessions(app: Flask, shop: Shop) -> None:
    shop.person("support")
    client = app.test_client()
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert token
    client.post(
        "/sign-in",
        data={"csrf_token": token[1], "email": "support@fern.example", "password": PASSWORD},
        headers={"User-Agent": MARK},
    )
    page = client.get("/sessions").text
    assert escaped(page)


def test_names_of_new_people_are_text(as_role: Callable[[str], Browser], shop: Shop) -> None:
    add_person(shop.app, "zq", "support")
    with shop.writing():
        db.session.query(Person).filter_by(email="zq@fern.example").one().name = MARK
    page = as_role("admin").open("/people")
    assert escaped(page.html)
    assert "zq&lt;script&gt;" in page.html
