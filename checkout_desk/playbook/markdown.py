"""Markdown of a page as HTML: CommonMark with tables, no raw HTML, links inside the desk or to https alone.

Headings and items that begin with a bold *Step N* get an id, so that a link can point at them.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_STEP = re.compile(r"\*\*(Step \d{1,3})\*\*")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as it is shown."""

    html: Markup
    anchors: tuple[tuple[str, str], ...]
    """(id, its words) of each place that a link may point at, in their order"""


@lru_cache(maxsize=64)
def rendered(text: str) -> Rendered:
    """`text` as HTML with its anchors. Never raises: what is no Markdown is text."""
    reader = _reader()
    tokens = reader.parse(text)
    anchors: list[tuple[str, str]] = []
    for before, token in itertools.pairwise(tokens):
        if token.type != "inline":
            continue
        if before.type == "heading_open":
            _anchor(before, _words(token), anchors)
        elif before.type == "paragraph_open" and (step := _STEP.match(token.content)):
            _anchor(_item_of(tokens, before), step[1], anchors)
    return Rendered(Markup(reader.renderer.render(tokens, reader.options, {})), tuple(anchors))  # noqa: S704  # raw HTML is off


def slug(words: str) -> str:
    """`words` as a part of an address: ASCII letters and digits in lower case, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-")


def _words(token: Token) -> str:
    return "".join(each.content for each in token.children or ())


def _item_of(tokens: Sequence[Token], paragraph: Token) -> Token:
    """The list item that a paragraph stands in, else the paragraph (a tight list does not print its paragraphs)."""
    at = next(i for i, token in enumerate(tokens) if token is paragraph)
    return tokens[at - 1] if at and tokens[at - 1].type == "list_item_open" else paragraph


def _anchor(token: Token, words: str, anchors: list[tuple[str, str]]) -> None:
    name = base = slug(words) or "part"
    taken = {one for one, _ in anchors}
    more = 2
    while name in taken:
        name, more = f"{base}-{more}", more + 1
    token.attrSet("id", name)
    anchors.append((name, words))


def _link_allowed(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in ("https", "mailto"):
        return True
    return not parts.scheme and not parts.netloc and url.startswith(("/", "#")) and "\\" not in url


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 2 MB that a process does without until somebody reads the playbook

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.validateLink = _link_allowed  # type: ignore[method-assign]
    return reader
