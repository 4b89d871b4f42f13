"""People who work at the desk: roles, permissions, sign-in, sessions."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from checkout_desk.accounts import access, administration, confirming, inviting, second_views, sessions, views


def init_app(app: Flask) -> None:
    """Bind sign-in, people and the checker of permissions."""
    sessions.init_app(app)
    access.init_app(app)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(administration.blueprint)
    app.register_blueprint(second_views.blueprint)
    app.register_blueprint(inviting.blueprint)
    app.context_processor(_frame)
    app.jinja_env.globals.update(confirmed_lately=confirming.lately, confirmed_by_code=confirming.by_code)


def _frame() -> dict[str, Any]:
    """What the frame of every page shows: the person and the theme of this browser. Asks the database nothing new."""
    theme = request.cookies.get("theme", "")
    found = sessions.loaded()
    frame: dict[str, Any] = {"theme": theme if theme in views.THEMES else ""}
    if found is not None:
        frame["me"] = found.shown
    return frame
