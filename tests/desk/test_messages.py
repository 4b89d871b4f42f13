"""One message: its HTML in a frame, its files as downloads, its source, and who may see what."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from checkout_desk.conversations.models import Attachment, Message
from tests.builders import Shop
from tests.page import HTMX, Browser

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = (
    '<p onclick="alert(1)">Hello <b>you</b></p><img src="cid:pic1"><img src="https://tracker.example/p.png" width="40" height="40">'
    '<script>alert(1)</script><a href="/queue/answer">in</a><a href="https://shop.example/x">out</a><form action="/x"><input></form>'
)


@pytest.fixture
def framed(shop: Shop) -> Message:
    taken = shop.take(text="Hello you", html=HTML, pictures=[("pic1", PNG)])
    return shop.message(taken.message)


def test_the_frame_has_a_policy_of_its_own_and_nothing_that_runs(framed: Message, agent: Browser) -> None:
    answer = agent.get(f"/messages/{framed.id}/frame")
    html = answer.get_data(as_text=True)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "https:" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for gone in ("<script", "onclick", "<form", "<input", "/queue/answer", "tracker.example"):
        assert gone not in html
    assert "Hello <b>you</b>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_the_frame_is_sandboxed_without_scripts(framed: Message, agent: Browser) -> None:
    page = agent.open(f"/conversations/{framed.conversation_id}?m={framed.id}&as=html")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.html


def test_the_mails_own_pictures_are_written_into_the_frame(framed: Message, agent: Browser) -> None:
    html = agent.get(f"/messages/{framed.id}/frame").get_data(as_text=True)
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in html
    assert "cid:" not in html


def test_remote_pictures_come_only_when_asked_for(framed: Message, agent: Browser) -> None:
    page = agent.open(f"/conversations/{framed.conversation_id}")
    assert "1 remote image blocked" in page
    assert "tracker.example" not in page.html
    answer = agent.get(f"/messages/{framed.id}/frame?images=1")
    assert "https://tracker.example/p.png" in answer.get_data(as_text=True)
    assert "img-src" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"].replace("script-src 'none'", "")
    assert "tracker.example" not in agent.get(f"/messages/{framed.id}/frame").get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.png", "image/png"), ("a.pdf", "application/pdf"),
     ("a.xml", "application/xml"), ("a.js", "text/javascript")],
)  # fmt: skip
def test_an_attachment_is_always_a_download(shop: Shop, agent: Browser, name: str, kind: str) -> None:
    body = b"<script>alert(1)</script>"
    taken = shop.take(files=[(name, kind, body)])
    (attachment,) = shop.all(Attachment)
    answer = agent.get(f"/attachments/{attachment.id}")
    assert answer.get_data().strip() == body
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    page = agent.open(f"/conversations/{taken.conversation}")
    assert ("can run programs" in page) == name.endswith((".html", ".svg", ".js"))


def test_the_name_of_a_file_stays_one_header_line(shop: Shop, agent: Browser) -> None:
    shop.take(files=[("../../etc/pass\u202ewd\u200b.exe", "application/octet-stream", b"x")])
    (attachment,) = shop.all(Attachment)
    assert "/" not in attachment.filename
    assert not {"\u202e", "\u200b"} & set(attachment.filename)
    assert agent.get(f"/attachments/{attachment.id}").status_code == 200


def test_an_attachment_of_a_draft_is_nobodys_to_fetch(shop: Shop, agent: Browser) -> None:
    import io

    taken = shop.take()
    agent.open(f"/conversations/{taken.conversation}/compose/reply").press(
        "Send", text="", files=(io.BytesIO(b"secret"), "a.txt")
    )
    (attachment,) = shop.all(Attachment)
    assert agent.get(f"/attachments/{attachment.id}").status_code == 404


def test_the_source_is_shown_and_downloaded_as_it_came(shop: Shop, agent: Browser) -> None:
    from tests.builders import mail

    data = mail("Hello <b>", subject="<script>alert(1)</script>")
    taken = shop.take(data)
    page = agent.open(f"/conversations/{taken.conversation}?m={taken.message}&as=original")
    assert "<script>alert" not in page.html
    answer = agent.get(f"/messages/{taken.message}/raw")
    assert answer.get_data() == data
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_views_of_a_message_switch(framed: Message, agent: Browser) -> None:
    for view, mark in (("text", "mail__body"), ("html", "mail__frame"), ("original", "mail__src")):
        page = agent.fragment(f"/messages/{framed.id}?view={view}")
        assert page.status == 200
        assert mark in page.html
    assert agent.fragment(f"/messages/{framed.id}?view=magic").status == 404


ONLY_DESK: tuple[tuple[str, str], ...] = (
    ("GET", "/messages/{m}/raw"), ("GET", "/errors"), ("GET", "/mailboxes"), ("GET", "/conversations/{c}/compose/reply"),
    ("GET", "/conversations/{c}/act/assign"), ("GET", "/messages/{m}/fix"), ("POST", "/conversations/{c}/act/close"),
    ("POST", "/conversations/{c}/send"), ("POST", "/conversations/{c}/draft"), ("POST", "/conversations/{c}/files"),
    ("POST", "/bulk"), ("POST", "/undo"), ("POST", "/messages/{m}/resolve"), ("POST", "/messages/{m}/read-again"),
    ("POST", "/messages/{m}/send-again"), ("POST", "/messages/{m}/act/split"), ("POST", "/messages/{m}/fix"),
)  # fmt: skip


@pytest.mark.parametrize("fragment", [False, True])
def test_logistics_reads_and_changes_nothing(
    shop: Shop, as_role: Callable[[str], Browser], fragment: bool
) -> None:
    taken = shop.take()
    before = shop.seen(taken.conversation).version
    browser = as_role("logistics")
    page = browser.open(f"/conversations/{taken.conversation}")
    assert page.status == 200
    assert not [f for f in page.forms if "/act/" in f.action or f.action.endswith("/send")]
    token = dict(page.form("/sign-out").fields)
    for method, path in ONLY_DESK:
        address = path.format(m=taken.message, c=taken.conversation)
        more: dict[str, Any] = {"headers": HTMX} if fragment else {}
        answer = browser.client.open(address, method=method, data=token if method == "POST" else None, **more)
        assert answer.status_code == 403, (method, path)
    original = browser.client.get(f"/messages/{taken.message}?view=original", headers=HTMX)
    assert original.status_code == 403
    shown = browser.open(f"/conversations/{taken.conversation}?m={taken.message}&as=original")
    assert "Message-ID:" not in shown.text
    assert shop.seen(taken.conversation).version == before


@pytest.mark.parametrize(
    "path",
    ["/conversations/99", "/conversations/99/live", "/conversations/99/compose/reply", "/messages/99", "/messages/99/raw",
     "/messages/99/frame", "/attachments/99", "/conversations/99999999999999999999999", "/messages/0/fix"],
)  # fmt: skip
def test_what_is_not_there_is_404(shop: Shop, agent: Browser, path: str) -> None:
    shop.take()
    assert agent.get(path).status_code == 404


def test_somebody_elses_act_cannot_be_undone_by_its_number(
    shop: Shop, agent: Browser, as_role: Callable[[str], Browser]
) -> None:
    from checkout_desk.conversations import acting

    taken = shop.take()
    act = shop.act(lambda cs, by: acting.close(cs, by=by), taken.conversation)
    other = as_role("manager")
    token = dict(other.open("/").form("/sign-out").fields)
    page = other.post(f"/acts/{act}/undo", token)
    assert "Only the person who did it can undo it" in page
    assert shop.seen(taken.conversation).state == "closed"
    ours = shop.reply(taken.conversation)
    assert other.post(f"/outbox/{ours.outbound_id}/undo", token).status == 404
    assert shop.outbound(ours.outbound_id or 0).state == "queued"
