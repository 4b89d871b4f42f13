"""Setting a mailbox up on its page: what is kept, what is refused, where passwords do not go, and who may."""

from __future__ import annotations

import hashlib
import hmac
import html
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import mailboxes
from checkout_desk.mail.models import Mailbox, RawMail
from checkout_desk.secrets import decrypt
from tests.databases import rows_on_sqlite
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink
from tests.signing import post, signed_in

FORM = {
    "address": "orders@shop.example",
    "display_name": "Fern & Kiln",
    "aliases": "help@shop.example\r\nsales@shop.example",
    "plus_addressing": "1",
    "enabled": "1",
    "imap_host": "imap.shop.example",
    "imap_port": "993",
    "imap_tls": "tls",
    "imap_user": "orders",
    "imap_password": "open sesame",
    "imap_folders": "INBOX\r\nJunk",
    "imap_ca_file": "",
    "smtp_host": "smtp.shop.example",
    "smtp_port": "465",
    "smtp_tls": "tls",
    "smtp_user": "orders",
    "smtp_password": "shazam indeed",
    "smtp_ca_file": "",
}
KEEP = {"imap_password": "", "smtp_password": ""}


@pytest.fixture
def admin(desk: Flask, staffed: dict[str, int]) -> FlaskClient:
    return signed_in(desk, staffed["admin"], confirmed=True)


@pytest.fixture
def made(desk: Flask, admin: FlaskClient) -> int:
    """A mailbox made through the form."""
    assert post(desk, admin, "/mailboxes/new", FORM).status_code == 303
    with desk.app_context():
        return int(db.session.scalars(select(Mailbox.id)).one())


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A port that nobody may talk to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def row(app: Flask, number: int) -> dict[str, Any]:
    with app.app_context():
        box = db.session.get_one(Mailbox, number)
        return {column.name: getattr(box, column.name) for column in Mailbox.__table__.columns}


def events(app: Flask) -> list[Event]:
    with app.app_context():
        return list(
            db.session.scalars(select(Event).where(Event.kind.startswith("mailbox.")).order_by(Event.id))
        )


def error(page: str, field: str) -> str:
    """The sentence beside `field`."""
    found = re.search(rf'id="f-{field}-error">.*?<span>(.*?)</span>', page, re.S)
    return html.unescape(found[1]) if found else ""


def value(page: str, field: str) -> str | None:
    """What stands in the input `field`."""
    found = re.search(rf'<input[^>]* name="{field}"[^>]* value="([^"]*)"', page)
    return html.unescape(found[1]) if found else None


def test_a_mailbox_is_made_as_typed_and_its_passwords_are_shown_nowhere(
    desk: Flask, admin: FlaskClient, made: int
) -> None:
    box = row(desk, made)
    assert {
        name: box[name] for name in ("address", "display_name", "imap_host", "imap_port", "smtp_user")
    } == {
        "address": "orders@shop.example",
        "display_name": "Fern & Kiln",
        "imap_host": "imap.shop.example",
        "imap_port": 993,
        "smtp_user": "orders",
    }
    assert box["aliases"] == ["help@shop.example", "sales@shop.example"]
    assert box["imap_folders"] == ["INBOX", "Junk"]
    with desk.app_context():
        assert (decrypt(box["imap_secret"]), decrypt(box["smtp_secret"])) == ("open sesame", "shazam indeed")
    page = admin.get(f"/mailboxes/{made}").text
    assert page.count('placeholder="kept"') == 2
    told = page + str([(event.before, event.after) for event in events(desk)])
    for secret in ("open sesame", "shazam indeed", box["imap_secret"], box["smtp_secret"]):
        assert secret not in told
    assert (value(page, "imap_password"), value(page, "display_name")) == ("", "Fern & Kiln")
    assert [event.kind for event in events(desk)] == ["mailbox.created"]


def test_what_is_changed_is_recorded_and_passwords_stay(desk: Flask, admin: FlaskClient, made: int) -> None:
    before = row(desk, made)
    typed = {**FORM, **KEEP, "display_name": "Fern", "imap_folders": "INBOX", "aliases": "", "enabled": ""}
    answer = post(desk, admin, f"/mailboxes/{made}", typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mailboxes")
    after = row(desk, made)
    assert after["imap_secret"] == before["imap_secret"]
    assert (after["aliases"], after["enabled"], after["plus_addressing"]) == ([], False, True)
    event = events(desk)[-1]
    assert event.kind == "mailbox.changed"
    assert event.before == {
        "display_name": "Fern & Kiln",
        "aliases": ["help@shop.example", "sales@shop.example"],
        "enabled": True,
        "imap_folders": ["INBOX", "Junk"],
    }
    assert event.after == {"display_name": "Fern", "aliases": [], "enabled": False, "imap_folders": ["INBOX"]}
    assert "orders@shop.example is saved." in admin.get("/mailboxes").text


@pytest.mark.parametrize("side", ["imap", "smtp"])
@pytest.mark.parametrize("test", [False, True], ids=["save", "save and test"])
@pytest.mark.parametrize("what", ["host", "port", "tls", "user", "ca_file"])
def test_a_kept_password_goes_nowhere_else(
    desk: Flask, admin: FlaskClient, made: int, canary: socket.socket, side: str, test: bool, what: str
) -> None:
    """SECURITY A21: the whole way, with somebody who listens where the password must not go."""
    port = canary.getsockname()[1]
    with desk.app_context():
        begin_write()
        box = db.session.get_one(Mailbox, made)
        for name, put in (("host", "127.0.0.1"), ("port", port), ("tls", "tls")):
            setattr(box, f"{side}_{name}", put)
        db.session.commit()
    before = row(desk, made)
    moved = {"host": "localhost", "port": "1143", "tls": "none", "user": "eve", "ca_file": "/tmp/eve.pem"}
    typed = {**FORM, **KEEP, f"{side}_host": "127.0.0.1", f"{side}_port": str(port), "display_name": "Typed"}
    typed |= {f"{side}_{what}": moved[what], **({"test": "1"} if test else {})}
    answer = post(desk, admin, f"/mailboxes/{made}", typed)
    assert answer.status_code == 422
    assert "Type the password again" in error(answer.text, f"{side}_password")
    assert value(answer.text, "display_name") == "Typed"
    assert row(desk, made) == before
    with pytest.raises(BlockingIOError):
        canary.accept()


def test_a_password_that_is_typed_again_may_go_elsewhere(desk: Flask, admin: FlaskClient, made: int) -> None:
    typed = {**FORM, **KEEP, "imap_host": "other.shop.example", "imap_password": "another one"}
    assert post(desk, admin, f"/mailboxes/{made}", typed).status_code == 303
    box = row(desk, made)
    with desk.app_context():
        assert (box["imap_host"], decrypt(box["imap_secret"])) == ("other.shop.example", "another one")
    assert events(desk)[-1].after == {"imap_host": "other.shop.example", "imap_password": "changed"}


def test_a_server_that_is_taken_away_takes_its_password_along(
    desk: Flask, admin: FlaskClient, made: int
) -> None:
    assert post(desk, admin, f"/mailboxes/{made}", {**FORM, **KEEP, "smtp_host": ""}).status_code == 303
    box = row(desk, made)
    assert (box["smtp_host"], box["smtp_secret"]) == ("", "")
    assert box["imap_secret"] != ""
    assert events(desk)[-1].after == {"smtp_host": "", "smtp_password": "removed"}
    answer = post(desk, admin, f"/mailboxes/{made}", {**FORM, **KEEP, "smtp_host": "canary.example"})
    assert answer.status_code == 422
    assert "SMTP password is empty" in error(answer.text, "smtp_password")


@rows_on_sqlite(
    ("field", "typed", "accepted"),
    [
        ("address", "", "orders@example.com"),
        ("address", "orders at shop", "orders@example.com"),
        ("address", "taken@shop.example", "already belongs"),
        ("display_name", "x" * 121, "at most 120"),
        ("display_name", "Fern\r\nBcc: all@x.example", "letters, digits and spaces"),
        ("aliases", "help@shop.example\nnobody", "one a line"),
        ("aliases", "also-taken@shop.example", "already belongs"),
        ("imap_host", "https://imap.shop.example/", "imap.example.com"),
        ("imap_host", "imap.shop.example:993", "imap.example.com"),
        ("imap_host", "a" * 64 + ".example", "imap.example.com"),
        ("imap_host", "bücher.example", "imap.example.com"),
        ("imap_host", "", "imap.example.com"),
        ("imap_port", "0", "1 to 65535"),
        ("imap_port", "65536", "1 to 65535"),
        ("imap_port", "imaps", "1 to 65535"),
        ("imap_port", "", "1 to 65535"),
        ("imap_tls", "ssl3", "STARTTLS"),
        ("imap_tls", "none", "could be read on the way"),
        ("imap_user", "", "often the whole address"),
        ("imap_password", "", "type the one that belongs"),
        ("imap_password", "x" * 1001, "at most 1000"),
        ("imap_folders", "INBOX\nA\x07B", "one name a line"),
        ("imap_ca_file", "shop.pem", "/etc/ssl/shop.pem"),
        ("smtp_host", "smtp shop example", "smtp.example.com"),
        ("smtp_port", "-25", "1 to 65535"),
        ("smtp_tls", "", "STARTTLS"),
        ("smtp_user", "", "no password"),
    ],
)
def test_what_cannot_be_used_is_named_beside_its_field_and_the_rest_stays(
    desk: Flask, admin: FlaskClient, field: str, typed: str, accepted: str
) -> None:
    with desk.app_context():
        begin_write()
        mailboxes.create_mailbox({"address": "taken@shop.example", "aliases": ["also-taken@shop.example"]})
        db.session.commit()
    sent = {**FORM, field: typed, "test": "1"}
    answer = post(desk, admin, "/mailboxes/new", sent)
    assert answer.status_code == 422
    sentence = error(answer.text, field)
    assert accepted in sentence
    if 0 < len(typed) < 60 and typed.isprintable() and not field.endswith("password"):
        assert (TLS_WORD.get(typed) or typed) in sentence
    for other in ("address", "imap_host", "imap_port", "imap_user", "smtp_host"):
        if other != field:
            assert value(answer.text, other) == FORM[other]
    if field.endswith(("host", "port", "user", "address")):
        assert value(answer.text, field) == typed
    assert "open sesame" not in answer.text
    assert "shazam indeed" not in answer.text
    with desk.app_context():
        assert db.session.scalars(select(Mailbox.address)).all() == ["taken@shop.example"]


TLS_WORD = {"none": "None"}


def test_a_password_that_was_typed_in_vain_is_asked_for_again(
    desk: Flask, admin: FlaskClient, made: int
) -> None:
    """Else the old one would stay without a word: the field says 'kept'."""
    answer = post(
        desk, admin, f"/mailboxes/{made}", {**FORM, **KEEP, "imap_password": "newer", "smtp_port": "x"}
    )
    assert answer.status_code == 422
    assert "type it again" in error(answer.text, "imap_password")
    assert error(answer.text, "smtp_password") == ""


def test_every_error_of_a_form_is_said_at_once(desk: Flask, admin: FlaskClient) -> None:
    page = post(desk, admin, "/mailboxes/new", {"imap_host": "imap.shop.example", "smtp_port": "x"}).text
    fields = ("address", "imap_port", "imap_tls", "imap_user", "smtp_port")
    assert [field for field in fields if not error(page, field)] == []
    assert "fields need a change" in page


def test_save_and_test_says_how_it_went_once(
    desk: Flask, admin: FlaskClient, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    desk.config["DESK_PRIVATE_MAIL_HOSTS"] = True
    user = dovecot.new_user()
    typed = {
        **FORM,
        "imap_host": dovecot.host,
        "imap_port": str(dovecot.imaps_port),
        "imap_user": user,
        "imap_password": dovecot.users[user],
        "imap_folders": "INBOX",
        "imap_ca_file": str(dovecot.ca_file),
        "smtp_host": "127.0.0.1",
        "smtp_port": str(smtp_sink.port),
        "smtp_tls": "none",
        "smtp_user": "",
        "smtp_password": "",
        "test": "1",
    }
    answer = post(desk, admin, "/mailboxes/new", typed)
    assert answer.status_code == 303
    place = answer.headers["Location"]
    page = admin.get(place).text
    assert "signed in and opened every folder" in page
    assert "The desk got through" in page
    assert "Live test" not in admin.get(place).text
    answer = post(
        desk, admin, place, {**typed, "imap_password": "wrong", "smtp_host": "", "display_name": "New"}
    )
    assert answer.status_code == 303
    page = admin.get(place).text
    assert "refused" in page
    assert "not set" in page
    assert value(page, "display_name") == "New"  # saved, though the test failed


def test_a_host_in_a_private_network_is_refused_and_nothing_reaches_it(
    desk: Flask, admin: FlaskClient, canary: socket.socket
) -> None:
    desk.config["DESK_PRIVATE_MAIL_HOSTS"] = False
    port = str(canary.getsockname()[1])
    typed = {**FORM, "imap_host": "127.0.0.1", "imap_port": port, "smtp_host": "localhost", "smtp_port": port}
    place = post(desk, admin, "/mailboxes/new", {**typed, "test": "1"}).headers["Location"]
    assert admin.get(place).text.count("refused") == 2
    with pytest.raises(BlockingIOError):
        canary.accept()


def test_the_test_holds_no_transaction_while_it_waits(
    desk: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def slow(mailbox: Mailbox) -> mailboxes.TestResult:
        seen.append(db.session().in_transaction())
        assert mailbox.imap_host == "imap.shop.example"
        return mailboxes.TestResult(imap="timeout", smtp="ok")

    monkeypatch.setattr(mailboxes, "test_mailbox", slow)
    place = post(desk, admin, "/mailboxes/new", {**FORM, "test": "1"}).headers["Location"]
    assert seen == [False]
    assert "no answer in time" in admin.get(place).text


def test_the_signed_door_opens_with_a_secret_that_is_shown_once(
    desk: Flask, admin: FlaskClient, made: int
) -> None:
    answer = post(desk, admin, f"/mailboxes/{made}/door")
    secret = re.search(r'class="secret">([\w-]{43})<', answer.text)
    assert secret
    assert f"http://localhost/mail/hook/{made}" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    for page in (f"/mailboxes/{made}", "/mailboxes"):
        assert secret[1] not in admin.get(page).text
    assert events(desk)[-1].after == {"hook_secret": "changed"}
    body = b"From: jane@customer.example\r\nSubject: Mugs\r\n\r\nTwo, please.\r\n"
    assert knock(desk, made, secret[1], body) == 201
    with desk.app_context():
        assert db.session.scalars(select(RawMail.door)).all() == ["http"]
    other = re.search(r'class="secret">([\w-]{43})<', post(desk, admin, f"/mailboxes/{made}/door").text)
    assert other
    assert knock(desk, made, secret[1], body) == 401
    assert knock(desk, made, other[1], body) == 200
    assert post(desk, admin, f"/mailboxes/{made}/door/close").status_code == 303
    assert knock(desk, made, other[1], body) == 401
    assert row(desk, made)["hook_secret"] == ""
    assert [event.after for event in events(desk)][-1] == {"hook_secret": "removed"}
    assert "Open the door" in admin.get(f"/mailboxes/{made}").text


def knock(app: Flask, number: int, secret: str, body: bytes) -> int:
    """Post `body` to the door, signed as the page says. Returns the status."""
    stamp = str(int(clock.now().timestamp()))
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": f"sha256={signature}"}
    path = f"/mail/hook/{number}"
    return app.test_client().post(path, data=body, headers=headers, content_type="message/rfc822").status_code


@rows_on_sqlite("role", [*ROLES, "nothing"])
def test_admins_alone_set_mailboxes_up(desk: Flask, staffed: dict[str, int], made: int, role: str) -> None:
    client = signed_in(desk, staffed[role])
    before = row(desk, made)
    asked = [client.get(path).status_code for path in ("/mailboxes/new", f"/mailboxes/{made}")]
    health = client.get("/mailboxes")
    shown = [link in health.text for link in ('href="/mailboxes/new"', f'href="/mailboxes/{made}"')]
    if role == "admin":
        assert (asked, shown) == ([200, 200], [True, True])
        return
    assert (asked, shown) == ([403, 403], [False, False])
    for path in (
        "/mailboxes/new",
        f"/mailboxes/{made}",
        f"/mailboxes/{made}/door",
        f"/mailboxes/{made}/door/close",
    ):
        assert post(desk, client, path, {**FORM, "address": "eve@shop.example"}).status_code == 403
    assert row(desk, made) == before


def test_a_desk_without_a_mailbox_says_how_to_get_one(
    desk: Flask, staffed: dict[str, int], admin: FlaskClient
) -> None:
    assert admin.get("/mailboxes").text.count('href="/mailboxes/new"') == 1
    assert "/mailboxes/new" not in signed_in(desk, staffed["support"]).get("/mailboxes").text


def test_a_mailbox_that_does_not_exist_is_a_page_that_says_so(desk: Flask, admin: FlaskClient) -> None:
    assert admin.get("/mailboxes/77").status_code == 404
    assert post(desk, admin, "/mailboxes/77", FORM).status_code == 404
    assert post(desk, admin, "/mailboxes/77/door").status_code == 404
