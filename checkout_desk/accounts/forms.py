"""What people type about themselves and each other. Every error is a sentence that says what would be accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    Form,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import StopValidation

from checkout_desk.accounts.passwords import LONGEST
from checkout_desk.accounts.permissions import ROLES

Validator = Callable[[Form, Field], None]


def _strip(value: str | None) -> str:
    return (value or "").strip()


def _line(label: str, longest: int) -> Validator:
    """A line of text that must be there, without control characters."""

    def check(form: Form, field: Field) -> None:
        value = field.data or ""
        if not value:
            raise StopValidation(f"{label} is empty; type 1 to {longest} characters.")
        if len(value) > longest:
            raise StopValidation(f"{label} has {len(value)} characters; use at most {longest}.")
        if not value.isprintable():
            raise StopValidation(
                f"{label} holds a sign that cannot be printed; use letters, digits and spaces."
            )

    return check


def _email(form: Form, field: Field) -> None:
    value = field.data or ""
    if not value:
        raise StopValidation("E-mail is empty; type an address such as mia@example.com.")
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise StopValidation(
            f"“{value[:80]}” is no e-mail address; type one such as mia@example.com."
        ) from None


def _filled(label: str) -> Validator:
    def check(form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(f"{label} is empty; type it.")
        if len(field.data) > LONGEST:
            raise StopValidation(
                f"{label} has {len(field.data)} characters; no password here has more than {LONGEST}."
            )

    return check


def _not_too_long(label: str, longest: int) -> Validator:
    def check(form: Form, field: Field) -> None:
        if len(field.data or "") > longest:
            raise ValidationError(f"{label} has {len(field.data)} characters; use at most {longest}.")

    return check


class DeskForm(FlaskForm):
    """A form whose errors go to the templates as one sentence a field. The token is checked for the whole app."""

    class Meta:
        csrf = False

    @property
    def sentences(self) -> dict[str, str]:
        """The first error of each field."""
        return {name: str(errors[0]) for name, errors in self.errors.items() if name and errors}

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, without passwords: it goes back into the fields."""
        return {field.name: field.data for field in self if not isinstance(field, PasswordField)}


class SignInForm(DeskForm):
    """E-mail and password."""

    email = StringField(filters=[_strip], validators=[_email])
    password = PasswordField(validators=[_filled("Password")])


class FirstRunForm(DeskForm):
    """The store and its first admin."""

    code = StringField(filters=[_strip], validators=[_line("Code", 100)])
    store = StringField(filters=[_strip], validators=[_line("Store", 120)])
    name = StringField(filters=[_strip], validators=[_line("Your name", 120)])
    email = StringField(filters=[_strip], validators=[_email])
    password = PasswordField(validators=[_filled("Password")])


class PersonForm(DeskForm):
    """Somebody else, seen by an admin. The password is looked at by the view: it may be empty for a known person."""

    name = StringField(filters=[_strip], validators=[_line("Name", 120)])
    email = StringField(filters=[_strip], validators=[_email])
    roles = SelectMultipleField(choices=[], validate_choice=False)
    password = PasswordField()

    def validate_roles(self, field: Field) -> None:
        """Only roles that exist, and at least one."""
        unknown = [role for role in field.data or [] if role not in ROLES]
        if unknown:
            raise ValidationError(f"“{unknown[0][:40]}” is no role; choose from {', '.join(ROLES.values())}.")
        if not field.data:
            raise ValidationError("Roles is empty; choose at least one, else the person could open nothing.")


class MeForm(DeskForm):
    """One's own name and signature."""

    name = StringField(filters=[_strip], validators=[_line("Name", 120)])
    signature = TextAreaField(
        filters=[lambda value: (value or "").replace("\r\n", "\n").strip()],
        validators=[_not_too_long("Signature", 2000)],
    )


class PasswordForm(DeskForm):
    """A new password for oneself, with the present one as proof."""

    present = PasswordField(validators=[_filled("Present password")])
    password = PasswordField(validators=[_filled("New password")])
