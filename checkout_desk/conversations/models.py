"""Tables of conversations and what hangs on them.

The columns of Conversation from `who` on are what a queue row shows, kept by the writer of each change, so that a page
of the queue is one index walk without a join.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    insert,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from checkout_desk.extensions import Digest, Key, Model

STATES = ("open", "waiting", "snoozed", "closed", "spam")


def _partial(where: str) -> dict[str, Any]:
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


class Conversation(Model):
    """One thread with a customer."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_conversation_state_queue", "state", "queue_at", "id", **_partial("merged_into_id IS NULL")),
        Index(
            "ix_conversation_mine",
            "assignee_id",
            "queue_at",
            "id",
            **_partial("state = 'open' AND assignee_id IS NOT NULL AND merged_into_id IS NULL"),
        ),
        Index(
            "ix_conversation_unassigned",
            "queue_at",
            "id",
            **_partial("state = 'open' AND assignee_id IS NULL AND merged_into_id IS NULL"),
        ),
        Index(
            "ix_conversation_exceptions", "queue_at", "id", **_partial("exception AND merged_into_id IS NULL")
        ),
        Index("ix_conversation_snoozed_until", "snoozed_until", **_partial("state = 'snoozed'")),
        Index(
            "ix_conversation_next",
            "queue_view",
            "queue_at",
            "id",
            **_partial("state = 'open' AND merged_into_id IS NULL"),
        ),
        Index("ix_conversation_customer", "customer_id", "last_message_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subject: Mapped[str] = mapped_column(String(500), default="")
    customer_id: Mapped[int | None] = mapped_column(Key, ForeignKey("customer.id"))
    mailbox_id: Mapped[int | None] = mapped_column(Key, ForeignKey("mailbox.id"))
    reply_token: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits in the signed Reply-To of what we send; nobody can guess the thread from its number"""
    created_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(String(10), default="open")
    """changed by lifecycle.CONVERSATION.fire alone"""
    assignee_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    snoozed_until: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    escalated_reason: Mapped[str | None] = mapped_column(String(500))
    escalated_to_role: Mapped[str | None] = mapped_column(String(20))
    escalated_to_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    escalated_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    """who escalated it and gets it back with an answer; None where a rule did"""
    handed_for: Mapped[str | None] = mapped_column(String(10))
    """the role in whose step it was last given to somebody, by turns or by a person: each such step once"""
    merged_into_id: Mapped[int | None] = mapped_column(Key, ForeignKey("conversation.id"))
    tags: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(Integer, default=1)

    who: Mapped[str] = mapped_column(String(200), default="")
    preview: Mapped[str] = mapped_column(String(200), default="")
    unread: Mapped[bool] = mapped_column(default=True)
    has_attachment: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str | None] = mapped_column(String(120))
    """a communication error in few words: 'mail not delivered', 'could not be read'"""
    exception: Mapped[bool] = mapped_column(default=False)
    """escalated or in trouble, and still ours to mend"""
    queue_at: Mapped[datetime]
    """what the queue sorts by: the promise while we owe an answer, the waking time while snoozed, else the last message"""
    promise_due_at: Mapped[datetime | None]
    """deadline of the oldest open promise"""
    paused_until: Mapped[datetime | None]
    """end of the pause of that promise; `promises.ENDLESS` after its begin for one without an end; may have passed"""
    last_message_at: Mapped[datetime]
    last_inbound_id: Mapped[int | None] = mapped_column(Key)
    """newest message of the customer: what a reply is checked against"""

    next_action: Mapped[str] = mapped_column(String(16), default="answer", server_default="answer")
    """the one next step while it is open: what its order wants, unless a question has to be answered first; see next_action"""
    queue_view: Mapped[str] = mapped_column(String(16), default="answer", server_default="answer")
    """the view of `next_action`: several steps may share one, and a view must be one walk of its index"""
    asks: Mapped[bool] = mapped_column(default=True, server_default=true())
    """the customer's newest message is more than an order or an answer to what we asked: it wants words"""
    order_step: Mapped[str | None] = mapped_column(String(16))
    """what its order wants next, kept by `orders`: check_order, ask_details, send_quote, …"""
    order_id: Mapped[int | None] = mapped_column(Key)
    """the order that its row shows: the newest that is not over"""
    order_number: Mapped[int | None] = mapped_column(Integer)
    order_state: Mapped[str | None] = mapped_column(String(10))
    order_total_minor: Mapped[int | None] = mapped_column(Integer)
    order_currency: Mapped[str | None] = mapped_column(String(3))
    order_gaps: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    __mapper_args__ = {"version_id_col": version}


class Message(Model):
    """One mail in or out, or an internal Note."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("direction IN ('in','out','note')", name="direction"),
        Index("ix_message_thread", "conversation_id", "at", "id"),
        Index("ix_message_mail_id", "mail_id", postgresql_using="hash", **_partial("mail_id IS NOT NULL")),
        *(
            Index(f"ix_message_{name}", name, unique=True, **_partial(f"{name} IS NOT NULL"))
            for name in ("raw_id", "outbound_id", "canonical_key")
        ),
        Index("ix_message_trouble", "id", **_partial("trouble IS NOT NULL AND resolved_at IS NULL")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"))
    direction: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(12), default="letter")
    """letter, bounce, auto_reply, list, unreadable, note, automatic, page (written on the customer page)"""
    raw_id: Mapped[int | None] = mapped_column(Key, ForeignKey("raw_mail.id"))
    outbound_id: Mapped[int | None] = mapped_column(Key, ForeignKey("outbound_mail.id"))
    author_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    mail_id: Mapped[str | None] = mapped_column(String(998))
    """Message-ID without angle brackets; not unique: strangers may reuse one"""
    canonical_key: Mapped[str | None] = mapped_column(Digest())
    from_name: Mapped[str] = mapped_column(String(200), default="")
    from_email: Mapped[str] = mapped_column(String(254), default="")
    recipients: Mapped[dict[str, Any] | None]
    """{'to': [[email, name]…], 'cc': […], 'reply_to': […]}"""
    subject: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]
    """when we received or queued it: the thread's order"""
    sent_at: Mapped[datetime | None]
    """the sender's own Date, a claim"""
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str | None] = mapped_column(Text)
    """sanitised; None when the mail had none or it was too deep"""
    blocked_images: Mapped[int] = mapped_column(Integer, default=0)
    zones: Mapped[list[Any] | None]
    """[[kind, start, end]…] over text; None when all of it is the writer's own words"""
    reason: Mapped[str] = mapped_column(String(200), default="")
    """why it is in this conversation, as a sentence"""
    facts: Mapped[dict[str, Any] | None]
    """flags and verdicts: {'flags': […], 'authentication': {…}, 'defects': […]}"""
    attachment_count: Mapped[int] = mapped_column(Integer, default=0)
    trouble: Mapped[str | None] = mapped_column(String(300))
    """what went wrong with it, as a sentence; see `resolved_at`"""
    resolved_at: Mapped[datetime | None]


class Attachment(Model):
    """A file that came with a message or leaves with it."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(Key, ForeignKey("draft.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(Integer)
    content_id: Mapped[str] = mapped_column(String(254), default="")
    inline: Mapped[bool] = mapped_column(default=False)


class Promise(Model):
    """The deadline that a customer's message opens. Closed only by a person's reply (SPEC section 7)."""

    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_open", "due_at", **_partial("closed_at IS NULL")),
        Index("ix_promise_conversation", "conversation_id"),
        Index("ix_promise_opened", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"))
    message_id: Mapped[int] = mapped_column(Key, ForeignKey("message.id"), unique=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message.id"))
    alarmed_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    """when a rule escalated its conversation because it was broken, last"""
    escalation_rule_id: Mapped[int | None] = mapped_column(Key, ForeignKey("escalation_rule.id"))


class PromisePause(Model):
    """Time for which a promise does not run: somebody said why."""

    __tablename__ = "promise_pause"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    promise_id: Mapped[int] = mapped_column(Key, ForeignKey("promise.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    """None: until somebody ends it, or the customer writes"""
    was_due_at: Mapped[datetime | None]
    """the deadline before the pause: what was left then is left at its end"""
    reason: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))


class Draft(Model):
    """What a person is writing in a conversation, saved as they type."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("conversation_id", "person_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"))
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """reply, reply_all, forward or note"""
    token: Mapped[str] = mapped_column(String(32), unique=True)
    """names the occasion of the mail that it becomes: two clicks are one mail"""
    to: Mapped[str] = mapped_column(Text, default="")
    cc: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(500), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    based_on_id: Mapped[int | None] = mapped_column(Key)
    """the customer's newest message when the draft was opened"""
    about_id: Mapped[int | None] = mapped_column(Key)
    """the mail that a forward forwards"""
    order_id: Mapped[int | None] = mapped_column(Key)
    """the order that this mail moves when it is sent, see `purpose`"""
    purpose: Mapped[str | None] = mapped_column(String(20))
    """what sending it does to the order: 'ask_details'"""
    template: Mapped[str | None] = mapped_column(String(60))
    """the template that its text began with: 'missing_details:en:1'"""
    macro_id: Mapped[int | None] = mapped_column(Key)
    """the macro that sending it applies"""
    updated_at: Mapped[datetime]


class Presence(Model):
    """Who is reading or writing in a conversation at the moment; forgotten after 45 seconds of silence."""

    __tablename__ = "presence"

    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    doing: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class Participant(Model):
    """An address that takes part in a conversation: it wrote, or a person of ours wrote to it.

    A header or number in a mail counts only when its sender is one of these (SECURITY A1).
    """

    __tablename__ = "participant"
    __table_args__ = ({"sqlite_with_rowid": False},)

    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    """casefolded"""


class PossibleMatch(Model):
    """A conversation that a message may belong to, for a person to decide: a stranger's claim proves nothing."""

    __tablename__ = "possible_match"
    __table_args__ = (UniqueConstraint("message_id", "conversation_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(Key, ForeignKey("message.id"))
    conversation_id: Mapped[int] = mapped_column(Key, ForeignKey("conversation.id"))
    why: Mapped[str] = mapped_column(String(200))
    resolved_at: Mapped[datetime | None]


class Act(Model):
    """One thing that a person did to conversations and may undo: what was before is kept here until then."""

    __tablename__ = "act"
    __table_args__ = (Index("ix_act_person", "person_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    sentence: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict[str, Any]]
    """what undoing needs; its shape belongs to `kind` (acting.UNDO)"""
    undone_at: Mapped[datetime | None]


class ConversationCount(Model):
    """How many conversations a queue view holds; kept with each change, checked by `counting.check`."""

    __tablename__ = "conversation_count"

    view: Mapped[str] = mapped_column(String(40), primary_key=True)
    """open, unassigned, waiting, snoozed, exceptions, closed, spam, the view of a next step or mine:<person id>"""
    n: Mapped[int] = mapped_column(Integer, default=0)


class DeskVersion(Model):
    """A number that grows when lists look different without an Event to tell of it (presence): polling compares both."""

    __tablename__ = "desk_version"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer, default=0)


SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_fts USING fts5"
    "(subject, body, addresses, files, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')"
)
"""the search index of SQLite; searching.py alone reads and writes it"""
POSTGRES_SEARCH = (
    "CREATE TABLE IF NOT EXISTS message_search "
    "(message_id bigint PRIMARY KEY REFERENCES message (id), tsv tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_message_search_tsv ON message_search USING gin (tsv)",
)
event.listen(Message.__table__, "after_create", DDL(SQLITE_SEARCH).execute_if(dialect="sqlite"))
for _statement in POSTGRES_SEARCH:
    event.listen(Message.__table__, "after_create", DDL(_statement).execute_if(dialect="postgresql"))


@event.listens_for(DeskVersion.__table__, "after_create")
def _first_version(table: Any, connection: Any, **_: Any) -> None:
    connection.execute(insert(table).values(id=1, n=0))
