"""The doors for what payment providers tell: POST /hooks/stripe and /hooks/paypal.

The raw bytes are verified before anything in them is believed, and kept (blob synced, row committed) before 200 is
answered; what they mean is found out later. What is not signed for one of the store's own methods is refused with 400,
and nothing of it is kept but an event of the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import structlog
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from checkout_desk import clock, faults
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, csrf, db
from checkout_desk.mail.receiving import blobs
from checkout_desk.payments.models import ProviderEvent
from checkout_desk.payments.providers import keeping
from checkout_desk.payments.providers.model import (
    Access,
    Foreign,
    Forged,
    Provider,
    ProviderFault,
    Told,
    Unreachable,
    Untimely,
    access,
)
from checkout_desk.queue import later
from checkout_desk.secrets import LostKey
from checkout_desk.storage import NoSpace
from checkout_desk.web.access import PUBLIC, requires
from checkout_desk.web.limits import limiter

log = structlog.get_logger(__name__)

blueprint = Blueprint("payment_hook", __name__)

LARGEST = 64 * 1024
"""bytes of an event"""
RETRY_SECONDS = 60


class _Providers(Mapping[str, Provider]):
    """Each is loaded when it is spoken to first: most stores have none, and Stripe's SDK is 5 MB of a process."""

    _KINDS = ("stripe", "paypal")

    def __getitem__(self, kind: str) -> Provider:
        if kind == "stripe":
            from checkout_desk.payments.providers import stripe

            return stripe
        if kind == "paypal":
            from checkout_desk.payments.providers import paypal

            return paypal
        raise KeyError(kind)

    def __contains__(self, kind: object) -> bool:
        return kind in self._KINDS

    def __iter__(self) -> Iterator[str]:
        return iter(self._KINDS)

    def __len__(self) -> int:
        return len(self._KINDS)


PROVIDERS: Mapping[str, Provider] = _Providers()


class _Refused(Exception):
    """The request is not what it has to be. `why` holds nothing that the sender wrote."""

    def __init__(self, status: int, why: str, *, untimely: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.untimely = untimely
        """signed rightly, at a time that is not ours"""


@blueprint.post("/hooks/<any(stripe, paypal):provider>")
@csrf.exempt
@limiter.limit("60/minute", deduct_when=lambda response: response.status_code in (400, 413))
@requires(PUBLIC)
def take(provider: str) -> ResponseReturnValue:
    """Keep one event. Answers 200 once it is kept, 400/413 for what will never do, 503 to be told again."""
    try:
        body = _body()
        method_id, told = _verified(provider, body)
        new = keep(provider, method_id, told, body)
        return jsonify(outcome="stored" if new else "known"), 200
    except _Refused as refusal:
        db.session.rollback()
        _record(provider, refusal)
        return jsonify(error=refusal.why), refusal.status
    except (NoSpace, LostKey) as fault:
        log.error("payment_hook.cannot", fault=type(fault).__name__)
        db.session.rollback()
        return _later("The desk cannot keep this now.")
    except Unreachable as fault:
        log.warning("payment_hook.unverified", fault=str(fault))
        return _later("The signature cannot be verified now.")
    except SQLAlchemyError as fault:
        log.warning("payment_hook.database", fault=type(fault).__name__)
        db.session.rollback()
        return _later("The desk's database cannot be written.")


take.foreign_origin = True  # signed, and not meant for browsers


def _body() -> bytes:
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _Refused(413, f"The event is larger than {LARGEST} bytes.") from None
    except ClientDisconnected:
        raise _Refused(400, "The body ended early.") from None
    if len(body) > LARGEST:
        raise _Refused(413, f"The event is larger than {LARGEST} bytes.")
    return body


def _verified(provider: str, body: bytes) -> tuple[int, Told]:
    """Whose method the event is signed for. Raises _Refused with 400 where it is none of ours."""
    reached: list[Access] = []
    for method in keeping.candidates(provider):
        try:
            reached.append(access(method))
        except ProviderFault:
            continue
    db.session.rollback()  # nothing is held while PayPal is asked
    why, untimely = "The signature is wrong.", False
    for one in reached:
        try:
            return one.method_id, PROVIDERS[provider].check(one, dict(request.headers), body)
        except (Forged, Foreign) as fault:
            why, untimely = str(fault), isinstance(fault, Untimely)
            if untimely or isinstance(fault, Foreign):
                break
        except Unreachable:
            raise
        except ProviderFault as fault:
            raise Unreachable(str(fault), asked=True) from fault
    raise _Refused(400, why, untimely=untimely)


def keep(provider: str, method_id: int, told: Told, body: bytes) -> bool:
    """Keep a verified event raw and ring for its understanding. Commits. Returns whether it was new. Raises NoSpace."""
    store = blobs()
    store.check_space(len(body))
    digest = store.put(body)
    faults.fault("provider_event.after_blob")
    begin_write()
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(ProviderEvent)
    made = db.session.scalar(
        insert.values(
            provider=provider,
            event_id=told.event_id,
            kind=told.kind,
            method_id=method_id,
            raw_sha256=digest,
            received_at=clock.now(),
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=["provider", "event_id"])
        .returning(ProviderEvent.id)
    )
    if made is not None:
        later("understand_event", made)
    faults.fault("provider_event.before_commit")
    db.session.commit()
    faults.fault("provider_event.after_commit")
    return made is not None


def _record(provider: str, refusal: _Refused) -> None:
    """Keep the refusal in the record. A record that cannot be written does not turn a refusal into something else."""
    try:
        begin_write()
        record(
            "payment.hook_refused",
            about=("provider", 0),
            after={"provider": provider, "why": refusal.why} | ({"clock": True} if refusal.untimely else {}),
            actor=f"hook:{request.remote_addr}",
        )
        db.session.commit()
    except SQLAlchemyError as fault:
        db.session.rollback()
        log.warning("payment_hook.unrecorded", why=refusal.why, fault=type(fault).__name__)


def _later(why: str) -> ResponseReturnValue:
    return jsonify(error=why), 503, {"Retry-After": str(RETRY_SECONDS)}
