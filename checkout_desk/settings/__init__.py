"""The store and its first run."""

from __future__ import annotations

from flask import Flask

from checkout_desk.settings import first_run


def init_app(app: Flask) -> None:
    """Bind the set-up page, and let the packages below ask for the store's name."""
    app.extensions["desk_store_name"] = first_run.store_name
    app.register_blueprint(first_run.blueprint)
