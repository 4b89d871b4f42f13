"""By how much a payment may differ, and how much may go back, for the roles that a person has."""

from __future__ import annotations

from collections.abc import Collection

from checkout_desk.accounts.models import Person
from checkout_desk.lifecycle import Refused
from checkout_desk.settings import tolerances


def shortage(person: Person, minor: int, currency: str) -> None:
    """Raises Refused where the person may not accept that `minor` is missing."""
    _within(person, tolerances.of(person.roles, currency).under_minor, minor, currency, "A shortage of")


def excess(person: Person, minor: int, currency: str) -> None:
    """Raises Refused where the person may not keep `minor` more than was wanted."""
    _within(person, tolerances.of(person.roles, currency).over_minor, minor, currency, "An excess of")


def refund(person: Person, minor: int, currency: str, *, before: int = 0) -> None:
    """Raises Refused where the person may not send `minor` of one payment back, `before` of it earlier."""
    _raise(beyond_refund(person.roles, minor, currency, before=before))


def beyond_refund(
    roles: Collection[str], minor: int, currency: str, *, before: int = 0, limit: int | None = None
) -> str:
    """Why somebody with these roles may not send `minor` of one payment back, `before` of it earlier; '' where they may.

    `limit` is their `refund_minor`, where the caller has read it. At most one query.
    """
    if not tolerances.UNLIMITED.isdisjoint(roles):
        return ""
    most = tolerances.of(roles, currency).refund_minor if limit is None else limit
    what = "Refunding altogether" if before else "A refund of"
    return tolerances.beyond(roles, most, minor, currency, what)


def _within(person: Person, limit: int, minor: int, currency: str, what: str) -> None:
    _raise(tolerances.beyond(person.roles, limit, minor, currency, what))


def _raise(sentence: str) -> None:
    if sentence:
        raise Refused(sentence)
