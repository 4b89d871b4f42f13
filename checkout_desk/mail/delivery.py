"""The job `deliver`: claim one mail, hand it over, record what happened.

The claim is one conditional UPDATE with a lease. Before DATA the lease is checked and made longer in a commit of its
own, so a worker that lost it starts nothing, and whoever finds the lease ended later knows whether the mail may have
left (SECURITY, matrix row "mail out").
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import SQLAlchemyError

from checkout_desk import clock, faults
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import lanes, sandbox
from checkout_desk.mail.connections import connections
from checkout_desk.mail.lanes import wait_for_lanes
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.mail.outbox import blocked
from checkout_desk.mail.outcomes import commit_outcome, settle
from checkout_desk.mail.receiving import blobs
from checkout_desk.mail.results import Refused, Result, Unknown
from checkout_desk.mail.smtp import Account, StoredMessage
from checkout_desk.secrets import LostKey, decrypt

__all__ = ["deliver", "wait_for_lanes"]

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
DATA_LEASE = timedelta(seconds=900)
"""longer than smtp.BODY_SECONDS and smtp.DOT_SECONDS together"""
PATIENCE = 10.0
"""seconds that the worker itself waits before it leaves a slow server to the lane"""
RECORD_PAUSES = (1.0, 5.0, 20.0)
"""the database may be away for a moment just when the server said 250"""


class LostClaim(Exception):
    """The lease ended before DATA: somebody else has this mail now, nothing was sent by us."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One claimed mail with all that is needed to hand it over without the database."""

    outbound_id: int
    mailbox_id: int
    claim: str
    message: StoredMessage
    account: Account | None
    fault: str = ""
    """why it cannot be tried at all"""


def deliver(outbound_id: int) -> None:
    """Deliver one mail if it is due, free and first in its thread; otherwise do nothing.

    Returns when the outcome is recorded, or after PATIENCE seconds while a lane of this process goes on with it.
    """
    db.session.rollback()
    mailbox_id = db.session.scalar(select(OutboundMail.mailbox_id).where(_claimable(outbound_id)))
    db.session.rollback()
    if mailbox_id is None or not lanes.enter(mailbox_id):
        return
    try:
        errand = _claim(outbound_id)
    except BaseException:
        lanes.leave(mailbox_id)
        raise
    if errand is None:
        lanes.leave(mailbox_id)
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    future = lanes.run(mailbox_id, partial(_carry, app, errand))
    if wait({future}, PATIENCE).done:
        future.result()


def _claimable(outbound_id: int) -> ColumnElement[bool]:
    return and_(
        OutboundMail.id == outbound_id,
        OutboundMail.state == "queued",
        OutboundMail.due_at <= clock.now(),
        ~blocked(),
    )


def _claim(outbound_id: int) -> Errand | None:
    """Take the mail, or None when somebody was faster. Committed before anything is said to any server."""
    token = secrets.token_hex(16)
    faults.fault("deliver.before_claim")
    begin_write()
    taken = db.session.execute(
        update(OutboundMail)
        .where(_claimable(outbound_id))
        .values(
            state="sending",
            claim=token,
            claimed_until=clock.now() + LEASE,
            data_started_at=None,
            attempts=OutboundMail.attempts + 1,
        )
        .returning(OutboundMail.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if taken is None:
        db.session.rollback()
        return None
    db.session.commit()
    faults.fault("deliver.after_claim")
    row = db.session.get_one(OutboundMail, outbound_id, populate_existing=True)
    mailbox = db.session.get_one(Mailbox, row.mailbox_id)
    fault, data, account = "", b"", None
    try:
        data = blobs().get(row.sha256)
        account = account_of(mailbox)
    except FileNotFoundError:
        fault = "The stored bytes of this mail are missing, so nothing was sent."
    except LostKey:
        fault = "The mailbox's SMTP password cannot be read with the present keys. Enter it again."
    message = StoredMessage(data, sender=row.envelope_from, recipients=row.recipients)
    errand = Errand(outbound_id, mailbox.id, token, message, account, fault)
    db.session.rollback()
    return errand


def account_of(mailbox: Mailbox) -> Account | None:
    """Where and as whom `mailbox` sends, None where it has no server. Raises LostKey."""
    if not mailbox.smtp_host:
        return None
    return Account(
        host=mailbox.smtp_host,
        port=mailbox.smtp_port,
        tls=mailbox.smtp_tls,
        username=mailbox.smtp_user,
        password=decrypt(mailbox.smtp_secret),
        ca_file=mailbox.smtp_ca_file,
        ehlo_name=_own_name(mailbox.address),
        plain_allowed=current_app.config["DESK_SANDBOX"],
        private_allowed=current_app.config["DESK_PRIVATE_MAIL_HOSTS"],
    )


def _own_name(address: str) -> str:
    """The name said in EHLO: the desk's own if it has one in the DNS, else the mail domain."""
    host = urlsplit(current_app.config["DESK_URL"]).hostname or ""
    return (
        host
        if host.isascii() and "." in host and not host.replace(".", "").isdigit()
        else address.rpartition("@")[2]
    )


def _carry(app: Flask, errand: Errand) -> None:
    """What a lane does: hand the mail over and record the outcome, in a session of its own."""
    with app.app_context(), acting_as("desk", "deliver"):
        began = time.monotonic()
        try:
            result = _hand_over(errand)
        except LostClaim:
            log.warning("mail.claim_lost", outbound=errand.outbound_id)
            return
        faults.fault("deliver.before_commit")
        _record(errand, result, time.monotonic() - began)
        faults.fault("deliver.after_commit")


def _hand_over(errand: Errand) -> Result:
    before_data = partial(_start_data, errand)
    if errand.fault:
        return _impossible(errand, errand.fault)
    if errand.account is None:
        if not current_app.config["DESK_SANDBOX"]:
            return _impossible(errand, "This mailbox has no SMTP server. Enter one and try again.")
        folder: Path = current_app.config["DESK_HOME"] / "sent"
        name = f"{errand.outbound_id:08d}"
        return sandbox.keep(errand.message, folder=folder, name=name, before_data=before_data)
    with connections.lend(errand.account) as backend:
        return backend.deliver(errand.message, before_data=before_data)


def _impossible(errand: Errand, words: str) -> Refused:
    return Refused(True, 0, words, {})


def _start_data(errand: Errand) -> None:
    """Commit that DATA begins now, with a lease that outlives it. Raises LostClaim when the mail is no longer ours."""
    faults.fault("deliver.before_data")
    now = clock.now()
    begin_write()
    ours = db.session.execute(
        update(OutboundMail)
        .where(
            OutboundMail.id == errand.outbound_id,
            OutboundMail.claim == errand.claim,
            OutboundMail.state == "sending",
            OutboundMail.claimed_until > now,
        )
        .values(data_started_at=now, claimed_until=now + DATA_LEASE)
        .returning(OutboundMail.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if ours is None:
        db.session.rollback()
        raise LostClaim
    db.session.commit()


def _record(errand: Errand, result: Result, seconds: float) -> None:
    """Commit the outcome, with patience: what is lost here becomes an unknown outcome."""
    apply = partial(_apply, errand, result, seconds)
    for pause in RECORD_PAUSES:
        try:
            commit_outcome(errand.outbound_id, apply)
            return
        except SQLAlchemyError as fault:
            log.error("mail.outcome_waits", outbound=errand.outbound_id, fault=type(fault).__name__)
            _rest(pause)
    commit_outcome(errand.outbound_id, apply)


_rest: Callable[[float], object] = threading.Event().wait


def _apply(errand: Errand, result: Result, seconds: float, loud: bool) -> None:
    """Settle the row if its last claim is ours, even when the lease ended meanwhile: late knowledge beats doubt."""
    begin_write()
    row = db.session.scalar(
        select(OutboundMail)
        .where(OutboundMail.id == errand.outbound_id, OutboundMail.claim == errand.claim)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.state not in ("sending", "queued", "unknown"):
        return
    if isinstance(result, Unknown) and row.state != "sending":
        return  # the sweep has said so already
    settle(row, result, seconds=seconds, loud=loud)
