"""The HTML part of a mail that began as a template: what the text says, in the store's dress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app
from markupsafe import Markup

from checkout_desk.correspondence import colours
from checkout_desk.correspondence.rendering import PAGE, aloud
from checkout_desk.extensions import db
from checkout_desk.mail.letter import Part
from checkout_desk.mail.plain_html import html_from_text
from checkout_desk.settings.models import Store

LOGO = "logo@store"
"""Content-ID of the store's logo inside its mails"""
_CARD_DARK, _CARD_LIGHT = "#1f1c18", "#fffdf9"


class Row(Protocol):
    """One line of a table; `quantity` is '' for shipping, tax and the total."""

    @property
    def quantity(self) -> int | str: ...
    @property
    def name(self) -> str: ...
    @property
    def total(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A Row as plain words."""

    quantity: str
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
    rows: Sequence[Row] = ()
    logo: bool = False
    """show the logo as cid:LOGO; whoever composes the mail adds `pictures()`"""


def html(text: str, dress: Dress, *, quoted: str = "") -> str:
    """The whole document for `text`, which still holds [CUSTOMER_PAGE]; `quoted` is what is answered, as text.

    Nothing in either is taken for markup. Colour and last lines are the store's; the stylesheet is written into the
    elements, since many mail programs drop it, and what only a stylesheet can say (dark colours) stays in the head.
    """
    import css_inline  # here: a web process that sends no mail need not hold it

    parts = list(_parts(text, dress))
    if quoted.strip():
        parts.append({"kind": "quoted", "html": _words(quoted)})
    shop = db.session.get(Store, 1)
    colour = colours.safe(shop.brand_colour if shop else "")
    # Not render_template: the clock has no request, and a mail nothing to do with who is signed in.
    document = current_app.jinja_env.get_template("mail/branded.html").render(
        lang=dress.language,
        subject=aloud(dress.subject),
        shop=dress.shop,
        contact=dress.contact,
        preheader=aloud(dress.preheader),
        parts=parts,
        footer=(shop.brand_footer if shop else "").splitlines(),
        logo=f"cid:{LOGO}" if dress.logo and shop and shop.logo_sha256 else "",
        brand={
            "fill": colour,
            "on_fill": colours.ink_on(colour),
            "ink": colours.readable(colour, _CARD_LIGHT),
            "dark_ink": colours.readable(colour, _CARD_DARK),
            "dark_on_fill": colours.ink_on(colours.readable(colour, _CARD_DARK)),
        },
    )
    return str(_inliner(css_inline).inline(document))


def pictures() -> list[Part]:
    """The logo for a mail whose HTML was made with `Dress.logo`; empty where the store has none or it cannot be read."""
    from checkout_desk.mail.receiving import blobs

    shop = db.session.get(Store, 1)
    if shop is None or shop.logo_sha256 is None:
        return []
    kind = shop.logo_type or "image/png"
    data = blobs().get(shop.logo_sha256)
    return [Part(f"logo.{kind.rpartition('/')[2]}", kind, data, content_id=LOGO, inline=True)]


def _inliner(css_inline: Any) -> Any:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False,
        keep_style_tags=False,
        keep_at_rules=True,
        remove_inlined_selectors=True,
    )


def _parts(text: str, dress: Dress) -> Sequence[dict[str, Any]]:
    """The text cut at the lines that become something else."""
    marks = [re.escape(PAGE)] if dress.url else []
    marks += [re.escape(dress.summary.strip())] if dress.rows and dress.summary.strip() else []
    if not marks:
        return [{"kind": "text", "html": _words(text)}]
    found: list[dict[str, Any]] = []
    at = 0
    # Words before it on its line, such as “Items:”, stay above the table.
    for match in re.finditer(rf"(?m)(?:^[ \t]*|(?<=: )|(?<=:))({'|'.join(marks)})[ \t]*$", text):
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
