"""gzip for text answers: neither waitress nor gunicorn compresses (PERFORMANCE P13)."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from struct import pack
from threading import Lock

from flask import Flask, Response, request

TEXT = frozenset({
    "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript", "application/json",
    "image/svg+xml", "application/manifest+json",
})  # fmt: skip
WORTH_IT = 1000
"""Bytes below which the header of gzip and the time cost more than they save."""
LEVEL = 3
"""of pages: each step further takes a tenth of the time of a whole page and saves a thirtieth of its bytes"""


def init_app(app: Flask) -> None:
    """Compress the text answers of `app` for clients that take gzip."""
    app.after_request(_compress)


def squeeze(data: bytes, level: int, padding: int = 0) -> bytes:
    """`data` as gzip (RFC 1952), reproducible; `padding` bytes go into the header's file name field."""
    # Magic, deflate, the flag for a file name, no time, no hint, unknown system; then the name with its final zero.
    return b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"p" * padding + b"\0" + _deflated(data, level)


KEPT = 64
"""pages of which a process remembers the compressed form: about half a megabyte"""
LARGE = 32_768
_kept: dict[tuple[bytes, int], bytes] = {}
_ordering = Lock()


def _deflated(data: bytes, level: int) -> bytes:
    """What follows the header. Pages that did not change since are asked for again: the last ones are remembered, by what
    they hold and not by whose they are, so that none is ever given for another."""
    key = hashlib.sha256(data).digest(), level
    found = _kept.get(key)
    if found is None:
        deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
        found = deflate.compress(data) + deflate.flush()
        found += pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    if len(found) > LARGE:
        return found
    with _ordering:
        _kept.pop(key, None)
        _kept[key] = found
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
    return found


def _compress(response: Response) -> Response:
    if response.mimetype not in TEXT or response.direct_passthrough or response.is_streamed:
        return response
    if response.status_code in (204, 206, 304) or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    data = response.get_data()
    if len(data) < WORTH_IT:
        return response
    # A page holds a secret (the form token) and words that others chose: a random length hides what repeats (BREACH).
    response.set_data(squeeze(data, LEVEL, padding=1 + secrets.randbelow(32)))
    response.headers["Content-Encoding"] = "gzip"
    tag, weak = response.get_etag()
    if tag is not None and not weak:
        response.set_etag(tag, weak=True)
    return response
