"""A backup is one moment of a desk at work; the desk that comes of it is the same, and begins nothing by itself."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, inspect, select, text, update

from checkout_desk import clock
from checkout_desk.accounts.models import DeskSession
from checkout_desk.backup import making, restoring
from checkout_desk.backup.container import Reader, Refused
from checkout_desk.catalogue import products, stock
from checkout_desk.cli import run
from checkout_desk.doorstep import links
from checkout_desk.doorstep.models import CustomerLink
from checkout_desk.events.models import Event
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.mailboxes import change_mailbox
from checkout_desk.mail.models import Mailbox, MailHold, OutboundMail, RawMail
from checkout_desk.mail.outbox import queue_mail, sweep
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order
from checkout_desk.secrets import decrypt
from tests.backup.conftest import Mortal, plain
from tests.builders import mail
from tests.signing import signed_in

PASSPHRASE = "four geese on a narrow boat"


def furnish(mortal: Mortal) -> None:
    """Mails read, answered and waiting, a sealed blob, stock, a secret, somebody signed in."""
    shop = mortal.shop
    first = shop.take(text="Are the mugs in stock?")
    shop.answered(first.conversation, "Yes, they are.")
    second = shop.take(text="And the teapot?", subject="Teapot")
    shop.reply(second.conversation, "That one too.")
    shop.receive(mail("Not read yet", subject="Later"))
    with shop.writing():
        made = products.create(sku="MUG-BLU", name="Blue Mug", price_minor=1200, currency="GBP")
        stock.receive(made.id, 7, about="test")
        change_mailbox(
            db.session.get_one(Mailbox, shop.mailbox), {"smtp_password": "a secret of the mailbox"}
        )
        sealed = db.session.scalars(select(RawMail.sha256).order_by(RawMail.id)).first() or ""
    with shop.reading():
        blobs().seal(sealed)
    signed_in(shop.app, shop.person("support"))


def picture(mortal: Mortal) -> dict[str, object]:
    """Everything that the database holds, table by table, and the blobs."""
    shop = mortal.shop
    with shop.reading():
        connection = db.session.connection()
        rows: dict[str, object] = {
            table: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"')).all()))
            for table in inspect(connection).get_table_names()
            if not table.startswith("message_fts")
        }
        rows["blobs"] = {name: blobs().get(name) for name in blobs().names()}
        return rows


def back_up(mortal: Mortal, file: Path, **words: str) -> making.Made:
    return making.make(mortal.shop.app, file, **words)


def test_what_was_destroyed_comes_back(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    before, file = picture(mortal), tmp_path / "desk.backup"
    made = back_up(mortal, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {"secret", "crypt"} <= set(made.keys)
    mortal.destroy()
    assert restoring.verify(file, environment=mortal.environment).faults == []
    restoring.restore(file, environment=mortal.environment)
    shop = mortal.again()
    after = picture(mortal)
    changed = {name for name in before if before[name] != after[name]}
    # Only what a restored desk must not go on with is another than it was.
    assert changed == {"desk_session", "outbound_mail", "event", "event_head", "mail_hold", "message", "conversation",
                       "conversation_count"} - ({"conversation_count"} - changed)  # fmt: skip
    shop.sound()
    with shop.reading():
        assert stock.check() == []
        assert decrypt(db.session.scalars(select(Mailbox.smtp_secret)).one()) == "a secret of the mailbox"
        assert db.session.scalar(select(func.count()).where(DeskSession.ended_at.is_(None))) == 0
        states = db.session.scalars(select(OutboundMail.state).order_by(OutboundMail.id)).all()
        assert states == ["sent", "unknown"]
        kinds = set(db.session.scalars(select(Event.kind)))
        assert {"desk.restored", "mail.unknown"} <= kinds
    assert not [path for path in mortal.home.iterdir() if path.name.startswith(("restore-", "backup-"))]
    # The ledgers still refuse what they refused, and new rows get new numbers.
    with shop.reading(), pytest.raises(Exception, match="never changed"):
        db.session.execute(text("UPDATE event SET kind = 'x'"))
    raw = shop.all(RawMail)[-1]
    assert shop.take_in(raw.id).outcome == "stored"
    assert shop.take(text="One more").raw > raw.id
    shop.sound()


def test_nothing_leaves_by_itself(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    back_up(mortal, tmp_path / "desk.backup")
    mortal.destroy()
    restoring.restore(tmp_path / "desk.backup", environment=mortal.environment)
    shop = mortal.again()
    with shop.writing():  # what the clock would do next: a reminder
        row = queue_mail(
            occasion="reminder:1", thread="conversation:1", mailbox=db.session.get_one(Mailbox, shop.mailbox),
            message_bytes=b"Subject: Remember\r\n\r\nYou owe.\r\n", message_id="r1@shop.example",
            recipients=["jane@customer.example"], automatic=True,
        )  # fmt: skip
        reminder = row.id
    with shop.reading():
        assert sweep().rung == 0
    from checkout_desk.mail import delivery

    with shop.reading():
        delivery.deliver(reminder)
    assert shop.outbound(reminder).state == "queued"
    with shop.reading():
        assert not list((mortal.home / "outbox").glob("*.eml"))
    # A person's answer leaves, and so does the machine's mail once somebody says so.
    assert shop.deliver(shop.reply(shop.take(text="Hello?", subject="New").conversation)).state == "sent"
    with shop.writing():
        from checkout_desk.backup.afterwards import resume

        assert resume()
        db.session.flush()
        assert db.session.get(MailHold, 1) is None
    with shop.reading():
        delivery.deliver(reminder)
    assert shop.outbound(reminder).state == "sent"


def test_a_mail_that_comes_meanwhile_is_wholly_in_or_wholly_out(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    files = [tmp_path / f"{n}.backup" for n in range(3)]
    mails = [mail(f"Mail {n}", subject=f"Burst {n}") for n in range(120)]
    begun, over, arrived = threading.Event(), threading.Event(), []

    def arrive() -> None:
        for data in mails:
            if over.is_set():
                return
            mortal.shop.receive(data)
            arrived.append(data)
            begun.set()

    thread = threading.Thread(target=arrive)
    thread.start()
    begun.wait(30)
    for file in files:
        back_up(mortal, file)
    over.set()
    thread.join()
    for file in files:
        assert restoring.verify(file, environment=mortal.environment).faults == []
    mortal.destroy()
    restoring.restore(files[1], environment=mortal.environment)
    shop = mortal.again()
    held = {row.sha256 for row in shop.all(RawMail)}
    # The mailbox is read again: what the copy lacks is stored, what it has is known.
    for data in arrived:
        shop.receive(data)
    with shop.reading():
        for row in db.session.scalars(select(RawMail)):
            assert len(blobs().get(row.sha256)) == row.size
        assert db.session.scalar(select(func.count(RawMail.id))) == 3 + len(arrived)
    assert len(held) >= 4


def test_revoked_links_stay_revoked(mortal: Mortal, tmp_path: Path) -> None:
    shop, file = mortal.shop, tmp_path / "desk.backup"
    furnish(mortal)
    shop.take(text="Two MUG-BLU, please.", subject="Order")
    with shop.writing():
        order = db.session.scalars(select(Order.id)).one()
        token = links.issue(order, email="jane@customer.example", purpose="details")[1]
    back_up(mortal, file)
    with shop.writing():
        db.session.execute(update(CustomerLink).values(revoked_at=clock.now()))
    mortal.let_go()
    done = restoring.restore(file, environment=mortal.environment, force=True)
    assert done.settled.revoked == 1
    with mortal.again().reading():
        assert links.found(token) is None


def test_a_desk_that_is_there_is_not_replaced_by_accident(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    file = tmp_path / "desk.backup"
    back_up(mortal, file)
    with mortal.shop.reading():
        db.session.execute(select(1))
        with pytest.raises(Refused, match="runs"):
            restoring.restore(file, environment=mortal.environment)
    mortal.shop.take(text="After the backup", subject="Newer")
    mortal.let_go()
    before = picture(mortal)
    mortal.let_go()
    with pytest.raises(Refused, match="already"):
        restoring.restore(file, environment=mortal.environment)
    assert picture(mortal) == before
    restoring.restore(file, environment=mortal.environment, force=True)
    assert len(mortal.again().all(RawMail)) == 3


def test_verifying_leaves_nothing(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    file = tmp_path / "desk.backup"
    back_up(mortal, file)
    before, files = picture(mortal), {path.name for path in mortal.home.iterdir()}
    restoring.verify(file, environment=mortal.environment)
    assert picture(mortal) == before
    mortal.let_go()
    assert {path.name for path in mortal.home.iterdir()} - files <= {
        "desk.db-wal",
        "desk.db-shm",
        "backup.lock",
    }
    if url := mortal.environment.get("DATABASE_URL"):
        with psycopg.connect(plain(url)) as connection:
            left = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'desk_restore%'")
            assert left.fetchall() == []


def test_a_backup_of_a_broken_desk_says_so(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    with mortal.shop.writing():
        db.session.execute(text("UPDATE product SET on_hand = on_hand + 1"))
        db.session.execute(text("UPDATE event_head SET hash = 'x'"))
        db.session.execute(text("UPDATE conversation_count SET n = n + 1 WHERE view = 'open'"))
    file = tmp_path / "desk.backup"
    back_up(mortal, file)
    found = " / ".join(restoring.verify(file, environment=mortal.environment).faults)
    assert "MUG-BLU shows 8 on hand" in found
    assert "the record is broken" in found
    assert "view open" in found
    mortal.destroy()
    with pytest.raises(Refused, match="not sound"):
        restoring.restore(file, environment=mortal.environment)
    assert not (mortal.home / "desk.db").exists()


def test_a_sealed_backup_opens_with_its_passphrase_alone(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    file, key = tmp_path / "desk.backup", mortal.shop.app.config["CRYPT_KEYS"][0]
    back_up(mortal, file, passphrase=PASSPHRASE)
    held = file.read_bytes()
    for marker in (key.encode(), b"mugs in stock", b"manifest.json", b"jane@customer.example"):
        assert marker not in held
    for words, why in (("", "is sealed"), ("five geese", "does not open")):
        with pytest.raises(Refused, match=why):
            restoring.verify(file, environment=mortal.environment | {"DESK_BACKUP_PASSPHRASE": words})
    good = mortal.environment | {"DESK_BACKUP_PASSPHRASE": PASSPHRASE}
    assert restoring.verify(file, environment=good).faults == []
    for changed in (held[:-1], held[: len(held) // 2], held[:100] + bytes([held[100] ^ 1]) + held[101:]):
        file.write_bytes(changed)
        with pytest.raises(Refused, match="does not open"):
            restoring.verify(file, environment=good)


def test_a_second_backup_waits_for_another_time(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in mortal.environment.items():
        monkeypatch.setenv(name, value)
    with mortal.shop.reading(), making.alone(mortal.home, db.engine):
        assert run(["backup", str(tmp_path / "desk.backup")]) == 75
        assert run(["restore", str(tmp_path / "desk.backup"), "--verify"]) == 75
    assert "Another backup" in capsys.readouterr().err
    assert run(["backup", str(tmp_path / "desk.backup")]) == 0
    told = capsys.readouterr().out
    assert "keys/crypt" in told and "keys/secret" in told and "not sealed" in told
    assert mortal.shop.app.config["SECRET_KEY"] not in told
    assert run(["backup", str(tmp_path / "desk.backup")]) == 1
    assert "exists already" in capsys.readouterr().err
    assert run(["restore", str(tmp_path / "desk.backup"), "--verify"]) == 0
    assert "is whole" in capsys.readouterr().out


def test_places_where_a_backup_must_not_stand(mortal: Mortal, tmp_path: Path) -> None:
    app = mortal.shop.app
    for folder in (Path(str(app.static_folder)), mortal.home / "blobs", tmp_path / "nowhere"):
        with pytest.raises(Refused):
            back_up(mortal, folder / "desk.backup")
        assert not (folder / "desk.backup").exists()


def test_a_missing_blob_leaves_no_file(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    with mortal.shop.reading():
        blobs().delete(db.session.scalars(select(RawMail.sha256)).first() or "")
    with pytest.raises(Refused, match="is missing"):
        back_up(mortal, tmp_path / "desk.backup")
    assert list(tmp_path.iterdir()) == [mortal.home]


def test_a_disk_without_room_is_seen_before(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(mortal.shop.app.config, "DESK_DISK_RESERVE", 2**60)
    with pytest.raises(Refused, match="free space first"):
        back_up(mortal, tmp_path / "desk.backup")
    assert list(tmp_path.iterdir()) == [mortal.home]


def test_the_manifest_names_every_member(mortal: Mortal, tmp_path: Path) -> None:
    furnish(mortal)
    back_up(mortal, tmp_path / "desk.backup")
    reader = Reader(tmp_path / "desk.backup", folder=tmp_path)
    assert reader.signed_by([mortal.shop.app.config["SECRET_KEY"]])
    assert not reader.signed_by(["another key altogether, just as long"])
    with mortal.shop.reading():
        assert len(reader.named("blobs")) == len(set(blobs().names()))
        begin_write()
    assert [name for name in reader.members if name.endswith(".sealed")]
