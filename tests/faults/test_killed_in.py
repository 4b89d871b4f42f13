"""kill -9 at each step of the way in: nothing that was acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import signal

import pytest

from tests.faults.doors import letter
from tests.faults.running import RunningDesk
from tests.faults.steps import IMPORT, READ, RECEIVE, TAKE_IN, both, engines


@both(READ, postgres=READ[2:])
def test_the_reader_is_killed(running: RunningDesk, step: str) -> None:
    running.order(step)
    running.by_imap(letter(), letter())
    running.until_reached(step)
    running.settled()


@pytest.mark.parametrize("door", ["lmtp", "http"])
@both(RECEIVE, postgres=RECEIVE[2:])
def test_a_door_is_killed_and_the_sender_repeats(running: RunningDesk, step: str, door: str) -> None:
    mail = letter()
    running.order(step)
    assert running.by_door(door, mail).code == 0, "a door that was killed acknowledges nothing"
    running.until_reached(step)
    running.until(
        lambda: running.by_door(door, mail).code in (200, 201, 250), "the sender's repeat was not taken"
    )
    running.settled()


@both(IMPORT, postgres=())
def test_an_import_is_killed_and_run_again(running: RunningDesk, step: str) -> None:
    mail = letter()
    running.order(step)
    assert running.by_import(mail).code == -signal.SIGKILL
    again = running.by_import(mail)
    assert again.code == 0
    assert ('"duplicate"' if step == "import.after_commit" else '"stored"') in again.words
    running.settled()


@both(TAKE_IN, postgres=TAKE_IN[1:])
def test_the_worker_is_killed_while_it_understands(running: RunningDesk, step: str) -> None:
    running.order(step)
    assert running.by_lmtp(mail := letter()).code == 250
    running.until_reached(step)
    running.settled()
    assert len(running.orders_of(mail)) == 1


@engines("sqlite")
def test_a_mail_that_kills_the_worker_three_times_is_shown_as_unreadable(running: RunningDesk) -> None:
    running.order("take_in.after_claim", "kill 3")
    deadly = letter()
    assert running.by_lmtp(deadly).code == 250
    running.until_reached("take_in.after_claim")
    running.settled()
    message = running.message_of(deadly)
    assert message.kind == "unreadable"
    assert running.by_lmtp(following := letter()).code == 250
    running.settled()
    assert running.message_of(following).kind == "letter", "the queue goes on"
