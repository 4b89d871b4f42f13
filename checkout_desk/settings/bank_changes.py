"""Four eyes for bank details: one person says where money shall go, another one confirms it; until then the old details count.

Where nobody else may confirm, a change takes effect a day later by itself, and any administrator who reads the mail about
it can stop it before. A store that has not told a customer anything yet changes them at once: there is nothing to divert.
See docs/decisions/four-eyes-for-bank-details.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.accounts.permissions import PERMISSIONS
from checkout_desk.events.recording import record
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import decrypt
from checkout_desk.settings import method_changes, methods
from checkout_desk.settings.models import BankChange, PaymentMethod

DETAILS = ("iban", "holder", "bic", "bank", "account", "client_id", "merchant_id", "mode")
"""settings that say where the money goes"""
ALONE = timedelta(hours=24)
"""after which a change takes effect that nobody else may confirm"""

Watcher = Callable[[BankChange, Mapping[str, Any]], None]
_watchers: list[Watcher] = []
_open: list[Callable[[], bool]] = []


class Refused(Exception):
    """The change cannot be confirmed by this person, or any more. The message is a sentence for them."""


def watch(callback: Watcher) -> None:
    """Call `callback(change, settings until now)` when somebody asks for other bank details."""
    if callback not in _watchers:
        _watchers.append(callback)


def open_when(callback: Callable[[], bool]) -> None:
    """Have `callback` say whether a customer was told yet where to pay; without it the answer is yes."""
    _open[:] = [callback]


def diverts(
    method: PaymentMethod | None, kind: str, settings: Mapping[str, Any], keys: Mapping[str, str]
) -> bool:
    """Whether saving this would send customers' money elsewhere, in a store that customers pay already."""
    if kind not in ("bank", "stripe", "paypal") or not all(asked() for asked in _open):
        return False
    before = method.settings if method else {}
    other = any((settings.get(key) or "") != (before.get(key) or "") for key in DETAILS)
    return method is None or other or any(keys.values())


def propose(
    method: PaymentMethod | None,
    *,
    kind: str,
    name: str,
    active: bool,
    settings: dict[str, Any],
    secrets: dict[str, str],
    by_id: int,
) -> BankChange:
    """Keep what shall change; the rest of a known way to pay is saved now. Raises Wrong as `method_changes.save` does.

    What waited before for the same way to pay is void.
    """
    now = clock.now()
    if method is not None:
        old = {key: method.settings[key] for key in DETAILS if key in method.settings}
        rest = {key: value for key, value in settings.items() if key not in DETAILS} | old
        method_changes.save(
            method, kind=kind, name=name, active=active, settings=rest, secrets=dict.fromkeys(secrets, "")
        )
        settings = {key: value for key, value in settings.items() if key in DETAILS}
        for earlier in waiting(method.id):
            _end(earlier, "refused", by_id)
    change = BankChange(
        method_id=method.id if method else None, kind=kind, name=name, active=active, settings=settings,
        secret=methods.seal(secrets), by_id=by_id, asked_at=now, takes_effect_at=None if others(by_id) else now + ALONE,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    until = change.takes_effect_at.isoformat() if change.takes_effect_at else None
    after = {"method": change.method_id, "name": name, "takes_effect_at": until}
    record("bank_change.asked", about=change, after=after)
    for told in _watchers:
        told(change, method.settings if method else {})
    return change


def others(by_id: int) -> list[Person]:
    """Who may confirm what `by_id` asks for: everybody else who can sign in and may change bank details."""
    holders = select(PersonRole.person_id).where(PersonRole.role.in_(PERMISSIONS["settings.bank"]))
    asked = select(Person).where(Person.id.in_(holders), Person.id != by_id, Person.disabled_at.is_(None))
    return list(db.session.scalars(asked.order_by(Person.id)))


def waiting(method_id: int | None = None) -> Sequence[BankChange]:
    """The changes that are not in force yet, of one way to pay or of all, the oldest first."""
    asked = select(BankChange).where(BankChange.state == "waiting").order_by(BankChange.id)
    return db.session.scalars(
        asked if method_id is None else asked.where(BankChange.method_id == method_id)
    ).all()


def confirm(change: BankChange, *, by: Person) -> PaymentMethod:
    """Put a change in force, by another person than the one who asked, who was here when it was asked.

    Raises Refused, Wrong, and LostKey where its keys cannot be read any more.
    """
    if by.id == change.by_id:
        raise Refused("Somebody else has to confirm what you asked for.")
    if by.created_at > change.asked_at:
        raise Refused("Who was added after the change was asked for cannot confirm it.")
    return _put_in_force(change, by.id)


def refuse(change: BankChange, *, by: Person) -> None:
    """Drop a change; whoever may ask for one may stop one, their own too. Raises Refused where it is decided already."""
    _end(change, "refused", by.id)
    record("bank_change.refused", about=change)


def sweep() -> int:
    """Put in force what nobody else could confirm and nobody stopped within a day. Returns how many."""
    due = select(BankChange.id).where(
        BankChange.state == "waiting", BankChange.takes_effect_at <= clock.now()
    )
    ids = list(db.session.scalars(due.order_by(BankChange.id)))
    db.session.rollback()
    for number in ids:
        begin_write()
        try:
            _put_in_force(db.session.get_one(BankChange, number), None)
            db.session.commit()
        except Refused:
            db.session.rollback()
    return len(ids)


def _put_in_force(change: BankChange, by_id: int | None) -> PaymentMethod:
    _end(change, "done", by_id)
    typed: dict[str, str] = json.loads(decrypt(change.secret)) if change.secret else {}
    keys = {key: typed.get(key, "") for key in methods.SECRETS.get(change.kind, ())}
    method = db.session.get_one(PaymentMethod, change.method_id) if change.method_id else None
    saved = method_changes.save(
        method, kind=change.kind, name=method.name if method else change.name,
        active=method.active if method else change.active, settings=dict(change.settings), secrets=keys,
    )  # fmt: skip
    change.secret = None
    record("bank_change.done", about=change, after={"method": saved.id})
    return saved


def _end(change: BankChange, state: str, by_id: int | None) -> None:
    asked = (
        update(BankChange)
        .where(BankChange.id == change.id, BankChange.state == "waiting")
        .values(state=state, decided_by_id=by_id, decided_at=clock.now())
    )
    if cast("CursorResult[object]", db.session.execute(asked)).rowcount != 1:
        raise Refused("This change was decided already.")
