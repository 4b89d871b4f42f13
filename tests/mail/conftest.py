"""Mailboxes and letters for the tests of the doors; the empty `desk` is everybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.mail.mailboxes import create_mailbox
from checkout_desk.mail.models import RawMail
from tests.mail.boxes import Box
from tests.parts.dovecot import Dovecot


@pytest.fixture
def open_mailbox(desk: Flask) -> Callable[..., int]:
    """Make a mailbox and return its id."""

    def make(address: str = "orders@shop.example", **values: Any) -> int:
        with desk.app_context():
            mailbox = create_mailbox({"address": address, **values})
            db.session.commit()
            return mailbox.id

    return make


@pytest.fixture
def imap_values(dovecot: Dovecot) -> Callable[[str], dict[str, Any]]:
    """The settings that lead to a user of the Dovecot of the tests."""

    def values(user: str) -> dict[str, Any]:
        return {
            "imap_host": dovecot.host,
            "imap_port": dovecot.imaps_port,
            "imap_user": user,
            "imap_password": dovecot.users[user],
            "imap_ca_file": str(dovecot.ca_file),
        }

    return values


@pytest.fixture
def letter() -> Callable[..., bytes]:
    """The bytes of a small mail that differs from every other by its number."""

    def make(number: int | str = 1, *, body: str = "Two blue mugs, please.", extra: str = "") -> bytes:
        return (
            f"From: Jane <jane@customer.example>\r\nTo: orders@shop.example\r\nSubject: Order {number}\r\n"
            f"Message-ID: <{number}@customer.example>\r\nDate: Mon, 02 Nov 2026 09:12:00 +0000\r\n{extra}\r\n{body}\r\n"
        ).encode()

    return make


@pytest.fixture
def kept(desk: Flask) -> Callable[[], list[bytes]]:
    """The bytes of every mail in the desk, in order of arrival, each checked to be what its hash says."""

    def read() -> list[bytes]:
        with desk.app_context():
            store = desk.extensions["desk_blobs"]
            rows = db.session.query(RawMail).order_by(RawMail.id).all()
            assert all(row.received_at <= clock.now() for row in rows)
            return [store.get(row.sha256) for row in rows]

    return read


@pytest.fixture
def box(
    desk: Flask,
    dovecot: Dovecot,
    open_mailbox: Callable[..., int],
    imap_values: Callable[[str], dict[str, Any]],
) -> Box:
    user = dovecot.new_user()
    return Box(desk, dovecot, user, open_mailbox(**imap_values(user)))
