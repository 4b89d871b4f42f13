"""A backup a day: made and verified by the clock, thinned, and the newest good one never goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text

from checkout_desk import clock, schedule
from checkout_desk.backup import daily, restoring
from checkout_desk.extensions import db
from tests.backup.conftest import Mortal


@pytest.fixture
def folder(mortal: Mortal, tmp_path: Path) -> Path:
    """Where the backups go; two are kept."""
    mortal.shop.app.config.update(DESK_BACKUP_FOLDER=str(tmp_path / "backups"), DESK_BACKUP_KEEP=2)
    mortal.shop.take(text="Hello")
    return tmp_path / "backups"


@pytest.fixture
def travelling() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def sweep(mortal: Mortal) -> Path | None:
    with mortal.shop.reading():
        return daily.sweep()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_one_a_day_and_two_are_kept(mortal: Mortal, folder: Path, travelling: time_machine.Traveller) -> None:
    made = []
    for _ in range(3):
        file = sweep(mortal)
        assert file is not None
        made.append(file.name)
        travelling.shift(timedelta(hours=23))
        assert sweep(mortal) is None
        travelling.shift(timedelta(hours=1, minutes=1))
    assert names(folder) == made[1:]
    assert restoring.verify(folder / made[2], environment=mortal.environment).faults == []


def test_the_newest_good_one_stays_when_the_desk_is_not_sound(
    mortal: Mortal, folder: Path, travelling: time_machine.Traveller
) -> None:
    good = sweep(mortal)
    assert good is not None
    with mortal.shop.writing():
        db.session.execute(text("UPDATE event_head SET hash = 'x'"))
    for _ in range(3):
        travelling.shift(timedelta(days=30))
        assert sweep(mortal) is None
    assert good.name in names(folder)
    assert [name for name in names(folder) if not name.endswith(".unverified")] == [good.name]


def test_a_clock_that_was_ahead_puts_nothing_off(
    mortal: Mortal, folder: Path, travelling: time_machine.Traveller
) -> None:
    assert sweep(mortal)
    travelling.shift(timedelta(days=-400))
    with mortal.shop.writing():  # the record's time never goes back, which is checked elsewhere
        pass
    assert sweep(mortal)


def test_without_a_folder_nothing_is_made(mortal: Mortal, tmp_path: Path) -> None:
    assert sweep(mortal) is None
    assert list(tmp_path.iterdir()) == [mortal.home]


def test_the_clock_knows_of_it() -> None:
    (entry,) = [entry for entry in schedule.TABLE if entry.name == "daily backup"]
    assert schedule.resolve(entry) is daily.sweep
