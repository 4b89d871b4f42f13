"""`checkout-desk records`: export the case file of an order, check a case file, check the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from checkout_desk.events import verifying
from checkout_desk.events.recording import acting_as
from checkout_desk.orders import loading
from checkout_desk.records import casefile, checking, verify

WRONG, UNUSABLE = 1, 2
Say = Callable[[str], Any]


def export(
    app: Flask, number: int, file: str, *, force: bool, say: Say, complain: Callable[[str, int], int]
) -> int:
    """Write the case file of order `number`. Returns the exit code."""
    with app.app_context(), acting_as("command", "records export"):
        order = loading.load(number)
        if order is None:
            return complain(f"there is no order {number}", WRONG)
        try:
            written = casefile.write_zip(order, Path(file), force=force)
        except casefile.Exists:
            return complain(f"{file} exists already; give another name, or --force to replace it", UNUSABLE)
        except OSError as fault:
            return complain(f"{file} cannot be written ({fault.strerror or fault})", UNUSABLE)
    say(f"{file}: order {number}, {written.files} files, {written.size} bytes.")
    say(f"SHA-256 of the manifest: {written.manifest_sha256}")
    return 0


def check_zip(
    file: str, *, record_of: Callable[[], Flask] | None, say: Say, complain: Callable[[str, int], int]
) -> int:
    """Check a case file, with `record_of` also against that desk's record. Returns the exit code."""
    try:
        checked = checking.check_zip(Path(file))
    except checking.Refused as reason:
        return complain(f"{file}: {reason}", UNUSABLE)
    against = []
    if record_of is not None:
        with record_of().app_context():
            against = checking.against_record(checked)
    for line in (*verify.sentences(checked), *against):
        say(line)
    if record_of is not None and not against:
        say("This desk's record knows this export.")
    return WRONG if checked.faults or against else 0


def check_chain(app: Flask, *, say: Say) -> int:
    """Check the record of events. Returns the exit code."""
    with app.app_context():
        report = verifying.verify()
    if report.first_wrong is None:
        say(f"The record is whole: {report.events} events.")
        return 0
    say(f"The record is broken at event {report.first_wrong}: {report.why}.")
    for what, words in (("Before it", report.before), ("After it", report.after)):
        if words:
            say(f"{what}: {words}.")
    if report.expected or report.found:
        say(f"Its hash should be {report.expected or 'another one'}; it is {report.found}.")
    return WRONG
