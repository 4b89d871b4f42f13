"""Content-addressed blobs: raw mails and attachments, each named by the SHA-256 of its content.

They are kept in a folder (here), or in a bucket (`buckets.py`). A blob is there for good (file and folder synced, or the PUT
answered) before `put` returns, so whoever commits a row that names it may acknowledge the mail. A blob that
holds a card number is sealed: kept encrypted under the same name.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from checkout_desk import faults

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SEALED = ".sealed"


class NoSpace(Exception):
    """Free space is below the reserve or the disk refused the write: nothing was stored, refuse the mail."""


@dataclass(frozen=True, slots=True)
class Storing:
    """A blob on its way to the disk, of this name."""

    digest: str
    done: Future[str]

    def wait(self) -> None:
        """Return when the blob is there for good: nobody commits a row that names it before. Raises NoSpace as `put`."""
        self.done.result()


@cache
def _waiting() -> ThreadPoolExecutor:
    """The threads that wait for the disk, made when the first is needed."""
    return ThreadPoolExecutor(4, thread_name_prefix="storing")


class Blobs:
    """The blob folder. Safe for any number of processes; the same content is stored once."""

    folder: Path | None
    """where they are on this machine; None in a bucket"""
    before_use: Callable[[], None] | None = None
    """called before the keys are used, which may have changed"""

    def __init__(self, root: Path, *, keys: list[str], reserve: int = 0) -> None:
        """`root` is made when missing (0700); `keys` are Fernet keys, newest first; `reserve` is in bytes."""
        self.root = self.folder = root
        self.reserve = reserve
        self.keys = keys
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _fernet(self) -> MultiFernet:
        """With the keys as they are now: a rotation changes the list that was given (`secrets.refresh`)."""
        if self.before_use:
            self.before_use()
        from cryptography.fernet import Fernet, MultiFernet  # sealed blobs are rare, and it takes 8 MB

        return MultiFernet([Fernet(key) for key in self.keys])

    def reseal(self, digest: str) -> bool:
        """Encrypt a sealed blob with the newest key. Returns whether an older one held it."""
        if not self.sealed(digest):
            return False
        from cryptography.fernet import Fernet, InvalidToken

        _, token = self.kept(digest)
        box = self._fernet
        try:
            Fernet(self.keys[0]).decrypt(token)
        except InvalidToken:
            try:
                self._replace(digest + SEALED, box.rotate(token))
            except InvalidToken:  # of a key that is gone: stays as it is
                return False
            return True
        return False

    def _replace(self, name: str, data: bytes) -> None:
        self._write(self.path(name).parent / name, data)

    def path(self, digest: str) -> Path:
        """Where the plain blob of this name is or would be."""
        return self.root / digest[:2] / digest

    def free(self) -> int:
        """Bytes that may still be written before the reserve is touched (negative when it is)."""
        return shutil.disk_usage(self.root).free - self.reserve

    def check_space(self, size: int = 0) -> None:
        """Raise NoSpace when `size` more bytes would touch the reserve."""
        if self.free() < size:
            raise NoSpace(f"less than {self.reserve // 2**20} MB would stay free")

    def put(self, data: bytes) -> str:
        """Store `data` durably and return its SHA-256 in hex. Raises NoSpace when the disk refuses."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if _touch(target) or _touch(target.with_name(digest + SEALED)):
            return digest
        self._write(target, data)
        return digest

    def begin(self, data: bytes) -> Storing:
        """As `put`, while the caller goes on: the disk takes longer than the rows that name the blob."""
        return Storing(hashlib.sha256(data).hexdigest(), _waiting().submit(self.put, data))

    def get(self, digest: str) -> bytes:
        """The blob's bytes, unsealed if need be. Raises FileNotFoundError when there is none of that name."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            return self._fernet.decrypt(self.path(digest).with_name(digest + SEALED).read_bytes())

    def kept(self, digest: str) -> tuple[str, bytes]:
        """The form in which the blob is kept ('' or SEALED) and its bytes in it. Raises FileNotFoundError."""
        try:
            return "", self.path(digest).read_bytes()
        except FileNotFoundError:
            return SEALED, self.path(digest).with_name(digest + SEALED).read_bytes()

    def bring(self, digest: str, form: str, data: bytes) -> None:
        """Keep durably what `kept` gave elsewhere; nothing happens where that form is here already."""
        target = self.path(digest).with_name(digest + form)
        if not _touch(target):
            self._write(target, data)

    def unsealed(self, data: bytes) -> bytes:
        """What the SEALED form of a blob holds. Raises cryptography's InvalidToken for another key."""
        return self._fernet.decrypt(data)

    def exists(self, digest: str) -> bool:
        """Whether a blob of that name is kept, plain or sealed."""
        return self.path(digest).exists() or self.sealed(digest)

    def sealed(self, digest: str) -> bool:
        """Whether the blob is kept encrypted."""
        return self.path(digest).with_name(digest + SEALED).exists()

    def seal(self, digest: str) -> None:
        """Keep the blob encrypted from now on; repeating it is harmless."""
        plain = self.path(digest)
        if plain.exists():
            self._write(plain.with_name(digest + SEALED), self._fernet.encrypt(plain.read_bytes()))
            plain.unlink(missing_ok=True)

    def delete(self, digest: str) -> None:
        """Remove the blob in either form; repeating it is harmless."""
        self.path(digest).unlink(missing_ok=True)
        self.path(digest).with_name(digest + SEALED).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every digest that is kept."""
        for path in self.root.glob("??/*"):
            if not path.name.startswith("."):
                yield path.name.removesuffix(SEALED)

    def last_put(self, digest: str) -> float:
        """When the blob was last put, in seconds since the epoch; infinity when there is none of that name."""
        return max((path.stat().st_mtime for path in self._forms(digest)), default=float("inf"))

    def discard(self, digest: str, *, before: float) -> bool:
        """Remove a blob that no row names, unless somebody put it since `before`. Returns whether it is gone.

        `put` trusts a blob that exists and marks it as put now; so it is first taken aside and then looked at: either
        the mark is seen and the blob goes back, or `put` finds nothing to mark and writes it again.
        """
        gone = False
        for path in self._forms(digest):
            aside = path.with_name(f".{digest}.{secrets.token_hex(4)}")
            try:
                os.rename(path, aside)
            except FileNotFoundError:
                continue
            if aside.stat().st_mtime < before:
                aside.unlink()
                gone = True
            else:
                os.rename(aside, path)
        return gone

    def _forms(self, digest: str) -> list[Path]:
        plain = self.path(digest)
        return [path for path in (plain, plain.with_name(digest + SEALED)) if path.exists()]

    def _write(self, target: Path, data: bytes) -> None:
        draft = target.with_name(f".{secrets.token_hex(12)}")
        try:
            if not target.parent.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(self.root)
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                faults.fault("storage.write")
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                faults.fault("storage.sync")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.rename(draft, target)
            _sync_folder(target.parent)
        except OSError as fault:
            # A failed fsync may have dropped pages: never retry on the same file, refuse and let the sender repeat.
            draft.unlink(missing_ok=True)
            raise NoSpace(fault.strerror or "the disk refused the write") from fault


def _touch(path: Path) -> bool:
    """Mark a blob as put now; False when there is none. See `Blobs.discard`."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
