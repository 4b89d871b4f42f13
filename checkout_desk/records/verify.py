"""Checks the case file of an order: that no file in it was altered, taken out or put in since it was written.

    python3 verify.py              checks the unpacked folder that this script lies in
    python3 verify.py 1042.zip     checks a ZIP (or another unpacked folder) without unpacking it

Nothing but Python 3.7 or newer is needed, no network and no desk. Every file is held against manifest.json, which
lists the SHA-256 and the size of each. The manifest itself has a SHA-256 too, printed at the end: the desk that wrote
the file keeps it in its record of events, so that a file made up as a whole is found as well.

Exit code: 0 when all is as it was written, 1 when something is wrong, 2 when it is no case file at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

FORMAT, VERSION = "checkout-desk/order-file", 1
MANIFEST = "manifest.json"
MOST_FILES, MOST_BYTES, MOST_RATIO, MANIFEST_BYTES = 20000, 4 * 2**30, 1000, 32 * 2**20
_PIECE = 2**20
_HASH = re.compile("[0-9a-f]{64}")


class Refused(Exception):
    """What was given is no case file, or one that nobody should unpack. The message says why."""


class Checked:
    """What a check came to: the manifest as it was read, its SHA-256, and a sentence for each fault."""

    def __init__(self, manifest: dict[str, Any], sha256: str, faults: list[str]) -> None:
        self.manifest = manifest
        self.sha256 = sha256
        self.faults = faults


def check(path: str) -> Checked:
    """Compare a ZIP or an unpacked folder with its manifest. Returns Checked; raises Refused for anything else."""
    source = _Folder(path) if os.path.isdir(path) else _Zip(path)
    with source:
        names = source.names()
        if MANIFEST not in names:
            raise Refused(f"It has no {MANIFEST}, so it is not the case file of an order.")
        data = source.whole(MANIFEST, MANIFEST_BYTES)
        manifest = _manifest(data)
        files = manifest["files"]
        faults = [f"{name} is missing." for name in sorted(files) if name not in names]
        faults += [
            f"{n} was added; the manifest does not list it."
            for n in sorted(names)
            if n not in files and n != MANIFEST
        ]
        for name in sorted(set(files) & set(names)):
            wrong = _compare(source, name, files[name])
            if wrong:
                faults.append(wrong)
        faults += source.leftovers()
    return Checked(manifest, hashlib.sha256(data).hexdigest(), faults)


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(f"Its {MANIFEST} cannot be read: it is not JSON in UTF-8.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Refused(f"Its {MANIFEST} is of something else; expected the format {FORMAT}.")
    if found.get("version") != VERSION:
        raise Refused(f"It has version {found.get('version')!r}; this script knows version {VERSION}.")
    files = found.get("files")
    if not isinstance(files, dict) or not all(_listed(name, one) for name, one in files.items()):
        raise Refused(f"Its {MANIFEST} is damaged: each file needs a safe name, a sha256 and a size.")
    return found


def _listed(name: str, one: Any) -> bool:
    if not isinstance(one, dict) or _danger(name) or name == MANIFEST:
        return False
    size, digest = one.get("size"), one.get("sha256")
    return type(size) is int and size >= 0 and isinstance(digest, str) and bool(_HASH.fullmatch(digest))


def _compare(source: Any, name: str, listed: dict[str, Any]) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        for piece in source.pieces(name):
            size += len(piece)
            if size > listed["size"]:
                break
            digest.update(piece)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return f"{name} was altered: it cannot be read any more."
    if size != listed["size"]:
        how = "longer" if size > listed["size"] else "shorter"
        return f"{name} was altered: it is {how} than the {listed['size']} bytes it had."
    if digest.hexdigest() != listed["sha256"]:
        return f"{name} was altered: its SHA-256 is {digest.hexdigest()}, not {listed['sha256']}."
    return ""


def _danger(name: str) -> str:
    """Why nobody should unpack a file of that name, '' where there is nothing to fear."""
    if not name or len(name) > 200 or any(ord(c) < 32 or ord(c) == 127 for c in name):
        return "a name that is empty, too long or holds control characters"
    if name.startswith("/") or "\\" in name or ":" in name:
        return "a name that leads to another place"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "a name that leads out of its folder"
    return ""


class _Zip:
    """A ZIP, looked at before anything in it is read."""

    def __init__(self, path: str) -> None:
        try:
            self._file = zipfile.ZipFile(path)
        except OSError as fault:
            raise Refused("It cannot be opened: %s." % (fault.strerror or fault)) from None
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise Refused("It is not a ZIP, or only a part of one.") from None
        self._path = path

    def __enter__(self) -> _Zip:
        self._infos: dict[str, zipfile.ZipInfo] = {}
        try:
            self._look()
        except Refused:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _look(self) -> None:
        infos = self._file.infolist()
        if len(infos) > MOST_FILES:
            raise Refused(f"It holds {len(infos)} files; a case file has at most {MOST_FILES}.")
        total = 0
        for info in infos:
            name = info.orig_filename
            why = _danger(name) or self._odd(info)
            if why:
                raise Refused(f"It holds “{name[:80]}”, {why}; nothing of it should be unpacked.")
            if name.casefold() in self._infos:
                raise Refused(f"It holds “{name[:80]}” twice; nobody can say which one counts.")
            self._infos[name.casefold()] = info
            total += info.file_size
            if total > MOST_BYTES or info.file_size > MOST_RATIO * (info.compress_size + 100):
                raise Refused(
                    "Unpacked it would be far larger than a case file is; nothing of it was unpacked."
                )

    @staticmethod
    def _odd(info: zipfile.ZipInfo) -> str:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind == stat.S_IFLNK:
            return "a link to another place"
        if kind not in (0, stat.S_IFREG):
            return "which is no plain file"
        if info.flag_bits & 1:
            return "which is encrypted"
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return "which is packed in a way that is not used here"
        return ""

    def names(self) -> set[str]:
        return {info.orig_filename for info in self._infos.values()}

    def whole(self, name: str, most: int) -> bytes:
        """The bytes of one file. Raises Refused where they are more than `most` or cannot be read."""
        found = b""
        try:
            for piece in self.pieces(name):
                found += piece
                if len(found) > most:
                    raise Refused(f"Its {name} is larger than {most // 2**20} MB.")
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            raise Refused(f"Its {name} cannot be read: the ZIP is damaged.") from None
        return found

    def pieces(self, name: str) -> Iterator[bytes]:
        info = self._infos[name.casefold()]
        with self._file.open(info) as opened:
            while True:
                piece = opened.read(_PIECE)
                if not piece:
                    return
                yield piece

    def leftovers(self) -> list[str]:
        """Bytes that belong to no listed file: some programs unpack what the ZIP's own list does not name."""
        at, faults = 0, []
        with open(self._path, "rb") as raw:
            for info in sorted(self._infos.values(), key=lambda info: info.header_offset):
                raw.seek(info.header_offset)
                head = raw.read(30)
                if info.header_offset != at or len(head) < 30:
                    return ["There are bytes in the ZIP that belong to none of its files."]
                at += 30 + sum(struct.unpack("<HH", head[26:30])) + info.compress_size
        if self._file.start_dir != at or self._file.comment:
            faults.append("There are bytes in the ZIP that belong to none of its files.")
        return faults


class _Folder:
    """An unpacked case file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> _Folder:
        self._paths: dict[str, str] = {}
        for folder, folders, files in os.walk(self._path):
            for one in folders + files:
                whole = os.path.join(folder, one)
                name = os.path.relpath(whole, self._path).replace(os.sep, "/")
                if os.path.islink(whole):
                    raise Refused(f"It holds “{name[:80]}”, a link to another place.")
                if one in files:
                    self._paths[name] = whole
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def names(self) -> set[str]:
        return set(self._paths)

    def whole(self, name: str, most: int) -> bytes:
        """The bytes of one file. Raises Refused where they are more than `most`."""
        if os.path.getsize(self._paths[name]) > most:
            raise Refused(f"Its {name} is larger than {most // 2**20} MB.")
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        with open(self._paths[name], "rb") as opened:
            while True:
                piece = opened.read(_PIECE)
                if not piece:
                    return
                yield piece

    def leftovers(self) -> list[str]:
        return []


def sentences(checked: Checked) -> list[str]:
    """What the check came to, as lines for a person."""
    lines = list(checked.faults)
    exported = _dict(checked.manifest.get("exported"))
    chain = _dict(exported.get("chain"))
    n = len(checked.manifest["files"])
    if lines:
        lines.append(
            f"This file is not as it was written: {len(checked.faults)} of what should hold does not."
        )
    else:
        lines.append(f"All {n} files are as they were written.")
    lines.append(f"Order {checked.manifest.get('order')}, exported {exported.get('at')}.")
    lines.append(f"The record ended then with event {chain.get('event')}, hash {chain.get('hash')}.")
    lines.append(f"SHA-256 of the manifest: {checked.sha256}")
    return lines


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def main(arguments: list[str]) -> int:
    """Check what the first argument names, or the folder of this script; print sentences and return the exit code."""
    path = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    try:
        checked = check(path)
    except Refused as reason:
        sys.stdout.write(f"{path}: {reason}\n")
        return 2
    for line in sentences(checked):
        sys.stdout.write(line + "\n")
    return 1 if checked.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
