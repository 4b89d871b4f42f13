"""Placeholders become words, once: what a value holds is never looked through again (SECURITY A30)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS
from checkout_desk.correspondence.templates import Template

__all__ = ["PAGE", "PLACEHOLDER", "PLACEHOLDERS", "Rendered", "Unfilled", "aloud", "quiet", "render"]

PLACEHOLDER = re.compile(r"\[([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\]")
"""as both procedures write them: [ORDER_NUMBER]"""
PAGE = "[CUSTOMER_PAGE]"
"""stays in the text while a person edits it: the link is made with the final bytes and kept nowhere else"""

_JOINER = "\u2060"
_LITERAL = re.compile(r"\[(?=[A-Z][A-Z0-9_]*\])")
_GAP = re.compile(r"\n{3,}")
_SIGNS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u2060]")


class Unfilled(ValueError):
    """A template cannot be used as it is. The message is a sentence that names the placeholder."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail before it is a mail."""

    subject: str
    text: str


def render(template: Template, values: Mapping[str, str]) -> Rendered:
    """Put `values` (placeholder without brackets -> text) into subject and body.

    CUSTOMER_PAGE stays as it is unless a value is given. Raises Unfilled for a placeholder that does not exist, and
    for one that has no value: nothing goes out with a hole. Where the template's kind lets a placeholder be empty, its
    line is left away instead.
    """
    subject = _filled(template, template.subject, values)
    body = _filled(template, _without_spare_lines(template, values), values)
    return Rendered(" ".join(subject.split()), body.strip() + "\n")


def quiet(value: str) -> str:
    """A value in which nothing is a placeholder any more, though it looks the same; see `aloud`."""
    return _LITERAL.sub("[" + _JOINER, _SIGNS.sub("", value))


def aloud(text: str) -> str:
    """`text` as it leaves, with the customer's own brackets as they wrote them."""
    return text.replace("[" + _JOINER, "[")


def _without_spare_lines(template: Template, values: Mapping[str, str]) -> str:
    kind = KINDS.get(template.key)
    empty = {name for name in kind.spare if not values.get(name, "").strip()} if kind else set()
    lines = template.body.split("\n")
    kept = [line for line in lines if empty.isdisjoint(PLACEHOLDER.findall(line))]
    text = "\n".join(kept)
    return text if len(kept) == len(lines) else _GAP.sub("\n\n", text)


def _filled(template: Template, text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in PLACEHOLDERS:
            raise Unfilled(
                f"{match[0]} in “{template.title}” is no placeholder that the desk knows; it knows "
                f"{', '.join(f'[{known}]' for known in PLACEHOLDERS)}."
            )
        found = values.get(name, match[0] if name == "CUSTOMER_PAGE" else "")
        if not found.strip():
            raise Unfilled(
                f"{match[0]} in “{template.title}” would stay empty: {PLACEHOLDERS[name]} is not known here."
            )
        return found if name == "CUSTOMER_PAGE" else quiet(found)

    return PLACEHOLDER.sub(value, text)
