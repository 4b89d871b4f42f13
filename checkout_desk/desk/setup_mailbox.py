"""The first mailbox of a desk: typed once, then a mail goes out and comes back.

The servers are asked after the commit, without a transaction. The mail that comes back is taken in by the mailbox process
like any other, which proves the whole way in; its conversation is closed then, for nobody has to answer it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from checkout_desk import clock
from checkout_desk.accounts import confirming, sessions
from checkout_desk.conversations import acting
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.desk.mailbox_forms import SIDES, MailboxForm
from checkout_desk.desk.setup_checks import Check
from checkout_desk.extensions import begin_write, db
from checkout_desk.lifecycle import Refused
from checkout_desk.mail import mailboxes, roundtrip
from checkout_desk.mail.composing import new_message_id
from checkout_desk.mail.models import Mailbox
from checkout_desk.settings.models import SetupStep

STEP = "mailbox"
AT_ONCE = 6.0
"""seconds for which the answer waits; then the page asks again by itself, or by a button"""
PATIENCE = timedelta(minutes=10)
"""after which a mail that has not come back is a fault"""
IMAP = {
    "refused": "Reading: refused. Look at host, port, encryption, user and password.",
    "timeout": "Reading: no answer in time. Look at host and port.",
}
SMTP = {
    "refused": "Sending: refused. Look at host, port, encryption, user and password, and whether the server lets this user "
    "send from this address.",
    "timeout": "Sending: no answer in time. Look at host and port.",
}


def first() -> Mailbox | None:
    """The mailbox that the set-up is about: the first that is switched on."""
    found: Mailbox | None = db.session.scalars(
        select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id).limit(1)
    ).first()
    return found


def look(kept: SetupStep) -> list[Check]:
    """What is known of the first mailbox."""
    box = first()
    if box is None:
        return [Check("soon", "No mailbox yet, so no mail comes in and none goes out.", needed=True)]
    url = url_for("mailbox_setup.show", mailbox_id=box.id)
    for host, words in ((box.imap_host, "no server to read from; mail comes by LMTP, HTTP or import"),
                        (box.smtp_host, "no server to send by, so nothing can be answered from it")):  # fmt: skip
        if not host:
            return [Check("soon", f"{box.address} has {words}.", url, "Change")]
    found = kept.found if kept.found.get("mark") == _mark(box) else {}
    if not found:
        words = "was not tried yet" if not kept.found else "was changed since its test"
        return [Check("soon", f"{box.address} {words}; send the test mail.")]
    if found["imap"] != "ok":
        return [Check("bad", IMAP[found["imap"]], url, "Change")]
    number = found["folders"]
    checks = [
        Check(
            "good", f"Reading: the desk signed in and sees {number} {'folder' if number == 1 else 'folders'}."
        )
    ]
    if found["smtp"] != "ok":
        return [*checks, Check("bad", SMTP[found["smtp"]], url, "Change")]
    checks.append(Check("good", f"Sending: the server took a test mail to {box.address}."))
    return checks + _way_back(kept, found)


def _way_back(kept: SetupStep, found: Mapping[str, Any]) -> list[Check]:
    late = kept.tested_at is not None and clock.now() - kept.tested_at > PATIENCE
    if found["arrived"] == "junk":
        return [Check("bad", "The test mail came back into the server’s folder for spam. Have your provider set up SPF and DKIM "
                      "for this address, then send it again.")]  # fmt: skip
    if not found["arrived"]:
        return [Check("bad", "The test mail has not come back within ten minutes. Does mail to this address end in this account?")
                if late else Check("soon", "The test mail is on its way; the page looks again by itself.")]  # fmt: skip
    back = Check("good", "The test mail came back.")
    if found.get("taken_in"):
        return [back, Check("good", "The desk took it in. Whatever customers write to this address arrives.")]
    if late:
        return [back, Check("bad", "The mailbox process has not read it within ten minutes; is it running? Start it with: "
                            "checkout-desk up")]  # fmt: skip
    return [back, Check("soon", "The mailbox process reads it next.")]


def waiting(kept: SetupStep) -> bool:
    """Whether a test mail is on its way and may still come back by itself."""
    box, found = first(), kept.found
    if box is None or found.get("mark") != _mark(box) or found.get("smtp") != "ok" or found.get("taken_in"):
        return False
    return (
        found["arrived"] != "junk" and kept.tested_at is not None and clock.now() - kept.tested_at <= PATIENCE
    )


def form_of_request() -> MailboxForm:
    """The set-up's short form as the full one: what it does not ask takes its usual value."""
    typed = MultiDict(request.form)
    for name, usual in (("enabled", "1"), ("imap_folders", "INBOX")):
        typed.setdefault(name, usual)
    if typed.get("same"):
        for name in ("user", "password"):
            typed[f"smtp_{name}"] = typed.get(f"imap_{name}", "")
    return MailboxForm(typed)


def save(form: MailboxForm) -> dict[str, str]:
    """Make the mailbox and commit, or say what stands against it, by field."""
    if not form.validate():
        return form.again(form.sentences)
    typed = any(form[f"{side}_password"].data for side in SIDES)
    if typed and (wrong := confirming.fault("confirm")):  # as on the mailbox's own page
        return form.again({"confirm": wrong})
    db.session.rollback()
    begin_write()
    try:
        mailboxes.create_mailbox(form.values)
        db.session.commit()
    except mailboxes.Refused as reason:
        db.session.rollback()
        return form.again({reason.field: str(reason)})
    except IntegrityError:  # two admins at once
        db.session.rollback()
        return form.again({"address": f"Address: “{form.address.data}” is taken; type another one."})
    return {}


def send() -> None:
    """Sign in, count the folders, send the mail, wait a few seconds for it. Commits what came of it."""
    box = first()
    if box is None or not (box.imap_host and box.smtp_host):
        return
    found: dict[str, Any] = {"mark": _mark(box), "smtp": "", "arrived": ""}
    _let_go(box)
    found["imap"], found["folders"] = roundtrip.folders(box)
    if found["imap"] == "ok":
        found["message_id"] = new_message_id(box.address.rpartition("@")[2])
        found["smtp"] = roundtrip.send(box, found["message_id"])
    until = monotonic() + AT_ONCE
    while found["smtp"] == "ok" and not found["arrived"] and monotonic() < until:
        found["arrived"] = roundtrip.arrived(box, found["message_id"])
        if not found["arrived"]:
            sleep(0.5)
    _keep(found, tested=True)


def look_again() -> None:
    """Ask the mailbox once whether the mail is there now, and whether the desk took it in. Commits."""
    box = first()
    kept = db.session.get(SetupStep, STEP)
    if box is None or kept is None or not waiting(kept):
        return
    found = dict(kept.found)
    _let_go(box)
    found["arrived"] = found["arrived"] or roundtrip.arrived(box, found["message_id"])
    if found["arrived"]:
        found["taken_in"] = _taken_in(found["message_id"])
    if found != kept.found:
        _keep(found, tested=False)


def _taken_in(message_id: str) -> bool:
    """Whether the mail became a conversation; that is closed, as nobody waits for an answer."""
    begin_write()
    message = db.session.scalars(select(Message).where(Message.mail_id == message_id)).first()
    if message is None:
        db.session.rollback()
        return False
    c = db.session.get_one(Conversation, message.conversation_id)
    if c.state == "open":
        try:
            acting.close([c], by=sessions.me(), seen=message.id)
        except Refused:
            db.session.rollback()
            return True
    db.session.commit()
    return True


def _keep(found: dict[str, Any], *, tested: bool) -> None:
    db.session.rollback()
    begin_write()
    kept = db.session.get(SetupStep, STEP) or SetupStep(name=STEP)
    kept.found = found
    if tested:
        kept.tested_at = clock.now()
    db.session.add(kept)
    db.session.commit()


def _let_go(box: Mailbox) -> None:
    """The mailbox apart from the database: the other servers may take their time."""
    db.session.refresh(box)
    db.session.expunge(box)
    db.session.rollback()


def _mark(box: Mailbox) -> str:
    """Changes with whatever a test depends on."""
    names = [f"{side}_{name}" for side in ("imap", "smtp") for name in (*mailboxes.PLACE, "secret")]
    text = json.dumps([box.id, box.address, box.imap_folders, *(getattr(box, name) for name in names)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
