"""The door for a mail provider's web hook, or a script: one raw mail by a signed POST.

The sender signs with the mailbox's secret: `X-Desk-Timestamp` is Unix time in seconds, `X-Desk-Signature` is `sha256=` and
the hex HMAC-SHA-256 of the timestamp, a full stop and the body. 201 means stored and 200 known already; both are said
after the commit. Everything else may be sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import tempfile
from typing import IO

import structlog
from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.mail.health import note_mail
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.receiving import Receipt, TooLarge, blobs, receive
from checkout_desk.secrets import LostKey, decrypt
from checkout_desk.storage import NoSpace
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

log = structlog.get_logger(__name__)

blueprint = Blueprint("mail_hook", __name__)

TOLERANCE_SECONDS = 300
RETRY_SECONDS = 60
TYPES = ("message/rfc822", "application/octet-stream")
IN_MEMORY = 2**20
"""bytes of an unverified body that are held in memory; the rest waits in a temporary file"""

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class _Refused(Exception):
    """The request is not what it has to be. `why` is recorded and told; it holds nothing that the sender wrote."""

    def __init__(self, status: int, why: str, *, untimely: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.untimely = untimely
        """signed rightly, at a time that is not ours"""


@blueprint.post("/mail/hook/<int:mailbox_id>")
@csrf.exempt
@limiter.limit("30/minute", deduct_when=lambda response: response.status_code in (400, 401, 415))
@requires(PUBLIC)
def take(mailbox_id: int) -> ResponseReturnValue:
    """Store one raw mail. Answers 201 or 200, 400/401/413/415 for a request that will never do, 503 to try again."""
    try:
        return _take(mailbox_id)
    except _Refused as refusal:
        db.session.rollback()
        _record(mailbox_id, refusal)
        return jsonify(error=refusal.why), refusal.status
    except NoSpace:
        return _later("The desk's disk is nearly full.")
    except SQLAlchemyError as fault:
        log.warning("mail_hook.database", fault=type(fault).__name__)
        db.session.rollback()
        return _later("The desk's database cannot be written.")


take.foreign_origin = True  # signed, and not meant for browsers


def _take(mailbox_id: int) -> ResponseReturnValue:
    stamp, signature = _signed_words()
    secret = _secret(mailbox_id)
    blobs().check_space(request.content_length or 0)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        expected = _read(body, stamp, secret)
        if not secret or not hmac.compare_digest(expected, signature):
            raise _Refused(401, "The signature is wrong.")
        if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            raise _Refused(401, "The timestamp is more than five minutes off.", untimely=True)
        body.seek(0)
        data = body.read()
    if not data:
        raise _Refused(400, "The body is empty; it has to be one raw mail.")

    def alongside(receipt: Receipt) -> None:
        if receipt.outcome == "stored":
            note_mail(mailbox_id, clock.now())

    try:
        receipt = receive(
            data,
            door="http",
            mailbox_id=mailbox_id,
            alongside=alongside,
            envelope_from=request.headers.get("X-Desk-Envelope-From"),
            envelope_to=request.headers.get("X-Desk-Envelope-To"),
        )
    except TooLarge:
        raise _too_large() from None
    return jsonify(outcome=receipt.outcome), 201 if receipt.outcome == "stored" else 200


def _signed_words() -> tuple[str, str]:
    """Timestamp and signature, as far as they can be judged before the body is read."""
    if request.mimetype not in TYPES:
        raise _Refused(415, "The content type has to be message/rfc822 or application/octet-stream.")
    stamp = request.headers.get("X-Desk-Timestamp", "")
    match = _SIGNATURE.fullmatch(request.headers.get("X-Desk-Signature", ""))
    if not _TIMESTAMP.fullmatch(stamp) or match is None:
        raise _Refused(400, "X-Desk-Timestamp and X-Desk-Signature have to be there and well formed.")
    if (request.content_length or 0) > current_app.config["DESK_MAX_MAIL"]:
        raise _too_large()
    return stamp, match[1]


def _too_large() -> _Refused:
    return _Refused(413, f"The mail is larger than {current_app.config['DESK_MAX_MAIL']} bytes.")


def _secret(mailbox_id: int) -> bytes:
    """The mailbox's secret, or b'' when there is none: then the body is read and refused all the same."""
    stored = db.session.scalar(select(Mailbox.hook_secret).where(Mailbox.id == mailbox_id, Mailbox.enabled))
    db.session.rollback()
    try:
        return decrypt(stored or "").encode()
    except LostKey:
        log.error("mail_hook.lost_key", mailbox=mailbox_id)
        return b""


def _read(body: IO[bytes], stamp: str, secret: bytes) -> str:
    """Copy the request's body to `body`, never more than DESK_MAX_MAIL, and return the signature that it should have."""
    limit: int = current_app.config["DESK_MAX_MAIL"]
    request.max_content_length = limit  # the general limit of the desk is for people's uploads
    signer = hmac.new(secret, f"{stamp}.".encode(), hashlib.sha256)
    size = 0
    try:
        while chunk := request.stream.read(65536):
            size += len(chunk)
            if size > limit:
                raise _too_large()
            signer.update(chunk)
            body.write(chunk)
    except RequestEntityTooLarge:
        raise _too_large() from None
    except ClientDisconnected:
        raise _Refused(400, "The body ended early.") from None
    except OSError as fault:
        raise NoSpace(fault.strerror or "the body could not be kept") from fault
    return signer.hexdigest()


def _record(mailbox_id: int, refusal: _Refused) -> None:
    """Keep the refusal in the record. A record that cannot be written does not turn a refusal into something else."""
    try:
        begin_write()
        record(
            "mail.hook_refused",
            about=("mailbox", mailbox_id),
            after={"why": refusal.why} | ({"clock": True} if refusal.untimely else {}),
            actor=f"hook:{request.remote_addr}",
        )
        db.session.commit()
    except SQLAlchemyError as fault:
        db.session.rollback()
        log.warning("mail_hook.unrecorded", why=refusal.why, fault=type(fault).__name__)


def _later(why: str) -> ResponseReturnValue:
    return jsonify(error=why), 503, {"Retry-After": str(RETRY_SECONDS)}
