"""Addresses that imitate ours or a customer's are seen, and ordinary neighbours are left alone (SECURITY A9)."""

from __future__ import annotations

import pytest

from checkout_desk.mail.lookalikes import imitated_domain, imitates

OURS = frozenset({"fernandkiln.shop", "shop.example"})


@pytest.mark.parametrize(
    "domain",
    [
        "fern4ndkiln.shop".replace("4", "а"),  # Cyrillic
        "fernandki1n.shop", "fernandklin.shop", "femandkiln.shop", "fernandkiln.sh0p", "fern-and-kiln.shop", "fernandkilns.shop",
        "fernandkiln.shp", "xn--fernndkiln-2qi.shop", "ｆernandkiln.shop", "FERNANDKlLN.shop", "sh0p.example", "fernandkíln.shop",
    ],
)  # fmt: skip
def test_what_looks_like_ours_is_seen(domain: str) -> None:
    assert imitated_domain(domain, OURS)


@pytest.mark.parametrize(
    "domain",
    ["fernandkiln.shop", "FernAndKiln.shop", "fern.shop", "kiln.example", "gmail.com", "пример.example", "fernandoil.sale", ""],
)  # fmt: skip
def test_others_are_left_alone(domain: str) -> None:
    assert not imitated_domain(domain, OURS)


def test_providers_of_everybody_imitate_nobody() -> None:
    assert not imitated_domain("ymail.com", frozenset({"gmail.com"}))
    assert imitates("jane.d0e@web.de", "jane.doe@web.de")
    assert not imitates("jan@web.de", "jane.doe@web.de")
