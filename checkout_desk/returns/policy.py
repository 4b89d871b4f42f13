"""Whether the store takes something back, and who pays for its way: a pure function of the store's rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from checkout_desk.settings.effective import long_day

ALWAYS = ("damaged", "wrong_item")
"""reasons that have no end: what was sold is not what came"""
OUR_FAULT = (*ALWAYS, "not_as_described")
"""reasons for which the store pays the way back"""
TASTE = ("changed_mind", "does_not_fit")
"""reasons for which what is sold for good stays sold"""


@dataclass(frozen=True, slots=True)
class Sale:
    """What of an order matters here."""

    delivered_on: date | None
    """the day on which the last of it arrived; None while it is on its way"""
    days: int
    """within which it may come back (Store.return_days)"""
    way_back: str
    """who pays for it when nobody did anything wrong: 'customer' or 'store'"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A product that is to come back."""

    name: str
    final_sale: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say, for a person to follow or to overrule."""

    allowed: bool
    sentence: str
    way_back: str


def verdict(sale: Sale, lines: Iterable[Wanted], reason: str, today: date) -> Verdict:
    """The verdict on a request of `today`.

    What was damaged or wrong comes back at any time, at the store's cost. All else within the window, its last day
    included; and what is sold for good does not come back because somebody changed their mind or it does not fit.
    """
    way_back = "store" if reason in OUR_FAULT else sale.way_back
    if reason in ALWAYS:
        return Verdict(
            True, "It was our fault: it may come back at any time, and we pay for the way.", way_back
        )
    final = next((line.name for line in lines if line.final_sale), None)
    if final is not None and reason in TASTE:
        return Verdict(
            False, f"{final[:120]} was sold for good; it comes back only when it is at fault.", way_back
        )
    if sale.delivered_on is None:
        return Verdict(True, "It has not arrived yet, so it is in time.", way_back)
    last = sale.delivered_on + timedelta(days=sale.days)
    if today > last:
        return Verdict(
            False,
            f"It arrived on {long_day(sale.delivered_on)}; the {sale.days} days to send it back ended on "
            f"{long_day(last)}.",
            way_back,
        )
    return Verdict(True, f"It is in time: until {long_day(last)} it may come back.", way_back)
