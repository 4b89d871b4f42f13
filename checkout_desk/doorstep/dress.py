"""The customer pages in the store's colour, with its logo and its last lines. A stylesheet and a picture, since the pages allow
no styles inside themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, url_for

from checkout_desk.correspondence import colours
from checkout_desk.extensions import db
from checkout_desk.settings import brand
from checkout_desk.settings.models import Store
from checkout_desk.web.access import PUBLIC, requires

blueprint = Blueprint("dress", __name__, url_prefix="/dress")

_LIGHT, _DARK = "#f3efe6", "#282420"
"""the grounds that words in the store's colour stand on; what is read on these is read on the cards as well"""
_KEPT = "public, max-age=31536000, immutable"


@blueprint.get("/<digest>.css")
@requires(PUBLIC)
def style(digest: str) -> Response:
    """The colour of the store, made lighter or darker until it can be read; `digest` is the colour, for caches."""
    colour = colours.safe(f"#{digest}")
    light, dark = colours.readable(colour, _LIGHT), colours.readable(colour, _DARK)
    css = (
        f".guest {{ --accent: light-dark({light}, {dark}); --accent-2: light-dark({light}, {dark}); "
        f"--accent-soft: color-mix(in srgb, var(--accent) 14%, var(--sheet)); --accent-line: color-mix(in srgb, var(--accent) 45%, var(--sheet)); "
        f"--on-accent: light-dark({colours.ink_on(light)}, {colours.ink_on(dark)}); }}\n"
    )
    response = Response(css, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = _KEPT
    return response


@blueprint.get("/logo/<digest>")
@requires(PUBLIC)
def logo(digest: str) -> Response:
    """The logo that the store shows now; an old address of one finds nothing."""
    shop = db.session.get(Store, 1)
    if shop is None or not shop.logo_sha256 or not shop.logo_sha256.startswith(digest) or len(digest) < 12:
        abort(404)
    response = brand.logo(shop) or abort(404)
    response.headers["Cache-Control"] = _KEPT
    return response


def of_store() -> dict[str, Any]:
    """What templates/doorstep/base.html shows of the store beside its name."""
    shop = db.session.get(Store, 1)
    if shop is None:
        return {}
    return {
        "style": url_for("dress.style", digest=colours.safe(shop.brand_colour)[1:]),
        "logo": url_for("dress.logo", digest=shop.logo_sha256[:16]) if shop.logo_sha256 else "",
        "footer": shop.brand_footer.splitlines(),
    }
