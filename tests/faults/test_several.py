"""Several processes of each kind at once, as on several machines: eighty mails in, eighty replies out (more by
DESK_MANY_MAILS)."""

from __future__ import annotations

import http.client
import os
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from checkout_desk.mail.models import RawMail
from tests.faults.doors import PATIENCE, letter
from tests.faults.invariants import waiting
from tests.faults.running import RunningDesk
from tests.faults.steps import engines
from tests.parts.process import free_port

MANY = int(os.environ.get("DESK_MANY_MAILS", "80"))


class SecondWeb:
    """Another web process on a port of its own; `reply` goes through it."""

    def __init__(self, desk: RunningDesk) -> None:
        self.desk, self.first, self.port = desk, desk.port, free_port()
        desk.others.append(desk._run("-m", "tests.faults.host", "web", DESK_LISTEN=f"127.0.0.1:{self.port}"))
        desk.until(self._answers, "the second web process does not answer")

    def _answers(self) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()


@engines("postgres")
def test_two_of_each_lose_nothing_and_do_nothing_twice(running: RunningDesk) -> None:
    second = SecondWeb(running)
    with running.valkey.client() as client:
        before = client.smembers("rq:workers")  # some of them may be dead, and leave the list meanwhile
        for kind in ("worker", "mailbox", "clock"):
            running.one_more(kind)
        running.until(lambda: client.smembers("rq:workers") - before, "the second worker did not come")
    mails = [letter(body="Is this one in blue, please?") for _ in range(MANY)]
    running.by_imap(*mails[: MANY // 2])
    with ThreadPoolExecutor(4) as pool:
        assert {answer.code for answer in pool.map(running.by_lmtp, mails[MANY // 2 :])} == {250}
    long = 4 * PATIENCE
    running.until(running.all_read, "the mailbox was not read to its end", within=long)
    running.until(lambda: not waiting(running.app), "the mails were not understood", within=long)
    with running.app.app_context():
        ours = select(Message.conversation_id).join(RawMail, RawMail.id == Message.raw_id)
        newest = ours.order_by(Message.id.desc()).limit(MANY)
        conversations = list(db.session.scalars(newest))
        db.session.rollback()
    assert len(set(conversations)) == MANY
    words = [running.new_word() for _ in conversations]
    for turn, (conversation_id, word) in enumerate(zip(conversations, words, strict=True)):
        running.port = second.port if turn % 2 else second.first
        assert running.reply(conversation_id, f"It is. {word}").code == 303, running.last_lines()
    running.port = second.first
    running.until(lambda: not waiting(running.app), "the replies did not leave", within=long)
    running.settled()
    assert [running.copies(word) for word in words] == [1] * MANY
