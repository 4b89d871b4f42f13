"""Replies that agents keep and use again, with the same placeholders as templates.

Whatever changes one expects a writing transaction and leaves the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.correspondence import linting, rendering
from checkout_desk.correspondence.kinds import PLACEHOLDERS, REPLY
from checkout_desk.correspondence.models import SavedReply
from checkout_desk.correspondence.rendering import PLACEHOLDER, Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import speaks
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings.effective import one_at_a_time

MOST_TITLE, MOST_TEXT, MOST = 80, 8000, 300
TOPICS = {
    "order_status": "Where the order is",
    "return": "Sending something back",
    "exchange": "Exchanging something",
    "address_change": "Another address",
    "invoice": "A copy of the invoice",
}
"""kinds of questions that a reply may be proposed for"""


def everything() -> list[SavedReply]:
    """All of them by title. One query."""
    return list(
        db.session.scalars(select(SavedReply).order_by(SavedReply.title_key, SavedReply.language).limit(MOST))
    )


def for_topic(topic: str, language: str) -> SavedReply | None:
    """The reply that is proposed for a kind of question: in `language`, else the store's, English, any. One query."""
    found = db.session.scalars(
        select(SavedReply).where(SavedReply.topic == topic).order_by(SavedReply.id).limit(MOST)
    ).all()
    wanted = [language, speaks(""), "en"]
    return min(
        found,
        key=lambda one: wanted.index(one.language) if one.language in wanted else len(wanted),
        default=None,
    )


def save(
    reply: SavedReply | None, *, title: str, language: str, text: str, by: Person, topic: str = ""
) -> SavedReply:
    """A new reply, or other words for one. Raises Faulty with the sentence of each field."""
    title, text = " ".join(title.split()), text.replace("\r\n", "\n").replace("\r", "\n").strip()
    one_at_a_time()
    fields = _faults(reply, title, language, text)
    if topic and topic not in TOPICS:
        fields["topic"] = f"“{topic[:20]}” is none of the choices; choose one of the list."
    if fields:
        raise Faulty(fields)
    now = clock.now()
    new = reply is None
    row = reply or SavedReply(created_at=now, created_by_id=by.id)
    row.title, row.title_key, row.language, row.text, row.changed_at = title, key(title), language, text, now
    row.topic = topic
    db.session.add(row)
    db.session.flush()
    record(
        f"saved_reply.{'created' if new else 'changed'}",
        about=row,
        after={"title": title, "language": language},
    )
    return row


def remove(reply: SavedReply) -> None:
    """Forget a reply; mails that were written with it stay as they are."""
    record("saved_reply.removed", about=reply, before={"title": reply.title, "language": reply.language})
    db.session.delete(reply)


def matching(words: str, replies: Sequence[SavedReply], *, language: str) -> list[SavedReply]:
    """Those whose title holds the beginnings of all `words`; the one with exactly that title alone, if there is one.

    Where the same title stands in several languages, the one of `language` is meant.
    """
    wanted = key(words)
    parts = wanted.split()
    found = [
        one
        for one in replies
        if parts and all(any(word.startswith(part) for word in one.title_key.split()) for part in parts)
    ]
    found = [one for one in found if one.title_key == wanted] or found
    ours = {one.title_key for one in found if one.language == language}
    return [one for one in found if one.language == language or one.title_key not in ours]


def filled(reply: SavedReply, values: Mapping[str, str], *, plain: bool) -> str:
    """The text with `values` in it. `plain`: nothing looks for placeholders in it afterwards.

    Raises Unfilled for a placeholder that has no value here.
    """

    def value(name: str) -> str:
        found = values.get(name, "").strip()
        if not found or name not in REPLY:
            raise Unfilled(
                f"[{name}] in “{reply.title}” would stay empty: {PLACEHOLDERS.get(name, 'it')} is not known in this "
                "conversation. Nothing was put in."
            )
        return found if plain else rendering.quiet(found)

    return PLACEHOLDER.sub(lambda match: value(match[1]), reply.text)


def key(title: str) -> str:
    """A title as it is compared."""
    return " ".join(title.casefold().split())[:MOST_TITLE]


def _faults(reply: SavedReply | None, title: str, language: str, text: str) -> dict[str, str]:
    found = {}
    if not title or len(title) > MOST_TITLE or not title.isprintable():
        said = f"cannot be “{title[:60]}”" if title else "is empty"
        found["title"] = f"Title {said}; type 1 to {MOST_TITLE} printable signs."
    if language not in LANGUAGES:
        names = ", ".join(one.name for one in LANGUAGES.values())
        found["language"] = f"Language cannot be “{language[:20]}”; choose one of {names}."
    sentences = [
        *(
            []
            if text and len(text) <= MOST_TEXT
            else [f"Text has {len(text)} characters; type 1 to {MOST_TEXT}."]
        ),
        *linting.placeholders("Text", text, REPLY, "a saved reply"),
        *linting.bank(text),
    ]
    if sentences:
        found["text"] = sentences[0]
    if not found:
        twin = db.session.scalars(
            select(SavedReply).where(SavedReply.title_key == key(title), SavedReply.language == language)
        ).one_or_none()
        if twin is not None and twin is not reply:
            found["title"] = (
                f"“{twin.title}” is there in {LANGUAGES[language].name} already; choose another title."
            )
    return found
