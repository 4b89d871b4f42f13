"""What is missing, as sentences in the customer's language: exactly that, and nothing that is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from checkout_desk.correspondence.standard import LANGUAGES, Standard

SHOWN = 80
"""characters of the customer's own words that a question repeats"""


@dataclass(frozen=True, slots=True)
class Option:
    """One product that the customer may have meant."""

    name: str
    price: str
    """as people read it; '' where there is none"""


@dataclass(frozen=True, slots=True)
class Question:
    """One gap, with what is known beside it."""

    gap: str
    """in the words of SPEC section 10"""
    words: str = ""
    """what the customer wrote, for a product that is unclear"""
    product: str = ""
    """the name of the product whose quantity is missing"""
    options: tuple[Option, ...] = ()
    """the products that fit, where several do"""
    name: str = ""
    """on the parcel"""
    line1: str = ""
    city: str = ""
    line_id: int | None = None


def sentence(question: Question, language: str) -> str:
    """The question, with its options below it. `language` is one of `standard.LANGUAGES`."""
    words = LANGUAGES[language]
    asked = words.questions[_kind(question)].format(
        words=_quoted(question.words, words),
        product=question.product or _quoted(question.words, words),
        city=question.city,
        line1=question.line1,
        place=_place(question),
    )
    options = [f"- {o.name} ({o.price})" if o.price else f"- {o.name}" for o in question.options]
    return "\n".join([asked, *(options if question.gap == "product" else [])])


def missing_details(questions: Sequence[Question], language: str) -> str:
    """All questions as one text: a single one stands alone, several are numbered."""
    asked = [sentence(question, language) for question in questions]
    if len(asked) <= 1:
        return "".join(asked)
    return "\n".join(f"{n}. " + one.replace("\n", "\n   ") for n, one in enumerate(asked, 1))


def greeting(name: str, language: str) -> str:
    """The first line of a mail."""
    words = LANGUAGES[language]
    return words.greeting.format(name=name) if name.strip() else words.greeting_plain


def unasked(questions: Sequence[Question], text: str, language: str) -> list[Question]:
    """The questions that `text`, as a person left it, does not ask any more.

    A question still stands when its sentence does, or when the text has another word for the same gap in `language`;
    one about a product has to name it, too.
    """
    folded = _folded(text)
    return [question for question in questions if not _stands(question, folded, language)]


def _stands(question: Question, folded: str, language: str) -> bool:
    if _folded(sentence(question, language).partition("\n")[0]) in folded:
        return True
    about = [question.words, question.product, *(option.name for option in question.options)]
    named = [_folded(name) for name in about if name.strip()]
    if question.gap in ("product", "quantity") and named and not any(name in folded for name in named):
        return False
    cues = LANGUAGES[language].cues.get(question.gap, ())
    return question.gap == "product" or any(_holds(folded, _folded(cue)) for cue in cues)


def _holds(folded: str, cue: str) -> bool:
    """Whether a word of the text begins with `cue`; scripts without spaces are searched anywhere."""
    return re.search((r"(?<!\w)" if cue.isascii() else "") + re.escape(cue), folded) is not None


def _kind(question: Question) -> str:
    if question.gap == "product":
        return "choice" if question.options else "unknown"
    if question.gap == "ship_to":
        return "ship_to_named" if question.name else "ship_to"
    known = {"ship_to.line1": question.city, "ship_to.city": question.line1}.get(
        question.gap, _place(question) if question.gap in _AT_A_PLACE else ""
    )
    return f"{question.gap}_at" if known else question.gap


_AT_A_PLACE = ("ship_to.region", "ship_to.postcode", "ship_to.country")


def _place(question: Question) -> str:
    return ", ".join(part for part in (question.line1, question.city) if part)


def _quoted(words: str, language: Standard) -> str:
    shown = " ".join(words.split())
    cut = shown if len(shown) <= SHOWN else shown[: SHOWN - 1].rstrip() + "…"
    return f"{language.quotes[0]}{cut}{language.quotes[1]}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
