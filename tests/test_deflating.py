"""What is packed comes back as it was."""

from __future__ import annotations

import json

import pytest

from checkout_desk.deflating import pack, unpack

LINE = {
    "sku": "MUG",
    "quantity": 2,
    "text": "2 x größer 👍",
    "span": [1, 9],
    "source": "body",
    "confidence": 0.97,
}

WORDS = (
    '{"lines":[{"sku":"MUG","quantity":2,"text":"2 x mug","span":[1,8],"sou'
    'rce":"body","confidence":0.97,"rule":"quantity-x-name"}],"gaps":[]}'
)
HELD = "c38c7adf507794d8374289fddcd274a404a0634151f4c722c50900"


@pytest.mark.parametrize(
    "value", [{}, {"lines": [LINE] * 40}, {"ship_city": {"by": "person", "at": "2026-11-22"}}, [], "é"]
)
def test_what_is_packed_comes_back(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert unpack(pack(text)) == text


def test_it_is_small() -> None:
    text = json.dumps({"lines": [LINE] * 4}, separators=(",", ":"))
    assert len(pack(text)) * 4 < len(text)


def test_what_stores_hold_can_be_unpacked() -> None:
    """Packed by the first version that did: another dictionary would leave every kept reading unreadable."""
    assert unpack(bytes.fromhex(HELD)) == WORDS
