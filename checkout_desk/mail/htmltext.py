"""The text that a person would read in a mail's HTML, for reading orders, searching and previews.

A scanner of its own instead of a parser: one pass, each character looked at a bounded number of times, no tree.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

from checkout_desk.mail import quotewords as words

MAX_SIZE = 5_000_000
_MAX_LEVELS = 2_000
_MAX_QUOTES = 5

_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_VALUE_START = re.compile(r"=\s*([\"'])")
_ATTRIBUTE = re.compile(r"([^\s=/>\"']{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " html li main nav ol p pre section table tbody tfoot thead tr ul caption".split()
)
_SPACED = frozenset("h1 h2 h3 h4 h5 h6 p pre table ul ol".split())
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset("script style title textarea noembed noframes xmp iframe".split())
_REPEATING = frozenset("p li td th tr dt dd option".split())
_QUOTE_CLASSES = (
    "gmail_attr",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
)
_QUOTE_IDS = ("olk_src_body_section",)
_REST_IDS = ("divrplyfwdmsg", "appendonsend", "stopspelling", "mail-editor-reference-message-container")
_INTERESTING = re.compile(r"style|class|\bid\b|type|hidden|color|start", re.IGNORECASE)
_BORDER_TOP = re.compile(r"border-top\s*:\s*(?!none|0)[^;]*\bsolid", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_WHITE = (255, 255, 255)
_COLOURS = {"white": _WHITE, "snow": _WHITE, "black": (0, 0, 0), "red": (255, 0, 0)}
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})")
_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*(\d*\.?\d+)\s*(px|pt|em|rem|%)?", re.IGNORECASE)

Colour = tuple[int, int, int]


class _State(NamedTuple):
    """What an element passes on to its content."""

    gone: bool = False
    tiny: bool = False
    unseen: bool = False
    struck: bool = False
    colour: Colour | None = None
    ground: Colour | None = _WHITE  # None: unknown, such as a picture
    quotes: int = 0
    pre: bool = False

    @property
    def hidden(self) -> bool:
        if self.gone or self.tiny or self.unseen:
            return True
        if self.colour is None or self.ground is None:
            return False
        return all(abs(a - b) <= 8 for a, b in zip(self.colour, self.ground, strict=True))


def _colour(value: str) -> Colour | None:
    value = value.strip().lower()
    if value in _COLOURS:
        return _COLOURS[value]
    if value.startswith("#") and len(value) in (4, 7):
        try:
            number = "".join(c * 2 for c in value[1:]) if len(value) == 4 else value[1:]
            return int(number[:2], 16), int(number[2:4], 16), int(number[4:], 16)
        except ValueError:
            return None
    found = _RGB.match(value)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _styled(state: _State, style: str) -> _State:
    """The state below an element with this style attribute."""
    style = style[:2000].lower()
    rules = dict(rule.split(":", 1) for rule in style.replace("!important", "").split(";") if ":" in rule)
    rules = {name.strip(): value.strip() for name, value in rules.items()}
    collapsed = rules.get("max-height", "").startswith("0") and rules.get("overflow") == "hidden"
    if rules.get("display") == "none" or rules.get("opacity") in ("0", "0.0") or collapsed:
        return state._replace(gone=True)
    if size := _SIZE.search(style):
        number, unit = float(size[1]), size[2] or "px"
        if unit in ("px", "pt"):
            state = state._replace(tiny=number <= 1)
        elif number == 0:
            state = state._replace(tiny=True)
    if "visibility" in rules:
        state = state._replace(unseen=rules["visibility"] in ("hidden", "collapse"))
    if "line-through" in rules.get("text-decoration", "") + rules.get("text-decoration-line", ""):
        state = state._replace(struck=True)
    if "color" in rules:
        state = state._replace(colour=_colour(rules["color"]))
    ground = rules.get("background-color") or rules.get("background")
    if ground and ground not in ("none", "transparent", "inherit", "initial"):
        state = state._replace(ground=_colour(ground))
    return state


class _Page:
    """Collects lines; line breaks and cell separators wait until there is text behind them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.current: list[str] = []
        self.quotes = 0
        self.broken = self.spaced = self.blank = self.struck = False
        self.separator = ""
        self.rows: list[int] = []

    def flush(self) -> None:
        if self.struck:
            self.current.append("~~")
            self.struck = False
        line = "".join(self.current).strip()
        if line or not self.lines or self.lines[-1].strip("> "):
            self.lines.append(("> " * self.quotes + line).rstrip() if self.quotes else line)
        self.current.clear()
        self.broken = self.blank = False
        self.separator = ""

    def block(self, *, spaced: bool = False) -> None:
        if self.separator:
            return  # the first block of a table cell stays on the line of its row
        if self.current:
            self.broken = True
        self.spaced = self.spaced or spaced

    def cell(self) -> None:
        if self.current and self.rows and self.rows[-1] == len(self.lines):
            self.separator, self.broken, self.spaced = " | ", False, False

    def text(self, words_: str, state: _State, *, lead: bool, trail: bool) -> None:
        if self.broken or (self.current and self.quotes != state.quotes):
            self.flush()
        if not self.current:
            if self.spaced and self.lines and self.lines[-1].strip("> "):
                self.lines.append(("> " * min(self.quotes, state.quotes)).rstrip())
            self.quotes = state.quotes
        self.spaced = False
        if self.struck and not state.struck:
            self.current.append("~~")
            self.struck = False
        if self.separator:
            self.current.append(self.separator)
            self.separator = ""
        elif (self.blank or lead) and self.current:
            self.current.append(" ")
        if state.struck and not self.struck:
            self.current.append("~~")
            self.struck = True
        self.current.append(words_)
        self.blank = trail


class _Scanner:
    def __init__(self, html: str) -> None:
        self.html = html
        self.page = _Page()
        self.state = _State()
        self.stack: list[tuple[str, _State]] = []
        self.open: dict[str, int] = {}
        self.lists: list[int] = []
        self.rest = 0
        self.no_end: set[str] = set()

    def run(self) -> str:
        html, at = self.html, 0
        while at < len(html):
            found = _MARKUP.search(html, at)
            less = found.start() if found else len(html)
            if less > at:
                self.words(html[at:less])
            if less == len(html):
                break
            at = self.markup(less)
        self.page.flush()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.page.lines)).strip("\n")

    def markup(self, at: int) -> int:
        """Handle what begins with '<' here and return the place behind it."""
        html = self.html
        if html.startswith("<!--", at):
            end = html.find("-->", at + 4)
            return len(html) if end < 0 else end + 3
        kind = html[at + 1 : at + 2]
        end = -1 if ">" in self.no_end else html.find(">", at)
        if end < 0:
            self.no_end.add(">")
        if end < 0:
            self.words("<")
            return at + 1
        if kind in "!?":
            return end + 1
        if kind == "/":
            name = _NAME.match(html, at + 2)
            if name:
                self.close(name.group().lower())
            return end + 1
        end = self.tag_end(at, end)
        return self.start(at, end)

    def tag_end(self, at: int, end: int) -> int:
        """The '>' that ends a tag: one inside a quoted value does not."""
        position = at
        while found := _VALUE_START.search(self.html, position, end):
            quote = found[1]
            closing = -1 if quote in self.no_end else self.html.find(quote, found.end())
            if closing < 0:
                self.no_end.add(quote)
                return end
            position = closing + 1
            if closing > end:
                further = self.html.find(">", closing)
                return end if further < 0 else further
        return end

    def start(self, at: int, end: int) -> int:
        found = _NAME.match(self.html, at + 1)
        if not found:
            return end + 1
        name = found.group()[:40].lower()
        if name in _RAW:
            return self.skip_raw(name, end + 1)
        rest = self.html[found.end() : end]
        state, page = self.state, self.page
        if name == "br":
            if not state.hidden:
                if page.broken:
                    page.flush()
                page.flush()
            return end + 1
        if name in _REPEATING and self.stack and self.stack[-1][0] == name:
            self.close(name)
            state = self.state
        attributes: dict[str, str] = {}
        if rest and _INTERESTING.search(rest):
            attributes = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(rest)}
        state = self.inherit(name, attributes, rest, end)
        self.layout(name, attributes, state)
        if name not in _VOID and not rest.endswith("/") and len(self.stack) < _MAX_LEVELS:
            self.stack.append((name, self.state))
            self.open[name] = self.open.get(name, 0) + 1
            self.state = state
        return end + 1

    def skip_raw(self, name: str, at: int) -> int:
        found = re.compile(f"</{name}", re.IGNORECASE).search(self.html, at)
        if not found:
            return len(self.html)
        end = self.html.find(">", found.end())
        return len(self.html) if end < 0 else end + 1

    def inherit(self, name: str, attributes: dict[str, str], rest: str, end: int) -> _State:
        state = self.state
        if name in ("head", "template") or (
            " hidden" in rest.lower() and re.search(r"\shidden(?:[\s=/]|$)", rest, re.I)
        ):
            state = state._replace(gone=True)
        if name == "body":
            state = state._replace(gone=False)
        if name in ("s", "strike", "del"):
            state = state._replace(struck=True)
        if name == "pre":
            state = state._replace(pre=True)
        if ground := attributes.get("bgcolor"):
            state = state._replace(ground=_colour(ground))
        if name == "font" and "color" in attributes:
            state = state._replace(colour=_colour(attributes["color"]))
        style = attributes.get("style", "")
        if style:
            state = _styled(state, style)
        if self.is_quote(name, attributes, style, end):
            state = state._replace(quotes=min(state.quotes + 1, _MAX_QUOTES))
        return state

    def is_quote(self, name: str, attributes: dict[str, str], style: str, end: int) -> bool:
        classes = attributes.get("class", "").lower()
        identity = attributes.get("id", "").lower().removeprefix("x_")
        if not self.rest and (
            identity in _REST_IDS or (style and _BORDER_TOP.search(style) and self.names_sender(end))
        ):
            self.rest = 1
            self.page.block()
        if name == "blockquote":
            return (
                attributes.get("type", "").lower() == "cite"
                or "gmail_quote" in classes
                or "border-left" in style
            )
        if identity in _QUOTE_IDS:
            return True
        # A forward has the same frame as a quote; its own announcement tells what it is.
        return any(word in classes for word in _QUOTE_CLASSES) and "----" not in self.html[end : end + 300]

    def names_sender(self, end: int) -> bool:
        ahead = unescape(_TAGS.sub("", self.html[end + 1 : end + 500])).strip()
        found = words.LABEL.match(ahead)
        return found is not None and found.lastgroup in ("from", "date")

    def layout(self, name: str, attributes: dict[str, str], state: _State) -> None:
        page = self.page
        if state.hidden:
            return
        if name in ("td", "th"):
            page.cell()
        elif name in _BLOCKS:
            page.block(
                spaced=name in _SPACED and "mso" not in attributes.get("class", "").lower() and not page.rows
            )
        if name == "tr":
            if page.current:
                page.flush()
            if page.spaced and page.lines and page.lines[-1].strip("> "):
                page.lines.append("")
            page.spaced = False
            page.rows.append(len(page.lines))
        elif name in ("ul", "ol"):
            start = attributes.get("start", "1")
            self.lists.append(0 if name == "ul" else int(start[:6]) if start.isdecimal() else 1)
        elif name == "li":
            self.bullet(state)

    def bullet(self, state: _State) -> None:
        mark = "-"
        if self.lists and self.lists[-1]:
            mark = f"{self.lists[-1]}."
            self.lists[-1] += 1
        self.page.text(mark, state, lead=False, trail=True)

    def close(self, name: str) -> None:
        if not self.open.get(name):
            if name == "p":
                self.page.block()
            return
        while self.stack:
            top, before = self.stack.pop()
            self.open[top] -= 1
            self.left(top)
            self.state = before
            if top == name:
                return

    def left(self, name: str) -> None:
        if name in _BLOCKS:
            self.page.block(spaced=name in _SPACED and name == "table")
        if name == "tr" and self.page.rows:
            self.page.rows.pop()
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()

    def words(self, text: str) -> None:
        state = self.state
        if state.hidden:
            return
        if "&" in text:
            text = unescape(text)
        if self.rest and not state.quotes:
            state = state._replace(quotes=1)
        if state.pre and "\n" in text:
            for line in text.split("\n")[:-1]:
                self.words(line)
                self.page.flush()
            text = text.rsplit("\n", 1)[1]
        inner = " ".join(text.split())
        if not inner:
            self.page.blank = self.page.blank or bool(text)
            return
        self.page.text(inner, state, lead=text[0].isspace(), trail=text[-1].isspace())


def text_of(html: str) -> str:
    """The readable text of mail HTML: lines for blocks, ' | ' between table cells, '- ' or '1. ' before list items.

    Without what nobody sees (display:none, hidden, 0-1 px, text in the colour of its ground, head, script); struck-out
    words stand in `~~`, quoted mail begins with '> '. At most the first 5 million characters are read.
    """
    return _Scanner(html[:MAX_SIZE]).run()
