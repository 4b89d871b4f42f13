"""Card numbers are found however people write them, and nothing that only looks like one is touched."""

import pytest
from stdnum import luhn

from checkout_desk.mail.cards import find_cards, has_card, mask_cards

CARDS = [
    ("4242424242424242", "visa"),
    ("4242 4242 4242 4242", "visa"),
    ("4242-4242-4242-4242", "visa"),
    ("4242.4242.4242.4242", "visa"),
    ("4242\u00a04242\u00a04242\u00a04242", "visa"),
    ("4242\u202f4242\u202f4242\u202f4242", "visa"),
    ("4242\u20114242\u20114242\u20114242", "visa"),
    ("4242  4242  4242  4242", "visa"),
    ("42 42 42 42 42 42 42 42", "visa"),
    (" ".join("4242424242424242"), "visa"),
    ("4242\u200b4242\u200b4242\u200b4242", "visa"),
    ("\uff14\uff12\uff14\uff12" * 4, "visa"),
    ("\uff14\uff12\uff14\uff12\u3000" * 3 + "\uff14\uff12\uff14\uff12", "visa"),
    ("".join(d + "\ufe0f\u20e3" for d in "4242424242424242"), "visa"),
    ("\u0664\u0662\u0664\u0662" * 4, "visa"),
    ("4242 4242\n4242 4242", "visa"),
    ("424242424242\n4242", "visa"),
    ("4242 424\n2 4242 4242", "visa"),
    ("4242 4242\n> 4242 4242", "visa"),
    ("4242&nbsp;4242&#160;4242&nbsp;4242", "visa"),
    ("4242<wbr>4242</b> 4242 4242", "visa"),
    ("4222222222222", "visa"),
    ("5555 5555 5555 4444", "mastercard"),
    ("2223003122003222", "mastercard"),
    ("2720990000000007", "mastercard"),
    ("3782 822463 10005", "amex"),
    ("371449635398431", "amex"),
    ("6011 1111 1111 1117", "discover"),
    ("3056 930902 5904", "diners"),
    ("36227206271667", "diners"),
    ("3566 0020 2036 0505", "jcb"),
    ("6200 0000 0000 0005", "unionpay"),
    ("6205500000000000004", "unionpay"),
    ("6759649826438453", "maestro"),
]


@pytest.mark.parametrize(("number", "issuer"), CARDS)
@pytest.mark.parametrize("frame", ["{}", "My card is {}, valid 12/29.", "Karte:{} bitte", "カード{}です"])
def test_a_card_is_found_and_masked(number: str, issuer: str, frame: str) -> None:
    text = frame.format(number)
    (card,) = find_cards(text)
    assert card.issuer == issuer
    assert text[: card.start] == frame.split("{}")[0]
    assert number.startswith(text[card.start : card.end])
    masked = mask_cards(text)
    assert len(masked) == len(text)
    assert not has_card(masked)
    assert masked.count("\N{BULLET}") >= 9


def test_the_last_four_and_the_separators_stay() -> None:
    assert mask_cards("Visa 4242 4242-4242 4242!") == "Visa •••• ••••-•••• 4242!"


def test_numbers_beside_a_card_do_not_hide_it() -> None:
    assert mask_cards("order 1042 4242 4242 4242 4242 123") == "order 1042 •••• •••• •••• 4242 123"
    assert mask_cards("4242424242424242 5555555555554444") == "••••••••••••4242 ••••••••••••4444"
    assert mask_cards("4242 4242 4242 4242\n12/29 123") == "•••• •••• •••• 4242\n12/29 123"
    assert mask_cards("Visa4242424242424242") == "Visa••••••••••••4242"


@pytest.mark.parametrize(
    "text",
    [
        "4242 4242 4242 4241",  # wrong check digit
        "1234567812345670",  # good check digit, no issuer
        "+49 30 1234 5678 9012",
        "+4242424242424242",
        "Tel. 0049 151 23456789, 0151 23456789",
        "call 4 415 555 2671 or 4 415 555 2672",
        "DE75 5121 0800 1245 1261 99",
        "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "FR76 3000 6000 0112 3456 7890 189",
        "4006381333931",  # EAN of a pen
        "4902430698542",
        "9400 1000 0000 0000 0000 00",
        "9405 5111 0800 1245 1261 92",
        "1Z999AA10123456784",
        "JD014600004242424242424242",
        "AB4242424242424242",
        "4242424242424242DE",
        "00340434161094042557",
        "RR473124829DE",
        "2024-03-05 10:15:42 2024-03-06 11:15:42",
        "4 10 250\n5 12 300\n4 11 255",
        "Art. 4242, 4242, 4242, 4242",
        "0000 0000 0000 0000",
        "4444444444444444444",
        "",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert mask_cards(text) is text
    assert not has_card(text)


def test_hostile_digits_are_linear() -> None:
    for text in ("4 " * 200_000, "4242 " * 100_000, "4" * 500_000, "4\n" * 200_000, "4<" * 200_000):
        assert len(mask_cards(text)) == len(text)


@pytest.mark.parametrize("prefix", ["4", "51", "34", "6011", "62"])
def test_the_check_digit_is_the_one_of_the_standard(prefix: str) -> None:
    length = 15 if prefix == "34" else 16
    for filler in ("0", "1", "12", "987", "5063"):
        body = (prefix + filler * 16)[: length - 1]
        right = luhn.calc_check_digit(body)
        assert [d for d in "0123456789" if has_card(body + d)] == [right]
