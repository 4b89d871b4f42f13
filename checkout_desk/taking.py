"""`checkout-desk import`: mails from files and standard input, through the same door as IMAP, one JSON line each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import click
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from checkout_desk.conversations.models import Message
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.intake.rules import Rules, rules
from checkout_desk.intake.taking_in import take_in_at_once
from checkout_desk.mail.importing import ImportLine, import_mails, mails_in
from checkout_desk.mail.models import RawMail
from checkout_desk.storage import NoSpace

TEMPORARY, UNREADABLE = 75, 2
PROGRESS_EVERY = 1.0
"""seconds between two lines of progress on stderr"""


class Understood(NamedTuple):
    """What `take_in` made of one mail, as the import wants to know it."""

    outcome: str
    conversation_id: int | None


def take(make_app: Callable[[], Flask], files: Sequence[str], *, later: bool) -> int:
    """Import every mail of `files` ("-" is standard input). Returns the exit code; what was printed is committed."""
    try:
        app = make_app()
        with app.app_context(), acting_as("command", "import"):
            return _Import(later=later).run(files)
    except (NoSpace, DBAPIError) as fault:
        reason = str(fault.orig if isinstance(fault, DBAPIError) else fault).partition("\n")[0]
        click.echo(
            f"checkout-desk: the desk cannot store mail at the moment ({reason}); try again later", err=True
        )
        return TEMPORARY


class _Import:
    """One run of the command: its exit code, and what it has to remember between a mail and its line."""

    def __init__(self, *, later: bool) -> None:
        self._later = later
        self._code = 0
        self._unreadable: set[int] = set()
        self._rules: Rules | None = None

    def run(self, files: Sequence[str]) -> int:
        """Print a line for each mail and, on stderr, how far it is. Returns the exit code."""
        shown = time.monotonic()
        lines = import_mails(
            self._mails(files), understand=None if self._later else self._understand, whereabouts=whereabouts
        )
        for done, line in enumerate(lines, start=1):
            self._print(line)
            if time.monotonic() - shown > PROGRESS_EVERY:
                shown = time.monotonic()
                click.echo(f"{done} mails taken in, now {line.file}", err=True)
        return self._code

    def _mails(self, files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for name in files:
            try:
                yield from mails_in(name, limit=current_app.config["DESK_MAX_MAIL"])
            except OSError as fault:
                click.echo(
                    f"checkout-desk: {name} cannot be read ({fault.strerror or fault}); "
                    "expected a mail, an mbox, a maildir or a folder of them",
                    err=True,
                )
                self._code = UNREADABLE

    def _understand(self, raw_id: int, data: bytes) -> Understood:
        if self._rules is None:
            self._rules = rules()
        found = Understood(*take_in_at_once(raw_id, data, self._rules))
        if found.outcome == "quarantined":
            self._unreadable.add(raw_id)
        return found

    def _print(self, line: ImportLine) -> None:
        shown = line.as_json()
        if line.outcome == "stored" and line.raw_id in self._unreadable:
            shown["outcome"] = "quarantined"
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def whereabouts(raw_ids: Sequence[int]) -> Mapping[int, int]:
    """The conversations of mails that the desk has already; a duplicate is where its first copy is."""
    first_copy = func.coalesce(RawMail.duplicate_of_id, RawMail.id)
    rows = db.session.execute(
        select(RawMail.id, Message.conversation_id)
        .join(Message, Message.raw_id == first_copy)
        .where(RawMail.id.in_(raw_ids))
    ).all()
    db.session.rollback()
    return {row.id: row.conversation_id for row in rows}
