"""Headers of mails as they really come: encodings, broken addresses, odd dates, ids, and hostile sizes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checkout_desk.mail.letter import Address
from checkout_desk.mail.parsing import parse


def _with(header: bytes, body: bytes = b"hello") -> bytes:
    return header.rstrip(b"\n") + b"\n\n" + body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Anna Becker <anna@Example.COM>", Address("anna@example.com", "Anna Becker")),
        (b'"Becker, Anna" <anna@example.com>', Address("anna@example.com", "Becker, Anna")),
        (b"anna@example.com (Anna B)", Address("anna@example.com", "Anna B")),
        (b"anna@example.com", Address("anna@example.com")),
        (b"<anna@example.com>", Address("anna@example.com")),
        (b"Orders: anna@example.com, ben@example.com;", Address("anna@example.com")),
        (b"<<anna@example.com>>", Address("anna@example.com")),
        (b"Becker, Anna <anna@example.com>", Address("anna@example.com", "Anna")),
        (b"Anna Becker anna@example.com", Address("anna@example.com", "Anna Becker")),
        (b"Anna <mailto:anna@example.com>", Address("anna@example.com", "Anna")),
        (b'"Anna" B" <anna@example.com>', Address("anna@example.com", 'Anna" B')),
        (b"=?utf-8?q?J=C3=BCrgen?= <j@example.com>", Address("j@example.com", "Jürgen")),
        (b'"=?utf-8?q?J=C3=BCrgen?=" <j@example.com>', Address("j@example.com", "Jürgen")),
        (
            b"=?utf-8?q?boss=40shop=2Eexample=2C?= <x@evil.example>",
            Address("x@evil.example", "boss@shop.example,"),
        ),
        ("Jürgen <j@example.com>".encode(), Address("j@example.com", "Jürgen")),
        ("Jürgen <j@example.com>".encode("latin-1"), Address("j@example.com", "Jürgen")),
        (b'"shop@example.org" <x@evil.example>', Address("x@evil.example", "shop@example.org")),
        (b"=?utf-8?q?J=C3?= =?utf-8?q?=BCrgen?= <j@example.com>", Address("j@example.com", "Jürgen")),
        (b"=?ks_c_5601-1987?B?jGM=?= <j@example.com>", Address("j@example.com", "똠")),
        (b"Anna Becker", Address("", "Anna Becker")),
    ],
)
def test_the_author_is_found(value: bytes, expected: Address) -> None:
    assert parse(_with(b"From: " + value)).sender == expected


@pytest.mark.parametrize("author", [b"", b"undisclosed-recipients:;", b"<>", b"Anna"])
def test_without_a_usable_from_the_sender_then_the_return_path_counts(author: bytes) -> None:
    base = b"Return-Path: <bounce@example.com>\nFrom: " + author + b"\n"
    assert parse(_with(base)).sender.email == "bounce@example.com"
    assert parse(_with(base + b"Sender: Desk <desk@example.com>")).sender == Address(
        "desk@example.com", "Desk"
    )


def test_reply_to_and_recipients_are_kept_apart() -> None:
    letter = parse(
        _with(
            b"From: a@example.com\nReply-To: Other <b@example.com>\n"
            b'To: "Shop, The" <shop@example.org>,\n c@example.com\nTo: d@example.com\nCc: Team: e@example.com;'
        )
    )
    assert letter.sender.email == "a@example.com"
    assert letter.reply_to == (Address("b@example.com", "Other"),)
    assert [to.email for to in letter.to] == ["shop@example.org", "c@example.com", "d@example.com"]
    assert letter.to[0].name == "Shop, The"
    assert [cc.email for cc in letter.cc] == ["e@example.com"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"=?utf-8?B?w4RuZGVydW5n?= an 1042", "Änderung an 1042"),
        (b"=?utf-8?B?w4RuZGVyd?= =?utf-8?B?W5n?=", "Änderung"),  # base64 cut at no multiple of four
        (b"=?utf-8?q?caf=C3?=\n =?utf-8?q?=A9?=", "café"),  # one character in two words
        (b"=?utf-8?q?a?=   =?utf-8?q?b?= c", "ab c"),
        (b'"=?iso-8859-1?Q?Gr=FC=DFe?="', '"Grüße"'),
        (b"=?iso-2022-jp?B?GyRCQ21KOBsoQg==?=", "注文"),
        (b"=?gb2312?B?iUQ=?=", b"\x89D".decode("gb18030")),  # a character that only GBK has
        (b"=?x-unknown?q?plain?=", "plain"),
        (b"=?utf-8*de?q?wort?=", "wort"),
        (b"=?utf-8?q?one=0D=0ABcc:_x@example.com?=", "one Bcc: x@example.com"),
        ("Größe".encode(), "Größe"),
        ("Größe".encode("latin-1"), "Größe"),
        ("注文".encode("iso-2022-jp"), "注文"),
        (b"folded\n over\n\tthree lines", "folded over three lines"),
        (b"=?utf-8?q?broken", "=?utf-8?q?broken"),
    ],
)
def test_subjects(value: bytes, expected: str) -> None:
    subject = parse(_with(b"From: a@b.example\nSubject: " + value)).subject
    assert subject == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Sat, 21 Nov 2026 10:00:00 +0100", datetime(2026, 11, 21, 9, tzinfo=UTC)),
        (b"21 Nov 26 10:00:00 GMT", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (b"Sat, 21 Nov 2026 10:00:00 +0000 (UTC)", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (b"2026-11-21T10:00:00+02:00", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (b"2026-11-21 10:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (b"Sat Nov 21 10:00:00 2026", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (b"Sat, 21 Nov 2026 10:00:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (b"", None),
        (b"yesterday", None),
        (b"Mon, 99 Foo 20266 99:99:99 +9999", None),
        (b"Mon, 1 Jan 0001 00:00:00 +1400", None),
    ],
)
def test_dates(value: bytes, expected: datetime | None) -> None:
    assert parse(_with(b"From: a@b.example\nDate: " + value)).date == expected


def test_ids_have_no_brackets_and_the_last_fifty_references_stay() -> None:
    references = b"\n ".join(b"<%d@example.com>" % number for number in range(200_000))
    letter = parse(
        _with(b"Message-ID: < a b@example.com >\nIn-Reply-To: your mail <x@y>\nReferences: " + references)
    )
    assert letter.message_id == "ab@example.com"
    assert letter.in_reply_to == ("x@y",)
    assert letter.references == tuple(f"{number}@example.com" for number in range(199_950, 200_000))
    assert "a header was cut at 16 KiB" in letter.defects
    assert letter.text == "hello"
    assert parse(_with(b"From: a@b.c\nMessage-ID: bare@example.com")).message_id == "bare@example.com"


@pytest.mark.parametrize(
    "front",
    [
        b"\xef\xbb\xbf",
        b"\n\r\n",
        b"\x00\x00",
        b"From anna@example.com Sat Nov 21 10:00:00 2026\n",
        b"\xef\xbb\xbf\n>From anna@example.com Sat Nov 21 10:00:00 2026\r\n",
    ],
)
def test_what_stands_before_the_first_header_is_passed_over(front: bytes) -> None:
    letter = parse(front + b"From: anna@example.com\nSubject: three\n\nbody")
    assert (letter.sender.email, letter.subject, letter.text) == ("anna@example.com", "three", "body")
    assert letter.readable


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\r\r\n"])
def test_line_ends_of_any_kind(end: bytes) -> None:
    raw = b"From: a@b.example\nSubject: one\n two\n\nfirst\nsecond\n".replace(b"\n", end)
    letter = parse(raw)
    assert (letter.sender.email, letter.subject) == ("a@b.example", "one two")
    assert letter.text.split() == ["first", "second"]
    assert "\r" not in letter.text


def test_utf16_mail_is_read() -> None:
    letter = parse("\ufeffFrom: a@b.example\r\nSubject: x\r\n\r\nhallo".encode("utf-16-le"))
    assert (letter.sender.email, letter.text) == ("a@b.example", "hallo")


def test_a_lost_blank_line_loses_no_text() -> None:
    letter = parse(b"From: a@b.example\nSubject: x\nPlease send three blue mugs.\nThank you\n")
    assert letter.text == "Please send three blue mugs.\nThank you\n"
    assert letter.subject == "x"


def test_a_lost_fold_does_not_end_the_headers() -> None:
    letter = parse(b"Subject: a long\nsubject line\nFrom: a@b.example\nMIME-Version: 1.0\n\nbody")
    assert (letter.subject, letter.sender.email, letter.text) == (
        "a long subject line",
        "a@b.example",
        "body",
    )


def test_headers_that_screening_reads_are_lower_case_one_line_and_complete() -> None:
    letter = parse(_with(b"Received: by one;\n\tnow\nRECEIVED: by two\nAuto-Submitted: auto-replied\x00\x07"))
    assert letter.headers["received"] == ("by one; now", "by two")
    assert letter.header("Auto-Submitted") == "auto-replied"


def test_huge_header_blocks_are_cut_and_the_text_stays() -> None:
    letter = parse(b"From: a@b.example\n" + b"X-Filler: 0123456789\n" * 100_000 + b"\nthe text")
    assert letter.text == "the text"
    assert letter.sender.email == "a@b.example"
    assert "header block cut at 256 KiB" in letter.defects


@pytest.mark.parametrize(
    "header",
    [
        b"From: " + b"(" * 20_000,
        b"From: " + b"=?utf-8?q?a?= " * 20_000,
        b"To: " + b", ".join(b"u%d@example.com" % number for number in range(5_000)),
        b"Content-Type: text/plain" + b"".join(b"; a*%d*=%%41" % number for number in range(5_000)),
        b"Subject: " + b"".join(b"=?x%d?b?YQ=?=" % number for number in range(20_000)),
    ],
)
def test_header_bombs_show_the_mail(header: bytes) -> None:
    letter = parse(_with(b"Return-Path: <r@example.com>\n" + header))
    assert letter.text == "hello"
    assert letter.readable
    assert letter.sender.email == "r@example.com"
    assert "a header was cut at 16 KiB" in letter.defects
