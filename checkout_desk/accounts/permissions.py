"""Which role may do what: one table that routes, buttons and the generated page of docs read."""

from __future__ import annotations

from collections.abc import Iterable

from checkout_desk.web.access import PUBLIC, SIGNED_IN

ROLES: dict[str, str] = {
    "processing": "Order processing",
    "support": "Customer support",
    "logistics": "Shipping and logistics",
    "manager": "Manager",
    "admin": "Administrator",
}

_DESK = {"processing", "support", "manager", "admin"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "conversations.read": frozenset(_DESK | {"logistics"}),
    "conversations.write": frozenset(_DESK),
    "conversations.bulk": frozenset(_DESK),
    "customers.read": frozenset(_DESK | {"logistics"}),
    "customers.write": frozenset(_DESK),
    "customers.trust": frozenset({"manager", "admin"}),
    "orders.read": frozenset(_DESK | {"logistics"}),
    "orders.write": frozenset(_DESK),
    "orders.override": frozenset({"manager", "admin"}),
    "payments.read": frozenset(_DESK),
    "payments.write": frozenset({"processing", "manager", "admin"}),
    "payments.refund": frozenset({"processing", "manager", "admin"}),
    "catalogue.read": frozenset(_DESK | {"logistics"}),
    "catalogue.write": frozenset({"manager", "admin"}),
    "stock.write": frozenset({"logistics", "manager", "admin"}),
    "shipping.read": frozenset(_DESK | {"logistics"}),
    "shipping.write": frozenset({"logistics", "manager", "admin"}),
    "shipping.follow": frozenset(_DESK | {"logistics"}),
    "carriers.write": frozenset({"manager", "admin"}),
    "templates.read": frozenset(_DESK | {"logistics"}),
    "templates.write": frozenset({"manager", "admin"}),
    "replies.write": frozenset(_DESK),
    "originals.read": frozenset(_DESK),
    "errors.read": frozenset(_DESK),
    "errors.repair": frozenset(_DESK),
    "mailboxes.read": frozenset(_DESK),
    "mailboxes.write": frozenset({"admin"}),
    "returns.read": frozenset(_DESK | {"logistics"}),
    "returns.write": frozenset({"support", "manager", "admin"}),
    "returns.receive": frozenset({"logistics", "support", "manager", "admin"}),
    "returns.overrule": frozenset({"manager", "admin"}),
    "reports.read": frozenset({"manager", "admin"}),
    "people.read": frozenset({"manager", "admin"}),
    "people.write": frozenset({"admin"}),
    "settings.write": frozenset({"manager", "admin"}),
    "settings.bank": frozenset({"manager", "admin"}),
    "events.read": frozenset({"manager", "admin"}),
    "records.read": frozenset({"manager", "admin"}),
    "records.erase": frozenset({"admin"}),
    "records.keep": frozenset({"admin"}),
    "errors.resolve": frozenset(_DESK),
    "playbook.read": frozenset(_DESK | {"logistics"}),
    "playbook.write": frozenset({"manager", "admin"}),
    "macros.write": frozenset({"manager", "admin"}),
    "setup.write": frozenset({"admin"}),
}


def allowed(roles: Iterable[str], permission: str) -> bool:
    """Whether somebody with these roles holds `permission`. Raises KeyError for a permission that does not exist."""
    if permission == SIGNED_IN:
        return True
    return not PERMISSIONS[permission].isdisjoint(roles)


__all__ = ["PERMISSIONS", "PUBLIC", "ROLES", "SIGNED_IN", "allowed"]
