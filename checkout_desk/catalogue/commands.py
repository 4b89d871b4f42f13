"""What `checkout-desk catalogue` says and does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from checkout_desk.catalogue import csvfiles, exporting, importing
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.settings.models import Store

Say = Callable[[str], None]


class NoFile(Exception):
    """The file cannot be opened; the message says why."""


def content(file: str) -> bytes:
    """The bytes of `file`, or of standard input for '-'. Raises NoFile."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as reason:
        raise NoFile(f"{file}: cannot be read ({reason.strerror}).") from None


def take(app: Flask, data: bytes, *, dry_run: bool, skip_bad: bool, say: Say) -> int:
    """Import `data` and report. Returns the exit code: 0, or 1 when nothing was (or, in a dry run, would be) imported."""
    with app.app_context(), acting_as("command", "catalogue import"):
        begin_write()
        store = db.session.get(Store, 1)
        try:
            plan = importing.plan(data, currency=store.currency if store else "")
        except csvfiles.Unusable as reason:
            say(f"Nothing was imported. {reason}")
            return 1
        report(plan, say)
        if dry_run:
            return _rehearsed(plan, skip_bad=skip_bad, say=say)
        if plan.faults and not skip_bad:
            say("Nothing was imported. Correct these lines, or leave them out with --skip-bad.")
            return 1
        if plan.rows:
            importing.carry_out(plan, by_id=None)
            db.session.commit()
        say(_outcome(plan, done=True))
        return 1 if plan.faults and not plan.rows and not plan.same else 0


def report(plan: importing.Plan, say: Say) -> None:
    """Each fault with its line, then what else is worth knowing."""
    for fault in plan.faults:
        say(f"line {fault.line}{', ' + fault.field if fault.field else ''}: {fault.words}")
    if plan.unknown:
        say(f"Columns that mean nothing here were left alone: {', '.join(plan.unknown)}")


def _rehearsed(plan: importing.Plan, *, skip_bad: bool, say: Say) -> int:
    if plan.faults and not skip_bad:
        say(f"Nothing would be imported without --skip-bad; with it: {_outcome(plan, done=False)}")
        return 1
    say(f"Dry run, nothing was changed: {_outcome(plan, done=False)}")
    return 1 if plan.faults and not plan.rows and not plan.same else 0


def _outcome(plan: importing.Plan, *, done: bool) -> str:
    bad = plan.bad_lines
    left = f" {bad} bad {'line' if bad == 1 else 'lines'} left out." if bad else ""
    verb = "" if done else "would be "
    return f"{plan.new} {verb}new, {plan.changed} {verb}changed, {plan.same} as before.{left}"


def hand_out(app: Flask, say: Say) -> None:
    """Print the catalogue as CSV."""
    with app.app_context():
        for line in exporting.lines():
            say(line)
