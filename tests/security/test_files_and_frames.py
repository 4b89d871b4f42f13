"""Attached files are only ever downloads, our pages stand in nobody's frame, and a framed mail cannot leave its frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Error, Route

from checkout_desk.conversations.models import Attachment, Message
from tests.builders import mail
from tests.databases import SqliteTemplate
from tests.parts.browser import Chromium
from tests.security.serving import Served

pytestmark = pytest.mark.browser

SCRIPT = b"<script>fetch('/me').then(() => document.title = 'ran')</script>"
FILES = (
    ("page.html", "text/html", b"<!doctype html>" + SCRIPT),
    ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='ran'\"/>"),
    ("data.xml", "text/xml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>" + SCRIPT + b"</html>"),
    ("paper.pdf", "application/pdf", b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"),
    ("both.gif", "image/gif", b"GIF89a/*" + SCRIPT + b"*/=1;"),
    ("photo.png", "text/html", b"\x89PNG\r\n\x1a\n" + SCRIPT),
    ("app.js", "text/javascript", b"document.title = 'ran'"),
    ("archive.mht", "multipart/related", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + SCRIPT),
    ("sheet.xsl", "application/xslt+xml", b"<xsl:stylesheet/>"),
    ("worker.wasm", "application/wasm", b"\0asm"),
)  # fmt: skip
NAMES = ("../../etc/passwd", "..\\..\\win.ini", "a\r\nSet-Cookie: x=1.txt", "a\x00.txt", "\u202egpj.exe", "a\u200b.pdf", "invoice.pdf.exe", "x" * 300 + ".txt",
         'a";filename="b.html', "é ü 漢.txt", "=?utf-8?q?a?=", "con", ".htaccess", "%2e%2e%2fa", "a;b,c.txt", "~/.bashrc", " ", "<script>.html")  # fmt: skip
RISKY = ("invoice.pdf.exe", "page.html", "drawing.svg", "app.js")


@pytest.fixture(scope="module")
def served(sqlite_template: SqliteTemplate) -> Iterator[Served]:
    with Served(sqlite_template) as running:
        running.shop.take(mail("files", files=FILES))
        quoted = ((f"=?utf-8?b?{name.encode().hex()}?=", name) for name in NAMES)
        for position, (_, name) in enumerate(quoted):
            escaped = "".join(f"%{byte:02x}" for byte in name.encode())
            running.shop.take(
                b"From: jane@customer.example\r\nMessage-ID: <n%d@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nnamed %d\r\n--b\r\n"
                b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''%b\r\n\r\nx\r\n--b--" % (position, position, escaped.encode())
            )  # fmt: skip
        running.shop.take(
            mail(
                "links",
                html="<p>see</p><a href='https://elsewhere.example/x' target=_top>out</a><a href='/sign-out'>in</a>",
            )
        )
        yield running


def test_files_are_downloads_of_one_header_line(served: Served) -> None:
    client = served.client("support")
    rows = served.shop.all(Attachment)
    assert len(rows) == len(FILES) + len(NAMES)
    for row in rows:
        answer = client.get(f"/attachments/{row.id}", base_url=served.url)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers or "x=1" not in answer.headers["Set-Cookie"]
        assert not set(row.filename) & set("/\\\r\n\0\u202e\u200b")
        assert 0 < len(row.filename) <= 200


def test_programs_among_the_files_are_marked(served: Served) -> None:
    client = served.client("support")
    for row in served.shop.all(Attachment):
        if row.filename in RISKY:
            message = served.shop.message(row.message_id)
            page = client.get(f"/conversations/{message.conversation_id}", base_url=served.url).text
            assert f"{row.filename}</span>" in page
            assert "can run programs" in page


def test_no_file_is_shown_or_run_by_a_browser(browser: Chromium, served: Served) -> None:
    with browser.page(base_url=served.url, accept_downloads=True) as page:
        page.context.add_cookies(served.cookies("support"))  # type: ignore[arg-type]
        page.goto("/me")
        for row in served.shop.all(Attachment)[: len(FILES)]:
            with (
                page.expect_download() as coming,
                pytest.raises(Error, match=r"Download is starting|ERR_ABORTED"),
            ):
                page.goto(f"/attachments/{row.id}")
            assert coming.value.suggested_filename
            assert (page.url, page.title() != "ran") == (f"{served.url}/me", True)


@pytest.fixture
def evil_site(served: Served) -> Iterator[str]:
    """A page elsewhere that frames ours."""
    body = "".join(
        f"<iframe src='{served.url}{path}'></iframe>"
        for path in ("/", "/sign-in", "/me", "/conversations/1", "/messages/1/frame", "/healthz")
    )

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Evil)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_page_of_ours_stands_in_a_foreign_frame(browser: Chromium, served: Served, evil_site: str) -> None:
    with browser.page() as page:
        page.context.add_cookies(served.cookies("support"))  # type: ignore[arg-type]
        refused: list[str] = []
        page.on("console", lambda line: refused.append(line.text) if "frame-ancestors" in line.text else None)
        page.goto(evil_site)
        page.wait_for_load_state("networkidle")
        assert len(refused) >= 6, refused
        for frame in page.frames[1:]:
            assert frame.url.startswith("chrome-error:") or not frame.locator("body *").count(), frame.url


def test_a_link_in_a_mail_opens_a_window_that_knows_nothing(browser: Chromium, served: Served) -> None:
    (message,) = served.shop.all(Message, Message.html.contains("elsewhere.example"))
    with browser.page(base_url=served.url) as page:
        page.context.add_cookies(served.cookies("support"))  # type: ignore[arg-type]
        asked: list[dict[str, str]] = []

        def outside(route: Route) -> None:
            asked.append(route.request.all_headers())
            route.fulfill(body="<p>outside</p>", content_type="text/html")

        page.context.route("https://elsewhere.example/**", outside)
        page.goto(f"/conversations/{message.conversation_id}?m={message.id}&as=html")
        frame = page.frame_locator("iframe.mail__frame")
        assert frame.locator("a").get_by_text("in").get_attribute("href") is None
        assert frame.locator("a").get_by_text("out").get_attribute("title") == "elsewhere.example"
        with page.context.expect_page() as opened:
            frame.locator("a").get_by_text("out").click()
        opened.value.wait_for_load_state()
        assert opened.value.evaluate("window.opener") is None
        assert not {"referer", "cookie"} & set(asked[0])
        assert page.url.startswith(served.url)
