"""Ways to pay as a manager sets them. A key is sealed when it comes in; the record says that it was changed, never what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.settings import methods
from checkout_desk.settings.effective import one_at_a_time
from checkout_desk.settings.models import PaymentMethod
from checkout_desk.settings.typed import Wrong

Watcher = Callable[[PaymentMethod, Mapping[str, Any], list[str]], None]
_watchers: list[Watcher] = []


def watch(callback: Watcher) -> None:
    """Call `callback(method, settings before, names of typed keys)` within each change of a way to pay."""
    if callback not in _watchers:
        _watchers.append(callback)


def save(
    method: PaymentMethod | None,
    *,
    kind: str,
    name: str,
    active: bool,
    settings: dict[str, Any],
    secrets: dict[str, str],
) -> PaymentMethod:
    """Make a way to pay or change one. A key of `secrets` that is '' stays as it was. Raises Wrong.

    What the page does not ask for (such as `api_base`) stays in `settings`.
    """
    one_at_a_time()
    _alone(method, kind, active)
    kept = methods.secrets(method) if method and any(not value for value in secrets.values()) else {}
    sealed = methods.seal({**kept, **{key: value for key, value in secrets.items() if value}})
    typed = sorted(key for key, value in secrets.items() if value)
    if method is None:
        last = db.session.scalar(
            select(PaymentMethod.position).order_by(PaymentMethod.position.desc()).limit(1)
        )
        method = PaymentMethod(
            kind=kind, name=name, active=active, settings=settings, secret=sealed, position=(last or 0) + 1
        )
        db.session.add(method)
        after = {"kind": kind, "name": name, "active": active, "settings": settings, "keys": typed}
        db.session.flush()
        record("payment_method.created", about=method, after=after)
        for told in _watchers:
            told(method, {}, typed)
        return method
    was = dict(method.settings)
    values = {"name": name, "active": active, "settings": {**method.settings, **settings}}
    before = {
        field: getattr(method, field) for field, value in values.items() if getattr(method, field) != value
    }
    after = {field: values[field] for field in before}
    for field, value in after.items():
        setattr(method, field, value)
    if typed:
        method.secret = sealed
        after["keys"] = typed
    if after:
        record("payment_method.changed", about=method, before=before, after=after)
        for told in _watchers:
            told(method, was, typed)
    return method


def _alone(method: PaymentMethod | None, kind: str, active: bool) -> None:
    """Two accounts of one provider at once would each refuse what the other one says."""
    if not active or kind not in methods.SECRETS:
        return
    others = select(PaymentMethod).where(PaymentMethod.kind == kind, PaymentMethod.active.is_(True))
    for other in db.session.scalars(others):
        if method is None or other.id != method.id:
            raise Wrong(
                "active",
                f"“{other.name}” takes payments by {methods.KINDS[kind]} already; switch that one off first.",
            )
