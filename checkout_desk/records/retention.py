"""How long each class of data is kept once its business is over: a rule a class, off by default, looked at before it counts.

Nothing goes that is under legal hold, or whose conversation, order or return is still open.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select

from checkout_desk import clock
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs
from checkout_desk.orphans import naming_columns
from checkout_desk.records import erasing, scrubbing, sweeping_up
from checkout_desk.records.belongings import table
from checkout_desk.records.models import LegalHold, RetentionRule
from checkout_desk.records.scrubbing import Alias

CHUNK = 100
EXAMPLES = 5
LONGEST = 240
"""months"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One class of data that a rule may be made for."""

    title: str
    says: str
    """what goes, and from when the months count"""
    due: Callable[[datetime], Select[Any]]
    """(id, words for an example, when) of every row that is older than this"""
    clear: Callable[[Sequence[int], Alias], None]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule of so many months would remove now."""

    count: int
    examples: list[tuple[str, datetime]]


def _o(name: str) -> Any:
    return table(name).c


def _free(customer: Any, order_ids: Any = None) -> ColumnElement[bool]:
    """Neither the customer nor any of these orders is held."""
    held = [and_(LegalHold.customer_id == customer, customer.is_not(None))]
    if order_ids is not None:
        held.append(LegalHold.order_id.in_(order_ids))
    return ~exists(select(LegalHold.id).where(LegalHold.lifted_at.is_(None), or_(*held)))


def _closed_talk(before: datetime) -> list[ColumnElement[bool]]:
    """Conversations that are over since `before`, with no order or return of theirs still open."""
    c, o, r = _o("conversation"), table("order").alias("o").c, table("return").alias("r").c
    of_talk = select(o.id).where(o.conversation_id == c.id)
    return [
        or_(c.state.in_(("closed", "spam")), c.merged_into_id.is_not(None)),
        c.last_message_at < before,
        ~exists(select(o.id).where(o.conversation_id == c.id, o.state.in_(erasing.OPEN_ORDERS))),
        ~exists(
            select(r.id).where(r.order_id.in_(of_talk), r.state.not_in(("refused", "settled", "closed")))
        ),
        _free(c.customer_id, of_talk),
    ]


def _letters(before: datetime) -> Select[Any]:
    m, c = _o("message"), _o("conversation")
    return (
        select(m.id, m.subject.label("words"), m.at.label("at"))
        .join(table("conversation"), c.id == m.conversation_id)
        .where(m.at < before, m.text != scrubbing.GONE + ".", *_closed_talk(before))
    )


def _originals(before: datetime) -> Select[Any]:
    """Messages whose bytes are still there, theirs or ours."""
    m, c, sent = _o("message"), _o("conversation"), _o("outbound_mail")
    theirs = and_(m.raw_id.is_not(None), m.raw_id.not_in(select(_o("forgotten_mail").raw_id)))
    ours = exists(
        select(sent.id).where(
            sent.id == m.outbound_id,
            sent.sha256 != scrubbing.REMOVED_SHA256,
            sent.state.not_in(("queued", "sending")),
        )
    )
    return (
        select(m.id, m.subject.label("words"), m.at.label("at"))
        .join(table("conversation"), c.id == m.conversation_id)
        .where(
            m.at < before, m.kind != "unreadable", m.text != scrubbing.GONE + ".", or_(theirs, ours),
            *_closed_talk(before),
        )
    )  # fmt: skip


def _attachments(before: datetime) -> Select[Any]:
    a, m, c = _o("attachment"), _o("message"), _o("conversation")
    return (
        select(a.id, a.filename.label("words"), m.at.label("at"))
        .join(table("message"), m.id == a.message_id)
        .join(table("conversation"), c.id == m.conversation_id)
        .where(m.at < before, *_closed_talk(before))
    )


def _drafts(before: datetime) -> Select[Any]:
    d, c = _o("draft"), _o("conversation")
    return (
        select(d.id, d.subject.label("words"), d.updated_at.label("at"))
        .join(table("conversation"), c.id == d.conversation_id)
        .where(d.updated_at < before, *_closed_talk(before))
    )


def _of_order(
    name: str, words: Any, at: Any, link: ColumnElement[bool], *more: ColumnElement[bool]
) -> Select[Any]:
    """Rows that belong to an order that is over."""
    o, mine = _o("order"), _o(name)
    over = o.state.not_in(erasing.OPEN_ORDERS)
    return select(mine.id, words.label("words"), at.label("at")).where(
        link, over, *more, _free(o.customer_id, (o.id,))
    )


def _photos(before: datetime) -> Select[Any]:
    p, r, o = _o("return_photo"), _o("return"), _o("order")
    done = r.state.in_(("refused", "settled", "closed"))
    link = and_(r.id == p.return_id, o.id == r.order_id)
    return _of_order("return_photo", p.content_type, p.at, link, done, p.at < before)


def _scans(before: datetime) -> Select[Any]:
    t, s, o = _o("tracking_event"), _o("shipment"), _o("order")
    link = and_(s.id == t.shipment_id, o.id == s.order_id)
    there = or_(t.words != "", t.place != "")
    return _of_order("tracking_event", t.words, t.at, link, there, t.at < before)


def _comments(before: datetime) -> Select[Any]:
    f, o = _o("feedback"), _o("order")
    return _of_order(
        "feedback", f.comment, f.answered_at, o.id == f.order_id, f.comment != "", f.answered_at < before
    )


def _told(name: str, words: str, before: datetime) -> Select[Any]:
    """Bodies of webhooks. Whose they are stands in the bytes alone, so all stay while anything is under legal hold."""
    t = _o(name)
    return select(t.id, t[words].label("words"), t.received_at.label("at")).where(
        t.received_at < before,
        t.understood_at.is_not(None),
        t.raw_sha256 != scrubbing.REMOVED_SHA256,
        ~exists(select(LegalHold.id).where(LegalHold.lifted_at.is_(None))),
    )


def _customers(before: datetime) -> Select[Any]:
    """Customers whose last business is over for so long; each is then erased like one who asked for it."""
    c, talk, o = _o("customer"), _o("conversation"), _o("order")
    erasures = _o("erasure")
    return select(c.id, c.name.label("words"), c.created_at.label("at")).where(
        c.merged_into_id.is_(None),
        c.created_at < before,
        ~exists(select(erasures.id).where(erasures.customer_id == c.id)),
        ~exists(
            select(talk.id).where(
                talk.customer_id == c.id,
                or_(
                    talk.last_message_at >= before,
                    and_(talk.state.in_(("open", "waiting", "snoozed")), talk.merged_into_id.is_(None)),
                ),
            )
        ),
        ~exists(
            select(o.id).where(
                o.customer_id == c.id, or_(o.updated_at >= before, o.state.in_(erasing.OPEN_ORDERS))
            )
        ),
        _free(c.id, select(o.id).where(o.customer_id == c.id)),
    )


def _clear_letters(ids: Sequence[int], alias: Alias) -> None:
    sweeping_up.unindex(ids)
    m = _o("message")
    rows = db.session.execute(select(m.raw_id, m.outbound_id).where(m.id.in_(ids))).all()
    scrubbing.letters(ids, alias)
    scrubbing.originals([row.raw_id for row in rows if row.raw_id], alias)
    scrubbing.sent_mails([row.outbound_id for row in rows if row.outbound_id], alias)


def _clear_originals(ids: Sequence[int], alias: Alias) -> None:
    m, raw = _o("message"), _o("raw_mail")
    rows = db.session.execute(select(m.raw_id, m.outbound_id).where(m.id.in_(ids))).all()
    raws = [row.raw_id for row in rows if row.raw_id]
    again = db.session.scalars(select(raw.id).where(raw.duplicate_of_id.in_(raws)))
    scrubbing.originals([*raws, *again], alias)
    sent = [row.outbound_id for row in rows if row.outbound_id]
    scrubbing.removed("outbound_mail", "sha256", sent, alias, size=len(scrubbing.REMOVED))


def _clear_drafts(ids: Sequence[int], alias: Alias) -> None:
    a = _o("attachment")
    files = list(db.session.scalars(select(a.id).where(a.draft_id.in_(ids))))
    scrubbing.files_of("attachment", "sha256", files, alias)
    scrubbing.drop("draft", ids)


def _clear_customers(ids: Sequence[int], alias: Alias) -> None:
    by_id = db.session.scalar(select(RetentionRule.changed_by_id).where(RetentionRule.name == "customers"))
    for customer_id in ids:
        try:
            erasing.begin(customer_id, by_id=by_id or 0)
        except Refused:  # something began a moment ago: the next sweep looks again
            continue


_ALL = "what they told stays. While anything is under legal hold, so do they."
KINDS: dict[str, Kind] = {
    "letters": Kind(
        "Mails and notes", "Texts and original bytes, counted from each mail; the conversation must be closed.", _letters, _clear_letters
    ),
    "originals": Kind(
        "Original bytes of mails", "The mail as it came or left, counted from each; its text stays. The conversation must be closed.",
        _originals, _clear_originals,
    ),
    "attachments": Kind(
        "Attachments", "Files of mails, counted from the mail; the conversation must be closed.", _attachments,
        lambda ids, alias: scrubbing.files_of("attachment", "sha256", ids, alias),
    ),
    "drafts": Kind("Drafts", "What was never sent, counted from the last change.", _drafts, _clear_drafts),
    "photos": Kind(
        "Pictures of returns", "Counted from the day on which they came; the return must be over.", _photos,
        lambda ids, alias: scrubbing.files_of("return_photo", "sha256", ids, alias),
    ),
    "scans": Kind(
        "Words and places of scans", "What carriers said, counted from each scan; the order must be over.", _scans,
        lambda ids, alias: scrubbing.empty("tracking_event", ids, alias, words="", place=""),
    ),
    "comments": Kind(
        "Comments of feedback", "Counted from the answer; the score stays.", _comments,
        lambda ids, alias: scrubbing.empty("feedback", ids, alias, comment=""),
    ),
    "provider_events": Kind(
        "Webhooks of payment providers", f"Their bodies, counted from the day they came, once understood; {_ALL}",
        partial(_told, "provider_event", "kind"), partial(scrubbing.removed, "provider_event", "raw_sha256"),
    ),
    "carrier_events": Kind(
        "Webhooks of carriers", f"Their bodies, counted from the day they came, once understood; {_ALL}",
        partial(_told, "carrier_event", "event_id"), partial(scrubbing.removed, "carrier_event", "raw_sha256"),
    ),
    "customers": Kind(
        "Customers", "Everything that is held about somebody who neither wrote nor ordered since.", _customers, _clear_customers
    ),
}  # fmt: skip


def cutoff(months: int) -> datetime:
    """What is older than this has been kept for so many months."""
    now = clock.now()
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=years, month=month + 1, day=min(now.day, monthrange(years, month + 1)[1]))


def preview(name: str, months: int) -> Preview:
    """How much a rule would remove now, with the oldest few of it."""
    due = KINDS[name].due(cutoff(months)).subquery()
    n = db.session.scalar(select(func.count()).select_from(due)) or 0
    rows = db.session.execute(select(due.c.words, due.c.at).order_by(due.c.at).limit(EXAMPLES)).all()
    return Preview(n, [(row.words or "(no words)", row.at) for row in rows])


def rules() -> dict[str, RetentionRule]:
    """The rules that are switched on, by class."""
    return {rule.name: rule for rule in db.session.scalars(select(RetentionRule))}


def keep(name: str, months: int | None, *, by_id: int) -> bool:
    """Keep a class of data for so many months, or for ever (None). The caller commits. Returns whether that is new."""
    rule = db.session.get(RetentionRule, name)
    before = rule.months if rule else None
    if before == months:
        return False
    if months is None:
        db.session.execute(delete(RetentionRule).where(RetentionRule.name == name))
    elif rule is None:
        db.session.add(
            RetentionRule(name=name, months=months, changed_at=clock.now(), changed_by_id=by_id, swept=0)
        )
    else:
        rule.months, rule.changed_at, rule.changed_by_id = months, clock.now(), by_id
    record(
        "retention.changed",
        about=("retention_rule", None),
        before={"months": before},
        after={"class": name, "months": months},
    )
    return True


def sweep() -> int:
    """Remove what the rules say, chunk by chunk. Returns how many rows went. For the clock."""
    n = 0
    names = [(rule.name, rule.months) for rule in rules().values()]
    db.session.rollback()
    for name, months in names:
        while done := _chunk(name, months):
            n += done
            if name == "customers":
                break  # the workers forget them; what is left is for the next hour
    if n:
        sweeping_up.tidy()
    return n


def _chunk(name: str, months: int) -> int:
    """The oldest rows of a class, in one transaction with the event that tells of it; then their files."""
    with acting_as("desk", "clock: retention"):
        begin_write()
        due = KINDS[name].due(cutoff(months)).subquery()
        ids = list(db.session.scalars(select(due.c.id).order_by(due.c.id).limit(CHUNK)))
        if not ids:
            db.session.rollback()
            return 0
        alias = Alias("retention")
        KINDS[name].clear(ids, alias)
        rule = db.session.get(RetentionRule, name)
        if rule is not None:
            rule.swept, rule.swept_at = rule.swept + len(ids), clock.now()
        record("retention.swept", about=("retention_rule", None), after={"class": name, "rows": len(ids)})
        db.session.commit()
    for digest in alias.files:
        if not any(db.session.scalar(select(c).where(c == digest).limit(1)) for c in naming_columns()):
            blobs().delete(digest)
    db.session.rollback()
    return len(ids)
