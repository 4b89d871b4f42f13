"""The busiest minute of a shop: customers with quotes in their hands, agents at their desks, and what each of them does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from checkout_desk import clock
from checkout_desk.accounts import people
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.passwords import hash_password
from checkout_desk.catalogue import products, stock
from checkout_desk.doorstep import links
from checkout_desk.extensions import begin_write, db
from checkout_desk.orders import acting, lines, loading, quoting
from checkout_desk.orders.models import Order, Quote
from checkout_desk.settings import methods, starting
from checkout_desk.settings.models import PaymentMethod
from tests.faults.doors import letter
from tests.faults.invariants import waiting
from tests.faults.running import RunningDesk
from tests.faults.wire import Wire
from tests.page import Browser, Page
from tests.parts.localstripe import KEY, SECRET, LocalStripe
from tests.signing import by_password_alone

WARES = ("copper kettle", "oak clock", "willow basket", "brass lamp", "linen apron")
ON_HAND = 24
"""of each ware: ten customers are promised two each, and four orders more want three, which is too much for all"""
PASSWORD = "five agents, one kettle"
BODY = """Hello,\r
\r
please send me {quantity} x {ware}.\r
\r
Ida Holt\r
12 High Street\r
Leeds LS1 4DY\r
United Kingdom\r
+44 113 496 0999\r
"""


@dataclass(frozen=True, slots=True)
class Task:
    """An order: its number and conversation, and, once it is quoted, its quote and the customer's link to it."""

    number: int
    conversation: int
    quote: int = 0
    token: str = ""


class Rush:
    """Prepares the minute on a running desk, and plays its people over HTTP."""

    def __init__(
        self, desk: RunningDesk, stripe: LocalStripe, *, customers: int, agents: int, new: int
    ) -> None:
        self.desk, self.stripe = desk, stripe
        with self._writing():
            self._rules()
            secret = hash_password(PASSWORD)
            by_password_alone()
            self.agents = [f"agent{n}@fern.example" for n in range(agents)]
            for email in self.agents:
                people.create(name=email, email=email, password_hash=secret, roles=("processing", "support"))
        stripe.tell(f"http://127.0.0.1:{desk.port}/hooks/stripe")
        orders = self._ordered(customers + new, customers)
        self.customers = [self._verified(number, quote=True) for number in orders[:customers]]
        self.unquoted = [self._verified(number) for number in orders[customers:]]

    # -- before ---------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self.desk.app.app_context():
            begin_write()
            yield
            db.session.commit()

    def _rules(self) -> None:
        starting.open_rules("GB", "GBP", on=date(2020, 1, 1))
        for number, name in enumerate(WARES):
            made = products.create(
                sku=f"RUSH-{number}",
                name=name.capitalize(),
                price_minor=4200,
                currency="GBP",
                weight_grams=800,
            )
            stock.receive(made.id, ON_HAND, about="test")
        db.session.add(
            PaymentMethod(
                kind="stripe",
                name="Card",
                settings={"mode": "sandbox", "api_base": self.stripe.url},
                secret=methods.seal({"secret_key": KEY, "webhook_secret": SECRET}),
            )
        )

    def _ordered(self, count: int, customers: int) -> list[int]:
        """Mails that order come in and are read by the desk's own worker; returns the orders' numbers."""
        mails = [
            letter(body=BODY.format(quantity=2 if n < customers else 3, ware=WARES[n % len(WARES)]))
            for n in range(count)
        ]
        for mail in mails:
            assert self.desk.by_lmtp(mail).code == 250, self.desk.last_lines()
        self.desk.until(lambda: not waiting(self.desk.app), "the mails did not become orders")
        return [self.desk.orders_of(mail)[0] for mail in mails]

    def _verified(self, number: int, *, quote: bool = False) -> Task:
        with self._writing():
            order = loading.load(number)
            assert order is not None
            assert order.conversation_id is not None
            loading.lock(order)
            by = db.session.scalars(select(Person).where(Person.email == self.agents[0])).one()
            lines.accept_all(order, by=by)
            acting.verify(order, by=by)
            if not quote:
                return Task(number, order.conversation_id)
            made = quoting.draft(order, by=by)
            quoting.send(order, made, by=by)
            token = links.issue(order.id, email=order.email, purpose="quote", quote_id=made.id)[1]
            return Task(number, order.conversation_id, made.id, token)

    def end_soon(self, tasks: list[Task], seconds: float) -> None:
        """Let these quotes end so many seconds from now."""
        with self._writing():
            ids = [task.quote for task in tasks]
            ends = clock.now() + timedelta(seconds=seconds)
            db.session.execute(update(Quote).where(Quote.id.in_(ids)).values(expires_at=ends))

    # -- the minute -----------------------------------------------------------------------------------------

    def _browser(self, source: str) -> Browser:
        return Browser(self.desk.app, Wire(self.desk.port, source=source))  # type: ignore[arg-type]

    def open(self, number: int) -> str:
        """Customer `number` opens the link and wants to pay; returns the address of Stripe's page, '' where there is none."""
        browser = self._browser(f"127.0.1.{1 + number}")
        page = browser.open(f"/o/{self.customers[number].token}")
        for _ in range(4):  # as often as there is a newer version than the one on the screen
            forms = [form for form in page.forms if "/order/pay/" in form.action]
            if not forms:
                return ""
            page = page.press(forms[0].buttons[0][0], forms[0].action)
            if page.status == 303:
                return page.response.headers["location"]
        raise AssertionError(f"{page.status}: {page.text}")

    def pay(self, page: str) -> str:
        """What a customer does on Stripe's page: 'paid', 'closed' where the shop has withdrawn it, or 'no page'."""
        if not page:
            return "no page"
        try:
            self.stripe.pay(page)
        except AssertionError:
            return "closed"
        return "paid"

    def pay_late(self, number: int, page: str) -> str:
        """The customer leaves the page open until the quote has ended."""
        self.desk.until(lambda: self._ended(self.customers[number]), "the quote does not end")
        return self.pay(page)

    def _ended(self, task: Task) -> bool:
        with self.desk.app.app_context():
            state = db.session.get_one(Quote, task.quote).state
            db.session.rollback()
        return state == "expired"

    def sign_in(self, number: int) -> Browser:
        """Agent `number` at their own machine."""
        browser = self._browser(f"127.0.9.{1 + number}")
        page = browser.open("/sign-in").press("Sign in", email=self.agents[number], password=PASSWORD)
        assert page.status == 200, page.text
        return browser

    def quote(self, agent: Browser, task: Task) -> str:
        """An agent sends the quote of a verified order: 'sent', 'short' of stock, 'not offered' by the page, or 'faster'
        where money has come since the mail was written, which does not speak of it."""
        page = agent.open(f"/conversations/{task.conversation}/compose/reply?quote={task.number}")
        if "Send" not in page.buttons():
            return "not offered"
        page = page.press("Send", "/send")
        if page.status == 422 and "has come for this order" in page:
            return "faster"
        assert page.status == 200, page.text
        return "short" if "There is not enough in stock" in page else "sent"

    def revise(self, agent: Browser, task: Task) -> str:
        """An agent opens a quoted order again, takes one piece off and sends the next version; as `quote`, or 'faster'
        where the customer's money was faster."""
        for action, values in (("/amend", {}), ("quantity", {"quantity": "1"}), ("/verify", {})):
            page = agent.open(f"/conversations/{task.conversation}?order={task.number}")
            status = self._do(page, task, action, values)
            if status != 200:
                assert status == 409, page.text
                return "faster"
        return self.quote(agent, task)

    def _do(self, page: Page, task: Task, action: str, values: dict[str, str]) -> int:
        for form in page.forms:
            if f"/orders/{task.number}/" not in form.action:
                continue
            if action == "quantity" and any(name == "quantity" for name, _ in form.fields):
                return page._send(form, {**values, "act": "quantity"}, "").status
            if form.action.endswith(action):
                return page._send(form, values, "").status
        return 409

    def taken(self) -> dict[str, int]:
        """What Stripe took: its id of the payment -> amount."""
        sessions = [
            self.stripe.session(key.rpartition(":")[2]) for key in self.stripe.call("GET", "/_sessions")
        ]
        return {one["payment_intent"]: one["amount_total"] for one in sessions if one["payment_intent"]}

    def number_of(self, state: str) -> int:
        """How many of the minute's orders are in a state."""
        numbers = [task.number for task in (*self.customers, *self.unquoted)]
        with self.desk.app.app_context():
            found = db.session.query(Order).filter(Order.number.in_(numbers), Order.state == state).count()
            db.session.rollback()
        return found
