"""Binding the pages of the catalogue."""

from __future__ import annotations

from flask import Flask

from checkout_desk.catalogue import file_views, stock_views, views


def init_app(app: Flask) -> None:
    """Bind the catalogue, the stock and the files."""
    for module in (file_views, views, stock_views):
        app.register_blueprint(module.blueprint)
