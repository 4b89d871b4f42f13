"""kill -9 at each step of a payment by Stripe: what was acknowledged is kept, money and pages are there once."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.extensions import db
from checkout_desk.payments import linking, refunding, refunding_job
from checkout_desk.payments.models import Payment, ProviderEvent, Refund
from tests.faults import pay_once
from tests.faults.steps import PAYMENT_LINK, PROVIDER_EVENT, REFUND, UNDERSTAND_EVENT
from tests.once import exit_code
from tests.parts.localstripe import LocalStripe, signature
from tests.payments.providers.conftest import Office, office

__all__ = ["office"]  # the fixture


def run(office: Office, faults: Path, word: str, **told: Any) -> int:
    """One step in a process of its own; its exit code."""
    kept = {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR")}
    config = office.shop.app.config
    environment = {
        "DESK_HOME": str(config["DESK_HOME"]),
        "DATABASE_URL": config["DATABASE_URL"],
        "REDIS_URL": "unix:///nonexistent",
        "DESK_DISK_RESERVE": "0",
        "DESK_SANDBOX": "yes",
        "DESK_FAULTS": str(faults),
    }
    with office.shop.app.app_context():
        db.session.remove()
    return exit_code(pay_once.main, word, environment={**kept, **environment}, told=json.dumps(told))


def killed_then_done(office: Office, faults: Path, step: str, word: str, **told: Any) -> None:
    """The step dies at its point, and is done when it is begun again."""
    (faults / step).write_text("kill")
    assert run(office, faults, word, **told) == -signal.SIGKILL
    assert (faults / f"{step}.reached").exists()
    office.sound()
    assert run(office, faults, word, **told) == 0


def hooked(stripe: LocalStripe) -> dict[str, Any]:
    """The event of a payment as Stripe posts it."""
    body = json.dumps(stripe.events("payment_intent.succeeded")[0])
    return {"path": "/hooks/stripe", "body": body, "headers": {"Stripe-Signature": signature(body.encode())}}


@pytest.mark.parametrize("step", PROVIDER_EVENT)
def test_an_event_is_kept_once_and_never_acknowledged_without(
    office: Office, stripe: LocalStripe, tmp_path: Path, step: str
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    stripe.pay(office.page(quote_id, method).url)
    killed_then_done(office, tmp_path, step, "hook", **hooked(stripe))
    assert len(office.told()) == 1
    office.understand_all()
    assert (office.quote(quote_id).state, len(office.payments())) == ("paid", 1)
    office.sound()


@pytest.mark.parametrize("step", UNDERSTAND_EVENT)
def test_an_event_is_understood_wholly_or_not_at_all(
    office: Office, stripe: LocalStripe, tmp_path: Path, step: str
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    stripe.pay(office.page(quote_id, method).url)
    assert run(office, tmp_path, "hook", **hooked(stripe)) == 0
    event = office.shop.all(ProviderEvent)[0]
    killed_then_done(office, tmp_path, step, "understand", event=event.id)
    assert [(p.state, p.quote_id) for p in office.shop.all(Payment)] == [("allocated", quote_id)]
    assert office.quote(quote_id).state == "paid"
    assert office.shop.all(ProviderEvent)[0].understood_at is not None
    office.sound()


@pytest.mark.parametrize("step", PAYMENT_LINK)
def test_a_page_is_asked_for_under_one_key(
    office: Office, stripe: LocalStripe, tmp_path: Path, step: str
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    killed_then_done(office, tmp_path, step, "page", quote=quote_id, method=method)
    links = office.links()
    assert [(link.number, link.state) for link in links] == [(1, "open")]
    assert stripe.session(links[0].ref or "")["metadata"]["link"] == str(links[0].id)
    assert len(stripe.call("GET", "/_sessions")) == 1, "Stripe made one page"


@pytest.mark.parametrize("step", REFUND)
def test_a_refund_of_unknown_outcome_is_looked_up_and_never_asked_for_again(
    office: Office, stripe: LocalStripe, tmp_path: Path, step: str
) -> None:
    method = office.method("stripe", stripe.url)
    quote_id = office.quote_of_today()
    stripe.pay(office.page(quote_id, method).url)
    office.run(linking.look, quote_id)
    payment = office.shop.all(Payment)[0]
    facts: dict[str, Any] = {"reason": "broken", "quote_id": quote_id, "when": clock.now(), "role": "admin"}
    refund_id = office.act(refunding.request, payment.id, 1200, **facts)
    killed_then_done(office, tmp_path, step, "refund", refund=refund_id)
    asked = 1 if step == "refund.before_commit" else 0
    assert (office.refund(refund_id).state, len(stripe.refunds(payment.source_ref))) == ("sent", asked)
    with clock.pretending(clock.now() + refunding_job.LEASE * 2):
        office.run(refunding_job.sweep)
    assert office.refund(refund_id).state == "to_be_checked"
    with office.shop.app.app_context():
        refunding_job.look(db.session.get_one(Refund, refund_id))
    assert office.refund(refund_id).state == ("done" if asked else "to_be_checked")
    assert len(stripe.refunds(payment.source_ref)) == asked
    office.sound()
