"""Plain text of a mail as safe HTML: escaped first, then paragraphs, line breaks, links to the web, and highlights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup, escape

from checkout_desk.desk.marks import Mark, Piece, joined, pieces

_LINK = re.compile(r"\bhttps?://[^\s<>\"'“”]{1,2000}[^\s<>\"'“”.,;:!?)\]]", re.IGNORECASE)
_BLOCK = re.compile(r"\S[^\n]*(?:\n[ \t]*\S[^\n]*)*")
MAX_SHOWN = 60_000
"""characters of one zone that a page shows; the original has the rest"""


def paragraphs(text: str, marked: Sequence[Piece] = (), *, base: int = 0) -> Markup:
    """`text` as `<p>` blocks. `marked` are highlights whose positions count from `base` before this text."""
    cut = len(text) > MAX_SHOWN
    shown = text[:MAX_SHOWN]
    html = "".join(
        f"<p>{_lines(shown[start:end], [p for p in marked if p.start < base + end and p.end > base + start], base=base + start)}</p>"
        for start, end in (match.span() for match in _BLOCK.finditer(shown))
    )
    if cut:
        html += "<p><em>The rest of this very long text is in the original.</em></p>"
    return Markup(html)  # noqa: S704 - every piece was escaped in _lines


def _lines(block: str, marked: Sequence[Piece], *, base: int) -> str:
    if "://" not in block and not marked:
        return _plain(block)
    out, end = [], 0
    for start, stop, html in _inserted(block, marked, base):
        if start < end:
            continue
        out += [_plain(block[end:start]), html]
        end = stop
    out.append(_plain(block[end:]))
    return "".join(out)


def _plain(text: str) -> str:
    return str(escape(text)).replace("\n", "<br>")


def _inserted(block: str, marked: Sequence[Piece], base: int) -> Iterator[tuple[int, int, str]]:
    """Highlights, and the links that touch none of them, as (start, end, HTML) in order."""
    spans = [(max(p.start - base, 0), min(p.end - base, len(block)), p) for p in marked]
    found = [
        (start, end, _span(block[start:end], piece, last=piece.last and piece.end - base <= len(block)))
        for start, end, piece in spans
    ]
    for match in _LINK.finditer(block) if "://" in block else ():
        if not any(start < match.end() and end > match.start() for start, end, _ in spans):
            found.append((match.start(), match.end(), _link(match[0])))
    yield from sorted(found)


def _link(address: str) -> str:
    url = escape(address)
    return f'<a class="link" href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>'


def _span(words: str, piece: Piece, *, last: bool) -> str:
    """A highlight leads to its line. The words of one line are one stop for the keyboard, however often they break."""
    mark = piece.mark
    check = " span--check" if mark.check else ""
    stop = "" if last else ' tabindex="-1"'
    number = f"<sup>{mark.number}</sup>" if last else ""
    return (
        f'<a class="span{check} k{mark.number}" href="#{escape(mark.target)}" data-k="{mark.number}"'
        f' title="{escape(mark.says)}"{stop}>{_plain(words)}{number}</a>'
    )


def blocks(
    text: str, zones: Sequence[Sequence[Any]] | None, marks: Sequence[Mark] = ()
) -> list[dict[str, Any]]:
    """The zones of a mail for the screen: own words open, quotes, forwards and signatures folded.

    A fold that holds a highlight of `marks` is `open`: nobody should have to look for what was read.
    """
    if not text.strip():
        return []
    marked = pieces(text, joined(text, marks)) if marks else []
    found = []
    for kind, start, end in zones or [("own", 0, len(text))]:
        piece = text[start:end]
        if piece.strip():
            inside = [p for p in marked if p.start < end and p.end > start]
            html = paragraphs(piece, inside, base=start)
            found.append(
                {"kind": kind, "html": html, "lines": piece.strip().count("\n") + 1, "open": bool(inside)}
            )
    if not any(block["kind"] == "own" for block in found) and found:
        found[0] = {**found[0], "kind": "own"}  # nothing of their own: never show an empty mail
    return found
