"""Long lists behind a figure: each page begins after the last row of the one before, whatever came or went meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from checkout_desk import clock
from checkout_desk.desk import report_pages
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page


def numbers(page: Page) -> list[str]:
    """The orders that a page names, in its order."""
    rows = page.html.split("page__head")[1]
    return [one or other for one, other in re.findall(r">\s*Order (\d+)|<th [^>]*><a [^>]*>(\d+)</a>", rows)]


@pytest.mark.parametrize(
    "path", ["/reports/answers", "/reports/funnel/orders?station=1", "/reports/procedure/orders"]
)
def test_a_row_that_goes_meanwhile_hides_no_other(
    shop: Shop, as_role: Callable[[str], Browser], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_pages, "PAGE", 2)
    stage, boss = Stage(shop), as_role("manager")
    orders = [stage.order() for _ in range(5)]
    ids = [stage.seen(number).id for number in orders]
    with shop.writing():
        now = clock.now()
        for n, order_id in enumerate(ids):
            db.session.add(
                Feedback(order_id=order_id, due_at=now, asked_at=now, answered_at=now, score=1 + n % 5)
            )
    first = boss.open(path)
    if path == "/reports/answers":
        with (
            shop.writing()
        ):  # a row of the page before is gone: by position, the next page would leave one out
            db.session.query(Feedback).filter_by(order_id=ids[0]).delete()
    second = first.follow("Older")
    third = second.follow("Older")
    assert [numbers(page) for page in (first, second, third)] == [
        [str(n) for n in orders[:2]], [str(n) for n in orders[2:4]], [str(orders[4])],
    ]  # fmt: skip
    assert 'rel="next"' not in third.html
    assert numbers(boss.open(f"{path}{'&' if '?' in path else '?'}after=nonsense")) == numbers(
        boss.open(path)
    )


def test_pages_together_are_the_whole_list(
    shop: Shop, as_role: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, boss = Stage(shop), as_role("manager")
    for _ in range(3):
        stage.order()
    whole = re.findall(r"<tbody>(.*)</tbody>", boss.open("/reports/reading/behind").html, re.DOTALL)
    rows = re.findall(r"<tr>.*?</tr>", whole[0], re.DOTALL) if whole else []
    monkeypatch.setattr(report_pages, "PAGE", 2)
    page, seen = boss.open("/reports/reading/behind"), []
    while True:
        found = re.findall(r"<tbody>(.*)</tbody>", page.html, re.DOTALL)
        seen += re.findall(r"<tr>.*?</tr>", found[0], re.DOTALL) if found else []
        if 'rel="next"' not in page.html:
            break
        page = page.follow("Older")
    assert seen == rows
    assert len(rows) > 4
