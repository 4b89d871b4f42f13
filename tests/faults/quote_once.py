"""One step with a quote in a process of its own, which a test kills in the middle: `quote_once send 1001`."""

from __future__ import annotations

import sys

from checkout_desk import clock
from checkout_desk.app import create_app
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import loading, quoting


def main() -> None:
    """Send the drawn up version of an order, or let its live one be paid."""
    word, number = sys.argv[1], int(sys.argv[2])
    with create_app().app_context():
        begin_write()
        order = loading.load(number)
        assert order is not None
        if word == "send":
            quoting.send(order, quoting.draft(order, by=None), by=None)
        else:
            live = quoting.live(order.id)
            assert live is not None
            quoting.paid(live, at=clock.now())
        db.session.commit()
