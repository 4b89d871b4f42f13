"""The door for what carriers tell: POST /hooks/carriers/ID.

As with payments, the raw bytes are verified before anything in them is believed, and kept (blob synced, row committed)
before 200 is answered; what they mean is found out later (`hearing`). Told twice is kept once.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from checkout_desk import clock
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.mail.receiving import blobs
from checkout_desk.queue import later
from checkout_desk.secrets import LostKey
from checkout_desk.shipping import adapters
from checkout_desk.shipping.models import Carrier, CarrierEvent
from checkout_desk.storage import NoSpace
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

log = structlog.get_logger(__name__)

blueprint = Blueprint("carrier_hook", __name__)

LARGEST = 256 * 1024
"""bytes of an event: trackers list every scan"""
RETRY_SECONDS = 60


class _Refused(Exception):
    """The request is not what it has to be. `why` holds nothing that the sender wrote."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@blueprint.post("/hooks/carriers/<int:carrier_id>")
@csrf.exempt
@limiter.limit("60/minute", deduct_when=lambda response: response.status_code in (400, 404, 413))
@requires(PUBLIC)
def take(carrier_id: int) -> ResponseReturnValue:
    """Keep one event. Answers 200 once it is kept, 400/404/413 for what will never do, 503 to be told again."""
    try:
        body = _body()
        event_id = _verified(carrier_id, body)
        return _keep(carrier_id, event_id, body)
    except _Refused as refusal:
        db.session.rollback()
        _record(carrier_id, refusal.why)
        return jsonify(error=refusal.why), refusal.status
    except (NoSpace, LostKey) as fault:
        log.error("carrier_hook.cannot", fault=type(fault).__name__)
        db.session.rollback()
        return _later("The desk cannot keep this now.")
    except SQLAlchemyError as fault:
        log.warning("carrier_hook.database", fault=type(fault).__name__)
        db.session.rollback()
        return _later("The desk's database cannot be written.")


take.foreign_origin = True  # signed, and not meant for browsers


def _body() -> bytes:
    request.max_content_length = LARGEST
    too_large = f"The event is larger than {LARGEST} bytes."
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _Refused(413, too_large) from None
    except ClientDisconnected:
        raise _Refused(400, "The body ended early.") from None
    if len(body) > LARGEST:
        raise _Refused(413, too_large)
    return body


def _verified(carrier_id: int, body: bytes) -> str:
    """The id of the event, signed for this carrier. Raises _Refused."""
    carrier = db.session.get(Carrier, carrier_id)
    if carrier is None:
        raise _Refused(404, "There is no such carrier.")
    reached = adapters.access(carrier)
    db.session.rollback()
    try:
        event_id = adapters.of(reached.adapter).news(reached, body, dict(request.headers)).event_id
    except adapters.Forged:
        raise _Refused(400, "The signature is wrong.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _Refused(400, "The event cannot be read.") from None
    return event_id[:120]


def _keep(carrier_id: int, event_id: str, body: bytes) -> ResponseReturnValue:
    store = blobs()
    store.check_space(len(body))
    digest = store.put(body)
    begin_write()
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(CarrierEvent)
    made = db.session.scalar(
        insert.values(
            carrier_id=carrier_id, event_id=event_id, raw_sha256=digest, received_at=clock.now(), attempts=0
        )
        .on_conflict_do_nothing(index_elements=["carrier_id", "event_id"])
        .returning(CarrierEvent.id)
    )
    if made is not None:
        later("understand_carrier_event", made)
    db.session.commit()
    return jsonify(outcome="stored" if made is not None else "known"), 200


def _record(carrier_id: int, why: str) -> None:
    """Keep the refusal in the record. A record that cannot be written does not turn a refusal into something else."""
    try:
        begin_write()
        record(
            "carrier.hook_refused",
            about=("carrier", carrier_id),
            after={"why": why},
            actor=f"hook:{request.remote_addr}",
        )
        db.session.commit()
    except SQLAlchemyError as fault:
        db.session.rollback()
        log.warning("carrier_hook.unrecorded", why=why, fault=type(fault).__name__)


def _later(why: str) -> ResponseReturnValue:
    return jsonify(error=why), 503, {"Retry-After": str(RETRY_SECONDS)}
