"""Pictures of products: kept as blobs, and served so that no browser takes them for anything else."""

from __future__ import annotations

from flask import Response, current_app

from checkout_desk.catalogue.models import Product
from checkout_desk.events.recording import record
from checkout_desk.lifecycle import Refused
from checkout_desk.storage import Blobs

LARGEST = 5 * 2**20
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def kind_of(data: bytes) -> str | None:
    """The type that the bytes themselves say; None for anything but PNG, JPEG, GIF and WebP (SVG can hold script)."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)


def put(product: Product, data: bytes, *, name: str) -> None:
    """Show `data` with the product from now on. Raises Refused for what is no picture or too large."""
    shown = f"“{name[:80]}”" if name else "The file"
    if not data:
        raise Refused("No picture was chosen; choose a PNG, JPEG, GIF or WebP file.")
    if len(data) > LARGEST:
        raise Refused(
            f"{shown} has {len(data) / 2**20:.1f} MB; choose a picture of at most {LARGEST // 2**20} MB."
        )
    kind = kind_of(data)
    if kind is None:
        raise Refused(f"{shown} is no picture that can be shown; choose a PNG, JPEG, GIF or WebP file.")
    before = product.picture_sha256
    product.picture_sha256, product.picture_type = _blobs().put(data), kind
    if before != product.picture_sha256:
        record(
            "product.pictured",
            about=product,
            before={"sha256": before},
            after={"sha256": product.picture_sha256},
        )


def take_away(product: Product) -> None:
    """Show no picture any more. Harmless to repeat."""
    if product.picture_sha256 is not None:
        record(
            "product.pictured",
            about=product,
            before={"sha256": product.picture_sha256},
            after={"sha256": None},
        )
        product.picture_sha256 = product.picture_type = None


def answer(product: Product) -> Response:
    """The picture; a browser may keep it as long as it asks for the same digest."""
    assert product.picture_sha256 is not None
    response = Response(_blobs().get(product.picture_sha256), content_type=product.picture_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _blobs() -> Blobs:
    found: Blobs = current_app.extensions["desk_blobs"]
    return found
