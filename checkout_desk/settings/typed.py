"""What people type about money rules, as values. Each refusal is a ValueError whose sentence names the value and says what
would be accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from stdnum import bic as bic_codes
from stdnum import iban as iban_numbers

from checkout_desk import money
from checkout_desk.settings import choices
from checkout_desk.settings.discounts import percent as as_percent
from checkout_desk.settings.starting import EU
from checkout_desk.settings.tax import ELSEWHERE

Value = TypeVar("Value")
SHOWN = 60
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?\s*%?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
_WHOLE = re.compile(r"[0-9]{1,9}")


class Wrong(ValueError):
    """One field cannot be accepted because of something else; `field` is its name."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Typed:
    """A form that was sent: its fields as text, and the sentence of each that cannot be used."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self.raw = {name: str(text)[:5000] for name, text in raw.items() if name != "csrf_token"}
        self.errors: dict[str, str] = {}

    def take(self, name: str, read: Callable[[str], Value]) -> Value | Any:
        """The field's value, or None with its sentence kept in `errors`."""
        try:
            return read(self.raw.get(name, "").strip())
        except ValueError as refusal:
            self.errors[name] = str(refusal).replace(" cannot be “”", " is empty")
            return None

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.raw.get(name))

    def act(self, verb: Callable[[], Value]) -> Value | None:
        """Do `verb` unless a field is wrong; what it refuses stands at its field."""
        if self.errors:
            return None
        try:
            return verb()
        except Wrong as refusal:
            self.errors[refusal.field] = str(refusal)
            return None


def line(label: str, longest: int, *, needed: bool = False) -> Callable[[str], str]:
    """One line of printable signs."""

    def read(text: str) -> str:
        value = " ".join(text.split())
        if needed and not value:
            raise ValueError(f"{label} is empty; type 1 to {longest} characters.")
        if len(value) > longest:
            raise ValueError(f"{label} has {len(value)} characters; use at most {longest}.")
        if not value.isprintable():
            raise ValueError(f"{label} holds a sign that cannot be printed; use letters, digits and spaces.")
        return value

    return read


def one_of(label: str, known: Mapping[str, str]) -> Callable[[str], str]:
    """One of a list, by its key."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(
                f"{label} cannot be “{text[:SHOWN]}”; choose one of {', '.join(known.values())}."
            )
        return text

    return read


def whole(label: str, low: int, high: int) -> Callable[[str], int]:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError(f"{label} cannot be “{text[:SHOWN]}”; type a whole number from {low} to {high}.")
        return int(text)

    return read


def amount(label: str, currency: str, *, empty: int | None = None) -> Callable[[str], int]:
    """Minor units of `currency`; `empty` is what an empty field means."""

    def read(text: str) -> int:
        if not text and empty is not None:
            return empty
        try:
            return money.read(text, currency)
        except ValueError as refusal:
            raise ValueError(f"{label}: {refusal}") from None

    return read


def percent(label: str) -> Callable[[str], int]:
    """Millionths of a percentage with at most four decimals."""

    def read(text: str) -> int:
        match = _PERCENT.fullmatch(text)
        ppm = int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0")) if match else -1
        if not 0 <= ppm <= 1_000_000:
            raise ValueError(
                f"{label} cannot be “{text[:SHOWN]}”; type a percentage from 0 to 100, such as 20 or 5.5."
            )
        return ppm

    return read


def rate_name(name: str, ppm: int) -> str:
    """How the customer reads a rate: what was typed, or 'VAT 20 %'. A name with another number contradicts its rate."""
    named = re.search(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%", name)
    if named and percent("Name")(named[1]) != ppm:
        raise Wrong(
            "name",
            f"Name says {named[1]} %, but the rate is {as_percent(ppm)} %; make them agree or leave the name empty.",
        )
    return name or f"VAT {as_percent(ppm)} %"


def day(label: str) -> Callable[[str], date]:
    """A day as 2026-12-31."""

    def read(text: str) -> date:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or len(text) != 10 or not 2000 <= found.year <= 2100:
            raise ValueError(f"{label} cannot be “{text[:SHOWN]}”; type a day such as 2026-12-31.")
        return found

    return read


def day_or_none(label: str) -> Callable[[str], date | None]:
    """A day, None for an empty field."""
    read = day(label)
    return lambda text: read(text) if text else None


def time_of_day(text: str) -> str:
    """A time as 15:00."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"Cut-off cannot be “{text[:SHOWN]}”; type a time such as 15:00.")
    return f"{int(match[1]):02d}:{match[2]}"


def countries(text: str) -> list[str]:
    """ISO codes of what was typed: codes or English names with commas between, EU for its members, * for everywhere else."""
    names = {name.casefold(): code for code, name in choices.countries().items()}
    found: list[str] = []
    for word in (part.strip() for part in re.split(r"[,;\n]", text)):
        code = word.upper()
        if not word:
            continue
        if code == "EU":
            found += EU
        elif code == ELSEWHERE or code in choices.countries():
            found.append(code)
        elif word.casefold() in names:
            found.append(names[word.casefold()])
        elif set(parts := code.split()) <= set(choices.countries()):
            found += parts
        else:
            raise ValueError(
                f"Countries: “{word[:SHOWN]}” is not a country; type codes or names with commas between, such as GB, France, "
                "EU for all its members, or * for everywhere else."
            )
    return list(dict.fromkeys(found))


def show_countries(codes: list[str]) -> str:
    """The list as it is typed: the members of the EU as one word where all stand there."""
    if set(EU) <= set(codes):
        return ", ".join(["EU", *(code for code in codes if code not in EU)])
    return ", ".join(codes)


def currencies(text: str) -> list[str]:
    """ISO 4217 codes with commas between; [] is any."""
    found = [word.upper() for word in re.split(r"[\s,;]+", text) if word]
    for code in found:
        if code not in choices.currencies():
            raise ValueError(f"Currencies: “{code[:SHOWN]}” is no currency; type codes such as GBP, EUR.")
    return list(dict.fromkeys(found))


def iban(text: str) -> str:
    """An IBAN in groups of four (ISO 13616), its check digits and its country's form proven."""
    compact = "".join(text.split()).upper()
    if not iban_numbers.is_valid(compact):
        said = f"cannot be “{text[:SHOWN]}”: a digit or the length is wrong" if compact else "is empty"
        raise ValueError(f"IBAN {said}; type it as the bank wrote it, such as GB33 BUKB 2020 1555 5555 55.")
    return compact


def bic(text: str) -> str:
    """A BIC (ISO 9362), '' where none is needed."""
    compact = "".join(text.split()).upper()
    if compact and not bic_codes.is_valid(compact):
        raise ValueError(f"BIC cannot be “{text[:SHOWN]}”; type its 8 or 11 signs, such as BUKBGB22.")
    return compact


def colour(text: str) -> str:
    """#rrggbb that white letters can be read on (WCAG 2.2, 1.4.3: at least 4.5 to 1)."""
    match = _COLOUR.fullmatch(text)
    if match is None:
        raise ValueError(
            f"Colour cannot be “{text[:SHOWN]}”; type # and six signs from 0 to f, such as #0b5a6b."
        )
    found = f"#{match[1].lower()}"
    ratio = contrast_with_white(found)
    if ratio < 4.5:
        raise ValueError(
            f"Colour {found} has a contrast of {ratio:.1f} with white letters; at least 4.5 can be read. "
            f"A darker one of the same hue is {_darker(found)}."
        )
    return found


def contrast_with_white(found: str) -> float:
    """The contrast ratio of white on #rrggbb (WCAG 2.2)."""
    parts = [int(found[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _darker(found: str) -> str:
    parts = [int(found[at : at + 2], 16) for at in (1, 3, 5)]
    for share in range(98, -1, -2):
        darker = "#" + "".join(f"{part * share // 100:02x}" for part in parts)
        if contrast_with_white(darker) >= 4.5:
            return darker
    return "#000000"
