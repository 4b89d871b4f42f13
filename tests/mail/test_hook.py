"""The signed door by HTTP."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from checkout_desk import clock, doctor
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.incidents import noticing
from checkout_desk.incidents.models import Incident
from checkout_desk.mail import hook
from checkout_desk.mail.models import Mailbox, RawMail
from tests.databases import rows_on_sqlite

Letter = Callable[..., bytes]
Post = Callable[..., TestResponse]
SECRET = "a secret between the desk and the provider"


@pytest.fixture
def mailbox_id(open_mailbox: Callable[..., int]) -> int:
    return open_mailbox(hook_secret=SECRET)


@pytest.fixture
def post(desk: Flask, mailbox_id: int) -> Post:
    if "mail_hook" not in desk.blueprints:
        desk.register_blueprint(hook.blueprint)

    def send(
        data: bytes,
        *,
        to: int = mailbox_id,
        secret: str = SECRET,
        age: int = 0,
        signed: bytes | None = None,
        content_type: str = "message/rfc822",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        stamp = str(int((clock.now() - timedelta(seconds=age)).timestamp()))
        content = stamp.encode() + b"." + (data if signed is None else signed)
        signature = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        given = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": f"sha256={signature}", **(headers or {})}
        given = {name: value for name, value in given.items() if value}
        return desk.test_client().post(
            f"/mail/hook/{to}", data=data, content_type=content_type, headers=given, **more
        )

    return send


@pytest.fixture
def refusals(desk: Flask) -> Callable[[], list[str]]:
    def read() -> list[str]:
        with desk.app_context():
            events = db.session.scalars(select(Event).where(Event.kind == "mail.hook_refused")).all()
            return [event.after["why"] for event in events if event.after]

    return read


def test_a_signed_mail_is_stored(
    desk: Flask, post: Post, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    answer = post(
        letter(1),
        headers={"X-Desk-Envelope-From": "a@b.example", "X-Desk-Envelope-To": "orders+t@shop.example"},
    )
    assert (answer.status_code, answer.json) == (201, {"outcome": "stored"})
    assert kept() == [letter(1)]
    with desk.app_context():
        raw = db.session.scalars(select(RawMail)).one()
        assert (raw.door, raw.envelope_from, raw.envelope_to) == (
            "http",
            "a@b.example",
            "orders+t@shop.example",
        )
        assert db.session.get_one(Mailbox, raw.mailbox_id).last_mail_at


def test_the_same_mail_again_is_a_duplicate(
    post: Post, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    post(letter(1))
    answer = post(letter(1), content_type="application/octet-stream")
    assert (answer.status_code, answer.json) == (200, {"outcome": "duplicate"})
    assert len(kept()) == 1


@rows_on_sqlite(
    ("named", "status", "why"),
    [
        ({"secret": "another"}, 401, "signature is wrong"),
        ({"signed": b"another body"}, 401, "signature is wrong"),
        ({"to": 99}, 401, "signature is wrong"),
        ({"age": 301}, 401, "five minutes"),
        ({"age": -301}, 401, "five minutes"),
        ({"headers": {"X-Desk-Timestamp": ""}}, 400, "well formed"),
        ({"headers": {"X-Desk-Timestamp": "yesterday"}}, 400, "well formed"),
        ({"headers": {"X-Desk-Signature": ""}}, 400, "well formed"),
        ({"headers": {"X-Desk-Signature": "md5=0"}}, 400, "well formed"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "content type"),
    ],
)
def test_what_is_not_signed_as_it_should_is_refused_and_recorded(
    post: Post,
    letter: Letter,
    kept: Callable[[], list[bytes]],
    refusals: Callable[[], list[str]],
    named: dict[str, Any],
    status: int,
    why: str,
) -> None:
    answer = post(letter(1), **named)
    assert answer.status_code == status
    assert kept() == []
    (told,) = refusals()
    assert why in told


def test_right_signatures_at_wrong_times_are_an_alarm_of_the_clock_until_one_fits(
    desk: Flask, post: Post, letter: Letter
) -> None:
    """The times of strangers prove nothing: whose signature is wrong raises no alarm."""

    def looked() -> tuple[list[tuple[str, str, int]], bool]:
        with desk.app_context():
            noticing.sweep()
            rows = db.session.scalars(select(Incident).order_by(Incident.id)).all()
            found = [(row.kind, row.state, row.unsettled) for row in rows]
            return found, all(ok for ok, _ in doctor.machine_clock())

    post(letter(1), age=301, secret="another")
    assert looked() == ([("webhook", "open", 1)], True)
    post(letter(1), age=301)
    post(letter(1), age=-3600)
    assert looked() == ([("webhook", "open", 1), ("clock", "open", 2)], False)
    with clock.pretending(clock.now() + timedelta(seconds=5)):
        assert post(letter(1)).status_code == 201
    assert looked() == ([("webhook", "settled", 0), ("clock", "settled", 0)], True)


def test_a_mailbox_without_a_secret_is_closed_even_to_an_empty_key(
    post: Post, letter: Letter, open_mailbox: Callable[..., int]
) -> None:
    assert post(letter(1), to=open_mailbox("other@shop.example"), secret="").status_code == 401


def test_a_mail_above_the_limit_is_refused(
    post: Post, letter: Letter, kept: Callable[[], list[bytes]], refusals: Callable[[], list[str]]
) -> None:
    assert post(letter(1, body="x" * 2**20)).status_code == 413
    assert kept() == []
    assert "larger" in refusals()[0]


def test_a_body_of_unknown_length_is_cut_at_the_limit(
    post: Post, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    endless = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert post(letter(1, body="x" * 2**20), environ_overrides=endless).status_code == 413
    assert post(letter(2), environ_overrides=endless).status_code == 201
    assert kept() == [letter(2)]


def test_a_mail_larger_than_an_upload_may_be_is_taken(desk: Flask, post: Post, letter: Letter) -> None:
    desk.config["MAX_CONTENT_LENGTH"] = 1000
    assert post(letter(1, body="x" * 5000)).status_code == 201


def test_an_empty_body_is_no_mail(post: Post) -> None:
    assert post(b"").status_code == 400


def test_a_full_disk_means_try_again(
    desk: Flask, post: Post, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    desk.extensions["desk_blobs"].reserve = 2**60
    answer = post(letter(1))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert kept() == []


@pytest.mark.parametrize("table", ["raw_mail", "mailbox"])
def test_a_database_that_is_gone_means_try_again(desk: Flask, post: Post, letter: Letter, table: str) -> None:
    with desk.app_context():
        db.session.execute(text(f"ALTER TABLE {table} RENAME TO away"))
        db.session.commit()
    answer = post(letter(1))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_a_provider_that_sends_an_origin_is_let_in(post: Post, letter: Letter) -> None:
    assert post(letter(1), headers={"Origin": "https://provider.example"}).status_code == 201
