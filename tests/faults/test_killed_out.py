"""kill -9 at each step of the way out: every reply leaves exactly once, or is shown as unknown."""

from __future__ import annotations

from sqlalchemy import select

from checkout_desk.conversations.models import Message
from checkout_desk.extensions import db
from tests.faults.running import RunningDesk
from tests.faults.steps import HANDED_OVER, REPLY, SENT, UNSENT, both, engines


@both(UNSENT, postgres=UNSENT[1:])
def test_the_worker_is_killed_before_the_server_has_the_mail(running: RunningDesk, step: str) -> None:
    running.order(step)
    conversation_id, word = running.answered()
    running.until_reached(step)
    running.settled()
    row = running.outbound(conversation_id)
    if (
        step == "smtp.before_data"
    ):  # the desk had written that DATA begins: what it cannot know it does not claim
        assert (row.state, row.unknown_count, running.copies(word)) == ("sent", 1, 1)
    else:
        assert (row.state, row.unknown_count, running.copies(word)) == ("sent", 0, 1)


@both(HANDED_OVER, postgres=HANDED_OVER)
def test_the_worker_is_killed_before_it_could_tell(running: RunningDesk, step: str) -> None:
    running.order(step)
    conversation_id, word = running.answered()
    running.until_reached(step)
    running.settled()
    row = running.outbound(conversation_id)
    assert (row.state, row.unknown_count) == ("sent", 1)
    assert 1 <= running.copies(word) <= 2


@engines("sqlite")
def test_a_mail_whose_outcome_stays_unknown_says_so_and_is_not_sent_a_third_time(
    running: RunningDesk,
) -> None:
    running.order("deliver.before_commit", "kill 2")
    conversation_id, word = running.answered()
    running.until_reached("deliver.before_commit")
    running.settled()
    row = running.outbound(conversation_id)
    assert (row.state, row.unknown_count, running.copies(word)) == ("unknown", 2, 2)
    with running.app.app_context():
        message = db.session.scalars(select(Message).where(Message.outbound_id == row.id)).one()
        assert message.trouble
        assert "may have arrived" in message.trouble


@both(SENT, postgres=())
def test_the_worker_is_killed_after_the_outcome_is_known(running: RunningDesk, step: str) -> None:
    running.order(step)
    conversation_id, word = running.answered()
    running.until_reached(step)
    running.settled()
    assert (running.outbound(conversation_id).state, running.copies(word)) == ("sent", 1)


@both(REPLY, postgres=REPLY)
def test_the_web_process_is_killed_while_a_reply_is_sent(running: RunningDesk, step: str) -> None:
    conversation_id, word = running.conversation(), running.new_word()
    text, form = f"Your order is packed. {word}", running.form(conversation_id)
    running.order(step)
    assert running.reply(conversation_id, text, form).code == 0
    running.until_reached(step)
    # The browser shows that nothing answered, and the agent sends the same form again.
    running.until(lambda: running.reply(conversation_id, text, form).code == 303, "the repeat was not taken")
    running.settled()
    assert running.copies(word) == 1
