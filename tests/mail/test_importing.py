"""Mails from files: each found whole, kept once, and reported as what it is."""

from __future__ import annotations

import io
import mailbox
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from checkout_desk.extensions import db
from checkout_desk.mail import importing
from checkout_desk.mail.importing import import_mail, import_mails, mails_in, split_mbox
from checkout_desk.mail.models import RawMail
from checkout_desk.storage import NoSpace

Letter = Callable[..., bytes]


@dataclass
class Place:
    """What a pretended understanding says."""

    outcome: str
    conversation_id: int | None


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From jane@customer.example Mon Nov  2 09:12:00 2026\n" + mail + b"\n" for mail in mails)


def test_an_eml_is_one_mail_byte_for_byte(tmp_path: Path, letter: Letter) -> None:
    file = tmp_path / "order.eml"
    file.write_bytes(letter(1, body=">From here\r\n\r\nFrom jane Mon Nov  2 09:12:00 2026\r\nX: y"))
    assert list(mails_in(str(file))) == [(str(file), file.read_bytes())]


def test_a_folder_gives_its_mails_in_order_and_nothing_else(tmp_path: Path, letter: Letter) -> None:
    for name in ("b.eml", "a.EML", "deep/c.eml", "notes.txt", "deep/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(letter(name))
    (tmp_path / "old.mbox").write_bytes(mbox(b"Subject: 1\n\nx\n", b"Subject: 2\n\ny\n"))
    names = [name.removeprefix(f"{tmp_path}/") for name, _ in mails_in(str(tmp_path))]
    assert names == ["a.EML", "b.eml", "deep/c.eml", "old.mbox#1", "old.mbox#2"]


def test_a_maildir_gives_new_and_read_mails_of_all_its_folders(tmp_path: Path, letter: Letter) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(letter(1))
    seen = mailbox.MaildirMessage(letter(2))
    seen.set_subdir("cur")
    seen.add_flag("S")
    box.add(seen)
    box.add_folder("Archive").add(letter(3))
    (tmp_path / "box" / "tmp" / "half").write_bytes(letter(4))
    subjects = sorted(data.split(b"Subject: ")[1][:7] for _, data in mails_in(str(tmp_path / "box")))
    assert subjects == [b"Order 1", b"Order 2", b"Order 3"]


def test_standard_input_is_one_mail(monkeypatch: pytest.MonkeyPatch, letter: Letter) -> None:
    piped = letter(1, body="x\r\n\r\nFrom jane Mon Nov  2 09:12:00 2026\r\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert list(mails_in("-")) == [("-", piped)]


@pytest.mark.parametrize(
    "mails",
    [
        [b"Subject: 1\n\nText\n", b"Subject: 2\n\nText\n"],
        [b"Subject: 1\n\nFrom time to time\nFrom: no header\n"],
        [b"Subject: 1\n\nx\n\nFrom time to time we order.\nNote: twice\n", b"Subject: 2\n\n\n\n"],
        [b"Subject: 1\n\nx\nFrom jane@customer.example Mon Nov  2 09:12:00 2026\nX-Not: separated\n"],
        [b"Subject: 1\n\nx\n\nFrom jane@customer.example Mon Nov  2 09:12:00 2026, she wrote:\nno field\n"],
        [b"Subject: 1\r\n\r\nText\r\n", b"Subject: 2\r\n\r\nText\r\n"],
        [b"Subject: 1\n\n\xff\x00\n" + b"y" * 100000 + b"\n", b"X: 2\n\n\n"],
    ],
)
def test_an_mbox_comes_apart_into_what_was_put_together(mails: list[bytes]) -> None:
    assert list(split_mbox(io.BytesIO(mbox(*mails)))) == mails


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b">From here", b"From here"),
        (b">>From here", b">From here"),
        (b"> From here", b"> From here"),
        (b">Frommage", b">Frommage"),
        (b"a >From", b"a >From"),
    ],
)
def test_quoted_from_lines_are_unquoted_once(written: bytes, read: bytes) -> None:
    source = mbox(b"Subject: 1\n\nText\n\n" + written + b"\nX: y\n")
    assert list(split_mbox(io.BytesIO(source))) == [b"Subject: 1\n\nText\n\n" + read + b"\nX: y\n"]


@pytest.mark.parametrize(
    "separator",
    [b"From - Mon Nov 02 09:12:00 2026", b"From nobody", b"From ???@??? Mon Nov 02 09:12:00 2026"],
)
def test_other_separators_are_known_too(separator: bytes) -> None:
    source = separator + b"\nSubject: 1\n\nx\n\n" + separator + b"\nSubject: 2\n\ny\n"
    assert [mail[:10] for mail in split_mbox(io.BytesIO(source))] == [b"Subject: 1", b"Subject: 2"]


def test_what_the_standard_library_writes_is_read_as_it_was(tmp_path: Path, letter: Letter) -> None:
    mails = [
        letter(number, body="x\r\n\r\nFrom jane\r\n\r\ny").replace(b"\r\n", b"\n") for number in range(5)
    ]
    box = mailbox.mbox(tmp_path / "box")
    for mail in mails:
        box.add(mail)
    box.close()
    assert [data for _, data in mails_in(str(tmp_path / "box"))] == mails


def test_of_a_mail_without_end_only_the_limit_is_held(tmp_path: Path) -> None:
    huge = b"Subject: 1\n\n" + (b"x" * 998 + b"\n") * 5000
    file = tmp_path / "a.mbox"
    file.write_bytes(mbox(huge, b"Subject: 2\n\ny\n"))
    sizes = [len(data) for _, data in mails_in(str(file), limit=10000)]
    assert sizes == [10001, 14]
    (tmp_path / "a.eml").write_bytes(huge)
    assert [len(data) for _, data in mails_in(str(tmp_path / "a.eml"), limit=10000)] == [10001]


def test_every_mail_is_kept_and_a_second_time_known(
    desk: Flask, letter: Letter, kept: Callable[[], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_MAILS", 4)
    mails = [(f"{number}.eml", letter(number % 10)) for number in range(15)]
    understood: list[int] = []

    def understand(raw_id: int, _: bytes) -> Place:
        understood.append(raw_id)
        db.session.execute(update(RawMail).where(RawMail.id == raw_id).values(state="taken_in"))
        db.session.commit()
        return Place("taken_in", 100 + raw_id)

    def whereabouts(raw_ids: Any) -> dict[int, int]:
        return {raw_id: 100 + raw_id for raw_id in raw_ids}

    with desk.app_context():
        first = list(import_mails(mails, understand=understand, whereabouts=whereabouts))
        new = len(understood)
        again = list(import_mails(mails, understand=understand, whereabouts=whereabouts))
    assert [line.outcome for line in first] == ["stored"] * 10 + ["duplicate"] * 5
    assert [line.file for line in first] == [name for name, _ in mails]
    assert {line.outcome for line in again} == {"duplicate"}
    assert [line.conversation for line in again] == [line.conversation for line in first]
    assert len(understood) == new
    assert kept() == [letter(number) for number in range(10)]


def test_what_was_stored_and_never_understood_is_understood_by_the_next_import(
    desk: Flask, letter: Letter
) -> None:
    understood: list[int] = []

    def understand(raw_id: int, _: bytes) -> Place:
        understood.append(raw_id)
        return Place("taken_in", 7)

    with desk.app_context():
        import_mail("a", letter(1))
        (line,) = import_mails([("a", letter(1))], understand=understand)
    assert understood == [line.raw_id]
    assert line.as_json() == {"file": "a", "outcome": "duplicate", "conversation": 7}


def test_the_same_message_by_another_way_is_reported_as_duplicate(desk: Flask, letter: Letter) -> None:
    with desk.app_context():
        line = import_mail("a", letter(1), understand=lambda _, __: Place("duplicate", 3))
    assert (line.outcome, line.conversation) == ("duplicate", 3)


def test_without_an_understanding_the_workers_are_woken(
    desk: Flask, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr("checkout_desk.queue.ring", lambda name, *ids: woken.append((name, ids)))
    with desk.app_context():
        later = import_mail("a", letter(1))
        import_mail("b", letter(2), understand=lambda _, __: Place("taken_in", 1))
    assert woken == [("take_in", (later.raw_id,))]


def test_a_mail_above_the_limit_is_quarantined_once(
    desk: Flask, letter: Letter, kept: Callable[[], list[bytes]]
) -> None:
    huge = letter(1, body="x" * 2**20)
    with desk.app_context():
        outcomes = [line.outcome for line in import_mails([("a", huge), ("b", letter(2)), ("c", huge)])]
    assert outcomes == ["quarantined", "stored", "duplicate"]
    assert b"X-Checkout-Desk-Quarantined: too large (more than 1.0 MB)" in kept()[0]
    assert b"Message-ID: <1@customer.example>" in kept()[0]


def test_a_disk_that_is_full_stops_the_import_at_the_mail_that_does_not_fit(
    desk: Flask, letter: Letter, kept: Callable[[], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_MAILS", 2)
    store = desk.extensions["desk_blobs"]

    def understand(raw_id: int, _: bytes) -> Place:
        if raw_id == 3:
            store.reserve = 2**60
        return Place("taken_in", raw_id)

    reported: list[str] = []

    def report() -> None:
        for line in import_mails([(str(n), letter(n)) for n in range(12)], understand=understand):
            reported.append(line.file)

    with desk.app_context(), pytest.raises(NoSpace):
        report()
    assert 3 <= len(reported) < 12
    assert kept() == [letter(int(name)) for name in reported]


@pytest.mark.parametrize("durable", [0, 3, 5])
def test_no_row_is_committed_without_its_blob(
    desk: Flask,
    letter: Letter,
    kept: Callable[[], list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    durable: int,
) -> None:
    store = desk.extensions["desk_blobs"]
    real = store.put

    def failing(data: bytes) -> str:
        if data == letter(durable):
            raise NoSpace("the disk refused the write")
        return real(data)

    monkeypatch.setattr(store, "put", failing)
    with desk.app_context():
        lines = import_mails([(str(n), letter(n)) for n in range(6)])
        assert [next(lines).file for _ in range(durable)] == [str(n) for n in range(durable)]
        with pytest.raises(NoSpace):
            next(lines)
    assert kept() == [letter(n) for n in range(durable)]


def test_two_importers_at_once_keep_each_mail_once(
    desk: Flask, letter: Letter, kept: Callable[[], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_MAILS", 3)
    mails = [(str(n), letter(n)) for n in range(9)]
    outcomes = []
    with desk.app_context():
        first = import_mails(mails)
        outcomes.append(next(first).outcome)  # the next batches are prepared or still to come
        with desk.app_context():
            outcomes += [line.outcome for line in import_mails(mails)]
        outcomes += [line.outcome for line in first]
    assert (outcomes.count("stored"), outcomes.count("duplicate")) == (9, 9)
    assert sorted(kept()) == sorted(letter(n) for n in range(9))
