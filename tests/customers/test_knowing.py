"""One address is one customer, whatever its case and however many write at once."""

from __future__ import annotations

import threading

from checkout_desk import clock
from checkout_desk.customers import knowing
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import begin_write, db
from tests.builders import Shop
from tests.page import Browser


def test_an_address_is_met_once_in_any_case(shop: Shop) -> None:
    shop.take(sender="Jane Fox <Jane@Customer.example>")
    shop.take(sender="J. Fox <jane@customer.EXAMPLE>")
    (customer,) = shop.all(Customer)
    assert customer.name == "Jane Fox"
    with shop.reading():
        known = knowing.find("JANE@customer.example")
        assert known is not None
        assert known.id == customer.id


def test_many_who_meet_a_stranger_at_once_agree(shop: Shop) -> None:
    gate, ids = threading.Barrier(4), []

    def meet() -> None:
        with shop.app.app_context():
            gate.wait()
            begin_write()
            known = knowing.meet("new@customer.example", name="New", at=clock.now())
            db.session.commit()
            ids.append(known.id)

    threads = [threading.Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_the_other_conversations_of_a_customer_stand_beside(shop: Shop, agent: Browser) -> None:
    shop.take(subject="Bowls of last week")
    taken = shop.take(subject="Mugs")
    assert "Bowls of last week" in agent.open(f"/conversations/{taken.conversation}")


def test_a_machine_that_bounces_is_no_customer(shop: Shop) -> None:
    from tests.builders import bounce

    shop.take(bounce("unknown@this.example"))
    assert shop.all(Customer) == []
