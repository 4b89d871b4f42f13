"""Tracking numbers on the screen: scanned, confirmed, pasted, imported, corrected; without a script."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from checkout_desk import clock
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.extensions import db
from checkout_desk.orders.models import MilestoneMail
from checkout_desk.shipping import number_importing
from checkout_desk.shipping.models import NumberList, Shipment
from tests.builders import Shop
from tests.orders.stage import Stage
from tests.page import Browser, Page
from tests.shipping.dock import NUMBER, TUESDAY, Dock
from tests.shipping.test_number_importing import s10

OTHER = "RB123456785GB"
UPS = "1Z5R89390357567127"


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return Dock(Stage(shop))


@pytest.fixture
def tom(dock: Dock, as_role: Callable[[str], Browser]) -> Iterator[Browser]:
    """Somebody of logistics on the Tuesday of the orders."""
    with clock.pretending(TUESDAY):
        yield as_role("logistics")


def scan(page: Page, text: str) -> Page:
    """Scan into the field and press Enter: the form's first button is what a browser presses then."""
    label = next(form for form in page.forms if form.action.endswith("/shipping/numbers")).buttons[0][0]
    return page.press(label, "/shipping/numbers", scan=text)


@pytest.mark.parametrize("role", ROLES)
def test_shipping_enters_numbers_and_others_do_not(as_role: Callable[[str], Browser], role: str) -> None:
    may = role in ("logistics", "manager", "admin")
    assert as_role(role).open("/shipping/numbers").status == (200 if may else 403)


def test_order_enter_number_enter(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    page = scan(tom.open("/shipping/numbers"), str(number))
    assert f"{number}-P1" in page and "Jane Fox" in page and "Royal Mail" in page
    done = scan(page, NUMBER.lower())
    assert f"{number}-P1 is handed over with {NUMBER}." in done
    assert dock.parcel(parcel_id).state == "handed_over"
    assert "Order or parcel" in done and "Just now" in done
    assert done.link(NUMBER) == f"https://track.example/en/{NUMBER}"


def test_the_parcels_own_barcode_and_one_line_with_both(dock: Dock, tom: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    dock.packed(first)
    dock.packed(second)
    page = scan(tom.open("/shipping/numbers"), f"{first}-P1")
    assert "Tracking number" in page
    page = scan(page, f"{second}-p1")
    assert f"{second}-P1" in page, "another order in between is meant instead"
    done = scan(scan(page, OTHER), f"{first} {NUMBER}")
    assert f"{first}-P1 is handed over with {NUMBER}." in done
    assert OTHER in done and NUMBER in done, "both stand there to be looked at"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing was scanned"),
        ("999999", "There is no order 999999."),
        (NUMBER, "scan the order first"),
        ("<b>x</b>", "“<b>x</b>” is no order or parcel"),
    ],
)
def test_what_is_no_order_is_refused_and_stays(dock: Dock, tom: Browser, text: str, words: str) -> None:
    page = scan(tom.open("/shipping/numbers"), text)
    assert page.status == 422
    assert words in page
    assert page.form("/shipping/numbers").value("scan") == text


def test_an_order_that_is_not_paid_or_has_no_such_parcel(dock: Dock, tom: Browser) -> None:
    unpaid, _ = dock.quoted()
    assert f"Order {unpaid} is quoted; nothing of it is packed now." in scan(
        tom.open("/shipping/numbers"), str(unpaid)
    )
    packed = dock.paid()
    dock.packed(packed)
    assert f"Order {packed} has no parcel 7." in scan(tom.open("/shipping/numbers"), f"{packed}-P7")


def test_a_wrong_check_digit_offers_the_likely_number_and_enter_confirms_nothing(
    dock: Dock, tom: Browser
) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    page = scan(scan(tom.open("/shipping/numbers"), str(number)), "AB1234S6785GB")
    assert page.status == 409
    assert f"Was {NUMBER} meant?" in page
    again = scan(page, "AB1234S6785GB")
    assert again.status == 409, "Enter looks again; it does not take what is wrong"
    assert dock.parcel(parcel_id).state == "packing"
    done = again.press(f"Use {NUMBER}")
    assert f"{number}-P1 is handed over with {NUMBER}." in done


def test_an_order_that_nobody_packed_is_packed_by_one_word(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    page = scan(scan(tom.open("/shipping/numbers"), str(number)), UPS)
    assert f"Nobody has begun to pack order {number} yet." in page
    page = page.press("It is packed")
    assert page.status == 409 and "does not look like" not in page
    assert f"{UPS} is a number of UPS, but the parcel goes with Royal Mail." in page
    assert dock.stage.seen(number).state == "paid", "nothing has happened so far"
    done = page.press("Take it all the same")
    assert f"{number}-P1 is handed over with {UPS}." in done
    assert dock.stage.seen(number).state == "shipped"


def test_a_used_number_names_the_other_parcel(dock: Dock, tom: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    dock.packed(first)
    dock.packed(second)
    scan(scan(tom.open("/shipping/numbers"), str(first)), NUMBER)
    page = scan(scan(tom.open("/shipping/numbers"), str(second)), NUMBER)
    assert page.status == 409
    assert f"{NUMBER} is the number of parcel {first}-P1 already" in page
    assert page.form("/shipping/numbers").value("scan") == NUMBER


def test_a_list_is_looked_at_before_it_is_given(dock: Dock, tom: Browser) -> None:
    first, second = dock.paid(), dock.paid()
    ids = [dock.packed(first), dock.packed(second)]
    text = f"{first} {s10(1)}\n{second} AB1234S6785GB\n999999 {s10(3)}\nhello"
    page = tom.open("/shipping/numbers").press("Look at it", text=text)
    assert page.status == 200
    assert "There is no order 999999." in page and "names only one thing" in page and f"Use {NUMBER}" in page
    assert page.form("/shipping/numbers/list").value("text").strip() == text, "everything typed stays"
    assert [dock.parcel(one).state for one in ids] == ["packing", "packing"]
    done = page.press("Give 1 number and what is ticked, leave 2 out", likely="2")
    assert "The list is done." in done
    assert [dock.parcel(one).tracking_key for one in ids] == [s10(1), NUMBER]
    again = done.press("Look at the 2 left out")
    assert again.form("/shipping/numbers/list").value("text").split() == ["999999", s10(3), "hello"]
    assert "No line can be given as it is." in again


def test_a_file_with_three_bad_rows_gives_the_others(dock: Dock, tom: Browser) -> None:
    numbers = [dock.paid() for _ in range(3)]
    ids = [dock.packed(one) for one in numbers]
    rows = "".join(f"{one};{s10(i)}\r\n" for i, one in enumerate(numbers))
    data = (
        f"Bestellnummer;Sendungsnummer\r\n{rows}x;{s10(8)}\r\n{numbers[0]};\r\n888888;{s10(9)}\r\n".encode()
    )
    page = tom.open("/shipping/numbers").press("Look at it", file=(io.BytesIO(data), "parcels.csv"))
    assert "parcels.csv" in page
    done = page.press("Give 3 numbers, leave 3 out")
    assert "parcels.csv" in done and "Look at the 3 left out" in done.buttons()
    assert {dock.parcel(one).state for one in ids} == {"handed_over"}
    assert len(dock.shop.all(MilestoneMail, MilestoneMail.milestone == "shipped")) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "The list is empty"), (b"PK\x03\x04\x00", "is no text"), (b"name,tracking\nx,y", "but no order")],
)
def test_a_file_that_is_no_list_says_why(dock: Dock, tom: Browser, data: bytes, words: str) -> None:
    page = tom.open("/shipping/numbers").press("Look at it", file=(io.BytesIO(data), "x.csv"))
    assert page.status == 422
    assert words in page


def test_what_changed_since_it_was_looked_at_is_looked_at_again(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    page = tom.open("/shipping/numbers").press("Look at it", text=f"{number} {NUMBER}")
    with dock.shop.writing():
        db.session.get_one(Shipment, parcel_id).state = "void"
    again = page.press("Give 1 number")
    assert again.status == 409
    assert "Nothing was done; look again." in again
    assert dock.shop.all(NumberList) == []


def test_many_lines_are_a_workers_and_the_page_says_how_far(
    dock: Dock, tom: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_importing, "AT_ONCE", 1)
    numbers = [dock.paid() for _ in range(2)]
    ids = [dock.packed(one) for one in numbers]
    text = "\n".join(f"{one} {s10(i)}" for i, one in enumerate(numbers))
    page = tom.open("/shipping/numbers").press("Look at it", text=text).press("Give 2 numbers")
    assert "you may leave this page" in page and "0 of 2" in page
    with dock.shop.app.app_context():
        number_importing.carry_on(dock.shop.all(NumberList)[0].id)
        db.session.remove()
    assert "The list is done." in tom.open(page.path)
    assert {dock.parcel(one).state for one in ids} == {"handed_over"}


def test_a_number_is_corrected_and_the_customer_told(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    parcel_id = dock.packed(number)
    done = scan(scan(tom.open("/shipping/numbers"), str(number)), NUMBER)
    page = done.follow("Correct")
    assert f"It left with {NUMBER}" in page
    first = page.press("Correct it and tell the customer", number=OTHER)
    assert f"{number}-P1 has the number {OTHER} instead of {NUMBER}." in first
    assert dock.parcel(parcel_id).tracking_key == OTHER
    stale = page.press("Correct it and tell the customer", number=s10(9))
    assert stale.status == 409
    assert "Someone was faster" in stale
    assert [name for name, _ in dock.mails(number)].count("tracking_corrected") == 1


def test_scanning_a_number_that_is_known_leads_to_its_correction(dock: Dock, tom: Browser) -> None:
    number = dock.paid()
    dock.packed(number)
    scan(scan(tom.open("/shipping/numbers"), str(number)), NUMBER)
    assert f"Correct {number}-P1" in scan(tom.open("/shipping/numbers"), NUMBER)
    page = scan(scan(tom.open("/shipping/numbers"), str(number)), OTHER)
    assert page.form("/correct").value("number") == OTHER
