"""A backup that somebody else wrote, or wrote into: it is refused, and nothing of the live desk is touched."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout_desk import faults
from checkout_desk.app import create_app
from checkout_desk.backup import making, restoring
from checkout_desk.backup.container import MANIFEST, MARK, Refused, _mark
from checkout_desk.mail.models import RawMail
from tests.backup.conftest import Mortal

Members = dict[str, bytes]


def rewritten(source: Path, target: Path, change: Callable[[Members], None], *, sign: str = "") -> Path:
    """A copy with other members; with `sign` the manifest is made to fit and signed with that key."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if sign:
        import hashlib

        about = json.loads(members[MANIFEST])
        about["members"] = {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in members.items()
            if name not in (MANIFEST, MARK)
        }
        members[MANIFEST] = json.dumps(about).encode()
        members[MARK] = _mark(sign, members[MANIFEST]).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


@pytest.fixture
def file(mortal: Mortal, tmp_path: Path) -> Path:
    """A sound backup of a desk with two mails; the desk goes on and is let go of."""
    mortal.shop.take(text="Hello")
    mortal.shop.take(text="Hello again", subject="Again")
    made = making.make(mortal.shop.app, tmp_path / "sound.backup")
    mortal.let_go()
    return made.file


def refused(mortal: Mortal, file: Path, why: str) -> None:
    """`file` is refused in every way, and afterwards all is as before."""
    home = {
        path: path.stat().st_mtime_ns
        for path in mortal.home.rglob("*")
        if "blobs" in path.parts or "keys" in path.parts
    }
    for attempt in (
        lambda: restoring.verify(file, environment=mortal.environment),
        lambda: restoring.restore(file, environment=mortal.environment, force=True),
    ):
        with pytest.raises(Refused, match=why):
            attempt()
    assert home == {path: path.stat().st_mtime_ns for path in home}
    assert len(mortal.again().all(RawMail)) == 2
    assert not list(mortal.home.glob("restore-*"))


def a_blob(members: Members) -> str:
    return min(name for name in members if name.startswith("blobs/"))


def test_an_altered_byte(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    def alter(members: Members) -> None:
        name = a_blob(members)
        members[name] = members[name][:-1] + b"!"

    refused(mortal, rewritten(file, tmp_path / "x", alter), "was altered")


def test_an_altered_database(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    def alter(members: Members) -> None:
        name = "database.sqlite" if "database.sqlite" in members else "tables/store"
        members[name] = members[name].replace(b"Fern and Kiln", b"Fern and Kilm")

    refused(mortal, rewritten(file, tmp_path / "x", alter), "was altered")


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "keys/../../x", "blobs/x", "static/app.js", "keys/.ssh"]
)
def test_a_member_that_does_not_belong_there(mortal: Mortal, file: Path, tmp_path: Path, name: str) -> None:
    key = mortal.shop.app.config["SECRET_KEY"]
    made = rewritten(file, tmp_path / "x", lambda members: members.update({name: b"evil"}), sign=key)
    refused(mortal, made, "does not belong in it")


def test_an_added_member_of_a_good_name(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    refused(
        mortal,
        rewritten(file, tmp_path / "x", lambda m: m.update({"keys/more": b"x"})),
        "added or taken away",
    )


def test_a_member_that_was_taken_away(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    refused(
        mortal, rewritten(file, tmp_path / "x", lambda m: m.__delitem__(a_blob(m))), "added or taken away"
    )


def test_a_symbolic_link(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    made = tmp_path / "x"
    shutil.copy(file, made)
    with zipfile.ZipFile(made, "a") as archive:
        entry = zipfile.ZipInfo("keys/link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused(mortal, made, "no plain file")


def test_a_manifest_of_somebody_else(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    made = rewritten(file, tmp_path / "x", lambda members: None, sign="a key that is not the desk's at all")
    refused(mortal, made, "not signed")


def test_a_newer_schema(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    def alter(members: Members) -> None:
        members[MANIFEST] = members[MANIFEST].replace(b'"version": "', b'"version": "9')

    key = mortal.shop.app.config["SECRET_KEY"]
    refused(mortal, rewritten(file, tmp_path / "x", alter, sign=key), "install the version")


def test_no_backup_at_all(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"GIF89a")
    refused(mortal, tmp_path / "x", "no backup of a desk")
    (tmp_path / "y").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    refused(mortal, tmp_path / "y", "no backup of a desk")
    refused(mortal, tmp_path / "nowhere", "There is no file")


def test_a_blob_of_another_name_is_told(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    """Signed by the desk's own key, and yet not what the database names."""

    def alter(members: Members) -> None:
        members[a_blob(members)] = b"not that mail"

    made = rewritten(file, tmp_path / "x", alter, sign=mortal.shop.app.config["SECRET_KEY"])
    (fault,) = restoring.verify(made, environment=mortal.environment).faults
    assert "does not hold what its name says" in fault


def test_another_desks_backup_needs_a_word(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    mortal.destroy()
    create_app(environment=mortal.environment)  # which makes keys of its own
    with pytest.raises(Refused, match="another desk made it"):
        restoring.restore(file, environment=mortal.environment)
    restoring.restore(file, environment=mortal.environment, force=True)
    assert len(mortal.again().all(RawMail)) == 2


def test_a_trap_in_the_file_is_not_sprung(mortal: Mortal, file: Path, tmp_path: Path) -> None:
    if "DATABASE_URL" in mortal.environment:
        return  # PostgreSQL's rows are data alone

    def alter(members: Members) -> None:
        trap = tmp_path / "trap.db"
        trap.write_bytes(members["database.sqlite"])
        with sqlite3.connect(trap) as connection:
            connection.execute("CREATE VIEW trap AS SELECT 1")
        connection.close()
        members["database.sqlite"] = trap.read_bytes()

    made = rewritten(file, tmp_path / "x", alter, sign=mortal.shop.app.config["SECRET_KEY"])
    assert "view 'trap'" in " ".join(restoring.verify(made, environment=mortal.environment).faults)


@pytest.mark.parametrize("point", ["backup.after_database", "backup.before_sync"])
def test_a_full_disk_leaves_no_file(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    folder = tmp_path / "faults"
    folder.mkdir()
    (folder / point).write_text("enospc")
    monkeypatch.setattr(faults, "_folder", folder)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(Refused, match="could not be written"):
        making.make(mortal.shop.app, target / "desk.backup")
    assert list(target.iterdir()) == []
    making.make(mortal.shop.app, target / "desk.backup")
    assert [path.name for path in target.iterdir()] == ["desk.backup"]


def test_what_a_killed_one_left_goes_with_the_next(mortal: Mortal, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / ".desk.backup.0a0b0c.part").write_bytes(b"half")
    making.make(mortal.shop.app, target / "desk.backup")
    assert [path.name for path in target.iterdir()] == ["desk.backup"]


@pytest.mark.parametrize("point", ["restore.before_blobs", "restore.before_database"])
def test_a_restore_that_breaks_off_harms_nothing(
    mortal: Mortal, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    mortal.shop.take(text="After the backup", subject="Newer")
    mortal.let_go()
    folder = tmp_path / "faults"
    folder.mkdir()
    (folder / point).write_text("enospc")
    monkeypatch.setattr(faults, "_folder", folder)
    with pytest.raises(OSError, match="space"):
        restoring.restore(file, environment=mortal.environment, force=True)
    shop = mortal.again()
    assert len(shop.all(RawMail)) == 3
    shop.sound()
    mortal.let_go()
    restoring.restore(file, environment=mortal.environment, force=True)
    assert len(mortal.again().all(RawMail)) == 2
