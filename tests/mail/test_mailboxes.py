"""Creating, changing and trying out mailboxes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.mail import hosts
from checkout_desk.mail.hosts import HostRefused
from checkout_desk.mail.mailboxes import (
    Refused,
    SecretNeeded,
    TestResult,
    change_mailbox,
    create_mailbox,
    mailbox_of,
    own_addresses,
    test_mailbox,
)
from checkout_desk.mail.models import Mailbox
from checkout_desk.secrets import decrypt
from tests.databases import rows_on_sqlite
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink

SETTINGS = {
    "address": "Orders@Shop.example",
    "imap_host": "imap.shop.example",
    "imap_user": "orders",
    "imap_password": "open sesame",
}


@pytest.fixture
def context(desk: Flask) -> Iterator[Flask]:
    with desk.app_context():
        yield desk


def test_a_password_is_kept_encrypted_and_never_in_the_record(context: Flask) -> None:
    mailbox = create_mailbox(SETTINGS)
    change_mailbox(mailbox, {"imap_password": "shazam"})
    db.session.commit()
    assert "shazam" not in mailbox.imap_secret
    assert decrypt(mailbox.imap_secret) == "shazam"
    events = db.session.scalars(select(Event).order_by(Event.id)).all()
    assert [event.kind for event in events] == ["mailbox.created", "mailbox.changed"]
    told = str([(event.before, event.after) for event in events])
    assert "sesame" not in told
    assert "shazam" not in told
    assert "imap.shop.example" in told


@pytest.mark.parametrize(
    "change",
    [
        {"imap_host": "canary.example"},
        {"imap_port": 143},
        {"imap_tls": "starttls"},
        {"imap_user": "another"},
        {"imap_ca_file": "/tmp/other.pem"},
        {"imap_host": "canary.example", "imap_password": ""},
    ],
)
def test_a_password_goes_nowhere_else_without_being_typed_again(
    context: Flask, change: dict[str, Any]
) -> None:
    mailbox = create_mailbox(SETTINGS)
    db.session.commit()
    with pytest.raises(SecretNeeded) as caught:
        change_mailbox(mailbox, change)
    assert caught.value.field == "imap_password"
    assert not db.session.dirty
    change_mailbox(mailbox, {**change, "imap_password": "typed again"})
    assert decrypt(mailbox.imap_secret) == "typed again"


def test_what_does_not_move_the_password_needs_none(context: Flask) -> None:
    mailbox = create_mailbox(SETTINGS)
    change_mailbox(
        mailbox,
        {"display_name": " Orders ", "smtp_host": "smtp.shop.example", **SETTINGS, "imap_password": ""},
    )
    assert mailbox.display_name == "Orders"
    assert decrypt(mailbox.imap_secret) == "open sesame"


def test_a_password_without_a_server_is_forgotten(context: Flask) -> None:
    mailbox = create_mailbox({**SETTINGS, "hook_secret": "knock knock"})
    change_mailbox(mailbox, {"imap_host": ""})
    change_mailbox(mailbox, {"hook_secret": ""})
    assert (mailbox.imap_secret, decrypt(mailbox.hook_secret)) == ("", "knock knock")
    change_mailbox(mailbox, {"hook_secret": None})
    change_mailbox(mailbox, {"hook_secret": None})
    db.session.commit()
    assert mailbox.hook_secret == ""
    told = [event.after for event in db.session.scalars(select(Event).order_by(Event.id))][1:]
    assert told == [{"imap_host": "", "imap_password": "removed"}, {"hook_secret": "removed"}]


def test_a_password_that_cannot_be_put_on_the_wire_is_refused_in_peace(
    context: Flask, smtp_sink: SmtpSink
) -> None:
    smtp_sink.users["orders"] = "schön"
    server = {"smtp_host": "127.0.0.1", "smtp_port": smtp_sink.port, "smtp_tls": "none"}
    mailbox = create_mailbox(
        {"address": "a@shop.example", **server, "smtp_user": "orders", "smtp_password": "schön"}
    )
    try:
        assert test_mailbox(mailbox) == TestResult(imap="not set", smtp="refused")
    finally:
        smtp_sink.users.clear()


@rows_on_sqlite(
    ("change", "field"),
    [
        ({"address": "not an address"}, "address"),
        ({"aliases": ["a@b@c"]}, "aliases"),
        ({"imap_port": 0}, "imap_port"),
        ({"imap_port": "993"}, "imap_port"),
        ({"smtp_tls": "ssl"}, "smtp_tls"),
        ({"imap_host": "a\r\nb"}, "imap_host"),
        ({"imap_user": "x" * 255}, "imap_user"),
        ({"imap_tls": "none"}, "imap_tls"),
        ({"lease_number": 5}, "lease_number"),
        ({"imap_secret": "x"}, "imap_secret"),
        ({"aliases": ["help@other.example"]}, "aliases"),
        ({"address": "OTHER@other.example"}, "address"),
    ],
)
def test_unusable_values_are_refused_by_name_and_change_nothing(
    context: Flask, change: dict[str, Any], field: str
) -> None:
    create_mailbox({"address": "other@other.example", "aliases": ["help@other.example"]})
    mailbox = create_mailbox(SETTINGS)
    db.session.commit()
    with pytest.raises(Refused) as caught:
        change_mailbox(mailbox, {"display_name": "New", **change, "imap_password": "again"})
    assert caught.value.field == field
    assert mailbox.display_name == ""


def test_plain_connections_are_for_this_machine_alone(context: Flask) -> None:
    create_mailbox({**SETTINGS, "imap_host": "127.0.0.1", "imap_tls": "none"})
    context.config["DESK_SANDBOX"] = True
    create_mailbox({**SETTINGS, "address": "b@shop.example", "imap_tls": "none"})


def test_our_own_addresses_are_known_with_and_without_details(context: Flask) -> None:
    first = create_mailbox(
        {"address": "orders@shop.example", "aliases": ["Help@shop.example", "odd+name@shop.example"]}
    )
    second = create_mailbox({"address": "returns@shop.example", "plus_addressing": False})
    closed = create_mailbox({"address": "old@shop.example", "enabled": False})
    db.session.commit()
    assert own_addresses() >= {"orders@shop.example", "help@shop.example", closed.address}
    assert mailbox_of("<HELP+c1.x@shop.example>") == first.id
    assert mailbox_of("odd+name@shop.example") == first.id
    assert mailbox_of("odd@shop.example") is None
    assert mailbox_of("returns@shop.example") == second.id
    for stranger in (
        "returns+x@shop.example",
        "old@shop.example",
        "+x@shop.example",
        "orders",
        "",
        "@",
        "orders@shop.example.evil",
    ):
        assert mailbox_of(stranger) is None


def test_a_live_test_signs_in_to_both_servers(
    context: Flask, dovecot: Dovecot, smtp_sink: SmtpSink, imap_values: Callable[[str], dict[str, Any]]
) -> None:
    values = {**imap_values(dovecot.new_user()), "address": "orders@shop.example"}
    mailbox = create_mailbox(
        {**values, "smtp_host": "127.0.0.1", "smtp_port": smtp_sink.port, "smtp_tls": "none"}
    )
    assert test_mailbox(mailbox) == TestResult(imap="ok", smtp="ok")
    assert test_mailbox(mailbox).ok
    change_mailbox(mailbox, {"imap_password": "wrong", "smtp_port": dovecot.imap_port})
    assert test_mailbox(mailbox) == TestResult(imap="refused", smtp="refused")
    change_mailbox(
        mailbox, {"imap_password": values["imap_password"], "imap_folders": ["Nowhere"], "smtp_host": ""}
    )
    assert test_mailbox(mailbox) == TestResult(imap="refused", smtp="not set")


def test_a_server_that_says_nothing_is_a_timeout(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setattr(hosts, "CONNECT_SECONDS", 0.2)
        port = mute.getsockname()[1]
        mailbox = create_mailbox(
            {**SETTINGS, "imap_host": "127.0.0.1", "imap_port": port, "imap_tls": "none"}
        )
        assert test_mailbox(mailbox).imap == "timeout"


@rows_on_sqlite(
    "host",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "2130706433",
        "0x7f.1",
        "fe80::1",
        "100.64.0.1",
    ],
)
def test_private_hosts_are_refused_however_they_are_written(context: Flask, host: str) -> None:
    context.config["DESK_PRIVATE_MAIL_HOSTS"] = False
    with pytest.raises(HostRefused):
        hosts.dial(host, 993)
    assert (
        test_mailbox(
            Mailbox(
                imap_host=host,
                imap_port=993,
                imap_tls="tls",
                imap_user="",
                imap_secret="",
                imap_folders=[],
                imap_ca_file="",
                smtp_host="",
            )
        ).imap
        == "refused"
    )


def test_the_demo_store_reaches_nobody_outside(context: Flask) -> None:
    context.config["DESK_SANDBOX"] = True
    with pytest.raises(HostRefused):
        hosts.dial("192.0.2.1", 993)
    assert hosts.permitted_addresses("127.0.0.1", 993)


def test_all_addresses_of_a_name_have_to_be_permitted(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.config["DESK_PRIVATE_MAIL_HOSTS"] = False
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 993)) for address in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(HostRefused):
        hosts.permitted_addresses("rebinding.example", 993)
