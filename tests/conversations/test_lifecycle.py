"""The table of states: every transition from every state, and that nothing else changes one."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import PERMISSIONS
from checkout_desk.conversations.lifecycle import CONVERSATION
from checkout_desk.conversations.models import STATES, Conversation
from checkout_desk.extensions import db
from checkout_desk.lifecycle import Refused
from tests.builders import Shop
from tests.conversations.shared import bring_to
from tests.page import Browser

PACKAGE = Path(__file__).parents[2] / "checkout_desk"
ALLOWED = {
    "receive": dict.fromkeys(STATES, "open"),
    "answer": dict.fromkeys(STATES, "waiting"),
    "wait": {"open": "waiting"},
    "snooze": {"open": "snoozed", "waiting": "snoozed", "snoozed": "snoozed"},
    "wake": {"snoozed": "open"},
    "close": {"open": "closed", "waiting": "closed", "snoozed": "closed"},
    "reopen": {"waiting": "open", "snoozed": "open", "closed": "open", "spam": "open"},
    "spam": {"open": "spam", "waiting": "spam", "snoozed": "spam", "closed": "spam"},
}


def test_the_table_below_names_every_transition() -> None:
    assert set(CONVERSATION.transitions) == {*ALLOWED, "undo"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ALLOWED)
def test_every_transition_from_every_state(shop: Shop, state: str, name: str) -> None:
    taken = shop.take()
    bring_to(shop, taken.conversation, state)
    before = shop.seen(taken.conversation)
    events = len(shop.kinds(taken.conversation))
    facts = {"until": clock.now() + timedelta(hours=1)} if name == "snooze" else {}
    target = ALLOWED[name].get(state)
    if target is None:
        with pytest.raises(Refused) as refused, shop.writing():
            CONVERSATION.fire(db.session.get_one(Conversation, taken.conversation), name, **facts)
        assert str(refused.value).endswith(".")
        assert shop.seen(taken.conversation).version == before.version
        assert len(shop.kinds(taken.conversation)) == events
    else:
        with shop.writing():
            CONVERSATION.fire(db.session.get_one(Conversation, taken.conversation), name, **facts)
        after = shop.seen(taken.conversation)
        assert after.state == target
        assert shop.kinds(taken.conversation)[-1] == f"conversation.{name}"
        assert (after.snoozed_until is not None) == (target == "snoozed")
    shop.sound()


@pytest.mark.parametrize("state", STATES)
def test_buttons_are_what_the_table_allows(shop: Shop, agent: Browser, state: str) -> None:
    taken = shop.take()
    bring_to(shop, taken.conversation, state)
    page = agent.open(f"/conversations/{taken.conversation}")
    offered = {label for label in page.buttons() if label} | {label for label, _ in page.links}
    for name, label in (
        ("close", "Close"),
        ("spam", "Spam"),
        ("wait", "Wait for the customer"),
        ("snooze", "Snooze"),
    ):
        shown = any(label == word.removesuffix(" e").removesuffix(" h") for word in offered)
        if label == "Close":  # the dialogs of the frame have one, too
            shown = any(f.action.endswith("/act/close") for f in page.forms)
        assert shown == (state in ALLOWED[name]), (state, name)


@pytest.mark.parametrize("state", STATES)
def test_a_refused_act_is_a_sentence_on_the_page(shop: Shop, agent: Browser, state: str) -> None:
    taken = shop.take()
    bring_to(shop, taken.conversation, state)
    for name in ("wait", "close", "reopen", "spam"):
        if state in ALLOWED[name]:
            continue
        form = agent.open(f"/conversations/{taken.conversation}").form("/sign-out")
        answer = agent.post(f"/conversations/{taken.conversation}/act/{name}", dict(form.fields))
        assert answer.status == 409
        assert CONVERSATION.transitions[name].refusal in answer
        assert shop.seen(taken.conversation).state == state


def test_every_permission_in_the_table_exists() -> None:
    assert {step.permission for step in CONVERSATION.transitions.values()} - {""} <= set(PERMISSIONS)


def test_no_code_writes_a_state_of_a_conversation_outside_the_lifecycle() -> None:
    """`thing.state =` stands in lifecycle.py alone; other tables (mails) have states of their own, changed by UPDATE."""
    written = re.compile(r"(?<![\"'])\b\w+\.state\s*=(?!=)|\.values\([^)]*\bstate=", re.DOTALL)
    conversation = re.compile(r"update\(Conversation|Conversation\.__table__\.update")
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text()
        if path == PACKAGE / "lifecycle.py":
            assert len(re.findall(r"\.state\s*=(?!=)", text)) == 1
            continue
        for match in written.finditer(text):
            if match[0].startswith(".values"):
                before = text[max(0, match.start() - 300) : match.start()]
                assert not conversation.search(before), path
                continue
            line = text[text.rfind("\n", 0, match.start()) + 1 : text.find("\n", match.start())]
            assert re.search(r"\b(row|outbound|raw|mail|loaded|self)\.state", line), f"{path}: {line.strip()}"


def test_snoozing_into_the_past_is_refused(shop: Shop) -> None:
    c = shop.seen(shop.take().conversation)
    with pytest.raises(Refused, match="lies in the past"):
        CONVERSATION.fire(c, "snooze", until=clock.now() - timedelta(seconds=1))


def test_closing_what_has_news_is_refused(shop: Shop, agent: Browser) -> None:
    """The page that one closes from shows less than there is."""
    taken = shop.take()
    page = agent.open(f"/conversations/{taken.conversation}/act/close")
    shop.take(to=shop.reply_address(taken.conversation), text="Wait, one more!")
    refused = page.press("Close", "/act/close")
    assert refused.status == 409
    assert "The customer has written again" in refused
    assert shop.seen(taken.conversation).state == "open"
