"""Bombs by the real way in: each ends as a conversation that a person can open, at a bounded price, and others go on.

The bounds are process time and many times what each takes; they catch what grows without end, not what is a bit slow.
"""

from __future__ import annotations

import base64
import io
import time
import zipfile
import zlib

import pytest

from checkout_desk.conversations.models import Message
from checkout_desk.mail.receiving import TooLarge
from tests.builders import Shop, mail
from tests.page import Browser

CPU = 15.0
"""seconds of one bomb, taken in and shown"""


def raw(headers: bytes, body: bytes = b"honest words") -> bytes:
    return b"From: Jane <jane@customer.example>\r\nTo: orders@shop.example\r\n" + headers + b"\r\n\r\n" + body


def nested(depth: int) -> bytes:
    """A multipart in a multipart, and so on."""
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )
    return raw(head.rstrip(b"\r\n"), b"honest words")


def attached_mails(depth: int) -> bytes:
    data = mail("honest words")
    for number in range(depth):
        data = b"From: jane@customer.example\r\nContent-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n\r\nhonest words\r\n--x%d\r\nContent-Type: message/rfc822\r\n\r\n" % (number, number, number) + data  # fmt: skip
    return data


def zip_bomb() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros", b"\0" * 20_000_000)
        return file.getvalue()


def pixel_flood() -> bytes:
    """A PNG that claims 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + size + b"\x08\x02\0\0\0")
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


PART = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
BOMBS = {
    "references": raw(b"References: " + b"<a@b> " * 150_000),
    "many references headers": raw(b"\r\n".join(b"References: <%d@b>" % n for n in range(20_000))),
    "encoded words": raw(b"Subject: " + b"=?utf-8?b?YQ==?= " * 20_000),
    "parameters": raw(b"Content-Type: text/plain" + b"".join(b'; a*%d="b"' % n for n in range(5_000))),
    "comments": raw(b"To: " + b"(" * 20_000 + b")" * 20_000),
    "comments in the sender": mail("honest words").replace(b"From: Jane Fox", b"From: " + b"((" * 8_000),
    "groups": raw(b"Cc: " + b"g:" * 10_000),
    "quotes": raw(b"Cc: " + b'"\\' * 20_000),
    "recipients": raw(b"Cc: " + b", ".join(b"u%d@x.example" % n for n in range(30_000))),
    "one endless line": raw(b"Subject: " + b"a" * 900_000),
    "folds": raw(b"Subject: a" + b"\r\n " * 100_000 + b"b"),
    "results": raw(b"\r\n".join(b"Authentication-Results: mx.shop.example; spf=pass " + b"(" * 300 for _ in range(800))),
    "received": raw(b"\r\n".join(b"Received: from a by b; Mon, 02 Nov 2026 09:00:00 +0000" for _ in range(3_000))),
    "nested parts": nested(300),
    "parts": raw(b'Content-Type: multipart/mixed; boundary="b"', PART.replace(b"x\r\n", b"honest words\r\n") + PART * 15_000 + b"--b--"),
    "attached mails": attached_mails(150),
    "boundaries that nearly fit": raw(b'Content-Type: multipart/mixed; boundary="b"', PART.replace(b"x\r\n", b"honest words\r\n") + b"\n--b-" * 150_000),
    "zip": mail("honest words", files=[("zeros.zip", "application/zip", zip_bomb())]),
    "pixels": mail("honest words", files=[("huge.png", "image/png", pixel_flood())]),
    "tnef": mail("honest words", files=[("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22" + b"\xff" * 300_000)]),
    "depth of html": mail("honest words", html="<div>" * 50_000 + "x"),
    "tables": mail("honest words", html="<table><tr><td>" * 20_000),
    "attributes": mail("honest words", html="<p " + "a=b " * 150_000 + ">x"),
    "entities": mail("honest words", html="&lt;&#x3c;&amp;" * 60_000),
    "formatting": mail("honest words", html="<b><i><p>" * 40_000),
    "angles": mail("honest words", html="<" * 700_000),
    "quote lines": mail("honest words\n" + "> " * 200_000),
    "quote depth": mail("honest words\n" + "\n".join(">" * n for n in range(1_200))),
    "dashes": mail("honest words\n" + "-- \n" * 100_000),
    "wrote": mail("honest words\n" + "On " * 200_000 + "wrote:"),
    "from lines": mail("honest words\n" + "From: a\nSent: b\n" * 30_000),
    "digits": mail("honest words\n" + "4" * 900_000),
    "digits and spaces": mail("honest words\n" + "4 - " * 220_000),
    "links": mail("honest words\n" + "https://a.example/" * 50_000),
    "addresses": mail("honest words\n" + "a@" * 400_000),
    "spaces": mail("honest words\n" + " " * 900_000 + "x"),
    "signs above signs": mail("honest words\na" + "\u0301" * 300_000),
    "number bombs": mail("honest words\n" + "9" * 5_000 + " x mug, ² mugs, 1_000 mugs, NaN mugs, −0 mugs, " + "１" * 50),
    "base64 that ends everywhere": raw(b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain", base64.b64encode(b"honest words!!!") + b"\r\n" + b"YQ==\r\n" * 100_000),
}  # fmt: skip


def spent(shop: Shop, agent: Browser, data: bytes) -> tuple[float, Message, str]:
    """Take one in and open it: the price, the message, and the page."""
    begun = time.process_time()
    taken = shop.take(data)
    page = agent.open(f"/conversations/{taken.conversation}").html
    agent.open(f"/messages/{taken.message}/frame")
    agent.open(f"/messages/{taken.message}?view=original")
    return time.process_time() - begun, shop.message(taken.message), page


def test_each_bomb_is_a_conversation_at_a_bounded_price(shop: Shop, agent: Browser) -> None:
    wrong = []
    for name, data in BOMBS.items():
        price, message, page = spent(shop, agent, data)
        if (
            price > CPU
            or "honest words" not in message.text
            or "honest words" not in page
            or len(page) > 3_000_000
        ):
            wrong.append((name, round(price, 1), message.kind, message.text[:60], len(page)))
        ordinary = shop.take(sender="ann@customer.example", text=f"After {name}")
        assert shop.message(ordinary.message).text.strip() == f"After {name}"
    assert wrong == []
    shop.sound()


@pytest.mark.parametrize("size", [2**20 + 1, 3 * 2**20])
def test_a_mail_above_the_limit_is_a_note_and_the_next_one_is_read(shop: Shop, size: int) -> None:
    with pytest.raises(TooLarge):
        shop.receive(mail("x" * size))
    assert shop.message(shop.take(text="After it").message).text.strip() == "After it"
