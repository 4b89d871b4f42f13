"""The demo store: built by the desk's own verbs, whole on both engines, with something on every screen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from checkout_desk import clock, demo
from checkout_desk.catalogue import stock
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations import counting
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.orders.models import MilestoneMail, Order, OrderLine, Quote
from checkout_desk.payments.models import Payment, Refund
from checkout_desk.returns.models import Return
from checkout_desk.shipping.models import DeliveryAlarm


def test_the_demo_store_shows_every_stage_of_an_order(desk: Flask) -> None:
    desk.config["DESK_SANDBOX"] = True
    demo.build(desk)
    with desk.app_context():
        states = Counter(db.session.scalars(select(Order.state)))
        assert states["draft"] >= 6
        assert (states["quoted"], states["paid"], states["cancelled"]) == (3, 6, 2)
        paid = list(db.session.scalars(select(Order).where(Order.state == "paid")))
        assert {order.ship_country for order in paid} == {"GB", "FR", "DE", "JP"}
        assert Counter(order.email for order in paid).most_common(1)[0][1] == 2
        fragile = (
            select(OrderLine.order_id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(Product.fragile)
        )
        assert {order.id for order in paid} & set(db.session.scalars(fragile))
        assert all(order.ship_city and order.ship_postcode and order.phone for order in paid)

        open_ = Counter(db.session.scalars(select(Payment.outcome).where(Payment.state == "needs_review")))
        assert open_ == {"under": 1, "over": 1, "unknown": 2}
        assert db.session.scalars(select(Refund.state)).all() == ["done"]
        live = db.session.scalars(select(Quote.expires_at).where(Quote.state.in_(("sent", "accepted"))))
        assert min(at for at in live if at is not None) > clock.now() + timedelta(hours=1), (
            "none ends while it is looked at for the first time"
        )
        db.session.rollback()

        # Nothing is half done, and nothing that happened days ago is mailed today.
        assert stock.check() == []
        assert list(counting.check()) == []
        assert verify().first_wrong is None
        assert set(db.session.scalars(select(OutboundMail.state))) == {"sent"}
        assert set(db.session.scalars(select(RawMail.state))) <= {"taken_in", "duplicate"}
        confirmed = select(func.count()).where(
            MilestoneMail.milestone == "confirmed", MilestoneMail.message_id.is_not(None)
        )
        assert db.session.scalar(confirmed) == 11
        assert (states["shipped"], states["delivered"]) == (2, 2)
        assert set(db.session.scalars(select(Feedback.score))) == {2, 5}
        assert set(db.session.scalars(select(Return.state))) == {"requested", "awaiting_goods"}
        alarms = set(db.session.scalars(select(DeliveryAlarm.kind).where(DeliveryAlarm.settled_at.is_(None))))
        assert "failed_attempt" in alarms

    demo.build(desk)  # a store that has people is left as it is
    with desk.app_context():
        assert Counter(db.session.scalars(select(Order.state))) == states
