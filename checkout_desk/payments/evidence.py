"""What speaks for a match and against it, as sentences for people; and the facts that they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checkout_desk import money
from checkout_desk.orders import references
from checkout_desk.payments.resembling import CLOSE, resemblance


@dataclass(frozen=True, slots=True)
class Money:
    """What came in, as far as it helps to find its quote."""

    amount_minor: int
    """what of the payment belongs to nothing yet"""
    currency: str
    received_at: datetime
    source: str = "bank"
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""
    quote_id: int | None = None
    """the quote that the provider's own session was made for"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quote that comes into question."""

    quote_id: int
    order_number: int
    number: int
    state: str
    currency: str
    total_minor: int
    allocated_minor: int = 0
    customer_id: int | None = None
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    expires_at: datetime | None = None
    order_state: str = "quoted"

    @property
    def label(self) -> str:
        """As people call it: 1042-Q2."""
        return f"{self.order_number}-Q{self.number}"

    @property
    def open_minor(self) -> int:
        """What is still to be paid."""
        return max(self.total_minor - self.allocated_minor, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (`good`) or against the match, as a sentence for people."""

    what: str
    """reference, amount, name, account, currency, state, time, session"""
    says: str
    good: bool = True


def reference(one: references.Reference, quote: Candidate) -> Evidence:
    """How the payer named the quote."""
    written = " ".join(one.text.split())[:60]
    if one.how == "repaired":
        return Evidence(
            "reference", f"Reference “{written}” has a typo; the nearest is quote {quote.label}", False
        )
    if one.how == "order":
        return Evidence("reference", f"“{written}” names order {quote.order_number}, not which quote", False)
    return Evidence("reference", f"Reference “{written}” names quote {quote.label}")


def end(paid: Money, quote: Candidate) -> Evidence:
    """When the quote ended, seen from the payment."""
    ended = quote.expires_at
    assert ended is not None
    if paid.received_at <= ended:
        return Evidence("time", f"The money came before quote {quote.label} ended on {ended:%-d %B}")
    days = max((paid.received_at - ended).days, 1)
    late = "a day" if days == 1 else f"{days} days"
    return Evidence(
        "time", f"Quote {quote.label} ended on {ended:%-d %B}, {late} before the money came", False
    )


def person(paid: Money, quote: Candidate) -> tuple[Evidence, ...]:
    """What the payer's name and account say about the customer of a quote."""
    facts = []
    if paid.payer_account and paid.payer_account.casefold() in {email.casefold() for email in quote.emails}:
        facts.append(Evidence("account", f"{paid.payer_account} is the address of the customer"))
    payer, names = paid.payer_name.strip(), [name for name in quote.names if name.strip()]
    if payer and names:
        score, best = max((resemblance(payer, name), name) for name in names)
        if payer.casefold() == best.casefold():
            facts.append(Evidence("name", f"Name “{payer}” is the customer’s"))
        elif score >= CLOSE:
            facts.append(Evidence("name", f"Name “{payer}” is close to {best}"))
        else:
            facts.append(Evidence("name", f"Name “{payer}” is not like {best}", False))
    return tuple(facts)


def no_reference(paid: Money) -> str:
    """What the payer wrote instead of a reference."""
    written = " ".join(paid.text.split())
    return f"“{written[:60]}” names no quote" if written else "The payer wrote no reference"


def currency(paid: Money, quote: Candidate) -> Evidence:
    """The money is of another kind."""
    came, wanted = show(paid.amount_minor, paid), money.show(quote.open_minor, quote.currency)
    return Evidence(
        "currency",
        f"{came} came in {paid.currency}; quote {quote.label} wants {wanted} in {quote.currency}",
        False,
    )


def difference(by: int, wanted: int, paid: Money) -> Evidence:
    """How much more or less came than was wanted, in money and percent."""
    sign, word = ("+", "over") if by > 0 else ("−", "under")
    share = f", {_percent(abs(by) * 100 / wanted)}" if wanted else ""
    return Evidence("amount", f"{sign}{show(abs(by), paid)} {word}{share}", False)


def show(minor: int, paid: Money) -> str:
    """An amount in the payment's currency."""
    return money.show(minor, paid.currency)


def provider(source: str) -> str:
    """Who took the money."""
    return {"stripe": "Stripe", "paypal": "PayPal", "hand": "A colleague"}.get(source, "The bank")


def _percent(value: float) -> str:
    return f"{value:.1f} %" if value >= 0.05 else "less than 0.1 %"
