"""The HTML part of a mail that began as a template: what the text says, in the store's dress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app
from markupsafe import Markup

from checkout_desk.correspondence.rendering import PAGE, aloud
from checkout_desk.mail.plain_html import html_from_text


class Row(Protocol):
    """One line of a table."""

    quantity: int
    name: str
    total: str


@dataclass(frozen=True, slots=True)
class Dress:
    """What stands around the words."""

    shop: str
    contact: str
    language: str
    subject: str
    preheader: str = ""
    url: str = ""
    """where the button leads that stands for [CUSTOMER_PAGE]"""
    label: str = ""
    summary: str = ""
    """the lines of text that become the table, if they stand there as they were"""
    rows: Sequence[Any] = ()


def html(text: str, dress: Dress, *, quoted: str = "") -> str:
    """The whole document for `text`, which still holds [CUSTOMER_PAGE]; `quoted` is what is answered, as text.

    Nothing in either is taken for markup.
    """
    parts = list(_parts(text, dress))
    if quoted.strip():
        parts.append({"kind": "quoted", "html": _words(quoted)})
    # Not render_template: the clock has no request, and a mail nothing to do with who is signed in.
    return current_app.jinja_env.get_template("mail/branded.html").render(
        lang=dress.language,
        subject=aloud(dress.subject),
        shop=dress.shop,
        contact=dress.contact,
        preheader=aloud(dress.preheader),
        parts=parts,
    )


def _parts(text: str, dress: Dress) -> Sequence[dict[str, Any]]:
    """The text cut at the lines that become something else."""
    marks = [re.escape(PAGE)] if dress.url else []
    marks += [re.escape(dress.summary.strip())] if dress.rows and dress.summary.strip() else []
    if not marks:
        return [{"kind": "text", "html": _words(text)}]
    found: list[dict[str, Any]] = []
    at = 0
    for match in re.finditer(rf"(?m)^[ \t]*({'|'.join(marks)})[ \t]*$", text):
        found += _chunk(text[at : match.start()], dress.url)
        if match[1] == PAGE:
            found.append({"kind": "button", "url": dress.url, "label": dress.label})
        else:
            found.append({"kind": "table", "rows": dress.rows})
        at = match.end()
    # A link in the middle of a sentence stays one.
    return found + _chunk(text[at:], dress.url)


def _chunk(text: str, url: str) -> list[dict[str, Any]]:
    return [{"kind": "text", "html": _words(text.replace(PAGE, url))}] if text.strip() else []


def _words(text: str) -> Markup:
    return Markup(html_from_text(aloud(text)))  # noqa: S704 - escaped there, sign by sign
