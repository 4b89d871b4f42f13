"""What customers are told about parcels: complete in all eight languages, and honest where something is not known."""

from __future__ import annotations

from string import Formatter

import pytest

from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS
from checkout_desk.correspondence.rendering import PLACEHOLDER
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.parcels import SENTENCES, TEMPLATES
from tests.builders import Shop

KEYS = (
    "order_delivered",
    "order_delayed",
    "order_tracking_corrected",
    "order_item_short",
    "order_where",
    "order_address_asked",
)
VALUES = {name: f"<{name.lower()}>" for name in PLACEHOLDERS if name != "CUSTOMER_PAGE"}


def test_every_language_has_every_text() -> None:
    assert set(TEMPLATES) == set(SENTENCES) == set(LANGUAGES)
    for code in LANGUAGES:
        assert set(TEMPLATES[code]) == set(KEYS)
        assert set(SENTENCES[code]) == set(SENTENCES["en"])
        for key, sentence in SENTENCES[code].items():
            fields = {name for _, name, _, _ in Formatter().parse(sentence) if name}
            assert fields == {n for _, n, _, _ in Formatter().parse(SENTENCES["en"][key]) if n}, (code, key)


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("key", KEYS)
def test_every_mail_holds_what_it_must_and_nothing_that_it_cannot_know(key: str, language: str) -> None:
    found, kind = templates.standard(key, language), KINDS[key]
    held = set(PLACEHOLDER.findall(found.subject + found.body))
    assert set(kind.required) <= held <= set(kind.known)
    assert held == set(PLACEHOLDER.findall("".join(TEMPLATES["en"][key])))
    assert set(PLACEHOLDER.findall(rendering.render(found, VALUES).text)) <= {"CUSTOMER_PAGE"}


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_is_not_known_of_a_parcel_leaves_no_hole(language: str) -> None:
    empty = dict.fromkeys(("CARRIER", "TRACKING_NUMBER", "TRACKING_LINK", "ESTIMATED_DELIVERY_DATE"), "")
    for key in ("order_where", "order_delayed"):
        full = rendering.render(templates.standard(key, language), VALUES).text
        bare = rendering.render(templates.standard(key, language), VALUES | empty).text
        told = {name for name in VALUES if f"<{name.lower()}>" in full} - set(empty)
        assert told == {name for name in VALUES if f"<{name.lower()}>" in bare}
        assert "\n\n\n" not in bare
        assert "<tracking_link>" in full and len(full.splitlines()) > len(bare.splitlines()) + 2


def test_customers_are_written_in_their_own_language(shop: Shop) -> None:
    with shop.reading():
        for code in LANGUAGES:
            assert templates.newest("order_where", code).language == code
