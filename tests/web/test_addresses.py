"""Where the desk sends people, and where a page of rows goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_desk.web.pages import safe_next
from checkout_desk.web.paging import decode, encode


@pytest.mark.parametrize(
    "target",
    [
        "", None, "evil.example", "https://evil.example", "http:evil.example", "http:/evil.example", "//evil.example",
        "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example",
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "mailto:x@y", "/@evil.example", "/me@evil.example/",
        "https:evil.example", "https:///evil.example", "//evil.example@localhost", "/a//b", "/.//evil.example", "/a\\b",
        "/\x00", "/\x7f", "/me\u2028", "/\u202e", "?next=/", "#x", ".", "/" + "a" * 2000, "//[::1", "/\u3000/x",
    ],
)  # fmt: skip
def test_a_foreign_address_is_not_followed(target: str | None) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/people",
        "/search?q=from:mia@fern.example",
        "/c/12?view=mine#m3",
        "/search?q=a//b",
        "/caf%C3%A9",
        "/straße",
    ],
)
def test_an_own_address_is(target: str) -> None:
    assert safe_next(target) == target


INSTANTS = st.datetimes(
    timezones=st.just(UTC), min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)
)


@given(INSTANTS, st.integers(min_value=0, max_value=2**63 - 1))
def test_a_cursor_comes_back_as_it_went(at: datetime, row_id: int) -> None:
    cursor = encode(at, row_id)
    assert decode(cursor) == (at, row_id)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=60))
def test_any_other_text_is_the_first_page(text: str) -> None:
    found = decode(text)
    assert found is None or encode(*found) == text or len(text) == 22


@pytest.mark.parametrize(
    "cursor", [None, "", "x", "A" * 21, "A" * 23, "é" * 22, "_" * 22, "f" * 22, "A" * 20 + "==", " " * 22]
)
def test_a_broken_cursor_is_the_first_page(cursor: str | None) -> None:
    assert decode(cursor) is None or cursor in ("_" * 22,)
