"""Which words a mail starts from: the store's version that is in use, else the standard one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from checkout_desk import clock
from checkout_desk.correspondence.kinds import KINDS
from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store

_BEGAN = func.coalesce(TemplateVersion.effective_from, TemplateVersion.created_at)
KEYS = {key: kind.title for key, kind in KINDS.items()}
"""key -> what people call it"""


@dataclass(frozen=True, slots=True)
class Template:
    """One version of one template in one language, with placeholders."""

    key: str
    language: str
    number: int
    subject: str
    body: str

    @property
    def title(self) -> str:
        """As it is named to people: 'Missing details, English v1'."""
        return f"{KEYS.get(self.key, self.key)}, {LANGUAGES[self.language].name} v{self.number}"

    @property
    def reference(self) -> str:
        """As it is kept beside a draft or in an event: 'missing_details:en:1'."""
        return f"{self.key}:{self.language}:{self.number}"


def newest(key: str, language: str) -> Template:
    """What `key` says in `language` now: the approved version that began last, else the standard one.

    Where nobody has written it in that language: in the store's language, else in English. Raises KeyError for a
    template that does not exist. At most three queries, mostly one.
    """
    return next(found for one in fallback(key, language) if (found := in_use(key, one)) is not None)


def fallback(key: str, language: str) -> list[str]:
    """The languages in which `key` is looked for, for a customer of `language`. Raises KeyError as `newest` does."""
    KINDS[key]
    store = db.session.get(Store, 1)
    ours = [language, store.language if store is not None else "en", "en"]
    return [code for code in dict.fromkeys(ours) if code in LANGUAGES]


def speaks(language: str) -> str:
    """The language that a customer of `language` is written in: theirs, the store's, or English."""
    if language in LANGUAGES:
        return language
    found = db.session.get(Store, 1)
    return found.language if found is not None and found.language in LANGUAGES else "en"


def in_use(key: str, language: str) -> Template | None:
    """What `key` says in exactly this language now, None where nobody has written it."""
    row = db.session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.key == key, TemplateVersion.language == language, effective())
        .order_by(_BEGAN.desc(), TemplateVersion.number.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        return _of(row)
    return standard(key, language) if key in LANGUAGES[language].templates else None


def all_in_use() -> dict[tuple[str, str], TemplateVersion]:
    """The store's own versions that are in use, by (key, language). One query."""
    rows = db.session.scalars(
        select(TemplateVersion).where(effective()).order_by(_BEGAN, TemplateVersion.number)
    )
    return {(row.key, row.language): row for row in rows}


def began(row: TemplateVersion) -> datetime:
    """The instant from which on an approved version counts."""
    return row.effective_from or row.created_at


def reference(row: TemplateVersion) -> str:
    """'order_quote:de:3'; see Template.reference."""
    return _of(row).reference


def effective() -> ColumnElement[bool]:
    """The condition of an approved version that has begun."""
    return (TemplateVersion.state == "approved") & (clock.now() >= _BEGAN)


def choices(key: str) -> Sequence[Template]:
    """What `key` says in each language in which somebody has written it, in the order of `LANGUAGES`. One query."""
    rows = db.session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.key == key, effective())
        .order_by(_BEGAN, TemplateVersion.number)
    )
    own = {row.language: _of(row) for row in rows}
    return [
        own.get(code) or standard(key, code)
        for code, language in LANGUAGES.items()
        if code in own or key in language.templates
    ]


def standard(key: str, language: str) -> Template:
    """Version 1, as the desk ships it. Raises KeyError for a key or language that does not exist."""
    subject, body = LANGUAGES[language].templates[key]
    return Template(key, language, 1, subject, body)


def _of(row: TemplateVersion) -> Template:
    return Template(row.key, row.language, row.number, row.subject, row.body)
