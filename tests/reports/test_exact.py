"""Every figure of the metrics page, its CSV and what stands behind it, against a slow count over random histories."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.feedback import answering
from checkout_desk.feedback.models import Feedback
from checkout_desk.mail.models import OutboundMail
from checkout_desk.orders.models import MilestoneMail, OrderLine
from checkout_desk.reports import figures, replies, resolutions
from checkout_desk.reports.period import Period
from checkout_desk.settings.models import Calendar, Store
from tests.builders import Shop
from tests.orders.stage import Stage, line, quay, reading
from tests.page import Browser, Page
from tests.reports.histories import OFFICE, WEEK, ZONE, Asked, Count, History, middle, nine_of_ten


@pytest.mark.parametrize("seed", [3, 11])
def test_every_message_is_what_the_slow_count_says(shop: Shop, seed: int) -> None:
    history = History(shop, random.Random(seed), clock.now() + timedelta(hours=1))
    history.live()
    with shop.reading(), clock.pretending(history.at):
        count = Count(db.session.get_one(Store, 1).promise_hours)
        now = clock.now()
        period = Period(now.date() - timedelta(days=60), now.date() + timedelta(days=1), ZONE)
        for business in (False, True):
            rows = replies.opened_in(period, now=now, hours=OFFICE if business else None)
            said = [(r.message_id, r.conversation_id, r.person_id, r.first, r.waited, r.kept) for r in rows]
            meant = [
                (a.message, a.conversation, a.person, a.first, a.waited(business=business), a.kept(now))
                for a in sorted(count.asked.values(), key=lambda a: (a.at, a.message))
            ]
            assert said == meant
            took = [one.took for one in resolutions.closed_in(period, hours=OFFICE if business else None)]
            assert took == count.resolutions(business=business)
    states = {one.state for one in count.asked.values()}
    kinds = {e.kind for e in count.record}
    assert states == {"open", "answered", "judged"}
    assert {"conversation.merged", "promise.paused", "message.taken_back"} <= kinds, (
        "a dull history proves little"
    )
    assert {o.state for o in shop.all(OutboundMail)} >= {"sent", "failed", "cancelled"}
    shop.sound()


def words_of(page: Page) -> dict[str, list[list[str]]]:
    """Key of a section -> its table as the screen shows it, heads first; a bar is its length."""
    found = {}
    for part in page.html.split('aria-labelledby="r-')[1:]:
        rows = []
        for row in re.findall(r"<tr>(.*?)</tr>", part, re.DOTALL):
            cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
            rows.append([unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells])
        found[part.partition('"')[0]] = rows
    return found


def table(boss: Browser, key: str, query: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(boss.open(f"/reports/{key}.csv?{query}").html.lstrip("\ufeff"))))


def as_shown(head: str, value: str) -> str:
    """A value of a CSV in the words of the screen."""
    if head.endswith(", seconds"):
        return figures.lasting(timedelta(seconds=float(value)) if value else None)
    if head.endswith(", %"):
        return "–" if not value else "100 %" if value == "100" else f"{float(value):.1f} %"
    return value


def told_feedback(shop: Shop, chance: random.Random, at: datetime) -> None:
    """Orders of several products, each asked about, most of them answered."""
    stage = Stage(shop)
    for n in range(8):
        skus = chance.sample(["MUG-BLU", "MUG-RED", "POT-06"], chance.randint(1, 3))
        number = stage.order(reading(*(line(sku, 1, f"one {sku}") for sku in skus), ship_to=quay()))
        order_id = stage.seen(number).id
        with shop.writing():
            for version in {chance.randint(1, 2) for _ in range(2)}:
                db.session.add(
                    MilestoneMail(
                        order_id=order_id,
                        milestone=f"m{version}",
                        template=f"order_confirmed:en:{version}",
                        at=at,
                    )
                )
            row = Feedback(order_id=order_id, due_at=at, asked_at=at)
            db.session.add(row)
            db.session.flush()
            if n != 3:
                step = chance.choice(["", "A10", "A12"])
                answering.answer(row, chance.randint(1, 5), comment=f"=1+{n}", step=step)


def slow_feedback() -> dict[str, dict[str, list[int]]]:
    """Scores by score, step, product and template, answer by answer."""
    found: dict[str, dict[str, list[int]]] = {
        name: {} for name in ("scores", "steps", "products", "templates")
    }
    for row in db.session.scalars(select(Feedback).where(Feedback.score.is_not(None))):
        assert row.score is not None
        lines = db.session.scalars(select(OrderLine).where(OrderLine.order_id == row.order_id))
        skus = {
            db.session.get_one(Product, one.product_id).sku
            for one in lines
            if one.product_id and not one.removed_at
        }
        mails = db.session.scalars(select(MilestoneMail).where(MilestoneMail.order_id == row.order_id))
        kinds = {"scores": {str(row.score)}, "steps": {row.step} - {""}, "products": skus,
                 "templates": {"v" + m.template[-1] for m in mails if m.template}}  # fmt: skip
        for name, keys in kinds.items():
            for key in keys:
                found[name].setdefault(key, []).append(row.score)
    return found


def expect_people(
    rows: list[list[str]], count: Count, names: dict[str, set[int]], now: datetime, *, business: bool
) -> None:
    """A line for each name: replies, median, p90 and share of those whom these people answered."""
    for name, ids in names.items():
        mine = [one for one in count.asked.values() if one.state == "answered" and one.person in ids]
        line_ = next((row for row in rows if row[0] == name), None)
        if not mine:
            assert line_ is None
            continue
        took = [t for one in mine if (t := one.waited(business=business)) is not None]
        kept = sum(one.kept(now) is True for one in mine)
        assert line_ is not None
        assert line_[1:4] == [str(len(mine)), seconds(middle(took)), seconds(nine_of_ten(took))]
        assert line_[5] == f"{figures.share(kept, len(mine)):.15g}"


def seconds(value: timedelta | None) -> str:
    return "" if value is None else f"{value.total_seconds():.15g}"


def test_the_page_its_csv_and_what_stands_behind_are_the_slow_count(shop: Shop, as_confirmed: Any) -> None:
    history = History(shop, random.Random(5), clock.now() + timedelta(hours=1))
    history.live()
    with clock.pretending(history.later(0.1, 0.2)):
        told_feedback(shop, history.chance, history.at)
        with shop.writing():
            open_ = Calendar(name="Open", time_zone=str(ZONE), country="", hours=WEEK, closures=[])
            db.session.add(open_)
            db.session.flush()
            db.session.get_one(Store, 1).calendar_id = open_.id
            db.session.get_one(Store, 1).time_zone = str(ZONE)
    with clock.pretending(history.later(0.1, 0.2)):
        boss = as_confirmed("manager")
        first, last = history.at.date() - timedelta(days=40), history.at.date()
        for business in (False, True):
            query = f"from={first}&to={last}" + ("&clock=business" if business else "")
            page = boss.open(f"/reports?{query}")
            with shop.reading():
                count = Count(db.session.get_one(Store, 1).promise_hours)
                now, fed = clock.now(), slow_feedback()
                people: dict[str, set[int]] = {p.name: {p.id} for p in db.session.scalars(select(Person))}
                roles: dict[str, set[int]] = {}
                for held in db.session.scalars(select(PersonRole)):
                    roles.setdefault(ROLES[held.role], set()).add(held.person_id)
            every = list(count.asked.values())
            took = [t for one in every if (t := one.waited(business=business)) is not None]
            begun = [t for one in every if one.first and (t := one.waited(business=business)) is not None]
            closed = count.resolutions(business=business)
            decided = [one.kept(now) for one in every if one.kept(now) is not None]
            top = [unescape(words) for words in re.findall(r"<dd><a [^>]*>(.*?)</a></dd>", page.html)]
            points = [n for scores in fed["scores"].values() for n in scores]
            assert top == [
                figures.percent(sum(map(bool, decided)), len(decided)), figures.lasting(middle(begun)),
                figures.lasting(nine_of_ten(begun)), figures.lasting(middle(took)), figures.lasting(middle(closed)),
                f"{sum(points) / len(points):.1f} of 5",
            ]  # fmt: skip
            shown = words_of(page)
            sheets = {key: table(boss, key, query) for key in shown}
            for key, sheet in sheets.items():
                assert len(sheet) == len(shown[key]), key
                for row, told in zip(sheet[1:], shown[key][1:], strict=True):
                    for head, value, words in zip(sheet[0], row, told, strict=True):
                        if key in ("days", "hours") or not words:
                            continue  # days are ISO there, and empty hours nothing; both are compared below
                        assert as_shown(head, value) == words, (key, head)
            expect_people(sheets["people"], count, people, now, business=business)
            expect_people(sheets["roles"], count, roles, now, business=business)
            compare_days(sheets["days"], every, business=business)
            compare_hours(sheets["hours"], every)
            bins = [0] * 9
            for t in took:
                bins[sum(t >= timedelta(hours=h) for h in (1, 2, 4, 8, 12, 18, 24, 36))] += 1
            assert sheets["waiting"][1][1:] == [*map(str, bins), str(len(took))]
            compare_feedback(sheets, fed)
            assert not any(
                cell.startswith(("=", "+", "@")) for sheet in sheets.values() for row in sheet for cell in row
            )
            follow_everything(
                boss,
                page,
                top_counts=[
                    sum(map(bool, decided)),
                    len(begun),
                    len(begun),
                    len(took),
                    len(closed),
                    len(points),
                ],
            )


def compare_days(sheet: list[list[str]], every: list[Asked], *, business: bool) -> None:
    days: dict[str, list[timedelta]] = {}
    for one in every:
        if one.first and (t := one.waited(business=business)) is not None:
            days.setdefault(one.at.astimezone(ZONE).date().isoformat(), []).append(t)
    assert [row[0] for row in sheet[1:]] == sorted(days)
    for row in sheet[1:]:
        assert row[1] == str(len(days[row[0]]))
        for said, meant in zip(row[2:4], (middle(days[row[0]]), nine_of_ten(days[row[0]])), strict=True):
            assert meant is not None
            assert said == f"{meant.total_seconds() / 3600:.1f}"


def compare_hours(sheet: list[list[str]], every: list[Asked]) -> None:
    for weekday, row in enumerate(sheet[1:]):
        for part, cell in enumerate(row[1:]):
            local = [one.at.astimezone(ZONE) for one in every]
            assert cell == str(sum((at.weekday(), at.hour // 3) == (weekday, part) for at in local))


def compare_feedback(sheets: dict[str, list[list[str]]], fed: dict[str, dict[str, list[int]]]) -> None:
    assert {row[0][0]: row[2] for row in sheets["scores"][1:-1] if row[2] != "0"} == {
        score: str(len(many)) for score, many in fed["scores"].items()
    }
    keys: dict[str, Callable[[str], str]] = {
        "steps": lambda text: text.partition(",")[0],
        "products": str,
        "templates": lambda text: text[-2:],
    }
    for name, at in (("steps", 0), ("products", 1), ("templates", 0)):
        said = {keys[name](row[at]): row[at + 1 : at + 4] for row in sheets[name][1:]}
        assert said == {
            one: [str(len(many)), f"{sum(many) / len(many):.1f}", str(sum(n <= 2 for n in many))]
            for one, many in fed[name].items()
        }


def follow_everything(boss: Browser, page: Page, *, top_counts: list[int]) -> None:
    """Every figure opens as many messages, closings or answers as it says."""
    seen = 0
    top = re.findall(r'<dd><a [^>]*href="([^"]+)"', page.html)
    links = [*zip(top, map(str, top_counts), strict=True)]
    links += re.findall(r'<td class="num[^"]*"><a class="link" href="(/reports/[^"]+)">(\d+)</a>', page.html)
    for address, number in links:
        behind = boss.open(unescape(address))
        n = re.search(r"(\d+) (?:messages?,|behind this figure)", behind.text)
        assert n is not None, address
        assert n[1] == number, address
        seen += 1
    assert seen > 30
