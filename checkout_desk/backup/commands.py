"""`checkout-desk backup`, `restore` and `resume`."""

from __future__ import annotations

from pathlib import Path

import click

from checkout_desk.complaining import complain

TEMPORARY = 75
KEYS = {
    "secret": "signs cookies and customers' links",
    "crypt": "opens stored passwords, provider keys and sealed mails",
}


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def backup(file: Path) -> int:
    """Write a copy of the running desk to FILE: database, mails and files, keys. Everybody works on meanwhile.

    The copy is of one moment: a mail that comes in meanwhile is wholly in it or not at all. With a passphrase in
    DESK_BACKUP_PASSPHRASE the file is sealed (AES-256-GCM); keep the passphrase elsewhere. FILE is never overwritten.

    Exit code: 0 when FILE is complete and on the disk, 1 when there is no FILE, 75 when another backup runs.

    \b
    Examples:
      checkout-desk backup /mnt/backup/desk-monday.backup
      DESK_BACKUP_PASSPHRASE=… checkout-desk backup desk.backup
    """
    from sqlalchemy.exc import DBAPIError

    from checkout_desk.app import create_app
    from checkout_desk.backup import making
    from checkout_desk.backup.container import Refused

    app = create_app()
    try:
        made = making.make(app, file.absolute(), passphrase=app.config["DESK_BACKUP_PASSPHRASE"])
    except Refused as reason:
        return complain(str(reason), 1)
    except making.Busy as reason:
        return complain(str(reason), TEMPORARY)
    except DBAPIError as fault:
        words = str(fault.orig).partition("\n")[0]
        return complain(f"The database does not answer as it should: {words}. Nothing was written.", 1)
    rows = sum(made.counts.values())
    click.echo(
        f"{made.file}: {_size(made.size)}, {len(made.counts)} tables with {rows} rows, {made.blobs} mails and files."
    )
    click.echo("Key material inside:")
    for name in made.keys:
        click.echo(f"  keys/{name}  {KEYS.get(name, 'a key of this desk')}")
    if made.sealed:
        click.echo("The file is sealed with the passphrase; without it nobody opens it, you neither.")
    else:
        click.echo(
            "The file is not sealed: whoever has it can read every mail and every stored password. Guard it."
        )
    click.echo(f"Check it: checkout-desk restore {file} --verify")
    return 0


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Check the backup in every respect, and change nothing.")
@click.option(
    "--force",
    is_flag=True,
    help="Also replace a desk that runs or holds something, or take another desk's backup.",
)
def restore(file: Path, *, verify: bool, force: bool) -> int:
    """Put the desk of a backup in the place that the settings name.

    It is made and checked beside what is there, and takes its place only when it is whole. Then everybody signs in anew,
    mails that were waiting to leave are shown as unknown outcome, and machines' mails are held until
    `checkout-desk resume`: nothing leaves by itself.

    Exit code: 0 when it is restored (or sound, with --verify), 1 when it is not, 75 when another backup runs.

    \b
    Examples:
      checkout-desk restore desk.backup --verify
      DESK_HOME=/srv/desk checkout-desk restore desk.backup
    """
    from checkout_desk.backup import restoring
    from checkout_desk.backup.container import Refused
    from checkout_desk.backup.making import Busy

    try:
        if verify:
            return _say_verified(file, restoring.verify(file.absolute()))
        done = restoring.restore(file.absolute(), force=force)
    except Refused as reason:
        return complain(str(reason), 1)
    except Busy as reason:
        return complain(str(reason), TEMPORARY)
    for words in done.found.faults:
        click.echo(f"FAULT  {words}", err=True)
    s = done.settled
    click.echo(
        f"Restored as of {done.found.about['made_at'][:19]} UTC, with {done.found.blobs} mails and files."
    )
    click.echo(
        f"{s.sessions} sign-ins were ended, {s.doubtful} unfinished mails are shown as unknown outcome, "
        f"{s.revoked} links revoked since then stay revoked."
    )
    click.echo("Machines' mails are held: look at Errors first, then run: checkout-desk resume")
    return 0


def _say_verified(file: Path, found: object) -> int:
    from checkout_desk.backup.restoring import Verified

    assert isinstance(found, Verified)
    for words in found.faults:
        click.echo(f"FAULT  {words}")
    if found.faults:
        return 1
    rows = sum(found.about["counts"].values())
    click.echo(
        f"{file} is whole: made {found.about['made_at'][:19]} UTC, {rows} rows, {found.blobs} mails and files. The record, "
        "the stock, the payments and the counters are what their rows say."
    )
    click.echo(f"Key material inside: {', '.join(found.keys)}")
    return 0


@click.command()
def resume() -> int:
    """Let machines' mails (acknowledgements, reminders) leave again after a restore held them."""
    from checkout_desk.app import create_app
    from checkout_desk.backup import afterwards
    from checkout_desk.events.recording import acting_as
    from checkout_desk.extensions import begin_write, db

    app = create_app()
    with app.app_context(), acting_as("command", "resume"):
        begin_write()
        held = afterwards.resume()
        db.session.commit()
    click.echo("Machines' mails leave again." if held else "Nothing was held.")
    return 0


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size // 1024 + 1} KB"


ALL = (backup, restore, resume)
