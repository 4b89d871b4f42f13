"""What a page's Markdown becomes, and what it may not become."""

from __future__ import annotations

import pytest

from checkout_desk.playbook.links import STANDARD
from checkout_desk.playbook.markdown import rendered, slug
from checkout_desk.playbook.standard import TITLES, words


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="https://elsewhere.example/p.gif">',
        "![seen](https://elsewhere.example/p.gif)",
        "[go](javascript:alert(1))",
        "[go](data:text/html,x)",
        "[go](//elsewhere.example/x)",
        "[go](/\\elsewhere.example)",
        "[go](http://elsewhere.example)",
    ],
)
def test_nothing_but_text_and_safe_links_comes_out(text: str) -> None:
    html = str(rendered(text).html)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert 'href="//' not in html
    assert 'href="/\\' not in html
    assert 'href="http:' not in html


def test_headings_and_steps_can_be_pointed_at() -> None:
    made = rendered("## Über uns\n\n## Über uns\n\n- **Step 4**: Ask.\n- no step\n")
    assert made.anchors == (("uber-uns", "Über uns"), ("uber-uns-2", "Über uns"), ("step-4", "Step 4"))
    assert '<li id="step-4">' in made.html


def test_a_slug_is_plain_and_bounded() -> None:
    assert slug("  What, again?! 2 ") == "what-again-2"
    assert slug("日本語") == ""
    assert len(slug("word " * 60)) <= 80


def test_every_link_that_came_with_the_desk_leads_somewhere() -> None:
    for (kind, key), (page, anchor) in STANDARD.items():
        assert anchor in dict(rendered(words(page)).anchors), (kind, key)


def test_links_between_standard_pages_hold() -> None:
    for page in TITLES:
        html = str(rendered(words(page)).html)
        for part in html.split('href="/playbook/')[1:]:
            target, _, anchor = part.split('"')[0].partition("#")
            assert target in TITLES
            assert not anchor or anchor in dict(rendered(words(target)).anchors)
