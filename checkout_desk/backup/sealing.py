"""A file under a passphrase: scrypt makes the key, AES-256-GCM seals one chunk after the other.

Each chunk's nonce is its number and whether it is the last one, so that no chunk can be left out, moved or cut off
unseen (the STREAM construction). The salt makes the key one of this file alone.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"checkout-desk sealed backup 1\n"
SALT = 16
CHUNK = 2**20
TAG = 16


class WrongPassphrase(Exception):
    """The file cannot be opened: another passphrase, or altered bytes."""


def _box(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class SealedStream(io.RawIOBase):
    """Writes to `target` what is written to it, sealed. `close` writes the last chunk and leaves `target` open."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(SALT)
        self._target, self._box, self._header = target, _box(passphrase, salt), MAGIC + salt
        self._pending, self._number = bytearray(), 0
        target.write(self._header)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: object) -> int:
        """Take `data` in; whole chunks go on at once."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._pending += piece
        while len(self._pending) > CHUNK:
            self._seal(bytes(self._pending[:CHUNK]), last=False)
            del self._pending[:CHUNK]
        return len(piece)

    def close(self) -> None:
        """Seal what is left as the last chunk."""
        if not self.closed:
            self._seal(bytes(self._pending), last=True)
        super().close()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._box.encrypt(_nonce(self._number, last), chunk, self._header))
        self._number += 1


def is_sealed(source: BinaryIO) -> bool:
    """Whether a file begins as a sealed one does; reads from the beginning and goes back there."""
    source.seek(0)
    start = source.read(len(MAGIC))
    source.seek(0)
    return start == MAGIC


def unseal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write to `target` what was sealed in `source`. Raises WrongPassphrase before a wrong byte is written."""
    header = source.read(len(MAGIC) + SALT)
    box, number = _box(passphrase, header[len(MAGIC) :]), 0
    chunk = source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            target.write(box.decrypt(_nonce(number, not following), chunk, header))
        except InvalidTag:
            raise WrongPassphrase from None
        if not following:
            return
        chunk, number = following, number + 1
