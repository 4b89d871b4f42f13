"""What customers answered when they were asked how it was: by score, step of the procedure, product and template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.feedback.models import Feedback
from checkout_desk.orders.models import MilestoneMail, Order, OrderLine
from checkout_desk.reports.period import Period

_ANSWERED = (Feedback.answered_at >= bindparam("start"), Feedback.answered_at < bindparam("end"))
_ROWS = (
    select(
        Feedback.id, Feedback.order_id, Feedback.score, Feedback.comment, Feedback.step, Feedback.answered_at,
        Feedback.settled_at, Order.number, Order.conversation_id,
    )
    .join(Order, Order.id == Feedback.order_id)
    .where(*_ANSWERED)
    .order_by(Feedback.answered_at, Feedback.id)
)  # fmt: skip
_ASKED = (
    select(func.count())
    .select_from(Feedback)
    .where(Feedback.asked_at >= bindparam("start"), Feedback.asked_at < bindparam("end"))
)
_PRODUCTS = (
    select(Feedback.score, Product.sku, Product.name)
    .join(OrderLine, OrderLine.order_id == Feedback.order_id)
    .join(Product, Product.id == OrderLine.product_id)
    .where(*_ANSWERED, OrderLine.removed_at.is_(None))
    .distinct()
    .add_columns(Feedback.id)
)
_TEMPLATES = (
    select(Feedback.score, MilestoneMail.template)
    .join(MilestoneMail, MilestoneMail.order_id == Feedback.order_id)
    .where(*_ANSWERED, MilestoneMail.template != "")
    .distinct()
    .add_columns(Feedback.id)
)


@dataclass(frozen=True, slots=True)
class Score:
    """One answer."""

    id: int
    order_number: int
    conversation_id: int | None
    score: int
    comment: str
    step: str
    answered_at: datetime
    settled: bool


@dataclass(frozen=True, slots=True)
class Mean:
    """How a set of answers stands."""

    answers: int
    mean: float
    low: int
    """answers of 1 or 2"""


def answered_in(period: Period) -> list[Score]:
    """Every answer of the period, oldest first. One query."""
    rows = db.session.connection().execute(_ROWS, _between(period))
    return [
        Score(
            row.id, row.number, row.conversation_id, row.score, row.comment, row.step, row.answered_at,
            row.settled_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def asked_in(period: Period) -> int:
    """How many customers were asked in the period."""
    return int(db.session.connection().execute(_ASKED, _between(period)).scalar_one())


def by_product(period: Period) -> dict[tuple[str, str], Mean]:
    """(sku, name) → what customers said whose order held it. One query."""
    rows = db.session.connection().execute(_PRODUCTS, _between(period))
    return _means(((row.sku, row.name), row.score) for row in rows)


def by_template(period: Period) -> dict[str, Mean]:
    """Template, language and version → what customers said who got that mail. One query."""
    rows = db.session.connection().execute(_TEMPLATES, _between(period))
    return _means((row.template, row.score) for row in rows)


def choose(answers: Iterable[Score], period: Period, words: Mapping[str, str]) -> list[Score]:
    """Those that the words of an address ask for: `score`, `step`, `sku`, `template`. At most two queries."""
    found = list(answers)
    if score := words.get("score"):
        found = [one for one in found if str(one.score) == score]
    if step := words.get("step"):
        found = [one for one in found if one.step == step]
    if sku := words.get("sku"):
        ids = of_product(period, sku)
        found = [one for one in found if one.id in ids]
    if template := words.get("template"):
        ids = of_template(period, template)
        found = [one for one in found if one.id in ids]
    return found


def of_product(period: Period, sku: str) -> set[int]:
    """The answers that count for a product. One query."""
    rows = db.session.connection().execute(_PRODUCTS, _between(period))
    return {row.id for row in rows if row.sku == sku}


def of_template(period: Period, reference: str) -> set[int]:
    """The answers that count for a version of a template. One query."""
    rows = db.session.connection().execute(_TEMPLATES, _between(period))
    return {row.id for row in rows if row.template == reference}


def mean(scores: Sequence[int]) -> Mean:
    """Of at least one score."""
    return Mean(len(scores), sum(scores) / len(scores), sum(score <= 2 for score in scores))


def by_step(answers: Iterable[Score]) -> dict[str, Mean]:
    """Step of the procedure that customers named → what they said."""
    return _means((one.step, one.score) for one in answers if one.step)


def _means(pairs: Iterable[tuple[Any, int]]) -> dict[Any, Mean]:
    parts: dict[Any, list[int]] = defaultdict(list)
    for key, score in pairs:
        parts[key].append(score)
    return {key: mean(part) for key, part in parts.items()}


def _between(period: Period) -> dict[str, datetime]:
    return {"start": period.start, "end": period.end}
