"""Customers: found, corrected, merged after a look, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable

from checkout_desk.conversations.models import Conversation
from checkout_desk.customers.models import Customer, CustomerAddress
from tests.builders import Shop, mail
from tests.page import Browser, Page

ANN = "Ann Lee <ann@home.example>"
ANN_AT_WORK = "Ann Lee <a.lee@work.example>"
BOB = "Bob Stone <bob@else.example>"


def customer_of(shop: Shop, email: str) -> int:
    """The id of the customer who writes from `email`."""
    return shop.all(CustomerAddress, CustomerAddress.email == email)[0].customer_id


def test_an_empty_desk_says_how_customers_come(agent: Browser) -> None:
    assert "Nobody has written yet" in agent.open("/customers").text


def test_customers_are_found_by_the_beginning_of_any_name_or_address(shop: Shop, agent: Browser) -> None:
    for sender in (ANN, BOB, "Søren Ærø <s@nord.example>"):
        shop.take(mail(sender=sender))
    for query, name in (("lee", "Ann Lee"), ("ann", "Ann Lee"), ("BOB@", "Bob Stone"), ("ÆRØ", "Søren Ærø")):
        page = agent.open(f"/customers?q={query}")
        assert name in page.text, query
        assert sum(other in page.text for other in ("Ann Lee", "Bob Stone", "Søren Ærø")) == 1, query
    assert "Nobody is called “nn”" in agent.open("/customers?q=nn").text
    assert "Nobody is called “%”" in agent.open("/customers?q=%25").text


def test_the_list_pages_by_keyset(shop: Shop, agent: Browser) -> None:
    for n in range(45):
        shop.take(mail(sender=f"Person {n:02} <p{n}@many.example>"))
    first = agent.open("/customers")
    assert "Person 44" in first.text and "Person 05" in first.text and "Person 04" not in first.text
    older = first.follow("Older")
    assert "Person 04" in older.text and "Person 05" not in older.text


def test_what_is_known_can_be_corrected_and_bad_values_change_nothing(shop: Shop, agent: Browser) -> None:
    shop.take(mail(sender=ANN))
    address = f"/customers/{customer_of(shop, 'ann@home.example')}"
    page = agent.open(address)
    bad = page.press("Save", name="Ann-Kathrin", phone="12", country="QQ")
    assert bad.status == 422
    assert "“QQ” is not a country" in bad.text
    assert bad.form(address).value("name") == "Ann-Kathrin"
    assert shop.all(Customer)[0].name == "Ann Lee"
    bad = page.press("Save", phone="12", country="GB")
    assert "“12” is not a phone number of United Kingdom" in bad.text
    page.press(
        "Save", name="Ann-Kathrin Lee", language="de", country="GB", phone="020 7946 0018", note="Likes blue"
    )
    ann = shop.all(Customer)[0]
    assert (ann.name, ann.name_key, ann.language, ann.country, ann.phone, ann.note) == (
        "Ann-Kathrin Lee", "ann-kathrin lee", "de", "GB", "+442079460018", "Likes blue",
    )  # fmt: skip
    shop.sound()


def test_addresses_are_added_and_removed_but_never_the_last_or_another_persons(
    shop: Shop, agent: Browser
) -> None:
    shop.take(mail(sender=ANN))
    shop.take(mail(sender=BOB))
    ann = customer_of(shop, "ann@home.example")
    page = agent.open(f"/customers/{ann}")
    assert "Remove" not in page.text
    assert "“nonsense” is not an e-mail address" in page.press("Add", email="nonsense").text
    refused = page.press("Add", email="bob@else.example")
    assert "bob@else.example is Bob Stone’s; merge the two" in refused.text
    page.press("Add", email="Ann@Second.example")
    shop.take(mail(sender="Ann <ann@second.example>"))
    assert customer_of(shop, "ann@second.example") == ann
    agent.open(f"/customers/{ann}").press("Remove ann@second.example")
    assert [a.email for a in shop.all(CustomerAddress, CustomerAddress.customer_id == ann)] == [
        "ann@home.example"
    ]


def test_two_customers_become_one_after_a_look_and_two_again(shop: Shop, agent: Browser) -> None:
    home, work = (
        shop.take(mail(sender=ANN)).conversation,
        shop.take(mail(sender=ANN_AT_WORK)).conversation,
    )
    kept, gone = customer_of(shop, "ann@home.example"), customer_of(shop, "a.lee@work.example")
    plan = agent.open(f"/customers/{kept}").follow("Compare")
    assert "a.lee@work.example" in plan.text and "Conversations that move 1" in plan.text
    assert {c.customer_id for c in shop.all(Conversation)} == {kept, gone}, "a look changes nothing"
    merged = plan.press("Merge")
    assert "The two are one: Ann Lee." in merged.text
    assert {c.customer_id for c in shop.all(Conversation)} == {kept}
    later = shop.take(mail(sender=ANN_AT_WORK, subject="Another")).conversation
    assert agent.open(f"/customers/{gone}").path == f"/customers/{kept}"
    agent.open(f"/customers/{kept}").press("Take apart")
    owners = {c.id: c.customer_id for c in shop.all(Conversation)}
    assert owners == {home: kept, work: gone, later: gone}, "what the address began since goes with it"
    assert customer_of(shop, "a.lee@work.example") == gone
    shop.sound()


def test_facts_that_only_one_has_are_kept_and_given_back(shop: Shop, agent: Browser) -> None:
    shop.take(mail(sender=ANN))
    shop.take(mail(sender=ANN_AT_WORK))
    kept, gone = customer_of(shop, "ann@home.example"), customer_of(shop, "a.lee@work.example")
    agent.open(f"/customers/{gone}").press("Save", language="fr", note="Pays late")
    plan = agent.open(f"/customers/{kept}/merge?other={gone}")
    assert "French" in plan.text and "Pays late" in plan.text
    plan.press("Merge")
    found = shop.all(Customer, Customer.id == kept)[0]
    assert (found.language, found.note) == ("fr", "Pays late")
    agent.open(f"/customers/{kept}").press("Take apart")
    found = shop.all(Customer, Customer.id == kept)[0]
    assert (found.language, found.note) == (None, "")


def test_merging_refuses_what_makes_no_sense(shop: Shop, agent: Browser) -> None:
    for sender in (ANN, ANN_AT_WORK, BOB):
        shop.take(mail(sender=sender))
    a, b, c = (customer_of(shop, e) for e in ("ann@home.example", "a.lee@work.example", "bob@else.example"))
    assert "one customer already" in agent.open(f"/customers/{a}/merge?other={a}").text
    agent.open(f"/customers/{a}/merge?other={b}").press("Merge")
    assert "merged into another already" in agent.open(f"/customers/{c}/merge?other={b}").text
    agent.open(f"/customers/{c}/merge?other={a}").press("Merge")
    merges = agent.open(f"/customers/{c}")
    assert "Ann Lee" in merges.text
    merges.press("Take apart")
    agent.open(f"/customers/{a}").press("Take apart")
    assert [x.merged_into_id for x in shop.all(Customer)] == [None, None, None]


def test_logistics_reads_and_changes_nothing(shop: Shop, as_role: Callable[[str], Browser]) -> None:
    shop.take(mail(sender=ANN))
    page: Page = as_role("logistics").open(f"/customers/{customer_of(shop, 'ann@home.example')}")
    assert "Ann Lee" in page.text and "Merge" not in page.text and "Save" not in page.text
