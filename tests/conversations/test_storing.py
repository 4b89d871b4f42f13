"""The bytes of a reply go to the disk while its rows are written: the rows wait for them."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, event

from checkout_desk.mail.models import OutboundMail
from tests.builders import Shop
from tests.page import Browser


def full(_descriptor: object) -> None:
    raise OSError(28, os.strerror(28))


def test_no_reply_is_committed_before_its_bytes_are_there_for_good(
    shop: Shop, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = agent.open(f"/conversations/{shop.take().conversation}/compose/reply")
    order: list[str] = []
    written, sync = threading.Event(), os.fsync

    def late(descriptor: int) -> None:
        written.wait(10)  # until the last row is written
        sync(descriptor)
        order.append("synced")

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("DELETE FROM draft"):
            written.set()

    def committed(connection: Any) -> None:
        order.append("committed")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", late)
        event.listen(Engine, "before_cursor_execute", note)
        event.listen(Engine, "commit", committed)
        try:
            form.press("Send", text="It is on its way.")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
            event.remove(Engine, "commit", committed)
    first = order.index("committed")
    assert first >= 2
    assert "synced" not in order[first:]
    assert shop.bytes_of(shop.all(OutboundMail)[0])


def test_a_full_disk_refuses_the_reply_and_keeps_its_words(
    shop: Shop, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/conversations/{shop.take().conversation}/compose/reply"
    form = agent.open(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert form.press("Send", text="It is on its way.").status == 507
    assert shop.all(OutboundMail) == []
    again = agent.open(path)
    assert again.form("/send").value("text").strip() == "It is on its way."
    again.press("Send", text="It is on its way.")
    assert len(shop.all(OutboundMail)) == 1
