"""What is due soon and late shows in the queue and in the tab, and a pause takes it out of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from checkout_desk import clock
from checkout_desk.conversations.models import Conversation, Promise
from checkout_desk.extensions import begin_write, db
from tests.browser.live import LiveDesk
from tests.browser.people import at_the_desk
from tests.browser.test_acts import act
from tests.parts.browser import Chromium
from tests.parts.dovecot import Dovecot
from tests.parts.smtp import SmtpSink


@pytest.fixture(scope="module")
def live(dovecot_server: Dovecot) -> Iterator[LiveDesk]:
    """A desk of this test alone: what is paused sinks to the end of the queue's first page, which others fill."""
    with SmtpSink() as sink, LiveDesk(dovecot_server, sink) as desk:
        yield desk


def owe(live: LiveDesk, who: str, *, hours: float) -> int:
    """Let the answer to this customer be due so many hours from now, and nobody look at it."""
    found = live.conversation(who)
    with live.app.app_context():
        begin_write()
        c = db.session.get_one(Conversation, found)
        c.promise_due_at = c.queue_at = clock.now() + timedelta(hours=hours)
        db.session.query(Promise).filter_by(conversation_id=found, closed_at=None).update(
            {"due_at": c.promise_due_at}
        )
        db.session.commit()
    return found


def number(page: Page) -> int:
    """What the tab says."""
    match = re.match(r"\((\d+)\) ", page.title())
    return int(match[1]) if match else 0


def test_late_soon_and_paused_in_queue_and_tab(browser: Chromium, live: LiveDesk) -> None:
    soon = owe(live, "Aoife Ní Dhomhnaill", hours=2)
    with at_the_desk(browser, live) as page:
        page.goto("/queue/open")
        late = number(page)
        row, head = page.locator(f"#r{soon}"), page.locator("#case")
        expect(page.locator(".row .pill--bad")).to_have_count(late)
        expect(row.locator(".pill--soon")).to_be_visible()

        page.locator(f"#o{soon}").click()
        expect(head.locator(".pill--soon")).to_contain_text("left")
        act(page, "Pause the promise")
        dialog = page.locator("#act")
        dialog.get_by_role("button", name="Pause").click()
        expect(dialog.locator("#f-reason-error")).to_be_visible()
        dialog.get_by_label("Reason").fill("The glaze has to dry.")
        dialog.get_by_role("button", name="Pause").click()
        expect(head).to_contain_text("Promise paused until somebody ends it")
        expect(head).to_contain_text("The glaze has to dry.")
        expect(row.locator(".pill--theirs")).to_contain_text("paused")
        expect(row.locator(".pill--soon")).to_have_count(0)

        # Late while it stands still: nothing is counted, until the pause ends with an hour left of it.
        act(page, "End the pause")
        expect(head.locator(".pill--soon")).to_be_visible()
        page.keyboard.press("z")
        expect(head).to_contain_text("Promise paused")
        assert number(page) == late

        owe(live, "Tobias Brandt", hours=-1)
        page.reload()
        assert number(page) == late + 1
        expect(page.locator(".row .pill--bad")).to_have_count(late + 1)
