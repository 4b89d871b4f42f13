"""Mail HTML made safe to show: sanitised by an allow-list, framed in a document of its own with its own policy.

Three walls, each of which would do: the allow-list (no style, class, id, form, script, SVG), a sandboxed frame without
scripts, and a content security policy that loads nothing but our own pictures. Size and depth are measured before the
sanitiser starts, because native code cannot be interrupted.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape, unescape
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from checkout_desk.mail.htmltext import text_of

if TYPE_CHECKING:
    import nh3

__all__ = ["SANDBOX", "STYLE", "SafeHtml", "document", "frame_policy", "sanitise", "text_of", "too_deep"]

MAX_SIZE = 1_000_000
MAX_DEPTH = 2_000
_MAX_REOPENED = 300_000
_MAX_ATTRIBUTES = 300

_TAGS = set(
    "a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3"
    " h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th"
    " thead tr tt u ul var wbr".split()
)
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "style"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "table": {"border", "align"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "*": {"dir", "lang"},
}
_DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "template",
    "noembed",
    "noframes",
    "iframe",
    "object",
    "xmp",
}
_LINK = re.compile(
    r"(?:https?://[^\s\\/@]+(?:[/?#][^\s]*)?|mailto:[^\s]+|tel:[-+().\w;=%*#]+)\Z", re.IGNORECASE
)
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_TINY = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*0*[01](?:\.\d+)?(?:px|pt)?\s*(?:!|;|$)|display\s*:\s*none",
    re.I,
)
_IMG = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_ANCHOR = re.compile(r'<a href="(https?://[^"]*)"', re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*")


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """What `sanitise` returns: `html` is a safe fragment, '' when `text_only`.

    `blocked_images` counts remote pictures left out, `pixels` tracking pixels left out, `links` the links kept.
    """

    html: str
    text_only: bool = False
    blocked_images: int = 0
    pixels: int = 0
    links: int = 0


# -- the scan before the sanitiser ------------------------------------------------------------------------------------

_SCAN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)")
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr basefont bgsound frame".split()
)
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_IMPLIED = frozenset("p li td th tr dt dd option tbody thead tfoot".split())
_LOOK_DOWN = 64


def too_deep(html: str) -> bool:
    """Whether a parser would need more than 2,000 levels, or reopen formatting tags without end.

    One linear pass that never counts fewer levels than the HTML tree builder makes: an end tag closes an element only
    where the builder surely closes it too.
    """
    stack: list[str] = []
    formatting = reopened = 0
    for found in _SCAN_TAG.finditer(html):
        name = found[2].lower()
        if name in _VOID:
            continue
        if found[1]:
            formatting -= _close(stack, name)
            continue
        if len(found[3]) > 2 * _MAX_ATTRIBUTES and _attributes(found[3]) > _MAX_ATTRIBUTES:
            return True
        if name in _IMPLIED and stack and stack[-1] == name:
            reopened += formatting
            continue
        stack.append(name)
        if name in _FORMATTING:
            formatting += 1
        reopened += formatting
        if len(stack) > MAX_DEPTH or reopened > _MAX_REOPENED:
            return True
    return False


def _attributes(tag: str) -> int:
    bare = re.sub(r'"[^"]*"|\'[^\']*\'', '" ', tag)
    return len(bare.replace("/", " ").replace('"', " ").split())


def _close(stack: list[str], name: str) -> int:
    """Close the nearest element of that name; returns how many formatting elements went."""
    near = stack[-_LOOK_DOWN:]
    if name not in near:
        return 0
    at = len(stack) - 1 - near[::-1].index(name)
    if name in _FORMATTING:
        del stack[at]
        return 1
    above = stack[at + 1 :]
    if (name == "span" and above) or (name not in {"table"} and "table" in above):
        return 0
    del stack[at:]
    return sum(1 for other in above if other in _FORMATTING)


# -- the sanitiser ----------------------------------------------------------------------------------------------------


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "a" and name == "href":
        return value.strip() if _LINK.match(value.strip()) else None
    if name == "style":  # only to tell a tracking pixel; `_image` takes it away again
        return "tiny" if _TINY.search(value[:500]) else None
    if name == "src" and not value.lower().startswith(("cid:", "https://", "http://")):
        return None
    return value


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3  # 2 MB that a process does without until it shows HTML of a mail

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


class _Images:
    """Decides about each picture and counts what stays out."""

    def __init__(self, cid_urls: Mapping[str, str], remote: bool) -> None:
        self.cid_urls, self.remote = cid_urls, remote
        self.blocked = self.pixels = 0

    def __call__(self, found: re.Match[str]) -> str:
        values = dict(_ATTRIBUTE.findall(found[1]))
        source = unescape(values.get("src", ""))
        alt = values.get("alt", "").strip()[:200]
        if values.get("style") or any(_is_tiny(values.get(side)) for side in ("width", "height")):
            self.pixels += 1
            return ""
        if source.lower().startswith("cid:"):
            url = self.cid_urls.get(source[4:]) or self.cid_urls.get(unquote(source[4:]))
            return _img(url, alt, values) if url else _instead(alt)
        if _REMOTE.match(source):
            if self.remote and source.lower().startswith("https:"):
                return _img(source, alt, values)
            self.blocked += 1
        return _instead(alt)


def _is_tiny(size: str | None) -> bool:
    number = re.match(r"\s*(\d{1,6})(?:\.\d+)?(?!\s*%)", size or "")
    return number is not None and int(number[1]) <= 1


def _img(url: str, alt: str, values: Mapping[str, str]) -> str:
    sides = "".join(
        f' {side}="{values[side]}"' for side in ("width", "height") if values.get(side, "").isdecimal()
    )
    return f'<img src="{escape(url)}" alt="{alt}"{sides} referrerpolicy="no-referrer" loading="lazy">'


def _instead(alt: str) -> str:
    return f"<i>[{alt.replace('<', '&lt;').replace('>', '&gt;')}]</i>" if alt else ""


def _name_host(found: re.Match[str]) -> str:
    """Show where a link leads, in plain ASCII, when the pointer rests on it."""
    try:
        host = (urlsplit(unescape(found[1])).hostname or "").encode("idna").decode("ascii")
    except ValueError:  # includes what IDNA refuses
        host = ""
    return f'{found[0]} title="{escape(host)}"' if host else found[0]


def sanitise(
    html: str, *, cid_urls: Mapping[str, str] = MappingProxyType({}), remote_images: bool = False
) -> SafeHtml:
    """Reduce mail HTML to what may be shown in the frame.

    `cid_urls` maps a Content-ID (without angle brackets) to the address of our attachment; other cid pictures go.
    Remote pictures go and are counted unless `remote_images`, which keeps those with https; tracking pixels always go.
    HTML above 1 MB (without embedded pictures) or 2,000 levels gives `text_only`: show the text instead.
    """
    if "base64," in html:
        html = _DATA_IMAGE.sub("data:,", html)
    if len(html) > MAX_SIZE or too_deep(html):
        return SafeHtml("", text_only=True)
    images = _Images(cid_urls, remote_images)
    safe = _IMG.sub(images, _cleaner().clean(html))
    links = safe.count("<a href=")
    return SafeHtml(_ANCHOR.sub(_name_host, safe), False, images.blocked, images.pixels, links)


# -- the frame --------------------------------------------------------------------------------------------------------

STYLE = (
    ":root{color-scheme:light}body{margin:0;padding:12px;background:#fffdf8;color:#231f1a;"
    "font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}"
    "table{max-width:100%;border-collapse:collapse}td,th{padding:2px 6px;vertical-align:top}"
    "pre{white-space:pre-wrap}a{color:#0b5a6b}blockquote{margin:8px 0;padding-left:12px;"
    "border-left:2px solid #cfc6b6;color:#5a5247}"
)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


def frame_policy(*, remote_images: bool = False) -> str:
    """The Content-Security-Policy of the route that serves `document`."""
    images = "'self' data: https:" if remote_images else "'self' data:"
    return (
        f"default-src 'none'; img-src {images}; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
        f" form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
    )


def document(safe_html: str, *, title: str = "Message") -> str:
    """The whole little page around a fragment that `sanitise` made, for the sandboxed frame."""
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{safe_html}</body></html>"
    )
