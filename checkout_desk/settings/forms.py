"""What a manager may set about the store. Every error is a sentence that says what would be accepted."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from wtforms import BooleanField, Field, Form, SelectMultipleField, StringField
from wtforms.validators import StopValidation, ValidationError

from checkout_desk.accounts.forms import DeskForm, FirstRunForm
from checkout_desk.settings import choices, zones
from checkout_desk.settings.models import Store
from checkout_desk.web import checks

NUMBERS = {
    "promise_hours": ("Promise", 1, 720),
    "undo_seconds": ("Time to undo", 0, 120),
    "automatic_per_address": ("Most to one address", 0, 50),
    "automatic_per_conversation": ("Most in one conversation", 0, 50),
    "remind_days": ("Reminder", 1, 60),
    "feedback_days": ("Days after delivery", 0, 90),
    "low_score": ("A low score", 0, 4),
    "return_days": ("Days for a return", 0, 365),
}

ANSWER_MAILS = {
    "received": "Order received",
    "payment_received": "Payment received",
    "confirmed": "Order confirmed",
    "shipped": "Parcel shipped",
    "tracking_corrected": "Tracking number corrected",
    "delivered": "Parcel delivered",
    "cancelled": "Order cancelled",
    "refunded": "Refund sent",
    "return_approved": "Return approved",
    "return_refused": "Return refused",
    "return_received": "Return received",
    "return_settled": "Return settled",
}
"""mails that a store may count as an answer (SPEC section 7), by milestone"""

CREDIT_CONFIRMED = {"placed": "When the order is placed on account", "paid": "When its payment is verified"}

WAYS_BACK = {"customer": "The customer pays", "store": "The store pays"}


def _zone(form: DeskForm, field: Field) -> None:
    if field.data not in zones.known():
        raise StopValidation(
            f"Time zone cannot be “{(field.data or '')[: checks.SHOWN]}”; choose one from the list, such as Europe/Berlin."
        )


def _one_of(label: str, known: Callable[[], Container[str]], example: str) -> checks.Validator:
    """A code of a list, as it stands there."""

    def check(form: Form, field: Field) -> None:
        if field.data not in known():
            raise StopValidation(
                f"{label} cannot be “{(field.data or '')[: checks.SHOWN]}”; choose one from the list, such as {example}."
            )

    return check


_COUNTRY = _one_of("Country", choices.countries, "GB for the United Kingdom")
_CURRENCY = _one_of("Currency", choices.currencies, "EUR")
_LANGUAGE = _one_of("Language", lambda: choices.LANGUAGES, "en for English")


def _or(usual: str) -> Callable[[str | None], str]:
    """A filter: `usual` where a form does not ask."""
    return lambda value: usual if value is None else value.strip()


class OpenForm(FirstRunForm):
    """The first run: the admin, and where the store is. Who does not say takes what can be changed later."""

    country = StringField(filters=[_or("GB")], validators=[_COUNTRY])
    currency = StringField(filters=[_or("GBP")], validators=[_CURRENCY])
    language = StringField(filters=[_or("en")], validators=[_LANGUAGE])


class StoreForm(DeskForm):
    """The store's row, as text and switches."""

    name = StringField(filters=[checks.strip], validators=[checks.line("Store name", 120, needed=True)])
    contact = StringField(filters=[checks.strip], validators=[checks.email("Contact address")])
    time_zone = StringField(filters=[checks.strip], validators=[_zone])
    promise_hours = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["promise_hours"])]
    )
    undo_seconds = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["undo_seconds"])]
    )
    acknowledge = BooleanField()
    acknowledge_strangers = BooleanField()
    automatic_per_address = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["automatic_per_address"])]
    )
    automatic_per_conversation = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["automatic_per_conversation"])]
    )
    own_authserv_id = StringField(filters=[checks.strip])
    country = StringField(filters=[checks.strip], validators=[_COUNTRY])
    currency = StringField(filters=[checks.strip], validators=[_CURRENCY])
    language = StringField(filters=[checks.strip], validators=[_LANGUAGE])
    ask_phone = BooleanField()
    remind_days = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["remind_days"])]
    )

    feedback_days = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["feedback_days"])]
    )
    low_score = StringField(filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["low_score"])])
    return_days = StringField(
        filters=[checks.strip], validators=[checks.whole_number(*NUMBERS["return_days"])]
    )
    return_way_back = StringField(
        filters=[checks.strip], validators=[_one_of("Way back", lambda: WAYS_BACK, "the customer")]
    )

    @classmethod
    def of(cls, names: Container[str]) -> StoreForm:
        """The form of these columns alone: the others were not asked and stay as they are."""
        form = cls()
        for name in [field.name for field in form if field.name not in names]:
            del form[name]
        return form

    answer_mails = SelectMultipleField(choices=[], validate_choice=False)
    credit_confirmed = StringField(
        filters=[_or("placed")],
        validators=[_one_of("Confirmation on account", lambda: CREDIT_CONFIRMED, "when it is placed")],
    )

    def validate_answer_mails(self, field: Field) -> None:
        """Only mails that the desk sends by itself."""
        unknown = [name for name in field.data or [] if name not in ANSWER_MAILS]
        if unknown:
            raise ValidationError(
                f"Mails that answer cannot hold “{unknown[0][: checks.SHOWN]}”; choose from {', '.join(ANSWER_MAILS.values())}."
            )

    def validate_own_authserv_id(self, field: Field) -> None:
        """One authserv-id (RFC 8601 section 2.2) as it stands in the header: no spaces, no semicolon."""
        value = field.data
        if len(value) > 254 or any(
            sign.isspace() or sign in ';"()<>,' or not sign.isprintable() for sign in value
        ):
            raise ValidationError(
                f"Name of your mail server cannot be “{value[: checks.SHOWN]}”; type the one word before the first "
                "semicolon of Authentication-Results, such as mx.example.com."
            )

    @property
    def values(self) -> dict[str, Any]:
        """What the form says, in the types of the store's columns. Only after it was found valid."""
        found: dict[str, Any] = {
            field.name: int(field.data) if field.name in NUMBERS else field.data
            for field in self
            if hasattr(Store, field.name)
        }
        if "answer_mails" in found:
            found["answer_mails"] = " ".join(
                name for name in ANSWER_MAILS if name in (self.answer_mails.data or ())
            )
        if "own_authserv_id" in found:
            found["own_authserv_id"] = found["own_authserv_id"].rstrip(".").lower()
        return found
