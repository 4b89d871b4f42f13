"""Bodies of mails as they really come: charsets, transfer encodings, alternatives, broken MIME."""

from __future__ import annotations

import base64

import pytest

from checkout_desk.mail.bodies import unflow
from checkout_desk.mail.parsing import parse

HEAD = b"From: anna@example.com\nSubject: x\nMIME-Version: 1.0\n"


def _mail(body: bytes, *, type_: str = "text/plain", encoding: str = "", extra: bytes = b"") -> bytes:
    headers = HEAD + extra + f"Content-Type: {type_}\n".encode()
    if encoding:
        headers += f"Content-Transfer-Encoding: {encoding}\n".encode()
    return headers + b"\n" + body


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("注文 三個 お願いします", "iso-2022-jp", "iso-2022-jp"),
        ("注文 三個 お願いします", "iso-2022-jp", "ISO-2022-JP-MS"),
        ("注文 三個 お願いします", "iso-2022-jp", "us-ascii"),
        ("注文 三個 お願いします", "cp932", "x-sjis"),
        ("①番 ㈱花屋", "cp932", "shift_jis"),
        ("注文 三個", "euc-jp", "x-euc-jp"),
        ("我要三个", "hz", "hz-gb-2312"),
        ("我要三个 €", "gb18030", "gb2312"),
        ("訂單 三個", "cp950", "big5"),
        ("주문 세 개 똠", "cp949", "ks_c_5601-1987"),
        ("drei Stück für Müller", "utf-7", "utf-7"),
        ("drei Stück für Müller", "utf-7", "unicode-1-1-utf-7"),
        ("“three” – 5 €", "cp1252", "iso-8859-1"),
        ("“three” – 5 €", "cp1252", "us-ascii"),
        ("drei Stück für Müller", "utf-8", "us-ascii"),
        ("drei Stück für Müller", "utf-8", "iso-8859-1"),
        ("drei Stück für Müller", "latin-1", "utf-8"),
        ("drei Stück für Müller", "latin-1", "unknown-8bit"),
        ("drei Stück für Müller", "utf-8", "x-nobody-knows"),
        ("drei Stück für Müller", "utf-16", "utf-16"),
        ("สามชิ้น", "cp874", "windows-874"),
        ("Üç adet ğış", "cp1254", "iso-8859-9"),
        ("три штуки", "koi8-r", "koi8-r"),
        ("три штуки", "cp1251", "windows-1251"),
        ("tři kusy žluté", "cp1250", "windows-1250"),
        ("café", "mac-roman", "macintosh"),
    ],
)
@pytest.mark.parametrize("encoding", ["", "base64", "quoted-printable"])
def test_charsets(text: str, codec: str, label: str, encoding: str) -> None:
    data = text.encode(codec)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = b"".join(b"=%02X" % byte for byte in data)
    elif codec == "utf-16":
        pytest.skip("two-byte text is never sent without an encoding")
    assert parse(_mail(data, type_=f'text/plain; charset="{label}"', encoding=encoding)).text.strip() == text


def test_unlabelled_longer_text_is_recognised_by_statistics() -> None:
    text = "Добрый день, пришлите пожалуйста три синие кружки и одну белую тарелку по адресу ниже. Спасибо большое!"
    assert parse(HEAD + b"\n" + text.encode("cp1251")).text == text


def test_characters_that_vendors_added_to_iso_2022_jp() -> None:
    assert parse(_mail(b"\x1b$B-!-j\x1b(B ok", type_="text/plain; charset=iso-2022-jp")).text == "①㈱ ok"


def test_charset_only_in_the_meta_element() -> None:
    html = '<html><head><meta charset="windows-1251"></head><body>три</body></html>'
    assert "три" in parse(_mail(html.encode("cp1251"), type_="text/html")).html


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "unicode_escape", "rot13", "zlib", "a" * 5_000, "\\x00"]
)
def test_a_label_never_picks_a_codec_that_is_no_charset(label: str) -> None:
    letter = parse(_mail(b"\\u0041 three caf\xc3\xa9", type_=f"text/plain; charset={label}"))
    assert letter.text == "\\u0041 three café"


@pytest.mark.parametrize(
    "spelling",
    ["base64", "BASE64 ", '"base64"', "Base64;", "base-64", "base64 (standard)", "b64", " base64\t"],
)
def test_odd_spellings_of_base64(spelling: str) -> None:
    assert parse(_mail(base64.b64encode(b"three mugs"), encoding=spelling)).text == "three mugs"


@pytest.mark.parametrize("spelling", ["quoted-printable", "Quoted_Printable", "quotedprintable", "QP"])
def test_odd_spellings_of_quoted_printable(spelling: str) -> None:
    assert parse(_mail(b"caf=C3=A9 =\nfor three", encoding=spelling)).text == "café for three"


def test_base64_with_junk_missing_padding_and_a_plain_footer() -> None:
    encoded = base64.b64encode(b"Please send three mugs.")
    assert (
        parse(_mail(encoded[:8] + b"!\n**" + encoded[8:], encoding="base64")).text
        == "Please send three mugs."
    )
    assert parse(_mail(encoded.rstrip(b"="), encoding="base64")).text == "Please send three mugs."
    with_footer = parse(_mail(base64.b64encode(b"three mugs") + b"\n____\nList info", encoding="base64")).text
    assert "three mugs" in with_footer
    assert "List info" in with_footer
    second = base64.b64encode(b"a second stretch of text for you")
    glued = parse(_mail(base64.b64encode(b"three mugs") + b"\n" + second, encoding="base64")).text
    assert glued == "three mugsa second stretch of text for you"


def test_plain_text_under_a_base64_label_still_shows_text() -> None:
    assert parse(_mail(b"Hello, three mugs please! (no really)", encoding="base64")).text.strip() != ""


def test_uuencoded_body() -> None:
    body = b"begin 644 note.txt\n*=&AR964@;75G<P  \n`\nend\n"
    assert parse(_mail(body, encoding="x-uuencode")).text.rstrip("\x00") == "three mugs"


def test_format_flowed_joins_soft_breaks_and_keeps_quotes_and_signature() -> None:
    body = "one \ntwo\n>> deep \n>> er\n> flat \nown\n stuffed\n-- \nAnna \n"
    assert unflow(body, delsp=False) == "one two\n>> deep er\n> flat \nown\nstuffed\n-- \nAnna \n"
    flowed = parse(_mail("注文 \nです".encode(), type_="text/plain; charset=utf-8; format=Flowed; DelSp=Yes"))
    assert flowed.text == "注文です"


def _multi(kind: str, *parts: bytes, end: bytes = b"--b--\n") -> bytes:
    return (
        HEAD + f'Content-Type: multipart/{kind}; boundary="b"\n\n'.encode()
        + b"".join(b"--b\n" + part + b"\n" for part in parts) + end
    )  # fmt: skip


PLAIN = b"Content-Type: text/plain\n\nthree blue mugs"
HTML = b"Content-Type: text/html\n\n<p>three <b>blue</b> mugs</p>"


def test_alternatives_are_both_kept() -> None:
    letter = parse(_multi("alternative", PLAIN, HTML))
    assert (letter.text, letter.html, letter.parts) == (
        "three blue mugs",
        "<p>three <b>blue</b> mugs</p>",
        (),
    )
    assert letter.content_type == "multipart/alternative"


def test_html_is_complete_when_text_stands_beside_it() -> None:
    letter = parse(_multi("mixed", HTML, b"Content-Type: text/plain\n\nList footer & <more>"))
    assert "List footer &amp; &lt;more&gt;" in letter.html
    assert letter.text == "List footer & <more>"


@pytest.mark.parametrize(
    "content_type",
    [
        b"Content-Type: multipart/mixed\n",
        b"Content-Type: multipart/mixed; boundary=other\n",
        b'Content-Type: multipart/mixed; boundary=""\n',
    ],
)
def test_multipart_with_a_missing_or_wrong_boundary(content_type: bytes) -> None:
    body = b"--real\nContent-Type: text/plain\n\nthree mugs\n--real\nContent-Type: text/html\n\n<p>x</p>\n--real--\n"
    letter = parse(HEAD + content_type + b"\n" + body)
    assert letter.text == "three mugs"
    assert letter.html.endswith("<p>x</p>")
    assert "boundary missing or wrong" in letter.defects


def test_multipart_that_is_no_multipart_shows_its_text() -> None:
    assert parse(HEAD + b"Content-Type: multipart/mixed\n\njust three mugs\n").text == "just three mugs\n"
    lost = parse(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\njust three mugs\n--b--\n")
    assert "just three mugs" in lost.text


def test_missing_end_and_text_after_a_premature_end() -> None:
    assert parse(_multi("mixed", PLAIN, end=b"")).text.strip() == "three blue mugs"
    letter = parse(
        _multi("mixed", PLAIN, end=b"--b--\n--b\nContent-Type: text/plain\n\nand a plate\n--b--\n")
    )
    assert letter.text == "three blue mugs\n\nand a plate"


def test_an_inner_part_without_end_stops_at_the_outer_boundary() -> None:
    inner = b'Content-Type: multipart/alternative; boundary="in"\n\n--in\n' + PLAIN
    letter = parse(_multi("mixed", inner, b"Content-Type: application/pdf\n\n%PDF"))
    assert letter.text == "three blue mugs"
    assert [part.content_type for part in letter.parts] == ["application/pdf"]


def test_a_base64_encoded_multipart_is_opened() -> None:
    body = base64.encodebytes(b"--b\n" + PLAIN + b"\n--b--\n")
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + body
    assert parse(raw).text == "three blue mugs"


def test_too_many_parts_become_one_raw_part() -> None:
    letter = parse(_multi("mixed", *[PLAIN] * 3_000))
    assert letter.text.count("three blue mugs") == 999
    assert [part.data.count(b"three blue mugs") for part in letter.parts] == [2_001]
    assert "too many parts" in letter.defects


def _nested(levels: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(levels)
    )
    return HEAD + opened + b"\nthe innermost words\n"


def test_deep_nesting_is_read_up_to_the_cap_and_shown_raw_beyond() -> None:
    assert parse(_nested(50)).text == "the innermost words\n"
    assert not parse(_nested(51)).readable
    letter = parse(_nested(3_000))
    assert not letter.readable
    assert letter.sender.email == "anna@example.com"
    assert "the innermost words" in letter.text
    assert b"the innermost words" in letter.parts[0].data


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\x00", b"\xff\xfe", b"no header at all", b"\r\r\r", b":", b"--b"]
)
def test_scraps_are_letters_that_could_not_be_read(raw: bytes) -> None:
    letter = parse(raw)
    assert not letter.readable
    assert letter.defects
    assert "\x00" not in letter.text


def test_no_nul_and_no_lone_surrogate_reaches_the_letter() -> None:
    body = base64.b64encode(b"a\x00b" + b"\xed\xa0\x80c")
    letter = parse(
        _mail(body, type_="text/plain; charset=utf-8", encoding="base64", extra=b"X-Raw: \xed\xa0\x80\n")
    )
    (letter.text + letter.header("x-raw")).encode("utf-8")
    assert "\x00" not in letter.text
    assert letter.text.startswith("ab")
    utf16 = parse(
        _mail(base64.b64encode(b"\x00\xd8a\x00"), type_="text/plain; charset=utf-16-le", encoding="base64")
    )
    utf16.text.encode("utf-8")
    utf7 = parse(_mail(b"+2AA- three", type_="text/plain; charset=utf-7"))
    utf7.text.encode("utf-8")
    assert "three" in utf7.text
