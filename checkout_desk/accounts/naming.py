"""What the packages above tell this one: the store's name, and how a person is written to."""

from __future__ import annotations

from flask import current_app

from checkout_desk.accounts.models import Person


def store_name() -> str:
    """The name of the store, or ''. The settings package tells it (`desk_store_name`), which stands above this one."""
    tell = current_app.extensions.get("desk_store_name")
    return tell() if tell else ""


def write_to(person: Person, *, subject: str, text: str) -> bool:
    """Queue a mail of the desk to one of its people, in this transaction, by what stands above (`desk_write_to`).

    Returns False where no mailbox can send.
    """
    write = current_app.extensions.get("desk_write_to")
    return bool(write and write(person, subject=subject, text=text))
