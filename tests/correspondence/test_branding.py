"""The HTML of mails: the store's colour, logo and last lines, styles inside the elements, and words that stay words."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.correspondence import branding, colours
from checkout_desk.correspondence.branding import Dress, Line
from checkout_desk.mail.composing import compose, new_message_id
from checkout_desk.mail.letter import Address
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.receiving import blobs
from tests.builders import Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def made(shop: Shop, text: str = "Hello,\n\nItems: 2 × Mug\nBye", **more: Any) -> str:
    with shop.reading():
        dress = Dress(
            shop="Fern & Kiln", contact="orders@shop.example", language="en", subject="Order 1042", **more
        )
        return branding.html(text, dress)


def test_styles_stand_in_the_elements_and_dark_colours_in_the_head(shop: Shop) -> None:
    html = made(shop)
    assert re.search(r'<td class="m-in" style="[^"]*font-size: ?16px', html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 480px)" in html
    assert "<link" not in html
    assert "http" not in re.sub(r"https?://www\.w3\.org\S*", "", html)
    head = html.partition("</head>")[0]
    assert "letter-spacing" not in head  # what was written into the elements is not there twice


def test_the_stores_colour_and_last_lines_are_used_and_stay_readable(shop: Shop) -> None:
    shop.set_store(brand_colour="#ffee00", brand_footer="4 Canal Wharf\nVAT <GB1>")
    html = made(shop, "Look:\n[CUSTOMER_PAGE]\n", url="http://localhost/o/x", label="Open")
    assert "#ffee00" in html
    assert re.search(r'class="m-btn-a"[^>]*style="[^"]*color: ?#14110d', html)
    assert "4 Canal Wharf<br>VAT &lt;GB1&gt;" in html
    ink = re.search(r'class="m-brand" style="color: ?(#[0-9a-f]{6})', html)
    assert ink
    assert colours.contrast(ink[1], "#fffdf9") >= 4.5


def test_a_colour_that_is_none_never_reaches_the_stylesheet(shop: Shop) -> None:
    shop.set_store(brand_colour="red;}x{")
    assert "red;" not in made(shop)


@pytest.mark.parametrize(
    "colour", ["#000000", "#ffffff", "#ffee00", "#0b5a6b", "#777777", "#ff0000", "#0000ff"]
)
@pytest.mark.parametrize("ground", ["#fffdf9", "#1f1c18"])
def test_every_colour_can_be_read_on_both_grounds(colour: str, ground: str) -> None:
    assert colours.contrast(colours.readable(colour, ground), ground) >= 4.5
    assert colours.contrast(colours.ink_on(colour), colour) >= 4.4


def test_the_summary_becomes_a_table_also_behind_words(shop: Shop) -> None:
    html = made(shop, summary="2 × Mug", rows=[Line("2", "<b>Mug", "£16.00"), Line("", "Total", "£16.00")])
    assert re.search(r"<p[^>]*>Items: ?</p>", html)
    assert re.search(r'<td[^>]*m-n"[^>]*>2</td><td[^>]*>&lt;b&gt;Mug</td><td[^>]*>£16.00</td>', html)
    assert re.search(r'<td class="m-sum"[^>]*>Total</td>', html)


def test_the_logo_travels_inside_the_mail(shop: Shop) -> None:
    assert "<img" not in made(shop, logo=True)
    with shop.reading():
        assert branding.pictures() == []
        kept = blobs().put(PNG)
    shop.set_store(logo_sha256=kept, logo_type="image/png")
    html = made(shop, logo=True)
    assert re.search(r'<img class="m-logo"[^>]*src="cid:logo@store"', html)
    assert "<img" not in made(shop)
    with shop.reading():
        data = compose(
            mailbox=Mailbox(address="orders@shop.example", display_name="Shop"), to=[Address("a@b.example")],
            subject="x", text="Hello", html=html, attachments=branding.pictures(),
            message_id=new_message_id("shop.example"), date=clock.now(),
        )  # fmt: skip
    mail = message_from_bytes(data, policy=policy.default)
    related = next(part for part in mail.walk() if part.get_content_type() == "multipart/related")
    twin, logo = related.iter_parts()
    assert twin.get_content_type() == "text/html"
    assert (logo["Content-ID"], logo.get_content()) == ("<logo@store>", PNG)
    assert logo.get_content_disposition() == "inline"
    assert mail.get_body(("plain",)).get_content().strip() == "Hello"  # type: ignore[union-attr]
