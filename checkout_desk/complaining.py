"""How a command says that it could not do what it was asked for."""

from __future__ import annotations

import click


def complain(words: str, code: int) -> int:
    """Write one line to standard error and return `code`, with which the process shall end."""
    click.echo(f"checkout-desk: {words}", err=True)
    return code
