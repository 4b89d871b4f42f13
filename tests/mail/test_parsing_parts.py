"""Attachments: what is one, what it is called, and what is inside winmail.dat, signatures and reports."""

from __future__ import annotations

import base64
import hashlib
import struct
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

from checkout_desk.mail.letter import Letter, Part, Recipient
from checkout_desk.mail.parsing import canonical_key, parse
from tests.mail.tnef_samples import attribute, file, winmail

MAILS = Path(__file__).parent.parent / "mails"
HEAD = b"From: anna@example.com\nSubject: x\nMIME-Version: 1.0\n"
PLAIN = b"Content-Type: text/plain\n\nsee attached"


def _multi(kind: str, *parts: bytes) -> bytes:
    joined = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="b"\n\n'.encode() + joined + b"--b--\n"


def _read(name: str) -> Letter:
    return parse((MAILS / name).read_bytes())


def _one(part: bytes) -> Part:
    letter = parse(_multi("mixed", PLAIN, part))
    assert letter.text == "see attached"
    assert len(letter.parts) == 1
    return letter.parts[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"Content-Disposition: attachment; filename=order.pdf", "order.pdf"),
        (b"Content-Type: application/pdf; name=\"order 1.pdf\"", "order 1.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''Bestellung%20f%C3%BCr.pdf", "Bestellung für.pdf"),
        (
            b"Content-Disposition: attachment; filename*0*=iso-8859-1''Gr%F6; filename*1*=%DFe; filename*2=.pdf",
            "Größe.pdf",
        ),
        (b"Content-Disposition: attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        (b'Content-Disposition: attachment; filename="=?utf-8?B?w7xiZXIucGRm?="', "über.pdf"),
        ('Content-Disposition: attachment; filename="über.pdf"'.encode(), "über.pdf"),
        ('Content-Disposition: attachment; filename="über.pdf"'.encode("latin-1"), "über.pdf"),
        (b'Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        (b'Content-Disposition: attachment; filename="C:\\\\Users\\\\a\\\\order.pdf"', "order.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''a%00b%0D%0A.pdf", "ab .pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''exe%E2%80%AEfdp.exe", "exefdp.exe"),
        (b'Content-Disposition: attachment; filename="a\\"b<c>|.pdf"', "a_b_c__.pdf"),
        (b"Content-Disposition: attachment; filename=order form.pdf; size=3", "order form.pdf"),
    ],
)  # fmt: skip
def test_file_names(header: bytes, name: str) -> None:
    assert _one(header + b"\n\n%PDF").filename == name


@pytest.mark.parametrize("name", ["..", ".", "", "///", "\u202e\u200b", " "])
def test_a_name_of_which_nothing_is_left_becomes_a_stable_one(name: str) -> None:
    part = (
        b'Content-Type: application/pdf\nContent-Disposition: attachment; filename="'
        + name.encode()
        + b'"\n\n%PDF'
    )
    expected = f"part-{hashlib.sha256(b'%PDF').hexdigest()[:12]}.pdf"
    assert _one(part).filename == expected == _one(part).filename


def test_long_and_equal_names() -> None:
    long = b"x" * 300 + b".pdf"
    parts = [
        b"Content-Disposition: attachment; filename=" + name + b"\n\n%PDF"
        for name in (b"a.pdf", b"A.PDF", b"a.pdf", long, long)
    ]
    names = [part.filename for part in parse(_multi("mixed", *parts)).parts]
    assert names[:3] == ["a.pdf", "A (2).PDF", "a (3).pdf"]
    assert len({name.casefold() for name in names}) == 5
    for name in names:
        assert len(name) <= 120
        assert name.lower().endswith(".pdf")
        assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in name)


@pytest.mark.parametrize(
    ("headers", "data", "extension"),
    [
        (b"Content-Type: image/png\nContent-Transfer-Encoding: base64", b"\x89PNG", ".png"),
        (b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64", b"%PDF", ".pdf"),
        (
            b"Content-Type: text/calendar; method=REQUEST\nContent-Transfer-Encoding: base64",
            b"BEGIN:VCALENDAR",
            ".ics",
        ),
        (b"Content-Type: nonsense/x-thing\nContent-Transfer-Encoding: base64", b"\x00\x01", ".bin"),
    ],
)
def test_unnamed_parts_are_kept(headers: bytes, data: bytes, extension: str) -> None:
    part = _one(headers + b"\n\n" + base64.b64encode(data))
    assert part.data == data
    assert part.filename.endswith(extension)


def test_calendar_alternative_is_an_attachment() -> None:
    calendar = b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR"
    letter = parse(_multi("alternative", PLAIN, calendar))
    assert letter.text == "see attached"
    assert letter.parts[0].content_type == "text/calendar"


def test_html_attachment_is_an_attachment_and_never_the_body() -> None:
    for disposition in (
        b"Content-Disposition: attachment\n",
        b'Content-Disposition: inline; filename="a.html"\n',
    ):
        letter = parse(
            _multi("mixed", PLAIN, b"Content-Type: text/html\n" + disposition + b"\n<script>x</script>")
        )
        assert letter.html == ""
        assert letter.parts[0].content_type == "text/html"
    alone = parse(
        HEAD
        + b'Content-Type: text/html; name="a.html"\nContent-Disposition: attachment; filename=a.html\n\n<p>'
    )
    assert (alone.html, alone.parts[0].filename) == ("", "a.html")


def test_a_mail_that_is_only_a_file() -> None:
    letter = parse(
        HEAD + b"Content-Type: application/pdf; name=order.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg=="
    )
    assert (letter.text, letter.parts[0].filename, letter.parts[0].data) == ("", "order.pdf", b"%PDF")
    assert letter.readable


def test_inline_images_are_matched_by_content_id() -> None:
    html = b'Content-Type: text/html\n\n<img src="cid:logo%40x"><p>three mugs</p>'
    shown = b"Content-Type: image/png\nContent-ID: <logo@x>\n\nPNG"
    unused = b"Content-Type: image/gif; name=pixel.gif\nContent-ID: <other@x>\n\nGIF"
    letter = parse(_multi("related", html, shown, unused))
    assert [(part.content_id, part.inline) for part in letter.parts] == [("logo@x", True), ("other@x", False)]


def test_attached_mail_keeps_its_bytes_and_shows_its_headers() -> None:
    letter = _read("forwarded_as_attachment.eml")
    assert "please see the order below" in letter.text
    assert "four lanterns" not in letter.text
    (part,) = letter.parts
    assert part.content_type == "message/rfc822"
    assert part.filename.endswith(".eml")
    assert b"four lanterns" in part.data
    inner = parse(part.data)
    assert inner.message_id == letter.embedded["message-id"].strip("<>") == "lanterns-1@buyer.example"
    assert letter.embedded["subject"] == "Bestellung für März"
    assert inner.text.strip() == "Hello, we need four lanterns."


def test_delivery_status() -> None:
    letter = _read("bounce.eml")
    assert letter.report is not None
    assert letter.report.kind == "delivery-status"
    assert letter.report.recipients == (
        Recipient("gone@buyer.example", "failed", "5.1.1", "smtp; 550 5.1.1 no such user here"),
        Recipient("full@buyer.example", "delayed", "4.2.2", ""),
    )
    assert letter.embedded["message-id"] == "<quote-1042@shop.example>"
    assert "could not be delivered" in letter.text
    assert "Your quote" not in letter.text


def test_read_receipt_and_complaint() -> None:
    receipt = parse(
        _multi("report; report-type=disposition-notification", PLAIN,
               b"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; a@example.com\n"
               b"Disposition: manual-action/MDN-sent-manually; displayed\n")
    )  # fmt: skip
    assert receipt.report is not None
    assert (receipt.report.kind, receipt.report.recipients[0].action) == (
        "disposition-notification",
        "displayed",
    )
    complaint = parse(
        _multi("report; report-type=feedback-report", PLAIN,
               b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <a@example.com>\n")
    )  # fmt: skip
    assert complaint.report is not None
    assert complaint.report.recipients == (Recipient("a@example.com", "abuse"),)
    assert parse(_multi("mixed", PLAIN)).report is None


def _winmail_part(data: bytes) -> bytes:
    encoded = base64.encodebytes(data)
    return (
        b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + encoded
    )


def test_winmail_is_unpacked() -> None:
    tnef = winmail(file(b"order.pdf", b"%PDF-1"), file(b"caf\xe9.txt", b"two"))
    letter = parse(_multi("mixed", PLAIN, _winmail_part(tnef)))
    assert [(part.filename, part.data, part.source) for part in letter.parts] == [
        ("order.pdf", b"%PDF-1", "tnef"),
        ("café.txt", b"two", "tnef"),
    ]
    assert letter.parts[0].content_type == "application/pdf"
    assert letter.text == "see attached"


def test_long_names_and_types_come_from_the_properties_of_a_winmail_file() -> None:
    def text(name: int, value: bytes) -> bytes:
        padded = value + bytes(-len(value) % 4)
        return struct.pack("<HHII", 0x1E, name, 1, len(value)) + padded

    listed = struct.pack("<I", 4) + struct.pack("<HHH2x", 0x0B, 0x7FFE, 1) + struct.pack("<HHI", 3, 0x3705, 1)
    listed += text(0x3707, b"A long name.xyz\x00") + text(0x370E, b"image/png\x00")
    tnef = winmail(file(b"ALONGN~1.XYZ", b"PNG") + attribute(2, 0x9005, 6, listed))
    (part,) = parse(_multi("mixed", PLAIN, _winmail_part(tnef))).parts
    assert (part.filename, part.content_type, part.data) == ("A long name.xyz", "image/png", b"PNG")


def test_a_message_inside_winmail_is_kept_closed() -> None:
    inner = winmail(attribute(1, 0x9003, 6, b"\xff\xff\xff\x7f"))
    content = bytes.fromhex("0703020000000000c000000000000046") + inner
    padded = content + bytes(-len(content) % 4)
    listed = struct.pack("<IHHII", 1, 0x0D, 0x3701, 1, len(content)) + padded
    tnef = winmail(file(b"Re: order", b"") + attribute(2, 0x9005, 6, listed))
    (part,) = parse(_multi("mixed", PLAIN, _winmail_part(tnef))).parts
    assert (part.filename, part.content_type, part.source) == ("Re_ order", "application/ms-tnef", "tnef")
    assert part.data.rstrip(b"\x00") == inner.rstrip(b"\x00")


def test_the_body_inside_winmail_is_read_when_there_is_no_other() -> None:
    body = attribute(1, 0x800C, 2, b"three mugs f\xfcr uns\x00")
    assert parse(_multi("mixed", _winmail_part(winmail(body)))).text == "three mugs für uns"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no tnef at all",
        winmail(file(b"a.pdf", b"%PDF"))[:-10],
        winmail(attribute(2, 0x8010, 1, b"a.pdf\x00")),
        winmail(*[attribute(2, 0x9002, 6, b"\x00" * 14)] * 3_000),
        winmail(attribute(1, 0x9003, 6, b"\xff" * 64)),
        winmail(attribute(1, 0x9003, 6, b"\xff\xff\xff\x7f")),
        winmail(attribute(1, 0x9003, 6, b"\x01\x00\x00\x00\x02\x10\x00\x37\xff\xff\xff\x7f")),
    ],
)
def test_broken_winmail_keeps_the_file_itself(data: bytes) -> None:
    letter = parse(_multi("mixed", PLAIN, _winmail_part(data)))
    assert letter.text == "see attached"
    assert [part.filename for part in letter.parts] == (["winmail.dat"] if data else [])


def test_signed_mails_show_their_text() -> None:
    signature = (
        b"Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----"
    )
    letter = parse(_multi('signed; protocol="application/pgp-signature"', PLAIN, signature))
    assert letter.text == "see attached"
    assert letter.parts[0].filename == "signature.asc"


def test_an_opaque_smime_signature_is_opened() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Anna")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    signed = (
        pkcs7.PKCS7SignatureBuilder().set_data(b"Content-Type: text/plain\r\n\r\nthree signed mugs")
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )  # fmt: skip
    headers = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    raw = HEAD + headers + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(signed)
    letter = parse(raw)
    assert letter.text == "three signed mugs"
    assert [part.filename for part in letter.parts] == ["smime.p7m"]
    cut = HEAD + headers + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(signed[:60])
    assert [part.filename for part in parse(cut).parts] == ["smime.p7m"]


def test_canonical_key_ignores_what_relays_change_and_nothing_else() -> None:
    raw = (MAILS / "forwarded_as_attachment.eml").read_bytes().replace(b"\r\n", b"\n")
    key = canonical_key(parse(raw))
    assert key is not None
    assert len(key) == 64
    assert canonical_key(parse(b"Received: by relay\nX-Spam: no\n" + raw.replace(b"\n", b"\r\n"))) == key
    assert canonical_key(parse(raw.replace(b"front desk.", b"front desk.  "))) == key
    assert canonical_key(parse(raw.replace(b"order below", b"orders below"))) != key
    assert canonical_key(parse(raw.replace(b"four lanterns", b"nine lanterns"))) != key
    assert canonical_key(parse(raw.replace(b"<forward-1@", b"<forward-2@"))) != key
    assert canonical_key(parse(raw.replace(b"Message-ID: <forward-1@shop.example>\n", b""))) is None
