"""Headers on every answer, errors as pages and toasts, compression, and what browsers may keep."""

from __future__ import annotations

import gzip
import random
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort
from sqlalchemy import insert, null, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from checkout_desk import clock
from checkout_desk.accounts.models import DeskSession
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store
from checkout_desk.web import compression
from checkout_desk.web.access import PUBLIC, SIGNED_IN, requires
from checkout_desk.web.headers import POLICY
from checkout_desk.web.health import add_probe
from checkout_desk.web.polling import not_modified
from tests.databases import rows_on_sqlite
from tests.signing import open_desk, post, signed_in, statements

HTMX = {"HX-Request": "true"}


def add(desk: Flask, path: str, view: Any, permission: str = PUBLIC, **more: Any) -> None:
    desk.add_url_rule(path, path, requires(permission)(view), **more)


def breaking(error: BaseException) -> Any:
    def view() -> str:
        raise error

    return view


def _asset(desk: Flask) -> Any:
    return desk.jinja_env.globals["asset"]


@pytest.fixture
def broken(desk: Flask) -> Flask:
    """A desk with an address for each way to fail."""
    for status in (400, 403, 404, 409, 413, 422, 429, 503):
        add(desk, f"/fail/{status}", lambda status=status: abort(status))
    add(desk, "/fail/500", breaking(RuntimeError("a secret word")))
    add(desk, "/fail/stale", breaking(StaleDataError("a secret word")))
    add(desk, "/fail/database", breaking(OperationalError("SELECT secret", {}, Exception("gone"))))
    add(desk, "/said", lambda: abort(409, "Ola sent this quote a minute ago."))
    return desk


STATUSES = {
    "/healthz": 200,
    "/me": 303,
    "/nowhere": 404,
    "/sign-out": 405,
    "/fail/stale": 409,
    "/fail/database": 503,
} | {f"/fail/{status}": status for status in (400, 403, 404, 409, 413, 422, 429, 500, 503)}


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
@rows_on_sqlite(("path", "status"), STATUSES.items())
def test_every_status_carries_the_headers(broken: Flask, path: str, status: int, fragment: bool) -> None:
    answer = broken.test_client().get(path, headers=HTMX if fragment else {})
    assert answer.status_code == (401 if fragment and path == "/me" else status)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Permissions-Policy" in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "secret" not in answer.text
    if answer.mimetype == "text/html":
        assert "HX-Request" in answer.vary
        assert "charset=utf-8" in answer.headers["Content-Type"]


def test_trace_is_not_answered(desk: Flask) -> None:
    assert desk.test_client().open("/healthz", method="TRACE").status_code == 405


def test_an_error_is_a_page_for_people_and_a_toast_for_htmx(broken: Flask) -> None:
    client = broken.test_client()
    for path, status in STATUSES.items():
        if status < 400:
            continue
        page, toast = client.get(path), client.get(path, headers=HTMX)
        assert page.text.count("<h1>") == 1, path
        assert "<html" not in toast.text
        assert 'class="toast"' in toast.text
        assert (toast.headers["HX-Retarget"], toast.headers["HX-Reswap"]) == ("#toasts", "beforeend")
        assert "<html" in client.get(path, headers=HTMX | {"HX-Boosted": "true"}).text


def test_a_views_own_sentence_is_shown(broken: Flask) -> None:
    for headers in ({}, HTMX):
        assert "Ola sent this quote a minute ago." in broken.test_client().get("/said", headers=headers).text


def _second_store() -> str:
    with db.engine.begin() as connection:
        for _ in range(2):
            connection.execute(insert(Store), {"id": 1, "name": "Twice"})
    return "stored"


def _session_of_nobody() -> str:
    db.session.add(
        DeskSession(token_hash="0" * 64, person_id=404, created_at=clock.now(), last_seen_at=clock.now())
    )
    db.session.commit()
    return "stored"


def _store_without_name() -> str:
    db.session.execute(insert(Store), {"id": 1, "name": null()})
    return "stored"


def test_who_comes_second_is_told_so_and_a_broken_rule_is_our_mistake(desk: Flask) -> None:
    for path, view in (
        ("/twice", _second_store),
        ("/gone", _session_of_nobody),
        ("/broken", _store_without_name),
    ):
        add(desk, path, view)
    client = desk.test_client()
    for path in ("/twice", "/gone"):
        answer = client.get(path)
        assert answer.status_code == 409, path
        assert "Try again" in answer.text
    assert client.get("/broken").status_code == 500


def test_two_who_wait_for_each_other_are_told_to_try_again(desk: Flask) -> None:
    """A deadlock is no database that is away. SQLite has one writer at a time, so none can wait for another."""
    with desk.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("needs two writers")
        ours = db.engine.connect()
    ours.execute(text("SELECT pg_advisory_xact_lock(1)"))
    holds_two = threading.Event()

    def view() -> str:
        db.session.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(2)"))
        holds_two.set()
        db.session.execute(text("SELECT pg_advisory_xact_lock(1)"))
        return "never"

    def wait_for_two() -> None:
        ours.execute(text("SET LOCAL deadlock_timeout = '1h'"))
        holds_two.wait(30)
        ours.execute(text("SELECT pg_advisory_xact_lock(2)"))
        ours.close()

    add(desk, "/cross", view)
    other = threading.Thread(target=wait_for_two)
    other.start()
    answer = desk.test_client().get("/cross")
    other.join(30)
    assert not other.is_alive()
    assert answer.status_code == 409
    assert "at the same moment" in answer.text
    assert "Retry-After" not in answer.headers


def test_an_error_page_needs_no_database(desk: Flask, staffed: dict[str, int]) -> None:
    client = signed_in(desk, staffed["support"])
    add(desk, "/down", breaking(OperationalError("SELECT 1", {}, Exception("gone"))), SIGNED_IN)
    with statements() as seen:
        answer = client.get("/down")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (
        len([line for line in seen if line.startswith("SELECT")]) == 1
    )  # who is asking; nothing after the fault


def test_a_database_that_is_gone_is_an_honest_page(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "home")
    (tmp_path / "home" / "desk.db").unlink()
    with desk.app_context():
        from checkout_desk.extensions import db

        db.engine.dispose()
    (tmp_path / "home" / "desk.db").mkdir()
    assert desk.test_client().get("/sign-in").status_code == 503
    assert desk.test_client().get("/healthz").status_code == 200
    ready = desk.test_client().get("/readyz")
    assert ready.status_code == 503
    assert ready.get_json()["parts"]["database"].startswith("no answer")


def test_the_sign_in_page_is_named_to_htmx_and_the_way_back_is_the_page_it_is_on(
    desk: Flask, staffed: dict[str, int]
) -> None:
    sent = HTMX | {"HX-Current-URL": "http://localhost/people?x=1"}
    answer = desk.test_client().get("/people", headers=sent)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fpeople%3Fx%3D1")
    foreign = desk.test_client().get("/people", headers=HTMX | {"HX-Current-URL": "https://evil.example/x"})
    assert foreign.headers["HX-Redirect"] == "/sign-in"


def test_a_form_that_was_sent_is_not_the_way_back(desk: Flask, staffed: dict[str, int]) -> None:
    assert post(desk, desk.test_client(), "/people/1/disable").headers["Location"] == "/sign-in"


def test_a_view_may_set_its_own_policy(desk: Flask) -> None:
    def frame() -> Response:
        return Response(
            "mail", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "private, max-age=60"}
        )

    add(desk, "/frame", frame)
    answer = desk.test_client().get("/frame")
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["Cache-Control"] == "private, max-age=60"


def test_text_is_compressed_for_who_can_read_it(desk: Flask) -> None:
    text = "a word of the page. " * 500
    add(desk, "/long", lambda: text)
    add(desk, "/short", lambda: "short")
    add(desk, "/picture", lambda: Response(b"\0" * 5000, mimetype="image/png"))
    client = desk.test_client()
    small = client.get("/long", headers={"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(text) / 10
    assert gzip.decompress(small.data).decode() == text
    assert "Accept-Encoding" in small.vary
    for sent in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}):
        plain = client.get("/long", headers=sent)
        assert "Content-Encoding" not in plain.headers
        assert plain.text == text
        assert "Accept-Encoding" in plain.vary
    for path in ("/short", "/picture"):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_static_files_are_kept_for_ever_under_addresses_that_change(desk: Flask) -> None:
    client, asset = desk.test_client(), _asset(desk)
    for name in ("app.css", "app.js", "icons.svg", "vendor/htmx.min.js", "fonts/inter-latin.woff2"):
        answer = client.get(asset(name), headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in answer.vary
        assert ("Content-Encoding" in answer.headers) == (not name.endswith("woff2"))
        raw = (Path(desk.static_folder or "") / name).read_bytes()
        assert (gzip.decompress(answer.data) if "Content-Encoding" in answer.headers else answer.data) == raw
        assert client.get(asset(name), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        assert client.get(asset(name)).data == raw
    assert desk.jinja_env.globals["icons"] == asset("icons.svg")


def test_what_the_stylesheet_names_is_found_and_kept(desk: Flask) -> None:
    client, sheet = desk.test_client(), _asset(desk)("app.css")
    named = re.findall(r'url\("?([^)"]+)"?\)', client.get(sheet).text)
    fonts = [name for name in named if not name.startswith(("data:", "#"))]
    assert fonts
    for name in fonts:
        answer = client.get(sheet.rpartition("/")[0] + "/" + name)
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True)


def test_an_address_of_another_release_finds_the_file_but_is_not_kept(desk: Flask) -> None:
    answer = desk.test_client().get("/static/0123456789ab/app.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["../app.css", "..%2f..%2fpyproject.toml", "0123456789ab/../../pyproject.toml", "fonts/", ""]
)
def test_nothing_outside_static_is_served(desk: Flask, path: str) -> None:
    version = desk.extensions["desk_static"]
    for prefix in ("/static/", f"/static/{version}/"):
        answer = desk.test_client().get(prefix + path)
        assert answer.status_code in (404, 308), prefix + path
        assert b"checkout-desk" not in answer.data


def test_a_fragment_that_did_not_change_is_304_without_a_body(desk: Flask, staffed: dict[str, int]) -> None:
    add(desk, "/news", lambda: not_modified("7") or "the list " * 500, SIGNED_IN)
    client = signed_in(desk, staffed["support"])
    sent = HTMX | {"Accept-Encoding": "gzip"}
    first = client.get("/news", headers=sent)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/news", headers=sent | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert {"HX-Request", "Accept-Encoding", "Cookie"} <= set(first.vary)
    page = client.get("/news", headers={"If-None-Match": first.headers["ETag"]})
    assert page.status_code == 200  # a page is not its fragment


def test_health_answers_without_asking_anybody(desk: Flask) -> None:
    with statements() as seen:
        answer = desk.test_client().get("/healthz")
    assert (answer.status_code, answer.text, seen) == (200, "ok\n", [])
    assert "Cookie" not in answer.vary


def test_readiness_names_each_part(desk: Flask) -> None:
    add_probe(desk, "queue", lambda: "silent")
    assert desk.test_client().get("/readyz").status_code == 200
    add_probe(desk, "cellar", breaking(RuntimeError("password=x")), vital=True)
    answer = desk.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["parts"]["queue"] == "silent"
    assert answer.get_json()["parts"]["cellar"] == "no answer (RuntimeError)"


def test_only_as_many_proxies_are_believed_as_there_are(tmp_path: Path) -> None:
    from flask import request

    for hops, expected in ((0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")):
        desk = open_desk(tmp_path / str(hops), DESK_PROXIES=hops)
        add(desk, "/address", lambda: f"{request.remote_addr} {request.host}")
        sent = {
            "X-Forwarded-For": "192.0.2.66, 198.51.100.7, 203.0.113.9",
            "X-Forwarded-Host": "evil.example",
        }
        assert desk.test_client().get("/address", headers=sent).text == f"{expected} localhost"


def test_a_flood_is_slowed_down_also_while_the_queue_is_silent(tmp_path: Path) -> None:
    desk = open_desk(tmp_path / "home", RATELIMIT_ENABLED=True)
    answers = [
        post(desk, desk.test_client(), "/sign-in", {"email": "", "password": ""}).status_code
        for _ in range(62)
    ]
    assert set(answers[:60]) == {422}
    assert answers[-1] == 429


def test_the_compressed_forms_that_are_remembered_are_bounded_and_never_mixed() -> None:
    pages = [f"page {n} ".encode() * 200 for n in range(compression.KEPT + 5)]
    for _ in range(2):
        assert [gzip.decompress(compression.squeeze(page, 3)) for page in pages] == pages
    assert len(compression._kept) <= compression.KEPT
    loud = random.Random(1).randbytes(compression.LARGE * 2)
    held = dict(compression._kept)
    assert gzip.decompress(compression.squeeze(loud, 3)) == loud
    assert compression._kept == held
