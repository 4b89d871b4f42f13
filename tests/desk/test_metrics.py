"""/metrics tells what the desk holds, to whoever may ask, in a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.mail.models import MailHold
from tests.builders import SHOP, Shop, mail

TOKEN = "a token for the watcher of the desk"


def figures(client: FlaskClient, **headers: str) -> dict[str, float]:
    """Name or name{label} -> value."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_database(shop: Shop, client: FlaskClient, tmp_path: Path) -> None:
    first = shop.take(text="Hello")
    shop.answered(first.conversation)
    shop.reply(shop.take(text="Again", subject="Again").conversation)
    shop.receive(mail("Waiting", subject="Waiting"))
    shop.take(text="A third", subject="Third")
    shop.set_mailbox(last_fault="refused", last_mail_at=clock.now() - timedelta(hours=2))
    with shop.writing():
        db.session.add(MailHold(id=1, since=clock.now(), why="test"))
    (tmp_path / "desk-20200101T000000Z.backup").touch()
    shop.app.config["DESK_BACKUP_FOLDER"] = str(tmp_path)
    seen = figures(client)
    assert seen["desk_mail_in_waiting"] == 1
    assert (seen["desk_outbox{sent}"], seen["desk_outbox{queued}"], seen["desk_outbox{failed}"]) == (1, 1, 0)
    assert seen[f"desk_mailbox_fault{{{SHOP}}}"] == 1
    assert 7100 < seen[f"desk_mailbox_silence_seconds{{{SHOP}}}"] < 7300
    assert seen["desk_promises_open"] == 2
    assert seen["desk_promises_overdue"] == 0
    assert seen["desk_mail_held"] == 1
    assert seen["desk_queue_up"] == 0
    assert seen["desk_backup_age_seconds"] > 86400 * 365
    assert seen["desk_conversations{open}"] >= 1
    assert seen["desk_errors{mail could not be read}"] == 0


def test_what_grows_with_time(shop: Shop, client: FlaskClient) -> None:
    shop.receive(mail("Waiting"))
    with shop.writing():
        from checkout_desk.mail.models import RawMail

        db.session.query(RawMail).update({"received_at": clock.now() - timedelta(minutes=10)})
    assert 590 < figures(client)["desk_mail_in_oldest_seconds"] < 700


def test_no_customer_stands_in_it(shop: Shop, client: FlaskClient) -> None:
    shop.take(text="Hello")
    assert "jane" not in client.get("/metrics").text


def test_the_queries_are_a_fixed_number(shop: Shop, client: FlaskClient) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            seen.append(statement)

        with shop.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        figures(client)
        event.remove(engine, "before_cursor_execute", note)
        return len([one for one in seen if one.lstrip().startswith("SELECT")])

    few = queries()
    for n in range(5):
        shop.take(text=f"Number {n}", subject=f"Number {n}")
    assert queries() == few <= 10


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}"])
def test_the_token_is_asked_for(app: Flask, client: FlaskClient, given: str) -> None:
    app.config["DESK_METRICS_TOKEN"] = TOKEN
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 401
    assert figures(client, Authorization=f"Bearer {TOKEN}")


def test_without_a_token_only_this_machine_is_answered(app: Flask, client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    app.config["DESK_PROXIES"] = 1
    assert client.get("/metrics").status_code == 404
