"""One customer of the demo store with something of theirs in every place where the desk keeps things."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, text, update

from checkout_desk import clock, demo
from checkout_desk.accounts.models import Person
from checkout_desk.conversations import acting, drafting, sending
from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer, CustomerAddress
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.incidents.lifecycle import INCIDENT
from checkout_desk.incidents.models import Incident
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail.receiving import blobs, receive
from checkout_desk.orders.models import Order, Quote
from checkout_desk.records.belongings import table
from checkout_desk.returns import deciding, requesting

SHARED = b"%PDF-1.4 the same price list for two customers " + bytes(range(256))
PICTURE = b"\xff\xd8\xff\xe0 a cup that arrived in pieces at Zwetschgenhain 7"
SECRETS = (
    "Zwetschgenhain 7", "Quellmaus", "zwiebelfisch-letter", "zwiebelfisch-quoted", "zwiebelfisch-note", "zwiebelfisch-draft",
    "zwiebelfisch-comment", "zwiebelfisch-return", "zwiebelfisch-reason", "zwiebelfisch-porch", "zwiebelfisch-iban",
    "zwiebelfisch-file", "zwiebelfisch-known", "zwiebelfisch-told", "203.0.113.77", "GB29ZWIEBEL",
)  # fmt: skip
"""texts that are nowhere but with this customer"""


def letter(
    sender: str, name: str, subject: str, body: str, *, how: str = "8bit", file: bytes = SHARED
) -> bytes:
    """A mail with a file."""
    m = EmailMessage(policy=SMTP)
    m["From"], m["To"], m["Subject"] = f"{name} <{sender}>", demo.SHOP, subject
    m["Message-ID"] = f"<{abs(hash((sender, subject)))}@{sender.partition('@')[2]}>"
    m["Date"] = "Mon, 16 Nov 2026 09:00:00 +0000"
    m.set_content(body, cte=how)
    m.add_attachment(file, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return m.as_bytes()


def take(data: bytes) -> int:
    """A mail comes in; its conversation's id."""
    receipt = receive(data, door="import", wake=False)
    _, conversation_id = take_in(receipt.raw_id)
    assert conversation_id
    return conversation_id


def insert(name: str, **values: Any) -> int:
    """A row of any table; its id."""
    return int(
        db.session.execute(table(name).insert().values(values).returning(table(name).c.id)).scalar_one()
    )


def plant(desk: Flask) -> tuple[int, int, list[str]]:
    """Build the demo store; returns the ids of the customer and of another who sent the same file, and what must go."""
    desk.config["DESK_SANDBOX"] = True
    demo.build(desk)
    with desk.app_context():
        order = db.session.scalars(select(Order).where(Order.number == 1002)).one()
        customer_id, order_id, email = order.customer_id, order.id, order.email
        assert customer_id
        name = db.session.get_one(Customer, customer_id).name
        identity = [name, email, order.phone, order.ship_line1]
        person_id = db.session.scalars(select(Person.id).order_by(Person.id)).first()
        quote_id, talk_id = (
            db.session.scalar(select(Quote.id).where(Quote.order_id == order_id)),
            order.conversation_id,
        )
        db.session.rollback()
        take(
            letter(
                email,
                "Ottilie Quellmaus",
                "A question from Zwetschgenhain 7",
                "zwiebelfisch-letter café\n" * 9,
                how="base64",
            )
        )
        take(
            letter(
                email,
                "Ottilie Quellmaus",
                "Another",
                "zwiebelfisch-quoted = café\n" * 9,
                how="quoted-printable",
            )
        )
        other = take(letter("other@else.example", "Somebody Else", "Prices", "What do you make of this?\n"))
        assert person_id and quote_id and talk_id
        _write(customer_id, order_id, talk_id, person_id)
        _told(order_id, quote_id, person_id, email)
        with acting_as(f"person:{person_id}", "test"):
            begin_write()
            by = db.session.get_one(Person, person_id)
            open_ = select(Conversation).where(
                Conversation.customer_id == customer_id, Conversation.state != "closed"
            )
            acting.close(list(db.session.scalars(open_)), by=by)
            back, _ = requesting.of(order_id)
            deciding.close(back, by=by, reason="They keep the plate")
            db.session.commit()
        other_id = db.session.get_one(Conversation, other).customer_id
        assert other_id
        db.session.rollback()
    return customer_id, other_id, [*SECRETS, *filter(None, identity)]


def _write(customer_id: int, order_id: int, talk_id: int, person_id: int) -> None:
    """What people of ours wrote about them, and their second address."""
    with acting_as(f"person:{person_id}", "test"):
        begin_write()
        by, c = db.session.get_one(Person, person_id), db.session.get_one(Conversation, talk_id)
        sending.note(c, "zwiebelfisch-note: rings twice", by=by)
        written = drafting.Written(to="quellmaus@second.example", cc="", text="Dear zwiebelfisch-draft")
        drafting.save(c, person_id=person_id, kind="reply", written=written, based_on_id=None)
        acting.escalate([c], reason="Ottilie Quellmaus is zwiebelfisch-reason", by=by, role="manager")
        db.session.add(CustomerAddress(email="quellmaus@second.example", customer_id=customer_id))
        db.session.execute(
            update(Customer).where(Customer.id == customer_id).values(note="zwiebelfisch-known")
        )
        db.session.execute(
            update(table("feedback"))
            .where(table("feedback").c.order_id == order_id)
            .values(comment="zwiebelfisch-comment")
        )
        db.session.commit()
    with acting_as("customer", "203.0.113.77"):
        begin_write()
        record(
            "order.changed", about=("order", order_id), after={"words": "zwiebelfisch-reason at 203.0.113.77"}
        )
        db.session.commit()


def _told(order_id: int, quote_id: int, person_id: int, email: str) -> None:
    """A return with a picture, a payment by bank, files of a bank, a provider and a carrier."""
    begin_write()
    now = clock.now()
    back = insert(
        "return", order_id=order_id, number=2, state="closed", source="customer", reason="damaged", words="zwiebelfisch-return",
        verdict="", allowed=True, overruled="Quellmaus is a friend", way_back="store", without_goods=False, requested_at=now,
        refund_minor=0, updated_at=now, version=1,
    )  # fmt: skip
    insert("return_photo", return_id=back, sha256=blobs().put(PICTURE), content_type="image/jpeg", at=now)
    statement = insert(
        "statement", file_sha256=blobs().put(b"2026-11-02;29.90;Ottilie Quellmaus;GB29ZWIEBEL;zwiebelfisch-iban\n"),
        filename="november.csv", form="csv", account="", currency="GBP", rows=1, known=0, columns={}, taken=1, at=now,
        by_id=person_id,
    )  # fmt: skip
    event = insert(
        "provider_event", provider="stripe", event_id="evt_z", kind="charge", received_at=now, attempts=0,
        raw_sha256=blobs().put(f'{{"email": "{email}", "note": "zwiebelfisch-told"}}'.encode()),
    )  # fmt: skip
    payment = insert(
        "payment", state="allocated", source="bank", source_ref="row:z", amount_minor=100, currency="GBP", received_at=now,
        payer_name="Ottilie Quellmaus", payer_account="GB29ZWIEBEL", text="zwiebelfisch-iban", outcome="exact",
        evidence=[{"what": "name", "says": "Ottilie Quellmaus", "good": True}], proposal=[], allocated_minor=100,
        refunded_minor=0, quote_id=quote_id, event_id=event, statement_id=statement, note="", created_at=now, version=1,
    )  # fmt: skip
    insert("allocation", payment_id=payment, quote_id=quote_id, amount_minor=100, at=now)
    insert(
        "refund", payment_id=payment, order_id=order_id, unallocated_minor=0, amount_minor=1, state="done", at=now,
        reason="Asked by Ottilie Quellmaus", idempotency_key="z",
    )  # fmt: skip
    shipment = db.session.scalar(
        select(table("shipment").c.id).where(table("shipment").c.order_id == order_id)
    )
    number = db.session.scalar(
        select(table("shipment").c.tracking_number).where(table("shipment").c.id == shipment)
    )
    insert(
        "tracking_event", shipment_id=shipment, key="z", at=now, status="delivered", words="Left on zwiebelfisch-porch",
        place="Zwetschgenhain 7", on_way_back=False, source="poll", received_at=now,
    )  # fmt: skip
    label = table("label")
    db.session.execute(
        update(label)
        .where(label.c.shipment_id == shipment)
        .values(pdf_sha256=blobs().put(b"%PDF zwiebelfisch-file"))
    )
    incident = insert(
        "incident", kind="bounce", cause="550 no such user", words="No such user", state="open", first_seen_at=now,
        last_seen_at=now, cases=1, unsettled=1, resolution="", reopened=0,
    )  # fmt: skip
    insert("incident_case", incident_id=incident, source="order:z", about="", at=now, last_at=now, order_id=order_id, settled_how="")  # fmt: skip
    INCIDENT.fire(
        db.session.get_one(Incident, incident), "resolve", by=db.session.get_one(Person, person_id),
        note="Ottilie Quellmaus has a new address",
    )  # fmt: skip
    carrier = db.session.scalar(select(table("carrier").c.id))
    insert(
        "carrier_event", carrier_id=carrier, event_id="c_z", received_at=now, attempts=0,
        raw_sha256=blobs().put(f'{{"tracking": "{number}", "to": "Ottilie Quellmaus"}}'.encode()),
    )  # fmt: skip
    db.session.commit()


def forms(words: str) -> list[bytes]:
    """How a text may stand in a file: casefolded in UTF-8 and UTF-16, in base64 at each place of a group, quoted-printable."""
    found = []
    for said in {words, words.casefold()}:
        data = said.encode()
        found += [data, said.encode("utf-16-le"), said.encode("utf-16-be"), said.encode("latin-1", "ignore")]
        found += [said.replace("=", "=3D").replace("é", "=C3=A9").encode()]
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + data)
            found.append(whole[4 if before else 0 : len(whole) // 4 * 4 - 4])
    return [one for one in found if len(one) >= 6]


def everything(desk: Flask, home: Path) -> dict[str, bytes]:
    """All bytes that the desk keeps: every file of its home, and on PostgreSQL every row as text."""
    found = {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with desk.app_context():
        if db.engine.dialect.name != "sqlite":
            names = db.session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            ).all()
            for name in names:
                rows = db.session.scalars(text(f'SELECT t::text FROM "{name}" t')).all()
                found[f"table {name}"] = "\n".join(rows).encode()
        db.session.remove()
    return found


def traces_of(words: list[str], kept: dict[str, bytes]) -> list[tuple[str, str]]:
    """(what, where) of every text that is still somewhere."""
    low = {where: data.lower() for where, data in kept.items()}
    return [
        (one, where)
        for one in words
        for where, data in kept.items()
        if any(form in data or form.lower() in low[where] for form in forms(one))
    ]
