"""Two workers, two readers, two clocks: whoever is second changes nothing, and whoever is left goes on alone."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from checkout_desk import clock
from checkout_desk.mail.health import note_mail
from checkout_desk.mail.receiving import Receipt, receive
from tests.faults.doors import letter
from tests.faults.running import RunningDesk
from tests.faults.steps import engines

PILE = 25


@engines("sqlite", "postgres")
def test_two_workers_and_two_readers_share_a_pile(running: RunningDesk) -> None:
    replied = [running.conversation() for _ in range(4)]
    running.signal("worker", signal.SIGSTOP)
    running.one_more("mailbox")
    pile = [letter() for _ in range(PILE)]
    running.by_imap(*pile[:15])
    for mail in pile[10:]:  # five of them by two doors
        assert running.by_lmtp(mail).code == 250, running.last_lines()
    words = [running.new_word() for _ in replied]
    for conversation_id, word in zip(replied, words, strict=True):
        assert running.reply(conversation_id, f"Your order is packed. {word}").code == 303
    with running.valkey.client() as client:
        before = client.smembers("rq:workers")  # some of them may be dead, and leave the list meanwhile
        running.one_more("worker")
        running.until(lambda: client.smembers("rq:workers") - before, "the second worker did not come")
    running.signal("worker", signal.SIGCONT)
    running.settled()
    assert all(running.message_of(mail).kind == "letter" for mail in pile)
    assert len({number for mail in pile for number in running.orders_of(mail)}) == PILE
    assert [running.copies(word) for word in words] == [1] * len(words)


@engines("postgres")
def test_two_doors_that_store_for_one_mailbox_wait_for_each_other(running: RunningDesk) -> None:
    """Each has its row (and with it a share of the mailbox's row) before either notes when mail came last."""
    both_have_a_row = threading.Barrier(2)

    def alongside(receipt: Receipt) -> None:
        both_have_a_row.wait(timeout=30)
        note_mail(running.mailbox_id, clock.now())

    def store(mail: bytes) -> str:
        with running.app.app_context():
            return receive(mail, door="lmtp", mailbox_id=running.mailbox_id, alongside=alongside).outcome

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(store, [letter(), letter()])) == ["stored", "stored"]
    running.settled()


@engines("sqlite", "postgres")
def test_a_reader_that_was_cut_off_moves_nothing(running: RunningDesk) -> None:
    running.settled()
    before, holder = running.cursor(), running.mailbox().lease_holder
    running.order("receive.after_blob", "pause")
    running.by_imap(*(letter() for _ in range(3)))
    running.until_reached("receive.after_blob")
    running.signal("mailbox", signal.SIGSTOP)
    running.one_more("mailbox")
    running.until(lambda: running.cursor() >= before + 3, "nobody took the mailbox over")
    assert running.mailbox().lease_holder != holder
    running.release("receive.after_blob")
    running.signal("mailbox", signal.SIGCONT)
    running.settled()


@engines("sqlite")
def test_the_clock_is_killed_and_lost_wake_ups_are_found(running: RunningDesk) -> None:
    killed = running.signal("clock", signal.SIGKILL)
    running.signal("worker", signal.SIGSTOP)
    assert running.by_lmtp(letter()).code == 250
    running.valkey.flush()
    running.signal("worker", signal.SIGCONT)
    running.settled()
    assert running.children()["clock"] != killed


@engines("sqlite")
def test_a_second_clock_goes_on_when_the_first_one_hangs(running: RunningDesk) -> None:
    running.one_more("clock")
    running.signal("clock", signal.SIGSTOP)
    running.signal("worker", signal.SIGSTOP)
    assert running.by_lmtp(letter()).code == 250
    running.valkey.flush()
    running.signal("worker", signal.SIGCONT)
    running.settled()
    running.signal("clock", signal.SIGCONT)
    running.settled()
