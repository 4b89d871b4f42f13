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
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from checkout_desk.extensions import db

log = structlog.get_logger(__name__)

JOBS: dict[str, tuple[str, str]] = {
    "take_in": ("in", "checkout_desk.intake.taking_in:take_in"),
    "deliver": ("out", "checkout_desk.mail.delivery:deliver"),
    "send_refund": ("out", "checkout_desk.payments.refunding_job:send"),
    "understand_event": ("in", "checkout_desk.payments.understanding:understand"),
    "understand_carrier_event": ("in", "checkout_desk.shipping.hearing:understand"),
    "take_in_statement": ("in", "checkout_desk.payments.importing:carry_on"),
    "hand_over_manifest": ("in", "checkout_desk.shipping.leaving_day:carry_on"),
    "take_in_numbers": ("in", "checkout_desk.shipping.number_importing:carry_on"),
    "reseal": ("in", "checkout_desk.keys:reseal"),
    "check_chain": ("in", "checkout_desk.records.chain_checks:run"),
    "erase": ("in", "checkout_desk.records.erasing:carry_on"),
    "retry_incident": ("in", "checkout_desk.incidents.retrying:carry_on"),
    "export_person": ("in", "checkout_desk.records.person_export:make"),
}
"""Job name -> (queue, "module:function"). The function takes integer ids, commits itself and may run twice or late."""

QUEUES = ("out", "in")
RUN = "checkout_desk.queue.run"


def connection() -> Redis:
    """The app's Valkey connection, with short time-outs so that a dead queue never holds a page."""
    found: Redis | None = current_app.extensions.get("desk_redis")
    if found is None:
        found = Redis.from_url(
            current_app.config["REDIS_URL"],
            socket_connect_timeout=2,
            socket_timeout=2,
            health_check_interval=30,
        )
        current_app.extensions["desk_redis"] = found
    return found


def _queue(name: str) -> Queue:
    """The queue of that name, made once: each asks Valkey for its version."""
    known: dict[str, Queue] = current_app.extensions.setdefault("desk_queues", {})
    if name not in known:
        known[name] = Queue(name, connection=connection(), serializer=JSONSerializer)
    return known[name]


def _put(name: str, *ids: int) -> None:
    with connection().pipeline() as at_once:  # a person waits for the bell: one way there and back
        _queue(JOBS[name][0]).enqueue(
            RUN, name, *ids, result_ttl=0, failure_ttl=86400, job_timeout=900, ttl=3600, pipeline=at_once
        )
        at_once.execute()


def later(name: str, *ids: int) -> None:
    """Run job `name` with `ids` in a worker after this transaction commits; forgotten on roll-back."""
    if name not in JOBS:
        raise KeyError(name)
    session = db.session()
    session.info.setdefault("wakes", []).append((name, ids))


def ring(name: str, *ids: int) -> bool:
    """Put the job on its queue now. Returns whether Valkey took it; a refusal is logged, never raised."""
    try:
        _put(name, *ids)
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


class DeskJob(Job):
    """A job as the worker sees it: callbacks and webhooks named in Valkey are dropped, only `run` can be its function.

    RQ imports callbacks by name also from its clean-up of abandoned jobs, so refusing them before a job runs is not
    enough: they must not survive the load.
    """

    carried_names = False
    """whether the stored job named callbacks or webhooks, which none of ours does"""

    def restore(self, raw_data: Any) -> None:
        """Load from Valkey, without what could make the worker import or call something."""
        super().restore(raw_data)
        names = (self._success_callback_name, self._failure_callback_name, self._stopped_callback_name)
        self.carried_names = any(names) or bool(self.webhooks)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []

    @property
    def func(self) -> Callable[..., Any]:
        """`run` for an allowed job. Raises RefusedJob for any other, before anything is imported."""
        if not self.allowed():
            raise RefusedJob(self.id)
        return run

    def allowed(self) -> bool:
        """Whether this is a job of the table with ids as arguments and nothing else."""
        try:
            if self.carried_names or self.func_name != RUN or self.instance is not None or self.kwargs:
                return False
            name, *ids = self.args
        except (DeserializationError, TypeError, ValueError):
            return False
        return isinstance(name, str) and name in JOBS and all(type(value) is int for value in ids)


class DeskWorker(SimpleWorker):
    """RQ worker that runs only the job table. One process, no fork: jobs are short and rows carry their own leases."""

    job_class = DeskJob
    max_connection_wait_time = 5.0  # seconds; RQ's own 60 would leave a returned Valkey unheard for too long

    @property
    def asked_to_stop(self) -> bool:
        """Whether `work` returned because of SIGTERM or SIGINT, and not because something went wrong."""
        return bool(self._stop_requested) or self._shutdown_requested_date is not None

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job, or throw it out of the queue when the table does not hold it."""
        if isinstance(job, DeskJob) and job.allowed():
            super().execute_job(job, queue)
            return
        log.error("queue.refused_job", job=job.id)
        job.delete(remove_from_queue=True)


def worker() -> DeskWorker:
    """A worker on all queues of the current app, which hears of a dead predecessor within a minute.

    Whatever a job needs is imported before the first one comes.
    """
    for name in JOBS:
        job(name)
    return DeskWorker(
        QUEUES,
        connection=connection(),
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=15,
        log_job_description=False,
    )
