"""Row P11: a reply, with a mail server that answers at once and one that takes two seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from sqlalchemy import select, update

from bench.client import Connection, Spread, latencies, percentile, request
from bench.rows import Finding, Row, at_most
from bench.stores import ROOT, Run, Store
from checkout_desk.conversations.models import Conversation, Message
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox
from tests.parts.smtp import SmtpSink

SLOW = 2.0


def _open_conversations(store: Store, *, above: int, count: int) -> list[tuple[int, int, str]]:
    """(conversation, newest message of the customer, address) of conversations that wait for an answer."""
    with store.app.app_context():
        rows = db.session.execute(
            select(Conversation.id, Message.id.label("message"), Message.from_email)
            .join(Message, Message.id == Conversation.last_inbound_id)
            .where(Conversation.state.in_(("open", "waiting", "closed")), Conversation.id > above)
            .order_by(Conversation.id)
            .limit(count)
        ).all()
        db.session.remove()
    return [(row.id, row.message, row.from_email) for row in rows]


def _reply(store: Store, conversation: tuple[int, int, str]) -> bytes:
    number, newest, address = conversation
    form = {
        "csrf_token": store.csrf, "kind": "reply", "to": address, "subject": "Re: your order", "based_on": newest,
        "text": "Thank you for writing. The parcel left us this morning and reaches you tomorrow.\n", "act": "send",
        "after": "wait",
    }  # fmt: skip
    path = f"/conversations/{number}/send"
    # The form's origin is the desk's own address, which names no port.
    return request(
        path,
        cookie=store.cookie,
        method="POST",
        body=urlencode(form).encode(),
        headers=["Origin: http://127.0.0.1"],
    )


@contextmanager
def _worker(run: Run, store: Store, sink: SmtpSink) -> Iterator[None]:
    """Worker and clock, delivering to the sink."""
    with store.app.app_context():
        begin_write()
        db.session.execute(update(Mailbox).values(smtp_host=sink.host, smtp_port=sink.port, smtp_tls="none"))
        db.session.commit()
        db.session.remove()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "checkout_desk.cli", name], cwd=ROOT,
            env={**os.environ, **store.environment, "DESK_SANDBOX": "yes"},
            stdout=subprocess.DEVNULL, stderr=(run.folder / f"{name}.log").open("ab"),
        )
        for name in ("worker", "clock")
    ]  # fmt: skip
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def replies(run: Run) -> Iterator[Finding]:
    count = 20 if run.small else 40
    for engine in run.engines:
        store = run.store(engine, run.large)
        hello, served = run.hello(), run.serve(store)
        quick, slow, above = [], [], 1
        with SmtpSink() as sink, _worker(run, store, sink):
            for _ in range(run.rounds):
                base = percentile(latencies(hello.port, [request("/")], 200), 0.5)
                for found, wait in ((quick, 0.0), (slow, SLOW)):
                    sink.forget()
                    if wait:
                        sink.stall(wait, times=None)
                    asked = _open_conversations(store, above=above, count=count + 10)
                    above = asked[-1][0]
                    times = latencies(served.port, [_reply(store, one) for one in asked], count, expect=303)
                    found.append(percentile(times, 0.5) / base)
        yield at_most(engine, "reply p50 ÷ H50", Spread.of(quick), 20, " ×")
        yield at_most(engine, f"reply p50 ÷ H50, server takes {SLOW:g} s", Spread.of(slow), 20, " ×")
        yield at_most(
            engine, "slow ÷ quick", Spread.of([b / a for a, b in zip(quick, slow, strict=True)]), 1.3, " ×"
        )
        Connection(served.port).close()


ROWS = {"P11": Row("a reply", replies, order=3)}
