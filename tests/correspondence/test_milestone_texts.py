"""The standard texts of the milestones: both templates of the procedure word for word, and every other language fits."""

from __future__ import annotations

import pytest

from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS
from checkout_desk.correspondence.rendering import PLACEHOLDER, Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from tests.builders import Shop

WRITTEN = tuple(LANGUAGES)
MILESTONES = [key for key in KINDS if key.startswith("order_")]
VALUES = {name: f"<{name.lower()}>" for name in PLACEHOLDERS if name != "CUSTOMER_PAGE"}

CONFIRMED = """\
Thank you for your order!
Order number: [ORDER_NUMBER]
Items: [ORDER_SUMMARY]
Shipping to: [SHIPPING_ADDRESS]
Estimated shipping time: [ESTIMATED_SHIPPING_TIME]
For questions, contact us at [CONTACT_INFO].
"""
SHIPPED = """\
Your order is on its way!
Tracking number: [TRACKING_NUMBER]
Track your package: [TRACKING_LINK]
Estimated delivery date:
[ESTIMATED_DELIVERY_DATE]
For updates, reply to this email or contact us at [CONTACT_INFO].
"""


def test_the_procedures_two_templates_are_version_1_word_for_word() -> None:
    confirmed, shipped = (templates.standard(key, "en") for key in ("order_confirmed", "order_shipped"))
    assert (confirmed.number, confirmed.subject) == (1, "Your Order #[ORDER_NUMBER] is Confirmed")
    assert confirmed.body == CONFIRMED
    assert (shipped.number, shipped.subject) == (1, "Your Order #[ORDER_NUMBER] Has Shipped!")
    assert shipped.body == SHIPPED


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("key", MILESTONES)
def test_every_milestone_holds_what_it_must_and_nothing_that_it_cannot_know(key: str, language: str) -> None:
    found, kind = templates.standard(key, language), KINDS[key]
    held = set(PLACEHOLDER.findall(found.subject + found.body))
    assert held >= set(kind.required)
    assert held <= set(kind.known)
    done = rendering.render(found, VALUES)
    assert set(PLACEHOLDER.findall(done.text)) <= {"CUSTOMER_PAGE"}
    english = templates.standard(key, "en")
    assert held == set(PLACEHOLDER.findall(english.subject + english.body))


@pytest.mark.parametrize("key", MILESTONES)
def test_a_required_placeholder_that_is_empty_stops_the_mail(key: str) -> None:
    for name in KINDS[key].required:
        with pytest.raises(Unfilled, match=rf"\[{name}\].*would stay empty"):
            rendering.render(templates.standard(key, "en"), VALUES | {name: " "})


def test_a_line_whose_placeholder_may_be_empty_is_left_away() -> None:
    cancelled = templates.standard("order_cancelled", "en")
    assert "Reason: <reason>" in rendering.render(cancelled, VALUES).text
    without = rendering.render(cancelled, VALUES | {"REASON": ""}).text
    assert "Reason" not in without
    assert "Please do not pay it any more.\n\nIf you have paid" in without
    confirmed = rendering.render(
        templates.standard("order_confirmed", "en"), VALUES | {"ESTIMATED_SHIPPING_TIME": ""}
    )
    assert "shipping time" not in confirmed.text


def test_a_language_without_texts_gets_the_stores_own_and_then_english(shop: Shop) -> None:
    with shop.reading():
        assert templates.newest("order_quote", "de").language == "de"
        assert templates.newest("order_quote", "ja").language == "ja"
        assert templates.newest("order_quote", "sv").language == "en"
        assert [found.language for found in templates.choices("order_quote")] == list(WRITTEN)
    shop.set_store(language="fr")
    with shop.reading():
        assert templates.newest("order_quote", "sv").language == "fr"
        assert templates.newest("order_quote", "pt").language == "pt"


@pytest.mark.parametrize("language", [code for code in WRITTEN if code != "en"])
@pytest.mark.parametrize("key", MILESTONES)
def test_no_line_was_left_in_english(key: str, language: str) -> None:
    found, english = templates.standard(key, language), templates.standard(key, "en")
    theirs = {found.subject, *found.body.splitlines()}
    assert {line for line in theirs if PLACEHOLDER.sub("", line).strip()}.isdisjoint(
        {english.subject, *english.body.splitlines()}
    )
    assert found.subject != english.subject
    # The same lines in the same order: a placeholder never moved to where it reads wrong.
    assert _shape(found.body) == _shape(english.body)


def _shape(body: str) -> list[list[str]]:
    return [sorted(PLACEHOLDER.findall(line)) for line in body.splitlines()]
