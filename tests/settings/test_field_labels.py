"""What is wrong with a field is said in the words that stand above it, in every form of the settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.orders.stage import Stage
from tests.page import Browser

PAGES = (
    "/settings/store", "/settings/promises", "/settings/money/discounts", "/settings/money/quotes", "/settings/money/brand",
    "/settings/money/tax", "/settings/money/tax/new", "/settings/money/shipping", "/settings/money/shipping/new",
    "/settings/carriers", "/catalogue/new", "/catalogue/1", "/payments/new",
)  # fmt: skip
_FIELD = re.compile(r'<label[^>]*for="[^"]*"[^>]*>(.*?)</label>(.*?)(?=<label|</form|\Z)', re.DOTALL)
_CHOICE = re.compile(r'<select[^>]* name="(\w+)"')
_ERROR = re.compile(r'class="error"[^>]*>(.*?)</p>', re.DOTALL)
_NAMED = re.compile(r"(.+?)(?: is empty;| cannot be “|: “)")


def plain(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", "", html).split()))


@rows_on_sqlite(("url", "typed"), [(url, typed) for url in PAGES for typed in ("", "?!")])
def test_a_sentence_names_its_field_as_the_screen_does(
    shop: Shop, as_role: Callable[[str], Browser], url: str, typed: str
) -> None:
    Stage(shop)
    page = as_role("manager").open(url)
    told = []
    for form in page.forms:
        if form.method != "post" or not form.buttons or "theme" in form.action or "sign-out" in form.action:
            continue
        left = {"csrf_token", "version", "key", *_CHOICE.findall(page.html)}
        values = {name: typed for name, _ in form.fields if name not in left}
        answer = page.press(form.buttons[0][0], form.action, **values)
        for label, after in _FIELD.findall(answer.html):
            error = _ERROR.search(after)
            named = _NAMED.match(plain(error[1])) if error else None
            if named:
                told.append((plain(label), named[1]))
    assert [pair for pair in told if pair[1].casefold() not in pair[0].casefold()] == []
