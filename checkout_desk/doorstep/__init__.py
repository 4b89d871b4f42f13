"""The customer's signed pages: what is missing in their order, asked without a login and without script."""

from __future__ import annotations

from flask import Flask

from checkout_desk.conversations import purposes
from checkout_desk.doorstep import views
from checkout_desk.doorstep.asking_mail import AskDetails


def init_app(app: Flask) -> None:
    """Bind the customer page, and say what the mail does that asks for details."""
    app.register_blueprint(views.blueprint)
    purposes.register("ask_details", AskDetails())
