"""`checkout-desk import`: mails from files and standard input, through the same door as IMAP, one JSON line each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from checkout_desk.events.recording import acting_as
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import importing
from checkout_desk.mail.receiving import TooLarge, receive
from checkout_desk.storage import NoSpace

TEMPORARY, UNREADABLE = 75, 2
PROGRESS_EVERY = 1.0
"""seconds between two lines of progress on stderr"""


def take(make_app: Callable[[], Flask], files: Sequence[str], *, later: bool) -> int:
    """Import every mail of `files` ("-" is standard input). Returns the exit code; what was printed is committed."""
    try:
        app = make_app()
        with app.app_context(), acting_as("command", "import"):
            return _take_all(files, later=later)
    except (NoSpace, DBAPIError) as fault:
        reason = str(fault.orig if isinstance(fault, DBAPIError) else fault).partition("\n")[0]
        click.echo(
            f"checkout-desk: the desk cannot store mail at the moment ({reason}); try again later", err=True
        )
        return TEMPORARY


def _take_all(files: Sequence[str], *, later: bool) -> int:
    code, done, shown = 0, 0, time.monotonic()
    for name in files:
        try:
            for label, data in importing.mails(name):
                _take_one(label, data, later=later)
                done += 1
                if time.monotonic() - shown > PROGRESS_EVERY:
                    shown = time.monotonic()
                    click.echo(f"{done} mails taken in, now {label}", err=True)
        except OSError as fault:
            if isinstance(fault, BrokenPipeError):
                raise
            click.echo(f"checkout-desk: {name} cannot be read ({fault.strerror or fault})", err=True)
            code = UNREADABLE
    return code


def _take_one(label: str, data: bytes, *, later: bool) -> None:
    try:
        receipt = receive(data, door="import", wake=later)
    except TooLarge as reason:
        click.echo(f"checkout-desk: {label} is too large ({reason}); see DESK_MAX_MAIL", err=True)
        _say(label, "quarantined", None)
        return
    outcome, conversation = receipt.outcome, None
    if not later:
        understood, conversation = take_in(receipt.raw_id)
        if receipt.outcome == "stored" and understood != "busy":
            outcome = understood
    _say(label, outcome, conversation)


def _say(label: str, outcome: str, conversation: int | None) -> None:
    sys.stdout.write(json.dumps({"file": label, "outcome": outcome, "conversation": conversation}) + "\n")
    sys.stdout.flush()
