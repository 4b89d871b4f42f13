"""Unsafe requests come from our own pages: Sec-Fetch-Site and Origin, checked besides the form token (SECURITY A50)."""

from __future__ import annotations

from flask import abort, current_app, request

from checkout_desk.web.access import SAFE_METHODS

FOREIGN = "This request came from another site, so nothing was changed. Open the desk itself and try again."


def check() -> None:
    """Refuse an unsafe request that a browser says another site caused. Clients that are no browsers send neither header.

    A view that is meant for machines and signs its requests may set `foreign_origin = True` on itself.
    """
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if getattr(current_app.view_functions[request.endpoint], "foreign_origin", False):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        abort(403, FOREIGN)
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (
        f"{request.scheme}://{request.host}",
        current_app.config["DESK_URL"],
    ):
        abort(403, FOREIGN)
