"""A whole shop in this process: everything that the ten steps of the fault matrix need, what goes on by itself, and checks.

The queue is away (nobody listens at its address), so every ring is lost; `by_itself` is the clock's work at later and later
moments, whose rings are answered. The SMTP server, Stripe and the carrier's machine are real servers on this machine.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from checkout_desk import clock, queue, schedule
from checkout_desk.catalogue import stock
from checkout_desk.events.recording import acting_as
from checkout_desk.extensions import db
from checkout_desk.payments.models import Payment
from checkout_desk.settings import starting
from checkout_desk.shipping import carriers
from checkout_desk.shipping.models import Carrier, CarrierEvent, Label, Shipment
from tests.builders import Shop
from tests.faults.goods import check_goods
from tests.faults.invariants import check_invariants, waiting
from tests.faults.money import check_money, waiting_for_money
from tests.orders.stage import Stage, product
from tests.page import Browser
from tests.parts.easypost import KEY, WEBHOOK_SECRET, EasyPost
from tests.parts.localstripe import LocalStripe, signature
from tests.parts.smtp import SmtpSink
from tests.payments.providers.conftest import Office
from tests.shipping.road import Road
from tests.signing import signed_in

LATER = (0.5, 1.5, 3, 13, 26, 40, 75)
"""minutes: the last ones for what waits by design, such as a mail in doubt (10 min of SMTP) and a purchase without answer"""
SWEEPS = (
    "outbox",
    "raw mail",
    "payment events",
    "payments",
    "statements",
    "refunds",
    "doubtful refunds",
    "carrier events",
    "bought labels",
)
_numbers = itertools.count(1)


_RUNG: list[tuple[str, tuple[int, ...]]] = []
"""what was rung for while a worker answers: it is done in this process"""


def _bell(name: str, *ids: int) -> None:
    _RUNG.append((name, ids))


def _codes() -> Iterator[str]:
    """Numbers of USPS with the right check digit."""
    for serial in itertools.count(1):
        body = f"9400111202555842{serial:05d}"
        total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
        yield body + str(-total % 10)


class Yard(Office, Road):
    """A shop that takes mail, quotes, is paid through Stripe and by bank, buys labels, ships and is told of the way."""

    def __init__(self, shop: Shop, *, sink: SmtpSink, stripe: LocalStripe, carrier: EasyPost) -> None:
        super().__init__(Stage(shop))
        self.sink, self.stripe, self.carrier = sink, stripe, carrier
        self.app = shop.app
        self.acknowledged: list[bytes] = []
        carrier._codes = _codes()
        shop.smtp_works(True)
        shop.app.config["DESK_PRIVATE_MAIL_HOSTS"] = True
        shop.set_mailbox(smtp_host=sink.host, smtp_port=sink.port, smtp_tls="none")
        shop.set_store(undo_seconds=0)
        with shop.writing():
            starting.open_rules("GB", "GBP", on=date(2020, 1, 1))
            stock.receive(product("MUG-BLU").id, 2000, occasion="more")
            found = db.session.query(Carrier).one()
            settings = {"mode": "sandbox", "from_street": "14 Row", "from_city": "Bristol", "from_zip": "BS1"}
            values = {"name": found.name, "adapter": "easypost", "handover": "number", "pattern": "usps"}
            secrets = {"api_key": KEY, "webhook_secret": WEBHOOK_SECRET}
            carriers.save(found, values, settings=settings, secrets_typed=secrets)
            found.settings = {**found.settings, "api_base": f"{carrier.url}/v2"}
            self.carrier_id = found.id
        self.card = self.method("stripe", stripe.url)
        for role in ("processing", "support", "logistics", "manager", "admin"):
            shop.person(role)  # hired before anything is cut
        self._browser: Browser | None = None

    # -- people ---------------------------------------------------------------------------------------------

    @property
    def agent(self) -> Browser:
        """Somebody of processing at their desk."""
        if self._browser is None:
            self._browser = Browser(self.app, signed_in(self.app, self.shop.person("processing")))
        return self._browser

    @staticmethod
    def somebody() -> str:
        """A customer who never wrote before."""
        return f"Jane Fox <jane{next(_numbers)}@customer.example>"

    def quoted_now(self) -> tuple[int, int]:
        """(number of an order, id of its quote), sent now to somebody new."""
        return self.quoted(when=clock.now(), sender=self.somebody())

    def paid_now(self) -> int:
        """The number of an order of somebody new that was paid through Stripe."""
        number, quote_id = self.quoted_now()
        self.stripe.pay(self.page(quote_id, self.card).url)
        self.post("/hooks/stripe", *self.told_by_stripe())
        self.understand_all()
        assert self.quote(quote_id).state == "paid"
        return number

    def packed_now(self) -> tuple[int, int]:
        """(number of an order that was paid by bank, id of its parcel), packed now."""
        number, quote_id = self.quoted_now()
        quote = self.quote(quote_id)
        self.pay(quote.total_minor, quote.reference, when=clock.now())
        return number, self.packed(number, clock.now())

    def numbered(self, parcel_id: int) -> str:
        """A parcel gets a number that nobody had; returns it."""
        code = next(self.carrier._codes)
        with self.shop.writing():
            parcel = db.session.get_one(Shipment, parcel_id)
            parcel.tracking_number = parcel.tracking_key = code
        return code

    # -- what knocks ----------------------------------------------------------------------------------------

    def told_by_stripe(self) -> tuple[bytes, dict[str, str]]:
        """The newest payment as Stripe posts it."""
        body = json.dumps(self.stripe.events("payment_intent.succeeded")[-1]).encode()
        return body, {"Stripe-Signature": signature(body, at=clock.now().timestamp())}

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """Somebody's machine posts to a hook; the status."""
        return self.app.test_client().post(path, data=body, headers=headers).status_code

    # -- what goes on by itself -----------------------------------------------------------------------------

    def by_itself(self) -> None:
        """The clock's work, later and later, with a worker that answers: nobody else does anything."""
        now = clock.now()
        entries = [entry for entry in schedule.TABLE if entry.name in SWEEPS]
        assert len(entries) == len(SWEEPS)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queue, "_put", _bell)
            for minutes in LATER:
                with clock.pretending(now + timedelta(minutes=minutes)):
                    for entry in entries:
                        assert schedule.once(self.app, entry), f"{entry.name} failed"
                        self._answer()
                if not self.waits():
                    return

    def _answer(self) -> None:
        while _RUNG:
            name, ids = _RUNG.pop(0)
            with self.app.app_context(), acting_as("desk", name), contextlib.suppress(RuntimeError):
                queue.run(name, *ids)

    def waits(self) -> list[str]:
        """What still has to happen by itself (I10)."""
        doubtful = self.shop.all(
            Label, (Label.state == "buying") | (Label.state == "made") & Label.pdf_sha256.is_(None)
        )
        heard = self.shop.all(CarrierEvent, CarrierEvent.understood_at.is_(None))
        found = [*waiting(self.app), *waiting_for_money(self.app)]
        return found + [f"I10: {row!r} waits" for row in (*doubtful, *heard)]

    # -- what must be true ----------------------------------------------------------------------------------

    def taken(self) -> dict[str, int]:
        """What Stripe took: its id of the payment -> amount."""
        found = [self.stripe.session(key.rpartition(":")[2]) for key in self.stripe.call("GET", "/_sessions")]
        return {one["payment_intent"]: one["amount_total"] for one in found if one["payment_intent"]}

    def broken(self, *, at_rest: bool = True) -> list[str]:
        """I1 to I10 as sentences, of this shop, its SMTP server, its provider and its carrier."""
        found = check_invariants(
            self.app, self.sink.accepted, acknowledged=self.acknowledged, at_rest=at_rest
        )
        found += check_goods(self.app, charged=self.carrier.charged)
        if at_rest:
            told = self.taken()
            banked = {p.source_ref: p.amount_minor for p in self.shop.all(Payment, Payment.source == "bank")}
            found += check_money(self.app, sent=self.sink.accepted, taken={**told, **banked})
        return found
