"""The customer page in the store's colour, with its logo and last lines."""

from __future__ import annotations

import re

import pytest

from checkout_desk.correspondence import colours
from checkout_desk.mail.receiving import blobs
from tests.builders import Shop
from tests.doorstep.conftest import Door
from tests.page import Browser

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def guest(shop: Shop) -> Browser:
    """Somebody without a sign-in."""
    return Browser(shop.app, shop.app.test_client())


@pytest.mark.parametrize("colour", ["ffee00", "000000", "ffffff", "0b5a6b"])
def test_the_colour_can_be_read_in_both_schemes(guest: Browser, colour: str) -> None:
    answer = guest.get(f"/dress/{colour}.css")
    assert answer.mimetype == "text/css"
    pairs = re.findall(r"--(accent|on-accent): light-dark\((#\w{6}), (#\w{6})\)", answer.text)
    (_, light, dark), (_, on_light, on_dark) = pairs
    assert colours.contrast(light, "#f3efe6") >= 4.5
    assert colours.contrast(dark, "#282420") >= 4.5
    assert colours.contrast(on_light, light) >= 4.5
    assert colours.contrast(on_dark, dark) >= 4.5


def test_nothing_but_a_colour_gets_into_the_stylesheet(guest: Browser) -> None:
    assert "x" not in re.sub(r"color-mix", "", guest.get("/dress/x}body{.css").text)


def test_the_logo_is_public_under_its_own_address_alone(guest: Browser, shop: Shop) -> None:
    assert guest.get("/dress/logo/0000000000000000").status_code == 404
    with shop.reading():
        kept = blobs().put(PNG)
    shop.set_store(logo_sha256=kept, logo_type="image/png")
    answer = guest.get(f"/dress/logo/{kept[:16]}")
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert guest.get(f"/dress/logo/{kept[:3]}").status_code == 404
    assert guest.get("/dress/logo/0000000000000000").status_code == 404


def test_the_order_page_wears_it(door: Door, shop: Shop) -> None:
    with shop.reading():
        kept = blobs().put(PNG)
    shop.set_store(
        brand_colour="#7a1f3d", brand_footer="4 Canal Wharf\nLeeds", logo_sha256=kept, logo_type="image/png"
    )
    page = door.open(door.asked())
    assert '<link rel="stylesheet" href="/dress/7a1f3d.css">' in page.html
    assert f'src="/dress/logo/{kept[:16]}"' in page.html
    assert "4 Canal Wharf" in page
    assert "/dress/" not in page.browser.open("/o/" + "x" * 43).html
