"""What a mail says about its sender, in words on the message: who imitates whom, what our server found, what it wants after payment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store
from tests.builders import SHOP, Shop
from tests.page import Browser

JANE = "Jane Doe <jane@customer-firm.example>"


def flags(shop: Shop, message_id: int) -> list[str]:
    with shop.app.app_context():
        return list((db.session.get_one(Message, message_id).facts or {}).get("flags", ()))


def test_a_domain_near_ours_is_shown(shop: Shop, agent: Browser) -> None:
    near = SHOP.rpartition("@")[2].replace("o", "0", 1)
    taken = shop.take(sender=f"Mia <mia@{near}>")
    assert "Its domain looks like ours and is not" in agent.open(f"/conversations/{taken.conversation}")
    assert flags(shop, shop.take(sender=JANE).message) == []


@pytest.mark.parametrize("thief", ["jane@customer-f1rm.example", "jane@customerfirm.example"])
def test_somebody_near_a_participant_is_shown_in_their_conversation(
    shop: Shop, agent: Browser, thief: str
) -> None:
    first = shop.take(sender=JANE)
    with shop.app.app_context():
        from checkout_desk.conversations.addressing import reply_address
        from checkout_desk.conversations.models import Conversation

        token = db.session.get_one(Conversation, first.conversation).reply_token
        to = reply_address(SHOP, token)
    second = shop.take(sender=f"Jane Doe <{thief}>", to=to, subject="Re: Order")
    assert second.conversation == first.conversation
    assert {"near_customer", "new_person"} <= set(flags(shop, second.message))
    assert "Its address looks like that of somebody here" in agent.open(
        f"/conversations/{first.conversation}"
    )
    other = shop.take(sender="Bob Ray <bob@elsewhere.example>", to=to, subject="Re: Order")
    assert flags(shop, other.message) == ["new_person"]


def test_a_known_name_at_a_new_address_is_shown(shop: Shop) -> None:
    shop.take(sender=JANE)
    assert flags(shop, shop.take(sender="JANE  DOE <jd@elsewhere.example>").message) == ["known_name"]
    assert flags(shop, shop.take(sender="Jane <j@third.example>").message) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("mx.shop.example; spf=pass; dkim=pass; dmarc=pass", "Sender checked by our mail server: SPF, DKIM and DMARC pass"),
        ("mx.shop.example; spf=fail; dkim=none; dmarc=fail", "Sender not genuine: our mail server says that its domain did not send this (SPF and DMARC failed)"),
        ("mx.shop.example; spf=fail; dkim=pass; dmarc=pass", "Sender doubtful: SPF failed, DKIM and DMARC pass"),
        ("mx.shop.example; spf=none; dkim=none; dmarc=none", "Sender not verified: its domain gives nothing to check by"),
        ("mx.evil.example; dmarc=pass", "Asks for answers at another address"),
    ],
)  # fmt: skip
def test_the_verdict_of_our_server_stands_on_the_message_in_words(
    shop: Shop, agent: Browser, said: str, words: str
) -> None:
    with shop.writing():
        db.session.get_one(Store, 1).own_authserv_id = "mx.shop.example"
    headers = {"Authentication-Results": said, "Reply-To": "other@elsewhere.example"}
    page = agent.open(f"/conversations/{shop.take(sender=JANE, headers=headers).conversation}")
    assert words in page
    if "evil" in said:
        assert "no mail server that the desk trusts has checked it" in page
        assert "DMARC pass" not in page


def test_another_address_after_payment_is_shown_on_the_mail_and_at_the_order(
    shop: Shop, as_role: Callable[[str], Browser]
) -> None:
    from checkout_desk.intake.ordering import _warn_of_address
    from checkout_desk.orders.models import Order

    taken = shop.take(sender=JANE)
    change = {"what": "detail", "field": "ship_city", "from": "Bath", "to": "Elsewhere"}
    with shop.writing():
        _warn_of_address(Order(state="quoted"), taken.message, [change])
        _warn_of_address(Order(state="paid"), taken.message, [{"what": "detail", "field": "phone"}])
    assert flags(shop, taken.message) == []
    with shop.writing():
        _warn_of_address(Order(state="paid"), taken.message, [change])
    page = as_role("support").open(f"/conversations/{taken.conversation}")
    assert "Wants a paid parcel sent elsewhere" in page
