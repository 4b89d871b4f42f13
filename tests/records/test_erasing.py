"""A person is forgotten: nothing of them is left in any file, and the books say what they said before."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from checkout_desk.conversations import counting, searching
from checkout_desk.conversations.models import Attachment, Conversation
from checkout_desk.customers.models import Customer
from checkout_desk.events.verifying import verify
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail.receiving import blobs, receive
from checkout_desk.records import belongings, erasing, holding
from checkout_desk.records.belongings import table
from checkout_desk.records.models import Erasure
from tests.records.planting import everything, letter, plant, take, traces_of


def begun(customer_id: int) -> int:
    begin_write()
    erasure = erasing.begin(customer_id, by_id=1)
    db.session.commit()
    return erasure.id


def books() -> dict[str, list[Any]]:
    """Every figure that a report counts from."""
    o, q, p, r = table("order").c, table("quote").c, table("payment").c, table("refund").c
    m, f, s, c = table("message").c, table("feedback").c, table("shipment").c, table("conversation").c
    asked = {
        "orders": select(
            o.number, o.state, o.currency, o.total_minor, o.ship_country, o.created_at, o.cancel_reason
        ),
        "quotes": select(q.reference, q.state, q.net_minor, q.tax_minor, q.total_minor, q.sent_at, q.paid_at),
        "payments": select(p.source, p.source_ref, p.amount_minor, p.currency, p.received_at, p.outcome),
        "refunds": select(r.amount_minor, r.state, r.at),
        "messages": select(m.direction, m.kind, m.at, m.sent_at, m.author_id),
        "feedback": select(f.score, f.step, f.answered_at),
        "parcels": select(s.number, s.state, s.carrier_id, s.handed_over_at, s.delivered_at),
        "conversations": select(c.state, c.created_at, c.customer_id),
    }
    found = {name: sorted(map(str, db.session.execute(query).all())) for name, query in asked.items()}
    content = db.session.scalars(select(q.content).order_by(q.id)).all()
    found["taxes"] = [
        str((one["lines"], one["taxes"], one["total"], one["address"]["ship_country"])) for one in content
    ]
    db.session.rollback()
    return found


def test_nothing_of_a_person_is_left_and_the_books_stay(desk: Flask, tmp_path: Path) -> None:
    customer_id, other_id, words = plant(desk)
    home = tmp_path / "home"
    assert {one for one, _ in traces_of(words, everything(desk, home))} >= set(words) - {"203.0.113.77"}
    with desk.app_context():
        raw = table("raw_mail").c
        before, shared = books(), belongings.of(other_id).of("attachment")
        kept = db.session.get_one(Attachment, shared[0]).sha256
        theirs = belongings.of(customer_id)
        known = blobs().get(
            str(db.session.scalar(select(raw.sha256).where(raw.id == theirs.of("raw_mail")[-1])))
        )
        erasing.carry_on(begun(customer_id))
        done = db.session.scalars(select(Erasure)).one()
        assert (done.state, done.found, done.files) == ("done", {}, [])
        alias = db.session.get_one(Customer, customer_id).name
        assert alias == f"Person {done.mark}"
        assert books() == before
        assert verify().first_wrong is None
        assert list(counting.check()) == []
        assert b"two customers" in blobs().get(kept), "the other one's file still opens"
        term = searching.term("zwiebelfisch-letter")
        assert term and searching.find([term], limit=5) == []
        db.session.remove()
        db.engine.dispose()
    assert traces_of(words, everything(desk, home)) == []

    with desk.app_context():
        raws = db.session.scalar(select(func.count()).select_from(table("raw_mail")))
        db.session.rollback()
        assert receive(known, door="imap", wake=False).outcome == "duplicate", (
            "what was erased does not come back"
        )
        assert db.session.scalar(select(func.count()).select_from(table("raw_mail"))) == raws
        db.session.rollback()
        again = take(letter(theirs.emails[0], "Ottilie Quellmaus", "It is me again", "Hello\n"))
        assert db.session.get_one(Conversation, again).customer_id != customer_id


def test_killed_after_any_step_it_is_done_all_the_same(
    desk: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, _, words = plant(desk)
    died: set[tuple[int, int, int]] = set()
    begun_here: Counter[tuple[int, int]] = Counter()

    def dies() -> None:
        """Every transaction ends before anything of it is kept, the first time that it comes to this place."""
        begin_write()
        step, at = db.session.execute(select(Erasure.step, Erasure.at)).one()
        begun_here[step, at] += 1
        place = (step, at, begun_here[step, at])
        if place not in died:
            died.add(place)
            raise OSError("no space")

    with desk.app_context():
        erasure_id = begun(customer_id)
        monkeypatch.setattr(erasing, "CHUNK", 3)
        monkeypatch.setattr(erasing, "begin_write", dies)
        for _ in range(1000):
            begun_here.clear()
            try:
                erasing.carry_on(erasure_id)
                break
            except OSError:
                db.session.rollback()
                begin_write()
                db.session.execute(update(Erasure).values(claimed_until=None))  # its lease ends
                db.session.commit()
        assert db.session.get_one(Erasure, erasure_id, populate_existing=True).state == "done"
        assert len(died) > 30
        last = len(erasing.ROWS) + len(erasing.LAST) - 1
        assert {place[0] for place in died} == set(range(last + 1))
        assert (last, 0, 2) in died, "and between the clearing of the files and the word that it is done"
        assert verify().first_wrong is None
        db.session.remove()
        db.engine.dispose()
    assert traces_of(words, everything(desk, tmp_path / "home")) == []


def test_open_business_and_legal_hold_refuse(desk: Flask) -> None:
    plant(desk)
    with desk.app_context():
        paid = (
            db.session.execute(select(table("order")).where(table("order").c.number == 1014)).mappings().one()
        )
        begin_write()
        with pytest.raises(Refused, match="Order 1014 is paid; finish or cancel it first"):
            erasing.begin(paid["customer_id"], by_id=1)
        db.session.rollback()
        closed = (
            db.session.execute(select(table("order")).where(table("order").c.number == 1019)).mappings().one()
        )
        begin_write()
        hold = holding.put(reason="Court of Leeds asked for it", by_id=1, order_id=closed["id"])
        with pytest.raises(Refused, match=r"Order 1019 is under legal hold since .* Court of Leeds"):
            erasing.begin(closed["customer_id"], by_id=1)
        with pytest.raises(Refused, match="already"):
            holding.put(reason="Twice", by_id=1, order_id=closed["id"])
        holding.lift(hold.id, why="The case is over", by_id=1)
        db.session.commit()
        assert erasing.blocked(belongings.of(closed["customer_id"])) == []
