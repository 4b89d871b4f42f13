"""Pages that say no: errors as a page or a toast, the way to the sign-in page, and where one may be sent after it."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import structlog
from flask import Flask, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response as BaseResponse

from checkout_desk.extensions import db

log = structlog.get_logger(__name__)

WORDS: dict[int, tuple[str, str]] = {
    400: (
        "The desk did not understand that",
        "The request was incomplete. Go back, reload the page and try again.",
    ),
    401: ("Please sign in", "Your session has ended. Sign in to go on."),
    403: (
        "This is not yours to open",
        "Your roles do not include this. An admin can change them under People.",
    ),
    404: ("There is nothing here", "The address is wrong, or what was here is gone."),
    405: ("That does not work here", "This address cannot be used in that way. Go back and try again."),
    409: ("Someone was faster", "This changed while you were working. Reload to see it as it is now."),
    413: ("That is too large", "The upload is larger than this desk takes in."),
    429: ("Too many tries", "Wait a moment, then try again."),
    500: (
        "Something broke",
        "The desk made a mistake, and it was noted. Nothing was half done. Try again in a moment.",
    ),
    503: ("The desk cannot reach its database", "No mail is lost: it waits. Try again in a moment."),
    507: (
        "The desk's disk is full",
        "Nothing was sent or changed. An admin has to make space; then try again.",
    ),
}
"""Status → title and sentence; a view's own sentence (`abort(409, "…")`) takes the sentence's place."""

COLLIDED = {"40P01", "40001"}
"""PostgreSQL's states of a deadlock and of a failed serialization: the same again will do"""
FASTER = {
    "23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY",
    "23503", "SQLITE_CONSTRAINT_FOREIGNKEY",
}  # fmt: skip
"""what the engines say of a second row where one may be, and of a row that is gone"""

CSRF_WORDS = (
    "This page was open too long",
    "Its form has expired and nothing was changed. Go back to what you typed and copy it, "
    "then load that page anew and send it again.",
)


def init_app(app: Flask) -> None:
    """Let `app` answer every error as a page, or as a toast where htmx asked."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(IntegrityError, _twice)
    app.register_error_handler(PoolTimeout, _database_down)
    for fault in (OperationalError, InterfaceError):
        app.register_error_handler(fault, _database_down)
    app.register_error_handler(HTTPException, _http)


def wants_fragment() -> bool:
    """Whether htmx asked and will swap the answer into a page; a boosted link or a restored page wants a whole one."""
    sent = request.headers
    return "HX-Request" in sent and "HX-Boosted" not in sent and "HX-History-Restore-Request" not in sent


def error_page(status: int, title: str = "", text: str = "") -> Response:
    """The answer for `status`: a whole page, or for htmx a toast (retargeted to #toasts, the list stays as it is)."""
    usual = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    if wants_fragment():
        shown = render_template("errors/_toast.html", title=title or usual[0], text=text or usual[1])
        response = make_response(shown, status)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
        return response
    names: list[str | Template] = [f"errors/{status}.html", "errors/error.html"]
    return make_response(render_template(names, title=title or usual[0], text=text or usual[1]), status)


def sign_in_needed(sign_in_url: str) -> Response:
    """Send nobody to the sign-in page: 303 for a page, 401 with HX-Redirect for htmx (it would swap a redirect's target in).

    The way back is kept for pages only: a form that was sent is not sent again.
    """
    fragment = "HX-Request" in request.headers
    if fragment:
        back = request.headers.get("HX-Current-URL", "")
        parts = urlsplit(back)
        back = parts._replace(scheme="", netloc="").geturl() if parts.netloc in ("", request.host) else ""
    else:
        back = request.full_path.removesuffix("?") if request.method == "GET" else ""
    back = safe_next(back)
    target = sign_in_url if back == "/" else f"{sign_in_url}?{urlencode({'next': back})}"
    if not fragment:
        return _own(redirect(target, 303))
    response = error_page(401)
    response.headers["HX-Redirect"] = target
    return response


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` if it is a path on this desk, else `default`.

    Browsers read a backslash as a slash and drop tabs and line ends, so `/\\host` and `/<tab>/host` lead away; nothing of
    the kind is repaired, it is refused (SECURITY A52).
    """
    if not target or len(target) > 2000 or not target.startswith("/"):
        return default
    if (
        any(ord(sign) <= 32 or ord(sign) == 127 or sign == "\\" for sign in target)
        or not target.isprintable()
    ):
        return default
    path = target.partition("?")[0].partition("#")[0]
    if "//" in path or "@" in path:
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target


def _own(response: BaseResponse) -> Response:
    assert isinstance(response, Response)
    return response


def _csrf(error: CSRFError) -> Response:
    return error_page(400, *CSRF_WORDS)


def _too_many(error: RateLimitExceeded) -> Response:
    if isinstance(error.response, Response):  # a page of the view's own
        return error.response
    response = error_page(429)
    response.headers.setdefault("Retry-After", "60")
    return response


def _stale(error: StaleDataError) -> Response:
    db.session.rollback()
    return error_page(409)


def _not_storable(error: DataError) -> Response:
    """A NUL, say, which no form of ours can send. Nothing of it was kept."""
    db.session.rollback()
    return error_page(400, text="It holds a sign that no text can carry. Nothing was changed.")


def _twice(error: IntegrityError) -> Response:
    """A double click, or what a row pointed at is gone: somebody was faster. Any other broken rule is our mistake."""
    if _state(error) not in FASTER:
        raise error
    return _at_once(error)


def _state(error: Exception) -> str:
    """What the engine calls the fault: PostgreSQL's SQLSTATE or SQLite's name."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", ""))


def _at_once(error: Exception) -> Response:
    """Two changed the same thing at the same moment; the database let one of them through."""
    log.warning("database.conflict", state=_state(error))
    db.session.rollback()
    return error_page(409, text="Somebody changed the same thing at the same moment. Try again.")


def _database_down(error: Exception) -> Response:
    if _state(error) in COLLIDED:
        return _at_once(error)
    log.error("database.fault", fault=type(error).__name__, words=str(getattr(error, "orig", ""))[:200])
    db.session.rollback()
    response = error_page(503)
    response.headers["Retry-After"] = "5"
    return response


def disk_full(error: Exception) -> Response:
    """The answer when a file could not be kept."""
    log.error("disk.full", words=str(error)[:200])
    db.session.rollback()
    return error_page(507)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error  # a view's own answer, or a redirect of the router
    usual = default_exceptions[status].description if status in default_exceptions else None
    own = error.description if error.description != usual and status != 500 else ""
    response = error_page(status, text=own or "")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response
