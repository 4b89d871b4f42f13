"""Batches: of two people who take the same orders at once, each order goes to one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.events.models import Event
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import loading
from checkout_desk.orders.models import Order
from checkout_desk.shipping import batches, parcels, picking, queries
from checkout_desk.shipping.batch_models import Batch, BatchOrder
from checkout_desk.shipping.queries import Wanted
from tests.orders.stage import line, product, quay, reading
from tests.shipping.dock import TUESDAY, Dock

ALL = Wanted()
EVA, TOM = "logistics", "logistics2"


def do(dock: Dock, step: Callable[[Person], Any], *, who: str = EVA, when: Any = TUESDAY) -> Any:
    """A transaction of somebody of logistics at a pretended time."""
    person_id = dock.shop.person(who)
    with clock.pretending(when), dock.shop.writing(), acting_as(f"person:{person_id}", "test"):
        return step(db.session.get_one(Person, person_id))


def ids(dock: Dock, *numbers: int) -> list[int]:
    """The ids of orders by number."""
    return [dock.stage.seen(number).id for number in numbers]


def made(dock: Dock, *numbers: int, who: str = EVA, taken: list[batches.Taken] | None = None) -> int:
    """A batch of orders; returns its id."""
    found: int = do(dock, lambda by: batches.make(ids(dock, *numbers), by=by, taken=taken).id, who=who)
    return found


def of(batch_id: int) -> Batch:
    """The batch, in the current transaction."""
    found = batches.load(batch_id)
    assert found is not None
    return found


def numbered(number: int) -> Order:
    """The order, in the current transaction."""
    found = loading.load(number)
    assert found is not None
    return found


def leaving(batch_id: int, number: int) -> Callable[[Person], None]:
    """The step that takes an order out."""
    return lambda by: batches.out(of(batch_id), numbered(number))


def picked(batch_id: int, product_id: int, n: int) -> Callable[[Person], None]:
    """The step that ticks a line of the pick list."""
    return lambda by: picking.pick(of(batch_id), product_id, n, by=by)


def left(dock: Dock, batch_id: int) -> list[int]:
    """The numbers of what is still to be packed, in order."""
    with dock.shop.reading():
        return [order.number for order in batches.orders(of(batch_id))]


def test_an_order_is_in_one_open_batch_and_others_are_told_whose(dock: Dock) -> None:
    one, two, three = dock.paid(), dock.paid(), dock.paid()
    first = made(dock, one, two)
    taken: list[batches.Taken] = []
    second = made(dock, two, three, who=TOM, taken=taken)
    assert (left(dock, first), left(dock, second)) == ([one, two], [three])
    assert batches.told(taken) == f"Order {two} is in batch {first} of Logistics."
    with pytest.raises(batches.AllTaken, match=f"Order {one} is in batch {first}"):
        made(dock, one, three, who=TOM)
    assert len(dock.shop.all(Batch)) == 2


def test_only_paid_orders_come_into_a_batch_and_not_too_many(dock: Dock) -> None:
    number, _ = dock.quoted()
    with pytest.raises(Refused, match="only paid orders"):
        made(dock, number)
    with pytest.raises(Refused, match="Choose"):
        made(dock)
    with pytest.raises(Refused, match="does not exist"):
        do(dock, lambda by: batches.make([999_999], by=by))
    with pytest.raises(Refused, match="at most 50"):
        do(dock, lambda by: batches.make(range(1, 52), by=by))


def test_two_people_at_once_get_different_orders(dock: Dock) -> None:
    wanted = ids(dock, *(dock.paid() for _ in range(5)))
    people = [dock.shop.person(EVA), dock.shop.person(TOM)]
    start, told = threading.Barrier(2), []

    def take(person_id: int, order_ids: list[int]) -> None:
        with dock.shop.app.app_context():
            start.wait()
            begin_write()
            taken: list[batches.Taken] = []
            try:
                batches.make(order_ids, by=db.session.get_one(Person, person_id), taken=taken)
                db.session.commit()
                told.append(len(taken))
            except batches.AllTaken as refusal:
                db.session.rollback()
                told.append(len(refusal.taken))

    threads = [
        threading.Thread(target=take, args=(person, order_ids))
        for person, order_ids in zip(people, (wanted, wanted[::-1]), strict=True)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    rows = dock.shop.all(BatchOrder)
    assert sorted(row.order_id for row in rows) == sorted(wanted)
    assert sorted(told) == [0, 5]


def test_a_claim_ends_by_itself_and_can_be_taken_over(dock: Dock) -> None:
    batch = made(dock, dock.paid())
    with pytest.raises(Refused, match="holds batch"):
        do(dock, lambda by: batches.claim(of(batch), by=by), who=TOM)
    do(dock, lambda by: batches.take_over(of(batch), by=by), who=TOM)
    with pytest.raises(Refused, match="has taken over"):
        do(dock, lambda by: batches.renew(of(batch), by=by))
    later = TUESDAY + batches.CLAIM + timedelta(seconds=1)
    do(dock, lambda by: batches.claim(of(batch), by=by), when=later)
    do(dock, lambda by: batches.leave(of(batch), by=by), when=later)
    do(dock, lambda by: batches.claim(of(batch), by=by), who=TOM, when=later)
    kinds = [event.kind for event in dock.shop.all(Event, Event.subject_type == "batch")]
    assert kinds == ["batch.made", "batch.taken_over", "batch.claimed", "batch.left", "batch.claimed"]


def test_every_scan_makes_the_claim_longer(dock: Dock) -> None:
    batch = made(dock, dock.paid())
    later = TUESDAY + timedelta(minutes=20)
    do(dock, lambda by: batches.renew(of(batch), by=by), when=later)
    with pytest.raises(Refused):
        do(dock, lambda by: batches.claim(of(batch), by=by), who=TOM, when=later + timedelta(minutes=20))


def test_skipped_orders_come_last_and_the_last_one_packed_ends_the_batch(dock: Dock) -> None:
    one, two, three = dock.paid(), dock.paid(), dock.paid()
    batch = made(dock, one, two, three)
    do(dock, lambda by: batches.skip(of(batch), numbered(one)))
    assert left(dock, batch) == [two, three, one]
    do(dock, lambda by: batches.skip(of(batch), numbered(two)))
    assert left(dock, batch) == [three, one, two]
    for number in (three, one):
        do(dock, leaving(batch, number))
    assert dock.shop.all(Batch)[0].state == "open"
    do(dock, lambda by: batches.out(of(batch), numbered(two), why="cancelled"))
    assert dock.shop.all(Batch)[0].state == "done"
    with pytest.raises(Refused, match="is done"):
        do(dock, lambda by: batches.claim(of(batch), by=by))
    with pytest.raises(Refused, match="not in batch"):
        do(dock, lambda by: batches.out(of(batch), numbered(two)))


def test_a_dissolved_batch_gives_its_orders_back(dock: Dock) -> None:
    one, two = dock.paid(), dock.paid()
    batch = made(dock, one, two)
    do(dock, lambda by: batches.out(of(batch), numbered(one)))
    assert do(dock, lambda by: batches.finish(of(batch))) == 1
    assert left(dock, made(dock, two, who=TOM)) == [two]


HARBOUR = reading(line("POT-06", 1), ship_to=quay(line1="1 Harbour Street"), phone="+441912345678")


def test_orders_of_one_customer_to_one_address_are_packed_one_after_the_other(dock: Dock) -> None:
    first = dock.paid()
    other = dock.paid(HARBOUR)
    again = dock.paid()
    assert left(dock, made(dock, first, other, again)) == [first, again, other]


def test_the_pick_list_adds_up_what_is_not_packed_yet(dock: Dock) -> None:
    one, two = dock.paid(), dock.paid(HARBOUR)
    three = dock.paid(reading(line("MUG-BLU", 3), ship_to=quay(), phone="+441912345678"))
    batch = made(dock, one, two, three)

    def listed() -> list[tuple[str, int, int, tuple[tuple[int, int], ...]]]:
        with dock.shop.reading():
            found = picking.rows(of(batch), batches.orders(of(batch)))
            return [(row.product.sku, row.quantity, row.picked, row.orders) for row in found]

    assert listed() == [("MUG-BLU", 5, 0, ((one, 2), (three, 3))), ("POT-06", 1, 0, ((two, 1),))]
    with dock.shop.reading():
        mug = picking.rows(of(batch), batches.orders(of(batch)))[0].product.id
    for n in (5, 0, 4):
        do(dock, picked(batch, mug, n))
    assert listed()[0][2] == 4
    with dock.dock(one) as (order, by):
        parcels.start(order, by=by)
    assert listed()[0][1] == 5  # begun is not packed
    with pytest.raises(Refused):
        do(dock, lambda by: picking.pick(of(batch), 999_999, 1, by=by))


def page(dock: Dock, wanted: Wanted = ALL, **how: Any) -> list[int]:
    """The numbers on a page of the pack list."""
    with dock.shop.reading():
        return [row.number for row in queries.page(wanted, limit=how.pop("limit", 50), **how)[0]]


def test_the_pack_list_goes_by_cut_off_and_pages_by_keyset(dock: Dock) -> None:
    late = dock.paid(when=TUESDAY + timedelta(days=2))
    soon, also = dock.paid(), dock.paid()
    dock.quoted()
    assert page(dock) == [soon, also, late]
    with dock.shop.reading():
        rows, more = queries.page(Wanted(), limit=2)
        assert more
        assert [
            row.number for row in queries.page(Wanted(), after=(rows[-1].ship_by, rows[-1].id), limit=2)[0]
        ] == [late]
        assert queries.counts(TUESDAY, TUESDAY + timedelta(hours=14)) == queries.Counts(3, 0, 2)
        assert queries.counts(TUESDAY + timedelta(hours=6), TUESDAY).overdue == 2


def test_an_order_that_never_got_a_cut_off_comes_first_and_is_never_lost(dock: Dock) -> None:
    one, two, three = dock.paid(), dock.paid(), dock.paid()
    for number in (two, three):
        with dock.dock(number) as (order, _):
            order.ship_by = None
    assert page(dock) == [two, three, one]
    assert page(dock, after=(queries.NEVER, dock.stage.seen(two).id)) == [three, one]


def test_the_pack_list_is_narrowed(dock: Dock) -> None:
    one = dock.paid()
    two = dock.paid(HARBOUR)
    both = dock.paid(
        reading(line("MUG-BLU", 1), line("POT-06", 1, "a teapot"), ship_to=quay(), phone="+441912345678")
    )
    with dock.shop.writing():
        product("POT-06").fragile = True
    assert page(dock, Wanted(single=True)) == [one, two]
    assert page(dock, Wanted(fragile=True)) == [two, both]
    assert page(dock, Wanted(twins=True)) == [one, both]
    assert page(dock, Wanted(same=both)) == [one, both]
    assert page(dock, Wanted(same=two)) == [two]
    assert page(dock, Wanted(country="DE")) == []
    assert page(dock, Wanted(carrier="Royal Mail")) == [one, two, both]
    assert page(dock, Wanted(carrier="UPS")) == []


def test_the_next_orders_are_those_that_nobody_has_and_nothing_stands_against(dock: Dock) -> None:
    one, two, three = dock.paid(), dock.paid(), dock.paid()
    made(dock, one)
    with dock.dock(two) as (order, _):
        order.delivery_trouble = "short"
    with dock.shop.reading():
        assert queries.free(Wanted(), limit=20) == ids(dock, three)
