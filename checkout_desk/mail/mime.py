"""The MIME tree of a mail as offsets into its bytes: nothing is copied before it is decoded.

The standard library's feed parser holds a large attachment several times, recurses once for each level and has no
limit on parts; this one cuts at boundaries found by a linear search, at most 50 levels deep and 1,000 parts wide
(SECURITY F3, A23). What lies beyond becomes one raw part, so that nothing of the mail is lost.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from checkout_desk.mail.charsets import decode_base64
from checkout_desk.mail.headers import Headers, media_type, parameters, read_headers, token

MAX_DEPTH = 50
MAX_PARTS = 1_000

_FRONT = re.compile(
    rb"(?:\xef\xbb\xbf|[\x00\r\n]+|[ \t]+\r*\n|>*From [^\n]{0,1000}\n(?=[!-9;-~]+[ \t]*:|\r*\n))+"
)
_SNIFF = re.compile(rb"(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r*\n")
_AFTER_PADDING = re.compile(rb"=\s++(?=\S)")


@dataclass(slots=True)
class Node:
    """One MIME entity: its headers, its type, and where its body lies in `raw`."""

    raw: bytes
    start: int  # of the headers
    body: int
    end: int
    headers: Headers
    type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    depth: int = 0
    unread: bool = False  # beyond a cap: shown as raw bytes only

    @property
    def disposition(self) -> str:
        """'attachment', 'inline', another token, or ''."""
        return token(self.headers.get("content-disposition"))

    @property
    def filename(self) -> str:
        """The name as sent (Content-Disposition before Content-Type), not yet cleaned."""
        return parameters(self.headers.get("content-disposition")).get("filename", "") or self.params.get(
            "name", ""
        )

    @property
    def content_id(self) -> str:
        return self.headers.get("content-id").strip().strip("<>").strip()

    @property
    def size(self) -> int:
        """Bytes of the body before decoding."""
        return self.end - self.body

    def source(self) -> bytes:
        """The bytes of the body as they stand in the mail."""
        return self.raw[self.body : self.end]

    def data(self, *, as_text: bool = False) -> bytes:
        """The decoded bytes of the body. `as_text` also keeps what follows the padding of a base64 body."""
        label = self.headers.get("content-transfer-encoding")
        if not as_text and token(label) == "base64":
            return decode_base64(memoryview(self.raw)[self.body : self.end])  # no copy of a large attachment
        return decode_transfer(self.source(), label, as_text=as_text)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the mail."""
        yield self
        for child in self.children:
            yield from child.walk()


def clean_front(raw: bytes) -> tuple[bytes, int]:
    """The bytes to read and the offset of the first header, past a BOM, blank lines or an mbox `From ` line.

    A mail in UTF-16 or with bare CR line ends is rewritten first, as no header could be found in it.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", "replace").encode("utf-8")
    head = raw[:65_536]
    if b"\r" in head and b"\n" not in head:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if (b"\n\r\n" not in head and b"\n\n" not in head) and b"\r\r" in head and b"\r\r\n" not in head:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    front = _FRONT.match(raw)
    return raw, front.end() if front else 0


def read_tree(raw: bytes, start: int, defects: list[str], *, depth: int = 0) -> Node:
    """Build the tree of the mail that starts at raw[start]; notes in `defects` what was wrong.

    `depth` is that of the entity itself, when it was found inside another one. Works without recursion.
    """
    root = _entity(raw, start, len(raw), depth=depth, default="text/plain", defects=defects)
    open_nodes = [root]
    count = 1
    while open_nodes:
        node = open_nodes.pop()
        if not node.type.startswith("multipart/"):
            continue
        if node.depth >= MAX_DEPTH:
            node.unread = True
            _note(defects, "parts nested too deeply")
            continue
        count = _split(node, count, defects)
        open_nodes.extend(reversed(node.children))
    return root


def _entity(raw: bytes, start: int, end: int, *, depth: int, default: str, defects: list[str]) -> Node:
    headers, body = read_headers(raw, start, end)
    for defect in headers.defects:
        _note(defects, defect)
    value = headers.get("content-type")
    return Node(
        raw,
        start,
        min(body, end),
        end,
        headers,
        media_type(value, default=default),
        parameters(value),
        depth=depth,
    )


def _note(defects: list[str], text: str) -> None:
    if text not in defects:
        defects.append(text)


def _split(node: Node, count: int, defects: list[str]) -> int:
    """Cut a multipart into its children; without a usable boundary it becomes text. Returns the new part count."""
    encoding = token(node.headers.get("content-transfer-encoding"))
    if encoding in ("base64", "quoted-printable"):  # forbidden for multiparts, sent all the same
        encoded_boundary = node.params.get("boundary", "").encode("utf-8", "replace")
        if not encoded_boundary or b"--" + encoded_boundary not in node.source():
            decoded = node.data()
            node.raw, node.body, node.end = b"\n" + decoded, 1, len(decoded) + 1
    spans = _spans(node, node.params.get("boundary", ""), defects)
    if not spans:
        node.type = "text/plain"
        node.params = {}
        _note(defects, "multipart without a usable boundary")
        return count
    default = "message/rfc822" if node.type == "multipart/digest" else "text/plain"
    for position, (start, end) in enumerate(spans):
        if count >= MAX_PARTS:
            _note(defects, "too many parts")
            rest = Node(
                node.raw, start, start, spans[-1][1], Headers(), "application/octet-stream", unread=True
            )
            node.children.append(rest)
            break
        count += 1
        child = _entity(node.raw, start, end, depth=node.depth + 1, default=default, defects=defects)
        if position == len(spans) - 1 and child.start >= child.end and position:
            continue  # an empty tail behind the last delimiter
        node.children.append(child)
    return count


def _spans(node: Node, boundary: str, defects: list[str]) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie. At most MAX_PARTS + 1 spans, the last one holds all the rest."""
    found = _delimiters(node, boundary.encode("utf-8", "surrogateescape")) if boundary else []
    if not found:
        sniffed = _SNIFF.search(node.raw, max(node.body - 1, 0), min(node.end, node.body + 65_536))
        if sniffed is None:
            return []
        found = _delimiters(node, sniffed[1])
        if not any(closing for _, _, closing in found) and len(found) < 2 and not boundary:
            return []
        _note(defects, "boundary missing or wrong")
    spans: list[tuple[int, int]] = []
    for position, (_, after, closing) in enumerate(found):
        last = position + 1 == len(found)
        if closing:
            continue
        if last:
            _note(defects, "the last part has no end")
        spans.append((after, node.end if last else found[position + 1][0]))
    if len(spans) > MAX_PARTS:
        spans[MAX_PARTS] = (spans[MAX_PARTS][0], node.end)
    return spans


def _delimiters(node: Node, boundary: bytes) -> list[tuple[int, int, bool]]:
    """(start of the line break before, start of what follows, closing?) for each delimiter line in the body."""
    pattern = re.compile(rb"\n--" + re.escape(boundary.rstrip()) + rb"(--)?[ \t]*+\r*(?:\n|\Z)")
    if boundary.rstrip() == b"":
        return []
    found: list[tuple[int, int, bool]] = []
    position = max(node.body - 1, 0)
    while len(found) <= MAX_PARTS + 1 and (match := pattern.search(node.raw, position, node.end)):
        before = match.start() - (node.raw[match.start() - 1 : match.start()] == b"\r")
        found.append((max(before, node.body), match.end(), match[1] is not None))
        position = match.end() - 1  # the line break may belong to the next delimiter too
    return found


def decode_transfer(data: bytes, label: str, *, as_text: bool = False) -> bytes:
    """Undo a Content-Transfer-Encoding, also under an odd spelling; an unknown one is taken as plain bytes."""
    encoding = token(label).replace("_", "-").replace("-", "")
    if encoding in ("base64", "b64", "xbase64"):
        return _decode_base64_body(data, as_text=as_text)
    if encoding in ("quotedprintable", "qp", "quoted", "printable"):
        return binascii.a2b_qp(data)
    if encoding in ("uuencode", "xuuencode", "xuue", "uue"):
        return _decode_uu(data)
    return data


def _decode_base64_body(data: bytes, *, as_text: bool) -> bytes:
    """Base64 with junk in or behind it. In a text a list server's plain footer behind the padding is kept."""
    decoded = decode_base64(data)
    if not as_text:
        return decoded
    rest = _AFTER_PADDING.search(data)
    pieces = [decoded]
    while rest is not None and len(pieces) < 20:
        tail = data[rest.end() :]
        if re.match(rb"[A-Za-z0-9+/]{16,}={0,2}\s", tail + b"\n"):
            pieces.append(decode_base64(tail))
            following = _AFTER_PADDING.search(data, rest.end())
            rest = following
            continue
        pieces.append(b"\n" + tail)
        break
    return b"".join(pieces)


def _decode_uu(data: bytes) -> bytes:
    """The first uuencoded file in a body, line by line, with broken lines cut to what they can hold."""
    decoded = bytearray()
    inside = False
    for line in data.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
            continue
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            size = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                decoded += binascii.a2b_uu(line[:size])
            except binascii.Error:
                continue
    return bytes(decoded) if inside else data
