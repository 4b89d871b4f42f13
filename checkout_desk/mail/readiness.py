"""What /readyz tells of the mail: whether the workers can be woken, whether mail leaves, whether mailboxes are read.

None of it keeps the desk from answering people, so none is vital; a watcher alarms on the words.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.web.health import add_probe

LATE = timedelta(minutes=5)
"""How long a due mail may wait, or a mailbox stay without contact, before the probe says so."""


def init_app(app: Flask) -> None:
    """Add the probes of the queue, the outbox and the mailboxes."""
    add_probe(app, "queue", _queue)
    add_probe(app, "outbox", _outbox)
    add_probe(app, "mailboxes", _mailboxes)


def _queue() -> str | None:
    # Not the app's connection: that one waits without end for a Valkey that took the connection and says nothing.
    client = Redis.from_url(current_app.config["REDIS_URL"], socket_connect_timeout=1, socket_timeout=1)
    try:
        client.ping()
    except (RedisError, OSError):
        return "silent"
    finally:
        client.close()
    return None


def _outbox() -> str | None:
    due = select(func.min(OutboundMail.due_at)).where(OutboundMail.state.in_(("queued", "sending")))
    oldest = db.session.scalar(due)
    if oldest is None or clock.now() - oldest < LATE:
        return None
    return f"oldest due mail waits for {int((clock.now() - oldest).total_seconds())} s"


def _mailboxes() -> str | None:
    read = select(Mailbox.last_contact_at, Mailbox.created_at).where(Mailbox.enabled, Mailbox.imap_host != "")
    ages = [clock.now() - (contact or created) for contact, created in db.session.execute(read)]
    late = [age for age in ages if age > LATE]
    if not late:
        return None
    return f"{len(late)} of {len(ages)} without contact for {int(max(late).total_seconds())} s"
