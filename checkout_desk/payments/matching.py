"""Which quote a payment pays, and how surely: a pure function of the money and the quotes that come into question.

Only one outcome is `sure` and settles by itself: the amount equals to the penny what one live quote still wants whole,
in its currency, and the quote is named by our record of the provider's session or by a reference that names its version.
Everything else is a proposal with its evidence for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from checkout_desk.orders import references
from checkout_desk.payments import evidence as says
from checkout_desk.payments.evidence import Candidate, Evidence, Money

__all__ = ["LIVE", "OUTCOMES", "Candidate", "Evidence", "Match", "Money", "Share", "match"]

OUTCOMES = (
    "exact",
    "under",
    "over",
    "split",
    "combined",
    "duplicate",
    "late",
    "wrong_currency",
    "unknown",
)
LIVE = frozenset({"sent", "accepted"})
_SURE = frozenset({"provider", "exact", "bare"})
_MOST_TOGETHER = 6
"""quotes of one customer that one payment is tried on together"""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that would pay a quote."""

    quote_id: int
    minor: int


@dataclass(frozen=True, slots=True)
class Match:
    """What the matcher says. `sure` alone lets money settle without a person."""

    outcome: str
    evidence: tuple[Evidence, ...] = ()
    proposal: tuple[Share, ...] = ()
    sure: bool = False
    paid_before: int | None = None
    """id of the one quote that the payer named and that was paid already"""


@dataclass(frozen=True, slots=True)
class _Named:
    """A quote that the payment names, and how."""

    quote: Candidate
    how: str
    """provider, exact, bare, repaired, order, replaced, name"""
    evidence: tuple[Evidence, ...] = field(default=())


def match(paid: Money, quotes: Sequence[Candidate]) -> Match:
    """The outcome for `paid`, with evidence and a proposal whose sum is never more than the amount."""
    known = [_spent(quote) for quote in quotes if quote.state != "draft"]
    named = _named(paid, known)
    if named:
        return _by_reference(paid, named, known)
    return _by_person(paid, known)


def _spent(quote: Candidate) -> Candidate:
    """A live quote that wants nothing more is as good as paid."""
    return quote if quote.open_minor or quote.state not in LIVE else replace(quote, state="paid")


def _named(paid: Money, quotes: Sequence[Candidate]) -> list[_Named]:
    """The quotes that the provider's session or the text names, the surest way of naming first."""
    by_id = {quote.quote_id: quote for quote in quotes}
    if paid.quote_id in by_id:
        quote = by_id[paid.quote_id]
        told = Evidence("session", f"{says.provider(paid.source)} took it for quote {quote.label}")
        return [_current(_Named(quote, "provider", (told,)), quotes)]
    found: dict[int, _Named] = {}
    for one in references.find(paid.text):
        of_order = [quote for quote in quotes if quote.order_number == one.order]
        if one.quote is None:
            chosen = _newest(of_order)
        else:
            chosen = next((quote for quote in of_order if quote.number == one.quote), None)
        if chosen is None:
            continue
        named = _current(_Named(chosen, one.how, (says.reference(one, chosen),)), quotes)
        found.setdefault(named.quote.quote_id, named)
    return _strongest(paid, list(found.values()))


def _strongest(paid: Money, named: list[_Named]) -> list[_Named]:
    """Without the weaker namings where the surer ones explain the amount, and without typos where something is right."""
    right = [one for one in named if one.how != "repaired"]
    named = right or named
    versions = [one for one in named if one.how in _SURE]
    if versions and sum(one.quote.open_minor for one in versions) >= paid.amount_minor:
        return versions
    if all(
        one.how == "repaired" for one in named
    ):  # several versions lie one character away: the amount tells
        fitting = [one for one in named if one.quote.open_minor == paid.amount_minor]
        return fitting[:1] or named[:1]
    return named


def _newest(quotes: Sequence[Candidate]) -> Candidate | None:
    live = [quote for quote in quotes if quote.state in LIVE]
    paid = [quote for quote in quotes if quote.state == "paid"]
    return max(live or paid or list(quotes), key=lambda quote: quote.number, default=None)


def _current(named: _Named, quotes: Sequence[Candidate]) -> _Named:
    """The version that took the place of the one that was named, where there is one."""
    quote = named.quote
    if quote.state not in ("superseded", "withdrawn"):
        return named
    said = "was replaced" if quote.state == "superseded" else "was withdrawn"
    later = [
        other
        for other in quotes
        if other.order_number == quote.order_number and (other.state in LIVE or other.state == "paid")
    ]
    newest = max(later, key=lambda other: other.number, default=None)
    if newest is None:
        newest = max(
            (q for q in quotes if q.order_number == quote.order_number and q.state == "expired"),
            key=lambda q: q.number,
            default=None,
        )
    if newest is None:
        told = Evidence("state", f"Quote {quote.label} {said} and nothing took its place", False)
        return replace(named, evidence=(*named.evidence, told))
    told = Evidence("state", f"Quote {quote.label} {said}; {newest.label} counts now", False)
    return _Named(newest, "replaced", (*named.evidence, told))


def _by_reference(paid: Money, named: list[_Named], quotes: Sequence[Candidate]) -> Match:
    evidence = tuple(e for one in named for e in one.evidence)
    foreign = [one.quote for one in named if one.quote.currency != paid.currency]
    if foreign:
        return Match("wrong_currency", (*evidence, says.currency(paid, foreign[0])))
    if len(named) > 1:
        return _together(paid, [one.quote for one in named], evidence)
    (one,) = named
    quote = one.quote
    evidence += says.person(paid, quote)
    if quote.state not in LIVE or _ended(paid, quote):
        past = _past(paid, quote, evidence)
        return replace(past, paid_before=quote.quote_id) if past.outcome == "duplicate" else past
    if quote.order_state != "quoted":
        told = Evidence(
            "state", f"Order {quote.order_number} is being changed since {quote.label} was sent", False
        )
        return replace(_against(paid, quote, (*evidence, told), sure=False), sure=False)
    if paid.amount_minor > quote.open_minor:
        others = _with_siblings(paid, quote, quotes)
        if others:
            found = _together(paid, others, evidence)
            told = Evidence("amount", f"Quote {quote.label} alone wants {says.show(quote.open_minor, paid)}")
            return replace(found, evidence=(*found.evidence, told))
    return _against(paid, quote, evidence, sure=one.how in _SURE)


def _against(paid: Money, quote: Candidate, evidence: tuple[Evidence, ...], *, sure: bool) -> Match:
    """The amount against one live quote in the same currency."""
    wanted, came = quote.open_minor, paid.amount_minor
    earlier: tuple[Evidence, ...] = ()
    if quote.allocated_minor:
        before = f"{says.show(quote.allocated_minor, paid)} of {says.show(quote.total_minor, paid)} was paid before"
        earlier = (Evidence("state", f"{before} for quote {quote.label}"),)
    shares = (Share(quote.quote_id, min(came, wanted)),)
    if came == wanted and not earlier:
        told = Evidence("amount", f"Amount equal to the penny: {says.show(came, paid)}")
        return Match("exact", (*evidence, told), shares, sure)
    if came > wanted:
        return Match("over", (*evidence, *earlier, says.difference(came - wanted, wanted, paid)), shares)
    if not earlier:
        return Match("under", (*evidence, says.difference(came - wanted, wanted, paid)), shares)
    if came == wanted:
        told = Evidence("amount", f"{says.show(came, paid)} is just what was missing")
    else:
        told = Evidence(
            "amount", f"{says.show(wanted - came, paid)} would still be missing after this part", False
        )
    return Match("split", (*evidence, *earlier, told), shares)


def _past(paid: Money, quote: Candidate, evidence: tuple[Evidence, ...]) -> Match:
    """The quote that was named is not live any more."""
    if quote.state == "paid":
        told = Evidence("state", f"Quote {quote.label} is paid already", False)
        same = paid.amount_minor == quote.total_minor
        amount = (
            Evidence("amount", f"The same amount once more: {says.show(paid.amount_minor, paid)}")
            if same
            else Evidence("amount", f"{says.show(paid.amount_minor, paid)} more than the quote wanted", False)
        )
        return Match("duplicate", (*evidence, told, amount))
    facts: list[Evidence] = [*evidence]
    revivable = quote.state == "expired" or quote.state in LIVE
    if revivable and quote.expires_at is not None:
        facts.append(says.end(paid, quote))
    if paid.amount_minor == quote.open_minor:
        facts.append(Evidence("amount", f"Amount equal to the penny: {says.show(paid.amount_minor, paid)}"))
    else:
        facts.append(says.difference(paid.amount_minor - quote.open_minor, quote.open_minor, paid))
    shares = (Share(quote.quote_id, min(paid.amount_minor, quote.open_minor)),) if quote.open_minor else ()
    return Match("late", tuple(facts), shares if revivable else ())


def _ended(paid: Money, quote: Candidate) -> bool:
    """The money came after the end of a quote that the clock has not ended yet."""
    return quote.expires_at is not None and paid.received_at > quote.expires_at


def _together(paid: Money, quotes: Sequence[Candidate], evidence: tuple[Evidence, ...]) -> Match:
    """One payment for several quotes."""
    live = [quote for quote in quotes if quote.state in LIVE and quote.open_minor]
    dead = [quote for quote in quotes if quote not in live]
    facts = [*evidence, *(Evidence("state", f"Quote {q.label} is {q.state}", False) for q in dead)]
    if not live:
        outcome = "duplicate" if any(quote.state == "paid" for quote in dead) else "late"
        return Match(outcome, tuple(facts))
    alone = [quote for quote in live if quote.open_minor == paid.amount_minor]
    if len(live) == 1 or len(alone) == 1:
        return _against(paid, (alone or live)[0], tuple(facts), sure=False)
    wanted = sum(quote.open_minor for quote in live)
    shares, left = [], paid.amount_minor
    for quote in live:
        if left:
            shares.append(Share(quote.quote_id, min(left, quote.open_minor)))
            left -= shares[-1].minor
    labels = " and ".join(quote.label for quote in live)
    if wanted == paid.amount_minor:
        told = Evidence("amount", f"{says.show(wanted, paid)} is what quotes {labels} want together")
        return Match("combined", (*facts, told), tuple(shares))
    outcome = "over" if paid.amount_minor > wanted else "under"
    facts.append(says.difference(paid.amount_minor - wanted, wanted, paid))
    facts.append(Evidence("state", f"Quotes {labels} want {says.show(wanted, paid)} together"))
    return Match(outcome, tuple(facts), tuple(shares))


def _with_siblings(paid: Money, quote: Candidate, quotes: Sequence[Candidate]) -> list[Candidate]:
    """`quote` and other live quotes of its customer that want together exactly what came, or nothing."""
    if quote.customer_id is None:
        return []
    others = [
        q
        for q in quotes
        if q is not quote
        and q.customer_id == quote.customer_id
        and q.state in LIVE
        and q.currency == paid.currency
    ]
    return _sum_of([quote], others[:_MOST_TOGETHER], paid.amount_minor)


def _sum_of(begun: list[Candidate], others: list[Candidate], wanted: int) -> list[Candidate]:
    """The fewest of `others` that make with `begun` exactly `wanted`; empty where none do or where several would."""
    fitting = []
    for bits in range(1, 2 ** len(others)):
        chosen = [quote for i, quote in enumerate(others) if bits >> i & 1]
        if sum(quote.open_minor for quote in begun + chosen) == wanted:
            fitting.append(chosen)
    fitting.sort(key=len)
    if not fitting or (len(fitting) > 1 and len(fitting[0]) == len(fitting[1])):
        return []
    return begun + fitting[0]


def _by_person(paid: Money, quotes: Sequence[Candidate]) -> Match:
    """Nothing was named: amount and payer have to tell, and a person decides."""
    lost = Evidence("reference", says.no_reference(paid), False)
    ours = [quote for quote in quotes if quote.currency == paid.currency]
    live = [quote for quote in ours if quote.state in LIVE]
    equal = [quote for quote in live if quote.open_minor == paid.amount_minor]
    close = [quote for quote in live if _knows(paid, quote)]
    both = [quote for quote in equal if quote in close]
    if len(both) == 1:
        return _against(paid, both[0], (lost, *says.person(paid, both[0])), sure=False)
    if both:
        labels = " and ".join(quote.label for quote in both)
        told = Evidence("amount", f"Quotes {labels} want just this amount of the same person", False)
        return Match("unknown", (lost, told))
    if close:
        return _of_customer(paid, close, lost)
    gone = [
        quote
        for quote in ours
        if quote.state in ("paid", "expired") and quote.total_minor == paid.amount_minor
    ]
    known = [quote for quote in gone if _knows(paid, quote)]
    if known:
        newest = max(known, key=lambda quote: (quote.state == "paid", quote.quote_id))
        return _past(paid, newest, (lost, *says.person(paid, newest)))
    if len(equal) == 1:
        facts = (lost, *says.person(paid, equal[0]))
        told = Evidence("amount", f"Only quote {equal[0].label} wants {says.show(paid.amount_minor, paid)}")
        return Match("unknown", (*facts, told), (Share(equal[0].quote_id, paid.amount_minor),))
    if equal:
        told = Evidence("amount", f"{len(equal)} quotes want {says.show(paid.amount_minor, paid)}", False)
        return Match("unknown", (lost, told))
    foreign = [q for q in quotes if q.currency != paid.currency and q.state in LIVE and _knows(paid, q)]
    if foreign:
        facts = (lost, *says.person(paid, foreign[0]), says.currency(paid, foreign[0]))
        return Match("wrong_currency", facts)
    told = Evidence("amount", f"No open quote wants {says.show(paid.amount_minor, paid)}", False)
    return Match("unknown", (lost, told))


def _of_customer(paid: Money, close: list[Candidate], lost: Evidence) -> Match:
    """The payer is known and no quote of theirs wants just this amount."""
    evidence = (lost, *says.person(paid, close[0]))
    if len(close) == 1:
        return _against(paid, close[0], evidence, sure=False)
    together = _sum_of([], close[:_MOST_TOGETHER], paid.amount_minor)
    if len(together) > 1:
        return _together(paid, together, evidence)
    labels = ", ".join(quote.label for quote in close)
    told = Evidence(
        "amount", f"None of the quotes {labels} wants {says.show(paid.amount_minor, paid)}", False
    )
    return Match("unknown", (*evidence, told))


def _knows(paid: Money, quote: Candidate) -> bool:
    return any(evidence.good for evidence in says.person(paid, quote))
