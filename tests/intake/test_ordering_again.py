"""Orders and mails that are tried again, moved about, or made to hurt."""

from __future__ import annotations

import pytest

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue.entries import Prepared
from checkout_desk.conversations import relocating, undoing
from checkout_desk.conversations.models import Act, Conversation, Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake import making_readings, sweeping, taking_in
from checkout_desk.intake.rules import Rules, rules
from checkout_desk.intake.understanding import understand
from checkout_desk.orders.models import Order
from tests.builders import JANE, Shop, mail
from tests.reading import cases

WANTS = "I would like 2 blue mugs, please.\n\nJane Fox, 14 Elm Road, Leeds LS1 4AB"


def only(shop: Shop) -> Order:
    (order,) = shop.all(Order)
    return order


def test_a_mail_that_can_be_read_at_last_becomes_its_order(
    tea: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tea.receive(mail(WANTS))
    with monkeypatch.context() as broken:
        broken.setattr(taking_in, "understand", lambda *_, **__: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                tea.take_in(raw)
        taken = tea.take_in(raw)
    assert tea.message(taken.message).kind == "unreadable"
    assert tea.all(Order) == []
    with tea.writing():
        sweeping.retry(raw, at=tea.message(taken.message).at)
    again = tea.take_in(raw)
    assert (again.message, only(tea).born_of_id) == (taken.message, taken.message)
    c = tea.seen(taken.conversation)
    assert (c.order_number, c.next_action) == (1001, "check_order")
    tea.sound()


def test_a_fault_in_reading_costs_the_order_and_never_the_mail(
    tea: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tea.receive(mail(WANTS))
    monkeypatch.setattr(making_readings, "read", lambda *_, **__: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            tea.take_in(raw)
    taken = tea.take_in(raw)
    assert tea.message(taken.message).kind == "letter"
    assert tea.seen(taken.conversation).next_action == "answer"
    assert tea.all(Order) == []
    tea.sound()


def test_what_is_rolled_back_takes_its_number_back(tea: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tea.receive(mail(WANTS))
    with monkeypatch.context() as broken:
        broken.setattr(taking_in, "_finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tea.take_in(raw)
    assert tea.all(Order) == []
    tea.take_in(raw)
    assert only(tea).number == 1001
    tea.take_in(raw)
    assert len(tea.all(Order)) == 1
    tea.sound()


def test_a_conversation_that_got_its_order_meanwhile_is_read_for_again(tea: Shop) -> None:
    """The order comes between the reading and the filing of the answer that changes it."""
    first = tea.take(mail("Do you have mugs?"))
    data = mail(
        "Please make it 3 blue mugs instead.",
        in_reply_to=tea.message(first.message).mail_id or "",
        sender=JANE,
    )
    with tea.reading():
        rule = rules()
        u = understand(data, own_addresses=rule.own_addresses, trusted_authserv=rule.trusted_authserv)
        made = making_readings.make(u, envelope_to=None, rule=rule)
    assert made is not None
    assert made.thread is None
    tea.take(mail(WANTS, in_reply_to=tea.message(first.message).mail_id or "", sender=JANE))
    with tea.reading():
        begin_write()
        now = making_readings.again(made, u, first.conversation, rule=rule)
        db.session.rollback()
    assert now is not None
    assert now.thread is not None
    assert now.reading.role == "update"
    assert making_readings.again(made, u, None, rule=rule) is made


def moved(shop: Shop, kind: str, ids: tuple[int, int]) -> Act:
    """Move the messages of the first conversation into the second one, or merge the two."""

    def do(conversations: list[Conversation], by: Person) -> Act:
        source, target = conversations
        if kind == "merge":
            return relocating.merge(source, into=target, by=by)
        messages = db.session.query(Message).filter_by(conversation_id=source.id).order_by(Message.id)[1:]
        return relocating.move(messages, into=target, by=by)

    return shop.all(Act, Act.id == shop.act(do, *ids))[0]


def undo(shop: Shop, act: Act) -> None:
    with shop.writing():
        by = db.session.get_one(Person, act.person_id)
        undoing.undo(db.session.get_one(Act, act.id), by=by)


@pytest.mark.parametrize("kind", ["merge", "move"])
def test_the_order_goes_where_its_mail_goes_and_comes_back(tea: Shop, kind: str) -> None:
    first = tea.take(mail("Do you have mugs?"))
    ordered = tea.take(mail(WANTS, in_reply_to=tea.message(first.message).mail_id or ""))
    other = tea.take(mail("Hello there.", sender="Bob <bob@b.example>"))
    act = moved(tea, kind, (first.conversation, other.conversation))
    assert only(tea).conversation_id == other.conversation
    assert tea.message(ordered.message).conversation_id == other.conversation
    assert tea.seen(other.conversation).order_number == 1001
    assert tea.seen(first.conversation).order_number is None
    undo(tea, act)
    assert only(tea).conversation_id == first.conversation
    assert tea.seen(first.conversation).order_number == 1001
    assert tea.seen(other.conversation).order_number is None
    tea.sound()


@pytest.mark.parametrize(
    "body",
    [
        "1234567890 " * 200_000,
        "1" * 2_000_000,
        "2 x " * 500_000,
        "a1" * 1_000_000,
        "\n> 2 blue mugs" * 130_000,
    ],
)
def test_two_megabytes_of_anything_are_read_to_an_end(body: str) -> None:
    data = mail("I would like 2 blue mugs, please.\n\n" + body)
    index = cases.catalogue("tea")
    rule = Rules(prepared=Prepared(index, dict.fromkeys(index.entries, 1), {}), country="GB")
    u = understand(data, own_addresses=frozenset(), trusted_authserv=frozenset())
    made = making_readings.read_for(u, None, rule=rule)
    line = made.reading.lines[0]
    assert (line.sku, line.quantity) == ("MUG-BLU", 2)
    assert u.text[slice(*line.span)] == "2 blue mugs"
