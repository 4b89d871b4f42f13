"""How steps A10 to A17, B2 and B3 were done: from the packed parcel to the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from checkout_desk.reports.facts import Facts
from checkout_desk.reports.procedure import BY_CODE
from checkout_desk.reports.selling import sold_at
from checkout_desk.reports.stages import (
    Because,
    Context,
    Ref,
    Stage,
    by_carrier,
    by_mailbox,
    by_person,
    by_template,
    mail_ref,
    person,
    stage,
)

UNDELIVERED = ("lost", "returned_to_sender")
NOT_ASKED = ("the customer does not want to be asked",)
"""why a question after delivery is not needed; every other reason is one that the store can mend"""


def pack(facts: Facts, context: Context) -> Stage:
    """A10: everything that was sold is in a parcel before the carrier's cut-off, and stayed in it."""
    live = _live(facts)
    packed = [one for one in live if one.packed_at]
    anew = [one for one in facts.parcels if one.state == "void" and one.packed_at and _followed(one, live)]
    done = bool(packed) and len(packed) == len(live)
    late, overdue = _late(facts, context, "paid packing", packed, "packed_at")
    return stage(
        "A10", at=max(one.packed_at for one in packed) if done else None,
        by=person(packed[-1].packed_by_id if packed else None), evidence=_parcels(packed), late=late or overdue,
        repeated=bool(anew), causes=[by_person(one.packed_by_id) for one in (packed[:1] if late else []) + anew],
        words=_after(late, overdue, "packed") + (["packed again"] if anew else []),
    )  # fmt: skip


def label(facts: Facts, context: Context) -> Stage:
    """A11: each parcel that left had a label of the desk, the first one that was made for it."""
    live = _live(facts)
    made = {
        one.id: [each for each in facts.labels if each.shipment_id == one.id and _real(each)] for one in live
    }
    bare = [one for one in live if one.handed_over_at and not made[one.id]]
    anew = [one for one in live if len(made[one.id]) > 1]
    every = [each for rows in made.values() for each in rows]
    done = bool(every) and all(made.values())
    causes: list[Because | None] = [by_carrier(one) for one in bare + anew]
    causes += [by_person(one.handed_over_by_id) for one in bare]
    causes += [by_person(made[one.id][-1].made_by_id) for one in anew]
    return stage(
        "A11", at=max(each.made_at for each in every) if done else None,
        by=person(every[-1].made_by_id if every else None), evidence=_parcels(live if done else bare),
        skipped=bool(bare), repeated=bool(anew), causes=causes,
        words=["a parcel left without a label" if bare else "", "labelled again" if anew else ""],
    )  # fmt: skip


def hand_over(facts: Facts, context: Context) -> Stage:
    """A12: the carrier has it by the cut-off that the order was to leave by."""
    live = _live(facts)
    gone = [one for one in live if one.handed_over_at]
    done = bool(gone) and len(gone) == len(live)
    ready = all(one.packed_at for one in live) and bool(live)
    late, overdue = _late(facts, context, "packing" if ready else "", gone, "handed_over_at")
    blamed = gone[:1] if late else live[:1]
    return stage(
        "A12", at=max(one.handed_over_at for one in gone) if done else None,
        by=person(gone[-1].handed_over_by_id if gone else None), evidence=_parcels(gone), late=late or overdue,
        causes=[*map(by_carrier, blamed), *(by_person(one.handed_over_by_id) for one in blamed)],
        words=_after(late, overdue, "handed over"),
    )  # fmt: skip


def confirm(facts: Facts, context: Context) -> Stage:
    """A13: the customer has the confirmation soon after the order was placed, once."""
    placed = sold_at(facts)
    told = facts.told("confirmed")
    due = [(placed, told[0] if told else None)] if placed else []
    return _mailed("A13", due, context, [by_mailbox(facts)])


def confirm_at_once(facts: Facts, context: Context) -> Stage:
    """B2 is A13 in the words of the other procedure: its deviations are counted there."""
    told = facts.told("confirmed")
    sent = next((one for one in told if one.message_id), None)
    return stage(
        "B2", at=(sent.sent_at or sent.at) if sent else None, by="desk", evidence=[mail_ref(sent)],
        words=["see A13"],
    )  # fmt: skip


def tell(facts: Facts, context: Context) -> Stage:
    """A14: for each parcel the customer has its number soon after it left, once."""
    told = {one.about: one for one in facts.told("shipped")}
    gone = [one for one in _live(facts) if one.handed_over_at]
    due = [(one.handed_over_at, told.get(f"shipment:{one.id}")) for one in gone]
    return _mailed("A14", due, context, map(by_carrier, gone))


def _mailed(
    code: str, due: list[tuple[datetime, Any]], context: Context, causes: Iterable[Because | None]
) -> Stage:
    """A mail that follows from what happened: `due` are the moments, each with its row of MilestoneMail or None."""
    allowed = context.allowed(BY_CODE[code])
    missing = [mail for _, mail in due if not _arrived(mail)]
    again = [mail for _, mail in due if mail is not None and mail.again]
    slow = [
        mail for at, mail in due
        if _arrived(mail) and not mail.again and (mail.sent_at or context.now) - at > allowed
    ]  # fmt: skip
    mails = [mail for _, mail in due if _arrived(mail)]
    left = [mail.sent_at or mail.at for mail in mails if mail.sent_at or mail.again]
    why = next((mail.trouble for mail in missing if mail is not None and mail.trouble), "")
    return stage(
        code, at=max(left) if due and len(left) == len(due) else None, by="desk", evidence=map(mail_ref, mails),
        skipped=bool(missing), late=bool(slow), repeated=bool(again),
        causes=[*(by_template(mail) for mail in (*missing, *slow, *again)), *causes],
        words=[
            (f"the mail did not arrive: {why}" if why else "no mail went out") if missing else "",
            "the mail left late" if slow else "",
            f"sent {1 + max(mail.again for mail in again)} times" if again else "",
        ],
    )  # fmt: skip


def _arrived(mail: Any) -> bool:
    """Whether a mail was made that nothing is known to have stopped; one that waits to leave counts."""
    return bool(
        mail is not None and mail.message_id and not mail.trouble and mail.state not in ("failed", "unknown")
    )


def deliver(facts: Facts, context: Context) -> Stage:
    """B3: each parcel arrived by the day that the customer was told."""
    gone = [one for one in _live(facts) if one.handed_over_at]
    there = [one for one in gone if one.delivered_at]
    lost = [one for one in gone if one.state in UNDELIVERED]
    slow = [
        one
        for one in gone
        if one.promised_on
        and one not in lost
        and _day(one.delivered_at or context.now, context) > one.promised_on
    ]
    done = bool(gone) and len(there) == len(gone)
    return stage(
        "B3", at=max(one.delivered_at for one in there) if done else None,
        by=f"carrier:{there[-1].carrier_id}" if there and there[-1].carrier_id else "", evidence=_parcels(slow or gone),
        late=bool(slow), skipped=bool(lost), causes=map(by_carrier, slow + lost),
        words=["after the day that the customer was told" if slow else "", "it never arrived" if lost else ""],
    )  # fmt: skip


def _day(at: datetime, context: Context) -> Any:
    return at.astimezone(context.zone).date()


def give_back(facts: Facts, context: Context) -> Stage:
    """A15: a return was decided about in time."""
    if not facts.returns:
        return stage("A15", needless=True, words=["nothing came back"])
    allowed = context.allowed(BY_CODE["A15"])
    late = [one for one in facts.returns if (one.decided_at or context.now) - one.requested_at > allowed]
    waits = any(one.decided_at is None for one in facts.returns)
    last = facts.returns[-1]
    return stage(
        "A15", at=None if waits else max(one.decided_at for one in facts.returns), by=person(last.decided_by_id),
        evidence=[("return", one.id) for one in facts.returns], late=bool(late),
        causes=[by_person(one.decided_by_id) for one in late], words=["decided late" if late else ""],
    )  # fmt: skip


def feedback(facts: Facts, context: Context) -> Stage:
    """A16: the customer was asked after delivery, once."""
    order = facts.order
    if order.skipped_at is not None and order.skipped_why in NOT_ASKED:
        return stage("A16", needless=True, words=[order.skipped_why])
    waits = order.feedback_id is not None and order.asked_at is None and order.skipped_at is None
    late = waits and context.now - order.due_at > context.allowed(BY_CODE["A16"])
    told = facts.told("feedback")
    again = any(one.again for one in told)
    answered = f"answered {order.score} of 5" if order.answered_at else ""
    return stage(
        "A16", at=order.asked_at, by="desk", late=late, skipped=order.skipped_at is not None, repeated=again,
        evidence=[("message", order.feedback_message) if order.feedback_message else None],
        causes=map(by_template, told), words=[order.skipped_why or "", "not asked yet" if late else "", answered],
    )  # fmt: skip


def keep(facts: Facts, context: Context) -> Stage:
    """A17: what happened is on record from the beginning."""
    whole = bool(facts.happened("drafted"))
    over = facts.order.state in ("delivered", "closed", "cancelled", "expired")
    return stage(
        "A17", at=facts.order.updated_at if over and whole else None, by="desk", skipped=not whole,
        evidence=[("record", 0)], words=["" if whole else "its beginning is not on record"],
    )  # fmt: skip


def _live(facts: Facts) -> list[Any]:
    return [one for one in facts.parcels if one.state != "void"]


def _followed(parcel: Any, live: list[Any]) -> bool:
    return any(one.number > parcel.number for one in live)


def _real(one: Any) -> bool:
    """A label that was there: not one that the carrier never sold."""
    return bool(
        one.reference.startswith("own:")
        or one.state in ("made", "refund_asked", "refunded", "refund_refused")
    )


def _parcels(rows: Iterable[Any]) -> list[Ref]:
    return [("parcel", one.id) for one in rows]


def _late(facts: Facts, context: Context, states: str, done: list[Any], moment: str) -> tuple[bool, bool]:
    """(done after the cut-off, not done though it has passed while the order is in one of `states`)."""
    cut_off = facts.order.ship_by
    if cut_off is None:
        return False, False
    if done:
        return min(getattr(one, moment) for one in done) > cut_off, False
    return False, facts.order.state in states.split() and context.now > cut_off


def _after(late: bool, overdue: bool, what: str) -> list[str]:
    return [
        f"{what} after the cut-off" if late else f"not {what}, and the cut-off is over" if overdue else ""
    ]
