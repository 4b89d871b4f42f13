"""Mails from files: .eml, mbox, maildir and standard input, by the same way in as every other mail.

The import runs ahead of itself: while one batch is being understood, the blobs of the next are already being synced to
the disk by a few threads, and the rows of a batch are one commit. A row is still committed after its own blob is durable,
and a line reported after its row's commit and, but for `--later`, after the understanding's own.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Protocol

from flask import current_app
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from checkout_desk import clock, faults
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import RawMail
from checkout_desk.mail.quarantine import header_block, megabytes, too_large
from checkout_desk.mail.receiving import Receipt, blobs, receive
from checkout_desk.queue import later

BATCH_MAILS = 64
BATCH_BYTES = 16 * 2**20
SYNCERS = 4
SUFFIXES = (".eml", ".mbox", ".mbx")
"""what is taken from a folder that is no maildir; a file that is named is taken whatever it is called"""


IMPORTING = 0x696D706F
"""the advisory lock of PostgreSQL that batches of an import take one after the other"""


class Understood(Protocol):
    """What understanding one raw mail came to."""

    @property
    def outcome(self) -> str:
        """'taken_in', 'duplicate' (the same message by another way) or 'unreadable'."""

    @property
    def conversation_id(self) -> int | None:
        """Where the mail is now."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """What became of one mail: 'stored', 'duplicate' or 'quarantined' (too large: its header and a note were stored)."""

    file: str
    outcome: str
    raw_id: int
    conversation: int | None = None

    def as_json(self) -> dict[str, object]:
        """The line that the command prints (SPEC section 10)."""
        return {"file": self.file, "outcome": self.outcome, "conversation": self.conversation}


Understand = Callable[[int, bytes], Understood]
"""understands and files one raw mail: (raw id, its bytes)"""
Whereabouts = Callable[[Sequence[int]], Mapping[int, int]]
"""raw ids -> the conversations of those that are in one"""


def mails_in(path: str, *, limit: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Every mail under `path` with the name to report it by, in a fixed order, one at a time.

    `path` is a file with one mail, an mbox, a maildir, a folder with such files and maildirs, or '-' for one mail on
    standard input. Of a mail above `limit` bytes the first limit + 1 are given, so that a file of any size passes
    through little memory and is still known as too large. Raises OSError for what cannot be read.
    """
    if path == "-":
        yield "-", sys.stdin.buffer.read(-1 if limit is None else limit + 1)
        return
    root = Path(path)
    for file in _files(root) if root.is_dir() else [root]:
        with file.open("rb") as source:
            if source.peek(5)[:5] == b"From ":
                for number, mail in enumerate(split_mbox(source, limit=limit), start=1):
                    yield f"{file}#{number}", mail
            else:
                yield str(file), source.read(-1 if limit is None else limit + 1)


def _files(folder: Path) -> Iterator[Path]:
    """The mail files of a folder: in a maildir all of new/ and cur/, elsewhere those with a mail's suffix."""
    maildir = (folder / "cur").is_dir() and (folder / "new").is_dir()
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if maildir and entry.name in ("cur", "new"):
                yield from sorted(file for file in entry.iterdir() if file.is_file() and file.name[0] != ".")
            elif not (maildir and entry.name == "tmp") and not entry.is_symlink():
                yield from _files(entry)
        elif not maildir and entry.suffix.lower() in SUFFIXES:
            yield entry


# A separator has a time and a year, or nothing but a sender: "From time to time" in a body is no separator.
_SEPARATOR = re.compile(rb"From (?:.*\d{1,2}:\d\d.*\d{4}.*|\S+[ \t]*)\r?\n?\Z")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_QUOTED = re.compile(rb">+From ")
_EMPTY = (b"\n", b"\r\n")


def split_mbox(source: BinaryIO, *, limit: int | None = None) -> Iterator[bytes]:
    """The mails of an mbox, without separator lines and with `>From ` unquoted (mboxo and mboxrd, RFC 4155).

    A separator stands at the start or after an empty line, and a header field follows it; anything else that begins with
    `From ` is text. The empty line before a separator is the separator's.
    """
    mail: list[bytes] | None = None
    size = 0
    after_empty = True
    line = source.readline()
    while line:
        following = source.readline()
        if (
            after_empty
            and _SEPARATOR.match(line)
            and (_FIELD.match(following) or following in (b"", *_EMPTY))
        ):
            if mail is not None:
                yield _ended(mail, limit)
            mail, size, after_empty = [], 0, False
            line = following
            continue
        after_empty = line in _EMPTY
        if mail is None:
            mail = []
        if limit is None or size <= limit:
            mail.append(line[1:] if _QUOTED.match(line) else line)
            size += len(mail[-1])
        line = following
    if mail is not None:
        yield _ended(mail, limit)


def _ended(lines: list[bytes], limit: int | None) -> bytes:
    whole = b"".join(lines[:-1] if lines and lines[-1] in _EMPTY and len(lines) > 1 else lines)
    return whole if limit is None else whole[: limit + 1]


def import_mail(name: str, data: bytes, *, understand: Understand | None = None) -> ImportLine:
    """Keep one mail and have it understood before returning; without `understand` that is left to the workers.

    Raises NoSpace and database errors: then this mail does not count as imported, and importing it again is right.
    """
    content = _as_kept(data)
    receipt = receive(content, door="import", wake=understand is None)
    return _line(name, content, receipt, understand, quarantined=content is not data)


def _as_kept(data: bytes) -> bytes:
    """`data` itself, or the substitute for a mail that is too large."""
    limit: int = current_app.config["DESK_MAX_MAIL"]
    if len(data) <= limit:
        return data
    # Said without the file's name and exact size, so that the same mail imported again makes the same note.
    size = f"more than {megabytes(limit)}"
    where = "The whole mail is in the file that it was imported from."
    return too_large(header_block(data), size=size, limit=limit, where=where)


def _line(
    name: str, data: bytes, receipt: Receipt, understand: Understand | None, *, quarantined: bool
) -> ImportLine:
    outcome = "quarantined" if quarantined and receipt.outcome == "stored" else receipt.outcome
    if understand is None:
        return ImportLine(name, outcome, receipt.raw_id)
    found = understand(receipt.raw_id, data)
    if (outcome, found.outcome) == ("stored", "duplicate"):
        outcome = "duplicate"
    return ImportLine(name, outcome, receipt.raw_id, found.conversation_id)


def import_mails(
    mails: Iterable[tuple[str, bytes]],
    *,
    understand: Understand | None = None,
    whereabouts: Whereabouts | None = None,
) -> Iterator[ImportLine]:
    """`import_mail` for many, in their order, with the next batch's blobs on their way to the disk meanwhile.

    `whereabouts` finds the conversations of mails that were known already. Raises as `import_mail` does; what was
    reported until then is kept.
    """
    with ThreadPoolExecutor(SYNCERS, thread_name_prefix="import") as pool:
        ahead: list[_Prepared] = []
        for batch in _batches(mails):
            prepared = _prepare(batch, pool)
            yield from _finish(ahead, understand=understand, whereabouts=whereabouts)
            ahead = prepared
        yield from _finish(ahead, understand=understand, whereabouts=whereabouts)


@dataclass(slots=True)
class _Prepared:
    """One mail of a batch: known already (`raw_id`), or with its blob on the way to the disk."""

    name: str
    data: bytes
    digest: str
    quarantined: bool
    raw_id: int | None = None
    blob: Future[str] | None = None


def _batches(mails: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    weight = 0
    for name, data in mails:
        batch.append((name, data))
        weight += len(data)
        if len(batch) == BATCH_MAILS or weight > BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _prepare(batch: list[tuple[str, bytes]], pool: ThreadPoolExecutor) -> list[_Prepared]:
    prepared = []
    for name, data in batch:
        content = _as_kept(data)
        digest = hashlib.sha256(content).hexdigest()
        prepared.append(_Prepared(name, content, digest, quarantined=content is not data))
    known = {
        row.sha256: row for row in db.session.execute(_KNOWN, {"digests": [one.digest for one in prepared]})
    }
    db.session.rollback()
    store = blobs()
    room = store.free() - sum(len(one.data) for one in prepared) >= 0
    for one in prepared:
        row = known.get(one.digest)
        if (
            row is None
        ):  # without room nothing is written ahead: the first that does not fit says so, in its turn
            one.blob = pool.submit(store.put, one.data) if room else None
        elif row.state != "received":  # what was received and never understood goes the whole way again
            one.raw_id = row.id
    return prepared


def _finish(
    batch: list[_Prepared], *, understand: Understand | None, whereabouts: Whereabouts | None
) -> Iterator[ImportLine]:
    kept = _keep(_durable(batch), wake=understand is None)
    known = [entry.raw_id for entry in batch if entry.raw_id is not None]
    places = whereabouts(known) if known and whereabouts else {}
    for entry in batch:
        if entry.raw_id is not None:
            yield ImportLine(entry.name, "duplicate", entry.raw_id, places.get(entry.raw_id))
        elif entry.digest in kept:
            receipt = Receipt(kept.pop(entry.digest), "stored")
            yield _line(entry.name, entry.data, receipt, understand, quarantined=entry.quarantined)
        elif entry.blob and (fault := entry.blob.exception()):
            raise fault
        else:
            yield import_mail(entry.name, entry.data, understand=understand)


def _durable(batch: list[_Prepared]) -> list[_Prepared]:
    """The mails whose blobs are on the disk, up to the first that the disk refused."""
    sent = [entry for entry in batch if entry.blob]
    return list(takewhile(lambda entry: entry.blob is not None and entry.blob.exception() is None, sent))


def _keep(batch: list[_Prepared], *, wake: bool) -> dict[str, int]:
    """Commit the rows of a batch at once and return digest -> id of those that are new.

    Where another importer was faster with one of them, nothing is kept here: each then goes its own way.
    """
    if not batch:
        return {}
    now = clock.now()
    rows = {
        entry.digest: {
            "sha256": entry.digest,
            "size": len(entry.data),
            "door": "import",
            "received_at": now,
            "state": "received",
            "attempts": 0,
        }
        for entry in batch
    }
    begin_write()
    try:
        for row in db.session.execute(_KNOWN, {"digests": list(rows)}):
            del rows[row.sha256]
        if not rows:
            db.session.rollback()
            return {}
        if db.engine.dialect.name == "postgresql":
            # One batch at a time, as SQLite has it anyway: two imports of the same mails in another order would else wait
            # for each other crosswise. The rows keep the order of the file.
            db.session.execute(select(func.pg_advisory_xact_lock(IMPORTING)))
        added = db.session.execute(insert(RawMail).returning(RawMail.sha256, RawMail.id), list(rows.values()))
        kept = {row.sha256: row.id for row in added}
        if wake:
            for raw_id in kept.values():
                later("take_in", raw_id)
        faults.fault("import.before_commit")
        db.session.commit()
        faults.fault("import.after_commit")
    except IntegrityError:
        db.session.rollback()
        return {}
    return kept


_KNOWN = select(RawMail.sha256, RawMail.id, RawMail.state).where(
    RawMail.sha256.in_(bindparam("digests", expanding=True))
)
