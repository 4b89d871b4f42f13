"""The page on which a manager gives mails and customer pages the store's dress."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.settings import brand
from checkout_desk.settings.models import store
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import Typed, Wrong, colour, contrast_with_white
from checkout_desk.settings.views import change_store
from checkout_desk.web.access import requires

blueprint = Blueprint("money_brand", __name__, url_prefix="/settings/money/brand")
FIELDS = ("brand_colour", "brand_footer", "sender_address", "return_address", "eori", "slip_prices")


@blueprint.get("")
@requires("settings.write")
def show() -> str:
    """Logo, colour and last lines as they are."""
    shop = store()
    return _page({name: getattr(shop, name) for name in FIELDS}, {})


@blueprint.post("")
@requires("settings.write")
def save() -> ResponseReturnValue:
    """Set all of it, or nothing."""
    typed = Typed(request.form)
    values: dict[str, Any] = {
        "brand_colour": typed.take("brand_colour", colour),
        "brand_footer": typed.take("brand_footer", lines("Last lines")),
        "sender_address": typed.take("sender_address", lines("Sender of parcels")),
        "return_address": typed.take("return_address", lines("Returns go to")),
        "eori": typed.take("eori", _eori),
        "slip_prices": typed.ticked("slip_prices"),
    }

    def set_all() -> None:
        take_logo(typed)
        change_store(store(), values)

    typed.act(set_all)
    return answer(typed, lambda: _page(typed.raw, typed.errors), said="The brand is saved.", to=".show")


def take_logo(typed: Typed) -> None:
    """Set the logo that was sent with the form, or take it away where that is ticked. Raises Wrong."""
    upload = request.files.get("logo")
    name = (upload.filename or "") if upload else ""
    if upload and name:
        data = upload.stream.read(brand.LARGEST + 1)
        if not data:
            raise Wrong("logo", f"Logo: “{name[:80]}” is empty; choose a PNG or JPEG.")
        brand.put_logo(store(), data, name=name)
    elif typed.ticked("no_logo"):
        brand.drop_logo(store())


@blueprint.get("/logo")
@requires("settings.write")
def logo() -> ResponseReturnValue:
    """The logo itself."""
    return brand.logo(store()) or abort(404, "This store has no logo.")


def lines(what: str) -> Callable[[str], str]:
    """Several lines of at most 500 signs together, such as an address."""

    def read(text: str) -> str:
        value = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()
        if len(value) > 500:
            raise ValueError(f"{what}: {len(value)} characters; use at most 500.")
        if not value.replace("\n", "").isprintable():
            raise ValueError(f"{what}: a sign that cannot be printed; use letters, digits and spaces.")
        return value

    return read


def _eori(text: str) -> str:
    value = "".join(text.split()).upper()
    if value and not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{1,15}", value):
        raise ValueError(
            f"“{text[:40]}” is no EORI number; it is two letters and up to 15 more signs, such as GB123456789000."
        )
    return value


def _page(form: dict[str, Any], errors: dict[str, str]) -> str:
    shop = store()
    return page(
        "brand.html",
        "money_brand.show",
        form=form,
        errors=errors,
        name=shop.name,
        logo=url_for(".logo", v=shop.logo_sha256[:12]) if shop.logo_sha256 else "",
        contrast=f"{contrast_with_white(shop.brand_colour):.1f}",
        stored_colour=shop.brand_colour,
    )
