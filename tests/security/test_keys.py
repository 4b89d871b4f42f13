"""New keys while the desk runs, and what counts no more when one is known to somebody else (SECURITY A60)."""

from __future__ import annotations

import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from checkout_desk import keys
from checkout_desk.app import create_app
from checkout_desk.conversations import addressing
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail import loops
from checkout_desk.mail.mailboxes import create_mailbox
from checkout_desk.mail.models import Mailbox
from checkout_desk.secrets import decrypt, encrypt, sealed_by_newest
from tests.signing import post, signed_in

PACKAGE = Path(keys.__file__).parent
BOX = {
    "address": "in@shop.example",
    "imap_host": "127.0.0.1",
    "imap_user": "in",
    "imap_password": "open sesame",
}


@pytest.fixture
def filled(desk: Flask, staffed: dict[str, int]) -> Flask:
    """A desk with a sealed password, and a sealed mail."""
    with desk.app_context():
        begin_write()
        create_mailbox(dict(BOX))
        db.session.commit()
        blobs = desk.extensions["desk_blobs"]
        blobs.seal(blobs.put(b"From: a@b.example\n\ncard"))
    return desk


def another_process(desk: Flask) -> Flask:
    """A second process on the same folder and database, started before what follows."""
    told = {"DESK_HOME": str(desk.config["DESK_HOME"]), "DATABASE_URL": desk.config["SQLALCHEMY_DATABASE_URI"], "DESK_DISK_RESERVE": "0",
            "REDIS_URL": "unix:///nonexistent", "DESK_URL": "http://localhost"}  # fmt: skip
    return create_app({"TESTING": True, "RATELIMIT_ENABLED": False}, environment=told)


def test_a_rotation_signs_nobody_out_and_reads_what_was_stored(
    filled: Flask, staffed: dict[str, int]
) -> None:
    other, client = another_process(filled), signed_in(filled, staffed["support"])
    with filled.app_context():
        address, mark = addressing.reply_address("o@s.example", "a" * 26), loops.loop_mark("<1@s.example>")
        before = filled.config["CRYPT_KEYS"][:]
        made = dict(keys.rotate(filled))
    with other.app_context():  # had the old keys in memory
        box = db.session.query(Mailbox).one()
        assert decrypt(box.imap_secret) == "open sesame"
        fresh = encrypt("new")
        assert Fernet(other.config["CRYPT_KEYS"][0]).decrypt(fresh.encode()) == b"new"
        assert other.config["CRYPT_KEYS"][1:] == before
        assert addressing.tokens([address]) == ["a" * 26]
        assert addressing.reply_address("o@s.example", "a" * 26) != address, "new ones carry the new key"
        assert loops.is_our_mark(mark, "<1@s.example>")
    assert client.get("/me").status_code == 200
    assert post(filled, client, "/me", {"name": "Sue", "signature": ""}).status_code == 303
    with filled.app_context():
        assert keys.reseal() == keys.Resealed(rows=1, blobs=1)
        assert keys.reseal() == keys.Resealed()
        assert sealed_by_newest(db.session.query(Mailbox).one().imap_secret)
        blobs = filled.extensions["desk_blobs"]
        [digest] = [name for name in blobs.names() if blobs.sealed(name)]
        assert blobs.get(digest).endswith(b"card")
    shown = {(name, does): key for name, key, does in keys.known(filled)}
    assert (shown["crypt", "encrypts"], shown["secret", "signs"]) == (made["crypt"], made["secret"])
    for name in ("crypt", "secret"):
        path = filled.config["DESK_HOME"] / "keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_form_that_was_open_meanwhile_is_still_taken(filled: Flask, staffed: dict[str, int]) -> None:
    client = signed_in(filled, staffed["support"])
    filled.config["WTF_CSRF_ENABLED"] = True
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)[0]
    with filled.app_context():
        keys.rotate(filled)
    sent = {"name": "Sue", "signature": "", "csrf_token": token}
    assert client.post("/me", data=sent, base_url=filled.config["DESK_URL"]).status_code == 303


def test_rotations_under_load_lose_and_refuse_nothing(filled: Flask, staffed: dict[str, int]) -> None:
    other, faults, done = another_process(filled), list[str](), threading.Event()
    client = signed_in(filled, staffed["support"])

    def read_and_write(app: Flask) -> None:
        with app.app_context():
            while not done.is_set():
                begin_write()
                box = db.session.query(Mailbox).one()
                if decrypt(box.imap_secret) != "open sesame" or decrypt(box.hook_secret) not in ("", "door"):
                    faults.append("a secret is another one")
                box.hook_secret = encrypt("door")
                db.session.commit()
                db.session.remove()

    def look() -> None:
        while not done.is_set():
            if (status := client.get("/me").status_code) != 200:
                faults.append(f"/me {status}")

    def kept(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as fault:  # a thread's fault would go unseen
            faults.append(repr(fault))

    acts: list[Callable[[], None]] = [lambda: read_and_write(filled), lambda: read_and_write(other), look]
    threads = [threading.Thread(target=kept, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    with filled.app_context():
        for _ in range(4):
            keys.rotate(filled)
            assert keys.reseal().lost == 0
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_key_that_others_know_opens_nothing_any_more(filled: Flask, staffed: dict[str, int]) -> None:
    other, client = another_process(filled), signed_in(filled, staffed["support"])
    with filled.app_context():
        stolen = [*filled.config["CRYPT_KEYS"], filled.config["SECRET_KEY"]]
        address = addressing.reply_address("o@s.example", "a" * 26)
        done, sessions, links = keys.compromised(filled)
        assert (done.lost, done.rows, done.blobs, sessions, links) == (0, 1, 1, 1, 0)
    assert client.get("/me").status_code == 303
    folder = filled.config["DESK_HOME"] / "keys"
    text = (folder / "crypt").read_text() + (folder / "secret").read_text()
    assert not any(key in text for key in stolen)
    with other.app_context():
        assert decrypt(db.session.query(Mailbox).one().imap_secret) == "open sesame"
        assert addressing.tokens([address]) == []


def test_keys_of_the_environment_are_not_rotated_behind_its_back(filled: Flask) -> None:
    filled.config["DESK_CRYPT_KEYS"] = ",".join(filled.config["CRYPT_KEYS"])
    with filled.app_context(), pytest.raises(keys.Refused, match="DESK_CRYPT_KEYS stands in the environment"):
        keys.rotate(filled)


def test_every_column_that_is_sealed_is_sealed_anew() -> None:
    """Whoever seals a new column has to add it here and to keys.SEALED."""
    sealing = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if re.search(r"import .*\bencrypt\b", path.read_text())
    }
    assert sealing == {
        "accounts/second_factor.py", "accounts/second_views.py", "mail/mailboxes.py", "settings/methods.py",
        "shipping/carriers.py",
    }  # fmt: skip
    assert {f"{model.__tablename__}.{column}" for model, column in keys.SEALED} == {
        "mailbox.imap_secret", "mailbox.smtp_secret", "mailbox.hook_secret", "payment_method.secret", "bank_change.secret",
        "carrier.secret", "second_factor.secret",
    }  # fmt: skip
