"""The header block of a mail or of a part: bounded, split, and its MIME parameters read (RFC 5322, 2045, 2231).

Every cap applies before a value reaches mail-parser or any other code: a header longer than 16 KiB or a block longer
than 256 KiB is cut and noted, the mail stays readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote_to_bytes

from checkout_desk.mail.charsets import codec_name, decode_header_bytes, decode_text, decode_words, one_line

MAX_HEADER = 16 * 1024
MAX_BLOCK = 256 * 1024
MAX_PARAMETERS = 100

_END = re.compile(rb"\n\r*\n")
_HEADER = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*+(?:\n|\Z)")
# Names that only mail software writes: if one follows a stray line, that line was a damaged fold and no body.
_MACHINE = re.compile(
    rb"\n(?:received|message-id|mime-version|content-type|content-transfer-encoding|return-path)[ \t]*:", re.I
)
_FOLD = re.compile(rb"\r*\n[ \t]*|\r+(?=[ \t]|\Z)")
_PARAMETER = re.compile(r""";\s*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]++|\\.)*+)"?|([^;]*+))""", re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]+)\s*/\s*([A-Za-z0-9!#$&^_.+-]+)")
_TOKEN = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]+)")


@dataclass(slots=True)
class Headers:
    """Headers of one entity in order, names in lower case, values unfolded text that is not yet word-decoded."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first value of `name` (lower case), '' when absent."""
        for key, value in self.fields:
            if key == name:
                return value
        return ""

    def grouped(self) -> dict[str, tuple[str, ...]]:
        """All values by name, in the order of the mail."""
        grouped: dict[str, list[str]] = {}
        for key, value in self.fields:
            grouped.setdefault(key, []).append(value)
        return {key: tuple(values) for key, values in grouped.items()}


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Read the header block of raw[start:end]; returns the headers and the offset at which the body starts.

    A line that cannot be a header ends the block (the blank line was lost), unless headers that only software writes
    follow: then it was a fold without its indentation and joins the header before it.
    """
    headers = Headers()
    if raw[start : start + 1] == b"\n" or raw[start : start + 2] == b"\r\n":
        return headers, raw.index(b"\n", start) + 1
    blank = _END.search(raw, start, end)
    stop = blank.start() + 1 if blank else end
    body = blank.end() if blank else end
    last_machine: int | None = None
    kept, position = 0, start
    while position < stop:
        match = _HEADER.match(raw, position, stop)
        if match is None:
            if last_machine is None:
                last_machine = max((m.start() for m in _MACHINE.finditer(raw, position, stop)), default=-1)
            line_end = _stop_of_line(raw, position, stop)
            if last_machine + 1 < line_end or not headers.fields:
                headers.defects.append("no blank line before the body")
                return headers, position
            headers.defects.append("a line in the headers that is no header")
            name, value = headers.fields[-1]
            extra = raw[position : min(line_end, position + MAX_HEADER)].strip()
            if len(value) + len(extra) < MAX_HEADER:
                headers.fields[-1] = (name, f"{value} {one_line(decode_header_bytes(extra))}")
            position = line_end
            continue
        kept += _keep(headers, match)
        if kept > MAX_BLOCK:
            headers.defects.append("header block cut at 256 KiB")
            break
        position = match.end()
    headers.defects = list(dict.fromkeys(headers.defects))
    return headers, body


def _stop_of_line(raw: bytes, position: int, stop: int) -> int:
    found = raw.find(b"\n", position, stop)
    return stop if found < 0 else found + 1


def _keep(headers: Headers, match: re.Match[bytes]) -> int:
    """Append one header, cut and unfolded; returns how many bytes it took."""
    name = match[1][:200].decode("ascii").lower()
    value = match[2]
    if len(value) > MAX_HEADER:
        headers.defects.append("a header was cut at 16 KiB")
        # The newest ids stand at the end of References, everything else has its meaning in front.
        value = value[-MAX_HEADER:] if name == "references" else value[:MAX_HEADER]
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(b" ", value).replace(b"\r", b" ")
    text = one_line(decode_header_bytes(value))
    headers.fields.append((name, text))
    return len(value) + len(name)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a MIME header by lower-case name: quoted, RFC 2231 continued and encoded, RFC 2047 encoded.

    >>> parameters("text/plain; charset=utf-8; name*=utf-8''caf%C3%A9")["name"]
    'café'
    """
    if ";" not in value:
        return {}
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in islice(_PARAMETER.finditer(value), MAX_PARAMETERS):
        text = match[3].strip() if match[2] is None else _ESCAPE.sub(r"\1", match[2])
        section = _SECTION.match(match[1].lower())
        if section is None or (section[2] is None and section[3] is None):
            plain.setdefault(match[1].lower(), decode_words(text))
        else:
            sections.setdefault(section[1], {}).setdefault(int(section[2] or 0), (text, bool(section[3])))
    for name, pieces in sections.items():
        plain[name] = _join_sections(pieces)
    return plain


def _join_sections(pieces: dict[int, tuple[str, bool]]) -> str:
    """Join the numbered sections of one RFC 2231 parameter and decode them in the charset of the first."""
    data = bytearray()
    charset = ""
    for number in sorted(pieces):
        text, encoded = pieces[number]
        if encoded and number == min(pieces) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        data += unquote_to_bytes(raw) if encoded else raw
    return decode_words(decode_text(bytes(data), charset if codec_name(charset) else "utf-8")[0])


def media_type(value: str, *, default: str) -> str:
    """The type/subtype of a Content-Type value in lower case; `default` when absent, text/plain when unreadable."""
    if not value:
        return default
    match = _TYPE.match(value)
    if match:
        return f"{match[1]}/{match[2]}".lower()
    token = _TOKEN.match(value)
    if token and token[1].lower() in ("text", "html", "multipart"):
        # Old mailers write only the main type.
        return {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}[token[1].lower()]
    return "text/plain"


def token(value: str) -> str:
    """The first token of a header such as Content-Disposition or Content-Transfer-Encoding, lower case."""
    match = _TOKEN.match(value.strip("\"' "))
    return match[1].lower() if match else ""
