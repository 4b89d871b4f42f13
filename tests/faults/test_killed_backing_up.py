"""kill -9 at each step of a backup and of a restore: a whole file or none, the old desk or the restored one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from checkout_desk.backup import making, restoring
from checkout_desk.cli import main
from checkout_desk.mail.models import RawMail
from tests.backup.conftest import Mortal, mortal
from tests.faults.steps import BACKUP, RESTORE
from tests.once import exit_code

__all__ = ["mortal"]


def run(mortal: Mortal, folder: Path, *words: str) -> int:
    """The command in a process of its own; its exit code."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    told = {"DESK_SANDBOX": "yes", "DESK_FAULTS": str(folder)}
    return exit_code(main, *words, environment={**kept, **mortal.environment, **told})


@pytest.mark.parametrize("step", BACKUP)
def test_a_killed_backup_left_a_whole_file_or_none(mortal: Mortal, tmp_path: Path, step: str) -> None:
    mortal.shop.take(text="Hello")
    target = tmp_path / "out"
    target.mkdir()
    (tmp_path / step).write_text("kill")
    assert run(mortal, tmp_path, "backup", str(target / "desk.backup")) == -signal.SIGKILL
    if step == "backup.after_naming":
        assert restoring.verify(target / "desk.backup", environment=mortal.environment).faults == []
        return
    assert not (target / "desk.backup").exists()
    assert run(mortal, tmp_path, "backup", str(target / "desk.backup")) == 0
    assert [path.name for path in target.iterdir()] == ["desk.backup"]
    assert not list(mortal.home.glob("backup-*"))


def test_a_killed_sealed_backup_left_nothing_that_could_be_read(mortal: Mortal, tmp_path: Path) -> None:
    mortal.environment["DESK_BACKUP_PASSPHRASE"] = "seven grey geese"
    mortal.shop.take(text="Hello zwiebelkuchen")
    target = tmp_path / "out"
    target.mkdir()
    file = target / "desk.backup"
    (tmp_path / "backup.before_sync").write_text("kill")
    assert run(mortal, tmp_path, "backup", str(file)) == -signal.SIGKILL
    assert not file.exists()
    assert not any(b"zwiebelkuchen" in path.read_bytes() for path in target.iterdir())
    assert run(mortal, tmp_path, "backup", str(file)) == 0
    assert [path.name for path in target.iterdir()] == ["desk.backup"]
    mortal.let_go()
    (tmp_path / "restore.before_database").write_text("kill")
    assert run(mortal, tmp_path, "restore", str(file), "--force") == -signal.SIGKILL
    mortal.again().sound()
    mortal.let_go()
    assert run(mortal, tmp_path, "restore", str(file), "--force") == 0
    assert len(mortal.again().all(RawMail)) == 1


@pytest.mark.parametrize("step", RESTORE)
def test_a_killed_restore_left_the_desk_that_was_there(mortal: Mortal, tmp_path: Path, step: str) -> None:
    mortal.shop.take(text="Hello")
    file = tmp_path / "desk.backup"
    making.make(mortal.shop.app, file)
    mortal.shop.take(text="Later", subject="Later")
    mortal.let_go()
    (tmp_path / step).write_text("kill")
    assert run(mortal, tmp_path, "restore", str(file), "--force") == -signal.SIGKILL
    assert len(mortal.again().all(RawMail)) == 2
    mortal.shop.sound()
    mortal.let_go()
    assert run(mortal, tmp_path, "restore", str(file), "--force") == 0
    assert len(mortal.again().all(RawMail)) == 1
    assert not list(mortal.home.glob("restore-*"))
