"""A list of tracking numbers: what it would do, what is confirmed, and every good line once, whoever dies in between."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from sqlalchemy import event

from checkout_desk import clock, faults
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import number_importing, number_lists, numbering, parcels
from checkout_desk.shipping.models import Carrier, NumberList, Shipment
from checkout_desk.shipping.number_importing import Row
from tests.shipping.dock import NUMBER, TUESDAY, Dock

OTHER = "RB123456785GB"
UPS = "1Z5R89390357567127"


def s10(serial: int) -> str:
    """A number of Royal Mail's with the right check digit."""
    body = f"{serial:08d}"
    digit = 11 - sum(int(d) * w for d, w in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"AA{body}{ {10: 0, 11: 5}.get(digit, digit) }GB"


def plan(dock: Dock, text: str) -> list[Row]:
    with dock.shop.reading():
        return number_importing.plan(number_lists.read(text))


def kinds(dock: Dock, text: str) -> list[str]:
    return [row.kind for row in plan(dock, text)]


def begin(dock: Dock, text: str, *, confirmed: Collection[str] = (), likely: Collection[int] = ()) -> int:
    by_id = dock.shop.person("logistics")
    with clock.pretending(TUESDAY), dock.shop.writing():
        rows = number_importing.plan(number_lists.read(text))
        found = number_importing.begin(
            rows, confirmed=confirmed, likely=likely, filename="", by=db.session.get_one(Person, by_id)
        )
        return found.id


def carry_on(dock: Dock, list_id: int) -> list[str]:
    done = -1
    while done < (now := dock.shop.all(NumberList, NumberList.id == list_id)[0].done):
        done = now  # each turn rings for the next
        with dock.shop.app.app_context(), clock.pretending(TUESDAY):
            number_importing.carry_on(list_id)
            db.session.remove()
    return [row["kind"] for row in dock.shop.all(NumberList, NumberList.id == list_id)[0].rows]


def states(dock: Dock, ids: Sequence[int]) -> set[str]:
    return {dock.parcel(one).state for one in ids}


def test_each_line_says_what_would_become_of_it(dock: Dock) -> None:
    with dock.shop.writing():
        db.session.add(Carrier(name="UPS", pattern="ups"))
    ready, other, left, unpacked = dock.paid(), dock.paid(), dock.paid(), dock.paid()
    dock.packed(ready)
    dock.packed(other)
    gone = dock.packed(left)
    dock.step(gone, _given, number=NUMBER)
    unpaid, _ = dock.quoted()
    text = "\n".join(
        (
            f"{ready} {s10(1)}",
            f"{other} {UPS}",
            f"{left} {NUMBER}",
            f"{left} {OTHER}",
            f"{unpacked} {s10(2)}",
            f"{unpaid} {s10(3)}",
            f"999999 {s10(4)}",
            f"{ready} {s10(5)}",
            f"{other}-P2 {s10(6)}",
            "what is this",
        )
    )
    rows = plan(dock, text)
    assert [row.kind for row in rows] == [
        "good", "other_carrier", "same", "gone", "not_packed", "refused", "unknown", "which", "unknown", "unreadable",
    ]  # fmt: skip
    words = [row.words for row in rows]
    assert words[1] == f"{UPS} is a number of UPS, but the parcel goes with Royal Mail."
    assert words[3] == f"Parcel {left}-P1 has left with {NUMBER}; correct its number there."
    assert words[6] == "There is no order 999999."
    assert words[7] == f"Line 1 gives parcel {ready}-P1 a number already."
    assert states(dock, [gone]) == {"handed_over"}, "a plan changes nothing"
    assert dock.shop.all(Shipment, Shipment.tracking_key == s10(1)) == []


def _given(parcel: Shipment, by: Person, number: str) -> None:
    numbering.give(parcel, number, by=by, how="scan")


def test_a_used_number_names_its_parcel_also_within_the_list(dock: Dock) -> None:
    first, second, third = dock.paid(), dock.paid(), dock.paid()
    for one in (first, second, third):
        dock.packed(one)
    dock.step(dock.shop.all(Shipment, Shipment.number == 1)[0].id, _given, number=NUMBER)
    rows = plan(dock, f"{second} {NUMBER}\n{second} {OTHER}\n{third} {OTHER}")
    assert [row.kind for row in rows] == ["used", "good", "used"]
    assert rows[0].words == f"{NUMBER} is the number of parcel {first}-P1 already."
    assert rows[2].words == f"{OTHER} is the number of parcel {second}-P1 already."


def test_only_what_is_good_or_confirmed_is_given(dock: Dock) -> None:
    good, loose = dock.paid(), dock.paid()
    parcel_id = dock.packed(good)
    text = f"{good} {s10(1)}\n{loose} {s10(2)}\n999999 {s10(3)}"
    assert carry_on(dock, begin(dock, text)) == ["given", "not_packed", "unknown"]
    assert dock.parcel(parcel_id).state == "handed_over"
    assert dock.stage.seen(loose).state == "paid"
    assert carry_on(dock, begin(dock, text, confirmed=["not_packed"])) == ["same", "given", "unknown"]
    assert dock.stage.seen(loose).state == "shipped"
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 2
    dock.sound()


def test_three_bad_lines_of_a_hundred_do_not_hold_up_the_others(dock: Dock) -> None:
    numbers = [dock.paid() for _ in range(4)]
    ids = [dock.packed(one) for one in numbers]
    good = "".join(f"{one},{s10(i)}\n" for i, one in enumerate(numbers))
    bad = "x,y\n1,\n999999,AB123456785GB\n"
    text = "Order,Tracking number\n" + good + bad
    assert kinds(dock, text) == ["good"] * 4 + ["unreadable", "unreadable", "unknown"]
    assert carry_on(dock, begin(dock, text))[:4] == ["given"] * 4
    assert states(dock, ids) == {"handed_over"}


def test_the_likely_number_is_taken_where_a_person_says_so(dock: Dock) -> None:
    parcel_id = dock.packed(number := dock.paid())
    text = f"{number} AB1234S6785GB"
    (row,) = plan(dock, text)
    assert (row.kind, row.likely) == ("wrong_check", NUMBER)
    assert carry_on(dock, begin(dock, text)) == ["wrong_check"]
    assert carry_on(dock, begin(dock, text, likely=[1])) == ["given"]
    assert dock.parcel(parcel_id).tracking_key == NUMBER


def test_a_list_that_names_another_carrier_is_confirmed(dock: Dock) -> None:
    with dock.shop.writing():
        db.session.add(Carrier(name="Parcelforce", pattern="parcelforce"))
    parcel_id = dock.packed(number := dock.paid())
    text = f"order,number,carrier\n{number},{NUMBER},Parcelforce"
    (row,) = plan(dock, text)
    assert (row.kind, row.words) == (
        "other_carrier",
        "The list says Parcelforce, but the parcel goes with Royal Mail.",
    )
    assert carry_on(dock, begin(dock, text, confirmed=["other_carrier"])) == ["given"]
    parcel = dock.parcel(parcel_id)
    with dock.shop.reading():
        assert db.session.get_one(Carrier, parcel.carrier_id or 0).name == "Parcelforce"


def test_two_parcels_of_one_order_are_told_apart(dock: Dock) -> None:
    number = dock.paid()
    with dock.dock(number) as (order, by):
        first = parcels.start(order, by=by)
        parcels.packed_unscanned(first, by=by)
        first.state = "labelled"
        db.session.flush()
        second = Shipment(
            order_id=order.id, number=2, quote_id=first.quote_id, state="packing", status="pending",
            carrier_id=first.carrier_id, created_at=TUESDAY, updated_at=TUESDAY,
        )  # fmt: skip
        db.session.add(second)
    (row,) = plan(dock, f"{number} {NUMBER}")
    assert (row.kind, row.words) == ("which", f"Order {number} has 2 parcels; name one, such as {number}-P1.")
    rows = plan(dock, f"{number}-P1 {NUMBER}\n{number}-P2 {OTHER}")
    assert [(row.kind, row.part) for row in rows] == [("good", 1), ("good", 2)]


def test_a_worker_that_dies_is_followed_by_another_and_every_mail_leaves_once(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [dock.paid() for _ in range(3)]
    ids = [dock.packed(one) for one in numbers]
    text = "\n".join(f"{one} {s10(i)}" for i, one in enumerate(numbers))
    list_id = begin(dock, text)
    seen: list[str] = []

    def dies(name: str) -> None:
        seen.append(name)
        if seen.count("numbers.given") == 2 and name == "numbers.given":
            raise KeyboardInterrupt

    monkeypatch.setattr(faults, "fault", dies)
    with pytest.raises(KeyboardInterrupt):
        carry_on(dock, list_id)
    monkeypatch.undo()
    assert [dock.parcel(one).state for one in ids] == ["handed_over", "handed_over", "packing"]
    assert carry_on(dock, list_id)[2] == "good", "its lease has not ended yet"
    with dock.shop.writing():
        db.session.get_one(NumberList, list_id).claimed_until = TUESDAY
    with dock.shop.app.app_context():
        assert number_importing.sweep() == 1
        db.session.remove()
    with dock.shop.writing():
        db.session.get_one(NumberList, list_id).claimed_until = None
    assert carry_on(dock, list_id) == ["same", "same", "given"]
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 3
    found = dock.shop.all(NumberList)[0]
    assert (found.done, found.total) == (3, 3)
    assert carry_on(dock, list_id) == ["same", "same", "given"]


def test_a_plan_of_many_lines_asks_a_handful_of_questions(dock: Dock) -> None:
    dock.packed(number := dock.paid())
    text = f"{number} {NUMBER}\n" + "\n".join(f"{5000 + i} {s10(i)}" for i in range(400))
    lines = number_lists.read(text)
    asked: list[str] = []
    with dock.shop.reading():
        begin_write()
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        number_importing.plan(lines)
    assert len(asked) <= 6, asked


def test_a_long_list_lets_other_jobs_go_first(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_importing, "TURN", 2)
    monkeypatch.setattr(number_importing, "AT_ONCE", 0)
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(number_importing, "later", lambda name, one: rung.append((name, one)))
    numbers = [dock.stage.seen(number).number for number in (dock.paid(), dock.paid(), dock.paid())]
    for number in numbers:
        dock.packed(number)
    list_id = begin(dock, "\n".join(f"{number},{s10(i)}" for i, number in enumerate(numbers, 1)))
    for done in (2, 3, 3):
        with dock.shop.app.app_context(), clock.pretending(TUESDAY):
            number_importing.carry_on(list_id)
            db.session.remove()
        assert dock.shop.all(NumberList)[0].done == done
    assert rung == [("take_in_numbers", list_id)] * 2
