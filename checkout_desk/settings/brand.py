"""The store's dress on what customers see: its logo, colour and last lines."""

from __future__ import annotations

from flask import Response, current_app

from checkout_desk.events.recording import record
from checkout_desk.settings.models import Store
from checkout_desk.settings.typed import Wrong
from checkout_desk.storage import Blobs

LARGEST = 300 * 1024
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def put_logo(store: Store, data: bytes, *, name: str) -> None:
    """Show `data` as the store's logo. Raises Wrong for anything but a PNG or JPEG of at most 300 kB, by its own bytes."""
    shown = f"“{name[:80]}”" if name else "The file"
    if len(data) > LARGEST:
        raise Wrong(
            "logo", f"Logo: {shown} is larger than {LARGEST // 1024} kB; choose a smaller PNG or JPEG."
        )
    kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)
    if kind is None:
        raise Wrong("logo", f"Logo: {shown} is no picture that mail programs show; choose a PNG or JPEG.")
    before = store.logo_sha256
    store.logo_sha256, store.logo_type = _blobs().put(data), kind
    if before != store.logo_sha256:
        record(
            "store.logo_changed", about=store, before={"sha256": before}, after={"sha256": store.logo_sha256}
        )


def drop_logo(store: Store) -> None:
    """Show the store's name alone. Harmless to repeat."""
    if store.logo_sha256 is not None:
        record(
            "store.logo_changed", about=store, before={"sha256": store.logo_sha256}, after={"sha256": None}
        )
        store.logo_sha256 = store.logo_type = None


def logo(store: Store) -> Response | None:
    """The logo so that no browser takes it for anything else, or None where there is none."""
    if store.logo_sha256 is None:
        return None
    response = Response(_blobs().get(store.logo_sha256), content_type=store.logo_type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _blobs() -> Blobs:
    found: Blobs = current_app.extensions["desk_blobs"]
    return found
