"""One running desk for the session; each test stays with conversations of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.live import LiveDesk
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def live(dovecot_server: Dovecot) -> Iterator[LiveDesk]:
    """The demo store, running, with its mailbox in Dovecot and an SMTP server that keeps what leaves."""
    with SmtpSink() as sink, LiveDesk(dovecot_server, sink) as desk:
        yield desk
