"""Waking the workers: jobs carry a name of the job table and ids, nothing else.

The database is the truth and the queue only a doorbell: what a lost wake-up left undone is found by the sweeps of
`schedule`. `later` therefore never fails the request that calls it, and rings only after the commit.

The worker refuses every job whose function, callback or name is not in the table before importing anything
(SECURITY F1, A55): whoever can write to Valkey cannot run code here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import structlog
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from checkout_desk.extensions import db

log = structlog.get_logger(__name__)

JOBS: dict[str, tuple[str, str]] = {
    "take_in": ("in", "checkout_desk.intake.taking_in:take_in"),
    "deliver": ("out", "checkout_desk.mail.delivery:deliver"),
}
"""Job name -> (queue, "module:function"). The function takes integer ids, commits itself and may run twice or late."""

QUEUES = ("out", "in")
RUN = "checkout_desk.queue.run"


def connection() -> Redis:
    """The app's Valkey connection, with short time-outs so that a dead queue never holds a page."""
    found: Redis | None = current_app.extensions.get("desk_redis")
    if found is None:
        found = Redis.from_url(
            current_app.config["REDIS_URL"], socket_connect_timeout=2, socket_timeout=None, health_check_interval=30
        )
        current_app.extensions["desk_redis"] = found
    return found


def later(name: str, *ids: int) -> None:
    """Run job `name` with `ids` in a worker after this transaction commits; forgotten on roll-back."""
    if name not in JOBS:
        raise KeyError(name)
    session = db.session()
    session.info.setdefault("wakes", []).append((name, ids))


def ring(name: str, *ids: int) -> bool:
    """Put the job on its queue now. Returns whether Valkey took it; a refusal is logged, never raised."""
    try:
        Queue(JOBS[name][0], connection=connection(), serializer=JSONSerializer).enqueue(
            RUN, name, *ids, result_ttl=0, failure_ttl=86400, job_timeout=900, ttl=3600
        )
    except (RedisError, OSError) as fault:
        log.warning("queue.silent", job=name, fault=type(fault).__name__)
        return False
    return True


@event.listens_for(Session, "after_commit")
def _ring_after_commit(session: Session) -> None:
    for name, ids in session.info.pop("wakes", ()):
        ring(name, *ids)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("wakes", None)


def job(name: str) -> Callable[..., Any]:
    """The function of a job in the table. Raises KeyError for any other name."""
    module, _, function = JOBS[name][1].partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def run(name: str, *ids: int) -> None:
    """What the worker executes for every job: look the name up, call it with the ids, leave no session behind."""
    if not all(type(value) is int for value in ids):
        raise TypeError("job arguments are ids")
    try:
        job(name)(*ids)
    finally:
        db.session.remove()


class RefusedJob(Exception):
    """A job that is not in the job table was found in the queue. It was not run."""


class DeskWorker(SimpleWorker):
    """RQ worker that runs only the job table. One process, no fork: jobs are short and rows carry their own leases."""

    def perform_job(self, job: Job, queue: Queue) -> bool:  # type: ignore[override]
        if not _allowed(job):
            log.error("queue.refused_job", job=job.id)
            job.delete(remove_from_queue=True)
            return False
        return bool(super().perform_job(job, queue))


def _allowed(job: Job) -> bool:
    if job.func_name != RUN or any(
        (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    ):
        return False
    args = job.args or ()
    return bool(args) and args[0] in JOBS and all(type(value) is int for value in args[1:]) and not job.kwargs
