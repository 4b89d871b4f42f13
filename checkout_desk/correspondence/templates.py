"""Which words a mail starts from: the store's newest version of a template, else the standard one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, tuple_

from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.extensions import db
from checkout_desk.settings.models import Store

KEYS = {"missing_details": "Missing details", "missing_details_reminder": "Reminder of missing details"}
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
    """The newest version of `key` in `language`, else in the store's language, else in English.

    Raises KeyError for a template that does not exist. At most two queries.
    """
    return _newest(key, speaks(language))


def speaks(language: str) -> str:
    """The language that a customer of `language` is written in: theirs, the store's, or English."""
    if language in LANGUAGES:
        return language
    found = db.session.get(Store, 1)
    return found.language if found is not None and found.language in LANGUAGES else "en"


def choices(key: str) -> list[Template]:
    """The newest version of `key` in each language, in the order of `LANGUAGES`. One query."""
    latest = (
        select(TemplateVersion.language, func.max(TemplateVersion.number))
        .where(TemplateVersion.key == key)
        .group_by(TemplateVersion.language)
    )
    own = {
        row.language: row
        for row in db.session.scalars(
            select(TemplateVersion).where(
                TemplateVersion.key == key,
                tuple_(TemplateVersion.language, TemplateVersion.number).in_(latest),
            )
        )
    }
    return [_of(row) if (row := own.get(code)) else standard(key, code) for code in LANGUAGES]


def standard(key: str, language: str) -> Template:
    """Version 1, as the desk ships it. Raises KeyError for a key or language that does not exist."""
    subject, body = LANGUAGES[language].templates[key]
    return Template(key, language, 1, subject, body)


def _newest(key: str, language: str) -> Template:
    row = db.session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.key == key, TemplateVersion.language == language)
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return _of(row) if row is not None else standard(key, language)


def _of(row: TemplateVersion) -> Template:
    return Template(row.key, row.language, row.number, row.subject, row.body)
