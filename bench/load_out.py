"""`python -m bench.load_out [N] [--engine sqlite|postgresql]`: N tracking numbers at once, and an agent's reply in between.

A list of N numbers is given, each with its parcel; a real worker and clock take it from there to a mail server that takes
20 ms for each mail. Bounds for 1,000: all *shipped* mails accepted within 120 s, the reply within 15 s of its click.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from bench.stores import ENGINES, ROOT
from checkout_desk import migrating
from checkout_desk.accounts.models import Person
from checkout_desk.app import create_app
from checkout_desk.catalogue.models import Product
from checkout_desk.conversations.models import Conversation
from checkout_desk.extensions import begin_write, db
from checkout_desk.mail.models import Mailbox
from checkout_desk.orders.models import Order, OrderLine, OrderNumber, Quote
from checkout_desk.settings.models import Store
from checkout_desk.shipping import number_importing, number_lists
from checkout_desk.shipping.models import Shipment, ShipmentItem
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser
from tests.parts.postgres import PostgresServer
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer
from tests.shipping.dock import Dock
from tests.shipping.test_number_importing import s10
from tests.signing import signed_in

SLOW = 0.02
WITHIN, REPLY_WITHIN = 120.0, 15.0
ANN = "ann@asks.example"


def _copies(shop: Shop, number: int, n: int) -> list[int]:
    """`n` more orders just like this packed one, each in a conversation of its own; returns all their numbers."""
    with shop.writing():
        order = db.session.scalars(select(Order).where(Order.number == number)).one()
        first = db.session.scalar(select(func.max(Order.number))) or number
        ids = {
            model: db.session.scalar(select(func.max(model.id))) or 0
            for model in (Conversation, Order, Quote, Shipment)
        }
        rows = {
            model: dict(db.session.execute(select(model.__table__).where(where)).mappings().one())  # type: ignore[attr-defined]
            for model, where in (
                (Conversation, Conversation.id == order.conversation_id), (Order, Order.id == order.id),
                (OrderLine, OrderLine.order_id == order.id), (Quote, Quote.order_id == order.id),
                (Shipment, Shipment.order_id == order.id),
            )
        }  # fmt: skip
        item = dict(
            db.session.execute(select(ShipmentItem.__table__).where(ShipmentItem.shipment_id == rows[Shipment]["id"])).mappings().one()
        )  # fmt: skip
        for i in range(1, n + 1):
            c, o, q, s = (ids[model] + i for model in (Conversation, Order, Quote, Shipment))
            _copy(
                Conversation,
                rows[Conversation],
                id=c,
                reply_token=f"bench{i:027d}",
                order_id=o,
                order_number=first + i,
            )
            _copy(
                Order,
                rows[Order],
                id=o,
                number=first + i,
                conversation_id=c,
                email=f"buyer{i}@customer.example",
            )
            _copy(OrderLine, rows[OrderLine], id=None, order_id=o)
            _copy(Quote, rows[Quote], id=q, order_id=o, reference=f"BENCH{i}")
            _copy(Shipment, rows[Shipment], id=s, order_id=o, quote_id=q)
            _copy(ShipmentItem, item, id=None, shipment_id=s)
        more = {"on_hand": Product.on_hand + 10 * n, "committed": Product.committed + 10 * n}
        db.session.execute(update(Product).values(more).where(Product.id == item["product_id"]))
        db.session.execute(update(OrderNumber).values(next=first + n + 1))
        return [number, *range(first + 1, first + n + 1)]


def _copy(model: Any, row: dict[str, Any], **other: Any) -> None:
    values = {**row, **other}
    db.session.execute(
        insert(model.__table__).values({k: v for k, v in values.items() if k != "id" or v is not None})
    )


@contextmanager
def _working(environment: dict[str, str], log: Path) -> Iterator[None]:
    """A worker and a clock."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "checkout_desk.cli", name], cwd=ROOT,
            env={**os.environ, **environment, "DESK_SANDBOX": "yes"}, stdout=subprocess.DEVNULL, stderr=log.open("ab"),
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


def _given(shop: Shop, numbers: list[int]) -> None:
    """The list as its form gives it: a row, and a ring for the worker."""
    text = "\n".join(f"{number};{s10(i)}" for i, number in enumerate(numbers, 1))
    with shop.app.app_context():
        begin_write()
        rows = number_importing.plan(number_lists.read(text))
        by = db.session.get_one(Person, shop.person("logistics"))
        found = number_importing.begin(rows, confirmed=(), likely=(), filename="", by=by)
        if found.total != len(numbers):
            raise RuntimeError(f"{found.total} of {len(numbers)} lines are good: {rows[0]}")
        db.session.commit()


def _reply(shop: Shop, conversation_id: int) -> None:
    browser = Browser(shop.app, signed_in(shop.app, shop.person("support")))
    page = browser.open(f"/conversations/{conversation_id}/compose/reply")
    sent = page.press("Send", text="Dear Ann, the parcel leaves tomorrow. Kind regards, Mia")
    if sent.status >= 400:
        raise RuntimeError(sent.text[:500])


def _until(sink: SmtpSink, found: Any, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found(sink.accepted):
            return True
        time.sleep(0.1)
    return False


def measure(engine: str, n: int, folder: Path, parts: ExitStack) -> bool:
    """Print both figures of one engine; whether both bounds were met."""
    environment = {
        "DESK_HOME": str(folder), "REDIS_URL": parts.enter_context(ValkeyServer()).url, "DESK_URL": "http://localhost",
        "DESK_LOG": "warning",
    }  # fmt: skip
    if engine == "postgresql":
        environment["DATABASE_URL"] = parts.enter_context(PostgresServer(durable=True, names="load_")).create(
            "load"
        )
    app = create_app(environment=environment)
    migrating.upgrade(app)
    shop = Shop(app)
    dock = Dock(Stage(shop))
    first = dock.paid()
    dock.packed(first)
    numbers = _copies(shop, first, n - 1)
    asked = shop.take(text="When does my parcel leave?", sender=ANN).conversation
    shop.person("support"), shop.person("logistics")
    with SmtpSink() as sink:
        with shop.writing():
            db.session.execute(
                update(Mailbox).values(smtp_host=sink.host, smtp_port=sink.port, smtp_tls="none")
            )
            undo = db.session.get_one(Store, 1).undo_seconds
        sink.stall(SLOW, times=None)
        with _working(environment, folder / "bench.log"):
            sink.wait_for(1, 60)  # the mail that the first order owes: worker and clock are up
            before = len(sink.accepted)
            began = time.monotonic()
            _given(shop, numbers)
            _until(sink, lambda all_: len(all_) > before + n // 10, WITHIN)
            clicked = time.monotonic()
            _reply(shop, asked)
            answered = _until(sink, lambda all_: any(ANN in one.recipients for one in all_), WITHIN)
            reply = time.monotonic() - clicked
            told = _until(
                sink,
                lambda all_: (
                    len({r for one in all_ for r in one.recipients if r.startswith("buyer")}) >= n - 1
                ),
                3 * WITHIN,
            )
            took = time.monotonic() - began
            connections = sink.connections
    met = told and took <= WITHIN * n / 1000 and answered and reply <= REPLY_WITHIN
    word = "ok  " if met else "MISS"
    print(f"{word} {engine:<10} {n} shipped mails accepted in {took:.0f} s (bound {WITHIN * n / 1000:.0f} s, {connections} connections); "
          f"a reply in between {reply:.1f} s after its click, {undo} s of them its undo window (bound {REPLY_WITHIN:.0f} s)", flush=True)  # fmt: skip
    return met


def main() -> int:
    """1 where a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load_out", description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=1000)
    parser.add_argument("--engine", choices=ENGINES)
    asked = parser.parse_args()
    missed = False
    for engine in (asked.engine,) if asked.engine else ENGINES:
        with tempfile.TemporaryDirectory(prefix="load") as folder, ExitStack() as parts:
            missed |= not measure(engine, asked.n, Path(folder), parts)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
