"""What every page of the money rules has: its tabs, and the way in which it answers a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import sessions
from checkout_desk.extensions import db
from checkout_desk.settings.typed import Typed

TABS = (
    ("money.overview", "Overview", "settings.write"),
    ("money_tax.everything", "Tax", "settings.write"),
    ("money_shipping.everything", "Shipping", "settings.write"),
    ("money_discounts.everything", "Discounts", "settings.write"),
    ("money.quotes", "Quotes", "settings.write"),
    ("money.limits", "Tolerances", "settings.write"),
    ("money_methods.everything", "Ways to pay", "settings.bank"),
    ("money_brand.show", "Brand", "settings.write"),
    ("money_preview.show", "Try it", "settings.write"),
)


def page(template: str, current: str, **context: Any) -> str:
    """The page under the tab of the endpoint `current`."""
    tabs = [
        {"url": url_for(endpoint), "label": label, "current": endpoint == current}
        for endpoint, label, permission in TABS
        if sessions.who().may(permission)
    ]
    return render_template(f"settings/money/{template}", tabs=tabs, **context)


def answer(
    typed: Typed, again: Callable[[], str], *, said: str, to: str, **where: Any
) -> ResponseReturnValue:
    """Commit and go to a page; or nothing at all is changed, and the form stands there again with its sentences."""
    if typed.errors:
        db.session.rollback()
        return again(), 422
    db.session.commit()
    flash(said)
    return redirect(url_for(to, **where), 303)
