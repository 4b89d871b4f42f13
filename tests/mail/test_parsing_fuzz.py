"""Random damage to mails: a letter comes out whatever goes in, and a database can store it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_desk.mail.letter import Letter
from checkout_desk.mail.parsing import canonical_key, parse
from tests.mail.tnef_samples import attribute, file, winmail

_TNEF = winmail(attribute(1, 0x800C, 2, b"body\x00"), file(b"a.pdf", b"%PDF"))
SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "mails").glob("*.eml"))] + [
    b"From: =?utf-8?q?a=C3=BC?= <a@b.example>, (c) d@e\nDate: Sat, 21 Nov 2026 10:00:00 +0100\n"
    b"Content-Type: text/plain; charset=iso-2022-jp; format=flowed\n\n\x1b$BCmJ8\x1b(B \nx\n",
    b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/ms-tnef\n"
    b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(_TNEF) + b"--b--\n",
]
# Pieces that mean something to a mail parser, so that damage reaches more than the text.
TOKENS = [
    b"\n", b"\r", b"\r\n\r\n", b"\x00", b"--b", b"\n--b--\n", b"=?utf-8?b?", b"?=", b"<", b">", b"(", b'"', b"\\", b";",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Content-Type: message/rfc822\n", b"\xff\xfe", b"\xed\xa0\x80",
    b"Content-Transfer-Encoding: base64\n", b"charset=utf-7", b"charset=utf-16", b"+2AA-", b"*0*=", b"\x1b$B", b"From ",
]  # fmt: skip


def _strings(letter: Letter) -> Iterator[str]:
    yield from (
        letter.message_id,
        *letter.in_reply_to,
        *letter.references,
        letter.subject,
        letter.text,
        letter.html,
    )
    for address in (letter.sender, *letter.reply_to, *letter.to, *letter.cc):
        yield from (address.email, address.name)
    for part in letter.parts:
        yield from (part.filename, part.content_type, part.content_id)
    for name, values in letter.headers.items():
        yield from (name, *values)
    for name, value in letter.embedded.items():
        yield from (name, value)
    for recipient in letter.report.recipients if letter.report else ():
        yield from (recipient.email, recipient.action, recipient.status, recipient.diagnostic)


def _check(raw: bytes) -> None:
    letter = parse(raw)
    assert "the mail could not be parsed" not in letter.defects  # the safety net was not needed
    for text in _strings(letter):
        text.encode("utf-8")
        assert "\x00" not in text
        assert "\r" not in text
    assert all("\n" not in values for group in letter.headers.values() for values in group)
    assert "\n" not in letter.subject + letter.sender.name + letter.sender.email
    assert letter.date is None or letter.date.utcoffset() is not None
    names = [part.filename.casefold() for part in letter.parts]
    assert len(names) == len(set(names))
    assert all(0 < len(name) <= 120 for name in names)
    assert parse(raw) == letter
    canonical_key(letter)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(TOKENS)), max_size=8),
)
def test_damaged_mails_never_raise(seed: bytes, damage: list[tuple[float, int, bytes]]) -> None:
    raw = seed
    for place, cut, token in damage:
        position = int(place * len(raw))
        raw = raw[:position] + token + raw[position + cut :]
    _check(raw)


@settings(max_examples=150, deadline=None)
@given(
    raw=st.one_of(
        st.binary(max_size=400),
        st.lists(st.sampled_from([*TOKENS, b"From: a@b.c", b"Subject: ", b"x "])).map(b"".join),
    )
)
def test_any_bytes_never_raise(raw: bytes) -> None:
    _check(raw)
    _check(b"From: a@b.example\n" + raw)
