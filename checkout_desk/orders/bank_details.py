"""No foreign bank account leaves in a mail: where customers pay stands in the settings alone (SECURITY A5)."""

from __future__ import annotations

from checkout_desk.conversations.models import Conversation
from checkout_desk.correspondence import linting
from checkout_desk.settings import methods


def fault(c: Conversation, text: str, purpose: str | None) -> str | None:
    """Why this text must not leave: it names an account that is none of the store's. What is quoted does not count."""
    own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    named = list(linting.accounts(own))
    if not named:
        return None
    ours = {
        "".join(str(row.settings.get("iban", "")).split()).upper() for row in methods.every() if row.active
    }
    foreign = next((account for account in named if account not in ours), None)
    if foreign is None:
        return None
    shown = " ".join(foreign[at : at + 4] for at in range(0, len(foreign), 4))
    return (
        f"{shown} is none of the store's bank accounts; customers are told only those of the settings. "
        "Take it out of the mail."
    )
