"""The bytes that leave: what other mail software reads back from them, and what is refused."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_desk.mail.composing import (
    check_line_ends,
    checked_address,
    compose,
    html_from_text,
    new_message_id,
)
from checkout_desk.mail.letter import Address, Part
from checkout_desk.mail.models import Mailbox

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SHOP = Mailbox(address="orders@shop.test", display_name="Harbour Tea")


def composed(**changes: Any) -> bytes:
    given_: dict[str, Any] = {
        "mailbox": SHOP,
        "to": [Address("ann@buyer.test", "Ann")],
        "subject": "Your order",
        "text": "Thank you.\n",
        "message_id": "m1@shop.test",
        "date": NOW,
    }
    return compose(**{**given_, **changes})


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def test_headers_of_a_reply() -> None:
    message = read(
        composed(
            cc=[Address("bob@buyer.test")],
            reply_to="orders+c7.ab@shop.test",
            in_reply_to="q2@buyer.test",
            references=["q1@buyer.test", "q2@buyer.test"],
            html="<p>Thank you.</p>",
        )
    )
    assert message["From"] == "Harbour Tea <orders@shop.test>"
    assert message["To"] == "Ann <ann@buyer.test>"
    assert message["Cc"] == "bob@buyer.test"
    assert message["Reply-To"] == "orders+c7.ab@shop.test"
    assert message["Message-ID"] == "<m1@shop.test>"
    assert message["In-Reply-To"] == "<q2@buyer.test>"
    assert message["References"] == "<q1@buyer.test> <q2@buyer.test>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] is None
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_automatic_mail_says_so_to_other_machines() -> None:
    reply = read(composed(automatic=True, in_reply_to="q@buyer.test"))
    assert (reply["Auto-Submitted"], reply["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert read(composed(automatic=True))["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "subject",
    ["Größe  42", "word " * 60, "x" * 700, "=?utf-8?q?not_this?=", "注文" * 80, 'a, b; "c" <d@e.test>', ""],
)
def test_any_subject_is_read_back_as_typed(subject: str) -> None:
    data = composed(subject=subject)
    assert read(data)["Subject"] == subject.strip()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert data.isascii()


@pytest.mark.parametrize(
    "name", ['Doe, "J" \\ Co', "Müller, Söhne; GmbH", "O'Neil (Ann)", "x@y.test", "長い名前" * 20, "Dr. A. B"]
)
def test_any_name_is_read_back_and_adds_no_recipient(name: str) -> None:
    raw = email.message_from_bytes(composed(to=[Address("ann@buyer.test", name), Address("bob@buyer.test")]))
    pairs = getaddresses([raw["To"].replace("\r\n", "")])
    assert [pair[1] for pair in pairs] == ["ann@buyer.test", "bob@buyer.test"]
    assert str(email.header.make_header(email.header.decode_header(pairs[0][0]))) == name


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@evil.test", "a\nb", "a\rb", "a\x00b", "a\x85b", "a\u2028b"])
@pytest.mark.parametrize(
    "where", ["subject", "to_name", "to_email", "cc", "reply_to", "file", "message_id", "own_name"]
)
def test_nothing_breaks_out_of_a_header(bad: str, where: str) -> None:
    every: dict[str, dict[str, Any]] = {
        "subject": {"subject": bad},
        "to_name": {"to": [Address("ann@buyer.test", bad)]},
        "to_email": {"to": [Address(bad + "@buyer.test")]},
        "cc": {"cc": [Address("x@buyer.test" + bad)]},
        "reply_to": {"reply_to": "orders" + bad + "@shop.test"},
        "file": {"attachments": [Part(bad, "text/plain", b"x")]},
        "message_id": {"message_id": bad + "@shop.test"},
        "own_name": {"mailbox": Mailbox(address="orders@shop.test", display_name=bad)},
    }
    with pytest.raises(ValueError, match=r"^[“A-Z].*\.$"):
        composed(**every[where])


def test_foreign_ids_and_types_that_cannot_stand_in_a_header_are_left_out() -> None:
    message = read(
        composed(
            in_reply_to="bad\r\nBcc: x@evil.test",
            references=["ok@x", "no good@x", "n>o@x", "é@x"],
            attachments=[Part("a.txt", "text/plain\r\nX-Evil: 1", b"x")],
        )
    )
    assert message["In-Reply-To"] is None
    assert message["References"] == "<ok@x>"
    assert "Bcc" not in message
    assert [part.get_content_type() for part in message.iter_attachments()] == ["application/octet-stream"]


def test_long_threads_keep_the_first_and_the_last_ids_whole() -> None:
    ids = [f"{'n' * 90}{number}@x.test" for number in range(60)]
    found = read(composed(references=ids, in_reply_to=ids[-1]))["References"]
    assert found.split() == [f"<{one}>" for one in [ids[0], *ids[-29:]]]


@pytest.mark.parametrize(
    "address",
    [
        "ünï@buyer.test",
        "nobody",
        "@buyer.test",
        "a b@buyer.test",
        "a@b c",
        "a@-x.test",
        "a<b@x.test",
        "a@x.test>",
    ],
)
def test_addresses_that_cannot_be_sent_to_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"^“.*\.$"):
        checked_address(address)


def test_addresses_that_exist_although_a_textbook_forbids_them() -> None:
    assert checked_address(" a..b.@docomo.test ") == "a..b.@docomo.test"
    assert checked_address("ann@münchen.test") == "ann@xn--mnchen-3ya.test"


def test_attachments_come_back_with_name_type_and_bytes() -> None:
    parts = [
        Part("Rechnung – 長い" + "n" * 80 + ".pdf", "application/pdf", b"\r\n.\r\n\r.\r\nx"),
        Part('a"b\\c;d.txt', "text/plain", "ü\rlone".encode()),
        Part("original.eml", "message/rfc822", b"From: a\n\nb\n"),
    ]
    data = composed(attachments=parts, html="<p>x</p>")
    check_line_ends(data)
    found = list(read(data).iter_attachments())
    assert [part.get_filename() for part in found] == [part.filename for part in parts]
    assert [part.get_payload(decode=True) for part in found] == [part.data for part in parts]
    assert [part.get_content_type() for part in found] == [
        "application/pdf",
        "text/plain",
        "application/octet-stream",
    ]


def test_message_ids_are_random_and_long() -> None:
    first, second = new_message_id("shop.test"), new_message_id("shop.test")
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{40}@shop\.test", first)
    with pytest.raises(ValueError, match="domain"):
        new_message_id("shop.test\r\nX: y")


@pytest.mark.parametrize("data", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"\n", b"x\r"])
def test_a_bare_line_end_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="line end"):
        check_line_ends(data)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.text(max_size=60))
def test_every_text_leaves_as_ascii_with_crlf_and_is_read_back(text: str, html: str) -> None:
    data = composed(text=text, html=html)
    assert data.isascii()
    check_line_ends(data)
    part = read(data).get_body(("plain",))
    assert part is not None
    wanted = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    assert bytes(part.get_payload(decode=True)).decode().replace("\r\n", "\n").rstrip("\n") == wanted.rstrip(
        "\n"
    )


class Seen(HTMLParser):
    """What a reader of HTML makes of it: its tags, links and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_twin_has_paragraphs_quotes_and_links() -> None:
    seen = Seen(
        html_from_text(
            "Hello,\nsee https://shop.test/a?b=1&c=(d), or mail help@shop.test.\n\n> Is it blue?\n> > Yes\n>> or no\n\nBye"
        )
    )
    assert seen.tags == ["div", "p", "br", "a", "a", "blockquote", "p", "blockquote", "p", "br", "p"]
    assert seen.links == ["https://shop.test/a?b=1&c=(d)", "mailto:help@shop.test"]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("<>&\"' ahref=javascript:https://x.test/\n@"), max_size=200))
def test_html_twin_never_carries_markup_of_the_text(text: str) -> None:
    seen = Seen(html_from_text(text))
    assert set(seen.tags) <= {"div", "p", "br", "a", "blockquote"}
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in seen.links)
    assert re.sub(r"[\s>\xa0]", "", seen.words) == re.sub(r"[\s>\xa0]", "", text)
