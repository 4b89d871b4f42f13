"""A backup a day into DESK_BACKUP_FOLDER, where that is set. The clock asks every ten minutes whether one is due.

A file gets its final name only after it was verified. Only files with that name count, and of them the newest is never
removed: a desk whose backups fail keeps the last good one for ever.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from flask import Flask, current_app

from checkout_desk import clock
from checkout_desk.backup import making, restoring
from checkout_desk.backup.container import Refused

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=24)
STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"desk-([0-9]{8}T[0-9]{6}Z)\.backup")
DOUBTFUL = ".unverified"


def sweep() -> Path | None:
    """Make and verify a backup when one is due, and remove what is too many. Returns the new file, None when none is due."""
    if not current_app.config["DESK_BACKUP_FOLDER"]:
        return None
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    folder = Path(app.config["DESK_BACKUP_FOLDER"]).expanduser().absolute()
    newest = newest_at(folder)
    # A backup of tomorrow was made while the clock was wrong: it does not put off today's.
    if newest is not None and timedelta() <= clock.now() - newest < EVERY:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"desk-{clock.now().strftime(STAMP)}.backup"
    draft = file.with_name(file.name + DOUBTFUL)
    try:
        making.make(app, draft, passphrase=app.config["DESK_BACKUP_PASSPHRASE"])
        found = restoring.verify(draft, environment=_place(app)).faults
    except making.Busy:
        return None
    except Refused as reason:
        log.error("backup.failed", why=str(reason))
        return None
    if found:
        log.error("backup.not_sound", why=found[:5])
        return None
    draft.rename(file)
    _thin(folder, keep=max(app.config["DESK_BACKUP_KEEP"], 1))
    return file


def newest_at(folder: Path) -> datetime | None:
    """When the newest verified backup of a folder was made; None when there is none."""
    return max((at for at, _ in _verified(folder)), default=None)


def _verified(folder: Path) -> list[tuple[datetime, Path]]:
    return [
        (datetime.strptime(match[1], STAMP).replace(tzinfo=UTC), path)
        for path in folder.glob("desk-*.backup")
        if (match := NAME.fullmatch(path.name))
    ]


def _thin(folder: Path, *, keep: int) -> None:
    """Leave the `keep` newest verified backups, and nothing doubtful: there is a good one now."""
    for _, path in sorted(_verified(folder), reverse=True)[keep:]:
        path.unlink(missing_ok=True)
    for path in folder.glob(f"desk-*.backup{DOUBTFUL}"):
        path.unlink(missing_ok=True)


def _place(app: Flask) -> dict[str, str]:
    names = (
        "DESK_HOME",
        "DATABASE_URL",
        "REDIS_URL",
        "DESK_SECRET_KEY",
        "DESK_BACKUP_PASSPHRASE",
        "DESK_LOG",
    )
    return {name: str(app.config[name] or "") for name in names}
