"""What the page of a product shows, composed of its parts; each part can be answered alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from checkout_desk import money
from checkout_desk.accounts import sessions
from checkout_desk.catalogue import aliasing, forms, products, queries, values, wording
from checkout_desk.catalogue.models import Product
from checkout_desk.settings.models import store
from checkout_desk.web.numbers import row_number


def context(
    product: Product, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Everything of `product.html`: the form as it was `typed` or as the product is, `errors` field → sentence."""
    family = products.family_names({product.family_id} if product.family_id else ()).get(
        product.family_id or 0, ""
    )
    known = forms.shown(product, family)
    return {
        "product": product,
        "price": money.show(product.price_minor, product.currency),
        "form": typed or known,
        "errors": errors or {},
        "family": family,
        "variants": [wording.listed(p) | {"here": p.id == product.id} for p in products.variants(product)],
        "picture": wording.picture_url(product),
        "may": may(),
        **choices(),
        **alias_part(product, {}),
        **stock_part(product),
    }


def may() -> dict[str, bool]:
    """What this person may change."""
    who = sessions.who()
    return {"write": who.may("catalogue.write"), "stock": who.may("stock.write")}


def choices() -> dict[str, Any]:
    """What the form of a product offers."""
    return {"tax_classes": list(values.TAX_CLASSES.items()), "families": products.known_families()}


def alias_part(product: Product, typed: Mapping[str, str]) -> dict[str, Any]:
    """What `_aliases.html` shows of a product: its words, and the form for one more."""
    live = aliasing.of([product.id])[product.id]
    names = queries.names_of(set(), {alias.taught_by_id for alias in live if alias.taught_by_id})
    zone = store().time_zone
    return {
        "aliases": [wording.taught(alias, names, zone) for alias in live],
        "alias_form": typed,
        "languages": wording.language_choices(alias.language or "" for alias in live),
    }


def stock_part(product: Product, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `_stock.html` shows of a product: balances, the form, and a page of the ledger."""
    rows, older = queries.movements(product.id, before=request.args.get("before", type=row_number))
    names = queries.names_of({row.actor for row in rows}, set())
    zone = store().time_zone
    return {
        "now": wording.listed(product) | {"committed": product.committed, "quoted": product.held},
        "movements": [wording.moved(row, names, zone) for row in rows],
        "older_url": url_for("catalogue.show", product_id=product.id, before=older) + "#ledger"
        if older
        else None,
        "newest_url": url_for("catalogue.show", product_id=product.id) + "#ledger"
        if "before" in request.args
        else None,
        "stock_form": {"kind": "receive", "once": secrets.token_urlsafe(12), **(typed or {})},
    }
