"""The table of matching: what came in, which quotes there are, and what the matcher has to say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from checkout_desk.payments.evidence import Candidate, Money

END = datetime(2026, 11, 9, 17, tzinfo=UTC)
CAME = datetime(2026, 11, 6, 9, tzinfo=UTC)
AFTER = datetime(2026, 11, 13, 9, tzinfo=UTC)
ANN = "Ann-Kathrin Lee"


def quote(label: str = "1042-Q2", total: int = 6390, state: str = "sent", **more: Any) -> Candidate:
    """A quote of Ann-Kathrin Lee over €63.90; its id is made of its numbers."""
    order, _, number = label.partition("-Q")
    return Candidate(
        **{
            "quote_id": int(order) * 10 + int(number),
            "order_number": int(order),
            "number": int(number),
            "state": state,
            "currency": "EUR",
            "total_minor": total,
            "customer_id": 1,
            "names": (ANN,),
            "emails": ("ann@lee.example",),
            "expires_at": END,
            **more,
        }
    )


def paid(text: str = "", amount: int = 6390, name: str = "", **more: Any) -> Money:
    """A bank transfer."""
    return Money(
        **{
            "amount_minor": amount,
            "currency": "EUR",
            "received_at": CAME,
            "text": text,
            "payer_name": name,
            **more,
        }
    )


@dataclass(frozen=True)
class Case:
    """One row of the table. `says` are all sentences, a '!' before those that speak against the match."""

    name: str
    money: Money
    quotes: tuple[Candidate, ...]
    outcome: str
    says: tuple[str, ...]
    pays: dict[str, int] = field(default_factory=dict)
    sure: bool = False


REST: dict[str, Any] = {"allocated_minor": 2000}
JANE: dict[str, Any] = {"customer_id": 2, "names": ("Jane Fox",), "emails": ("jane@fox.example",)}
CASES: list[Case] = []


def case(
    name: str,
    money: Money,
    quotes: Any,
    outcome: str,
    *says: str,
    pays: dict[str, int] | None = None,
    sure: bool = False,
) -> None:
    """Add a row."""
    CASES.append(
        Case(
            name,
            money,
            tuple(quotes if isinstance(quotes, list) else [quotes]),
            outcome,
            says,
            pays or {},
            sure,
        )
    )


# fmt: off
# exact
case("reference with check digits", paid("RF85 1042 Q2"), quote(),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("reference without blanks, in lower case", paid("pay rf851042q2 thanks"), quote(),
     "exact", "Reference “RF851042Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("reference torn by the bank", paid("RF85 104\n2Q2"), quote(),
     "exact", "Reference “RF85 104 2Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("short reference", paid("1042-Q2"), quote(),
     "exact", "Reference “1042-Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("the shop's letters before it", paid("FK 1042 Q2"), quote(),
     "exact", "Reference “1042 Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("accepted quote", paid("RF85 1042 Q2"), quote(state="accepted"),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("reference and name", paid("RF85 1042 Q2", name="A LEE"), quote(),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Name “A LEE” is close to Ann-Kathrin Lee", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("reference and a strange name", paid("RF85 1042 Q2", name="Otto Kern"), quote(),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Name “Otto Kern” is not like Ann-Kathrin Lee", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("Stripe's own session", paid(source="stripe", quote_id=10422), quote(),
     "exact", "Stripe took it for quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("PayPal's own order and the customer's address", paid(source="paypal", quote_id=10422, payer_account="ANN@lee.example"), quote(),
     "exact", "PayPal took it for quote 1042-Q2", "ANN@lee.example is the address of the customer", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("yen have no pennies", paid("RF85 1042 Q2", 6390, currency="JPY"), quote(currency="JPY"),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: JP¥6,390", pays={"1042-Q2": 6390}, sure=True)
case("dinars have three decimals", paid("RF85 1042 Q2", 12345, currency="KWD"), quote(total=12345, currency="KWD"),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: KWD\xa012.345", pays={"1042-Q2": 12345}, sure=True)
case("two quotes of which the text names one", paid("RF78 1043 Q1"), [quote(), quote("1043-Q1")],
     "exact", "Reference “RF78 1043 Q1” names quote 1043-Q1", "Amount equal to the penny: €63.90", pays={"1043-Q1": 6390}, sure=True)
case("the reference beside another number of ours", paid("RF85 1042 Q2 customer 1043"), [quote(), quote("1043-Q1")],
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)
case("on the last minute", paid("RF85 1042 Q2", received_at=END), quote(),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390}, sure=True)

# exact, for a person
case("order number alone", paid("order 1042"), quote(),
     "exact", "!“1042” names order 1042, not which quote", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("amount and full name", paid(name="Ann-Kathrin Lee"), quote(),
     "exact", "!The payer wrote no reference", "Name “Ann-Kathrin Lee” is the customer’s", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("amount and initials", paid("for the mugs", name="A LEE"), quote(),
     "exact", "!“for the mugs” names no quote", "Name “A LEE” is close to Ann-Kathrin Lee", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("amount and the name turned round", paid(name="Lee, Ann Kathrin"), quote(),
     "exact", "!The payer wrote no reference", "Name “Lee, Ann Kathrin” is close to Ann-Kathrin Lee", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("amount and the address at PayPal", paid(source="paypal", payer_account="ann@lee.example"), quote(),
     "exact", "!The payer wrote no reference", "ann@lee.example is the address of the customer", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("amount twice, the name tells", paid(name="Jane Fox"), [quote(), quote("1043-Q1", **JANE)],
     "exact", "!The payer wrote no reference", "Name “Jane Fox” is the customer’s", "Amount equal to the penny: €63.90", pays={"1043-Q1": 6390})
case("umlauts written out", paid(name="Mueller Joerg"), quote(names=("Jörg Müller",)),
     "exact", "!The payer wrote no reference", "Name “Mueller Joerg” is close to Jörg Müller", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("the replaced version is named, the new one costs the same", paid("RF15 1042 Q1"), [quote("1042-Q1", state="superseded"), quote()],
     "exact", "Reference “RF15 1042 Q1” names quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("the order is being changed", paid("RF85 1042 Q2"), quote(order_state="verified"),
     "exact", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Order 1042 is being changed since 1042-Q2 was sent", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("provider's session of a replaced version", paid(source="stripe", quote_id=10421), [quote("1042-Q1", state="superseded"), quote()],
     "exact", "Stripe took it for quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})

# reference with a typo
case("a digit wrong", paid("RF85 1047 Q2"), quote(),
     "exact", "!Reference “RF85 1047 Q2” has a typo; the nearest is quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("two digits swapped", paid("RF85 1024 Q2"), quote(),
     "exact", "!Reference “RF85 1024 Q2” has a typo; the nearest is quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("a digit missing", paid("RF85 104 Q2"), quote(),
     "exact", "!Reference “RF85 104 Q2” has a typo; the nearest is quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("check digits wrong and the amount tells which", paid("RF86 1042 Q2"), [quote(), quote("1077-Q1", 900)],
     "exact", "!Reference “RF86 1042 Q2” has a typo; the nearest is quote 1042-Q2", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("a typo and too little", paid("RF85 1047 Q2", 6000), quote(),
     "under", "!Reference “RF85 1047 Q2” has a typo; the nearest is quote 1042-Q2", "!−€3.90 under, 6.1 %", pays={"1042-Q2": 6000})

# under
case("two euros short", paid("RF85 1042 Q2", 6190), quote(),
     "under", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!−€2.00 under, 3.1 %", pays={"1042-Q2": 6190})
case("a penny short", paid("RF85 1042 Q2", 6389), quote(),
     "under", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!−€0.01 under, less than 0.1 %", pays={"1042-Q2": 6389})
case("the bank's fee is missing, name only", paid(name="Ann-Kathrin Lee", amount=6240), quote(),
     "under", "!The payer wrote no reference", "Name “Ann-Kathrin Lee” is the customer’s", "!−€1.50 under, 2.3 %", pays={"1042-Q2": 6240})
case("the old version's lower price", paid("RF15 1042 Q1", 5000), [quote("1042-Q1", 5000, "superseded"), quote()],
     "under", "Reference “RF15 1042 Q1” names quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "!−€13.90 under, 21.8 %", pays={"1042-Q2": 5000})
case("two quotes named, too little for both", paid("1042-Q2 1043-Q1", 8000), [quote(), quote("1043-Q1", 2000)],
     "under", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "!−€3.90 under, 4.6 %", "Quotes 1042-Q2 and 1043-Q1 want €83.90 together", pays={"1042-Q2": 6390, "1043-Q1": 1610})
case("through the provider", paid(source="paypal", quote_id=10422, amount=6000), quote(),
     "under", "PayPal took it for quote 1042-Q2", "!−€3.90 under, 6.1 %", pays={"1042-Q2": 6000})

# over
case("two euros more", paid("RF85 1042 Q2", 6590), quote(),
     "over", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!+€2.00 over, 3.1 %", pays={"1042-Q2": 6390})
case("double", paid("RF85 1042 Q2", 12780), quote(),
     "over", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!+€63.90 over, 100.0 %", pays={"1042-Q2": 6390})
case("the old version's higher price", paid("RF15 1042 Q1", 7000), [quote("1042-Q1", 7000, "superseded"), quote()],
     "over", "Reference “RF15 1042 Q1” names quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "!+€6.10 over, 9.5 %", pays={"1042-Q2": 6390})
case("two quotes named, too much for both", paid("1042-Q2 1043-Q1", 9000), [quote(), quote("1043-Q1", 2000)],
     "over", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "!+€6.10 over, 7.3 %", "Quotes 1042-Q2 and 1043-Q1 want €83.90 together", pays={"1042-Q2": 6390, "1043-Q1": 2000})
case("more than the rest", paid("RF85 1042 Q2", 5000), quote(**REST),
     "over", "Reference “RF85 1042 Q2” names quote 1042-Q2", "€20.00 of €63.90 was paid before for quote 1042-Q2", "!+€6.10 over, 13.9 %", pays={"1042-Q2": 4390})
case("more, by name", paid(name="A LEE", amount=6500), quote(),
     "over", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "!+€1.10 over, 1.7 %", pays={"1042-Q2": 6390})

# split
case("the missing rest", paid("RF85 1042 Q2", 4390), quote(**REST),
     "split", "Reference “RF85 1042 Q2” names quote 1042-Q2", "€20.00 of €63.90 was paid before for quote 1042-Q2", "€43.90 is just what was missing", pays={"1042-Q2": 4390})
case("another part", paid("RF85 1042 Q2", 2000), quote(**REST),
     "split", "Reference “RF85 1042 Q2” names quote 1042-Q2", "€20.00 of €63.90 was paid before for quote 1042-Q2", "!€23.90 would still be missing after this part", pays={"1042-Q2": 2000})
case("the missing rest by name", paid(name="Ann-Kathrin Lee", amount=4390), quote(**REST),
     "split", "!The payer wrote no reference", "Name “Ann-Kathrin Lee” is the customer’s", "€20.00 of €63.90 was paid before for quote 1042-Q2", "€43.90 is just what was missing", pays={"1042-Q2": 4390})

# combined
case("both named", paid("1042-Q2 1043-Q1", 8390), [quote(), quote("1043-Q1", 2000)],
     "combined", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "€83.90 is what quotes 1042-Q2 and 1043-Q1 want together", pays={"1042-Q2": 6390, "1043-Q1": 2000})
case("both named with check digits", paid("RF851042Q2 RF781043Q1", 8390), [quote(), quote("1043-Q1", 2000)],
     "combined", "Reference “RF851042Q2” names quote 1042-Q2", "Reference “RF781043Q1” names quote 1043-Q1", "€83.90 is what quotes 1042-Q2 and 1043-Q1 want together", pays={"1042-Q2": 6390, "1043-Q1": 2000})
case("one named, the customer's other one fills up", paid("RF85 1042 Q2", 8390), [quote(), quote("1043-Q1", 2000)],
     "combined", "Reference “RF85 1042 Q2” names quote 1042-Q2", "€83.90 is what quotes 1042-Q2 and 1043-Q1 want together", "Quote 1042-Q2 alone wants €63.90", pays={"1042-Q2": 6390, "1043-Q1": 2000})
case("none named, the customer's two together", paid(name="A LEE", amount=8390), [quote(), quote("1043-Q1", 2000)],
     "combined", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "€83.90 is what quotes 1042-Q2 and 1043-Q1 want together", pays={"1042-Q2": 6390, "1043-Q1": 2000})
case("not with a stranger's quote", paid("RF85 1042 Q2", 8390), [quote(), quote("1043-Q1", 2000, **JANE)],
     "over", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!+€20.00 over, 31.3 %", pays={"1042-Q2": 6390})
case("two ways to fill up are none", paid("RF85 1042 Q2", 8390), [quote(), quote("1043-Q1", 2000), quote("1044-Q1", 2000)],
     "over", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!+€20.00 over, 31.3 %", pays={"1042-Q2": 6390})
case("two named of which one is meant", paid("1042-Q2 1043-Q1"), [quote(), quote("1043-Q1", 2000)],
     "exact", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("one of the two is paid already", paid("1042-Q2 1043-Q1", 2000), [quote(state="paid"), quote("1043-Q1", 2000)],
     "exact", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "!Quote 1042-Q2 is paid", "Amount equal to the penny: €20.00", pays={"1043-Q1": 2000})

# duplicate
case("paid twice", paid("RF85 1042 Q2"), quote(state="paid", allocated_minor=6390),
     "duplicate", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 is paid already", "The same amount once more: €63.90")
case("paid twice with another amount", paid("RF85 1042 Q2", 1000), quote(state="paid", allocated_minor=6390),
     "duplicate", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 is paid already", "!€10.00 more than the quote wanted")
case("paid twice through the provider", paid(source="stripe", quote_id=10422), quote(state="paid", allocated_minor=6390),
     "duplicate", "Stripe took it for quote 1042-Q2", "!Quote 1042-Q2 is paid already", "The same amount once more: €63.90")
case("paid twice without a reference", paid(name="A LEE"), quote(state="paid", allocated_minor=6390),
     "duplicate", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "!Quote 1042-Q2 is paid already", "The same amount once more: €63.90")
case("the old version after the new one was paid", paid("RF15 1042 Q1"), [quote("1042-Q1", state="superseded"), quote(state="paid", allocated_minor=6390)],
     "duplicate", "Reference “RF15 1042 Q1” names quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "!Quote 1042-Q2 is paid already", "The same amount once more: €63.90")
case("order number of a paid order", paid("1042"), quote(state="paid", allocated_minor=6390),
     "duplicate", "!“1042” names order 1042, not which quote", "!Quote 1042-Q2 is paid already", "The same amount once more: €63.90")
case("both named and both paid", paid("1042-Q2 1043-Q1"), [quote(state="paid"), quote("1043-Q1", state="paid")],
     "duplicate", "Reference “1042-Q2” names quote 1042-Q2", "Reference “1043-Q1” names quote 1043-Q1", "!Quote 1042-Q2 is paid", "!Quote 1043-Q1 is paid")

# late
case("after the end", paid("RF85 1042 Q2", received_at=AFTER), quote(state="expired"),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 ended on 9 November, 3 days before the money came", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("a day after the end", paid("RF85 1042 Q2", received_at=datetime(2026, 11, 10, 18, tzinfo=UTC)), quote(state="expired"),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 ended on 9 November, a day before the money came", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("before the end, told after it", paid("RF85 1042 Q2"), quote(state="expired"),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "The money came before quote 1042-Q2 ended on 9 November", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("the clock has not ended it yet", paid("RF85 1042 Q2", received_at=AFTER), quote(),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 ended on 9 November, 3 days before the money came", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("late and too little", paid("RF85 1042 Q2", 6000, received_at=AFTER), quote(state="expired"),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 ended on 9 November, 3 days before the money came", "!−€3.90 under, 6.1 %", pays={"1042-Q2": 6000})
case("late, by name", paid(name="A LEE", received_at=AFTER), quote(state="expired"),
     "late", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "!Quote 1042-Q2 ended on 9 November, 3 days before the money came", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})
case("withdrawn", paid("RF85 1042 Q2"), quote(state="withdrawn"),
     "late", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!Quote 1042-Q2 was withdrawn and nothing took its place", "Amount equal to the penny: €63.90")
case("replaced, and the new one expired", paid("RF15 1042 Q1", received_at=AFTER), [quote("1042-Q1", state="superseded"), quote(state="expired")],
     "late", "Reference “RF15 1042 Q1” names quote 1042-Q1", "!Quote 1042-Q1 was replaced; 1042-Q2 counts now", "!Quote 1042-Q2 ended on 9 November, 3 days before the money came", "Amount equal to the penny: €63.90", pays={"1042-Q2": 6390})

# wrong currency
case("pounds for euros", paid("RF85 1042 Q2", currency="GBP"), quote(),
     "wrong_currency", "Reference “RF85 1042 Q2” names quote 1042-Q2", "!£63.90 came in GBP; quote 1042-Q2 wants €63.90 in EUR")
case("dollars through PayPal", paid(source="paypal", quote_id=10422, currency="USD"), quote(),
     "wrong_currency", "PayPal took it for quote 1042-Q2", "!US$63.90 came in USD; quote 1042-Q2 wants €63.90 in EUR")
case("pounds for euros, by name", paid(name="A LEE", currency="GBP"), quote(),
     "wrong_currency", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "!£63.90 came in GBP; quote 1042-Q2 wants €63.90 in EUR")

# unknown
case("nothing at all", paid(), [],
     "unknown", "!The payer wrote no reference", "!No open quote wants €63.90")
case("a text that names nothing of ours", paid("thank you for the mugs", name="Otto Kern", amount=77), quote(),
     "unknown", "!“thank you for the mugs” names no quote", "!No open quote wants €0.77")
case("a reference of another shop", paid("RF18 5390 0754 7034", amount=77), quote(),
     "unknown", "!“RF18 5390 0754 7034” names no quote", "!No open quote wants €0.77")
case("one quote of that amount, another name", paid(name="Otto Kern"), quote(),
     "unknown", "!The payer wrote no reference", "!Name “Otto Kern” is not like Ann-Kathrin Lee", "Only quote 1042-Q2 wants €63.90", pays={"1042-Q2": 6390})
case("one quote of that amount, no name", paid(), quote(),
     "unknown", "!The payer wrote no reference", "Only quote 1042-Q2 wants €63.90", pays={"1042-Q2": 6390})
case("two quotes of that amount, no name", paid(), [quote(), quote("1043-Q1", **JANE)],
     "unknown", "!The payer wrote no reference", "!2 quotes want €63.90")
case("two quotes of that amount and that person", paid(name="A LEE"), [quote(), quote("1043-Q1")],
     "unknown", "!The payer wrote no reference", "!Quotes 1042-Q2 and 1043-Q1 want just this amount of the same person")
case("the person is known, no quote fits", paid(name="A LEE", amount=100), [quote(), quote("1043-Q1", 2000)],
     "unknown", "!The payer wrote no reference", "Name “A LEE” is close to Ann-Kathrin Lee", "!None of the quotes 1042-Q2, 1043-Q1 wants €1.00")
case("a draft is no quote", paid("RF85 1042 Q2"), quote(state="draft"),
     "unknown", "!“RF85 1042 Q2” names no quote", "!No open quote wants €63.90")
case("a version that never was", paid("1042-Q7", amount=77), quote(),
     "unknown", "!“1042-Q7” names no quote", "!No open quote wants €0.77")
case("a surname that many have", paid(name="Peter Lee"), quote(),
     "unknown", "!The payer wrote no reference", "!Name “Peter Lee” is not like Ann-Kathrin Lee", "Only quote 1042-Q2 wants €63.90", pays={"1042-Q2": 6390})
# fmt: on
