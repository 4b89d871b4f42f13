"""A macro in the composer: its words put into the draft, what it will do said part by part, and all of it done at once.

Order, mail and conversation move in the one transaction that queues the mail, or none of them does; whoever sent it takes all
of it back with one undo while the mail has not left.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.conversations import acting, sending, undoing
from checkout_desk.conversations.models import Act, Conversation, Draft
from checkout_desk.correspondence import macros, templates
from checkout_desk.correspondence.macros import WRITTEN
from checkout_desk.correspondence.models import Macro, SavedReply
from checkout_desk.correspondence.rendering import Unfilled
from checkout_desk.correspondence.replies import filled
from checkout_desk.desk import order_question, order_quote, replies
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from checkout_desk.orders import acting as order_acting
from checkout_desk.orders import loading
from checkout_desk.orders import undoing as order_undoing
from checkout_desk.orders.lifecycle import ORDER
from checkout_desk.orders.models import Order

KINDS = order_question.KINDS
KIND = "macro.send"
CANCELLABLE = ("draft", "clarifying", "verified")
"""states in which a cancelled order can be brought back: nobody was told of a price yet"""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a macro does, as a sentence, and the sentence that stops it ('' where nothing does)."""

    what: str
    stop: str = ""


def put_in(c: Conversation, draft: Draft, chosen: str) -> dict[str, str]:
    """Begin a macro in a kept draft: the chosen one (an id), or, with '', none any more.

    Returns the sentence of what cannot be done, with the draft left as it was.
    """
    if draft.kind not in KINDS:
        return {"form": "A macro is applied by a reply; open one."}
    macro = found(chosen)
    if chosen and macro is None:
        return {"text": "This macro is not there any more; choose another one."}
    was = {name: getattr(draft, name) for name in ("text", "subject", *sending.MOVES)}
    try:
        before = found(str(draft.macro_id or ""))
        if before is not None and before is not macro:
            _take_out(c, draft, before)
        draft.macro_id = macro.id if macro else None
        if macro is not None and macro is not before:
            _begin(c, draft, macro)
    except (Refused, Unfilled) as fault:
        for name, value in was.items():
            setattr(draft, name, value)
        return {"text": str(fault)}
    return {}


def named(draft: Draft) -> Macro | None:
    """The macro that the first line of `/words` names alone, and the draft without that line; None where none is."""
    line = replies.SLASH.search(draft.text)
    meant = macros.matching(line[1], macros.everything()) if line else []
    if line is None or len(meant) != 1:
        return None
    draft.text = (draft.text[: line.start()].rstrip() + "\n" + draft.text[line.end() :].lstrip("\n")).strip()
    return meant[0]


def found(number: str) -> Macro | None:
    """The macro of that id, as a form says it."""
    return (
        db.session.get(Macro, int(number))
        if number.isascii() and number.isdigit() and len(number) < 19
        else None
    )


def carried(form: Mapping[str, str]) -> int | None:
    """The macro that the composer's form says its mail applies."""
    macro = found(form.get("macro", ""))
    return macro.id if macro else None


def show(c: Conversation, draft: Draft | None, composer: dict[str, Any], *, by: Person) -> None:
    """The macros to choose from, and what the one that was begun will do, into the composer's context. One query."""
    if composer["kind"] not in KINDS:
        return
    macro = found(str(draft.macro_id or "")) if draft else None
    composer["macros"] = [
        {"value": one.id, "text": one.name, "selected": one is macro} for one in macros.everything()
    ]
    if macro is not None and draft is not None:
        composer["plan"] = {"name": macro.name, "parts": parts(c, draft, macro, by=by)}


def _words(c: Conversation, macro: Macro, *, plain: bool) -> str:
    """The macro's own words in the customer's language. Raises Unfilled."""
    order = _order(c)
    language, text = macros.words(macro, templates.speaks(order.language if order else ""))
    if not text:
        return ""
    reply = SavedReply(title=macro.name, language=language, text=text)
    return filled(reply, replies.values(c, order, language), plain=plain)


def _order(c: Conversation) -> Order | None:
    return db.session.get(Order, c.order_id) if c.order_id else None


def _begin(c: Conversation, draft: Draft, macro: Macro) -> None:
    if macro.order_move in WRITTEN and draft.purpose is not None:
        draft.text, draft.order_id, draft.purpose, draft.template = "", None, None, None
    words = _words(c, macro, plain=macro.order_move not in WRITTEN and not draft.purpose)
    typed = "\n\n".join(part for part in (draft.text.strip(), words) if part)
    draft.text = typed
    if macro.order_move == "ask":
        asked = order_question.asking(c)
        if asked is None:
            raise Refused("Nothing is missing in the order of this conversation; there is nothing to ask.")
        order_question.choose(draft, asked, c, "")
    elif macro.order_move == "quote":
        order_quote.choose(draft, order_quote.ready(c, order_id=c.order_id), c, "")
        draft.text = "\n\n".join(part for part in (draft.text, typed) if part)


def _take_out(c: Conversation, draft: Draft, macro: Macro) -> None:
    """Another macro was chosen: the words of the first go, what a person typed stays."""
    if macro.order_move in WRITTEN:
        draft.text, draft.order_id, draft.purpose, draft.template = "", None, None, None
        return
    with contextlib.suppress(Unfilled):
        draft.text = draft.text.replace(_words(c, macro, plain=True), "").strip()


def parts(c: Conversation, draft: Draft, macro: Macro, *, by: Person) -> list[Part]:
    """Exactly what sending this draft will do, in the order in which it is done."""
    return [
        *_order_part(c, draft, macro, by),
        Part("This mail is sent to the addresses above"),
        *(Part(what) for what, _ in _doings(macro, by)),
        Part(_then(macro)),
    ]


def _order_part(c: Conversation, draft: Draft, macro: Macro, by: Person) -> Iterator[Part]:
    move = macro.order_move
    if not move:
        return
    order = _order(c)
    if order is None:
        yield Part(macros.MOVES[move], "this conversation has no order")
        return
    n = order.number
    what = {"ask": f"Details of order {n} are asked for", "quote": f"The quote of order {n} is sent",
            "verify": f"Order {n} is verified", "cancel": f"Order {n} is cancelled: {macro.reason}"}[move]  # fmt: skip
    yield Part(what, _order_stop(order, draft, macro, by))


def _order_stop(order: Order, draft: Draft, macro: Macro, by: Person) -> str:
    move = macro.order_move
    if not by.may(ORDER.transitions[move].permission):
        return "your role may not do that"
    if move in WRITTEN:
        purpose = order_question.PURPOSE if move == "ask" else order_quote.PURPOSE
        return "" if draft.purpose == purpose else "the mail is not that any more; choose the macro again"
    if move == "cancel" and order.state not in CANCELLABLE:
        return f"order {order.number} is {order.state}; cancel it in its panel, where money and stock are seen to"
    return ORDER.refusal(order, move, by=by, reason=macro.reason) or ""


def _doings(macro: Macro, by: Person) -> Iterator[tuple[str, Callable[[Conversation], Act]]]:
    """What else happens to the conversation: as a sentence, and the act that does it."""
    if macro.tags:
        names = ", ".join(macro.tags)
        yield f"Tagged {names}", lambda c: acting.tag([c], add=macro.tags, remove=[], by=by)
    if macro.assign:
        to = by if macro.assign == "me" else None
        if macro.assign not in ("me", "nobody"):
            to = db.session.get(Person, int(macro.assign))
        yield f"Assigned to {to.name if to else 'nobody'}", lambda c: acting.assign([c], to=to, by=by)
    if macro.escalate_role:
        role = macro.escalate_role
        yield (
            f"Escalated to {ROLES[role]}: {macro.reason}",
            lambda c: acting.escalate([c], reason=macro.reason, by=by, role=role),
        )
    if macro.after == "snooze":
        days = "a day" if macro.snooze_days == 1 else f"{macro.snooze_days} days"
        yield f"Sleeps for {days}", lambda c: acting.snooze([c], until=wakes(macro), by=by)


def wakes(macro: Macro) -> datetime:
    """When a conversation that this macro puts to sleep comes back."""
    return clock.now().replace(second=0, microsecond=0) + timedelta(days=macro.snooze_days or 0)


def _then(macro: Macro) -> str:
    kept = "The promise is answered when a server accepts the mail"
    then = {"wait": "the conversation waits for the customer", "close": "the conversation is closed",
            "stay": "the conversation stays open", "snooze": "it comes back by itself"}[macro.after]  # fmt: skip
    return f"{kept}; {then}"


def send(c: Conversation, draft: Draft, macro: Macro, *, by: Person, confirmed: bool) -> Act:
    """Do all of it. The caller commits, or, when it raises (Refused with the part that cannot be, or sending.Stopped),
    rolls back: nothing has happened then."""
    done: list[Act | None] = []
    stopped = next((part for part in parts(c, draft, macro, by=by) if part.stop), None)
    if stopped is not None:
        raise Refused(
            f"“{macro.name}” was not applied. {stopped.what}: {stopped.stop.rstrip('.')}. Nothing was sent."
        )
    order = _order(c)
    if order is not None and macro.order_move in ("verify", "cancel"):
        done.append(_part(macro, "Order", lambda: _move(order, macro, by)))
    after = "stay" if macro.after == "snooze" else macro.after
    mail = _part(macro, "Mail", lambda: sending.send(c, draft, by=by, after=after, confirmed=confirmed))
    done.append(mail)
    for what, do in _doings(macro, by):
        done.append(_part(macro, what, lambda do=do: do(c)))  # type: ignore[misc]
    macros.count(macro.id, 1)
    record("macro.applied", about=macro, after={"conversation": c.id, "message": mail.before["message"]})
    return _as_one(macro, mail, [act for act in done if act is not None], by)


def _move(order: Order, macro: Macro, by: Person) -> Act | None:
    loading.lock(order)
    if macro.order_move == "verify":
        return order_acting.verify(order, by=by)
    return order_acting.cancel(order, reason=macro.reason, by=by)


def _part(macro: Macro, what: str, do: Callable[[], Any]) -> Any:
    try:
        return do()
    except Refused as refusal:
        raise Refused(f"“{macro.name}” was not applied. {what}: {refusal} Nothing was sent.") from None


def _as_one(macro: Macro, mail: Act, done: list[Act], by: Person) -> Act:
    """One act for all of them, so that one undo takes all of them back."""
    kept = [{"kind": act.kind, "before": act.before} for act in done]
    act = Act(
        person_id=by.id, at=mail.at, kind=KIND, sentence=f"{macro.name}: {mail.sentence}"[:300],
        before={**mail.before, "macro": macro.id, "name": macro.name, "parts": kept},
    )  # fmt: skip
    for one in done:
        db.session.delete(one)
    db.session.add(act)
    db.session.flush()
    return act


def undo(act: Act, by: Person) -> list[Conversation]:
    """Take all of it back, the last part first. Raises Refused when the mail has left or the order has moved on.

    What others have done to the conversation since stays, as it does when a plain mail is taken back.
    """
    c: Conversation | None = None
    for part in reversed(act.before["parts"]):
        was = Act(person_id=act.person_id, kind=part["kind"], before=part["before"])
        if part["kind"] == "send":
            c = sending.undo(was)
        elif part["kind"].startswith("order."):
            order_undoing.undo(was, by)
        else:
            with contextlib.suppress(Refused):
                acting.restore(part["before"]["conversations"][0])
        db.session.flush()
    macros.count(act.before["macro"], -1)
    record("macro.taken_back", about=("macro", act.before["macro"]), after={"message": act.before["message"]})
    return [c] if c is not None else []


undoing.register("macro", undo)
