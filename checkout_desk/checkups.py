"""What `doctor` looks at besides its parts one by one: whether they fit each other, and what people forget to set up."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, and_, exists, func, select

from checkout_desk import clock, orphans
from checkout_desk.accounts.models import Person, PersonRole
from checkout_desk.backup import checking, daily
from checkout_desk.catalogue.models import Product
from checkout_desk.extensions import db
from checkout_desk.mail import mailboxes
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail, RawMail
from checkout_desk.orders import promising
from checkout_desk.orders.models import Quote
from checkout_desk.orders.quoting import LIVE
from checkout_desk.payments.models import Refund
from checkout_desk.queue import connection
from checkout_desk.secrets import LostKey, decrypt
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod
from checkout_desk.storage import Blobs

Looks = Iterator[tuple[bool, str]]

STUCK = timedelta(minutes=20)
"""longer than any lease"""
ORPHANED = 2 * 86400
"""seconds after which the daily sweep should have removed a blob that no row names"""
OLD_BACKUP = timedelta(hours=48)
FILES = ("app.css", "app.js", "icons.svg", "doorstep.css", "vendor")
HERE = ("localhost", "127.0.0.1", "::1")
SEVERAL = 3


def address() -> Looks:
    """The public address is one that customers can follow."""
    config = current_app.config
    url: str = config["DESK_URL"]
    host, outward = urlsplit(url).hostname or "", config["DESK_LISTEN"][0] not in HERE
    if config["DESK_PROXIES"] and not url.startswith("https:"):
        yield (
            False,
            f"DESK_URL is {url}, which is not https, though DESK_PROXIES names a proxy; set it to the public https address",
        )
    elif host in HERE and (outward or config["DESK_PROXIES"]):
        yield (
            False,
            f"DESK_URL is {url}: links in mails would lead customers to their own machine; set it to the public address",
        )
    else:
        yield True, f"people reach the desk at {url}"


def static_files() -> Looks:
    """What pages are dressed with is there."""
    missing = [name for name in FILES if not (Path(str(current_app.static_folder)) / name).exists()]
    if missing:
        yield False, f"{', '.join(missing)} missing in {current_app.static_folder}; install the desk anew"
    else:
        yield True, "styles and scripts are there"


def backups() -> Looks:
    """A backup that was verified is not older than two days, where backups are asked for."""
    folder = current_app.config["DESK_BACKUP_FOLDER"]
    if not folder:
        yield True, "no daily backup is asked for (DESK_BACKUP_FOLDER)"
        return
    newest = daily.newest_at(Path(folder).expanduser())
    if newest is None:
        yield (
            False,
            f"there is no verified backup in {folder}; is the clock running? try: checkout-desk backup FILE",
        )
    elif clock.now() - newest > OLD_BACKUP:
        yield (
            False,
            f"the newest verified backup is of {newest:%Y-%m-%d %H:%M} UTC; try: checkout-desk backup FILE",
        )
    else:
        yield True, f"the newest verified backup is of {newest:%Y-%m-%d %H:%M} UTC"


def people() -> Looks:
    """Somebody can administer the desk."""
    admins = exists().where(PersonRole.person_id == Person.id, PersonRole.role == "admin")
    known = db.session.scalar(select(func.count(Person.id))) or 0
    able = db.session.scalar(select(func.count(Person.id)).where(Person.disabled_at.is_(None), admins)) or 0
    if known and not able:
        yield (
            False,
            "nobody who can sign in is an admin; give the role back by restoring a backup or in the database",
        )
    else:
        yield True, f"{able} admins can sign in" if known else "nobody was hired yet; open the first page"


def keys() -> Looks:
    """Every stored secret opens with the present keys."""
    lost = []
    for box in db.session.scalars(select(Mailbox)):
        lost += [
            f"mailbox {box.address}"
            for word in (box.imap_secret, box.smtp_secret, box.hook_secret)
            if not _opens(word)
        ]
    lost += [
        f"way to pay {m.name}"
        for m in db.session.scalars(select(PaymentMethod))
        if not _opens(m.secret or "")
    ]
    for name in sorted(set(lost)):
        yield (
            False,
            f"{name}: its secret does not open with the present keys; put back keys/crypt or enter it again",
        )
    if not lost:
        yield True, "every stored secret opens with the present keys"


def _opens(stored: str) -> bool:
    try:
        decrypt(stored)
    except LostKey:
        return False
    return True


def ways_to_pay() -> Looks:
    """What is offered to customers can be paid by, and its events can be believed."""
    wrong = False
    for method in db.session.scalars(select(PaymentMethod).where(PaymentMethod.active)):
        words = methods.lacks(method)
        if not words and method.kind == "stripe" and _opens(method.secret or ""):
            words = (
                ""
                if methods.secrets(method).get("webhook_secret")
                else "Its webhook secret is missing, so its events are refused."
            )
        if not words and method.kind == "paypal" and not method.settings.get("webhook_id"):
            words = "Its webhook id is missing, so its events are refused."
        if words:
            wrong = True
            yield False, f"{method.name}: {words} Enter it under Settings, Ways to pay."
    if not wrong:
        yield True, "every way to pay that is offered is complete"


def holds() -> Looks:
    """What products show as held is what live quotes promise."""
    wanted: dict[int, int] = {}
    for quote in db.session.scalars(select(Quote).where(Quote.state.in_(LIVE))):
        for product, number in promising.wanted(quote).items():
            wanted[product] = wanted.get(product, 0) + number
    p = Product
    rows = db.session.execute(select(p.id, p.sku, p.held).order_by(p.id)).all()
    wrong = [(row.sku, row.held, wanted.get(row.id, 0)) for row in rows if row.held != wanted.get(row.id, 0)]
    for sku, shown, true in wrong[:SEVERAL]:
        yield (
            False,
            f"{sku} holds {shown}, live quotes promise {true}; somebody wrote past the desk: count the product anew",
        )
    if not wrong:
        yield True, "what is held is what live quotes promise"


def payments() -> Looks:
    """What payments show is what their rows give."""
    wrong = list(checking.payments())
    for words in wrong[:SEVERAL]:
        yield False, f"{words}; compare with the provider's books and restore a backup"
    if not wrong:
        yield True, "every payment equals what was given and paid back"


def blobs() -> Looks:
    """Every blob that a row names is there, and none lies about."""
    store: Blobs = current_app.extensions["desk_blobs"]
    named = {
        digest
        for column in orphans.naming_columns()
        for digest in db.session.scalars(select(column).where(column != "").distinct())
    }
    kept = set(store.names())
    missing = sorted(named - kept)
    for digest in missing[:SEVERAL]:
        yield False, f"the blob {digest} is missing ({_whose(digest)}); restore it from a backup"
    if len(missing) > SEVERAL:
        yield False, f"and {len(missing) - SEVERAL} more blobs are missing"
    before = clock.now().timestamp() - ORPHANED
    lost = sum(store.last_put(digest) < before for digest in kept - named)
    if lost:
        yield (
            False,
            f"{lost} blobs are named by no row for two days; is the clock running? It removes them daily",
        )
    if not (missing or lost):
        yield True, f"{len(named)} blobs are named, all are there"


def _whose(digest: str) -> str:
    raw = db.session.scalar(select(RawMail.id).where(RawMail.sha256 == digest))
    out = db.session.scalar(select(OutboundMail.id).where(OutboundMail.sha256 == digest))
    return f"mail in {raw}" if raw else f"mail out {out}" if out else "a file"


def leases() -> Looks:
    """Nobody holds work for longer than any lease lasts."""
    before = clock.now() - STUCK
    wrong = False
    for model, what in ((RawMail, "mail in"), (OutboundMail, "mail out"), (Refund, "refund")):
        claimed: Any = model.claimed_until
        late: ColumnElement[bool] = and_(claimed.is_not(None), claimed < before)
        number = db.session.scalar(select(func.count()).select_from(model).where(late, _open(model))) or 0
        if number:
            wrong = True
            yield (
                False,
                f"{number} of {what} held by a worker that is gone; is the clock running? It frees them",
            )
    if not wrong:
        yield True, "no work is held by who is gone"


def _open(model: Any) -> ColumnElement[bool]:
    states = {"raw_mail": ("received",), "outbound_mail": ("sending",), "refund": ("requested", "sent")}
    found: ColumnElement[bool] = model.state.in_(states[model.__tablename__])
    return found


def held_mail() -> Looks:
    """Machines' mails are not held any more."""
    hold = db.session.get(MailHold, 1)
    if hold is not None:
        yield False, f"machines' mails are held ({hold.why}); look at Errors, then run: checkout-desk resume"
    else:
        yield True, "nothing holds machines' mails"


def senders() -> Looks:
    """What we send from is an address that others accept, and its server takes it with a valid certificate."""
    for box in db.session.scalars(select(Mailbox).where(Mailbox.enabled).order_by(Mailbox.id)):
        domain = box.address.rpartition("@")[2]
        if "." not in domain.strip("."):
            yield (
                False,
                f"{box.address}: the domain {domain!r} has no dot, so others refuse its mail; use an address of your own domain",
            )
        elif box.smtp_host and not current_app.config["DESK_SANDBOX"]:
            yield _server(box)
    yield True, "every other address can be sent from"


def _server(box: Mailbox) -> tuple[bool, str]:
    where = f"{box.address}: SMTP {box.smtp_host}:{box.smtp_port}"
    try:
        mailboxes.reach_smtp(box)
    except ssl.SSLCertVerificationError as fault:
        return (
            False,
            f"{where} has no valid certificate ({fault.verify_message}); have it renewed, or name its authority",
        )
    except smtplib.SMTPAuthenticationError:
        return False, f"{where} refuses the sign-in; enter user and password again under Settings, Mailboxes"
    except (ConnectionError, TimeoutError, socket.gaierror):
        return True, f"{where} cannot be asked"  # which is told under mailboxes
    except (smtplib.SMTPException, OSError, LostKey, UnicodeError) as fault:
        return False, f"{where} refuses ({type(fault).__name__}); check host, port, TLS and password"
    return True, f"{where} takes the sign-in"


def eviction() -> Looks:
    """Valkey forgets no job when its memory is full."""
    try:
        told: Any = connection().config_get("maxmemory-policy")
    except (RedisError, OSError):
        return  # it does not answer, which is told elsewhere, or does not let us ask
    policy = next((str(value) for value in told.values()), "noeviction")
    if policy != "noeviction":
        yield False, f"Valkey's maxmemory-policy is {policy}: it may forget jobs; set it to noeviction"


ALWAYS: dict[str, Callable[[], Looks]] = {
    "address": address,
    "static": static_files,
    "backups": backups,
    "valkey": eviction,
}
NEED_DATABASE: dict[str, Callable[[], Looks]] = {
    "people": people,
    "keys": keys,
    "ways to pay": ways_to_pay,
    "holds": holds,
    "payments": payments,
    "blobs": blobs,
    "leases": leases,
    "held mail": held_mail,
    "senders": senders,
}
