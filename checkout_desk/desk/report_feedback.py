"""What customers said after delivery, as sections of the metrics page: by score, step, product, template, and in their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import KEYS
from checkout_desk.desk.order_steps import STEPS_TOLD
from checkout_desk.desk.paths import path
from checkout_desk.reports import figures, scores
from checkout_desk.reports.figures import percent
from checkout_desk.reports.tables import Cell, Section
from checkout_desk.settings.models import store

SCORES = {5: "very good", 4: "good", 3: "fair", 2: "poor", 1: "bad"}
WORDS_LISTED = 20
Link = Callable[..., str]
"""the address of the answers that a figure counts"""


class Answered(Protocol):
    """What these sections read of the report."""

    @property
    def answers(self) -> list[scores.Score]:
        """What was answered in the period."""

    @property
    def products(self) -> Mapping[tuple[str, str], scores.Mean]:
        """By (sku, name)."""

    @property
    def templates(self) -> Mapping[str, scores.Mean]:
        """By template, language and version."""


def sections(report: Answered, link: Link) -> Sequence[Section]:
    """All of them, in their order."""
    return [
        _scores(report, link),
        _steps(report, link),
        _products(report, link),
        _templates(report, link),
        _said(report),
    ]


def share(part: int, whole: int) -> Cell:
    """`97.3 %`, and the number that it says."""
    return Cell(percent(part, whole), value=figures.share(part, whole), unit="%")


def bar(part: int, whole: int) -> float:
    """How long the bar of a share is."""
    return round(100 * part / whole, 1) if whole else 0.0


def _scores(report: Answered, link: Link) -> Section:
    total = len(report.answers)
    counts = {score: sum(one.score == score for one in report.answers) for score in SCORES}
    points = [one.score for one in report.answers]
    rows = [
        [Cell(f"{score}, {words}"), Cell("", bar=bar(counts[score], total)), Cell(str(counts[score]), link(score=score) if counts[score] else ""),
         share(counts[score], total)]
        for score, words in SCORES.items()
    ]  # fmt: skip
    return Section(
        "scores", "Feedback after delivery",
        "What customers answered by pressing the button on their page; opening the link counts for nothing.",
        ("Score", f"Share of {total} {'answer' if total == 1 else 'answers'}", "Answers", "Share"), rows if total else [],
        foot=(Cell(f"Mean {sum(points) / total:.1f}"), Cell(""), Cell(str(total), link()), share(total, total)) if total else (),
        meta="counted after the customer pressed the button", empty="No customer has answered in these days.",
    )  # fmt: skip


def _steps(report: Answered, link: Link) -> Section:
    found = scores.by_step(report.answers)
    rows = [
        [Cell(_step(step)), *_mean(part, link(step=step))]
        for step, part in sorted(found.items(), key=lambda pair: -pair[1].answers)
    ]
    return Section(
        "steps", "What went wrong, by step",
        "The step of the procedure that customers named when they were not content.",
        ("Step", "Answers", "Mean", "1 or 2"), rows, empty="Nobody named a step in these days.",
    )  # fmt: skip


def _step(step: str) -> str:
    number = int(step[1:]) if step[1:].isdigit() else 0
    return f"{step}, {STEPS_TOLD[number]}" if number in STEPS_TOLD else step


def _products(report: Answered, link: Link) -> Section:
    ranked = sorted(report.products.items(), key=lambda pair: (pair[1].mean, -pair[1].answers, pair[0]))
    rows = [
        [Cell(name), Cell(sku), *_mean(part, link(sku=sku))] for (sku, name), part in ranked[:WORDS_LISTED]
    ]
    return Section(
        "products", "Feedback by product",
        f"A score counts for every product of its order; the {WORDS_LISTED} with the lowest mean.",
        ("Product", "SKU", "Answers", "Mean", "1 or 2"), rows, empty="No customer has answered in these days.",
    )  # fmt: skip


def _templates(report: Answered, link: Link) -> Section:
    ranked = sorted(report.templates.items(), key=lambda pair: (pair[1].mean, pair[0]))
    rows = [
        [Cell(_template(name)), *_mean(part, link(template=name))] for name, part in ranked[:WORDS_LISTED]
    ]
    return Section(
        "templates", "Feedback by template",
        "A score counts for every template version that its order’s mails were made of.",
        ("Template", "Answers", "Mean", "1 or 2"), rows, empty="No customer has answered in these days.",
    )  # fmt: skip


def _template(reference: str) -> str:
    """'order_confirmed:en:1' as people call it: 'Order confirmed, English v1'."""
    key, _, rest = reference.partition(":")
    language, _, number = rest.partition(":")
    name = LANGUAGES[language].name if language in LANGUAGES else language
    return f"{KEYS.get(key, key)}, {name} v{number}"


def _mean(part: scores.Mean, url: str) -> list[Cell]:
    return [Cell(str(part.answers), url), Cell(f"{part.mean:.1f}"), Cell(str(part.low))]


def _said(report: Answered) -> Section:
    told = [one for one in reversed(report.answers) if one.comment]
    rows = [
        [Cell(f"“{one.comment[:300]}”"), Cell(str(one.score)), Cell(str(one.order_number), thread(one)),
         Cell("settled" if one.settled else "open" if one.score <= store().low_score else "")]
        for one in sorted(told, key=lambda one: one.score)[:WORDS_LISTED]
    ]  # fmt: skip
    return Section(
        "said", "In their own words", f"The {WORDS_LISTED} lowest scores with words, the newest first.",
        ("Words", "Score", "Order", "Task"), rows, wide=True, empty="Nobody wrote anything in these days.",
    )  # fmt: skip


def thread(one: scores.Score) -> str:
    """The address of the conversation in which an order stands; '' where there is none."""
    return path("workspace.show", conversation_id=one.conversation_id) if one.conversation_id else ""
