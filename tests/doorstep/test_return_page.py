"""The page on which a customer sends something back: only its button asks, and nothing comes of what it does not offer."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from checkout_desk import clock
from checkout_desk.conversations.models import Message
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep import links
from checkout_desk.doorstep.words.returns import WORDS
from checkout_desk.extensions import db
from checkout_desk.mail.receiving import blobs
from checkout_desk.orders.models import Order, OrderChange
from checkout_desk.returns import deciding
from checkout_desk.returns.models import Return, ReturnPhoto
from checkout_desk.settings.models import store
from tests.builders import Shop
from tests.databases import rows_on_sqlite
from tests.orders.stage import Stage, product
from tests.page import Browser, Page
from tests.returns.counter import Counter
from tests.shipping.dock import TUESDAY

ADDRESS = "/order/return"
SENT = "Thank you, we have your request"
JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(60)


@pytest.fixture
def counter(shop: Shop) -> Counter:
    return Counter(Stage(shop))


def opened(counter: Counter, number: int, purpose: str = "return_approved") -> Page:
    """The customer clicks the link in a mail about their return."""
    with counter.shop.writing():
        order = db.session.scalars(db.select(Order).where(Order.number == number)).one()
        token = links.issue(order.id, email=order.email, purpose=purpose)[1]
    return Browser(counter.shop.app, counter.shop.app.test_client()).open(f"/o/{token}")


def asks(page: Page, counter: Counter, mugs: str = "2", **more: Any) -> Page:
    """The form filled in and sent."""
    filled = {f"q{counter.ids('MUG-BLU')[0]}": mugs, "reason": "damaged", "wanted": "refund"} | more
    pictures = filled.pop("photos", None)
    if pictures is None:
        return page.press("Send the request", **filled)
    form = page.form(ADDRESS)
    data = dict(form.fields) | filled | {"photos": [(io.BytesIO(data), name) for data, name in pictures]}
    return page.browser.post(ADDRESS, data, content_type="multipart/form-data")


def returns(counter: Counter) -> list[Return]:
    return counter.shop.all(Return)


def test_the_order_page_leads_to_a_request(counter: Counter) -> None:
    number = counter.delivered()
    page = opened(counter, number, "details").follow("Send something back")
    assert page.path == ADDRESS
    said = asks(page, counter, words="The handles broke off")
    assert SENT in said and f"{number}-R1" in said
    back = returns(counter)[0]
    assert (back.state, back.source, back.reason, back.words) == (
        "requested", "customer", "damaged", "The handles broke off",
    )  # fmt: skip
    assert [(row.sku, row.quantity, row.wanted) for row in counter.rows(back.id)] == [
        ("MUG-BLU", 2, "refund")
    ]
    told = counter.shop.all(Message, Message.id == back.message_id)[0]
    assert "2 × " in told.text and "The handles broke off" in told.text
    assert "we are looking at your request" in opened(counter, number)


def test_opening_it_changes_nothing(counter: Counter) -> None:
    client = opened(counter, counter.delivered()).browser.client
    mug = counter.ids("MUG-BLU")[0]
    for _ in range(20):
        assert client.get(f"{ADDRESS}?q{mug}=2&reason=damaged&wanted=refund").status_code == 200
        assert client.head(ADDRESS).status_code == 200
    assert returns(counter) == []


@rows_on_sqlite(
    ("filled", "sentence"),
    [
        ({"mugs": "0"}, "how many pieces of at least one product"),
        ({"mugs": "4"}, "“4” cannot come back; choose 0 to 3"),
        ({"mugs": "-1"}, "“-1” cannot come back"),
        ({"mugs": "½"}, "“½” cannot come back"),
        ({"reason": "because"}, "Please choose why"),
        ({"wanted": "gold"}, "Please choose one of the two"),
        ({"words": "x" * 1001}, "at most 1000 characters"),
        ({"photos": [(b"%PDF-1.7", "scan.jpg")]}, "“scan.jpg” is no picture"),
        ({"photos": [(b"<svg onload=alert(1)>", "a.svg")]}, "“a.svg” is no picture"),
        ({"photos": [(JPEG + bytes(8 * 2**20), "big.jpg")]}, "“big.jpg” is larger than 8 MB"),
        ({"photos": [(JPEG, f"{n}.jpg") for n in range(5)]}, "At most 4 pictures fit; you chose 5"),
        ({"reason": "", "photos": [(JPEG, "a.jpg")]}, "choose your pictures again"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(counter: Counter, filled: dict[str, Any], sentence: str) -> None:
    page = opened(counter, counter.delivered())
    said = asks(page, counter, **({"words": "Broke off"} | filled))
    assert said.status == 422
    assert sentence in said
    assert filled.get("words", "Broke off") == said.form(ADDRESS).value("words"), "what was typed stays"
    assert returns(counter) == []


def test_pictures_are_kept_once_and_shown_to_nobody(counter: Counter) -> None:
    page = opened(counter, counter.delivered())
    said = asks(page, counter, photos=[(JPEG, "a.jpg"), (HEIC, "b.heic"), (JPEG, "again.jpg")])
    assert SENT in said
    kept = counter.shop.all(ReturnPhoto)
    assert [one.content_type for one in kept] == ["image/jpeg", "image/heic"]
    assert kept[0].sha256 not in said.html
    with counter.shop.app.app_context():
        assert blobs().get(kept[0].sha256) == JPEG


@pytest.mark.parametrize("mugs", ["1", "2"], ids=["one may still come back", "too few are left"])
def test_the_same_form_sent_twice_is_one_request(counter: Counter, mugs: str) -> None:
    page = opened(counter, counter.delivered())
    assert SENT in asks(page, counter, mugs)
    again = asks(page, counter, mugs)
    assert again.status == 200 and SENT not in again
    assert len(returns(counter)) == 1


def test_what_was_asked_for_cannot_be_asked_for_again(counter: Counter) -> None:
    number = counter.delivered()
    page = opened(counter, number)
    asks(page, counter, "2")
    assert "choose 0 to 1" in asks(opened(counter, number), counter, "2")
    pot = f"q{counter.ids('POT-06')[0]}"
    asks(opened(counter, number), counter, "1", **{pot: "1"})
    assert "Nothing of this order can come back now" in opened(counter, number)
    assert len(returns(counter)) == 2


def test_a_guessed_product_and_another_customers_form_change_nothing(counter: Counter) -> None:
    mine, theirs = counter.delivered(), counter.delivered(tracking="CD123456785GB")
    page, other = opened(counter, mine), opened(counter, theirs)
    with counter.shop.reading():
        stranger = product("POT-12").id
    data = dict(page.form(ADDRESS).fields) | {f"q{stranger}": "1", "reason": "damaged", "wanted": "refund"}
    assert page.browser.post(ADDRESS, data).status == 422
    mug = f"q{counter.ids('MUG-BLU')[0]}"
    foreign = page.browser.post(
        ADDRESS, dict(other.form(ADDRESS).fields) | {mug: "1", "reason": "late", "wanted": "refund"}
    )
    assert foreign.status == 409
    nobody = Browser(counter.shop.app, counter.shop.app.test_client())
    assert nobody.post(ADDRESS, data).status == 404
    assert returns(counter) == []


def test_after_the_window_one_may_still_ask(counter: Counter) -> None:
    number = counter.delivered()
    with clock.pretending(TUESDAY + timedelta(days=60)):
        page = opened(counter, number)
        assert "The time to send things back ended on" in page
        assert "You can ask anyway; a person decides." in page
        assert SENT in asks(page, counter, reason="changed_mind")
    back = returns(counter)[0]
    assert not back.allowed and back.state == "requested"


def test_an_order_that_has_not_left_has_no_such_page(counter: Counter) -> None:
    number = counter.paid()
    assert opened(counter, number).path == "/order"
    assert "Send something back" not in opened(counter, number, "details")


@rows_on_sqlite("language", list(LANGUAGES))
def test_every_language_has_the_page(counter: Counter, language: str) -> None:
    assert set(WORDS[language]) == set(WORDS["en"])
    number = counter.delivered()
    with counter.over(number) as (order, _):
        order.language = language
    page = opened(counter, number)
    assert page.status == 200
    assert WORDS[language]["r_what"] in page and WORDS[language]["r_send"] in page.buttons()


def test_the_label_is_for_whoever_has_the_link(counter: Counter) -> None:
    """A guessed number, another order's link and a tampered one find nothing; nor is there a label before it is allowed."""
    number = counter.delivered()
    page = opened(counter, number)
    assert asks(page, counter).status == 200
    label = f"{ADDRESS}/1/label.pdf"
    assert page.browser.open(label).status == 404
    counter.with_return(returns(counter)[0].id, deciding.approve)
    with counter.shop.writing():
        store().return_address = "Returns\n14 Potter's Row\nBristol"
    found = page.browser.client.get(label)
    assert found.status_code == 200
    assert found.data.startswith(b"%PDF")
    assert page.browser.client.get(f"{ADDRESS}/2/label.pdf").status_code == 404
    stranger = Browser(counter.shop.app, counter.shop.app.test_client())
    assert stranger.client.get(label).status_code == 404
    assert stranger.client.get(f"/o/{'x' * 43}").status_code == 404


def test_another_product_is_picked_and_a_guessed_one_is_not(counter: Counter) -> None:
    number = counter.delivered()
    [blue, red] = counter.ids("MUG-BLU", "MUG-RED")
    asks(opened(counter, number), counter, mugs="1", wanted="exchange", **{f"x{blue}": str(red)})
    assert [row.exchange_product_id for row in counter.rows(returns(counter)[0].id)] == [red]


def test_a_wish_to_cancel_is_one_button_and_changes_nothing(counter: Counter) -> None:
    number, _ = counter.quoted()
    with counter.shop.writing():
        order = db.session.scalars(db.select(Order).where(Order.number == number)).one()
        token = links.issue(order.id, email=order.email)[1]
    browser = Browser(counter.shop.app, counter.shop.app.test_client())
    browser.open(f"/o/{token}")
    for _ in range(3):
        browser.client.head("/order/cancel")
        page = browser.open("/order/cancel")
    assert not counter.shop.all(OrderChange)
    assert "You have paid nothing yet" in page
    done = page.press("Ask us to cancel it", words="sorry")
    assert "We have your wish" in done
    assert browser.post("/order/cancel", dict(page.form("/order/cancel").fields)).status == 200
    [change] = counter.shop.all(OrderChange)
    assert change.changes == [{"what": "cancel"}]
    assert counter.stage.seen(number).state == "quoted"
    stranger = Browser(counter.shop.app, counter.shop.app.test_client())
    assert stranger.client.get("/order/cancel").status_code == 404
    assert stranger.client.post("/order/cancel", data={"form_token": "x"}).status_code == 404
