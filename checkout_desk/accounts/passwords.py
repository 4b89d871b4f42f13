"""Passwords: Argon2id, 12 to 256 characters, none that is common or made of words that everybody here knows.

No rules about kinds of signs and no expiry (ASVS 5, 6.2). At most two hashes are worked on at once, because each takes
64 MiB: a flood of sign-ins then waits instead of eating the machine (SECURITY A62).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from checkout_desk.accounts.common_passwords import COMMON

SHORTEST = 12
LONGEST = 256
WAIT_SECONDS = 8
"""How long one sign-in waits for its turn to hash."""

SEATS = 4
"""Sign-ins that hash or wait for it. A web process answers with eight threads: the others are for the people at work."""

_turns = BoundedSemaphore(2)
_seats = BoundedSemaphore(SEATS)
_hasher = PasswordHasher()
_no_hash: dict[PasswordHasher, str] = {}


class Busy(Exception):
    """Too many passwords are being checked at once; the person may try again in a moment."""


def _normal(password: str) -> str:
    """The same characters typed on different keyboards are the same password (RFC 8265, NFC)."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def seat() -> Iterator[None]:
    """A place among those who sign in, to be had before anything is counted. Raises Busy at once where none is free."""
    if not _seats.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _seats.release()


def hash_password(password: str) -> str:
    """The Argon2id hash to store, with its own salt and parameters inside. Raises Busy."""
    with _Turn():
        return _hasher.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`. None, for a person who is not there, takes the same work.

    Raises Busy.
    """
    if len(password) > LONGEST:
        return False
    with _Turn():
        if _hasher not in _no_hash:
            _no_hash[_hasher] = _hasher.hash("nobody has this password")
        try:
            return _hasher.verify(stored or _no_hash[_hasher], _normal(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's and should be made anew at this sign-in."""
    return _hasher.check_needs_rehash(stored)


def fault_of(password: str, *, known: Iterable[str] = ()) -> str | None:
    """Why `password` cannot be used, as a sentence for the person who chose it; None if it can.

    `known` are words that others could guess for this person: name, e-mail, the store's name.
    """
    if len(password) < SHORTEST:
        return (
            f"The password has {len(password)} characters; use {SHORTEST} or more, such as a short sentence."
        )
    if len(password) > LONGEST:
        return f"The password has {len(password)} characters; use at most {LONGEST}."
    plain = _plain(password)
    if plain in COMMON or _core(plain) in COMMON or _repeats(plain):
        return "This password is one of those that are tried first; choose one that others do not use."
    rest = plain
    for word in sorted(_words(known), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != plain and len(set(rest)) < 6:
        return "This password is little more than a name or the store's name; add words that have nothing to do with them."
    return None


_LOOKS = str.maketrans("013457@$!|", "oleastasil")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


def _core(plain: str) -> str:
    """`plain` without the digits and signs around it, and with look-alikes read as letters: 'p@ssw0rd2024!' → 'password'."""
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    return re.sub(r"[\W_]+", "", stripped.translate(_LOOKS))


def _repeats(plain: str) -> bool:
    """Whether it is one short piece again and again, or a run along the alphabet or the digits."""
    if re.fullmatch(r"(.{1,5}?)\1+.{0,4}", plain):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})


def _words(known: Iterable[str]) -> set[str]:
    found = {"checkout", "desk", "password"}
    for text in known:
        found.update(word for word in re.split(r"[\W_]+", _plain(text)) if len(word) >= 3)
        found.add(re.sub(r"[\W_]+", "", _plain(text)))
    found.discard("")
    return found


class _Turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            raise Busy

    def __exit__(self, *_: object) -> None:
        _turns.release()
