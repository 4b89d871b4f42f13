"""A mail that names another amount than the live quote's is stopped; what the quote shows may be named."""

from __future__ import annotations

import pytest

from checkout_desk.conversations.sending import Stopped
from checkout_desk.orders import amounts, quoting
from tests.orders.quoted import MONDAY, Till
from tests.orders.stage import Stage


@pytest.mark.parametrize(
    ("text", "currency", "found"),
    [
        ("It comes to £63.90 in all.", "GBP", [("£63.90", {6390})]),
        ("63.90 GBP, or GBP63.90", "GBP", [("63.90 GBP", {6390}), ("GBP63.90", {6390})]),
        ("Pay 1.234,56 € please", "EUR", [("1.234,56 €", {123456})]),
        ("Pay €1,234.56 please", "EUR", [("€1,234.56", {123456})]),
        ("1 234,56 € ou 12 euros", "EUR", [("1 234,56 €", {123456}), ("12 euros", {1200})]),
        ("16 pounds each", "GBP", [("16 pounds", {1600})]),
        ("£16 and £5.5", "GBP", [("£16", {1600}), ("£5.5", {550})]),
        ("¥1,200 or 1200円", "JPY", [("¥1,200", {1200}), ("1200円", {1200})]),
        ("KWD 1.250", "KWD", [("KWD 1.250", {1250, 1250000})]),
        ("$12.00 in dollars, US$ 3", "USD", [("$12.00", {1200}), ("US$ 3", {300})]),
        ("> you said £5", "GBP", []),
        ("2 mugs by 21.11., order 1042, 9.30 h, tel. 0191 234", "GBP", []),
        ("Bring 5 poundsterling notes", "GBP", []),
    ],
)
def test_amounts_are_seen_as_people_write_them(
    text: str, currency: str, found: list[tuple[str, set[int]]]
) -> None:
    assert list(amounts.named(text, currency)) == found


@pytest.fixture
def till(stage: Stage) -> Till:
    return Till(stage)


@pytest.mark.parametrize(
    ("words", "stopped"),
    [
        ("It is £32.00 in all, £16 each.", False),
        ("It is £31.00 in all.", True),
        ("It is £320.00 in all.", True),
        ("It is 32,00 GBP.", False),
        ("A Red mug would be £16.50 on top.", False),
        ("Something else would be £16.50 on top.", True),
        ("They are on their way by 21.11.", False),
    ],
)
def test_a_reply_with_another_amount_is_stopped(till: Till, words: str, stopped: bool) -> None:
    number, quote_id = till.quoted()
    c = till.stage.row(number)
    if not stopped:
        till.shop.reply(c.id, words)
        return
    with pytest.raises(Stopped) as caught:
        till.shop.reply(c.id, words)
    assert f"is no amount of quote {number}-Q1, which comes to £32.00" in caught.value.fields["text"]
    till.do(quote_id, quoting.withdraw, by=None, reason="x")
    till.shop.reply(c.id, words)


def test_what_other_packages_know_may_be_named(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _ = till.quoted(when=MONDAY)
    monkeypatch.setattr(amounts, "_known", [])
    amounts.know(lambda quote: {quote.total_minor - 1200})
    till.shop.reply(till.stage.row(number).id, "£20.00 are still to come.")
