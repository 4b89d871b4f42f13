"""How steps A1 to A9, B1, B4 and B5 were done: from the mail to the sold stock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from checkout_desk.reports.facts import Facts
from checkout_desk.reports.procedure import BY_CODE
from checkout_desk.reports.stages import (
    Because,
    Context,
    Stage,
    by_actor,
    by_mailbox,
    by_person,
    by_products,
    by_template,
    mail_ref,
    person,
    stage,
)


def receive(facts: Facts, context: Context) -> Stage:
    """A1: the mail came, and the desk read it soon."""
    order, again = facts.order, facts.happened("repeated")
    if order.born_of_id is None:
        return stage("A1", needless=True, words=["made by hand"])
    late = not order.created_by_id and order.created_at - order.born_at > context.allowed(BY_CODE["A1"])
    return stage(
        "A1", at=order.born_at, by="customer", evidence=[("message", order.born_of_id)], late=late,
        repeated=bool(again), causes=[by_mailbox(facts)],
        words=["it was read late" if late else "", "the customer ordered the same again" if again else ""],
    )  # fmt: skip


def note(facts: Facts, context: Context) -> Stage:
    """A2: an order was drafted, by the reading or by a person."""
    order = facts.order
    by_hand = order.created_by_id is not None and order.born_of_id is not None
    late = by_hand and order.created_at - order.born_at > context.allowed(BY_CODE["A2"])
    evidence = ("message", order.born_of_id) if order.born_of_id else ("record", 0)
    return stage(
        "A2", at=order.created_at, by=person(order.created_by_id), evidence=[evidence], late=late,
        causes=[by_person(order.created_by_id), by_mailbox(facts)],
        words=["noted by hand" if order.created_by_id else "read by the desk"],
    )  # fmt: skip


def check(facts: Facts, context: Context) -> Stage:
    """A3: the stock was held when the quote left, and everything was on its shelf when it was packed."""
    quote = _first(told_quotes(facts))
    held = [one for one in facts.stock if one.kind == "hold"]
    missed = list(dict.fromkeys(int(one.about) for one in facts.shorts))
    return stage(
        "A3", at=quote.sent_at if quote and held else None, by=_sender(quote),
        evidence=[("movement", one) for one in dict.fromkeys(row.product_id for row in held)],
        skipped=quote is not None and not held, repeated=bool(missed), causes=by_products(missed),
        words=["nothing was held" if quote and not held else "", _missing(len(missed))],
    )  # fmt: skip


def _missing(n: int) -> str:
    return f"{n} {'product was' if n == 1 else 'products were'} missing on the shelf" if n else ""


def ask(facts: Facts, context: Context) -> Stage:
    """A4: what was missing was asked for, at once and once."""
    order, asked, complete = facts.order, facts.told("details"), verified_at(facts)
    if not asked and complete is not None:
        return stage("A4", needless=True, words=["nothing was missing"])
    allowed = context.allowed(BY_CODE["A4"])
    first = _first(asked)
    overdue = first is None and order.gap_count > 0 and context.now - order.created_at > allowed
    late = overdue or (first is not None and first.at - order.created_at > allowed)
    repeated = len(asked) > 1
    return stage(
        "A4", at=complete, by=person(first.author_id if first else None), evidence=map(mail_ref, asked), late=late,
        repeated=repeated, causes=[*_asked_for(facts, asked, late=late, repeated=repeated), by_mailbox(facts)],
        words=[
            "nobody has asked yet" if overdue else "asked late" if late else "",
            f"asked {len(asked)} times" if repeated else "asked once" if asked else "",
            "parked, no answer came" if order.parked_at else "waits for the customer" if asked and not complete else "",
        ],
    )  # fmt: skip


def _asked_for(facts: Facts, asked: list[Any], *, late: bool, repeated: bool) -> list[Because | None]:
    """Who asked (late, or again), and which products nobody could tell."""
    people = [
        by_person(one.author_id) for one in (asked[:1] if late else []) + (asked[1:] if repeated else [])
    ]
    unclear = {entry.get("line") for entry in facts.order.asked or ()}
    return [*people, *by_products(row.product_id for row in facts.lines if row.id in unclear)]


def prepare(facts: Facts, context: Context) -> Stage:
    """A5: the quote was drawn up, and its first version could stay."""
    told = told_quotes(facts)
    quote = _first(told)
    again = len(told) > 1
    return stage(
        "A5", at=quote.created_at if quote else None, by=person(quote.created_by_id if quote else None),
        evidence=[("quote", one.number) for one in told], repeated=again,
        causes=[by_person(quote.created_by_id if quote else None), *by_products(row.product_id for row in facts.lines)],
        words=[f"{len(told)} versions were sent" if again else ""],
    )  # fmt: skip


def send(facts: Facts, context: Context) -> Stage:
    """A6: the quote left soon after the details were complete."""
    quote, complete = _first(told_quotes(facts)), verified_at(facts)
    mail = _first(facts.told("quote"))
    until = quote.sent_at if quote else context.now
    since = max((e.at for e in facts.verified() if e.at <= until), default=complete)
    waits = quote is not None or facts.order.state == "verified"
    late = waits and since is not None and until - since > context.allowed(BY_CODE["A6"])
    return stage(
        "A6", at=quote.sent_at if quote else None, by=_sender(quote), late=late,
        evidence=[mail_ref(quote) or (("quote", quote.number) if quote else None)],
        causes=[by_person(quote.created_by_id if quote else facts.order.verified_by_id), by_template(mail)],
        words=["sent late" if late and quote else "the quote is overdue" if late else ""],
    )  # fmt: skip


def watch(facts: Facts, context: Context) -> Stage:
    """A7: money came, in one piece."""
    quotes = told_quotes(facts)
    if quotes and not quotes[-1].total_minor:
        return stage("A7", needless=True, words=["nothing was to be paid"])
    first, parts = _first(facts.payments), len({one.id for one in facts.payments})
    waits = first is None and any(one.placed_at for one in facts.quotes)
    return stage(
        "A7", at=first.created_at if first else None, by="customer" if first else "", repeated=parts > 1,
        evidence=[("payment", one.id) for one in facts.payments], causes=[by_template(_first(facts.told("quote")))],
        words=[f"it came in {parts} parts" if parts > 1 else "the money is still open" if waits else ""],
    )  # fmt: skip


def verify(facts: Facts, context: Context) -> Stage:
    """A8: what came was matched with the quote, before anything left."""
    quotes = told_quotes(facts)
    if quotes and not quotes[-1].total_minor:
        return stage("A8", needless=True, words=["nothing was to be paid"])
    paid = _first([one for one in facts.quotes if one.paid_at])
    settled = max((one.at for one in facts.payments), default=_event(facts, "paid")) if paid else None
    came = max((one.created_at for one in facts.payments), default=None)
    late = bool(settled and came and settled - came > context.allowed(BY_CODE["A8"]))
    released = [one for one in facts.happened("placed") if (one.after or {}).get("reason")]
    who = facts.payments[-1].by_id if facts.payments else None
    account = bool(facts.happened("placed")) and not released and not paid
    return stage(
        "A8", at=settled, by=person(who), late=late, skipped=bool(released),
        evidence=[*(("payment", one.id) for one in facts.payments), *(("record", 0) for _ in released[:1])],
        causes=[*(by_actor(one.actor) for one in released), by_person(who) if late else None],
        words=[
            *(f"left before it was paid: {one.after['reason']}" for one in released),
            "matched late" if late else "", "placed on account" if account else "",
        ],
    )  # fmt: skip


def sell(facts: Facts, context: Context) -> Stage:
    """A9: the sale is in the ledger of the stock."""
    sold = [one for one in facts.stock if one.kind == "commit"]
    missed = not sold and sold_at(facts) is not None
    first = _first(sold)
    return stage(
        "A9", at=first.at if first else None, by=first.actor if first else "", skipped=missed,
        evidence=[("movement", one) for one in dict.fromkeys(row.product_id for row in sold)],
        causes=by_products(row.product_id for row in facts.lines), words=["no sale in the ledger" if missed else ""],
    )  # fmt: skip


def confirm_details(facts: Facts, context: Context) -> Stage:
    """B1: a person said that all of it is right, once."""
    done = facts.verified()
    return stage(
        "B1", at=verified_at(facts), by=done[0].actor if done else person(facts.order.verified_by_id),
        evidence=[("record", 0)] if done else [], repeated=len(done) > 1,
        causes=[*(by_actor(one.actor) for one in done[:1]), *by_products(row.product_id for row in facts.lines)],
        words=[f"verified {len(done)} times" if len(done) > 1 else ""],
    )  # fmt: skip


def answer(facts: Facts, context: Context) -> Stage:
    """B4: each message of the customer was answered in time."""
    if not facts.promises:
        return stage("B4", needless=True, words=["no question came"])
    late = [one for one in facts.promises if _broken(one, context.now)]
    waits = [one for one in facts.promises if one.closed_at is None]
    answered = [one.closed_at for one in facts.promises if one.closed_at is not None]
    last = facts.promises[-1]
    return stage(
        "B4", at=None if waits else max(answered), by=person(last.author_id), late=bool(late),
        evidence=[("message", one.message_id) for one in late or facts.promises[-1:]],
        causes=[*(by_person(one.author_id) for one in late), by_mailbox(facts)],
        words=[
            f"{len(late)} of {len(facts.promises)} after the promise" if late else "",
            f"{len(waits)} not answered yet" if waits else "",
        ],
    )  # fmt: skip


def _broken(promise: Any, now: datetime) -> bool:
    """As the report on reply times counts: closed without an answer is neither kept nor broken."""
    if promise.closed_at is None:
        return bool(promise.due_at < now)
    return bool(promise.closed_by_id and promise.closed_at > promise.due_at)


def use_templates(facts: Facts, context: Context) -> Stage:
    """B5: what the customer was quoted stood in the words of a template."""
    mails = [one for one in facts.mails if one.message_id and one.kind != "taken_back"]
    bare = [one for one in mails if one.milestone == "quote" and not one.template]
    return stage(
        "B5", at=mails[-1].at if mails else None, by="desk", evidence=map(mail_ref, bare or mails[-1:]),
        skipped=bool(bare), causes=[by_person(one.author_id) for one in bare],
        words=["the quote was written without a template" if bare else ""],
    )  # fmt: skip


def sold_at(facts: Facts) -> datetime | None:
    """When the order was placed: paid, or let go on account."""
    found = [one.at for one in (*facts.happened("paid"), *facts.happened("placed"))]
    return min(found, default=None)


def told_quotes(facts: Facts) -> list[Any]:
    """The versions that reached the customer."""
    return [one for one in facts.quotes if one.sent_at is not None and one.kind != "taken_back"]


def verified_at(facts: Facts) -> datetime | None:
    """When the details were complete for the first time."""
    return min((one.at for one in facts.verified()), default=facts.order.verified_at)


def _event(facts: Facts, kind: str) -> datetime | None:
    return min((one.at for one in facts.happened(kind)), default=None)


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None


def _sender(quote: Any) -> str:
    return person((quote.author_id or quote.created_by_id) if quote else None)
