"""The HTML twin of a plain-text mail: what the person typed, escaped, with paragraphs, quotes and links.

Every repetition in the patterns is bounded, so the time is linear whatever is typed.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

DEEPEST_QUOTE = 12

_QUOTE = 'type="cite" style="margin:0 0 0 .6em;padding-left:.8em;border-left:2px solid #c4c4c4;color:#555"'
_LINK = re.compile(
    r"(?P<web>https?://[^\s<>\"'`{}|\\^]{1,2000})"
    r"|(?<![\w.+@-])(?P<mail>[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?![\w@-])",
    re.IGNORECASE,
)


def html_from_text(text: str) -> str:
    """Safe HTML that says the same as `text`: nothing in it is taken for markup.

    Blank lines part paragraphs, lines that begin with `>` become (nested) block quotes, web and mail
    addresses become links.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return '<div dir="auto">\n' + _block([_depth(line) for line in lines], 0) + "</div>\n"


def _depth(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and the line without its marks ('> > x' and '>> x' are both two deep)."""
    depth, rest = 0, line
    while depth < DEEPEST_QUOTE and rest.startswith(">"):
        depth, rest = depth + 1, rest[1:]
        if rest.startswith(" >"):
            rest = rest[1:]
    return depth, rest.removeprefix(" ") if depth else rest


def _block(lines: list[tuple[int, str]], depth: int) -> str:
    parts = []
    for quoted, group in groupby(lines, key=lambda line: line[0] > depth):
        if quoted:
            parts.append(f"<blockquote {_QUOTE}>\n{_block(list(group), depth + 1)}</blockquote>\n")
        else:
            parts.append(_paragraphs([line for _, line in group]))
    return "".join(parts)


def _paragraphs(lines: list[str]) -> str:
    filled = [list(group) for blank, group in groupby(lines, key=lambda line: not line.strip()) if not blank]
    return "".join("<p>" + "<br>\n".join(_inline(line) for line in group) + "</p>\n" for group in filled)


def _inline(line: str) -> str:
    parts, at = [], 0
    for match in _LINK.finditer(line):
        found = match[0]
        if match["web"]:
            found = found.rstrip(".,;:!?*_")
            if "(" not in found:
                found = found.rstrip(").,;:!?]")
        target = found if match["web"] else f"mailto:{found}"
        parts += [_spaced(line[at : match.start()]), f'<a href="{escape(target)}">{escape(found)}</a>']
        at = match.start() + len(found)
    parts.append(_spaced(line[at:]))
    return "".join(parts)


def _spaced(text: str) -> str:
    return escape(text.expandtabs(4), quote=True).replace("  ", "&nbsp; ")
