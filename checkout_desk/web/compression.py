"""gzip for text answers: neither waitress nor gunicorn compresses (PERFORMANCE P13)."""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

TEXT = frozenset({
    "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript", "application/json",
    "image/svg+xml", "application/manifest+json",
})  # fmt: skip
WORTH_IT = 1000
"""Bytes below which the header of gzip and the time cost more than they save."""


def init_app(app: Flask) -> None:
    """Compress the text answers of `app` for clients that take gzip."""
    app.after_request(_compress)


def squeeze(data: bytes, level: int, padding: int = 0) -> bytes:
    """`data` as gzip, reproducible; `padding` bytes go into the header's file name field."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="p" * padding, mode="wb", compresslevel=level, fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()


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
    response.set_data(squeeze(data, 5, padding=1 + secrets.randbelow(32)))
    response.headers["Content-Encoding"] = "gzip"
    tag, weak = response.get_etag()
    if tag is not None and not weak:
        response.set_etag(tag, weak=True)
    return response
