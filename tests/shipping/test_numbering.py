"""Giving parcels their numbers: what is taken at once, what a person has to confirm, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.events.models import Event
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.shipping import links, numbering, parcels
from checkout_desk.shipping.models import Carrier, Shipment, TrackingEvent
from checkout_desk.shipping.numbering import Doubtful, Given, Used
from tests.shipping.dock import NUMBER, TUESDAY, Dock

OTHER = "RB123456785GB"
UPS = "1Z5R89390357567127"


def give(dock: Dock, parcel_id: int, number: str, **facts: Any) -> Given:
    given: Given = dock.step(
        parcel_id, lambda parcel, by, **f: numbering.give(parcel, number, by=by, how="scan", **f), **facts
    )
    return given


def correct(dock: Dock, parcel_id: int, number: str, **facts: Any) -> Given:
    given: Given = dock.step(
        parcel_id, lambda parcel, by, **f: numbering.correct(parcel, number, by=by, **f), **facts
    )
    return given


def carrier(dock: Dock, name: str, pattern: str, **values: Any) -> None:
    with dock.shop.writing():
        db.session.add(Carrier(name=name, pattern=pattern, **values))


def test_a_number_hands_the_parcel_over(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    given = give(dock, parcel_id, "ab 1234 5678 5gb")
    assert given == Given("given", f"{number}-P1 is handed over with {NUMBER}.", f"{number}-P1", True)
    parcel = dock.parcel(parcel_id)
    assert (parcel.state, parcel.tracking_key, parcel.tracking_by) == ("handed_over", NUMBER, "royal_mail")
    assert dock.stage.seen(number).state == "shipped"
    assert [name for name, _ in dock.mails(number)].count("shipped") == 1
    again = give(dock, parcel_id, NUMBER)
    assert again.kind == "same"
    assert [name for name, _ in dock.mails(number)].count("shipped") == 1
    dock.sound()


@pytest.mark.parametrize(
    "pattern", ["royal_mail", ""], ids=["a carrier that is known", "a courier nobody knows"]
)
def test_the_bar_code_of_our_own_label_is_no_number(dock: Dock, pattern: str) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    with dock.shop.writing():
        db.session.query(Carrier).one().pattern = pattern
    with pytest.raises(Refused, match=f"{number}-P1 is how we call a parcel"):
        give(dock, parcel_id, f"{number}-P1", confirmed={"unlike"})
    assert dock.parcel(parcel_id).state == "packing"


def test_where_the_manifest_hands_over_the_number_only_stands_there(dock: Dock) -> None:
    with dock.shop.writing():
        db.session.query(Carrier).one().handover = "manifest"
    parcel_id = dock.packed(dock.paid())
    given = give(dock, parcel_id, NUMBER)
    assert (given.kind, given.handed_over, dock.parcel(parcel_id).state) == ("given", False, "packing")
    assert give(dock, parcel_id, NUMBER).kind == "same"
    assert give(dock, parcel_id, OTHER).kind == "given", "it has not left, so the number may still change"
    events = [row.after for row in dock.shop.all(Event, Event.kind == "parcel.numbered")]
    assert [row["number"] for row in events if row] == [NUMBER, OTHER]


def test_a_number_of_another_parcel_is_refused_with_its_name(dock: Dock) -> None:
    first, second = dock.paid(), dock.paid()
    give(dock, dock.packed(first), NUMBER)
    parcel_id = dock.packed(second)
    with pytest.raises(Used, match=f"{NUMBER} is the number of parcel {first}-P1 already"):
        give(dock, parcel_id, NUMBER)
    assert dock.parcel(parcel_id).tracking_key is None
    assert dock.parcel(parcel_id).state == "packing"


def test_the_database_itself_keeps_a_number_to_one_parcel(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(dock, dock.packed(dock.paid()), NUMBER)
    parcel_id = dock.packed(dock.paid())
    monkeypatch.setattr(numbering, "owner", lambda number_key: None)  # another one looked at the same moment
    with pytest.raises(Used, match="given to another parcel this very moment"):
        give(dock, parcel_id, NUMBER)
    assert dock.parcel(parcel_id).tracking_key is None


def test_a_number_of_another_carrier_is_asked_about_and_changes_the_carrier(dock: Dock) -> None:
    carrier(dock, "UPS", "ups")
    number = dock.paid()
    parcel_id = dock.packed(number)
    with pytest.raises(
        Doubtful, match=f"{UPS} is a number of UPS, but the parcel goes with Royal Mail"
    ) as doubt:
        give(dock, parcel_id, UPS)
    assert doubt.value.judgement.kind == "other_carrier"
    assert dock.parcel(parcel_id).state == "packing"
    give(dock, parcel_id, UPS, confirmed=["other_carrier"])
    parcel = dock.parcel(parcel_id)
    assert (parcel.state, parcel.tracking_by) == ("handed_over", "ups")
    with dock.shop.reading():
        assert db.session.get_one(Carrier, parcel.carrier_id or 0).name == "UPS"


def test_a_wrong_check_digit_names_what_was_meant(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    with pytest.raises(Doubtful, match=r"its check digit is wrong. Was AB123456785GB meant\?") as doubt:
        give(dock, parcel_id, "AB1234S6785GB")
    assert (doubt.value.judgement.kind, doubt.value.judgement.likely) == ("wrong_check", NUMBER)
    with pytest.raises(Doubtful):
        give(dock, parcel_id, "AB123456789GB", confirmed=["other_carrier"])
    assert give(dock, parcel_id, "AB123456789GB", confirmed=["wrong_check"]).kind == "given"


def test_a_number_that_looks_like_nobodys_is_asked_about(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    with pytest.raises(Doubtful, match="does not look like a number of Royal Mail"):
        give(dock, parcel_id, "VAN-2231-7")
    for text in ("", "—", "ABC", "hello there", "1" * 41):
        with pytest.raises(Refused, match="is no tracking number"):
            give(dock, parcel_id, text, confirmed=list(numbering.DOUBTS))
    assert give(dock, parcel_id, "VAN-2231-7", confirmed=["unlike"]).kind == "given"
    assert dock.parcel(parcel_id).tracking_number == "VAN22317"


def test_a_courier_without_a_pattern_may_number_as_it_likes(dock: Dock) -> None:
    with dock.shop.writing():
        db.session.query(Carrier).one().pattern = ""
    parcel_id = dock.packed(dock.paid())
    assert give(dock, parcel_id, "van 2231").kind == "given"
    assert dock.parcel(parcel_id).tracking_by == ""


def test_what_is_not_packed_is_asked_about(dock: Dock) -> None:
    number = dock.paid()
    with dock.dock(number) as (order, by):
        parcel_id = parcels.start(order, by=by).id
    with pytest.raises(Doubtful, match="2 of its pieces were not scanned") as doubt:
        give(dock, parcel_id, NUMBER)
    assert doubt.value.judgement.kind == "not_packed"
    assert dock.parcel(parcel_id).tracking_key is None
    give(dock, parcel_id, NUMBER, confirmed=["not_packed"])
    assert dock.stage.seen(number).state == "shipped"


def test_what_has_left_is_corrected_not_given(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    with pytest.raises(Refused, match="has not left yet; give it its number"):
        correct(dock, parcel_id, OTHER)
    give(dock, parcel_id, NUMBER)
    with pytest.raises(Refused, match=f"has left with {NUMBER}; correct its number instead"):
        give(dock, parcel_id, OTHER)


def test_a_correction_is_told_once_and_forgets_what_was_said_of_the_wrong_number(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    give(dock, parcel_id, NUMBER)
    with dock.shop.writing():
        db.session.add(
            TrackingEvent(
                shipment_id=parcel_id, key="k", at=TUESDAY, status="in_transit", source="poll", received_at=TUESDAY
            )
        )  # fmt: skip
        parcel = db.session.get_one(Shipment, parcel_id)
        parcel.state = parcel.status = "in_transit"
        parcel.last_scan_at = TUESDAY
    given = correct(dock, parcel_id, OTHER)
    assert given.words == f"{number}-P1 has the number {OTHER} instead of {NUMBER}."
    parcel = dock.parcel(parcel_id)
    assert (parcel.state, parcel.status, parcel.last_scan_at) == ("handed_over", "pending", None)
    assert dock.shop.all(TrackingEvent) == []
    assert correct(dock, parcel_id, OTHER.lower()).kind == "same"
    assert [name for name, _ in dock.mails(number)].count("tracking_corrected") == 1
    told = dock.shop.all(Message, Message.kind == "automatic")[-1].text
    assert f"Tracking number: {OTHER}" in told and f"do not use this number any more: {NUMBER}" in told
    dock.sound()


def test_corrected_back_and_forth_the_last_mail_names_the_last_number(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    give(dock, parcel_id, NUMBER)
    for right in (OTHER, NUMBER, OTHER):
        correct(dock, parcel_id, right)
        assert right in dock.shop.all(Message, Message.kind == "automatic")[-1].text


def test_a_correction_to_a_used_number_or_after_the_delivery_is_refused(dock: Dock) -> None:
    first, second = dock.packed(dock.paid()), dock.packed(dock.paid())
    give(dock, first, NUMBER)
    give(dock, second, OTHER)
    with pytest.raises(Used):
        correct(dock, first, OTHER)
    assert dock.parcel(first).tracking_key == NUMBER
    with dock.shop.writing():
        db.session.get_one(Shipment, first).state = "delivered"
    with pytest.raises(Refused, match="is delivered; its number is not corrected any more"):
        correct(dock, first, "RR473124829GB")


def test_a_guard_of_the_hand_over_leaves_no_number_behind(dock: Dock) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    with dock.shop.writing():
        db.session.get_one(Shipment, parcel_id).state = "void"
    with pytest.raises(Refused, match="is not sent, so it gets no number"):
        give(dock, parcel_id, NUMBER)
    assert dock.parcel(parcel_id).tracking_key is None


def test_the_link_is_the_stores_own_or_that_of_whose_number_it_is(dock: Dock) -> None:
    parcel_id = dock.packed(dock.paid())
    give(dock, parcel_id, NUMBER)
    parcel = dock.parcel(parcel_id)
    (royal_mail,) = dock.shop.all(Carrier)
    assert links.link(parcel, royal_mail, language="de", country="DE") == f"https://track.example/de/{NUMBER}"
    royal_mail.tracking_url = ""
    own = f"https://www.royalmail.com/track-your-item#/tracking-results/{NUMBER}"
    assert links.link(parcel, royal_mail, language="de", country="DE") == own
    assert links.link(parcel, None, language="en", country="GB") == own
    parcel.tracking_by = "dhl"
    assert links.link(parcel, royal_mail, language="de", country="DE").startswith("https://www.dhl.de/de/")
    parcel.tracking_key = None
    assert links.link(parcel, royal_mail, language="en", country="GB") == ""
