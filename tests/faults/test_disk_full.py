"""A full disk: each door says "later" in its own words, nothing is half done, and later everything works."""

from __future__ import annotations

import pytest

from tests.faults.doors import letter
from tests.faults.running import RunningDesk
from tests.faults.steps import DISK, both
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer

LATER = {"lmtp": 452, "http": 503, "import": 75}

ATTACHED = (
    'Content-Type: multipart/mixed; boundary="b"\r\n',
    "--b\r\nContent-Type: text/plain\r\n\r\nThe list is attached.\r\n--b\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="list.pdf"\r\n\r\n%PDF-1.4 a small list of mugs\r\n--b--',
)


@pytest.mark.parametrize("door", LATER)
@both(DISK, postgres=())
def test_a_door_says_later(running: RunningDesk, step: str, door: str) -> None:
    mail = letter()
    running.order(step, "enospc")
    answer = running.by_door(door, mail)
    assert answer.code == LATER[door]
    assert door != "http" or int(answer.headers["Retry-After"]) > 0
    running.until_reached(step)
    assert running.row_of(mail) is None
    assert not list(running.home.glob("blobs/*/.*")), "half a blob was left"
    assert running.by_door(door, mail).code in (0, 201, 250)
    running.settled()


@both(DISK[:1], postgres=())
def test_the_cursor_stays_and_the_reader_comes_back(running: RunningDesk, step: str) -> None:
    running.settled()
    before = running.cursor()
    running.order(step, "enospc")
    running.by_imap(letter(), letter())
    running.until(lambda: "disk" in running.mailbox().last_fault, "the health page does not tell of the disk")
    assert running.cursor() == before
    running.until_reached(step)
    running.settled()
    assert running.mailbox().last_fault == ""


@both(DISK[:1], postgres=())
def test_a_mail_is_not_given_up_because_its_attachments_did_not_fit(running: RunningDesk, step: str) -> None:
    mail = letter(extra=ATTACHED[0], body=ATTACHED[1])
    running.order("take_in.after_parse", "pause")
    assert running.by_lmtp(mail).code == 250
    running.until_reached("take_in.after_parse")
    running.order(step, "enospc 3")  # longer than the three tries that a broken mail gets
    running.release("take_in.after_parse")
    running.until_reached(step)
    running.settled()
    message = running.message_of(mail)
    assert (message.kind, message.attachment_count) == ("letter", 1)


@both(DISK[:1], postgres=DISK[:1])
def test_a_reply_is_refused_and_what_was_typed_is_kept(running: RunningDesk, step: str) -> None:
    conversation_id, word = running.conversation(), running.new_word()
    text = f"Your order is packed. {word}"
    running.order(step, "enospc")
    refusal = running.reply(conversation_id, text)
    assert refusal.code == 507
    assert "disk" in refusal.words
    form = running.form(conversation_id)
    assert word in form["text"]
    assert running.reply(conversation_id, text, form).code == 303
    running.settled()
    assert running.copies(word) == 1


def test_below_the_reserve_mail_is_refused_before_it_is_read(dovecot: Dovecot) -> None:
    """A desk of its own, whose reserve is larger than any disk."""
    with ValkeyServer() as valkey, SmtpSink() as sink:
        full = RunningDesk(valkey=valkey, dovecot=dovecot, sink=sink, DESK_DISK_RESERVE="900000G")
        try:
            full.start()
            full.by_imap(letter())
            for door, code in LATER.items():
                mail = letter()
                answer = full.by_door(door, mail)
                assert answer.code == code
                assert full.row_of(mail) is None
            full.until(
                lambda: "disk" in full.mailbox().last_fault, "the health page does not tell of the disk"
            )
            assert full.cursor() == 0
            assert not list(full.home.glob("blobs/*/*"))
        finally:
            full.stop()
