"""Asking payment providers whether they know our keys: one read call, no money moves."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta

from checkout_desk import clock
from checkout_desk.extensions import begin_write, db
from checkout_desk.payments.hook import PROVIDERS
from checkout_desk.payments.providers.model import Access, ProviderFault, access
from checkout_desk.secrets import LostKey
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod, SetupStep

LOOKED_BACK = timedelta(minutes=1)
_KEY = re.compile(r"\b(?:sk|rk|pk|whsec)_[\w*]+")


def mark(row: PaymentMethod) -> str:
    """Changes with a method's keys and settings, so that an old test is not taken for one of the new keys."""
    text = json.dumps([row.secret, row.settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def finding(row: PaymentMethod, kept: SetupStep) -> tuple[str, str]:
    """Tone and sentence of what was remembered about a provider."""
    told = kept.found.get(str(row.id)) or {}
    if told.get("mark") != mark(row):
        return "soon", f"{row.name}: its keys were not tried yet; press “Test the keys”."
    if told["fault"]:
        return (
            "bad",
            f"{row.name}: {told['fault']} Type its keys again, as {methods.KINDS[row.kind]} shows them.",
        )
    mode = "live: payments are real money" if row.settings.get("mode") == "live" else "sandbox: no real money"
    return "good", f"{row.name}: the provider knows the keys ({mode})."


def ask(step: str) -> None:
    """Ask every active provider with its keys, without a transaction meanwhile, and remember the answers. Commits."""
    found: dict[str, dict[str, str]] = {}
    asked: list[tuple[str, str, str, Access]] = []
    for row in methods.every():
        if not row.active or row.kind not in PROVIDERS or methods.lacks(row):
            continue
        try:
            asked.append((str(row.id), row.kind, mark(row), access(row)))
        except LostKey:
            found[str(row.id)] = {"mark": mark(row), "fault": "Its keys cannot be read any more."}
    db.session.rollback()
    found |= {number: {"mark": was, "fault": _fault(kind, keys)} for number, kind, was, keys in asked}
    begin_write()
    kept = db.session.get(SetupStep, step) or SetupStep(name=step)
    kept.found, kept.tested_at = found, clock.now()
    db.session.add(kept)
    db.session.commit()


def _fault(kind: str, keys: Access) -> str:
    now = clock.now()
    try:
        next(iter(PROVIDERS[kind].happened(keys, now - LOOKED_BACK, now)), None)
    except ProviderFault as fault:
        return _KEY.sub("the key", str(fault))  # a provider may repeat parts of it
    return ""


def any_to_ask() -> bool:
    """Whether there is a provider with keys."""
    return any(row.active and row.kind in PROVIDERS and not methods.lacks(row) for row in methods.every())
