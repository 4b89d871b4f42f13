"""/metrics for Prometheus: the figures of the whole desk, read from the database when they are asked for.

Any number of web processes on any number of machines give the same answer, for none of them counts anything by itself. How
long requests take is therefore not here: the proxy in front knows it, of all processes. No label holds a customer's data.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import case, func, select

from checkout_desk import clock
from checkout_desk.conversations.models import ConversationCount, Promise
from checkout_desk.extensions import db
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail, RawMail
from checkout_desk.payments.models import ProviderEvent, Refund
from checkout_desk.queue import QUEUES
from checkout_desk.web.access import PUBLIC, requires

blueprint = Blueprint("metrics", __name__)

OUTBOX = ("queued", "sending", "sent", "failed", "unknown", "cancelled")


@blueprint.get("/metrics")
@requires(PUBLIC)
def metrics() -> Response:
    """All figures in Prometheus' text form, for whoever has the token, or this machine where none is set."""
    _check_caller()
    from prometheus_client import CollectorRegistry, generate_latest  # only this page needs it

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _check_caller() -> None:
    token: str = current_app.config["DESK_METRICS_TOKEN"] or ""
    if token:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
            abort(401)
        return
    # Behind a proxy everybody seems to come from this machine: then only the token counts.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    if forwarded or current_app.config["DESK_PROXIES"] or not _is_here(request.remote_addr or ""):
        abort(404)


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class _Figures:
    """What is asked of the database and of Valkey, always the same few questions."""

    def collect(self) -> Iterable[Any]:
        """The families, one after the other. A part that does not answer is told as such, not left out silently."""
        now = clock.now()
        yield from _incoming(now)
        yield from _outgoing(now)
        yield from _mailboxes(now)
        yield from _promises(now)
        yield from _troubles()
        yield from _backup(now)
        yield from _queue()


def _gauge(name: str, words: str, value: float) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"desk_{name}", words, value=value)


def _gauges(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"desk_{name}", words, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


def _incoming(now: datetime) -> Iterable[Any]:
    waiting = select(func.count(), func.min(RawMail.received_at)).where(RawMail.state == "received")
    number, oldest = db.session.execute(waiting).one()
    yield _gauge("mail_in_waiting", "Mails that came in and are not understood yet.", number)
    yield _gauge("mail_in_oldest_seconds", "Age of the oldest of them.", _age(oldest, now))


def _outgoing(now: datetime) -> Iterable[Any]:
    found = dict(
        db.session.execute(select(OutboundMail.state, func.count()).group_by(OutboundMail.state)).all()
    )
    yield _gauges("outbox", "Mails of the outbox by state.", "state", [(s, found.get(s, 0)) for s in OUTBOX])
    due = select(func.min(OutboundMail.due_at)).where(OutboundMail.state.in_(("queued", "sending")))
    yield _gauge(
        "mail_out_oldest_seconds", "How long the oldest mail is due.", _age(db.session.scalar(due), now)
    )
    held = db.session.scalar(select(func.count()).select_from(MailHold)) or 0
    yield _gauge("mail_held", "1 while machines' mails are held after a restore.", held)


def _mailboxes(now: datetime) -> Iterable[Any]:
    m = Mailbox
    columns = (m.address, m.created_at, m.last_contact_at, m.last_mail_at, m.last_fault)
    rows = db.session.execute(select(*columns).where(m.enabled).order_by(m.id)).all()
    contact = [(row.address, _age(row.last_contact_at or row.created_at, now)) for row in rows]
    silence = [(row.address, _age(row.last_mail_at or row.created_at, now)) for row in rows]
    yield _gauges("mailbox_contact_seconds", "Time since the mail server was reached.", "mailbox", contact)
    yield _gauges("mailbox_silence_seconds", "Time since a mail came.", "mailbox", silence)
    wrong = [(row.address, float(bool(row.last_fault))) for row in rows]
    yield _gauges("mailbox_fault", "1 while the last contact failed.", "mailbox", wrong)


def _promises(now: datetime) -> Iterable[Any]:
    late = func.sum(case((Promise.due_at < now, 1), else_=0))
    due, overdue = db.session.execute(select(func.count(), late).where(Promise.closed_at.is_(None))).one()
    yield _gauge("promises_open", "Answers that are owed.", due)
    yield _gauge("promises_overdue", "Answers that are owed and late.", overdue or 0)
    c = ConversationCount
    views = db.session.execute(select(c.view, c.n).where(~c.view.startswith("mine:")).order_by(c.view)).all()
    yield _gauges(
        "conversations", "Conversations by view of the queue.", "view", [(row.view, row.n) for row in views]
    )


def _troubles() -> Iterable[Any]:
    kinds = {
        "mail could not be read": select(func.count()).where(RawMail.state == "unreadable"),
        "mail not delivered": select(func.count()).where(OutboundMail.state == "failed"),
        "mail outcome unknown": select(func.count()).where(OutboundMail.state == "unknown"),
        "payment event not understood": select(func.count()).where(ProviderEvent.fault.is_not(None)),
        "refund not paid": select(func.count()).where(Refund.state == "failed"),
    }
    asked = select(*(query.scalar_subquery() for query in kinds.values()))
    found = db.session.execute(asked).one()
    yield _gauges("errors", "What stands as an error, by kind.", "kind", zip(kinds, found, strict=True))


def _backup(now: datetime) -> Iterable[Any]:
    folder = current_app.config["DESK_BACKUP_FOLDER"]
    if not folder:
        return
    # By the names alone: the package that makes them stands above this one.
    stamps = [path.name[5:21] for path in Path(folder).expanduser().glob("desk-????????T??????Z.backup")]
    newest = max(stamps, default="")
    at = datetime.strptime(newest, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if newest else None
    age = _age(at, now) if at else float("inf")
    yield _gauge("backup_age_seconds", "Age of the newest verified backup, +Inf when there is none.", age)


def _queue() -> Iterable[Any]:
    client = Redis.from_url(current_app.config["REDIS_URL"], socket_connect_timeout=1, socket_timeout=1)
    try:
        depths = [(name, float(client.llen(f"rq:queue:{name}"))) for name in QUEUES]
    except (RedisError, OSError):
        yield _gauge("queue_up", "1 while Valkey answers.", 0)
        return
    finally:
        client.close()
    yield _gauge("queue_up", "1 while Valkey answers.", 1)
    yield _gauges("queue_depth", "Jobs that wait in Valkey.", "queue", depths)
