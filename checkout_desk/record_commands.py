"""`checkout-desk records`: the case file of an order, and whether the record is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checkout_desk import processes
from checkout_desk.complaining import complain
from checkout_desk.config import ConfigError

if TYPE_CHECKING:  # `--help` waits for nothing heavy
    from flask import Flask


@click.group()
def records() -> None:
    """The record of everything that happened, and the case files of orders."""


def _fit_app() -> Flask:
    """The app on a database that is of this version already: to look at the record changes nothing of it."""
    from checkout_desk import migrating

    app = processes.app()
    with app.app_context():
        wrong = migrating.unfit()
    if wrong:
        raise ConfigError(wrong)
    return app


@records.command("export")
@click.argument("order", type=click.IntRange(min=1), metavar="ORDER")
@click.argument("file", metavar="FILE.zip")
@click.option("--force", is_flag=True, help="Replace FILE.zip if there is one.")
def export_records(order: int, file: str, force: bool) -> int:
    """Write everything that is kept about an order into one ZIP: mails, quotes, labels, payments, parcels, events.

    The ZIP holds a list of the SHA-256 of its files and verify.py, which checks it wherever there is Python. A mail
    in which somebody wrote a card number is left out, and the list says so.

    Exit code: 0 when it is written, 1 when there is no such order, 2 for a file that cannot be written.

    \b
    Examples:
      checkout-desk records export 1042 1042.zip
      checkout-desk records export 1042 1042.zip --force && checkout-desk records verify 1042.zip
    """
    from checkout_desk.records import commands

    return commands.export(_fit_app(), order, file, force=force, say=click.echo, complain=complain)


@records.command()
@click.argument("file", required=False, metavar="[FILE.zip]")
@click.option(
    "--with-record", is_flag=True, help="Also ask this desk's record for the event that the ZIP ends with."
)
def verify(file: str | None, with_record: bool) -> int:
    """Check that no event was changed, removed or added outside the desk; or that an order's ZIP is as it was written.

    A ZIP needs no desk: it is held against its own list. Exit code 1 when something is wrong, 2 for a file that is no
    such ZIP.

    \b
    Examples:
      checkout-desk records verify
      checkout-desk records verify 1042.zip
      checkout-desk records verify 1042.zip --with-record
    """
    from checkout_desk.records import commands

    if file is None:
        return commands.check_chain(_fit_app(), say=click.echo)
    return commands.check_zip(
        file, record_of=_fit_app if with_record else None, say=click.echo, complain=complain
    )
