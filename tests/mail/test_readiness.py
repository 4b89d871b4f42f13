"""What /readyz says of queue, outbox and mailboxes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from checkout_desk import clock
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox, OutboundMail
from tests.parts.valkey import ValkeyServer
from tests.signing import open_desk


def said(desk: Flask) -> Any:
    answer = desk.test_client().get("/readyz")
    assert answer.status_code == 200
    return answer.get_json()["parts"]


def test_a_silent_queue_is_told_and_does_not_close_the_desk(desk: Flask) -> None:
    assert said(desk) == {"database": "ok", "queue": "silent", "outbox": "ok", "mailboxes": "ok"}


def test_a_queue_that_answers_is_well(tmp_path: Path, valkey: ValkeyServer) -> None:
    assert said(open_desk(tmp_path / "other", REDIS_URL=valkey.url))["queue"] == "ok"


def test_what_waits_too_long_is_told(desk: Flask) -> None:
    now = clock.now()
    with desk.app_context():
        begin_write()
        box = Mailbox(
            address="a@fern.example",
            imap_host="mail",
            created_at=now,
            last_contact_at=now - timedelta(minutes=9),
        )
        fresh = Mailbox(address="b@fern.example", imap_host="mail", created_at=now)
        by_lmtp = Mailbox(address="c@fern.example", created_at=now - timedelta(days=9))
        db.session.add_all([box, fresh, by_lmtp])
        db.session.flush()
        db.session.add(
            OutboundMail(
                occasion="reply:1", thread="conversation:1", mailbox_id=box.id, message_id="1@fern.example", sha256="0" * 64,
                size=1, envelope_from="a@fern.example", recipients=["x@y.example"], to_address="x@y.example",
                queued_at=now, due_at=now - timedelta(minutes=6), refused=None,
            )
        )  # fmt: skip
        db.session.commit()
    parts = said(desk)
    assert parts["outbox"].startswith("oldest due mail waits for 36")
    assert parts["mailboxes"].startswith("1 of 2 without contact for 54")
