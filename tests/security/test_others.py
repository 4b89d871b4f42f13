"""What belongs to somebody else or to another role: drafts, undo, sessions, sources, and doors that are left ajar."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask

from checkout_desk.accounts.models import DeskSession
from checkout_desk.conversations import acting
from checkout_desk.conversations.models import Act, Attachment, Draft
from checkout_desk.extensions import db
from tests.builders import Shop, mail
from tests.page import HTMX, Browser
from tests.signing import PASSWORD, form_token, post


@pytest.fixture
def other(shop: Shop, as_role: Callable[[str], Browser]) -> Browser:
    """Another person of support."""
    return as_role("support2")


def test_nobody_reads_or_changes_anothers_draft(
    app: Flask, shop: Shop, agent: Browser, other: Browser
) -> None:
    c = shop.take().conversation
    token = form_token(app, agent.client)
    data = {
        "csrf_token": token,
        "kind": "reply",
        "to": "jane@customer.example",
        "text": "zqdraft",
        "files": (io.BytesIO(b"zqfile"), "mine.txt"),
    }
    agent.client.post(f"/conversations/{c}/files", data=data)
    (draft,), (file,) = shop.all(Draft), shop.all(Attachment)
    assert other.client.get(f"/attachments/{file.id}").status_code == 404
    for path in (f"/conversations/{c}", f"/conversations/{c}/compose/reply", f"/conversations/{c}/live"):
        for headers in ({}, HTMX):
            assert "zqdraft" not in other.client.get(path, headers=headers).text
    stolen = {
        "kind": "reply",
        "token": draft.token,
        "text": "other words",
        "to": "jane@customer.example",
        "act": f"remove:{file.id}",
    }
    post(app, other.client, f"/conversations/{c}/draft", stolen)
    post(app, other.client, f"/conversations/{c}/send", stolen)
    assert [row.id for row in shop.all(Attachment)] == [file.id]
    mine = next(row for row in shop.all(Draft) if row.person_id == shop.person("support"))
    assert (mine.text, mine.token) == ("zqdraft", draft.token)


def test_only_who_did_it_takes_it_back(app: Flask, shop: Shop, agent: Browser, other: Browser) -> None:
    c = shop.take().conversation
    act = shop.act(acting.close, c)
    message = shop.reply(shop.take(sender="bo@customer.example").conversation)
    post(app, other.client, f"/acts/{act}/undo")
    assert post(app, other.client, f"/outbox/{message.outbound_id}/undo").status_code == 404
    for row in shop.all(Act):
        post(app, other.client, f"/acts/{row.id}/undo")
    post(app, other.client, "/undo")
    assert shop.seen(c).state == "closed"
    assert shop.outbound(message.outbound_id or 0).state == "queued"
    assert all(row.undone_at is None for row in shop.all(Act))


def test_nobody_ends_anothers_session(app: Flask, shop: Shop, agent: Browser, other: Browser) -> None:
    assert agent.client.get("/me").status_code == 200
    for row in shop.all(DeskSession, DeskSession.person_id == shop.person("support")):
        post(app, other.client, f"/sessions/{row.id}/end")
    assert agent.client.get("/me").status_code == 200


def test_logistics_sees_no_source_by_any_way(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    taken = shop.take(mail("hello", headers={"X-Secret-Route": "zqsource"}))
    client = as_role("logistics").client
    for path in (f"/messages/{taken.message}?view=original", f"/messages/{taken.message}/raw", f"/conversations/{taken.conversation}?m={taken.message}&as=original",
                 f"/conversations/{taken.conversation}/thread?m={taken.message}&as=original", f"/conversations/{taken.conversation}/live?m={taken.message}&as=original"):  # fmt: skip
        for headers in ({}, HTMX):
            answer = client.get(path, headers=headers)
            assert answer.status_code in (200, 302, 403)
            assert "zqsource" not in answer.text, path
    for path in (
        f"/conversations/{taken.conversation}/compose/reply",
        f"/conversations/{taken.conversation}/act/close",
        "/errors",
        "/mailboxes",
        "/people",
        "/settings",
    ):
        assert client.get(path).status_code == 403, path


def test_a_way_back_leads_nowhere_else(app: Flask, shop: Shop) -> None:
    shop.person("support")
    for target in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%09/evil.example",
        "/\tevil",
        "javascript:alert(1)",
        "/@evil.example",
    ):
        client = app.test_client()
        data = {
            "email": "support@fern.example",
            "password": PASSWORD,
            "next": target,
            "csrf_token": form_token(app, client),
        }
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 303
        assert answer.headers["Location"] in ("/", "/%09/evil.example"), target
        assert client.get("/sign-in", query_string={"next": target}).headers["Location"] in (
            "/",
            "/%09/evil.example",
        )


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost@evil.example", "localhost:80@evil.example", "evil.example#", "[::1]evil"],
)
def test_a_host_header_makes_no_address(app: Flask, shop: Shop, agent: Browser, host: str) -> None:
    for path in ("/", "/sign-in", "/me", "/nowhere", "/conversations/1"):
        for headers in ({"Host": host}, {"X-Forwarded-Host": host}, {"Forwarded": f"host={host}"}):
            answer = agent.client.get(path, headers=headers)
            assert "evil" not in answer.headers.get("Location", "")
            assert "evil" not in answer.text
    token = form_token(app, agent.client)
    foreign = agent.client.post(
        "/me",
        data={"csrf_token": token, "name": "X"},
        headers={"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"},
    )
    assert foreign.status_code == 403


def test_an_overridden_method_is_the_method_that_was_sent(app: Flask, shop: Shop, agent: Browser) -> None:
    c = shop.take().conversation
    token = form_token(app, agent.client)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"):
        agent.client.get(
            f"/conversations/{c}/act/spam?_method=POST&csrf_token={token}",
            headers={name: "POST", "X-CSRFToken": token},
        )
        agent.client.post(
            f"/conversations/{c}", data={"_method": "DELETE", "csrf_token": token}, headers={name: "DELETE"}
        )
    assert shop.seen(c).state == "open"
    with app.app_context():
        assert db.session.query(Act).count() == 0
