"""Macros that the store keeps: an answer in several languages with the moves that go with it.

What applying one does is decided above (desk/macro_steps.py); here they are kept. Whatever changes one expects a writing
transaction and leaves the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.correspondence import linting
from checkout_desk.correspondence.kinds import REPLY
from checkout_desk.correspondence.models import Macro
from checkout_desk.correspondence.replies import MOST_TEXT, MOST_TITLE, key
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import speaks
from checkout_desk.correspondence.versions import Faulty
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.mail.cards import mask_cards
from checkout_desk.settings.effective import one_at_a_time

MOVES = {
    "": "Leaves the order as it is",
    "ask": "Asks for the details that are missing",
    "quote": "Sends the quote",
    "verify": "Verifies the order",
    "cancel": "Cancels the order",
}
WRITTEN = ("ask", "quote")
"""moves whose mail is a template's; the macro's own words stand below it"""
AFTER = {
    "wait": "Waits for the customer",
    "close": "Is closed",
    "stay": "Stays open",
    "snooze": "Sleeps for days",
}
MOST_DAYS, MOST_TAGS, MOST_REASON, MOST = 90, 5, 300, 300


@dataclass(frozen=True, slots=True)
class Typed:
    """A macro as somebody typed it."""

    name: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    order_move: str = ""
    reason: str = ""
    tags: str = ""
    assign: str = ""
    escalate_role: str = ""
    after: str = "wait"
    snooze_days: str = ""


def everything() -> list[Macro]:
    """All of them by name. One query."""
    return list(db.session.scalars(select(Macro).order_by(Macro.name_key).limit(MOST)))


def matching(words: str, macros: Sequence[Macro]) -> list[Macro]:
    """Those whose name holds the beginnings of all `words`; the one with exactly that name alone, if there is one."""
    wanted = key(words)
    found = [
        one
        for one in macros
        if wanted
        and all(any(word.startswith(part) for word in one.name_key.split()) for part in wanted.split())
    ]
    return [one for one in found if one.name_key == wanted] or found


def words(macro: Macro, language: str) -> tuple[str, str]:
    """(language, text) for a customer of `language`: theirs, the store's, English, or whichever there is; '' for none."""
    order = [language, speaks(""), "en", *macro.texts]
    found = next((code for code in order if macro.texts.get(code)), "")
    return found, str(macro.texts.get(found, ""))


def save(macro: Macro | None, typed: Typed, *, by: Person) -> Macro:
    """A new macro, or other moves for one. Raises Faulty with the sentence of each field."""
    one_at_a_time()
    texts = {code: text for code in LANGUAGES if (text := _lines(typed.texts.get(code, "")))}
    tags = _tags(typed.tags)
    if faults := dict(_faults(macro, typed, texts, tags)):
        raise Faulty(faults)
    now, new = clock.now(), macro is None
    row = macro or Macro(created_at=now, created_by_id=by.id, used=0)
    row.name, row.name_key = _name(typed), key(typed.name)
    row.texts, row.tags, row.order_move = texts, tags, typed.order_move
    row.reason = mask_cards(" ".join(typed.reason.split()))
    row.assign, row.escalate_role, row.after = typed.assign, typed.escalate_role, typed.after
    row.snooze_days = int(typed.snooze_days) if typed.after == "snooze" else None
    row.changed_at = now
    db.session.add(row)
    db.session.flush()
    record(
        f"macro.{'created' if new else 'changed'}",
        about=row,
        after={"name": row.name, "order_move": row.order_move, "then": row.after},
    )
    return row


def remove(macro: Macro) -> None:
    """Forget a macro; what was done with it stays."""
    record("macro.removed", about=macro, before={"name": macro.name})
    db.session.delete(macro)


def count(macro_id: int, by: int) -> None:
    """One mail more (1) was made with it, or one was taken back (-1)."""
    db.session.execute(update(Macro).where(Macro.id == macro_id).values(used=Macro.used + by))


def _name(typed: Typed) -> str:
    return " ".join(typed.name.split())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _tags(text: str) -> list[str]:
    return list(
        dict.fromkeys(word for part in text.split(",") if (word := mask_cards(" ".join(part.split()))))
    )


def _faults(
    macro: Macro | None, typed: Typed, texts: Mapping[str, str], tags: Sequence[str]
) -> Iterator[tuple[str, str]]:
    name = _name(typed)
    if not name or len(name) > MOST_TITLE or not name.isprintable():
        said = f"cannot be “{name[:60]}”" if name else "is empty"
        yield "name", f"Name {said}; type 1 to {MOST_TITLE} printable signs."
    elif (twin := _twin(name)) is not None and twin is not macro:
        yield "name", f"“{twin.name}” is there already; choose another name."
    yield from _text_faults(typed, texts)
    for field_, value, known in (
        ("order_move", typed.order_move, MOVES),
        ("after", typed.after, AFTER),
        ("escalate_role", typed.escalate_role, {"": "", **ROLES}),
    ):
        if value not in known:
            yield field_, f"“{value[:20]}” is none of the choices; choose one of the list."
    if (typed.order_move == "cancel" or typed.escalate_role) and not typed.reason.strip():
        yield (
            "reason",
            "Reason is empty; say why, whoever looks at the order or takes the case reads it first.",
        )
    if len(typed.reason) > MOST_REASON:
        yield "reason", f"Reason has {len(typed.reason)} characters; use at most {MOST_REASON}."
    if typed.escalate_role and typed.after == "close":
        yield (
            "escalate_role",
            "A closed conversation is nobody’s case; let it stay open, or do not escalate it.",
        )
    if len(tags) > MOST_TAGS or any(len(tag) > 40 for tag in tags):
        yield "tags", f"Tags: at most {MOST_TAGS}, each of at most 40 characters."
    if not _assignable(typed.assign):
        yield "assign", "That person does not work at this desk; choose one of the list."
    if typed.after == "snooze" and not _days(typed.snooze_days):
        yield "snooze_days", f"“{typed.snooze_days[:10]}” cannot be used; type 1 to {MOST_DAYS} days."


def _text_faults(typed: Typed, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not texts and typed.order_move not in WRITTEN:
        yield "texts", "There are no words to send; write them in at least one language."
    for code, text in texts.items():
        label = LANGUAGES[code].name
        sentences = [
            *(
                [f"{label} has {len(text)} characters; use at most {MOST_TEXT}."]
                if len(text) > MOST_TEXT
                else []
            ),
            *linting.placeholders(label, text, REPLY, "a macro"),
            *linting.bank(text),
        ]
        if sentences:
            yield f"text_{code}", sentences[0]


def _twin(name: str) -> Macro | None:
    found: Macro | None = db.session.scalars(select(Macro).where(Macro.name_key == key(name))).one_or_none()
    return found


def _assignable(value: str) -> bool:
    if value in ("", "me", "nobody"):
        return True
    person = (
        db.session.get(Person, int(value))
        if value.isascii() and value.isdigit() and len(value) < 12
        else None
    )
    return person is not None and person.disabled_at is None


def _days(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 4 and 1 <= int(value) <= MOST_DAYS
