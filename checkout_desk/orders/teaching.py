"""What confirming a line teaches the catalogue: the customer's words become an alias of the product."""

from __future__ import annotations

from checkout_desk.accounts.models import Person
from checkout_desk.catalogue import aliasing
from checkout_desk.catalogue.models import Product, ProductAlias
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused


def teach(
    product: Product, text: str, *, language: str, by: Person, how: str
) -> tuple[ProductAlias | None, str]:
    """Teach the words. Returns the alias, None when there was nothing to teach; and why the words were refused."""
    try:
        return aliasing.teach(product, text, language=language, by_id=by.id, how=how), ""
    except Refused as refusal:
        return None, str(refusal)


def unteach(alias_id: int, *, by: Person) -> None:
    """Take an alias back, unless somebody has already."""
    alias = db.session.get(ProductAlias, alias_id)
    if alias is not None and alias.undone_at is None:
        aliasing.untaught(alias, by_id=by.id)
