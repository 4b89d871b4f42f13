"""Plain text of a mail as safe HTML: escaped first, then paragraphs, line breaks and links to the web."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

_LINK = re.compile(r"\bhttps?://[^\s<>\"'“”]{1,2000}[^\s<>\"'“”.,;:!?)\]]", re.IGNORECASE)
_GAP = re.compile(r"\n[ \t]*\n+")
MAX_SHOWN = 60_000
"""characters of one zone that a page shows; the original has the rest"""


def paragraphs(text: str) -> Markup:
    """`text` as `<p>` blocks."""
    cut = len(text) > MAX_SHOWN
    blocks = [block.strip("\n") for block in _GAP.split(text[:MAX_SHOWN].strip()) if block.strip()]
    html = "".join(f"<p>{_lines(block)}</p>" for block in blocks)
    if cut:
        html += "<p><em>The rest of this very long text is in the original.</em></p>"
    return Markup(html)  # noqa: S704 - every piece was escaped in _lines


def _lines(block: str) -> str:
    if "://" not in block:
        return str(escape(block)).replace("\n", "<br>")
    out, end = [], 0
    for match in _LINK.finditer(block):
        out.append(str(escape(block[end : match.start()])))
        url = escape(match[0])
        out.append(
            f'<a class="link" href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>'
        )
        end = match.end()
    out.append(str(escape(block[end:])))
    return "".join(out).replace("\n", "<br>")


def blocks(text: str, zones: Sequence[Sequence[Any]] | None) -> list[dict[str, Any]]:
    """The zones of a mail for the screen: own words open, quotes, forwards and signatures folded."""
    if not text.strip():
        return []
    found = []
    for kind, start, end in zones or [("own", 0, len(text))]:
        piece = text[start:end]
        if piece.strip():
            found.append({"kind": kind, "html": paragraphs(piece), "lines": piece.strip().count("\n") + 1})
    if not any(block["kind"] == "own" for block in found) and found:
        found[0] = {**found[0], "kind": "own"}  # nothing of their own: never show an empty mail
    return found
