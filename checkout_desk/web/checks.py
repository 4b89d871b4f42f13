"""Checks of what people type into forms. Each error is a sentence with the field, the value and what would be accepted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from email_validator import EmailNotValidError, validate_email
from wtforms import Field, Form
from wtforms.validators import StopValidation

Validator = Callable[[Form, Field], None]

SHOWN = 80
"""characters of a value that an error repeats"""

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_WHOLE = re.compile(r"[0-9]{1,9}")


def strip(value: str | None) -> str:
    """A filter: no white space around a line."""
    return (value or "").strip()


def line(label: str, longest: int, *, needed: bool = False) -> Validator:
    """One line of at most `longest` characters without control characters, '' only where it is not `needed`."""

    def check(form: Form, field: Field) -> None:
        value = field.data or ""
        if needed and not value:
            raise StopValidation(f"{label} is empty; type 1 to {longest} characters.")
        if len(value) > longest:
            raise StopValidation(f"{label} has {len(value)} characters; use at most {longest}.")
        if not value.isprintable():
            raise StopValidation(
                f"{label} holds a sign that cannot be printed; use letters, digits and spaces."
            )

    return check


def email(label: str, *, needed: bool = False) -> Validator:
    """An e-mail address, '' only where it is not `needed`."""

    def check(form: Form, field: Field) -> None:
        value = field.data or ""
        if not value:
            if needed:
                raise StopValidation(f"{label} is empty; type an address such as orders@example.com.")
        elif not is_address(value):
            raise StopValidation(
                f"{label}: “{value[:SHOWN]}” is no e-mail address; type one such as orders@example.com."
            )

    return check


def is_address(value: str) -> bool:
    """Whether `value` is an e-mail address by its form (RFC 5321); nobody is asked whether it exists."""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return len(value) <= 254


def whole_number(label: str, low: int, high: int) -> Validator:
    """Digits that make a number from `low` to `high`. The field stays text, so that what was typed stays."""

    def check(form: Form, field: Field) -> None:
        value = field.data or ""
        if not value:
            raise StopValidation(f"{label} is empty; type a whole number from {low} to {high}.")
        if not _WHOLE.fullmatch(value) or not low <= int(value) <= high:
            raise StopValidation(
                f"{label} cannot be “{value[:SHOWN]}”; type a whole number from {low} to {high}."
            )

    return check


def host(label: str, example: str) -> Validator:
    """A host's name or address as it is looked up, or ''. Names in other scripts are typed in their xn-- form."""

    def check(form: Form, field: Field) -> None:
        value = field.data or ""
        if value and not _is_host(value):
            raise StopValidation(
                f"{label} cannot be “{value[:SHOWN]}”; type a name such as {example}, without https:// or a port."
            )

    return check


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        labels = value.removesuffix(".").split(".")
        return len(value) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return True
