"""Which page tells how a step of the procedures, a template, a next action or a report's finding is to be handled."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.playbook.markdown import rendered
from checkout_desk.playbook.models import PlaybookLink, PlaybookPage
from checkout_desk.playbook.pages import Page, own_row
from checkout_desk.playbook.standard import TITLES

KINDS = {"step": "Steps", "template": "Templates", "action": "Next steps", "finding": "Reports"}


@dataclass(frozen=True, slots=True)
class Place:
    """A page and a place on it."""

    slug: str
    title: str
    anchor: str


_A, _B = "email-checkout", "order-confirmation-and-tracking"
_POLICY, _GUIDE = "customer-service-policy", "email-communication-guidelines"
_OF_B = {
    "B1": "order-verification",
    "B2": "send-order-confirmation-email",
    "B3": "order-tracking-information",
    "B4": "handling-customer-inquiries",
    "B5": "consistent-communication",
    "B6": "6-monitoring-review",
    "B7": "7-references",
}
STANDARD: dict[tuple[str, str], tuple[str, str]] = {
    **{("step", f"A{n}"): (_A, f"step-{n}") for n in range(1, 18)},
    **{("step", code): (_B, anchor) for code, anchor in _OF_B.items()},
    ("template", "missing_details"): (_A, "step-4"),
    ("template", "missing_details_reminder"): (_A, "step-4"),
    ("template", "quote"): (_A, "step-5"),
    ("template", "confirmed"): (_B, "send-order-confirmation-email"),
    ("template", "shipped"): (_B, "order-tracking-information"),
    ("action", "answer"): (_B, "handling-customer-inquiries"),
    ("action", "check_order"): (_A, "step-2"),
    ("action", "ask_details"): (_A, "step-4"),
    ("action", "check_answer"): (_A, "step-4"),
    ("action", "send_quote"): (_A, "step-5"),
    ("action", "revise_quote"): (_A, "step-5"),
    ("action", "match_payment"): (_A, "step-8"),
    ("action", "pack"): (_A, "step-10"),
    ("action", "ship"): (_A, "step-12"),
    ("action", "fix_delivery"): (_A, "step-15"),
    ("action", "check_return"): (_POLICY, "returns"),
    ("action", "receive_return"): (_POLICY, "returns"),
    ("action", "refund"): (_POLICY, "money"),
    ("finding", "late_answer"): (_POLICY, "answers"),
    ("finding", "asked_again"): (_GUIDE, "before-you-write"),
    ("finding", "template"): (_GUIDE, "the-mail"),
    ("finding", "error"): (_B, "6-monitoring-review"),
}
"""(kind, key) -> (page, place on it), while the store has not chosen otherwise"""


def page_for(kind: str, key: str) -> Place | None:
    """The page that tells how `key` is handled; None where nothing says so. One query."""
    return all_of(kind).get(key)


def all_of(kind: str) -> dict[str, Place]:
    """Every link of one kind: key -> place. One query."""
    rows = db.session.execute(
        select(PlaybookLink.key, PlaybookPage.slug, PlaybookPage.title, PlaybookLink.anchor)
        .join(PlaybookPage, PlaybookPage.id == PlaybookLink.page_id)
        .where(PlaybookLink.kind == kind)
    ).all()
    found = {
        key: Place(slug, TITLES[slug], anchor) for (of, key), (slug, anchor) in STANDARD.items() if of == kind
    }
    return found | {key: Place(slug, title, anchor) for key, slug, title, anchor in rows}


def point(kind: str, key: str, page: Page, anchor: str) -> None:
    """From now on `page` tells how `key` is handled, at `anchor`. Raises Refused for a place that is not there."""
    if kind not in KINDS or not key:
        raise Refused("That is nothing that a page can be linked from.")
    if anchor and anchor not in dict(rendered(page.newest.text).anchors):
        raise Refused(f"“{page.title}” has no place “{anchor[:80]}”; choose one of its headings.")
    target = own_row(page)
    row = db.session.scalar(select(PlaybookLink).where(PlaybookLink.kind == kind, PlaybookLink.key == key))
    before = {"page_id": row.page_id, "anchor": row.anchor} if row else None
    if row is None:
        row = PlaybookLink(kind=kind, key=key, page_id=target.id, anchor=anchor)
        db.session.add(row)
    row.page_id, row.anchor = target.id, anchor
    db.session.flush()
    record(
        "playbook.linked", about=target,
        before=before, after={"kind": kind, "key": key, "page": target.slug, "anchor": anchor},
    )  # fmt: skip
