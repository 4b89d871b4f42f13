"""From the MIME tree to what a person reads: text, HTML, attachments.

Text and HTML are gathered as segments in the order of the mail. An alternative gives one segment in two forms; a
text next to an HTML part (Apple Mail, list footers) gives two segments, and the HTML gets the text of the other as
well, so that the HTML of a letter is always complete when it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

from checkout_desk.mail.charsets import decode_text
from checkout_desk.mail.filenames import clean_filename, name_by_content, unique
from checkout_desk.mail.letter import Part
from checkout_desk.mail.mime import MAX_DEPTH, Node, read_tree
from checkout_desk.mail.smime import signed_content
from checkout_desk.mail.tnef import TNEF_TYPES, unpack

_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_CID = re.compile(r"""cid:([^"'\s<>)]{1,300})""", re.I)
_STANDARD_PREAMBLE = re.compile(
    r"multi-?part message|mime (?:format|message)|mime-(?:format|encapsulated)", re.I
)


@dataclass(slots=True)
class Segment:
    """One stretch of the message, as text, as HTML, or in both forms."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class Attached:
    """One part on its way to become a `Part`: named and marked as inline when all bodies are known."""

    name: str
    type: str
    data: bytes
    content_id: str = ""
    source: str = "mail"


@dataclass(slots=True)
class Bodies:
    """What was gathered so far from one mail."""

    segments: list[Segment] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return _join(segment.plain for segment in self.segments)

    @property
    def html(self) -> str:
        if not any(segment.html for segment in self.segments):
            return ""
        return "\n".join(
            segment.html or f"<div>{escape(segment.plain).replace(chr(10), '<br>')}</div>"
            for segment in self.segments
        )

    def parts(self) -> tuple[Part, ...]:
        """The attachments with clean, unique, stable names."""
        shown = {unquote(found) for segment in self.segments for found in _CID.findall(segment.html)}
        taken: dict[str, int] = {}
        return tuple(
            Part(
                filename=unique(clean_filename(item.name) or name_by_content(item.data, item.type), taken),
                content_type=item.type,
                data=item.data,
                content_id=item.content_id,
                inline=bool(item.content_id) and item.content_id in shown,
                source=item.source,
            )
            for item in self.attached
        )

    def note(self, defect: str) -> None:
        if defect and defect not in self.defects:
            self.defects.append(defect)


def _join(pieces: Iterable[str]) -> str:
    """Segments one under the other: a single one stays exactly as it was sent."""
    kept = [piece for piece in pieces if piece]
    if len(kept) < 2:
        return kept[0] if kept else ""
    return "\n\n".join(piece.strip("\n") for piece in kept)


def gather(root: Node) -> Bodies:
    """Read all bodies and attachments of the tree under `root`."""
    bodies = Bodies()
    _visit(root, bodies, bodies.segments, parent="")
    if not bodies.segments and root.children:
        _read_preamble(root, bodies)
    return bodies


def _visit(node: Node, bodies: Bodies, segments: list[Segment], *, parent: str) -> None:
    if node.unread:
        # Beyond a cap: the bytes as they stand, with their own headers in front.
        bodies.attached.append(Attached("", "application/octet-stream", node.raw[node.start : node.end]))
    elif node.type == "multipart/alternative" and node.children:
        forms: list[Segment] = []
        for child in node.children:
            _visit(child, bodies, forms, parent=node.type)
        if forms:
            plain = _join(dict.fromkeys(form.plain for form in forms))
            segments.append(Segment(plain, "\n".join(form.html for form in forms if form.html)))
    elif node.children:
        for child in node.children:
            _visit(child, bodies, segments, parent=node.type)
    elif _is_body(node, parent=parent, first=not segments):
        segment = _read_body(node, bodies)
        if segment.plain or segment.html:
            segments.append(segment)
    elif node.size or parent == "":
        _attach(node, bodies)


def _is_body(node: Node, *, parent: str, first: bool) -> bool:
    """Whether a leaf is to be read as the message itself, not kept as a file."""
    if node.type not in _PLAIN and node.type not in _HTML:
        return False
    if node.disposition == "attachment":
        return not parent and not node.filename
    if not node.filename:
        return True
    if node.type in _HTML:
        # A named page is a file, unless it stands where only a body can stand.
        return parent in ("", "multipart/alternative", "multipart/related")
    return first


def _read_body(node: Node, bodies: Bodies) -> Segment:
    is_html = node.type in _HTML
    text, defect = decode_text(node.data(as_text=True), node.params.get("charset", ""), html=is_html)
    bodies.note(defect)
    if is_html:
        return Segment(html=text if text.strip() else "")
    if node.params.get("format", "").strip().lower() == "flowed":
        text = unflow(text, delsp=node.params.get("delsp", "").strip().lower() == "yes")
    return Segment(plain=text if text.strip() else "")


def _attach(node: Node, bodies: Bodies) -> None:
    name, data = node.filename, node.data()
    if (
        node.type in _SIGNED_TYPES
        and node.depth < MAX_DEPTH
        and (content := signed_content(data)) is not None
    ):
        # The signed mail is read as if it stood here; the signed file stays as the proof.
        inner = read_tree(b"\n" + content, 1, bodies.defects, depth=node.depth + 1)
        if inner.headers.fields:
            _visit(inner, bodies, bodies.segments, parent="multipart/signed")
    if node.type in TNEF_TYPES or name.lower() == "winmail.dat":
        unpacked = unpack(data)
        if unpacked is not None:
            for item in unpacked.files:
                bodies.attached.append(
                    Attached(item.name, item.content_type, item.data, item.content_id, "tnef")
                )
            if not any(segment.plain or segment.html for segment in bodies.segments) and (
                unpacked.text or unpacked.html
            ):
                bodies.segments.append(Segment(unpacked.text, unpacked.html))
            if unpacked.files or unpacked.text or unpacked.html:
                return
        else:
            bodies.note("winmail.dat could not be unpacked")
    bodies.attached.append(Attached(name, node.type, data, node.content_id))


def _read_preamble(root: Node, bodies: Bodies) -> None:
    """Text in front of the first boundary is the message when no part holds any (a boundary in the wrong place)."""
    first = root.children[0]
    if first.raw is not root.raw:
        return
    preamble = root.raw[root.body : first.start]
    lines = preamble.split(b"\n")[:-1]
    while lines and (not lines[-1].strip() or lines[-1].startswith(b"--")):
        lines.pop()
    text, _ = decode_text(b"\n".join(lines), root.params.get("charset", ""))
    if text.strip() and not _STANDARD_PREAMBLE.search(text[:500]):
        bodies.segments.append(Segment(plain=text))


def unflow(text: str, *, delsp: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676); `delsp` drops the blank that marked each of them.

    Lines join only within one quote depth, and the signature mark `-- ` is never a soft break.
    """
    result: list[str] = []
    pending: list[str] = []
    pending_depth = 0
    for line in text.removesuffix("\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if pending and (depth != pending_depth or content == "-- "):
            result.append(_quoted(pending, pending_depth))
            pending = []
        if content.endswith(" ") and content != "-- ":
            pending.append(content[:-1] if delsp else content)
            pending_depth = depth
            continue
        result.append(_quoted([*pending, content], depth))
        pending = []
    if pending:
        result.append(_quoted(pending, pending_depth))
    return "\n".join(result) + ("\n" if text.endswith("\n") else "")


def _quoted(pieces: list[str], depth: int) -> str:
    line = "".join(pieces)
    return f"{'>' * depth} {line}" if depth else line
