"""The parts as pytest fixtures: servers once for a session, and so once for each worker of pytest-xdist.

A part that cannot run here skips its tests and says why; in CI (environment variable CI=true) it fails them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NoReturn, TypeVar

import pytest

from tests.parts.browser import Chromium
from tests.parts.dovecot import Dovecot
from tests.parts.localstripe import LocalStripe
from tests.parts.paypal import PayPal
from tests.parts.postgres import PostgresServer
from tests.parts.process import PartMissing, short_folder
from tests.parts.smtp import SmtpSink
from tests.parts.tls import LittleAuthority
from tests.parts.valkey import ValkeyServer

Part = TypeVar("Part")


def missing(reason: str) -> NoReturn:
    """Skip the test because a part is missing, or fail it in CI, where every part has to be there."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def _or_missing(part: AbstractContextManager[Part]) -> Iterator[Part]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(part)
        except PartMissing as error:
            missing(str(error))
        yield running


@pytest.fixture(scope="session")
def authority() -> Iterator[LittleAuthority]:
    """The certificate authority that signs Dovecot's certificate, and any other that a test issues."""
    folder = short_folder("ca")
    yield LittleAuthority(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """The session's Valkey, as the test before left it; tests take `valkey`."""
    with _or_missing(ValkeyServer()) as server:
        yield server


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> ValkeyServer:
    """A running, empty Valkey."""
    if not valkey_server.running:
        valkey_server.start()
    valkey_server.flush()
    return valkey_server


@pytest.fixture(scope="session")
def postgres_server(worker: str) -> Iterator[PostgresServer]:
    """The session's PostgreSQL without fsync, as the test before left it; tests take `postgres`."""
    with _or_missing(PostgresServer(durable=False, names=f"desk_test_{worker}_")) as server:
        yield server


@pytest.fixture(scope="session")
def worker() -> str:
    """A short name of this worker of pytest-xdist, unique on the machine among test runs of one moment."""
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """A running PostgreSQL; take databases from it with `url_for` or `create`."""
    if not postgres_server.running:
        postgres_server.start()
    return postgres_server


@pytest.fixture(scope="session")
def dovecot_server(authority: LittleAuthority) -> Iterator[Dovecot]:
    """The session's Dovecot, as the test before left it; tests take `dovecot`."""
    with _or_missing(Dovecot(authority=authority)) as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """A running Dovecot; take an empty mailbox from it with `new_user`."""
    if not dovecot_server.running:
        dovecot_server.start()
    return dovecot_server


@pytest.fixture(scope="session")
def _smtp_plain() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def smtp_sink(_smtp_plain: SmtpSink) -> Iterator[SmtpSink]:
    """A running SMTP sink without TLS, empty and with nothing told."""
    _smtp_plain.start()
    _smtp_plain.forget()
    yield _smtp_plain
    _smtp_plain.forget()  # releases whoever is still stalled


@pytest.fixture(scope="session")
def _stripe() -> Iterator[LocalStripe]:
    with _or_missing(LocalStripe()) as server:
        yield server


@pytest.fixture
def stripe(_stripe: LocalStripe) -> LocalStripe:
    """A Stripe that is empty and tells nobody yet (`tell`)."""
    _stripe.forget()
    return _stripe


@pytest.fixture(scope="session")
def _paypal() -> Iterator[PayPal]:
    with PayPal() as server:
        yield server


@pytest.fixture
def paypal(_paypal: PayPal) -> PayPal:
    """An empty PayPal."""
    _paypal.forget()
    return _paypal


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """A headless Chromium; take pages from it with `page`.

    One for each module, since Playwright's event loop counts as running in our thread for as long as the
    browser lives, and any `asyncio.run` of another module's tests would be refused meanwhile.
    """
    with _or_missing(Chromium()) as chromium:
        yield chromium
