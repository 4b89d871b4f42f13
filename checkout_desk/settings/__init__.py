"""The store: its first run, what a manager may set, and the rules of money."""

from __future__ import annotations

from flask import Flask

from checkout_desk.settings import (
    bank_views,
    brand_views,
    discount_views,
    first_run,
    method_views,
    money_views,
    promise_views,
    shipping_views,
    tax_views,
    views,
)


def init_app(app: Flask) -> None:
    """Bind the set-up page and the settings, and let the packages below ask for the store's name."""
    app.extensions["desk_store_name"] = first_run.store_name
    for module in (
        first_run,
        views,
        promise_views,
        money_views,
        tax_views,
        shipping_views,
        discount_views,
        method_views,
        bank_views,
        brand_views,
    ):
        app.register_blueprint(module.blueprint)
