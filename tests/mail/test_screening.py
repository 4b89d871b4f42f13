"""Bounces, automatic answers, lists and our own mail are told from letters, and ordinary mail is left alone."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from checkout_desk.mail.authentication import Authentication
from checkout_desk.mail.letter import Address, Letter, Recipient, Report
from checkout_desk.mail.screening import screen

OURS = frozenset({"orders@shop.example"})


def letter(
    sender: str = "jane@example.com",
    name: str = "",
    subject: str = "Order",
    text: str = "Two mugs, please.",
    **more: object,
) -> Letter:
    headers = {key.replace("_", "-"): (str(value),) for key, value in more.items()}
    return Letter(sender=Address(sender, name), subject=subject, text=text, headers=headers)


def sent_by_us(ids: Collection[str]) -> bool:
    return "ours@shop.example" in ids


DSN = replace(
    letter("MAILER-DAEMON@mx.example", subject="Delivery Status Notification (Failure)", return_path="<>"),
    report=Report("delivery-status", (Recipient("lost@example.com", "failed", "5.1.1", "550 no such user"),)),
    embedded={"message-id": "<ours@shop.example>", "subject": "Your order"},
)


def test_a_standard_bounce_names_recipient_and_mail() -> None:
    verdict = screen(DSN, own_addresses=OURS)
    assert verdict.kind == "bounce" and not verdict.answerable and not verdict.loop
    assert [(b.email, b.permanent, b.status) for b in verdict.bounced] == [
        ("lost@example.com", True, "5.1.1")
    ]
    assert verdict.original_message_id == "ours@shop.example"


def test_a_delay_is_not_permanent() -> None:
    report = Report("delivery-status", (Recipient("slow@example.com", "delayed", "4.4.1"),))
    assert not screen(replace(DSN, report=report)).bounced[0].permanent


BOUNCES = [
    # qmail
    letter(
        "MAILER-DAEMON@mail.example",
        subject="failure notice",
        text="Hi. This is the qmail-send program at mail.example.\nI'm afraid I wasn't able to deliver your message to the"
        " following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<lost@example.com>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"
        "Return-Path: <orders@shop.example>\nMessage-ID: <ours@shop.example>\nSubject: Order\n",
    ),
    # Exim
    letter(
        "Mailer-Daemon@mx.example",
        "Mail Delivery System",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered"
        " to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  lost@example.com\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n"
        "Return-path: <orders@shop.example>\nMessage-ID: <ours@shop.example>\n",
        x_failed_recipients="lost@example.com",
    ),
    # Postfix, as text
    letter(
        "MAILER-DAEMON@mx.example",
        "Mail Delivery System",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients.\n\n<lost@example.com>: host b.example said: 550 5.1.1 user unknown\n\n"
        "Message-ID: <ours@shop.example>\n",
        return_path="<>",
    ),
    # a German provider
    letter(
        "postmaster@provider.example",
        subject="Unzustellbar: Ihre Bestellung",
        text="Die Nachricht an lost@example.com konnte nicht zugestellt werden.\n\nMessage-ID: <ours@shop.example>\n",
    ),
    # a server without a daemon's name
    letter(
        "admin@example.com",
        subject="Undeliverable: Your order",
        text="Your message to lost@example.com could not be delivered: mailbox does not exist.\n\n"
        "-----Original Message-----\nMessage-ID: <ours@shop.example>\n",
        return_path="<>",
    ),
]


@pytest.mark.parametrize("mail", BOUNCES)
def test_other_bounces_are_found_with_their_recipient(mail: Letter) -> None:
    verdict = screen(mail, own_addresses=OURS)
    assert verdict.kind == "bounce"
    assert [bounced.email for bounced in verdict.bounced] == ["lost@example.com"]
    assert verdict.bounced[0].permanent
    assert verdict.original_message_id == "ours@shop.example"


AUTOMATIC = [
    letter(auto_submitted="auto-replied"),
    letter(auto_submitted="auto-generated; owner=x"),
    letter(x_autoreply="yes"),
    letter(x_autorespond="Re: Order"),
    letter(precedence="auto_reply"),
    letter(precedence="junk"),
    replace(letter(), report=Report("disposition-notification")),
    letter(subject="Automatic reply: Your order"),
    letter(subject="Automatische Antwort: Ihre Bestellung"),
    letter(subject="Out of Office"),
    letter(subject="Abwesenheitsnotiz: Bestellung"),
    letter(subject="Réponse automatique : votre commande"),
    letter(subject="Respuesta automática: pedido"),
    letter(subject="Risposta automatica: ordine"),
    letter(subject="Automatisch antwoord: bestelling"),
    letter(subject="Autosvar: order"),
    letter(subject="Автоответ: заказ"),
    letter(subject="自動返信メール"),
    letter(subject="자동 회신: 주문"),
    letter(subject="自动回复: 订单"),
    letter(subject="Read: Your order"),
    letter(subject="Automatic reply", x_auto_response_suppress="All"),
    replace(letter(x_auto_response_suppress="All"), in_reply_to=("ours@shop.example",)),
]


@pytest.mark.parametrize("mail", AUTOMATIC)
def test_automatic_replies_are_never_answered(mail: Letter) -> None:
    verdict = screen(mail, own_addresses=OURS, own_message_ids=sent_by_us)
    assert verdict.kind == "auto_reply" and not verdict.answerable and verdict.why.endswith(".")


ORDINARY = [
    letter(),
    letter(
        subject="Delivery failed, where is my parcel?",
        text="The driver could not deliver. Your mail was not delivered?",
    ),
    letter(
        subject="Undeliverable parcel",
        text="My parcel was undeliverable, address not found. Please send it again.",
    ),
    letter(subject="Returned mail", text="I sent the mugs back."),
    letter(subject="Re: Out of office chairs in stock?"),
    letter(subject="Out of office supplies, please send more"),
    letter(subject="Automatic replacement of filters"),
    letter(subject="On holiday, please deliver next week"),
    letter(subject="Reading lamp: how much?"),
    letter(auto_submitted="no"),
    letter(x_auto_response_suppress="All"),
    replace(letter(x_auto_response_suppress="DR, RN"), in_reply_to=("other@example.com",)),
    letter(text="Please read 550 5.1.1 as the article number."),
    letter(
        subject="Order",
        text="Two mugs.\n\n-----Original Message-----\nThis could not be delivered to the mailbox.",
    ),
    replace(letter(), embedded={"message-id": "<x@example.com>"}),
]


@pytest.mark.parametrize("mail", ORDINARY)
def test_ordinary_mail_is_a_letter(mail: Letter) -> None:
    verdict = screen(mail, own_addresses=OURS, own_message_ids=sent_by_us)
    assert verdict.kind == "letter" and verdict.answerable


@pytest.mark.parametrize("value", ["bulk", "list"])
def test_bulk_is_a_letter_that_no_machine_answers(value: str) -> None:
    verdict = screen(letter(precedence=value))
    assert verdict.kind == "letter" and not verdict.answerable


def test_lists_and_silent_senders_are_not_answered() -> None:
    assert screen(letter(list_id="<news.example>")).kind == "list"
    for mail in (letter(return_path="<>"), letter("no-reply@example.com"), letter("")):
        assert screen(mail).kind == "letter" and not screen(mail).answerable
    assert not screen(
        replace(letter(), reply_to=(Address("Orders@shop.example"),)), own_addresses=OURS
    ).answerable


def test_a_contact_form_is_an_order() -> None:
    form = letter("form@relay.example", auto_submitted="auto-generated")
    assert screen(form).kind == "auto_reply"
    verdict = screen(form, trusted_relays=frozenset({"relay.example"}))
    assert verdict.kind == "letter" and verdict.answerable
    assert (
        screen(replace(form, report=DSN.report), trusted_relays=frozenset({"relay.example"})).kind == "bounce"
    )


def test_our_own_mail_coming_back() -> None:
    own = letter("orders@shop.example")
    assert screen(own, own_addresses=OURS).kind == "own"
    assert "own_address" in screen(own, own_addresses=OURS).flags
    back = screen(
        replace(own, message_id="ours@shop.example"), own_addresses=OURS, own_message_ids=sent_by_us
    )
    assert back.kind == "own" and back.loop
    assert screen(letter(x_loop="orders@shop.example"), own_addresses=OURS).loop
    marked = letter(x_checkout_desk_loop="ours")
    assert screen(marked, own_mark=lambda mark, message_id: mark == "ours").loop
    assert (
        screen(letter(x_checkout_desk_loop="1"), own_mark=lambda mark, message_id: mark == "ours").kind
        == "letter"
    )
    assert screen(marked).kind == "letter"
    round_trip = screen(Letter(sender=Address("a@b.example"), headers={"received": ("x",) * 51}))
    assert round_trip.loop and not round_trip.answerable
    stranger = screen(
        replace(letter(), message_id="ours@shop.example"), own_addresses=OURS, own_message_ids=sent_by_us
    )
    assert stranger.kind == "letter"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            ("mx.shop.example; spf=pass smtp.mailfrom=a; dkim=fail; dkim=pass; dmarc=pass",),
            ("pass", "pass", "pass"),
        ),
        (("mx.shop.example 1; spf=softfail (x; dmarc=pass); dmarc=none",), ("fail", "unknown", "none")),
        (("evil.example; dmarc=pass",), ("unknown",) * 3),
        (("evil.example; dmarc=pass", "mx.shop.example; dmarc=pass"), ("unknown",) * 3),
        (("mx.shop.example.evil.example; dmarc=pass",), ("unknown",) * 3),
        (("mx.shop.example; dmarc=temperror",), ("unknown",) * 3),
        ((), ("unknown",) * 3),
    ],
)
def test_only_our_own_exchanger_counts(values: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    mail = replace(letter(), headers={"authentication-results": values})
    found = screen(mail, trusted_authserv=frozenset({"mx.shop.example"})).authentication
    assert (found.spf, found.dkim, found.dmarc) == expected
    assert screen(mail).authentication == Authentication()


def test_flags() -> None:
    assert screen(replace(letter(), reply_to=(Address("jane@evil.example"),))).flags == ("reply_to_differs",)
    assert screen(letter(name="boss@shop.example")).flags == ("name_is_another_address",)
    assert screen(letter(name="Jane@example.com")).flags == ()
    assert screen(letter("a@xn--pypal-4ve.com")).flags == ("lookalike",)
    assert screen(letter("a@p\u0430ypal.com")).flags == ("lookalike",)
    for plain in ("a@bücher.example", "a@пример.example", "a@xn--bcher-kva.example", "a@例え.example"):
        assert screen(letter(plain)).flags == ()
