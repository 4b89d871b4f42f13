"""The four processes of the desk as commands: what the Procfile names and `up` starts."""

from __future__ import annotations

import gc
import signal
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask


def app() -> Flask:
    """The application, imported only by those who need it: `--help` loads nothing heavy."""
    from checkout_desk.serving import keep_little_memory

    keep_little_memory()
    gc.disable()  # it would look through modules again and again and find nothing
    from checkout_desk.app import create_app

    made = create_app()
    gc.freeze()
    gc.enable()
    return made


def _stop_on_signals(stop: threading.Event | None = None) -> threading.Event:
    stop = stop or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@click.command()
def web() -> None:
    """Serve the pages. `up` runs this for you.

    \b
    Example (behind a reverse proxy, one service a process):
      DESK_PROXIES=1 DESK_LISTEN=127.0.0.1:8000 checkout-desk web
    """
    from checkout_desk import serving

    serving.serve(app())


@click.command()
def worker() -> None:
    """Understand incoming mail and send outgoing mail. `up` runs this for you; run as many as you like.

    SIGTERM lets the job at hand finish.
    """
    from redis.exceptions import RedisError

    from checkout_desk import queue
    from checkout_desk.events.recording import acting_as

    here = app()
    stop = threading.Event()
    with here.app_context(), acting_as("desk", "worker"):
        while not stop.is_set():
            _stop_on_signals(stop)  # RQ puts its own handlers in their place while it works
            try:
                at_work = queue.worker()
                at_work.work(logging_level="WARNING")
                if at_work.asked_to_stop:
                    break
            except (RedisError, OSError) as fault:
                click.echo(f"Valkey does not answer ({type(fault).__name__}); trying again", err=True)
            stop.wait(0.5)


@click.command()
def clock() -> None:
    """Do the periodic work: what is due leaves, what lost its wake-up is found. `up` runs this for you.

    A second clock does no harm: it waits until the first one is gone.
    """
    from checkout_desk import schedule

    schedule.run(app(), _stop_on_signals())


@click.command()
def mailbox() -> None:
    """Read the mailboxes by IMAP, and listen for LMTP/SMTP where DESK_LMTP_LISTEN is set. `up` runs this for you.

    \b
    Example:
      DESK_LMTP_LISTEN=127.0.0.1:2424 checkout-desk mailbox
    """
    from checkout_desk.mail.reader import run_readers

    run_readers(app(), _stop_on_signals())


@click.group()
def reports() -> None:
    """The numbers of each day that reports keep ready."""


@reports.command()
def rebuild() -> None:
    """Count every day of the reports anew, while the desk runs.

    Nobody needs it in daily life: the clock counts anew what has changed. Meanwhile reports are right, only slower.

    \b
    Example:
      checkout-desk reports rebuild
    """
    from checkout_desk import migrating
    from checkout_desk.reports import rollups

    here = app()
    migrating.upgrade(here)
    with here.app_context():
        days = rollups.rebuild()
    click.echo(f"{days} {'day was' if days == 1 else 'days were'} counted anew.")


ALL = (web, worker, clock, mailbox, reports)
