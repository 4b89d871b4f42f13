"""Stock and money: what stands on the shelf and how long it lasts, what came in and went back, and the tax in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from checkout_desk import money
from checkout_desk.desk.paths import path
from checkout_desk.desk.report_frame import Asked, Looked, Shown, count, figure, stamped
from checkout_desk.desk.report_pages import Place, instant
from checkout_desk.reports import goods, rollups, takings
from checkout_desk.reports.dayrows import DayRow, split, total
from checkout_desk.reports.remembered import Days, at
from checkout_desk.reports.tables import Bar, Cell, Section
from checkout_desk.reports.takings import BACK, IN, PAID, TAX, Standing
from checkout_desk.settings.choices import countries
from checkout_desk.settings.models import store

LISTED = 50
IDLE = 20
SOURCES = {"stripe": "Stripe", "paypal": "PayPal", "bank": "Bank transfer", "hand": "Entered by hand"}
Parts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report is made of."""

    days: Sequence[Days]
    """of the money, of the days before, and of what was sold"""
    standing: Mapping[str, Standing]
    shelves: Mapping[str, goods.Shelf]
    known: Sequence[Any]
    """products that were sold"""
    idle: Sequence[Any]
    currency: str


def look(asked: Asked) -> Looked:
    """The days, and what stands and is open now. Two queries where nothing has changed."""
    days = rollups.look(("money", asked.period), ("money", asked.against), ("sold", asked.period))
    pace = days[2].made(sold)
    head, sale = days[0].head, days[2].stamp
    known = at(head, ("balances", sale), lambda: goods.balances(sorted(pace)))
    idle = at(head, ("idle", sale), lambda: goods.idle(set(pace), limit=IDLE))
    standing, shelves = at(head, "standing", takings.standing), at(head, "shelves", goods.shelves)
    facts = Facts(days, standing, shelves, known, idle, store().currency)
    also = (
        *facts.standing.items(),
        *facts.shelves.items(),
        *map(tuple, known),
        *map(tuple, idle),
        facts.currency,
    )
    return Looked(stamped(*days, also=also), facts)


def sold(rows: Iterable[DayRow]) -> dict[int, int]:
    """Product → pieces, of those of which some were sold in these days."""
    return {int(part): data["sold"] for part, data in total(rows).items() if data["sold"] > 0}


def load(asked: Asked, facts: Facts) -> Shown:
    """The report."""
    rows, (now, then) = facts.days[0].rows, (days.made(total) for days in facts.days[:2])
    open_, shelves = facts.standing, facts.shelves
    usual = facts.currency
    figures = [
        figure("Paid", _sums(now, PAID), f"before {_sums(then, PAID)}", _url(asked, of=PAID)),
        figure("Received", _sums(now, IN), f"before {_sums(then, IN)}", _url(asked, of=IN)),
        figure("Refunded", _sums(now, BACK), f"before {_sums(then, BACK)}", _url(asked, of=BACK)),
        figure("Open now", _open(open_), "quotes that may be paid, and what is on account"),
        figure("Stock now", " + ".join(money.show(one.value_minor, at) for at, one in shelves.items()) or money.show(0, usual), "on hand, at today’s prices"),
    ]  # fmt: skip
    return Shown(
        "Sums of these days; stock and what is open are those of this moment",
        figures,
        [
            _flow(asked, now, then), _per_day(asked, rows, usual), _standing(open_), _tax(asked, now, then),
            _shelves(shelves), *_cover(asked, facts),
        ],
    )  # fmt: skip


def _url(asked: Asked, **words: str) -> str:
    return asked.behind("money", **words)


def _cash(minor: int, currency: str, url: str = "") -> Cell:
    return Cell(money.show(minor, currency), url, value=money.to_decimal(minor, currency))


def _of(parts: Parts, kind: str) -> dict[str, Mapping[str, Any]]:
    """The parts of a kind by what follows it."""
    return {part.partition("|")[2]: data for part, data in parts.items() if split(part)[0] == kind}


def _sums(parts: Parts, kind: str) -> str:
    found: dict[str, int] = {}
    for rest, data in _of(parts, kind).items():
        currency = rest.rpartition("|")[2]
        found[currency] = found.get(currency, 0) + data["minor"]
    return " + ".join(money.show(minor, currency) for currency, minor in sorted(found.items())) or "0"


def _open(found: Mapping[str, Standing]) -> str:
    sums = {currency: one.live[1] + one.on_account[1] for currency, one in found.items()}
    return " + ".join(money.show(minor, currency) for currency, minor in sums.items() if minor) or "0"


def _flow(asked: Asked, now: Parts, then: Parts) -> Section:
    rows: list[list[Cell]] = []
    for kind, title in ((IN, "Received"), (PAID, "Quotes paid"), (BACK, "Refunded")):
        for rest, data in sorted(_of(now, kind).items()):
            source, _, currency = rest.rpartition("|")
            name = f"{title}: {SOURCES.get(source, source)}" if source else title
            words = {"of": kind, "currency": currency} | ({"source": source} if source else {})
            was = _of(then, kind).get(rest, {"n": 0, "minor": 0})
            rows.append([
                Cell(name), Cell(currency), count(data["n"], _url(asked, **words)), _cash(data["minor"], currency, _url(asked, **words)),
                Cell(str(was["n"])), _cash(was["minor"], currency),
            ])  # fmt: skip
    return Section(
        "flow", "In and out",
        "Received: money by the day on which it arrived, whatever it was for. Quotes paid: what quotes came to that were paid in full, by "
        "the day of their payment. Refunded: by the day on which the refund was done. Currencies are never added up.",
        ("What", "Currency", "Number", "Sum", "Number before", "Sum before"), rows, wide=True, empty="No money moved in these days.",
    )  # fmt: skip


def _per_day(asked: Asked, rows: Iterable[DayRow], currency: str) -> Section:
    paid: dict[date, Mapping[str, Any]] = {
        row.day: row.data for row in rows if row.part == f"{PAID}|{currency}"
    }
    bars = [
        Bar(
            str(day.day),
            float(money.to_decimal(data["minor"], currency)),
            money.show(data["minor"], currency),
        )
        for day, data in sorted(paid.items())
    ]
    table = [
        [
            Cell(f"{day:%a} {day.day} {day:%b}", value=day),
            Cell(str(data["n"])),
            _cash(data["minor"], currency),
        ]
        for day, data in sorted(paid.items())
    ]
    return Section(
        "days", f"Paid per day, {currency}", "Quotes that were paid in full, in the store’s currency, by the store’s day.",
        ("Day", "Quotes", "Paid"), table, bars=bars, chart=f"Paid on {len(bars)} days, in {currency}.", meta=currency,
        empty=f"Nothing was paid in {currency} in these days.",
    )  # fmt: skip


def _tax(asked: Asked, now: Parts, then: Parts) -> Section:
    before = _of(then, TAX)
    rows = []
    for rest, data in sorted(_of(now, TAX).items()):
        currency, country, ppm, treatment = split(rest)
        url = _url(asked, of=TAX, part=rest)
        was = before.get(rest, {"tax": 0})
        rows.append([
            Cell(countries().get(country, country) or "Unknown"), Cell(rate(int(ppm)), value=int(ppm) / 10_000, unit="%"),
            Cell(treatment.replace("_", " ")), count(data["n"], url), _cash(data["net"], currency), _cash(data["tax"], currency, url),
            _cash(was["tax"], currency),
        ])  # fmt: skip
    return Section(
        "tax", "Tax by country and rate",
        "From the quotes that were paid in these days, as their customers were told it. The country is where the parcel goes. What bears no tax "
        "is the rate 0 %, so that net and tax over all rows are what was paid.",
        ("Country", "Rate", "Treatment", "Quotes", "Net", "Tax", "Tax before"), rows, wide=True, empty="No quote was paid in these days.",
    )  # fmt: skip


def rate(ppm: int) -> str:
    """`20 %`, `5.5 %`."""
    return f"{ppm / 10_000:g} %"


def _standing(found: Mapping[str, Standing]) -> Section:
    names = {
        "live": "Quotes that may be paid now", "on_account": "On account: sold, not paid", "free": "Money that pays for nothing yet",
        "going_back": "Refunds on their way",
    }  # fmt: skip
    rows = [
        [
            Cell(title),
            Cell(currency),
            Cell(str(getattr(one, name)[0])),
            _cash(getattr(one, name)[1], currency),
        ]
        for currency, one in found.items()
        for name, title in names.items()
    ]
    return Section(
        "standing", "Open now", "At this moment, whatever days are chosen above.", ("What", "Currency", "Number", "Sum"), rows,
        empty="Nothing is open.",
    )  # fmt: skip


def _shelves(found: Mapping[str, goods.Shelf]) -> Section:
    rows = [
        [
            Cell(currency), Cell(str(one.products)), Cell(str(one.available)), Cell(str(one.held)), Cell(str(one.committed)),
            Cell(str(one.on_hand)), _cash(one.value_minor, currency),
        ]
        for currency, one in found.items()
    ]  # fmt: skip
    return Section(
        "shelf", "Stock now",
        "The ledger’s balances of this moment, by the currency of the price. On hand is available, held for quotes and committed to sales "
        "together; its value is that of today’s prices.",
        ("Priced in", "Products", "Available", "Held", "Committed", "On hand", "Value"), rows, wide=True, empty="The catalogue is empty.",
    )  # fmt: skip


def _cover(asked: Asked, facts: Facts) -> list[Section]:
    """How long stock lasts at the pace of the chosen days, the shortest first, and what does not sell."""
    pace, long = facts.days[2].made(sold), len(asked.period.days)
    known = {row.id: row for row in facts.known}
    ranked = sorted((max(known[one].available, 0) * long / n, one) for one, n in pace.items() if one in known)
    rows = [_product(known[one], pace[one], cover) for cover, one in ranked[:LISTED]]
    idle = [_product(row, 0, None) for row in facts.idle]
    head = ("Product", "SKU", "Sold", "Available", "Held", "Committed", "Days of cover", "Value on hand")
    return [
        Section(
            "cover", "How long stock lasts",
            f"Pieces that became a sale in these {long} days, less those of sales that were called off. Days of cover: what is available now, at "
            f"that pace. The {LISTED} products with the least.",
            head, rows, wide=True, empty="Nothing was sold in these days.",
        ),
        Section(
            "idle", "In stock and not sold", f"The {IDLE} products with the dearest stock of which nothing was sold in these days.", head, idle,
            wide=True, empty="Everything in stock was sold in these days.",
        ),
    ]  # fmt: skip


def _product(row: Any, sold: int, cover: float | None) -> list[Cell]:
    days = Cell("–") if cover is None else Cell(f"{cover:.0f}", value=round(cover, 1))
    return [
        Cell(row.name, path("catalogue.show", product_id=row.id)), Cell(row.sku), Cell(str(sold)), Cell(str(row.available)), Cell(str(row.held)),
        Cell(str(row.committed)), days, _cash(row.on_hand * row.price_minor, row.currency),
    ]  # fmt: skip


def behind(
    asked: Asked, words: Mapping[str, str]
) -> tuple[str, Sequence[str], list[tuple[Place, list[Any]]]]:
    """The payments, quotes or refunds that a figure counts, by time."""
    kind, part = words.get("of", ""), words.get("part", "")
    chosen = [one for one in takings.facts_in(asked.period) if _fits(one, kind, part, words)]
    names = {IN: "Payment", PAID: "Quote paid", BACK: "Refund"}
    rows: list[tuple[Place, list[Any]]] = []
    for one in chosen:
        place = (instant(one.at), sorted(names).index(one.kind), one.id)
        url = asked.order(one.order_number) if one.order_number else ""
        if one.kind == IN:
            url = path("payments.show")
        name = str(one.content["quote"]) if one.content else f"{names[one.kind]} {one.id}"
        sums = (
            [(net, tax) for found, net, tax in takings.taxes(one) if found == f"{TAX}|{part}"] if part else []
        )
        told = "; ".join(
            f"net {money.show(net, one.currency)}, tax {money.show(tax, one.currency)}" for net, tax in sums
        )
        rows.append((place, [
            Cell(name, url), Cell(asked.face.short(one.at)), Cell(SOURCES.get(one.source, names[one.kind])),
            Cell(told or money.show(one.minor, one.currency)),
        ]))  # fmt: skip
    return "Sums behind this figure", ("What", "When", "Kind", "Sum"), rows


def _fits(one: takings.Fact, kind: str, part: str, words: Mapping[str, str]) -> bool:
    if kind == TAX:
        return any(found == f"{TAX}|{part}" for found, _, _ in takings.taxes(one))
    return (
        one.kind == kind
        and words.get("currency", one.currency) == one.currency
        and words.get("source", one.source) == one.source
    )
