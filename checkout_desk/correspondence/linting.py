"""What is wrong with the words of a template before anybody gets them: each fault at its field, with what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from stdnum import iban

from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS, Kind
from checkout_desk.correspondence.rendering import PLACEHOLDER

MOST_SUBJECT, MOST_BODY = 200, 8000
_LOOKS_LIKE = re.compile(
    r"\[\s*([^\W\d_][\w \-]{2,40}?)\s*\]|\{+\s*([^\W\d_][\w \-]{2,40}?)\s*\}+|\[([A-Z][A-Z0-9_]{2,40})(?![\w\]])"
)
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:[ \u00a0.\-]?[A-Z0-9]){11,30}", re.IGNORECASE)
"""how a bank account begins, and as much of what follows as may belong to it"""
_SIGNS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


def faults(key: str, subject: str, body: str) -> dict[str, str]:
    """The sentence for each field ('subject', 'body') that cannot be saved as `key`; empty where all is well."""
    kind = KINDS[key]
    found: dict[str, str] = {}
    for field, label, text, most in (
        ("subject", "Subject", subject, MOST_SUBJECT),
        ("body", "Text", body, MOST_BODY),
    ):
        sentences = [
            *_size(label, text, most),
            *placeholders(label, text, kind.known, f"“{kind.title}”"),
            *bank(text),
        ]
        if sentences:
            found[field] = sentences[0]
    missing = _missing(kind, subject + "\n" + body)
    if missing and "body" not in found:
        names = ", ".join(f"[{name}]" for name in missing)
        they = "It is" if len(missing) == 1 else "They are"
        found["body"] = (
            f"{names} has to stand in “{kind.title}”: {PLACEHOLDERS[missing[0]]}."
            if len(missing) == 1
            else (f"{names} have to stand in “{kind.title}”. {they} what the customer needs to know.")
        )
    return found


def placeholders(label: str, text: str, known: Collection[str], where: str) -> Iterator[str]:
    """A sentence for everything that looks like a placeholder and is none in `where`, with the one that was meant."""
    for match in _LOOKS_LIKE.finditer(text):
        written = next(part for part in match.groups() if part)
        name = re.sub(r"[\s\-]+", "_", written).upper()
        if PLACEHOLDER.fullmatch(match[0]) and name in known:
            continue
        shown = match[0][:60]
        if name in known:
            yield f"{label}: {shown} is not written as a placeholder; write [{name}]."
        elif name in PLACEHOLDERS:
            yield f"{label}: [{name}] is not known when {where} is written; it can hold {_list(known)}."
        elif (match[0].startswith("[") and PLACEHOLDER.fullmatch(f"[{written}]")) or (
            meant := _meant(name, known)
        ):
            meant = _meant(name, known)
            yield f"{label}: {shown} is no placeholder" + (
                f"; did you mean [{meant}]?" if meant else f"; {where} can hold {_list(known)}."
            )


def held(text: str) -> set[str]:
    """The placeholders that stand in a text."""
    return set(PLACEHOLDER.findall(text))


def _meant(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def _size(label: str, text: str, most: int) -> Iterator[str]:
    if not text.strip():
        yield f"{label} is empty; type 1 to {most} characters."
    elif len(text) > most:
        yield f"{label} has {len(text)} characters; use at most {most}."
    elif label == "Subject" and "\n" in text.strip():
        yield "Subject has more than one line; write it on one."
    elif _SIGNS.search(text):
        yield f"{label} holds a sign that cannot be printed; use letters, digits and spaces."


def bank(text: str) -> Iterator[str]:
    """Bank details stand in the settings alone, so that nobody can slip others into a mail (SECURITY A5)."""
    for account in accounts(text):
        fours = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
        yield (
            f"Text: {fours} is a bank account. Bank details stand in the settings alone; "
            "write [PAYMENT_INSTRUCTIONS], and the mail names them."
        )
        return


def accounts(text: str) -> Iterator[str]:
    """The bank accounts (IBAN) that a text names, however they are spaced, without blanks and in capitals."""
    for match in _IBAN.finditer(text):
        bare = "".join(sign for sign in match[0].upper() if sign.isalnum())
        found = next((bare[:n] for n in range(15, len(bare) + 1) if iban.is_valid(bare[:n])), "")
        if found:  # what follows it, such as a BIC, was read along
            yield found


def _missing(kind: Kind, text: str) -> list[str]:
    there = held(text)
    return [name for name in kind.required if name not in there]


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"[{name}]" for name in names)
