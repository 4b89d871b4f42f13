"""Fifty customers pay, five agents quote, the clock ends quotes, all at once, while a worker dies every second."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from tests.faults.doors import PATIENCE
from tests.faults.money import check_money, waiting_for_money
from tests.faults.running import RunningDesk
from tests.faults.rush import WARES, Rush
from tests.faults.steps import engines
from tests.page import Browser
from tests.parts.localstripe import LocalStripe, signature

CUSTOMERS, AGENTS, NEW = 50, 5, 20
ENDING = 8
"""customers whose quote ends while they pay"""
REVISED = 6
"""customers whose order is changed while they pay"""
MOST_DEATHS = 10


def _agent(rush: Rush, browser: Browser, n: int) -> list[str]:
    """One agent's minute: a change of an order that is just being paid, then quotes for orders that wait for one."""
    told = [rush.revise(browser, task) for task in rush.customers[ENDING + n : ENDING + REVISED : AGENTS]]
    return told + [rush.quote(browser, task) for task in rush.unquoted[n::AGENTS]]


def _again(desk: RunningDesk, stripe: LocalStripe) -> list[int]:
    """Stripe tells everything once more."""
    told = []
    for event in stripe.events("payment_intent.succeeded", "checkout.session.completed"):
        body = json.dumps(event).encode()
        told.append(desk._http("POST", "/hooks/stripe", body, Stripe_Signature=signature(body)).code)
    return told


def _kill(desk: RunningDesk, futures: list[Future]) -> Iterator[int]:  # type: ignore[type-arg]
    """Kill the worker every second, until everybody is done and has had an answer; yields each one's id."""
    for _ in range(MOST_DEATHS):
        wait(futures, timeout=1)
        if all(future.done() for future in futures) and not waiting_for_money(desk.app):
            return
        if "worker" in desk.children():
            yield desk.signal("worker", signal.SIGKILL)
        if all(future.done() for future in futures):
            desk.until(lambda: "worker" in desk.children(), "no worker came back")


@engines("sqlite", "postgres")
def test_everybody_at_once_while_a_worker_dies_every_second(
    running: RunningDesk, stripe: LocalStripe
) -> None:
    rush = Rush(running, stripe, customers=CUSTOMERS, agents=AGENTS, new=NEW)
    at_their_desks = [rush.sign_in(n) for n in range(AGENTS)]
    late = [rush.open(n) for n in range(ENDING)]
    rush.end_soon(rush.customers[:ENDING], 2)
    with ThreadPoolExecutor(CUSTOMERS + AGENTS + 1) as pool:
        agents = [pool.submit(_agent, rush, one, n) for n, one in enumerate(at_their_desks)]
        customers = [pool.submit(rush.pay, page) for page in late[::2]]
        customers += [pool.submit(rush.pay_late, n, late[n]) for n in range(1, ENDING, 2)]
        customers += [pool.submit(lambda n: rush.pay(rush.open(n)), n) for n in range(ENDING, CUSTOMERS)]
        killed = list(_kill(running, [*agents, *customers]))
        again = pool.submit(_again, running, stripe)
        said = Counter(future.result() for future in customers)
        told = Counter(word for future in agents for word in future.result())
        assert set(again.result()) == {200}
    assert len(killed) >= 3, "nobody died"
    assert said["paid"] >= CUSTOMERS - ENDING - REVISED, said
    assert told["sent"] >= len(WARES), told
    assert told["short"] >= 1, told

    running.until(
        lambda: not waiting_for_money(running.app), "money waits", within=2 * PATIENCE
    )  # I10: 120 s
    running.settled()
    broken = check_money(running.app, sent=running.sink.accepted, taken=rush.taken())
    assert broken == [], "\n".join([*broken, running.last_lines()])
    assert rush.number_of("paid") >= CUSTOMERS - ENDING - REVISED
