"""A person decides on a return: allowed by the policy, allowed against it with a reason, refused, or given up."""

from __future__ import annotations

from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import allowed
from checkout_desk.lifecycle import Refused
from checkout_desk.returns import requesting, telling
from checkout_desk.returns.lifecycle import RETURN
from checkout_desk.returns.models import Return


def approve(back: Return, *, by: Person, overruled: str = "", without_goods: bool = False) -> None:
    """The return is allowed, and the customer is told where to send it; with `without_goods` nothing has to come.

    Against the policy only with the reason in `overruled`, by somebody who may overrule it. Goods that came without a
    word are allowed when they are here already. Raises Refused.
    """
    requesting.lock(back)
    if not back.allowed and overruled.strip() and not allowed(by.roles, "returns.overrule"):
        raise Refused(f"{back.verdict} A manager may overrule that; your role does not.")
    reason = "" if back.allowed else overruled.strip()
    if back.state != "requested":
        if back.decided_at is not None:
            raise Refused("This return was decided on already.")
        RETURN.fire(back, "allow", by=by, overruled=reason, reason=reason or None, to=back.state)
        return
    back.without_goods = without_goods  # before the step, which says what the return waits for
    RETURN.fire(back, "approve", by=by, overruled=reason, reason=reason or None)
    if not without_goods:
        RETURN.fire(back, "await_goods", by=by)
    telling.told(back, "approved")


def refuse(back: Return, *, by: Person, reason: str) -> None:
    """It is not taken back; its pieces are free to be asked for again. The customer reads `reason`. Raises Refused."""
    requesting.lock(back)
    RETURN.fire(back, "refuse", by=by, reason=reason.strip()[:300])
    telling.told(back, "refused", reason=reason.strip()[:300])


def close(back: Return, *, by: Person | None, reason: str = "") -> None:
    """Nothing more comes of it: it is settled, or the customer keeps the goods after all (then with the reason)."""
    requesting.lock(back)
    RETURN.fire(back, "close", by=by, reason=reason.strip()[:300] or None)


def keep_goods(back: Return, *, by: Person) -> None:
    """A return that was allowed is settled without its goods: the customer need not send them. Raises Refused."""
    requesting.lock(back)
    if back.state not in ("approved", "awaiting_goods"):
        raise Refused("Only a return whose goods are expected can do without them.")
    back.without_goods = True
    requesting.noted(back, "return.goods_waived", by=by)
