"""More than two hundred hostile mails by the real way in, then every screen in a browser: nothing happens, all is readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect

from checkout_desk import taking
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.frame import VIEWS
from tests.builders import Shop
from tests.databases import SqliteTemplate
from tests.page import HTMX
from tests.parts.browser import Chromium
from tests.security.engines import database_url
from tests.security.hostile import CANARY, GROUP, honest, hostile_mails
from tests.security.serving import Served

__all__ = ["database_url"]
MAILS = list(hostile_mails())


def take_all(app: Flask, folder: Path) -> None:
    """Import every mail as the command does, in order."""
    folder.mkdir()
    for one in MAILS:
        (folder / f"{one.number:04}.eml").write_bytes(one.data)
    assert taking.take(lambda: app, [str(folder)], later=False) == 0


def lost(shop: Shop) -> list[str]:
    """The mails whose honest words no message shows, or that became something else than a letter."""
    messages = {m.raw_id: m for m in shop.all(Message, Message.direction == "in")}
    seen = "\n".join(m.text for m in messages.values() if m.kind in ("letter", "list"))
    return [one.name for one in MAILS if honest(one.number) not in seen]


def test_all_are_taken_in_and_their_honest_words_stay(shop: Shop, tmp_path: Path) -> None:
    assert len(MAILS) >= 200
    take_all(shop.app, tmp_path / "mails")
    assert lost(shop) == []
    assert shop.all(Message, Message.trouble.is_not(None)) == []
    shop.sound()


class Watched:
    """A browser at the desk whose every wrong move is written down in `wrong`."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.served, self.wrong, self.foreign = served, list[str](), list[Any]()
        context.add_cookies(served.cookies("admin"))  # type: ignore[arg-type]
        context.route("**/*", self._decide)
        self.page = context.new_page()
        context.on("page", lambda page: self.wrong.append(f"a window opened: {page.url}"))
        self.page.on("dialog", self._dialog)
        self.page.on("framenavigated", lambda frame: self._moved(frame.url))
        self.page.on("console", lambda line: self._said(line.type, line.text))
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("download", lambda download: self.wrong.append(f"download: {download.url}"))

    def _decide(self, route: Route) -> None:
        if urlsplit(route.request.url).netloc == self.served.address:
            route.continue_()
            return
        self.foreign.append(route.request)
        route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _moved(self, url: str) -> None:
        if not url.startswith((self.served.url + "/", "about:blank")):
            self.wrong.append(f"went to {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(f"{kind}: {text}")

    def open(self, path: str) -> Page:
        """Go there as a person does."""
        self.page.goto(self.served.url + path)
        return self.page


@pytest.fixture(scope="module")
def served(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The desk with all the mails in it."""
    with Served(sqlite_template) as running:
        take_all(running.app, tmp_path_factory.mktemp("hostile") / "mails")
        yield running


@pytest.fixture
def watched(browser: Chromium, served: Served) -> Iterator[Watched]:
    context = browser.browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    try:
        yield Watched(context, served)
    finally:
        context.close()


def conversations(served: Served) -> list[int]:
    return [c.id for c in served.shop.all(Conversation)]


pages = pytest.mark.browser


@pages
def test_every_conversation_as_text_as_sent_and_as_source(watched: Watched) -> None:
    found: set[int] = set()
    framed = 0
    sourced = conversations(watched.served)[-2:]
    for number in conversations(watched.served):
        page = watched.open(f"/conversations/{number}?n={GROUP * 2}")
        found |= _honest_on(page.locator("#thread").inner_text())
        if number in sourced:
            _show_all(page, "original", ".mail__src")
        _show_all(page, "html", "iframe.mail__frame")
        framed += page.locator("iframe.mail__frame").count()
        page.evaluate("for (const frame of document.querySelectorAll('iframe')) frame.loading = 'eager'")
        page.wait_for_load_state("networkidle")
        assert page.url.startswith(f"{watched.served.url}/conversations/{number}")
    assert watched.wrong == []
    assert watched.foreign == []
    assert framed == len(watched.served.shop.all(Message, Message.html.is_not(None)))
    assert found >= {one.number for one in MAILS}


def _show_all(page: Page, view: str, shown: str) -> None:
    """Click what shows each mail of the thread in this way, all at once."""
    links = page.locator(f'.mail .seg a[href*="view={view}"]')
    count = links.count()
    links.evaluate_all("links => links.forEach(link => link.click())")
    expect(page.locator(shown)).to_have_count(count, timeout=30_000)


def _honest_on(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"honestword(\d+)x", text)}


@pages
def test_every_other_screen(watched: Watched) -> None:
    paths = [f"/queue/{view}" for view in VIEWS]
    paths += [
        "/search?q=honestword",
        "/search?q=script",
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/errors",
    ]
    paths += ["/mailboxes", "/people", "/settings", "/me", "/sessions"]
    for path in paths:
        page = watched.open(path)
        assert page.locator("h1").count() == 1, path
    number = conversations(watched.served)[0]
    for name in ("merge", "escalate", "tag"):
        watched.open(f"/conversations/{number}/act/{name}")
    for kind in ("reply", "reply_all", "forward", "note"):
        watched.open(f"/conversations/{number}/compose/{kind}")
    assert watched.wrong == []
    assert watched.foreign == []


def test_frames_hold_no_form_and_nothing_that_runs_or_loads(served: Served) -> None:
    client = served.client("support")
    for message in served.shop.all(Message, Message.html.is_not(None)):
        answer = client.get(f"/messages/{message.id}/frame", base_url=served.url)
        tags = "".join(re.findall(r"<[^>]*>", answer.text.partition("<body>")[2])).lower()
        hostile = re.search(
            r"<(form|input|button|script|svg|math|iframe|object|embed|style|link|base|meta)\b"
            r"|\son\w+=|hx-|javascript:|\s(id|class|style|target=\"_top|srcset|ping)=|src=\"(?!data:image/)",
            tags,
        )
        assert hostile is None, (hostile and hostile[0], message.html)
        assert "sandbox allow-popups" in answer.headers["Content-Security-Policy"]
        assert "allow-scripts" not in answer.headers["Content-Security-Policy"]
        assert "allow-same-origin" not in answer.headers["Content-Security-Policy"]


def test_sources_are_text(served: Served) -> None:
    client = served.client("support")
    for message in served.shop.all(Message, Message.direction == "in")[::5]:
        shown = client.get(f"/messages/{message.id}?view=original", headers=HTMX, base_url=served.url).text
        assert "<script" not in shown
        assert "&lt;" in shown


@pages
def test_pictures_from_elsewhere_load_when_asked_and_learn_nothing(watched: Watched) -> None:
    blocked = watched.served.shop.all(Message, Message.blocked_images > 0)
    assert blocked
    for message in blocked:
        watched.open(f"/messages/{message.id}/frame?images=1").wait_for_load_state("networkidle")
    asked = list(watched.foreign)
    assert {urlsplit(request.url).netloc for request in asked} == {CANARY}
    for request in asked:
        headers = request.all_headers()
        assert not {"cookie", "referer", "origin", "authorization"} & set(headers), headers
        assert (request.method, request.resource_type, urlsplit(request.url).scheme) == (
            "GET",
            "image",
            "https",
        )
    refused = [line for line in watched.wrong if "ERR_FAILED" not in line]
    assert refused == []
