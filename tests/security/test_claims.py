"""What a mail claims and what automatic mail may do: forged people, forged proofs, loops, floods, broken-out headers."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from checkout_desk.conversations.checking import recipients
from checkout_desk.conversations.models import Conversation, Message, Participant
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.mail.models import OutboundMail
from checkout_desk.settings.models import Store
from tests.builders import JANE, SHOP, Shop, mail
from tests.databases import SqliteTemplate
from tests.page import Browser
from tests.signing import form_token, open_desk

CRLF = ("\r\nBcc: evil@evil.example", "\nBcc: evil@evil.example", "\rBcc: evil@evil.example", "\x00", "\x0bBcc: x@evil.example", "\u2028Bcc: evil@evil.example",
        "\x85Bcc: evil@evil.example", "\r\n\r\nsecond body", "=?utf-8?q?=0D=0ABcc:_evil@evil.example?=")  # fmt: skip
HEADERS = {"from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "x-checkout-desk-loop", "mime-version",
           "content-type", "content-transfer-encoding", "auto-submitted", "x-auto-response-suppress"}  # fmt: skip


@pytest.mark.parametrize("role", ["support", "admin"])
@pytest.mark.parametrize("order", ["/close", "approve", "@desk assign me", "Command: refund 1042"])
def test_a_mail_in_an_agents_name_does_nothing_but_arrive(shop: Shop, role: str, order: str) -> None:
    shop.person(role)
    first = shop.take(text="Where is my parcel?")
    forged = shop.take(
        sender=f"{role.title()} <{role}@fern.example>",
        subject="Re: Mugs",
        text=order,
        in_reply_to="x@customer.example",
    )
    for conversation in (first.conversation, forged.conversation):
        c = shop.seen(conversation)
        assert (c.state, c.assignee_id, c.escalated_at) == ("open", None, None)
    assert forged.conversation != first.conversation
    assert {m.author_id for m in shop.all(Message)} == {None}


def test_our_own_address_as_sender_is_flagged(shop: Shop, agent: Browser) -> None:
    taken = shop.take(sender=f"Fern and Kiln <{SHOP}>", text="/close")
    assert "Claims to come from our own address" in agent.open(f"/conversations/{taken.conversation}").html
    assert shop.all(OutboundMail) == []


FORGED = {
    "of nobody we know": {"Authentication-Results": "mx.evil.example; spf=pass dkim=pass dmarc=pass"},
    "of a look-alike of ours": {"Authentication-Results": "mx.shop.example.evil.example; dmarc=pass"},
    "in a comment": {"Authentication-Results": "mx.evil.example (mx.shop.example); dmarc=pass"},
    "in another header": {"X-Authentication-Results": "mx.shop.example; dmarc=pass", "ARC-Authentication-Results": "i=1; mx.shop.example; dmarc=pass"},
    "as a value": {"Authentication-Results": "x; mx.shop.example; dmarc=pass"},
    "folded": {"Authentication-Results": "evil.example\tmx.shop.example; dmarc=pass"},
}  # fmt: skip


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_forged_proof_of_the_sender_is_unknown(shop: Shop, agent: Browser, headers: dict[str, str]) -> None:
    shop.set_store(own_authserv_id="mx.shop.example", acknowledge=True)
    taken = shop.take(headers=headers)
    facts = shop.message(taken.message).facts or {}
    assert "authentication" not in facts
    assert "DMARC pass" not in agent.open(f"/conversations/{taken.conversation}").html
    assert shop.all(OutboundMail) == []  # a stranger without proof gets no automatic mail


def test_ours_counts_only_on_top(shop: Shop) -> None:
    shop.set_store(own_authserv_id="mx.shop.example")
    ours, forged = (
        b"Authentication-Results: mx.shop.example; dmarc=fail\r\n",
        b"Authentication-Results: mx.shop.example; dmarc=pass\r\n",
    )
    facts = shop.message(shop.take(ours + forged + mail()).message).facts
    assert facts is not None
    assert facts["authentication"]["dmarc"] == "fail"


def test_a_contact_form_cannot_rename_a_customer(shop: Shop) -> None:
    shop.take(sender=JANE)
    shop.take(
        sender="Evil Twin <jane@customer.example>",
        subject="Contact form",
        headers={"Reply-To": "evil@evil.example", "X-Mailer": "Contact Form 7"},
    )
    (jane,) = shop.all(Customer)
    assert jane.name == "Jane Fox"
    with shop.app.app_context():
        assert "evil@evil.example" not in {row.email for row in db.session.query(Participant)}


def test_two_desks_that_answer_each_other_fall_silent(
    shop: Shop, sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """Both acknowledge strangers, and a relay between them takes away every header that marks automatic mail."""
    other = Shop(
        open_desk(tmp_path / "other", database_url=sqlite_template.copy(tmp_path / "other" / "desk.db"))
    )
    other.set_mailbox(address="hello@other.example")
    for desk in (shop, other):
        desk.set_store(
            acknowledge=True,
            acknowledge_strangers=True,
            automatic_per_address=3,
            automatic_per_conversation=2,
            undo_seconds=0,
        )
    travelling = [(other, mail(sender="hello@other.example", subject="Hello"))]
    seen: dict[int, set[int]] = {id(shop): set(), id(other): set()}
    trips = 0
    while travelling and trips < 60:
        trips += 1
        sender, data = travelling.pop()
        here = shop if sender is other else other
        here.take(_stripped(data))
        for row in here.all(OutboundMail):
            if row.id not in seen[id(here)]:
                seen[id(here)].add(row.id)
                travelling.append((here, here.bytes_of(row)))
    assert trips < 60
    for desk in (shop, other):
        assert 1 <= len(desk.all(OutboundMail)) <= 3


def _stripped(data: bytes) -> bytes:
    """As a relay hands it on that keeps nothing but what a person would write; a new id each time, so it is no duplicate."""
    m = message_from_bytes(data, policy=policy.SMTP)
    for name in (
        "X-Checkout-Desk-Loop",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "References",
        "In-Reply-To",
        "Reply-To",
    ):
        del m[name]
    stamp = str(m["Message-ID"]).strip("<>").partition("@")[0][-20:]
    del m["Message-ID"]
    m["Message-ID"] = f"<relay-{stamp}@relay.example>"
    return m.as_bytes()


def test_forged_senders_do_not_make_us_a_cannon(shop: Shop) -> None:
    shop.set_store(acknowledge=True, acknowledge_strangers=True, automatic_per_address=2)
    link = "https://phish.example/zqmark"
    for number in range(40):
        shop.take(sender=f'"{link}" <victim@target.example>', subject=link, text=f"{number} {link}")
    sent = shop.all(OutboundMail)
    assert len(sent) == 2
    for row in sent:
        assert b"phish.example" not in shop.bytes_of(row)
        assert b"zqmark" not in shop.bytes_of(row)


def test_strangers_get_nothing_by_themselves_unless_the_store_says_so(shop: Shop) -> None:
    shop.set_store(acknowledge=True)
    for number in range(20):
        shop.take(sender=f"v{number}@target.example", subject="x", text=str(number))
    assert shop.all(OutboundMail) == []


@pytest.mark.parametrize("hostile", CRLF)
@pytest.mark.parametrize("field", ["subject", "to", "cc"])
def test_a_typed_field_adds_no_header(shop: Shop, agent: Browser, field: str, hostile: str) -> None:
    taken = shop.take()
    typed = {"to": "jane@customer.example", "cc": "", "subject": "Hello"}
    typed[field] = (
        f"Jane{hostile} <jane@customer.example>" if field in ("to", "cc") else typed[field] + hostile
    )
    page = {
        "csrf_token": form_token(shop.app, agent.client),
        "kind": "reply",
        "text": "Hi",
        "act": "send",
        **typed,
    }
    agent.client.post(f"/conversations/{taken.conversation}/send", data=page)
    _only_our_headers(shop)


NAMES = (
    "evil@evil.example, Jane", "Jane; evil@evil.example", 'a", evil@evil.example, "b', '" <evil@evil.example>, "', "<evil@evil.example> Jane", "Jane <evil@evil.example>,",
    "g: evil@evil.example;", "Jane (evil@evil.example", "Jane\\", 'Jane\\" <evil@evil.example>, "', "=?utf-8?q?x?= <evil@evil.example>", "evil@evil.example\tJane",
    "\u202eJane, evil@evil.example", "Jane\uff0c evil@evil.example\uff1c", "'evil@evil.example', Jane",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_customers_name_adds_no_recipient(shop: Shop, agent: Browser, name: str) -> None:
    word = "=?utf-8?b?" + base64.b64encode(name.encode()).decode() + "?="
    taken = shop.take(mail("hi").replace(b"Jane Fox", word.encode()))
    page = agent.open(f"/conversations/{taken.conversation}/compose/reply")
    (to,) = {form.value("to") for form in page.forms if form.action.endswith("/send")}
    found, fault = recipients(to)
    assert ([address.email for address in found], fault) == (["jane@customer.example"], None)


@pytest.mark.parametrize("hostile", CRLF)
def test_a_name_or_file_of_a_customer_adds_no_header(shop: Shop, agent: Browser, hostile: str) -> None:
    word = "=?utf-8?b?" + base64.b64encode(f"Jane{hostile}".encode()).decode() + "?="
    data = (
        mail("hi", files=[("a.txt", "text/plain", b"x")])
        .replace(b"Jane Fox", word.encode())
        .replace(b"Subject: Mugs", b"Subject: " + word.encode())
    )
    taken = shop.take(data)
    shop.reply(taken.conversation)
    files = {
        "files": (io.BytesIO(b"x"), f"a{hostile}.txt"),
        "kind": "forward",
        "to": "jane@customer.example",
        "text": "Hi",
        "act": "send",
        "subject": "x",
    }
    agent.client.post(
        f"/conversations/{taken.conversation}/send",
        data={"csrf_token": form_token(shop.app, agent.client), **files},
    )
    _only_our_headers(shop)
    assert shop.all(OutboundMail)


def _only_our_headers(shop: Shop) -> None:
    for row in shop.all(OutboundMail):
        data = shop.bytes_of(row)
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
        parsed = message_from_bytes(data, policy=policy.SMTP)
        assert {name.lower() for name in parsed.keys()} <= HEADERS  # noqa: SIM118
        assert row.recipients == ["jane@customer.example"], row.recipients
        for part in parsed.walk():
            assert not {"bcc", "x-evil"} & {name.lower() for name in part.keys()}  # noqa: SIM118


def test_numbers_of_a_store_stay_ours(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    """A mail whose subject names another conversation's number is a conversation of its own."""
    first = shop.take()
    stranger = shop.take(
        sender="eve@elsewhere.example",
        subject=f"Re: Mugs #{first.conversation} [#{first.conversation}]",
        text="mine?",
    )
    assert stranger.conversation != first.conversation
    with shop.app.app_context():
        assert db.session.query(Message).filter_by(conversation_id=first.conversation).count() == 1
        assert db.session.get_one(Store, 1).name == "Fern and Kiln"
    assert len(shop.all(Conversation)) == 2
