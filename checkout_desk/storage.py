"""Content-addressed blobs: raw mails and attachments, each named by the SHA-256 of its content.

They are kept in a folder, or in a bucket of S3 or what speaks like it. A blob is there for good (file and folder synced,
or the PUT answered) before `put` returns, so whoever commits a row that names it may acknowledge the mail. A blob that
holds a card number is sealed: kept encrypted under the same name.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from checkout_desk import faults
from checkout_desk.config import ConfigError

SEALED = ".sealed"


class NoSpace(Exception):
    """Free space is below the reserve or the disk refused the write: nothing was stored, refuse the mail."""


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
        return MultiFernet([Fernet(key) for key in self.keys])

    def reseal(self, digest: str) -> bool:
        """Encrypt a sealed blob with the newest key. Returns whether an older one held it."""
        if not self.sealed(digest):
            return False
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


RECENT = 3600.0
"""seconds for which a blob in a bucket counts as put just now, so that putting it twice costs one request"""
ASIDE = ".aside"
FORMS = ("", SEALED, ASIDE, ASIDE + SEALED)


class S3Blobs(Blobs):
    """The same in a bucket: `s3://bucket/prefix?endpoint=https://…&region=…`, with credentials from the environment.

    A bucket has no rename, so `discard` takes an orphan aside for a day, where `get` still finds it: whoever put the same
    bytes at that very moment has lost nothing.
    """

    def __init__(self, url: str, *, keys: list[str]) -> None:
        """Nothing is asked of the bucket yet. Raises ConfigError where boto3 is not installed."""
        if importlib.util.find_spec("boto3") is None:
            raise ConfigError(
                "BLOB_URL: s3:// needs boto3, which is not installed; run: pip install 'checkout-desk[s3]'."
            )
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        self.folder = None
        self.reserve = 0
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._endpoint, self._region = (asked.get(name, [""])[0] or None for name in ("endpoint", "region"))
        self.keys = keys
        self._made: tuple[int, Any] = (0, None)

    def free(self) -> int:
        """A bucket is never full."""
        return 2**62

    def check_space(self, size: int = 0) -> None:
        """Nothing to check: a bucket that refuses says so at `put`."""

    def put(self, data: bytes) -> str:
        """Store `data` durably and return its SHA-256 in hex. Raises NoSpace when the bucket refuses or does not answer."""
        digest = hashlib.sha256(data).hexdigest()
        if not any(self._touched(digest + form) for form in ("", SEALED)):
            self._send(digest, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The blob's bytes, unsealed if need be. Raises FileNotFoundError, and OSError when the bucket does not answer."""
        form, data = self.kept(digest)
        return self._fernet.decrypt(data) if form else data

    def kept(self, digest: str) -> tuple[str, bytes]:
        """The form in which the blob is kept ('' or SEALED) and its bytes in it. Raises as `get`."""
        for form in FORMS:
            data = self._fetched(digest + form)
            if data is not None:
                return (SEALED if form.endswith(SEALED) else ""), data
        raise FileNotFoundError(digest)

    def bring(self, digest: str, form: str, data: bytes) -> None:
        """Keep durably what `kept` gave elsewhere; nothing happens where that form is here already."""
        if not self._touched(digest + form):
            self._send(digest + form, data)

    def exists(self, digest: str) -> bool:
        """Whether a blob of that name is kept in any form."""
        return any(self._head(digest + form) is not None for form in FORMS)

    def sealed(self, digest: str) -> bool:
        """Whether the blob is kept encrypted."""
        return self._head(digest + SEALED) is not None

    def seal(self, digest: str) -> None:
        """Keep the blob encrypted from now on; repeating it is harmless."""
        plain = self._fetched(digest)
        if plain is not None:
            self._send(digest + SEALED, self._fernet.encrypt(plain))
            self._drop(digest)

    def _replace(self, name: str, data: bytes) -> None:
        self._send(name, data)

    def delete(self, digest: str) -> None:
        """Remove the blob in every form; repeating it is harmless."""
        for form in FORMS:
            self._drop(digest + form)

    def names(self) -> Iterator[str]:
        """Every digest that is kept."""
        pages = (
            self._s3().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._key(""))
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                yield entry["Key"].rpartition("/")[2].partition(".")[0]

    def last_put(self, digest: str) -> float:
        """When the blob was last put, in seconds since the epoch; infinity when there is none of that name."""
        heads = [head for form in FORMS if (head := self._head(digest + form)) is not None]
        return max(heads, default=float("inf"))

    def discard(self, digest: str, *, before: float) -> bool:
        """Take a blob that no row names aside; remove it when it has been aside since `before`. Returns whether it moved."""
        gone = False
        for form in reversed(FORMS):  # what is taken aside now is not looked at again
            put = self._head(digest + form)
            if put is None or put >= before:
                continue
            if not form.startswith(ASIDE):
                source = {"Bucket": self._bucket, "Key": self._key(digest + form)}
                self._s3().copy_object(
                    Bucket=self._bucket, Key=self._key(digest + ASIDE + form), CopySource=source
                )
            self._drop(digest + form)
            gone = True
        return gone

    # -- requests -------------------------------------------------------------------------------------------

    def _s3(self) -> Any:
        """The client of this process: one that was made before a fork shares its connections."""
        if self._made[0] != os.getpid():
            import boto3  # a third of a second that a desk with a folder need not pay
            from botocore.config import Config

            told = Config(
                connect_timeout=5, read_timeout=30, max_pool_connections=32,
                retries={"max_attempts": 3, "mode": "standard"},
                request_checksum_calculation="when_required",  # what only speaks like S3 may not know them
                response_checksum_validation="when_required",
            )  # fmt: skip
            client = boto3.session.Session().client(
                "s3", endpoint_url=self._endpoint, region_name=self._region, config=told
            )
            self._made = (os.getpid(), client)
        return self._made[1]

    def _key(self, name: str) -> str:
        parts = [self._prefix] if self._prefix else []
        return "/".join([*parts, name[:2], name] if name else [*parts, ""])

    def _head(self, name: str) -> float | None:
        """When the object was last modified, None when there is none."""
        from botocore.exceptions import ClientError

        try:
            found = self._s3().head_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as fault:
            if _is_missing(fault):
                return None
            raise
        modified: float = found["LastModified"].timestamp()
        return modified

    def _touched(self, name: str) -> bool:
        """Mark an object as put now; False when there is none."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            put = self._head(name)
            if put is None:
                return False
            if put < time.time() - RECENT:
                here = {"Bucket": self._bucket, "Key": self._key(name)}
                marked = {"put": str(int(time.time()))}
                self._s3().copy_object(**here, CopySource=here, Metadata=marked, MetadataDirective="REPLACE")
        except ClientError as fault:
            if _is_missing(fault):
                return False
            raise NoSpace(_words(fault)) from None
        except BotoCoreError as fault:
            raise NoSpace(_words(fault)) from None
        return True

    def _send(self, name: str, data: bytes) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        check = b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        try:
            faults.fault("storage.write")
            self._s3().put_object(Bucket=self._bucket, Key=self._key(name), Body=data, ContentMD5=check)
        except (BotoCoreError, ClientError, OSError) as fault:
            raise NoSpace(_words(fault)) from None

    def _fetched(self, name: str) -> bytes | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._s3().get_object(Bucket=self._bucket, Key=self._key(name))
            data: bytes = answer["Body"].read()
        except ClientError as fault:
            if _is_missing(fault):
                return None
            raise OSError(_words(fault)) from None
        except BotoCoreError as fault:
            raise OSError(_words(fault)) from None
        return data

    def _drop(self, name: str) -> None:
        self._s3().delete_object(Bucket=self._bucket, Key=self._key(name))


def _is_missing(fault: Any) -> bool:
    return str(fault.response.get("Error", {}).get("Code")) in ("404", "NoSuchKey", "NotFound")


def _words(fault: Exception) -> str:
    """What went wrong, without the request: it names keys."""
    response = getattr(fault, "response", None) or {}
    return f"the bucket did not take part ({response.get('Error', {}).get('Code') or type(fault).__name__})"


def open_blobs(where: Path | str, *, keys: list[str], reserve: int = 0) -> Blobs:
    """The blobs that BLOB_URL names: a folder, or a bucket. Raises ConfigError when that cannot be."""
    return S3Blobs(where, keys=keys) if isinstance(where, str) else Blobs(where, keys=keys, reserve=reserve)
