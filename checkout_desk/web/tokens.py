"""The token that every form of ours carries, made once a request and then only handed out: a page has fifteen forms."""

from __future__ import annotations

from flask import Flask, g
from flask_wtf.csrf import generate_csrf


def init_app(app: Flask) -> None:
    """Give templates `csrf_token()` in this form."""
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """This request's form token; a browser without one gets its own now."""
    made: str | None = g.get("csrf_token")
    return made or generate_csrf()
