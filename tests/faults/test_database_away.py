"""PostgreSQL is stopped: whoever knocks hears "later", nobody outside is asked, and afterwards every step is done once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from checkout_desk import faults, migrating
from checkout_desk.accounts import passwords
from checkout_desk.app import create_app
from checkout_desk.cli import main
from checkout_desk.extensions import db
from checkout_desk.mail import delivery
from tests.builders import Shop
from tests.faults.ten import DOUBT, TEN, WHOLE, Later
from tests.faults.yard import Yard
from tests.once import exit_code
from tests.parts.easypost import EasyPost
from tests.parts.localstripe import LocalStripe
from tests.parts.postgres import PostgresServer
from tests.parts.smtp import SmtpSink
from tests.signing import QUICK

ANSWERED = {"send": "smtp.after_dot", "refund": "refund.before_commit", "label": "buying.after_call"}
"""step -> the point where somebody outside has done what they were asked for, and no row says so"""


@pytest.fixture
def environment(postgres: PostgresServer, tmp_path: Path) -> dict[str, str]:
    """A desk on a database of its own, in a server that may be stopped."""
    if postgres.foreign:
        pytest.skip("the PostgreSQL server of TEST_DATABASE_URL is not ours to stop")
    return {
        "DESK_HOME": str(tmp_path / "home"),
        "DATABASE_URL": postgres.url_for(),
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
        "DESK_URL": "http://localhost",
    }


@pytest.fixture
def yard(
    environment: dict[str, str],
    postgres: PostgresServer,
    smtp_sink: SmtpSink,
    stripe: LocalStripe,
    _carrier: EasyPost,
) -> Iterator[Yard]:
    passwords._hasher = QUICK
    _carrier.forget()
    app = create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "RATELIMIT_ENABLED": False}, environment=environment
    )
    migrating.upgrade(app)
    yield Yard(Shop(app), sink=smtp_sink, stripe=stripe, carrier=_carrier)
    if not postgres.running:
        postgres.start()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_step_says_later_and_is_done_when_it_is_back(
    yard: Yard, environment: dict[str, str], postgres: PostgresServer, tmp_path: Path
) -> None:
    turns = {name: step(yard) for name, step in TEN.items()}
    outside = len(yard.carrier.calls), len(yard.stripe.events()), len(yard.sink.accepted)
    file = tmp_path / "never.backup"
    postgres.stop()
    try:
        for name, turn in turns.items():
            with pytest.raises((Later, OperationalError)) as said:
                turn.do()
            if isinstance(said.value, Later):
                assert said.value.args == (503,), name
        assert exit_code(main, "backup", str(file), environment=environment) == 1
        assert not file.exists()
    finally:
        postgres.start()
    assert outside == (len(yard.carrier.calls), len(yard.stripe.events()), len(yard.sink.accepted))
    assert yard.broken(at_rest=False) == []
    for turn in turns.values():
        if turn.again:
            turn.again()
    yard.by_itself()
    assert {name: turn.came() for name, turn in turns.items()} == WHOLE
    assert (yard.waits(), yard.broken()) == ([], [])


@pytest.mark.parametrize("step", ANSWERED)
def test_it_goes_between_the_call_and_its_answer(
    yard: Yard, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What was asked for may have been done: it is looked up or shown as unknown, and never simply asked for again."""
    monkeypatch.setattr(delivery, "RECORD_PAUSES", ())

    def stop(point: str) -> None:
        if point == ANSWERED[step]:
            postgres.stop()

    turn = TEN[step](yard)
    with monkeypatch.context() as patch:
        patch.setattr(faults, "fault", stop)
        with pytest.raises(OperationalError):
            turn.do()
    postgres.start()
    yard.by_itself()
    assert turn.came() in (WHOLE[step], *DOUBT.get(step, ()))
    if step == "send":
        assert len(yard.sink.accepted) == 2, "unknown, and once more with the same bytes"
        assert yard.sink.accepted[0].content == yard.sink.accepted[1].content
    assert (yard.waits(), yard.broken()) == ([], [])
