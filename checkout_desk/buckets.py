"""Blobs in a bucket of S3 or what speaks like it, with the promises of `storage`; and which of the two a desk has."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from checkout_desk import faults
from checkout_desk.config import ConfigError
from checkout_desk.storage import SEALED, Blobs, NoSpace

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
