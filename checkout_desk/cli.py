"""`checkout-desk`: the commands. Stable, since people script against it; whatever is heavy is imported inside them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from checkout_desk import processes
from checkout_desk.backup import commands as backups
from checkout_desk.complaining import complain
from checkout_desk.config import SETTINGS, ConfigError
from checkout_desk.key_commands import keys
from checkout_desk.record_commands import records

if TYPE_CHECKING:
    from flask import Flask

WRONG_USE, TEMPORARY = 2, 75
"""exit codes: a setting or argument that cannot be used; try again later (EX_TEMPFAIL, what mail servers understand)"""


def main() -> None:
    """The entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command in this process and return its exit code; a mistake of the caller's gives one line, no traceback."""
    os.umask(0o077)
    try:
        code = desk.main(args=list(arguments), prog_name="checkout-desk", standalone_mode=False)
    except ConfigError as reason:
        return complain(str(reason), WRONG_USE)
    except click.ClickException as reason:
        reason.show()
        return reason.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as fault:
        words = _database_words(fault)
        if words is None:
            raise
        return complain(words, TEMPORARY)
    return code if isinstance(code, int) else 0


def _database_words(fault: Exception) -> str | None:
    """One line about a database that does not answer; None for every other fault, which is ours and gets its traceback."""
    from sqlalchemy.exc import DBAPIError

    if not isinstance(fault, DBAPIError) or not (
        fault.connection_invalidated or "Operational" in type(fault).__name__
    ):
        return None
    reason = str(fault.orig).strip().partition("\n")[0]
    return f"the database does not answer as it should: {reason}. Check DATABASE_URL; `checkout-desk doctor` says more."


def _ready_app() -> Flask:
    """The app on a database of this version."""
    from checkout_desk import migrating

    app = processes.app()
    migrating.upgrade(app)
    return app


def _settings_help() -> str:
    return "\b\n" + "\n".join(f"{s.name:<24}{s.meaning} [{s.default or 'none'}]" for s in SETTINGS)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=f"Settings come from the environment:\n\n{_settings_help()}\n\n"
    "\b\nStart here:\n  checkout-desk demo              a believable store to look around in\n"
    "  checkout-desk up                your own desk; opens its first page for the first admin\n"
    "  checkout-desk doctor            what is wrong, and what to do about it",
)
@click.version_option(package_name="checkout-desk")
def desk() -> None:
    """Checkout Desk: a helpdesk for stores that take orders by e-mail."""


@desk.command()
def up() -> int:
    """Run the desk: web, worker, clock and mailbox reader, until Ctrl-C.

    Without DATABASE_URL and REDIS_URL everything lives in DESK_HOME: SQLite, an embedded Valkey, mails and keys. A
    process that dies is started again. The database is created or upgraded first.

    \b
    Examples:
      checkout-desk up
      DESK_LISTEN=0.0.0.0:8000 DESK_URL=https://desk.example.com DESK_PROXIES=1 checkout-desk up
      DATABASE_URL=postgresql://desk@db/desk REDIS_URL=redis://queue:6379/0 checkout-desk up
    """
    from checkout_desk import up as running

    return running.run(run, first=["prepare"])


@desk.command()
def demo() -> int:
    """Fill a demo store and run it; prints its address and who can sign in.

    The demo lives in a folder of its own (DESK_HOME, or instance/demo), sends nothing to the outside, and is kept
    between runs: delete the folder to begin anew.

    \b
    Examples:
      checkout-desk demo
      DESK_HOME=/tmp/demo DESK_LISTEN=127.0.0.1:9000 DESK_URL=http://127.0.0.1:9000 checkout-desk demo
    """
    from checkout_desk import up as running

    environment = {"DESK_SANDBOX": "yes", "DESK_HOME": os.environ.get("DESK_HOME") or "instance/demo"}
    return running.run(run, first=["prepare", "--demo"], environment=environment)


@desk.command(hidden=True)
@click.option("--demo", "with_demo", is_flag=True)
def prepare(with_demo: bool) -> None:
    """What `up` does before anything serves: the database, the demo store, and word of the first visit."""
    app = _ready_app()
    with app.app_context():
        if with_demo:
            from checkout_desk import demo as store

            for line in store.build(app) or ():
                click.echo(line)
            return
        from checkout_desk.settings.first_run import first_run_code, needs_first_run

        if needs_first_run():
            click.echo("Nobody can sign in yet. Open this page to create the first admin:")
            click.echo(f"  {app.config['DESK_URL']}/first-run")
            click.echo(f"  with the code {first_run_code(app.config['DESK_HOME'])}")


for _command in (*processes.ALL, *backups.ALL, keys, records):
    desk.add_command(_command)


@desk.command()
def migrate() -> None:
    """Create or upgrade the database. `up`, `demo` and `import` do it by themselves; harmless to repeat."""
    from checkout_desk import migrating

    said = migrating.upgrade(processes.app())
    click.echo(
        {"created": "The database was created.", "upgraded": "The database was upgraded."}.get(
            said, "The database has this version already."
        )
    )


@desk.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--later", is_flag=True, help="Store only; the workers understand the mails.")
def import_(files: tuple[str, ...], later: bool) -> int:
    """Take mails into the desk: .eml, mbox, maildir, or - for one mail from standard input.

    Each mail is stored before anything else happens to it, and understood before the command returns. Importing the
    same mail again changes nothing and says so. An empty store is created where there is none. Prints a JSON line a
    mail: {"file": ..., "outcome": "stored" | "duplicate" | "quarantined", "conversation": number or null}

    Exit code: 0 when every mail is stored, 75 when the desk cannot store at the moment (nothing was accepted, so a
    mail server keeps the mail and tries again), 2 for a file that cannot be read.

    \b
    Examples:
      checkout-desk import order.eml
      checkout-desk import archive.mbox Maildir/ --later
      checkout-desk import - < order.eml
      |/usr/bin/env DESK_HOME=/srv/desk checkout-desk import -      (a line for .forward)
    """
    from checkout_desk import taking

    return taking.take(_ready_app, files, later=later)


@desk.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--catalogue", metavar="CSV", help="The products: columns sku, name, aliases (separated by ;).")
@click.option(
    "--store-address",
    "store_addresses",
    metavar="EMAIL",
    multiple=True,
    help="An address of the store's own.",
)
@click.option("--country", metavar="CC", default="", help="Where the store is, such as GB.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one a file.")
def read(
    files: tuple[str, ...],
    catalogue: str | None,
    store_addresses: tuple[str, ...],
    country: str,
    as_json: bool,
) -> int:
    """Say what the desk would read from these mails: a dry run without database or configuration.

    Mails that answer one another are read as one thread when they are given in order.

    Exit code: 0 when every file could be read, 2 for a file, catalogue or country that cannot be used.

    \b
    Examples:
      checkout-desk read order.eml --catalogue products.csv --country GB
      checkout-desk read *.eml --catalogue products.csv --store-address hello@shop.example --json | jq .lines
    """
    from checkout_desk.intake import dry_run

    try:
        index = dry_run.load_catalogue(catalogue) if catalogue else dry_run.Catalogue()
        code = dry_run.check_country(country)
        for result in dry_run.read_files(
            files, catalogue=index, store_addresses=store_addresses, country=code
        ):
            if as_json:
                click.echo(dry_run.json_line(*result))
            else:
                for line in dry_run.words(*result):
                    click.echo(line)
    except dry_run.Refused as reason:
        return complain(str(reason), WRONG_USE)
    return 0


@desk.command()
@click.option("--conversations", required=True, type=click.IntRange(min=1), help="How many to make.")
@click.option("--random-seed", default=1, show_default=True, help="The same number gives the same store.")
def seed(conversations: int, random_seed: int) -> None:
    """Fill the desk with a large, deterministic set of conversations, for measuring.

    \b
    Example:
      DESK_HOME=/tmp/large checkout-desk seed --conversations 100000
    """
    from checkout_desk import seeding

    app = _ready_app()
    with (
        app.app_context(),
        click.progressbar(length=conversations, label="Conversations", file=sys.stderr) as bar,
    ):
        made = seeding.seed(conversations, random_seed=random_seed, progress=bar.update)
    click.echo(
        f"{made.conversations} conversations with {made.messages} messages from {made.customers} customers."
    )
    if made.sign_in:
        click.echo("Sign in as {} with the password {}".format(*made.sign_in))


@desk.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: check, ok, words.")
def doctor(as_json: bool) -> int:
    """Look at every part and say what to do: settings, files, disk, database, record, counters, mail, queue.

    Exit code 0 when all is well, 1 on a fault, 2 for a setting that cannot be used.

    \b
    Examples:
      checkout-desk doctor
      checkout-desk doctor --json | jq 'select(.ok | not)'
    """
    from checkout_desk import doctor as looking

    app = processes.app()
    findings = [looking.Finding("settings", True, "every setting can be used"), *looking.examine(app)]
    for finding in findings:
        if as_json:
            click.echo(json.dumps({"check": finding.check, "ok": finding.ok, "words": finding.words}))
        else:
            click.echo(f"{'ok   ' if finding.ok else 'FAULT'}  {finding.check + ':':<11} {finding.words}")
    return 0 if all(finding.ok for finding in findings) else 1


@desk.group()
def catalogue() -> None:
    """The products: import and export as CSV."""


@catalogue.command("import")
@click.argument("file", metavar="CSV")
@click.option("--dry-run", is_flag=True, help="Say what would happen, line by line, and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Import the good lines and leave the bad ones out.")
def import_catalogue(file: str, dry_run: bool, skip_bad: bool) -> int:
    """Take products in from a CSV file (- for standard input): new SKUs are added, known ones changed.

    The first line names the columns, in any order; sku and name are needed, a new product needs a price:

    \b
      sku,name,price,currency,stock,weight_grams,aliases,shelf,barcode
      tax_class,family,attributes,active,low_at,restock_on,restock_quantity,alias_languages,
      fragile,hs_code,origin

    Commas, semicolons or tabs, UTF-8 or Windows-1252. Aliases are separated by ; and added to those that are known. An
    empty cell changes nothing. Another number in stock is entered as a count. Bad lines are reported with their number,
    and then nothing is imported unless --skip-bad says so.

    Exit code: 0 when it is imported, 1 when nothing was, 2 for a file that cannot be opened.

    \b
    Examples:
      checkout-desk catalogue import products.csv --dry-run
      checkout-desk catalogue import products.csv --skip-bad
      checkout-desk catalogue export > products.csv
    """
    from checkout_desk.catalogue import commands

    try:
        data = commands.content(file)
    except commands.NoFile as reason:
        return complain(str(reason), WRONG_USE)
    return commands.take(_ready_app(), data, dry_run=dry_run, skip_bad=skip_bad, say=click.echo)


@catalogue.command("export")
def export_catalogue() -> None:
    """Print all products as CSV, with the columns that import takes back unchanged.

    Cells that a spreadsheet would take for a formula begin with an apostrophe; import takes it away again.

    \b
    Example:
      checkout-desk catalogue export > products.csv
    """
    from functools import partial

    from checkout_desk.catalogue import commands

    commands.hand_out(_ready_app(), partial(click.echo, nl=False))


if __name__ == "__main__":
    main()
