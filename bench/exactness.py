"""Row P10: which mails join their conversation. Also an ordinary test."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail.models import OutboundMail
from checkout_desk.mail.receiving import receive
from checkout_desk.seeding import corpus

Count = tuple[int, int]


def measure(*, start: int, share: float = 1.0) -> dict[str, Count]:
    """Take mails into the present desk, which was seeded; returns what → (how many went right, how many there were).

    `start` numbers the writers apart from those of other calls, `share` takes fewer mails.
    """
    rng = Random(start)  # a corpus, no secret
    firsts = int(200 * share)
    writers = [corpus.writer(rng, start + number) for number in range(firsts)]
    homes = [_take(_mail(rng, who, f"first.{start + n}")) for n, who in enumerate(writers)]
    found = {
        "joined by In-Reply-To": _joined(
            (
                _take(
                    _mail(
                        rng,
                        writers[n % firsts],
                        f"reply.{start}.{n}",
                        in_reply_to=f"first.{start + n % firsts}",
                    )
                ),
                homes[n % firsts],
            )
            for n in range(int(400 * share))
        ),
        "joined by References alone": _joined(
            (
                _take(_mail(rng, writers[n], f"refs.{start}.{n}", references=("gone", f"first.{start + n}"))),
                homes[n],
            )
            for n in range(int(200 * share))
        ),
        "joined our own mails": _joined(_to_ours(rng, start, int(100 * share))),
    }
    strangers = [corpus.writer(rng, start + firsts + number) for number in range(int(100 * share))]
    homeless = [
        _take(_mail(rng, who, f"guess.{start}.{n}", in_reply_to=f"first.{start + n}"))
        for n, who in enumerate(strangers)
    ]
    kept_out = sum(a not in homes for a in homeless)
    found["strangers' guesses that were kept out"] = (kept_out, len(strangers))
    return found


def _joined(pairs: Iterator[tuple[int, int]]) -> Count:
    outcomes = [got == wanted for got, wanted in pairs]
    return sum(outcomes), len(outcomes)


def _to_ours(rng: Random, start: int, count: int) -> Iterator[tuple[int, int]]:
    """Customers answer the newest mails that left us."""
    rows = db.session.execute(
        select(Message.mail_id, Message.conversation_id, OutboundMail.to_address)
        .join(OutboundMail, OutboundMail.id == Message.outbound_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .order_by(Message.id.desc())
        .limit(count)
    ).all()
    db.session.rollback()
    for number, row in enumerate(rows):
        who = corpus.Writer("A customer", row.to_address, corpus.LANGUAGES[0])
        mail = _mail(rng, who, f"ours.{start}.{number}", in_reply_to=row.mail_id, whole=True)
        yield _take(mail), row.conversation_id


def _mail(
    rng: Random,
    who: corpus.Writer,
    name: str,
    *,
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
    whole: bool = False,
) -> bytes:
    return corpus.mail(
        sender=(who.email, who.name), to=corpus.SHOP, subject="About my order", at=clock.now(),
        text=corpus.body(rng, who, name, ours=False, length=120), message_id=f"{name}@threads.example",
        in_reply_to=in_reply_to if whole or not in_reply_to else f"{in_reply_to}@threads.example",
        references=tuple(f"{one}@threads.example" for one in references),
    )  # fmt: skip


def _take(mail: bytes) -> int:
    receipt = receive(mail, door="import", wake=False)
    outcome, conversation_id = take_in(receipt.raw_id)
    if outcome != "stored" or conversation_id is None:
        raise RuntimeError(f"a mail became {outcome}")
    return conversation_id
