"""Conversations as rows: what filing, answering and closing would have left behind, written without doing it."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from checkout_desk.conversations import next_action, promises
from checkout_desk.conversations.models import Conversation, Message, Participant, Promise
from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.seeding import corpus, goods
from checkout_desk.seeding.goods import Good
from checkout_desk.seeding.ordering import Orderer, no_order
from checkout_desk.settings.promised import Promised

A_DAY = 500
"""conversations that begin on one day: what makes a large store old and keeps its open part young"""
LENGTHS, LENGTH_WEIGHTS = (1, 2, 3, 4, 5, 7), (16, 25, 24, 20, 10, 5)
RECENT_STATES = {"open": 40, "waiting": 36, "snoozed": 10, "closed": 12, "spam": 2}
OLD_STATES = {"waiting": 7, "snoozed": 2, "closed": 973, "spam": 18}


@dataclass
class Places:
    """What the conversations hang on: the store's mailbox and people, and the first free number of each table."""

    mailbox_id: int
    mailbox_address: str
    people: list[tuple[int, str]]
    promise_hours: int
    currency: str
    ask_phone: bool
    goods: list[Good]
    """products that are there already; empty: the weaver brings some"""
    free: dict[str, int]


@dataclass
class Batch:
    """Rows by table name, the words to index, what was counted, and originals that are kept as blobs."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    words: list[tuple[int, str, str, list[str], list[str]]] = field(default_factory=list)
    placed: list[tuple[str, int | None, bool, str]] = field(default_factory=list)
    originals: list[bytes] = field(default_factory=list)


class Weaver:
    """Makes conversation after conversation from one random generator."""

    def __init__(
        self, places: Places, *, total: int, random_seed: int, anchor: datetime, originals: int, longest: int
    ) -> None:
        self.rng = Random(f"store {random_seed} {places.free['conversation']}")  # noqa: S311  # a data set, no secret
        self.places, self.total, self.anchor = places, total, anchor
        self.originals, self.longest = originals, longest
        self.batch = Batch()
        self.events: list[tuple[datetime, str, str, str, tuple[str, int], Any, Any]] = []
        self._customers: list[tuple[int, corpus.Writer]] = []
        self._recent = min(total, max(total // 20, 300))
        self._rare = (
            {total * (2 * k + 1) // (2 * corpus.RARE) for k in range(corpus.RARE)}
            if total >= 10 * corpus.RARE
            else set()
        )
        self._span = timedelta(days=max(30.0, total / A_DAY))
        own = Random(f"orders {random_seed} {places.free['conversation']}")  # noqa: S311  # likewise
        if not places.goods:
            places.goods, rows = goods.make(
                own, at=self.begins_at(0) - timedelta(days=1), currency=places.currency, free=self.free, note=self.note
            )  # fmt: skip
            self.batch.rows.update(rows)
        self.orderer = Orderer(
            own, places.goods, currency=places.currency, ask_phone=places.ask_phone, free=self.free, note=self.note
        )  # fmt: skip

    def take(self) -> Batch:
        """What was woven since the last call."""
        done, self.batch = self.batch, Batch()
        return done

    def begins_at(self, index: int) -> datetime:
        """When conversation `index` of `total` begins: evenly spread up to half an hour before the anchor."""
        return self.anchor - timedelta(minutes=30) - self._span * (1 - index / self.total)

    def weave(self, index: int) -> None:
        """Add conversation `index` to the batch."""
        rng, recent = self.rng, index >= self.total - self._recent
        mix = RECENT_STATES if recent else OLD_STATES
        state = rng.choices(list(mix), list(mix.values()))[0]
        rare = index in self._rare
        length = self.longest if index == 0 and self.longest else self._length(state, rare=rare)
        if rare or (index == 0 and self.longest):
            state = "closed"
        customer_id, who = self._customer(self.begins_at(index))
        thread = _Thread(self, index, state, customer_id, who, length, rare=rare)
        thread.write()

    def free(self, table: str) -> int:
        """The next free number of a table."""
        number = self.places.free[table]
        self.places.free[table] = number + 1
        return number

    def note(
        self,
        at: datetime,
        actor: str,
        kind: str,
        about: tuple[str, int],
        *,
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Something that the record tells."""
        origin = "192.0.2.44" if actor.startswith("person:") else "worker"
        self.events.append((at, actor, origin, kind, about, before, after))

    def _length(self, state: str, *, rare: bool) -> int:
        length = self.rng.choices(LENGTHS, LENGTH_WEIGHTS)[0]
        if rare:
            return max(length, 3)
        if state == "spam":
            return 1
        if state == "open":
            return length | 1
        return length + length % 2 if state in ("waiting", "snoozed") else length

    def _customer(self, at: datetime) -> tuple[int, corpus.Writer]:
        if self._customers and self.rng.random() < 0.4:
            return self.rng.choice(self._customers)
        customer_id = self.free("customer")
        who = corpus.writer(self.rng, customer_id)
        self.batch.rows[Customer.__tablename__].append(
            {"id": customer_id, "name": who.name, "created_at": at}
        )
        self.batch.rows[CustomerAddress.__tablename__].append(
            {"id": self.free("customer_address"), "email": who.email.casefold(), "customer_id": customer_id}
        )
        self._customers.append((customer_id, who))
        return customer_id, who


class _Thread:
    """One conversation while it is written."""

    def __init__(
        self,
        weaver: Weaver,
        index: int,
        state: str,
        customer_id: int,
        who: corpus.Writer,
        length: int,
        *,
        rare: bool,
    ) -> None:
        self.weaver, self.rng, self.batch, self.places = weaver, weaver.rng, weaver.batch, weaver.places
        self.index, self.state, self.customer_id, self.who = index, state, customer_id, who
        self.length, self.rare = length, rare
        self.id = weaver.free("conversation")
        self.order = f"FK-{100000 + self.id}"
        self.subject = corpus.subject(self.rng, who, self.order)
        self.token = base64.b32encode(self.rng.randbytes(16)).decode().rstrip("=").lower()
        self.person = self.rng.choice(self.places.people)
        self.mail_ids: list[str] = []
        self.pending: list[dict[str, Any]] = []
        self.last: dict[str, Any] = {}
        self.last_in: dict[str, Any] = {}
        self.now_state = "open"
        self.ordered = None if rare else weaver.orderer.begin(state)

    def write(self) -> None:
        times = self._times()
        for position, at in enumerate(times):
            word = {0: corpus.RARE_FIRST, 2: corpus.RARE_THIRD}.get(position, "") if self.rare else ""
            (self._ours if position % 2 else self._theirs)(position, at, word)
        self._participants()
        self._conversation(times[0])

    def _times(self) -> list[datetime]:
        begin, anchor = self.weaver.begins_at(self.index), self.weaver.anchor
        times = [begin]
        for _ in range(1, self.length):
            times.append(times[-1] + timedelta(minutes=self.rng.randrange(20, 60 * 30)))
        if self.state == "open":  # the last word came within the last day, mostly
            times[-1] = max(times[0], anchor - timedelta(minutes=self.rng.randrange(5, 60 * 29)))
        if max(times) > anchor - timedelta(minutes=2):  # squeeze what would lie in the future
            room = anchor - timedelta(minutes=2) - begin
            times = [begin + room * step / max(self.length - 1, 1) for step in range(self.length)]
        return sorted(times)

    def _theirs(self, position: int, at: datetime, word: str) -> None:
        domain = self.who.email.rpartition("@")[2]
        text = self._body(ours=False, word=word)
        if self.ordered and position == 0:
            hello, _, rest = text.partition("\n\n")
            text = f"{hello}\n\n{self.ordered.words}\n\n{rest}"
        message, mail_id = self._message(at, "in", text, domain)
        reply = corpus.mail(
            sender=(self.who.email, self.who.name), to=(self.places.mailbox_address, corpus.SHOP[1]), at=at,
            subject=message["subject"], text=message["text"], message_id=mail_id,
            in_reply_to=self.mail_ids[-1] if self.mail_ids else "", references=tuple(self.mail_ids[-10:]),
        )  # fmt: skip
        raw_id = self.weaver.free("raw_mail")
        done = at + timedelta(seconds=1)
        self.batch.rows[RawMail.__tablename__].append(
            {"id": raw_id, "sha256": self._keep(reply), "size": len(reply), "door": "imap", "mailbox_id": self.places.mailbox_id,
             "received_at": at, "envelope_from": None, "envelope_to": None, "state": "taken_in", "attempts": 1, "taken_in_at": done}
        )  # fmt: skip
        reason = "Answers a message of this conversation" if position else "First message"
        message.update(
            raw_id=raw_id, canonical_key=hashlib.sha256(reply).hexdigest(), from_name=self.who.name, from_email=self.who.email,
            recipients={"to": [[self.places.mailbox_address, corpus.SHOP[1]]], "cc": [], "reply_to": []}, reason=reason,
            sent_at=at,
        )  # fmt: skip
        self._add(message, [self.who.email, self.who.name, self.places.mailbox_address, corpus.SHOP[1]])
        self.last_in = message
        if self.ordered and position == 0:
            self._order(message)
        promise = {
            "id": self.weaver.free("promise"), "conversation_id": self.id, "message_id": message["id"], "opened_at": at,
            "due_at": Promised(self.places.promise_hours).due(at), "closed_at": None, "closed_by_id": None,
        }  # fmt: skip
        self.pending.append(promise)
        self.batch.rows[Promise.__tablename__].append(promise)
        after = {"conversation": self.id, "kind": "letter", "reason": reason, "raw": raw_id}
        self.weaver.note(done, "desk", "message.received", ("message", message["id"]), after=after)
        if position:
            self._step("receive", "open", done, "desk")

    def _order(self, message: dict[str, Any]) -> None:
        assert self.ordered is not None
        rows = self.weaver.orderer.finish(
            self.ordered, first=message, customer_id=self.customer_id, email=self.who.email.casefold(), name=self.who.name,
            language=self.who.language.code, person_id=self.person[0], conversation_id=self.id,
        )  # fmt: skip
        for table, more in rows.items():
            self.batch.rows[table] += more

    def _ours(self, position: int, at: datetime, word: str) -> None:
        message, mail_id = self._message(
            at, "out", self._body(ours=True, word=word), corpus.SHOP[0].rpartition("@")[2]
        )
        sent = corpus.mail(
            sender=(self.places.mailbox_address, corpus.SHOP[1]), to=(self.who.email, self.who.name), at=at,
            subject=message["subject"], text=message["text"], message_id=mail_id, in_reply_to=self.mail_ids[-1],
            references=tuple(self.mail_ids[-10:]),
        )  # fmt: skip
        outbound_id = self.weaver.free("outbound_mail")
        done = at + timedelta(seconds=12)
        self.batch.rows[OutboundMail.__tablename__].append(
            {"id": outbound_id, "occasion": f"reply:{self.rng.getrandbits(128):032x}", "thread": f"conversation:{self.id}",
             "mailbox_id": self.places.mailbox_id, "message_id": mail_id, "sha256": self._keep(sent), "size": len(sent),
             "envelope_from": self.places.mailbox_address, "recipients": [], "to_address": self.who.email.casefold(),
             "automatic": False, "queued_at": at, "due_at": at + timedelta(seconds=10), "state": "sent", "attempts": 1,
             "unknown_count": 0, "data_started_at": done, "sent_at": done, "response": "250 2.0.0 Ok: queued"}
        )  # fmt: skip
        person_id, name = self.person
        message.update(
            outbound_id=outbound_id, author_id=person_id, from_name=name, from_email=self.places.mailbox_address,
            recipients={"to": [[self.who.email, self.who.name]], "cc": []},
        )  # fmt: skip
        self._add(message, [self.who.email, self.who.name])
        for promise in self.pending:
            promise.update(closed_at=done, closed_by_id=message["id"])
        self.pending.clear()
        self._step("answer", "waiting", at, f"person:{person_id}")
        after = {"conversation": self.id, "outbound": outbound_id, "then": "wait"}
        self.weaver.note(at, f"person:{person_id}", "message.queued", ("message", message["id"]), after=after)

    def _body(self, *, ours: bool, word: str) -> str:
        return corpus.body(self.rng, self.who, self.order, ours=ours, word=word)

    def _message(self, at: datetime, direction: str, text: str, domain: str) -> tuple[dict[str, Any], str]:
        number = self.weaver.free("message")
        mail_id = f"{number}.{self.rng.getrandbits(64):016x}@{domain}"
        message = {
            "id": number, "conversation_id": self.id, "direction": direction, "kind": "letter", "raw_id": None,
            "outbound_id": None, "author_id": None, "mail_id": mail_id, "canonical_key": None,
            "subject": self.subject if not self.mail_ids else f"Re: {self.subject}", "at": at, "sent_at": None, "text": text,
            "blocked_images": 0, "reason": "", "attachment_count": 0,
        }  # fmt: skip
        return message, mail_id

    def _add(self, message: dict[str, Any], addresses: list[str]) -> None:
        self.batch.rows[Message.__tablename__].append(message)
        self.batch.words.append((message["id"], message["subject"], message["text"], addresses, []))
        self.mail_ids.append(message["mail_id"])
        self.last = message

    def _keep(self, data: bytes) -> str:
        if self.weaver.originals > 0:
            self.weaver.originals -= 1
            self.batch.originals.append(data)
        return hashlib.sha256(data).hexdigest()

    def _step(self, name: str, state: str, at: datetime, actor: str) -> None:
        before, self.now_state = {"state": self.now_state}, state
        about = ("conversation", self.id)
        self.weaver.note(at, actor, f"conversation.{name}", about, before=before, after={"state": state})

    def _participants(self) -> None:
        self.batch.rows[Participant.__tablename__].append(
            {"conversation_id": self.id, "email": self.who.email.casefold()}
        )

    def _conversation(self, created_at: datetime) -> None:
        last_at, ended = self.last["at"], self.last["at"] + timedelta(minutes=1)
        taken = self.rng.random() < 0.55 if self.state == "open" else self.length > 1
        snoozed_until = None
        if self.state in ("closed", "spam", "snoozed"):
            self._step(
                {"closed": "close", "snoozed": "snooze"}.get(self.state, "spam"),
                self.state,
                ended,
                f"person:{self.person[0]}",
            )
            if self.state == "snoozed":
                snoozed_until = self.weaver.anchor + timedelta(hours=self.rng.randrange(2, 240))
            for promise in self.pending:
                promise["closed_at"] = ended
            self.pending.clear()
        due = min((promise["due_at"] for promise in self.pending), default=None)
        trouble = "mail not delivered" if self.state == "waiting" and self.rng.random() < 0.02 else None
        if trouble:
            self.last.update(trouble="Not delivered: 550 5.1.1 no such user")
        assignee_id = self.person[0] if taken else None
        shown = self.ordered.shown() if self.ordered else no_order()
        asks = self.ordered is None or self.ordered.asks(self.length)
        step = next_action.of(self.state, owed=due is not None, asks=asks, order_step=shown["order_step"])
        view = next_action.view_of(step)
        self.batch.rows[Conversation.__tablename__].append(
            {"id": self.id, "subject": self.subject, "customer_id": self.customer_id, "mailbox_id": self.places.mailbox_id,
             "reply_token": self.token, "created_at": created_at, "state": self.state, "assignee_id": assignee_id,
             "snoozed_until": snoozed_until, "tags": self._tags(), "version": self.length, "who": self.who.name,
             "preview": " ".join(self.last_in["text"].split("\n\n", 1)[1].split())[:120], "has_attachment": False,
             "unread": self.state == "open" and self.rng.random() < 0.5, "trouble": trouble, "exception": trouble is not None,
             "queue_at": promises.queue_time_of(self.state, due, snoozed_until, last_at), "promise_due_at": due,
             "last_message_at": last_at, "last_inbound_id": self.last_in["id"], "asks": asks, "next_action": step, "queue_view": view,
             **shown}
        )  # fmt: skip
        self.batch.placed.append((self.state, assignee_id, trouble is not None, view))

    def _tags(self) -> list[str]:
        return ["wholesale"] if self.rng.random() < 0.05 else []
