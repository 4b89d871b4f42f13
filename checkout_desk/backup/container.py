"""The form of a backup: a ZIP of members with names of our own, a manifest of their SHA-256, and its HMAC.

What is read was perhaps written by somebody else (SECURITY A58). Nothing is ever extracted by the name it claims: a member
must have a name of ours, stand in the manifest, be a plain file and hold exactly the bytes that the manifest says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from checkout_desk.backup import sealing

FORM = 1
MANIFEST, MARK = "manifest.json", "manifest.hmac"
NAMES = re.compile(
    r"database\.sqlite|tables/[a-z0-9_]{1,63}|blobs/[0-9a-f]{64}(\.sealed)?|keys/[a-z0-9_][a-z0-9._-]{0,59}"
)
LARGEST_MANIFEST = 2**28
PIECE = 2**20


class Refused(Exception):
    """A sentence: why nothing was written, or nothing was taken from the file."""


def _mark(secret: str, manifest: bytes) -> str:
    key = hashlib.sha256(b"checkout-desk backup manifest:" + secret.encode()).digest()
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


class Writer:
    """Writes members one after the other, then the manifest. Nothing is kept in memory but names and hashes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """One member. Raises ValueError for a name that is not ours."""
        if not NAMES.fullmatch(name):
            raise ValueError(name)
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                member.write(piece)
        self.members[name] = {"size": size, "sha256": digest.hexdigest()}

    def finish(self, about: dict[str, Any], *, secret: str) -> None:
        """Write the manifest and its HMAC under `secret`, and end the ZIP."""
        manifest = json.dumps({"form": FORM, **about, "members": self.members}, sort_keys=True).encode()
        self._zip.writestr(MANIFEST, manifest)
        self._zip.writestr(MARK, _mark(secret, manifest))
        self._zip.close()

    def abandon(self) -> None:
        """Write no more, not even the end of the ZIP."""
        self._zip.fp = None


class Reader:
    """A backup whose outside was looked at: names, kinds and sizes of all members are those of the manifest."""

    def __init__(self, file: Path, *, folder: Path, passphrase: str = "") -> None:
        """`folder` is private and takes the opened file when it is sealed. Raises Refused."""
        try:
            self._stream: BinaryIO = file.open("rb")
            if sealing.is_sealed(self._stream):
                self._stream = self._opened(folder, passphrase)
            self._zip = zipfile.ZipFile(self._stream)
            self._check_members()
        except FileNotFoundError:
            raise Refused(f"There is no file {file}.") from None
        except (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, EOFError) as fault:
            raise Refused(f"{file} is no backup of a desk, or it was cut off or altered ({fault}).") from None

    def _opened(self, folder: Path, passphrase: str) -> BinaryIO:
        if not passphrase:
            raise Refused(
                "The backup is sealed; set DESK_BACKUP_PASSPHRASE to the passphrase it was made with."
            )
        opened = (folder / "opened.zip").open("w+b")
        try:
            sealing.unseal(self._stream, opened, passphrase)
        except sealing.WrongPassphrase:
            raise Refused(
                "The backup does not open: DESK_BACKUP_PASSPHRASE is not its passphrase, or it was altered."
            ) from None
        finally:
            self._stream.close()
        return opened

    def _check_members(self) -> None:
        entries = self._zip.infolist()
        names = [entry.filename for entry in entries]
        if len(set(names)) != len(names):
            raise ValueError("a name stands in it twice")
        for entry in entries:
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG) or entry.is_dir() or entry.flag_bits & 1:
                raise ValueError(f"{entry.filename[:80]!r} is no plain file")
            if entry.filename not in (MANIFEST, MARK) and not NAMES.fullmatch(entry.filename):
                raise ValueError(f"{entry.filename[:80]!r} does not belong in it")
        if (
            self._zip.getinfo(MANIFEST).file_size > LARGEST_MANIFEST
            or self._zip.getinfo(MARK).file_size > 100
        ):
            raise ValueError("its manifest is too large")
        self._manifest = self._zip.read(MANIFEST)
        self.about: dict[str, Any] = json.loads(self._manifest)
        if self.about.get("form") != FORM:
            raise ValueError(f"its form is {self.about.get('form')!r}, this desk reads {FORM}")
        self.members: dict[str, dict[str, Any]] = self.about["members"]
        if odd := {*names} ^ {MANIFEST, MARK, *self.members}:
            raise ValueError(f"{min(odd)[:80]!r} was added or taken away")
        for name, told in self.members.items():
            if self._zip.getinfo(name).file_size != told["size"]:
                raise ValueError(f"{name} has another size")

    def signed_by(self, secrets: Sequence[str]) -> bool:
        """Whether one of `secrets` made the manifest's HMAC."""
        mark = self._zip.read(MARK).decode("ascii", "replace")
        return any(hmac.compare_digest(_mark(secret, self._manifest), mark) for secret in secrets)

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's bytes. Raises Refused at the end when they are not those of the manifest."""
        told, digest, size = self.members[name], hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while (piece := member.read(PIECE)) and size <= told["size"]:
                    digest.update(piece)
                    size += len(piece)
                    yield piece
        except (zipfile.BadZipFile, EOFError, OSError, ValueError) as fault:
            raise Refused(f"{name} in the backup cannot be read ({fault}).") from None
        except Exception as fault:  # zlib.error, which the module does not wrap
            if type(fault).__module__ != "zlib":
                raise
            raise Refused(f"{name} in the backup cannot be read ({fault}).") from None
        if size != told["size"] or digest.hexdigest() != told["sha256"]:
            raise Refused(f"{name} in the backup was altered: its bytes are not those of the manifest.")

    def data(self, name: str) -> bytes:
        """A small member, whole."""
        return b"".join(self.pieces(name))

    def named(self, room: str) -> list[str]:
        """The members of 'blobs', 'tables' or 'keys', in order."""
        return sorted(name for name in self.members if name.startswith(f"{room}/"))

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._stream.close()
