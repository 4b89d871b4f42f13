"""The case file of an order: everything that the desk keeps about it as one ZIP that proves itself.

Two exports of an unchanged order differ in nothing but the time of the export and the head of the record, both of
which stand in manifest.json alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders.models import Order
from checkout_desk.records import order_json, papers, timeline, verify
from checkout_desk.records.gathering import EXPORTED, Gathered, gather
from checkout_desk.records.plain import instant

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""the time of every file in the ZIP: their own times would make each export another one"""
_FILE = (0o100644 & 0xFFFF) << 16
README = """Order {number}: everything that the desk kept about it on the day of the export.

timeline.html   what happened, to be read in a browser; timeline.pdf is the same
order.json      the same for programs: amounts in minor units with their currency, times in UTC
mails/          each mail as it came or left (.eml), and what we sent as people saw it
papers/         quotes, labels, packing slips, customs papers
payments/       what payment providers told us
returns/        pictures that the customer sent
manifest.json   SHA-256 and size of every file, how the record of events ended, and what was left out and why
verify.py       checks that nothing was altered, taken out or put in: python3 verify.py
"""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """An order's files, each with the function that makes it, and what was left out."""

    found: Gathered
    files: dict[str, Callable[[], bytes]]
    withheld: list[dict[str, Any]]

    @property
    def number(self) -> int:
        """The number of the order."""
        return self.found.order.number


def gather_files(order: Order) -> CaseFile:
    """Read all that belongs to `order`; its files are made when they are written."""
    found = gather(order)
    collected = papers.collect(found)
    named = collected.named
    shown, told = timeline.facts(found, named), timeline.entries(found, named)
    last = max((m.at for m in found.messages), default=order.created_at)
    files = {
        **collected.make,
        "order.json": lambda: order_json.written(order_json.document(found, named)),
        "timeline.html": lambda: timeline.html(shown, told),
        "timeline.pdf": lambda: timeline.pdf(shown, told, at=last),
        "verify.py": lambda: Path(verify.__file__).read_bytes(),
        "README.txt": lambda: README.format(number=order.number).encode(),
    }
    return CaseFile(found, files, collected.withheld)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an export."""

    manifest_sha256: str
    files: int
    size: int


def write(case: CaseFile, out: BinaryIO, *, at: datetime | None = None) -> Written:
    """Write the ZIP to `out`, which can seek. The files come in the order of their names, the manifest last."""
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted(case.files):
            data = case.files[name]()
            listed[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            packed.writestr(_member(name), data)
        manifest = json.dumps(
            _manifest(case, listed, at or clock.now()), ensure_ascii=False, indent=1
        ).encode()
        packed.writestr(_member(verify.MANIFEST), manifest)
    return Written(hashlib.sha256(manifest).hexdigest(), len(listed) + 1, out.tell())


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = _FILE
    info.create_system = 3
    return info


def _manifest(case: CaseFile, listed: dict[str, Any], at: datetime) -> dict[str, Any]:
    head = case.found.head
    chain = {"event": head.seq, "hash": head.hash, "at": instant(head.at)}
    return {
        "format": verify.FORMAT,
        "version": verify.VERSION,
        "order": case.number,
        "exported": {"at": instant(at.astimezone(UTC)), "chain": chain},
        "files": listed,
        "withheld": case.withheld,
    }


def note(case: CaseFile, written: Written) -> None:
    """Record the export with the hash of its manifest, so that a file made up as a whole is found. Commits."""
    order_id = case.found.order.id
    db.session.rollback()
    begin_write()
    record(
        EXPORTED,
        about=("order", order_id),
        after={"sha256": written.manifest_sha256, "files": written.files, "bytes": written.size},
    )
    db.session.commit()


class Exists(Exception):
    """There is a file of that name already."""


def write_zip(order: Order, path: Path, *, force: bool = False) -> Written:
    """The case file of `order` at `path`: all of it or nothing (written aside, synced, renamed). Commits.

    Raises Exists where there is a file and not `force`, OSError where it cannot be written.
    """
    if path.exists() and not force:
        raise Exists(str(path))
    with _draft(path) as draft:
        case = gather_files(order)
        with draft.open("x+b") as out:
            written = write(case, out)
            out.flush()
            os.fsync(out.fileno())
        note(case, written)
        if force:
            os.replace(draft, path)
        else:
            _link(draft, path)
        _sync(path.parent)
    return written


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A name beside `path` that nothing has, removed again whatever happens."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    """As a rename that replaces nothing, also when somebody made the file meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise Exists(str(path)) from None
    except OSError:  # a file system without links
        os.rename(draft, path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
