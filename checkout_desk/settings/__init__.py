"""The store: its first run and what a manager may set."""

from __future__ import annotations

from flask import Flask

from checkout_desk.settings import first_run, views


def init_app(app: Flask) -> None:
    """Bind the set-up page and the settings, and let the packages below ask for the store's name."""
    app.extensions["desk_store_name"] = first_run.store_name
    for module in (first_run, views):
        app.register_blueprint(module.blueprint)
