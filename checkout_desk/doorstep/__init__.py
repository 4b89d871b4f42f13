"""The customer's signed pages: what is missing in their order, asked without a login and without script."""

from __future__ import annotations

from flask import Flask

from checkout_desk.conversations import checking, purposes
from checkout_desk.doorstep import (
    address_views,
    cancel_views,
    dress,
    feedback_views,
    links,
    quote_views,
    return_views,
    views,
)
from checkout_desk.doorstep.asking_mail import AskDetails
from checkout_desk.doorstep.invoice_mail import SendInvoice
from checkout_desk.doorstep.parcel_mail import TellParcels
from checkout_desk.doorstep.quote_mail import SendQuote
from checkout_desk.orders import amounts, milestones
from checkout_desk.orders.invoicing import INVOICE
from checkout_desk.orders.models import Order
from checkout_desk.shipping.wording import DELAYED, WHERE


def init_app(app: Flask) -> None:
    """Bind the customer page, and say what mails do that ask for details or tell a quote."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(quote_views.blueprint)
    app.register_blueprint(feedback_views.blueprint)
    app.register_blueprint(return_views.blueprint)
    app.register_blueprint(address_views.blueprint)
    app.register_blueprint(cancel_views.blueprint)
    app.register_blueprint(dress.blueprint)
    purposes.register("ask_details", AskDetails())
    purposes.register("quote", SendQuote())
    purposes.register(WHERE, TellParcels(settles=False))
    purposes.register(DELAYED, TellParcels(settles=True))
    purposes.register(INVOICE, SendInvoice())
    milestones.link_with(_link)
    checking.also(amounts.fault)


def _link(order: Order, email: str, milestone: str) -> str:
    """The link in a mail that a change of state sends."""
    return links.address(links.issue(order.id, email=email, purpose=milestone[:20])[1])
