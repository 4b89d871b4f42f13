"""Discount codes as a manager sets them: a row that has begun keeps its worth, another one takes over from a later day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.settings.discounts import key_of
from checkout_desk.settings.effective import long_day, one_at_a_time, today
from checkout_desk.settings.models import Discount
from checkout_desk.settings.tax_changes import not_before_today
from checkout_desk.settings.typed import Wrong


def add(values: dict[str, Any]) -> Discount:
    """A code, or what a known code is worth from a day on. `values` are the columns without code_key. Raises Wrong."""
    one_at_a_time()
    begins, ends = values["valid_from"], values["valid_until"]
    key = key_of(values["code"])
    if values["value"] == 0:
        raise Wrong("value", "Worth cannot be 0; type what the code takes off, such as 10.")
    for other in rows_of(key):
        if other.valid_from == begins:
            raise Wrong(
                "valid_from",
                f"Code “{other.code}” has a row from {long_day(begins)} on already; choose another day.",
            )
    not_before_today(begins)
    if ends is not None and ends < begins:
        raise Wrong(
            "valid_until",
            f"Until cannot be {long_day(ends)}, before it begins; choose {long_day(begins)} or later.",
        )
    row = Discount(code_key=key, **values)
    db.session.add(row)
    record("discount.created", about=row, after=_told(row))
    return row


def end(row: Discount, *, on: date) -> None:
    """Let a code hold until the end of `on`; one that has not begun goes away. Raises Refused where it ended before."""
    one_at_a_time()
    if row.valid_from > today():
        record("discount.taken_away", about=row, before=_told(row))
        db.session.delete(row)
        return
    if row.valid_until is not None and row.valid_until <= on:
        raise Refused(f"Code “{row.code}” ends on {long_day(row.valid_until)} anyhow.")
    before = row.valid_until
    row.valid_until = on
    after = {"until": on.isoformat()}
    record("discount.ended", about=row, before={"until": before.isoformat() if before else None}, after=after)


def switch(row: Discount, *, active: bool) -> None:
    """Let nobody use the code for now, or let them again. Harmless to repeat."""
    for one in rows_of(row.code_key):
        if one.active != active:
            one.active = active
            record("discount.switched", about=one, before={"active": not active}, after={"active": active})


def rows_of(key: str) -> list[Discount]:
    """Every row of one code, newest first."""
    rows = select(Discount).where(Discount.code_key == key).order_by(Discount.valid_from.desc())
    return list(db.session.scalars(rows))


def standing(row: Discount, rows: list[Discount]) -> str:
    """What a row does today: 'off', 'coming', 'ended', 'replaced' or 'holds'. `rows` are all of its code."""
    now = today()
    if row.valid_from > now:
        return "coming"
    if any(row.valid_from < other.valid_from <= now for other in rows):
        return "replaced"
    if row.valid_until is not None and row.valid_until < now:
        return "ended"
    return "holds" if row.active else "off"


def _told(row: Discount) -> dict[str, Any]:
    return {
        "code": row.code,
        "kind": row.kind,
        "value": row.value,
        "currency": row.currency,
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat() if row.valid_until else None,
        "from_value": row.from_value_minor,
    }
