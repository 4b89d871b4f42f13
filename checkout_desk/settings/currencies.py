"""Which currencies money rules can be in: the store's, and others only where a product has them."""

from __future__ import annotations

from flask import current_app

from checkout_desk.settings import choices
from checkout_desk.settings.models import store


def usable() -> dict[str, str]:
    """Code → what people read; the store's own first. Those of products come from above (`desk_currencies`)."""
    sold = current_app.extensions.get("desk_currencies")
    codes = dict.fromkeys([store().currency, *(sorted(sold()) if sold else ())])
    names = choices.currencies()
    return {code: names.get(code, code) for code in codes}
