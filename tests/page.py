"""A browser without script: it reads pages as a person would, follows links and sends the forms that stand there.

Nothing is posted that a page does not offer: hidden fields, form tokens and ticked boxes come from the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HTMX = {"HX-Request": "true"}
_SILENT = {"script", "style", "svg", "title", "template", "option"}
_VOID = {"input", "br", "hr", "img", "link", "meta", "use", "circle", "path", "source", "wbr"}


@dataclass
class Form:
    """One form of a page: where it goes, what it would send, and its buttons (label, name, value, formaction)."""

    action: str
    method: str
    key: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    """boxes and choices that are not ticked"""
    buttons: list[tuple[str, str, str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The value that the form holds for `name`."""
        return dict(self.fields)[name]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self._form: Form | None = None
        self._strays: list[tuple[str, tuple[str, str], bool]] = []
        self._stray_buttons: list[tuple[str, tuple[str, str, str, str]]] = []
        self._catch: tuple[str, dict[str, str], list[str]] | None = None
        self._select: tuple[str, list[tuple[str, bool]], str] | None = None

    def updatepos(self, i: int, j: int) -> int:
        # Nobody asks for the line of a tag, and counting them is a tenth of the reading.
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        self.words.append(" ")
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower(), a.get("id", ""))
            self.forms.append(self._form)
        elif tag == "input" and a.get("name"):
            self._input(a)
        elif tag in ("button", "a", "textarea"):
            self._catch = (tag, a, [])
        elif tag == "select":
            self._select = (a.get("name", ""), [], a.get("form", ""))
        elif tag == "option" and self._select is not None:
            self._select[1].append((a.get("value", ""), "selected" in a))

    def _input(self, a: dict[str, str]) -> None:
        kind, pair = (
            a.get("type", "text"),
            (a["name"], a.get("value", "on" if a.get("type") == "checkbox" else "")),
        )
        ticked = kind not in ("checkbox", "radio") or "checked" in a
        if kind in ("file", "submit", "button"):
            return
        if a.get("form"):
            self._strays.append((a["form"], pair, ticked))
        elif self._form is not None:
            (self._form.fields if ticked else self._form.boxes).append(pair)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        self.words.append(" ")
        if self._catch is not None and self._catch[0] == tag:
            _, a, words = self._catch
            label = " ".join("".join(words).split())
            if tag == "a":
                self.links.append((label, a.get("href", "")))
            elif tag == "textarea" and self._form is not None:
                self._form.fields.append((a.get("name", ""), "".join(words).removeprefix("\n")))
            elif tag == "button" and a.get("type") not in ("button", "reset") and "disabled" not in a:
                button = (label, a.get("name", ""), a.get("value", ""), a.get("formaction", ""))
                if a.get("form"):
                    self._stray_buttons.append((a["form"], button))
                elif self._form:
                    self._form.buttons.append(button)
            self._catch = None
        elif tag == "select" and self._select is not None:
            name, options, elsewhere = self._select
            chosen = next(
                (value for value, selected in options if selected), options[0][0] if options else ""
            )
            if elsewhere:
                self._strays.append((elsewhere, (name, chosen), True))
            elif self._form is not None:
                self._form.fields.append((name, chosen))
            self._select = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._catch is not None and "kbd" not in self._open:
            self._catch[2].append(data)
        if not _SILENT.intersection(self._open):
            self.words.append(data)

    def finish(self) -> None:
        for key, pair, ticked in self._strays:
            for form in self.forms:
                if form.key == key:
                    (form.fields if ticked else form.boxes).append(pair)
        for key, button in self._stray_buttons:
            for form in self.forms:
                if form.key == key:
                    form.buttons.append(button)


class Page:
    """What came back: status, address, the words that one sees, links and forms.

    It is read when somebody asks for one of these three: many tests look at the status alone.
    """

    def __init__(self, browser: Browser, response: TestResponse) -> None:
        self.browser = browser
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.html = response.get_data(as_text=True) if (response.mimetype or "").startswith("text/") else ""

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        reader.finish()
        return reader

    @property
    def forms(self) -> list[Form]:
        """All of them, in the order of the page."""
        return self._read.forms

    @property
    def links(self) -> list[tuple[str, str]]:
        """Words and address of each."""
        return self._read.links

    @cached_property
    def text(self) -> str:
        """The words that one sees."""
        return " ".join("".join(self._read.words).split())

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def link(self, label: str) -> str:
        """The address behind the first link whose words hold `label`."""
        return next(href for words, href in self.links if label in words)

    def follow(self, label: str) -> Page:
        """Click a link."""
        return self.browser.open(urljoin(self.path, self.link(label)))

    def follow_address(self, href: str) -> Page:
        """Click the link that leads to `href`."""
        return self.browser.open(urljoin(self.path, href))

    def form(self, action: str) -> Form:
        """The first form whose address ends with `action`."""
        return next(f for f in self.forms if urlsplit(f.action).path.endswith(action))

    def buttons(self) -> list[str]:
        """The labels of everything that can be pressed."""
        return [label for form in self.forms for label, *_ in form.buttons]

    def press(self, label: str, action: str = "", **values: Any) -> Page:
        """Fill in `values` and press the first button of that label (in the form whose address ends with `action`).

        A list ticks several boxes of one name, None leaves a field away.
        """
        for form in self.forms:
            if not urlsplit(form.action).path.endswith(action):
                continue
            for words, name, value, elsewhere in form.buttons:
                if words == label:
                    return self._send(form, values | ({name: value} if name else {}), elsewhere)
        raise LookupError(f"no button {label!r} among {self.buttons()}")

    def _send(self, form: Form, values: Mapping[str, Any], elsewhere: str) -> Page:
        known = {name for name, _ in (*form.fields, *form.boxes)} | {"act", "file", "files", "step", "ids"}
        known |= {name for _, name, _, _ in form.buttons}
        unknown = values.keys() - known
        if unknown:
            raise LookupError(f"the form {form.action} has no field {unknown}; it has {sorted(known)}")
        data: dict[str, Any] = {}
        for name, value in form.fields:
            data.setdefault(name, []).append(value)
        data = {name: value[0] if len(value) == 1 else value for name, value in data.items()}
        data |= {name: value for name, value in values.items() if value is not None}
        for name in [name for name, value in values.items() if value is None]:
            data.pop(name, None)
        path = urljoin(self.path, elsewhere or form.action)
        if form.method == "get":
            return self.browser.open(path, query_string=data)
        return self.browser.post(path, data)

    def rows(self) -> list[int]:
        """The conversations in the list, in order."""
        return [int(found) for found in re.findall(r'<li id="r(\d+)"', self.html)]

    def counts(self) -> dict[str, int]:
        """View → number, as the rail shows them."""
        found = re.findall(r'href="/queue/([\w-]+)"[^>]*>(.*?)</a>', self.html, re.DOTALL)
        numbers = {view: re.search(r">\s*(\d+)\s*<", inner) for view, inner in found}
        return {view: int(match[1]) if match else 0 for view, match in numbers.items()}


class Browser:
    """A client that follows redirects and hands out pages."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app = app
        self.client = client

    def open(self, path: str, **more: Any) -> Page:
        """GET, redirects followed."""
        return Page(self, self.client.get(path, follow_redirects=True, **more))

    def fragment(self, path: str, **headers: str) -> Page:
        """GET as htmx does; redirects are not followed."""
        return Page(
            self, self.client.get(path, headers=HTMX | {k.replace("_", "-"): v for k, v in headers.items()})
        )

    def post(self, path: str, data: Mapping[str, Any], **more: Any) -> Page:
        """POST exactly this, redirects followed."""
        return Page(self, self.client.post(path, data=dict(data), follow_redirects=True, **more))

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET, the bare answer."""
        return self.client.get(path, **more)
