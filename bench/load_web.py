"""`python -m bench.load_web [N]`: what strangers do to one web process, beside a store of N conversations (2,000).

Sign-in flood: 200 wrong passwords at once from as many addresses. Bounds: memory grows by at most 160 MiB, the queue's p95
stays within 3 × idle, and the right password from another address is let in within 5 s of its click.
Slow clients: 200 that send a byte a second of a header or of a body, or never read. Bounds: the queue's p95 stays within
3 × idle and `/healthz` answers within 1 s.
"""

from __future__ import annotations

import argparse
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from sqlalchemy import select

from bench.client import Connection, latencies, percentile, request
from bench.rows import Finding, at_most
from bench.stores import Run, Store, free_port, wait_for
from bench.weight import QUEUE, command, resident
from checkout_desk.accounts import passwords
from checkout_desk.accounts.models import Person
from checkout_desk.extensions import begin_write, db

PASSWORD = "right-and-long-enough-for-everybody"
"""of a store that is thrown away"""
MANY = 200


@contextmanager
def web(store: Store) -> Iterator[tuple[int, int]]:
    """One web process as `up` starts it, behind one proxy: its port and its number."""
    port = free_port()
    process = command(store, "web", port, DESK_PROXIES="1", DESK_URL="http://127.0.0.1")
    try:
        wait_for(port, "/healthz", process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def queue_p95(store: Store, port: int, until: Callable[[], bool]) -> float:
    """The queue's p95 in seconds, asked again and again, at least 30 times, as long as `until` is False."""
    asked = request(QUEUE, cookie=store.cookie)
    connection = Connection(port)
    times: list[float] = []
    while len(times) < 30 or not until():
        began = time.perf_counter()
        if connection.ask(asked).status != 200:
            raise RuntimeError("the queue did not answer")
        times.append(time.perf_counter() - began)
    connection.close()
    return percentile(times, 0.95)


def _form(port: int) -> tuple[str, str]:
    """The sign-in form of a stranger: cookie and token."""
    answer = Connection(port).ask(request("/sign-in", headers=["X-Plain: 1"]).replace(b"gzip", b"identity"))
    cookie, token = re.search(r"desk=[^;]+", answer.head), re.search(rb'name="csrf_token" value="([^"]+)"', answer.body)  # fmt: skip
    if cookie is None or token is None:
        raise RuntimeError(f"no sign-in form: {answer.status}")
    return cookie[0], token[1].decode()


def _sign_in(port: int, form: tuple[str, str], address: str, *, email: str, password: str) -> int:
    body = urlencode({"csrf_token": form[1], "email": email, "password": password}).encode()
    headers = ["Origin: http://127.0.0.1", f"X-Forwarded-For: {address}", "X-Forwarded-Proto: http"]
    return Connection(port).ask(request("/sign-in", cookie=form[0], method="POST", body=body, headers=headers)).status  # fmt: skip


def flood(store: Store, email: str) -> Iterator[Finding]:
    """200 wrong sign-ins at once."""
    with web(store) as (port, pid):
        form = _form(port)
        latencies(port, [request(QUEUE, cookie=store.cookie)], 30)
        idle, before = queue_p95(store, port, lambda: True), resident(pid)
        statuses: Counter[int] = Counter()

        def wrong(n: int) -> None:
            statuses[_sign_in(port, form, f"198.51.{n // 250}.{n % 250 + 1}", email=f"nobody{n}@asks.example", password="wrong-password")] += 1  # fmt: skip

        threads = [threading.Thread(target=wrong, args=(n,)) for n in range(MANY)]
        for thread in threads:
            thread.start()

        sizes, end = [before], threading.Event()

        def watch() -> None:
            while not end.wait(0.02):
                sizes.append(resident(pid))

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        p95 = queue_p95(store, port, lambda: not any(thread.is_alive() for thread in threads))
        began, status = time.perf_counter(), 0
        while status != 303 and time.perf_counter() - began < 30:
            status = _sign_in(port, form, "203.0.113.7", email=email, password=PASSWORD)
        took = time.perf_counter() - began
        end.set()
        watching.join()
        told = ", ".join(f"{n} × {status}" for status, n in sorted(statuses.items()))
        yield at_most(
            store.engine, "flood: memory rises by", (max(sizes) - before) / 2**20, 160, " MiB", told
        )
        yield at_most(store.engine, "flood: queue p95 ÷ idle", p95 / idle, 3, " ×")
        yield at_most(store.engine, "the right password after it", took, 5, " s")


def slow(store: Store) -> Iterator[Finding]:
    """200 clients that take their time."""
    with web(store) as (port, _):
        latencies(port, [request(QUEUE, cookie=store.cookie)], 30)
        idle, stop, clients = queue_p95(store, port, lambda: True), threading.Event(), []
        for n in range(MANY):
            clients.append(one := socket.create_connection(("127.0.0.1", port)))
            if n % 3 == 2:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                one.sendall(request("/static/app.css") * 20)  # and reads nothing
            else:
                one.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"Content-Length: 900\r\n\r\n" * (n % 3))  # fmt: skip

        def drip() -> None:
            while not stop.wait(1):
                for n, one in enumerate(clients):
                    if n % 3 != 2:
                        try:
                            one.sendall(b"x")
                        except OSError:  # the server has had enough of it
                            continue

        thread = threading.Thread(target=drip)
        thread.start()
        end = time.monotonic() + 8
        p95 = queue_p95(store, port, lambda: time.monotonic() > end)
        health = max(latencies(port, [request("/healthz")], 20))
        stop.set()
        thread.join()
        for one in clients:
            one.close()
        yield at_most(store.engine, "slow clients: queue p95 ÷ idle", p95 / idle, 3, " ×")
        yield at_most(store.engine, "slow clients: /healthz, slowest", health, 1, " s")


def main() -> int:
    """1 where a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.load_web", description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=2000)
    run, missed = Run(small=False, rounds=1, engines=("sqlite",), size=parser.parse_args().n), False
    try:
        store = run.store("sqlite", run.large)
        with store.app.app_context():
            begin_write()
            person = db.session.scalars(select(Person).order_by(Person.id)).first()
            assert person
            person.password_hash, email = passwords.hash_password(PASSWORD), person.email
            db.session.commit()
            db.session.remove()
        for finding in (*flood(store, email), *slow(store)):
            print(f"  {finding}", flush=True)
            missed |= not finding.met
    finally:
        run.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
