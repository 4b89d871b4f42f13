"""What a broken promise brings about by rule: its conversation goes to a role or a person, and again when it stays there.

A rule counts from the deadline by the wall clock. Of several the one with the most hours that have passed counts, so a
case climbs from rule to rule; each takes hold once, and again only after the hours that it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, text

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations.counting import counted
from checkout_desk.conversations.lifecycle import CONVERSATION, is_exception
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.settings.models import EscalationRule, Store

AT_ONCE = 100
UNTOUCHED = ("closed", "spam")


def sweep() -> int:
    """Escalate what is due by rule (work of the clock). Returns how many conversations. Commits itself."""
    now = clock.now()
    rules = active()
    stay = _staying(db.session.get(Store, 1), now)
    due = [(rule, promise_id) for rule, longer in _pairs(rules) for promise_id in _due(rule, longer, now)]
    db.session.rollback()
    done = 0
    with acting_as("desk", "clock"):
        for rule, promise_id in due[:AT_ONCE]:
            begin_write()
            done += _one(promise_id, rule.id, now)
            db.session.commit()
        for conversation_id in stay:
            begin_write()
            done += _again(conversation_id, now)
            db.session.commit()
    return done


def active() -> list[EscalationRule]:
    """The rules that count, those of the fewest hours first."""
    return list(
        db.session.scalars(
            select(EscalationRule)
            .where(EscalationRule.active.is_(True))
            .order_by(EscalationRule.after_hours, EscalationRule.id)
        )
    )


def _pairs(rules: Sequence[EscalationRule]) -> list[tuple[EscalationRule, EscalationRule | None]]:
    """Each rule with the next one of more hours, which takes over from it."""
    return [
        (rule, next((other for other in rules[n + 1 :] if other.after_hours > rule.after_hours), None))
        for n, rule in enumerate(rules)
    ]


def _due(rule: EscalationRule, longer: EscalationRule | None, now: datetime) -> list[int]:
    query = (
        select(Promise.id)
        .where(Promise.closed_at.is_(None), Promise.due_at <= now - timedelta(hours=rule.after_hours))
        .order_by(Promise.due_at, Promise.id)
        .limit(AT_ONCE)
    )
    if longer is not None:
        query = query.where(Promise.due_at > now - timedelta(hours=longer.after_hours))
    new = or_(Promise.escalation_rule_id.is_(None), Promise.escalation_rule_id != rule.id)
    if rule.again_hours:
        new = or_(new, Promise.escalated_at <= now - timedelta(hours=rule.again_hours))
    return list(db.session.scalars(query.where(new)))


def _one(promise_id: int, rule_id: int, now: datetime) -> bool:
    """Escalate one conversation, unless it was answered, put away or escalated meanwhile."""
    promise = db.session.get_one(Promise, promise_id)
    c = db.session.get_one(Conversation, promise.conversation_id, with_for_update={"key_share": True})
    db.session.refresh(promise, with_for_update={"key_share": True})
    rule = db.session.get(EscalationRule, rule_id)
    if rule is None or promise.closed_at is not None:
        return False
    promise.escalated_at, promise.escalation_rule_id = now, rule.id
    if c.state in UNTOUCHED:
        return False
    reason = f"Nobody has answered; the answer was due {_ago(now - promise.due_at)} ago"
    with counted(c):
        c.escalated_at, c.escalated_reason = now, reason
        c.escalated_to_role, c.escalated_to_id = _whom(rule, now)
        c.escalated_by_id = None
        c.unread = True
        c.exception = is_exception(c)
    if c.state == "snoozed":
        CONVERSATION.fire(c, "wake")
    record(
        "conversation.escalated",
        about=c,
        after={
            "reason": reason, "role": c.escalated_to_role, "person": c.escalated_to_id, "rule": rule.id,
        },
    )  # fmt: skip
    return True


def _whom(rule: EscalationRule, now: datetime) -> tuple[str | None, int | None]:
    """Role or person of a rule; the managers for a person who is away or has left."""
    person = db.session.get(Person, rule.to_person_id) if rule.to_person_id else None
    if person is not None and (person.disabled_at is not None or person.away(now)):
        return "manager", None
    return rule.to_role, rule.to_person_id


def _staying(store: Store | None, now: datetime) -> list[int]:
    """Conversations that were escalated so long ago that they are escalated again."""
    if store is None or not store.stays_hours:
        return []
    return list(
        db.session.scalars(
            select(Conversation.id)
            .where(
                text("conversation.exception"),
                Conversation.merged_into_id.is_(None),
                Conversation.escalated_at <= now - timedelta(hours=store.stays_hours),
            )
            .order_by(Conversation.escalated_at, Conversation.id)
            .limit(AT_ONCE)
        )
    )


def _again(conversation_id: int, now: datetime) -> bool:
    """Escalate a case again that nobody has settled or handed back; it keeps the reason and who gets the answer."""
    c = db.session.get_one(
        Conversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    store = db.session.get_one(Store, 1)
    if conversation_id not in _staying(store, now):
        return False
    with counted(c):
        c.escalated_at, c.escalated_to_role, c.escalated_to_id = now, store.stays_role, None
        c.unread = True
    if c.state == "snoozed":
        CONVERSATION.fire(c, "wake")
    record(
        "conversation.escalated",
        about=c,
        after={"reason": c.escalated_reason, "role": c.escalated_to_role, "person": None, "again": True},
    )
    return True


def _ago(late: timedelta) -> str:
    hours = int(late.total_seconds() // 3600)
    if hours < 1:
        return "less than an hour"
    return "an hour" if hours == 1 else f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def target(rule: EscalationRule) -> str:
    """Whom a rule hands the case to, in words."""
    if rule.to_role:
        return ROLES[rule.to_role]
    person = db.session.get(Person, rule.to_person_id)
    return person.name if person else "nobody"
