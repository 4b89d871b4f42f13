"""Bytes to text, whatever the label says.

Mail carries wrong, unknown and missing charset names. The order here: the label through an alias table (what the
senders of that label really use), then what the bytes prove by themselves (ISO-2022 escapes, valid UTF-8), then the
`<meta charset>` of HTML, then statistics for longer text, then Windows-1252. Nothing here raises.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

_ALIASES = {
    "ascii": "us-ascii", "ansi-x3.4-1968": "us-ascii", "iso-646-us": "us-ascii", "us": "us-ascii",
    "utf8": "utf-8", "utf-8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "cp65001": "utf-8", "x-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "cp65000": "utf-7",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "l1": "cp1252",
    "iso-8859-1:1987": "cp1252", "iso88591": "cp1252", "x-ansi": "cp1252", "ansi": "cp1252",
    "x-user-defined": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "windows1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "windows-874": "cp874", "x-windows-874": "cp874", "dos-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6", "iso-8859-6-e": "iso8859-6",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb-2312-80": "gb18030", "gb2312-80": "gb18030",
    "euc-cn": "gb18030", "x-euc-cn": "gb18030", "cp936": "gb18030", "windows-936": "gb18030", "ms936": "gb18030",
    "hz-gb-2312": "hz", "hz": "hz", "x-gb18030": "gb18030", "chinese": "gb18030", "iso-ir-58": "gb18030",
    "big5": "cp950", "x-x-big5": "cp950", "big5-eten": "cp950", "csbig5": "cp950", "cn-big5": "cp950",
    "big-5": "cp950", "big5-hkscs": "big5hkscs",
    "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "ksc5601": "cp949", "ksc-5601": "cp949", "euc-kr": "cp949",
    "korean": "cp949", "windows-949": "cp949", "uhc": "cp949", "x-windows-949": "cp949", "ks-x-1001": "cp949",
    "shift-jis": "cp932", "shift-jisx": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms-kanji": "cp932",
    "windows-31j": "cp932", "cswindows31j": "cp932", "ms932": "cp932", "x-ms-cp932": "cp932",
    "x-euc-jp": "euc-jp", "x-euc": "euc-jp", "cp51932": "euc-jp", "eucjp": "euc-jp",
    "iso-2022-jp": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp", "iso2022jp": "iso-2022-jp", "jis": "iso-2022-jp", "csiso2022jp": "iso-2022-jp",
    "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp-2", "iso-2022-jp-3": "iso-2022-jp-3",
    "iso-2022-kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr", "johab": "johab",
    "koi8": "koi8-r", "koi": "koi8-r", "koi8r": "koi8-r", "koi8-ru": "koi8-u", "koi8u": "koi8-u",
    "macintosh": "mac-roman", "x-mac-roman": "mac-roman", "mac": "mac-roman", "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ce": "mac-latin2", "x-mac-greek": "mac-greek", "x-mac-turkish": "mac-turkish",
    "x-mac-icelandic": "mac-iceland", "ibm-850": "cp850", "dos-850": "cp850", "x-cp1250": "cp1250",
    "x-cp1251": "cp1251", "win-1251": "cp1251", "win1251": "cp1251", "cyrillic": "iso8859-5",
    "x-cp1252": "cp1252", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "unicodefffe": "utf-16-be",
}  # fmt: skip

# Codecs that may read a foreign mail. Python also offers text codecs that are no charsets (idna, punycode,
# unicode_escape); punycode is quadratic, so a label may never pick them.
_ALLOWED = frozenset(
    "ascii utf-8 utf-7 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be gb18030 hz cp950 big5 big5hkscs cp949 "
    "euc_kr johab iso2022_kr cp932 shift_jis shift_jis_2004 shift_jisx0213 euc_jp euc_jis_2004 iso2022_jp_ext "
    "iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_3 iso2022_jp_2004 koi8-r koi8-u koi8-t kz1048 ptcp154 tis-620 "
    "mac-roman mac-cyrillic mac-greek mac-latin2 mac-turkish mac-iceland mac-croatian mac-romanian cp037 cp437 cp720 "
    "cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp1250 "
    "cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 hp-roman8 "
    "iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11 "
    "iso8859-13 iso8859-14 iso8859-15 iso8859-16".split()
)
# Charsets in which pure 7-bit bytes do not mean ASCII.
_SEVEN_BIT = frozenset(
    {"utf-7", "hz", "iso2022_jp", "iso2022_jp_ext", "iso2022_kr", "iso2022_jp_2", "iso2022_jp_3"}
)
_SECOND_CHOICE = {"cp950": "big5hkscs", "euc_jp": "euc_jis_2004", "cp949": "johab"}
_ISO2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\(I")
_JIS_SEGMENT = re.compile(rb"\x1b(\$[@B]|\$\([DOQP]|\([BJIH])")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I)
_XML = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""", re.I)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HIGH = bytes(range(128, 256))
_DETECT_FROM = 48  # bytes outside ASCII that statistics need before they beat Windows-1252
_DETECT_SAMPLE = 8_192


@lru_cache(maxsize=256)
def codec_name(label: str) -> str:
    """The Python codec to use for a charset label as found in a mail, '' when the label says nothing usable."""
    key = label.strip().strip("\"';").split("*", 1)[0].strip().lower().replace("_", "-").replace(" ", "-")
    if not key or len(key) > 60:
        return ""
    key = _ALIASES.get(key, key)
    if key == "iso-2022-jp":
        return "iso2022_jp_ext"
    for name in (key, key.replace("windows-", "cp"), key.removeprefix("x-"), key.removeprefix("cs")):
        try:
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        if found in _ALLOWED:
            return found
    return ""


def decode_text(data: bytes, label: str = "", *, html: bool = False) -> tuple[str, str]:
    """Decode a body. `label` is the charset parameter as sent, `html` lets a `<meta charset>` speak.

    Returns the text (clean for a database, LF line ends) and a defect in plain words, '' when the label was right.
    """
    codec = codec_name(label)
    if data.isascii() and codec not in _SEVEN_BIT and not codec.startswith("utf-") and b"\x1b$" not in data:
        if codec.startswith("cp0"):  # EBCDIC
            return clean_text(data.decode(codec, "replace")), ""
        return clean_text(data.decode("ascii")), ""
    text, defect = _decode(data, codec, html=html)
    if label and not codec:
        defect = defect or "unknown charset label"
    return clean_text(text), defect


def _decode(data: bytes, codec: str, *, html: bool) -> tuple[str, str]:
    for bom, name in _BOMS:
        if data.startswith(bom):
            codec = name
            break
    if _ISO2022_JP.search(data, 0, 65_536) and not codec.startswith("utf-16") and data.isascii():
        codec = "iso2022_jp_ext"
    for choice in _choices(codec, data, html=html):
        try:
            return data.decode(choice), "" if choice == codec or not codec else f"charset is not {codec}"
        except (UnicodeError, LookupError):
            continue
    if codec.startswith("iso2022_jp"):
        return _decode_jis(data), "characters outside the declared charset"
    best = _mostly(data, codec)
    return data.decode(best, "replace"), f"bytes that are not {best}"


def _choices(codec: str, data: bytes, *, html: bool) -> Iterator[str]:
    """The codecs to try in strict mode, best first."""
    if codec in ("", "ascii", "cp1252"):
        yield "utf-8"  # valid multi-byte UTF-8 under a Latin-1 or missing label is UTF-8
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in data:
        yield "utf-8"  # no line of real UTF-16 or -32 is without a NUL: a false label, which would garble every word
    if codec and codec != "ascii":
        yield codec
        if codec in _SECOND_CHOICE:
            yield _SECOND_CHOICE[codec]
    if html and (found := _META.search(data, 0, 4_096) or _XML.search(data, 0, 200)):
        meta = codec_name(found[1].decode("ascii"))
        # A meta element that can be read as ASCII cannot be UTF-16.
        if meta and not meta.startswith(("utf-16", "utf-32")):
            yield meta
    if codec.startswith(("iso2022_jp", "utf-16", "utf-32")):
        return
    yield "utf-8"
    if _mostly(data, "utf-8" if codec == "utf-8" else "") == "utf-8":
        return
    if found_by_statistics := _detect(data):
        yield found_by_statistics
    yield "cp1252"


def _mostly(data: bytes, codec: str) -> str:
    """The codec to read with replacement characters: UTF-8 when few bytes are wrong, else the declared one."""
    if codec in ("", "ascii", "utf-8", "cp1252"):
        high = len(data) - len(data.translate(None, _HIGH))
        wrong = data.decode("utf-8", "replace").count("\ufffd")
        return "utf-8" if wrong * 4 < high else "cp1252"
    return codec


def _detect(data: bytes) -> str:
    """Ask charset-normalizer about a sample, when there is enough outside ASCII to measure; '' when unsure."""
    sample = data[:_DETECT_SAMPLE]
    if len(sample) - len(sample.translate(None, _HIGH)) < _DETECT_FROM:
        return ""
    from charset_normalizer import from_bytes  # slow import, rarely needed

    try:
        best = from_bytes(sample, steps=3, threshold=0.3).best()
    except Exception:  # statistics over hostile bytes: no answer is an answer
        return ""
    return codec_name(best.encoding) if best is not None else ""


def _decode_jis(data: bytes) -> str:
    """ISO-2022-JP with characters that only vendors added (NEC row 13 such as a circled 1), segment by segment.

    JIS X 0213 has the same characters in the same places, and EUC carries them with the high bit set.
    """
    pieces: list[str] = []
    mode, position = b"(B", 0
    for escape in [*_JIS_SEGMENT.finditer(data), None]:
        chunk = data[position : escape.start() if escape else len(data)]
        if mode.startswith(b"$"):
            high = bytes(byte | 0x80 if byte > 0x20 else byte for byte in chunk)
            pieces.append(high.decode("euc_jis_2004", "replace"))
        elif mode == b"(I":
            pieces.append(bytes(byte | 0x80 for byte in chunk).decode("cp932", "replace"))
        else:
            pieces.append(chunk.decode("cp932" if not chunk.isascii() else "ascii", "replace"))
        if escape:
            mode, position = escape[1], escape.end()
    return "".join(pieces)


def clean_text(text: str) -> str:
    """Body text that any database takes: no NUL, no lone surrogates, LF line ends, no BOM in front."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))
    return text


# --- headers -------------------------------------------------------------------------------------------------

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_SPACES = re.compile(r"[ \t\r\n]+")


def decode_header_bytes(value: bytes) -> str:
    """Raw header bytes as text: ASCII as it is, 8-bit as UTF-8 if valid, else as an 8-bit charset (RFC 6532)."""
    if value.isascii():
        text = value.decode("ascii")
        if "\x1b$" in text:
            return _decode(value, "iso2022_jp_ext", html=False)[0]
        return text
    return _SURROGATE.sub("\ufffd", _decode(value, "", html=False)[0])


def one_line(text: str) -> str:
    """A header value on one line: folds and control characters become a single blank."""
    if text.isprintable():
        return text.strip()
    return _SURROGATE.sub("\ufffd", _SPACES.sub(" ", _UNPRINTED.sub(" ", text))).strip()


def decode_words(value: str) -> str:
    """Decode RFC 2047 encoded words anywhere in a header value, also inside quotes and split inside a character.

    Neighbouring words of one charset are decoded together, because senders cut characters in two.
    The result is one line: a decoded CR LF can never become a header of ours.
    """
    if "=?" not in value:
        return one_line(value)
    pieces: list[str] = []
    run: list[tuple[str, str, str]] = []
    position = 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        if between.strip() or (between and not run):
            _flush(run, pieces)
            pieces.append(between)
        elif run and run[-1][0] != word[1].lower():
            _flush(run, pieces)
        run.append((word[1].lower(), word[2].lower(), word[3]))
        position = word.end()
    _flush(run, pieces)
    pieces.append(value[position:])
    return one_line("".join(pieces))


def _flush(run: list[tuple[str, str, str]], pieces: list[str]) -> None:
    if not run:
        return
    data = bytearray()
    pending = ""  # base64 that a sender cut at a place that is no multiple of four
    for _, encoding, text in run:
        if encoding == "b":
            pending += "".join(text.split())
            if len(pending) % 4 == 0:
                data += decode_base64(pending.encode("utf-8", "replace"))
                pending = ""
        else:
            data += binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)
    if pending:
        data += decode_base64(pending.encode("utf-8", "replace"))
    pieces.append(decode_text(bytes(data), run[0][0])[0])
    run.clear()


def decode_base64(data: bytes | memoryview) -> bytes:
    """Base64 up to its padding, with foreign characters dropped and missing padding added (RFC 2045 section 6.8)."""
    try:
        return binascii.a2b_base64(data)
    except (binascii.Error, ValueError):
        kept = bytes(data).translate(None, _NOT_BASE64).split(b"=", 1)[0]
        if len(kept) % 4 == 1:
            kept = kept[:-1]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
