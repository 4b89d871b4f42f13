"""What one language holds: the first version of each template, and the sentences that are put into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standard:
    """One language as the desk ships it. The store writes over `templates`; the rest is the same everywhere."""

    code: str
    """ISO 639-1"""
    name: str
    """as the people of the store read it"""
    locale: str
    """how money is written in it"""
    quotes: tuple[str, str]
    greeting: str
    """with {name}"""
    greeting_plain: str
    """where no name is known"""
    nothing: str
    """stands for the order's lines while there is none"""
    templates: Mapping[str, tuple[str, str]]
    """key -> (subject, body), both with placeholders"""
    questions: Mapping[str, str]
    """gap (or gap and what is known beside it) -> the sentence that asks for it"""
    cues: Mapping[str, tuple[str, ...]]
    """gap -> words, folded; a mail that holds one of them still asks for it, however it was put"""
    button: str
    """what the button to the customer page says"""
