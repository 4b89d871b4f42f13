"""Faults planted in a desk that is well: each is found, by its own check, in a sentence that says what to do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from rq.worker import Worker
from sqlalchemy import text, update

from checkout_desk import app as application
from checkout_desk import cli, clock
from checkout_desk.accounts.models import Person
from checkout_desk.app import create_app
from checkout_desk.catalogue import products, stock
from checkout_desk.extensions import db
from checkout_desk.mail.mailboxes import change_mailbox
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail, RawMail
from checkout_desk.mail.receiving import blobs
from checkout_desk.payments.models import Payment
from checkout_desk.settings import methods
from checkout_desk.settings.models import PaymentMethod
from tests.builders import Shop, mail
from tests.databases import SqliteTemplate
from tests.parts.valkey import ValkeyServer

AGO = timedelta(hours=3)


@dataclass
class Patient:
    """A desk that is well, and what may be done to it."""

    shop: Shop
    home: Path
    backups: Path
    valkey: ValkeyServer
    patch: pytest.MonkeyPatch

    def set(self, **environment: str) -> None:
        for name, value in environment.items():
            self.patch.setenv(name, value)

    def sql(self, *statements: str) -> None:
        with self.shop.writing():
            for statement in statements:
                db.session.execute(text(statement))


@pytest.fixture
def patient(
    tmp_path: Path, sqlite_template: SqliteTemplate, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Patient]:
    home, backups = tmp_path / "home", tmp_path / "backups"
    home.mkdir(mode=0o700)
    sqlite_template.copy(home / "desk.db")
    (home / "desk.db").chmod(0o600)
    backups.mkdir()
    (backups / f"desk-{clock.now():%Y%m%dT%H%M%SZ}.backup").touch()
    for name in [name for name in os.environ if name.startswith("DESK_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "DESK_HOME": str(home), "REDIS_URL": valkey.url, "DESK_DISK_RESERVE": "0", "DESK_BACKUP_FOLDER": str(backups),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    mask = os.umask(0o077)
    Worker(["in"], connection=valkey.client()).register_birth()
    shop = Shop(create_app())
    shop.person("admin")
    shop.answered(shop.take(text="Hello").conversation)
    with shop.writing():
        made = products.create(sku="MUG-BLU", name="Blue Mug", price_minor=1200, currency="GBP")
        stock.receive(made.id, 7, about="test")
    yield Patient(shop, home, backups, valkey, monkeypatch)
    os.umask(mask)
    valkey.client().config_set("maxmemory-policy", "noeviction")


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    """The exit code, and check -> what it says is wrong."""
    capsys.readouterr()
    code = cli.run(["doctor", "--json"])
    found: dict[str, str] = {}
    for line in capsys.readouterr().out.splitlines():
        told = json.loads(line)
        if not told["ok"]:
            found[told["check"]] = found.get(told["check"], "") + told["words"] + "\n"
    return code, found


def test_a_desk_that_is_well_is_found_well(patient: Patient, capsys: pytest.CaptureFixture[str]) -> None:
    assert examined(capsys) == (0, {})


Plant = Callable[[Patient], None]


def _mailbox(**values: object) -> Plant:
    return lambda p: p.shop.set_mailbox(**values)


def _imap(**values: object) -> Plant:
    return _mailbox(imap_host="imap.shop.example", **values)


def refused_mailbox(p: Patient) -> None:
    _imap(last_fault="The password was refused", last_contact_at=clock.now())(p)


def silent_mailbox(p: Patient) -> None:
    now = clock.now()
    _imap(last_contact_at=now, last_mail_at=now - timedelta(days=9), usual_gap_seconds=60)(p)


def no_database(p: Patient) -> None:
    for path in p.home.glob("desk.db*"):
        path.unlink()


def forgetful_valkey(p: Patient) -> None:
    p.valkey.client().config_set("maxmemory-policy", "allkeys-lru")


def _secret(p: Patient) -> None:
    with p.shop.writing():
        change_mailbox(
            db.session.get_one(Mailbox, p.shop.mailbox), {"hook_secret": "a secret of the hook, long enough"}
        )


def missing_key(p: Patient) -> None:
    _secret(p)
    (p.home / "keys" / "crypt").unlink()


def wrong_key(p: Patient) -> None:
    _secret(p)
    p.set(DESK_CRYPT_KEYS=Fernet.generate_key().decode())


def nearly_full(p: Patient) -> None:
    p.set(DESK_DISK_RESERVE=str(int(shutil.disk_usage(p.home).free * 0.7)))


def payment(p: Patient) -> None:
    with p.shop.writing():
        now = clock.now()
        db.session.add(
            Payment(
                source="bank",
                source_ref="x",
                amount_minor=900,
                currency="GBP",
                received_at=now,
                created_at=now,
                allocated_minor=500,
            )
        )


def overdue(p: Patient) -> None:
    p.shop.reply(p.shop.take(text="And?", subject="And").conversation)
    with p.shop.writing():
        db.session.execute(
            update(OutboundMail).where(OutboundMail.state == "queued").values(due_at=clock.now() - AGO)
        )


def unread(p: Patient) -> None:
    raw = p.shop.receive(mail("Not read"))
    with p.shop.writing():
        db.session.execute(update(RawMail).where(RawMail.id == raw).values(received_at=clock.now() - AGO))


def stuck(p: Patient) -> None:
    raw = p.shop.receive(mail("Held"))
    with p.shop.writing():
        db.session.execute(
            update(RawMail).where(RawMail.id == raw).values(claim="x", claimed_until=clock.now() - AGO)
        )


def missing_blob(p: Patient) -> None:
    with p.shop.reading():
        blobs().delete(p.shop.all(RawMail)[0].sha256)


def orphan(p: Patient) -> None:
    with p.shop.reading():
        store = blobs()
        path = store.path(store.put(b"named by nobody"))
        os.utime(path, (time.time() - 5 * 86400,) * 2)


def no_webhook_secret(p: Patient) -> None:
    with p.shop.writing():
        db.session.add(
            PaymentMethod(kind="stripe", name="Card", settings={}, secret=methods.seal({"secret_key": "sk"}))
        )


def no_admin(p: Patient) -> None:
    with p.shop.writing():
        db.session.execute(update(Person).values(disabled_at=clock.now()))


def undressed(p: Patient) -> None:
    root = p.home.parent / "root"
    (root / "static").mkdir(parents=True)
    (root / "templates").symlink_to(application.ROOT / "templates")
    p.patch.setattr(application, "ROOT", root)


def old_backup(p: Patient) -> None:
    no_backup(p)
    (p.backups / f"desk-{clock.now() - timedelta(days=4):%Y%m%dT%H%M%SZ}.backup").touch()


def no_backup(p: Patient) -> None:
    for path in p.backups.iterdir():
        path.unlink()


def held(p: Patient) -> None:
    with p.shop.writing():
        db.session.add(MailHold(id=1, since=clock.now(), why="restored from a backup"))


def unwilling_smtp(p: Patient) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            with contextlib.suppress(OSError), server.accept()[0] as client:
                client.sendall(b"554 No mail from you\r\n")
                client.recv(100)

    threading.Thread(target=answer, daemon=True).start()
    p.shop.set_mailbox(smtp_host="127.0.0.1", smtp_port=server.getsockname()[1], smtp_tls="none")


def silent_smtp(p: Patient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    p.shop.set_mailbox(smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none")


def expired_certificate(p: Patient) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = p.home.parent
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                with context.wrap_socket(server.accept()[0], server_side=True):
                    pass
            except OSError:
                continue

    threading.Thread(target=answer, daemon=True).start()
    p.shop.set_mailbox(
        smtp_host="localhost",
        smtp_port=server.getsockname()[1],
        smtp_tls="tls",
        smtp_ca_file=str(folder / "cert.pem"),
    )


PLANTED: dict[str, tuple[Plant, dict[str, str]]] = {
    "a home that others can read": (lambda p: p.home.chmod(0o755), {"home": "run: chmod 700"}),
    "a key that others can read": (lambda p: (p.home / "keys" / "secret").chmod(0o644), {"home": "run: chmod 600"}),
    "a missing key": (missing_key, {"keys": "put back keys/crypt"}),
    "a wrong key": (wrong_key, {"keys": "does not open with the present keys"}),
    "a disk that is nearly full": (nearly_full, {"disk": "free space now"}),
    "a full disk": (lambda p: p.set(DESK_DISK_RESERVE="900000G"), {"disk": "mail is refused"}),
    "a clock that is behind": (
        lambda p: p.sql("UPDATE event_head SET at = 7226582400000000"), {"clock": "set the machine's clock by NTP"},
    ),
    "a database that is behind": (
        lambda p: p.sql("UPDATE alembic_version SET version_num = '0001'"), {"database": "run: checkout-desk migrate"},
    ),
    "a database that is ahead": (
        lambda p: p.sql("UPDATE alembic_version SET version_num = '9999'"), {"database": "made by a newer desk"},
    ),
    "an empty database": (
        no_database, {"database": "is empty; run: checkout-desk migrate"},
    ),
    "a broken record": (
        lambda p: p.sql("DROP TRIGGER event_no_update", "UPDATE event SET actor = 'person:9' WHERE id = 2"), {"record": "event 2"},
    ),
    "a wrong balance": (lambda p: p.sql("UPDATE product SET on_hand = 9"), {"stock": "MUG-BLU shows 9 on hand"}),
    "something held for nobody": (
        lambda p: p.sql("UPDATE product SET held = 2"), {"stock": "2 held", "holds": "live quotes promise 0"},
    ),
    "wrong counts": (
        lambda p: p.sql("UPDATE conversation_count SET n = n + 1 WHERE view = 'waiting'"), {"counters": "view waiting"},
    ),
    "a payment that was given to nobody": (payment, {"payments": "shows 500 given"}),
    "a silent Valkey": (lambda p: p.set(REDIS_URL="unix:///nonexistent"), {"queue": "check REDIS_URL"}),
    "a Valkey that forgets": (
        forgetful_valkey, {"valkey": "set it to noeviction"},
    ),
    "no worker": (lambda p: p.valkey.flush(), {"queue": "a worker (checkout-desk worker)"}),
    "a mailbox that is refused": (
        refused_mailbox, {"mailboxes": "check host, user and password"},
    ),
    "a mailbox that was never reached": (_imap(last_contact_at=None), {"mailboxes": "is the mailbox process running?"}),
    "a silent mailbox": (
        silent_mailbox,
        {"mailboxes": "No mail for 9 days"},
    ),
    "an expired certificate": (expired_certificate, {"senders": "certificate has expired"}),
    "an SMTP server that is not there": (silent_smtp, {"mailboxes": "does not answer"}),
    "an SMTP server that refuses": (unwilling_smtp, {"senders": "check host, port"}),
    "a sender that nobody accepts": (_mailbox(address="shop@localhost"), {"senders": "use an address of your own domain"}),
    "mail that should have left": (overdue, {"mail out": "are the worker and the clock running"}),
    "mail that nobody reads": (unread, {"mail in": "are the worker and the clock running"}),
    "a lease of somebody dead": (stuck, {"leases": "held by a worker that is gone"}),
    "a missing blob": (missing_blob, {"blobs": "mail in 1"}),
    "an orphan": (orphan, {"blobs": "1 blobs are named by no row"}),
    "an address of this machine alone": (
        lambda p: p.set(DESK_LISTEN="0.0.0.0:8000", DESK_URL="http://localhost:8000"), {"address": "set it to the public address"},
    ),
    "a proxy without https": (
        lambda p: p.set(DESK_PROXIES="1", DESK_URL="http://desk.shop.example"), {"address": "public https address"},
    ),
    "a webhook that nobody can believe": (no_webhook_secret, {"ways to pay": "webhook secret is missing"}),
    "nobody who administers": (no_admin, {"people": "nobody who can sign in is an admin"}),
    "a desk without its styles": (undressed, {"static": "install the desk anew"}),
    "a backup that is too old": (old_backup, {"backups": "try: checkout-desk backup FILE"}),
    "no backup": (no_backup, {"backups": "there is no verified backup"}),
    "mails that are held": (held, {"held mail": "checkout-desk resume"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(patient: Patient, capsys: pytest.CaptureFixture[str], name: str) -> None:
    plant, expected = PLANTED[name]
    plant(patient)
    code, found = examined(capsys)
    assert (code, set(found)) == (1, set(expected)), found
    for check, words in expected.items():
        assert words in found[check]
        assert found[check].count("\n") == 1, "one sentence"
