"""The token that every form of ours carries: signed once for a session, and then only handed out.

A page has fifteen forms. The token of a session stays valid as long as the session does (WTF_CSRF_TIME_LIMIT is None), so
signing it anew at each request would add nothing.
"""

from __future__ import annotations

from flask import Flask, current_app, g, session
from flask_wtf.csrf import generate_csrf

MOST = 1000
"""sessions whose signed token one process remembers"""


def init_app(app: Flask) -> None:
    """Give templates `csrf_token()` in this form."""
    app.extensions["desk_tokens"] = {}
    app.jinja_env.globals["csrf_token"] = csrf_token  # in imported macros, which see no context
    app.context_processor(lambda: {"csrf_token": csrf_token})  # after Flask-WTF's, which would sign each time


def csrf_token() -> str:
    """This session's form token; a browser without one gets its own now."""
    made: str | None = g.get("csrf_token")
    if made is not None:
        return made
    signed: dict[str, str] = current_app.extensions["desk_tokens"]
    known = signed.get(session.get("csrf_token", ""))
    if known is not None:
        g.csrf_token = known  # where Flask-WTF looks as well
        return known
    if len(signed) >= MOST:
        signed.clear()
    made = generate_csrf()
    signed[session["csrf_token"]] = made
    return made
