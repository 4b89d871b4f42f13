"""Each rule shows what would go, takes exactly that with its files, and leaves what is young, open or held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.customers.models import Customer
from checkout_desk.extensions import db
from checkout_desk.mail import delivery, outbox
from checkout_desk.mail.models import OutboundMail, RawMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.records import retention, scrubbing
from checkout_desk.records.belongings import table
from checkout_desk.records.models import Erasure, LegalHold
from checkout_desk.shipping.models import Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.records.planting import insert
from tests.returns.counter import Counter

MONTHS = 2
LATER = timedelta(days=100)
OLD_FILE, YOUNG_FILE = b"%PDF-1.4 of long ago", b"%PDF-1.4 of yesterday"


class Archive:
    """A desk with one old thing and one young thing of every class, and its clock a hundred days on."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        counter = Counter(Stage(shop))
        self.admin = shop.person("admin")
        self.number = counter.delivered()
        self.order = counter.stage.seen(self.number)
        self.now = clock.now() + LATER
        self.ids: dict[str, tuple[int, int]] = {}
        ends: list[dict[str, int]] = []
        for at, file in ((clock.now(), OLD_FILE), (self.now - timedelta(days=1), YOUNG_FILE)):
            with clock.pretending(at):
                ends.append(self._things(at, file))
        self.ids = {name: (ends[0][name], ends[1][name]) for name in ends[0]}

    def _things(self, at: datetime, file: bytes) -> dict[str, int]:
        who = file[-4:].decode()
        taken = self.shop.take(
            sender=f"{who} <{who}@else.example>", text="Long done", subject="Once",
            files=[("list.pdf", "application/pdf", file)],
        )  # fmt: skip
        answer = self.shop.reply(taken.conversation, "Here you are.", after="close")
        with self.shop.app.app_context(), clock.pretending(at + timedelta(minutes=5)):
            outbox.sweep()
            delivery.deliver(answer.outbound_id or 0)
        with self.shop.writing():
            made = {
                "letters": taken.message,
                "originals": taken.message,
                "attachments": db.session.scalar(
                    select(table("attachment").c.id).where(table("attachment").c.message_id == taken.message)
                ),
                **self._rows(at, file, taken.conversation),
            }
            db.session.flush()
        return {name: int(number or 0) for name, number in made.items()}

    def _rows(self, at: datetime, file: bytes, talk: int) -> dict[str, int]:
        shipment = db.session.scalar(select(Shipment.id).where(Shipment.order_id == self.order.id))
        back = insert(
            "return", order_id=self.order.id, number=int(at.timestamp()) % 9999, state="closed", source="mail", reason="damaged",
            words="", verdict="", allowed=True, overruled="", way_back="store", without_goods=False, requested_at=at,
            refund_minor=0, updated_at=at, version=1,
        )  # fmt: skip
        carrier = db.session.scalar(select(table("carrier").c.id))
        told = {"received_at": at, "understood_at": at, "attempts": 1}
        person = Customer(name=f"Silent {at:%d %b}", name_key="silent", created_at=at)
        db.session.add(person)
        db.session.flush()
        draft = insert(
            "draft", conversation_id=talk, person_id=self.admin, kind="reply", token=f"t{at:%d%H%M%S}", to="", cc="", subject="Never sent",
            text="", updated_at=at,
        )  # fmt: skip
        return {
            "drafts": draft,
            "photos": insert(
                "return_photo", return_id=back, sha256=blobs().put(b"photo " + file), content_type="image/jpeg", at=at
            ),
            "scans": insert(
                "tracking_event", shipment_id=shipment, key=f"k{at}", at=at, status="in_transit", words="On the porch",
                place="Leeds", on_way_back=False, source="poll", received_at=at,
            ),
            "provider_events": insert(
                "provider_event", provider="stripe", event_id=f"evt_{at}", kind="charge", raw_sha256=blobs().put(b"{p} " + file), **told
            ),
            "carrier_events": insert(
                "carrier_event", carrier_id=carrier, event_id=f"c_{at}"[:60], raw_sha256=blobs().put(b"{c} " + file), **told
            ),
            "customers": person.id,
        }  # fmt: skip

    def due(self, name: str) -> list[int]:
        with self.shop.reading(), clock.pretending(self.now):
            rows = db.session.execute(retention.KINDS[name].due(retention.cutoff(MONTHS))).all()
            seen = retention.preview(name, MONTHS)
            assert seen.count == len(rows)
            assert len(seen.examples) == min(len(rows), retention.EXAMPLES)
            return [row.id for row in rows]

    def swept(self, name: str) -> int:
        with self.shop.writing():
            retention.keep(name, MONTHS, by_id=self.admin)
        with self.shop.app.app_context(), clock.pretending(self.now):
            return retention.sweep()

    def kept(self, digest: str) -> bool:
        with self.shop.app.app_context():
            try:
                blobs().get(digest)
            except FileNotFoundError:
                return False
            return True

    def row(self, name: str, number: int) -> Any:
        with self.shop.reading():
            t = table(name)
            return db.session.execute(select(t).where(t.c.id == number)).mappings().one_or_none()


@pytest.fixture
def archive(shop: Shop) -> Archive:
    return Archive(shop)


def test_every_class_has_a_rule_that_is_tried_here(archive: Archive) -> None:
    """All in one desk, the rules one after another: what one takes, the next ones do not miss."""
    a = archive
    files = {
        "photos": ("return_photo", "sha256"), "provider_events": ("provider_event", "raw_sha256"),
        "carrier_events": ("carrier_event", "raw_sha256"), "attachments": ("attachment", "sha256"),
    }  # fmt: skip
    order: Sequence[str] = (
        "originals",
        *(n for n in retention.KINDS if n not in ("originals", "letters", "customers", "comments")),
        "letters",
    )
    for name in order:
        old, young = a.ids[name]
        due = a.due(name)
        assert old in due and young not in due, name
        digests = (
            [a.row(files[name][0], one)[files[name][1]] for one in (old, young)] if name in files else []
        )
        assert a.swept(name) == len(due), name
        assert a.due(name) == [], name
        assert [a.kept(one) for one in digests] == ([False, True] if digests else []), name
        _CLEARED[name](a, old, young)
    a.shop.sound()


def _originals(a: Archive, old: int, young: int) -> None:
    for number, gone in ((old, True), (young, False)):
        m = a.shop.message(number)
        raw = a.shop.all(RawMail, RawMail.id == m.raw_id)[0]
        answers = a.shop.all(OutboundMail, OutboundMail.thread == f"conversation:{m.conversation_id}")
        assert m.text.strip() == "Long done", "the text stays"
        with a.shop.app.app_context():
            assert (b"erased" in blobs().get(raw.sha256)) == gone
            assert [blobs().get(one.sha256) == scrubbing.REMOVED for one in answers] == [gone]
        assert [one.to_address.startswith("erased") for one in answers] == [False], "to whom we wrote stays"
        assert f"{m.from_email}" in a.shop.all(OutboundMail, OutboundMail.id == answers[0].id)[0].to_address


def _letters(a: Archive, old: int, young: int) -> None:
    assert [a.shop.message(one).text.strip() for one in (old, young)] == ["Erased.", "Long done"]


def _scans(a: Archive, old: int, young: int) -> None:
    assert [a.row("tracking_event", one)["words"] for one in (old, young)] == ["", "On the porch"]


def _stubs(name: str) -> Any:
    def check(a: Archive, old: int, young: int) -> None:
        assert [a.row(name, one)["raw_sha256"] == scrubbing.REMOVED_SHA256 for one in (old, young)] == [
            True,
            False,
        ]
        assert a.row(name, old)["event_id"], "that it came stays"

    return check


def _dropped(name: str) -> Any:
    def check(a: Archive, old: int, young: int) -> None:
        assert [a.row(name, one) is None for one in (old, young)] == [True, False]

    return check


_CLEARED = {
    "originals": _originals, "letters": _letters, "scans": _scans, "attachments": _dropped("attachment"),
    "drafts": _dropped("draft"), "photos": _dropped("return_photo"), "provider_events": _stubs("provider_event"),
    "carrier_events": _stubs("carrier_event"),
}  # fmt: skip


def test_comments_go_and_customers_are_erased(archive: Archive) -> None:
    a = archive
    with a.shop.writing():
        comment = insert(
            "feedback", order_id=a.order.id, due_at=clock.now(), asked_at=clock.now(), score=5, answered_at=clock.now(),
            comment="Lovely", step="", skipped_why="", version=1,
        )  # fmt: skip
    assert a.due("comments") == [comment]
    assert a.swept("comments") == 1
    assert (a.row("feedback", comment)["comment"], a.row("feedback", comment)["score"]) == ("", 5)
    old, young = a.ids["customers"]
    due = a.due("customers")
    assert old in due and young not in due
    assert a.order.customer_id not in due, "their conversation is still open"
    assert a.swept("customers") == len(due)
    assert sorted(one.customer_id for one in a.shop.all(Erasure)) == sorted(due)
    assert a.due("customers") == []


def test_a_legal_hold_keeps_the_bodies_of_webhooks_and_the_bytes_of_its_customer(archive: Archive) -> None:
    a = archive
    talk = a.shop.message(a.ids["originals"][0]).conversation_id
    assert (
        a.ids["originals"][0] in a.due("originals") and a.due("carrier_events") and a.due("provider_events")
    )
    with a.shop.writing():
        db.session.add(
            LegalHold(
                customer_id=a.shop.seen(talk).customer_id, reason="A court", at=clock.now(), by_id=a.admin
            )
        )  # fmt: skip
    assert a.ids["originals"][0] not in a.due("originals")
    assert a.due("carrier_events") == a.due("provider_events") == []
