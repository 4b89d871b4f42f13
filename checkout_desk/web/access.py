"""What every route declares: the permission that it needs. A route that declares nothing is denied.

The marks live here, below every domain; what a permission means is decided by the checker that `accounts` plugs in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import structlog
from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue

log = structlog.get_logger(__name__)

PUBLIC = "public"
"""Declared by routes that nobody needs to sign in for: sign-in, health, static files, signed doors."""

SIGNED_IN = "signed-in"
"""Declared by routes that every signed-in person may use: own sessions, own drafts, sign-out."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Any])


class Checker(Protocol):
    """Decides about one request: None lets it pass, a response is sent instead; it may also abort."""

    def __call__(self, permission: str, *, writes: bool) -> ResponseReturnValue | None:
        """`writes` is true where the request must hold the write lock before its first statement."""


def requires(permission: str, *, writes: bool = True) -> Callable[[View], View]:
    """Declare that a route needs `permission`: a name of accounts.permissions, PUBLIC or SIGNED_IN.

    Put it below the route decorator. A POST, PUT, PATCH or DELETE then starts with `begin_write()`, before the person
    is loaded, so the view simply works and commits. `writes=False` is for a view that must not hold the write lock
    while it does something slow (hashing, talking to a server): it calls `begin_write()` itself, as the first statement
    of a new transaction. PUBLIC routes always do so.
    """

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        view.writes = writes  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> str | None:
    """The permission that the route behind `endpoint` declares, or None where it declares none."""
    return getattr(app.view_functions[endpoint], "permission", None)


def check_with(app: Flask, checker: Checker) -> None:
    """Let `checker` decide about every route of `app` that is not PUBLIC."""
    app.extensions["desk_access"] = checker


def enforce() -> ResponseReturnValue | None:
    """Before every request: deny an undeclared route, ask the checker about every other that is not PUBLIC."""
    if request.endpoint is None:  # no such address or method: the router's own answer follows
        return None
    permission = permission_of(current_app, request.endpoint)
    if permission is None:
        if current_app.debug or current_app.testing:
            raise RuntimeError(
                f"route {request.endpoint!r} declares no permission: put @requires(…) below its route"
            )
        log.error("access.undeclared", endpoint=request.endpoint)
        abort(403)
    if permission == PUBLIC:
        return None
    checker: Checker | None = current_app.extensions.get("desk_access")
    if checker is None:
        log.error("access.no_checker", endpoint=request.endpoint)
        abort(403)
    view = current_app.view_functions[request.endpoint]
    return checker(permission, writes=request.method not in SAFE_METHODS and getattr(view, "writes", True))
