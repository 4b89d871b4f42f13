"""A running desk for each engine, used by all tests here one after the other, and a shop in this process for the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from tests.builders import Shop
from tests.faults.running import RunningDesk
from tests.faults.yard import Yard
from tests.parts.dovecot import Dovecot
from tests.parts.easypost import EasyPost
from tests.parts.localstripe import LocalStripe
from tests.parts.postgres import PostgresServer
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults/" in item.nodeid:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def desks(request: pytest.FixtureRequest, dovecot_server: Dovecot) -> Iterator[Callable[[str], RunningDesk]]:
    """Engine -> the running desk on it; one that a failed test left broken is replaced."""
    if sys.platform != "linux":
        pytest.skip("the supervisor forks its processes on Linux alone, which is how the waits are shortened")
    running: dict[str, RunningDesk] = {}
    parts: dict[str, tuple[ValkeyServer, SmtpSink]] = {}

    def get(engine: str) -> RunningDesk:
        found = running.get(engine)
        if found is not None and not found.sound:
            running.pop(engine).stop()
            found = None
        if found is None:
            if engine not in parts:
                parts[engine] = ValkeyServer().start(), SmtpSink().start()
            valkey, sink = parts[engine]
            database = ""
            if engine == "postgres":
                server: PostgresServer = request.getfixturevalue("postgres_server")
                database = server.url_for()
            valkey.flush()
            sink.forget()
            found = running[engine] = RunningDesk(
                valkey=valkey, dovecot=dovecot_server, sink=sink, database=database
            )
            found.start()
        else:
            found.sound = False
            found.wake()
        return found

    yield get
    for desk in running.values():
        desk.stop()
    for valkey, sink in parts.values():
        valkey.remove()
        sink.remove()


@pytest.fixture
def running(request: pytest.FixtureRequest, desks: Callable[[str], RunningDesk]) -> Iterator[RunningDesk]:
    """The desk on the engine that the test is marked with: `engines("sqlite", "postgres")` of `tests.faults.steps`."""
    desk = desks(request.param)
    yield desk
    desk.calm()
    desk.rest()


@pytest.fixture(scope="session")
def _carrier() -> Iterator[EasyPost]:
    with EasyPost() as server:
        yield server


@pytest.fixture
def yard(shop: Shop, smtp_sink: SmtpSink, stripe: LocalStripe, _carrier: EasyPost) -> Yard:
    """A shop with all that the ten steps need, in this process."""
    _carrier.forget()
    return Yard(shop, sink=smtp_sink, stripe=stripe, carrier=_carrier)
