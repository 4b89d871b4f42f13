"""Orders of the large store, as they stand after they were read, accepted, asked about, verified or cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from checkout_desk.conversations import next_action
from checkout_desk.orders.models import MessageReading, Order, OrderLine
from checkout_desk.seeding.goods import Good

SHARE = 1 / 3
"""of the conversations that order something"""
TABLES = (Order, OrderLine, MessageReading)
STATES = {
    "open": {"new": 45, "incomplete": 20, "answered": 15, "verified": 20},
    "waiting": {"asked": 80, "cancelled": 20},
    "snoozed": {"new": 40, "asked": 60},
    "closed": {"verified": 85, "cancelled": 15},
}
"""state of the conversation -> how far its order is: not looked at, lacking something, asked for it,
told by the customer, verified, cancelled"""
PLACES = {
    "en": ("GB", "12 High Street", "Leeds", "", "LS1 4AP", "+441132345678"),
    "de": ("DE", "Lindenweg 7", "Kassel", "", "34117", "+495617654321"),
    "fr": ("FR", "3 rue des Lilas", "Rennes", "", "35000", "+33299112233"),
    "es": ("ES", "Calle Mayor 5", "Sevilla", "", "41001", "+34954112233"),
    "it": ("IT", "Via Roma 8", "Torino", "", "10121", "+390115112233"),
    "nl": ("NL", "Dorpsstraat 21", "Utrecht", "", "3511 AB", "+31302112233"),
    "pl": ("PL", "ul. Lipowa 4", "Gdańsk", "", "80-001", "+48583112233"),
    "ja": ("JP", "神南1-2-3", "渋谷区", "東京都", "150-0041", "+81334112233"),
}
"""language -> country, street, town, region, postcode, phone"""


@dataclass
class Ordered:
    """An order while its conversation is written."""

    words: str
    """the lines that stand in the first mail"""
    wanted: list[tuple[int, Good]]
    stage: str
    id: int
    number: int
    row: dict[str, Any] = field(default_factory=dict)
    step: str | None = None

    def asks(self, length: int) -> bool:
        """Whether the newest of `length` mails wants words: not when it only orders, or only answers our question."""
        return length > 1 and self.stage != "answered" and self.id % 2 == 0

    def shown(self) -> dict[str, Any]:
        """The columns of the conversation that say what its order wants."""
        if self.stage == "cancelled":
            return no_order()
        return {"order_step": self.step, "order_id": self.id, "order_number": self.number, "order_state": self.row["state"],
                "order_total_minor": self.row["total_minor"], "order_currency": self.row["currency"],
                "order_gaps": self.row["gap_count"]}  # fmt: skip


def no_order() -> dict[str, Any]:
    """The same columns of a conversation without an order that is not over."""
    return {"order_step": None, "order_id": None, "order_number": None, "order_state": None,
            "order_total_minor": None, "order_currency": None, "order_gaps": 0}  # fmt: skip


class Orderer:
    """Makes orders from one random generator of its own, so that the mails do not depend on them."""

    def __init__(
        self, rng: Random, goods: list[Good], *, currency: str, ask_phone: bool, free: Any, note: Any
    ) -> None:
        self.rng, self.goods, self.currency, self.ask_phone = rng, goods, currency, ask_phone
        self.free, self.note = free, note

    def begin(self, state: str) -> Ordered | None:
        """Whether a conversation that ends in `state` begins with an order, and with which."""
        if state not in STATES or self.rng.random() >= SHARE or not self.goods:
            return None
        wanted = [
            (self.rng.randrange(1, 7), good) for good in self.rng.sample(self.goods, self.rng.randrange(1, 5))
        ]
        mix = STATES[state]
        stage = self.rng.choices(list(mix), list(mix.values()))[0]
        words = "\n".join(f"{n} x {good.name}" for n, good in wanted)
        return Ordered(words, wanted, stage, self.free(Order.__tablename__), self.free("order_number"))

    def finish(
        self, ordered: Ordered, *, first: dict[str, Any], customer_id: int, email: str, name: str, language: str,
        person_id: int, conversation_id: int,
    ) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
        """The rows of an order whose first mail is `first`, by table name."""
        at: datetime = first["at"]
        missing = self._missing(ordered.stage)
        done, actor = at + timedelta(minutes=2), f"person:{person_id}"
        accepted = ordered.stage not in ("new", "cancelled")
        lines = self._lines(ordered, first, done if accepted else None, person_id)
        state = {"new": "draft", "incomplete": "draft", "asked": "clarifying", "answered": "clarifying"}.get(
            ordered.stage, ordered.stage
        )
        ordered.row = {
            "id": ordered.id, "number": ordered.number, "conversation_id": conversation_id, "customer_id": customer_id,
            "state": state, "currency": self.currency, "language": language if language in ("en", "de", "fr", "es", "it", "nl", "ja") else "en",
            "email": email, **self._details(language, name, missing, first), "asked": [], "gap_count": len(missing),
            "total_minor": sum(n * good.price_minor for n, good in ordered.wanted), "created_at": at,
            "created_by_id": None, "born_of_id": first["id"], "verified_at": None, "verified_by_id": None,
            "cancelled_at": None, "cancel_reason": None, "remind_at": None, "updated_at": done, "version": 2,
        }  # fmt: skip
        self._tell(ordered, first, conversation_id, at, done, actor)
        if ordered.stage == "asked":
            ordered.row["asked"] = [
                {"gap": gap, "line": None, "at": done.isoformat(), "message": None} for gap in missing
            ]
        elif ordered.stage == "verified":
            ordered.row.update(verified_at=done, verified_by_id=person_id)
        elif ordered.stage == "cancelled":
            ordered.row.update(cancelled_at=done, cancel_reason="The customer ordered twice.")
        ordered.step = {
            "new": next_action.CHECK_ORDER, "incomplete": next_action.ASK_DETAILS, "asked": next_action.ASK_DETAILS,
            "answered": next_action.CHECK_ANSWER, "verified": next_action.SEND_QUOTE,
        }.get(ordered.stage)  # fmt: skip
        return {
            Order.__tablename__: [ordered.row],
            OrderLine.__tablename__: lines,
            MessageReading.__tablename__: [self._reading(ordered, first, language)],
        }

    def _missing(self, stage: str) -> list[str]:
        """What the order lacks, in the order of `completeness.gaps`."""
        if stage in ("verified", "answered"):
            return []
        gaps = ["ship_to.postcode"] if stage != "new" or self.rng.random() < 0.5 else []
        return gaps + (["phone"] if self.ask_phone and self.rng.random() < 0.4 else [])

    def _details(self, language: str, name: str, missing: list[str], first: dict[str, Any]) -> dict[str, Any]:
        country, line1, city, region, postcode, phone = PLACES.get(language, PLACES["en"])
        fields = {
            "phone": "" if "phone" in missing else phone, "ship_name": name, "ship_line1": line1, "ship_line2": "",
            "ship_city": city, "ship_region": region, "ship_postcode": "" if "ship_to.postcode" in missing else postcode,
            "ship_country": country,
        }  # fmt: skip
        entry = {"by": "reading", "span": None, "source": "body", "rule": "address", "confidence": 0.93,
                 "inferred": False, "at": first["at"].isoformat(), "message": first["id"]}  # fmt: skip
        return {**fields, "sources": {key: entry for key, value in fields.items() if value}}

    def _lines(
        self, ordered: Ordered, first: dict[str, Any], accepted_at: datetime | None, person_id: int
    ) -> list[dict[str, Any]]:
        rows = []
        for position, (n, good) in enumerate(ordered.wanted, 1):
            text, start, end = _said(first["text"], n, good)
            rows.append(
                {"id": self.free(OrderLine.__tablename__), "order_id": ordered.id, "position": position, "product_id": good.id,
                 "quantity": n, "unit_price_minor": good.price_minor, "standing": "said", "candidates": [], "text": text,
                 "message_id": first["id"], "source": "body", "span_start": start, "span_end": end,
                 "rule": "quantity-x-name", "confidence": 0.97, "typed": {}, "accepted_at": accepted_at,
                 "accepted_by_id": person_id if accepted_at else None, "removed_at": None, "removed_why": ""}
            )  # fmt: skip
        return rows

    def _reading(self, ordered: Ordered, first: dict[str, Any], language: str) -> dict[str, Any]:
        lines = []
        for n, good in ordered.wanted:
            text, start, end = _said(first["text"], n, good)
            lines.append({"sku": good.sku, "quantity": n, "text": text, "span": [start, end], "source": "body",
                          "confidence": 0.97, "rule": "quantity-x-name"})  # fmt: skip
        reading = {"lines": lines, "ambiguous": [], "unmatched": [], "customer": {"name": None, "email": None, "phone": None},
                   "ship_to": None, "gaps": []}  # fmt: skip
        return {"message_id": first["id"], "kind": "order", "role": "new", "language": language, "reading": reading,
                "milliseconds": 6.0, "at": first["at"]}  # fmt: skip

    def _tell(
        self, ordered: Ordered, first: dict[str, Any], conversation_id: int, at: datetime, done: datetime, actor: str
    ) -> None:  # fmt: skip
        about, state = ("order", ordered.id), ordered.row["state"]
        self.note(
            at + timedelta(seconds=1), "desk", "order.drafted", about,
            after={"number": ordered.number, "message": first["id"], "conversation": conversation_id, "version": 1},
        )  # fmt: skip
        if ordered.stage not in ("new", "cancelled"):
            after = {"count": len(ordered.wanted), "version": 1}
            self.note(done, actor, "order.lines_accepted", about, after=after)
        if state != "draft":
            kind = {"clarifying": "asked"}.get(state, state)
            after = {"state": state, "version": 2}
            self.note(done, actor, f"order.{kind}", about, before={"state": "draft"}, after=after)


def _said(text: str, n: int, good: Good) -> tuple[str, int, int]:
    """The words of a line and where they stand."""
    words = f"{n} x {good.name}"
    start = text.index(words)
    return words, start, start + len(words)
