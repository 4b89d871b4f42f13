"""Moving messages between conversations: move one, split some off, merge two. All three are one thing, undone alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import addressing, next_action, promises, troubling
from checkout_desk.conversations.counting import counted, moved, views_of
from checkout_desk.conversations.drafting import follow, go_back
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import Act, Conversation, Message, Participant, PossibleMatch, Promise
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.zones import preview

Follower = Callable[[Sequence[int], Conversation, Conversation, list[int] | None], list[int]]
followers: dict[str, Follower] = {}
"""What hangs on messages and goes along with them: name -> function of the messages' ids, the conversation that they
left, the one that they came to, and (when an act is undone) the ids that went along then. Returns the ids that went."""


def merge(source: Conversation, *, into: Conversation, by: Person) -> Act:
    """Everything of `source` goes to `into`; later mail for `source` follows. Promises go along and stay open."""
    if source.id == into.id:
        raise Refused("A conversation cannot be merged with itself.")
    if source.merged_into_id or into.merged_into_id:
        raise Refused("One of the two has been merged already.")
    ids = list(db.session.scalars(select(Message.id).where(Message.conversation_id == source.id)))
    act = _act("merge", by, f"{source.who} merged into {into.who}", ids, source=source, target=into)
    with counted(source):
        source.merged_into_id = into.id
    _arrive(act, ids, source, into, reason=f"Merged from another conversation by {by.name}")
    act.before = {**act.before, "drafts": follow(source, into)}
    record("conversation.merged", about=source, after={"into": into.id})
    record("conversation.merged_here", about=into, after={"from": source.id, "messages": len(ids)})
    return act


def move(messages: Sequence[Message], *, into: Conversation, by: Person) -> Act:
    """Move these messages of one conversation into another that exists."""
    source = _home(messages)
    if source.id == into.id:
        raise Refused("The message is in this conversation already.")
    if into.merged_into_id:
        raise Refused("That conversation has been merged into another one.")
    ids = [m.id for m in messages]
    _leave_something(source, ids)
    act = _act("move", by, f"{_count(ids)} moved to {into.who}", ids, source=source, target=into)
    _arrive(act, ids, source, into, reason=f"Moved here by {by.name}")
    record("conversation.moved", about=into, after={"from": source.id, "messages": ids})
    return act


def split(messages: Sequence[Message], *, by: Person) -> tuple[Act, Conversation]:
    """Make a new conversation of these messages."""
    source = _home(messages)
    ids = [m.id for m in messages]
    _leave_something(source, ids)
    now = clock.now()
    first = min(messages, key=lambda m: (m.at, m.id))
    target = Conversation(
        subject=first.subject or source.subject,
        customer_id=source.customer_id,
        mailbox_id=source.mailbox_id,
        reply_token=addressing.new_token(),
        created_at=now,
        state="open",
        tags=[],
        who=source.who,
        last_message_at=now,
        queue_at=now,
        assignee_id=source.assignee_id,
        unread=source.unread,
        has_attachment=False,
        exception=False,
        next_action=next_action.CLOSE,
        asks=True,
    )
    db.session.add(target)
    db.session.flush()
    moved(frozenset(), views_of("open", target.assignee_id, False))
    act = _act(
        "split", by, f"{_count(ids)} of {source.who} became a conversation", ids, source=source, target=target
    )
    _arrive(act, ids, source, target, reason=f"Split off by {by.name}")
    record("conversation.split", about=target, after={"from": source.id, "messages": ids})
    return act, target


def undo(act: Act) -> Conversation:
    """Carry the messages back. Returns the conversation that has them again. Raises Refused when one moved on since."""
    facts = act.before
    source = db.session.get_one(Conversation, facts["source"])
    target = db.session.get_one(Conversation, facts["target"])
    ids = facts["messages"]
    here = db.session.scalar(
        select(func.count())
        .select_from(Message)
        .where(Message.id.in_(ids), Message.conversation_id == target.id)
    )
    if here != len(ids):
        raise Refused("One of the messages has moved on since; nothing was undone.")
    if act.kind == "split":  # what came for the split-off part since belongs with it
        ids = list(db.session.scalars(select(Message.id).where(Message.conversation_id == target.id)))
    with counted(source):
        if act.kind == "merge":
            source.merged_into_id = None
    asks = {int(key): value for key, value in facts.get("asks", {}).items()}
    _carry(ids, target, source, reason=None, reasons=facts["reasons"], asks=asks)
    for name, go_along in followers.items():
        go_along(ids, target, source, facts.get("along", {}).get(name, []))
    db.session.execute(
        delete(Participant).where(
            Participant.conversation_id == target.id, Participant.email.in_(facts.get("joined", []))
        )
    )
    if facts.get("state") != facts.get("left") and target.state == facts["left"]:
        CONVERSATION.fire(target, "undo", to=facts["state"])
        if facts.get("snoozed_until"):
            target.snoozed_until = datetime.fromisoformat(facts["snoozed_until"])
            target.queue_at = promises.queue_time(target)
    if act.kind == "split":
        with counted(target):
            target.merged_into_id = source.id  # the empty shell points home, should a mail still come for it
    go_back(facts.get("drafts", []), source, target)
    record(f"conversation.{act.kind}_undone", about=source, after={"from": target.id, "messages": len(ids)})
    return source


def _home(messages: Sequence[Message]) -> Conversation:
    homes = {m.conversation_id for m in messages}
    if len(homes) != 1:
        raise Refused("Choose messages of one conversation.")
    return db.session.get_one(Conversation, homes.pop())


def _leave_something(source: Conversation, ids: Sequence[int]) -> None:
    left = select(Message.id).where(Message.conversation_id == source.id, Message.id.not_in(ids)).limit(1)
    if db.session.execute(left).first() is None:
        raise Refused("That would leave an empty conversation; merge it instead.")


def _count(ids: Sequence[int]) -> str:
    return "One message" if len(ids) == 1 else f"{len(ids)} messages"


def _act(
    kind: str, by: Person, sentence: str, ids: list[int], *, source: Conversation, target: Conversation
) -> Act:
    reasons = {
        str(row.id): row.reason
        for row in db.session.execute(select(Message.id, Message.reason).where(Message.id.in_(ids)))
    }
    act = Act(
        person_id=by.id,
        at=clock.now(),
        kind=kind,
        sentence=sentence[:300],
        before={"source": source.id, "target": target.id, "messages": ids, "reasons": reasons},
    )
    db.session.add(act)
    db.session.flush()
    return act


def _arrive(act: Act, ids: Sequence[int], source: Conversation, target: Conversation, *, reason: str) -> None:
    """Carry the messages, keep with the act what undoing needs, and reopen a target to which an answer is owed now."""
    was, until = target.state, target.snoozed_until
    owed = db.session.scalar(
        select(Promise.id).where(Promise.message_id.in_(ids), Promise.closed_at.is_(None)).limit(1)
    )
    asks = {str(key): value for key, value in {**_asks(source), **_asks(target)}.items()}
    joined = _carry(ids, source, target, reason=reason)
    along = {name: go_along(ids, source, target, None) for name, go_along in followers.items()}
    if owed is not None and CONVERSATION.refusal(target, "reopen") is None:
        CONVERSATION.fire(target, "reopen", reason="messages came to which an answer is owed")
    act.before = {
        **act.before,
        "joined": joined,
        "asks": asks,
        "along": along,
        "state": was,
        "left": target.state,
        "snoozed_until": until.isoformat() if until else None,
    }


def _carry(
    ids: Sequence[int],
    source: Conversation,
    target: Conversation,
    *,
    reason: str | None,
    reasons: dict[str, str] | None = None,
    asks: dict[int, bool] | None = None,
) -> list[str]:
    asks = {**(asks or {}), **_asks(source), **_asks(target)}
    values: dict[str, object] = {"conversation_id": target.id}
    if reason is not None:
        values["reason"] = reason
    db.session.execute(update(Message).where(Message.id.in_(ids)).values(**values))
    for message_id, words in (reasons or {}).items():
        db.session.execute(update(Message).where(Message.id == int(message_id)).values(reason=words))
    db.session.execute(update(Promise).where(Promise.message_id.in_(ids)).values(conversation_id=target.id))
    joined = _take_along(ids, source, target)
    db.session.execute(
        delete(PossibleMatch).where(
            PossibleMatch.message_id.in_(ids), PossibleMatch.conversation_id == target.id
        )
    )
    for c in (source, target):
        with counted(c):
            reckon(c)
            if c.last_inbound_id:  # what nobody has asked of this message yet wants a look
                c.asks = asks.get(c.last_inbound_id, True)
    return joined


def _asks(c: Conversation) -> dict[int, bool]:
    """What is known of whether the customer's newest message asks something."""
    return {c.last_inbound_id: c.asks} if c.last_inbound_id else {}


def _take_along(ids: Sequence[int], source: Conversation, target: Conversation) -> list[str]:
    """Those who wrote the messages and took part where they wrote, take part in the target. Returns who is new there.

    A new person who wrote to a leaked reply address (SECURITY A2) or a machine that bounced does not become one so.
    """
    writers = select(func.lower(Message.from_email)).where(
        Message.id.in_(ids), Message.direction == "in", Message.kind.in_(("letter", "unreadable"))
    )
    here = set(db.session.scalars(select(Participant.email).where(Participant.conversation_id == target.id)))
    known = select(Participant.email).where(
        Participant.conversation_id == source.id, Participant.email.in_(writers)
    )
    joined = sorted(set(db.session.scalars(known)) - here)
    if joined:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(Participant)
        db.session.execute(
            insert.on_conflict_do_nothing(), [{"conversation_id": target.id, "email": e} for e in joined]
        )
    return joined


def reckon(c: Conversation) -> None:
    """Bring the queue's columns in line with the messages that the conversation has now."""
    db.session.flush()
    last = db.session.scalars(
        select(Message)
        .where(Message.conversation_id == c.id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    inbound = db.session.scalars(
        select(Message)
        .where(
            Message.conversation_id == c.id,
            Message.direction == "in",
            Message.kind.in_(("letter", "unreadable")),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).one_or_none()
    files = db.session.scalar(
        select(func.sum(Message.attachment_count)).where(Message.conversation_id == c.id)
    )
    with counted(c):
        if last is not None:
            c.last_message_at = last.at
        c.last_inbound_id = inbound.id if inbound else None
        if inbound is not None:
            c.preview = preview(inbound.text)[:200]
        c.has_attachment = bool(files)
        promises.refresh(c)
    troubling.reckon(c)
