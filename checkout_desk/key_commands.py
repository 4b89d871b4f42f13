"""`checkout-desk keys`: the keys that sign and encrypt, their rotation, and what to do when one is known to somebody else."""

from __future__ import annotations

import click


@click.group()
def keys() -> None:
    """The keys that sign links and encrypt stored secrets."""


@keys.command("list")
def list_keys() -> None:
    """Every key by its id, never the key itself.

    \b
    Example:
      checkout-desk keys list
    """
    from checkout_desk import keys as keyring
    from checkout_desk.app import create_app

    for name, key, does in keyring.known(create_app()):
        click.echo(f"{name:<8}{key}  {does}")


@keys.command()
def rotate() -> int:
    """Put a new key before the old ones, while the desk runs. Links, sessions and stored secrets go on working.

    A worker then encrypts anew what is stored. Exit code 1 where the keys stand in the environment.

    \b
    Example:
      checkout-desk keys rotate
    """
    from checkout_desk import keys as keyring
    from checkout_desk.app import create_app

    app = create_app()
    with app.app_context():
        try:
            made = keyring.rotate(app)
        except keyring.Refused as reason:
            click.echo(f"checkout-desk: {reason}", err=True)
            return 1
    for name, key in made:
        click.echo(f"{name:<8}{key}  new; older ones still count")
    click.echo("A worker encrypts anew what is stored; `checkout-desk keys reseal` does it now.")
    return 0


@keys.command()
def reseal() -> int:
    """Encrypt with the newest key whatever an older one holds, now. Exit code 1 where something cannot be read.

    \b
    Example:
      checkout-desk keys reseal
    """
    from checkout_desk import keys as keyring
    from checkout_desk.app import create_app

    with create_app().app_context():
        done = keyring.reseal()
    click.echo(f"{done.rows} secrets and {done.blobs} mails encrypted anew.")
    if done.lost:
        click.echo(
            f"{done.lost} secrets cannot be read with any key; type them anew on their pages.", err=True
        )
    return 1 if done.lost else 0


@keys.command()
@click.confirmation_option(prompt="Everybody is signed out and every customer's link ends. Go on?")
def compromised() -> int:
    """A key is known to somebody else: new keys, no old ones; every session and every customer's link ends.

    Answers to mails that were sent before find their conversation by their headers from then on. Change the passwords of
    mailboxes and the keys of providers too: whoever had the key may have read them.

    \b
    Example:
      checkout-desk keys compromised
    """
    from checkout_desk import keys as keyring
    from checkout_desk.app import create_app

    app = create_app()
    with app.app_context():
        try:
            done, sessions, links = keyring.compromised(app)
        except keyring.Refused as reason:
            click.echo(f"checkout-desk: {reason}", err=True)
            return 1
    click.echo(
        f"{sessions} sessions and {links} links ended; {done.rows} secrets and {done.blobs} mails encrypted anew."
    )
    if done.lost:
        click.echo(
            f"{done.lost} secrets cannot be read with any key; the old keys were kept for them.", err=True
        )
    return 1 if done.lost else 0
