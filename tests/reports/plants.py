"""What can go wrong on the walk of an order, and what the report has to find then: no more and no less."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.orders.stage import line, quay, reading

FIRST = datetime(2031, 3, 3, 8, 0, tzinfo=UTC)
"""a Monday that no clock has reached: the record's time never goes back, and the shop was opened now"""
END = datetime(2031, 3, 28, 8, 0, tzinfo=UTC)
"""when the report is looked at: everything that is due has been due for days"""
GAPPY = reading(line("MUG-BLU", 2), ship_to=quay(postcode=None), phone="+441912345678")
Found = set[tuple[str, str]]
PLANTS: dict[str, Found] = {
    "read_late": {("A1", "late")},
    "ordered_again": {("A1", "repeated")},
    "noted_late": {("A2", "late")},
    "nothing_held": {("A3", "skipped"), ("A9", "skipped"), ("A10", "late")},
    "missing_on_the_shelf": {("A3", "repeated")},
    "asked_late": {("A4", "late")},
    "never_asked": {("A4", "late")},
    "asked_twice": {("A4", "repeated")},
    "asked_late_and_twice": {("A4", "late"), ("A4", "repeated")},
    "quoted_twice": {("A5", "repeated"), ("B1", "repeated")},
    "quoted_late": {("A6", "late")},
    "never_quoted": {("A6", "late")},
    "quoted_in_own_words": {("B5", "skipped")},
    "paid_in_parts": {("A7", "repeated")},
    "matched_late": {("A8", "late")},
    "let_go_unpaid": {("A8", "skipped")},
    "not_in_the_ledger": {("A9", "skipped"), ("A10", "late")},
    "packed_late": {("A10", "late"), ("A12", "late")},
    "never_packed": {("A10", "late")},
    "packed_again": {("A10", "repeated")},
    "without_a_label": {("A11", "skipped")},
    "labelled_again": {("A11", "repeated")},
    "handed_over_late": {("A12", "late")},
    "never_handed_over": {("A12", "late")},
    "confirmed_late": {("A13", "late")},
    "confirmation_refused": {("A13", "skipped")},
    "confirmed_twice": {("A13", "repeated")},
    "told_late": {("A14", "late")},
    "told_nobody": {("A14", "skipped")},
    "told_twice": {("A14", "repeated")},
    "return_decided_late": {("A15", "late")},
    "feedback_forgotten": {("A16", "late")},
    "feedback_impossible": {("A16", "skipped")},
    "not_on_record": {("A17", "skipped")},
    "arrived_late": {("B3", "late")},
    "lost": {("B3", "skipped")},
    "answered_late": {("B4", "late")},
    "never_answered": {("B4", "late")},
}
CLEAN = (
    "", "asked", "asked_and_taken_back", "verified_undone", "cancelled", "cancelled_after_payment", "expired", "on_account",
    "returned", "opted_out", "waits_for_money",
)  # fmt: skip
"""walks that look unusual and are as the procedure says"""
