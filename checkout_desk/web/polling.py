"""Live parts ask again and again; the answer is nearly always "nothing new", and costs almost nothing (RFC 9110 13.1.2)."""

from __future__ import annotations

import hashlib

from flask import Response, after_this_request, g, request

PRIVATE = "private, no-cache"
"""May be kept by this browser alone, and is asked for again each time."""


def not_modified(version: str) -> Response | None:
    """A 304 answer if the browser already shows `version`, else None; then the view's answer will carry its tag.

    `version` is whatever changes when the answer does: counters, times, the person's id where the answer is theirs.
    A fragment and a page of one address have different tags. Asking like this from a fragment does not count as using
    the desk, so an open tab does not keep its session alive.
    """
    whole = f"{version}\0{request.headers.get('HX-Request', '')}"
    tag = hashlib.sha256(whole.encode()).hexdigest()[:32]
    if "HX-Request" in request.headers:
        g.desk_only_polled = True
    if request.if_none_match.contains_weak(tag):
        return _label(Response(status=304), tag)

    @after_this_request
    def label(response: Response) -> Response:
        return _label(response, tag) if response.status_code == 200 else response

    return None


def only_polled() -> bool:
    """Whether this request was a live part asking for news."""
    return bool(g.get("desk_only_polled", False))


def _label(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = PRIVATE
    response.vary.add("HX-Request")
    return response
