"""Making a backup of a running desk: one moment of the database, every blob that it names, and the keys.

A row is committed only after its blob is durable, so whatever the moment names is there to be copied afterwards. A mail that
comes in meanwhile is in the file with its blob, or not at all.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from flask import Flask
from sqlalchemy import Engine, func, select, text

from checkout_desk import clock, faults, migrating
from checkout_desk.backup import cutting
from checkout_desk.backup.container import Refused, Writer
from checkout_desk.backup.sealing import SealedStream
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.storage import Blobs

LOCK = "backup.lock"
ADVISORY_LOCK = 0x4465736C
"""PostgreSQL's advisory locks are numbers; this one is ours"""
AT_MOST = 3
"""times that a new moment is taken because a mail of the last one was erased while it was copied"""


class Busy(Exception):
    """Another backup or restore of this desk runs."""


class _Gone(Exception):
    """A blob of the moment is not there any more."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a finished backup holds."""

    file: Path
    size: int
    at: datetime
    counts: dict[str, int]
    blobs: int
    keys: tuple[str, ...]
    sealed: bool


def make(app: Flask, file: Path, *, passphrase: str = "") -> Made:
    """Write a backup of `app` to `file` (0600), which then is complete and durable; else there is no such file.

    With a `passphrase` it is sealed. Raises Refused with a sentence, Busy, and database errors as they are.
    """
    migrating.import_models()
    with app.app_context(), alone(app.config["DESK_HOME"], db.engine):
        check_target(app, file)
        if (present := migrating.revision()) != (newest := migrating.head()):
            raise Refused(
                f"The database has version {present or 'none'}, this desk {newest}; run: checkout-desk migrate"
            )
        _clear(file)
        clear_home(app.config["DESK_HOME"])
        _check_space(app, file.parent)
        try:
            for left in reversed(range(AT_MOST)):
                try:
                    return _write(app, file, passphrase)
                except _Gone as digest:
                    if not left:
                        raise Refused(
                            f"The blob {digest}, which the database names, is missing; nothing was written. "
                            "checkout-desk doctor says which mails are concerned."
                        ) from None
        except OSError as fault:
            raise Refused(
                f"The backup could not be written: {fault.strerror or fault}. Nothing is left of it."
            ) from None
        raise AssertionError("unreachable")


@contextlib.contextmanager
def alone(home: Path, engine: Engine) -> Iterator[None]:
    """One backup or restore at a time: on this machine, and among machines that share PostgreSQL. Raises Busy."""
    descriptor = os.open(home / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another backup or restore of this desk runs; try again when it is done.") from None
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect() as connection:
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}):
                raise Busy("Another backup or restore of this desk runs; try again when it is done.")
            connection.commit()  # or this transaction would be open as long as the backup takes
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
    finally:
        os.close(descriptor)


def check_target(app: Flask, file: Path) -> None:
    """Raise Refused for a place where a backup must not stand."""
    blobs: Blobs = app.extensions["desk_blobs"]
    folder = file.parent.resolve()
    served = [Path(str(app.static_folder)).resolve(), *([blobs.folder.resolve()] if blobs.folder else [])]
    if file.exists() or file.is_symlink():
        raise Refused(f"{file} exists already; a backup overwrites nothing.")
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    if any(folder.is_relative_to(place) for place in served):
        raise Refused(f"{folder} is served by the desk or holds its mails; choose another folder.")


def _clear(file: Path) -> None:
    """Remove what a backup that was killed left; the lock says that nobody writes there now."""
    for left in file.parent.glob(f".{file.name}.*.part"):
        left.unlink(missing_ok=True)


def clear_home(home: Path) -> None:
    """Remove what a backup or restore that was killed left beside the desk; the lock is held."""
    for left in [*home.glob("restore-*"), *home.glob("backup-*")]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)


def _check_space(app: Flask, folder: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        database = Path(str(db.engine.url.database)).stat().st_size
    else:
        database = int(db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    mails = sum(
        int(db.session.scalar(select(func.coalesce(func.sum(column), 0))) or 0)
        for column in (RawMail.size, OutboundMail.size)
    )
    db.session.remove()
    home: Path = app.config["DESK_HOME"]
    for place, wanted in ((folder, database + mails), (home, database + app.config["DESK_DISK_RESERVE"])):
        free = shutil.disk_usage(place).free
        if free < wanted:
            raise Refused(
                f"{place} has {free // 2**20} MB free, the backup may need {wanted // 2**20 + 1} MB; free space first."
            )


def _write(app: Flask, file: Path, passphrase: str) -> Made:
    home: Path = app.config["DESK_HOME"]
    at, draft = clock.now(), file.with_name(f".{file.name}.{secrets.token_hex(6)}.part")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    writer: Writer | None = None
    try:
        with (
            os.fdopen(descriptor, "w+b") as target,
            tempfile.TemporaryDirectory(prefix="backup-", dir=home) as folder,
        ):
            stream = cast("BinaryIO", SealedStream(target, passphrase)) if passphrase else target
            writer = Writer(stream)
            with cutting.cut(Path(folder)) as moment:
                _fill(app, writer, moment)
                facts = moment.facts
            writer.finish(
                {
                    "made_at": at.isoformat(),
                    "url": app.config["DESK_URL"],
                    "engine": facts.engine,
                    "version": facts.version,
                    "counts": facts.counts,
                    "columns": facts.columns,
                    "sequences": facts.sequences,
                },
                secret=app.config["SECRET_KEY"],
            )
            if passphrase:
                stream.close()
            target.flush()
            faults.fault("backup.before_sync")
            os.fsync(target.fileno())
        _name(draft, file)
    except BaseException:
        if writer:
            writer.abandon()
        raise
    finally:
        draft.unlink(missing_ok=True)
    faults.fault("backup.after_naming")
    members = writer.members
    return Made(
        file=file,
        size=file.stat().st_size,
        at=at,
        counts=facts.counts,
        blobs=sum(name.startswith("blobs/") for name in members),
        keys=tuple(name.removeprefix("keys/") for name in members if name.startswith("keys/")),
        sealed=bool(passphrase),
    )


def _fill(app: Flask, writer: Writer, moment: cutting.Cut) -> None:
    for name, pieces in moment.members():
        writer.add(name, pieces)
    faults.fault("backup.after_database")
    blobs: Blobs = app.extensions["desk_blobs"]
    for digest in sorted(moment.digests()):
        try:
            form, data = blobs.kept(digest)
        except FileNotFoundError:
            raise _Gone(digest) from None
        writer.add(f"blobs/{digest}{form}", [data])
    for name, data in sorted(keys(app).items()):
        writer.add(f"keys/{name}", [data])


def keys(app: Flask) -> dict[str, bytes]:
    """Name -> bytes of the key material: what the settings say, else the files of DESK_HOME/keys."""
    found = {
        path.name: path.read_bytes()
        for path in (app.config["DESK_HOME"] / "keys").glob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    }
    signing = [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    found["secret"] = "\n".join(signing).encode()
    found["crypt"] = "\n".join(app.config["CRYPT_KEYS"]).encode()
    return found


def _name(draft: Path, file: Path) -> None:
    """Give the finished file its name, durably, unless somebody else has it by now."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise Refused(f"{file} exists already; a backup overwrites nothing.") from None
    except OSError:  # a file system without links
        os.rename(draft, file)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
