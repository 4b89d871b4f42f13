"""A large attachment must not multiply in memory while it is read."""

from __future__ import annotations

import base64
import tracemalloc

from checkout_desk.mail.parsing import canonical_key, parse

MIB = 1024 * 1024


def test_a_large_attachment_is_held_once() -> None:
    size = 25 * MIB
    head = (
        b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nthree mugs\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    raw = head + base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n") + b"--b--\r\n"

    tracemalloc.start()
    try:
        letter = parse(raw)
        canonical_key(letter)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert letter.text == "three mugs"
    assert letter.parts[0].size == size
    # What the parser takes beside the raw mail (35 MiB): the decoded file and little else.
    assert peak < 70 * MIB
    assert peak + len(raw) < 150 * MIB
