"""Highlights in a mail's words: where they begin and end, what happens where they meet, and that nothing gets in with them."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from checkout_desk.desk import prose
from checkout_desk.desk.marks import Mark, joined, pieces

TEXT = "Please send 2 x blue mug, a teapot and\nthree bags of sencha to 12 High Street, Leeds."


def mark(words: str, number: int, text: str = TEXT, *, check: bool = False, target: str = "") -> Mark:
    start = text.index(words)
    return Mark(start, start + len(words), number, check, target or f"ln{number}", "says")


def html(text: str, *marks: Mark) -> str:
    return "".join(block["html"] for block in prose.blocks(text, None, marks))


def plain(markup: str) -> str:
    """The words that one reads."""
    return Markup(re.sub(r"<sup>\d+</sup>", "", markup.replace("<br>", "\n"))).striptags()


def test_words_and_line_share_a_number() -> None:
    shown = html(TEXT, mark("2 x blue mug", 1), mark("a teapot", 2, check=True))
    assert '<a class="span k1" href="#ln1" data-k="1" title="says">2 x blue mug<sup>1</sup></a>' in shown
    assert '<a class="span span--check k2" href="#ln2"' in shown


def test_a_highlight_over_two_lines_has_its_number_once_and_is_one_stop() -> None:
    shown = html("one\n\ntwo and three", Mark(0, 8, 1, False, "ln1", ""))
    assert shown.count("<sup>") == 1
    assert shown.count('tabindex="-1"') == 1
    assert shown.index("tabindex") < shown.index("<sup>")


def test_of_two_that_meet_the_shorter_keeps_its_words() -> None:
    outer, inner = mark("2 x blue mug, a teapot", 1), mark("a teapot", 2)
    found = [(TEXT[p.start : p.end], p.mark.number) for p in pieces(TEXT, [outer, inner])]
    assert found == [("2 x blue mug,", 1), ("a teapot", 2)]


def test_parts_of_an_address_become_one_highlight() -> None:
    parts = [mark("12 High Street", 4, target="ship"), mark("Leeds", 4, target="ship")]
    assert [TEXT[m.start : m.end] for m in joined(TEXT, parts)] == ["12 High Street, Leeds"]
    apart = [mark("Please", 4, target="ship"), mark("Leeds", 4, target="ship")]
    assert len(joined(TEXT, apart)) == 2


def test_words_stay_escaped_and_links_stay_whole() -> None:
    text = "a <b>mug</b> from https://shop.example/mug?a=1&b=2 please"
    shown = html(text, mark("<b>mug</b>", 1, text))
    assert "&lt;b&gt;mug&lt;/b&gt;<sup>1</sup>" in shown
    assert 'href="https://shop.example/mug?a=1&amp;b=2"' in shown
    inside = html(text, mark("mug?a", 1, text))
    assert inside.count("<a ") == 1  # no link inside a link: the highlight leads to the line


def test_a_fold_opens_for_what_was_read_in_it() -> None:
    text = "see below\n> 2 mugs please"
    zones = [["own", 0, 10], ["forwarded", 10, len(text)]]
    own, forwarded = prose.blocks(text, zones, [mark("2 mugs", 1, text)])
    assert (own["open"], forwarded["open"]) == (False, True)
    assert not any(block["open"] for block in prose.blocks(text, zones))


SPAN = st.tuples(st.integers(-5, 90), st.integers(-5, 90), st.integers(1, 4))


@given(text=st.text(alphabet='ab 1\n<&"שم،.:/', max_size=80), spans=st.lists(SPAN, max_size=6))
def test_no_highlight_changes_what_one_reads(text: str, spans: list[tuple[int, int, int]]) -> None:
    marks = [Mark(start, end, k, False, f"ln{k}", "") for start, end, k in spans]
    assert plain(html(text, *marks)) == plain(html(text))
    found = pieces(text, marks)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
