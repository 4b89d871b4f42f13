"""The believable demo store: built through the same doors and verbs as a real one, then alive: its customers answer.

`build` is harmless to repeat: a store that has people is left as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import format_datetime, getaddresses
from functools import partial
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from checkout_desk import clock, demo_catalogue, demo_details, demo_money, demo_orders, demo_words
from checkout_desk.accounts.models import Person, PersonRole, SignInRule
from checkout_desk.accounts.passwords import hash_password
from checkout_desk.conversations import acting, drafting, sending
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.demo_mails import ANSWERS, HELP, SCENES, SHOP, Scene
from checkout_desk.events.recording import acting_as, record
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import delivery
from checkout_desk.mail.models import Mailbox
from checkout_desk.mail.receiving import receive
from checkout_desk.settings.models import Store

PASSWORD = "fern-and-kiln-demo"  # noqa: S105 - printed for everybody; the demo talks to nobody outside
PEOPLE = (
    ("Mia Okafor", "mia@fernandkiln.shop", ("processing", "support")),
    ("Jonas Weber", "jonas@fernandkiln.shop", ("support",)),
    ("Priya Nair", "priya@fernandkiln.shop", ("support", "processing")),
    ("Tom Hale", "tom@fernandkiln.shop", ("logistics",)),
    ("Ines Duarte", "ines@fernandkiln.shop", ("manager", "admin")),
)


def build(app: Flask) -> list[str]:
    """Make the demo store in `app`'s database unless it is there. Returns the lines that say how to get in."""
    with app.app_context():
        if db.session.execute(select(Person.id).limit(1)).first() is None:
            db.session.rollback()
            _people_and_boxes()
            demo_money.build()
            demo_catalogue.build()
            demo_words.build()
            with _nobody_rings():
                for _, happens in sorted(_timeline(), key=lambda entry: -entry[0]):
                    happens()
            _nobody_answers_the_past()
        db.session.remove()
    width = max(len(email) for _, email, _ in PEOPLE)
    return [
        f"The demo store of Fern & Kiln: {app.config['DESK_URL']}",
        f"Sign in with the password {PASSWORD} as",
        *(f"  {email:<{width}}  {name}, {' and '.join(roles)}" for name, email, roles in PEOPLE),
        "Customers answer what you send them within half a minute.",
    ]


@contextmanager
def _nobody_rings() -> Iterator[None]:
    """No worker is up while the store is built; whatever is to leave or to be taken in is done here at once."""

    def forget(session: Session) -> None:
        session.info.pop("wakes", None)

    event.listen(Session, "before_commit", forget)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", forget)


def _timeline() -> Iterator[tuple[float, Callable[[], object]]]:
    """(hours before now, what happens then)."""
    made: dict[str, str] = {}
    for scene in SCENES:
        yield scene.hours, partial(_play, scene, made)

    def arrive(sale: demo_orders.Sale, hours: float) -> int:
        return _play(Scene(hours, sale.name, sale.email, sale.subject, sale.text), made)

    yield from demo_orders.Orders().timeline(arrive)


def _nobody_answers_the_past() -> None:
    """What the demo's people wrote days ago has had its answers: only new mail is answered from now on."""
    answered = current_app.config["DESK_HOME"] / "answered"
    answered.mkdir(mode=0o700, exist_ok=True)
    for path in (current_app.config["DESK_HOME"] / "sent").glob("*.eml"):
        (answered / path.name).touch()


def _people_and_boxes() -> None:
    hashed = hash_password(PASSWORD)
    with clock.pretending(clock.now() - timedelta(days=30)), acting_as("command", "demo"):
        begin_write()
        now = clock.now()
        db.session.merge(
            Store(id=1, name="Fern & Kiln", time_zone="Europe/London", contact=HELP, sandbox=True, promise_hours=24,
                  undo_seconds=10)
        )  # fmt: skip
        db.session.merge(
            SignInRule(id=1, without_reason="A demo store, opened by its printed passwords.", changed_at=now)
        )
        for name, email, roles in PEOPLE:
            person = Person(
                name=name,
                email=email,
                password_hash=hashed,
                created_at=now,
                digest_on=(now + timedelta(days=30)).date(),  # the first daily mail is tomorrow's
                signature=f"{name}\nFern & Kiln, Bristol",
            )
            person.role_rows = [PersonRole(role=role) for role in roles]
            db.session.add(person)
            db.session.flush()
            record("person.created", about=person, after={"roles": list(roles)})
        for address, name, gap in ((SHOP, "Fern & Kiln orders", 9000), (HELP, "Fern & Kiln help", 40000)):
            db.session.add(Mailbox(address=address, display_name=name, created_at=now, usual_gap_seconds=gap))
        db.session.commit()


def _play(scene: Scene, made: dict[str, str]) -> int:
    """One mail arrives at its time, and the desk does with it what the scene says. Returns its conversation's id."""
    at = clock.now() - timedelta(hours=scene.hours)
    raw, mail_id = _raw(scene, at, made)
    with clock.pretending(at):
        box = db.session.scalars(select(Mailbox).where(Mailbox.address == scene.to)).one()
        box_id = box.id
        receipt = receive(raw, door="import", mailbox_id=box_id, envelope_to=scene.to, wake=False)
        _, conversation_id = take_in(receipt.raw_id)
        begin_write()
        db.session.get_one(Mailbox, box_id).last_mail_at = at
        db.session.commit()
    if scene.key:
        made[scene.key] = mail_id
    for step, act in enumerate(scene.then, start=1):
        with clock.pretending(at + timedelta(minutes=13 * step)):
            _do(conversation_id or 0, act, scene, made)
    return conversation_id or 0


def _raw(scene: Scene, at, made: dict[str, str]) -> tuple[bytes, str]:  # type: ignore[no-untyped-def]
    mail = EmailMessage()
    mail_id = (
        f"{re.sub(r'[^a-z]', '', scene.email)}.{int(scene.hours * 100)}@{scene.email.rpartition('@')[2]}"
    )
    mail["From"] = (
        f"{scene.name} <{scene.email}>" if "," not in scene.name else f'"{scene.name}" <{scene.email}>'
    )
    mail["To"], mail["Subject"], mail["Date"], mail["Message-ID"] = (
        scene.to,
        scene.subject,
        format_datetime(at),
        f"<{mail_id}>",
    )
    if scene.answers:
        mail["In-Reply-To"] = f"<{made.get(scene.answers + ':answer', made[scene.answers])}>"
    for name, value in scene.headers.items():
        mail[name] = value
    mail.set_content(scene.text)
    if scene.html:
        mail.add_alternative(scene.html, subtype="html")
    for filename, content_type, data in scene.files:
        main, _, sub = content_type.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=filename)
    return mail.as_bytes(), mail_id


def _do(conversation_id: int, act: tuple[str, ...], scene: Scene, made: dict[str, str]) -> None:
    verb, *words = act
    if verb == "bounce":
        return _bounce(made[scene.key + ":answer"], *words)
    begin_write()
    c = db.session.get_one(Conversation, conversation_id)
    by = db.session.scalars(select(Person).where(Person.name.startswith(words[0]))).one()
    with acting_as(f"person:{by.id}", "demo"):
        if verb == "assign":
            acting.assign([c], to=by, by=by)
        elif verb == "close":
            acting.close([c], by=by)
        elif verb == "spam":
            acting.spam([c], by=by)
        elif verb == "tag":
            acting.tag([c], add=words[1].split(","), remove=[], by=by)
        elif verb == "snooze":
            until = clock.now() + timedelta(hours=scene.hours + float(words[1]))
            acting.snooze([c], until=until, by=by)
        elif verb == "escalate":
            acting.escalate([c], reason=words[2], by=by, role=words[1])
        elif verb == "note":
            sending.note(c, words[1], by=by)
        elif verb == "reply":
            _reply(c, by, words[1], words[2], scene, made)
            return None
        db.session.commit()
    return None


def _reply(c: Conversation, by: Person, text: str, after: str, scene: Scene, made: dict[str, str]) -> None:
    written = drafting.Written(
        to=f'"{scene.name}" <{scene.email}>', subject=sending.reply_subject(c, kind="reply"), text=text
    )
    draft = drafting.save(c, person_id=by.id, kind="reply", written=written, based_on_id=c.last_inbound_id)
    act = sending.send(c, draft, by=by, after=after, confirmed=True)
    outbound_id, message_id = act.before["outbound"], act.before["message"]
    message = db.session.get_one(Message, message_id)
    if scene.key and message.mail_id:
        made[scene.key + ":answer"] = message.mail_id
    db.session.commit()
    with clock.pretending(clock.now() + timedelta(seconds=30)):
        delivery.deliver(outbound_id)


def _bounce(original_id: str, email: str, status: str, words: str) -> None:
    """The customer's server hands a mail back (RFC 3464)."""
    raw = (
        f"From: MAILER-DAEMON@{email.rpartition('@')[2]}\r\nTo: {SHOP}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(clock.now())}\r\nMessage-ID: <bounce.{original_id}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nYour mail to {email} was not delivered: {words}.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {email}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 552 {words}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original_id}>\r\nFrom: {SHOP}\r\nTo: {email}\r\n\r\n--b--\r\n"
    ).encode()
    receipt = receive(raw, door="import", wake=False)
    take_in(receipt.raw_id)


def customers_answer() -> int:
    """The demo's customers read what the sandbox kept and answer, once each (work of the clock, sandbox alone)."""
    if not current_app.config["DESK_SANDBOX"]:
        return 0
    _contact()
    folder = current_app.config["DESK_HOME"] / "sent"
    answered = current_app.config["DESK_HOME"] / "answered"
    answered.mkdir(mode=0o700, exist_ok=True)
    count = 0
    for path in sorted(folder.glob("*.eml")) if folder.exists() else []:
        age = clock.now().timestamp() - path.stat().st_mtime
        if age < 12 or not _marked(answered / path.name):
            continue
        if age < 3600:
            count += _answer(path.read_bytes(), path.stem)
    return count


def _marked(mark: Path) -> bool:
    """Whether the mark was set by this very call: two clocks that look at once do not both answer."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _contact() -> None:
    """The demo's mailboxes are asked as a real one is: now and then, and they are well."""
    due = clock.now() - timedelta(seconds=45)
    late = select(Mailbox.id).where((Mailbox.last_contact_at.is_(None)) | (Mailbox.last_contact_at < due))
    if db.session.execute(late.limit(1)).first() is not None:
        db.session.rollback()
        begin_write()
        db.session.execute(update(Mailbox).values(last_contact_at=clock.now()))
        db.session.commit()
    db.session.rollback()


def _answer(sent: bytes, name: str) -> int:
    """One customer's answer to one mail of ours, by its reply address and with right threading headers."""
    mail = BytesParser(policy=default).parsebytes(sent)
    text = _text(mail)
    token = demo_details.link_in(text)
    if mail["Auto-Submitted"] and not token:
        return 0
    on_paper = sum(name.encode()) % 2
    if token and not on_paper:
        return int(demo_details.on_the_page(token))
    details = demo_details.by_mail(token) if token else None
    db.session.rollback()
    who, address = getaddresses([mail["To"] or ""])[0]
    back = getaddresses([mail["Reply-To"] or mail["From"]])[0][1]
    answer = EmailMessage()
    answer["From"], answer["To"] = mail["To"].split(",")[0], back
    subject = mail["Subject"] or ""
    answer["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    answer["Date"] = format_datetime(clock.now())
    answer["Message-ID"] = f"<answer.{name}.{int(clock.now().timestamp())}@{address.rpartition('@')[2]}>"
    answer["In-Reply-To"] = answer["References"] = mail["Message-ID"]
    number = sum(name.encode()) % len(ANSWERS)
    name_shown = (who or address).split()[0]
    answer.set_content(f"{details}\n\n{name_shown}" if details else ANSWERS[number].format(name=name_shown))
    receive(answer.as_bytes(), door="lmtp", mailbox_id=_box_of(back), envelope_from=address, envelope_to=back)
    return 1


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _box_of(address: str) -> int | None:
    local, _, domain = address.rpartition("@")
    found: int | None = db.session.scalar(
        select(Mailbox.id).where(Mailbox.address == f"{local.partition('+')[0]}@{domain}")
    )
    db.session.rollback()
    return found
