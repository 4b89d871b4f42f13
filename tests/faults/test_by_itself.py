"""Valkey is away or emptied at the wrong moment: what nobody was rung for is found; a mail in doubt leaves all else as it is."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import handing_over
from tests.faults.ten import TEN, WHOLE
from tests.faults.yard import Yard

RUNG_FOR = ("accept", "quote", "webhook", "statement", "refund", "tracking")
TELLING = {"quote": "quote", "webhook": "confirmed", "tracking": "delivered"}
"""step -> the mail that tells of it"""


@pytest.mark.parametrize("step", RUNG_FOR)
def test_what_nobody_was_rung_for_is_done_by_itself(yard: Yard, step: str) -> None:
    """The queue is away while somebody knocks, and has forgotten everything when it is back."""
    turn = TEN[step](yard)
    assert turn.door
    turn.door()
    assert yard.broken(at_rest=False) == []
    yard.by_itself()
    assert turn.came() == WHOLE[step]
    assert (yard.waits(), yard.broken()) == ([], [])


@pytest.mark.parametrize("step", ["label", "backup"])
def test_what_somebody_waits_for_needs_no_queue(yard: Yard, step: str) -> None:
    turn = TEN[step](yard)
    turn.do()
    assert turn.came() == WHOLE[step]
    yard.by_itself()  # the mails of the preparation
    assert (yard.waits(), yard.broken()) == ([], [])


@pytest.mark.parametrize("step", TELLING)
def test_only_the_mail_is_unknown(yard: Yard, step: str) -> None:
    """The SMTP server takes the mail and never says so: twice, and then it is shown and not sent again."""
    turn = TEN[step](yard)
    yard.by_itself()  # what the preparation told has left
    yard.sink.drop("dot", keep=True, times=None)
    turn.do()
    yard.by_itself()
    came: Any = turn.came()
    assert came[:2] == WHOLE[step][:2]
    [told] = yard.shop.all(MilestoneMail, MilestoneMail.milestone == TELLING[step])
    [message] = yard.shop.all(Message, Message.id == told.message_id)
    [row] = yard.shop.all(OutboundMail, OutboundMail.id == message.outbound_id)
    assert (row.state, row.unknown_count) == ("unknown", 2)
    assert "may have arrived" in (message.trouble or "")
    assert sum(mail.content == yard.shop.bytes_of(row) for mail in yard.sink.accepted) == 2
    if step == "quote":
        assert yard.stock()[1] == 2, "the stock stays held"
    assert (yard.waits(), yard.broken()) == ([], [])


def test_a_parcel_has_left_though_its_mail_is_unknown(yard: Yard) -> None:
    """And so is a refund done: neither waits for the mail that tells of it."""
    number, parcel_id = yard.packed_now()
    yard.numbered(parcel_id)
    yard.by_itself()
    back = TEN["refund"](yard)
    yard.by_itself()
    yard.sink.drop("dot", keep=True, times=None)
    yard.step(parcel_id, handing_over.hand_over, clock.now(), at=clock.now())
    back.do()
    yard.by_itself()
    assert (yard.parcel(parcel_id).state, yard.stage.seen(number).state) == ("handed_over", "shipped")
    assert back.came() == WHOLE["refund"]
    states = {row.state for row in yard.shop.all(OutboundMail, OutboundMail.unknown_count > 0)}
    assert states == {"unknown"}
    assert (yard.waits(), yard.broken()) == ([], [])
